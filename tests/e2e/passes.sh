#!/bin/sh
# How often each command reads a trace from its beginning, as the reader counts it (-v): once to see
# of what firmware it is, once for all analyses together, and once more where texts were dropped.
. tests/support/tap.sh
cd "$TAP_DIR" || exit 1

# Many texts that die: the table of texts drops some, so that they are counted again.
cat >many.lua <<'EOF'
local kept = {}
for i = 1, 140000 do
    local text = "number " .. i
    if i % 1400 == 0 then kept[#kept + 1] = text:upper() end
end
print(#kept)
EOF
echo 'print(("a constant"):upper())' >few.lua
for name in many few; do
    want_status "record $name" 0 "$FROST" record -q --profile pc -o "$name.trace" "$name.lua"
done

# usage: passes NAME PASSES COMMAND...   it reads its trace that often
passes() {
    name=$1 wanted=$2
    shift 2
    "$FROST" "$@" -v >out 2>err
    tap_is "$name: passes" "$wanted" \
        "$(sed -n 's/^frost .*: read traces from their beginning \([0-9]*\) times$/\1/p' err)"
}

passes strings 2 strings few.trace
passes 'strings, texts dropped' 3 strings many.trace
passes report 3 report few.trace -o few.report
passes 'report, texts dropped' 4 report many.trace -o many.report
passes hot 2 hot few.trace
passes gc 2 gc few.trace
passes size 2 size few.trace
passes export 2 export --to=folded few.trace
passes 'strings --check' 2 strings few.trace --check few.lua
# Each is read twice for the list of both, and twice for the list of each alone.
passes "two traces, each left out once" 8 strings few.trace few.trace
tap_done
