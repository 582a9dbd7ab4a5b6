#!/bin/sh
# The device's time: what instructions, waits and writing to files take, alike in every build and port
# and in every mode of the collector; where --duration ends a run. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
mkdir "$TAP_DIR/fs"
program=$TAP_DIR/fs/main.lua

cat >"$program" <<'END'
local function say(...) print(tmr.now(), ...) end
say("begins")
for i = 1, 1000 do end
say("1000 times round a loop")
local begin = tmr.now()
while tmr.now() - begin < 20000 do end
say("has waited by asking", tmr.time())
local t = {}
for i = 1, 300 do t[i] = "text " .. i end
table.sort(t)
say("has made texts", (("x"):rep(1000):gsub("x", "yy")):len())
tmr.delay(12345)
say("has waited")
begin = tmr.now()
file.putcontents("small", "x")
local small = tmr.now() - begin
begin = tmr.now()
local large = file.open("large", "w")
for i = 1, 10 do large:write(("x"):rep(1000)) end
large:close()
say("has written", small, tmr.now() - begin)
begin = tmr.now()
file.open("small") file.read() file.close() file.getcontents("small")
say("reading costs nothing of its own", tmr.now() - begin < 100)
file.remove("small") file.remove("large")
tmr.create():alarm(50, tmr.ALARM_AUTO, function(timer)
    say("timer")
    for i = 1, 40000 do end
    if tmr.now() > 400000 then timer:unregister() end
end)
node.task.post(function() say("task") end)
coroutine.wrap(function() pcall(error, "x") say("in a coroutine") end)()
END

vm() { # BUILD ARGS...: the program's output
    vm_build=$1
    shift
    rm -f "$TAP_DIR/fs/small" "$TAP_DIR/fs/large"
    (cd "$TAP_DIR/fs" && timeout 600 "$O/libexec/frost/frostvm-$vm_build" --fs="$TAP_DIR/fs" "$@" main.lua) \
        >"$TAP_DIR/out" 2>"$TAP_DIR/err"
}

vm float-plain
cp "$TAP_DIR/out" "$TAP_DIR/want"
value() { sed -n "s/^\([0-9]*\)	$1.*/\1/p" "$TAP_DIR/want" | head -n 1; }
tap_is "1000 instructions of 0.75 us" 1 \
    $(($(value '1000 times') - $(value begins) > 750 && $(value '1000 times') - $(value begins) < 770))
tap_is "a loop that asks ends when it wants to" 1 \
    $(($(value 'has waited by') - $(value '1000 times') >= 20000 && $(value 'has waited by') - $(value '1000 times') < 20100))
tap_is "small and large file: pages, and the block that is erased" "1 1" "$(awk '/has written/ {
    print ($4 > 1400 && $4 < 1500), ($5 > 120000 + 41 * 700 && $5 < 120100 + 41 * 700)}' "$TAP_DIR/want")"
tap_is "an alarm counts from where it was set" 1 $(($(value timer) >= $(value 'reading') + 50000))

for build in float-probed float-traced; do
    [ -x "$O/libexec/frost/frostvm-$build" ] || continue
    vm $build
    want_same "$build: the same times" "$TAP_DIR/want" "$TAP_DIR/out"
done
FROST_NO_CACHES=1 vm float-plain
want_same "without caches: the same times" "$TAP_DIR/want" "$TAP_DIR/out"
for mode in none failure limit:60000; do
    vm float-plain --heap=131072 --egc=$mode
    want_same "--egc $mode: the same times" "$TAP_DIR/want" "$TAP_DIR/out"
done
if [ -x "$O/libexec/frost/frostvm-integer-plain" ]; then
    vm integer-plain
    cp "$TAP_DIR/out" "$TAP_DIR/want.integer"
    vm integer-probed
    want_same "integer builds: the same times" "$TAP_DIR/want.integer" "$TAP_DIR/out"
fi
if [ -x "$O/libexec/frost/frostvm-esp8266" ] && [ -f "$O/esp8266/flash.bin" ]; then
    vm esp8266
    want_same "the chip: the same times" "$TAP_DIR/want" "$TAP_DIR/out"
    vm esp8266 --build=float-probed
    want_same "the chip, probed: the same times" "$TAP_DIR/want" "$TAP_DIR/out"
else
    tap_skip "the chip: the same times" "not built (make esp8266)"
fi

# ---- where a run ends ----

cat >"$program" <<'END'
local next_ms = 0
while true do
    if tmr.now() >= next_ms * 1000 then print(next_ms) next_ms = next_ms + 1 end
end
END
seq 0 29 >"$TAP_DIR/want"
for build in float-plain float-probed; do
    vm $build --duration=30
    tap_is "$build: a busy run ends after its duration" 0 $?
    head -n 30 "$TAP_DIR/out" >"$TAP_DIR/first"
    want_same "$build: at that time" "$TAP_DIR/want" "$TAP_DIR/first"
    tap_is "$build: and not later" 1 $(($(wc -l <"$TAP_DIR/out") <= 31))
done
vm float-plain --duration=40000 # longer than is watched from the start
tap_is "a longer one, too" "0 39999" "$? $(sort -n "$TAP_DIR/out" | awk '$1 < 40000' | tail -n 1)"
tap_is "and not later" 1 $(($(tail -n 1 "$TAP_DIR/out") <= 40000))

# ---- what a recording says of it ----

echo 'tmr.delay(1000) tmr.create():alarm(10, 0, function() tmr.delay(5) end)' >"$program"
"$FROST" record -q -o "$TAP_DIR/trace" "$program" 2>"$TAP_DIR/err"
tr -d ' \n' <"$TAP_DIR/trace/.frost/run.json" >"$TAP_DIR/run"
want_text "run.json has the constants" "$TAP_DIR/run" \
    '"device_time":{"instruction_ns":750,"flash_page_ns":700000,"flash_sector_ns":60000000}'
"$FROST" record -q --profile pc -o "$TAP_DIR/pc" -e 'print(1)' >"$TAP_DIR/out" 2>"$TAP_DIR/err"
tap_is "a program on a computer has none" 0 "$(grep -c device_time "$TAP_DIR/pc/.frost/run.json")"

tap_done
