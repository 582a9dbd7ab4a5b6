# esp8266.sh: what the tests of the emulated chip share. Use: . tests/support/esp8266.sh, behind tap.sh.
#
# Builds the firmware, which is one result of the test. `make test` has just built it (want_firmware).
#
# run_chip ARGS...          the VM program on the chip; output to $TAP_DIR/chip.out, chip.err
# run_host BUILD ARGS...    the same on the host: host.out, host.err

tap_needs xtensa-lx106-elf-gcc xtensa-lx106-elf-objcopy qemu-system-xtensa

chip=$O/libexec/frost/frostvm-esp8266

want_firmware
[ -f "$O/esp8266/flash.bin" ] || { tap_done; exit 1; }

run_chip() { timeout 600 "$chip" "$@" >"$TAP_DIR/chip.out" 2>"$TAP_DIR/chip.err"; }
run_host() {
    run_host_build=$1
    shift
    timeout 600 "$O/libexec/frost/frostvm-$run_host_build" "$@" \
        >"$TAP_DIR/host.out" 2>"$TAP_DIR/host.err"
}
