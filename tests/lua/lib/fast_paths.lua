-- Library functions under other names, as metamethods and iterators, with usual and odd arguments:
-- whichever way they are run, results and messages are the same.

print(("x"):rep(3), ("x"):rep(2), pcall(function() return ("x"):nothing() end))
string.nothing = function(s) return s .. "!" end
print(("x"):nothing(), ("x"):nothing())
string.nothing = nil
print(pcall(function() return ("x"):nothing() end))

-- Functions of libraries under other names, as metamethods and iterators, with odd arguments.
local t = setmetatable({}, {__index = rawget, __call = select, __len = type})
print(t.x, pcall(t, 2), select(-1, 1, 2, 3), select("#"), (select(2, "a", "b", "c")))
print(pcall(select, 0), pcall(select, -5, 1), pcall(string.byte), pcall(string.sub, "x"))
print(("abc"):byte(-1), ("abc"):byte(10), ("abc"):byte(1.0))
print(("abc"):sub(2, 10), ("abc"):sub(-2, "3"))
print(math.floor(-0.5), math.floor(2^40 + 0.5), math.floor("3.7"))
print(math.max(1, "2"), pcall(math.max))
print(type(nil), pcall(type), tostring(-0 + 0))
print(tonumber("0x10"), tonumber("  12  "), tonumber("1e1"))
print(pcall(next, {}, "none"), next({}), next({5}), rawequal(t, t), pcall(rawequal, 1))
print(unpack({1, 2, 3}), (unpack({1, nil, 3}, 1, 3)), pcall(unpack), unpack({}, 1, 2))
print(pcall(setmetatable, {}), pcall(setmetatable, setmetatable({}, {__metatable = 1}), {}))
print(table.insert({}, 1), table.remove({}), table.remove({7}), pcall(table.insert, {}, 1, 2, 3))
print(assert(1, 2, 3), pcall(assert, nil, "why"), pcall(assert, false), pcall(assert))
for i, v in ipairs({1, 2, nil, 4}) do io = io; print(i, v) end
local n = 0
for k, v in pairs({10, 20, 30, x = 1, y = 2}) do n = n + v end
for k, v in next, {10, 20, 30} do n = n + v end
print(n)
