#!/bin/sh
# Files of the store go to the network by views, without a text of them (net/views.lua). Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" curl
server=$PWD/tests/e2e/net/views.lua
cd "$TAP_DIR" || exit 1
mkdir files
head -c 100000 /dev/urandom >files/large
head -c 2920 /dev/urandom >files/exact
printf 'x' >files/small
"$FROST" flash build --files files -o flash.bin && "$FROST" luac -f -o views.img "$server" >out
"$FROST" run --flash flash.bin --lfs views.img -e 'node.LFS.views()' >out 2>err </dev/null &
DEVICE=$!
trap 'kill $DEVICE 2>/dev/null; rm -rf "$TAP_DIR"' EXIT
wait_until grep -q '^ready' out
port=$(sed -n 's/^frost: TCP port 80 of the device is 127.0.0.1:\([0-9]*\)$/\1/p' err | tail -1)
get() { timeout 120 curl -sS --max-time 60 "http://127.0.0.1:$port/$1"; }

for name in small exact large; do
    get "$name" >got
    want_same "$name, byte for byte" "files/$name" got
done
get peak >idle
get large >got
peak=$(get peak)
[ "$peak" -lt 30000 ] && tap_ok "100 kB pass through less than 30 kB of heap" ||
    tap_not_ok "100 kB pass through less than 30 kB of heap: $peak"
get small >got
small=$(get peak)
get large >got
large=$(get peak)
[ $((large - small)) -lt 1000 ] && tap_ok "... as much as one byte does" ||
    tap_not_ok "... as much as one byte does: $small, $large"
tap_is "a file that is not there" "" "$(get none)"
tap_is "a view that is closed" "view is closed" "$(get closed)"
tap_done
