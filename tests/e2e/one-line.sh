#!/bin/sh
# Functions that begin on one line are told apart: an application, and the same with its lines
# joined, have the same figures for each function, from RAM, as bytecode, frozen and from an image, in
# every command and export. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
export PYTHONDONTWRITEBYTECODE=1 # oneline.py reads exportread.py
ROOT=$PWD
cd "$TAP_DIR" || exit 1

# At most one function begins on a line; two are equal, one is inside another.
cat >app.lua <<'EOF'
keep = {}
local function put(x) keep[#keep + 1] = x end
local maker = function()
return function() return {1, 2, 3} end
end
function both(a,
b) put(a()) put(b()) end
for i = 1, 3 do both(
function() return {x = 1} end,
function() return {x = 1, y = 2, z = 3} end) end
both(
function() return {7} end,
function() return {7} end)
local make = maker()
for i = 1, 9 do put(make()) end
local s = ""
for i = 1, 6 do s = (
function(n) return s .. ("part %d,"):format(n) end)(i) end
print(#keep, #s)
EOF
mkdir apart joined
cp app.lua apart/app.lua
tr '\n' ' ' <app.lua >joined/app.lua
(cd joined && "$FROST" luac -o ../app.lc app.lua && "$FROST" luac -f -o ../small.img app.lua &&
    "$FROST" luac -f --plain-image -o ../plain.img app.lua) >luac.out
echo 'node.LFS.get("app")()' >start.lua
echo 'dofile("app.lc")' >load.lua

record() { # NAME SCRIPT ARGS...
    record_name=$1 record_script=$2
    shift 2
    want_status "$record_name: is recorded" 0 "$FROST" record -q --stacks=8 --snapshot=end \
        -o "$record_name.trace" "$@" "$record_script"
}
record apart apart/app.lua
record joined joined/app.lua
record bytecode load.lua
record frozen load.lua --freeze
record plain start.lua --lfs=plain.img
record small start.lua --lfs=small.img

figures() { # KIND FILE
    python3 "$ROOT/tests/support/oneline.py" app.lua "$1" "$2"
}

# ---- the same figures for each function ----

for run in apart joined bytecode frozen plain small; do
    "$FROST" trace dump -q --form=events $run.trace >$run.dump
    figures events $run.dump >$run.functions
done
tap_is "each function that takes something is there" "1 2 3 5 6 7 8 9" \
    "$(cut -d' ' -f1 joined.functions | paste -sd ' ' -)"
for run in joined bytecode frozen plain; do
    want_same "$run: each function takes what it takes on a line of its own" apart.functions \
        $run.functions
done
awk '$1 == 7 || $1 == 8 {bytes += $2; count += $3; if ($1 == 8) print 7, bytes, count; next} {print}' \
    apart.functions >merged.functions
want_same "small: equal functions, which are one in it, are the first of them" merged.functions \
    small.functions

# ---- in every command and export ----

for run in joined plain; do
    "$FROST" size -q --json $run.trace >$run.size
    "$FROST" calls -q --json --by=allocated --min 0 $run.trace >$run.calls
    for to in callgrind folded pprof dhat; do
        "$FROST" export -q --to=$to -o $run.$to $run.trace
    done
    for kind in size callgrind pprof; do
        figures $kind $run.$kind >got
        want_same "$run: $kind says the same" $run.functions got
    done
    sed 's/ [0-9]*$/ -/' $run.functions | awk '$2 > 0' >bytes
    for kind in folded calls; do
        figures $kind $run.$kind >got
        want_same "$run: $kind says the same" bytes got
    done
    want_text "$run: DHAT names the function that a string was first used in" $run.dhat \
        'app.lua:1 in function 1#9'
done
want_status "hot spots" 0 "$FROST" hot plain.trace
want_text "name it, too" out "app.lua:1 in function 1#9"
want_status "holders" 0 "$FROST" heap joined.trace
want_text "of what the functions are" out "app.lua:1#4"
want_status "a listing of the image" 0 "$FROST" lfs dump plain.img
tap_is "has each function by its name" "2 3 4 5 6 7 8 9" \
    "$(sed -n 's/^function app.lua:1#\([0-9]*\) .*/\1/p' out | sort -n | paste -sd ' ' -)"
want_status "a listing of bytecode" 0 "$FROST" lfs dump app.lc
want_text "does, too" out "function app.lua:1#9"

# ---- where there is nothing to tell apart, names are as they were ----

"$FROST" size -q --json apart.trace >apart.size
tap_is "no number where one function begins on a line" 0 "$(grep -c '#' apart.size)"

cd "$ROOT" || exit 1
tap_done
