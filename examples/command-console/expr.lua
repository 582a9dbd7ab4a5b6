-- expr.lua: arithmetic, comparison and logic on numbers and texts.
--
-- eval(text, value_of)   the value, or nil and the reason; value_of(name) gives variables
--
-- By rising strength: or, and, comparisons (< <= > >= == ~=), .. (join), + -, * / %, unary - and
-- not, ^ (from the right), and functions min max abs floor ceil sqrt len upper. true is 1, false 0.

local M = {}

-- Strength to the left and to the right of a sign; `^` groups from the right.
local BINARY = {
    ["or"] = {1, 1}, ["and"] = {2, 2},
    ["<"] = {3, 3}, ["<="] = {3, 3}, [">"] = {3, 3}, [">="] = {3, 3},
    ["=="] = {3, 3}, ["~="] = {3, 3},
    [".."] = {4, 4}, ["+"] = {5, 5}, ["-"] = {5, 5}, ["*"] = {6, 6}, ["/"] = {6, 6}, ["%"] = {6, 6},
    ["^"] = {9, 8},
}
local UNARY_STRENGTH = 7

local function truth(x)
    return x ~= 0 and x ~= ""
end

local function bit_of(x)
    return x and 1 or 0
end

local function need_number(x)
    local n = tonumber(x)
    if not n then error("'" .. tostring(x) .. "' is not a number", 0) end
    return n
end

local COMPARE = {}
COMPARE["<"] = function(a, b) return a < b end
COMPARE["<="] = function(a, b) return a <= b end
COMPARE[">"] = function(a, b) return a > b end
COMPARE[">="] = function(a, b) return a >= b end
COMPARE["=="] = function(a, b) return a == b end
COMPARE["~="] = function(a, b) return a ~= b end

local function divisor(x)
    x = need_number(x)
    if x == 0 then error("division by zero", 0) end
    return x
end

local ARITHMETIC = {}
ARITHMETIC["+"] = function(a, b) return need_number(a) + need_number(b) end
ARITHMETIC["-"] = function(a, b) return need_number(a) - need_number(b) end
ARITHMETIC["*"] = function(a, b) return need_number(a) * need_number(b) end
ARITHMETIC["/"] = function(a, b) return need_number(a) / divisor(b) end
ARITHMETIC["%"] = function(a, b) return need_number(a) % divisor(b) end
ARITHMETIC["^"] = function(a, b) return need_number(a) ^ need_number(b) end
ARITHMETIC[".."] = function(a, b) return tostring(a) .. tostring(b) end

local FUNCTIONS = {
    min = math.min, max = math.max, abs = math.abs, floor = math.floor, ceil = math.ceil,
    sqrt = math.sqrt,
    len = function(s) return #tostring(s) end,
    upper = function(s) return tostring(s):upper() end,
}

local function compare(sign, a, b)
    if type(a) ~= type(b) then a, b = tostring(a), tostring(b) end
    return bit_of(COMPARE[sign](a, b))
end

-- ---- reading ----
-- `s` is the state: text, position, and value_of.

local expression

local function peek(s)
    local pos = s.text:find("%S", s.pos)
    if not pos then return nil end
    s.pos = pos
    local two = s.text:sub(pos, pos + 1)
    if BINARY[two] and two ~= "or" then return two end
    return s.text:match("^%a[%w_]*", pos) or s.text:sub(pos, pos)
end

local function take(s, token)
    if peek(s) ~= token then error(token .. " expected at " .. s.pos, 0) end
    s.pos = s.pos + #token
end

local function arguments(s)
    local list = {}
    take(s, "(")
    if peek(s) ~= ")" then
        repeat
            if #list > 0 then take(s, ",") end
            list[#list + 1] = expression(s, 0)
        until peek(s) ~= ","
    end
    take(s, ")")
    return list
end

local function primary(s)
    local token = peek(s)
    if not token then error("value expected at the end", 0) end
    if token == "(" then
        take(s, "(")
        local value = expression(s, 0)
        take(s, ")")
        return value
    end
    if token == "-" then
        take(s, "-")
        return -need_number(expression(s, UNARY_STRENGTH))
    end
    if token == "not" then
        take(s, "not")
        return bit_of(not truth(expression(s, UNARY_STRENGTH)))
    end
    if token == "'" then
        local text = s.text:match("^'([^']*)'", s.pos)
        if not text then error("text without end at " .. s.pos, 0) end
        s.pos = s.pos + #text + 2
        return text
    end
    local digits = s.text:match("^%d+%.?%d*", s.pos)
    if digits then
        s.pos = s.pos + #digits
        return tonumber(digits)
    end
    if not token:find("^%a") then error("value expected at " .. s.pos, 0) end
    s.pos = s.pos + #token
    if FUNCTIONS[token] and peek(s) == "(" then
        return FUNCTIONS[token](unpack(arguments(s)))
    end
    local value = s.value_of(token)
    if value == nil then error("no variable " .. token, 0) end
    return tonumber(value) or value
end

local function combine(sign, a, b)
    if sign == "and" then return bit_of(truth(a) and truth(b)) end
    if sign == "or" then return bit_of(truth(a) or truth(b)) end
    if COMPARE[sign] then return compare(sign, a, b) end
    return ARITHMETIC[sign](a, b)
end

-- Reads as long as the signs bind more strongly than `strength`.
function expression(s, strength)
    local left = primary(s)
    local sign = peek(s)
    local binary = BINARY[sign or ""]
    while binary and binary[1] > strength do
        take(s, sign)
        left = combine(sign, left, expression(s, binary[2]))
        sign = peek(s)
        binary = BINARY[sign or ""]
    end
    return left
end

function M.eval(text, value_of)
    local s = {text = text, pos = 1, value_of = value_of}
    local ok, value = pcall(function()
        local v = expression(s, 0)
        local rest = peek(s)
        if rest then error("'" .. rest .. "' is too much at " .. s.pos, 0) end
        return v
    end)
    if ok then return value end
    return nil, value
end

return M
