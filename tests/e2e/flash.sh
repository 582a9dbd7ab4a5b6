#!/bin/sh
# LFS on the device and on the desk: images that are refused, damaged flash, reload from a program,
# a program that writes into flash, and frost lfs. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
golden=$PWD/tests/nodemcu/golden
app=$golden/lfs-float/app.rel.img
fs=$TAP_DIR/fs
mkdir "$fs"
cat >"$fs/hello.lua" <<'END'
print("hello", #(node.LFS.list() or {}))
END

device() { # STATUS NAME OPTION... : runs hello.lua
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" run --fs "$fs" "$@" "$fs/hello.lua"
}

# ---- what --lfs takes and refuses ----

device 0 "a relocatable image is taken" --lfs "$app"
tap_is "... and mounted" "hello	13" "$(cat "$TAP_DIR/out")"
device 0 "an absolute image is taken" --lfs "$golden/lfs-float/app.abs-40290000.img"
device 0 "no image: LFS is absent"
tap_is "... and silent" "hello	0" "$(cat "$TAP_DIR/out" "$TAP_DIR/err")"

device 3 "an integer image is refused" --lfs "$golden/lfs-integer/app.rel.img"
want_text "... in the firmware's words" "$TAP_DIR/err" "Incorrect LFS build type"
device 3 "a .lc file is refused" --lfs "$golden/lc-float/main.lc"
want_text "... in the firmware's words" "$TAP_DIR/err" "read error on LFS image file"
device 4 "a missing image" --lfs "$TAP_DIR/none.img"
want_text "... has the system's reason" "$TAP_DIR/err" "none.img: No such file or directory"
head -c 20000 "$app" >"$TAP_DIR/cut.img"
device 3 "a cut-off image is refused" --lfs "$TAP_DIR/cut.img"
tap_is "... and nothing ran" "" "$(cat "$TAP_DIR/out")"

# ---- a flash file ----

flash=$TAP_DIR/flash.bin
device 0 "an image goes into a flash file" --flash "$flash" --lfs "$app"
device 0 "... and is there at the next start" --flash "$flash"
tap_is "... mounted" "hello	13" "$(cat "$TAP_DIR/out")"
tap_is "the file is as long as a chip" 4194304 "$(($(wc -c <"$flash")))"

# The signature, then a word of a pointer.
printf '\134' | dd of="$flash" bs=1 seek=$((0x90000)) conv=notrunc 2>"$TAP_DIR/dd"
device 0 "an image in progress is ignored" --flash "$flash"
want_text "... in the firmware's words" "$TAP_DIR/err" \
    "Flash sig not correct: 0xfafaa15c vs 0xfafaa154"
want_text "... and LFS is absent" "$TAP_DIR/out" "hello	0"
printf '\124' | dd of="$flash" bs=1 seek=$((0x90000)) conv=notrunc 2>"$TAP_DIR/dd"
printf '\377' | dd of="$flash" bs=1 seek=$((0x90000 + 8 + 3)) conv=notrunc 2>"$TAP_DIR/dd"
device 0 "an index function out of the image is found" --flash "$flash"
want_text "... in the firmware's words" "$TAP_DIR/err" "Flash size check failed: 0x40290020 vs"
printf '\100' | dd of="$flash" bs=1 seek=$((0x90000 + 8 + 3)) conv=notrunc 2>"$TAP_DIR/dd"
printf '\001' | dd of="$flash" bs=1 seek=$((0x90000 + 20)) conv=notrunc 2>"$TAP_DIR/dd"
device 0 "a damaged string table is found" --flash "$flash"
want_text "... with a place" "$TAP_DIR/err" "LFS image damaged: number of string slots at byte 20"

head -c 100000 /dev/zero >"$TAP_DIR/odd.bin"
device 3 "a file that is not a flash" --flash "$TAP_DIR/odd.bin"
want_text "... says so" "$TAP_DIR/err" "is not a flash file"

# ---- reload ----

cp "$app" "$fs/app.img"
cp "$golden/lfs-integer/app.rel.img" "$fs/integer.img"
cp "$TAP_DIR/cut.img" "$fs/cut.img"
cat >"$fs/reload.lua" <<'END'
print("boot", node.bootreason())
print("modules", #(node.LFS.list() or {}))
if node.LFS.time then return end
for _, name in ipairs{"none.img", "integer.img", "cut.img", "reload.lua"} do
    print(name, node.LFS.reload(name))
end
print("not reached", node.flashreload("app.img"))
END
want_status "a program reloads LFS" 0 "$FROST" run --fs "$fs" "$fs/reload.lua"
cat >"$TAP_DIR/want" <<'END'
boot	1	0
modules	0
none.img	LFS image file not found
integer.img	Incorrect LFS build type
cut.img	LFS length mismatch
reload.lua	read error on LFS image file
LFS region updated.  Restarting.
boot	2	3
modules	13
END
want_same "... with the firmware's messages, and starts again" "$TAP_DIR/want" "$TAP_DIR/out"
want_text "... and flashreload is called deprecated" "$TAP_DIR/err" "deprecated"

# ---- the partition table ----

cat >"$fs/move.lua" <<'END'
local t = node.getpartitiontable()
print(("lfs 0x%x 0x%x store 0x%x"):format(t.lfs_addr, t.lfs_size, t.spiffs_size),
      #(node.LFS.list() or {}))
if t.lfs_addr == 0x90000 and t.lfs_size > 0 then
    print(pcall(node.setpartitiontable, {lfs_addr = 0xa0000, lfs_size = 0x20000}))
    print(pcall(node.setpartitiontable, {lfs_size = 0x1000}))
    node.setpartitiontable{lfs_size = 0}
elseif t.lfs_size == 0 then
    node.setpartitiontable{lfs_addr = 0xa0000, lfs_size = 0x20000}
end
END
moved=$TAP_DIR/moved.bin
want_status "a program moves its LFS" 0 "$FROST" run --fs "$fs" --flash "$moved" --lfs "$app" \
    "$fs/move.lua"
cat >"$TAP_DIR/want" <<'END'
lfs 0x90000 0x20000 store 0x30b000	13
false	LFS has an image, which would be lost: lfs_size = 0 removes it
false	LFS has an image, which would be lost: lfs_size = 0 removes it
lfs 0x90000 0x0 store 0x30b000	0
lfs 0xa0000 0x20000 store 0x30b000	0
END
want_same "... once its image is removed, and finds none after the restart" "$TAP_DIR/want" "$TAP_DIR/out"
want_status "... at the next start the layout is kept" 0 "$FROST" run --fs "$fs" --flash "$moved" \
    --lfs "$app" "$fs/move.lua"
tap_is "... and an image goes there" "lfs 0xa0000 0x20000 store 0x30b000	13" "$(cat "$TAP_DIR/out")"
tap_is "the old image was taken back" "00000000" \
    "$(od -An -tx4 -j$((0x90000)) -N4 "$moved" | tr -d ' ')"
dd if=/dev/zero of="$moved" bs=4096 seek=$((0x8e)) count=2 conv=notrunc 2>"$TAP_DIR/dd"
cat >"$fs/table.lua" <<'END'
print(("0x%x"):format(node.getpartitiontable().lfs_addr))
END
device_table() { "$FROST" run --fs "$fs" --flash "$moved" "$fs/table.lua" 2>"$TAP_DIR/err"; }
tap_is "without a table the layout is the default one" "0x90000" "$(device_table)"
want_text "... where a write of the LFS was given up" "$TAP_DIR/err" \
    "LFS image was not written to its end: reload it"

# ---- a listing of frost lfs ----

want_status "frost lfs check: sound images" 0 "$FROST" lfs check "$app" \
    "$golden/lfs-float/app.abs-40290000.img" "$golden/lfs-integer/app.rel.img"
want_status "frost lfs check: the partition is a limit" 1 "$FROST" lfs check --lfs-size 64K "$app"
want_text "... in the firmware's words" "$TAP_DIR/out" "LFS Image too big for configured LFS region"
want_status "frost lfs check: the number build is a limit" 1 "$FROST" lfs check --numbers integer "$app"
want_status "frost lfs check: the address is a limit" 1 "$FROST" lfs check --address 0x40290000 \
    --numbers float "$golden/lfs-float/app.abs-40290000.img" "$golden/lfs-integer/app.rel.img"
want_status "frost lfs check: a damaged image is the answer no" 1 "$FROST" lfs check "$TAP_DIR/cut.img"
want_text "... with a place" "$TAP_DIR/out" "cut.img: byte 20000: gzip stream is cut off"
want_status "frost lfs ls: a damaged image is bad input" 3 "$FROST" lfs ls "$TAP_DIR/cut.img"
want_status "frost lfs check: a missing image" 4 "$FROST" lfs check "$TAP_DIR/none.img"
want_status "frost lfs: wrong usage" 2 "$FROST" lfs list "$app"
want_status "frost lfs ls" 0 "$FROST" lfs ls --json "$app"
want_text "... names the modules" "$TAP_DIR/out" '"@bigmodule.lua"'
want_status "frost lfs dump" 0 "$FROST" lfs dump -m bigmodule --strings "$app"
want_text "... shows code" "$TAP_DIR/out" "function bigmodule.lua main at 0x"
want_status "frost lfs dump has no JSON" 2 "$FROST" lfs dump --json "$app"
tap_is "... and prints none" "" "$(cat "$TAP_DIR/out")"
want_status "frost lfs diff: equal but for the form" 0 "$FROST" lfs diff "$app" \
    "$golden/lfs-float/app.abs-40290000.img"
want_status "frost lfs diff: other images" 1 "$FROST" lfs diff "$app" "$golden/lfs-integer/app.rel.img"

tap_done
