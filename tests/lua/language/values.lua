-- Manual 2.2: types, text of values, conversion between text and number.

print(type(nil), type(true), type(0), type(""), type({}), type(print), type(function() end),
    type(coroutine.create(function() end)), type(newproxy()))
print(pcall(type))
print(tostring(nil), tostring(true), tostring(false), tostring("x"), tostring(12), tostring(-0.5))
print(1/0, -1/0, tostring(0/0):gsub("-", ""), math.huge == 1/0, -math.huge == -1/0)
print(0 == -0, 1/0 == 1/-0, tostring(-0) == "0" or tostring(-0) == "-0")
print(0/0 == 0/0, 0/0 ~= 0/0, 0/0 < 0, 0/0 > 0, 0/0 <= 0)

-- Numbers as text: 14 digits.
print(1/3, 2/3, 10/3, 1e15/3, 123456789.123456789, 0.1 + 0.2, 1e300 * 10, 5e-324 > 0)
print(1e14, 1e15, 1e16, 12345678901234, 123456789012345, 1234567890123456)
print(100, 100.0, 1e2, -1e2, 2^31, 2^32, -2^31, 2^63, 2^64, 2^-1, 2^0.5)
print(3.14159265358979, 2.5, 1e-4, 1e-5, 0.00001234, 123e-7)

-- Text to number.
print(tonumber("10"), tonumber("  10  "), tonumber("0x10"), tonumber("-7"), tonumber("+7"))
print(tonumber("1e2"), tonumber(".5"), tonumber("5."), tonumber("1 2"), tonumber(""), tonumber(" "))
print(tonumber("0x"), tonumber("1e"), tonumber("e1"), tonumber("--1"), tonumber("1-"),
    tonumber("ten"))
print(tonumber("10", 2), tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("8",
    8))
print(tonumber("7", 8), tonumber("1010101", 2), tonumber(" 11 ", 2), tonumber("12", 2),
    tonumber("", 10))
print(tonumber(5), tonumber(true), tonumber(nil), tonumber({}), tonumber("5\0"), tonumber("5 x"))
print(pcall(tonumber), pcall(tonumber, "1", 1), pcall(tonumber, "1", 37))

-- Coercion in operators: arithmetic takes texts, joining takes numbers, comparison neither.
print("10" + 1, "0x10" + 0, "3" * "4", "10" / "4", -"2", "2" ^ "3", "7" % "4", " 5 " + 1)
print(1 .. "", 1.5 .. "|", -1 .. 2, 2^53 .. "", 1e100 .. "")
print("10" == 10, "1" < "2", "10" < "9", "a" < "B", "" < "a", "a\0b" > "a", "a" < "a\0")
print(pcall(function() return "a" + 1 end))
print(pcall(function() return {} + 1 end))
print(pcall(function() return 1 < "2" end))
print(pcall(function() return {} < {} end))
print(pcall(function() return nil .. "x" end))
print(pcall(function() return #5 end))
print(pcall(function() return -{} end))

-- Truth: only nil and false are false.
for _, v in ipairs({0, "", "false", true}) do
    if v then print("true:", v) else print("false:", v) end
end
print(not nil, not false, not 0, not "", not not nil)

-- Equality is identity for tables and functions, content for texts.
local t, u = {}, {}
print(t == t, t == u, print == print, "a" .. "b" == "ab", t ~= u, rawequal(t, t), rawequal("x",
    "x"))
local function maker() return function() end end
print(maker() == maker(), maker == maker)

-- Keys of tables: any value but nil and NaN; numbers by value, texts by content.
local k = {}
k[1], k[1.0], k["1"], k[true], k[t], k[print], k[0.5] = "one", "uno", "text", "yes", "table", "f",
    "half"
print(k[1], k["1"], k[true], k[t], k[print], k[1/2], k[u], k[nil])
print(pcall(function() k[nil] = 1 end))
print(pcall(function() k[0/0] = 1 end))
print(k[0/0], rawget(k, 1), rawset(k, 2, "two") == k, k[2])
k[1e100], k[2^53], k[-1], k[-0] = "large", "exact", "minus", "zero"
print(k[1e100], k[9007199254740992], k[-1], k[0])
