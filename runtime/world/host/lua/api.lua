-- api.lua: what a world script does with time, and how it says that something is wrong.

local _, time = ...

local function check_ms(ms, what)
    return time.check_number(ms, what or "a time", 0, 1e12)
end

-- Milliseconds since the device was switched on.
function world.now()
    return time.now_us() / 1000
end

function world.sleep(ms)
    time.sleep(check_ms(ms))
end

function world.go(fn, ...)
    time.go(time.check_function(fn, "what world.go runs"), ...)
end

function world.at(ms, fn)
    check_ms(ms)
    time.check_function(fn, "what world.at runs")
    time.later(math.max(0, time.us(ms) - time.now_us()), time.go, fn)
end

-- Calls fn(n) each `ms` until it returns false; n is 1, 2, 3 ...
function world.every(ms, fn)
    time.check_number(ms, "the time of world.every", 0.001, 1e12)
    time.check_function(fn, "what world.every runs")
    local n, again = 0, nil
    local function run()
        n = n + 1
        if fn(n) == false then time.cancel(again) end
    end
    local function turn()
        again = time.later(time.us(ms), turn)
        time.go(run)
    end
    again = time.later(time.us(ms), turn)
end

-- How long expectations and receive wait if they are not told.
function world.within(ms)
    time.limit_ms = check_ms(ms, "the limit of waiting")
end

function world.finish(status)
    time.finish(status and time.check_number(status, "an exit status", 0, 255))
end

-- Text as a pattern that finds it.
function world.literal(text)
    return (text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

-- Returns the condition; if it is false the run's answer is "no".
function world.check(condition, message, ...)
    if not condition then
        message = message and tostring(message) or "check failed"
        time.fail(select("#", ...) > 0 and message:format(...) or message)
    end
    return condition
end
check = world.check

return {}
