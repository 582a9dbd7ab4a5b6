#!/bin/sh
# Bytecode from outside, in both number builds: damaged files, files in the other byte order, files
# of the other number format. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
golden=$PWD/tests/nodemcu/golden
modules="arith strings tables closures control metatables coroutines errors lines"
echo "# SEED=${SEED:-1}"

prints() { # NAME EXPECTED_FILE ARGS...
    prints_name=$1 prints_file=$2
    shift 2
    if "$FROST" run --heap 512K "$@" >"$TAP_DIR/out" 2>"$TAP_DIR/err"; then
        want_same "$prints_name" "$prints_file" "$TAP_DIR/out"
    else
        tap_not_ok "$prints_name" "$TAP_DIR/err"
    fi
}

for build in float integer; do
    [ -x "$O/libexec/frost/frostvm-$build-plain" ] || continue
    option=
    [ $build = float ] || option=--integer
    if want_status "$build: truncations and flips" 0 timeout 900 "$FROST" run --profile pc $option \
        tests/faults/mutate.lua "${SEED:-1}" "$golden/lc-$build"/*.lc; then
        echo "# $build: $(cat "$TAP_DIR/out") (cuts, flips that load, flips refused)"
    fi

    # The other byte order. main.lc calls its modules with require-like indexes, so one file.
    command -v lua5.1 >/dev/null || continue
    mkdir -p "$TAP_DIR/$build"
    for file in "$golden/lc-$build"/*.lc; do
        lua5.1 tests/faults/swap.lua "$file" "$TAP_DIR/$build/${file##*/}" ||
            tap_not_ok "$build: swap ${file##*/}"
    done
    for module in $modules; do
        prints "$build, swapped: $module" "$golden/expected/$module.txt" \
            $option "$TAP_DIR/$build/main.lc" $module
    done
    "$FROST" luac $option -o "$TAP_DIR/straight.lc" "$golden/lc-$build/tables.lc"
    "$FROST" luac $option -o "$TAP_DIR/again.lc" "$TAP_DIR/$build/tables.lc"
    want_same "$build: swapped and compiled again is the same" \
        "$TAP_DIR/straight.lc" "$TAP_DIR/again.lc"
    head -c 400 "$TAP_DIR/$build/tables.lc" >"$TAP_DIR/cut.lc"
    want_status "$build: swapped and cut" 1 "$FROST" run $option "$TAP_DIR/cut.lc"
    want_text "$build: swapped and cut says so" "$TAP_DIR/err" \
        "cut.lc: unexpected end in precompiled chunk"
done

# Across the builds: float takes integer numbers, integer refuses the float header.
if [ -e "$TAP_DIR/integer/main.lc" ] && [ -e "$TAP_DIR/float/main.lc" ]; then
    for module in $modules; do
        prints "float build, swapped integer .lc: $module" "$golden/expected/$module.txt" \
            "$TAP_DIR/integer/main.lc" $module
    done
    for file in "$golden/lc-float/arith.lc" "$TAP_DIR/float/arith.lc"; do
        want_status "integer build, float .lc" 1 "$FROST" run --integer "$file"
        want_text "integer build, float .lc: says so" "$TAP_DIR/err" \
            "arith.lc: bad header in precompiled chunk"
    done
fi
tap_done
