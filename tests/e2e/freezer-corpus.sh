#!/bin/sh
# The language with every function frozen when it is loaded: the corpus of tests/lua prints what it prints
# from RAM, in both builds and profiles. Addresses are masked. Left out is what prints where things lie or how
# much of the heap is used. Writes TAP.
#
# usage: O=build tests/e2e/freezer-corpus.sh [NAME...]
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
wanted=" $* "

run() { # FILE OPTIONS...
    out=$1
    shift
    timeout 60 "$FROST" run "$@" >"$TAP_DIR/text" 2>"$TAP_DIR/messages"
    echo "status $?" >>"$TAP_DIR/text"
    cat "$TAP_DIR/text" "$TAP_DIR/messages" | sed 's/0x[0-9a-f]*/ADDRESS/g' >"$out"
}

corpus() { # DIRECTORY OPTIONS...
    directory=$1
    shift
    : >"$TAP_DIR/wrong"
    count=0
    for script in tests/lua/"$directory"/*.lua; do
        name=$(basename "$script" .lua)
        case $directory/$name in
        dialect*/debug | dialect*/egc | dialect*/net) continue ;; # texts in RAM; memory; ports of this computer
        esac
        [ "$wanted" = "  " ] || case $wanted in *" $name "*) ;; *) continue ;; esac
        count=$((count + 1))
        (cd "tests/lua/$directory" && run "$TAP_DIR/ram" "$@" "$name.lua" && run "$TAP_DIR/frozen" --freeze "$@" "$name.lua")
        diff "$TAP_DIR/ram" "$TAP_DIR/frozen" >"$TAP_DIR/diff" || { echo "$name:"; head -n 6 "$TAP_DIR/diff"; } >>"$TAP_DIR/wrong"
    done
    if [ -s "$TAP_DIR/wrong" ]; then
        tap_not_ok "$directory $*: as from RAM" "$TAP_DIR/wrong"
    else
        tap_ok "$directory $*: $count scripts as from RAM"
    fi
}

corpus language --heap 256K
corpus language --profile pc
corpus lib --profile pc
corpus pc --profile pc
corpus dialect --heap 256K
corpus dialect-integer --integer --heap 256K
tap_done
