-- Freezes until the area is full. Functions work anyway. Prints the flags before and after.
local flags = freezer.info()
local saved, n = 1, 0
while saved > 0 do
    n = n + 1
    local f = loadstring(("return %d, '%s'"):format(n, ("%06d"):format(n):rep(300)))
    saved = select(2, freezer.freeze(f))
    assert(select("#", f()) == 2 and f() == n)
    assert(n < 200)
end
local after, used, bytes, sound = freezer.info()
print(flags, after, used > bytes * 0.8, sound, n > 10, freezer.verify())
