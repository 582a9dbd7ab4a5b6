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
print(freezer.verify(), select(2, freezer.info()))
