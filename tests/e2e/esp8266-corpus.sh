#!/bin/sh
# The language corpus, the golden modules, the reference ledger and the heap itself on the emulated
# chip, float and integer build: as on the host. Writes TAP.
#
# usage: [SEED=1] tests/e2e/esp8266-corpus.sh      SEED: which build collects before every allocation in forms
#
# Left out of tests/lua: lib/io and lib/os need files and a clock that the device does not have;
# pc/ and random/ are for the pc profile. What is allowed to differ stands in `plain` below.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

SEED=${SEED:-1}
golden=tests/nodemcu/golden

# Text, messages, status and number of VM instructions of the last run, without
# - in lib/base the depth at which calls end: the C stack of the chip is short;
# - in lib/format_random digits of 10 ^ x behind the 15th: two C libraries' pow;
# - the ports of the computer: no network is behind the emulated chip;
# - addresses of tables in a larger heap, which lies elsewhere, and of C functions.
plain() { # NAME STATUS OUT ERR INSTRUCTIONS
    case $1 in
    # Its last line comes out of more coroutines in each other than the chip has stack for.
    language/boundaries) sed '/^bottom$/,$d' "$3" && return ;;
    esac
    {
        case $1 in
        lib/base) sed -E 's/^(true )+(false )?.*(deep|C stack overflow)$/depth/' "$3" ;;
        lib/format_random) sed -E 's/([0-9]\.?([0-9]\.?){14})[0-9]*/\1/g' "$3" ;;
        *) cat "$3" ;;
        esac
        without_host_ports <"$4"
        echo "status $2"
        case $1 in
        lib/base | language/errors | dialect/limits) ;; # more, the deeper calls can be
        dialect/node) ;; # it goes through the names of the build's modules; the chip has fewer
        *) echo "instructions $(cat "$5")" ;;
        esac
    } | sed -E 's/: 0x[0-9a-f]+/: ADDRESS/g'
}

same_run() { # NAME BUILD DIRECTORY ARGS...
    run_name=$1 run_build=$2 run_directory=$3
    shift 3
    rm -f "$TAP_DIR"/*.count
    (cd "$run_directory" && run_host $run_build-plain --instructions="$TAP_DIR/host.count" "$@")
    plain "$run_name" $? "$TAP_DIR/host.out" "$TAP_DIR/host.err" "$TAP_DIR/host.count" \
        >"$TAP_DIR/host.txt"
    (cd "$run_directory" && run_chip --build=$run_build-plain --instructions="$TAP_DIR/chip.count" \
        "$@")
    plain "$run_name" $? "$TAP_DIR/chip.out" "$TAP_DIR/chip.err" "$TAP_DIR/chip.count" \
        >"$TAP_DIR/chip.txt"
    want_same "$run_build, $run_name" "$TAP_DIR/host.txt" "$TAP_DIR/chip.txt"
}

# ---- the language ----

# Both builds run everything: what is not a number of theirs must be refused alike.
for build in float integer; do
    for directory in language lib dialect dialect-integer; do
        for script in tests/lua/$directory/*.lua; do
            name=${script##*/}
            case $directory/$name in
            lib/io.lua | lib/os.lua) continue ;;
            esac
            # Collecting before each of their many allocations would take minutes; in forms a quarter of one,
            # so there one build does, the other with the next seed.
            egc=always
            case $SEED$build,$name in
            *,*_random.lua | *[02468]float,forms.lua | *[13579]integer,forms.lua) egc=none ;;
            esac
            same_run "$directory/${name%.lua}" $build tests/lua/$directory --heap=524288 --egc=$egc "$name"
        done
    done
done

# ---- what the firmware's own compiler made ----

modules="arith strings tables closures control metatables coroutines errors lines bigmodule dummy"
for module in $modules; do
    run_chip --build=integer-plain --lfs=$golden/lfs-integer/app.rel.img \
        tests/nodemcu/start.lua main $module
    want_same "integer, $module, LFS in 44 KB" $golden/expected/$module.txt "$TAP_DIR/chip.out"
done

# ---- Lua bytes are the firmware's, row by row, each after a restart ----

cat >"$TAP_DIR/frost" <<EOF
#!/bin/sh
shift
exec "$FROST" run --esp8266 "\$@"
EOF
chmod +x "$TAP_DIR/frost"
for option in '' --integer; do
    FROST=$TAP_DIR/frost sh tests/nodemcu/ledger $option --restarts >"$TAP_DIR/ledger" 2>&1
    status=$?
    rows=$(grep -c '^ok ' "$TAP_DIR/ledger")
    if [ $status = 0 ] && [ "$rows" -ge 100 ]; then
        tap_ok "reference ledger ${option:---float}: $rows rows"
    else
        grep -v '^ok ' "$TAP_DIR/ledger" >"$TAP_DIR/ledger.bad"
        tap_not_ok "reference ledger ${option:---float}: $rows rows" "$TAP_DIR/ledger.bad"
    fi
done

# ---- the heap, object by object ----

cat >"$TAP_DIR/heap.lua" <<'EOF'
keep = {1, 2.5, "three", {4}, false, [100] = "sparse", [2 ^ 20] = {}, name = "field"}
weak = setmetatable({}, {__mode = "kv", __index = keep})
for i = 1, 20 do keep["key" .. i], weak[i] = i / 4, {i} end
functions = {}
for i = 1, 10 do
    local up = {i}
    functions[i] = function(...) up[1] = up[1] + i; return select("#", ...) + up[1] end
end
threads = {}
for i = 1, 5 do
    threads[i] = coroutine.create(function(a, b)
        local open = function() return a end
        keep[open] = coroutine.yield(a + b, open)
    end)
    print(coroutine.resume(threads[i], i, 10))
end
print(pcall(string.rep, "x", -1), #keep, collectgarbage("count"))
for i = 1, 7 do keep["key" .. i] = nil end
tmr.create():alarm(60000, 0, print)
print(string.format("%5.2f %s", 3, "text"), ("a,b"):find(",", 1, true))
EOF
same_heap() { # NAME BUILD ARGS...
    heap_name=$1 heap_build=$2
    shift 2
    rm -f "$TAP_DIR"/*.heap
    run_host $heap_build-plain --heap-dump="$TAP_DIR/host.heap" "$@"
    run_chip --build=$heap_build-plain --heap-dump="$TAP_DIR/chip.heap" "$@"
    for port in host chip; do
        "$FROST" run --profile pc tests/support/heapwalk.lua "$TAP_DIR/$port.heap" 0x3ffe8000 $heap_build \
            >"$TAP_DIR/$port.walk" 2>&1
    done
    objects=$(sed -n 's/^\([0-9]*\) objects$/\1/p' "$TAP_DIR/chip.walk")
    if [ "${objects:-0}" -lt 60 ]; then
        tap_not_ok "$heap_build heap, $heap_name: '$objects' objects" "$TAP_DIR/chip.walk" "$TAP_DIR/chip.err"
    else
        want_same "$heap_build heap, $heap_name: $objects objects" "$TAP_DIR/host.walk" "$TAP_DIR/chip.walk"
    fi
}
for build in float integer; do
    for module in arith closures coroutines metatables bigmodule; do
        same_heap $module $build --lfs=$golden/lfs-$build/app.rel.img tests/nodemcu/start.lua \
            main $module
    done
    same_heap "a program that keeps things" $build --duration=10 "$TAP_DIR/heap.lua"
    same_heap "the same, no collection before allocations" $build --egc=none --duration=10 \
        "$TAP_DIR/heap.lua"
done

tap_done
