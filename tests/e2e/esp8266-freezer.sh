#!/bin/sh
# The freezer on the emulated chip: functions freeze as on the computer, are there after a restart, and are
# run without a load of less than a word. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

mkdir "$TAP_DIR/app" && cp tests/e2e/freezer/chip.lua tests/e2e/freezer/named.lua "$TAP_DIR/app" && cd "$TAP_DIR" || exit 1

for build in "" --integer; do
    rm -f chip.flash host.flash
    for time in first second; do
        "$FROST" run $build --esp8266 --flash chip.flash --fs app app/chip.lua >chip 2>&1
        "$FROST" run $build --flash host.flash --fs app app/chip.lua >host 2>&1
        want_same "$time run $build: as on the computer" host chip
    done
    tap_is "it has outlived a restart $build" 253 "$(sed -n '1s/.*	//p' chip)"
done

# frost freeze makes the chip's area on the computer.
for build in "" --integer; do
    rm -f chip.flash made.flash
    "$FROST" run $build --esp8266 --flash chip.flash --fs app -e 'freezer.require "named"' >out 2>&1
    "$FROST" freeze make $build --flash made.flash --fs app named >out 2>&1
    want_status "the area of the chip $build" 0 "$FROST" flash extract -o chip-parts chip.flash
    want_status "the area of the computer $build" 0 "$FROST" flash extract -o made-parts made.flash
    want_status "... byte for byte $build" 0 cmp chip-parts/freezer.bin made-parts/freezer.bin
    rm -rf chip-parts made-parts
done

# In slices; keys of tables.
"$FROST" run --esp8266 --max-boots 1 --heap 128K --fs "$OLDPWD/tests/e2e/freezer" slices.lua >chip 2>&1
want_same "a freeze in slices" "$OLDPWD/tests/e2e/freezer/slices.txt" chip
"$FROST" run --esp8266 --max-boots 1 --heap 128K --fs "$OLDPWD/tests/e2e/freezer" -e 'SIZES = 20' keys.lua >chip 2>&1
tap_is "what is a key moves" keys "$(cat chip)"

# Everything that is loaded, on both.
for script in functions metatables coroutines; do
    "$FROST" run --esp8266 --freeze --fs "$OLDPWD/tests/lua/language" $script.lua 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g' >chip
    "$FROST" run --freeze --fs "$OLDPWD/tests/lua/language" $script.lua 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g' >host
    want_same "$script, all of it frozen" host chip
done

"$FROST" record --esp8266 -o trace --flash chip.flash --fs app app/chip.lua >out 2>err
tap_is "no load of less than a word from flash" "0 of 8, 0 of 16" \
    "$(sed -n 's/.*loads from flash: \(0 of 8, 0 of 16\),.*/\1/p' err)"
tap_done
