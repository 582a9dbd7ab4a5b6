#!/bin/sh
# The devs image on the emulated chip: exchanged at run time as on the computer, found at the next start.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

mkdir "$TAP_DIR/fs" && cp tests/e2e/devs/main.lua "$TAP_DIR/fs" && cd "$TAP_DIR" || exit 1
echo 'return "core"' >core.lua
"$FROST" luac -f -o core.img core.lua >out 2>&1 || tap_not_ok "core compiles" out
for name in which other; do
    printf 'local M = {}\nfunction M.get() return "version %s" end\nreturn M\n' "$name" >"$name.lua"
    "$FROST" luac --core core.img -f -o "fs/$name.img" "which=$name.lua" >out 2>&1 ||
        tap_not_ok "$name compiles" out
done

run() { # MACHINE OPTION...
    machine=$1
    shift
    timeout 600 "$FROST" run "$@" --flash "$machine.flash" --lfs core.img --devs fs/which.img \
        --fs fs main.lua >"$machine" 2>&1
}
run host
run chip --esp8266
want_same "the exchange is as on the computer" host chip
want_text "... and happens" chip "5	true"
"$FROST" run --flash host.flash --fs fs -e 'print(node.LFS.reload_devs("other.img"))' >out 2>&1
timeout 600 "$FROST" run --esp8266 --flash host.flash --fs fs -e 'print(node.LFS.which().get())' >out 2>&1
want_text "the chip starts with the image that counts" out "version other"
tap_done
