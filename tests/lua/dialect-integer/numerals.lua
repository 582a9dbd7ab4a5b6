-- numerals of the integer build: whole, in 32 bits; what lies above saturates in decimal and wraps
-- within 32 bits in hexadecimal; fractions and exponents are malformed.
local function refused(text) print(select(2, loadstring("return " .. text, "=text"))) end

print("-- in source")
print(0, 7, 007, 2147483646, 2147483647, -2147483647)
print(2147483648, 4294967295, 4294967296, 99999999999)
print(0x0, 0xA, 0Xff, 0x7fffffff, 0x80000000, 0xffffffff, -0x80000000, 0xfffffffe)
print(0x7fffffff == 2147483647, 0xffffffff == -1, 0x80000000 == 2147483647 + 1)
for _, text in ipairs { "0.5", "1e3", "1.", ".5", "3.0", "1E+2", "0x", "0xg", "12abc", "1..2", "0x1p4", "1e" } do
    refused(text)
end

print("-- tonumber")
local function convert(...) print((...), (tonumber(...))) end
for _, text in ipairs { "10", " 12 ", "\t7\n", "-7", "+5", "- 7", "08", "2147483647", "2147483648", "-2147483648",
    "-2147483649", "99999999999", "0x10", "0xffffffff", "0x80000000", "-0x10", "0x", "", "  ", "abc", "1 2", "1_0",
    "1.5", "1e3", "1.0", ".", "0x1.8", "inf", "nan", "12\0" } do
    print(("%q"):format(text), tonumber(text))
end
for _, pair in ipairs { { "10", 2 }, { "zz", 36 }, { "ff", 16 }, { "8", 8 }, { "7fffffff", 16 }, { "80000000", 16 },
    { "ffffffff", 16 }, { "-ff", 16 }, { "1.", 10 }, { "1010", 10 } } do
    print(pair[1], pair[2], tonumber(pair[1], pair[2]))
end

print("-- tostring")
print(tostring(0), tostring(-1), tostring(2147483647), tostring(0x80000000), 12 .. "", #tostring(0x80000000))
print(tonumber(tostring(0x80000000)) == 0x80000000, tostring(10 / 4), tostring(1 == 1))

print("-- through bytecode")
local dumped = string.dump(loadstring("return 2147483647, -2147483647, 0x80000000, 0xffffffff, 0x7fffffff, 0"))
print(loadstring(dumped)())
print(dumped:byte(1, 12))
-- The same chunk as a float build would head it.
local float = dumped:sub(1, 10) .. "\8\0" .. dumped:sub(13)
print(loadstring(float, "=float"))
