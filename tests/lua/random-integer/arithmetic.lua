-- Random whole-number expressions: the integer build computes them as it does, written with
-- constants, locals and fields; stock Lua computes them by a model of 32-bit arithmetic. Both print
-- the same. Arguments: SEED COUNT.
local seed, count = ...
seed, count = tonumber(seed), tonumber(count)
local choose = {}
do
    -- Numbers that 32-bit integers and doubles give alike.
    local state = seed % 65521 + 1
    function choose.number(n)
        state = (state * 171 + 11213) % 53125
        return (state - state % 7) / 7 % n + 1
    end
    function choose.of(list) return list[choose.number(#list)] end
end
local is_integer = 1 / 2 == 0

-- ---- the model ----

local function wrap(x)
    x = x % 4294967296
    return x >= 2147483648 and x - 4294967296 or x
end

local MODEL = {
    [" + "] = function(a, b) return wrap(a + b) end,
    [" - "] = function(a, b) return wrap(a - b) end,
    [" * "] = function(a, b)
        a, b = a % 4294967296, b % 4294967296
        local low, high = a % 65536, math.floor(a / 65536)
        return wrap(low * b + high * (b % 65536) * 65536)
    end,
    [" / "] = function(a, b)
        if b == 0 then error("divide by zero", 0) end
        return wrap(math.floor(a / b))
    end,
    [" % "] = function(a, b)
        if b == 0 then error("modulo by zero", 0) end
        return wrap(a - math.floor(a / b) * b)
    end,
}
local COMPARE = {
    [" < "] = function(a, b) return a < b end, [" <= "] = function(a, b) return a <= b end,
    [" == "] = function(a, b) return a == b end, [" ~= "] = function(a, b) return a ~= b end,
    [" > "] = function(a, b) return a > b end,
}
local OPERATORS = {" + ", " - ", " * ", " / ", " % ", " + ", " - ", " * "}
local COMPARISONS = {" < ", " <= ", " == ", " ~= ", " > "}

-- As text, since the numerals of the integer build and of stock Lua differ above 31 bits.
local CONSTANTS = {
    "0", "1", "2", "3", "5", "7", "10", "16", "100", "255", "256", "1000", "32767", "32768", "65535",
    "65536", "1000000", "123456789", "2147483647", "2147483646", "1073741824", "46341", "0x7fff",
    "0xff", "'12'", "'0x10'", "'3'",
}

local function tree(depth)
    local kind = choose.number(10)
    if depth == 0 or kind == 1 then return choose.of(CONSTANTS) end
    if kind == 2 then return {"-", tree(depth - 1)} end
    return {choose.of(OPERATORS), tree(depth - 1), tree(depth - 1)}
end

local function written(node, operand)
    if type(node) == "string" then return operand(node) end
    if not node[3] then return "-(" .. written(node[2], operand) .. ")" end
    return "(" .. written(node[2], operand) .. node[1] .. written(node[3], operand) .. ")"
end

local function model(node)
    if type(node) == "string" then return tonumber((node:gsub("'", ""))) end
    if not node[3] then return wrap(-model(node[2])) end
    local a = model(node[2])
    return MODEL[node[1]](a, model(node[3]))
end

local function run(text)
    local ok, result = pcall(assert(loadstring(text, "=i")))
    return ok and tostring(result) or (result:gsub("^i:%d+: ", ""))
end

fields = {}
for i, text in ipairs(CONSTANTS) do fields["f" .. i] = loadstring("return " .. text)() end
local function field(text)
    for i, known in ipairs(CONSTANTS) do
        if known == text then return "fields.f" .. i end
    end
end

local function evaluate(node, compared, other)
    if not is_integer then
        local ok, result = pcall(function()
            local a = model(node)
            if not compared then return a end
            return COMPARE[compared](a, model(other))
        end)
        if ok and type(result) == "number" then result = ("%.0f"):format(result):gsub("^-0$", "0") end
        return tostring(result), tostring(result), tostring(result)
    end
    local function text(operand)
        return written(node, operand)
            .. (compared and compared .. written(other, operand) or "")
    end
    local function same(t) return t end
    return run("return " .. text(same)), run("return " .. text(field)),
        run("local a = " .. text(field) .. " local b = a return b")
end

-- A comparison of texts would be one of texts.
local function number_tree(depth)
    return {" + ", tree(depth), "0"}
end

for i = 1, count do
    local node = number_tree(choose.number(4))
    local compared = choose.number(4) == 1 and choose.of(COMPARISONS) or nil
    print(i, evaluate(node, compared, compared and number_tree(2)))
end
