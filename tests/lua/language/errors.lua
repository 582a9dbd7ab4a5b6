-- Messages of the virtual machine and the libraries: names of variables, positions, levels.

local function try(f, ...)
    print(select(2, pcall(f, ...)))
end

-- Index.
try(function() return unknown.field end)
try(function() return unknown[1] end)
try(function() unknown.field = 1 end)
try(function() unknown[1] = 1 end)
try(function() local t = {} return t.a.b end)
try(function() local t = {a = {}} return t.a.b.c end)
try(function() local t = {} t.x.y = 1 end)
try(function() local t = {} t[1][2] = 1 end)
try(function() return ("x").y.z end)
try(function() return (1).x end)
try(function() return math.nothing.more end)

-- Call.
try(function() unknown() end)
try(function() local t = {} t.method() end)
try(function() local t = {} t:method() end)
try(function() local t = {a = {}} t.a.b.c() end)
try(function() local t = {a = {}} t.a:b() end)
try(function() string.nothing("x") end)
try(function() ("x"):nothing() end)
try(function() (1)() end)
try(function() ("text")() end)
try(function() ({})() end)
try(function() (function() end)()() end)
try(function() local x = 5 x() end)
try(function() return unknown() end)
try(function() local t = {} return t.f() end)

-- Arithmetic and joining.
try(function() return unknown + 1 end)
try(function() return 1 - unknown end)
try(function() local t = {} return t.x * 2 end)
try(function() local t = {} return 2 / t.x.y end)
try(function() return {} % 2 end)
try(function() return -unknown end)
try(function() return -{} end)
try(function() return "abc" + 1 end)
try(function() return 2 ^ "x" end)
try(function() return nil + nil end)
try(function() return true * 2 end)
try(function() return "a" .. unknown end)
try(function() return unknown .. "a" end)
try(function() return "a" .. {} .. "b" end)
try(function() local t = {} return t.name .. "x" end)
try(function() return 1 .. nil end)
try(function() return #unknown end)
try(function() return #5 end)
try(function() local t = {} return #t.list end)

-- Comparison.
try(function() return 1 < "1" end)
try(function() return {} < {} end)
try(function() return nil > 1 end)
try(function() return print <= type end)
try(function() return "a" >= 1 end)

-- for, tables.
try(function() for i = 1, "x" do end end)
try(function() for i = {}, 1 do end end)
try(function() for i = 1, 2, "s" do end end)
try(function() for k in unknown do end end)
try(function() for k in pairs(nil) do end end)
try(function() for k in ipairs() do end end)
try(function() local t = {} t[nil] = 1 end)
try(function() local t = {} t[0 / 0] = 1 end)
try(function() next({}, "absent") end)
try(function() rawset({}, nil, 1) end)

-- error: values, levels, positions.
try(function() error("message") end)
try(function() error("message", 0) end)
try(function() error("message", 1) end)
try(function() error("message", 2) end)
try(function() error("message", 3) end)
local function checked(x) if type(x) ~= "number" then error("number wanted", 2) end return x end
try(function()
    checked("x")
end)
try(function() error(nil) end)
try(function() error() end)
try(function() error(42) end)
try(function() error(true) end)
print(pcall(error, {}) == false, type(select(2, pcall(error, {}))))
print(pcall(error, "through pcall"))
print(pcall(error, "through pcall", 2))
try(function() error(setmetatable({}, {__tostring = function() return "as text" end})) end)

-- assert.
print(assert(1, 2, 3))
try(function() assert(false) end)
try(function() assert(nil, "own message") end)
try(function() assert(false, {}) end)
try(function() assert() end)
print(select("#", pcall(assert, true, nil, nil)))

-- pcall and xpcall.
print(pcall(function(...) return select("#", ...), ... end, 1, nil))
print(xpcall(function() return "fine", 2 end, print))
print(xpcall(function() error("in f", 0) end, function(m) return m .. " handled", "second" end))
print(xpcall(function() error({code = 7}) end, function(e) return e.code end))
print(xpcall(function() unknown.x = 1 end, function(m) return "<" .. m .. ">" end))
print(xpcall(function() error("first", 0) end, function(m) error("in handler", 0) end))
print(pcall(pcall))
print(pcall(pcall, error, "nested"))
print(pcall(xpcall))
print(pcall(pcall, pcall, error, "deep"))
print(select(2, pcall(function()
    local ok, e = pcall(error, "inner", 0)
    error(e .. " outer", 0)
end)))

-- Arguments of library functions.
try(function() string.rep() end)
try(function() ("x"):rep({}) end)
try(function() ("x"):rep() end)
try(function() string.char(256) end)
try(function() string.char(-1) end)
try(function() math.floor("x") end)
try(function() math.floor() end)
try(function() table.concat({{}}) end)
try(function() table.concat({1, 2, nil, 4}, ",", 1, 4) end)
try(function() table.insert({}, 1, 2, 3) end)
try(function() table.insert(nil, 1) end)
try(function() setmetatable(1, {}) end)
try(function() tonumber() end)
try(function() tonumber("1", 99) end)
try(function() ipairs() end)
try(function() unpack() end)
try(function() select(0) end)
try(function() rawget(1, 2) end)
try(function() ("x"):format() string.format("%d", "x") end)
try(function() string.format("%y", 1) end)
try(function() ("x"):find("[a") end)
try(function() ("x"):find("%") end)
try(function() ("x"):gsub("(", "") end)
try(function() ("x"):gsub("x", "%2") end)
try(function() ("x"):gsub("x", true) end)
try(function() ("x"):gsub("x", function() return {} end) end)
try(function() ("x"):bad() end)
try(function() coroutine.resume(1) end)
print((select(2, pcall(table.sort, {1, "x", 2})):find("attempt to compare", 1, true)))
try(function() table.sort({3, 2, 1}, function() error("in order", 0) end) end)
try(function() loadstring("x =")() end)
try(function() local s = string s.rep() end)
try(string.rep)
try(math.max)

-- Positions: the line of the failing instruction, also in statements over several lines.
try(function()
    local a = 1
    local b = a
        + unknown
    return b
end)
try(function()
    local t = {
        x = 1,
        y = unknown.z,
    }
    return t
end)
try(function()
    print(
        "never",
        unknown.field)
end)
try(function()
    unknown(
        1
    )
end)
try(loadstring("\n\nerror('third line')", "=chunk"))
try(loadstring("local x = 1\n\n\nlocal y = x.z.w", "@file.lua"))
try(loadstring("return unknown.x", "code of a chunk"))

-- Errors through several levels keep the first position.
local function l3() unknown() end
local function l2() l3() end
local function l1() l2() end
try(l1)
try(function() local ok, e = pcall(l1) error(e, 0) end)
try(function() local ok, e = pcall(l1) error(e) end)

-- Tail calls lose the level.
local function tail() error("from tail", 2) end
try(function() return tail() end)
try(coroutine.wrap(function() error("in coroutine") end))
try(coroutine.wrap(function() coroutine.wrap(function() error("in inner") end)() end))
