-- time.lua: the time of a world script: what happens when, who waits for what, and how it ends.
--
-- Times are microseconds since the device was first switched on; the device's own clock starts again
-- with each boot. What happens at one time happens in the order in which it was asked for. Every
-- function of the script runs in a coroutine, but for those that give answers.

local pipe = ...
local time = {limit_ms = 10000, status = 0}
local now, boot = 0, 0
local heap, count, serial = {}, 0, 0 -- entries {at, serial, run, a, b}: the next one is heap[1]
local waiting = {} -- waiters of expectations

-- ---- where the script is ----

local function is_prelude(source)
    return source:sub(1, 1) ~= "@" or source:sub(2, #pipe.directory + 1) == pipe.directory
end

-- "FILE:LINE" of the innermost function of the script that runs, or waits in that coroutine.
function time.where(co)
    co = co or coroutine.running()
    local level, info = 0
    repeat
        if co then info = debug.getinfo(co, level, "Sl") else info = debug.getinfo(level, "Sl") end
        if info and info.what ~= "C" and not is_prelude(info.source) then
            return info.short_src .. ":" .. info.currentline
        end
        level = level + 1
    until not info
    return pipe.path
end

-- Wrong use of a function by the script: an error with its line.
function time.misuse(text, ...)
    error(time.where() .. ": " .. text:format(...), 0)
end

function time.check_number(value, what, low, high)
    if type(value) ~= "number" or value < low or value > high then
        time.misuse("%s is a number from %d to %d, not %s", what, low, high, tostring(value))
    end
    return value
end

function time.check_function(value, what)
    if type(value) ~= "function" then time.misuse("%s is a function, not %s", what, tostring(value)) end
    return value
end

-- ---- the end ----

local function say(text)
    pipe.say(("%s (at %.3f ms)"):format(text, now / 1000))
end

-- Notes that the answer of the run is "no".
function time.fail(text, place)
    say((place or time.where()) .. ": " .. text)
    if time.status == 0 then time.status = 1 end
end

-- From now on nothing happens any more. Does not return.
function time.finish(status)
    time.is_over = true
    if time.status == 0 then time.status = status or 0 end
    if coroutine.running() then coroutine.yield() end
    error(time, 0)
end

-- An error that the script has not caught.
local function on_error(message)
    if message == time then return end
    say(tostring(message))
    time.is_over, time.status = true, 1
end

-- Calls a function that cannot wait; its first result.
function time.call(fn, ...)
    local ok, result = pcall(fn, ...)
    if ok then return result end
    on_error(result)
end

-- ---- what happens when ----

local function is_before(a, b)
    return a.at < b.at or (a.at == b.at and a.serial < b.serial)
end

local function push(entry)
    count = count + 1
    local i = count
    while i > 1 do
        local parent = (i - i % 2) / 2
        if not is_before(entry, heap[parent]) then break end
        heap[i] = heap[parent]
        i = parent
    end
    heap[i] = entry
end

local function pop()
    local first, last = heap[1], heap[count]
    heap[count] = nil
    count = count - 1
    if count == 0 then return first end
    local i = 1
    while true do
        local child = 2 * i
        if child > count then break end
        if child < count and is_before(heap[child + 1], heap[child]) then child = child + 1 end
        if not is_before(heap[child], last) then break end
        heap[i] = heap[child]
        i = child
    end
    heap[i] = last
    return first
end

-- Calls run(a, b) in `us` from now on. The entry can be given to cancel.
function time.later(us, run, a, b)
    serial = serial + 1
    local entry = {at = now + us, serial = serial, run = run, a = a, b = b}
    push(entry)
    return entry
end

function time.cancel(entry)
    entry.run = nil
end

-- Times that are given in milliseconds.
function time.us(ms)
    return math.floor(1000 * ms + 0.5)
end

-- Nothing is before 0; what is beyond all numbers never comes.
function time.next_us()
    while count > 0 and not heap[1].run do pop() end
    return count > 0 and heap[1].at - boot or math.huge
end

-- Lets everything happen up to a time of the device, and at that time too if `is_through`.
function time.run(device_us, is_through)
    local until_us = boot + device_us
    while count > 0 and not time.is_over do
        local at = heap[1].at
        if at > until_us or (at == until_us and not is_through) then break end
        local entry = pop()
        if entry.run then
            if at > now then now = at end
            entry.run(entry.a, entry.b)
        end
    end
    if until_us > now then now = until_us end
end

-- The device starts (again): its clock is at 0.
function time.boot()
    boot = now
end

function time.now_us()
    return now
end

function time.device_us()
    return now - boot
end

-- ---- coroutines ----

local function resume(co, ...)
    local ok, why = coroutine.resume(co, ...)
    if not ok then on_error(why) end
end

-- Runs fn(...) at once, until it waits.
function time.go(fn, ...)
    local co = coroutine.create(fn)
    resume(co, ...)
    return co
end

local function running()
    return coroutine.running() or time.misuse("a function that gives an answer cannot wait")
end

function time.sleep(ms)
    time.later(time.us(ms), resume, (running()))
    coroutine.yield()
end

-- ---- waiting for what the program does ----

local function go_on(waiter)
    waiter.is_woken = false
    if not waiter.is_done then resume(waiter.co) end
end

local function expire(waiter)
    waiter.is_late = true
    if not waiter.is_woken then go_on(waiter) end
end

-- Something has changed about `thing`: who waits for it looks again.
function time.wake(thing)
    local waiters = thing.waiters
    if not waiters or not waiters[1] then return end
    thing.waiters = {}
    for _, waiter in ipairs(waiters) do
        if not waiter.is_woken and not waiter.is_done then
            waiter.is_woken = true
            time.later(0, go_on, waiter)
        end
    end
end

local function forget(thing, waiter)
    waiter.is_done = true
    waiting[waiter] = nil
    time.cancel(waiter.timer)
    for i, other in ipairs(thing.waiters) do
        if other == waiter then table.remove(thing.waiters, i) break end
    end
end

-- Waits until test(thing, ...) is true, for at most `within_ms` (nil: the limit); its results, or
-- nothing. `expected`: what an expectation is about, for the end of the run; or nil.
function time.wait(thing, within_ms, expected, test, ...)
    local a, b, c, d = test(thing, ...)
    if a then return a, b, c, d end
    within_ms = within_ms or time.limit_ms
    time.check_number(within_ms, "a time to wait", 0, 1e12)
    local waiter = {co = running()}
    waiter.timer = time.later(time.us(within_ms), expire, waiter)
    if expected then
        waiting[waiter] = {text = expected, place = time.where(), serial = waiter.timer.serial}
    end
    thing.waiters = thing.waiters or {}
    repeat
        table.insert(thing.waiters, waiter)
        coroutine.yield()
        a, b, c, d = test(thing, ...)
    until a or waiter.is_late
    forget(thing, waiter)
    if a then return a, b, c, d end
end

-- The run has ended: what is still expected has not come.
function time.fail_waiting()
    local list = {}
    for _, what in pairs(waiting) do table.insert(list, what) end
    table.sort(list, function(a, b) return a.serial < b.serial end)
    for _, what in ipairs(list) do
        time.fail(what.text .. ", and the run has ended", what.place)
    end
    return #list
end

return time
