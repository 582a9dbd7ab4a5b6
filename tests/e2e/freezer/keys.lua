-- Tables and functions that are keys move with what they are keys of.
local function same(what, got, want)
    if got ~= want then print("FAULT", what, got, want) end
end
local function count(t)
    local n = 0
    for _ in pairs(t) do n = n + 1 end
    return n
end
local function found(t, keys)
    for i, key in pairs(keys) do
        if t[key] ~= i then return "not " .. i end
    end
    return "all"
end

-- Full tables, others with room and with fields that were removed; keys of each kind; also weak ones.
for size = 1, SIZES or 70 do
    local keys, strong, weak = {}, {"one", "two", name = "a name", [-1] = "below"}, setmetatable({}, {__mode = "k"})
    for i = 1, size do
        keys[i] = i % 3 == 0 and assert(loadstring("return function() return " .. i .. " end"))() or {i, "key " .. i}
        strong[keys[i]], weak[keys[i]], strong["field " .. i] = i, i, i
    end
    for i = 1, size, 4 do strong["field " .. i] = nil end
    local fields = count(strong)
    if size % 2 == 0 then freezer.freeze_all {unpack(keys, 1, 60)} else freezer.freeze(keys) end
    same("found in " .. size, found(strong, keys) .. found(weak, keys), "allall")
    same("as many", count(strong) .. " " .. count(weak), fields .. " " .. size)
    same("the rest", strong.name .. strong[-1] .. strong[2], "a namebelowtwo")
    local new = {}
    strong[new], strong.another, weak[new] = "new", "field", "new"
    same("new ones", strong[new] .. strong.another .. weak[new], "newfieldnew")
    for i = 1, size, 2 do strong[keys[i]] = nil end
    same("removed", count(strong), fields + 2 - math.floor((size + 1) / 2))
    collectgarbage()
end

-- Metatables of newproxy, which remembers them; metatables of classes with their subclasses.
local p = newproxy(true)
local mt = getmetatable(p)
mt.__index = {x = 1}
same("a metatable of userdata", select(3, freezer.freeze(mt)), nil)
same("frozen", freezer.isfrozen(mt) .. p.x .. tostring(rawequal(mt, getmetatable(p))), "freezer1true")
same("newproxy knows it", newproxy(p).x, 1)

-- What was an island freezes when it is no more than that.
local island = freezer.thawed {5}
freezer.freeze {island = island}
same("an island", select(3, freezer.freeze(island)), nil)
same("frozen", freezer.isfrozen(island) .. island[1], "freezer5")

-- Not while the table is traversed: what has moved would come again, or not at all.
local set = {}
for i = 1, 10 do set[{i}] = i end
local seen, why = 0
for key in pairs(set) do
    seen = seen + 1
    why = select(3, freezer.freeze(key))
end
same("why", why, ": it is a key of a table that is traversed")
same("each once", seen, 10)
local walk = coroutine.wrap(function() for key in pairs(set) do coroutine.yield(key) end end)
same("in another thread", select(3, freezer.freeze(walk())), ": it is a key of a table that is traversed")
for _ = 2, 10 do walk() end
walk()
same("then it does", select(3, freezer.freeze((next(set)))), nil)
same("found", count(set), 10)
same("verify", freezer.verify(), true)
print "keys"
