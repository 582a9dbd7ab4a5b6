#!/bin/sh
# Heaps that are too small: scripts of the corpus run with heaps that grow step by step. Each run
# ends with the right output, or with "not enough memory" and status 1 (4 where Lua itself does not
# start); never with a signal or another message. The collector works at every allocation
# (--egc always), and once more only when an allocation has failed. Writes TAP.
#
# usage: [STEPS=N] tests/faults/memory.sh      heaps tried between the smallest and one that does
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
STEPS=${STEPS:-40}
ulimit -t 300 # a run that does not end
vm=$O/libexec/frost/frostvm-float-plain # what `frost run` becomes

# Runs a script in a heap; counts it as right, memory or wrong. In the script's directory.
judge() { # SCRIPT HEAP OPTION...
    judge_script=$1 judge_heap=$2
    shift 2
    "$vm" "--heap=$judge_heap" "$@" -- "$judge_script" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    judge_status=$?
    if [ $judge_status = 0 ] && cmp -s "$TAP_DIR/out" "$TAP_DIR/want"; then
        right=$((right + 1))
    elif [ $judge_status -le 1 ] && grep -q "not enough memory" "$TAP_DIR/out" "$TAP_DIR/err"; then
        memory=$((memory + 1)) # also where the script itself catches and prints the error
    elif [ $judge_status = 4 ] && grep -q "is too small to start Lua" "$TAP_DIR/err"; then
        memory=$((memory + 1))
    else
        { echo "heap $judge_heap: status $judge_status" && head -n 4 "$TAP_DIR/err"; } >>"$TAP_DIR/wrong"
    fi
}

sweep() { # NAME DIRECTORY SCRIPT FIRST LAST OPTION...
    name=$1 directory=$2 file=$3 first=$4 last=$5
    shift 5
    home=$PWD
    cd "$directory" || return
    "$vm" --heap=16777216 "$@" -- "$file" >"$TAP_DIR/want" 2>"$TAP_DIR/err" || {
        tap_not_ok "$name: in a large heap" "$TAP_DIR/err"
        cd "$home" || exit
        return
    }
    right=0 memory=0
    : >"$TAP_DIR/wrong"
    # Odd steps, so that sizes are not all multiples of the same power of two.
    step=$(((last - first) / STEPS | 1))
    heap=$first
    while [ $heap -le $last ]; do
        judge "$file" $heap "$@"
        heap=$((heap + step))
    done
    cd "$home" || exit
    echo "# $name: $memory heaps too small, $right enough"
    if [ -s "$TAP_DIR/wrong" ]; then
        tap_not_ok "$name" "$TAP_DIR/wrong"
    elif [ $memory = 0 ] || [ $right = 0 ]; then
        tap_not_ok "$name: the heaps show both ends"
    else
        tap_ok "$name"
    fi
}

for script in closures coroutines metatables tables; do
    for egc in always failure; do
        sweep "$script, nodemcu, $egc" tests/lua/language $script.lua 5000 90000 --profile=nodemcu --egc=$egc
    done
    sweep "$script, pc" tests/lua/language $script.lua 12000 120000 --profile=pc
    sweep "$script, pc, always" tests/lua/language $script.lua 12000 120000 --profile=pc --egc=always
done

# Functions and tables that freeze between allocations.
for egc in always failure; do
    sweep "the freezer, $egc" tests/e2e/freezer frozen_in_memory.lua 5000 60000 --profile=nodemcu --egc=$egc
done

# ---- one allocation fails ----

# The n-th allocation fails, for n up to $1 in steps: the script's program goes on to the right end,
# or ends with the message. A script that catches the error prints something else and goes on, but
# not FAULT.
nth() { # LAST STEP PROFILE DIRECTORY FILE [FIRST]
    name="$5, $3: the n-th allocation fails"
    : >"$TAP_DIR/wrong"
    ends=0 n=${6:-1}
    while [ $n -le "$1" ]; do
        (cd "$4" && exec "$vm" --profile="$3" \
            --heap=524288 --fail-allocation=$n -- "$5") >"$TAP_DIR/out" 2>"$TAP_DIR/err"
        status=$?
        ! grep FAULT "$TAP_DIR/out" >>"$TAP_DIR/wrong" || echo "n = $n" >>"$TAP_DIR/wrong"
        case $status in
        0) ;;
        1) grep -q "not enough memory" "$TAP_DIR/out" "$TAP_DIR/err" && ends=$((ends + 1)) ||
            { echo "n = $n: status 1" && head -n 3 "$TAP_DIR/err"; } >>"$TAP_DIR/wrong" ;;
        4) grep -q "is too small to start Lua" "$TAP_DIR/err" ||
            { echo "n = $n: status 4" && head -n 3 "$TAP_DIR/err"; } >>"$TAP_DIR/wrong" ;;
        *) { echo "n = $n: status $status" && head -n 3 "$TAP_DIR/err"; } >>"$TAP_DIR/wrong" ;;
        esac
        n=$((n + $2))
    done
    echo "# $name: $ends runs ended by it"
    if [ -s "$TAP_DIR/wrong" ] || [ $ends = 0 ]; then
        tap_not_ok "$name" "$TAP_DIR/wrong"
    else
        tap_ok "$name"
    fi
}

for profile in nodemcu pc; do
    nth 600 1 $profile tests/lua/language coroutines.lua
    nth 4000 13 $profile tests/lua/language metatables.lua
done
nth 700 1 nodemcu tests/e2e/freezer frozen_in_memory.lua
nth 1060 1 nodemcu tests/e2e/freezer scarce.lua 560 # before that it is being loaded
tap_done
