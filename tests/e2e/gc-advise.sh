#!/bin/sh
# `frost gc --advise`: an application in each mode of node.egc. Is the advice followed with the figures
# that it promises, and are modes that leave no room not advised? Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

TMPDIR=$TAP_DIR
export TMPDIR
world=tests/e2e/apps/mqtt-node.world.lua
app=tests/e2e/apps/mqtt-node

figure() { # REPORT MODE COLUMN
    sed -n 's/.*"mode":"'"$2"'",.*"'"$3"'":"*\([^,"}]*\).*/\1/p' "$1"
}

want_status "an application with sockets" 0 "$FROST" gc --advise --json --world $world $app
cp "$TAP_DIR/out" "$TAP_DIR/report"
report=$TAP_DIR/report
tap_is "six modes" 6 "$(grep -c '^    {"mode":' "$report")"
tap_is "all are the same run" 0 "$(grep -c 'not the same run\|the program fails' "$report")"
tap_is "sockets forbid to wait for a failure" "sockets find no memory" "$(figure "$report" ON_ALLOC_FAILURE verdict)"
tap_is "ALWAYS is possible, and dear" possible "$(figure "$report" ALWAYS verdict)"
want_text "a limit is advised" "$report" '"recommended": "node.egc.setmode(node.egc.ON_MEM_LIMIT, -12288)"'
tap_is "nothing is left" "" "$(cd "$TAP_DIR" && ls -d frost-gc-advice* 2>/dev/null)"
if command -v python3 >/dev/null; then
    want_status "the report conforms to its schema" 0 \
        python3 tests/support/schema.py reports/schema/gc-advice.json "$report"
fi

# ---- the advice is followed ----

want_status "the application with its list" 0 "$FROST" profile -q --worlds 0 --no-compare-dump \
    -o "$TAP_DIR/result" --world $world $app
tap_is "nor does a profile advise to wait for a failure" "node.egc.setmode(node.egc.ON_MEM_LIMIT, -12288)" \
    "$(sed -n 's/.*"kind":"collector","what":"\([^"]*\)".*/\1/p' "$TAP_DIR/result/report.json")"
mkdir "$TAP_DIR/device"
cp "$TAP_DIR/result/upload/init.lua" "$TAP_DIR/device"
for mode in always:ALWAYS limit:-12288:"ON_MEM_LIMIT, -12288"; do
    option=${mode%:*} name=${mode##*:}
    want_status "recorded with $name" 0 "$FROST" record -q -o "$TAP_DIR/$option.trace" --egc "$option" \
        --lfs "$TAP_DIR/result/upload/lfs.img" --fs "$TAP_DIR/device" --world $world init.lua
    tap_is "$name: the highest point that was promised" "$(figure "$report" "$name" peak_bytes)" \
        "$("$FROST" size --json "$TAP_DIR/$option.trace" | sed -n 's/^  "peak_bytes": \([0-9]*\).*/\1/p')"
    tap_is "$name: as many collections" "$(figure "$report" "$name" collections)" \
        "$("$FROST" gc --json "$TAP_DIR/$option.trace" | sed -n 's/^  "collections": \([0-9]*\).*/\1/p')"
done

# ---- what cannot be advised ----

mkdir "$TAP_DIR/fails" "$TAP_DIR/plain"
echo 'error("on purpose")' >"$TAP_DIR/fails/init.lua"
want_status "a program that fails" 1 "$FROST" gc --advise "$TAP_DIR/fails"
want_text "no mode can be tried" "$TAP_DIR/out" "no mode can be tried"
echo 'local t = {} for i = 1, 400 do t[i % 10] = ("x"):rep(i) end print(#t)' >"$TAP_DIR/plain/init.lua"
want_status "a program without sockets" 0 "$FROST" gc --advise "$TAP_DIR/plain"
want_text "some mode is advised" "$TAP_DIR/out" "recommended"
want_status "traces are no application" 2 "$FROST" gc --advise "$TAP_DIR/always.trace" "$TAP_DIR/plain"
want_status "no such directory" 4 "$FROST" gc --advise "$TAP_DIR/nowhere"
tap_done
