-- The faults that one line of C can be given. Text in, text out; knows the house style's layout
-- (blanks around operators, one statement a line) and nothing of the language beyond it.
--
-- faults.of(line, before, after) returns a table KIND -> list of changed lines; `before` and `after`
-- are the code lines around it. Kinds: comparison, constant, statement, condition, argument.

local faults = {}

local TURNED = {
    ["<"] = "<=", ["<="] = "<", [">"] = ">=", [">="] = ">", ["=="] = "!=", ["!="] = "==",
}
local NO_CALL = {["if"] = 1, ["while"] = 1, ["for"] = 1, ["switch"] = 1, ["return"] = 1, sizeof = 1}

-- The line in the same columns, with blanks for comments and what literals contain.
function faults.code(line)
    local function blank(text) return (" "):rep(#text) end
    line = line:gsub("\\.", "  ")
    line = line:gsub('"[^"]*"', function(text) return '"' .. blank(text:sub(3)) .. '"' end)
    line = line:gsub("'[^']*'", function(text) return "'" .. blank(text:sub(3)) .. "'" end)
    return (line:gsub("//.*", blank):gsub("/%*.-%*/", blank))
end

local function splice(line, first, last, text)
    return line:sub(1, first - 1) .. text .. line:sub(last + 1)
end

-- The smaller or larger of two, chosen or kept: where both are equal, it does not matter which.
local function is_extreme(code, after)
    local name = "([%w_.>%[%]*-]+)"
    local a, b, x, y = code:match(name .. " [<>]=? " .. name .. " %? " .. name .. " : " .. name)
    if a then return a == x and b == y or a == y and b == x end
    a, b = code:match("if %(" .. name .. " [<>]=? " .. name .. "%)$")
    if not a then return false end
    x, y = after:match("^%s+" .. name .. " = " .. name .. ";$")
    return x == b and y == a or x == a and y == b
end

local function comparisons(line, code, after)
    local list = {}
    if is_extreme(code, after) then return list end
    for first, operator in code:gmatch(" ()([<>=!]=?) ") do
        if TURNED[operator] then
            list[#list + 1] = splice(line, first, first + #operator - 1, TURNED[operator])
        end
    end
    return list
end

local function constants(line, code)
    local list = {}
    for first, token, behind in code:gmatch("()([%w_.]+)()") do
        local digits, suffix = token:match("^(%d+)([uUlL]*)$")
        local form = "%d"
        if not digits then
            digits, suffix = token:match("^(0[xX]%x+)([uUlL]*)$")
            form = "0x%X"
        end
        local value = digits and not digits:find("^0%d") and tonumber(digits)
        if value and value < 2 ^ 31 then
            for _, near in ipairs({value + 1, value > 0 and value - 1 or nil}) do
                list[#list + 1] = splice(line, first, behind - 1, form:format(near) .. suffix)
            end
        end
    end
    return list
end

-- A statement of its own, on one line; a return only where a condition guards it.
local function statements(line, code, before)
    local text = code:match("^%s+(.-);%s*$")
    local word = text and text:match("^[%a_][%w_]*")
    if not text or text:find(";") or text == "" then return {} end
    if not before:find("[;{}:)]%s*$") and not before:find("%f[%w]else%s*$") then return {} end
    if word == "return" and not before:find("%)%s*$") then return {} end
    if word == "goto" or word == "case" or word == "default" then return {} end
    local is_declaration = word ~= "return" and text:find("^[%a_][%w_]*[%s*]+[%a_]")
    if is_declaration or not text:find("^[%w_*(+-]") then return {} end
    return {line:match("^%s+") .. "{}"}
end

-- Position of the parenthesis that closes the one at `open`, or nil.
local function closing(code, open)
    local _, last = code:find("^%b()", open)
    return last
end

local function conditions(line, code)
    local list = {}
    for _, word in ipairs({"if", "while"}) do
        local open = code:match("%f[%w_]" .. word .. " ()%(")
        local last = open and closing(code, open)
        if last then
            list[#list + 1] = splice(line, open, last, "(!" .. line:sub(open, last) .. ")")
        end
    end
    return list
end

-- Where each argument between the parentheses at open and last begins and ends.
local function arguments(code, open, last)
    local list, depth, first = {}, 0, open + 1
    for at = open + 1, last do
        local sign = code:sub(at, at)
        if (sign == "," and depth == 0) or at == last then
            local text = code:sub(first, at - 1)
            list[#list + 1] = {first + #text:match("^%s*"), at - 1 - #text:match("%s*$")}
            first = at + 1
        elseif sign:find("[%(%[{]") then
            depth = depth + 1
        elseif sign:find("[%)%]}]") then
            depth = depth - 1
        end
    end
    return list
end

-- What an argument plainly is; no compiler takes one of these for another.
local function class(argument)
    return argument == "L" and "state" or argument:match('^["&]') or "other"
end

local function swaps(line, code)
    local list = {}
    for name, open in code:gmatch("([%a_][%w_]*)()%(") do
        local last = closing(code, open)
        -- The smaller or the larger of two is the same either way.
        if last and not NO_CALL[name] and not name:lower():find("m[ai][xn]$") then
            local all = arguments(code, open, last)
            for i = 1, #all - 1 do
                local a, b = all[i], all[i + 1]
                local left, right = line:sub(a[1], a[2]), line:sub(b[1], b[2])
                if left ~= right and class(left) == class(right) then
                    list[#list + 1] = line:sub(1, a[1] - 1) .. right .. line:sub(a[2] + 1, b[1] - 1)
                        .. left .. line:sub(b[2] + 1)
                end
            end
        end
    end
    return list
end

function faults.of(line, before, after)
    local code = faults.code(line)
    local found = {}
    if not code:find("^%s+%S") or code:find("^%s*#") or code:find("assert%s*%(") then return found end
    local function add(kind, list)
        if #list > 0 then found[kind] = list end
    end
    add("comparison", comparisons(line, code, after or ""))
    add("constant", constants(line, code))
    add("statement", statements(line, code, before))
    add("condition", conditions(line, code))
    add("argument", swaps(line, code))
    return found
end

return faults
