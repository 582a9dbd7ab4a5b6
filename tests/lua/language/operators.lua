-- Manual 2.5: every operator, precedence, association, order, short circuit.

-- Arithmetic.
print(7 + 2, 7 - 2, 7 * 2, 7 / 2, 7 % 3, 7 ^ 2, -7)
print(5 % 3, -5 % 3, 5 % -3, -5 % -3, 5.5 % 2, -5.5 % 2, 5 % 0.3 < 0.3, 1e15 % 7)
print(0 % 3, 3 % 3, -3 % 3, 2 % 5, -2 % 5, 2 % -5)
print(5 % math.huge ~= 5 % math.huge)
print(2 ^ 0, 0 ^ 0, 4 ^ 0.5, 2 ^ -2, (-2) ^ 2, (-8) ^ 3, 10 ^ 2)
print(tostring(1 % 0):gsub("-", ""))
print(1 / 3 * 3, 0.1 * 3 == 0.3, 1 - 0.9 == 0.1, 2 ^ 53 + 1 == 2 ^ 53)

-- Precedence.
print(2 + 3 * 4, (2 + 3) * 4, 2 * 3 + 4, 2 * 3 % 4, 2 + 3 % 2, 10 - 4 - 3, 100 / 10 / 2)
print(-2 ^ 2, (-2) ^ 2, 2 ^ 3 ^ 2, (2 ^ 3) ^ 2, 2 ^ -1, -2 ^ -2, not 1 == 2, not (1 == 2))
print(1 .. 2 .. 3, 1 + 2 .. 3 + 4, "a" .. 1 + 2, 2 * 3 .. "", -1 .. "x")
print(1 < 2 == true, 1 + 1 == 2, "a" .. "b" == "ab", 1 .. 2 == "12", not nil == true)
print(1 or 2 and nil, (1 or 2) and nil, nil and 1 or 2, false or nil, nil or false, false and nil)
print(1 and 2 or 3, nil and 2 or 3, 1 == 1 and 2 == 2, 1 == 2 or 2 == 2, not 1 or 2, not nil and 3)
print(#"abc" + 1, -#"abc", #"a" .. "b", not #"", 2 ^ #"ab", #{1, 2} * 3)
print(2 * -3, 2 - -3, 2 - - - 3, - - 2, not not 1, -(-2), 3 * -2 ^ 2)
print(1 < 2 and 2 < 3, 1 < 2 and 3 < 2 or 5, (1 and 2) .. (nil or "x"))
print("10" + 5 .. "", ("x"):rep(3) .. 1, #("x"):rep(3), -"3" ^ 2, ("a"):upper() .. "b")

-- Comparison.
print(1 < 1, 1 <= 1, 1 > 1, 1 >= 1, 1 == 1, 1 ~= 1, 2 > 1, 2 >= 1)
print("a" < "b", "a" <= "a", "b" > "a", "Z" < "a", "" < "\0", "ab" < "abc", "abc" < "abd")
print(nil == false, 0 == false, "" == false, "0" == 0, nil ~= 0)

-- Operands are evaluated from left to right.
local log = {}
local function note(name, value)
    log[#log + 1] = name
    return value
end
local r = note("a", 1) + note("b", 2) * note("c", 3) - note("d", 4) ^ note("e", 2)
print(r, table.concat(log, " "))
log = {}
r = note("a", "x") .. note("b", "y") .. note("c", "z")
print(r, table.concat(log, " "))
log = {}
r = {note("k", 1), [note("i", 5)] = note("v", 2), x = note("x", 3), note("l", 4)}
print(r[1], r[2], r[5], r.x, table.concat(log, " "))
log = {}
r = note("f", print) == note("g", print)
print(r, table.concat(log, " "))

-- Short circuit: the right side is left alone when the left one decides.
log = {}
print(note("n", nil) and note("never", 1), note("t", 1) or note("never", 2), table.concat(log, " "))
log = {}
print((note("a", false) or note("b", nil)) and note("c", 1) or note("d", 4), table.concat(log, " "))
local function values() return 1, 2, 3 end
print(values() and values(), values() or 1, (values()), not values())
print((values() or false) and values(), nil or values(), true and values())

-- Conditions as values in all shapes.
local function shapes(a, b, c)
    return a and b, a or b, not a, a and b or c, (a or b) and c, not (a and b), not a and not b,
        a == b and c, a ~= b or c, (not a or b) == c
end
print(shapes(1, 2, 3))
print(shapes(nil, 2, 3))
print(shapes(1, nil, false))
print(shapes(false, false, nil))
print(shapes(1, 1, 1))

-- Constants on either side.
local n = 10
print(n + 1, 1 + n, n - 1, 1 - n, n * 2, 2 * n, n / 4, 4 / n, n % 3, 3 % n, n ^ 2, 2 ^ n)
print(n < 11, 11 < n, n <= 10, 10 <= n, n > 9, 9 > n, n >= 10, n == 10, 10 == n, n ~= 10)
print(n .. "x", "x" .. n, "a" .. n .. "b" .. n .. "c")

-- Folding by the compiler must not change results.
print(1 + 2 * 3 == 7, 2 ^ 10, 7 / 2, -7 % 3, 1 / 0 > 0, -(2 ^ 2), (1 + 2) .. "", 5 - 5 == 0)
print(0x10 + 1, 1e2 * 2, 3 % -2, -(-(3)), not (1 > 2), 2 ^ 2 ^ 2)

-- Long expressions: many operands in one go.
local s = ""
for i = 1, 20 do s = s .. i .. (i < 20 and "," or "") end
print(s)
print(1 + 2 - 3 * 4 / 5 % 6 ^ 7 - (8 + (9 - (10 * (11 / (12 % (13 ^ 1)))))) )
print(((((((((((1 + 1) * 2) + 1) * 2) + 1) * 2) + 1) * 2) + 1) * 2) + 1)
