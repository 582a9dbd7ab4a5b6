-- inspect: nesting, metatables, cycles, depth, processing, escapes.
local inspect = require "inspect"
print(inspect(nil), inspect(true), inspect(-0.5), inspect(1e300), inspect("it's \"both\"\n\0\27"))
print(inspect({1, 2, 3, "four", {5, {6}}}))
print(inspect({a = 1, b = {c = "d", ["not id"] = true, [10] = 11, [-1.5] = 2}, 1, nil, 3}))
local cycle = {name = "root"}
cycle.self, cycle.list = cycle, {cycle, {cycle}}
print(inspect(cycle))
print(inspect(setmetatable({x = 1}, {__index = {y = 2}, __call = print and nil, name = "meta"})))
print(inspect({a = {b = {c = {d = {}}}}}, {depth = 2}))
print(inspect({1, {2, {3}}, k = "v"}, {newline = "@", indent = ">>"}))
local seen = {}
print(inspect({password = "secret", user = "x", deep = {password = 1}}, {
    process = function(item, path)
        seen[#seen + 1] = #path
        if path[#path] ~= "password" and path[#path] ~= inspect.METATABLE then return item end
    end,
}))
print(table.concat(seen, " "))
local keys = {}
for i = 1, 30 do keys["k" .. i * 7919 % 101] = i end
print(inspect(keys))
print(inspect({print == print, [true] = 1, [false] = 0, [2 ^ 53] = "big"}))
