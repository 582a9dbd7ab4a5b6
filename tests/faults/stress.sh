#!/bin/sh
# The collector under stress, over the whole corpus of tests/lua in both number builds: a collection
# before every allocation; the n-th allocation fails, for every n or a sample. Each run is right, or ends
# with "not enough memory"; afterwards the heap is empty. Writes TAP.
#
# usage: O=build/san-... [SEED=1] [RUNS=20] [SECONDS_EACH=2] [ALL=1] tests/faults/stress.sh [NAME...]
# RUNS          allocations of a script that are made to fail, in each mode
# SECONDS_EACH  and how long that may take
# ALL=1         every allocation of every script (hours)
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" "${CC:=cc}"
SEED=${SEED:-1} RUNS=${RUNS:-20} SECONDS_EACH=${SECONDS_EACH:-2}
[ -z "${ALL:-}" ] || RUNS=1000000000 SECONDS_EACH=1000000
echo "# SEED=$SEED RUNS=$RUNS SECONDS_EACH=$SECONDS_EACH"
wanted=" $* "

flags="-std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fno-pie -fno-strict-aliasing -DFROST_RUNTIME -DFROST_VERSION=\"test\""
case $O in
*/san-*) flags="$flags -fsanitize=$(echo "${O##*/san-}" | tr - ,) -fno-sanitize-recover=undefined" ;;
esac
chip="-no-pie -Wl,--section-start=.frost_chip=0x3FFE8000 -Wl,--section-start=.frost_stack=0x41000000 -Wl,--section-start=.frost_top=0x7F300000
      -Wl,-z,noexecstack"
for build in float integer; do
    number=
    [ $build = float ] || number=-DFROST_INTEGER
    want_status "$build: builds" 0 $CC $flags $number $chip -o "$TAP_DIR/stress-$build" tests/faults/stress.c \
        "$O/obj/$build-plain/libruntime.a" -lz -lm -lpthread || tap_done
done

# One result per script: all modes that it is run in.
stress() { # BUILD PROFILE DIRECTORY MODE...
    build=$1 profile=$2 directory=$3
    shift 3
    for script in tests/lua/"$directory"/*.lua; do
        file=${script##*/}
        case $wanted in
        "  " | *" ${file%.lua} "*) ;;
        *) continue ;;
        esac
        : >"$TAP_DIR/wrong"
        for mode; do
            # memory, net and rtctime print what is in use, memory also when finalizers run; limits stops the collector, and
            # would be out of memory without collections before that (tests/lua/run has them).
            case $file-$mode in
            memory.lua-collect | net.lua-collect | rtctime.lua-collect | limits.lua-collect) continue ;;
            esac
            (cd tests/lua/"$directory" && "$TAP_DIR/stress-$build" "$profile" "$mode" "$SEED" "$RUNS" \
                "$SECONDS_EACH" "$file") >"$TAP_DIR/out" 2>&1 || cat "$TAP_DIR/out" >>"$TAP_DIR/wrong"
            grep '^#' "$TAP_DIR/out"
        done
        if [ -s "$TAP_DIR/wrong" ]; then
            tap_not_ok "$build, $profile: $directory/$file" "$TAP_DIR/wrong"
        else
            tap_ok "$build, $profile: $directory/$file ($*)"
        fi
    done
}

for build in float integer; do
    stress $build nodemcu language collect once fail
    stress $build pc lib collect fail
    stress $build pc pc collect fail
done
stress float nodemcu dialect collect fail
stress integer nodemcu dialect-integer collect fail
tap_done
