-- What goes on in the background need not end before the run does.
world.every(30, function() end)
world.go(function()
    while true do world.serial:receive("tick") end
end)
