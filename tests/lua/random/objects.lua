-- Random metatables: which handler is called with what for every operation on tables, userdata and
-- other types, with and without fitting handlers, inherited and shared. Arguments: SEED COUNT.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

local names = setmetatable({}, {__mode = "k"})
local function named(v)
    if type(v) == "table" or type(v) == "userdata" then return names[v] or type(v) end
    return choose.text(v)
end
local function line(...)
    local t = {}
    for i = 1, select("#", ...) do t[i] = named((select(i, ...))) end
    return table.concat(t, " ")
end

local EVENTS = {
    "add", "sub", "mul", "div", "mod", "pow", "unm", "concat", "len", "eq", "lt", "le", "index",
    "newindex", "call", "tostring", "metatable", "mode", "gc",
}

local log
local function handler(event, result)
    return function(...)
        log[#log + 1] = event .. "(" .. line(...) .. ")"
        if event == "tostring" then return choose.of({"text", "other"}) end
        if result == "fail" then error("from " .. event, choose.number(3) - 1) end
        return result, "second"
    end
end
local RESULTS = {1, "text", true, false, nil, 0, "fail", "10"}
local shared = {}
for _, event in ipairs(EVENTS) do shared[event] = handler(event, "shared") end

local objects
local function metatable()
    local mt = {}
    for _, event in ipairs(EVENTS) do
        local kind = choose.number(10)
        if kind <= 3 then
            mt["__" .. event] = handler(event, RESULTS[choose.number(8)])
        elseif kind <= 5 then
            mt["__" .. event] = shared[event]
        elseif kind == 6 and (event == "index" or event == "newindex") then
            mt["__" .. event] = choose.of(objects)
        elseif kind == 7 and #objects > 0 and event ~= "gc" and event ~= "mode" then
            mt["__" .. event] = choose.of({5, "not a function", {}, false})
        end
    end
    if type(mt.__gc) ~= "function" then mt.__gc = nil end
    if mt.__mode then mt.__mode = choose.of({"k", "v", "kv", "x"}) end
    return mt
end

local function object(i)
    local o
    if choose.chance(30) then
        o = newproxy(true)
        local mt = getmetatable(o)
        for k, v in pairs(metatable()) do mt[k] = v end
        mt.__gc = nil
    else
        o = {}
        if choose.chance(85) then
            local mt = metatable()
            -- One metatable for two objects makes __eq, __lt and __le agree.
            if #objects > 0 and choose.chance(30) then
                local other = debug.getmetatable(choose.of(objects))
                mt = other or mt
            end
            debug.setmetatable(o, mt)
        end
        if choose.chance(40) then rawset(o, "x", choose.number(5)) end
        if choose.chance(40) then rawset(o, 1, choose.number(5)) end
    end
    names[o] = "o" .. i
    return o
end

local function operand()
    if choose.chance(70) then return choose.of(objects) end
    return choose.of({1, "10", "x", true, false, print, {}, 0}) or nil
end

local OPERATIONS = {
    function(a, b) return "+", a + b end, function(a, b) return "-", a - b end,
    function(a, b) return "*", a * b end, function(a, b) return "/", a / b end,
    function(a, b) return "%", a % b end, function(a, b) return "^", a ^ b end,
    function(a) return "unm", -a end, function(a) return "len", #a end,
    function(a, b) return "..", a .. b end, function(a, b) return "..1..", a .. 1 .. b end,
    function(a, b) return "==", a == b end, function(a, b) return "~=", a ~= b end,
    function(a, b) return "<", a < b end, function(a, b) return "<=", a <= b end,
    function(a, b) return ">", a > b end, function(a, b) return ">=", a >= b end,
    function(a) return ".x", a.x end, function(a, b) return "[b]", a[b] end,
    function(a) return "[1]", a[1] end, function(a) a.x = 5 return ".x =" end,
    function(a, b) a[b] = 7 return "[b] =" end, function(a, b) return "call", a(b, 2) end,
    function(a, b) return "method", a:x(b) end, function(a) return "tostring", tostring(a) end,
    function(a) return "getmetatable", type(getmetatable(a)) end,
    function(a) return "setmetatable", setmetatable(a, getmetatable(a)) end,
    function(a, b) return "rawequal", rawequal(a, b) end,
    function(a) return "rawget", rawget(a, "x") end,
    function(a) return "rawset", rawset(a, "y", 1) end,
    function(a) return "ipairs", ipairs(a)(a, 0) end,
    function(a) return "next", (next(a)) ~= nil end,
    function(a) return "concat", table.concat(a, ",") end,
    function(a) return "insert", table.insert(a, 9), #a end,
    function(a) return "print", print(a) end,
    function(a) return "if", a and 1 or 2 end, function(a) return "not", not a end,
    function(a, b) for k in a, b do return "for", k end return "for" end,
    function(a) for i = 1, a do return "for", i end return "for" end,
    function(a, b) return "tonumber", tonumber(a), b end,
    function(a, b) return "sort", pcall(table.sort, {a, b, a}) end,
    function(a) return "unpack", unpack(a) end,
    function(a, b) return "upper", string.upper(a), b end,
    function(a, b) return "t[a]", ({[a] = 1})[b] end,
    function(a, b) return "format", string.format("%s %d", tostring(a), b) end,
}

local function plain(text) return (text:gsub("0x%x+", "ADDRESS")) end

-- `print` of an object has its address, unless a handler gives a text.
local stock_print = print
function print(...)
    local t = {}
    for i = 1, select("#", ...) do t[i] = plain(tostring((select(i, ...)))) end
    stock_print(table.concat(t, "\t"))
end

for i = 1, count do
    objects, log = {}, {}
    for k = 1, choose.number(4) + 1 do objects[k] = object(k) end
    print("case", i, #objects)
    for _ = 1, 30 do
        log = {}
        local a, b = operand(), operand()
        local n = choose.number(#OPERATIONS)
        print(n, named(a), named(b), plain(line(pcall(OPERATIONS[n], a, b))),
            plain(table.concat(log, " ")))
    end
end
