#!/bin/sh
# The plain build knows how many instructions the VM has executed without counting them one by one
# (runtime/core/vm_count.h): at its end each program's number is the one that the probed build has
# counted. With the caches and quick operations of the plain build and without. Writes TAP.
#
# SEED=N PROGRAMS=N      first seed and number of generated programs (1, 20)
# ALL=1                  each script of the device in every way, not in every other
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" lua5.1

SEED=${SEED:-1}
PROGRAMS=${PROGRAMS:-20}

ulimit -t 600 # a program that does not end

count() { # FILE VM DIRECTORY ARGS...: the number, to FILE
    count_file=$1 count_vm=$2 count_directory=$3
    shift 3
    : >"$count_file"
    (cd "$count_directory" && exec "$count_vm" --instructions="$count_file" "$@") \
        >"$TAP_DIR/out" 2>"$TAP_DIR/err" </dev/null
    [ -s "$count_file" ] || echo "no number" >"$count_file"
}

same_count() { # NAME NUMBERS DIRECTORY ARGS...: in builds with such numbers
    same_name=$1 vm=$O/libexec/frost/frostvm-$2 same_directory=$3
    shift 3
    [ -x "$vm-plain" ] && [ -x "$vm-probed" ] || return 0 # not with sanitizers
    count "$TAP_DIR/plain" "$vm-plain" "$same_directory" "$@"
    FROST_NO_CACHES=1 count "$TAP_DIR/slow" "$vm-plain" "$same_directory" "$@"
    count "$TAP_DIR/probed" "$vm-probed" "$same_directory" "$@"
    read -r plain <"$TAP_DIR/plain"
    read -r slow <"$TAP_DIR/slow"
    read -r probed <"$TAP_DIR/probed"
    if [ "$plain" = "$probed" ] && [ "$slow" = "$probed" ] && [ "$probed" -ge 5 ]; then
        tap_ok "$same_name: $probed"
    else
        tap_not_ok "$same_name: plain $plain, without caches $slow, probed $probed" "$TAP_DIR/err"
    fi
}

# The integer build does not compile fractions; without them programs are programs too.
whole_numbers() {
    sed -E 's/\b([0-9]+)(\.[0-9]+)?([eE][-+]?[0-9]+)?\b/\1/g; s/ \.([0-9])/ \1/g'
}

for script in tests/lua/language/*.lua tests/lua/lib/*.lua tests/lua/pc/*.lua \
    tests/bench/programs/*.lua; do
    same_count "float, pc, ${script#tests/}" float "${script%/*}" --profile=pc "${script##*/}"
done
mkdir "$TAP_DIR/integer"
# When the collector runs and the kind of numbers have little to do with each other: each script runs with both
# of either, in two of the four ways, the next seed in the other two.
turn=$SEED
for script in tests/lua/language/*.lua tests/lua/dialect/*.lua; do
    whole_numbers <"$script" >"$TAP_DIR/integer/${script##*/}"
    turn=$((turn + 1))
    for egc in always none; do
        name="${script#tests/lua/}, egc $egc"
        case $((turn % 2))$egc${ALL:+all} in
        1always | 0none | *all)
            same_count "float, $name" float "${script%/*}" --heap=524288 --egc=$egc "${script##*/}"
            ;;
        esac
        [ "$script" != tests/lua/language/lexical.lua ] || continue # every way to write a fraction
        case $((turn % 2))$egc${ALL:+all} in
        0always | 1none | *all)
            same_count "integer, $name" integer "$TAP_DIR/integer" --heap=524288 --egc=$egc \
                "${script##*/}"
            ;;
        esac
    done
done
for number in float integer; do
    for module in arith strings tables closures control metatables coroutines errors lines \
        bigmodule; do
        same_count "$number, $module from flash" $number . \
            --lfs=tests/nodemcu/golden/lfs-$number/app.rel.img tests/nodemcu/start.lua main $module
    done
done
for script in tests/lua/dialect-integer/*.lua; do
    same_count "integer, ${script#tests/lua/}" integer "${script%/*}" --heap=524288 "${script##*/}"
done
for script in tests/lua/random/*.lua; do
    same_count "float, ${script#tests/lua/}, seed $SEED" float "${script%/*}" --profile=pc \
        "${script##*/}" "$SEED" 100
done
for script in tests/lua/random-integer/*.lua; do
    same_count "integer, ${script#tests/lua/}, seed $SEED" integer "${script%/*}" --heap=524288 \
        "${script##*/}" "$SEED" 100
done

for directory in examples/*/init.lua; do
    directory=${directory%init.lua}
    app=${directory%/} app=${app#examples/}
    mkdir "$TAP_DIR/$app" && cp "$directory/init.lua" "$TAP_DIR/$app"
    modules=$(cd "$directory" && ls ./*.lua | sed 's,^\./,,' | grep -v '^init\.lua$')
    # shellcheck disable=SC2086
    (cd "$directory" && "$FROST" luac -f -o "$TAP_DIR/$app.img" $modules) >"$TAP_DIR/out" 2>&1 ||
        tap_not_ok "$app, image" "$TAP_DIR/out"
    same_count "$app from flash" float "$TAP_DIR/$app" --lfs="$TAP_DIR/$app.img" init.lua
done

echo "# generated programs: SEED=$SEED PROGRAMS=$PROGRAMS"
seed=$SEED
while [ "$seed" -lt $((SEED + PROGRAMS)) ]; do
    lua5.1 tests/lua/generate.lua "$seed" $((60 + seed % 7 * 40)) >"$TAP_DIR/g.lua"
    same_count "float, generated, seed $seed" float "$TAP_DIR" --profile=pc g.lua
    whole_numbers <"$TAP_DIR/g.lua" >"$TAP_DIR/integer/g.lua"
    same_count "integer, generated, seed $seed" integer "$TAP_DIR/integer" --heap=524288 g.lua
    seed=$((seed + 1))
done

tap_done
