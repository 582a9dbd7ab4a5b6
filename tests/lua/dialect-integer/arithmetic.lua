-- arithmetic of the integer build: 32 bits that wrap, division and modulo that round down, the
-- messages for a zero, in code that the compiler could fold and in code that it cannot.
local least, most = 0x80000000, 2147483647
local function fails(f, ...) print(select(2, pcall(f, ...))) end
local function run(text) print(select(2, pcall(assert(loadstring(text, "=run"))))) end

print("-- division and modulo")
for _, pair in ipairs { { 7, 2 }, { -7, 2 }, { 7, -2 }, { -7, -2 }, { 6, 3 }, { -6, 3 }, { 0, -5 }, { 1, 2 } } do
    local a, b = pair[1], pair[2]
    print(a, b, a / b, a % b, a / b * b + a % b == a)
end
print(7 / 2, -7 / 2, 7 / -2, -7 / -2, 7 % 3, -7 % 3, 7 % -3, -7 % -3)
print(least / -1, least % -1, 0x80000000 / -1, 0x80000000 % -1, least / 2, least % 10)

print("-- zero")
fails(function(a, b) return a / b end, 1, 0)
fails(function(a, b) return a % b end, 1, 0)
fails(function(a, b) return a / b end, 0, 0)
fails(function(a) return a / 0 end, "12")
fails(function(a) return 5 % a end, "0")
run("return 1 / 0")
run("return 1 % 0")
run("local x = 1\n\nlocal y = x % 0")
run("return -1 / (1 - 1)")

print("-- wrapping")
print(most + 1, least - 1, most * 2, 65536 * 65536, 65537 * 65537, -least, 46341 * 46341)
print(most + 1 == least, least < most, least <= 0, most > 0, -1 < 0, 0 == -0)
print(least + least, most + most, least * least, least * -1, 12345678 * 1000)

print("-- powers")
print(2 ^ 10, 2 ^ 30, 2 ^ 31, 2 ^ 32, 3 ^ 0, 0 ^ 0, 0 ^ 5, (-2) ^ 3, -2 ^ 2, 10 ^ 9, 10 ^ 10)
print(2 ^ -1, 1 ^ -1, 5 ^ -3, least ^ 1, least ^ 2, (-1) ^ most)

print("-- texts in arithmetic")
print("10" + 5, "0x10" * 2, "7" / 2, "-7" % 4, -"3", "2" ^ "3", 3 .. 4, -3 .. "")
fails(function() return "1.5" + 1 end)
fails(function() return "1e2" + 1 end)
fails(function() return {} / 0 end)

print("-- loops at the ends of the range")
for i = most - 1, most do print(i) end
for i = least + 1, least, -1 do print(i) end
local count = 0
for _ = least, most, 1073741824 do count = count + 1 end
print(count)
for i = 1, 9, 4 do print(i, i / 4) end

print("-- keys")
local t = { [least] = "least", [most] = "most", [-1] = "minus one", "one" }
print(t[least], t[most], t[-1], t[1], t[most + 1], #t)
