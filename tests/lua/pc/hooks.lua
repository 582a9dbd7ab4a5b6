-- Hooks: calls, returns, lines and counts, in functions, coroutines, tail calls and C functions.
local events
local function hook(event, line)
    local info = debug.getinfo(2, "nSl")
    events[#events + 1] = event .. " " .. tostring(line) .. " " .. tostring(info.name) .. " " ..
        info.what .. " " .. info.currentline
end
local function trace(mask, f, ...)
    events = {}
    debug.sethook(hook, mask)
    pcall(f, ...)
    debug.sethook()
    print("-- " .. mask)
    for _, e in ipairs(events) do print(e) end
end
local function leaf(x) return x end
local function tail(x) return leaf(x) end
local function body()
    local a = leaf(1)
    a = a + tail(2)
    for i = 1, 2 do
        a = a + i
    end
    if a > 3 then
        a = math.max(a, 9)
    else a = 0 end
    while a > 8 do a = a - 1 end
    repeat a = a + 1
    until a > 9
    return a
end
trace("c", body)
trace("r", body)
trace("l", body)
trace("crl", body)
trace("l", function() local x = 1 local y = 2
    x = y error("stop")
end)
trace("crl", function()
    local co = coroutine.wrap(function(a)
        local b = coroutine.yield(a)
        return b
    end)
    co(1) co(2)
end)
local count = 0
debug.sethook(function() count = count + 1 end, "", 100)
for i = 1, 1000 do local x = i * 2 end
debug.sethook()
print(count)
local total = {}
for _, step in ipairs {1, 7, 1000} do
    local n = 0
    debug.sethook(function(event, line) n = n + 1 assert(event == "count" and line == nil) end, "", step)
    for i = 1, 500 do end
    debug.sethook()
    total[#total + 1] = n
end
print(unpack(total))
print(debug.gethook())
debug.sethook(print, "lcr", 5)
local f, mask, n = debug.gethook()
debug.sethook()
print(f == print, mask, n, debug.gethook())
-- a hook that fails; a hook of another thread
print(pcall(function() debug.sethook(function() debug.sethook() error("from hook") end, "l")
    local x = 1
end))
local co = coroutine.create(function()
    local x = 1
    coroutine.yield(x)
    x = 2
end)
local lines = {}
debug.sethook(co, function(_, line) lines[#lines + 1] = line end, "l")
coroutine.resume(co)
coroutine.resume(co)
print(#lines, lines[2] - lines[1], lines[3] - lines[2], debug.gethook())
-- getinfo and locals of the function that a hook sees
debug.sethook(function(event)
    local info = debug.getinfo(2, "nSluf")
    if info.name == "watched" then
        print(event, debug.getlocal(2, 1), debug.getlocal(2, 2), info.nups, info.func ~= nil)
    end
end, "cr")
local function watched(a, b) local c = a .. b return c end
watched("x", "y")
debug.sethook()
