#!/bin/sh
# Images whose hash vector has another size than luac.cross gives it: the firmware takes the number of
# slots in the header for a mask. Made, refused, loaded, used, and what look-ups then meet. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" python3
reader=$PWD/tests/support/lfsread.py
root=$PWD
cd "$TAP_DIR" || exit 1
export SOURCE_DATE_EPOCH=1700000000

bytes_of() { wc -c <"$1" | tr -d ' '; }

# A module of 600 strings: 1,024 slots by the rule.
awk 'BEGIN { print "local t = {}"; for (i = 1; i <= 600; i++) printf "t[%d] = \"string number %d\"\n", i, i * 7919
    print "local n = 0\nfor i = 1, 600 do n = n + #t[i] end\nreturn n" }' >many.lua

# ---- the option ----

want_status "by the rule" 0 "$FROST" luac -f -o rule.img many.lua
size=$(sed -n 's/^Image size: //p' out)
want_status "auto" 0 "$FROST" luac --hash-slots=auto -f -o auto.img many.lua
want_same "is the rule" rule.img auto.img
for bad in 0 3 1000 65536 -2 half ''; do
    want_status "--hash-slots=$bad" 1 "$FROST" luac "--hash-slots=$bad" -f -o bad.img many.lua
    want_text "--hash-slots=$bad: message" err "'--hash-slots' needs a"
done
want_status "not for .lc files" 1 "$FROST" luac --hash-slots=512 -o bad.img many.lua
want_text "which is said" err "'--hash-slots' is for images: it needs '-f'"
want_no_file "nothing was written" bad.img

for slots in 1024 1 2 512 2048; do
    want_status "$slots slots" 0 "$FROST" luac --hash-slots $slots -f -o $slots.img many.lua
    tap_is "$slots slots: takes 4 bytes each" $((size + 4 * (slots - 1024))) "$(sed -n 's/^Image size: //p' out)"
    want_status "$slots slots: the verifier" 0 python3 "$reader" $slots.img
    want_status "$slots slots: check" 0 "$FROST" lfs check $slots.img
    cp out checked
    want_status "$slots slots: runs" 0 "$FROST" run --lfs $slots.img -e \
        'print(node.LFS.many(), #debug.getstrings"ROM", #debug.getstrings"RAM")'
    cp out ran.$slots
    want_same "$slots slots: all strings are found" ran.1024 ran.$slots
    "$FROST" luac --hash-slots=$slots -a 0x40290000 -o $slots.abs many.lua >/dev/null 2>&1
    want_status "$slots slots: absolute" 0 "$FROST" lfs check --address 0x40290000 $slots.abs
    "$FROST" lfs dump --strings $slots.img >dumped
    want_text "$slots slots: dump says so" dumped " strings in $slots hash slots:"
    [ $slots = 1024 ] || want_text "$slots slots: check says so" checked "$slots hash slots; luac.cross would make 1024"
done

# ---- the advice, carried out ----

total() { sed -n "s/^  \"$1\": \([-0-9.]*\),*\$/\1/p" "$2"; }
images() { # OPTION...: the image of the application, and that with the list
    rm -f modules/dummy_strings.lua
    (cd modules && "$FROST" luac "$@" -f -o ../app.img *.lua) >size.app 2>&1
    (cd modules && set -- "$@" -f -o ../list.img *.lua && cp ../dummy_strings.lua . &&
        "$FROST" luac "$@" dummy_strings.lua) >size.list 2>&1
    grown=$(($(sed -n 's/^Image size: //p' size.list) - $(sed -n 's/^Image size: //p' size.app)))
}
app=$root/examples/sensor-node
mkdir modules device
cp "$app"/*.lua modules
mv modules/init.lua device
recorded() { # IMAGE TRACE
    want_status "$2: a run from $1" 0 "$FROST" record -q --lfs "$1" -o "$2" device/init.lua
    "$FROST" strings --json "$2" >"$2.json" 2>"$2.err"
}
# What look-ups have met in RAM and flash, and how many there were.
met() {
    "$FROST" trace dump --form=events "$1" | awk '/ string_(new|found) / {
        match($0, /probes=[0-9]+/); met += substr($0, RSTART + 7, RLENGTH - 7); n++ } END { print met, n }'
}
: >dummy_strings.lua
images
recorded app.img before
want_text "the vector is in the flash of the list" before.json '"vector_bytes": 2048,'
want_text "what keeps it" before.json "65 strings fewer would fit the old one, or --hash-slots=keep keeps it (frost luac --hash-slots=512;"
want_status "a list for a kept vector" 0 "$FROST" strings -q --hash-slots=keep -o dummy_strings.lua before
"$FROST" strings --json --hash-slots=keep before >kept.json 2>kept.err
want_text "it says how the image is made" dummy_strings.lua "frost luac --hash-slots=512"
want_text "and how it is made again" dummy_strings.lua "-- Made again by: frost strings --hash-slots=keep"
want_text "what a look-up then meets" kept.json "a look-up then meets "
tap_is "the flash of the vector is saved" $(($(total flash_bytes before.json) - 2048)) "$(total flash_bytes kept.json)"
tap_is "luac.cross would take it" "$(total stock_flash_bytes before.json)" "$(total stock_flash_bytes kept.json)"
images
recorded list.img rule
tap_is "by the rule the image grows as it says" "$(total flash_bytes before.json)" "$grown"
images --hash-slots=512
recorded list.img keep
tap_is "kept it grows as that says" "$(total flash_bytes kept.json)" "$grown"
tap_is "it saves the RAM that was predicted" "$(total saved_bytes kept.json)" \
    $(($(total peak_bytes before.json) - $(total peak_bytes keep.json)))
tap_is "as with the larger vector" "$(total peak_bytes rule.json)" "$(total peak_bytes keep.json)"
set -- $(met rule) $(met keep)
tap_is "the same look-ups" "$2" "$4"
want=$(($(total look_ups_met_kept kept.json) - $(total look_ups_met_grown kept.json))) got=$(($3 - $1))
tap_is "meet as much more as predicted ($got, within 3 % of $want)" yes \
    "$(awk "BEGIN { print ($got > 0.97 * $want && $got < 1.03 * $want) ? \"yes\" : \"no\" }")"
loads() { "$FROST" hot --json "$1" | sed -n 's/^  "model_loads": \([0-9]*\).*/\1/p'; }
percent=$(total kept_percent kept.json) clocks=$(total run_clocks kept.json)
tap_is "bytes read for it cost no more than said ($percent % of the run)" yes "$(awk "BEGIN {
    print (($(loads keep) - $(loads rule)) * 190 + $got * 304 * 0.97 <= $percent / 100 * $clocks) ? \"yes\" : \"no\" }")"
echo 'x = {"a b c", "d e f"}' >bare.lua
want_status "no image, no vector" 0 "$FROST" record -q -o bare bare.lua
want_status "to keep" 0 "$FROST" strings --hash-slots=keep bare
want_text "is said" out "there is no image whose hash vector could be kept"

# ---- in one go ----

want_status "profile" 0 "$FROST" profile -q --worlds 1 --no-checks --hash-slots=keep -o result "$app"
report=result/report.json
tap_is "profile: the flash that was predicted" "$(total list_flash_predicted_bytes $report)" "$(total list_flash_bytes $report)"
tap_is "profile: the RAM" "$(total saved_predicted_bytes $report)" "$(total saved_measured_bytes $report)"
tap_is "profile: both images have the vector" "512 512" "$(for i in 1 2; do
    python3 "$reader" result/lfs$i.img | sed 's/.*slots \([0-9]*\),.*/\1/'; done | xargs)"
# The dump's image is one of luac.cross; the other figure gives it the small vector, too.
tap_is "profile: against the dump, and against one with its vector kept" yes "$(awk "BEGIN {
    a = $(total held_out_vs_dump_ratio $report); b = $(total held_out_vs_dump_kept_ratio $report)
    print (a >= 1.5 && b >= 1.5 && a > b) ? \"yes\" : \"no\" }")"
want_text "profile: who uploads it is told" result/upload/README.md "\`luac.cross\` has no such option and makes 1024 slots"
want_text "profile: the list says how" result/dummy_strings.lua "-- Made again by: frost profile --worlds=1 --hash-slots=keep sensor-node"
tap_done
