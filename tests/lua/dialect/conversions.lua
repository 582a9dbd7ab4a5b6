-- Numbers that the C side wants as integers: the low 32 bits of 64, not a number is 0. Conversions of
-- format stop at the ends of 32 bits, unsigned ones wrap around. Rule: runtime/core/README.md.
for _, n in ipairs({0.5, -0.5, 1.999, -1.999, 2 ^ 31 - 1, 2 ^ 31, -2 ^ 31, -2 ^ 31 - 1, 2 ^ 32, 2 ^ 32 + 2,
    -2 ^ 32 - 2, 2 ^ 53, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0}) do
    print(tostring(n):gsub("^-nan", "nan"), ("abcdef"):sub(n), ("abcdef"):byte(n), pcall(select, n, "a", "b"))
    print(("%d %i"):format(n, n), n == n and ("%x %u %o"):format(n, n, n) or "", (pcall(string.char, n)))
    print(pcall(unpack, {1, 2, 3}, 2, n < 9 and n or 2), bit and bit.band(n == n and n or 0, 255))
end
