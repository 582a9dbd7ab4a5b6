-- Manual 2.11 and 5.2: coroutines.

-- Values in and out.
local co = coroutine.create(function(a, b)
    print("start", a, b)
    local c = coroutine.yield(a + b)
    print("got", c)
    local d, e = coroutine.yield(c, c * 2)
    print("got", d, e)
    return "end", d + e
end)
print(coroutine.status(co), type(co))
print(coroutine.resume(co, 1, 2))
print(coroutine.status(co))
print(coroutine.resume(co, 10))
print(coroutine.resume(co, 3, 4))
print(coroutine.status(co), coroutine.resume(co))
print(coroutine.resume(coroutine.create(function(...) return select("#", ...), ... end), nil, nil))
print(coroutine.resume(coroutine.create(function() end)))
print(select("#", coroutine.resume(coroutine.create(function() coroutine.yield() end))))

-- wrap.
local w = coroutine.wrap(function(x) while true do x = coroutine.yield(x * 2) end end)
print(w(1), w(2), w(3))
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i, i * i) end end)
for i, sq in gen do print(i, sq) end
print(pcall(gen))
print(pcall(coroutine.wrap(function() error("plain", 0) end)))
print(select(2, pcall(coroutine.wrap(function() error({code = 5}) end))).code)

-- Status from everywhere.
local outer
outer = coroutine.create(function()
    print("outer", coroutine.status(outer), coroutine.running() == outer)
    local inner = coroutine.create(function()
        print("inner sees", coroutine.status(outer))
        print(coroutine.resume(outer))
    end)
    coroutine.resume(inner)
    print("inner", coroutine.status(inner))
end)
coroutine.resume(outer)
print(coroutine.status(outer), coroutine.running())
print(coroutine.resume(coroutine.create(function()
    return coroutine.resume(coroutine.running())
end)))

-- Errors end a coroutine.
local bad = coroutine.create(function() local t = nil_value.field end)
print(coroutine.resume(bad))
print(coroutine.status(bad), coroutine.resume(bad))
print(coroutine.resume(coroutine.create(function() error() end)))
print(coroutine.resume(coroutine.create(function() error(nil) end)))
print(coroutine.resume(coroutine.create(function() error("with level", 2) end)))
local t = {}
local ok, e = coroutine.resume(coroutine.create(function() error(t) end))
print(ok, e == t)

-- What cannot be done.
print(pcall(coroutine.create))
print(pcall(coroutine.create, 5))
print(pcall(coroutine.create, print))
print(pcall(coroutine.resume, 5))
print(pcall(coroutine.status, {}))
print(pcall(coroutine.yield, 1))
print(pcall(coroutine.wrap, "x"))

-- No yield across pcall, metamethods, iterators of table functions.
local function try(f)
    return coroutine.resume(coroutine.create(f))
end
print(try(function() return pcall(coroutine.yield, 1) end))
print(try(function() return pcall(function() coroutine.yield(1) end) end))
print(try(function()
    local m = setmetatable({}, {__add = function() coroutine.yield(1) end})
    return m + 1
end))
print(try(function()
    local m = setmetatable({}, {__index = function() return coroutine.yield(1) end})
    return m.x
end))
print(try(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield(a) return a < b end) end))
print(try(function() ("abc"):gsub(".", function(c) coroutine.yield(c) end) end))
print(try(function() for _ in function() return coroutine.yield("iterator") end do end end))

-- Resuming inside pcall, pcall inside a coroutine.
co = coroutine.create(function()
    local inside, why = pcall(error, "inner", 0)
    local v = coroutine.yield(inside, why)
    local again = pcall(function() error("second") end)
    return v, again
end)
print(pcall(coroutine.resume, co))
print(coroutine.resume(co, "value"))

-- Deep in calls, from several frames.
local function walk(n)
    if n == 0 then coroutine.yield("bottom") return 0 end
    return 1 + walk(n - 1)
end
co = coroutine.wrap(walk)
print(co(50), co())
local function traverse(tree)
    if not tree then return end
    traverse(tree.left)
    coroutine.yield(tree.value)
    traverse(tree.right)
end
local tree = {
    value = 4,
    left = {value = 2, left = {value = 1}, right = {value = 3}},
    right = {value = 6, left = {value = 5}},
}
local seen = {}
for v in coroutine.wrap(function() traverse(tree) end) do seen[#seen + 1] = v end
print(table.concat(seen, " "))

-- Permutations, producers and consumers, a scheduler.
local function permute(list, n)
    n = n or #list
    if n <= 1 then coroutine.yield(table.concat(list)) return end
    for i = 1, n do
        list[n], list[i] = list[i], list[n]
        permute(list, n - 1)
        list[n], list[i] = list[i], list[n]
    end
end
local words = {}
for p in coroutine.wrap(function() permute({"a", "b", "c"}) end) do words[#words + 1] = p end
print(table.concat(words, " "))
local function producer() return coroutine.create(function() for i = 1, 3 do coroutine.yield("item"
    .. i) end end) end
local function filter(source)
    return coroutine.create(function()
        while true do
            local _, item = coroutine.resume(source)
            if not item then return end
            coroutine.yield(item:upper())
        end
    end)
end
local source = filter(filter(producer()))
while true do
    local _, item = coroutine.resume(source)
    if not item then break end
    print(item)
end
local tasks, order = {}, {}
for i = 1, 3 do
    tasks[i] = coroutine.create(function()
        for step = 1, i do
            order[#order + 1] = i .. "." .. step
            coroutine.yield()
        end
    end)
end
while #tasks > 0 do
    for i = #tasks, 1, -1 do
        coroutine.resume(tasks[i])
        if coroutine.status(tasks[i]) == "dead" then table.remove(tasks, i) end
    end
end
print(table.concat(order, " "))

-- Upvalues and varargs across a yield; closing of variables when a coroutine dies.
local keep
co = coroutine.create(function(...)
    local n = select("#", ...)
    keep = function() n = n + 1 return n end
    coroutine.yield(...)
    n = n * 10
    error("dies")
end)
print(coroutine.resume(co, "p", "q"))
print(keep())
print((coroutine.resume(co)))
print(keep(), keep())

-- Yield as an argument, in constructors, in conditions, in concatenations.
co = coroutine.wrap(function()
    local r = {coroutine.yield("1st"), coroutine.yield("2nd")}
    if coroutine.yield("3rd") and not coroutine.yield("4th") then
        return coroutine.yield("5th") .. coroutine.yield("6th") .. #r
    end
end)
print(co(), co(10), co(20), co(true), co(false), co("a"), co("b"))
co = coroutine.wrap(function() return coroutine.yield(coroutine.yield(1) + 1) end)
print(co(), co(5), co("last"))
co = coroutine.wrap(function(...) return coroutine.yield(...) end)
print(co(1, 2, 3))
print(co(4, 5))
