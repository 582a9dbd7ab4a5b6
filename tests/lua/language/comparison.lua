-- Manual 2.8: __eq, __lt, __le.

local log = {}
local M = {}
M.__eq = function(a, b) log[#log + 1] = "eq" return a.v == b.v end
M.__lt = function(a, b) log[#log + 1] = "lt" return a.v < b.v end
M.__le = function(a, b) log[#log + 1] = "le" return a.v <= b.v end
local function box(v, m) return setmetatable({v = v}, m or M) end
local function calls()
    local text = table.concat(log, " ")
    log = {}
    return text
end

local a, b, c = box(1), box(2), box(1)
print(a == b, a == c, a ~= b, a ~= c, a == a, calls())
print(a < b, b < a, a > b, b > a, calls())
print(a <= b, a <= c, a >= b, a >= c, calls())
print(rawequal(a, c), rawequal(a, a), calls())

-- Without __le, a <= b is not (b < a).
local L = {__lt = function(x, y) log[#log + 1] = "lt " .. x.v .. y.v return x.v < y.v end}
local p, q = box(1, L), box(2, L)
print(p <= q, q <= p, p >= q, calls())

-- Results become booleans.
local R = {
    __eq = function() return "yes" end,
    __lt = function() return nil end,
    __le = function() return 0 end,
}
local r, s = setmetatable({}, R), setmetatable({}, R)
print(r == s, r ~= s, r < s, r <= s, r > s, r >= s)

-- Both operands need the same event function, and the same type.
local f = function() return true end
local x = setmetatable({}, {__eq = f, __lt = f, __le = f})
local y = setmetatable({}, {__eq = f, __lt = f, __le = f})
local z = setmetatable({}, {__eq = function() return true end, __lt = function() return true end})
print(x == y, x == z, x == 1, x == "x", 1 == x, x == nil, x < y, x <= y)
print(pcall(function() return x < z end))
print(pcall(function() return x < 1 end))
print(pcall(function() return 1 <= x end))
print(pcall(function() return x < {} end))
print(pcall(function() return {} <= {} end))
print(pcall(function() return print < print end))
print(pcall(function() return nil < 1 end))
print(pcall(function() return true < false end))
print(pcall(function() return "a" < 1 end))
print(pcall(function() return {} < "x" end))

-- In conditions: the jump must follow the result.
local function order(m, n)
    if m < n then return "less" elseif m == n then return "same" else return "more" end
end
print(order(a, b), order(b, a), order(a, c), order(1, 2), order("b", "a"))
local function negated(m, n)
    local out = {}
    if not (m < n) then out[#out + 1] = "not less" end
    if not (m == n) then out[#out + 1] = "not same" end
    if not (m <= n) then out[#out + 1] = "not le" end
    while not (m < n) do out[#out + 1] = "loop" break end
    return table.concat(out, ",")
end
print(negated(a, b) == "not same", negated(b, a), negated(a, c))
calls()

-- Sorting with events.
local list = {}
for i, v in ipairs({5, 3, 9, 1, 7}) do list[i] = box(v) end
table.sort(list)
local out = {}
for i, v in ipairs(list) do out[i] = v.v end
print(table.concat(out, " "))
calls()
table.sort(list, function(m, n) return m > n end)
for i, v in ipairs(list) do out[i] = v.v end
print(table.concat(out, " "))

-- Errors and yields inside events.
local bad = setmetatable({}, {__lt = function() error("no order", 0) end})
print(pcall(function() return bad < bad end))
local co = coroutine.create(function()
    local lazy = setmetatable({}, {__lt = function() coroutine.yield("y") return true end})
    return lazy < setmetatable({}, getmetatable(lazy))
end)
print(coroutine.resume(co))
