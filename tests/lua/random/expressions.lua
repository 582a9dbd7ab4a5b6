-- Random expressions, each with its operands as constants, locals, upvalues, globals, fields and
-- results of calls: same value or message. Arguments: SEED COUNT.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

local OPERANDS = {
    "0", "1", "2", "3", "-1", "0.5", "1.25", "-3.75", "10", "255", "256", "511", "512", "1e15",
    "1e16", "1e100", "-1e308", "0x10", "0xffffffff", "2147483647", "2147483648", "4294967296",
    "9007199254740993", "1e-300", "(0/0)", "(1/0)", "(-1/0)", "nil", "true", "false", "''", "'a'",
    "'abc'", "'10'", "'0x1f'", "' 5 '", "'1e1'", "'-7'", "'5x'", "'\\0z'", "'b'", "{}", "print",
    "'nan'", "'inf'", "'0x'", "' '", "1e400", ".5", "3.", "1e+2", "'1 2'",
}
local BINARY = {
    " + ", " - ", " * ", " / ", " % ", " ^ ", " .. ", " == ", " ~= ", " < ", " > ", " <= ", " >= ",
    " and ", " or ", " and ", " or ", " .. ", " + ", " ^ ",
}
local UNARY = {"-", "not ", "#", "- -", "not not "}

-- A tree: a number is an operand by its index, a table an operator with one or two trees.
local function tree(depth)
    if depth == 0 or choose.chance(15) then return choose.number(#OPERANDS) end
    if choose.chance(20) then return {choose.of(UNARY), tree(depth - 1)} end
    return {choose.of(BINARY), tree(depth - 1), tree(depth - 1), choose.chance(40)}
end

local function written(node, operand)
    if type(node) == "number" then return operand(node) end
    if not node[3] then return node[1] .. written(node[2], operand) end
    local text = written(node[2], operand) .. node[1] .. written(node[3], operand)
    return node[4] and "(" .. text .. ")" or text
end

local values = {}
for i, text in ipairs(OPERANDS) do values[i] = assert(loadstring("return " .. text))() end
function value_of(i) return values[i] end
fields = setmetatable({}, {__index = function(_, k) return values[tonumber(k:sub(2))] end})
setmetatable(_G, {__index = function(_, k)
    return type(k) == "string" and k:find("^g%d+$") and values[tonumber(k:sub(2))] or nil
end})

-- Head and operand of each way to write the same expression.
local function constants(i) return OPERANDS[i] end
local function named(i) return "g" .. i end
local function field(i) return "fields.f" .. i end
local function computed(i) return "fields['f' .. " .. i .. "]" end
local function called(i) return "value_of(" .. i .. ")" end
local function mixed(i) return i % 2 == 0 and OPERANDS[i] or "g" .. i end

-- Locals for the operands that the tree has, as locals or as upvalues.
local function with_locals(node, wrap)
    local seen, names, inits = {}, {}, {}
    local function note(n)
        if type(n) == "number" then
            if not seen[n] and #names < 40 then
                seen[n] = true
                names[#names + 1], inits[#inits + 1] = "l" .. n, OPERANDS[n]
            end
        elseif type(n) == "table" then
            note(n[2])
            note(n[3])
        end
    end
    note(node)
    local body = "return " .. written(node, function(i) return seen[i] and "l" .. i or "g" .. i end)
    if wrap then body = "return (function() " .. body .. " end)()" end
    return "local " .. table.concat(names, ", ") .. " = " .. table.concat(inits, ", ") .. "\n"
        .. body
end

local function evaluate(source)
    local f, message = loadstring(source, "=e")
    if not f then return "compile: " .. message end
    local ok, result = pcall(f)
    if ok and type(result) == "number" and result == result then
        return ("%.17g"):format(result)
    end
    return (ok and "" or "error: ") .. choose.text(result)
end

for i = 1, count do
    local node = tree(choose.number(5))
    print(i, written(node, constants))
    local results = {
        evaluate("return " .. written(node, constants)),
        evaluate("return " .. written(node, named)),
        evaluate("return " .. written(node, field)),
        evaluate("return " .. written(node, computed)),
        evaluate("return " .. written(node, called)),
        evaluate("return " .. written(node, mixed)),
        evaluate("return (function(...) return ... end)(" .. written(node, mixed) .. ")"),
        evaluate("if " .. written(node, mixed) .. " then return 'yes' else return 'no' end"),
        evaluate("local n = 0 while not (" .. written(node, named)
            .. ") do n = n + 1 if n > 2 then break end end return n"),
        evaluate("local t = {" .. written(node, constants) .. ", x = " .. written(node, named)
            .. ", [" .. written(node, mixed) .. "] = 1} return t.x"),
        evaluate(with_locals(node, false)),
        evaluate(with_locals(node, true)),
    }
    local last
    for k, text in ipairs(results) do
        if text ~= last then print("", k, text) end
        last = text
    end
end
