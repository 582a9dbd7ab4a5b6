-- Manual 2.4.4 and 2.4.5: while, repeat, if, break, return in the middle, numeric and generic for.

local n = 0
while n < 3 do n = n + 1 end
print(n)
while false do print("never") end
while n do
    n = n + 1
    if n == 6 then break end
    if n % 2 == 0 then print("even", n) end
end
print(n)

-- The condition of repeat sees the locals of the body.
local i = 0
repeat
    local last = i
    i = i + 1
until last >= 2
print(i)
repeat local done = true until done
repeat
    if i > 100 then break end
    i = i * 2
    local fs = function() return i end
until fs() > 50
print(i)

-- if, elseif, else.
local function grade(x)
    if x == nil then return "none"
    elseif x < 0 then return "minus"
    elseif x == 0 then return "zero"
    elseif x < 10 then return "small"
    else return "large" end
end
print(grade(), grade(-1), grade(0), grade(5), grade(50))
if nil then elseif false then else print("else") end
if 0 then print("zero is true") end

-- Nested breaks leave one loop each.
for a = 1, 3 do
    for b = 1, 3 do
        if b == a then break end
        io_count = (io_count or 0) + 1
    end
    if a == 2 then break end
end
print(io_count)
io_count = nil

-- Numeric for.
local function seq(first, last, step)
    local out = {}
    if step then
        for k = first, last, step do out[#out + 1] = tostring(k) end
    else
        for k = first, last do out[#out + 1] = tostring(k) end
    end
    return #out .. ":" .. table.concat(out, " ")
end
print(seq(1, 5), seq(5, 1), seq(1, 1), seq(0, -1))
print(seq(5, 1, -1), seq(1, 5, -1), seq(1, 10, 3), seq(10, 1, -4), seq(1, 1, -1))
print(seq(0, 1, 0.25), seq(1, 0, -0.5), seq(0.5, 3), seq(-2, 2), seq(1, 2.9))
print(seq("1", "3"), seq(1, "6", "2"), seq(" 2 ", 0x3))
print(seq(0, 1, 0.1))
print(seq(1, 0, 1), seq(1, -math.huge), seq(3, math.huge, math.huge), seq(-1, -3, -math.huge))

-- The loop variable is a copy; limits are evaluated once.
local limit, count = 3, 0
for k = 1, limit do
    limit = 10
    local old = k
    k = k * 100
    count = count + 1
    if old == 3 then print(k) end
end
print(count, limit)
local function tell(x)
    print("limit", x)
    return x
end
for k = tell(1), tell(2), tell(1) do print("body", k) end

-- What is not a number.
print(pcall(function() for k = {}, 2 do end end))
print(pcall(function() for k = 1, "x" do end end))
print(pcall(function() for k = 1, 2, {} do end end))
print(pcall(function() for k = nil, 2 do end end))
print(seq(1, 3, "1"))

-- Step 0 never ends by itself.
local zero = 0
for k = 1, 2, 0 do
    zero = zero + 1
    if zero == 5 then break end
end
print(zero)

-- Generic for: iterator, state, control; more results than names, more names than results.
local function count_to(max, last)
    if last < max then return last + 1, "item" .. last + 1, "extra" end
end
for k in count_to, 3, 0 do io_last = k end
print(io_last)
io_last = nil
for k, name, extra, none in count_to, 2, 0 do print(k, name, extra, none) end
for k in pairs({}) do print("never", k) end
for k, v in ipairs({"a", "b", nil, "d"}) do print(k, v) end
for k, v in next, {7} do print(k, v) end
for k in (function()
    local c = 0
    return function() c = c + 1 if c < 3 then return c end end
end)() do
    print("closure", k)
end
for word in ("the quick fox"):gmatch("%a+") do print(word) end

-- Changing the control variable inside does not disturb the loop.
for k in count_to, 3, 0 do
    local seen = k
    k = "other"
    print(seen, k)
end

-- Iterators that are tables with __call, and false as a first value.
local callable = setmetatable({left = 2}, {__call = function(self, state, control)
    if self.left > 0 then
        self.left = self.left - 1
        return self.left, state
    end
end})
for k, state in callable, "state" do print(k, state) end
local once = true
for k in function() if once then once = false return false end end do print("false counts", k) end
print(pcall(function() for k in nil do end end))
print(pcall(function() for k in 5 do end end))

-- Removing and changing the present field is allowed while visiting.
local t, left = {}, 0
for k = 1, 20 do t[k], t["k" .. k] = k, k end
for k in pairs(t) do t[k] = nil end
for _ in pairs(t) do left = left + 1 end
print(left, next(t))

-- return and break end a block.
local function first_even(list)
    for _, v in ipairs(list) do
        if v % 2 == 0 then return v end
    end
    return nil, "none"
end
print(first_even({1, 3, 4, 5}), first_even({1}))
local function nested()
    while true do
        repeat
            for k = 1, 10 do
                if k == 4 then return k, "from inside" end
            end
        until false
    end
end
print(nested())
do return print("last statement") end
