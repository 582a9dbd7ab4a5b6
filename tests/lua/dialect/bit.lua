-- The module bit, row by row: facts on the firmware's modules, sections 1.1 and 12.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local names = {}
for name in pairs(bit) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
print(bit.bnot(0), bit.bnot(-1), bit.bnot(0xFFFFFFFF), bit.bnot("5"), bit.bnot(1.9), bit.bnot(-1.9))
print(bit.band(0xFFFFFFFF, 0xFF), bit.band(12, 10, 8), bit.band(-1), bit.band(0x7FFFFFFF + 1, -1))
print(bit.bor(1, 2, 4, 8), bit.bor(0), bit.bor(0x80000000, 1), bit.bxor(5, 3, 1), bit.bxor(-1, 1))
print(bit.band(2 ^ 32 + 5, -1), bit.band(2 ^ 40 + 7, -1), bit.band(-2 ^ 32 - 2, -1), bit.band("0x10", 0xFF))
print(bit.lshift(1, 31), bit.lshift(1, 0), bit.lshift(3, 31), bit.lshift(0xFFFFFFFF, 4))
print(bit.rshift(-1, 0), bit.rshift(-1, 1), bit.rshift(0x80000000, 31), bit.rshift(256, 4))
print(bit.arshift(-1, 1), bit.arshift(-256, 4), bit.arshift(0x80000000, 31), bit.arshift(256, 4))
print(bit.bit(0), bit.bit(4), bit.bit(31), bit.bit("3"))
print(bit.set(0, 0, 4, 31), bit.set(5), bit.set(1, 1), bit.clear(0xFF, 0, 7), bit.clear(-1, 31), bit.clear(7))
print(bit.isset(5, 0), bit.isset(5, 1), bit.isset(-1, 31), bit.isclear(5, 0), bit.isclear(5, 1), bit.isclear(0, 31))
why(bit.bnot)
why(bit.band)
why(bit.band, 1, "x")
why(bit.lshift, 1)
why(bit.set, 1, {})
why(bit.isset, 1)
why(bit.bit, nil)
print(bit.tobit, bit.tohex, bit.rol)
