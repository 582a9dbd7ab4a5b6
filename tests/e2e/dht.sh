#!/bin/sh
# The module dht: a program reads sensors of a world script, in both number builds, and again in a
# replay. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain"
cd "$TAP_DIR" || exit 1

cat >sensors.lua <<'END'
local count = 0
world.dht(1, {temp = 21.5, humi = 40.2})
world.dht(2, {temp = -7.3, humi = 99.9})
world.dht(3, {type = 11, temp = 23, humi = 55})
world.dht(4, {temp = 21.5, humi = 40.2, damaged = true})
world.dht(5, function() count = count + 1 return count < 3 and {temp = 20 + count, humi = 0.1} or nil end)
world.dht(6, {temp = 1, humi = 1})
world.dht(6, nil)
END
cat >read.lua <<'END'
print(dht.OK, dht.ERROR_CHECKSUM, dht.ERROR_TIMEOUT)
for pin = 1, 6 do print(pin, dht.read(pin)) end
print(dht.read(5))
print(dht.readxx(5))
print("as", dht.read11(3))
print("as", dht.read12(1))
for _, pin in ipairs{0, 13, -1, "x"} do print(select(2, pcall(dht.read, pin))) end
local before = tmr.now()
dht.read(1)
local took = tmr.now() - before
print(took > 20000 and took < 25000)
local read, meminfo = dht.read, node.egc.meminfo
collectgarbage()
before = meminfo()
read(1)
print((meminfo()) - before)
END
cat >want-float <<'END'
0	-1	-2
1	0	21.5	40.2	500	200
2	0	-7.3	99.9	-300	900
3	0	23	55	0	0
4	-1	21.5	40.2	500	200
5	0	21	0.1	0	100
6	-2	-999	-999	0	0
0	22	0.1	0	100
-2	-999	-999	0	0
as	0	23	55	0	0
as	0	21.5	40.2	500	200
dht 0 does not exist
dht 13 does not exist
dht -1 does not exist
bad argument #1 to '?' (number expected, got string)
true
0
END
sed -E 's/([0-9])\.[0-9]/\1/g' want-float >want-integer
for build in float integer; do
    option=
    [ $build = float ] || option=--integer
    want_status "sensors are read, $build" 0 "$FROST" run $option --world "$TAP_DIR/sensors.lua" read.lua
    want_same "and say what the script says, $build" want-$build out
done

want_status "it is recorded" 0 "$FROST" record -q -o trace --world "$TAP_DIR/sensors.lua" read.lua
want_status "and replayed without the script" 0 "$FROST" run --replay trace read.lua
want_same "with the same readings" want-float out

want_status "without a world" 0 "$FROST" run -e 'print(dht.read(4))'
tap_is "no sensor answers" "-2	-999	-999	0	0" "$(cat out)"

echo 'world.dht(4, {temp = 20, humi = 101})' >wrong.lua
want_status "a reading that cannot be" 1 "$FROST" run --world "$TAP_DIR/wrong.lua" -e 'print(1)'
want_text "is told with its line" err \
    "wrong.lua:1: the humidity of a DHT22 is a number from 0 to 100, not 101"
tap_done
