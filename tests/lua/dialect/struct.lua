-- struct: fields, alignment, positions, errors.

local function try(...) local r = {pcall(...)} for i=1,#r do r[i]=tostring(r[i]) end print(table.concat(r, " ")) end
print(struct.pack("<i2", 258):byte(1,-1)) print(struct.pack(">I4hb", 1, -2, 3):byte(1,-1))
print(struct.unpack("<i2", "\2\1x")) print(struct.unpack(">I2s c3", "\1\2abc\0xyz")) print(struct.size("!4bi4h"), struct.size("bi4h"))
print(struct.unpack("bc0", "\3abcd")) try(struct.unpack, "c0", "abc") try(struct.pack, "q", 1) try(struct.unpack, "i4", "abc") try(struct.unpack, "s", "abc") try(struct.pack, "c4", "abc") try(struct.size, "s") try(struct.pack, "i33", 1) try(struct.pack, "!3i", 1)
print(struct.unpack("I4", "\255\255\255\255")) print(#struct.pack("i8", -1), struct.unpack("i8", struct.pack("i8", -1)))
print(struct.unpack("<fd", struct.pack("<fd", 1.5, -0.1)))

-- Every option, and what is refused: facts on the firmware's modules, section 25.
local function bytes(...) print(table.concat({string.byte(struct.pack(...), 1, -1)}, " ")) end
bytes("b", -1) bytes("B", 255) bytes("h", -2) bytes("H", 65535) bytes("l", -3) bytes("L", 0xFFFFFFFF) bytes("T", 7) bytes("i", 5) bytes("I", 5) bytes("i3", -2) bytes("I1", 300) bytes("i32", -1)
bytes(">i", 258) bytes("<i>h", 1, 1) bytes("bx i", 1, 2) bytes("s", "ab") bytes("c3", "abcd") bytes("c0", "abc") bytes("!4bi", 1, 2) bytes("!bi", 1, 2) bytes("!2bi", 1, 2) bytes("")
try(struct.unpack, "b", "") try(struct.unpack, "i4", "abc") try(struct.unpack, "s", "abc") try(struct.unpack, "b", "abc", 4) print(struct.unpack("b", "abc", 3)) print(struct.unpack("", "abc", 2))
try(struct.pack, "q", 1) try(struct.unpack, "c0", "abc") try(struct.pack, "c4", "abc") try(struct.pack, "s") try(struct.pack, "i") try(struct.pack, "i", "x") try(struct.pack, "i", "5")
try(struct.size, "c0") try(struct.size, "s") print(struct.size("bhilfdx c5"), struct.size("T L"), struct.size("i32"))
try(struct.pack, "i33", 1) try(struct.pack, "i0", 1) try(struct.pack, "!3i", 1) try(struct.pack) try(struct.unpack, "b") try(struct.unpack, "b", "a", 0) try(struct.unpack, "b", "a", -1)
print(struct.unpack("I4", "\255\255\255\255")) print(struct.unpack("i4", "\255\255\255\127")) print(struct.unpack(">h", "\255\254")) print(struct.unpack("i3", "\254\255\255")) print(struct.unpack("i8", ("\255"):rep(8)))
print(struct.unpack("bc0b", "\2abc"))
