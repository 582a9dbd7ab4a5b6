while true do
    world.serial:receive("tick")
end
