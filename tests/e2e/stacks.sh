#!/bin/sh
# Callers of sites: recorded, as a tree, in folded stacks, callgrind and pprof; what has none stays
# as it is.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
root=$PWD
cd "$TAP_DIR"

cat >app.lua <<'EOF'
local function leaf(i) return ("x"):rep(i) .. i end
local function fill(n)
  local t = {}
  for i = 1, n do t[i] = leaf(i) end
  return t
end
local function down(n)
  local r = n == 0 and fill(3) or down(n - 1)
  return r
end
pcall(fill, 5) -- dies
deep = down(40)
local co = coroutine.wrap(function() local t = fill(4) end)
co()
kept = fill(100)
EOF
want_status "records with callers" 0 "$FROST" record -q --stacks 64 -o deep app.lua
want_status "and with few" 0 "$FROST" record -q --stacks 3 -o short app.lua
want_status "and with none" 0 "$FROST" record -q -o flat app.lua

# ---- the same figures with and without ----

for command in size strings hot; do
    for name in deep flat; do
        "$FROST" $command $name | sed "/^trace $name:/d;s/$name/NAME/" >$name.$command
    done
    want_same "frost $command is the same" flat.$command deep.$command
done
for name in deep short flat; do
    for to in folded folded-peak; do
        "$FROST" export -q --to=$to -o $name.$to $name
        awk '{ sum += $NF } END { print sum }' $name.$to >$name.$to.sum
    done
done
for to in folded folded-peak; do
    want_same "$to: all is there, however deep ($to)" flat.$to.sum deep.$to.sum
    want_same "$to: and with a limit" flat.$to.sum short.$to.sum
done

# ---- stacks ----

bytes_of() { # FILE STACK: of all lines that begin so
    awk -v stack="$2" 'index($0, stack) == 1 { sum += $NF } END { print sum + 0 }' "$1"
}
downs=$(printf 'app.lua:7;%.0s' $(seq 41))
[ "$(bytes_of deep.folded "app.lua:main;pcall;app.lua:2;app.lua:1;")" -gt 0 ] &&
    tap_ok "a C function stands between" || tap_not_ok "a C function stands between" deep.folded
[ "$(bytes_of deep.folded "app.lua:main;${downs}app.lua:2;app.lua:1;")" -gt 0 ] &&
    tap_ok "a recursion is as deep as it was" || tap_not_ok "a recursion is as deep as it was" deep.folded
tap_is "no deeper" 0 "$(bytes_of deep.folded "app.lua:main;${downs}app.lua:7;")"
tap_is "the outermost callers are kept" 0 \
    "$(bytes_of short.folded "app.lua:main;app.lua:7;app.lua:7;app.lua:7;app.lua:7;")"
[ "$(bytes_of short.folded "app.lua:main;app.lua:7;app.lua:7;app.lua:1;")" -gt 0 ] &&
    tap_ok "and what is deeper stands on them" || tap_not_ok "and what is deeper stands on them" short.folded
[ "$(bytes_of deep.folded "app.lua:13;app.lua:2;app.lua:1;")" -gt 0 ] &&
    tap_ok "a coroutine begins a tree" || tap_not_ok "a coroutine begins a tree" deep.folded

# ---- the tree ----

"$FROST" calls --min 0 --json deep >calls.json
want_status "conforms to its schema" 0 \
    python3 "$root/tests/support/schema.py" "$root/reports/schema/calls.json" calls.json
python3 - <<'EOF' >tree.check
import json
report = json.load(open("calls.json"))
rows = {row["path"]: row for row in report["tables"]["calls"]["rows"]}
folded = {}
for line in open("deep.folded-peak"):
    stack, bytes = line.rsplit(" ", 1)
    frames = [f for f in stack.split(";")[:-1] if not f.startswith("line ")]
    for depth in range(1, len(frames) + 1):
        path = ";".join(frames[:depth])
        folded[path] = folded.get(path, 0) + int(bytes)
bad = [p for p in folded if folded[p] and rows.get(p, {}).get("peak_bytes") != folded[p]]
bad += [p for p in rows if rows[p]["peak_bytes"] != folded.get(p, 0)]
for path, row in rows.items():
    below = sum(r["peak_bytes"] for p, r in rows.items()
                if p.startswith(path + ";") and r["level"] == row["level"] + 1)
    if row["peak_own_bytes"] + below != row["peak_bytes"]:
        bad.append(path)
top = sum(row["peak_bytes"] for row in rows.values() if row["level"] == 1)
print("rows:", len(rows), "bad:", bad, "top:", top == report["totals"]["peak_bytes"])
EOF
tap_is "the tree is that of the folded stacks, and adds up" "rows: 50 bad: [] top: True" "$(cat tree.check)"
"$FROST" calls deep >calls.out
want_line() { # NAME FILE PATTERN
    grep -q -- "$3" "$2" && tap_ok "$1" || tap_not_ok "$1" "$2"
}
want_line "it is drawn in lines" calls.out "^    app.lua:2  "
want_text "says what it leaves out" calls.out "left out: each a smaller share than --min"
"$FROST" calls --by allocated --min 0 deep >by.out
want_line "by bytes allocated: what is dead at the peak is there" by.out "^    pcall  *0 "
"$FROST" calls flat >flat.out
want_text "a trace without callers says how to keep them" flat.out "frost record --stacks 16"
"$FROST" calls --format html deep >calls.html
want_line "the page has it as boxes" calls.html '<div class="c[0-5]" style="left:[0-9.]*%;width:[0-9.]*%;top:0.0em" title="app.lua:main, '
tap_is "no box is wider than the page" "" "$(grep -o 'width:[0-9.]*%' calls.html | sed 's/[^0-9.]//g' | awk '$1 > 100.01')"
"$FROST" calls --fields function,peak_bytes deep >fields.out
want_line "columns can be chosen" fields.out "function  *at the peak"

# ---- callgrind, pprof ----

"$FROST" export -q --to=callgrind -o cg deep
if command -v callgrind_annotate >annotate.path; then
    callgrind_annotate --inclusive=yes --tree=calling cg >cg.out 2>&1
    want_line "callgrind_annotate knows what the main chunk calls" cg.out "^.*  \* .*app.lua:main"
    want_line "and what is below" cg.out "> .*app.lua:2 (.*x)"
else
    tap_missing "calls of callgrind" "no valgrind"
fi
python3 - <<'EOF' >calls.check
import re
names, function, call, costs = {}, None, None, {}
for line in open("cg"):
    line = line.rstrip("\n")
    name = re.match(r"(c?fn)=\((\d+)\)(?: (.*))?", line)
    if name:
        names.setdefault(name[2], name[3])
        if name[1] == "fn":
            function = names[name[2]]
        else:
            call = names[name[2]]
    elif call and re.match(r"\d+ ", line):
        costs[function, call] = costs.get((function, call), 0) + int(line.split()[1])
        call = None
want = {}
for line in open("deep.folded"):
    stack, count = line.rsplit(" ", 1)
    frames = [f for f in stack.split(";")[:-1] if f.startswith("app.lua:")]
    for edge in set(zip(frames, frames[1:])): # also of a recursion: once
        want[edge] = want.get(edge, 0) + int(count)
print({e: (costs.get(e), n) for e, n in want.items() if n and costs.get(e) != n})
EOF
tap_is "each call has what is below it, once" "{}" "$(cat calls.check)"
"$FROST" export -q --to=pprof -o pprof.gz deep
want_status "a pprof sample has as many locations as calls" 0 python3 - <<'EOF'
import gzip
data = gzip.open("pprof.gz").read()
def fields(data):
    at = 0
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]; at += 1
            value |= (byte & 127) << shift; shift += 7
            if byte < 128: return value
    while at < len(data):
        key = varint()
        value = varint()
        if key & 7 == 2:
            yield key >> 3, data[at:at + value]; at += value
        else:
            yield key >> 3, value
deepest = 0
for field, value in fields(data):
    if field == 2:
        for inner, ids in fields(value):
            if inner == 1:
                deepest = max(deepest, sum(b < 128 for b in ids))
assert deepest >= 44, deepest
EOF

# ---- what cannot be ----

want_status "at most 64" 2 "$FROST" record -q --stacks 65 -o x app.lua
want_status "not on the emulated chip" 2 "$FROST" record -q --esp8266 --stacks 4 -o x app.lua
want_status "calls needs one trace" 2 "$FROST" calls
want_status "that is there" 4 "$FROST" calls nowhere
tap_done
