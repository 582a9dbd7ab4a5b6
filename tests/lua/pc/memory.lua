-- The collector: options and what they return, weak tables, finalizers and their order.
print(collectgarbage("setpause", 150), collectgarbage("setpause", 200), collectgarbage("setstepmul", 300), collectgarbage("setstepmul", 200))
print(collectgarbage(), collectgarbage("collect"), collectgarbage("stop"), collectgarbage("restart"), type(collectgarbage("count")), type(gcinfo()))
print(pcall(collectgarbage, "nothing"), pcall(collectgarbage, 1), type(collectgarbage("step", 0)))
collectgarbage("stop")
local steps = 0
repeat steps = steps + 1 until collectgarbage("step", 1e6)
print(steps >= 1)
collectgarbage("restart")
local function weak(mode) return setmetatable({}, {__mode = mode}) end
local k, v, kv = weak "k", weak "v", weak "kv"
local keep = {}
for i = 1, 10 do
    local o = {}
    if i % 2 == 0 then keep[#keep + 1] = o end
    k[o], v[i], kv[o] = i, o, i
end
v.text, v[100], k.text, k[function() end] = "stays", 5, {}, 1
v[101] = function() end
collectgarbage()
local function size(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
print(size(k), size(v), size(kv), v.text, v[100], v[101])
-- values hold keys: no ephemerons in 5.1
local e = weak "k"
do local key = {} e[key] = {key} end
collectgarbage()
print(size(e))
-- finalizers: order, resurrection, errors, once only, tables have none
local log = {}
local function make(name, f)
    local u = newproxy(true)
    getmetatable(u).__gc = f or function() log[#log + 1] = name end
    return u
end
for i = 1, 5 do make("u" .. i) end
collectgarbage()
print(table.concat(log, " "))
local saved
local r = make("r", function(u) saved = u log[#log + 1] = "r" end)
r = nil
collectgarbage()
print(log[#log], type(saved))
saved = nil
local before = #log
collectgarbage() collectgarbage()
print(#log == before)
setmetatable({}, {__gc = function() log[#log + 1] = "table" end})
collectgarbage()
print(log[#log])
make("bad", function() error("in finalizer") end)
print(pcall(collectgarbage))
make("bad2", function() error({}) end)
print(select("#", pcall(collectgarbage)))
-- a userdata as weak key and value at its finalizer
local wk, wv = weak "k", weak "v"
do
    local u
    u = make("x", function(u) log[#log + 1] = tostring(wk[u]) .. " " .. tostring(wv[1]) end)
    wk[u], wv[1] = "key", u
end
collectgarbage()
print(log[#log], size(wk), size(wv))
collectgarbage()
print(size(wk), size(wv))
-- shared metatable, copies of proxies
local base = newproxy(true)
getmetatable(base).__gc = function() log[#log + 1] = "shared" end
before = #log
for i = 1, 3 do newproxy(base) end
collectgarbage()
print(#log - before, pcall(newproxy, {}), pcall(newproxy, newproxy(false)), newproxy(false) ~= nil)
-- finalizers that make garbage and coroutines that die
before = #log
for i = 1, 50 do make("g", function() local t = {} for j = 1, 20 do t[j] = {} end log[#log + 1] = "g" end) end
collectgarbage()
print(#log - before)
local cos = weak "k"
for i = 1, 20 do
    local co = coroutine.create(function(a) local t = {a} coroutine.yield(t) end)
    coroutine.resume(co, i)
    cos[co] = true
end
collectgarbage()
print(size(cos))
-- what is in use does not grow
collectgarbage()
local start = collectgarbage("count")
for i = 1, 2000 do local t = {i, tostring(i), function() return i end} end
collectgarbage()
print(collectgarbage("count") - start < 5)
at_exit = make("exit", function() print("at exit") end)
at_exit2 = make("exit", function() print("at exit 2") error("lost") end)
-- Stopped stays stopped, through errors and compiling; a cycle that is asked for starts it again.
local function is_collecting()
    local seen = setmetatable({{}}, {__mode = "v"})
    for i = 1, 20000 do local t = {i} end
    return seen[1] == nil
end
collectgarbage("stop")
pcall(error, "x")
loadstring("return 1")()
print(is_collecting())
collectgarbage("restart")
print(is_collecting())
collectgarbage("stop")
collectgarbage()
print(is_collecting())
