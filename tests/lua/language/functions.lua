-- Manual 2.5.7 to 2.5.9: calls, definitions, arguments, results, varargs, tail calls.

-- Arguments are filled with nil or dropped; results are adjusted by place.
local function show(a, b, c) return tostring(a) .. "/" .. tostring(b) .. "/" .. tostring(c) end
print(show(), show(1), show(1, 2), show(1, 2, 3), show(1, 2, 3, 4))
local function none() end
local function two() return "p", "q" end
print(none(), (none()), type((none())))
print(pcall(type, none()))
print(two(), two())
print((two()))
print(two(), nil, two())
print(show(two()), show(0, two()), show(two(), 0), show((two())))
local t = {two(), two()}
print(#t, t[1], t[2], t[3])
t = {two(), (two())}
print(#t, #{(two())}, select("#", two(), nil))
print(select("#", none()), select("#", (none())), select("#", two(), two()), select("#", nil, nil))
print(#{none()}, #{none(), none(), 1}, ("x"):rep(3, two()))

-- Varargs.
local function va(...)
    local a, b = ...
    return select("#", ...), a, b, ...
end
print(va())
print(va(1))
print(va(1, 2, 3))
print(va(nil, nil))
print((va(5, 6)))
local function pack2(...) return {n = select("#", ...), ...} end
local p = pack2(nil, 2, nil)
print(p.n, p[1], p[2], p[3])
local function mixed(first, ...) return first, select("#", ...), (...) end
print(mixed(), mixed(1), mixed(1, 2, 3))
local function pass(...) return ... end
print(pass(), pass(1, nil, 3), (pass(7, 8)))
print(select(2, "a", "b", "c"))
print(select(-1, "a", "b", "c"))
print(select(-2, "a", "b", "c"))
print(select(4, "a", "b", "c"))
print(pcall(select, 0, 1))
print(pcall(select, -5, 1))
print(select("#"), select("#", nil), select("2", "x", "y"))
local function deep(...)
    local function inner(...) return select("#", ...), ... end
    return inner(..., "end")
end
print(deep(1, 2, 3))
local function count(...) return select("#", ...) end
print(count(unpack({}, 1, 20)), count(unpack({1, 2, nil, 4}, 1, 4)), count(pass(pass(1, 2))))
print((function(...) return ... end)(1, 2))
print((function(...) local x = {...} return #x end)(1, 2, 3))

-- The table `arg` of functions that have ... but do not use it.
local function old(...)
    local sum = 0
    for i = 1, arg.n do sum = sum + arg[i] end
    return sum, arg.n
end
print(old(), old(1, 2, 3))
local function old_nil(...) return arg.n, #arg <= 3, arg[2] end
print(old_nil(1, nil, 3))

-- Ways to call.
print(#"x", ("%d"):format(7), ("abc"):upper():lower():len())
print(type{}, #{n = 1}, tostring"text", tostring[[long]])
local obj = {name = "obj"}
function obj.plain(x) return x end
function obj:method(x) return self.name, x end
obj.sub = {deep = {}}
function obj.sub.deep.f(x) return x * 2 end
function obj.sub.deep:g(x) return self == obj.sub.deep, x end
print(obj.plain(1), obj:method(2))
print(obj.method(obj, 3), obj["method"]({name = "other"}, 4))
print(obj.sub.deep.f(21), obj.sub.deep:g("x"))
print((function() return function() return "two calls" end end)()())
print(({f = function(self, x) return x end}):f("on a constructor"))
local chain = {}
function chain:add(x) self[#self + 1] = x return self end
print(table.concat(chain:add("a"):add("b"):add("c"), ","))

-- Definitions: global, local, recursive, in tables, anonymous.
function global_function(n) return n <= 1 and 1 or n * global_function(n - 1) end
print(global_function(10))
global_function = nil
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(15))
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(10), odd(7), even(7))

-- Tail calls take no stack.
local function loop(n, acc) if n == 0 then return acc end return loop(n - 1, acc + 1) end
print(loop(100000, 0))
print(even(50000), odd(50001))
local function va_loop(n, ...) if n == 0 then return select("#", ...) end return va_loop(n - 1,
    ...) end
print(va_loop(30000, 1, 2, 3))
local m = {}
function m:walk(n) if n == 0 then return self == m end return self:walk(n - 1) end
print(m:walk(30000))
print((function(...) return select(...) end)(2, "tail", "into", "C"))

-- Results: many, from many places.
local function many(n)
    local out = {}
    for i = 1, n do out[i] = i end
    return unpack(out)
end
print(select("#", many(0)), select("#", many(1)), select("#", many(200)), (select(200, many(200))))
print(many(30))
local sum = 0
for i = 1, 100 do sum = sum + select("#", many(i)) end
print(sum)
print(math.max(many(50)), math.min(many(50)), (("x"):rep(3)):byte(1, -1))
print(string.char(many(9)):byte(1, -1))

-- Functions as values.
local function compose(f, g) return function(...) return f(g(...)) end end
local function curry(f, a) return function(...) return f(a, ...) end end
local inc = curry(function(a, b) return a + b end, 1)
print(compose(inc, inc)(5), compose(tostring, inc)(1), curry(curry, math.max)(7)(3, 9))
local function map(list, f)
    local out = {}
    for i, v in ipairs(list) do out[i] = f(v, i) end
    return out
end
print(table.concat(map({1, 2, 3}, function(v, i) return v * 10 + i end), " "))
print(type(print) == type(map), print == print, map ~= compose)

-- Deep recursion that is not a tail call.
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
print(depth(150))
