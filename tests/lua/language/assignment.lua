-- Manual 2.4.3 and 2.4.7: assignment, local declarations, scope.

local a, b, c = 1, 2
print(a, b, c)
a, b = b, a
print(a, b)
a, b, c = 1, 2, 3, 4
print(a, b, c)
local function three() return "x", "y", "z" end
a, b, c = three()
print(a, b, c)
a, b, c = 0, three()
print(a, b, c)
a, b, c = three(), 0
print(a, b, c)
a, b, c = (three())
print(a, b, c)
a = three(), print("evaluated")
print(a)

-- All expressions come before any assignment.
local i, t = 1, {}
i, t[i] = i + 1, 20
print(i, t[1], t[2])
local x = {1, 2, 3}
x[1], x[2], x[3] = x[3], x[1], x[2]
print(x[1], x[2], x[3])
local q = {}
q.p = q
q.p.p, q.n = {n = "inner"}, "outer"
print(q.p.n, q.n)

-- Tables and indices that an assignment itself changes.
do
    local u = {1}
    local v = u
    u, u[1] = {}, "changed"
    print(v[1], u[1])
    local k = 1
    k, v[k] = 2, "one"
    print(v[1], v[2], k)
end

-- Globals, and globals through _G.
zz = 5
print(zz, _G.zz, _G["zz"], rawget(_G, "zz"))
_G.zz = nil
print(zz)
undefined_name = nil
print(undefined_name, rawget(_G, "undefined_name"))

-- Scope: a local begins after its statement and ends with its block.
local v = "outer"
do
    local v = v .. " inner"
    print(v)
    local v = v .. " twice"
    print(v)
end
print(v)
local w = w
print(w)
local function f() return f ~= nil end
print(f())
local g = function() return g end
print(g())
local rec
rec = function(n) return n == 0 and "done" or rec(n - 1) end
print(rec(5))
local p1, p1 = 1, 2
print(p1)

-- Shadowing across nested blocks and loops.
local n = 0
for n = 1, 2 do
    local n = n * 10
    if n > 10 then local n = "deep" print(n) end
    print(n)
end
while true do local n = "while" print(n) break end
repeat local n = "repeat" until n == "repeat"
print(n)

-- Many targets and values.
local r = {}
r.a, r.b, r["c"], r[1], r[2 + 2] = 1, 2, 3, 4, 5
print(r.a, r.b, r.c, r[1], r[4])
local l1, l2, l3, l4, l5, l6, l7, l8, l9 = (function() return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 end)()
print(l1, l2, l3, l4, l5, l6, l7, l8, l9)
local m = {f = function() return m end, {n = {o = {}}}}
m[1].n.o.p = "deep"
m[1]["n"].o["q"] = m[1].n.o.p .. "er"
print(m[1].n.o.p, m[1].n.o.q, m.f())

-- Nil ends nothing: fields that are set to nil are gone.
r.a, r.b = nil
print(r.a, r.b, next({}))
