#!/bin/sh
# The modules bme280 and bme280_math: a sensor of a world script is read by either, in both number
# builds, and again in a replay; a program's own module bme280. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain"
cd "$TAP_DIR" || exit 1

cat >sensor.lua <<'END'
world.bme280(0x76, {temp = 21.37, press = 987.65, humi = 43.21})
world.bme280(0x77, function() return {temp = -5 - world.now() / 1000, press = 1013.25} end)
END
cat >read.lua <<'END'
local function why(f, ...) print((select(2, pcall(f, ...)))) end
print("before", bme280.setup())
i2c.setup(0, 2, 1, i2c.SLOW)
print("kind", bme280.setup())
print(bme280.read(320))
print(bme280.read())
print(bme280.temp())
print(bme280.baro())
print(bme280.humi())
print(bme280.qfe2qnh(98765, 320), bme280.altitude(98765, 101325), bme280.altitude(101400, 101325), bme280.dewpoint(43210, 2137), bme280.dewpoint(0, 0))
for _, name in ipairs{"qfe2qnh", "altitude", "dewpoint"} do why(bme280[name], 1) end

local function registers(address, from, count)
    i2c.start(0) i2c.address(0, address, i2c.TRANSMITTER) i2c.write(0, from)
    i2c.start(0) i2c.address(0, address, i2c.RECEIVER)
    local bytes = i2c.read(0, count)
    i2c.stop(0)
    return bytes
end
local trim = registers(0x76, 0x88, 24) .. registers(0x76, 0xA1, 1) .. registers(0x76, 0xE1, 7)
local sensor, config = bme280_math.setup(trim)
print(type(sensor), #config, config[1]:byte(), config[2]:byte(), config[3]:byte())
print(bme280_math.read(sensor, registers(0x76, 0xF7, 8), 320))
print(bme280_math.read(sensor, registers(0x76, 0xF7, 6)))
print(select("#", bme280_math.read(sensor, ("\128\0\0"):rep(2) .. "\128\0")))
config = select(2, bme280_math.setup(trim, 0, 1, 0, 0, 0, 0))
print(#config[1], #config[2], config[3]:byte())
why(bme280_math.read, sensor, "abc")
why(bme280_math.read, nil, registers(0x76, 0xF7, 8))
print(bme280_math.qfe2qnh({}, 1000, 0), bme280_math.altitude(900, 900), bme280_math.dewpoint(sensor, 100, 20))
bme280.startreadout(0, function(...) print("ready", tmr.now() > 113000, select("#", ...), bme280.temp()) end)
END
cat >want <<'END'
Warning, deprecated API! bme280. It will be removed soon. Use bme280math and bme280 Lua module instead. See documentation for details.
before
Warning, deprecated API! bme280. It will be removed soon. Use bme280math and bme280 Lua module instead. See documentation for details.
kind	2
2137	987646	43215	1025978
2137	987646	43215
2137	109407
987646	2137
43215	2137
102598	21531	-624	836	-5199
wrong arg range
wrong arg range
wrong arg range
userdata	3	240	5	183
21.37	987.646	43.215	1025.9777189689
21.37	987.646	nil
0
0	0	4
invalid readout data
bad argument #1 to '?' (sensor expected)
1000	0	20
ready	true	0	2137	109407
END
want_status "a sensor is read" 0 "$FROST" run --world "$TAP_DIR/sensor.lua" read.lua
want_same "by both modules" want out
sed 's/^21.37.*1025.*/21	987	43	1025/; s/^21.37.*/21	987	nil/' want >want-integer
want_status "the same in the integer build" 0 "$FROST" run --integer --world "$TAP_DIR/sensor.lua" read.lua
want_same "without fractions" want-integer out
want_status "it is recorded" 0 "$FROST" record -q -o trace --world "$TAP_DIR/sensor.lua" read.lua
want_status "and replayed without the script" 0 "$FROST" run --replay trace read.lua
want_same "with the same readings" want out

sed '1s/.*//' sensor.lua >other.lua
want_status "a BMP280 at the other address" 0 "$FROST" run --world "$TAP_DIR/other.lua" -e '
    i2c.setup(0, 2, 1, i2c.SLOW) print(bme280.setup(), bme280.read()) print(bme280.humi())
    tmr.create():alarm(2000, tmr.ALARM_SINGLE, function() print(bme280.temp()) end)'
printf '%s\n' "1	-500	1013249	nil" "" "-701	-35874" >want
sed 1d out >readings
want_same "has no humidity, and readings change with time" want readings

echo 'return {setup = function() return "of the program" end}' >bme280.lua
echo 'print(require("bme280").setup(), type(bme280.read))' >main.lua
echo "of the program	function" >want
want_status "a program's own module" 0 "$FROST" run main.lua
want_same "comes before the firmware's" want out
rm bme280.lua
echo 'print(require("bme280") == bme280)' >main.lua
want_status "without one" 0 "$FROST" run main.lua
tap_is "it is the firmware's" true "$(cat out)"
tap_done
