#!/bin/sh
# dummy_strings.lua as a file that somebody keeps: it is the same for the same runs, tells where its
# strings come from, keeps what a person has written into it, and is a gate. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" luac5.1
root=$PWD
cd "$TAP_DIR" || exit 1

cat >app.lua <<'END'
local kept = {}
for i = 1, 8 do kept[i] = "a constant of " .. ("the program "):rep(2) .. ({"a", "b"})[i % 2 + 1] end
for _, name in ipairs({"north", "south", "east", "west"}) do kept[#kept + 1] = "direction/" .. name .. "/status" end
if extra then kept[#kept + 1] = "only with more " .. "to do" end
for i = 1, 300 do kept[i + 100] = i end -- so that the highest point is here
local held = kept
function alive() return held end
END
want_status "a run" 0 "$FROST" record -q -o one app.lua
want_status "another" 0 "$FROST" record -q -o two -e "extra = true" app.lua
want_status "a list" 0 "$FROST" strings -q -o list.lua one
want_status "again" 0 "$FROST" strings -q -o again.lua one
want_same "it is the same" list.lua again.lua
want_status "Lua compiles it" 0 luac5.1 -p list.lua
want_text "sources and module" list.lua "-- device in app.lua: "
want_text "one string a line, with its line" list.lua '    "direction/east/status", -- line 3, 38 bytes'
want_text "how it is made again" list.lua "-- Made again by: frost strings -o dummy_strings.lua, of these runs"
sed 's/"name": "nodemcu-3.0"/"name": "mine"/' "$root/analyzer/models/nodemcu-3.0.json" >"it's mine.json"
want_status "with options" 0 "$FROST" strings -q --budget 4K --exclude=Zq7 --no-include-input \
    --model "$TAP_DIR/it's mine.json" -o options.lua one
want_text "with these; no directory, nothing that is excluded" options.lua \
    "-- Made again by: frost strings --budget=4K --exclude=... --no-include-input --model='it'\\''s mine.json' -o dummy"
sed -n "s/^-- Made again by: frost strings \(.*\) -o dummy_strings.lua.*/\1/p" options.lua | sed 's/--exclude=... //' >again.txt
want_status "a shell takes them" 0 sh -c "\"$FROST\" strings -q $(cat again.txt) -o again2.lua one"
for list in options again2; do grep -v "^--" $list.lua >$list.body; done
want_same "and they make the same list" options.body again2.body
sed -n '/^    "direction/s/,.*//p' list.lua >order
LC_ALL=C sort order >sorted
want_same "in the order of the texts" sorted order

# ---- what a person has written ----

sed 's/^do return end.*/&\ndo local preload = "mine, 1", "mine, \\"2\\"" end -- own/' list.lua |
    sed 's|^    "direction/east/status".*|-- not "direction/east/status"|' >kept.lua
want_status "updated by the other run" 0 "$FROST" strings --update kept.lua two
want_text "says what changed" err "1 strings are new, 0 are gone, 2 your own, 1 left out by you"
want_text "an addition stays" kept.lua 'do local preload = "mine, 1" end -- own'
want_text "with its quotes" kept.lua '"mine, \"2\"" end -- own'
want_text "a removal stays" kept.lua '-- not "direction/east/status"'
tap_is "and is in the list no more" 1 "$(grep -c direction/east kept.lua)"
want_text "the new string is there" kept.lua '    "only with more to do"'
want_status "Lua compiles that" 0 luac5.1 -p kept.lua
cp kept.lua before.lua
want_status "once more" 0 "$FROST" strings -q --update kept.lua two
want_same "nothing changes" before.lua kept.lua
want_status "no such list" 4 "$FROST" strings --update nowhere.lua two
printf 'local t = "no end\n' >damaged.lua
want_status "a damaged one" 3 "$FROST" strings --update damaged.lua two
tap_is "stays as it was" 'local t = "no end' "$(cat damaged.lua)"
want_status "two ways at once" 2 "$FROST" strings --update kept.lua -o - two

# ---- each run left out once ----

want_status "of two runs" 0 "$FROST" strings --json one two
# All but what the other run does not have.
tap_is "what the other's list saves in each" "yes yes " "$(sed -n \
    's/.*"saved_bytes":\([0-9]*\),.*"left_out_bytes":\([0-9]*\).*/\1 \2/p' out |
    awk '{ printf "%s ", ($2 <= $1 && $2 >= 0.9 * $1) ? "yes" : "no" }')"
for run in 1 2 3 4 5 6 7 8 9; do want_status "run $run" 0 "$FROST" record -q -o "many$run" -e "extra = $run > 4" app.lua; done
want_status "of nine runs" 0 "$FROST" strings --json many1 many2 many3 many4 many5 many6 many7 many8 many9
tap_is "each is left out once, more than one replay has room for" 9 "$(grep -c '"left_out_bytes":[1-9]' out)"
want_status "of one run" 0 "$FROST" strings --json one
tap_is "there is no other" 0 "$(grep -c left_out_bytes out)"

# ---- a gate ----

saved=$("$FROST" strings --json one | sed -n 's/.*"saved_bytes": \([0-9]*\),*/\1/p' | head -n 1)
want_status "as much as it saves" 0 "$FROST" strings --check list.lua --min-saved "$saved" one
want_status "more than it saves" 1 "$FROST" strings --check list.lua --min-saved $((saved + 1)) one
want_status "another run" 0 "$FROST" strings --check list.lua --min-saved $((saved / 2)) two
echo 'return {"nothing of it"}' >poor.lua
want_status "a poor list" 1 "$FROST" strings --check poor.lua --min-saved 100 two
want_status "a gate without a list" 2 "$FROST" strings --min-saved 100 two
tap_done
