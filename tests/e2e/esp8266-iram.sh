#!/bin/sh
# Code of the chip that runs while the flash cache is off lies in IRAM, with all that it calls and reads:
# over the map file and the listing of each build. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

objdump=xtensa-lx106-elf-objdump
# Functions between rom_Cache_Read_Disable and rom_Cache_Read_Enable, and those of the start, before it.
functions="read_piece write_piece erase_sector chip_power_on is_code_whole refuse_code"

for build in . integer-plain float-probed integer-probed; do
    elf=$O/esp8266/$build/frost.elf map=$O/esp8266/$build/frost.map
    tap_is "$build: flash_rom.o has code in IRAM, by the map" 1 \
        "$(grep -cE '^ \.iram\.text +0x4010[0-9a-f]{4} +0x[0-9a-f]+ .*/flash_rom\.o$' "$map")"
    for function in $functions; do
        addr=$(xtensa-lx106-elf-nm "$elf" | awk -v name=$function '$3 == name { print $1 }')
        case $addr in
        4010*) tap_ok "$build: $function is in IRAM" ;;
        '') # inlined into one that is there
            [ $function = is_code_whole ] && tap_ok "$build: $function is inlined" ||
                tap_not_ok "$build: there is a function $function" /dev/null
            ;;
        *) tap_not_ok "$build: $function is in IRAM, not at $addr" /dev/null ;;
        esac
    done
    # What they load and call: nothing of the window.
    $objdump -d --no-show-raw-insn -j .iram "$elf" >"$TAP_DIR/iram.txt"
    awk '/^[0-9a-f]+ <(read_piece|write_piece|erase_sector)>:/ { on = 1 } /^$/ { on = 0 }
        on && /l32r|call0|\tj\t/ { print }' "$TAP_DIR/iram.txt" >"$TAP_DIR/used.txt"
    tap_is "$build: they load and call something" 1 "$(grep -c . "$TAP_DIR/used.txt" | awk '{ print ($1 > 6) }')"
    tap_is "$build: ... none of it by an address of the window" "" "$(grep -E '\b402[0-9a-f]{5}\b' "$TAP_DIR/used.txt")"
    xtensa-lx106-elf-objcopy -O binary -j .iram "$elf" "$TAP_DIR/iram.bin"
    for literal in $(sed -n 's/.*l32r[^,]*, *\([0-9a-f]*\).*/\1/p' "$TAP_DIR/used.txt" | sort -u); do
        od -An -tx4 -j$((0x$literal - 0x40100000)) -N4 "$TAP_DIR/iram.bin"
    done >"$TAP_DIR/literals.txt"
    tap_is "$build: ... nor by a literal that leads there" "" "$(grep -E '402[0-9a-f]{5}' "$TAP_DIR/literals.txt")"
    want_text "$build: ... they do turn the cache off" "$TAP_DIR/literals.txt" "400047f0"
    # Nobody else does: code in flash would be lost with the next instruction.
    xtensa-lx106-elf-objcopy -O binary -j .irom.text "$elf" "$TAP_DIR/irom.bin"
    tap_is "$build: code in flash never turns the cache off" 0 \
        "$(od -An -v -tx4 -w4 "$TAP_DIR/irom.bin" | grep -c 400047f0)"
done

tap_done
