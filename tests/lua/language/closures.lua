-- Manual 2.6: visibility, upvalues, closures in loops.

local function counter()
    local n = 0
    return function() n = n + 1 return n end, function() return n end, function(x) n = x end
end
local inc, get, set = counter()
local inc2, get2 = counter()
inc() inc() inc2()
print(get(), get2())
set(10)
print(inc(), get(), inc2(), get2())

-- A fresh variable in every turn of a loop.
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
fs = {}
for _, name in ipairs({"a", "b"}) do fs[name] = function() return name end end
print(fs.a(), fs.b())
local i = 0
fs = {}
while i < 3 do
    i = i + 1
    local j = i
    fs[i] = function() return i, j end
end
print(fs[1]())
print(fs[3]())
fs = {}
i = 0
repeat
    local k = i
    fs[#fs + 1] = function() k = k + 1 return k end
    i = i + 1
until k == 2
print(fs[1](), fs[1](), fs[2](), fs[3](), #fs)

-- break and return close variables as well.
local function until_found(list, what)
    local f
    for n, v in ipairs(list) do
        f = function() n = n + 100 return n, v end
        if v == what then break end
    end
    return f
end
local found = until_found({"x", "y", "z"}, "y")
print(found())
print(found())
local function early()
    for n = 1, 5 do
        local m = n * n
        if m > 5 then return function() m = m + 1 return m, n end end
    end
end
local e = early()
e()
print(e())

-- Sharing: several functions, several levels.
do
    local function account(balance)
        local log = {}
        local self = {}
        function self.add(x)
            balance = balance + x
            log[#log + 1] = (x < 0 and "" or "+") .. x
            return self
        end
        function self.get() return balance, table.concat(log, " ") end
        return self
    end
    local a = account(100)
    a.add(50).add(-30)
    print(a.get())
    local function levels()
        local x = 1
        return function()
            local y = x + 1
            return function()
                local z = y + 1
                return function()
                    x, y, z = x + 1, y + 10, z + 100
                    return x, y, z
                end
            end
        end
    end
    local l2 = levels()
    local l3 = l2()
    local l4, l4b = l3(), l3()
    print(l4())
    print(l4b())
    print(l2()()())
end

-- Arguments, varargs and loop variables as upvalues.
local function args(x, ...)
    local rest = {...}
    return function() x = x .. "!" return x, #rest end
end
local f = args("a", 1, 2)
f()
print(f())
for n = 1, 2 do
    for m = 1, 2 do
        local product = function() return n * m end
        n = n + 0
        print(n, m, product())
    end
end

-- A function that refers to itself, and to a later one.
local fact
fact = function(n) return n < 2 and 1 or n * fact(n - 1) end
print(fact(6))
local first, second
function first() return second and second() end
print(first())
function second() return "second" end
print(first())

-- Blocks of the same slot: each block has its own variable.
local keep = {}
do local v = "one" keep[1] = function() return v end end
do local v = "two" keep[2] = function() return v end end
print(keep[1](), keep[2]())

-- Upvalues survive coroutines and errors.
local function failing()
    local state = "start"
    local function get_state() return state end
    local ok = pcall(function()
        state = "inside"
        error("x")
    end)
    return get_state, ok
end
local state, ok = failing()
print(state(), ok)
local resume
do
    local seen = {}
    resume = coroutine.wrap(function()
        local n = 0
        while true do
            n = n + 1
            seen[n] = function() n = n + 1 return n end
            coroutine.yield(seen[n])
        end
    end)
end
local g1 = resume()
print(g1(), g1())
local g2 = resume()
print(g2(), g1())

-- Many upvalues in one function.
local v1, v2, v3, v4, v5, v6, v7, v8, v9, v10 = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local function all()
    local function inner()
        v1, v10 = v10, v1
        return v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10
    end
    return inner(), v1, v10
end
print(all())
print(all())
print(v1, v10)

-- Memo functions, generators, partial application.
local function memo(fn)
    local cache, calls = {}, 0
    return function(x)
        if cache[x] == nil then
            calls = calls + 1
            cache[x] = fn(x)
        end
        return cache[x], calls
    end
end
local square = memo(function(x) return x * x end)
square(3) square(3)
print(square(4))
local function range(n) local k = 0 return function() k = k + 1 if k <= n then return k end end end
local total = 0
for k in range(10) do total = total + k end
print(total)
