#!/bin/sh
# Findings that say what to do: each is done as its words say, and the figure that it promises moves
# as promised. Lists and the modes of the collector as options: profile.sh, hot-gc.sh. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST"
cd "$TAP_DIR" || exit 1

finding() { # TEXT: the finding of `out` that has it
    sed -n 's/^finding: //p' out | grep -F -e "$1" | head -1
}

total() { # NAME REPORT
    sed -n "s/^  \"$1\": \([0-9.]*\),*\$/\1/p" "$2"
}

# Is the measured figure within 6 % of the promised one?
moves() { # NAME PROMISED MEASURED
    if awk "BEGIN { p = ${2:-0}; m = ${3:-0}; exit !(p > 0 && m >= p * 0.94 && m <= p * 1.06) }"; then
        tap_ok "$1 (promised $2, measured $3)"
    else
        echo "promised '$2', measured '$3'" >why
        tap_not_ok "$1" why
    fi
}

figure() { # the number behind a text, without separators: TEXT WORDS
    printf '%s\n' "$2" | sed -n "s/.*$1 *\([0-9][0-9,]*\).*/\1/p" | tr -d ,
}

number_before() { # TEXT WORDS: the number in front of a text
    printf '%s\n' "$2" | sed -n "s/.*[^0-9,]\([0-9][0-9,]*\) $1.*/\1/p" | tr -d ,
}

# Builds app/*.lua but init.lua into an image, runs it, reports to NAME.hot.json and `out`.
run() { # NAME MODE [FILE...]: files of the device's file system
    name=$1 mode=$2
    shift 2
    rm -rf fs && mkdir fs && cp init.lua "$@" fs
    "$FROST" luac -f -o "$name.img" app/*.lua >/dev/null &&
        "$FROST" record -q -o "$name.trace" --egc "$mode" --lfs "$name.img" --fs fs fs/init.lua >said 2>&1 ||
        tap_not_ok "$name: runs" said
    "$FROST" hot --json "$name.trace" >"$name.hot.json"
    "$FROST" size --json "$name.trace" >"$name.size.json"
    "$FROST" hot --top 50 "$name.trace" >out
}

mkdir app
cat >init.lua <<'END'
local mod = node.LFS.get("mod")()
print(mod.count(400))
END
cat >app/mod.lua <<'END'
local M = {}
function M.count(times)
    local found = 0
    for i = 1, times do
        if string.find("a subject that is long", "[s]ubject (%a+) is") then found = found + 1 end
    end
    return found
end
return M
END

# ---- a string that is read byte by byte: build it at run time, keep it in a local ----

run plain none
advice=$(finding '(pattern)')
expression=$(printf '%s\n' "$advice" | sed 's/.*at run time, \(.*\), and keep it in a local.*/\1/')
ram=$(number_before 'bytes of RAM' "$advice")
sed -i "s/^function/local built = $expression\n&/; s/\"\[s\]ubject (%a+) is\"/built/" app/mod.lua
want_text "a pattern: the advice is Lua" app/mod.lua 'local built = "[s]ubject" .. " (%a+) is"'
run built none
tap_is "a pattern: prints the same" 400 "$(cat said)"
tap_is "a pattern: is no finding any more" "" "$(finding '(pattern)')"
moves "a pattern: clocks" "$(number_before 'clocks' "$advice")" \
    "$(awk "BEGIN { print $(total model_clocks plain.hot.json) - $(total model_clocks built.hot.json) }")"
more=$(number_before 'more if a function' "$advice")
tap_is "a pattern: RAM" "$((ram + more))" \
    "$(($(total peak_bytes built.size.json) - $(total peak_bytes plain.size.json)))"

# ---- a function that is called often: in RAM ----

cat >app/mod.lua <<'END'
local M = {}
function M.add(a, b)
    return a + b
end
return M
END
cat >init.lua <<'END'
local get = node.LFS.get("mod")
local mod = get and get() or dofile("mod.lc")
local sum, add = 0, mod.add
for i = 1, 2000 do sum = add(sum, i) end
print(sum)
END
echo 'return 1' >app/other.lua
run called none
advice=$(finding 'is called')
"$FROST" luac -o mod.lc app/mod.lua && rm app/mod.lua
run ram none mod.lc
tap_is "calls: prints the same" 2001000 "$(cat said)"
tap_is "calls: are no finding any more" "" "$(finding 'is called')"
moves "calls: clocks" "$(number_before clocks "$advice")" \
    "$(awk "BEGIN { print $(total model_clocks called.hot.json) - $(total model_clocks ram.hot.json) }")"

# ---- fewer calls: a loop inside the function ----

cat >app/mod.lua <<'END'
local M = {}
function M.add(n)
    local sum = 0
    for i = 1, n do sum = sum + i end
    return sum
end
return M
END
echo 'print(node.LFS.get("mod")().add(2000))' >init.lua
run loop none
tap_is "a loop inside: prints the same" 2001000 "$(cat said)"
moves "a loop inside: clocks" "$(number_before clocks "$advice")" \
    "$(awk "BEGIN { print $(total model_clocks called.hot.json) - $(total model_clocks loop.hot.json) }")"

# ---- a string of a list that had better stay in RAM ----

cat >app/mod.lua <<'END'
return function() return 1 end
END
cat >init.lua <<'END'
local found = 0
for i = 1, 300 do
    if string.find("there is no such subject", "[n]o (%a+) subject") then found = found + 1 end
end
print(found, "a text that is used once")
END
echo 'local preload = "[n]o (%a+) subject", "there is no such subject", "a text that is used once"' >list.lua
run before none
"$FROST" hot --if-moved list.lua before.trace >out
advice=$(finding 'leave "[n]o (%a+) subject" in RAM')
cp list.lua app/dummy_strings.lua
run whole none
echo 'local preload = "there is no such subject", "a text that is used once"' >app/dummy_strings.lua
run left none
moves "a list: clocks of the string that stays in RAM" "$(number_before clocks "$advice")" \
    "$(awk "BEGIN { print $(total model_clocks whole.hot.json) - $(total model_clocks left.hot.json) }")"
moves "a list: its RAM" "$(number_before 'bytes of RAM' "$advice")" \
    $(($(total peak_bytes left.size.json) - $(total peak_bytes whole.size.json)))
rm app/dummy_strings.lua

# ---- a mode of the collector, and a line whose allocations live short ----

cat >loop.lua <<'END'
local kept = {}
for i = 1, 20 do kept[i] = {i} end
local function work(n)
    local sum = 0
    for i = 1, n do
        local pair = {i}
        sum = sum + pair[1]
    end
    return sum
end
print(work(600))
END
gc_of() { # NAME FILE
    "$FROST" record -q --heap 64K -o "$1.trace" "$2" >said 2>&1 || tap_not_ok "$1: runs" said
    "$FROST" gc "$1.trace" >out
    "$FROST" gc --json "$1.trace" >"$1.gc.json"
}
gc_of always loop.lua
advice=$(finding 'mode ALWAYS costs')
lines=$(finding 'loop.lua:6')
call=$(printf '%s\n' "$advice" | sed 's/.* \(node.egc.setmode([^)]*)\) would cost.*/\1/')
{ echo "$call"; cat loop.lua; } >mode.lua
gc_of mode mode.lua
tap_is "a mode: prints the same" 180300 "$(cat said)"
want_text "a mode: the call is taken as it stands" mode.lua "node.egc.setmode(node.egc.ON_"
# What remains is the collections before the call, and those that the mode is said to cost.
saved=$(awk "BEGIN { print $(total gc_clocks always.gc.json) - $(total gc_clocks mode.gc.json) }")
promised=$(($(figure 'ALWAYS costs' "$advice") - $(figure 'would cost' "$advice")))
moves "a mode: clocks" "$promised" "$saved"
# At most: the model has the mode from the start, a program sets it after the libraries are open.
most=$(figure ' to' "$advice") got=$(total peak_bytes mode.gc.json)
[ "$got" -gt "$(total peak_bytes always.gc.json)" ] && [ "$got" -le "$most" ] &&
    tap_ok "a mode: the highest point (at most $most, measured $got)" ||
    tap_not_ok "a mode: the highest point: at most $most, measured $got"
sed 's/^local function work/local pair = {}\n&/; s/local pair = {i}/pair[1] = i/' loop.lua >reused.lua
gc_of reused reused.lua
tap_is "short-lived: prints the same" 180300 "$(cat said)"
moves "short-lived: clocks of the line" "$(number_before clocks "$lines")" \
    "$(awk "BEGIN { print $(total gc_clocks always.gc.json) - $(total gc_clocks reused.gc.json) }")"

# ---- a literal that another module has in flash ----

echo 'return function(s) return s:match("^(%a+)=(%d+)$") end' >holder.lua
printf 'local hits = 0\nfor i = 1, 50 do\n%s\nend\nprint(hits)\n' \
    'if ("key=" .. i):match("^(%a+)=(%d+)$") then hits = hits + 1 end' >reader.lua
"$FROST" luac -f -o holder.img holder.lua >/dev/null
want_status "a literal of another module: recorded" 0 "$FROST" record -q -o reader.trace \
    --lfs holder.img reader.lua
"$FROST" hot reader.trace >reader.txt
want_text "a literal of another module: is named" reader.txt \
    "the literal is in flash with module holder, where it must go, too"
echo "return 1" >other.lua
"$FROST" luac -f -o holder.img other.lua >/dev/null
"$FROST" record -q -o reader.trace --lfs holder.img reader.lua >/dev/null
"$FROST" hot reader.trace >reader.txt
tap_is "a literal of another module: when it has gone, no pattern is read" 0 \
    "$(grep -c pattern reader.txt)"

# ---- a heap that is too small ----

{
    echo 'local t = {}'
    for i in $(seq 700); do echo "t[$i] = function() return 'text number $i' end"; done
    echo 'print("done", #t)'
} >app/big.lua
want_status "out of memory: from source" 1 "$FROST" run app/big.lua
want_text "out of memory: the advice" err "code can be moved to flash (frost luac -f, --lfs), or give more with --heap"
"$FROST" luac -f -o big.img app/big.lua >/dev/null
echo 'node.LFS.get("big")()' >start.lua
want_status "out of memory: the code in flash" 0 "$FROST" run --lfs big.img start.lua
want_text "out of memory: the code in flash runs" out "done	700"
want_status "out of memory: more heap" 0 "$FROST" run --heap 400K app/big.lua
tap_done
