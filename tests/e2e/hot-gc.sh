#!/bin/sh
# What frost hot and frost gc predict is what a second run measures.
#
# Hot spots: the strings of a preload list are read in RAM in the first run and in flash in the
# second; what --if-moved says of the first is, to the character, what the second has more.
# Collector: the model of a mode of node.egc against a run in that mode.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"

# The value of a member in a row of JSON that has been cut out of a report: NAME ROW.
member() {
    printf '%s\n' "$2" | sed -n "s/.*\"$1\":\\(-\\{0,1\\}[0-9.]*\\).*/\\1/p"
}

# Says yes if the two numbers differ by at most 40 %.
is_near() {
    awk "BEGIN { a = $1; b = $2; exit !(a > 0 && b > 0 && a <= 1.4 * b && b <= 1.4 * a) }"
}

app=examples/sensor-node
want_status "profile" 0 "$FROST" profile -q "$app" -o "$TAP_DIR/p"
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
is_near "$predicted" "$measured" && tap_ok "visits of the moved strings" ||
    tap_not_ok "visits of the moved strings: $predicted, $measured"

# ---- a source with its counts ----

want_status "annotated source" 0 "$FROST" hot --annotate json.lua --source "$app" \
    "$TAP_DIR/p/run1.trace"
line=$(grep -n 'gsub' "$app/json.lua" | head -1 | cut -d: -f1)
grep -E "^ +[0-9,]+ .* $line  .*gsub" "$TAP_DIR/out" >/dev/null && tap_ok "its line of gsub" ||
    tap_not_ok "its line of gsub" "$TAP_DIR/out"
tap_is "all lines are there" "$(wc -l <"$app/json.lua")" \
    "$(sed -n '/^json.lua, line/,/^$/p' "$TAP_DIR/out" | grep -cE ' [0-9]+(  |$)')"

# ---- a mode of the collector ----

mkdir "$TAP_DIR/fs" && cp "$app/init.lua" "$TAP_DIR/fs"
want_status "run with a limit" 0 "$FROST" record -q -o "$TAP_DIR/limit.trace" \
    --lfs "$TAP_DIR/p/lfs1.img" --egc limit:-8192 "$TAP_DIR/fs/init.lua"
"$FROST" gc --json --mem-reserve 8192 "$TAP_DIR/p/run1.trace" >"$TAP_DIR/gc.json"
"$FROST" gc --json "$TAP_DIR/limit.trace" >"$TAP_DIR/limit.json"
row=$(grep '"mode":"ON_MEM_LIMIT","limit_bytes":-8192' "$TAP_DIR/gc.json")
totals=$(sed -n '/"totals"/,/}/p' "$TAP_DIR/limit.json" | tr -d ' \n')
for pair in visited:visited peak_bytes:peak_bytes; do
    predicted=$(member "${pair%:*}" "$row")
    measured=$(member "${pair#*:}" "$totals")
    echo "# ${pair%:*}: predicted $predicted, measured $measured"
    is_near "$predicted" "$measured" && tap_ok "limit -8192, ${pair%:*}" ||
        tap_not_ok "limit -8192, ${pair%:*}: $predicted, $measured"
done

tap_done
