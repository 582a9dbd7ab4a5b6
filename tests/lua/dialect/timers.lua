-- The module tmr: states of timers, what a callback may do to its own and to others, and which
-- references the registry holds meanwhile. Facts on the firmware's modules.
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end
local base = live()
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local start = tmr.now()
local function say(name, ...) -- time, references beyond those at the start, what else
    print(math.floor((tmr.now() - start) / 1000) .. " ms", name, live() - base, ...)
end
local function state(t)
    local running, mode = t:state()
    return tostring(running) .. " " .. tostring(mode)
end
local function nothing() end

print("-- constants and wrong uses")
print(tmr.ALARM_SINGLE, tmr.ALARM_AUTO, tmr.ALARM_SEMI)
local t = tmr.create()
why(t.alarm, t, 0, 0, nothing)
why(t.alarm, t, 6870948, 0, nothing)
why(t.register, t, 1, 3, nothing)
why(t.register, t, 1, -1, nothing)
why(t.alarm, t, 1, 0, "text")
why(t.start, t, 1)
why(t.interval, t, 0)
why(tmr.delay, 0)
print(pcall(t.alarm, t, 6870947, 0, nothing), t:unregister())
say("none of them left anything", state(t))

print("-- states")
say("new", state(t), t:start(), t:stop(), t:interval(5))
t:register(100, tmr.ALARM_SEMI, nothing) say("registered", state(t), t:stop())
say("started", t:start(), state(t), t:start(), t:start(false), t:start(true))
say("stopped", t:stop(), state(t), t:stop())
say("started", t:start(), state(t))
t:register(100, tmr.ALARM_AUTO, nothing) say("registered anew", state(t))
say("alarm", t:alarm(50, tmr.ALARM_SINGLE, nothing), state(t))
say("alarm again", t:alarm(60, tmr.ALARM_AUTO, nothing), state(t))
t:unregister() say("unregistered", state(t))
t:unregister() say("unregistered twice", state(t))
for i = 1, 20 do t:alarm(10, i % 3, nothing) t:stop() end
say("twenty alarms and stops use the same place") t:unregister()

-- Steps that follow one another, each in a boot of its own timers.
local steps, at = {}, 0
local function next_step()
    at = at + 1
    if steps[at] then node.task.post(steps[at]) else node.task.post(function() say("the end") end) end
end
local function later(ms) tmr.create():alarm(ms, tmr.ALARM_SINGLE, next_step) end

steps[1] = function()
    print("-- single: nothing is left before its callback is called")
    tmr.create():alarm(10, tmr.ALARM_SINGLE, function(t)
        say("in the callback", state(t), t:start(), t:stop())
        node.task.post(next_step)
    end)
    say("armed")
end
steps[2] = function()
    print("-- single, armed anew in its callback")
    tmr.create():alarm(10, tmr.ALARM_SINGLE, function(t)
        t:alarm(20, tmr.ALARM_SINGLE, function(same)
            say("another function", same == t, state(t)) next_step()
        end)
        say("armed in the callback", state(t))
    end)
end
steps[3] = function()
    print("-- semi: idle in its callback, its function is kept")
    local count = 0
    local t = tmr.create()
    t:register(10, tmr.ALARM_SEMI, function(same)
        count = count + 1
        say("in the callback", same == t, state(t))
        if count == 1 then say("started", t:start(), state(t))
        elseif count == 2 then say("with another interval", t:interval(30), t:start())
        else say("unregistered", t:unregister(), state(t)) next_step() end
    end)
    t:start()
    say("armed")
end
steps[4] = function()
    print("-- auto: goes on until it is stopped; start goes on")
    local count = 0
    local t = tmr.create()
    t:alarm(10, tmr.ALARM_AUTO, function(same)
        count = count + 1
        say("in the callback", same == t, state(t))
        if count == 2 then say("interval", t:interval(25))
        elseif count == 3 then
            say("stopped", t:stop(), state(t))
            tmr.create():alarm(100, tmr.ALARM_SINGLE, function() say("started", t:start()) end)
        elseif count == 4 then t:unregister() say("unregistered", state(t)) next_step() end
    end)
end
steps[5] = function()
    print("-- others are stopped, unregistered and started by a callback at the same time")
    local a, b, c, d = tmr.create(), tmr.create(), tmr.create(), tmr.create()
    a:alarm(10, tmr.ALARM_SINGLE, function()
        say("a", b:stop(), c:unregister(), d:start())
        later(30)
    end)
    b:alarm(10, tmr.ALARM_SEMI, function() say("b, which was stopped") end)
    c:alarm(10, tmr.ALARM_AUTO, function() say("c, which was unregistered") end)
    d:register(10, tmr.ALARM_SINGLE, function() say("d", state(b), state(c)) b:unregister() end)
    say("armed")
end
steps[6] = function()
    print("-- many at one time go off as they were armed")
    local order = {}
    for i = 1, 12 do
        tmr.create():alarm(10 + i % 2, tmr.ALARM_SINGLE, function() order[#order + 1] = i end)
    end
    say("armed")
    tmr.create():alarm(20, tmr.ALARM_SINGLE, function()
        say(table.concat(order, " ")) next_step()
    end)
end
steps[7] = function()
    print("-- who is running is not collected; who is not, is, with its function")
    local seen = setmetatable({}, {__mode = "v"})
    do
        local running, idle, stopped = tmr.create(), tmr.create(), tmr.create()
        seen.running, seen.idle, seen.stopped = running, idle, stopped
        running:alarm(10, tmr.ALARM_SINGLE, function(t) say("it ran", t == seen.running) end)
        idle:register(10, tmr.ALARM_AUTO, nothing)
        stopped:alarm(10, tmr.ALARM_AUTO, function() say("stopped ran") end)
        stopped:stop()
    end
    say("before")
    collectgarbage() collectgarbage()
    say("after", seen.running ~= nil, seen.idle, seen.stopped)
    tmr.create():alarm(20, tmr.ALARM_SINGLE, function()
        collectgarbage() collectgarbage()
        say("and then", seen.running) next_step()
    end)
end
steps[8] = function()
    print("-- a callback that fails leaves nothing")
    node.setonerror(function(message) say("error", message:match("of an? .-\n") ~= nil, live() > base) end)
    local auto = tmr.create()
    tmr.create():alarm(10, tmr.ALARM_SINGLE, function() error("of a single") end)
    auto:alarm(15, tmr.ALARM_AUTO, function(t)
        if t:interval(100) or auto ~= t then say("other") end
        error("of an auto")
    end)
    tmr.create():alarm(20, tmr.ALARM_SINGLE, function()
        node.setonerror()
        say("auto goes on", state(auto)) auto:unregister() say("not any more", state(auto))
        next_step()
    end)
end
steps[9] = function()
    print("-- late timers run after a busy wait, in order; an auto is armed from then on")
    local a, b = tmr.create(), tmr.create()
    b:alarm(20, tmr.ALARM_SINGLE, function() say("b is late") end)
    local count = 0
    a:alarm(10, tmr.ALARM_AUTO, function()
        count = count + 1
        say("a") if count == 2 then a:unregister() next_step() end
    end)
    tmr.delay(50000)
    say("waited")
end
next_step()
say("main ends")
