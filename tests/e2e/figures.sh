#!/bin/sh
# Words mean one thing (analyzer/README.md): every command and export says the same of one run, and
# what images share is not more than they have.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
python3=$(command -v python3) || {
    tap_missing "figures of all commands" "no python3"
    tap_done
    exit
}
trace=$TAP_DIR/run.trace
export PYTHONDONTWRITEBYTECODE=1 # figures.py reads exportread.py

# Blocks that other lines grow, texts that live for short and for long, a collection.
cat >"$TAP_DIR/run.lua" <<'EOF'
local function make() return {a = 1, b = 2} end
local function fill(o) o.c = 3; o.d = "text " .. o.a end
keep = {}
for i = 1, 40 do
  local o = make()
  fill(o)
  keep[i] = o
end
local parts = {}
for i = 1, 60 do parts[i] = ("part %d of many"):format(i) end
local text = table.concat(parts, ",")
parts = nil
collectgarbage()
print(#text, text:find("part 59 of", 1, true))
EOF
want_status "records the run" 0 "$FROST" record -q --stacks=8 --snapshot=end --snapshot=peak -o "$trace" \
    "$TAP_DIR/run.lua"

# ---- totals ----

"$FROST" trace dump -q --form=events "$trace" >"$TAP_DIR/events"
for command in strings gc size; do
    "$FROST" $command -q --json "$trace" >"$TAP_DIR/$command"
done
"$FROST" calls -q --json --min 0 "$trace" >"$TAP_DIR/calls"
for at in peak end; do
    "$FROST" heap -q --json --at $at "$trace" >"$TAP_DIR/heap-$at"
done
"$FROST" report -q -o "$TAP_DIR/all" "$trace"
for to in callgrind dhat folded folded-peak pprof; do
    "$FROST" export -q --to=$to -o "$TAP_DIR/$to" "$trace"
done
said=$TAP_DIR/said
for source in events strings gc size dhat; do
    "$python3" tests/support/figures.py $source "$TAP_DIR/$source"
done >"$said" 2>"$TAP_DIR/err"
"$python3" tests/support/figures.py newer "$TAP_DIR/calls" "$TAP_DIR/heap-peak" "$TAP_DIR/heap-end" \
    >>"$said" 2>>"$TAP_DIR/err"
for report in strings gc size; do
    "$python3" tests/support/figures.py $report "$TAP_DIR/all/$report.json" | sed 's/ / report-/'
done >>"$said" 2>>"$TAP_DIR/err"
for to in callgrind pprof; do
    "$python3" tests/support/exportread.py $to "$TAP_DIR/$to" |
        awk -v from=$to '/^(allocat.*|peak_bytes) / {print $1, from, $2}'
done >>"$said" 2>>"$TAP_DIR/err"
for weight in folded:allocated_bytes folded-peak:peak_bytes; do
    "$python3" tests/support/exportread.py folded "$TAP_DIR/${weight%%:*}" |
        awk -v from="${weight%%:*}" -v figure="${weight#*:}" '$1 == "total" {print figure, from, $2}'
done >>"$said" 2>>"$TAP_DIR/err"
[ -s "$TAP_DIR/err" ] && tap_not_ok "all sources are read" "$TAP_DIR/err" ||
    tap_ok "all sources are read"

# Each figure, and how many sources must say it.
while read -r figure sources; do
    awk -v figure="$figure" '$1 == figure' "$said" >"$TAP_DIR/one"
    tap_is "$figure: sources" "$sources" "$(awk 'END {print NR}' "$TAP_DIR/one")"
    [ "$(awk '{print $3}' "$TAP_DIR/one" | sort -u | wc -l)" -eq 1 ] &&
        tap_ok "$figure is one figure everywhere" ||
        tap_not_ok "$figure is one figure everywhere" "$TAP_DIR/one"
done <<'EOF'
allocated_bytes 14
allocations 12
peak_bytes 25
end_bytes 10
strings_made 5
peak_strings 7
peak_string_bytes 7
end_strings 3
texts_made 2
peak_texts 2
end_texts 2
EOF
"$python3" tests/support/figures.py lines "$TAP_DIR/gc" "$TAP_DIR/size" >"$TAP_DIR/over" 2>&1
[ -s "$TAP_DIR/over" ] && tap_not_ok "no line holds more than it allocated" "$TAP_DIR/over" ||
    tap_ok "no line holds more than it allocated"

# ---- fragmentation: gc against an allocator of its own that runs over the same events ----

cat >"$TAP_DIR/holes.lua" <<'EOF'
local t = {}
for i = 1, 300 do t[i] = ("x"):rep(60) .. i end
for i = 1, 300, 2 do t[i] = nil end
collectgarbage()
for i = 1, 40 do t[i * 2] = nil; t[#t + 1] = ("y"):rep(i) end
EOF
want_status "records a heap with holes" 0 "$FROST" record -q -o "$TAP_DIR/holes.trace" \
    "$TAP_DIR/holes.lua"
want_status "records a run with connections" 0 "$FROST" record -q -o "$TAP_DIR/sockets.trace" --firmware legacy \
    --duration 120000 --world tests/e2e/apps/mqtt-node.world.lua tests/e2e/apps/mqtt-node/init.lua
want_status "records a run of one line" 0 "$FROST" record -q -o "$TAP_DIR/short.trace" -e 'x = 1'
for run in run holes sockets short; do
    "$FROST" trace dump -q --form=events "$TAP_DIR/$run.trace" >"$TAP_DIR/$run.events"
    "$FROST" gc -q --json "$TAP_DIR/$run.trace" >"$TAP_DIR/$run.gc"
    "$python3" tests/support/heap_layout.py "$TAP_DIR/$run.events" >"$TAP_DIR/$run.truth" 2>&1
    grep -v '^samples ' "$TAP_DIR/$run.truth" >"$TAP_DIR/want"
    "$python3" tests/support/figures.py heap "$TAP_DIR/$run.gc" >"$TAP_DIR/got" 2>&1
    want_same "free blocks of $run: highest point, most split, end" "$TAP_DIR/want" "$TAP_DIR/got"
done
[ "$(awk '/^split/ {print 100 * $4 < 50 * $3}' "$TAP_DIR/holes.truth")" = 1 ] &&
    tap_ok "there are holes" || tap_not_ok "there are holes" "$TAP_DIR/holes.truth"
[ "$(grep -c ' firmware_free ' "$TAP_DIR/sockets.events")" -gt 50 ] &&
    tap_ok "the firmware takes blocks and gives them back" ||
    tap_not_ok "the firmware takes blocks and gives them back" "$TAP_DIR/sockets.truth"

# ---- places: a function on a line of its parent is a place of its own ----

cat >"$TAP_DIR/inline.lua" <<'EOF'
local function make(n) local t = {} for i = 1, n do t[i] = {i} end return t end
keep = {make(20), make(30)}
EOF
(cd "$TAP_DIR" && "$FROST" record -q -o inline.trace inline.lua) >"$TAP_DIR/out" 2>&1
for to in folded callgrind; do
    "$FROST" export -q --to=$to -o "$TAP_DIR/inline.$to" "$TAP_DIR/inline.trace"
done
want_text "folded: the function on line 1" "$TAP_DIR/inline.folded" "inline.lua:1;line 1;table "
want_text "... and the main chunk's line 1" "$TAP_DIR/inline.folded" "inline.lua:main;line 1;closure "
want_text "callgrind: the function" "$TAP_DIR/inline.callgrind" ") inline.lua:1"
for command in gc size; do
    "$FROST" $command -q --json "$TAP_DIR/inline.trace" >"$TAP_DIR/inline.$command"
    want_text "$command: the function on line 1" "$TAP_DIR/inline.$command" \
        '"site":"inline.lua:1 in function 1"'
    want_text "$command: line 1 of the main chunk" "$TAP_DIR/inline.$command" \
        '"site":"inline.lua:1 in main"'
    want_text "$command: other lines as ever" "$TAP_DIR/inline.$command" '"site":"inline.lua:2"'
done

# ---- images ----

# Functions with the same code and constants of their own: `frost luac` lets them share.
awk 'BEGIN {
    print "local M = {}"
    for (i = 1; i <= 120; i++) {
        printf "function M.f%d(a, b)\n  local t = \"message %d: \" .. tostring(a)\n", i, i
        printf "  if a > %d.5 then return t, b, %d end\n", i * 7, i * 1000
        printf "  return M.f%d(a + 1, t)\nend\n", i % 120 + 1
    }
    print "function M.look(s)"
    print "  return s:find(\"^sensor%d+:[a-z]+ is off$\") or s:match(\"^sensor%d+:[a-z]+ is off$\")"
    print "end"
    print "function M.also(s) return s:find(\"^meter%d+:[a-z]+ is off$\") end"
    print "function M.too(s) return s:match(\"^meter%d+:[a-z]+ is off$\") end"
    print "return M"
}' >"$TAP_DIR/alike.lua"
(cd "$TAP_DIR" && "$FROST" luac -f -o alike.img alike.lua) >"$TAP_DIR/out" 2>&1
"$FROST" lfs check "$TAP_DIR/alike.img" >"$TAP_DIR/out" 2>&1
shared=$(sed -n 's/.*functions share \([0-9]*\) bytes/\1/p' "$TAP_DIR/out")
bytes=$(sed -n 's/.*needs an LFS region of \([0-9]*\) bytes/\1/p' "$TAP_DIR/out")
[ "${shared:-0}" -gt 1000 ] && [ "${shared:-0}" -lt "${bytes:-0}" ] &&
    tap_ok "functions share less than the image has" ||
    tap_not_ok "functions share less than the image has" "$TAP_DIR/out"

# They share one vector of constants, but who holds a literal is who has it in its code.
cat >"$TAP_DIR/look.lua" <<'EOF'
local m = node.flashindex("alike")()
for i = 1, 200 do m.look("sensor12:abc is off") m.also("meter12:abc is off") end
EOF
"$FROST" record -q --lfs "$TAP_DIR/alike.img" -o "$TAP_DIR/look.trace" "$TAP_DIR/look.lua" \
    >"$TAP_DIR/out" 2>&1
"$FROST" hot -q "$TAP_DIR/look.trace" >"$TAP_DIR/hot"
grep 'finding: .*"^sensor%d+.*read byte by byte' "$TAP_DIR/hot" >"$TAP_DIR/out"
if [ -s "$TAP_DIR/out" ] && ! grep -q "use the literal" "$TAP_DIR/out"; then
    tap_ok "a literal of one function is nobody else's"
else
    tap_not_ok "a literal of one function is nobody else's" "$TAP_DIR/hot"
fi
grep 'finding: .*"^meter%d+.*read byte by byte' "$TAP_DIR/hot" >"$TAP_DIR/out"
want_text "a literal of two functions is theirs" "$TAP_DIR/out" "2 functions use the literal"

echo 'print(1)' >"$TAP_DIR/one.lua"
(cd "$TAP_DIR" && "$FROST" luac --build-time=1 -f -o float.img one.lua &&
    "$FROST" luac --build-time=1 --integer -f -o integer.img one.lua) >"$TAP_DIR/out" 2>&1
want_status "images of other numbers differ" 1 "$FROST" lfs diff "$TAP_DIR/float.img" \
    "$TAP_DIR/integer.img"
want_text "... and how is said" "$TAP_DIR/out" "numbers: float before, integer after"
want_status "an image is like itself" 0 "$FROST" lfs diff "$TAP_DIR/float.img" "$TAP_DIR/float.img"

# ---- a boot without any allocation: the ledger at rest ----

printf '%s\n' '0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388 command="x"' \
    '9 end status=0 lua_bytes=388 lua_bytes_max=388 stack_bytes=100' >"$TAP_DIR/rest.txt"
"$FROST" trace assemble "$TAP_DIR/rest.txt" "$TAP_DIR/rest.trace"
for command in strings size gc; do
    tap_is "$command: nothing was born, the highest point is what the boot said" 388 \
        "$("$FROST" $command --json "$TAP_DIR/rest.trace" | sed -n 's/^  "peak_bytes": \([0-9]*\),*$/\1/p')"
done
tap_is "export: the same" 388 "$("$FROST" export -q --to=folded-peak -o - "$TAP_DIR/rest.trace" |
    awk '{ sum += $NF } END { print sum + 0 }')"
tap_is "what no Lua line did has one name" "(no Lua function)" \
    "$(for command in gc size; do "$FROST" $command --json "$TAP_DIR/look.trace"; done |
        sed -n 's/^ *{"site":"\((no Lua[^"]*\|-\)".*/\1/p' | sort -u)"
tap_done
