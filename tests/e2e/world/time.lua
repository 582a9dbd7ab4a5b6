-- The time of the script is the device's: sleeping, at, every, go, and what the console says.
local order = {}
local function note(what) order[#order + 1] = what .. "@" .. math.floor(world.now()) end
world.at(250, function() note("at") end)
world.every(120, function(n)
    note("every" .. n)
    return n < 3
end)
world.go(function(a, b)
    note(a .. b)
    world.sleep(130)
    note("slept")
end, "go", 1)
note("script")
check(world.serial:expect("u(p)\n") == "up\n")
local text, number = world.serial:expect("tick (%d+)\n", 150)
check(text == "tick 1\n" and number == "1", "came %q", text)
world.sleep(300)
check(world.serial:receive("tick 9", 50) == nil)
check(world.serial:receive(5) == "tick ")
check(world.serial:receive() == "2\ntick 3\ntick 4\n", world.serial:text())
local got = table.concat(order, " ")
local want = "go1@0 script@0 every1@120 slept@130 every2@240 at@250 every3@360"
check(got == want, "the order is %s", got)
world.finish()
