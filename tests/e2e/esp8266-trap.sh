#!/bin/sh
# The emulation of sub-word loads from flash, by firmware of its own (tests/chip). Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

port=runtime/port/esp8266
specs=--specs=/usr/lib/xtensa-lx106-elf/picolibc.specs
flags="$specs -std=gnu11 -Os -I. -Wall -Wextra -mtext-section-literals -mlongcalls -DFROST_RUNTIME
    -DFROST_CHIP -fno-jump-tables"
obj=$O/esp8266/obj/any-any/$port
# shellcheck disable=SC2086
want_status "the test's firmware is built" 0 xtensa-lx106-elf-gcc $flags -nostartfiles \
    -Wl,--no-gc-sections -T $port/chip.ld $port/rom.ld tests/chip/trap_test.c \
    tests/chip/trap_loads.S "$obj/start.o" "$obj/trap.o" "$obj/clib.o" \
    "$O/esp8266/obj/float-any/$port/print.o" "$obj/decimal.o" "$obj/soft.o" -o "$TAP_DIR/trap.elf"
symbol() { xtensa-lx106-elf-nm "$TAP_DIR/trap.elf" | awk -v name="$1" '$3 == name { print "0x" $1 }'; }
part() { # FILE OPTIONS...
    part_file=$1
    shift
    xtensa-lx106-elf-objcopy -O binary "$@" "$TAP_DIR/trap.elf" "$TAP_DIR/$part_file"
}
part iram -j .iram
part dram -j .data
part irom -j .irom.text -j .irom.rodata
want_status "its image is made" 0 "$O/esp8266/mkimage" "$(symbol chip_start)" 0x40100000 \
    "$TAP_DIR/iram" "$(symbol chip_data_start)" "$TAP_DIR/dram" "$TAP_DIR/irom" \
    "$TAP_DIR/frost.bin" "$TAP_DIR/flash.bin"
cp "$O/esp8266/rom_stub.elf" "$TAP_DIR"
FROST_ESP8266=$TAP_DIR run_chip --execute=''
tap_is "status" 0 $?
tap_is "every register, kind and place" "13057 checks, 0 faults" "$(tail -n 1 "$TAP_DIR/chip.out")"
sed 's/^/# /' "$TAP_DIR/chip.out" "$TAP_DIR/chip.err"

tap_done
