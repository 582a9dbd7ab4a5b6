-- The module gpio where nothing outside drives a pin: constants, wrong uses, modes, levels, level
-- triggers, and what the registry and the heap hold. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end
local function nothing() end

print("-- constants")
print(gpio.INPUT, gpio.OUTPUT, gpio.INT, gpio.OPENDRAIN, gpio.LOW, gpio.HIGH, gpio.FLOAT, gpio.PULLUP)

print("-- wrong uses")
print(pcall(function() gpio.mode(13, gpio.INPUT) end))
print(pcall(function() gpio.read(13) end))
why(gpio.mode, -1, gpio.INPUT)
why(gpio.mode, 0, gpio.INT)
why(gpio.mode, 1, 4)
why(gpio.mode, 1, -1)
why(gpio.mode, 1)
why(gpio.mode, 13, 4)
why(gpio.read)
why(gpio.read, -1)
why(gpio.write, 13, 0)
why(gpio.write, 1, 2)
why(gpio.write, 1, true)
why(gpio.write, 13, 2)
why(gpio.write, 1)
why(gpio.trig, 0, "up", nothing)
why(gpio.trig, 13, "up", nothing)
why(gpio.trig, 1, "sideways", nothing)
why(gpio.trig, 1, "up")
why(gpio.trig, 1, "up", nil)
why(gpio.trig, 1, "up", "text")
print(select("#", gpio.mode(1, gpio.INPUT)), select("#", gpio.write(1, 0)), select("#", gpio.trig(1)))

print("-- levels: a pull-up, nothing, a latch")
local function levels(...)
    local text = ""
    for pin = 0, 12 do
        gpio.mode(pin, ...)
        text = text .. gpio.read(pin)
    end
    return text
end
print(levels(gpio.INPUT), levels(gpio.INPUT, gpio.PULLUP), levels(gpio.INPUT, gpio.FLOAT), levels(gpio.INPUT, 7))
for level = 0, 1 do
    for pin = 0, 12 do gpio.write(pin, level) end
    print("latch " .. level, levels(gpio.INPUT), levels(gpio.OUTPUT), levels(gpio.OPENDRAIN),
        levels(gpio.OPENDRAIN, gpio.PULLUP), levels(gpio.OUTPUT, gpio.PULLUP))
end
gpio.mode(0, gpio.INPUT) gpio.write(0, 1) print("pin 0 becomes an output", gpio.read(0))
gpio.mode(1, gpio.INPUT) gpio.write(1, 1) print("pin 1 does not", gpio.read(1))
gpio.mode(1, gpio.OUTPUT) print("its latch was set", gpio.read(1), gpio.read("1"))
gpio.write(1, 0) print(gpio.read(1))

print("-- one reference for a callback")
local base = live()
local function references(...) print(live() - base, ...) end
gpio.mode(2, gpio.INT) gpio.trig(2, "both", nothing) references("set")
gpio.trig(2, "up") references("kept")
gpio.trig(2, "down", print) references("replaced")
print(pcall(gpio.trig, 2, "up", 1)) references("dropped by an error")
gpio.trig(2, "down", print) gpio.mode(2, gpio.INT, gpio.PULLUP) references("kept by mode INT")
gpio.mode(2, gpio.INPUT) references("dropped by another mode")
gpio.mode(2, gpio.INT) gpio.trig(2, "both", nothing) gpio.trig(2, "none") references("none")
gpio.trig(2, "both", nothing) gpio.trig(2) references("no type")
print(pcall(gpio.trig, 2, "up")) references("nothing to keep")

print("-- the heap")
collectgarbage() collectgarbage()
local mode, read, write, trig, serout, INT = gpio.mode, gpio.read, gpio.write, gpio.trig, gpio.serout, gpio.INT
local list = {10, 20, 30}
trig(2, "up", nothing) trig(2, "up", print) trig(2)
local meminfo = node.egc.meminfo
local before = meminfo()
mode(2, INT) trig(2, "up", nothing) trig(2, "down", nothing) write(3, 1) read(3) trig(2) serout(1, 1, list, 2)
print((meminfo()) - before)

local later = tmr.create()
print("-- a pull-up triggers for ever; a pin that nothing drives does not")
local highs, lows = 0, 0
gpio.mode(3, gpio.INT, gpio.PULLUP)
gpio.mode(4, gpio.INT, gpio.FLOAT)
gpio.mode(5, gpio.OUTPUT)
gpio.trig(4, "low", function() lows = lows + 1 end)
gpio.trig(5, "high", function() lows = lows + 1 end)
local start = tmr.now()
gpio.trig(3, "high", function(level, when, count, ...)
    highs = highs + 1
    if highs <= 2 then
        print("level " .. level, "in time: " .. tostring(when >= start and when <= tmr.now()), count, ...)
    elseif highs == 3 then
        tmr.delay(1000) -- the level is masked meanwhile
    elseif highs == 4 then
        print("once", count)
    elseif highs == 5 then
        gpio.trig(3, "low")
        later:alarm(100, tmr.ALARM_SINGLE, function()
            print("then " .. highs .. ", others " .. lows)
            gpio.mode(4, gpio.INPUT) gpio.mode(3, gpio.INPUT)
        end)
    end
end)
print("main ends")
