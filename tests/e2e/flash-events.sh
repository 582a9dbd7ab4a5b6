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

# Without work on flash there is no such report, and nothing is told of what a flashing tool does.
want_status "a run without" 0 "$FROST" record -q -o "$TAP_DIR/none" --lfs "$TAP_DIR/image.img" -e 'print(1)'
"$FROST" trace dump "$TAP_DIR/none" >"$TAP_DIR/events" 2>"$TAP_DIR/err"
tap_is "... has no event of the LFS" 0 "$(grep -c 'region="LFS"' "$TAP_DIR/events")"

tap_done
