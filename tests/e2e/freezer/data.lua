-- Data that is read straight into flash: what JSON and tables of constants become, and what is refused.
local function same(a, b)
    if type(a) ~= "table" or type(b) ~= "table" then
        return a == b
    end
    for k, v in pairs(a) do
        if not same(v, b[k]) then
            return false
        end
    end
    for k in pairs(b) do
        if a[k] == nil then
            return false
        end
    end
    return #a == #b
end

-- JSON, as sjson has it.
local json = [==[
{"name": "caf\u00e9 \"x\" \\ \/ \n\t", "list": [1, -20, 300, true, false, "a", [], {}], "empty": "",
 "a": {"b": {"c": [[1, 2], [3, 4]]}}, "same": {"c": [[1, 2], [3, 4]]}}
]==]
file.putcontents("d.json", json)
local d, saved, why = freezer.data "d.json"
print(freezer.isfrozen(d), saved > 0, why, same(d, sjson.decode(json)), #d.list, d.a.b == d.same, #d.name)
print(pcall(function() d.a.b.c[1][1] = 5 end))
print(freezer.data "d.json" == d, freezer.load "d.json" == d, freezer.list()["d.json"].kind, freezer.verify())

-- A table of constants, as the compiler makes it.
local source = [===[
#!skipped
-- a comment
return { --[=[ another ]=] 1, -2, 'three\065\
\n', [[
long]], [=[with ]] inside]=]; 0x10, true, nil, false,
  key = "v", ["any key"] = { n = { } }, [-1] = "below", [3] = "overtaken", [100] = "far", [true] = "boolean",
  list = { 1, 2, 3, 4, 5, nil, 7, }, last = - 4 ; } ; -- end
]===]
file.putcontents("c.lua", source)
local c = freezer.data "c.lua"
print(freezer.isfrozen(c), same(c, loadfile "c.lua"()), #c, c[3], c[4], c[5], c[100], c.last)
local many = {}
for i = 1, 120 do
    many[i] = i % 7 == 0 and "[" .. i - 5 .. "] = 'x" .. i .. "'" or tostring(i)
end
source = "return {" .. table.concat(many, ", ") .. "}"
print(same(freezer.data("m.lua", source), loadstring(source)()))

-- Pieces from a function; a text of the program that becomes one in flash is one all the same.
local mine, key = "a text" .. " of mine", {}
key[mine] = "found"
local pieces, n = { '[{"', "k", '": "a te', "xt of mi", 'ne"}, ', '"a text of mine"]' }, 0
local p = freezer.data("p.json", function() n = n + 1 return pieces[n] end)
print(p[1].k == mine, key[p[2]], freezer.isfrozen(mine), n)
p = freezer.data("f.json", function() n = n + 1 if n == 9 then freezer.freeze(function() return "a text in between" end) end
    return n < 9 and " " or n == 9 and '["a text in ' or n == 10 and 'between"]' or nil end)
print(p[1], freezer.isfrozen(p[1]), freezer.data("e.json", function() error "broken" end))
print(freezer.data("e.json", function() return {} end))
print(freezer.isfrozen(freezer.load("code.lua", "return 1, ...")))
n = 0
print(freezer.load("code.lua", function() n = n + 1 return ({ "return ", "'from", " pieces'" })[n] end)())
print(freezer.load("code.lua", "return ="))

-- What is no data.
for i, text in ipairs { "", "return 1", "return {f()}", "return {1,", "return {'a\n'}", "return {} x", "local x", '{"a": 1,}', "[1 2]",
    '{"a" 1}', "{a: 1}", '["\\x"]', '["\\u12g4"]', "[01]", "[nul]", "[1]]", 'return {"\\300"}', "return {[nil] = 1}", "return {1 .. 2}",
    "return {[[x}", "--[[ x" } do
    print(i, select(2, freezer.data("bad", text)))
end
print(freezer.data "nowhere.json")
print(freezer.data("deep.json", ("["):rep(101) .. ("]"):rep(101)))
print(freezer.list().bad, freezer.verify())
print(pcall(freezer.data, {}))
