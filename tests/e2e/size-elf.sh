#!/bin/sh
# What frost size says about programs: against readelf, nm and eu-size, of several compilers; what is
# lost without symbols or debug information; files that are damaged. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" gcc clang python3 eu-size nm readelf strip objcopy xtensa-lx106-elf-nm
want_firmware
elf=$O/esp8266/frost.elf
[ -f "$elf" ] || { tap_done; exit 1; }

# Bytes of the row of a table in JSON whose cells match: TABLE RE FILE.
bytes_of() {
    sed -n "/^  \"$1\": {/,/^  }/p" "$3" | grep "^    {.*$2" | sed 's/.*"bytes":\([0-9]*\).*/\1/' |
        awk '{ sum += $1 } END { print sum + 0 }'
}
size() { "$FROST" size "$@"; }

# ---- the tools of binutils and elfutils agree ----

compare() { # NAME ELF
    want_status "$1: frost size" 0 "$FROST" size -d section,symbol --json "$2"
    cp "$TAP_DIR/out" "$TAP_DIR/report.json"
    want_status "$1: schema" 0 python3 tests/support/schema.py reports/schema/size.json \
        "$TAP_DIR/report.json"
    want_status "$1: as readelf, nm and eu-size say" 0 python3 tests/support/elfsize.py "$2" \
        "$TAP_DIR/report.json"
    sed 's/^/# /' "$TAP_DIR/out"
}
# Compiles the program below: NAME COMMAND...
build() {
    name=$1
    shift
    want_status "$name: is built" 0 "$@" -o "$TAP_DIR/$name" "$TAP_DIR/program.cc"
}
cat >"$TAP_DIR/program.cc" <<'SOURCE'
namespace space {
template <class T> struct Box {
    T value;
    __attribute__((noinline)) T get(int n) { return value + n; }
};
int counter = 5;
static volatile char buffer[3000];
__attribute__((noinline)) int twice(int n) { return n * 3 + counter; }
}
extern "C" int first_name(int n) { return n + 7; }
extern "C" int second_name(int) __attribute__((alias("first_name")));
static inline __attribute__((always_inline)) int mixed(int a)
{
    for (int i = 0; i < a; i++)
        a ^= i * 7 + space::counter;
    return a;
}
const char *volatile text = "a text that is found nowhere else";
thread_local int each[50];
int main(int c, char **)
{
    space::Box<int> box{c};
    return box.get(c) + space::twice(c) + mixed(c) + space::buffer[c] + second_name(c) + text[c] + each[c];
}
// As rustc names its functions, legacy and v0.
extern "C" int _ZN4core3fmt5Write9write_fmt17h0123456789abcdefE(int n) { return n + 11; }
extern "C" int _RNvC6_123foo3bar(int n) { return n + 12; }
SOURCE
build dwarf5 clang -O1 -gdwarf-5
build dwarf4 clang -O1 -gdwarf-4
(cd "$TAP_DIR" && clang -O1 -g -gsplit-dwarf -c -o split.o program.cc && clang -o split split.o)
compare "clang, DWARF 5" "$TAP_DIR/dwarf5"
compare "clang, DWARF 4" "$TAP_DIR/dwarf4"
compare "gcc" "$FROST"
compare "addresses of one's own" "$O/libexec/frost/frostvm-float-plain"
strip -o "$TAP_DIR/stripped" "$FROST"
compare "stripped" "$TAP_DIR/stripped"
OBJ=xtensa-lx106-elf-
export OBJ
compare "the chip's firmware" "$elf"
unset OBJ

# ---- constants in RAM ----

cat >"$TAP_DIR/k.c" <<'SOURCE'
volatile int out;
const unsigned char table[64] = {1, 2, 3};
const unsigned wide[32] = {1, 2, 3};
const char *text = "reached through a variable";
int counter = 4;
__attribute__((noinline)) int length(const char *p)
{
    int n = 0;
    while (*p++)
        n++;
    return n;
}
int main(void)
{
    for (int i = 0; i < 64; i++)
        out = table[i];
    out = wide[out & 31] + length("handed over") + counter++;
    return length(text);
}
SOURCE
constants() { # NAME SECTIONS: rows "constant bytes loads", by size
    { echo 'MEMORY { dram (rwx) : ORIGIN = 0x3ffe8000, LENGTH = 0x14000'
      echo 'iram (rx) : ORIGIN = 0x40100000, LENGTH = 0x8000 flash (rx) : ORIGIN = 0x40210000, LENGTH = 0x10000 }'
      echo "ENTRY(main) SECTIONS { .text : { *(.literal*) *(.text*) } > iram $2 .bss : { *(.bss*) } > dram }"
    } >"$TAP_DIR/k.ld"
    want_status "$1: is linked" 0 xtensa-lx106-elf-gcc -g -O1 -mlongcalls -nostdlib -ffreestanding \
        -T "$TAP_DIR/k.ld" -Wl,-Map="$TAP_DIR/k.map" -o "$TAP_DIR/k" "$TAP_DIR/k.c"
    shift 2
    size --json "$@" "$TAP_DIR/k" >"$TAP_DIR/k.json"
    sed -n '/"ram_constants": {/,/^  }/s/.*"constant":"\(.*\)","unit".*"bytes":\([0-9]*\),"narrow_loads":\([0-9a-z]*\).*/\1 \2 \3/p' \
        "$TAP_DIR/k.json" | tr -d '\\' | paste -sd ';' -
}
tap_is "in RAM, with the loads that would trap" \
    'wide 128 0;"reached through a variable" 27 0;table 64 1;"handed over" 12 2' \
    "$(constants apart '.data : { *(.data*) } > dram .rodata : { *(.rodata*) } > dram' | tail -n 1)"
tap_is "their sum" 231 "$(sed -n 's/^  "ram_constant_bytes": \([0-9]*\).*/\1/p' "$TAP_DIR/k.json")"
tap_is "among data: by the map" 'wide 128 0;table 64 1' \
    "$(constants mixed '.data : { *(.data*) *(.rodata*) } > dram' "$TAP_DIR/k.map" | tail -n 1 | tr ';' '\n' | grep -v unknown | paste -sd ';' -)"
tap_is "in flash: none" '' \
    "$(constants flash '.data : { *(.data*) } > dram .rodata : { *(.rodata*) } > flash' | sed -n '/^ok/!p')"

# ---- names ----

for program in dwarf5 dwarf4 split; do
    size -d unit,symbol --json "$TAP_DIR/$program" >"$TAP_DIR/names.json"
    tap_is "$program: a template" yes "$(grep -q '"symbol":"space::Box<int>::get(int)"' \
        "$TAP_DIR/names.json" && echo yes)"
    tap_is "$program: data has its unit" 3000 "$(bytes_of level_2 '"unit":"[^"]*program.cc","symbol":"space::buffer"' \
        "$TAP_DIR/names.json")"
    tap_is "$program: so has global data" 4 "$(bytes_of level_2 '"unit":"[^"]*program.cc","symbol":"space::counter"' \
        "$TAP_DIR/names.json")"
done
tap_is "Rust's names, without hashes" 2 \
    "$(grep -c '"symbol":"\(core::fmt::Write::write_fmt\|123foo::bar\)"' "$TAP_DIR/names.json")"
tap_is "of two names of the same bytes there is one" 1 \
    "$(grep -c '"symbol":"\(first\|second\)_name"' "$TAP_DIR/names.json")"
size -d symbol,inline --json "$TAP_DIR/dwarf5" >"$TAP_DIR/inline.json"
tap_is "inlined code is that of its own function" yes \
    "$(grep -q '"symbol":"main","inline":"mixed[^"]*"' "$TAP_DIR/inline.json" && echo yes)"
size -d symbol --json "$TAP_DIR/dwarf5" >"$TAP_DIR/plain.json"
tap_is "and counted once" "$(bytes_of level_1 '"symbol":"main"' "$TAP_DIR/plain.json")" \
    "$(bytes_of level_1 '"symbol":"main"' "$TAP_DIR/inline.json")"
size -d string --json "$TAP_DIR/dwarf5" >"$TAP_DIR/strings.json"
tap_is "a string literal, with its NUL" 34 \
    "$(bytes_of level_1 '"string":"a text that is found nowhere else"' "$TAP_DIR/strings.json")"
size -d group --group space=space:: --group 'main=^main$' --match '^space::|^main$' --json \
    "$TAP_DIR/dwarf5" >"$TAP_DIR/groups.json"
tap_is "groups and filters" "main space" "$(sed -n '/"level_1"/,$s/^ *{"group":"\([^"]*\)".*/\1/p' \
    "$TAP_DIR/groups.json" | grep -v '(' | sort | paste -sd ' ' -)"
whole=$(sed -n '/"level_1"/,$s/.*"sum": {"bytes":\([0-9]*\).*/\1/p' "$TAP_DIR/plain.json")
tap_is "what a filter leaves out is a row" "$whole" \
    "$(sed -n '/"level_1"/,$s/.*"sum": {"bytes":\([0-9]*\).*/\1/p' "$TAP_DIR/groups.json")"

want_status "a page" 0 "$FROST" size --format=html "$TAP_DIR/dwarf5"
want_text "has all levels as boxes" "$TAP_DIR/out" 'class="icicle"'

# ---- the chip ----

size -d region,kind --json "$elf" >"$TAP_DIR/chip.json"
for region in dram iram flash; do
    tap_is "$region: used in both tables" "$(bytes_of level_1 "\"region\":\"$region\"" "$TAP_DIR/chip.json")" \
        "$(sed -n "s/^ *{\"region\":\"$region\".*\"used_bytes\":\([0-9]*\).*/\1/p" "$TAP_DIR/chip.json")"
done
tap_is "dram: what is free" yes "$(sed -n 's/.*"region":"dram".*"used_bytes":\([0-9]*\),"free_bytes":\([0-9]*\).*/\1 \2/p' \
    "$TAP_DIR/chip.json" | awk '{ if ($1 + $2 == 81920) print "yes" }')"
size -d unit --json "$elf" >"$TAP_DIR/units.json"
tap_is "literal pools have the unit of their code" 0 \
    "$(bytes_of level_1 '"unit":"(literals of code)"' "$TAP_DIR/units.json")"
cat >"$TAP_DIR/small.json" <<'CHIP'
{"schema": "frost/memory/1", "name": "small", "regions": [
 {"name": "all", "addr": "0x3FFE8000", "bytes": "0x14000", "memory": "ram"}]}
CHIP
want_status "regions of one's own" 0 "$FROST" size -d region --chip "$TAP_DIR/small.json" "$elf"
want_text "what lies in none is a row" "$TAP_DIR/out" '(outside)'
want_text "and said" "$TAP_DIR/out" 'lie in no region of small'
sed 's/"bytes": "0x14000"/"bytes": 0/' "$TAP_DIR/small.json" >"$TAP_DIR/bad.json"
want_status "a region without bytes" 3 "$FROST" size --chip "$TAP_DIR/bad.json" "$elf"
want_status "a chip that is not known" 4 "$FROST" size --chip nothing "$elf"

# ---- together with images and runs ----

image=tests/nodemcu/golden/lfs-float/app.rel.img
want_status "a program and an image" 0 "$FROST" size -d input,region --json "$elf" "$image"
cp "$TAP_DIR/out" "$TAP_DIR/both.json"
tap_is "every byte of the image" 102324 "$(bytes_of level_1 '"input":"app.rel.img"' "$TAP_DIR/both.json")"
want_status "an image by string" 0 "$FROST" size -d module,string --json "$image"
cp "$TAP_DIR/out" "$TAP_DIR/image.json"
tap_is "adds up" 102324 "$(bytes_of level_2 '' "$TAP_DIR/image.json")"
want_status "a run" 0 "$FROST" record -o "$TAP_DIR/run.trace" examples/lamp.lua --duration 1s
want_status "by line" 0 "$FROST" size -d region,symbol --json "$TAP_DIR/run.trace"
tap_is "is its highest point" "$(sed -n 's/^  "peak_bytes": \([0-9]*\).*/\1/p' "$TAP_DIR/out")" \
    "$(bytes_of level_1 '"region":"heap at the highest point"' "$TAP_DIR/out")"

# A whole flash: an image where LFS lies, two files in the store.
"$FROST" luac -f -a 0x40290000 -o "$TAP_DIR/plain.img" examples/lamp.lua >/dev/null 2>&1
head -c 4194304 /dev/zero | tr '\000' '\377' >"$TAP_DIR/flash.bin"
dd if="$TAP_DIR/plain.img" of="$TAP_DIR/flash.bin" bs=4096 seek=144 conv=notrunc 2>"$TAP_DIR/dd"
want_status "files of the store" 0 "$FROST" flash fs put "$TAP_DIR/flash.bin" examples/lamp.lua examples/lamp-world.lua
want_status "a flash file" 0 "$FROST" size -d region,kind,symbol --json "$TAP_DIR/flash.bin"
cp "$TAP_DIR/out" "$TAP_DIR/flash.json"
want_status "conforms to the schema" 0 python3 tests/support/schema.py reports/schema/size.json "$TAP_DIR/flash.json"
tap_is "all of its bytes" 4194304 "$(bytes_of level_1 '' "$TAP_DIR/flash.json")"
tap_is "the image is looked into" "$(wc -c <"$TAP_DIR/plain.img")" \
    "$(sed -n '/"level_1"/,/^  }/s/.*"region":"lfs".*"flash_bytes":\([0-9]*\).*/\1/p' "$TAP_DIR/flash.json")"
tap_is "down to functions" yes "$(grep -q '"region":"lfs","kind":"code","symbol":"[^"]*lamp.lua' "$TAP_DIR/flash.json" && echo yes)"
tap_is "files of the store have rows" 2 "$(grep -c '"region":"store","kind":"files","symbol"' "$TAP_DIR/flash.json")"
head -c 1048577 "$TAP_DIR/flash.bin" >"$TAP_DIR/odd.bin"
want_status "a length that no flash has" 3 "$FROST" size "$TAP_DIR/odd.bin"

# ---- what is lost ----

size "$TAP_DIR/stripped" >"$TAP_DIR/text"
want_text "stripped: said" "$TAP_DIR/text" 'is stripped'
want_text "no debug information: said" "$TAP_DIR/text" 'has no debug information'
rm "$TAP_DIR/split.dwo"
size -d unit,symbol "$TAP_DIR/split" >"$TAP_DIR/text"
want_text "split debug information is gone: said" "$TAP_DIR/text" '1 of 1 units have their debug information in .dwo'
objcopy --only-keep-debug "$TAP_DIR/dwarf5" "$TAP_DIR/dwarf5.debug"
(cd "$TAP_DIR" && strip -o bare dwarf5 && objcopy --add-gnu-debuglink=dwarf5.debug bare linked)
for way in "$TAP_DIR/bare --debug $TAP_DIR/dwarf5.debug" "$TAP_DIR/linked"; do
    size -d unit,symbol,inline --json $way | sed -n '/"level_3"/,/^  }/p' | grep 'program.cc' >"$TAP_DIR/separate"
    size -d unit,symbol,inline --json "$TAP_DIR/dwarf5" | sed -n '/"level_3"/,/^  }/p' |
        grep 'program.cc' >"$TAP_DIR/whole"
    want_same "the same from a separate debug file" "$TAP_DIR/whole" "$TAP_DIR/separate"
done
want_status "a debug file of another build" 3 "$FROST" size --debug "$FROST" "$O/libexec/frost/frostvm-float-plain"

# ---- what cannot be measured ----

fails() { # NAME STATUS TEXT ARGS...
    fails_name=$1 fails_status=$2 fails_text=$3
    shift 3
    want_status "$fails_name" "$fails_status" "$FROST" size "$@"
    want_text "$fails_name: why" "$TAP_DIR/err" "$fails_text"
}
echo 'int f(int n) { return n; }' >"$TAP_DIR/f.c"
gcc -g -c -o "$TAP_DIR/f.o" "$TAP_DIR/f.c"
ar rc "$TAP_DIR/f.a" "$TAP_DIR/f.o"
fails "an object file" 3 "an object file or a kernel module, whose bytes have no addresses yet" "$TAP_DIR/f.o"
fails "an archive" 3 "give the program that they are linked into" "$TAP_DIR/f.a"
fails "no file" 4 "frost size" "$TAP_DIR/nothing.elf"
fails "two programs" 2 "second program" "$FROST" "$elf"
fails "a level that is none" 2 "is no level" -d region,place "$elf"
fails "a level twice" 2 "given twice" -d region,units,unit "$elf"
fails "a pattern that is none" 2 "no regular expression" --match '(' "$elf"
fails "a group without a name" 2 "NAME=RE" --group '=x' "$elf"
head -c 40 "$elf" >"$TAP_DIR/cut"
fails "40 bytes of a program" 3 "cut off" "$TAP_DIR/cut"
head -c 20000 "$elf" >"$TAP_DIR/cut"
fails "20,000 bytes of it" 3 "cut off" "$TAP_DIR/cut"

# Damage at any place ends in a report or in a message.
cat >"$TAP_DIR/damage.py" <<'PYTHON'
import random, subprocess, sys
frost, elf, out, seed = sys.argv[1:5]
data = open(elf, "rb").read()
random.seed(int(seed))
bad = 0
for round in range(150):
    copy = bytearray(data)
    for _ in range(random.choice((1, 3, 30))):
        # Headers and tables more often than code.
        at = random.choice((random.randrange(200), len(copy) - 1 - random.randrange(5000),
                            random.randrange(len(copy))))
        copy[at] = random.choice((0, 0xFF, copy[at] ^ 1 << random.randrange(8)))
    if round % 5 == 0:
        del copy[random.randrange(len(copy)):]
    open(out, "wb").write(copy)
    levels = random.choice(("symbol", "unit,symbol", "region,section", "inline,unit", "string"))
    status = subprocess.run([frost, "size", "-d", levels, out, "--max-memory=1G"], capture_output=True).returncode
    if status not in (0, 3):
        bad += 1
        print("round", round, "levels", levels, "status", status)
print(150 - bad, "of 150")
PYTHON
python3 "$TAP_DIR/damage.py" "$FROST" "$TAP_DIR/dwarf5" "$TAP_DIR/damaged" "${SEED:-1}" >"$TAP_DIR/damage"
tap_is "150 damaged files" "150 of 150" "$(cat "$TAP_DIR/damage")"

tap_done
