-- Numbers that the C side wants as integers: fractions are cut off, 64 bits are kept, then 32 where
-- an int is wanted. Beyond 64 bits the result is the machine's, and not shown here.
for _, n in ipairs({0.5, -0.5, 1.999, -1.999, 2 ^ 31 - 1, 2 ^ 31, -2 ^ 31, -2 ^ 31 - 1, 2 ^ 32, 2 ^ 32 + 2,
    -2 ^ 32 - 2, 2 ^ 40 + 1, 2 ^ 53, -2 ^ 53, 2 ^ 62}) do
    print(n, ("abcdef"):sub(n), ("abcdef"):byte(n), pcall(select, n, "a", "b"))
    print(("%d %i %x %u %o"):format(n, n, n, n < 0 and -n or n, n), (pcall(string.char, n)))
    print(pcall(unpack, {1, 2, 3}, 2 ^ 32 + 1, n == 2 ^ 32 + 2 and n or 2 ^ 32 + 1))
    print(("x"):rep(n > 0 and n < 5 and n or -n), pcall(tonumber, "10", n))
end
