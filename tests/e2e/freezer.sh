#!/bin/sh
# The freezer as programs see it: functions go on as they were, RAM is saved, flash is used again after a
# restart, a full area is cleared. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" gzip
cp tests/e2e/freezer/*.lua "$TAP_DIR" && cd "$TAP_DIR" || exit 1

run() { # WANT NAME OPTIONS...: what a script prints and how it ends
    printf '%s\n' "$1" >want
    name=$2
    shift 2
    "$FROST" run "$@" >out 2>err
    status=$?
    cat err >>out
    [ $status -eq 0 ] || echo "status $status" >>out
    want_same "$name" want out
}

functions=$(cat "$OLDPWD/tests/e2e/freezer/functions.txt")
tables=$(cat "$OLDPWD/tests/e2e/freezer/tables.txt")
closures=$(cat "$OLDPWD/tests/e2e/freezer/closures.txt")
slices=$(cat "$OLDPWD/tests/e2e/freezer/slices.txt")
islands=$(cat "$OLDPWD/tests/e2e/freezer/islands.txt")
for egc in always failure none; do
    run "$functions" "functions, --egc $egc" --heap 100K --egc $egc functions.lua
    run "$functions" "functions of the integer build, --egc $egc" --integer --heap 100K --egc $egc functions.lua
    run "$tables" "tables, --egc $egc" --heap 128K --egc $egc tables.lua
    run "$tables" "tables of the integer build, --egc $egc" --integer --heap 128K --egc $egc tables.lua
    run "$closures" "closures, --egc $egc" --heap 128K --egc $egc closures.lua
    run keys "keys, --egc $egc" --freezer-size 252K --max-boots 1 --heap 128K --egc $egc keys.lua
    run "$slices" "slices, --egc $egc" --max-boots 1 --heap 128K --egc $egc slices.lua
    run "$islands" "islands and overlays, --egc $egc" --heap 192K --egc $egc islands.lua
    run "$islands" "islands and overlays of the integer build, --egc $egc" --integer --heap 192K --egc $egc islands.lua
    run "$closures" "closures of the integer build, --egc $egc" --integer --heap 128K --egc $egc closures.lua
done
# The seed's idiom; then again after a restart, with no new flash.
run "true	true" "dofile freezes" --flash flash --fs . idiom.lua
"$FROST" run --flash flash -e 'print(freezer.info())' >info
run "true	true" "a restart finds what was frozen" --flash flash --fs . idiom.lua
"$FROST" run --flash flash -e 'print(freezer.info()) freezer.defrost()' >again
want_same "and takes no new flash" info again
run "255	4128	65536	1" "defrost empties it at the next start" --flash flash -e 'print(freezer.info())'

# A full area is erased at the next start, but not if it was erased at this one.
run "255	255	true	1	true	true" "an area that was just erased is full" --flash full --egc failure full.lua
run "253	252	true	1	true	true" "it is full after a start" --flash full --egc failure -e 'n = 300' full.lua
run "255	4128	65536	1" "so the next one erases it" --flash full -e 'print(freezer.info())'

# An area of another number build, and one that was made with another image, are made anew.
"$FROST" run --flash other --fs . idiom.lua >out 2>&1
run "255	4128	65536	1" "the area of another build is refused" --integer --flash other -e 'print(freezer.info())'
"$FROST" luac -f -o image.lfs module.lua >out 2>&1
"$FROST" run --flash other --fs . idiom.lua >out 2>&1
run "255	4128	65536	1" "the area of another image is refused" --flash other --lfs image.lfs -e 'print(freezer.info())'
run "0" "what lies in LFS stays there" --flash other -e 'print(select(2, freezer.freeze(node.LFS.get "module")))'

# What is found again, with other functions in it.
run "1	freezer	freezer	freezer	3	true" "tables with functions that stay" --flash found found.lua
run "2	freezer	freezer	freezer	6	true" "... are found, and the code of new ones moves" --flash found found.lua

# A recording tells what moved: what the program was told that it saved, and what went to flash.
echo 'local f = loadstring "return 1, [[a text]]"; print((select(2, freezer.freeze(f))))' >one.lua
"$FROST" record -o trace one.lua >told 2>err
"$FROST" gc trace --json >gc.json 2>>err
tap_is "saved, as recorded" "$(cat told)" "$(sed -n 's/.*"frozen_ram_bytes": *\([0-9]*\).*/\1/p' gc.json)"
tap_is "one freeze" 1 "$(sed -n 's/.*"freezes": *\([0-9]*\).*/\1/p' gc.json)"

echo 'local t = {1, 2, 3, name = "thawed"} freezer.freeze(t) freezer.thaw(t) freezer.defrost()' >two.lua
"$FROST" record -o trace2 --flash erased two.lua >told 2>err && "$FROST" record -o trace3 --flash erased one.lua >told 2>err
tap_is "a thaw, as recorded" 1 "$("$FROST" gc trace2 --json | sed -n 's/.*"thaws": *\([0-9]*\).*/\1/p')"
tap_is "an erase, as recorded" 1 "$("$FROST" gc trace3 --json | sed -n 's/.*"freezer_erases": *\([0-9]*\).*/\1/p')"

# What was frozen before a recording began is known; slices are told apart from freezes.
for trace in first second; do
    "$FROST" record -o $trace --flash seen one.lua >told 2>err
    "$FROST" gc $trace 2>>err | sed -n 's/^ *freezer blocks *//p' >$trace.row
done
tap_is "blocks of the freezer: total, current, most" "$(awk '{ print $3, $4, $5, $6 }' first.row)" \
    "$(awk '{ print $3, $4, $5, $6 }' second.row)"
echo 'local t = {} for i = 1, 20 do t[i] = "a text " .. i end freezer.freeze_async(t, print, {slice = 64})' >sliced.lua
"$FROST" record -o sliced sliced.lua >told 2>err && "$FROST" gc sliced --json >gc.json 2>>err
tap_is "a freeze in slices, as recorded; the first makes the area" "1 11" \
    "$(sed -n 's/.*"freezes": *\([0-9]*\).*/\1/p' gc.json) $(sed -n 's/.*"freeze_slices": *\([0-9]*\).*/\1/p' gc.json)"

# Loading into flash needs the memory of one function.
awk 'BEGIN { print "local F = {}"
    for (i = 1; i <= 120; i++)
        printf "F[%d] = function(a) local t = {} for k = 1, 3 do t[k] = k * a end return #t + %d, a .. [[text number %d]] end\n", i, i, i
    print "return F" }' >large-source.lua
echo 'return "from", "source"' >from-source.lua
for build in "" --integer; do
    [ -z "$build" ] && "$FROST" luac -o large.lc large-source.lua || "$FROST" luac --integer -o large.lc large-source.lua
    for egc in always failure; do
        run "nil
120	7620	nil	freezer	freezer	true
nil	cannot open nowhere.lua: 
true	from	source
large-source.lua:4: attempt to perform arithmetic on a nil value" \
            "a chunk larger than the heap $build, --egc $egc" $build --heap 24K --egc $egc --fs . large.lua
    done
done

# Named modules.
module() { # FLASH VALUE BYTES
    printf '%s\n' "named	$2	true	true" "freezer	freezer	false	false" "$3	nil	$1	$1" \
        "false	module 'nowhere' not found:" "	no file 'nowhere.lc'" "	no file 'nowhere.lua'" true
}
run "$(module written "a text of the module" 114)" "a module is frozen" --flash named --fs . modules.lua
run "$(module found "a text of the module" 114)" "after a restart it is there, without being loaded" --flash named --fs . modules.lua
sed 's/text of the module" end/text of the module" .. " again" end/' named.lua >changed && mv changed named.lua
run "$(module written "a text of the module again" 126)" "a source that has changed is loaded again" --flash named --fs . modules.lua
run "$(module found "a text of the module again" 126)" "and is there after the next restart" --flash named --fs . modules.lua
# The last 8 bytes of what gzip writes are CRC and length.
tap_is "the list tells its source" "$(gzip -c named.lua | tail -c 8 | od -An -tu4 | awk '{ print $1, $2 }') function" \
    "$("$FROST" run --flash named -e 'local e = freezer.list().named print(("%.0f %d %s"):format(e.crc, e.bytes, e.kind))')"
rm named.lua
run "false	true	a text of the module again" "without the source its name serves, if asked" --flash named --fs . \
    -e 'print((pcall(freezer.require, "named")), pcall(function() return freezer.require("named", true).value() end))'
run "true	false	false" "a module that was dropped is gone" --flash named --fs . \
    -e 'print(freezer.drop "named", freezer.drop "named", (pcall(freezer.require, "named", true)))'
run "nil	false" "also after a restart" --flash named --fs . -e 'print(freezer.list().named, (pcall(freezer.require, "named", true)))'

# What was dropped gives its space back at the next start; what stays is found and runs.
awk 'BEGIN { print "local F = {}"
    for (i = 1; i <= 90; i++)
        printf "F[%d] = function(a) local t = {} for k = 1, 3 do t[k] = k * a end return #t + %d, a .. [[dropped text %d]] end\n", i, i, i
    print "return F[1]" }' >dropped.lua
echo 'local name = ... return {name = function() return name, "stays" end, more = function(a) return a .. " and more" end}' >stays.lua
echo 'return function() return "an old one, which is superseded" end' >changes.lua
used='local function used() return (select(2, freezer.info())) end '
run "true" "modules are frozen" --heap 128K --flash dropped --fs . -e 'freezer.require "dropped" freezer.require "changes" freezer.require "stays" print(freezer.verify())'
echo 'return function() return "a new one" end' >changes.lua
run "true	true	0" "one is dropped, one superseded" --flash dropped --fs . \
    -e 'freezer.require "changes" print(freezer.drop "dropped", freezer.verify(), select(5, freezer.info(true)).reclaimed)'
cat >after.lua <<'END'
local _, used, _, _, details = freezer.info(true)
local m, c = freezer.require "stays", freezer.require "changes"
print(details.reclaimed > 8192, used < 11000, select(2, freezer.info()) == used, freezer.isfrozen(m.name), freezer.isfrozen(c))
print(m.name(), m.more "this", c(), freezer.verify(), freezer.list().dropped)
END
run "true	true	true	freezer	freezer
stays	this and more	a new one	true	nil" "its space is given back" --flash dropped --fs . after.lua
run "0	true	true" "once; then it can be used again" --heap 128K --flash dropped --fs . \
    -e "$used"'local before = used() print(select(5, freezer.info(true)).reclaimed, freezer.require "dropped"(1) > 0, used() - before > 8192)'
run "true	false" "a small gain is left" --flash dropped --fs . -e 'print(freezer.drop "changes", freezer.compact() and false)'

# ---- its size ----

free() { "$FROST" run "$@" -e 'print((select(3, freezer.info())))'; }
usual=$(free)
large=$(free --freezer-size 256K)
[ "$large" -gt $((3 * usual)) ] && tap_ok "a larger area" || tap_not_ok "a larger area: $usual, $large"
want_status "one that leaves no room" 2 "$FROST" run --freezer-size 440K -e 'print(1)'
want_text "is refused" err "has no room"
want_status "a file has its own" 2 "$FROST" run --flash kept --freezer-size 128K -e 'print(1)'
want_text "which is told" err "frost flash build --freezer-size"
want_status "the chip, too" 2 "$FROST" run --esp8266 --freezer-size 128K -e 'print(1)'
tap_done
