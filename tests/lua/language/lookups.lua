-- Look-ups by way of metatables, while what they go through changes: a field that was found must
-- not be found again where it no longer is.

local A = {name = "A", both = "A.both"}
local B = setmetatable({name2 = "B"}, {__index = A})
local C = {deep = "C"}
local class = {__index = B}
local o = setmetatable({}, class)
local p = setmetatable({own = 1}, class)

local function look(what)
    local text = {}
    for i = 1, 3 do -- the second time a look-up may be known
        text[#text + 1] = tostring(o.name) .. tostring(o.name2) .. tostring(o.both) ..
            tostring(o.deep) .. tostring(p.name) .. tostring(p.own) .. tostring(o.none)
    end
    print(what, text[1], text[1] == text[2], text[2] == text[3])
end

look("first")
A.name = "A2" look("another value")
B.name = "B" look("hidden by a nearer one")
B.name = nil look("no longer hidden")
A.name = nil look("gone")
A.name = "A3" look("back")
rawset(B, "both", "B.both") look("rawset")
rawset(B, "both", nil) look("rawset nil")
for i = 1, 40 do A["filler" .. i] = i end look("moved by growing")
for i = 1, 40 do A["filler" .. i] = nil end
for i = 1, 60 do A[i * 1000] = i end look("moved by numbers")
o.name = "own" look("own field")
o.name = nil look("own field gone")

-- Another __index, stored in place of the old one.
class.__index = C look("other __index")
class.__index = B look("and back")
rawset(class, "__index", C) look("rawset __index")
class.__index = function(t, k) return "f:" .. k end look("function")
class.__index = nil look("no __index")
class.__index = B look("__index again")

-- Another metatable in the middle of the chain, and at its end.
setmetatable(B, {__index = C}) look("middle")
setmetatable(B, nil) look("chain cut")
setmetatable(B, {__index = A}) look("middle again")
setmetatable(A, {__index = C}) look("longer")
setmetatable(A, nil) look("shorter")
getmetatable(B).__index = C look("link of the middle")
getmetatable(B).__index = A look("link of the middle back")

-- The link as a global variable of an environment.
local env = setmetatable({}, {__index = _G})
env.holder = setmetatable({}, env)
env.__index = A
local probe = setfenv(function(to) __index = to end, env)
print(env.holder.name, env.holder.name, env.holder.deep)
probe(C)
print(env.holder.name, env.holder.name, env.holder.deep)
probe(nil)
print(env.holder.name, env.holder.deep)

-- Tables that come and go at the same addresses.
for i = 1, 200 do
    local base = {v = i}
    local object = setmetatable({}, {__index = base})
    assert(object.v == i and object.v == i)
    assert(object.w == nil)
    base.w = -i
    assert(object.w == -i)
    if i % 50 == 0 then collectgarbage() end
end

-- Strings of the program as keys that come and go.
local seen = setmetatable({}, {__index = {}})
for i = 1, 300 do
    local key = "key" .. i
    assert(seen[key] == nil)
    getmetatable(seen).__index[key] = i
    assert(seen[key] == i)
    getmetatable(seen).__index[key] = nil
    assert(seen[key] == nil)
end

-- A class that holds its fields weakly.
local held = {}
local weak = setmetatable({f = held}, {__mode = "v"})
local w = setmetatable({}, {__index = weak})
print(type(w.f), type(w.f))
held = nil
collectgarbage()
collectgarbage()
print(type(w.f), type(w.f))

-- Methods: of tables, and of strings through their metatable.
function A:hello() return "hello " .. tostring(self == o) end
print(o:hello(), o:hello(), p:hello())
function A:hello() return "other" end
print(o:hello())
B.hello = function() return "nearer" end
print(o:hello())
B.hello = nil
print(o:hello())
