#!/bin/sh
# --compact: a program whose memory is in pieces runs on in a heap in which it runs out of memory otherwise, in
# each profile and build of numbers; recordings of it are true at every step, by a model of the heap of its own
# (support/heap_layout.py). Writes TAP.
#
# usage: O=build tests/e2e/compact.sh
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
python3=$(command -v python3) || tap_missing "python3"

# Every second of the short lists goes; a long one is to take their place.
cat >"$TAP_DIR/pieces.lua" <<'END'
local keep = {}
for i = 1, COUNT or 60 do
    local t = {}
    for j = 1, EACH or 8 do t[j] = i * j end
    keep[i] = t
end
for i = 1, COUNT or 60, 2 do keep[i] = nil end
collectgarbage()
local long = {}
for i = 1, SIZE do long[i] = i end
local sum = 0
for i = 2, 60, 2 do sum = sum + keep[i][8] end
print(#long, sum)
END

pieces() { # SIZE HEAP OPTIONS...
    size=$1 heap=$2
    shift 2
    want_status "$heap $*: not enough memory" 1 "$FROST" run --heap "$heap" "$@" -e "SIZE = $size" "$TAP_DIR/pieces.lua"
    want_text "... which is said" "$TAP_DIR/err" "not enough memory"
    want_status "$heap $* --compact: enough" 0 "$FROST" run --heap "$heap" --compact "$@" -e "SIZE = $size" "$TAP_DIR/pieces.lua"
    want_text "... with the right result" "$TAP_DIR/out" "$size	7440"
}
pieces 1000 24K
pieces 1000 24K --egc failure
pieces 1000 18K --integer
pieces 30000 1200K --profile pc -e "COUNT = 1000" -e "EACH = 64" # a heap above the device's sizes

# ---- recordings ----

cat >"$TAP_DIR/turns.lua" <<'END'
local names, kept = {}, {}
local function fill(from)
    for i = from, from + 40 do
        kept[i] = {i, i * 2, i * 3, name = "n" .. i, f = function() names[i] = i return i end}
        kept[i].f()
    end
end
for round = 1, 6 do
    fill(round * 41)
    for i = round * 41, round * 41 + 40 do if i % 5 > 0 then kept[i] = nil names[i] = nil end end
    local co = coroutine.wrap(function(n) for i = 1, n do coroutine.yield(i) end end)
    for i = 1, 5 do co(9) end
end
local count = 0
for i, t in pairs(kept) do if t[3] ~= i * 3 or t.f() ~= i then error("lost") end count = count + 1 end
print(count)
END
for run in pieces:24K turns:37K; do
    heap=${run#*:} run=${run%:*} trace=$TAP_DIR/${run%:*}.trace
    want_status "$run: records" 0 "$FROST" record -q --heap "$heap" --compact -o "$trace" -e 'SIZE = 1000' "$TAP_DIR/$run.lua"
    "$FROST" trace dump -q --form=events "$trace" >"$TAP_DIR/events"
    "$FROST" gc -q --json "$trace" >"$TAP_DIR/gc"
    "$python3" tests/support/heap_layout.py --compact "$TAP_DIR/events" >"$TAP_DIR/truth" 2>&1
    grep -v '^samples \|^passes ' "$TAP_DIR/truth" >"$TAP_DIR/want"
    "$python3" tests/support/figures.py heap "$TAP_DIR/gc" >"$TAP_DIR/got" 2>&1
    want_same "$run: free blocks at the highest point, most split, end" "$TAP_DIR/want" "$TAP_DIR/got"
    awk '$1 == "passes" && $2 > 0 { found = 1 } END { exit !found }' "$TAP_DIR/truth" &&
        tap_ok "$run: vectors have moved" || tap_not_ok "$run: vectors have moved" "$TAP_DIR/truth"
    # What lives at the end does not depend on where it lies.
    "$FROST" record -q --heap 44K -o "$TAP_DIR/usual.trace" -e 'SIZE = 1000' "$TAP_DIR/$run.lua" >"$TAP_DIR/out" 2>&1
    for from in "$trace" "$TAP_DIR/usual.trace"; do
        "$FROST" gc -q --json "$from" | "$python3" -c '
import json, sys
tables = json.load(sys.stdin)["tables"]
for name in ("kinds", "ages", "sites"):
    print(name, json.dumps(tables[name]["rows"]))'
    done >"$TAP_DIR/both"
    sed -n 1,3p "$TAP_DIR/both" >"$TAP_DIR/got"
    sed -n 4,6p "$TAP_DIR/both" >"$TAP_DIR/want"
    want_same "$run: kinds, ages and sites as of the run without" "$TAP_DIR/want" "$TAP_DIR/got"
done

# ---- what each space holds ----

cat >"$TAP_DIR/mod.lua" <<'END'
local function inner(a, b) local c = "a constant" .. a return function() return b, c end end
return {inner = inner, other = function(x) return x and "another" or "one" end}
END
cat >"$TAP_DIR/spaces.lua" <<'END'
local m = node.flashindex("mod")()
local f = loadstring("local function g() return 'frozen text', 12345 end return g")
freezer.freeze(f)
local lua_bytes = node.egc.meminfo()
local t = node.egc.spaces()
print("ledger", t.ram.objects.current_bytes + t.ram.vectors.current_bytes - lua_bytes)
for _, space in ipairs {"lfs", "freezer"} do
    local o, v = t[space].objects, t[space].vectors
    print(space, o.current, o.current_bytes, v.current, v.current_bytes)
end
for _, sort in ipairs {t.ram.objects, t.ram.vectors} do
    print(sort.total >= sort.max and sort.max >= sort.current and sort.current > 0,
          sort.total_bytes >= sort.max_bytes and sort.max_bytes >= sort.current_bytes)
end
print(t.checks >= t.sweeps and t.sweeps > 0, t.compacts, t.available <= node.heap() + 8)
print(node.egc.spaces("text"):match("gc: avail %d+ b, %d+ checks, %d+ sweeps, %d+ compacts\n +ram: total"))
print(pcall(node.egc.spaces, "other"))
local about = select(5, freezer.info(true))
print("froze", about.saved, about.ledger, about.heap)
collectgarbage()
local before = node.egc.compact(true)
for i = 1, 50 do local u = {} for j = 1, i % 9 do u[j] = j end t[i] = i % 2 > 0 and u or nil end
print(node.egc.compact() > 0, node.egc.spaces().compacts > 0, before > 0)
node.egc.compact(false)
END
want_status "builds an image" 0 "$FROST" luac -f -o "$TAP_DIR/lfs.img" mod="$TAP_DIR/mod.lua"
want_status "spaces, from Lua" 0 "$FROST" record -q -o "$TAP_DIR/spaces.trace" --lfs "$TAP_DIR/lfs.img" "$TAP_DIR/spaces.lua"
cp "$TAP_DIR/out" "$TAP_DIR/spaces"
"$FROST" gc -q --json "$TAP_DIR/spaces.trace" | "$python3" -c '
import json, sys
report = json.load(sys.stdin)
rows = {r["space"]: r for r in report["tables"]["spaces"]["rows"]}
o, v = rows["LFS objects"], rows["LFS vectors"]
print("lfs", o["current"], o["current_bytes"], v["current"], v["current_bytes"], sep="\t")
print("froze", *(report["totals"]["frozen_%s_bytes" % of] for of in ("ram", "ledger", "heap")), sep="\t")' >"$TAP_DIR/gc"
want_text "the ledger is their sum" "$TAP_DIR/spaces" "ledger	0"
want_text "LFS as frost gc has it" "$TAP_DIR/spaces" "$(sed -n 1p "$TAP_DIR/gc")"
want_text "what a freeze gave by what it says, by the ledger, by the heap" "$TAP_DIR/spaces" "$(sed -n 2p "$TAP_DIR/gc")"
grep -q '^freezer	[1-9]' "$TAP_DIR/spaces" && tap_ok "the freezer holds something" || tap_not_ok "the freezer holds something" "$TAP_DIR/spaces"
want_text "no more now than at most, no more at most than in all" "$TAP_DIR/spaces" "true	true"
tap_is "... for objects and vectors" 2 "$(grep -c '^true	true$' "$TAP_DIR/spaces")"
want_text "how often, and what is available" "$TAP_DIR/spaces" "true	0	true"
want_text "in the form of Monty's collector" "$TAP_DIR/spaces" "gc: avail"
want_text "another form is refused" "$TAP_DIR/spaces" "table or text"
want_text "compacts on request" "$TAP_DIR/spaces" "true	true	true"

want_status "recordings of the emulated chip do not have it" 2 "$FROST" record --esp8266 --compact -o "$TAP_DIR/no" "$TAP_DIR/turns.lua"
want_text "... which is said" "$TAP_DIR/err" "--compact"
tap_done
