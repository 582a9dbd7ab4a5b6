-- Random calls of the libraries' functions, with arguments of fitting and of wrong types: all
-- results or the message. Arguments: SEED COUNT.
local seed, count = tonumber(arg[1]), tonumber(arg[2])
local choose = dofile("support/choose.lua")(seed)

-- Not here: what depends on time, addresses, memory, files, the machine's own random numbers.
local FUNCTIONS = {
    string = {"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep",
        "reverse", "sub", "upper", "gfind"},
    table = {"concat", "foreach", "foreachi", "getn", "insert", "maxn", "remove", "sort", "setn"},
    math = {"abs", "ceil", "cos", "deg", "exp", "floor", "fmod", "frexp", "ldexp", "log", "log10",
        "max", "min", "mod", "modf", "pow", "rad", "sqrt", "sin", "tan", "atan", "atan2", "asin",
        "acos", "cosh", "sinh", "tanh", "random", "randomseed"},
    _G = {"assert", "error", "getmetatable", "getfenv", "ipairs", "loadstring", "next", "pairs",
        "pcall", "rawequal", "rawget", "rawset", "select", "setfenv", "setmetatable", "tonumber",
        "tostring", "type", "unpack", "xpcall", "load", "newproxy", "module", "loadfile",
        "dofile", "collectgarbage"},
    coroutine = {"create", "resume", "running", "status", "wrap", "yield"},
    os = {"date", "getenv", "difftime", "setlocale", "remove", "rename", "time"},
    io = {"close", "lines", "read", "type", "write", "input", "output"},
    package = {"loadlib", "seeall"},
    debug = {"getinfo", "getlocal", "getmetatable", "getfenv", "getupvalue", "setupvalue",
        "sethook", "gethook", "setfenv", "setmetatable", "setlocal", "traceback"},
}
-- What would stop the script, block it, change it for good or write its addresses.
local REFUSED = {
    ["math.random"] = true, ["math.randomseed"] = true, ["io.read"] = true, ["io.write"] = true,
    ["io.close"] = true, ["io.input"] = true, ["io.output"] = true, ["io.lines"] = true,
    ["os.time"] = true, ["os.date"] = true, ["os.remove"] = true, ["os.rename"] = true,
    ["_G.collectgarbage"] = true, ["_G.dofile"] = true, ["_G.module"] = true,
    ["debug.setmetatable"] = true, ["debug.sethook"] = true, ["debug.setfenv"] = true,
    ["_G.setfenv"] = true, ["os.setlocale"] = true, ["package.loadlib"] = true,
    ["debug.getinfo"] = true, ["debug.getlocal"] = true, ["debug.setlocal"] = true,
    ["debug.traceback"] = true,
}
-- Messages of these with an empty list of arguments are worth a look all the same.
local BARE = {
    "math.randomseed", "os.remove", "os.rename", "debug.setmetatable",
    "debug.setfenv", "_G.setfenv", "debug.getlocal", "debug.setlocal", "debug.getinfo",
    "_G.module", "io.lines", "io.open",
}

-- Two arguments that are both wrong: which one C looks at first is the compiler's choice.
local UNORDERED = {
    ["math.atan2"] = true, ["math.fmod"] = true, ["math.mod"] = true, ["math.pow"] = true,
    ["math.ldexp"] = true, ["os.difftime"] = true,
}

local names = {}
for library, list in pairs(FUNCTIONS) do
    for _, name in ipairs(list) do names[#names + 1] = library .. "." .. name end
end
table.sort(names)

local function list_of(n)
    local t = {}
    for i = 1, n do t[i] = choose.number(20) end
    return t
end

local TEXTS = {
    "", "a", "abc", "hello world", "12", "0x1f", " 7 ", "1e2", "%d", "%5.2f|%s", "%q", "%%", "%x",
    "a,b,c", "%w+", "(%w+)=(%w+)", "[a-c]", "key=value", "\0z", "a\nb", "^a", ".-", "return 1",
    "return ...", "x =", "%c", "%g", "%-5d", "zz", "ff", "n", "all", "absent.module", "k", "%i",
    "%5s", "%.3s", "%e", "%o", "%u", "%X", "%05d", "%+d", "%#x", "% d", ".", "%1", "%f", "()", "nan",
}
local NUMBERS = {0, 1, -1, 2, 3, 4, 5, 10, 16, 36, 2, 0.5, -0.5, 1.5, 2.5, 1e10, -1e10, 255, 256, 1e15,
    100, -3, 7, 2 ^ 31 - 1, -2 ^ 15, 1e300, -2.5, 0.1}

local function argument()
    local kind = choose.number(20)
    if kind <= 7 then return choose.of(TEXTS) end
    if kind <= 13 then return choose.of(NUMBERS) end
    if kind <= 15 then return list_of(choose.number(6) - 1) end
    if kind == 16 then return nil end
    if kind == 17 then return choose.chance(50) end
    if kind == 18 then return {a = 1, b = "two", abc = "three", [1] = "x"} end
    if kind == 19 then return function(...) return ... end end
    return choose.of({type, math.floor, 1 / 0, -1 / 0})
end

-- Known shapes, so that more calls get past the check of their arguments.
local function text() return choose.of(TEXTS) end
local function number() return choose.of(NUMBERS) end
local function small() return choose.number(12) - 4 end
local function list() return list_of(choose.number(8) - 1) end
local SHAPES = {
    ["string.byte"] = {text, small, small}, ["string.char"] = {function() return choose.number(255) end},
    ["string.find"] = {text, text, small}, ["string.format"] = {text, argument, argument},
    ["string.gsub"] = {text, text, argument, small}, ["string.match"] = {text, text, small},
    ["string.rep"] = {text, small}, ["string.sub"] = {text, small, small},
    ["table.concat"] = {list, text, small, small}, ["table.insert"] = {list, small, argument},
    ["table.remove"] = {list, small}, ["table.sort"] = {list}, ["math.fmod"] = {number, number},
    ["math.ldexp"] = {number, small}, ["math.max"] = {number, number, number},
    ["math.pow"] = {number, number}, ["math.atan2"] = {number, number},
    ["math.min"] = {number, number}, ["_G.select"] = {small, argument, argument},
    ["_G.tonumber"] = {text, function() return choose.number(36) end},
    ["_G.unpack"] = {list, small, small}, ["_G.next"] = {list, small},
    ["string.upper"] = {text}, ["string.lower"] = {text}, ["string.reverse"] = {text},
    ["math.floor"] = {number}, ["math.ceil"] = {number}, ["math.abs"] = {number},
    ["math.sqrt"] = {number}, ["math.modf"] = {number}, ["math.frexp"] = {number},
    ["_G.rawset"] = {list, argument, argument}, ["_G.setmetatable"] = {list, argument},
}

local function arguments(name)
    local shape = SHAPES[name]
    local made, n = {}, 0
    if shape and choose.chance(75) then
        n = choose.chance(80) and #shape or choose.number(#shape)
        for i = 1, n do made[i] = shape[i]() end
        if choose.chance(10) then made[choose.number(n)] = argument() end
    else
        n = choose.number(5) - 1
        for i = 1, n do made[i] = argument() end
    end
    return made, n
end

local function find(name)
    local library, key = name:match("^([^.]+)%.(.+)$")
    return _G[library][key]
end

-- Without addresses and what else may differ.
local function plain(line, name)
    line = line:gsub("0x%x%x%x%x%x+", "ADDRESS")
    return UNORDERED[name] and line:gsub("#%d to.*", "") or line
end

local function is_refused(name, made)
    if REFUSED[name] then return true end
    -- Standard input, and a directory.
    if name == "_G.loadfile" then return made[1] == nil or made[1] == "." end
    -- A long text and a list that begins far below zero are not worth their time.
    if name == "table.insert" then return (tonumber(made[2]) or 0) < -1e4 end
    return name == "string.rep" and (tonumber(made[2]) or 0) > 1000
end

package.path, package.cpath = "./?.lua", "./?.so"

for i = 1, count do
    local name = choose.of(names)
    local made, n = arguments(name)
    if not is_refused(name, made) then
        local given = {}
        for k = 1, n do given[k] = choose.text(made[k]) end
        print(i, name .. "(" .. table.concat(given, ", ") .. ")",
            plain(choose.line(pcall(find(name), unpack(made, 1, n))), name), choose.text(made[1]))
    end
end
for _, name in ipairs(BARE) do print(name, plain(choose.line(pcall(find(name))))) end
