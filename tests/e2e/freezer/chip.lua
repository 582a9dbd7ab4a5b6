-- Functions freeze on the chip as on the computer; run twice on the same flash.
local m = freezer.require "named"
print(m.name(), m.value(), freezer.isfrozen(m.value), (freezer.info()))
local f = loadstring [[
    local t, mt = {}, {}
    mt.__index = function(_, k) return k .. "!" end
    setmetatable(t, mt)
    return t.x, "constant", #"abc"]]
local function live()
    for i = 1, 8 do collectgarbage() end
    return (node.egc.meminfo())
end
local before = live()
local _, saved = freezer.freeze(f)
print(saved, before - live(), f())
local function fact(n)
    if n == 3 then freezer.freeze(fact) live() end
    return n == 0 and 1 or n * fact(n - 1)
end
print(fact(6))
print(pcall(loadstring("\n\nlocal a = nil + 1", "=lines")))
-- Tables and the functions in them.
local t = assert(loadstring [[
    local M = {list = {10, 20, {x = "deep"}, nil, 50}, name = "module", [true] = 1, [-3] = "below"}
    function M.get(n) return M.list[n] end
    function M:all() return self.name, self.get(2), M.list[3].x, #M.list, M[-3], M[true], M.none end
    return M]])()
print(select(3, freezer.freeze(t)), freezer.isfrozen(t), freezer.isfrozen(t.get))
live()
print(t:all())
local count = 0
for k, v in pairs(t) do count = count + #tostring(k) + (v == t.name and 100 or 0) end
for i, v in ipairs(t.list) do count = count + i end
print(count, next(t.list), rawget(t, "name"), select("#", unpack(t.list, 1, 2)))
print(pcall(function() t.name = "other" end))
local object = setmetatable({}, {__index = t})
print(object.name, object:all())
print(getmetatable(setmetatable({}, t)) == t, tostring(t) ~= tostring(t.get))
print(freezer.verify(), select(2, freezer.info()))
