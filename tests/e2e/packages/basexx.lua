-- basexx: every base both ways, lengths around the block sizes, ignored and bad characters.
local b = require "basexx"
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local sample = "\0\1\127\128\255Frost line: \195\164!?"
for bytes = 0, #sample do
    local s = sample:sub(1, bytes)
    print(bytes, b.to_bit(s):sub(-16), b.to_hex(s), b.to_base32(s), b.to_crockford(s), b.to_base64(s),
        b.to_url64(s))
    assert(b.from_bit(b.to_bit(s)) == s and b.from_hex(b.to_hex(s)) == s)
    assert(b.from_base32(b.to_base32(s)) == s and b.from_crockford(b.to_crockford(s)) == s)
    assert(b.from_base64(b.to_base64(s)) == s and b.from_url64(b.to_url64(s)) == s)
    if bytes % 4 == 0 then print(b.to_z85(s), hex(b.from_z85(b.to_z85(s)))) end
end
print(b.from_base64("RnJv c3Q=", " "), b.from_hex("46 72-6f", " -"), b.from_bit("0100 0110", " "))
print(b.from_base64("RnJ*"))
print(b.from_hex("4x"))
print(b.from_base32("1"))
print(pcall(b.to_z85, "abc"))
print(b.from_crockford("oil0"), hex(b.from_crockford("C5H66")))
print(#b.to_base64(("x"):rep(5000)), b.from_base64(b.to_base64(("y"):rep(999))) == ("y"):rep(999))
