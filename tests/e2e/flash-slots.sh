#!/bin/sh
# The LFS with two slots: a new image counts when it is whole, has to be confirmed, and makes way for the
# one before it if it is not; reloads with an empty heap; what frost flash says of it. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
fs=$TAP_DIR/fs
flash=$TAP_DIR/flash.bin
mkdir "$fs"

for n in 1 2 3; do
    echo "return $n" >"$TAP_DIR/version.lua"
    want_status "image $n" 0 "$FROST" luac -f -o "$fs/image$n.img" "$TAP_DIR/version.lua"
done

device() { # STATUS NAME CODE OPTION...
    status=$1 name=$2 code=$3
    shift 3
    want_status "$name" "$status" "$FROST" run --fs "$fs" --flash "$flash" "$@" -e "$code"
}
shows='local v = node.LFS.version print(v and v(), node.LFS.slot())'
# Starts with what is in flash, and ends with an error, so that nothing is confirmed.
fails() { # WANT NAME
    device 1 "$2" "$shows error('broken')"
    tap_is "... shows the image" "$1" "$(cat "$TAP_DIR/out")"
}
reload() { # FILE [MORE]
    echo "$shows if node.bootreason() == 1 then print(node.LFS.reload('$1'${2:+, $2})) end error('ends')"
}

# ---- a first image, then one to be confirmed ----

device 1 "a first reload" "$(reload image1.img)"
printf 'nil\tnil\tnil\nLFS region updated.  Restarting.\n1\t1\tnil\n' >"$TAP_DIR/want"
want_same "... goes into the first slot, with nothing to go back to" "$TAP_DIR/want" "$TAP_DIR/out"
device 1 "a second reload" "$(reload image2.img)"
printf '1\t1\tnil\nLFS region updated.  Restarting.\n2\t2\t2\n' >"$TAP_DIR/want"
want_same "... goes into the other slot, and has two starts more" "$TAP_DIR/want" "$TAP_DIR/out"
fails "2	2	1" "a start that fails"
want_status "the layout of the flash" 0 "$FROST" flash layout "$flash"
want_text "... shows the trial" "$TAP_DIR/out" "counts, not confirmed in 2 of 3 starts"
fails "2	2	0" "the last start that fails"
fails "1	1	nil" "the next start"
want_text "... has the image before it, and says so" "$TAP_DIR/err" \
    "LFS image was not confirmed in 3 starts: the one before it is used"
fails "1	1	nil" "... for good"
tap_is "... and says no more of it" 0 "$(grep -c 'was not confirmed' "$TAP_DIR/err")"

# ---- four ways to be confirmed ----

confirmed() { # NAME CODE
    cp "$flash" "$TAP_DIR/kept.bin"
    device 1 "a reload, to be confirmed by $1" "$(reload image2.img)"
    device "$3" "... confirmed by $1" "$2"
    for i in 1 2 3; do device 1 "... start $i afterwards" "error('broken')"; done
    fails "2	2	nil" "... and it stays"
    mv "$TAP_DIR/kept.bin" "$flash"
}
confirmed "the program" "print(node.LFS.confirm()) error('broken')" 1
confirmed "a minute of running" \
    "tmr.create():alarm(61000, 0, function() error('broken') end)" 1
confirmed "a program that goes to sleep" "node.dsleep(0)" 0
confirmed "a program that ends" "print('done')" 0
cp "$flash" "$TAP_DIR/kept.bin"
device 1 "a reload" "$(reload image2.img)"
device 1 "less than a minute of running" "tmr.create():alarm(50000, 0, function() error('broken') end)" \
    --on-error stop
fails "2	2	0" "... confirms nothing"
cp "$TAP_DIR/kept.bin" "$flash"
device 1 "a reload without a trial" "$(reload image2.img '{starts = 0}')"
fails "2	2	nil" "... counts at once"
cp "$TAP_DIR/kept.bin" "$flash"
device 1 "a number of starts that cannot be" "print(pcall(node.LFS.reload, 'image2.img', {starts = 25}))
    error('ends')"
want_text "... is refused" "$TAP_DIR/out" "bad argument #2 to"

# ---- a reload while the image is not confirmed leaves the one that is ----

device 1 "a reload" "$(reload image2.img)"
device 1 "another one before it is confirmed" "$(reload image3.img)"
fails "3	2	1" "... takes the place of the unconfirmed image"
fails "3	2	0" "... which fails"
fails "1	1	nil" "... and the confirmed one is back"

# ---- a layout that is kept, and changes meanwhile ----

cp "$flash" "$TAP_DIR/kept.bin"
device 1 "a reload" "$(reload image2.img)"
device 1 "a program that moves the store in a trial" "if node.bootreason() == 1 then
    node.setpartitiontable{spiffs_addr = 0x100000, spiffs_size = 0x80000} end $shows error('broken')"
tap_is "... has a start less after it" "2	2	0" "$(cat "$TAP_DIR/out")"
want_status "... the layout is the new one" 0 "$FROST" flash layout "$flash"
want_text "... with the store there" "$TAP_DIR/out" "store            0x100000"
fails "1	1	nil" "... and the image before it is back"
cp "$TAP_DIR/kept.bin" "$flash"

# ---- an image that is damaged in flash ----

device 1 "a confirmed image" "$(reload image2.img '{starts = 0}')"
want_status "every structure of both slots is checked" 0 "$FROST" flash check "$flash"
want_text "... the second one, too" "$TAP_DIR/out" "lfs-second       0xb0000  ok"
printf '\001' | dd of="$flash" bs=1 seek=$((0xB0000 + 20)) conv=notrunc 2>"$TAP_DIR/dd"
want_status "a byte of it that is changed" 1 "$FROST" flash check "$flash"
want_text "... is found" "$TAP_DIR/out" "finding: lfs-second, byte 0xb00"
fails "1	1	nil" "a damaged image makes way for the one before it"
want_text "... and is named" "$TAP_DIR/err" "LFS image damaged: number of strings at byte 16"

# ---- too little memory ----

rm -f "$flash"
full="local t = {} for i = 1, 9 do t[i] = ('x'):rep(2000) .. i end"
device 1 "a reload in a full heap" "$full print(node.LFS.reload('image1.img')) error('ends')"
tap_is "... is refused in the firmware's words" "Memory allocation error" "$(cat "$TAP_DIR/out")"
device 1 "the same, to be done after a restart" "$shows if node.bootreason() == 1 then $full
    print(node.LFS.reload('image1.img', {restart = true})) end error('ends')"
printf 'nil\tnil\tnil\nLFS reload needs an empty heap.  Restarting.\nLFS region updated.  Restarting.\n1\t1\tnil\n' \
    >"$TAP_DIR/want"
want_same "... is done with an empty heap" "$TAP_DIR/want" "$TAP_DIR/out"
rm "$fs/image3.img"
device 1 "a file that is not there" "if node.bootreason() == 1 then $full
    print(node.LFS.reload('image3.img', {restart = true})) end print('goes on') error('ends')"
want_text "... is said at once" "$TAP_DIR/out" "LFS image file not found"

# ---- sizes ----

build() { # STATUS NAME OPTION...
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" flash build -o "$TAP_DIR/built.bin" "$@"
}
build 0 "a flash of the default layout"
want_status "... its layout" 0 "$FROST" flash layout "$TAP_DIR/built.bin"
for row in "boot " "core code" "partition table" "lfs-second" "native-devs" "first 64 KB in place" \
    "kept in flash"; do
    want_text "... has: $row" "$TAP_DIR/out" "$row"
done
build 0 "a flash with an LFS of 94 KB" --lfs-size 94K --lfs "$fs/image1.img"
want_status "... its layout" 0 "$FROST" flash layout --json "$TAP_DIR/built.bin"
want_text "... is rounded up as the firmware does" "$TAP_DIR/out" '"bytes":98304'
want_status "... runs" 0 "$FROST" run --flash "$TAP_DIR/built.bin" -e "$shows
    local t = node.getpartitiontable() print(t.lfs_addr, t.lfs_size, t.spiffs_addr)"
printf '1\t1\tnil\n589824\t98304\t917504\n' >"$TAP_DIR/want"
want_same "... with its image" "$TAP_DIR/want" "$TAP_DIR/out"
build 0 "a flash with one slot of 256 KB" --lfs-size 256K
build 0 "a flash without LFS" --lfs-size 0
want_status "... says so" 0 "$FROST" run --flash "$TAP_DIR/built.bin" --fs "$fs" \
    -e "print(node.LFS.reload('image1.img'))"
tap_is "... in the firmware's words" "No LFS partition allocated" "$(cat "$TAP_DIR/out")"
build 2 "sizes that do not fit" --freezer-size 600K
want_text "... are told" "$TAP_DIR/err" "do not fit into the first megabyte"

# ---- a program changes the layout: what is in the way is named ----

rm -f "$flash"
table() { # NAME WANT SETTINGS
    want_status "$1" 0 "$FROST" run --flash "$flash" -e "local t = {$3}
        for k, v in pairs(t) do if node.getpartitiontable()[k] ~= v then
            print(pcall(node.setpartitiontable, t)) return end end
        print('kept', node.LFS.version and node.LFS.version())"
    tap_is "... $2" "$2" "$(cat "$TAP_DIR/out")"
}
want_status "a flash with an image" 0 "$FROST" run --flash "$flash" --lfs "$fs/image1.img" -e 'print(1)'
table "an LFS of both slots" "kept	1" "lfs_size = 0x40000"
want_status "something is frozen" 0 "$FROST" run --flash "$flash" -e 'freezer.freeze(loadstring("return 1, [[a]]"))'
table "an LFS up to the store" "false	Partition value out of range: 'freezer' is there" "lfs_size = 0x60000"
table "an LFS over LFS devs, which are empty" "kept	1" "lfs_size = 0x4c000"
table "a store at another place" "kept	1" "spiffs_addr = 0x100000, spiffs_size = 0x80000"
want_status "a file" 0 "$FROST" run --flash "$flash" -e 'file.putcontents("a", "1")'
table "a store with files" "false	File store has files, which would be lost: format it first" "spiffs_size = 0x90000"
table "a store on the firmware" "false	Partition value out of range: 'firmware' is there" "spiffs_addr = 0x80000"
want_status "the layout is shown" 0 "$FROST" flash layout "$flash"
want_text "... with what no partition has" "$TAP_DIR/out" "not assigned"

tap_done
