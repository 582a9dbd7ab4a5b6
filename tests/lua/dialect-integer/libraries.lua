-- libraries of the integer build: string.format without fractions, the small math library, and
-- arguments at the ends of the range.
local least, most = 0x80000000, 2147483647
local function try(f, ...) print(pcall(f, ...)) end

print("-- format")
for _, item in ipairs { "%d", "%i", "%u", "%x", "%X", "%o", "%c", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d",
    "%#x", "%s", "%q", "%%", "%5.2d|" } do
    print(item, item:format(65))
end
print(("%d %i %u %x %o"):format(least, least, least, least, least), ("%u %x"):format(-1, -1))
for _, item in ipairs { "%e", "%E", "%f", "%g", "%G", "%5.1f", "%a", "%y" } do
    try(string.format, item, 1)
end
try(string.format, "%d", "12")
try(string.format, "%d", "1.5")
print("%d items" % 5, "%s and %s" % { 1, 2 })

print("-- math")
local names = {}
for name in pairs(math) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
print(math.huge, math.pi, math.abs(-3), math.abs(least), math.ceil(-3), math.floor(-3))
print(math.max(1, 5, 3), math.min(4, -2), math.max(least, most), math.min(least, most))
print(math.pow(2, 10), math.pow(2, 31), math.pow(3, -1), math.sqrt(16), math.sqrt(17), math.sqrt(most), math.sqrt(0))
try(math.sqrt, -1)
try(math.max)
try(math.random, 0)
try(math.random, least)
try(math.random, 2, 1)
math.randomseed(7)
local first, low, high = {}, 9, 0
for i = 1, 300 do
    local r = math.random(6)
    low, high = math.min(low, r), math.max(high, r)
    first[i] = r
end
math.randomseed(7)
local same = true
for i = 1, 300 do same = same and first[i] == math.random(6) end
print(low, high, same, math.random(5, 5), math.random(-3, -3), math.random())

print("-- string and table at the ends of the range")
print(("abc"):sub(least, most), ("abc"):sub(-2, -1), ("abc"):sub(most), #("x"):rep(least), ("x"):rep(3))
print(("abc"):byte(least, most))
print(("abc"):find("b", least), ("abc"):find("b", most))
print((pcall(string.rep, "xx", most)), (pcall(unpack, {}, 1, most)), (pcall(unpack, {}, least, most)))
print((pcall(table.concat, {}, "", least, least)), table.concat({ 1, 2, 3 }, ","), select("#", unpack({}, 1, 3)))
print(select(-1, 1, 2, 3), (pcall(select, 0)), (pcall(select, least)), select(most, 1) == nil)
print(#tostring(collectgarbage("count")) < 4, collectgarbage("count") > 0)
