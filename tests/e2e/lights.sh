#!/bin/sh
# The modules ws2812 and apa102: what they send to strips of a world script, in both number builds, and
# again in a replay. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain"
cd "$TAP_DIR" || exit 1

cat >strips.lua <<'END'
local strip, second, frames = world.lights(), world.lights(2), world.lights("apa102 5-6")
strip:on(function(data) io.stderr:write(("strip %d: %d bytes\n"):format(strip:count(), #data)) end)
strip:expect("\1\2\3", 1000)
check(strip:get(2) == 4 and strip:get(3) == nil, "the second light")
strip:expect(function(data) return #data == 900 end, 1000)
check(strip:get(300) == 7, "the last light")
check(strip:wait("\9", 1000), "the first is new")
check(#strip:data() == 900 and strip:get(2) == 7, "those behind keep their colours")
second:expect("ab", 1000)
check(second:count() == 1 and table.concat({frames:get(1)}, " ") == "31 0 255 0", "frames")
world.finish()
END
cat >show.lua <<'END'
local function why(f, ...) print((select(2, pcall(f, ...)))) end
print(ws2812.MODE_SINGLE, ws2812.MODE_DUAL, ws2812.FADE_IN, ws2812.FADE_OUT, ws2812.SHIFT_LOGICAL, ws2812.SHIFT_CIRCULAR)
ws2812.write("before init, to nobody")
why(ws2812.init, 2)
why(ws2812.write)
why(ws2812.write, 5)
why(ws2812.write, "", {})
why(ws2812.write, pixbuf.newBuffer(1, 2))
why(ws2812.write, tmr.create())
print(select("#", ws2812.init()), select("#", ws2812.write(string.char(1, 2, 3, 4, 5, 6))))
why(apa102.write, 13, 1, "")
why(apa102.write, 1, 13, "")
why(apa102.write, 1, 2, 3)
why(apa102.write, 1, 2, pixbuf.newBuffer(1, 3))
apa102.write(5, 6, pixbuf.newBuffer(2, 4):fill(31, 0, 255, 0))
tmr.create():alarm(10, tmr.ALARM_SINGLE, function()
    local strip = ws2812.newBuffer(300, 3):fill(7, 8, 9)
    local before = tmr.now()
    ws2812.write(strip)
    print(tmr.now() - before >= 9000)
end)
tmr.create():alarm(50, tmr.ALARM_SINGLE, function()
    ws2812.write(string.char(9))
    ws2812.write(nil, "not there yet")
    ws2812.init(ws2812.MODE_DUAL)
    ws2812.write(nil, "abc")
end)
END
cat >want <<'END'
0	1	0	1	0	1
bad argument #1 to '?' (ws2812.SINGLE or ws2812.DUAL expected)
bad argument #1 to '?' (pixbuf or string expected)
bad argument #1 to '?' (pixbuf or string expected)
bad argument #2 to '?' (pixbuf or string expected)
bad argument #1 to '?' (Bad pixbuf format)
bad argument #1 to '?' (pixbuf.buf expected, got userdata)
0	0
gpio 13 does not exist
gpio 13 does not exist
bad argument #3 to '?' (String or pixbuf expected)
bad argument #3 to '?' (Bad pixbuf format)
true
END
printf 'strip %s bytes\n' "1: 6" "2: 900" "3: 900" >want.err
for build in float integer; do
    option=
    [ $build = float ] || option=--integer
    want_status "lights are shown, $build" 0 "$FROST" run $option --world "$TAP_DIR/strips.lua" show.lua
    want_same "and wrong uses told, $build" want out
    want_same "each transfer reaches the strip, $build" want.err err
done
want_status "it is recorded" 0 "$FROST" record -q -o trace --world "$TAP_DIR/strips.lua" show.lua
want_status "and replayed without the script" 0 "$FROST" run --replay trace show.lua
sed 's/fill(7, 8, 9)/fill(7, 8, 10)/' show.lua >other.lua
mv other.lua show.lua
want_status "another colour is another program" 1 "$FROST" run --replay trace show.lua
want_text "told where it differs" err "replay: turn 2 (timer 1): sensor 1: byte 59 differs, at show.lua:19"

echo 'world.lights():expect("\1", 50)' >dark.lua
want_status "lights that stay dark" 1 "$FROST" run --world "$TAP_DIR/dark.lua" --duration 100 \
    -e 'ws2812.init() ws2812.write("\2\3") tmr.create():alarm(10, 1, print)'
want_text "are told with what they show" err "dark.lua:1: ws2812 1: wanted 01  within 50 ms; it shows 02 03 "
want_status "without a world" 0 "$FROST" run -e 'ws2812.init() ws2812.write("abc")'
tap_done
