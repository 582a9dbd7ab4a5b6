#!/bin/sh
# Each example prints the same under stock Lua, from flash in the device's heap, and from files.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" lua5.1

same_output() { # NAME ARGS...
    name=$1
    shift
    want_status "$name, status" 0 "$FROST" run "$@"
    cp "$TAP_DIR/out" "$TAP_DIR/got"
    want_same "$name, output" "$TAP_DIR/want" "$TAP_DIR/got"
}

for directory in examples/*/init.lua; do
    directory=${directory%init.lua}
    directory=${directory%/}
    app=${directory##*/}
    want_status "$app under lua5.1" 0 lua5.1 "$directory/init.lua"
    cp "$TAP_DIR/out" "$TAP_DIR/want"
    image=$TAP_DIR/$app.img
    mkdir "$TAP_DIR/$app" && cp "$directory/init.lua" "$TAP_DIR/$app"
    modules=$(cd "$directory" && ls ./*.lua | sed 's,^\./,,' | grep -v '^init\.lua$')
    # shellcheck disable=SC2086
    (cd "$directory" && "$FROST" luac -f -o "$image" $modules) \
        >"$TAP_DIR/out" 2>"$TAP_DIR/err" || tap_not_ok "$app, image" "$TAP_DIR/err"
    same_output "$app from flash, the device's heap" --lfs "$image" "$TAP_DIR/$app/init.lua"
    same_output "$app from files, a large heap" --heap 512K "$directory/init.lua"
    same_output "$app, profile pc" --profile pc "$directory/init.lua"

    # Without the image its code does not fit, and the message says what helps.
    want_status "$app from files, the device's heap" 1 "$FROST" run "$directory/init.lua"
    want_text "$app from files, the reason" "$TAP_DIR/err" "not enough memory"
    want_text "$app from files, the advice" "$TAP_DIR/err" "--lfs"
done

tap_done
