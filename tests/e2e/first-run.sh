#!/bin/sh
# A flash that has firmware and files alone installs core and devs at its first start. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
top=$PWD
cd "$TAP_DIR" || exit 1
mkdir files

image() { # FILE ARGUMENT...
    file=$1
    shift
    "$FROST" luac --build-time=1 -f -o "$file" "$@" >out 2>&1 || tap_not_ok "$file compiles" out
}
echo 'return "welcome"' >which.lua
echo 'print("main of", node.LFS.which()) node.LFS.reload("production.img")' >setup.lua
image files/core.img which.lua setup.lua
echo 'return "production"' >which.lua
image files/production.img which.lua
echo 'return "devs for", node.LFS.which()' >probe.lua
image files/devs.img --core files/core.img probe.lua
head -c 5000 /dev/urandom >files/data
want_status "a flash file with a store behind the firmware" 0 "$FROST" flash build --first-run \
    --files files -o flash.bin
want_status "... has no other partition" 0 "$FROST" flash layout flash.bin
grep -q 'lfs' out && tap_not_ok "... as frost flash layout shows" out || tap_ok "... as frost flash layout shows"
want_text "... but its files" out "4 files"
cp flash.bin fresh.bin

device() { # NAME CODE
    want_status "$1" 0 "$FROST" run --flash flash.bin -e "$2"
}
show='for _, f in ipairs{node.LFS.which or type, node.LFS.probe or type} do print(f(nil)) end'
device "the first start" "$show"
want_text "... moves the store" err "First run: the store has moved"
want_text "... installs core" err "First run: core.img is installed"
want_text "... and devs" err "First run: devs.img is installed"
printf 'welcome\ndevs for\twelcome\n' >want
cp want want.all
want_same "... and runs them" want out
device "the second start" "$show"
want_same "... finds them" want out
grep -q 'First run' err && tap_not_ok "... and installs nothing" err || tap_ok "... and installs nothing"
want_status "the partitions are the usual ones" 0 "$FROST" flash layout flash.bin
want_text "... with a place for core" out "image, 2 modules"
want_status "every structure is sound" 0 "$FROST" flash check flash.bin
want_status "the files have come along" 0 "$FROST" flash fs get flash.bin data -o got
want_same "... byte for byte" files/data got

# ---- what is installed first replaces itself ----

device "a core of the first run" 'if node.LFS.setup then node.LFS.setup() end print("now", node.LFS.which())'
want_text "... is set up" out "main of	welcome"
want_text "... and replaced" out "now	production"
device "... for good" "$show"
want_text "... since it is in the file of another name" out "production"
want_text "devs for the first core are disabled" err "LFS devs: image is for core image 0x"

# ---- an image that is lost comes back ----

"$FROST" flash layout flash.bin | awk '$1 == "lfs" || $1 == "lfs-second" { print $2 }' >slots
while read -r slot; do printf '\0' | dd of=flash.bin bs=1 seek=$((slot)) conv=notrunc 2>dd; done <slots
device "a damaged image" "$show"
want_text "... is installed again" err "First run: core.img is installed"
want_same "... with its devs" want out
device "devs that are removed" 'print(node.LFS.reload_devs())'
device "... stay away" "$show"
printf 'welcome\nnil\n' >want
want_same "... though there is a file" want out

# ---- a flash that has no LFS, but not for a first run ----

want_status "a flash file without LFS" 0 "$FROST" flash build --lfs-size 0 --files files -o none.bin
want_status "... starts as it is" 0 "$FROST" run --flash none.bin -e 'print(file.stat("data").size)'
tap_is "... with its files, and quietly" "5000" "$(cat out err)"

# ---- wrong files ----

cp fresh.bin flash.bin
mkdir wrong
echo 'no image' >wrong/core.img
want_status "a core that is none" 0 "$FROST" flash fs put flash.bin wrong/core.img
device "... is not installed" "$show"
want_text "... and told" err "read error on LFS image file"

# Only the check in flash finds what is wrong: that image is written once, and not at every start.
python3 "$top/tests/support/breakimage.py" files/core.img wrong/core.img >out 2>&1 || tap_not_ok "an image is broken" out
changes() { # WANT NAME: erases of the LFS in a start
    want_status "$2" 0 "$FROST" record -q -o trace --flash flash.bin -e 'print(node.LFS.which)'
    "$FROST" trace dump trace >events 2>dump.err
    tap_is "... erases of the LFS" "$1" "$(grep -c 'flash_erase.*region="LFS"' events)"
    rm -rf trace
}
cp fresh.bin flash.bin
want_status "a core that is damaged inside" 0 "$FROST" flash fs put flash.bin wrong/core.img
changes 2 "the first start tries it"
want_text "... and tells where" err "First run: LFS image damaged: number of strings at byte 16"
for n in 1 2 3; do
    changes 0 "start $n after it does not"
    want_text "... and says why" err "First run: image was found damaged at an earlier start, and its file is the same"
done
want_status "the flash is sound" 0 "$FROST" flash check flash.bin
touch -d '2001-02-03' wrong/core.img
want_status "the same once more, with another time" 0 "$FROST" flash fs put flash.bin wrong/core.img
changes 2 "... is tried"
changes 0 "... once"
want_status "a sound core in its place" 0 "$FROST" flash fs put flash.bin files/core.img
device "... is installed" "$show"
want_same "... and runs, with devs" want.all out
python3 "$top/tests/support/breakimage.py" files/devs.img wrong/devs.img >out 2>&1 || tap_not_ok "an image is broken" out
cp fresh.bin flash.bin
want_status "devs that are damaged inside" 0 "$FROST" flash fs put flash.bin wrong/devs.img
device "the first start" "$show"
want_text "... tells where" err "First run: LFS image damaged: number of strings at byte 16"
cp flash.bin kept.bin
device "the next start" "$show"
want_text "... has core, and knows" err "First run: image was found damaged at an earlier start, and its file is the same"
want_same "... and writes nothing" kept.bin flash.bin

want_status "--first-run takes no images" 2 "$FROST" flash build --first-run --lfs files/core.img -o x.bin
want_text "... but files" err "core.img"
want_no_file "... and makes none" x.bin
tap_done
