#!/bin/sh
# frost lint: each rule finds what it is for and nothing else, its advice helps, comments allow
# findings, JSON and SARIF; damaged input. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
cd "$TAP_DIR" || exit 1
ROOT=$OLDPWD

# One source: NAME STATUS RULE:LINE... ARGS after --. The source is standard input.
finds() {
    finds_name=$1 finds_status=$2 finds_wanted=
    shift 2
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        finds_wanted="$finds_wanted $1"
        shift
    done
    [ $# = 0 ] || shift
    cat >one.lua
    want_status "$finds_name" "$finds_status" "$FROST" lint one.lua "$@"
    tap_is "$finds_name: what is found" "$(echo $finds_wanted)" \
        "$(sed -n 's/^one.lua:\([0-9]*\):.*\[\(.*\)\]$/\2:\1/p; s/^one.lua: .*\[\(.*\)\]$/\1:0/p' "$TAP_DIR/out" | paste -sd ' ' -)"
}
numbers() { # HOW_MANY WORD: WORD1, WORD2, ...
    seq -s, 1 "$1" | sed "s/\([0-9]*\)/$2\1/g"
}

finds "a clean module" 0 <<'LUA'
local M = {}
function M.add(a, b) return a + b end
function M.find(s) return s:find("plain") end
return M
LUA

# ---- mending ----

mkdir mend
cat >mend/shell.lua <<'LUA'
#!/usr/bin/env lua -- "%a+"
(function(f) package.loaded["shell"] = f end)(function(s) return select(2, s:gsub("%a+", "%0")) end)
LUA
cat >mend/words.lua <<'LUA'
local M = {}
local digits, comment = "%d+", [[%d+]] -- "%d+" stays in a comment
local names = {
  "%a+",
  ["%d+"] = 1,
}
function M.count(text)
  local n = 0
  for word in text:gmatch"%a+" do n = n + #word end
  return n, text:match '%d+', names["%d+"], names[1] == "%a+", digits == comment
end
function M.odd(f, s)
  return (f
  "%a+"), s:find("plain"), s:find("%d+", 1, true)
end
return M
LUA
cat >mend/other.lua <<'LUA'
return function(s) return (s:gsub("%d+", "%%a+")), s:match("%d+%d+") end
LUA
cat >use.lua <<'LUA'
package.path = arg[1] .. "/?.lua"
local words, other = require("words"), require("other")
print(words.count("abc 12 def"))
print(words.odd(function(s) return s end, "plain %d+"))
print(other("a1b22"))
print(require("shell")("one two"))
LUA
cp -r mend kept
chmod 640 mend/words.lua
"$FROST" run --profile pc use.lua kept >before
want_status "mends" 0 "$FROST" lint --fix mend
want_text "and says what" err 'mend/words.lua: literals that are made at run time now: 9'
tap_is "each text is made once" 1 "$(grep -c 'local frost_texts = {.*}; local M' mend/words.lua)"
tap_is "lines stay where they are" "$(wc -l <kept/words.lua)" "$(wc -l <mend/words.lua)"
tap_is "but where a parenthesis would be read as a call" 1 "$(grep -c '^  "%a+"), s:find' mend/words.lua)"
"$FROST" run --profile pc use.lua mend >after
want_same "the program does the same" before after
tap_is "the file's mode stays" 640 "$(stat -c %a mend/words.lua)"
tap_is "comments stay" 1 "$(grep -c 'stays in a comment' mend/words.lua)"
cp mend/words.lua once.lua
"$FROST" lint --fix mend >/dev/null 2>&1
want_same "nothing is mended twice" once.lua mend/words.lua
"$FROST" luac -f -o mend.img mend/*.lua >luac.out 2>&1
"$FROST" lfs dump mend.img >dump
tap_is "no image of it holds the text" 0 "$(grep -c '"%d+"' dump)"

# ---- the freezer ----

finds "an upvalue that is assigned, in a program with a freezer" 0 freezer:3 freezer:8 <<'LUA'
local count, list = 0, {}
local function next_id()
  count = count + 1
  count = count * 2
  return count
end
local M = {id = next_id, add = function(x) list[#list + 1] = x end}
function M.reset() count = 0 end
return freezer.freeze(M)
LUA
want_text "the fix" out "keep 'count' in a field of a table that stays in RAM"
finds "without one" 0 <<'LUA'
local count = 0
return function() count = count + 1 return count end
LUA

# ---- limits of the firmware ----

finds "50 local variables" 0 <<LUA
local $(numbers 50 v)
LUA
finds "51 local variables" 1 limit:2 <<LUA
local $(numbers 51 v)
LUA
want_text "the fix" out 'keep some in a table'
{ for i in $(seq 60); do echo "local v$i = $i"; done; echo 'function f() x = 1 end'; } >many
finds "what is wrong besides is found, too" 1 limit:51 global-write:61 <many
finds "249 strings in a list" 0 <<LUA
local preload = $(numbers 248 \"s | sed 's/,/",/g')"
LUA
finds "300 strings in a list" 1 limit:1 <<LUA
local preload = $(numbers 300 \"s | sed 's/,/",/g')"
LUA
finds "no Lua" 1 syntax:2 <<'LUA'
local a =
LUA
finds "a long name of a file" 1 name-length:2 <<'LUA'
file.open("a/name/of/31/characters/is/fine")
file.open("a/name/of/32/characters/is/no/ok")
LUA

# ---- globals ----

finds "globals" 1 global-write:4 global-write:6 -- --disable pattern-in-flash <<'LUA'
meant_for_all = 0
local function f()
    meant_for_all = 1
    forgotten = 2
    forgotten = 3
    shared = 4
end
local function g() return shared, f end
return g
LUA
want_text "one of a function" out "global 'forgotten' is used in this function alone"
want_text "one of several" out "global 'shared' is written in functions alone"

# ---- modules of the firmware ----

finds "modules of frost's own runtime" 1 absent-module:2 <<'LUA'
gpio.write(1, gpio.HIGH)
u8g2.begin()
LUA
finds "of a build" 1 absent-module:2 -- --modules file,u8g2,tmr <<'LUA'
u8g2.begin()
gpio.write(1, gpio.HIGH)
local net = require "net"
LUA
cat >user_modules.h <<'H'
#define LUA_USE_MODULES_FILE
//#define LUA_USE_MODULES_GPIO
#define LUA_USE_MODULES_SJSON // with a remark
H
finds "of user_modules.h" 1 absent-module:2 -- --modules user_modules.h <<'LUA'
file.open("x") sjson.encode({})
gpio.write(1, gpio.HIGH)
LUA
finds "a module of one's own is none of the firmware's" 0 -- --modules file <<'LUA'
net = {}
net.send(1)
LUA

# ---- calls of older firmware ----

finds "calls that 3.0 no longer has" 1 old-form:1 old-form:1 old-form:2 old-form:5 -- --disable global-write <<'LUA'
tmr.alarm(1, 500, 0, function() print(cjson.decode("[1]")[1]) end) tmr.alarm(2, 50, 0, print)
local stop = tmr.stop(1)
local json = cjson or sjson -- a program that asks
if tmr.stop then json.encode{} end
print(cjson.encode{})
LUA
want_text "say what 3.0 has" out "write tmr.create():alarm(...); frost runs it with --firmware=legacy"
want_text "of a module, too" out "'cjson' is of older firmware: 3.0 has it no more, it is nil"
finds "a table of one's own is none of the firmware's" 0 <<'LUA'
cjson = {encode = tostring}
print(cjson.encode(1))
LUA

# ---- patterns ----

finds "patterns" 1 pattern-in-flash:1 pattern-in-flash:2 pattern-in-flash:3 <<'LUA'
local a = string.match(..., "%d")
local b = a:gsub(".", "x")
local c = b:find("a+") or b:find("plain") or b:find("a-b", 1, true)
return c
LUA
finds "comments allow" 1 pattern-in-flash:5 pattern-in-flash:6 <<'LUA'
local a = string.match(..., "%d") -- frost: ignore pattern-in-flash
-- frost: ignore global-write, pattern-in-flash
local b = a:gsub(".", "x")
-- frost: ignore global-write
local c = b:gsub("%a", "x")
local d = c:gsub("%b()", "x") -- frost: ignore patterns
return d
LUA
want_text "and are counted" out 'allowed by comments: 2'
finds "in the whole file" 0 <<'LUA'
-- frost: ignore-file pattern-in-flash
return (...):match("%d"), (...):match("%s")
LUA

# The advice helps: nothing of the pattern is read from flash any more, but only if all modules follow.
mkdir app
cat >app/init.lua <<'LUA'
local work = node.LFS.get("main")()
local n = 0
for i = 1, 100 do n = n + work("abc 123 def 45" .. i) end
print(n)
LUA
cat >app/main.lua <<'LUA'
return function(text)
    local count = 0
    for digits in text:gmatch("(%d+)[^%d]") do count = count + #digits end
    return count
end
LUA
cat >app/other.lua <<'LUA'
return function(text) return string.match(text, "(%d+)[^%d]") end
LUA
pattern_reads() { # characters of flash that patterns read
    rm -rf run.trace
    (cd app && "$FROST" luac -f -o ../app.img main.lua other.lua) >build.out 2>&1
    "$FROST" record -q -o run.trace --lfs app.img app/init.lua >run.out
    "$FROST" hot run.trace --json |
        sed -n 's/.*"function":"\[C\]","what":"pattern".*"characters":\([0-9]*\).*/\1/p'
}
tap_is "patterns are read from flash" yes "$([ "$(pattern_reads)" -gt 10000 ] && echo yes)"
printed=$(cat run.out)
cat >follow.py <<'PYTHON'
import json, sys
for row in json.load(open(sys.argv[1]))["tables"]["findings"]["rows"]:
    if row["rule"] == "pattern-in-flash" and row["path"].endswith(sys.argv[2]):
        lines = open(row["path"]).read().split("\n")
        expression = row["fix"].split("local pattern = ")[1]
        lines[row["line"] - 1] = lines[row["line"] - 1].replace('"(%d+)[^%d]"', expression)
        open(row["path"], "w").write("\n".join(lines))
PYTHON
want_status "the application" 1 "$FROST" lint app --json
cp out app.json
want_text "modules that hold the literal" app.json 'lies in flash with module main, other'
python3 follow.py app.json main.lua
tap_is "advice that one of two modules follows does not help" yes "$([ "$(pattern_reads)" -gt 10000 ] && echo yes)"
python3 follow.py app.json other.lua
tap_is "advice that both follow does" "" "$(pattern_reads)"
tap_is "and the program does the same" "$printed" "$(cat run.out)"
want_status "then there is no finding" 0 "$FROST" lint app

# ---- texts that a run makes again and again ----

mkdir again
cat >again/init.lua <<'LUA'
node.LFS.get("_init")()
print(require("json").all(200))
LUA
cat >again/_init.lua <<'LUA'
package.loaders[3] = function(name) return node.LFS.get(name) end
LUA
cat >again/json.lua <<'LUA'
local M = {}
local function quote(key) return '"' .. key .. '":' end
function M.all(count)
    local bytes = 0
    for i = 1, count do
        bytes = bytes + #quote("value") + #tostring(i)
    end
    return bytes
end
return M
LUA
made() { # how often the text is made in RAM
    rm -rf again.trace
    (cd again && "$FROST" luac -f -o ../again.img $(ls *.lua | grep -v '^init') >../out 2>&1)
    "$FROST" record -q -o again.trace --lfs again.img again/init.lua >again.out 2>&1
    "$FROST" strings --json --origin=all again.trace | sed -n 's/.*"births":\([0-9]*\),.*"text":"\\"value\\":".*/\1/p'
}
tap_is "a text is made for each record" 200 "$(made)"
printed=$(cat again.out)
want_status "a finding of the run is a note" 0 "$FROST" lint --trace again.trace again
tap_is "at its line" "again/json.lua:2: note: \"\\\"value\\\":\" is made in RAM 200 times, 200 of them here: allocations of 5000 bytes in all, each a collection in the mode ALWAYS [repeated-string]" \
    "$(grep value out)"
tap_is "texts of numbers differ from run to run: none is told" 0 "$(grep -c '"1[0-9]*"' out)"
want_status "comments allow it, too" 0 sh -c "sed '2s/\$/ -- frost: ignore repeated-string/' again/json.lua >allowed.lua && mv allowed.lua json.lua && '$FROST' lint --trace again.trace json.lua"
tap_is "then it is not told" 0 "$(grep -c value out)"
echo "local preload = '\"value\":'" >again/dummy_strings.lua
tap_is "with the text in flash it is made no more" 0 "$(made)"
tap_is "and the program prints the same" "$printed" "$(cat again.out)"
want_status "which lint sees" 0 "$FROST" lint --trace again.trace again
tap_is "nothing is left to tell" 0 "$(grep -c value out)"
want_status "a trace that is none" 4 "$FROST" lint --trace nowhere.trace again

# ---- images ----

want_status "an image, paths of this computer" 1 sh -c "'$FROST' luac -f -o paths.img '$TAP_DIR/app/main.lua' && '$FROST' lint paths.img"
want_text "told" out '[host-path]'
want_status "an image, names" 0 sh -c "cd app && '$FROST' luac -f -o ../names.img main.lua other.lua && cd .. && '$FROST' lint names.img app/init.lua"
want_text "a module that nothing names is a note" out "note: module 'other'"
tap_is "one that init.lua names is none" 0 "$(grep -c "module 'main'" out)"
want_status "too large" 1 "$FROST" lint names.img --lfs-size 100
want_text "with both sizes" out "the LFS partition 100"
want_status "sources as an image" 1 "$FROST" lint app --lfs-size 100
want_text "also" out "the LFS partition 100"
want_status "which fits" 0 "$FROST" lint app --lfs-size 64K
want_status "float for an integer firmware" 1 "$FROST" lint names.img --numbers integer
want_text "is told" out '[numbers]'
(cd app && "$FROST" luac --integer -f -o ../integer.img main.lua) >build.out 2>&1
want_status "float and integer together" 1 "$FROST" lint names.img integer.img
finds "a fraction for an integer firmware" 1 syntax:1 -- --numbers integer <<'LUA'
return 0.5
LUA
"$FROST" luac -o forgotten.img app/main.lua
want_status "a forgotten -f" 1 "$FROST" lint forgotten.img
want_text "is told" out 'no image: "read error on LFS image file"'
mkdir -p two/a two/b
echo 'return 1' | tee two/a/util.lua >two/b/util.lua
want_status "two modules of one name" 1 "$FROST" lint two/a/util.lua two/b/util.lua
want_text "are told" out '[duplicate-module]'
want_status "in directories they have two names" 0 "$FROST" lint two
for i in $(seq 51); do echo 'return 1' >"two/a/m$i.lua"; done
want_status "51 modules" 1 "$FROST" lint two/a
want_text "are one too many" out 'the firmware takes 50'

# ---- forms ----

schema() { python3 "$ROOT/tests/support/schema.py" "$ROOT/reports/schema/lint.json" "$1"; }
printf 'local function f() x = ("\\xff"):match("[\\200-\\255]") end\nreturn f\n' >"a b\"c.lua"
want_status "JSON and SARIF" 1 "$FROST" lint --json --sarif found.sarif "a b\"c.lua" app.img
cp out found.json
want_status "JSON conforms to its schema" 0 schema found.json
cat >sarif.py <<'PYTHON'
import json, urllib.parse
report, sarif = json.load(open("found.json")), json.load(open("found.sarif"))
rows, run = report["tables"]["findings"]["rows"], sarif["runs"][0]
assert sarif["version"] == "2.1.0" and len(run["results"]) == len(rows) > 1
rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
for row, result in zip(rows, run["results"]):
    place = result["locations"][0]["physicalLocation"]
    assert urllib.parse.unquote(place["artifactLocation"]["uri"]) == row["path"]
    assert place["region"]["startLine"] == (row["line"] or 1)
    assert result["ruleId"] == row["rule"] in rules and result["level"] == row["level"]
    assert result["message"]["text"] == row["message"]
PYTHON
want_status "SARIF has the same findings" 0 python3 sarif.py
want_status "as a table" 1 "$FROST" lint "a b\"c.lua" --top 1
want_text "with its rows" out '... 1 more'

# ---- large files: what a finding takes does not grow with their number ----

awk 'BEGIN {
    print "local M = {}"
    for (i = 0; i < 20000; i++)
        printf "function M.f%d(a) g%d = a return a:find(\"a%d.\") end%s\n", i, i % 3000, i, i % 2 ? "" : " -- frost: ignore global-write"
    print "return M"
}' >huge.lua
want_status "a file of 20,000 functions takes seconds" 1 sh -c 'ulimit -t 20; "$0" lint --json huge.lua' "$FROST"
tap_is "with all its findings, one for each pattern and for each global" "20000 1500" \
    "$(awk '/"line":.*"rule":"pattern-in-flash"/ {patterns++} /"line":.*"rule":"global-write"/ {globals++} END {print patterns + 0, globals + 0}' out)"

# ---- one compiler for all files ----

# The same programs, the compiler behind a script that counts how often it is started.
mkdir -p own/libexec/frost ten
cp "$FROST" own/frost
for program in "${FROST%/*}"/libexec/frost/frostvm-*; do
    ln -s "$program" own/libexec/frost/
done
cat >own/libexec/frost/frostluac-float <<SH
#!/bin/sh
echo started >>"$TAP_DIR/starts"
exec "${FROST%/*}/libexec/frost/frostluac-float" "\$@"
SH
chmod +x own/libexec/frost/frostluac-float
for i in 1 2 3 4 5 6 7 8; do
    echo "local x = $i return x" >ten/good$i.lua
done
{ echo; echo 'local = 1'; } >ten/bad.lua
{ echo; echo; echo 'return function('; } >ten/worse.lua
{ echo "local $(numbers 60 v)"; echo 'global = v1'; } >ten/wide.lua
want_status "ten files, three of them refused" 1 own/frost lint ten
tap_is "errors stay with their files" "bad.lua:2 wide.lua:1 worse.lua:4" \
    "$(sed -n 's/^ten\/\([a-z]*.lua\):\([0-9]*\):.*/\1:\2/p; s/^ten\/\([a-z]*.lua\): .*/\1:0/p' out | sort | paste -sd ' ' -)"
tap_is "one compiler has compiled them" 1 "$(wc -l <starts | tr -d ' ')"
printf '#!/bin/sh\nexit 7\n' >own/libexec/frost/frostluac-float
want_status "a compiler that ends is said" 4 own/frost lint ten
want_text "with how it ended" err "the compiler ended with status 7"

# ---- what cannot be looked at ----

want_status "nothing" 2 "$FROST" lint
want_status "a rule that is none" 2 "$FROST" lint app --disable spelling
want_status "no such file" 4 "$FROST" lint nothing.lua
want_status "no such list" 4 "$FROST" lint app --modules ./nothing.h
head -c 500 names.img >cut.img
want_status "an image that is cut off" 3 "$FROST" lint cut.img
: >empty.lua
want_status "an empty source" 0 "$FROST" lint empty.lua
head -c 3000 "$FROST" >binary.lua
want_status "a program as a source" 1 "$FROST" lint binary.lua
TMPDIR=$TAP_DIR/empty && mkdir "$TMPDIR" && export TMPDIR
"$FROST" lint app empty.lua binary.lua >out
tap_is "no file is left behind" "" "$(ls "$TMPDIR")"

cd "$ROOT" || exit 1
tap_done
