#!/bin/sh
# The language while vectors move: the corpus of tests/lua prints what it prints otherwise, with every vector
# moved after each INTERVAL instructions and in every allocation in which it may move (in some where there are
# more than 255), and with --compact. The old places are poisoned: the sanitizer build
# (O=build/san-address-undefined) sees who looks there. Left out is what prints where things lie, what is left
# of the heap, or what allocates how much. Writes TAP.
#
# usage: O=build INTERVAL=1 tests/e2e/compact-corpus.sh [NAME...]
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
interval=${INTERVAL:-100}
wanted=" $* "
ulimit -t 900 # a program that does not end

run() { # FILE OPTIONS...
    out=$1
    shift
    "$FROST" run "$@" >"$TAP_DIR/text" 2>"$TAP_DIR/messages"
    echo "status $?" >>"$TAP_DIR/text"
    without_host_ports 's/0x[0-9a-f]*/ADDRESS/g' "$TAP_DIR/text" "$TAP_DIR/messages" >"$out"
}

compare() { # OTHER
    diff "$TAP_DIR/usual" "$TAP_DIR/$1" >"$TAP_DIR/diff" || { echo "$name, $1:"; head -n 6 "$TAP_DIR/diff"; } >>"$TAP_DIR/wrong"
}

corpus() { # DIRECTORY OPTIONS...
    directory=$1
    shift
    : >"$TAP_DIR/wrong"
    count=0
    for script in tests/lua/"$directory"/*.lua; do
        name=${script##*/} name=${name%.lua}
        case $directory/$name in
        dialect*/egc) continue ;; # memory
        esac
        [ "$wanted" = "  " ] || case $wanted in *" $name "*) ;; *) continue ;; esac
        count=$((count + 1))
        cd "tests/lua/$directory" || exit
        run "$TAP_DIR/usual" "$@" "$name.lua"
        FROST_MOVE_VECTORS=$interval run "$TAP_DIR/moved" "$@" "$name.lua"
        run "$TAP_DIR/compacting" --compact "$@" "$name.lua"
        cd ../../..
        compare moved
        compare compacting
    done
    if [ -s "$TAP_DIR/wrong" ]; then
        tap_not_ok "$directory $*: as without" "$TAP_DIR/wrong"
    else
        tap_ok "$directory $*: $count scripts as without"
    fi
}

corpus language --heap 256K
corpus language --profile pc
corpus lib --profile pc
corpus pc --profile pc
corpus dialect --heap 256K
corpus dialect-integer --integer --heap 256K
tap_done
