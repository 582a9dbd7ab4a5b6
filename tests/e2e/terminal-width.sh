#!/bin/sh
# Sentences fit the terminal: titles, notes, findings, help. In a pipe they are one line each. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" python3

"$FROST" record -q -o "$TAP_DIR/run.trace" -e 'local t = {}
for i = 1, 300 do t[i % 7] = {string.format("text number %d of many", i)} end error("a long message that says what went wrong in words")' \
    2>/dev/null
"$FROST" luac -f -o "$TAP_DIR/a.img" examples/sensor-node/config.lua >/dev/null

fits() { # NAME LINES COLUMNS COMMAND...: LINES more, or at least none less
    name=$1 lines=$2 columns=$3
    shift 3
    if want_status "$name at $columns" 0 python3 tests/e2e/terminal-width.py "$columns" "$@"; then
        more=$(cat "$TAP_DIR/out")
        [ "$more" -ge "$lines" ] && tap_ok "$name at $columns: $more lines more" ||
            tap_not_ok "$name at $columns: $more lines more, not $lines"
    fi
}

for columns in 60 80; do
    for command in gc strings size; do
        fits "$command" 1 $columns "$FROST" $command "$TAP_DIR/run.trace"
    done
    fits "hot" 1 $columns "$FROST" hot "$TAP_DIR/run.trace"
    fits "lfs ls" 0 $columns "$FROST" lfs ls "$TAP_DIR/a.img"
done
fits "gc, very wide" 0 400 "$FROST" gc "$TAP_DIR/run.trace"
for command in $("$FROST" help | sed -n '/^commands/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    fits "help $command" 1 50 "$FROST" help "$command"
    "$FROST" help "$command" | awk 'length > 80' >"$TAP_DIR/long"
    tap_is "help $command: 80 columns elsewhere" "" "$(cat "$TAP_DIR/long")"
done

# Not on a terminal: one line each.
"$FROST" gc -q "$TAP_DIR/run.trace" >"$TAP_DIR/gc"
tap_is "in a pipe nothing is broken" 0 "$(grep -c '^  [a-z].*[a-z] [a-z]* of what VM' "$TAP_DIR/gc")"
[ "$(awk 'length > 132 && /^finding/' "$TAP_DIR/gc" | wc -l)" -ge 1 ] && tap_ok "a finding is one line" ||
    tap_not_ok "a finding is one line" "$TAP_DIR/gc"
tap_done
