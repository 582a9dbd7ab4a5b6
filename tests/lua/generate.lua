-- generate.lua SEED SIZE: writes a random Lua program that always ends and prints what it computes.
--
-- SEED is any whole number, SIZE about the number of statements. The same arguments give the same
-- program under every Lua 5.1. The program catches every error with pcall and prints it; it uses
-- nothing that depends on time, addresses, the order of pairs, or the length of the stack, and
-- nothing that only one of stock Lua and NodeMCU's has.
-- Loops are counted, functions call only functions that stand before them, texts stay short.

local seed, size = tonumber(arg[1]) or 1, tonumber(arg[2]) or 60

-- ---- choices ----

local state = seed % 2147483646 + 1

local function random(n)
    state = state * 16807 % 2147483647
    return state % n + 1
end

local function chance(percent)
    return random(100) <= percent
end

local function pick(list)
    return list[random(#list)]
end

-- ---- what the program may name ----

local out, indent = {}, 0
local scopes = {{}}        -- lists of local names, innermost last
local functions = {}       -- names of functions that may be called
local serial, loops = 0, 0
local GLOBALS = {"g1", "g2", "g3", "g4"}

local function emit(text)
    out[#out + 1] = ("    "):rep(indent) .. text
end

local function fresh(prefix)
    serial = serial + 1
    return prefix .. serial
end

-- At most this many locals at a time, far below what a function may have.
local function count_locals()
    local n = 0
    for _, scope in ipairs(scopes) do n = n + #scope end
    return n
end

local function declare(name)
    local scope = scopes[#scopes]
    scope[#scope + 1] = name
end

local function variable()
    local scope = scopes[random(#scopes)]
    if #scope == 0 or chance(20) then return pick(GLOBALS) end
    return pick(scope)
end

-- ---- expressions ----

local expression

local NUMBERS = {
    "0", "1", "2", "3", "7", "10", "100", "-1", "0.5", "1.25", "-3.75", "1e3", "255", "0x10",
        "2^10",
    "1/3", "65536", "1e15", "123456789",
}
local TEXTS = {
    "''", "'a'", "'abc'", "'10'", "'0x1f'", "' 5 '", "'frost'", "'a b c'", "'x\\ny'", "'\\0z'",
    "'%d'", "[[long]]", "'3.5e1'", "'ABC'", "'key'",
}
local FIELDS = {"x", "y", "name", "list", "n"}

local number_expression, text_expression

-- An operand that mostly has the type that its operator wants.
local function number_operand(depth)
    if chance(8) then return expression(depth) end
    if chance(30) then return "num(" .. variable() .. ")" end
    return number_expression(depth)
end

local function text_operand(depth)
    if chance(8) then return expression(depth) end
    if chance(30) then return "str(" .. variable() .. ")" end
    return text_expression(depth)
end

function number_expression(depth)
    local k = random(10)
    if depth <= 0 or k <= 2 then return pick(NUMBERS) end
    if k <= 5 then
        return "(" .. number_operand(depth - 1) .. pick({" + ", " - ", " * ", " / "})
            .. number_operand(depth - 1) .. ")"
    end
    -- Texts have a `%` of their own in NodeMCU.
    if k == 6 then
        return "(num(" .. number_operand(depth - 1) .. ") % num("
            .. number_operand(depth - 1) .. "))"
    end
    if k == 7 then return "-(" .. number_operand(depth - 1) .. ")" end
    if k == 8 then return "#" .. text_operand(depth - 1) end
    if k == 9 then return "len(" .. expression(depth - 1) .. ")" end
    return pick({"math.floor", "math.abs", "math.max", "math.min"})
        .. "(" .. number_operand(depth - 1) .. ", " .. number_operand(depth - 2) .. ")"
end

-- Calls of the string library that give a text.
local function library_text(depth)
    local subject = "str(" .. variable() .. ")"
    local k = random(7)
    if k == 1 then return subject .. ":rep(" .. random(3) .. ")" end
    if k == 2 then return subject .. ":reverse()" end
    if k == 3 then
        return "(" .. subject .. ":gsub(" .. pick({"'%w'", "'t'", "'.-l'", "'^.'", "''"}) .. ", "
            .. pick({"'<%0>'", "''", "upper", "{t = 'T', a = false}"}) .. "))"
    end
    if k == 4 then
        return "(" .. subject .. ":match(" .. pick({"'%a+'", "'(.)(.)'", "'()$'", "'x*'"})
            .. ") or 'none')"
    end
    if k == 5 then
        return "string.format(" .. pick({"'%5s|%-5s'", "'%q %s'", "'%.2s/%s'"}) .. ", " .. subject
            .. ", str(" .. text_expression(depth - 1) .. "))"
    end
    if k == 6 then
        return "table.concat({str(" .. text_expression(depth - 1) .. "), " .. subject .. ", 5}, "
            .. pick({"''", "','", "subject"}):gsub("subject", subject) .. ")"
    end
    return "string.char(65 + num(" .. variable() .. ") % 26)"
end

function text_expression(depth)
    local k = random(10)
    if depth <= 0 or k <= 3 then return pick(TEXTS) end
    if k <= 5 then
        return "short(" .. text_operand(depth - 1) .. " .. " .. text_operand(depth - 1) .. ")"
    end
    if k == 6 then return "tostring(" .. expression(depth - 1) .. " == nil)" end
    if k == 7 then return "type(" .. expression(depth - 1) .. ")" end
    if k == 8 then return "sub(" .. expression(depth - 1) .. ", " .. random(3) .. ", " .. random(5)
        .. ")" end
    if k == 9 and chance(50) then return "short(" .. library_text(depth) .. ")" end
    if k == 9 then return "str(upper(" .. text_operand(depth - 1) .. "))" end
    return "short(show(" .. expression(depth - 1) .. "))"
end

local function table_expression(depth)
    local items = {}
    for i = 1, random(4) - 1 do
        local k = random(4)
        if k == 1 then
            items[i] = pick(FIELDS) .. " = " .. expression(depth - 1)
        elseif k == 2 then
            items[i] = "[" .. pick({"1", "2", "5", "'x'", "true"}) .. "] = "
                .. expression(depth - 1)
        else
            items[i] = expression(depth - 1)
        end
    end
    return "{" .. table.concat(items, ", ") .. "}"
end

local function logic_expression(depth)
    local k = random(6)
    local a, b = expression(depth - 1), expression(depth - 1)
    if k == 1 then return "not " .. a end
    if k == 2 then return "(" .. a .. " and " .. b .. ")" end
    if k == 3 then return "(" .. a .. " or " .. b .. ")" end
    if k == 4 then return "(" .. a .. pick({" == ", " ~= "}) .. b .. ")" end
    if k == 5 then
        local operand = pick({number_operand, text_operand})
        return "(" .. operand(depth - 1) .. pick({" < ", " <= ", " > ", " >= "})
            .. operand(depth - 1) .. ")"
    end
    return "(" .. a .. " and " .. b .. " or " .. expression(depth - 2) .. ")"
end

local function call_expression(depth)
    if #functions == 0 then return variable() end
    local args = {}
    for i = 1, random(4) - 1 do args[i] = expression(depth - 1) end
    local call = pick(functions) .. "(" .. table.concat(args, ", ") .. ")"
    if chance(30) then return "(" .. call .. ")" end
    return call
end

local function closure_expression(depth)
    local name = variable()
    return "(function(...) local a, b = ... " .. name .. " = a return b, " .. expression(depth - 1)
        .. " end)(" .. expression(depth - 1) .. ", " .. expression(depth - 2) .. ")"
end

function expression(depth)
    local k = random(20)
    if depth <= 0 then
        if k <= 8 then return variable() end
        if k <= 13 then return pick(NUMBERS) end
        if k <= 17 then return pick(TEXTS) end
        return pick({"nil", "true", "false", "{}"})
    end
    if k <= 4 then return variable() end
    if k <= 9 then return number_expression(depth) end
    if k <= 13 then return text_expression(depth) end
    if k == 14 then return table_expression(depth) end
    if k <= 17 then return logic_expression(depth) end
    if k == 18 then
        if chance(15) then return variable() .. "." .. pick(FIELDS) end
        return "list(" .. variable() .. ")." .. pick(FIELDS)
    end
    if k == 19 and chance(40) then return closure_expression(depth) end
    return call_expression(depth)
end

-- ---- statements ----

local statement

-- An object with handlers and a method, and what is done with it.
local function object_use()
    local name = fresh("o")
    emit("local " .. name .. " = object(" .. expression(1) .. ", " .. expression(1) .. ")")
    local uses = {
        name .. " + " .. number_operand(1), number_operand(1) .. " - " .. name,
        name .. " .. " .. text_operand(1), "#" .. name, "-" .. name, name .. " == " .. variable(),
        name .. " < object(1, " .. expression(1) .. ")", name .. "(" .. expression(1) .. ", 2)",
        name .. "." .. pick(FIELDS), name .. ":get(" .. expression(1) .. ")",
        name .. "[" .. variable() .. "]", "tostring(" .. name .. ")",
    }
    for _ = 1, random(3) do
        emit("print(result(pcall(function() return " .. pick(uses) .. " end)))")
    end
    if chance(40) then
        emit("print(result(pcall(function() " .. name .. "." .. pick(FIELDS) .. " = "
            .. expression(2) .. " return " .. name .. ".set end)))")
    end
end

-- A list through the table library.
local function list_use()
    local name = fresh("t")
    emit("local " .. name .. " = {" .. expression(1) .. ", 3, 1, " .. number_expression(1) .. "}")
    for _ = 1, random(4) do
        emit(pick({
            "table.insert(" .. name .. ", (" .. expression(1) .. "))",
            "table.insert(" .. name .. ", 1, (" .. number_operand(1) .. "))",
            "print(result(pcall(table.remove, " .. name .. ")))",
            "print(result(pcall(table.remove, " .. name .. ", 2)))",
            "print(result(pcall(table.sort, " .. name .. ", function(a, b) return num(a) < num(b)"
                .. " end)))",
            "print(result(pcall(table.concat, " .. name .. ", '-')))",
            "print(result(unpack(" .. name .. ")))",
            "print(#" .. name .. ", table.maxn(" .. name .. "))",
        }))
    end
    emit("print(show(" .. name .. "))")
end

-- Closures that share a variable of a loop or of their function.
local function closures_use()
    local name = fresh("s")
    emit("local " .. name .. " = {}")
    emit("for i = 1, " .. random(4) .. " do")
    emit("    local shared = " .. expression(1))
    emit("    " .. name .. "[i] = {function(v) shared = v i = i + 1 return i end,")
    emit("        function() return shared, i end}")
    emit("end")
    emit("print(result(" .. name .. "[1][1](" .. expression(1) .. ")))")
    emit("for i = 1, #" .. name .. " do print(result(" .. name .. "[i][2]())) end")
end

-- A function that calls itself at its end and one that does not.
local function recursion()
    local name = fresh("r")
    emit("local function " .. name .. "(n, ...)")
    emit("    if n <= 0 then return " .. expression(1) .. ", ... end")
    emit("    " .. pick({"return " .. name .. "(n - 1, " .. expression(1) .. ", ...)",
        "local a, b = " .. name .. "(n - 1, ...) return b, a, n",
        "return (" .. name .. "(n - 1, ...)), n", "return n, " .. name .. "(n - 1)"}))
    emit("end")
    emit("print(result(pcall(" .. name .. ", " .. random(5) .. ", " .. expression(1) .. ")))")
end

-- A function in an environment of its own.
local function environment_use()
    local name = fresh("e")
    emit("local " .. name .. " = setfenv(function(...) g1 = ... return g1, g9, print end, {g9 = "
        .. expression(1) .. "})")
    emit("print(result(pcall(" .. name .. ", " .. expression(1) .. ")), g1 == nil)")
end

-- `burns`: the block is a loop's or function's body, which uses up fuel.
local function block(count, burns)
    indent = indent + 1
    scopes[#scopes + 1] = {}
    if burns then emit("burn()") end
    for _ = 1, count do statement() end
    scopes[#scopes] = nil
    indent = indent - 1
end

local function assignment()
    local k = random(6)
    if k <= 2 and count_locals() < 24 then
        local name = fresh("v")
        emit("local " .. name .. " = " .. expression(3))
        declare(name)
    elseif k == 3 then
        emit(variable() .. ", " .. pick(GLOBALS) .. " = " .. expression(2) .. ", " .. expression(2))
    elseif k == 4 then
        emit("put(" .. variable() .. ", " .. expression(1) .. ", " .. expression(2) .. ")")
    else
        emit(variable() .. " = " .. expression(3))
    end
end

local function conditional()
    emit("if " .. expression(2) .. " then")
    block(random(2))
    if chance(30) then
        emit("elseif " .. expression(2) .. " then")
        block(random(2))
    end
    if chance(50) then
        emit("else")
        block(random(2))
    end
    emit("end")
end

local function numeric_loop()
    local name = fresh("i")
    emit("for " .. name .. " = " .. pick({"1", "3", "-2", "0.5"}) .. ", " .. pick({"3", "0", "4",
        "1"})
        .. pick({"", "", ", -1", ", 2", ", 0.5"}) .. " do")
    scopes[#scopes + 1] = {name}
    block(random(3), true)
    if chance(25) then
        indent = indent + 1
        emit("if " .. expression(1) .. " then break end")
        indent = indent - 1
    end
    scopes[#scopes] = nil
    emit("end")
end

local function counted_loop()
    local name = fresh("c")
    if chance(50) then
        emit("local " .. name .. " = 0")
        emit("while " .. name .. " < " .. random(4) .. " do")
        indent = indent + 1
        emit(name .. " = " .. name .. " + 1")
        indent = indent - 1
        block(random(2), true)
        emit("end")
    else
        emit("local " .. name .. " = 0")
        emit("repeat")
        indent = indent + 1
        emit(name .. " = " .. name .. " + 1")
        indent = indent - 1
        block(random(2), true)
        emit("until " .. name .. " >= " .. random(3) .. " or " .. expression(1))
    end
end

local function list_loop()
    local k, v = fresh("k"), fresh("v")
    emit("for " .. k .. ", " .. v .. " in ipairs(list(" .. expression(2) .. ")) do")
    scopes[#scopes + 1] = {k, v}
    block(random(2), true)
    scopes[#scopes] = nil
    emit("end")
end

local function printing()
    local values = {}
    for i = 1, random(3) do values[i] = "show(" .. expression(3) .. ")" end
    emit("print(" .. table.concat(values, ", ") .. ")")
end

local function protected()
    local name = fresh("p")
    emit("local " .. name .. " = function()")
    block(random(3))
    if chance(40) then
        indent = indent + 1
        emit("error(" .. pick({"'thrown'", "'thrown', 0", "'thrown', 2", "{}", "5", "nil"}) .. ")")
        indent = indent - 1
    end
    emit("end")
    emit("print(result(pcall(" .. name .. ")))")
end

local function coroutine_use()
    local name = fresh("w")
    emit("local " .. name .. " = coroutine.wrap(function(a, b)")
    scopes[#scopes + 1] = {"a", "b"}
    block(random(2))
    indent = indent + 1
    emit("a, b = coroutine.yield(" .. expression(2) .. ", " .. expression(2) .. ")")
    indent = indent - 1
    block(random(2))
    indent = indent + 1
    emit("return a, " .. expression(2))
    indent = indent - 1
    scopes[#scopes] = nil
    emit("end)")
    for _ = 1, random(3) do
        emit("print(result(pcall(" .. name .. ", " .. expression(2) .. ", " .. expression(1)
            .. ")))")
    end
end

local function definition()
    local name = fresh("f")
    local parameters = pick({"", "a", "a, b", "a, b, c", "...", "a, ..."})
    local scope = {}
    for parameter in parameters:gmatch("%a+") do scope[#scope + 1] = parameter end
    emit("local function " .. name .. "(" .. parameters .. ")")
    local outer, outer_functions = scopes, functions
    scopes = {outer[1], scope}
    block(random(4), true)
    indent = indent + 1
    if parameters:find("...", 1, true) then
        emit("return select('#', ...), ...")
    elseif chance(80) then
        emit("return " .. expression(2) .. (chance(40) and ", " .. expression(2) or ""))
    end
    indent = indent - 1
    scopes, functions = outer, outer_functions
    emit("end")
    functions[#functions + 1] = name
end

local budget = size
local depth = 0

function statement()
    budget = budget - 1
    depth = depth + 1
    local k = random(20)
    if depth > 4 or budget <= 0 then
        if chance(50) then printing() else assignment() end
    elseif k <= 7 then
        assignment()
    elseif k <= 11 then
        printing()
    elseif k <= 13 then
        conditional()
    elseif loops < 3 and k <= 16 then
        loops = loops + 1
        pick({numeric_loop, counted_loop, list_loop})()
        loops = loops - 1
    elseif k == 17 then
        protected()
    elseif k == 18 and loops < 2 then
        coroutine_use()
    elseif k == 19 and count_locals() < 20 then
        pick({object_use, list_use, closures_use, recursion, environment_use})()
    else
        assignment()
    end
    depth = depth - 1
end

-- ---- the program ----

local PROLOGUE = [=[
local fuel = 4000

-- Text of a value without addresses; tables by their content in a fixed order, not too deep.
local function show(v, deep)
    deep = deep or 0
    if type(v) == "number" then return v ~= v and "nan" or string.format("%.10g", v) end
    if type(v) == "string" then return string.format("%q", v:sub(1, 20)) end
    if type(v) ~= "table" then return v == nil and "nil" or type(v) == "boolean" and tostring(v)
        or type(v) end
    if deep > 1 then return "{...}" end
    local keys = {}
    for k in pairs(v) do
        if type(k) == "string" or type(k) == "number"
            or type(k) == "boolean" then keys[#keys + 1] = k end
    end
    table.sort(keys, function(a, b)
        if type(a) == type(b) and type(a) ~= "boolean" then return a < b end
        return show(a) < show(b)
    end)
    local parts = {}
    for i = 1, math.min(#keys, 4) do
        parts[i] = show(keys[i], deep + 1) .. "=" .. show(v[keys[i]], deep + 1)
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

local function result(ok, ...)
    local parts = {ok and "ok" or "failed"}
    for i = 1, select("#", ...) do parts[#parts + 1] = show((select(i, ...))) end
    return table.concat(parts, " ")
end

local function short(s) return #s > 40 and s:sub(1, 40) or s end
local function num(v)
    if type(v) == "string" and not v:find("^%d+$") then return #v end
    return tonumber(v) or 1
end
local function str(v) return type(v) == "string" and v or type(v) end
local function len(v) return (type(v) == "string" or type(v) == "table") and #v or 0 end
local function sub(v, i, j) return tostring(type(v) == "string" and v or "text"):sub(i, j) end
local function upper(v) return type(v) == "string" and v:upper() or v end
local function list(v) return type(v) == "table" and v or {v, x = v} end
local function put(t, k, v)
    if type(t) == "table" and k ~= nil and k == k and type(k) ~= "table" then t[k] = v end
end
-- An object whose handlers show what they get.
local handlers = {
    __add = function(a, b) return num(type(a) == "table" and a.x or a) end,
    __sub = function(a, b) return "sub" end,
    __concat = function(a, b) return short(show(a) .. show(b)) end,
    __len = function() return 7 end,
    __unm = function(o) return o.name end,
    __eq = function(a, b) return a.x == b.x end,
    __lt = function(a, b) return show(a.x) < show(b.x) end,
    __call = function(o, ...) return select("#", ...), ... end,
    __tostring = function() return "object" end,
    __newindex = function(o, k, v) rawset(o, "set", show(v)) end,
}
handlers.__index = function(o, k)
    if k == "get" then return function(self, v) return v, rawget(self, "x") end end
    if type(k) == "table" then error("index " .. show(k), 0) end
    return nil
end
local function object(x, name) return setmetatable({x = x, name = name}, handlers) end
local function burn()
    fuel = fuel - 1
    if fuel < 0 then error("out of fuel", 0) end
end
g1, g2, g3, g4 = 1, "two", {3, x = 4}, nil
]=]

for line in PROLOGUE:gmatch("([^\n]*)\n") do emit(line) end
emit("local function main()")
indent = 1
emit("local top1, top2 = {1, 2, n = 3}, 'top'")
scopes = {{"top1", "top2"}}
local parts = math.max(2, math.min(20, math.floor(size / 15)))
for _ = 1, parts do
    definition()
    budget = size / parts
    while budget > 0 do
        emit("print(result(pcall(function()")
        block(random(5))
        emit("end)))")
    end
end
indent = 0
emit("end")
emit("print(result(pcall(main)))")
emit("print(show(g1), show(g2), show(g3), show(g4))")
print(table.concat(out, "\n"))
