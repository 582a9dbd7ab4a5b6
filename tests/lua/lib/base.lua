-- Base functions: their results, their errors, their messages.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = (type(v) == "table" or type(v) == "function" or type(v) == "userdata" or type(v) == "thread")
            and type(v) or tostring(v)
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end

print("-- print, tostring")
print()
print(nil, true, 1, "x", 1.5, -0.25, 1e15, 1e100)
print("a", nil)
print("", "", "")
print("cut\0off", "next")
print(setmetatable({}, { __tostring = function() return "object" end }))
show(pcall(print, setmetatable({}, { __tostring = function() return 5 end })))
show(pcall(print, setmetatable({}, { __tostring = function() return {} end })))
show(tostring(nil), tostring(12), tostring("x"), tostring(false), tostring(-0.1))
show(type(tostring(print)), tostring({}):match("^table: ") ~= nil, tostring(print):match("^function: ") ~= nil)
show(tostring(coroutine.create(print == nil and print or function() end)):match("^thread: ") ~= nil, tostring(newproxy()):match("^userdata: ") ~= nil)
show(tostring(setmetatable({}, { __tostring = function() return nil end })))
try(tostring)
do
    local saved = tostring
    tostring = function(v) return "<" .. saved(v) .. ">" end
    print(1, "x")
    tostring = function() end
    local ok, message = pcall(print, 1)
    tostring = saved
    show(ok, message)
end

print("-- tonumber")
show(tonumber(10), tonumber("10"), tonumber("0x1F"), tonumber("1e3"), tonumber(" 5 "), tonumber("5x"), tonumber(""), tonumber("0x"), tonumber("1 2"))
show(tonumber("ff", 16), tonumber("0xff", 16), tonumber("zz", 36), tonumber("777", 8), tonumber("8", 8), tonumber("1010", 2), tonumber("2", 2), tonumber("-ff", 16) ~= nil)
show(tonumber(" 11 ", 2), tonumber("1 1", 2), tonumber("", 2), tonumber("+7", 8), tonumber("7.5", 8), tonumber(15, 16), tonumber("0x", 16), tonumber("x", 16))
show(tonumber(nil), tonumber({}), tonumber(true), tonumber(print), tonumber("abc"), tonumber("1e"), tonumber("."), tonumber("5."), tonumber(".5"))
show(tonumber("10", 10), tonumber("1e1", 10), tonumber("Z", 36), tonumber("zZ", 36), tonumber("10\0", 16), tonumber("\t\n7\v\f\r", 8))
show(tonumber("7fffffff", 16), tonumber("ffffffff", 16), tonumber("80000000", 16))
try(tonumber)
try(tonumber, "1", 1)
try(tonumber, "1", 37)
try(tonumber, {}, 8)
try(tonumber, nil, 8)
try(tonumber, "1", "x")

print("-- type, rawequal, rawget, rawset, metatables")
show(type(nil), type(1), type("x"), type({}), type(print), type(function() end), type(true), type(newproxy()), type(coroutine.create(function() end)))
try(type)
local m = setmetatable({}, { __index = function() return "indexed" end, __newindex = function() error("newindex") end, __eq = function() return true end })
show(m.x, rawget(m, "x"), rawset(m, "y", 5) == m, m.y, rawequal(m, setmetatable({}, getmetatable(m))), rawequal(m, m), rawequal("a", "a"), rawequal(1, "1"))
try(rawget, 1, 2)
try(rawget, {})
try(rawset, {}, 1)
try(rawset, {}, nil, 1)
try(rawset, {}, 0 / 0, 1)
try(rawequal, 1)
show(getmetatable({}), getmetatable(1), getmetatable("").__index == string, getmetatable(setmetatable({}, { __metatable = "locked" })))
try(setmetatable, setmetatable({}, { __metatable = false }), {})
try(setmetatable, setmetatable({}, { __metatable = 1 }), {})
try(setmetatable, 1, {})
try(setmetatable, {})
try(setmetatable, {}, 1)
try(getmetatable)
show(setmetatable({}, nil), getmetatable(setmetatable({}, nil)))

print("-- next, pairs, ipairs")
show(next {}, next { 5 }, next({ 5 }, 1), next({ a = 1 }))
try(next)
try(next, {}, "nokey")
try(next, 1)
for i, v in ipairs { "a", "b", nil, "d" } do show(i, v) end
for k, v in pairs { 10, 20, 30 } do show(k, v) end
try(ipairs)
try(pairs, nil)
try(ipairs, 5)
local iter, state, first = ipairs { 7 }
show(iter(state, first))
show(iter(state, 1))
try(iter, state)
try(iter, state, "x")
try(iter, 5, 1)
local sum = 0
local keys = { a = 1, b = 2, c = 3, 10, 20 }
for k, v in pairs(keys) do
    sum = sum + v
    keys[k] = nil
end
show(sum, next(keys))

print("-- select, unpack, assert, error")
show(select("#"), select("#", nil, nil), select(2, "a", "b", "c"), select(-1, "a", "b", "c"))
show(select(-2, "a", "b", "c"), select("#x", 1))
show((select(5, 1)), select("2", "a", "b"))
try(select)
try(select, 0)
try(select, -5, 1)
try(select, "x")
try(select, {})
show(assert(1, 2, 3), assert("x"))
try(assert)
try(assert, false)
try(assert, nil, "message")
try(assert, false, {})
try(assert, nil, nil)
try(assert, false, 55)
show(pcall(function() assert(false, "from Lua") end))
try(error)
try(error, "message")
try(error, "message", 0)
try(error, {})
try(error, nil)
try(error, 5)
local function thrower(level) error("thrown", level) end
for level = 0, 3 do show(pcall(function() thrower(level) end)) end
show(pcall(function() error() end))
show(pcall(function() error("x", "y") end))
show(pcall(function() error(setmetatable({}, { __tostring = function() return "E" end })) end))

print("-- pcall, xpcall")
show(pcall(function(...) return select("#", ...), ... end, 1, nil, 3))
try(pcall)
try(pcall, 5)
try(pcall, nil)
show(xpcall(function() return 1, 2 end, print))
show(xpcall(function() error("e", 0) end, function(e) return "handled " .. e, "second" end))
show(xpcall(function() error({}) end, type))
show(xpcall(function() error("e") end, function(e) error("again") end))
show(xpcall(5, function(e) return e end))
try(xpcall)
try(xpcall, print)
show(xpcall(function(...) return select("#", ...) end, print, 1, 2))
local depth = 0
local function nested(n) if n == 0 then error("deep", 0) end return pcall(nested, n - 1) end
show(nested(50))
show(pcall(function() local function r() return 1 + r() end r() end) == false)
local ok, e = pcall(function() local function r() return 1 + r() end r() end)
show(ok, (tostring(e):gsub("^.-:%d+: ", ""):match("^stack overflow")))
ok, e = pcall(function() local function r() return pcall(r) or error("x") end r() end)
show(ok ~= nil)
ok, e = pcall(string.gsub, "x", "x", function() return ("x"):gsub("x", function() error("inner", 0) end) end)
show(ok, e)

print("-- load, loadstring")
show(loadstring("return 1, 2"), loadstring("return 1, 2")())
show(loadstring("x ="))
show(loadstring("x =", "=name"))
show(loadstring("x =", "@file.lua"))
show(loadstring("x =\n\n", "chunk\nwith lines"))
show(loadstring("return ..."))
show(loadstring("return ...")(5, 6))
show(pcall(loadstring("error('e')", "=named")))
show(pcall(loadstring("error('e')", "@named.lua")))
show(pcall(loadstring("error('e')")))
show(pcall(loadstring("\n\nlocal x = nil; x.y = 1", "a long chunk name that goes on and on and on and on until it must be cut off somewhere")))
show(loadstring(""), loadstring("\n#x"))
try(loadstring)
try(loadstring, {})
try(loadstring, "x", {})
local parts = { "return ", "1", " + ", "2" }
local i = 0
show(load(function() i = i + 1 return parts[i] end)())
show(load(function() return nil end))
show(load(function() return "" end))
show(load(function() return "x =" end == nil and print or (function() local n = 0 return function() n = n + 1 return n == 1 and "x = = 1" or nil end end)()))
show(load((function() local n = 0 return function() n = n + 1 return n == 1 and "error('e')" or nil end end)(), "=loaded"))
show(load(function() error("reader fails", 0) end))
show(load(function() return {} end))
show(load(function() return true end))
i = 0
local long = {}
for k = 1, 500 do long[k] = "local a" .. (k % 40) .. " = " .. k .. "\n" end
show(load((function() local k = 0 return function() k = k + 1 return k <= 20 and long[k] or nil end end)()) ~= nil)
try(load)
try(load, "x")
try(load, 5)
try(load, print, {})
show(loadfile("no such file"))
show(pcall(dofile, "no such file"))
try(loadfile, {})
try(dofile, {})
local dumped = string.dump(loadstring("return 'from bytecode', ..."))
show(loadstring(dumped)(1))
show(load((function() local at = 0 return function() at = at + 1 if at <= #dumped then return dumped:sub(at, at) end end end)())("piecewise"))

print("-- environments")
local env = { print = print, show = show }
local function f() return x end
x = "global"
show(f(), setfenv(f, env) == f, f(), getfenv(f) == env, getfenv(print) == _G, getfenv() == _G, getfenv(0) == _G, getfenv(1) == _G)
env.x = "local"
show(f())
show(pcall(setfenv, print, {}))
try(setfenv)
try(setfenv, f)
try(setfenv, f, 5)
try(setfenv, 100, {})
try(setfenv, -1, {})
try(setfenv, "x", {})
try(getfenv, 100)
try(getfenv, -1)
try(getfenv, {})
local function own()
    setfenv(1, { show = show })
    show(tostring == nil)
end
own()
show(tostring ~= nil)
local co = coroutine.wrap(function()
    setfenv(0, { marker = true })
    return getfenv(0).marker, loadstring("return marker")()
end)
show(co())
show(rawget(_G, "marker"))
local function tail() return getfenv(2) end
show(pcall(function() return tail() end))

print("-- collectgarbage, gcinfo, newproxy")
show(collectgarbage(), collectgarbage("collect"), type(collectgarbage("count")), type(gcinfo()))
show(collectgarbage("stop"), collectgarbage("restart"), type(collectgarbage("step")), type(collectgarbage("step", 100)))
local pause = collectgarbage("setpause", 150)
show(collectgarbage("setpause", pause))
local multiplier = collectgarbage("setstepmul", 300)
show(collectgarbage("setstepmul", multiplier), multiplier)
try(collectgarbage, "nothing")
try(collectgarbage, {})
try(collectgarbage, "step", "x")
local weak = setmetatable({}, { __mode = "k" })
weak[{}] = 1
collectgarbage()
show(next(weak))
local finalized = 0
local p = newproxy(true)
getmetatable(p).__gc = function() finalized = finalized + 1 end
getmetatable(p).__index = function(_, k) return k .. "!" end
getmetatable(p).__len = function() return 7 end
local p2 = newproxy(p)
show(p.x, #p, getmetatable(p) == getmetatable(p2), getmetatable(newproxy()), getmetatable(newproxy(false)))
p, p2 = nil, nil
collectgarbage()
collectgarbage()
show(finalized)
try(newproxy, 5)
try(newproxy, {})
try(newproxy, "x")

print("-- globals")
show(_VERSION, _G._G == _G, _G.print == print)
for _, name in ipairs { "assert", "collectgarbage", "dofile", "error", "gcinfo", "getfenv", "getmetatable", "ipairs", "load", "loadfile", "loadstring", "module", "newproxy", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawset", "require", "select", "setfenv", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall" } do
    if type(_G[name]) ~= "function" then print("missing", name) end
end
for name, list in pairs {
    string = "byte char dump find format gfind gmatch gsub len lower match rep reverse sub upper",
    table = "concat foreach foreachi getn insert maxn remove setn sort",
    coroutine = "create resume running status wrap yield",
} do
    for word in list:gmatch("%w+") do
        if type(_G[name][word]) ~= "function" then print("missing", name, word) end
    end
end
