#!/bin/sh
# frost size with the map file of the linker: archives and regions of a firmware; a program that did
# not fit, as the linker counts it; damaged maps. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" gcc python3 xtensa-lx106-elf-gcc
want_firmware
elf=$O/esp8266/frost.elf map=$O/esp8266/frost.map
[ -f "$map" ] || { tap_done; exit 1; }

# A figure of the row of a table whose cells match: TABLE RE FIGURE FILE.
figure() {
    sed -n "/^  \"$1\": {/,/^  }/p" "$4" | grep "^    {.*$2" | sed "s/.*\"$3\":\(-*[0-9]*\).*/\1/"
}
sum() { figure "$@" | awk '{ sum += $1 } END { print sum + 0 }'; }

# ---- the firmware ----

want_status "a program and its map" 0 "$FROST" size -d module,symbol --json "$elf" "$map"
cp "$TAP_DIR/out" "$TAP_DIR/both.json"
want_status "conforms to the schema" 0 python3 tests/support/schema.py reports/schema/size.json "$TAP_DIR/both.json"
"$FROST" size -d module,symbol --json "$elf" >"$TAP_DIR/elf.json"
tap_is "the same bytes as without" "$(sum level_1 '' bytes "$TAP_DIR/elf.json")" "$(sum level_1 '' bytes "$TAP_DIR/both.json")"
tap_is "archives are modules" yes "$([ "$(sum level_1 '"module":"libc.a"' bytes "$TAP_DIR/both.json")" -gt 10000 ] && echo yes)"
tap_is "string literals belong to their files" yes "$([ "$(sum level_1 '"module":"(string literals)"' bytes "$TAP_DIR/both.json")" -lt 1000 ] && echo yes)"
tap_is "regions are those of the linker" "iram dram irom far" "$(sed -n '/"regions"/,/^  }/s/.*{"region":"\([^"]*\)".*/\1/p' \
    "$TAP_DIR/both.json" | paste -sd ' ' -)"
want_status "the map alone" 0 "$FROST" size -d region,module --json "$map"
cp "$TAP_DIR/out" "$TAP_DIR/map.json"
want_status "conforms, too" 0 python3 tests/support/schema.py reports/schema/size.json "$TAP_DIR/map.json"
for region in iram irom far; do
    tap_is "$region: as much as the program has" "$(figure regions "\"region\":\"$region\"" used_bytes "$TAP_DIR/both.json")" \
        "$(figure regions "\"region\":\"$region\"" used_bytes "$TAP_DIR/map.json")"
done
tap_is "which it also says by module" "$(figure regions '"region":"irom"' used_bytes "$TAP_DIR/map.json")" \
    "$(sum level_2 '"region":"irom"' bytes "$TAP_DIR/map.json")"

# ---- a program that does not fit ----

cat >"$TAP_DIR/big.c" <<'SOURCE'
int big[2000] = {1}, zero[3000];
int helper(int n) { return n * 7; }
int f(void) { return big[1] + zero[2] + helper(big[3]); }
SOURCE
cat >"$TAP_DIR/big.ld" <<'SCRIPT'
MEMORY { ram (rw) : ORIGIN = 0x20000000, LENGTH = 0x3000
         rom (rx) : ORIGIN = 0x08000000, LENGTH = 0x1000 }
SECTIONS { .text : { *(.text*) } > rom
           .data : { *(.data*) } > ram AT> rom
           .bss : { *(.bss*) *(COMMON) } > ram
           /DISCARD/ : { *(.eh_frame) *(.note*) *(.comment) } }
SCRIPT
(cd "$TAP_DIR" && LC_ALL=C gcc -O1 -ffunction-sections -fdata-sections -c big.c && ar rc libbig.a big.o &&
    LC_ALL=C gcc -nostdlib -static -no-pie -Wl,-T,big.ld,-Map,big.map,--build-id=none,-u,f -e f -o big.elf libbig.a) 2>"$TAP_DIR/ld"
tap_is "no program is made" no "$([ -e "$TAP_DIR/big.elf" ] && echo yes || echo no)"
want_status "its map is enough" 0 "$FROST" size --json "$TAP_DIR/big.map"
cp "$TAP_DIR/out" "$TAP_DIR/big.json"
for region in ram rom; do
    over=$(sed -n "s/.*region .$region' overflowed by \([0-9]*\) bytes.*/\1/p" "$TAP_DIR/ld")
    tap_is "$region: over by what the linker says" "-$over" \
        "$(figure regions "\"region\":\"$region\"" free_bytes "$TAP_DIR/big.json")"
done
want_text "which is told" "$TAP_DIR/big.json" 'bytes too small: the program does not fit'
tap_is "by symbol" 12000 "$(sum level_3 '"module":"libbig.a","symbol":"zero"' ram_bytes "$TAP_DIR/big.json")"
tap_is "data costs both" 8000 "$(sum level_3 '"symbol":"big"' both_bytes "$TAP_DIR/big.json")"
want_status "a budget for it" 1 "$FROST" size --max-ram 0x3000 "$TAP_DIR/big.map"
want_text "names what takes the bytes" "$TAP_DIR/err" 'zero 12,000'

# ---- damage ----

echo 'no map' >"$TAP_DIR/no.map"
want_status "another file of that name" 3 "$FROST" size "$TAP_DIR/no.map"
cat >"$TAP_DIR/damage.py" <<'PYTHON'
import random, subprocess, sys
frost, source, out, seed = sys.argv[1:5]
data = open(source, "rb").read()
random.seed(int(seed))
bad = 0
for round in range(100):
    copy = bytearray(data)
    for _ in range(random.choice((0, 3, 40))):
        copy[random.randrange(len(copy))] = random.choice(b"0f \n.x(\xff")
    if round % 3 == 0:
        del copy[random.randrange(len(copy)):]
    open(out, "wb").write(copy)
    status = subprocess.run([frost, "size", out], capture_output=True).returncode
    if status not in (0, 3):
        bad += 1
        print("round", round, "status", status)
print(100 - bad, "of 100")
PYTHON
python3 "$TAP_DIR/damage.py" "$FROST" "$TAP_DIR/big.map" "$TAP_DIR/damaged.map" "${SEED:-1}" >"$TAP_DIR/damage"
tap_is "100 damaged maps" "100 of 100" "$(cat "$TAP_DIR/damage")"

tap_done
