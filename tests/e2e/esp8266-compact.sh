#!/bin/sh
# --compact on the emulated chip: a program whose memory is in pieces runs on where it runs out of memory
# otherwise, and prints what it prints on the computer. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

# Every second of the short lists goes; a long one is to take their place. Coroutines that are suspended, open
# upvalues and a traversal have parts that move.
cat >"$TAP_DIR/pieces.lua" <<'END'
local keep, cos = {}, {}
for i = 1, 4 do
    local n = 0
    cos[i] = coroutine.wrap(function() while true do n = n + i coroutine.yield(n) end end)
    cos[i]()
end
for i = 1, 80 do
    local t = {}
    for j = 1, 8 do t[j] = i * j end
    keep[i] = t
end
for i = 1, 80, 2 do keep[i] = nil end
collectgarbage()
local sum, long = 0, {}
for k, t in pairs(keep) do
    if k == 10 then for i = 1, SIZE do long[i] = i end end
    sum = sum + t[8]
end
for i = 1, 4 do sum = sum + cos[i]() end
print(#long, sum, node.egc.spaces().compacts > 0)
END
for build in "" --integer; do
    heap=34K
    [ -z "$build" ] || heap=26K
    want_status "$heap $build: not enough memory" 1 "$FROST" run $build --esp8266 --heap $heap -e 'SIZE = 1000' "$TAP_DIR/pieces.lua"
    want_text "... which is said" "$TAP_DIR/err" "not enough memory"
    want_status "$heap $build --compact: enough" 0 "$FROST" run $build --esp8266 --heap $heap --compact -e 'SIZE = 1000' "$TAP_DIR/pieces.lua"
    printf '1000\t13140\ttrue\n' >"$TAP_DIR/want"
    want_same "... with the right result, after a compaction" "$TAP_DIR/want" "$TAP_DIR/out"
    "$FROST" run $build --heap $heap --compact -e 'SIZE = 1000' "$TAP_DIR/pieces.lua" >"$TAP_DIR/host" 2>&1
    want_same "... as on the computer" "$TAP_DIR/host" "$TAP_DIR/out"
done

# Before memory is short: a heap that is split is seen to by the next allocation.
for option in "" --compact; do
    want=false
    [ -z "$option" ] || want=true
    "$FROST" run --esp8266 --heap 44K $option -e 'SIZE = 1000' "$TAP_DIR/pieces.lua" >"$TAP_DIR/out" 2>&1
    tap_is "44K $option: a compaction where the heap is split" "1000	13140	$want" "$(cat "$TAP_DIR/out")"
done

# The language, all of it with --compact.
for script in coroutines closures tables; do
    [ -f tests/lua/language/$script.lua ] || continue
    "$FROST" run --esp8266 --compact --fs tests/lua/language $script.lua 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g' >"$TAP_DIR/chip"
    "$FROST" run --fs tests/lua/language $script.lua 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g' >"$TAP_DIR/host"
    want_same "$script" "$TAP_DIR/host" "$TAP_DIR/chip"
done
tap_done
