#!/bin/sh
# Servers of the module net with real peers: echo over TCP and UDP, slow readers, resets, half
# closed connections, crowds; the heap comes back to its level. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/e2e/net/device.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" python3 nc
client() { timeout 120 python3 tests/e2e/net/client.py "$@"; }

device_start echo
echo_port=$(device_port tcp 7) alive_port=$(device_port tcp 9) udp_port=$(device_port udp 17)

tap_is "nc gets what it sent" "hello" "$(echo hello | timeout 60 nc -N -w 30 127.0.0.1 "$echo_port")"
tap_is "a crowd of a hundred" "100 answered" "$(client crowd "$echo_port" 100 5 | sed 's/,.*//')"
client ask "$alive_port" x >/dev/null # the tables have their sizes
# Peers that have gone are alive until the device has been told.
is_settled() {
    mv "$TAP_DIR/before" "$TAP_DIR/earlier" 2>/dev/null
    client ask "$alive_port" x >"$TAP_DIR/before"
    cmp -s "$TAP_DIR/earlier" "$TAP_DIR/before"
}
wait_until is_settled
tap_is "100 kB come back" "same" "$(client echo "$echo_port" 100000)"
tap_is "a reader that is slow gets all" "same" "$(client slow "$echo_port" 100000)"
tap_is "a peer that has ended gets its answer" "to the end" "$(client half "$echo_port" "to the end")"
tap_is "a peer that resets" "hi" "$(client reset "$echo_port" hi)"
tap_is "two hundred connections in a row" "200 answered" "$(client many "$echo_port" 200)"
tap_is "datagrams" "100 came back" "$(client udp "$udp_port" 100)"
"$FROST" run -e "local s = net.createUDPSocket() s:listen($udp_port) s:close()" >"$TAP_DIR/other" 2>&1
other_port=$(sed -n 's/.*UDP port [0-9]* of the device is 127.0.0.1://p' "$TAP_DIR/other")
tap_is "a second device does not share the port" "differs" \
    "$([ -n "$other_port" ] && [ "$other_port" != "$udp_port" ] && echo differs)"
is_as_before() {
    client ask "$alive_port" x >"$TAP_DIR/after"
    [ "$(sed 's/ heap.*//' "$TAP_DIR/before")" = "$(sed 's/ heap.*//' "$TAP_DIR/after")" ]
}
wait_until is_as_before
tap_is "object by object all is as before" "$(sed 's/ heap.*//' "$TAP_DIR/before")" \
    "$(sed 's/ heap.*//' "$TAP_DIR/after")"
tap_is "and the heap, but for the rests of blocks" yes \
    "$(sed 's/.* heap //' "$TAP_DIR/before" "$TAP_DIR/after" |
        awk 'NR == 1 {was = $1} END {print (was - $1 < 64 ? "yes" : was - $1)}')"
device_stop
want_text "ends of peers were told" "$TAP_DIR/echo/out" "closed 0"
want_text "and the reset" "$TAP_DIR/echo/out" "closed -9"

# ---- how many at a time ----

device_start echo
tap_is "the device takes five" "12 answered, at most 5 at once" "$(client crowd "$(device_port tcp 7)" 12 5)"
device_stop
device_start echo --tcp-max 12 --heap 64K
tap_is "--tcp-max takes more" "12 answered, at most 12 at once" "$(client crowd "$(device_port tcp 7)" 12 12)"
device_stop

tap_done
