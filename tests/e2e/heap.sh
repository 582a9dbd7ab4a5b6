#!/bin/sh
# Snapshots of the heap: who holds the RAM, the way to it, modules, functions, growth from mark to
# mark; against a reader that takes every block away in turn.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
root=$PWD
cd "$TAP_DIR"
mkdir tmp
TMPDIR=$TAP_DIR/tmp # other tests record meanwhile
export TMPDIR
mkdir app && cd app
cat >ring.lua <<'EOF'
local M = {slots = {}}
local cache = {}
function M.add(text) M.slots[#M.slots + 1] = {text = text} cache[text] = ("x"):rep(60) .. text end
return M
EOF
cat >init.lua <<'EOF'
local ring = require("ring")
for i = 1, 9 do ring.add("item " .. i) end
weak = setmetatable({}, {__mode = "v"})
weak.gone = {("g"):rep(500)}
weak.kept = ring.slots
co = coroutine.create(function(n)
  local hold = {("h"):rep(n)}
  coroutine.yield()
  return hold
end)
coroutine.resume(co, 700)
meta = setmetatable({}, {hold = {("m"):rep(200)}})
env = setfenv(function() end, {hold = {("e"):rep(200)}})
keys = {[{("k"):rep(200)}] = true}
up = (function() local hold = {("u"):rep(200)} return function() return hold end end)()
proxy = newproxy(true)
getmetatable(proxy).hold = {("p"):rep(200)}
queue = {}
for i = 1, 30 do
  local item = {before = queue.last, i = i}
  if i > 1 then queue.last.after = item else queue.first = item end
  queue.last = item
end
web = {}
for i = 1, 24 do web[i] = {} end
for i = 1, 24 do web[i].a, web[i].b = web[i * 7 % 24 + 1], web[i * i % 24 + 1] end
for i = 2, 24 do web[i] = nil end
chain = {}
do
  local last = chain
  for i = 1, 60 do last.next = {} last = last.next if i == 40 then last.load = {("l"):rep(300)} end end
end
local big = {}
for i = 1, 40 do big[i] = i .. ("b"):rep(100) end
big = nil
collectgarbage()
local dead = {("d"):rep(300)}
dead = nil
EOF
want_status "records with snapshots" 0 "$FROST" record -q --snapshot=end --snapshot=peak -o ../t --egc=none init.lua
cd ..
for at in end peak; do
    "$FROST" heap --at $at --min 0 --json t >$at.json
    want_status "$at: conforms to its schema" 0 \
        python3 "$root/tests/support/schema.py" "$root/reports/schema/heap.json" $at.json
done
tap_is "the scratch trace is gone" "" "$(ls -A tmp)"
"$FROST" trace dump -q --form=events t >events
tap_is "at the end, every block taken away" "True as tried" \
    "$(python3 "$root/tests/support/heldby.py" events end.json)"
sed '/ heap_snapshot .*moment="peak"/q' events >peak.events
tap_is "and at the highest point" "True as tried" \
    "$(python3 "$root/tests/support/heldby.py" peak.events peak.json)"

figure() { # FILE NAME
    sed -n "s/.*\"$2\": *\([0-9]*\).*/\1/p" "$1" | head -n 1
}
"$FROST" size --json t >size.json
tap_is "the highest point is that of frost size" "$(figure size.json peak_bytes)" "$(figure peak.json lua_bytes)"
held=$(figure end.json held_bytes)
garbage=$(figure end.json garbage_bytes)
tap_is "held and garbage are all there is" "$(figure end.json lua_bytes)" $((held + garbage))
[ "$garbage" -gt 300 ] && tap_ok "what nothing holds is garbage" || tap_not_ok "what nothing holds is garbage: $garbage"

# ---- ways ----

way() { # PATH: its held bytes
    python3 -c 'import json, sys
rows = json.load(open(sys.argv[1]))["tables"]["holders"]["rows"]
print(" ".join(str(r["held_bytes"]) for r in rows if r["path"] == sys.argv[2]))' end.json "$1"
}
at_least() { # NAME GOT WANTED
    [ "${2:-0}" -ge "$3" ] 2>/dev/null && tap_ok "$1" || tap_not_ok "$1: '$2' is not at least $3"
}
at_least "a module's table by its name" "$(way registry._LOADED.ring)" 1000
at_least "a member of a list in it" "$(way 'registry._LOADED.ring.slots[3]')" 40
at_least "a coroutine holds its locals" "$(way globals.co)" 1100
for way in meta env keys up proxy; do
    at_least "by its metatable, environment, key, upvalue: $way" "$(way globals.$way)" 200
done
at_least "with the way to it" "$(way 'globals.meta(metatable).hold')" 200
tap_is "a weak table holds nothing" "" "$(way globals.weak.gone)"
at_least "both ends of a queue, and what lies between" "$(way globals.queue)" 1900
tap_is "no member of which holds another" 160 "$(way globals.queue.first.after)"
at_least "a list is one row" "$(way globals.chain.next)" 3800
chained=$(python3 -c 'import json
rows = json.load(open("end.json"))["tables"]["holders"]["rows"]
print(*[(r["chain"], r["level"]) for r in rows if r["path"] == "globals.chain.next"],
      *[(r["path"], r["level"]) for r in rows if r["name"] == "load"])')
tap_is "with what its members have, the middle of a long way left out" \
    "(60, 3) ('globals.chain.next.next.next.next.next.next(... 27 steps).next.next.next.next.next.next.next.load', 4)" \
    "$chained"
"$FROST" heap --at end t >out
want_text "the table says how many" out "next (60 in a chain)"
want_text "the table names lines" out "ring.lua:3"
"$FROST" heap --at end --format html t >page.html
want_text "the page draws it" page.html 'class="icicle"'

# ---- modules and functions ----

python3 - <<'EOF' >sums
import json
report = json.load(open("end.json"))
tables = report["tables"]
bad = [r["module"] for r in tables["modules"]["rows"]
       if r["bytes"] != sum(r[k] for k in r if k.endswith("_bytes"))]
total = sum(r["bytes"] for r in tables["modules"]["rows"])
code = sum(r["code_bytes"] for r in tables["modules"]["rows"])
functions = sum(r["code_bytes"] for r in tables["functions"]["rows"])
print(bad, total == report["totals"]["held_bytes"], code == functions,
      [r["loaded"] for r in tables["functions"]["rows"] if r["function"] == "ring.lua:3"])
EOF
tap_is "modules add up to what is held, functions to code" "[] True True [1]" "$(cat sums)"

# ---- memory that runs out ----

mkdir full
cat >full/hoard.lua <<'EOF'
local M = {kept = {}}
function M.add(n) for i = 1, n do M.kept[i] = {("x"):rep(40) .. i} end end
return M
EOF
cat >full/init.lua <<'EOF'
local hoard = require("hoard")
for try = 1, 10 do print(pcall(hoard.add, 2000)) hoard.kept = {} end
hoard.add(2000)
EOF
want_status "runs out of memory" 1 "$FROST" record -q --snapshot=failure -o full.trace full/init.lua
want_status "at each of the first eight failures" 0 "$FROST" heap --json full.trace
cp out full.json
tap_is "there is a snapshot" "8 failure" "$(python3 -c 'import json
rows = json.load(open("full.json"))["tables"]["snapshots"]["rows"]
print(len(rows), *sorted({row["moment"] for row in rows}))')"
want_text "which says who held it" full.json "The largest holders: registry._LOADED.hoard.kept "
for bytes in 4096 4500 6000 9000; do # while it starts, too
    "$FROST" record -q --snapshot=failure --heap=$bytes -o little.trace full/init.lua >out 2>err
    [ $? -le 1 ] || tap_not_ok "a heap of $bytes bytes" err
done
"$FROST" profile -q --worlds 0 -o full.out full >out 2>err
want_status "a profile has it, too" 0 \
    python3 "$root/tests/support/schema.py" "$root/reports/schema/heap-failure.json" full.out/heap-failure.json
tap_is "by module" True "$(python3 -c 'import json
rows = json.load(open("full.out/heap-failure.json"))["tables"]["modules"]["rows"]
print({row["module"] for row in rows} <= {"hoard.lua", "init.lua", "(no Lua function)"})')"
want_text "and first among its findings" full.out/summary.md '1. memory ran out with '

# ---- long lists: what is done for each member does not grow with their number ----

cat >lists.lua <<'EOF'
list, queue, pairs_of = nil, {}, nil
for i = 1, 20000 do
  list = {next = list}
  pairs_of = {function() return pairs_of end, link = {next = pairs_of}}
  local item = {before = queue.last}
  if i > 1 then queue.last.after = item else queue.first = item end
  queue.last = item
end
EOF
want_status "records lists of 20,000" 0 "$FROST" record -q --profile pc --snapshot=end -o lists.t lists.lua
for form in text json html; do
    want_status "they take seconds as $form" 0 sh -c 'ulimit -t 20; "$0" heap --min 0 --max-memory 1G --format=$1 lists.t' "$FROST" $form
done

# ---- growth: an application that forgets nothing ----

mkdir leak
cat >leak/init.lua <<'EOF'
seen = {}
server = net.createServer()
server:listen(80, function(conn)
    conn:on("receive", function(c, text)
        seen[#seen + 1] = text
        c:on("sent", function(c) c:close() end)
        c:send("#" .. #seen)
    end)
end)
EOF
cat >clients <<'EOF'
#!/bin/sh
set -e
for request in 1 2 3 4 5; do
    echo "request $request of many" | nc -N "$FROST_HOST" "$FROST_PORT_80" >>"$CLIENT_LOG"
    sleep 0.1
    "$FROST" mark "after $request"
done
EOF
export CLIENT_LOG=$TAP_DIR/log
want_status "profiles it" 0 "$FROST" profile -q --session ./clients -o leaks leak
"$FROST" heap --at mark leaks/run1.trace >growth
want_text "says what grows" growth "globals.seen: holds more at each of 5 marks than at the one before"
tap_is "and nothing else" 1 "$(grep -c 'a leak?' growth)"
"$FROST" heap --at mark --json leaks/run1.trace >growth.json
want_status "in its schema" 0 \
    python3 "$root/tests/support/schema.py" "$root/reports/schema/heap.json" growth.json

# ---- what has changed ----

"$FROST" heap --base-at 1 --at 4 --json leaks/run1.trace >moments.json
"$FROST" heap --at 1 --min 0 --json leaks/run1.trace >first.json
"$FROST" heap --at 4 --min 0 --json leaks/run1.trace >fourth.json
row_bytes() { # FILE NUMBER: what the list of snapshots says
    sed -n 's/.*"number":'"$2"',.*"lua_bytes":\([0-9]*\),.*/\1/p' "$1"
}
tap_is "numbers are those of the list" "$(row_bytes first.json 1) $(row_bytes first.json 4)" \
    "$(figure first.json lua_bytes) $(figure fourth.json lua_bytes)"
want_status "two moments, in their schema" 0 \
    python3 "$root/tests/support/schema.py" "$root/reports/schema/heap-diff.json" moments.json
cat >differ.py <<'EOF'
import json, sys
diff, base, now = [json.load(open(name)) for name in sys.argv[1:4]]
def by_path(report, figure):  # several objects can have one path
    held = {}
    for row in report["tables"]["holders"]["rows"]:
        held[row["path"]] = held.get(row["path"], 0) + row[figure]
    return held
base_held, now_held = by_path(base, "held_bytes"), by_path(now, "held_bytes")
wanted = {path: now_held.get(path, 0) - base_held.get(path, 0) for path in {**base_held, **now_held}}
got = by_path(diff, "change_held_bytes")
wrong = [path for path, change in wanted.items() if got.get(path, 0) != change]
change = diff["totals"]["change_held_bytes"]
print(wrong, change == now["totals"]["held_bytes"] - base["totals"]["held_bytes"],
      got.get("globals.seen", 0) > 0)
EOF
tap_is "every holder's change is the difference of its two snapshots" "[] True True" \
    "$(python3 differ.py moments.json first.json fourth.json)"
"$FROST" heap --base t --base-at peak --at end --json leaks/run1.trace >runs.json
"$FROST" heap --at end --min 0 --json leaks/run1.trace >end_leak.json
tap_is "two runs" "[] True True" "$(python3 differ.py runs.json peak.json end_leak.json)"
want_status "a run and itself" 0 "$FROST" heap --base t --at end --json t
tap_is "differ in nothing" "" "$(sed -n 's/.*"row": *"\([a-z]*\)".*/\1/p' out)"

# ---- what cannot be ----

want_status "a number that no snapshot has" 2 "$FROST" heap --at 99 leaks/run1.trace
want_text "says how many there are" err "has 6 snapshots, none with number 99"
want_status "a moment in other words" 2 "$FROST" heap --at noon t

want_status "a trace without a snapshot" 0 "$FROST" record -q -o none app/ring.lua
want_status "is refused" 2 "$FROST" heap none
want_text "with what to do" err "frost record --snapshot=end"
want_status "a moment that is not there" 2 "$FROST" heap --at mark t
# The second run finds the files as the first one did; what the program writes is written once.
mkdir starts
cat >starts/init.lua <<'END'
local n = tonumber(file.getcontents("n") or 0) + 1
file.putcontents("n", tostring(n))
file.putcontents("init.lua", "print('written by itself')")
local t = {}
for i = 1, 50 * n do t[i] = {} end
print("start", n)
END
cp starts/init.lua starts.lua
want_status "a program that counts its starts" 0 "$FROST" record -q --snapshot=peak -o starts.trace --fs starts starts/init.lua
want_text "has its snapshot" "$TAP_DIR/out" "start	1"
tap_is "has started once" 1 "$(cat starts/n)"
cp starts.lua starts/init.lua
want_status "again, in its own directory" 0 sh -c 'cd starts && "$0" record -q --snapshot=peak init.lua' "$FROST"
tap_is "has started twice" 2 "$(cat starts/n)"
for trace in starts.trace starts/frost.trace; do
    want_status "$trace: frost heap" 0 "$FROST" heap $trace
    tap_is "$trace: of a run that did not fail" "Who holds the RAM" "$(head -1 "$TAP_DIR/out")"
done
for i in 1 2; do
    want_status "files in a flash file, $i" 0 "$FROST" record -q --snapshot=peak -o starts.trace --flash starts.bin starts.lua
    want_status "its content, $i" 0 "$FROST" flash fs get starts.bin n
    tap_is "counts $i" $i "$(cat "$TAP_DIR/out")"
done
tap_is "no copy is left" "" "$(ls -d ./*.part.* 2>/dev/null)"
want_status "no peak without inputs" 2 "$FROST" record -q --snapshot=peak --no-inputs -o x app/ring.lua
want_text "is told before it runs" err "made by a replay"
want_status "a moment that there is not" 2 "$FROST" record -q --snapshot=noon -o x app/ring.lua
tap_done
