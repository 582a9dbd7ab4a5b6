-- debug.getinfo, getlocal, setlocal, upvalues, environments, metatables, the registry.
io.stdout:setvbuf("no")
local function fields(t)
    local keys = {}
    for k, v in pairs(t) do keys[#keys + 1] = k .. "=" .. (type(v) == "function" and "f" or tostring(v)) end
    table.sort(keys)
    return table.concat(keys, " ")
end
local function f(a, b, ...) local c = 1 return debug.getinfo(1, "nSlufL") end
local info = f(1, 2, 3)
local active = {}
for line in pairs(info.activelines) do active[#active + 1] = line end
table.sort(active)
print(table.concat(active, ","))
info.activelines, info.func = nil, nil
print(fields(info))
for _, what in ipairs {"n", "S", "l", "u", "f", "L", ""} do
    local t = debug.getinfo(print, what)
    print(what, fields(t))
end
for _, g in ipairs {f, print, coroutine.wrap(function() end), loadstring("return 1", "=name"), loadstring("x = 1", "some code\nmore"), loadstring("", "@file")} do
    local t = debug.getinfo(g, "S")
    print(fields(t))
end
print(debug.getinfo(99), pcall(debug.getinfo, 1, "x"), pcall(debug.getinfo))
print((pcall(debug.getinfo, {})), (pcall(debug.getinfo, -1)))
local long = ("x"):rep(100)
for _, name in ipairs {"=" .. long, "@" .. long, long, "line\nline", "=", "@", "", "short", "a\tb"} do
    print(debug.getinfo(loadstring("", name), "S").short_src)
end
-- names of functions
local t = {field = function() return debug.getinfo(1, "n") end}
function t:method() return debug.getinfo(1, "n") end
local up = t.field
global_function = t.field
local function through() local i = up() return i end
print(fields(t.field()), fields(t:method()), fields(through()), fields((function() return global_function() end)() or {}))
local i = global_function()
print(fields(i))
print(fields(setmetatable({}, {__index = function() return debug.getinfo(1, "n") end}).x))
print(fields(setmetatable({}, {__add = function() return debug.getinfo(1, "n") end}) + 1))
for x in function(_, s) if not s then return fields(debug.getinfo(1, "n")) end end do print(x) end
-- locals
local function locals(a, b)
    local c = a
    do local hidden = 1 end
    for i = 1, 1 do
        for n = 1, 20 do
            local name, value = debug.getlocal(1, n)
            if not name then break end
            print(n, name, type(value) == "number" and value or type(value))
        end
    end
    print(debug.setlocal(1, 1, "new a"), a, debug.setlocal(1, 99, 0))
end
locals(10)
print(pcall(debug.getlocal, 50, 1), pcall(debug.getlocal, 1, "x"))
local co = coroutine.create(function(p, q) local r = p + q coroutine.yield(r) return p end)
coroutine.resume(co, 3, 4)
print(debug.getlocal(co, 1, 1), debug.getlocal(co, 1, 3), debug.setlocal(co, 1, 1, "changed"))
print(coroutine.resume(co))
print(debug.getinfo(co, 0), fields(debug.getinfo(coroutine.create(f), 0) or {}))
-- upvalues
local u1, u2 = 1, 2
local function uses() return u1 + u2 end
print(debug.getupvalue(uses, 1), debug.getupvalue(uses, 2), debug.getupvalue(uses, 3), debug.getupvalue(print, 1))
print(debug.setupvalue(uses, 2, 40), uses(), debug.setupvalue(uses, 9, 1), pcall(debug.getupvalue, 1, 1))
print(debug.getupvalue(string.gmatch("a b", "%a"), 1))
-- environments and metatables
local env = {}
print(debug.setfenv(uses, env) == uses, debug.getfenv(uses) == env, debug.getfenv(co) == _G, pcall(debug.setfenv, 1, env))
print(debug.setmetatable(10, {__index = function(n, k) return k .. n end}), (5).times, debug.getmetatable(1) ~= nil)
debug.setmetatable(10, nil)
print(pcall(function() return (5).times end))
print(debug.getmetatable("").__index == string, type(debug.getregistry()), debug.getregistry()._LOADED == package.loaded)
print(pcall(debug.setmetatable, {}), pcall(debug.traceback, {}), debug.traceback("m", 0):match("^[^\n]*\n[^\n]*"))
