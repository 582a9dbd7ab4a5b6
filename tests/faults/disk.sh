#!/bin/sh
# Disks that are full and directories that cannot be written, for each command that writes: a message
# with place and reason, status 4 (1 for luac, as luac.cross), and no part of a file is left.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
example=$PWD/examples/sensor-node
full=
cleanup() {
    [ -z "$full" ] || umount "$full"
    rm -rf "$TAP_DIR"
}
trap cleanup EXIT
cd "$TAP_DIR" || exit 1
mkdir work directory && cd work || exit 1
echo 'local t = {} for i = 1, 50 do t[i] = "text " .. i end print(#t)' >good.lua
: >file
"$FROST" record -q -o good.trace good.lua >/dev/null 2>record.err || tap_not_ok "record" record.err
"$FROST" trace dump -o good.txt good.trace || tap_not_ok "trace dump"
"$FROST" luac -f -o good.img "$example"/*.lua >/dev/null || tap_not_ok "luac"

reason="No space left on device"
"$FROST" help >commands.txt
has() { grep -q "^  $1 " commands.txt; }

# ---- standard output ----

to_full() { # NAME STATUS COMMAND...
    full_name=$1 full_status=$2
    shift 2
    "$@" >/dev/full 2>err
    tap_is "$full_name to a full disk: status" "$full_status" $?
    want_text "$full_name to a full disk: says why" err "$reason"
    tap_is "$full_name to a full disk: one message" 1 "$(wc -l <err | tr -d ' ')"
}

if [ -c /dev/full ]; then
    to_full run 4 "$FROST" run good.lua
    to_full "run, pc" 4 "$FROST" run --profile pc good.lua
    to_full record 4 "$FROST" record -q -o other.trace good.lua
    to_full "luac -o -" 1 "$FROST" luac -o - good.lua
    to_full "luac -f -o -" 1 sh -c '"$FROST" luac -f -o - good.lua 2>err.2; s=$?
        grep -v "Image size" err.2 >&2; exit $s'
    for command in size strings hot gc "size --json" "trace dump" "export -o -"; do
        has "${command%% *}" && to_full "$command" 4 "$FROST" $command good.trace
    done
    for command in "lfs ls" "lfs check" "lfs dump" size; do
        to_full "$command" 4 "$FROST" $command good.img
    done
    to_full "help" 4 sh -c '"$FROST" help 2>err.2; s=$?
        sed "s/standard output cannot be written/&: No space left on device/" err.2 >&2; exit $s'
else
    tap_missing "standard output on a full disk" "no /dev/full"
fi

# ---- outputs in a place ----

# fails NAME STATUS PLACE REASON COMMAND...: with the place and the reason in its messages
fails() {
    fails_name=$1 fails_status=$2 fails_place=$3 fails_reason=$4
    shift 4
    want_status "$fails_name: status $fails_status" "$fails_status" "$@"
    want_text "$fails_name: says where" "$TAP_DIR/err" "$fails_place"
    want_text "$fails_name: says why" "$TAP_DIR/err" "$fails_reason"
}

# every PLACE REASON [NOT]: each command writes to PLACE/out
every() {
    fails "luac in $1" 1 "$1/out" "$2" "$FROST" luac -o "$1/out" "$example"/*.lua
    fails "luac -f in $1" 1 "$1/out" "$2" "$FROST" luac -f -o "$1/out" "$example"/*.lua
    for command in strings "trace dump" export; do
        has "${command%% *}" || continue
        fails "$command in $1" 4 "$1/out" "$2" "$FROST" $command -o "$1/out" good.trace
    done
    fails "record in $1" 4 "$1/out" "$2" "$FROST" record -q -o "$1/out" good.lua
    fails "trace assemble in $1" 4 "$1/out" "$2" "$FROST" trace assemble good.txt "$1/out"
    fails "report in $1" 4 "$1/out" "$2" "$FROST" report -o "$1/out" good.trace
    fails "run --flash in $1" 4 "$1/out" "$2" "$FROST" run --flash "$1/out" good.lua
}

every file "Not a directory"
fails "profile in a file" 4 "file/out" "Not a directory" "$FROST" profile -q -o file/out "$example"
fails "luac in no directory" 1 "nowhere/out" "No such file" "$FROST" luac -o nowhere/out good.lua
fails "strings in no directory" 4 "nowhere/out" "No such file" \
    "$FROST" strings -o nowhere/out good.trace
want_no_file "no directory is made for a file" nowhere
fails "luac onto a directory" 1 "../directory" "Is a directory" "$FROST" luac -o ../directory good.lua
fails "strings onto a directory" 4 "../directory" "Is a directory" \
    "$FROST" strings -o ../directory good.trace
fails "record onto a file" 2 "file" "is not a directory" \
    "$FROST" record -q -o file good.lua
tap_is "the file is as it was" 0 "$(wc -c <file | tr -d ' ')"

# ---- a disk that gets full while writing ----

if [ "$(id -u)" = 0 ] && mkdir disk && mount -t tmpfs -o size=16k tmpfs disk 2>mount.err; then
    full=$PWD/disk
    echo old >disk/old
    head -c 12288 /dev/zero >disk/fill
    every disk "$reason"
    tap_is "nothing is left on the full disk" "fill old" "$(ls -A disk | tr '\n' ' ' | sed 's/ $//')"
    want_status "profile on a full disk fails" 4 "$FROST" profile -q -o disk/out "$example"
    want_text "profile on a full disk says why" "$TAP_DIR/err" "$reason"
    tap_is "profile leaves nothing on the full disk" "fill old" "$(ls -A disk | tr '\n' ' ' | sed 's/ $//')"
    # What was there before is there afterwards.
    "$FROST" strings -q -o disk/old good.trace 2>err
    tap_is "an older list is kept" old "$(cat disk/old)"
    "$FROST" luac -o disk/old "$example"/*.lua 2>err
    tap_is "older bytecode is kept" old "$(cat disk/old)"
else
    tap_skip "a disk that gets full" "needs root and tmpfs"
fi

# ---- directories without permission ----

# Root may write everywhere: then somebody else runs the program, from where he may read it.
if [ "$(id -u)" = 0 ]; then
    mkdir -p other/libexec && cp "$FROST" other/ && cp -r "$O/libexec/frost" other/libexec/ &&
        cp -r "$example" other/example
    chmod 755 "$TAP_DIR" && chmod -R a+rX .
    echo "exec setpriv --reuid=65534 --regid=65534 --clear-groups '$PWD/other/frost' \"\$@\"" >somebody
    sed -i '1i #!/bin/sh' somebody && chmod 755 somebody
    FROST=$PWD/somebody example=$PWD/other/example
fi
mkdir locked && chmod 555 locked
every locked "Permission denied"
chmod 755 locked

tap_is "no scratch files are left" "" "$(find . -name '*.part.*' | head -n 5)"
tap_done
