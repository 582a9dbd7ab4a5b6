#!/bin/sh
# The module ow: a program finds and reads the 1-Wire devices of a world script, in both number builds,
# and again in a replay. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain"
cd "$TAP_DIR" || exit 1

cat >devices.lua <<'END'
local sent = 0
world.onewire(4, {
    {code = "28 FF 64 1E 80 16 04", temp = 21.5, alarm = true},
    {code = "28ff641e801605", temp = function() sent = sent + 1 return -10 - sent / 16 end},
    {code = "10 01 00 00 00 00 00", command = function(command, came) return string.char(command, #came) .. came end},
})
world.onewire(5, {})
world.onewire(6, {{code = "28 01 02 03 04 05 06", temp = 1}})
END
cat >find.lua <<'END'
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function hex(text) return text and encoder.toHex(text) end
print("-- searches")
ow.setup(4)
print(ow.reset(4), ow.reset(5), ow.reset(6), ow.reset(7))
local codes = {}
for i = 1, 4 do
    codes[i] = ow.search(4)
    print(hex(codes[i]), codes[i] and ow.crc8(codes[i]))
end
print(hex(ow.search(4)))
ow.reset_search(4)
print(hex(ow.search(4, 1)), ow.search(4, 1), ow.search(5), ow.search(7))
ow.target_search(4, 0x28)
print(hex(ow.search(4)))

print("-- temperatures")
local function temperature(code)
    ow.reset(4)
    ow.select(4, code)
    ow.write(4, 0xBE, 1)
    local data = ow.read_bytes(4, 9)
    return hex(data), ow.crc8(data)
end
ow.setup(6)
ow.reset(6)
ow.skip(6)
ow.write(6, 0x44)
ow.reset(6)
ow.skip(6)
ow.write(6, 0xBE)
print(ow.read(6), ow.read(6), hex(ow.read_bytes(6, 9)), ow.read(6), select("#", ow.read_bytes(6, 0)))
for i = 1, 3 do
    if codes[i]:byte() == 0x28 then
        print(temperature(codes[i]))
        ow.reset(4)
        ow.select(4, {codes[i]:byte(1, 8)})
        ow.write(4, 0x44)
        ow.depower(4)
        print(temperature(codes[i]))
        ow.reset(4)
        ow.select(4, codes[i])
        ow.write_bytes(4, "\78\1\2\31")
        print(temperature(codes[i]))
    else
        ow.reset(4)
        ow.select(4, codes[i])
        ow.write_bytes(4, "\240" .. "ab")
        print(hex(ow.read_bytes(4, 6)))
    end
end

print("-- sums and wrong uses")
print(ow.crc16("123456789"), ow.crc16("6789", ow.crc16("12345")), ow.check_crc16("123456789", 0xC2, 0x44),
    ow.check_crc16("123456789", 0xC2, 0x45), ow.crc8(""))
why(ow.setup, 0)
why(ow.reset, 0)
why(ow.skip, 13)
why(ow.select, 4, "short")
why(ow.select, 4, {1, 2, 3})
why(ow.write, 4, 256)
why(ow.crc8, ("x"):rep(256))
why(function() ow.read_bytes(4, 257) end)
ow.set_timings(485, nil, 70)
local search, meminfo = ow.search, node.egc.meminfo
ow.reset_search(4)
collectgarbage()
local before = meminfo()
ow.reset(4)
ow.skip(4)
ow.read(4)
print((meminfo()) - before)
END
cat >want <<'END'
-- searches
1	0	1	0
10010000000000cc	0
28ff641e8016042e	0
28ff641e80160570	0
nil	nil
10010000000000cc
28ff641e8016042e	nil	nil	nil
28ff641e8016042e
-- temperatures
16	0	4b467fff0c109cffff	255	0
f0026162ffff
50054b467fff0c101c	0
58014b467fff0c10c2	0
580101021fff0c101e	0
50054b467fff0c101c	0
5fff4b467fff0c1029	0
5fff01021fff0c10f5	0
-- sums and wrong uses
47933	47933	true	false	0
no 1-wire for D0
ow 0 does not exist
ow 13 does not exist
wrong arg range
wrong arg range
wrong arg range
wrong arg range
find.lua:63: bad argument #2 to 'read_bytes' (Attempt to read too many characters)
0
END
for build in "" --integer; do
    want_status "devices are found and read, ${build:-float}" 0 "$FROST" run $build --world "$TAP_DIR/devices.lua" find.lua
    want_same "as the script says, ${build:-float}" want out
done

want_status "it is recorded" 0 "$FROST" record -q -o trace --world "$TAP_DIR/devices.lua" find.lua
want_status "and replayed without the script" 0 "$FROST" run --replay trace find.lua
want_same "with the same answers" want out

want_status "without a world" 0 "$FROST" run -e 'ow.setup(4) print(ow.reset(4), ow.search(4), ow.read(4))'
tap_is "no device answers" "0	nil	255" "$(cat out)"

echo 'world.onewire(4, {{code = "28", temp = 1}})' >wrong.lua
want_status "a code that is too short" 1 "$FROST" run --world "$TAP_DIR/wrong.lua" -e 'print(1)'
want_text "is told with its line" err "wrong.lua:1: a code is 7 or 8 bytes in hexadecimal digits, not 28"
tap_done
