#!/bin/sh
# The module i2c: a program talks with devices of a world script, in both number builds, and again in a
# replay. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain"
cd "$TAP_DIR" || exit 1

cat >devices.lua <<'END'
world.i2c(0x76, {[0xD0] = 0x60, [0xD1] = function() return 0x0A end})
local written = {}
world.i2c(0x3C, function(op, what)
    if op == "read" then return table.concat(written):sub(-what) end
    written[#written + 1] = what
    return what:find("!", 1, true)
end)
world.i2c(0x50, {})
world.i2c(0x50, nil)
END
cat >talk.lua <<'END'
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function open(address, direction)
    i2c.start(0)
    return i2c.address(0, address, direction)
end
local function close(...)
    i2c.stop(0)
    return ...
end
print(i2c.SLOW, i2c.FAST, i2c.FASTPLUS, i2c.TRANSMITTER, i2c.RECEIVER)
why(i2c.start, 0)
why(i2c.read, 0, 1)
why(i2c.setup, 1, 2, 1, i2c.SLOW)
why(i2c.setup, 0, 2, 13, i2c.SLOW)
why(i2c.setup, 0, 0, 1, i2c.SLOW)
why(i2c.setup, 0, 2, 1, 0)
why(i2c.setup, 0, 2, 1)
print(i2c.setup(0, 2, 1, i2c.FAST))

print("-- registers")
print(open(0x76, i2c.TRANSMITTER), i2c.write(0, 0xD0), close())
print(open(0x76, i2c.RECEIVER), encoder.toHex(close(i2c.read(0, 3))))
print(open(0x76, i2c.TRANSMITTER), i2c.write(0, 0xF4, {1, 2}, "\3"), close())
open(0x76, i2c.TRANSMITTER)
i2c.write(0, 0xF5)
open(0x76, i2c.RECEIVER)
print(encoder.toHex(close(i2c.read(0, 2))))

print("-- a function")
print(open(0x3C, 0), i2c.write(0, "12", 0, 10, " \n"), i2c.write(0, "ab!cd"), i2c.write(0, "!" .. ("z"):rep(200)), i2c.write(0, ("x"):rep(300)))
print(open(0x3C, 1), encoder.toHex(i2c.read(0, 4)), #i2c.read(0, 500), select("#", i2c.read(0, 0)))

print("-- nobody")
print(open(0x50, 0), i2c.write(0, 1, 2), open(0x51, 1), encoder.toHex(i2c.read(0, 2)))
why(i2c.address, 0, 128, 0)
why(i2c.address, 1, 1, 0)
why(i2c.write, 0)
why(i2c.write, 0, 256)
why(i2c.write, 0, {-1})
local before = tmr.now()
open(0x3C, 0)
i2c.write(0, ("y"):rep(99))
local took = tmr.now() - before
print(took >= 9000 and took < 9100)
local start, meminfo = i2c.start, node.egc.meminfo
collectgarbage()
before = meminfo()
start(0)
i2c.address(0, 0x3C, 0)
i2c.write(0, 1)
print((meminfo()) - before)
END
cat >want <<'END'
100000	400000	1000000	0	1
i2c 0 is not configured
i2c 0 is not configured
i2c 1 does not exist
gpio 13 does not exist
i2c SDA on D0 is not supported
wrong arg range
bad argument #4 to '?' (number expected, got no value)
100000
-- registers
true	1
true	600aff
true	4
0203
-- a function
true	6	3	1	300
true	78787878	500	0
-- nobody
false	0	false	ffff
wrong arg range
i2c 1 does not exist
wrong arg type
wrong arg range
wrong arg range
true
0
END
for build in "" --integer; do
    want_status "devices are talked with, ${build:-float}" 0 "$FROST" run $build --world "$TAP_DIR/devices.lua" talk.lua
    want_same "and answer as the script says, ${build:-float}" want out
done

want_status "it is recorded" 0 "$FROST" record -q -o trace --world "$TAP_DIR/devices.lua" talk.lua
want_status "and replayed without the script" 0 "$FROST" run --replay trace talk.lua
want_same "with the same answers" want out

want_status "without a world" 0 "$FROST" run -e \
    'i2c.setup(0, 1, 2, i2c.SLOW) local n = 0
     for a = 0, 127 do i2c.start(0) if i2c.address(0, a, 0) then n = n + 1 end i2c.stop(0) end print(n)'
tap_is "no device answers" 0 "$(cat out)"

echo 'world.i2c(1, function() return "no" end)' >wrong.lua
want_status "a device that does not say how many" 1 "$FROST" run --world "$TAP_DIR/wrong.lua" -e \
    'i2c.setup(0, 1, 2, i2c.SLOW) i2c.start(0) i2c.address(0, 1, 0) i2c.write(0, 7)'
want_text "is told" err "what an i2c device has acknowledged is a number from 0 to 1, not no"
tap_done
