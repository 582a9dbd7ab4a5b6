-- debug: getinfo, locals, upvalues, hooks, metatables, environments, registry.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = (type(v) == "table" or type(v) == "function" or type(v) == "thread" or type(v) == "userdata") and type(v) or tostring(v)
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end
local function fields(info)
    local keys = {}
    for k in pairs(info) do keys[#keys + 1] = k end
    table.sort(keys)
    for i, k in ipairs(keys) do
        local v = info[k]
        keys[i] = k .. "=" .. ((type(v) == "table" or type(v) == "function") and type(v) or tostring(v))
    end
    print(table.concat(keys, " "))
end

print("-- getinfo of functions")
local up1, up2 = 1, 2
local function sample(a, b, ...)
    local c = a + up1
    return c + up2
end
fields(debug.getinfo(sample))
fields(debug.getinfo(sample, "S"))
fields(debug.getinfo(sample, "l"))
fields(debug.getinfo(sample, "u"))
fields(debug.getinfo(sample, "n"))
fields(debug.getinfo(sample, "f"))
fields(debug.getinfo(sample, "Lf"))
local lines = {}
for line in pairs(debug.getinfo(sample, "L").activelines) do lines[#lines + 1] = line end
table.sort(lines)
show(unpack(lines))
fields(debug.getinfo(print))
show(debug.getinfo(print, "L").activelines, debug.getinfo(print, "f").func == print)
fields(debug.getinfo(loadstring("return 1", "=named chunk"), "S"))
fields(debug.getinfo(loadstring("return 1", "some text\nwith two lines"), "S"))
fields(debug.getinfo(loadstring("return 1", "@" .. ("path/"):rep(30) .. "end.lua"), "S"))
fields(debug.getinfo(loadstring("return 1", ("long text "):rep(20)), "S"))
fields(debug.getinfo(loadstring("return 1", "=" .. ("n"):rep(100)), "S"))
try(debug.getinfo)
try(debug.getinfo, "x")
try(debug.getinfo, sample, "x")
try(debug.getinfo, sample, ">S")
try(debug.getinfo, 1, 5 == 6 and 1 or {})
show(debug.getinfo(1000), debug.getinfo(-1) == nil)

print("-- getinfo of levels")
local function here(what, level) return debug.getinfo(level or 1, what) end
fields(here("Snl"))
fields(here("Snl", 2))
fields(debug.getinfo(1, "Snl"))
fields(debug.getinfo(0, "Snl"))
global_function = function() local i = debug.getinfo(1, "n") return i end
fields(global_function())
local t = { field = function() local i = debug.getinfo(1, "n") return i end }
fields(t.field())
fields(t:field())
local u = t.field
fields((function() local i = u() return i end)())
local function tailed() return debug.getinfo(1, "nSl") end
fields(tailed())
fields((setmetatable({}, { __index = function() return (debug.getinfo(1, "n")) end })).x)
for i in function() local x = debug.getinfo(1, "n") fields(x) return nil end do end
local function through_tail() local i = debug.getinfo(2, "nSl") return i end
local function tail_caller() return through_tail() end
fields(tail_caller())

print("-- locals")
local function locals(level)
    local list = {}
    while true do
        local name, value = debug.getlocal(level + 1, #list + 1)
        if not name then break end
        list[#list + 1] = name .. "=" .. (type(value) == "number" and value or type(value))
    end
    print(table.concat(list, " "))
end
local function with_locals(p, q)
    local x = 10
    do local hidden = 1 end
    for i = 1, 1 do
        local y = i
        locals(1)
    end
    for k, v in pairs { 5 } do locals(1) end
    local z = 3
    locals(1)
    show(debug.setlocal(1, 1, "changed"), p, debug.setlocal(1, 3, 11), x, debug.setlocal(1, 100, 1))
end
with_locals(1, 2)
;(function(...) local a = ... locals(1) end)(7, 8)
try(debug.getlocal, 1)
try(debug.getlocal, 1000, 1)
try(debug.getlocal, "x", 1)
try(debug.setlocal, 1000, 1, 1)
try(debug.setlocal, 1, 1)
show(debug.getlocal(1, -1), debug.getlocal(1, 0))
local co = coroutine.create(function(a) local b = 2 coroutine.yield() end)
coroutine.resume(co, "first")
show(debug.getlocal(co, 1, 1))
show(debug.getlocal(co, 1, 2))
show(debug.setlocal(co, 1, 2, "set"), debug.getlocal(co, 1, 2))
show(debug.getinfo(co, 1, "l").currentline, debug.getinfo(co, 0, "S").what, debug.getinfo(co, 5))

print("-- upvalues")
show(debug.getupvalue(sample, 1))
show(debug.getupvalue(sample, 2))
show(debug.getupvalue(sample, 3))
show(debug.setupvalue(sample, 1, 100), sample(1), up1, debug.setupvalue(sample, 5, 1))
show(debug.getupvalue(print, 1), debug.getupvalue(string.gmatch("a", "a"), 1))
try(debug.getupvalue)
try(debug.getupvalue, 1, 1)
try(debug.getupvalue, sample)
try(debug.setupvalue, sample, 1)

print("-- metatables, environments, registry")
local mt = { __index = function(n, k) return k end }
show(debug.setmetatable(5, mt), (5).x, debug.getmetatable(5) == mt, debug.setmetatable(5, nil), debug.getmetatable(5))
debug.setmetatable(nil, { __call = function() return "called nil" end })
local nothing
show(nothing())
debug.setmetatable(nil, nil)
debug.setmetatable(print, { __index = { name = "function" } })
show(print.name, sample.name)
debug.setmetatable(print, nil)
show(debug.getmetatable(setmetatable({}, { __metatable = "hidden" })).__metatable)
try(debug.setmetatable, 1, 5)
try(debug.setmetatable)
try(debug.getmetatable)
show(debug.getfenv(sample) == _G, debug.setfenv(sample, {}) == sample, debug.getfenv(sample) == _G)
show(debug.getfenv(5), debug.getfenv(co) == _G, type(debug.getregistry()), debug.getregistry()._LOADED == package.loaded)
try(debug.setfenv, 5, {})
try(debug.setfenv, sample, 5)
try(debug.getfenv)
local p = newproxy()
show(debug.setfenv(p, mt) == p, debug.getfenv(p) == mt)

print("-- hooks")
show(debug.gethook())
local log = {}
local function logger(event, line) log[#log + 1] = event .. (line and ":" .. line or "") end
debug.sethook(logger, "l")
local a = 1
local b = 2
for i = 1, 2 do
    a = a + i
end
debug.sethook()
print(table.concat(log, " "))
log = {}
local function called() return 1 end
local function calls_tail() return called() end
debug.sethook(logger, "cr")
called()
calls_tail()
pcall(error)
debug.sethook()
print(table.concat(log, " "))
log = {}
debug.sethook(logger, "", 100)
for i = 1, 1000 do local x = i end
debug.sethook()
show(#log >= 10 and #log <= 60, log[1])
debug.sethook(logger, "crl", 5)
local hook, mask, count = debug.gethook()
debug.sethook()
show(hook == logger, mask, count)
show(debug.gethook())
local ok, e = pcall(function()
    debug.sethook(function()
        debug.sethook()
        error("from the hook", 0)
    end, "l")
    local x = 1
    return x
end)
show(ok, e)
local steps = 0
debug.sethook(function() steps = steps + 1 if steps > 3 then debug.sethook() error("too long", 0) end end, "", 1000)
show(pcall(function() while true do end end))
debug.sethook()
log = {}
co = coroutine.create(function()
    local x = 1
    coroutine.yield()
    local y = 2
end)
debug.sethook(co, logger, "l")
coroutine.resume(co)
coroutine.resume(co)
print(table.concat(log, " "))
show(debug.gethook(co) == logger, debug.gethook())
try(debug.sethook, 5, "l")
try(debug.sethook, print)
local names = {}
debug.sethook(function(event)
    local info = debug.getinfo(2, "nSf")
    names[#names + 1] = event .. " " .. tostring(info.name) .. " " .. info.what
end, "c")
called()
math.abs(1)
debug.sethook()
print(table.concat(names, ", "))
