-- table: insert remove concat sort foreach foreachi getn maxn setn, and unpack.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = type(v) == "table" and "{" .. table.concat(v, ",") .. "}" or tostring(v)
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end

print("-- insert")
local t = {}
table.insert(t, "a")
table.insert(t, 1, "b")
table.insert(t, 2, "c")
table.insert(t, 4, "d")
show(t, #t)
table.insert(t, "2", "e")
table.insert(t, 3.9, "f")
show(t)
show(select("#", table.insert(t, "x")))
local h = {}
table.insert(h, 5, "five")
show(h[5], #h == 0 or #h == 5)
local z = { 1, 2, 3 }
table.insert(z, 0, "zero")
show(z[0], z[1], z[2], z[3], z[4])
local n = { 1, 2, 3 }
table.insert(n, -1, "neg")
show(n[-1], n[0], n[1], n[2], n[3], n[4])
try(table.insert)
try(table.insert, 1)
try(table.insert, {})
try(table.insert, {}, 1, 2, 3)
try(table.insert, {}, "x", 2)
try(table.insert, nil, 1)
try(table.insert, {}, nil, 2)
local q = {}
try(table.insert, q, nil)
show(#q)

print("-- remove")
t = { "a", "b", "c", "d" }
show(table.remove(t), t)
show(table.remove(t, 1), t)
show(table.remove(t, 5), t, table.remove(t, 0), t)
show(table.remove(t, 2), t, table.remove(t), t, table.remove(t), t)
show(select("#", table.remove({})), select("#", table.remove({}, 1)), select("#", table.remove({ 1 }, 7)))
try(table.remove)
try(table.remove, {}, "x")
try(table.remove, "x")
local e = { n = 1, [0] = "zero" }
show(table.remove(e, 0), e[0])

print("-- concat")
show(table.concat {}, table.concat { 1 }, table.concat { 1, 2.5, "x" }, table.concat({ 1, 2, 3 }, ", "))
show(table.concat({ 1, 2, 3 }, "-", 2), table.concat({ 1, 2, 3 }, "-", 2, 2), table.concat({ 1, 2, 3 }, "-", 3, 2), table.concat({ 1, 2, 3 }, "-", 2, 3))
show(table.concat({ 1, 2, 3 }, 0), table.concat({ "a\0", "\0b" }, "\0"):gsub("%z", "0"), table.concat({ [0] = "z", "a" }, ",", 0))
show(#table.concat({ ("x"):rep(300), ("y"):rep(10), ("z"):rep(1000) }, ("-"):rep(500)))
local many = {}
for i = 1, 3000 do many[i] = i end
show(#table.concat(many), #table.concat(many, ", "), table.concat(many, " ", 2995))
try(table.concat)
try(table.concat, 5)
try(table.concat, { 1, {} })
try(table.concat, { 1, true }, ",")
try(table.concat, { 1, 2 }, ",", 1, 4)
try(table.concat, { 1 }, {})
try(table.concat, { 1 }, ",", "x")
try(table.concat, { 1, nil, 3 }, ",", 1, 3)
try(table.concat, { print })

print("-- sort")
local function sorted(list, order) table.sort(list, order) return list end
show(sorted {}, sorted { 1 }, sorted { 2, 1 }, sorted { 3, 1, 2 }, sorted { 5, 2, 8, 1, 9, 3 })
show(sorted { "b", "a", "C", "A", "", "ab" }, sorted({ 1, 2, 3, 4 }, function(a, b) return a > b end))
show(sorted({ "pear", "fig", "banana" }, function(a, b) return #a < #b end))
show(sorted { 3, 3, 1, 1, 2, 2 }, sorted { 1.5, -1, 0, 1 / 0, -1 / 0 })
local seed = 42
local function random(max)
    seed = (seed * 1103 + 12345) % 65536
    return seed % max
end
for _, size in ipairs { 4, 5, 10, 33, 100, 257 } do
    local list, calls = {}, 0
    for i = 1, size do list[i] = { random(20), i } end
    table.sort(list, function(a, b)
        calls = calls + 1
        return a[1] < b[1]
    end)
    local text = {}
    for i = 1, size do
        text[i] = list[i][1] .. "/" .. list[i][2]
        assert(i == 1 or list[i - 1][1] <= list[i][1])
    end
    print(size, calls, table.concat(text, " "))
end
local up, down = {}, {}
for i = 1, 500 do up[i], down[i] = i, 501 - i end
table.sort(up)
table.sort(down)
for i = 1, 500 do assert(up[i] == i and down[i] == i) end
local mt = { __lt = function(a, b) return a.v < b.v end }
local objects = {}
for i, v in ipairs { 3, 1, 2 } do objects[i] = setmetatable({ v = v }, mt) end
table.sort(objects)
show(objects[1].v, objects[2].v, objects[3].v)
try(table.sort)
try(table.sort, 5)
try(table.sort, {}, 5)
try(table.sort, { 1, "x" })
try(table.sort, { 1, 2, {} })
try(table.sort, { {}, {} })
try(table.sort, { 1, 2, 3, 4, 5 }, function() return true end)
try(table.sort, { 1, 2, 3, 4 }, function() error("in order", 0) end)
try(table.sort, { 2, 1 }, nil)

print("-- foreach, foreachi, getn, maxn, setn")
table.foreachi({ "a", "b", "c" }, print)
show(table.foreachi({ 1, 2, 3 }, function(i, v) if v == 2 then return "found" end end))
show(table.foreach({ x = 1 }, function(k, v) return k .. v end), table.foreach({}, print))
table.foreach({ 10, 20 }, print)
show(table.getn { 1, 2, 3 }, table.getn {}, table.maxn { 1, 2, [10] = 1 }, table.maxn {}, table.maxn { [1.5] = 1, [-3] = 1 }, table.maxn { x = 1 })
try(table.getn)
try(table.getn, 5)
try(table.maxn)
try(table.setn, {}, 1)
try(table.setn)
try(table.foreach, {})
try(table.foreach, 1, print)
try(table.foreachi, {}, 1)
try(table.foreachi, { 1 }, function() error("x", 0) end)

print("-- unpack")
show(unpack { 1, 2, 3 })
show(unpack({ 1, 2, 3 }, 2))
show(unpack({ 1, 2, 3 }, 2, 3))
show(unpack({ 1, 2, 3 }, 0, 4))
show(unpack({ 1, 2 }, -1, 1))
show(select("#", unpack({}, 1, 5)), select("#", unpack {}), select("#", unpack({ 1 }, 2)), select("#", unpack({}, 1, 1000)))
try(unpack)
try(unpack, 1)
try(unpack, {}, 1, 1e6)
try(unpack, {}, 1, 1e8)
try(unpack, {}, "x")
try(unpack, {}, 1, {})

print("-- calls through fields")
show(pcall(function() table.concat({ 1, {} }) end))
show(pcall(function() table.insert(1) end))
show(pcall(function() local t = { concat = table.concat } t:concat({}) end))
