-- The module tmr, row by row: facts on the firmware's modules, section 3 (what callbacks see is in
-- timers.lua, timers by number in tests/e2e/firmware.sh).
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function nothing() end

print("-- constants")
print(tmr.ALARM_SINGLE, tmr.ALARM_AUTO, tmr.ALARM_SEMI)
local names = {}
for name in pairs(tmr) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
print(tmr.alarm, tmr.register, tmr.start, tmr.stop, tmr.unregister, tmr.interval, tmr.state)

print("-- objects")
local t = tmr.create()
print(type(t), tostring(t):match("^tmr.timer: "))
local bytes, timers = collectgarbage("count"), {1, 2, 3, 4} -- a table with room for four
for i = 1, 4 do timers[i] = tmr.create() end
collectgarbage() collectgarbage()
bytes = collectgarbage("count")
for i = 1, 4 do timers[i] = false end
collectgarbage() collectgarbage()
print((bytes - collectgarbage("count")) * 1024 / 4)
local second = tmr.create()
print(getmetatable(t).__index.alarm == t.alarm, tmr.create == tmr.create)

print("-- arguments")
why(function() t:register(0, 0, nothing) end)
why(function() t:register(6870948, 0, nothing) end)
why(function() t:register(-1, 0, nothing) end)
why(function() t:register("x", 0, nothing) end)
why(function() t:register(nil, 0, nothing) end)
why(function() t:register(10, 3, nothing) end)
why(function() t:register(10, -1, nothing) end)
why(function() t:register(10, nil, nothing) end)
why(function() t:register(10, 0) end)
why(function() t:register(10, 0, {}) end)
why(function() t:alarm(0, 0, nothing) end)
why(function() t:interval(0) end)
why(function() t:interval() end)
why(function() t:start(1) end)
why(function() t.alarm(nil, 10, 0, nothing) end)
why(function() t.stop({}) end)
why(function() t.state(5) end)
print(t:register("6870947", "1", nothing), t:state())
print(t:register(1.9, 0.9, nothing), t:state())
why(function() t:suspend() end)
why(function() t:resume() end)
why(tmr.suspend_all)
why(tmr.resume_all)

print("-- states")
local function pinned(f) -- does the registry hold one object more afterwards?
    local function held()
        local count = 0
        for _, value in pairs(debug.getregistry()) do
            if value == second then count = count + 1 end
        end
        return count
    end
    local held_before = held()
    f()
    return held() - held_before
end
print(second:state(), second:interval(5), second:stop(), second:state())
second:unregister()
print("started unregistered", pinned(function() print(second:start(), second:state()) end))
print("stopped", pinned(function() print(second:stop(), second:state()) end))
print("started stopped", pinned(function() print(second:start(), second:state()) end))
print("restarted", pinned(function() print(second:start(true), second:start(), second:state()) end))
print("registered", pinned(function() print(second:register(20, tmr.ALARM_SEMI, nothing), second:state()) end))
print("started", pinned(function() print(second:start(nil), second:start(false), second:state()) end))
print("registered running", pinned(function() print(second:register(20, 1, nothing), second:state()) end))
print("stopped", pinned(function() print(second:stop(), second:stop(), second:state()) end))
print("unregistered", pinned(function() print(second:unregister(), second:unregister(), second:state()) end))

print("-- a function in the place of another takes its slot")
local one, two = function() end, function() end
local function slot_of(f)
    for slot, value in pairs(debug.getregistry()) do
        if value == f then return slot end
    end
end
second:register(10, 0, one)
local slot = slot_of(one)
second:register(10, 0, two)
print(slot_of(two) == slot, slot_of(one))
second:unregister()
print(slot_of(two))

print("-- time")
local now = tmr.now()
print(now >= 0, now < 2 ^ 31, select("#", tmr.delay(250000)))
print(math.floor((tmr.now() - now) / 1000), tmr.time())
tmr.delay(1000000)
print(tmr.time())
why(tmr.delay, 0)
why(tmr.delay, -5)
why(tmr.delay)
tmr.delay("5")
local cycles = tmr.ccount()
tmr.delay(1000)
local passed = tmr.ccount() - cycles
print(passed >= 80000 and passed < 90000)
node.setcpufreq(node.CPU160MHZ)
cycles = tmr.ccount()
tmr.delay(1000)
passed = tmr.ccount() - cycles
print(passed >= 160000 and passed < 180000)
node.setcpufreq(node.CPU80MHZ)
local signed = {}
for i = 1, 60 do
    tmr.delay(1000000)
    signed[tmr.ccount() < 0] = true
end
print(signed[true], signed[false], select("#", tmr.wdclr()))
for i = 1, 5 do tmr.delay(430000000) end -- 35.8 minutes and some
print(tmr.now() < 10000000 * 6 + 4000000 + 2 ^ 27, tmr.now() >= 0, tmr.time() > 2147)
why(tmr.softwd)
why(tmr.softwd, "x")
print(select("#", tmr.softwd(5)), select("#", tmr.softwd(-1)))
