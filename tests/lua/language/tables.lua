-- Manual 2.5.7 and 2.2: constructors, length, traversal, growth, removal, as the VM does them.

-- Constructors.
local t = {1, 2, 3, x = "x", ["y z"] = 4, [10] = "ten", [2 + 2] = "four"; "last"}
print(#t, t[1], t[3], t.x, t["y z"], t[10], t[4])
print(#{}, #{nil}, #{1, 2, 3,}, #{1; 2; 3;}, #{n = 1})
print(({10, 20, 30})[2], ({x = 5}).x, #{{}, {{}}, {{}, {}}})
local n = {a = {b = {c = {d = "deep"}}}}
print(n.a.b.c.d, n["a"]["b"].c["d"])
local dup = {1, [1] = "later", x = 1, x = 2, ["x"] = 3}
print(dup[1], dup.x)
local f = function(...) return ... end
print(#{f(1, 2, 3)}, #{f(1, 2, 3), 9}, #{9, f(1, 2, 3)}, #{(f(1, 2, 3))}, #{f()})
local k = "key"
local e = {[k] = 1, [k .. 2] = 2, [#k] = 3, [true] = 4, [f] = 5, [1.5] = 6}
print(e.key, e.key2, e[3], e[true], e[f], e[1.5])

-- Long constructors: more than one batch of 50.
local long = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
        27,
    28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
        52,
    53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76,
        77,
    78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100,
        101,
    name = "long", [200] = "far", f(102, 103, 104),
}
local sum = 0
for i, v in ipairs(long) do sum = sum + v end
print(#long, sum, long.name, long[200], long[50], long[51], long[101], long[104])

-- Growth by appending, from the front, from the back, by holes.
local a = {}
for i = 1, 100 do a[#a + 1] = i end
print(#a, a[1], a[100])
for i = 100, 51, -1 do a[i] = nil end
print(#a)
for i = #a, 1, -1 do a[i] = nil end
print(#a, next(a))
local b = {}
for i = 20, 1, -1 do b[i] = i end
print(#b)
local c = {}
for i = 1, 64 do c[i * 2] = i end
c[1] = 0
print(c[128], c[2], c[127])
local z = {[0] = "zero", [-1] = "minus", "one"}
print(#z, z[0], z[-1], z[1])
local float = {}
float[1], float[2], float[2^20], float[3.0] = "a", "b", "big", "c"
print(#float, float[3], float[1048576])

-- Traversal: every key once; the sum does not depend on the order.
local function totals(x)
    local keys, nums, texts = 0, 0, 0
    for key, v in pairs(x) do
        keys = keys + 1
        if type(key) == "number" then nums = nums + key end
        if type(key) == "string" then texts = texts + #key end
    end
    return keys, nums, texts
end
print(totals(t))
print(totals(e))
print(totals(long))
local mixed = {}
for i = 1, 30 do mixed[i], mixed["k" .. i], mixed[-i], mixed[i + 0.5] = i, i, i, i end
print(totals(mixed))
for i = 1, 30, 2 do mixed[i], mixed["k" .. i] = nil, nil end
print(totals(mixed))

-- next.
print(next({}), next({5}), next({x = 1}))
print(next({1, 2}, 1))
print(next({1, 2}, 2))
print(pcall(next, {}, "absent"))
print(pcall(next))
local seen, key = 0, nil
repeat
    key = next(mixed, key)
    if key ~= nil then seen = seen + 1 end
until key == nil
print(seen)

-- Filling up again after removal; keys that were there before.
local r = {}
for round = 1, 3 do
    for i = 1, 40 do r["field" .. i] = round end
    for i = 1, 40 do
        if i % 3 ~= round % 3 then r["field" .. i] = nil end
    end
end
print(totals(r))
for i = 1, 40 do r["field" .. i] = nil end
print(next(r))
for i = 1, 5 do r[i] = i end
print(#r, totals(r))

-- Queues and stacks.
local queue = {first = 1, last = 0}
for i = 1, 50 do
    queue.last = queue.last + 1
    queue[queue.last] = i
    if i % 2 == 0 then
        queue[queue.first] = nil
        queue.first = queue.first + 1
    end
end
print(queue.first, queue.last, queue[queue.first], queue[queue.last])
local stack = {}
for i = 1, 10 do table.insert(stack, i) end
local popped = {}
while #stack > 0 do popped[#popped + 1] = table.remove(stack) end
print(table.concat(popped, " "), #stack)

-- Tables as keys, as sets, as matrices.
local set = {}
local x, y = {}, {}
set[x], set[y], set[{}] = "x", "y", "lost"
print(set[x], set[y], set[{}])
local matrix = {}
for i = 1, 4 do
    matrix[i] = {}
    for j = 1, 4 do matrix[i][j] = i * j end
end
local diagonal = 0
for i = 1, #matrix do diagonal = diagonal + matrix[i][i] end
print(diagonal, matrix[3][4], #matrix[2])

-- Shared and cyclic tables.
local shared = {v = 1}
local p, q = {shared, shared}, {shared}
p[1].v = 2
print(p[2].v, q[1].v, p[1] == q[1])
local cyc = {}
cyc.self, cyc[1] = cyc, {cyc}
print(cyc.self.self == cyc, cyc[1][1].self == cyc)

-- Numbers as keys of both representations.
local keys = {}
for i = 1, 10 do keys[i / 2] = i end
print(keys[1], keys[0.5], keys[5], keys[2.5], #keys >= 5)
for i = 1, 10 do keys[tostring(i)] = -i end
print(keys["1"], keys[1], keys["10"], keys[10])
