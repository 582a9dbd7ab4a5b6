#!/bin/sh
# frost flash: whole flash files from outside: layout, check, dump, wear, files of the store; files that
# are truncated, foreign or damaged. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
golden=$PWD/tests/nodemcu/golden
flash=$TAP_DIR/flash.bin
store=$((0xf0000))
SOURCE_DATE_EPOCH=1767225599 # 2025-12-31 23:59:59
export SOURCE_DATE_EPOCH

frost() { # STATUS NAME ARGUMENT...
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" flash "$@"
}
said() { tap_is "$1" "$2" "$(cat "$TAP_DIR/out")"; }
json() { # NAME SCHEMA ARGUMENT... : as JSON, by its schema
    name=$1 schema=$2
    shift 2
    "$FROST" flash "$@" --json >"$TAP_DIR/json" 2>"$TAP_DIR/err"
    want_status "$name" 0 python3 tests/support/schema.py "reports/schema/$schema.json" "$TAP_DIR/json"
}

# ---- files in and out ----

want_status "a run makes a flash file with an image and files" 0 "$FROST" run --flash "$flash" \
    --lfs "$golden/lfs-float/app.rel.img" \
    -e 'file.putcontents("made.txt", "by the device") file.putcontents("x", "1") file.remove("x")'
head -c 50000 /dev/urandom >"$TAP_DIR/large"
printf 'print(file.getcontents("made.txt"), file.list().large, file.stat("http/a").size)' >"$TAP_DIR/init.lua"
frost 0 "files are put in" fs put "$flash" "$TAP_DIR/large" "$TAP_DIR/init.lua" "http/a=$TAP_DIR/init.lua"
want_status "the device has them" 0 "$FROST" run --flash "$flash" -e 'dofile("init.lua")'
said "... as they are" "by the device	50000	80"
frost 0 "they are listed" fs ls "$flash"
for line in "made.txt      13" "large     50,000" "2025-12-31 23:59"; do
    want_text "... with '$line'" "$TAP_DIR/out" "$line"
done
frost 0 "a file is taken out" fs get "$flash" large -o "$TAP_DIR/back"
want_same "... as it was" "$TAP_DIR/large" "$TAP_DIR/back"
frost 0 "... or written to the output" fs get "$flash" made.txt
said "... as it is" "by the device"
frost 0 "a file is removed" fs rm "$flash" http/a
frost 4 "... and is not there any more" fs get "$flash" http/a
want_text "... which is said" "$TAP_DIR/err" "'http/a' is not in the file store"
cp "$flash" "$TAP_DIR/before"
frost 4 "one of several files that is not there" fs rm "$flash" init.lua nothing
want_same "... changes nothing" "$TAP_DIR/before" "$flash"
frost 2 "a name that no device opens" fs put "$flash" "/x=$TAP_DIR/init.lua"
frost 2 "a name of 32 characters" fs put "$flash" "0123456789abcdef0123456789abcdef=$TAP_DIR/init.lua"
frost 4 "a file that is not there" fs put "$flash" "$TAP_DIR/none"
head -c 3000000 /dev/zero >"$TAP_DIR/huge"
frost 4 "a file that does not fit" fs put "$flash" "$TAP_DIR/huge"
want_text "... is named" "$TAP_DIR/err" "'huge' does not fit the file store"
want_same "... and changes nothing" "$TAP_DIR/before" "$flash"
frost 0 "dead room is given back" fs compact "$flash"
"$FROST" flash fs ls "$flash" --json >"$TAP_DIR/json"
want_text "... all of it" "$TAP_DIR/json" '"dead_bytes": 0'

# ---- reports ----

frost 0 "the layout is shown" layout "$flash"
for line in "boot                  0x0  0x40200000" "at a reload    image, 13 modules" "while running  3 files" \
    "total                                  4,194,304"; do
    want_text "... with '$line'" "$TAP_DIR/out" "$line"
done
frost 0 "the log is shown" dump "$flash"
want_text "... with what counts" "$TAP_DIR/out" "made.txt"
frost 0 "wear without a length of time" wear "$flash"
want_text "... says what shows years" "$TAP_DIR/out" "--days=N shows the years left"
want_text "... and that a ring that has not gone round says nothing of how even" "$TAP_DIR/out" "the ring has not gone round yet"
! grep "Most to mean" "$TAP_DIR/out" >"$TAP_DIR/ratio" && tap_ok "... with no such figure" || tap_not_ok "... with no such figure" "$TAP_DIR/ratio"
frost 0 "wear is shown" wear "$flash" --days 365
want_text "... with years" "$TAP_DIR/out" "Years left at this rate"
frost 0 "all is sound" check "$flash"
frost 0 "... and the store by itself" fs check "$flash"
json "layout as JSON" flash-layout layout "$flash"
json "check as JSON" flash-check check "$flash"
json "dump as JSON" flash-dump dump "$flash"
json "wear as JSON" flash-wear wear "$flash"
json "files as JSON" flash-fs fs ls "$flash"
frost 2 "no verb" "$flash"
frost 2 "half a verb" fs "$flash"
frost 2 "no flash file" layout

# ---- from parts and into parts ----

files=$TAP_DIR/files
mkdir -p "$files/http" "$files/.git"
cp "$TAP_DIR/init.lua" "$files"
printf page >"$files/http/index.html"
printf hidden >"$files/.git/x"
head -c 5000 /dev/urandom >"$TAP_DIR/fw"
head -c 300 /dev/urandom >"$TAP_DIR/frozen"
for numbers in float integer; do
    frost 0 "a flash is made of parts, $numbers" build -o "$TAP_DIR/made.bin" --size 2M --files "$files" \
        --lfs "$golden/lfs-$numbers/app.rel.img" --firmware "$TAP_DIR/fw" --firmware "0x10000=$TAP_DIR/fw" \
        --part "freezer=$TAP_DIR/frozen"
    frost 0 "... and is sound" check "$TAP_DIR/made.bin"
done
want_status "the device has files and image" 0 "$FROST" run --integer --flash "$TAP_DIR/made.bin" -e '
for name, bytes in pairs(file.list()) do print(name, bytes) end print(#node.LFS.list())'
sort "$TAP_DIR/out" >"$TAP_DIR/sorted"
printf '13\nhttp/index.html\t4\ninit.lua\t80\n' >"$TAP_DIR/want"
want_same "... these" "$TAP_DIR/want" "$TAP_DIR/sorted"
frost 0 "it is taken apart" extract -o "$TAP_DIR/parts" "$TAP_DIR/made.bin"
tap_is "... into these files" "files/http/index.html files/init.lua firmware.bin freezer.bin lfs.img " \
    "$(cd "$TAP_DIR/parts" && find . -type f ! -path './.frost/*' | sed 's|^./||' | sort | tr '\n' ' ')"
frost 0 "... which make the same flash" build -o "$TAP_DIR/again.bin" --size 2M --files "$TAP_DIR/parts/files" \
    --lfs "$TAP_DIR/parts/lfs.img" --firmware "$TAP_DIR/parts/firmware.bin" \
    --part "freezer=$TAP_DIR/parts/freezer.bin"
want_status "... byte for byte" 0 cmp "$TAP_DIR/made.bin" "$TAP_DIR/again.bin"
frost 0 "a name that is a file and a directory" fs put "$flash" "a=$TAP_DIR/fw" "a/b=$TAP_DIR/init.lua"
frost 0 "... is taken out" extract -o "$TAP_DIR/two" "$flash"
want_same "... as one entry" "$TAP_DIR/init.lua" "$TAP_DIR/two/files/a%2Fb"
frost 2 "something else is where it would go" extract -o "$files" "$flash"
frost 3 "firmware that lies on the LFS" build -o "$TAP_DIR/no.bin" --firmware "0x8f000=$TAP_DIR/fw"
frost 2 "two parts in one place" build -o "$TAP_DIR/no.bin" --firmware "$TAP_DIR/fw" --firmware "16=$TAP_DIR/fw"
frost 2 "a partition that there is not" build -o "$TAP_DIR/no.bin" --part "wings=$TAP_DIR/fw"
frost 3 "no image" build -o "$TAP_DIR/no.bin" --lfs "$TAP_DIR/fw"
frost 3 "a .lc file is no image" build -o "$TAP_DIR/no.bin" --lfs "$golden/lc-float/main.lc"
want_status "an image for another address" 0 "$FROST" luac -a 0x40210000 -o "$TAP_DIR/abs.img" "$TAP_DIR/init.lua"
frost 3 "... is refused" build -o "$TAP_DIR/no.bin" --lfs "$TAP_DIR/abs.img"
printf two >"$files/http%2Findex.html"
frost 2 "two files of one name" build -o "$TAP_DIR/no.bin" --files "$files"
want_text "... are named" "$TAP_DIR/err" "http%2Findex.html: is another file of the name 'http/index.html'"
rm "$files/http%2Findex.html"
frost 4 "no files" build -o "$TAP_DIR/no.bin" --files "$TAP_DIR/nowhere"
: >"$files/0123456789abcdef0123456789abcdef"
frost 2 "a file whose name is too long" build -o "$TAP_DIR/no.bin" --files "$files"
want_text "... is named" "$TAP_DIR/err" "files/0123456789abcdef0123456789abcdef"
frost 2 "no output" build --files "$files"
want_no_file "nothing is left of what failed" "$TAP_DIR/no.bin"

# ---- what is no flash, or a damaged one ----

head -c 100000 "$flash" >"$TAP_DIR/odd"
frost 3 "a file that was cut off" layout "$TAP_DIR/odd"
want_text "... is refused" "$TAP_DIR/err" "odd: is not a flash file: 100000 bytes"
frost 3 "... by every verb" fs put "$TAP_DIR/odd" "$TAP_DIR/init.lua"
frost 4 "a file that is not there" check "$TAP_DIR/none"
head -c 2097152 /dev/urandom >"$TAP_DIR/random"
frost 1 "random bytes" check "$TAP_DIR/random"
want_text "... hold no image" "$TAP_DIR/out" "lfs, byte 0x90000: "
want_text "... and no store" "$TAP_DIR/out" "store, byte 0xf0000: no file store: something else is there"
frost 0 "... and have a layout" layout "$TAP_DIR/random"
frost 3 "... to which nothing is written" fs put "$TAP_DIR/random" "$TAP_DIR/init.lua"
want_text "... because of" "$TAP_DIR/err" "random: byte 983040: no file store: something else is there"
cp "$TAP_DIR/random" "$TAP_DIR/before"
want_status "... nor by a run" 0 "$FROST" run --flash "$TAP_DIR/random" -e 'print(1)'
want_text "... which has no freezer there" "$TAP_DIR/err" "Freezer at 0xe0000: something else is there, which stays"
want_status "... nor by freezing" 1 "$FROST" freeze make --flash "$TAP_DIR/random" --fs "$TAP_DIR" init
want_same "... at all" "$TAP_DIR/before" "$TAP_DIR/random"
head -c 2097152 "$flash" >"$TAP_DIR/short"
frost 1 "a flash that was cut to 2 MiB" check "$TAP_DIR/short"
want_text "... has a store for another one" "$TAP_DIR/out" "file store of another partition or device"
at=$(grep -abo 'by the device' "$flash" | tail -n 1 | cut -d: -f1)
cp "$flash" "$TAP_DIR/worn"
printf a | dd of="$TAP_DIR/worn" bs=1 seek="$at" conv=notrunc 2>"$TAP_DIR/dd"
frost 1 "a damaged file" check "$TAP_DIR/worn"
want_text "... is found" "$TAP_DIR/out" "CRC of a file"
frost 3 "... and not taken for a good one" fs get "$TAP_DIR/worn" made.txt
want_text "... but named" "$TAP_DIR/err" "'made.txt' is damaged: its CRC is wrong"
printf '\001' | dd of="$TAP_DIR/worn" bs=1 seek=$((at - at % 32)) conv=notrunc 2>"$TAP_DIR/dd"
frost 1 "a damaged head" check "$TAP_DIR/worn"
want_text "... has a place" "$TAP_DIR/out" "$(printf 'store, byte 0x%x: no entry' $((at - at % 32)))"
cp "$TAP_DIR/worn" "$TAP_DIR/before"
frost 3 "... behind which nothing is written" fs rm "$TAP_DIR/worn" large
want_same "... at all" "$TAP_DIR/before" "$TAP_DIR/worn"

# ---- many files ----

mkdir "$TAP_DIR/many"
(cd "$TAP_DIR/many" && n=10000 && while [ $n -lt 15000 ]; do : >"a name of 31 characters ..$n"; n=$((n + 1)); done)
want_status "a flash for many files" 0 "$FROST" flash build -o "$TAP_DIR/many.bin"
want_status "5,000 files with names of 31 characters" 0 \
    sh -c 'cd "$1/many" && "$2" flash fs put ../many.bin *' sh "$TAP_DIR" "$(realpath "$FROST")"
want_status "... are found" 0 "$FROST" run --heap 4M --flash "$TAP_DIR/many.bin" \
    -e 'local n = 0 for name in pairs(file.list()) do n = n + 1 end print(n, file.exists("a name of 31 characters ..14999"))'
tap_is "... all of them" "5000	true" "$(cat "$TAP_DIR/out")"

# ---- how programs start ----

want_status "a startup command" 0 "$FROST" run --flash "$TAP_DIR/kept.bin" \
    -e 'print(node.startupcommand("!main"), node.startup{frequency = 160}.frequency)'
want_status "... in the next run" 0 "$FROST" run --flash "$TAP_DIR/kept.bin" \
    -e 'local s = node.startup() print(s.command, s.frequency, s.banner) node.startup{}'
tap_is "... is kept in flash" "!main	160	true" "$(cat "$TAP_DIR/out")"
want_status "... until it is taken back" 0 "$FROST" run --flash "$TAP_DIR/kept.bin" \
    -e 'print(node.startup().command, node.startup().frequency)'
tap_is "... for good" "nil	80" "$(cat "$TAP_DIR/out")"

# ---- a layout that is kept, of which a part is missing or damaged ----

echo 'a file' >"$TAP_DIR/a"
frost 0 "a flash with small partitions" build -o "$TAP_DIR/own.bin" --lfs-size 32K --freezer-size 0
frost 0 "... and a file" fs put "$TAP_DIR/own.bin" "$TAP_DIR/a"
head -c 2097152 "$TAP_DIR/own.bin" >"$TAP_DIR/half.bin"
cp "$TAP_DIR/half.bin" "$TAP_DIR/half.kept"
want_status "the first half of it does not run" 3 "$FROST" run --flash "$TAP_DIR/half.bin" -e 'print(1)'
want_text "... and says why" "$TAP_DIR/err" \
    "half.bin: Partition table at 0x8e000: of a flash of 4173824 bytes, this one has 2097152"
for verb in "fs ls" "fs compact" dump wear; do
    frost 3 "$verb of it" $verb "$TAP_DIR/half.bin"
    want_text "... is refused" "$TAP_DIR/err" \
        "byte 581632: the partition table is of a flash of 4173824 bytes, the file has 2097152"
done
frost 3 "nor does it take a file" fs put "$TAP_DIR/half.bin" "$TAP_DIR/a"
frost 1 "check" check "$TAP_DIR/half.bin"
want_text "... finds it" "$TAP_DIR/out" "finding: partition table, byte 0x8e000: it is of a flash of 4173824 bytes"
frost 0 "layout" layout "$TAP_DIR/half.bin"
want_text "... says it" "$TAP_DIR/out" "of a larger flash; the default layout is shown"
want_same "all of it is as it was" "$TAP_DIR/half.kept" "$TAP_DIR/half.bin"
printf '\001' | dd of="$TAP_DIR/own.bin" bs=1 seek=$((0x8e000 + 20)) conv=notrunc 2>"$TAP_DIR/dd"
want_status "a record with a byte changed" 0 "$FROST" run --flash "$TAP_DIR/own.bin" -e 'print(1)'
want_text "... is told at the start" "$TAP_DIR/err" \
    "Partition table at 0x8e000: no record is sound, the usual layout is used"
frost 1 "check" check "$TAP_DIR/own.bin"
want_text "... finds that, too" "$TAP_DIR/out" "finding: partition table, byte 0x8e000: no record is sound"

tap_done
