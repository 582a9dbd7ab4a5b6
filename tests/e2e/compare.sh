#!/bin/sh
# `frost compare`: an application from RAM and from LFS, each with and without a list, on the same
# inputs; traces side by side. Do the figures agree with other commands, and is what is recommended the
# best? Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

cell() { # REPORT VARIANT COLUMN
    sed -n 's/.*"variant":"'"$2"'",.*"'"$3"'":\([-0-9.]*\),.*/\1/p' "$1"
}
same_peak() { # VARIANT TRACE: as frost strings says
    want=$("$FROST" size --json "$TAP_DIR/out1/$2" | sed -n 's/^  "peak_bytes": \([0-9]*\).*/\1/p')
    tap_is "$1: the highest point that frost size finds" "$want" "$(cell "$TAP_DIR/out1/report.json" "$1" peak_bytes)"
}

# ---- an application ----

want_status "an application" 0 "$FROST" compare -o "$TAP_DIR/out1" \
    --world tests/e2e/apps/mqtt-node.world.lua tests/e2e/apps/mqtt-node
report=$TAP_DIR/out1/report.json
tap_is "six ways" "as it is;from LFS;from LFS, with the list;as it is, with the list in LFS;as it is, with the freezer;from LFS, with list and freezer;" \
    "$(sed -n 's/^    {"variant":"\([^"]*\)".*/\1/p' "$report" | tr '\n' ';')"
tap_is "five are replays" 5 "$(grep -c '"inputs":"replayed"' "$report")"
same_peak "as it is" run0.trace
same_peak "from LFS" run1.trace
same_peak "from LFS, with the list" run2.trace
same_peak "as it is, with the list in LFS" run3.trace
same_peak "as it is, with the freezer" run4.trace
frozen=$("$FROST" trace dump -q --form=events "$TAP_DIR/out1/run4.trace" |
    sed -n 's/.* freeze_end .*flash_bytes=//p' | awk '{ sum += $1 } END { print sum }')
tap_is "the freezer's flash is counted" "$frozen" "$(cell "$report" "as it is, with the freezer" flash_bytes)"
tap_is "all end as the recording did" 6 "$(grep -c '^    {"variant":.*"ending":"by itself"' "$report")"
tap_is "no flash is read as it is" 0 "$(cell "$report" "as it is" characters)"
tap_is "nor taken" 0 "$(cell "$report" "as it is" flash_bytes)"
if [ "$(cell "$report" "from LFS" characters)" -gt 0 ]; then
    tap_ok "from LFS it is"
else
    tap_not_ok "from LFS it is" "$report"
fi
tap_is "saved is the difference" \
    "$(($(cell "$report" "as it is" peak_bytes) - $(cell "$report" "from LFS" peak_bytes)))" \
    "$(cell "$report" "from LFS" saved_bytes)"
# With equal heights that which takes less flash is recommended: the first of them here.
lowest=$(sed -n 's/^    {"variant":"\([^"]*\)",.*"peak_bytes":\([0-9]*\),.*/\2 \1/p' "$report" | sort -s -n -k1,1 | sed -n '1s/^[0-9]* //p')
want_text "the lowest is recommended" "$TAP_DIR/out" "Recommended: $lowest. "
for file in report.html summary.txt plots/ram_highest.tsv plots/flash.gp lfs2.img dummy_strings.lua; do
    [ -s "$TAP_DIR/out1/$file" ] || tap_not_ok "the result has $file"
done
want_text "plots name the ways" "$TAP_DIR/out1/plots/ram_highest.tsv" "	from LFS, with the list"
want_text "so does the page" "$TAP_DIR/out1/report.html" "<span>from LFS, with the list</span><div><i style="
want_text "and the JSON form" "$report" '"labels":["as it is","from LFS","from LFS, with the list"'
if command -v gnuplot >/dev/null; then
    want_text "they are drawn" "$TAP_DIR/out1/plots/ram_highest.svg" ">from LFS, with the list<"
else
    tap_missing "drawn plots" "no gnuplot"
fi
if command -v python3 >/dev/null; then
    want_status "the report conforms to its schema" 0 \
        python3 tests/support/schema.py reports/schema/compare.json "$report"
fi

# ---- it gains nothing, it has no room, it fails ----

mkdir "$TAP_DIR/small" "$TAP_DIR/large" "$TAP_DIR/fails"
echo 'print("hello")' >"$TAP_DIR/small/init.lua"
want_status "a program that gains nothing by an image" 0 "$FROST" compare -q -o "$TAP_DIR/out2" "$TAP_DIR/small"
want_text "is told to stay" "$TAP_DIR/out" "Recommended: "
{
    i=0
    echo 'local t = {}'
    while [ $i -lt 300 ]; do
        echo "t[#t + 1] = function(x) return x + $i, 'text number $i' end"
        i=$((i + 1))
    done
    echo 'print(#t)'
} >"$TAP_DIR/large/part.lua"
echo 'dofile("part.lua")' >"$TAP_DIR/large/init.lua"
want_status "a program without room as it is" 0 "$FROST" compare -q -o "$TAP_DIR/out3" "$TAP_DIR/large"
want_text "from LFS it has some" "$TAP_DIR/out" "as it is, it fails (The program failed"
tap_is "what it takes in a larger heap is shown" 1 "$(grep -c '^    {"variant":"as it is, heap of 128 KB"' "$TAP_DIR/out3/report.json")"
echo 'error("on purpose")' >"$TAP_DIR/fails/init.lua"
want_status "a program that fails" 1 "$FROST" compare -q -o "$TAP_DIR/out4" "$TAP_DIR/fails"
want_text "nothing is recommended" "$TAP_DIR/out" "there is nothing to recommend"

# ---- traces ----

want_status "two traces" 0 "$FROST" compare --json "$TAP_DIR/out1/run0.trace" "$TAP_DIR/out1/run2.trace"
tap_is "have the figures that the application had" "$(cell "$report" "from LFS, with the list" peak_bytes)" \
    "$(sed -n 's/.*run2.trace",.*"peak_bytes":\([0-9]*\),.*/\1/p' "$TAP_DIR/out")"
want_status "one trace" 2 "$FROST" compare "$TAP_DIR/out1/run0.trace"
want_status "nothing" 2 "$FROST" compare
want_status "no such directory" 4 "$FROST" compare -o "$TAP_DIR/out5" "$TAP_DIR/nowhere"
want_status "no trace" 4 "$FROST" compare "$TAP_DIR/nowhere" "$TAP_DIR/out1/run0.trace"
tap_done
