world.go(function()
    world.serial:expect("more", 60000)
end)
