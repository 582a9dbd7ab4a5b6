#!/bin/sh
# frost record --loads: no read of flash by-passes the helpers. Every load of the compiled runtime
# from flash is of a whole word, or of a character that a probe accounts for.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

vm=$O/libexec/frost/frostvm-float-traced
[ -x "$vm" ] || tap_skip_all "no traced runtime: needs gcc, and no sanitizer"

cat >"$TAP_DIR/work.lua" <<'END'
local text = "a text that lies in flash, with the numbers 123 and 456 in it, and somewhat long"
local count = 0
for word in text:gmatch("%w+") do count = count + #word end
print(count, text:byte(1, 10), text:upper(), text:rep(2), text:reverse())
print(text:find("123", 1, true), text:find("num%a+"), text:gsub("(%d+)", "<%1>"))
print(text:sub(3, 9), text:sub(5), text:match("^(.-),"), text:match("with (.*)$"))
print(("%s|%q|%-8s|%d"):format(text, text, "short", 5), tonumber("12345"), "12345" + 1)
print(text < "a text that lies elsewhere", text == "a text" .. " that", #text)
local list = {}
for i = 1, 5 do list[i] = "item number " .. i end
print(table.concat(list, ", and then "), pcall(error, "some error message"))
local function vararg(...) return select("#", ...), ... end
print(vararg(1, "constant two", 3), (function(a, b) return b end)(1, "second argument"))
print(pcall(function() local x; return x.y end))
local t = setmetatable({}, {__index = function(_, k) return "made for " .. k end})
for _, name in ipairs { "first name", "second name" } do
    t["field " .. name] = name
    print(t[name], rawget(t, "field " .. name), type(name), tostring(name))
end
print(next({ ["a key in flash"] = "its value" }), node.heap() > 0, tmr ~= nil, string.nothing)
collectgarbage()
END
cat >"$TAP_DIR/co.lua" <<'END'
local text = "characters that only the coroutine looks at"
local co = coroutine.wrap(function()
    coroutine.yield()
    local first = text:byte(1, 20) -- line 4
    return first
end)
co()
co()
END

record() { # trace options...
    trace=$1
    shift
    "$FROST" record -q -o "$trace" --lfs "$TAP_DIR/app.img" "$@" >"$trace.out" 2>&1
}
want_status "builds the image" 0 "$FROST" luac -f -o "$TAP_DIR/app.img" \
    "work=$TAP_DIR/work.lua" "co=$TAP_DIR/co.lua"

# ---- the same program, the same events ----

record "$TAP_DIR/traced" --loads -e "node.LFS.work()"
tap_is "the traced run ends well" 0 $?
record "$TAP_DIR/probed" -e "node.LFS.work()"
tap_is "the probed run ends well" 0 $?
want_same "both print the same" "$TAP_DIR/probed.out" "$TAP_DIR/traced.out"
claims() { # trace: the sums of its counters
    "$FROST" trace dump "$1" | awk '$2 == "content_read" || $2 == "vm_event" {
        n = $0; sub(/.*times=/, "", n)
        key = $0; sub(/ times=.*/, "", key); sub(/^[0-9]* /, "", key); sub(/ site=[0-9]*/, "", key)
        sum[key] += n } END { for (key in sum) print key, sum[key] }' | sort
}
claims "$TAP_DIR/probed" >"$TAP_DIR/probed.sums"
claims "$TAP_DIR/traced" >"$TAP_DIR/traced.sums"
want_same "probes claim the same reads in both" "$TAP_DIR/probed.sums" "$TAP_DIR/traced.sums"
tap_is "and some" yes "$([ "$(wc -l <"$TAP_DIR/probed.sums")" -gt 40 ] && echo yes)"

# ---- every narrow load is accounted for ----

# Functions that read characters of flash which no probe claims, with the reason.
cat >"$TAP_DIR/listed" <<'END'
append the name of a chunk, once per error message (runtime/core/debug.c)
debug_chunk_id the first character of that name (runtime/core/debug.c)
END
"$FROST" trace dump "$TAP_DIR/traced" | awk -f tests/e2e/loads.awk >"$TAP_DIR/verdict"
tap_is "instructions and constants are loaded by words" yes \
    "$(awk '$1 == "wide" && $2 > 1000 { print "yes" }' "$TAP_DIR/verdict")"
tap_is "characters are loaded one by one" yes \
    "$(awk '$1 == "narrow" && $2 > 500 { print "yes" }' "$TAP_DIR/verdict")"
grep '^excess' "$TAP_DIR/verdict" >"$TAP_DIR/excess"
[ -s "$TAP_DIR/excess" ] && tap_not_ok "no text is read more often than claimed" "$TAP_DIR/excess" ||
    tap_ok "no text is read more often than claimed"
: >"$TAP_DIR/bypass"
grep '^stray' "$TAP_DIR/verdict" | while read -r _ pc width times addr; do
    place=$(addr2line -f -e "$vm" "$pc" | tr '\n' ' ')
    grep -q "^${place%% *} " "$TAP_DIR/listed" ||
        echo "$times loads of $width bytes at $addr by $place" >>"$TAP_DIR/bypass"
done
[ -s "$TAP_DIR/bypass" ] && tap_not_ok "no read by-passes the helpers" "$TAP_DIR/bypass" ||
    tap_ok "no read by-passes the helpers"

# The test sees a by-pass: without the claims of upper() there is one.
"$FROST" trace dump "$TAP_DIR/traced" |
    awk '!/content_read/ || /function="other"/' | awk -f tests/e2e/loads.awk >"$TAP_DIR/blind"
tap_is "without claims it fails" yes \
    "$(awk '$1 == "stray" && $3 == 1 { n++ } END { if (n > 20) print "yes" }' "$TAP_DIR/blind")"

# ---- names ----

"$FROST" hot "$TAP_DIR/traced" --json >"$TAP_DIR/hot.json"
want_text "lines of C have names" "$TAP_DIR/hot.json" '"c_line":"runtime/lib/string'
want_text "so have the functions" "$TAP_DIR/hot.json" '"function":"string_byte"'
record "$TAP_DIR/co" --loads -e "node.LFS.co()"
"$FROST" hot "$TAP_DIR/co" --json >"$TAP_DIR/co.json"
want_text "a load in a coroutine has the coroutine's line" "$TAP_DIR/co.json" \
    ':4 (string.byte)"'
cp -r "$TAP_DIR/traced" "$TAP_DIR/other"
sed 's/"build_id": "..../"build_id": "0000/' "$TAP_DIR/traced/.frost/run.json" \
    >"$TAP_DIR/other/.frost/run.json"
want_status "a trace of another build can be analysed" 0 "$FROST" hot "$TAP_DIR/other"
want_text "and is warned of" "$TAP_DIR/out" "is not the VM that was recorded"
tap_is "without lines of C" 0 "$(grep -c 'by C line' "$TAP_DIR/out")"

# ---- the integer build ----

"$FROST" luac -f -I -o "$TAP_DIR/int.img" "work=$TAP_DIR/work.lua" >/dev/null 2>&1 ||
    "$O/libexec/frost/frostluac-integer" -f -o "$TAP_DIR/int.img" "work=$TAP_DIR/work.lua" \
        >/dev/null 2>&1
want_status "the integer build counts loads, too" 0 "$FROST" record -q --integer --loads \
    -o "$TAP_DIR/integer" --lfs "$TAP_DIR/int.img" -e "node.LFS.work()"
"$FROST" trace dump "$TAP_DIR/integer" | awk -f tests/e2e/loads.awk >"$TAP_DIR/verdict"
tap_is "by words" yes "$(awk '$1 == "wide" && $2 > 1000 { print "yes" }' "$TAP_DIR/verdict")"

tap_done
