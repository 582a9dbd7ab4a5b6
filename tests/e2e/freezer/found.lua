-- A table that the freezer has already, in which a function that stays in RAM has another code: that goes to flash, too.
local state = freezer.thawed {count = 0}
local add = file.exists "again" and 2 or 1
local function load(text)
    return loadstring(text:gsub("ADD", add), "=frozen")()(state)
end
local plain = load [[return function(s)
    return {f = function() s.count = s.count + ADD return s.count end, name = "a table that is found"}
end]]
local group = load [[return function(s)
    local t = {name = "a group that is found"}
    local function f() s.count = s.count + ADD return s.count end
    t.f, t.self, t.g = f, t, function() return t.name end
    return t
end]]
file.putcontents("again", "")
freezer.freeze_all {plain, group}
print(add, freezer.isfrozen(plain.f), freezer.isfrozen(group.f), freezer.isfrozen(group.g), plain.f() + group.f(), (freezer.verify()))
