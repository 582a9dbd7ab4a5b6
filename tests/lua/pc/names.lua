-- Names of values in messages: globals, fields, methods, upvalues, locals, constants, of every
-- operation that can fail, through registers that are used again. Manual 2.5, 2.8.
local function try(f, ...) print(select(2, pcall(f, ...))) end
local up, uptable = nil, {}
local unused = function() return up, uptable end

-- The same operation on every kind of variable.
local OPERATIONS = {
    "@ + 1", "1 - @", "@ * @", "@ / 2", "@ % 2", "@ ^ 2", "-@", "#@", "@ .. 'x'", "'x' .. @", "1 .. @ .. 2", "@.f", "@.f.g",
    "@[1]", "@[nil]", "@()", "@:m()", "@.f()", "@.f.g()", "@ < 1", "1 <= @", "@ > 'x'", "@ >= @",
}
local VARIABLES = {
    {"", "g"}, {"local l = nil ", "l"}, {"local t = {} ", "t.f"}, {"local t = {f = {}} ", "t.f.h"},
    {"local t = {} ", "t[1]"}, {"local t, k = {}, 'key' ", "t[k]"}, {"", "(g)"}, {"local l = nil ", "(l)"},
    {"local l = true ", "l"}, {"local l = {} ", "l"}, {"local l = print ", "l"}, {"", "('x')"}, {"", "(5)"},
    {"local t = {f = true} ", "t.f"}, {"local t = {f = true} ", "t['f']"}, {"", "string.none"}, {"", "_G.g"},
    {"local a, b, c = 1, 2 ", "c"}, {"local function f() end ", "f()"}, {"local t = {} ", "t.a.b"},
}
for _, variable in ipairs(VARIABLES) do
    for _, operation in ipairs(OPERATIONS) do
        local text = variable[1] .. "return " .. operation:gsub("@", variable[2])
        local f = assert(loadstring(text, "=v"))
        local ok, message = pcall(f)
        print(variable[2] .. " | " .. operation .. " | " .. (ok and "fine" or message))
    end
end

-- Stores.
for _, text in ipairs({
    "g.x = 1", "g.x.y = 1", "local l l.x = 1", "local l l[1] = 1", "local t = {} t.f.x = 1", "local t = {} t[1].x = 1",
    "local t = {} t[nil] = 1", "local t = {} t[0/0] = 1", "t = {} t.a.b.c = 1", "('x').y = 1", "(5).x = 1",
    "local t = setmetatable({}, {__newindex = 5}) t.x = 1", "local t = setmetatable({}, {__index = 5}) return t.x",
    "local t = setmetatable({}, {__call = 5}) return t()", "local t = setmetatable({}, {__add = 5}) return t + 1",
    "local t = setmetatable({}, {__concat = {}}) return t .. 1", "local t = setmetatable({}, {__lt = 1}) return t < t",
    "local t = setmetatable({}, {__le = true}) return t <= t", "local t = setmetatable({}, {__unm = 'x'}) return -t",
    "local t = setmetatable({}, {__eq = 1}) return t == setmetatable({}, getmetatable(t))",
    "local t = setmetatable({}, {__index = function() error('in index') end}) return t.x",
    "local t = setmetatable({}, {__index = function() error('in index', 2) end}) return t.x",
    "local a = {} a.b = a a.b.b.c.d = 1", "for i = nil, 1 do end", "for i = 1, nil do end", "for i = 1, 2, {} do end",
    "for i = 'x', 2 do end", "for i = '1', '2', '1' do io = i end return io", "for k in 5 do end", "for k in nil do end",
    "for k, v in {} do end", "for k in pairs() do end", "local x = {} for i = 1, 2 do x = x.y.z end",
}) do
    print(text .. " | " .. tostring(select(2, pcall(assert(loadstring(text, "=s"))))))
end

-- Upvalues, and registers that were something else before.
try(function() return up.x end)
try(function() return up() end)
try(function() return up + 1 end)
try(function() return up .. "x" end)
try(function() return uptable.x.y end)
try(function() return uptable:method() end)
try(function() up.x = 1 end)
try(function() return (function() return up.x end)() end)
try(function() do local gone = 1 end local now now.x = 1 end)
try(function() local a, b = 1 if a then local c = b.x end end)
try(function() local t = {} t = t.x and t.x or t.y.z end)
try(function() local f = function() end f().x = 1 end)
try(function(...) local a = ... return a.x end)
try(function(...) return (...).x end)
try(function(a) a.b.c() end, {b = {}})
try(function(a) a.b:c() end, {b = {}})
try(function(a, b) return a < b end, 1, "1")
try(function(a, b) return a < b end, {}, {})
try(function(a, b) return a <= b end, nil, 1)
try(function(a, b) return a .. b end, {}, "x")
try(function(a, b) return "x" .. a .. b end, 1, nil)
try(function() local t = {1, 2, nil_value.x} return t end)
try(function() return {x = nil_value.x} end)
try(function() return print(nil_value.x) end)
try(function() local a = "x" local b = a.y.z end)
try(string.rep, "x", -1)
try(string.rep)
try(("x").rep, "x", {})
try(function() return ("x"):rep({}) end)
try(function() string.rep("x", {}) end)
try(function() local s = string s.rep("x", {}) end)
try(function() local rep = string.rep rep("x", {}) end)
try(function() return string.rep("x", {}) end)
try(function() setmetatable({}, {__index = string.rep}).x() end)
