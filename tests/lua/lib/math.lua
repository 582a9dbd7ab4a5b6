-- math: what both profiles have, and the full library of the pc profile. No random values are printed.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = type(v) == "number" and ("%.10g"):format(v) or tostring(v)
        if v ~= v then t[i] = "nan" end
        if t[i] == "-0" then t[i] = "0" end
    end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end

print("-- both")
local values = { 0, 1, -1, 0.5, -0.5, 2.5, -2.5, 3.7, -3.7, 1e10, -1e10, 1e300, 1 / 0, -1 / 0 }
for _, v in ipairs(values) do
    show(v, math.abs(v), math.ceil(v), math.floor(v), math.pow(v, 2), math.sqrt(math.abs(v)))
end
show(math.max(1), math.max(1, 2, 3), math.max(3, 2, 1), math.max(-1, -2), math.max("10", 9), math.max(1.5, 1.25))
show(math.min(1), math.min(1, 2, 3), math.min(3, 2, 1), math.min(-1, -2), math.min("10", 9), math.min(1.5, 1.25))
show(math.huge, -math.huge, math.pi, math.huge == 1 / 0, math.sqrt(-1), math.pow(2, 0.5), math.pow(2, -1), math.pow(0, 0))
show(math.floor("3.7"), math.ceil("0x10"), math.abs("-5"))
-- Of equal ones the first: 0 and -0 are equal.
local zero, minus = 0, 1 / -math.huge
show(1 / math.max(zero, minus), 1 / math.max(minus, zero), 1 / math.min(zero, minus), 1 / math.min(minus, zero))
show(1 / math.max(1 - 1, minus), 1 / math.max(minus, 1 - 1))
try(math.abs)
try(math.floor, nil)
try(math.floor, "x")
try(math.max)
try(math.min, 1, {})
try(math.pow, 1)
try(math.sqrt, true)

print("-- random")
for i = 1, 2000 do
    local r, d, w, c = math.random(), math.random(6), math.random(-3, 3), math.random(5, 5)
    assert(r >= 0 and r < 1)
    assert(d >= 1 and d <= 6 and d == math.floor(d))
    assert(w >= -3 and w <= 3 and w == math.floor(w))
    assert(c == 5)
end
local seen = {}
for i = 1, 500 do seen[math.random(6)] = true end
show(#seen)
math.randomseed(42)
local first = { math.random(1000), math.random(1000), math.random(1000), math.random(1000) }
math.randomseed(42)
for i = 1, 4 do assert(math.random(1000) == first[i]) end
try(math.random, 0)
try(math.random, -1)
try(math.random, 2, 1)
try(math.random, 1, 2, 3)
try(math.random, "x")
try(math.random, 1, "y")
try(math.randomseed)
try(math.randomseed, "x")
show(select("#", math.randomseed(7)))

print("-- full")
if not math.sin then return end
for _, v in ipairs { 0, 1, -1, 0.5, -0.5, 2, -3 } do
    show(v, math.sin(v), math.cos(v), math.tan(v), math.atan(v), math.exp(v), math.sinh(v), math.cosh(v), math.tanh(v))
    show(v, math.asin(v), math.acos(v), math.log(v), math.log10(v), math.deg(v), math.rad(v), math.atan2(v, 2), math.atan2(v, -2))
    show(v, math.fmod(v, 2), math.fmod(v, -0.75), math.mod(v, 3), math.modf(v))
    show(v, math.frexp(v))
end
show(math.modf(3.7), math.modf(-3.7))
show(math.frexp(1024), math.frexp(0.1))
show(math.ldexp(0.5, 11), math.ldexp(1, -1), math.ldexp(1, 2.9))
show(math.fmod(5, math.huge), math.log(0), math.exp(1000))
try(math.fmod, 1)
try(math.fmod, 1, 0)
try(math.ldexp, 1)
try(math.atan2, 1)
try(math.sin)
try(math.modf, {})
