-- The module pwm: wrong uses, results, one frequency, six channels. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end

print("-- wrong uses")
print(pcall(function() pwm.setup(0, 100, 5) end))
print(pcall(function() pwm.setup(1, 0, 5) end))
for _, name in ipairs {"setup", "close", "start", "stop", "setclock", "getclock", "setduty", "getduty"} do
    why(pwm[name], 13, 1, 1)
    why(pwm[name], 0, 1, 1)
    why(pwm[name], -1, 1, 1)
end
why(pwm.setup, 1, -1, 5)
why(pwm.setup, 1, 100, 1024)
why(pwm.setup, 1, 100, -1)
why(pwm.setup, 1, 100)
why(pwm.setclock, 1, 0)
why(pwm.setduty, 1, 1024)
why(pwm.setduty, 1, -1)
why(pwm.start, 1)

print("-- not set up")
print(pwm.getduty(1), pwm.getclock(1), pwm.setduty(1, 5), pwm.setclock(1, 100), select("#", pwm.stop(1)), select("#", pwm.close(1)))

print("-- one frequency")
print(pwm.setup(1, 100, 512), pwm.getduty(1), pwm.getclock(1), gpio.read(1))
print(pwm.setup(2, 1000, 1023), pwm.getclock(1), pwm.getclock(2))
print(pwm.setup(2, 1001, 0), pwm.setclock(1, 2000), pwm.setclock(1, 250), pwm.getclock(2))

print("-- six channels")
for pin = 3, 6 do pwm.setup(pin, 100, 0) end
why(pwm.setup, 7, 100, 0)
print(pwm.setup(6, 50, 5), pwm.getclock(1)) -- one that has a channel
pwm.close(3) print(pwm.setup(7, 200, 6), pwm.getduty(3), pwm.getduty(7))
gpio.mode(7, gpio.INPUT) print("closed by gpio.mode", pwm.getduty(7), pcall(pwm.start, 7))

print("-- what the pin shows")
local function share(pin) -- of the time at which it is high, in quarters
    local high = 0
    for i = 1, 200 do high = high + gpio.read(pin) tmr.delay(53) end
    return math.floor((high + 25) / 50)
end
pwm.setup(1, 1000, 512)
print(share(1), select("#", pwm.start(1)), share(1), pwm.setduty(1, 256), share(1), pwm.setduty(1, 0), share(1))
print(pwm.setduty(1, 1023), share(1), select("#", pwm.stop(1)), share(1), pwm.getduty(1), gpio.read(1))
pwm.start(1) print(share(1)) pwm.stop(1)
print(pwm.setduty(2, 1023), share(2), "runs without start") pwm.close(2) print(gpio.read(2), pwm.getduty(2))

print("-- the heap")
local setup, start, setduty, stop, close = pwm.setup, pwm.start, pwm.setduty, pwm.stop, pwm.close
collectgarbage() collectgarbage()
local meminfo = node.egc.meminfo
local before = meminfo()
setup(2, 100, 5) start(2) setduty(2, 6) stop(2) close(2)
print((meminfo()) - before)
