-- Memory runs out once, anywhere (tests/faults/memory.sh): what failed is tried again, nothing is lost.
local function try(what, f, check)
    for _ = 1, 3 do
        local is_done, result = pcall(f)
        if is_done then return result end
        if not tostring(result):find("not enough memory", 1, true) then error(what .. ": " .. tostring(result)) end
        if check then check() end
    end
    error(what .. ": memory never comes back")
end
local function same(what, got, want)
    if got ~= want then print("FAULT", what, got, want) end
end
local islands = {{1}, {2}, {3}}
for i = 1, 3 do try("thawed", function() return freezer.thawed(islands[i]) end) end

-- Tables with islands, equal ones, in one freeze and in several.
local function object(i) return {kind = "object", list = {1, 2, 3}, part = islands[i]} end
local one, two = try("objects", function() return {object(1), object(2)} end), try("object", function() return object(3) end)
local function check_parts()
    same("parts", one[1].part[1] .. one[2].part[1] .. two.part[1], "123")
end
for _, t in ipairs {one, two} do
    try("freeze", function() return freezer.freeze(t) end, check_parts)
    check_parts()
end
same("frozen", freezer.isfrozen(one[2]) and freezer.isfrozen(two), "freezer")
-- What has become another value since a freeze failed is that.
local later, part = try("later", function() return {islands[1], {part = islands[2]}} end), islands[1]
try("freeze", function() return freezer.freeze(later) end, function() later[1], part = "plain", "plain" end)
same("later", later[1], part)

-- Overlays, key by key: a store that fails leaves the field as it was.
local t = try("table", function() return {10, 20, 30, a = "in flash", b = "in flash", c = {}} end)
try("overlay", function() return freezer.freeze(t, {overlay = true}) end)
same("in flash", freezer.isfrozen(t), "freezer")
local function store(key, value)
    local old = t[key]
    try("store", function() t[key] = value end, function() same(key, t[key], old) end)
    same(key, t[key], value)
end
store("a", 1) store("b", nil) store(4, 40) store(2, 21) store("c", "text") store("b", 2) store("a", nil) store(1, nil) store(1, 11)
for i = 1, 20 do store("key " .. i % 7, i) store(4 + i, i * 10) end
local function count()
    local n, sum = 0, 0
    for _, v in pairs(t) do n, sum = n + 1, sum + (tonumber(v) or 0) end
    return n .. " " .. sum .. " " .. #t
end
print(try("pairs", count))

-- Back to RAM, and functions that are loaded into flash; data; modules.
local copy = try("thaw", function() return freezer.thaw(two) end, check_parts)
copy.kind = "changed"
same("thaw", copy.kind .. two.kind .. copy.list[3], "changedobject3")
local f = try("load", function() return assert(freezer.load("some.lua", "local x = ... return function(y) return x + y end, 'a text'")) end)
local g = try("thaw", function() return freezer.thaw(f) end)
same("functions", try("call", function() return f(1)(2) + g(3)(4) end), 10)
local function data()
    local read, _, why = freezer.data("some.json", '{"list": [1, [2, {"deep": "text"}], "three"], "name": "some data"}')
    if read == nil then error(_, 0) end
    same("why", why, nil)
    return read
end
local d = try("data", data)
same("data", d.list[2][2].deep .. d.name .. tostring(freezer.isfrozen(d)), "textsome datafreezer")
local m = try("require", function() return freezer.require "module" end)
same("module", type(m), type(require "module"))
same("verify", freezer.verify(), true)
print(#try("list", function() local n = {} for k in pairs(freezer.list()) do n[#n + 1] = k end return n end))
