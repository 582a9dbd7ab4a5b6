-- Manual 2.8: every event but comparison and indexing, which have scripts of their own.

local V = {}
V.__index = V
local function vec(x, y) return setmetatable({x = x, y = y}, V) end
local function text(v)
    if getmetatable(v) == V then return "(" .. v.x .. "," .. v.y .. ")" end
    return tostring(v)
end
local function pair_of(a, b)
    if type(a) == "number" then a = vec(a, a) end
    if type(b) == "number" then b = vec(b, b) end
    if type(a) == "string" then a = vec(a, a) end
    if type(b) == "string" then b = vec(b, b) end
    return a, b
end

V.__add = function(a, b) a, b = pair_of(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) a, b = pair_of(a, b) return vec(a.x - b.x, a.y - b.y) end
V.__mul = function(a, b) a, b = pair_of(a, b) return vec(a.x * b.x, a.y * b.y) end
V.__div = function(a, b) a, b = pair_of(a, b) return vec(a.x / b.x, a.y / b.y) end
V.__mod = function(a, b) a, b = pair_of(a, b) return vec(a.x % b.x, a.y % b.y) end
V.__pow = function(a, b) a, b = pair_of(a, b) return vec(a.x ^ b.x, a.y ^ b.y) end
V.__unm = function(a) return vec(-a.x, -a.y) end
V.__concat = function(a, b) return text(a) .. "~" .. text(b) end
V.__tostring = function(a) return "vec" .. text(a) end
V.__call = function(self, ...) return "called", select("#", ...), ... end

local a, b = vec(1, 2), vec(10, 20)
print(text(a + b), text(b - a), text(a * b), text(b / a), text(b % vec(3, 7)), text(a ^ vec(2, 3)))
print(text(-a), text(- -a), text(a + 1), text(1 + a), text(10 - a), text(a - 10))
print(text("3" * a), text(2 ^ a), text(a / 2), text(7 % b), text(-a ^ 2), text(a + a * b - -b))
print(a .. b, a .. "s", "s" .. a, 1 .. a, a .. 1, "x" .. a .. "y", a .. "x" .. "y", "x" .. "y" .. a)
print(1 .. 2 .. a .. 3 .. 4)
print(tostring(a), a, b)
print(a(), a(1, nil), (a(2)))
print(select("#", a(nil, nil, nil)), pcall(a, "through pcall"))

-- The event receives the operands as they are; only the first result counts.
local events = {}
local E = {}
for _, name in ipairs({"add", "sub", "mul", "div", "mod", "pow", "unm", "concat"}) do
    E["__" .. name] = function(x, y)
        events[#events + 1] = name .. ":" .. type(x) .. ":" .. type(y)
        return name, "second"
    end
end
local e = setmetatable({}, E)
local r = {e + 1, 1 - e, e * "x", nil, e / e}
print(r[1], r[2], r[3], r[5], e % nil, nil ^ e, -e, e .. nil, true .. e, {} .. e)
print(table.concat(events, " "))
events = {}

-- The left operand's event comes first, then the right one's.
local left = setmetatable({}, {__add = function() return "left" end,
    __concat = function() return "cl" end})
local right = setmetatable({}, {__add = function() return "right" end,
    __sub = function() return "sub" end})
print(left + right, right + left, left + 1, 1 + right, left - right, left .. right, right .. left)

-- Missing events.
local bare = setmetatable({}, {})
print(pcall(function() return bare + 1 end))
print(pcall(function() return -bare end))
print(pcall(function() return bare .. "x" end))
print(pcall(function() return bare() end))
print(pcall(function() return #setmetatable({1, 2}, {__len = function() return 99 end}) end))

-- __call on a chain of tables, and as an iterator; not for values that are functions.
local called = setmetatable({}, {__call = function(self, x) return type(self), x end})
print(called(5), pcall(called, 6), (called(nil)))
local not_callable = setmetatable({}, {__call = setmetatable({}, {__call = print})})
print(pcall(not_callable))
print(pcall(function() local t = setmetatable({}, {__call = 5}) t() end))

-- __metatable hides and protects.
local hidden = setmetatable({}, {__metatable = "locked"})
print(getmetatable(hidden), pcall(setmetatable, hidden, {}))
print(getmetatable("").__index == string, getmetatable(5), getmetatable(nil), getmetatable(print))
print(pcall(setmetatable, 5, {}))
print(pcall(setmetatable, {}, 5))
print(pcall(setmetatable, {}))
print(getmetatable(setmetatable({}, nil)), getmetatable(setmetatable(setmetatable({}, V), nil)))

-- __tostring must give a text for print, may give anything for tostring.
print(tostring(setmetatable({}, {__tostring = function() return "text" end})))
print(pcall(print, setmetatable({}, {__tostring = function() return {} end})))
print(pcall(tostring, setmetatable({}, {__tostring = function() error("inside", 0) end})))

-- Inheritance by __index, with super calls and class fields.
local Animal = {}
Animal.__index = Animal
function Animal.new(class, name)
    local self = setmetatable({name = name}, class)
    self:init()
    return self
end
function Animal:init() self.sound = "..." end
function Animal:speak() return self.name .. " says " .. self.sound end
local Dog = setmetatable({}, {__index = Animal})
Dog.__index = Dog
function Dog:init() Animal.init(self) self.sound = "woof" end
local Puppy = setmetatable({}, {__index = Dog})
Puppy.__index = Puppy
function Puppy:speak() return Dog.speak(self):upper() end
print(Animal:new("thing"):speak(), Dog:new("rex"):speak(), Puppy:new("bit"):speak())
print(rawget(Puppy:new("x"), "speak"), Puppy.init == Dog.init, Dog.speak == Animal.speak)

-- Metatables of userdata made by newproxy.
local proxy = newproxy(true)
getmetatable(proxy).__index = function(_, k) return k .. "!" end
getmetatable(proxy).__len = function() return 7 end
getmetatable(proxy).__call = function(_, x) return x end
local twin = newproxy(proxy)
print(proxy.field, #proxy, proxy(3), twin.other, getmetatable(twin) == getmetatable(proxy))
print(getmetatable(newproxy()), getmetatable(newproxy(false)), pcall(newproxy, 1))

-- Events of texts.
print(type(("x").len), ("abc"):len(), pcall(function() return ("abc").nothing end))

print(#"abc", pcall(function() return "abc" < 5 end))
print(pcall(function() return ("x")() end))

-- Changing a metatable takes effect at once, also for what is cached as absent.
local late = {}
local object = setmetatable({}, late)
print(pcall(function() return object + 1 end))
late.__add = function() return "now" end
late.__index = function() return "indexed" end
print(object + 1, object.x)
late.__add, late.__index = nil, nil
print(pcall(function() return object + 1 end), object.x)
