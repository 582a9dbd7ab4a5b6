-- Manual 2.10: weak tables, finalizers, collectgarbage. Nothing here depends on when a collection
-- starts by itself.

local function count(t)
    local n = 0
    for _ in pairs(t) do n = n + 1 end
    return n
end

-- Weak values, weak keys, both, neither.
local keep = {}
local function fill(mode)
    local t = setmetatable({}, {__mode = mode})
    for i = 1, 5 do
        t[i] = {}
        t[{}] = i
        t["text" .. i] = keep
        t[keep] = "kept"
    end
    return t
end
for _, mode in ipairs({"v", "k", "kv", "other"}) do
    local t = fill(mode)
    collectgarbage()
    print(mode, count(t), t[keep], t.text3 == keep, t[1] ~= nil)
end

-- Texts, numbers and booleans are values, not objects: they stay.
local w = setmetatable({}, {__mode = "kv"})
w[1], w.a, w["b" .. 1], w[true], w[2.5] = 1, "text" .. 1, true, 0.5, "x" .. 2
collectgarbage()
print(w[1], w.a, w.b1, w[true], w[2.5])

-- What something else holds stays; cycles do not count.
local cache = setmetatable({}, {__mode = "v"})
local held = {name = "held"}
cache.held, cache.free = held, {name = "free"}
cache.cycle = {}
cache.cycle.self = cache.cycle
collectgarbage()
print(cache.held == held, cache.free, cache.cycle)
held = nil
collectgarbage()
print(cache.held)

-- A parameter that is set to nil holds nothing, nor does its place among variable arguments.
local gone = setmetatable({}, {__mode = "v"})
local function drop(first, second, ...)
    gone[1], gone[2] = first, second
    first, second = nil, nil
    collectgarbage()
    return gone[1], gone[2], ...
end
print(drop({}, {}, 1, 2))

-- Weak keys whose values refer to them stay (no ephemerons in 5.1); through weak values they go.
local info = setmetatable({}, {__mode = "k"})
local object = {}
info[object] = "about object"
collectgarbage()
print(info[object], count(info))
object = nil
collectgarbage()
print(count(info))
local own = {}
own.t = setmetatable({}, {__mode = "k"})
do
    local key = {}
    own.t[key] = function() return key end
end
collectgarbage()
print(count(own.t))

-- Functions and threads as weak values.
local fs = setmetatable({}, {__mode = "v"})
do
    local n = 0
    fs[1] = function() n = n + 1 return n end
    fs[2] = coroutine.create(function() return n end)
    fs[3] = newproxy()
end
local used = fs[1]
collectgarbage()
print(fs[1] == used, fs[2], fs[3])

-- The mode can change, also by changing the metatable's field.
local meta = {}
local late = setmetatable({{}, {}, keep}, meta)
collectgarbage()
print(count(late))
meta.__mode = "v"
collectgarbage()
print(count(late), late[3] == keep)

-- Finalizers run once, in the reverse order of creation.
local log = {}
local function resource(name)
    local p = newproxy(true)
    getmetatable(p).__gc = function(self)
        log[#log + 1] = name
        print("finalizer", name, type(self))
    end
    return p
end
local r1, r2, r3 = resource("one"), resource("two"), resource("three")
r1, r2, r3 = nil
collectgarbage()
collectgarbage()
print(table.concat(log, " "))

-- A finalizer may bring its object back, once.
local saved
do
    local p = newproxy(true)
    getmetatable(p).__gc = function(self) saved = self print("saved") end
end
collectgarbage()
print(type(saved))
saved = nil
collectgarbage()
print(saved)

-- The object of a finalizer is gone from weak values before, from weak keys after it.
local by_value = setmetatable({}, {__mode = "v"})
local by_key = setmetatable({}, {__mode = "k"})
do
    local p = newproxy(true)
    by_value[1], by_key[p] = p, "data"
    getmetatable(p).__gc = function(self) print(by_value[1], by_key[self]) end
end
collectgarbage()
collectgarbage()
print(count(by_value), count(by_key))

-- Finalizers see what they refer to; many at once; those made inside run later.
local sum = 0
for i = 1, 20 do
    local p = newproxy(true)
    local data = {n = i}
    getmetatable(p).__gc = function() sum = sum + data.n end
end
collectgarbage()
collectgarbage()
print(sum)
do
    local p = newproxy(true)
    getmetatable(p).__gc = function()
        local q = newproxy(true)
        getmetatable(q).__gc = function() print("second") end
        print("first")
    end
end
for i = 1, 4 do collectgarbage() end

-- collectgarbage and its options.
print(type(collectgarbage("count")), collectgarbage("count") > 0, collectgarbage("collect"))
print(type(gcinfo()), gcinfo() >= 0)
local before = collectgarbage("count")
local big = {}
for i = 1, 200 do big[i] = {i} end
print(collectgarbage("count") > before)
big = nil
collectgarbage()
print(collectgarbage("count") < before + 4)
local pause = collectgarbage("setpause", 150)
print(type(pause), collectgarbage("setpause", pause))
local mul = collectgarbage("setstepmul", 300)
print(type(mul), collectgarbage("setstepmul", mul))
print(pcall(collectgarbage, "nonsense"))
print(pcall(collectgarbage, {}))
local steps = 0
repeat steps = steps + 1 until collectgarbage("step", 100) or steps > 1000
print(steps <= 1000)
collectgarbage("stop")
local stopped = setmetatable({}, {__mode = "v"})
for i = 1, 10 do stopped[i] = {} end
print(count(stopped))
collectgarbage("restart")
collectgarbage()
print(count(stopped))

-- A long chain and a wide tree are collected whole.
local head
for i = 1, 300 do head = {next = head} end
local n = 0
while head do n, head = n + 1, head.next end
print(n)
