#!/bin/sh
# frost record: traces of runs that end well, fail, crash, are killed or meet a full disk.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

events() { # trace: what happened, without packets and real time
    "$FROST" trace dump -q --form=events "$1"
}
run_json() { # trace key: the value of a plain member of run.json
    sed -n "s/^  \"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1/.frost/run.json"
}

# Should a program of this test not end, its recorder does: no file may get larger than 200 MB.
trap '' XFSZ
ulimit -f 400000

# ---- the same run gives the same trace ----

cat >"$TAP_DIR/work.lua" <<'END'
local words = {}
for i = 1, 400 do
    words[#words + 1] = ("%s-%d"):format(("ab"):rep(i % 7), i % 90)
    if i % 50 == 0 then words = {} end
end
print(table.concat(words, " "):upper():sub(1, 10))
END
for n in 1 2; do
    want_status "records run $n" 0 "$FROST" record -q -o "$TAP_DIR/same$n" "$TAP_DIR/work.lua"
    events "$TAP_DIR/same$n" >"$TAP_DIR/events$n"
    "$FROST" trace dump "$TAP_DIR/same$n" | sed 's/real_ns=[0-9]*//; /^run /d' >"$TAP_DIR/packets$n"
done
want_same "the same run, the same events" "$TAP_DIR/events1" "$TAP_DIR/events2"
want_same "and the same packets" "$TAP_DIR/packets1" "$TAP_DIR/packets2"
want_same "and the same metadata" "$TAP_DIR/same1/metadata" "$TAP_DIR/same2/metadata"
want_text "the program's output is in it" "$TAP_DIR/events1" ' console stream=1 text="'
want_text "sites have lines" "$TAP_DIR/events1" ' site id='
grep -q '^[0-9]* site id=[0-9]* source=[1-9][0-9]* line=3 ' "$TAP_DIR/events1" &&
    tap_ok "line 3 is a site" || tap_not_ok "line 3 is a site" "$TAP_DIR/events1"
want_text "C functions have names" "$TAP_DIR/events1" 'text="string.format"'
want_text "the end is the last event" "$TAP_DIR/events1" " end status=0"
tap_is "complete" true "$(run_json "$TAP_DIR/same1" complete)"
tap_is "exit status" 0 "$(run_json "$TAP_DIR/same1" exit_status)"
tap_is "boots" 1 "$(run_json "$TAP_DIR/same1" boots)"
tap_is "no other plain file" "$(printf 'events\nmetadata')" "$(ls "$TAP_DIR/same1")"
want_no_file "nothing half done is left" "$TAP_DIR/same1".part.*

# The ledger of the events is the ledger of the runtime.
awk '/ boot / { match($0, /lua_bytes=[0-9]*/); sum = substr($0, RSTART + 10, RLENGTH - 10) }
    function field(name) { match($0, " " name "=[^ ]*")
        return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2) }
    $2 == "text" { length_of[field("id")] = field("bytes") }
    $2 == "alloc" { size[field("addr")] = field("bytes"); sum += field("bytes") }
    $2 == "string_new" { b = 17 + length_of[field("text")]; size[field("addr")] = b; sum += b }
    $2 == "resize" { sum += field("bytes") - size[field("old_addr")]
        delete size[field("old_addr")]; size[field("addr")] = field("bytes") }
    $2 == "free" { if (!(field("addr") in size)) bad++; sum -= size[field("addr")]
        delete size[field("addr")] }
    sum > max { max = sum }
    $2 == "end" { print bad + 0, sum - field("lua_bytes"), max - field("lua_bytes_max") }
' "$TAP_DIR/events1" >"$TAP_DIR/ledger"
tap_is "sum of the blocks is the ledger, at the end and at the peak" "0 0 0" "$(cat "$TAP_DIR/ledger")"

# ---- how programs end ----

want_status "a failing program" 1 "$FROST" record -q -o "$TAP_DIR/fails" -e 'error("no")'
tap_is "its trace is complete" true "$(run_json "$TAP_DIR/fails" complete)"
tap_is "its status is kept" 1 "$(run_json "$TAP_DIR/fails" exit_status)"
want_status "out of heap" 1 "$FROST" record -q -o "$TAP_DIR/full" --heap 20K \
    -e 'local t = {} for i = 1, 1e6 do t[i] = "text" .. i end'
tap_is "its trace is complete too" true "$(run_json "$TAP_DIR/full" complete)"
want_status "several boots" 0 "$FROST" record -q -o "$TAP_DIR/boots" --max-boots 3 \
    -e 'print("boot") node.restart()'
tap_is "each boot is counted" 3 "$(run_json "$TAP_DIR/boots" boots)"
tap_is "each boot is an event" 3 "$(events "$TAP_DIR/boots" | grep -c '^[0-9]* boot ')"

scratch_of() { # TRACE: where it is made
    ls -d "$1".part.* 2>/dev/null
}

wait_for() { # TRACE: until its events have more than 200 KB
    wait_until is_large "$1"
}
is_large() { [ "$(stat -c %s "$(scratch_of "$1")/events" 2>/dev/null || echo 0)" -gt 200000 ]; }
endless='local i = 0 while true do i = i + 1 local s = "number " .. i end'

"$FROST" record -q -o "$TAP_DIR/killed" -e "$endless" 2>/dev/null &
recorder=$!
wait_for "$TAP_DIR/killed"
kill -KILL "$(ps -o pid= --ppid $recorder)"
wait $recorder
tap_is "a killed program: 128+n" 137 $?
tap_is "its status is kept" 137 "$(run_json "$TAP_DIR/killed" exit_status)"
tap_is "it is not complete" false "$(run_json "$TAP_DIR/killed" complete)"
want_status "its trace can be read to the end" 0 "$FROST" trace dump -o /dev/null "$TAP_DIR/killed"
want_text "and is called incomplete" "$TAP_DIR/err" "the program did not end by itself"
if command -v babeltrace2 >/dev/null; then
    want_status "babeltrace2 can read it" 0 babeltrace2 "$TAP_DIR/killed"
else
    tap_missing "babeltrace2 can read it" "no babeltrace2"
fi

"$FROST" record -q -o "$TAP_DIR/stopped" -e "$endless" 2>/dev/null &
recorder=$!
wait_for "$TAP_DIR/stopped"
kill -TERM $recorder
wait $recorder
tap_is "ended by a signal to the recorder: an ordinary recording" 0 $?
tap_is "the program has closed its trace" true "$(run_json "$TAP_DIR/stopped" complete)"

busy() { # NAME CODE [MS]: ends by its duration, each time at the same instruction
    for n in 1 2; do
        want_status "$1 is ended by its duration" 0 "$FROST" record -q --duration=${3:-6000} -o "$TAP_DIR/busy$n" -e "$2"
        tap_is "$1: run.json says so" duration "$(run_json "$TAP_DIR/busy$n" ended_by)"
        tap_is "$1: its trace is complete" true "$(run_json "$TAP_DIR/busy$n" complete)"
        events "$TAP_DIR/busy$n" | sed 's/ stack_bytes=.*//' | tail -n 3 >"$TAP_DIR/last$n"
    done
    want_same "$1: the same end each time" "$TAP_DIR/last1" "$TAP_DIR/last2"
}
busy "a loop" 'while true do end'
busy "a protected loop" 'while true do pcall(function() while true do pcall(error) end end) end'
busy "a loop in a coroutine" 'coroutine.wrap(function() while true do local t = {} end end)()' 500
want_status "frost run ends, too" 0 "$FROST" run --duration=100 -e 'while true do pcall(function() while true do end end) end'
want_status "a recording says how long it may last" 0 "$FROST" record -o "$TAP_DIR/busy1" -e 'print(1)'
want_text "(a minute)" "$TAP_DIR/err" "at most 60 s of device time"

inside='local i = 0 while true do i = i + 1 local s = i < 9000 and "number " .. i end'
"$FROST" record -q -o "$TAP_DIR/coroutine" -e "coroutine.wrap(function() $inside end)()" 2>/dev/null &
recorder=$!
wait_for "$TAP_DIR/coroutine"
kill -TERM $recorder
wait $recorder
tap_is "ended inside a coroutine" 0 $?
tap_is "the program has closed its trace there too" true "$(run_json "$TAP_DIR/coroutine" complete)"
want_status "and it can be read" 0 "$FROST" trace dump -o /dev/null "$TAP_DIR/coroutine"

"$FROST" record -q -o "$TAP_DIR/orphan" -e "$endless" 2>/dev/null &
recorder=$!
wait_for "$TAP_DIR/orphan"
program=$(ps -o pid= --ppid $recorder)
kill -KILL $recorder
wait $recorder 2>/dev/null
want_no_file "a killed recorder gives no finished trace" "$TAP_DIR/orphan"
want_status "what it has written can be read" 0 "$FROST" trace dump -o /dev/null "$(scratch_of "$TAP_DIR/orphan")"
tap_is "run.json says so" false "$(run_json "$(scratch_of "$TAP_DIR/orphan")" complete)"
wait_until test ! -d "/proc/$((program))"
want_no_file "the program does not go on without it" "/proc/$((program))"
want_status "the next recording clears it away" 0 "$FROST" record -q -o "$TAP_DIR/orphan" -e 'print(1)'
want_no_file "(no rest)" "$TAP_DIR/orphan".part.*

# ---- directories ----

want_status "an old trace is replaced" 0 "$FROST" record -q -o "$TAP_DIR/orphan" -e 'print("new one")'
events "$TAP_DIR/orphan" >"$TAP_DIR/now"
want_text "(by the new one)" "$TAP_DIR/now" 'text="new one'
mkdir "$TAP_DIR/mine"
echo precious >"$TAP_DIR/mine/file"
want_status "a directory that is not a trace is refused" 2 "$FROST" record -q -o "$TAP_DIR/mine" -e 'print(1)'
want_text "(with its name)" "$TAP_DIR/err" "mine: exists and is no result of frost: it has 'file'"
tap_is "and left alone" precious "$(cat "$TAP_DIR/mine/file")"
want_status "no directory to write in" 4 "$FROST" record -q -o "$TAP_DIR/no/such" -e 'print(1)'
want_text "(with the reason)" "$TAP_DIR/err" "No such file or directory"

(
    ulimit -f 40000 # ring and flash of the program have up to 16 MB
    exec "$FROST" record -q -o "$TAP_DIR/disk" -e "$endless"
) >"$TAP_DIR/out" 2>"$TAP_DIR/err"
tap_is "a full disk: status 4" 4 $?
want_text "(with the reason)" "$TAP_DIR/err" "cannot write 'events': File too large"
want_no_file "nothing is left" "$TAP_DIR/disk"
want_no_file "nothing is left beside it" "$TAP_DIR/disk".part.*

# ---- what is kept ----

want_status "records without texts" 0 "$FROST" record -q --no-text -o "$TAP_DIR/hidden" \
    -e 'local s = "pass" .. "word" print(s)'
grep -q password "$TAP_DIR/hidden/events" && tap_not_ok "no text is in the trace" ||
    tap_ok "no text is in the trace"
events "$TAP_DIR/hidden" | grep -q 'bytes=8 flash_addr=0x0 text=""' &&
    tap_ok "hash and length are" || tap_not_ok "hash and length are"

# Planted by every way that a text can take; not one of them may be in a file of the trace.
mkdir "$TAP_DIR/plant"
echo 'return "hush-module"' >"$TAP_DIR/plant/m.lua"
(cd "$TAP_DIR/plant" && "$FROST" luac -f -o "$TAP_DIR/hush-image.img" m.lua) >"$TAP_DIR/out"
echo hush-content >"$TAP_DIR/plant/hush-file.txt"
cat >"$TAP_DIR/plant/hush-script.lua" <<'END'
local hush_constant = "hush-constant" .. #arg_of_run
for name in pairs(file.list()) do print(name) end
file.open("hush-file.txt") local text = file.read() file.close()
loadstring("local t = {} t.x = 'hush-in-chunk' return t", "hush-chunk-name")()
loadstring("local t = {'hush-source'} return t")()
print(pcall(error, "hush-error " .. text), (text:gsub("c", "k")))
node.setonerror(function(message) print(message) end)
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error("hush-callback") end)
require("m")
END
want_status "--no-text with secrets everywhere" 0 "$FROST" record -q --no-text -o "$TAP_DIR/hush" \
    --fs "$TAP_DIR/plant" --lfs "$TAP_DIR/hush-image.img" -e 'arg_of_run = "hush-option"' \
    "$TAP_DIR/plant/hush-script.lua"
tap_is "... and the program has run" 2 "$(grep -c 'hush-\(kontent\|file\)' "$TAP_DIR/out")"
tap_is "... none is in the trace" "" "$(grep -rlaiF hush "$TAP_DIR/hush")"
for command in "size" "gc" "hot" "strings" "trace dump" "export -q --to=folded -o -"; do
    # shellcheck disable=SC2086
    want_status "frost $command without texts" 0 "$FROST" $command "$TAP_DIR/hush"
done
want_status "... sites are told apart by a hash" 0 "$FROST" size "$TAP_DIR/hush"
tap_is "... of their chunk" yes "$(grep -q ' #[0-9a-f]\{8\}:[0-9]' "$TAP_DIR/out" && echo yes)"

image=tests/nodemcu/golden/lfs-float/app.abs-40290000.img
want_status "records with an image" 0 "$FROST" record -q -o "$TAP_DIR/lfs" --lfs $image \
    -e 'print(#node.LFS.list())'
events "$TAP_DIR/lfs" >"$TAP_DIR/events"
name=$(sed -n 's/.* image_mounted .* file="\(.*\)"$/\1/p' "$TAP_DIR/events")
want_same "its copy is the image as mounted" $image "$TAP_DIR/lfs/.frost/$name"
want_text "strings are found in flash" "$TAP_DIR/events" 'place="flash"'
want_text "run.json names the copy" "$TAP_DIR/lfs/.frost/run.json" "\"file\": \"$name\""

mkdir "$TAP_DIR/fs"
echo "the secret word" >"$TAP_DIR/fs/secret.txt"
cat >"$TAP_DIR/fs/input.lua" <<'END'
file.open("secret.txt")
local text = file.read(15)
file.close()
local word = text:sub(5, 10)
local line = "got " .. word
local list = table.concat({"a", word, "b"}, "+")
local plain = "not " .. "from" .. #text
file.open("big.txt")
local good = pcall(file.read, 100000)
file.close()
local after = "made " .. "after" .. (good and 0 or #text)
END
head -c 30000 /dev/zero | tr '\0' x >"$TAP_DIR/fs/big.txt"
want_status "records a program with input" 0 "$FROST" record -q -o "$TAP_DIR/input" "$TAP_DIR/fs/input.lua"
events "$TAP_DIR/input" | awk '
    $2 == "text" { match($0, / id=[0-9]*/); id = substr($0, RSTART + 4, RLENGTH - 4)
        sub(/.* text=/, ""); text[id] = $0 }
    $2 == "string_new" { match($0, / text=[0-9]*/); id = substr($0, RSTART + 6, RLENGTH - 6)
        print ($0 ~ / origin="[^"]*input/), text[id] }' >"$TAP_DIR/flags"
for text in '1 "the secret word"' '1 "secret"' '1 "got secret"' '1 "a+secret+b"' '0 "not from15"' \
    '0 "made after15"'; do
    want_text "input is marked: $text" "$TAP_DIR/flags" "$text"
done
tap_done
