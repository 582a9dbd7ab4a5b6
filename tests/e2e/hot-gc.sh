#!/bin/sh
# What frost hot and frost gc predict is what a second run measures.
#
# Hot spots: the strings of a preload list are read in RAM in the first run and in flash in the
# second; what --if-moved says of the first is, to the character, what the second has more.
# Collector: the model of each mode of node.egc against a run in that mode.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"

# The value of a member in a row of JSON that has been cut out of a report: NAME ROW.
member() {
    printf '%s\n' "$2" | sed -n "s/.*\"$1\":\\(-\\{0,1\\}[0-9.]*\\).*/\\1/p"
}

# Says yes if the first number differs from the second by at most that share of it: A B PERCENT.
is_near() {
    awk "BEGIN { exit !($1 > 0 && $2 > 0 && $1 <= $2 * (1 + $3 / 100) && $1 >= $2 * (1 - $3 / 100)) }"
}

app=examples/sensor-node
want_status "profile" 0 "$FROST" profile --worlds 0 -q "$app" -o "$TAP_DIR/p"
"$FROST" hot --json --if-moved "$TAP_DIR/p/dummy_strings.lua" "$TAP_DIR/p/run1.trace" \
    >"$TAP_DIR/first.json"
"$FROST" hot --json "$TAP_DIR/p/run2.trace" >"$TAP_DIR/second.json"

# ---- reads of the strings that moved ----

kinds=0
met=0
for what in pattern "pattern subject" "plain find" format byte sub concat tonumber print compare \
    rep; do
    first=$(grep "^    {\"what\":\"$what\",\"who\"" "$TAP_DIR/first.json")
    second=$(grep "^    {\"what\":\"$what\",\"who\"" "$TAP_DIR/second.json")
    [ -n "$first$second" ] || continue
    now=$(member characters "$first")
    moved=$(member moved_characters "$first")
    kinds=$((kinds + 1))
    [ "${moved:-0}" -gt 0 ] && met=$((met + 1))
    tap_is "$what: predicted and measured" "$((${now:-0} + ${moved:-0}))" \
        "$(member characters "$second")"
done
[ "$kinds" -ge 6 ] && [ "$met" -ge 4 ] && tap_ok "enough kinds of reads were met" ||
    tap_not_ok "enough kinds of reads were met: $kinds, moved $met"

what="collector visit of a flash string"
first=$(grep "^    {\"what\":\"$what\",\"who\"" "$TAP_DIR/first.json")
second=$(grep "^    {\"what\":\"$what\",\"who\"" "$TAP_DIR/second.json")
predicted=$(awk "BEGIN { printf \"%d\", $(member moved_clocks "$first") / 190 }")
measured=$(($(member events "$second") - $(member events "$first")))
echo "# visits of moved strings: predicted at least $predicted, measured $measured"
# A string is visited for each object that refers to it; that there is one is what is predicted.
[ "$predicted" -le "$measured" ] && is_near "$predicted" "$measured" 10 &&
    tap_ok "visits of the moved strings" ||
    tap_not_ok "visits of the moved strings: $predicted, $measured"

# ---- a source with its counts ----

want_status "annotated source" 0 "$FROST" hot --annotate json.lua --source "$app" \
    "$TAP_DIR/p/run1.trace"
line=$(grep -n 'gsub' "$app/json.lua" | head -1 | cut -d: -f1)
grep -E "^ +[0-9,]+ .* $line  .*gsub" "$TAP_DIR/out" >/dev/null && tap_ok "its line of gsub" ||
    tap_not_ok "its line of gsub" "$TAP_DIR/out"
tap_is "all lines are there" "$(wc -l <"$app/json.lua")" \
    "$(sed -n '/^json.lua, line/,/^$/p' "$TAP_DIR/out" | grep -cE ' [0-9]+(  |$)')"

# ---- the modes of the collector ----

use() { # APPLICATION IMAGE
    rm -rf "$TAP_DIR/fs" "$TAP_DIR"/always-*.trace
    mkdir "$TAP_DIR/fs" && cp "$1/init.lua" "$TAP_DIR/fs"
    program=${1##*/} main=init.lua options="--lfs $2"
}
record() { # NAME HEAP MODE
    # shellcheck disable=SC2086 # options are words
    want_status "run with --egc $3 in $2" 0 "$FROST" record -q -o "$TAP_DIR/$1.trace" --heap "$2" \
        $options --egc "$3" "$TAP_DIR/fs/$main"
}

# What a mode is predicted to do, from a run in mode ALWAYS in the same heap, and what a run in that
# mode does. Highest point and visits may differ by PERCENT, which is 6 unless a program is known to
# be further off (README of analyzer/analysis/gc): there it is what was measured, rounded up.
compare_mode() { # PERCENT HEAP MODE ROW [OPTION]...
    percent=$1 heap=$2 mode=$3 words=$4
    shift 4
    [ -e "$TAP_DIR/always-$heap.trace" ] || record "always-$heap" "$heap" always
    record "mode" "$heap" "$mode"
    row=$("$FROST" gc -q --json "$@" "$TAP_DIR/always-$heap.trace" | grep -F "$words")
    totals=$("$FROST" gc -q --json "$TAP_DIR/mode.trace" | sed -n '/"totals"/,/}/p' | tr -d ' \n')
    for name in visited peak_bytes; do
        predicted=$(member "$name" "$row")
        measured=$(member "$name" "$totals")
        echo "# $mode in $heap, $name: predicted $predicted, measured $measured"
        is_near "${predicted:-0}" "${measured:-0}" "$percent" &&
            tap_ok "$program, $mode in $heap: $name within $percent %" ||
            tap_not_ok "$program, $mode in $heap: $name within $percent %: $predicted, $measured"
    done
    tap_is "$mode in $heap: no failure is predicted, and none came" 0 "$(member failures "$row")"
}
none='"mode":"NOT_ACTIVE"'
limit='"mode":"ON_MEM_LIMIT","limit_bytes":'
use "$app" "$TAP_DIR/p/lfs1.img"
compare_mode 6 64K none "$none"
compare_mode 10 60K failure '"mode":"ON_ALLOC_FAILURE"'
compare_mode 6 64K limit:36864 "${limit}36864" --mem-limit 36864
compare_mode 6 64K limit:40960 "${limit}40960" --mem-limit 40960
compare_mode 8 44K limit:-8192 "${limit}-8192" --mem-reserve 8192
compare_mode 6 64K limit:-12288 "${limit}-12288" --mem-reserve 12288
compare_mode 0 44K always '"mode":"ALWAYS"'
"$FROST" gc -q --json "$TAP_DIR/mode.trace" | grep -F '"mode":"ALWAYS"' >"$TAP_DIR/row"
want_text "what was recorded is not modelled" "$TAP_DIR/row" '"basis":"recorded"'

# Programs of which nothing was counted for the model.
app=examples/command-console
(cd $app && "$FROST" luac -f -o "$TAP_DIR/console.img" _init.lua [a-h]*.lua [j-z]*.lua >/dev/null)
use "$app" "$TAP_DIR/console.img"
compare_mode 6 64K limit:36864 "${limit}36864" --mem-limit 36864
compare_mode 6 44K limit:-8192 "${limit}-8192" --mem-reserve 8192

use_files() { # NAME HEAP DIRECTORY MAIN [OPTION]...: a program of files
    program=$1 heap=$2
    rm -rf "$TAP_DIR/fs" "$TAP_DIR"/always-*.trace
    cp -r "$3" "$TAP_DIR/fs"
    main=$4
    shift 4
    options=$*
}
for name in garden mqtt-node; do
    use_files $name 512K tests/e2e/apps/$name init.lua --duration 120000 \
        --world "$PWD/tests/e2e/apps/$name.world.lua" --firmware legacy
    compare_mode 6 512K none "$none"
    compare_mode 6 512K limit:30720 "${limit}30720" --mem-limit 30720
done
use_files lamp 512K examples lamp.lua --duration 60000 --world "$PWD/examples/lamp-world.lua"
compare_mode 6 512K none "$none"
for name in closures coroutines life hash; do
    use_files $name 512K tests/bench/programs $name.lua
    compare_mode 6 512K none "$none"
done
for name in environments metatables lookups programs; do
    use_files $name 512K tests/lua/language $name.lua
    compare_mode 6 512K none "$none"
    compare_mode 6 512K limit:-262144 "${limit}-262144" --mem-reserve 262144
done

# The pc profile waits longer from one cycle to the next. A heap that is just large enough.
if [ -e /usr/share/lua/5.1/argparse.lua ] && [ -e /usr/share/lua/5.1/inspect.lua ]; then
    export LUA_PATH="/usr/share/lua/5.1/?.lua"
    use_files inspect 4M tests/e2e/packages inspect.lua --profile pc
    compare_mode 6 4M none "$none"
    compare_mode 6 4M limit:64378 "${limit}64378" --mem-limit 64378
    use_files argparse 252K tests/e2e/packages argparse.lua --profile pc
    compare_mode 6 252K failure '"mode":"ON_ALLOC_FAILURE"'
    compare_mode 6 252K limit:-38707 "${limit}-38707" --mem-reserve 38707
    unset LUA_PATH
else
    tap_missing "inspect, argparse" "no Debian packages lua-inspect, lua-argparse"
fi

tap_done
