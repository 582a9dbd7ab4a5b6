-- Manual 2.8: __index, __newindex, rawget, rawset.

-- Function and table as __index, chains.
local base = {color = "red", size = 1}
local derived = setmetatable({size = 2}, {__index = base})
print(derived.color, derived.size, derived.nothing, rawget(derived, "color"))
local deeper = setmetatable({}, {__index = derived})
print(deeper.color, deeper.size, rawget(deeper, "size"))
local computed = setmetatable({}, {__index = function(t, k) return type(t) .. ":"
    .. tostring(k) end})
print(computed.x, computed[1], computed[true], computed[nil], #computed, next(computed))
local first_only = setmetatable({}, {__index = function() return 1, 2, 3 end})
print(first_only.x, (first_only.x))
local none = setmetatable({}, {__index = function() end})
print(none.x, none[1])
local chain = setmetatable({}, {__index = setmetatable({a = 1}, {__index = function(_, k) return k
    .. "?" end})})
print(chain.a, chain.b)

-- A present field, even false, hides the event; nil does not.
local t = setmetatable({f = false}, {__index = function() return "event" end})
print(t.f, t.g)
t.f = nil
print(t.f)

-- __newindex: function, table, raw.
local log = {}
local w = setmetatable({}, {__newindex = function(self, k, v) log[#log + 1] = tostring(k) .. "="
    .. tostring(v) end})
w.x = 1
w[1] = 2
w.y = nil
print(table.concat(log, " "), next(w))
rawset(w, "x", 10)
w.x = 11
print(w.x, #log)
local store = {}
local redirect = setmetatable({}, {__newindex = store})
redirect.a, redirect[1] = "A", "one"
print(rawget(redirect, "a"), store.a, store[1])
local deep_store = {}
local deep = setmetatable({}, {__newindex = setmetatable({}, {__newindex = deep_store})})
deep.k = "v"
print(deep_store.k, rawget(deep, "k"))
local present = setmetatable({x = 1}, {__newindex = function() error("never") end})
present.x = 2
print(present.x)

-- Events of indices that come from registers, constants, upvalues and methods.
local key = "dynamic"
local i = setmetatable({}, {__index = function(_, k) return "<" .. tostring(k) .. ">" end})
print(i.constant, i[key], i[1], i[1.5], i[-1], (function() return i[key] end)())
local obj = setmetatable({}, {__index = function(_, name)
    return function(self, x) return name, self ~= nil, x end
end})
print(obj:any(1), obj.other(obj, 2))

-- Proxies: read-only tables, default values, counting access.
local function read_only(target)
    return setmetatable({}, {
        __index = target,
        __newindex = function(_, k) error("field '" .. tostring(k) .. "' is read-only", 2) end,
        __metatable = false,
    })
end
local ro = read_only({a = 1, b = {c = 2}})
print(ro.a, ro.b.c, pcall(function() ro.a = 2 end))
print(getmetatable(ro), pcall(setmetatable, ro, {}))
local function with_default(d) return setmetatable({}, {__index = function() return d end}) end
local zero = with_default(0)
zero.n = zero.n + 1
zero.n = zero.n + 1
print(zero.n, zero.m)
local counts = {}
local auto = setmetatable({}, {__index = function(self, k)
    counts[#counts + 1] = k
    local v = {}
    rawset(self, k, v)
    return v
end})
auto.x.y = 1
auto.x.z = 2
print(auto.x.y, auto.x.z, #counts)

-- Other types.
print(("abc").len == string.len, ("abc").nothing, ("abc")[1])
print(pcall(function() local n = 5 return n.x end) == false, pcall(function() return (nil).x end))
print(pcall(function() return (5).x end))
print(pcall(function() return (true)[1] end))
print(pcall(function() ("abc").x = 1 end))
print(pcall(function() return (print).x end))

-- Loops in the chain end with an error.
local l1, l2 = {}, {}
setmetatable(l1, {__index = l2})
setmetatable(l2, {__index = l1})
print(pcall(function() return l1.x end))
local n1, n2 = {}, {}
setmetatable(n1, {__newindex = n2})
setmetatable(n2, {__newindex = n1})
print(pcall(function() n1.x = 1 end))

-- __index on _G: declared globals.
local declared = {known = true}
local env = setmetatable({print = print, pcall = pcall}, {
    __index = function(_, k) error("undeclared variable " .. k, 2) end,
    __newindex = function(t, k, v)
        if not declared[k] then error("assignment to undeclared " .. k, 2) end
        rawset(t, k, v)
    end,
})
local f = loadstring(
    "known = 1 print(known) print(pcall(function() return unknown end)) unknown = 2", "=decl")
setfenv(f, env)
print(pcall(f))

-- Table library functions that are raw, and ones that are not.
local raw = setmetatable({}, {__index = function() return "event" end, __newindex = function() end})
table.insert(raw, "x")
print(#raw, rawget(raw, 1), raw[2], table.concat({1, 2}), unpack(setmetatable({},
    {__index = string.char}), 1, 2))
for k, v in pairs(setmetatable({1}, {__index = {2, 3}})) do print(k, v) end
for k, v in ipairs(setmetatable({1}, {__index = {5, 2}})) do print(k, v) end
