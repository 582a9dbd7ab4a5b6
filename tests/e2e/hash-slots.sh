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

tap_done
