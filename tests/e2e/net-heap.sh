#!/bin/sh
# A server whose memory runs out: it panics, the watchdog resets the device, and it answers again;
# what was finished before is whole. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/e2e/net/device.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" nc python3
client() { timeout 120 python3 tests/e2e/net/client.py "$@"; }

device_start greedy --heap 30K --on-error restart
port=$(device_port tcp 7)
tap_is "it answers" "kept 6" "$(client ask "$port" hello)"
tap_is "and finishes something" "flushed" "$(client ask "$port" flush)"
head -c 40000 /dev/urandom | timeout 60 nc -N 127.0.0.1 "$port" >"$TAP_DIR/answers"
is_up_again() { [ "$(grep -c '^ready' "$TAP_DIR/greedy/out")" = 2 ]; }
wait_until is_up_again
# Where depends on the sizes of the pieces that come: in the core, or in the socket's own buffers.
tap_is "memory ran out" "PANIC: unprotected error in call to Lua API: memory" \
    "$(grep "^PANIC" "$TAP_DIR/greedy/err" | sed 's/ (\(not enough\|[^ ]*greedy.lua:[0-9]*: out of\) memory)$/: memory/')"
tap_is "the device has started again" 2 "$(grep -c '^boot' "$TAP_DIR/greedy/out")"
tap_is "with all of its heap" 1 "$(sort -u "$TAP_DIR/greedy/out" | grep -c '^boot')"
tap_is "and answers at the same port" "kept 6" "$(client ask "$port" again)"
tap_is "what was finished is whole" "kept 6" "$(cat "$TAP_DIR/greedy/finished")"
device_stop

tap_done
