#!/bin/sh
# Traces of the probed firmware: the same events as the host's for the same image and script, texts,
# sites, addresses and order included; the Lua heap as in the plain build. Writes TAP.
#
# What differs, and is left out of the comparison: stack_bytes of `end` (another machine's stack);
# sources of texts, of which the chip keeps less, and the flag of `boot` that says so.
# Real time is not in the form that is compared. Heaps that the chip has no room for lie at
# 0x61000000, the host's at 0x3ffe8000: their addresses are compared from the heap's start.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

golden=tests/nodemcu/golden
start=tests/nodemcu/start.lua
modules="arith strings tables closures control metatables coroutines errors lines bigmodule dummy
    fractions"

# dump TRACE FILE: its events as text, without what the chip does not tell: sources of texts, and when a
# collection comes and reaches objects (flags 8 and 16 of a boot). What is told when a packet is full, and so
# at other times where packets have more events: counters stand at the end, in all; states of the heap are
# left out unless HEAP=kept.
dump() {
    "$FROST" trace dump --form=events "$1" 2>"$TAP_DIR/dump.err" |
        sed '/ end /s/stack_bytes=[0-9]*//
             / boot /{ s/ flags=24 / flags=0 /; s/ flags=25 / flags=1 /; }
             /^[0-9]* gc_\(checks\|place\|marked\|finalizer\|visited\|held\) /d
             s/ origin="[^"]*"//' | awk -v heap="${HEAP-}" '
        function value(hex,   i, n) {
            for (i = 3; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        # Where the heap of a larger one begins becomes where the host has it.
        / heap_addr=0x61000000 / { is_far = 1 }
        is_far {
            for (i = 3; i <= NF; i++)
                if (match($i, /addr=0x61[0-9a-f]*$/))
                    $i = substr($i, 1, RSTART + 4) \
                        sprintf("0x%x", value(substr($i, RSTART + 5)) - 553746432)
        }
        / times=[0-9]*$/ {
            times = $NF
            $1 = $NF = ""
            sum[$0] += substr(times, 7)
            next
        }
        $2 == "heap" && heap != "kept" { next }
        { print }
        END { for (what in sum) print what "times=" sum[what] | "LC_ALL=C sort" }' >"$2"
}

# same_events NAME BUILD ARGS...
same_events() {
    name=$1 build=$2
    shift 2
    rm -rf "$TAP_DIR/host.trace" "$TAP_DIR/chip.trace"
    integer=
    [ "$build" = float ] || integer=--integer
    "$FROST" record -q $integer -o "$TAP_DIR/host.trace" "$@" >"$TAP_DIR/host.out" 2>"$TAP_DIR/host.err"
    wanted=$?
    run_chip --build="$build"-probed --trace="$TAP_DIR/chip.trace/events" "$@"
    tap_is "$name: status" $wanted $?
    want_same "$name: output" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"
    cp "$TAP_DIR/host.trace/metadata" "$TAP_DIR/chip.trace"
    dump "$TAP_DIR/host.trace" "$TAP_DIR/host.txt"
    dump "$TAP_DIR/chip.trace" "$TAP_DIR/chip.txt"
    events=$(wc -l <"$TAP_DIR/host.txt")
    [ "$events" -gt "${LEAST:-300}" ] || tap_not_ok "$name: only $events events" "$TAP_DIR/dump.err"
    want_same "$name: the same $events events" "$TAP_DIR/host.txt" "$TAP_DIR/chip.txt"
}
for build in float integer; do
    image=$golden/lfs-$build/app.rel.img
    for module in $modules; do
        [ $build-$module != integer-fractions ] || continue
        same_events "$build $module, LFS" $build --lfs=$image $start main $module
    done
    same_events "$build, .lc" $build --heap=524288 $golden/lc-$build/main.lc bigmodule
    same_events "$build, source" $build --heap=524288 $golden/src/main.lua
done
image=$golden/lfs-float/app.rel.img
# Nothing is told of collections here.
HEAP=kept same_events "full heap" float --egc=none --lfs=$image $start main bigmodule
cat >"$TAP_DIR/restart.lua" <<'EOF'
local keep = {}
for i = 1, 100 do keep[i] = "boot" .. i end
print(node.bootreason())
node.restart()
EOF
same_events "two restarts" float --lfs=$image "$TAP_DIR/restart.lua"
cat >"$TAP_DIR/fails.lua" <<'EOF'
print(pcall(error, {1}))
local function f(n) return n > 0 and f(n - 1) .. "x" or error("deep") end
f(10)
EOF
LEAST=50 same_events "error" float "$TAP_DIR/fails.lua"

# ---- the tables that the chip itself has room for ----

# What happened, without ids of texts and sites, which are fewer, and without counters, whose order
# depends on the length of packets.
skeleton() {
    awk '$2 ~ /^(boot|alloc|resize|free|string_new|gc_begin|gc_end|console|mark|end)$/ {
        for (i = 3; i <= NF; i++)
            if ($i ~ /^(text|site)=[0-9#]/) $i = ""
        print
    }' "$1"
}
for module in strings closures bigmodule; do
    rm -rf "$TAP_DIR/host.trace" "$TAP_DIR/chip.trace"
    "$FROST" record -q -o "$TAP_DIR/host.trace" --lfs=$image $start main $module \
        >"$TAP_DIR/host.out" 2>&1
    run_chip --build=float-probed --trace="$TAP_DIR/chip.trace/events" --trace-small=1 \
        --lfs=$image $start main $module
    cp "$TAP_DIR/host.trace/metadata" "$TAP_DIR/chip.trace"
    dump "$TAP_DIR/host.trace" "$TAP_DIR/host.txt"
    dump "$TAP_DIR/chip.trace" "$TAP_DIR/chip.txt"
    skeleton "$TAP_DIR/host.txt" >"$TAP_DIR/host.bones"
    skeleton "$TAP_DIR/chip.txt" >"$TAP_DIR/chip.bones"
    want_same "small tables, $module: the same $(wc -l <"$TAP_DIR/host.bones") events" \
        "$TAP_DIR/host.bones" "$TAP_DIR/chip.bones"
done

# ---- the heap is that of the plain build ----

cat >"$TAP_DIR/heap.lua" <<'EOF'
print(collectgarbage("count") * 1024, node.heap())
local t = {}
for i = 1, 200 do t[i] = {i, "s" .. i, function() return i end} end
print(collectgarbage("count") * 1024, node.heap(), t, t[200], t[1][3])
EOF
run_chip --egc=none "$TAP_DIR/heap.lua"
cp "$TAP_DIR/chip.out" "$TAP_DIR/plain.out"
run_chip --build=float-probed --egc=none "$TAP_DIR/heap.lua"
want_same "the heap of the probed build, no trace" "$TAP_DIR/plain.out" "$TAP_DIR/chip.out"
run_chip --build=float-probed --trace="$TAP_DIR/heap.trace/events" --egc=none "$TAP_DIR/heap.lua"
want_same "the heap while it is recorded" "$TAP_DIR/plain.out" "$TAP_DIR/chip.out"
run_host float-plain --egc=none "$TAP_DIR/heap.lua"
want_same "the heap of the host" "$TAP_DIR/host.out" "$TAP_DIR/chip.out"

# ---- what goes wrong ----

run_chip --trace="$TAP_DIR/x.trace/events" --execute='print(1)'
tap_is "the plain build is not recorded" 4 $?
want_text "the plain build says so" "$TAP_DIR/chip.err" "has no probes"
mkdir "$TAP_DIR/directory"
run_chip --build=float-probed --trace="$TAP_DIR/directory" --execute='print(1)'
tap_is "a trace that cannot be written" 4 $?
want_text "and why" "$TAP_DIR/chip.err" "Is a directory"
run_chip --build=float-other --execute='print(1)'
tap_is "an unknown build" 2 $?

tap_done
