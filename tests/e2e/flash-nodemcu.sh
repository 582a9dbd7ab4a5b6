#!/bin/sh
# frost flash build --for nodemcu: image and file system for stock firmware, read by an independent
# reader; images of the firmware's own tools, read by ours. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3 gzip
golden=$PWD/tests/nodemcu/golden
files=$TAP_DIR/files
mkdir -p "$files/http"
printf 'print("hello")\n' >"$files/init.lua"
: >"$files/empty"
for bytes in 1 250 251 252 26355 26356 60000; do
    head -c $bytes /dev/urandom >"$files/http/$bytes.bin"
done
cp "$files/empty" "$files/0123456789abcdef0123456789abcde"

frost() { # STATUS NAME ARGUMENT...
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" flash "$@"
}
reader() { # NAME IMAGE OPTION...
    name=$1 image=$2
    shift 2
    want_status "$name" 0 python3 tests/support/spiffsread.py "$image" "$@"
}

# ---- what is made ----

frost 0 "parts for a device are made" build --for nodemcu -o "$TAP_DIR/parts" --spiffs-size 512K \
    --files "$files" --lfs "$golden/lfs-float/app.rel.img" --firmware "$files/http/26355.bin" \
    --firmware "0x10000=$files/http/60000.bin"
tap_is "... and the command that flashes them" "esptool.py --port PORT write_flash -fm dio \
0x0 0x00000-firmware.bin 0x10000 0x10000-firmware.bin 0x90000 0x90000-lfs.img 0x100000 0x100000-spiffs.img" \
    "$(cat "$TAP_DIR/out")"
want_text "... which is a script, too" "$TAP_DIR/parts/flash.sh" "0x90000 0x90000-lfs.img"
want_text "... and says what the partition table must be" "$TAP_DIR/parts/flash.sh" \
    "node.setpartitiontable{lfs_addr = 0x90000, lfs_size = 0x40000, spiffs_addr = 0x100000, spiffs_size = 0x80000}"
want_status "its commands are in the directory" 0 sh -n "$TAP_DIR/parts/flash.sh"
want_status "the image is the firmware's compiler's" 0 cmp "$TAP_DIR/parts/0x90000-lfs.img" \
    "$golden/lfs-float/app.abs-40290000.img"
want_status "the firmware is as it was" 0 cmp "$TAP_DIR/parts/0x10000-firmware.bin" "$files/http/60000.bin"
reader "the file system is sound, and mounted in its partition" "$TAP_DIR/parts/0x100000-spiffs.img" \
    --partition 0x2FD000 --at 0x100000 --extract "$TAP_DIR/back"
mkdir "$TAP_DIR/tree" # the reader writes '/' as %2F
for file in "$TAP_DIR/back"/*; do
    to=$TAP_DIR/tree/$(basename "$file" | sed 's|%2F|/|g')
    mkdir -p "$(dirname "$to")"
    cp "$file" "$to"
done
want_status "... with every file" 0 diff -r "$files" "$TAP_DIR/tree"
frost 0 "ours lists it" fs ls "$TAP_DIR/parts/0x100000-spiffs.img"
want_text "... all of it" "$TAP_DIR/out" "Files         10"
frost 0 "... and takes files out" fs get "$TAP_DIR/parts/0x100000-spiffs.img" http/26356.bin -o "$TAP_DIR/one"
want_same "... as they are" "$files/http/26356.bin" "$TAP_DIR/one"
# ---- options that would do nothing ----

for option in one-slot "devs-size 8K" "native-size 0" "freezer-size 0" "part freezer=x" "devs x" first-run; do
    frost 2 "--$option for nodemcu" build --for nodemcu -o "$TAP_DIR/none" --$option
    want_text "... is refused by its name" "$TAP_DIR/err" "--${option%% *} is not for 'build --for nodemcu'"
    want_no_file "... and nothing is made" "$TAP_DIR/none"
done
for option in "lfs-at 0x90000" "spiffs-at 0x100000" "spiffs-size 512K" "days 3" "top 3" "json"; do
    frost 2 "--$option for frost" build -o "$TAP_DIR/none" --$option
    want_text "... is refused by its name" "$TAP_DIR/err" "--${option%% *} is not for 'build'"
done
frost 2 "a size in a first run" build --first-run -o "$TAP_DIR/none" --lfs-size 64K
want_text "... is refused by its name" "$TAP_DIR/err" "--lfs-size is not for 'build --first-run'"
want_no_file "... and nothing is made" "$TAP_DIR/none"
frost 0 "a flash file" build -o "$TAP_DIR/flash.bin"
for call in "layout --days 3" "check --size 4M" "dump --lfs x" "wear --output x" "extract --json -o x" "fs ls --days 3" \
    "fs get --size 4M" "fs put --lfs x" "fs rm -o x" "fs compact --top 3" "fs check --firmware x"; do
    set -- $call
    [ "$1" = fs ] && verb="fs $2" || verb=$1
    frost 2 "an option of another verb: $call" $verb "$TAP_DIR/flash.bin" name ${call#"$verb"}
    want_text "... is refused" "$TAP_DIR/err" "is not for '$verb'"
done

frost 0 "an LFS partition of another size" build --for nodemcu -o "$TAP_DIR/menu" --lfs-size 128K \
    --lfs "$golden/lfs-float/app.rel.img"
want_text "... is the one of the device's table" "$TAP_DIR/menu/flash.sh" "lfs_addr = 0x90000, lfs_size = 0x20000"
frost 3 "an image that exceeds it" build --for nodemcu -o "$TAP_DIR/over" --lfs-size 64K \
    --lfs "$golden/lfs-float/app.rel.img"
want_no_file "... makes nothing" "$TAP_DIR/over"
frost 2 "a size that is none" build --for nodemcu -o "$TAP_DIR/over" --lfs-size much \
    --lfs "$golden/lfs-float/app.rel.img"
frost 0 "a small partition has small blocks" build --for nodemcu -o "$TAP_DIR/small" --spiffs-size 24K \
    --spiffs-at 0xf0000 --size 1M --files "$golden/../init"
want_text "... on a flash with four lines" "$TAP_DIR/out" "write_flash -fm qio"
for image in "$TAP_DIR"/small/*.img; do
    reader "... and is sound" "$image" --block 4096 --partition 0x6000 --at 0xf0000
done
frost 0 "the whole of a flash is taken" build --for nodemcu -o "$TAP_DIR/whole" --files "$files"
tap_is "... up to the SDK's data" $((0x2FC000)) "$(($(wc -c <"$TAP_DIR/whole/0x100000-spiffs.img")))"

# ---- what cannot be ----

frost 3 "files that do not fit" build --for nodemcu -o "$TAP_DIR/no" --spiffs-size 64K --files "$files"
want_text "... are named" "$TAP_DIR/err" "does not fit the file system of 65536 bytes"
frost 2 "a file system that begins inside a block" build --for nodemcu -o "$TAP_DIR/no" --spiffs-at 0x101000 \
    --files "$files"
frost 2 "a file system behind the flash" build --for nodemcu -o "$TAP_DIR/no" --size 1M --files "$files"
frost 3 "parts that overlap" build --for nodemcu -o "$TAP_DIR/no" --lfs "$golden/lfs-float/app.rel.img" \
    --firmware "0x8f000=$files/http/60000.bin"
want_text "... are named" "$TAP_DIR/err" "0x8f000-firmware.bin ends at 0x9da60, what follows begins at 0x90000"
frost 3 "an image larger than its partition" build --for nodemcu -o "$TAP_DIR/no" --spiffs-at 0xa0000 \
    --lfs "$golden/lfs-float/app.rel.img"
frost 2 "an LFS that is not mapped" build --for nodemcu -o "$TAP_DIR/no" --lfs-at 0x100000 \
    --lfs "$golden/lfs-float/app.rel.img"
frost 2 "nothing to flash" build --for nodemcu -o "$TAP_DIR/no"
mkdir -p "$TAP_DIR/drive/%00"
: >"$TAP_DIR/drive/%00/x"
frost 2 "a name that would be a drive" build --for nodemcu -o "$TAP_DIR/no" --files "$TAP_DIR/drive"
want_no_file "nothing is left of what failed" "$TAP_DIR/no"

# ---- what others have made ----

for name in a-empty-64k-b8k b-three-64k b-three-64k-b8k e-nor-churned-64k f-small-24k; do
    gzip -dc "$golden/spiffs/$name.img.gz" >"$TAP_DIR/$name.img"
    cut -f 1,3 "$golden/spiffs/$name.tsv" | while IFS='	' read -r file sum; do
        [ "$("$FROST" flash fs get "$TAP_DIR/$name.img" "$file" | md5sum | cut -d ' ' -f 1)" = "$sum" ] || echo "$file"
    done >"$TAP_DIR/different"
    tap_is "$name: all files are read" "" "$(cat "$TAP_DIR/different")"
    "$FROST" flash fs ls --json "$TAP_DIR/$name.img" >"$TAP_DIR/json" 2>"$TAP_DIR/err"
    want_text "... and no others" "$TAP_DIR/json" "\"files\": $(wc -l <"$golden/spiffs/$name.tsv" | tr -d ' '),"
done
want_status "a listing has its schema" 0 python3 tests/support/schema.py reports/schema/flash-fs.json "$TAP_DIR/json"
printf '\001' | dd of="$TAP_DIR/b-three-64k-b8k.img" bs=1 seek=258 conv=notrunc 2>"$TAP_DIR/dd"
frost 3 "a damaged one is refused" fs ls "$TAP_DIR/b-three-64k-b8k.img"
want_text "... with the page" "$TAP_DIR/err" "SPIFFS page"
frost 4 "a name that is not there" fs get "$TAP_DIR/f-small-24k.img" none

tap_done
