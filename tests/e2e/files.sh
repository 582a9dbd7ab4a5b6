#!/bin/sh
# The program's files: a flat name space in a directory that nothing leaves. Writes TAP.
#
# files.lua is also run on the emulated chip, by esp8266.sh.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/app_directory.sh

tap_needs "$FROST" mkfifo

for build in "" --integer; do
    mkdir "$TAP_DIR/world"
    make_directory "$TAP_DIR/world"
    show_directory "$TAP_DIR/world" >"$TAP_DIR/before"
    "$FROST" run $build --fs "$TAP_DIR/world/app" "$PWD/tests/e2e/files.lua" \
        >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    tap_is "files $build: status" 0 $?
    want_same "files $build: names of all kinds" tests/e2e/files.txt "$TAP_DIR/out"
    show_directory "$TAP_DIR/world" >"$TAP_DIR/after"
    want_same "files $build: what is not the program's is as before" "$TAP_DIR/before" "$TAP_DIR/after"
    rm -r "$TAP_DIR/world"
done
echo "frost: file '/a': the device finds no name that begins with /" >"$TAP_DIR/want"
grep 'begins with' "$TAP_DIR/err" >"$TAP_DIR/told"
want_same "a name that the device takes for a drive is told, once" "$TAP_DIR/want" "$TAP_DIR/told"

# ---- a script that is named by its path below --fs is that file ----

mkdir -p "$TAP_DIR/at/app"
echo 'print(file.exists("init.lua"))' >"$TAP_DIR/at/app/init.lua"
for paths in "app app" "app/ app" "./app app" "app ./app" ".//app/ ././app" "$TAP_DIR/at/app $TAP_DIR/at/app"; do
    tap_is "--fs ${paths% *}, ${paths#* }/init.lua" true \
        "$(cd "$TAP_DIR/at" && "$FROST" run --fs "${paths% *}" "${paths#* }/init.lua" 2>&1)"
done
tap_is "--fs ., ./app/init.lua" false "$(cd "$TAP_DIR/at" && "$FROST" run --fs . ./app/init.lua 2>&1)"

tap_done
