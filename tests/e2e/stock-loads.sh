#!/bin/sh
# What the model of stock firmware says of byte loads from flash is what was counted in its core,
# cause by cause.
#
# The whole: sensor-node in mode ALWAYS, all loads narrower than a word that the firmware's core did
# for it, counted under an emulator by the function that did them. Its parts: small programs whose
# loads follow from what gcc -O2 makes of that core for the chip, and from newlib's memcpy.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"

# Lines `KIND LOADS` of a trace, by the model.
loads_of() {
    "$FROST" hot --json "$1" |
        sed -n 's/^ *{"what":"\([^"]*\)","who".*"model_loads":\([0-9]*\).*/\1 \2/p'
}

# The sum of the kinds in a file of such lines: FILE KIND[,KIND]...
sum_of() {
    awk -v wanted=",$2," '{ loads = $NF; sub(/ [0-9]+$/, "") }
        wanted == ",all," || index(wanted, "," $0 ",") { sum += loads }
        END { printf "%d\n", sum }' "$1"
}

# ---- an application ----

want_status "profile" 0 "$FROST" profile --worlds 0 -q examples/sensor-node -o "$TAP_DIR/p"
loads_of "$TAP_DIR/p/run1.trace" >"$TAP_DIR/node"
while IFS=: read -r words counted kinds; do
    model=$(sum_of "$TAP_DIR/node" "$kinds")
    echo "# $words: counted $counted, model $model"
    awk "BEGIN { exit !($model <= $counted * 1.03 && $model >= $counted * 0.97) }" &&
        tap_ok "sensor-node, $words: within 3 %" ||
        tap_not_ok "sensor-node, $words: counted $counted, model $model"
done <<'END'
all loads:8292989:all
collector, strings:5988493:collector visit of a flash string
collector, functions:1686622:collector visit of a flash function
patterns:488370:pattern,pattern subject
calls:58632:call of a flash function
hashes:19116:hash,sub
comparisons with what is looked up:18826:intern
copies:12802:copy
stores:6995:store of a flash string
format:4980:format
luaL_addlstring:6694:buffer,rep,concat
closures:1206:closure of a flash function
END

# ---- each cause by itself ----

# What CODE in flash does in each turn of a loop, without the collector: NAME KINDS LOADS CODE.
mkdir "$TAP_DIR/fs"
one_turn() {
    printf 'return function(turns)\nlocal t = {}\nfor i = 1, turns do\n%s\nend\nend\n' "$4" \
        >"$TAP_DIR/work.lua"
    (cd "$TAP_DIR" && "$FROST" luac -f -o work.img work.lua) >/dev/null
    for turns in 1 9; do # the first turn makes strings that the others find
        echo "node.LFS.get('work')()($turns)" >"$TAP_DIR/fs/init.lua"
        "$FROST" record -q --egc none --lfs "$TAP_DIR/work.img" -o "$TAP_DIR/$turns.trace" \
            "$TAP_DIR/fs/init.lua" >"$TAP_DIR/out" 2>&1 || tap_not_ok "$1: runs" "$TAP_DIR/out"
        loads_of "$TAP_DIR/$turns.trace" >"$TAP_DIR/$turns"
    done
    got=$(($(sum_of "$TAP_DIR/9" "$2") - $(sum_of "$TAP_DIR/1" "$2")))
    tap_is "$1" "$(($3 * 8))" "$got"
}
stores="store of a flash string"
one_turn "a table's field" "$stores" 1 't[1] = "in flash"'
one_turn "table.insert" "$stores" 1 'table.insert(t, "in flash")'
one_turn "table.insert in front of two" "$stores" 5 'table.insert({"one", "two"}, 1, "new")'
one_turn "table.remove" "$stores" 5 'table.remove({"one", "two", "three"}, 1)'
one_turn "table.sort" "$stores" 5 'table.sort({"cc", "bb", "aa"})'
one_turn "rawset, key and value" "$stores" 2 'rawset({}, "key", "value")'
one_turn "comparing by <" compare 0 'local is_less = "in flash" < "in flesh"'
one_turn "copies by .." copy 4 'local s = "abcde" .. i .. "fgh"'
one_turn "table.concat, copies" copy 2 'local s = table.concat({"a", "b"}, ", ")'
one_turn "table.concat, separators" concat 2 'local s = table.concat({"a", "b"}, ", ")'
one_turn "a part, hashed" sub 3 'local s = ("abcdefgh"):sub(2, 4)'
one_turn "a part, compared where it is not aligned" intern 3 'local s = ("abcdefgh"):sub(2, 4)'
one_turn "a part, compared where it is aligned" intern 2 'local s = ("abcdefgh"):sub(1, 6)'
one_turn "a part that is new, copied" copy 1 'local s = ("abcdefghijklmnop"):sub(i, i + 4)
    collectgarbage()'
one_turn "a name that C looks up twice" hash 12 'local s = require("string")'
one_turn "a name of the library in flash" intern 2 'local is_number = type(i) == "number"'
one_turn "format: digits" format 12 'local s = string.format("%d:%d!", i, i)'
one_turn "format: width and precision" format 7 'local s = string.format("%5.1f", i)'
one_turn "format: flags" format 7 'local s = string.format("%-05d", i)'
one_turn "format: a text, its format" format 4 'local s = string.format("%s", "abcdefg")'
one_turn "format: a text, copied" copy 2 'local s = string.format("%s", "abcdefg")'
one_turn "format: %q" format 16 'local s = string.format("%q", "in \"f\"")'
one_turn "pattern with *" pattern 11 'local s = ("aab"):match("a*b")'
one_turn "its subject" "pattern subject" 5 'local s = ("aab"):match("a*b")'
one_turn "pattern with a set" pattern 21 'local s = ("x5"):find("[%a_]%d")'
one_turn "pattern with +" pattern 19 'local s = ("ab1"):match("%a+%d")'
one_turn "pattern with -" pattern 20 'local s = ("aab"):match(".-b")'
one_turn "gsub, pattern" pattern 17 'local s = ("abc"):gsub("b", "X")'
one_turn "gsub, subject" "pattern subject" 5 'local s = ("abc"):gsub("b", "X")'
one_turn "gsub, replacement" other 2 'local s = ("abc"):gsub("b", "X")'
one_turn "gsub, rest" buffer 2 'local s = ("abc"):gsub("a", "X", 1)'
one_turn "the mode of a weak table" other 6 'local t = setmetatable({}, {__mode = "k"}) collectgarbage()'
one_turn "rep" rep 6 'local s = ("ab"):rep(3)'
one_turn "plain find: words, then the last ones" "plain find" 6 'local s = ("abcdefghijkl"):find("kl", 1, true)'
one_turn "plain find: nothing there" "plain find" 4 'local s = ("abcdefghijkl"):find("zz", 1, true)'
one_turn "plain find: in a word that has it" "plain find" 12 'local s = ("aXaXaYbb"):find("aY", 1, true)'
one_turn "plain find: no special characters" "plain find,pattern" 12 'local s = ("abcdefghijkl"):find("ghi")'
one_turn "tonumber: twice, as isnumber and tonumber" tonumber 12 'local n = tonumber("21.5")'
one_turn "tonumber: blanks" tonumber 12 'local n = tonumber(" 12 ")'
one_turn "tonumber: an exponent" tonumber 10 'local n = tonumber("1e5")'
one_turn "tonumber: hexadecimal" tonumber 12 'local n = tonumber("0x1F")'
one_turn "tonumber: with a base" tonumber 4 'local n = tonumber("ff", 16)'
one_turn "tonumber: no number" tonumber 1 'local n = tonumber("sensors")'
one_turn "an operand that is a text" tonumber 4 'local n = "10" + i'
one_turn "the name of the chunk in an error" copy 11 'pcall(function() error("boom") end)'
one_turn "the same of a text that does not compile" copy 20 'local f = loadstring("return +")'
one_turn "of one that fails as it runs" copy 26 'pcall(loadstring("x = nil + 1"))'
names="field of a flash function, for the name of a value"
one_turn "an error that names nothing" "$names" 4 'pcall(function() local a; return a.b end)'
one_turn "an error that names a field" "$names" 5 'pcall(function() return t.x.y end)'
one_turn "a call, a closure, varargs" \
    "call of a flash function,closure of a flash function,vararg in a flash function" 6 \
    '(function(...) return ... end)(1)'

tap_done
