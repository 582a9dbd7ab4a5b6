-- gpio.serout and gpio.pulse: wrong uses, results, callbacks, what the heap and the registry hold,
-- and times as far as the program sees them. What the pins do: tests/unit/core_gpio_test.c.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end
local base = live()
local function nothing() end
local function bytes() return (node.egc.meminfo()) end
local function full(n)
    local list = {}
    for i = 1, n do list[i] = 1 end
    return list
end
for pin = 0, 3 do gpio.mode(pin, gpio.OUTPUT) end

print("-- serout: wrong uses")
why(gpio.serout, 13, 0, {1})
why(gpio.serout, -1, 0, {1})
why(gpio.serout, 1, 2, {1})
why(gpio.serout, 1, 0)
why(gpio.serout, 1, 0, 5)
why(gpio.serout, 1, 0, full(256))
why(gpio.serout, 1, 0, {1, "x"})
why(gpio.serout, 1, 0, {1}, 1, {})
why(gpio.serout, 1, 0, {1}, "x")
why(gpio.serout, nil, 0, {1})

print("-- serout: busy")
local function took(...)
    local before = tmr.now()
    local count = select("#", gpio.serout(...))
    local us = tmr.now() - before
    return us - us % 50, count
end
print(took(1, 1, {100, 200, 300}), gpio.read(1))
print(took(1, 1, {100, 200, 300}, 2), gpio.read(1))
print(took(1, 0, {500}), gpio.read(1))
print(took(1, 0, {500}, 4, nil), gpio.read(1))
print(took(1, 1, {}), took(1, 1, {0, 0}, 8), gpio.read(1))
print(took(1, 1, full(255)), took(1, 0, {"1000"}), gpio.read(1))

local steps, at = {}, 0
local function next_step()
    at = at + 1
    if steps[at] then node.task.post(steps[at]) else print("the end", live() - base) end
end
local start
local function now() return tmr.now() - start end

steps[1] = function()
    print("-- serout: by the hardware timer")
    start = tmr.now()
    print(took(1, 1, {10000, 20000, 30000}, 2, function(...)
        print(now() >= 120000 and now() < 121000, gpio.read(1), select("#", ...), live() - base)
        next_step()
    end))
    print("it runs", gpio.read(1), live() - base)
    why(gpio.serout, 1, 0, {1}, 1, 1)
    why(gpio.serout, 1, 0, {1}, 1, nothing)
    print("busily in between", took(2, 1, {70, 80}))
    tmr.delay(15000) print("toggled though the program was busy", gpio.read(1))
end
steps[2] = function()
    print("-- serout: without callback; 4 bytes for each delay while it runs")
    local list = full(100)
    list[1] = 50000
    collectgarbage() collectgarbage()
    local before = bytes()
    gpio.serout(1, 1, list, 1, 1)
    print(bytes() - before, live() - base)
    tmr.create():alarm(100, tmr.ALARM_SINGLE, function()
        list = nil
        print("free again", pcall(gpio.serout, 1, 1, {1}, 1, 1))
        next_step()
    end)
end

print("-- pulse: wrong uses")
local build = gpio.pulse.build
why(build)
why(build, {1})
why(build, full(101))
why(build, {{[13] = 1}})
why(build, {{[-1] = 1}})
why(build, {{delay = -1}})
why(build, {{delay = 64000001}})
why(build, {{delay = 1, min = -1}})
why(build, {{delay = 1, max = 64000001}})
why(build, {{delay = 10, min = 11, max = 20}})
why(build, {{delay = 21, min = 11, max = 20}})
why(build, {{delay = 10, min = 5}})
why(build, {{later = 1}})
why(build, {{[true] = 1}})
why(build, {{delay = "x"}})
local p = build {{[1] = 1, delay = 0}, {[1] = 0, delay = 64000000, max = 64000000}}
why(p.start, p)
why(p.start, p, 5)
why(p.start, nil, nothing)
why(p.update, p, 0, {})
why(p.update, p, 3, {})
why(p.update, p, 1)
why(p.update, p, 1, {other = 1})
print(select("#", p:stop(nothing)), select("#", p:cancel()), select("#", p:adjust(1)), select("#", p:update(1, {delay = 1})))

print("-- pulse: what it takes")
collectgarbage() collectgarbage()
local table0, table1, table3 = {}, {{}}, {{}, {}, {}}
build(table0)
collectgarbage() collectgarbage()
local before = bytes()
local kept = build(table0)
local first = bytes()
local kept1 = build(table1)
local second = bytes()
local kept3 = build(table3)
print(first - before, second - first, bytes() - second)

local function square(count)
    return build {{[1] = 1, [2] = 0, delay = 1000}, {[1] = 0, [2] = 1, delay = 2000, loop = 1, count = count}}
end
local function state(pos, steps, offset, when)
    return pos, steps, (offset - offset % 200) / 200, tmr.now() - when >= 0 and tmr.now() - when < 100
end

steps[3] = function()
    print("-- pulse: to its end")
    local p = square(2)
    print(p:getstate() == 1)
    start = tmr.now()
    print(select("#", p:start(function(pos, steps, offset, when, ...)
        print(pos, steps, offset < 0, when - start >= 9000 and when - start < 10000, select("#", ...))
        print(gpio.read(1), gpio.read(2), live() - base, state(p:getstate()))
        p = nil -- its callback would keep it for ever
        next_step()
    end)))
    print(gpio.read(1), gpio.read(2), live() - base)
    why(p.start, p, nothing)
    why(p.start, square(1), nothing)
    why(gpio.serout, 1, 0, {1}, 1, 1)
    why(p.stop, p, 3, nothing)
    why(p.stop, p, 0, nothing)
    why(p.stop, p)
    tmr.delay(1500)
    print(state(p:getstate()))
    print(gpio.read(1), gpio.read(2))
end
steps[4] = function()
    print("-- pulse: stopped")
    collectgarbage() collectgarbage()
    local p = square(100)
    p:start(function() print("not this one") end)
    tmr.delay(3500)
    print(p:stop(2, function(pos, steps)
        print(pos, steps, gpio.read(1), gpio.read(2))
        p:start(function() print("nor this one") end)
        print(p:stop(function(pos, steps)
            print(pos, steps)
            p:start(nothing)
            print(p:stop(-2, function(pos, steps) print(pos, steps) next_step() end))
        end))
    end))
end
steps[5] = function()
    print("-- pulse: cancelled")
    local p = square(100)
    p:start(function() print("no callback") end)
    tmr.delay(10)
    print(state(p:cancel()))
    print(select("#", p:cancel()))
    p:start(next_step) p:cancel() p:start(function() print("again") p = nil next_step() end) p:stop(next_step)
end
steps[6] = function()
    print("-- pulse: adjusted")
    local p = build {{[1] = 1, delay = 1000, min = 900, max = 1100}, {[1] = 0, delay = 1000},
        {[1] = 1, delay = 1000, min = 900, max = 1100}, {delay = 1000, min = 900, max = 1100}}
    start = tmr.now()
    p:start(250, function(pos, steps, offset, when)
        local over = when + offset - start
        print(over >= 4250 and over <= 4400 or over)
        start = tmr.now()
        p:start(function(pos, steps, offset, when)
            local over = when + offset - start
            print(over >= 3850 and over <= 4000 or over)
            next_step()
        end)
        print(select("#", p:adjust(-150)))
    end)
end
steps[7] = function()
    print("-- pulse: updated, and kept while it runs")
    local p = square(1)
    p:update(1, {delay = 5}) p:update(2, {delay = 6, [2] = 0, [3] = 1})
    start = tmr.now()
    p:start(function(pos, steps, offset, when)
        print(steps, when + offset - start <= 200, gpio.read(2), gpio.read(3))
        next_step()
    end)
    p = nil
    collectgarbage() collectgarbage()
end
steps[8] = function()
    print("-- pulse: nothing in it; an error in its callback")
    local p = build {}
    p:start(function(pos, steps, offset)
        print(pos, steps, offset <= 0 and offset > -100)
        node.setonerror(function(message) print((message:match(": (.-)\n"))) node.setonerror() next_step() end)
        p:start(function() error("of a pulse") end)
    end)
end
steps[9] = function() collectgarbage() collectgarbage() next_step() end
next_step()
