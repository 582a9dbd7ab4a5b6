#!/bin/sh
# What makes the plain build fast on a computer changes no figure: with every cache and short way
# on, with all of them off (FROST_NO_CACHES), and in the probed build, which has none, programs
# print the same, and the ledger is the same at each of their lines, at every thousandth instruction
# (profile pc), and object by object in the heap they leave behind (profile nodemcu). Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"

# The ledger behind each line that is printed.
cat >"$TAP_DIR/lines.lua" <<'EOF'
do
    local count, out = collectgarbage, print
    print = function(...)
        out(...)
        out(count("count") * 1024, node and node.heap())
    end
end
EOF
# The ledger at every thousandth instruction, hashed.
cat >"$TAP_DIR/ticks.lua" <<'EOF'
do
    local count, n, hash = collectgarbage, 0, 0
    debug.sethook(function()
        n = n + 1
        hash = (hash * 31 + count("count") * 1024) % 4503599627370496
    end, "", 1000)
    at_end = function()
        debug.sethook()
        io.write(n, " ticks, hash ", hash, "\n")
    end
end
EOF

# run KIND FILE ARGS...: output and figures of one kind of run
run() {
    kind=$1 file=$2
    shift 2
    case $kind in
    on) "$vm-plain" "$@" ;;
    off) FROST_NO_CACHES=1 "$vm-plain" "$@" ;;
    probed) "$vm-probed" "$@" ;;
    esac >"$file" 2>&1
    echo "status $?" >>"$file"
}

# same_figures NAME LEAST_LINES ARGS...
same_figures() {
    same_name=$1 least=$2
    shift 2
    for kind in on off probed; do
        [ -x "$vm-probed" ] || [ $kind != probed ] || continue
        run $kind "$TAP_DIR/$kind" "$@"
    done
    lines=$(grep -c . "$TAP_DIR/on")
    if [ "$lines" -lt "$least" ] || ! tail -n 1 "$TAP_DIR/on" | grep -q '^status 0$'; then
        tap_not_ok "$same_name: $lines lines" "$TAP_DIR/on"
        return
    fi
    want_same "$same_name, without caches" "$TAP_DIR/on" "$TAP_DIR/off"
    [ -x "$vm-probed" ] || return # not with sanitizers
    want_same "$same_name, probed build" "$TAP_DIR/on" "$TAP_DIR/probed"
}

# same_heap NAME ARGS...: what is left in the heap
same_heap() {
    heap_name=$1
    shift
    for kind in on off; do
        run $kind "$TAP_DIR/out" --heap-dump="$TAP_DIR/$kind.heap" "$@"
        "$FROST" run --profile pc tests/support/heapwalk.lua "$TAP_DIR/$kind.heap" 0x3ffe8000 \
            $number >"$TAP_DIR/$kind.walk" 2>&1
    done
    objects=$(sed -n 's/^\([0-9]*\) objects$/\1/p' "$TAP_DIR/on.walk")
    if [ "${objects:-0}" -lt 40 ]; then
        tap_not_ok "$heap_name: '$objects' objects" "$TAP_DIR/on.walk" "$TAP_DIR/out"
    else
        want_same "$heap_name, heap of $objects objects" "$TAP_DIR/on.walk" "$TAP_DIR/off.walk"
    fi
}

golden=tests/nodemcu/golden
for number in float integer; do
    vm=$O/libexec/frost/frostvm-$number
    [ -x "$vm-plain" ] || continue

    # The device: images in flash, a collection before each allocation, and without.
    for egc in always none; do
        same_figures "$number, golden modules from flash, egc $egc" 400 --heap=262144 --egc=$egc \
            --lfs=$golden/lfs-$number/app.rel.img --execute="$(cat "$TAP_DIR/lines.lua")" \
            tests/nodemcu/start.lua main
        same_heap "$number, golden modules from flash, egc $egc" --heap=262144 --egc=$egc \
            --lfs=$golden/lfs-$number/app.rel.img tests/nodemcu/start.lua main
    done
    for script in tests/lua/language/lookups.lua tests/lua/language/metatables.lua; do
        same_figures "$number, $script" 30 --heap=262144 \
            --execute="$(cat "$TAP_DIR/lines.lua")" $script
    done
done

number=float vm=$O/libexec/frost/frostvm-float
for directory in examples/*/init.lua; do
    directory=${directory%init.lua}
    directory=${directory%/} app=${directory#examples/}
    app=${app%/}
    mkdir "$TAP_DIR/$app" && cp "$directory/init.lua" "$TAP_DIR/$app"
    modules=$(cd "$directory" && ls ./*.lua | sed 's,^\./,,' | grep -v '^init\.lua$')
    # shellcheck disable=SC2086
    (cd "$directory" && "$FROST" luac -f -o "$TAP_DIR/$app.img" $modules) >"$TAP_DIR/out" 2>&1 ||
        tap_not_ok "$app, image" "$TAP_DIR/out"
    same_figures "$app from flash" 20 --lfs="$TAP_DIR/$app.img" \
        --execute="$(cat "$TAP_DIR/lines.lua")" "$TAP_DIR/$app/init.lua"
    same_heap "$app from flash" --lfs="$TAP_DIR/$app.img" "$TAP_DIR/$app/init.lua"
done

# The computer: incremental collection, the fast heap.
for script in tests/lua/lib/fast_paths.lua tests/lua/lib/string.lua tests/lua/lib/table.lua \
    tests/lua/language/collector.lua; do
    same_figures "$script, pc" 10 --profile=pc --execute="$(cat "$TAP_DIR/lines.lua")" $script
done
for name in bytes closures concat coroutines format garbage hash life methods patterns queens \
    sort varargs; do
    same_figures "$name, pc, every thousandth instruction" 3 --profile=pc \
        --execute="$(cat "$TAP_DIR/ticks.lua")" \
        --execute="dofile('tests/bench/programs/$name.lua')" --execute="at_end()"
done

tap_done
