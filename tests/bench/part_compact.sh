# Vectors that move together (--compact): machine instructions of programs that do not need it over those
# without, and the least heap of one that does. Both repeat exactly.
compact_count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
compact_cost() { # NAME OPTIONS...
    name=$1
    shift
    usual=$(compact_count "$O/libexec/frost/frostvm-float-plain" "$@")
    moving=$(compact_count "$O/libexec/frost/frostvm-float-plain" --compact=1 "$@")
    note "compact.cost.$name" ratio "$(awk "BEGIN { printf \"%.4f\", $moving / $usual }")"
}
if command -v valgrind >/dev/null; then
    for name in garbage life methods sort; do
        compact_cost "pc.$name" --profile=pc "tests/bench/programs/$name.lua"
    done
    compact_cost nodemcu.tables "--execute=for i = 1, 300 do local t = {} for j = 1, 9 do t[j] = {j} end end"
fi

cat >"$work/pieces.lua" <<'END'
local keep = {}
for i = 1, 150 do
    local t = {}
    for j = 1, 8 do t[j] = j end
    keep[i] = t
end
for i = 1, 150, 2 do keep[i] = false end
collectgarbage()
for i = 1, 150, 4 do
    local t = {}
    for j = 1, 16 do t[j] = j end
    keep[i] = t
end
END
least_heap() { # OPTIONS...: bytes, to 256
    low=16384 high=65536
    while [ "$low" -lt "$high" ]; do
        middle=$(((low + high) / 512 * 256))
        if "$O/frost" run --heap "$middle" "$@" "$work/pieces.lua" >/dev/null 2>&1; then
            high=$middle
        else
            low=$((middle + 256))
        fi
    done
    echo "$low"
}
# Parts of functions do not move: what is free and not in the largest block after functions have come and gone, from
# RAM and frozen.
outside_largest() { # FREEZE
    "$O/frost" run --heap 44K --compact -e "N = 20 FREEZE = $1" tests/bench/functions.lua | cut -f 3
}
note compact.outside_largest_functions bytes "$(outside_largest false)"
note compact.outside_largest_frozen bytes "$(outside_largest true)"

usual=$(least_heap) moving=$(least_heap --compact)
note compact.least_heap bytes "$moving"
note compact.least_heap_vs_without ratio "$(awk "BEGIN { printf \"%.3f\", $moving / $usual }")"
