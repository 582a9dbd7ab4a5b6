-- A script that is only asked goes on all the same.
local asked = 0
world.adc(function()
    asked = asked + 1
    return asked
end)
world.at(1500, function() world.pin(3):set(1) end)
local _, ms = world.serial:expect("edge (%d+)\n", 9000)
check(ms == "1500" and asked == 1, "edge at %s, asked %d times", ms, asked)
world.finish(5)
