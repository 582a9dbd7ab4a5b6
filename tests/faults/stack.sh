#!/bin/sh
# A C stack that is used up ends the run with a traceback and status 4, and what was recorded till
# then is whole. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"

cat >"$TAP_DIR/deep.lua" <<'EOF2'
local function deep(n)
    if n == 0 then return "bottom" end
    return (("a"):gsub("a", function() return deep(n - 1) end))
end
print("begun")
print(pcall(deep, 180))
EOF2
for profile in pc nodemcu; do
    want_status "$profile: 64 KB do not do: status 4" 4 \
        "$FROST" run --profile $profile --heap 512K --stack 64K "$TAP_DIR/deep.lua"
    want_text "$profile: what was printed before is there" "$TAP_DIR/out" "begun"
    want_text "$profile: it says what happened" "$TAP_DIR/err" "C stack overflow"
    want_text "$profile: and where" "$TAP_DIR/err" "deep.lua:3"
    want_status "$profile: the usual stack does" 0 \
        "$FROST" run --profile $profile --heap 512K "$TAP_DIR/deep.lua"
    want_text "$profile: to the bottom" "$TAP_DIR/out" "bottom"
done
want_status "recorded: the same status" 4 \
    "$FROST" record -o "$TAP_DIR/deep.trace" --profile pc --stack 64K "$TAP_DIR/deep.lua"
want_status "the trace is read" 0 "$FROST" gc --json "$TAP_DIR/deep.trace"
want_text "no event is lost" "$TAP_DIR/out" \
    '{"events_discarded":0,"packets_lost":0,"blocks_lost":0,"bytes_cut":0,"runs_unfinished":0}'
tap_done
