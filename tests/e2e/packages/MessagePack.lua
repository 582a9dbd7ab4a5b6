-- MessagePack: every type at its borders, modes, round trips, damaged input.
local mp = require "MessagePack"
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
mp.set_number "double"
for _, n in ipairs {0, 1, 127, 128, 255, 256, 65535, 65536, 2 ^ 31, 2 ^ 32 - 1, 2 ^ 32, 2 ^ 53, -1, -32, -33,
    -128, -129, -32768, -32769, -2 ^ 31, -2 ^ 31 - 1, -2 ^ 53, 0.5, -1.25, 1e300, 1 / 0, -1 / 0} do
    local packed = mp.pack(n)
    print(n, hex(packed), mp.unpack(packed) == n)
end
print(hex(mp.pack(nil)), hex(mp.pack(true)), hex(mp.pack(false)))
for _, bytes in ipairs {0, 1, 31, 32, 255, 256, 65535, 65536} do
    for _, mode in ipairs {"string", "string_compat", "binary"} do
        mp.set_string(mode)
        local packed = mp.pack(("s"):rep(bytes))
        print(bytes, mode, #packed, hex(packed:sub(1, 6)), #mp.unpack(packed))
    end
end
mp.set_string "string"
for _, mode in ipairs {"without_hole", "with_hole", "always_as_map"} do
    mp.set_array(mode)
    print(mode, hex(mp.pack {1, 2, 3}), hex(mp.pack {[1] = 1, [3] = 3}), hex(mp.pack {}), hex(mp.pack {a = 1}))
end
mp.set_array "without_hole"
mp.set_number "float"
print(hex(mp.pack(0.1)), mp.unpack(mp.pack(0.1)), hex(mp.pack(1e300)))
mp.set_number "double"
local deep = {1}
for i = 1, 60 do deep = {deep, i} end
local packed = mp.pack(deep)
print(#packed, mp.pack(mp.unpack(packed)) == packed)
local long, map = {}, {}
for i = 1, 70000 do long[i] = i % 200 end
for i = 1, 20 do map["key" .. i] = i end
print(#mp.pack(long), #mp.unpack(mp.pack(long)), #mp.pack(map), mp.unpack(mp.pack(map)).key17)
for _, value in mp.unpacker(mp.pack(1) .. mp.pack "two" .. mp.pack {3}) do print(type(value)) end
for _, bad in ipairs {"", "\217", "\220\0\2\1", "\193", "\203\0\0", "\199\1\5x"} do
    print(pcall(mp.unpack, bad))
end
print(pcall(mp.unpack, "\1\2"))
print(pcall(mp.pack, print))
