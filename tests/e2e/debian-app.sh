#!/bin/sh
# Code that we did not write: an application of Debian's pure-Lua packages runs from flash in the
# device's heap and prints what it prints under Debian's lua5.1. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" lua5.1

app=$TAP_DIR/app
sh tests/e2e/make-debian-app "$app" 2>"$TAP_DIR/err" || {
    tap_missing "the application" "$(cat "$TAP_DIR/err")"
    tap_done
}

(cd "$app" && lua5.1 init.lua) >"$TAP_DIR/want" 2>"$TAP_DIR/err" ||
    tap_not_ok "reference run" "$TAP_DIR/err"

# The image, and init.lua alone as the device's file.
files=$TAP_DIR/files
image=$TAP_DIR/app.img
mkdir "$files" && cp "$app/init.lua" "$files"
modules=$(cd "$app" && ls ./*.lua | sed 's,^\./,,' | grep -v '^init\.lua$')
# shellcheck disable=SC2086
(cd "$app" && "$FROST" luac -f -o "$image" $modules) \
    >"$TAP_DIR/out" 2>"$TAP_DIR/err" || tap_not_ok "image" "$TAP_DIR/err"
python3 tests/support/lfsread.py "$image" >"$TAP_DIR/check" 2>&1 ||
    tap_not_ok "image is sound" "$TAP_DIR/check"

same_output() { # NAME ARGS...
    name=$1
    shift
    want_status "$name, status" 0 "$FROST" run "$@"
    cp "$TAP_DIR/out" "$TAP_DIR/got"
    want_same "$name, output" "$TAP_DIR/want" "$TAP_DIR/got"
}

same_output "from flash, the device's heap" --lfs "$image" "$files/init.lua"
same_output "from flash, no collection before allocations" --heap 512K --egc none --lfs "$image" \
    "$files/init.lua"
same_output "profile pc" --profile pc "$app/init.lua"

# The device's own compiler ends hexadecimal at 32 bits; MessagePack has 0x1000000000000. Compiled
# here it is right there, too.
want_status "from files: a constant that the device cannot read" 1 \
    "$FROST" run --heap 768K "$app/init.lua"
want_text "from files: where it shows" "$TAP_DIR/err" "MessagePack.lua:447: bad argument #3"
want_status "compiles MessagePack" 0 "$FROST" luac -o "$app/MessagePack.lc" "$app/MessagePack.lua"
mv "$app/MessagePack.lua" "$TAP_DIR/MessagePack.source"
same_output "from files, MessagePack compiled" --heap 768K "$app/init.lua"

# What has to stay away.
dkjson=$(dpkg -L lua-dkjson 2>/dev/null | grep '/lua/5\.1/dkjson\.lua$')
if [ -n "$dkjson" ]; then
    want_status "dkjson is refused" 1 "$FROST" luac -f -o "$TAP_DIR/dkjson.img" "$dkjson"
    want_text "dkjson: the reason" "$TAP_DIR/err" "main function has more than 50 local variables"
    want_no_file "dkjson: no image" "$TAP_DIR/dkjson.img"
else
    tap_missing "dkjson is refused" "lua-dkjson is not installed"
fi

tap_done
