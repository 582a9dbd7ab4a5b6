-- What is on the board: a button, a lamp, the analog input, the chip's number.
local button, lamp = world.pin(3), world.pin(4)
local light = 100
world.adc(function() return light end)
world.identity{chip = 0x123456, mac = "5C:CF:7F:12:34:56"}
button:set(1) -- before the program's gpio.trig
button:set(1) -- which it is already: no edge
check(lamp:level() == nil and lamp:count() == 0)
world.serial:expect("chip 123456 light 100\n")
lamp:expect(0, 10)
local changes = {}
lamp:on(function(level) changes[#changes + 1] = level end)
world.sleep(50)
button:pulse(30) -- pressed
lamp:expect(1, 5)
check(not lamp:wait(0, 20))
lamp:expect(0, 15) -- it is off when the button is released
check(lamp:count() == 3, "%d changes", lamp:count())
check(table.concat(changes, " ") == "1 0", table.concat(changes, " "))
world.sleep(1) -- while its callback runs the program would be told the level before
light = 900
button:set(0)
lamp:expect(1)
world.sleep(1)
world.adc(nil) -- what is not described is as without a script
button:set(1)
lamp:expect(0)
world.sleep(500)
button:set(1)
world.sleep(10)
local rest = world.serial:text()
check(rest == "light 100\nlight 100\nlight 900\nlight 512\n", "%q", rest)
