#!/bin/sh
# What a program does to its flash, as events of a trace: programs, erases, reloads, compactions, with
# bytes and modelled time; the report and the page's time line. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
flash=$TAP_DIR/flash.bin
echo 'return 1' >"$TAP_DIR/version.lua"
want_status "an image" 0 "$FROST" luac -f -o "$TAP_DIR/image.img" "$TAP_DIR/version.lua"
want_status "a flash" 0 "$FROST" flash build -o "$flash"
want_status "... with the image as a file" 0 "$FROST" flash fs put "$flash" "$TAP_DIR/image.img"
cat >"$TAP_DIR/work.lua" <<'END'
if not node.LFS.version then
    file.putcontents("text", ("x"):rep(1000))
    node.LFS.reload("image.img")
end
END
want_status "a run is recorded" 0 "$FROST" record -q -o "$TAP_DIR/trace" --flash "$flash" "$TAP_DIR/work.lua"
"$FROST" trace dump "$TAP_DIR/trace" >"$TAP_DIR/events" 2>"$TAP_DIR/err"
event() { # NAME WORDS
    if grep "$1 " "$TAP_DIR/events" | grep -q "$2"; then tap_ok "$1: $2"; else
        grep "flash_" "$TAP_DIR/events" >"$TAP_DIR/flash.events"
        tap_not_ok "$1: $2" "$TAP_DIR/flash.events"
    fi
}
event flash_program 'region="store"'
event flash_program 'region="LFS"'
event flash_program 'region="partition table"'
event flash_erase 'region="LFS" addr=0x90000 count=1 device_ns=60000000'
event flash_job 'job="reload" region="LFS" bytes=[1-9][0-9]* programs=[1-9][0-9]* erases=1 device_ns=[1-9]'

# What the trace has of the LFS is what the flash has had.
erases=$(grep -c 'flash_erase.*region="LFS"' "$TAP_DIR/events")
"$FROST" flash wear --json "$flash" >"$TAP_DIR/wear"
tap_is "erases of the LFS, by the journal of the flash" 1 "$erases"
want_text "... which knows of one" "$TAP_DIR/wear" '"erases_max"'

want_status "a report" 0 "$FROST" report -o "$TAP_DIR/report" "$TAP_DIR/trace"
want_text "... by region" "$TAP_DIR/report/flash.txt" "partition table"
grep -q ' reload .* 0x' "$TAP_DIR/report/flash.txt" && tap_not_ok "... a job has no address" "$TAP_DIR/report/flash.txt" ||
    tap_ok "... a job has no address"
want_text "... in order of time" "$TAP_DIR/report/flash.txt" "reload"
want_text "... on the page's time line" "$TAP_DIR/report/report.html" "Work on flash"
if grep -q '"flash_ms"' "$TAP_DIR/report/flash.json"; then tap_ok "... as a series"; else
    tap_not_ok "... as a series" "$TAP_DIR/report/flash.json"; fi

# Compaction: a small store that is written again and again.
want_status "a small flash" 0 "$FROST" flash build -o "$TAP_DIR/small.bin" --size 1M
cat >"$TAP_DIR/again.lua" <<'END'
for i = 1, 60 do file.putcontents("text", (("%d"):format(i % 10)):rep(2000)) end
END
want_status "many writes are recorded" 0 "$FROST" record -q -o "$TAP_DIR/again" --flash "$TAP_DIR/small.bin" \
    "$TAP_DIR/again.lua"
"$FROST" trace dump "$TAP_DIR/again" >"$TAP_DIR/events" 2>"$TAP_DIR/err"
event flash_job 'job="compact" region="store"'
event flash_erase 'region="store"'

# The device's clock goes on by what the events say, to what instructions take between the questions.
cat >"$TAP_DIR/freeze.lua" <<'END'
local n = 0
local f = load(function()
    n = n + 1
    return n == 1 and "return {" or n <= 200 and ("'word %d of the table',"):format(n) or n == 201 and "}" or nil
end)
local begin = tmr.now()
freezer.freeze(f)
print(begin, tmr.now() - begin)
freezer.defrost()
END
want_status "a function is frozen" 0 "$FROST" run --flash "$flash" "$TAP_DIR/freeze.lua"
want_status "... once more, in a freezer that was emptied" 0 "$FROST" record -q -o "$TAP_DIR/freeze" \
    --flash "$flash" "$TAP_DIR/freeze.lua"
"$FROST" trace dump "$TAP_DIR/freeze" >"$TAP_DIR/events" 2>"$TAP_DIR/err"
event flash_erase 'region="freezer"'
# Times of the events of the freezer but that of defrost(), and of the instructions before the output.
sums=$(awk '/ console .*text="[0-9]+"/ { split($0, word, "\""); said[++n] = word[2]; clock = $1 }
    / flash_erase region="freezer"/ && !n { erases++ }
    / flash_(program|erase) region="freezer"/ { sub(/.*device_ns=/, ""); sum += $0; last = $0 }
    END {
        left = (said[1] + said[2]) * 1000 - (sum - last) - clock * 750
        print (erases >= 3), (said[2] > 60000), (left > -20000 && left < 20000)
    }' "$TAP_DIR/events")
tap_is "the clock has the time of a start's erases and of a freeze, as the events have it" "1 1 1" "$sums"

# Without work on flash there is no such report, and nothing is told of what a flashing tool does.
want_status "a run without" 0 "$FROST" record -q -o "$TAP_DIR/none" --lfs "$TAP_DIR/image.img" -e 'print(1)'
"$FROST" trace dump "$TAP_DIR/none" >"$TAP_DIR/events" 2>"$TAP_DIR/err"
tap_is "... has no event of the LFS" 0 "$(grep -c 'region="LFS"' "$TAP_DIR/events")"

tap_done
