#!/bin/sh
# Stock firmware: the module collectors/device/frostline.lua in our runtime, restricted to the API of
# NodeMCU 3.0; its lines as a trace; what frost strings and frost gc make of it.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
MODULE=$PWD/collectors/device/frostline.lua

conforms() { # NAME SCHEMA FILE
    if command -v python3 >/dev/null; then
        want_status "$1" 0 python3 tests/support/schema.py "reports/schema/$2.json" "$3"
    else
        tap_missing "$1" "no python3"
    fi
}
fact() { # TRACE KEY: a number of run.json
    sed -n "s/^  \"$2\": \([0-9]*\),\{0,1\}$/\1/p" "$1/.frost/run.json"
}
number() { # FILE KEY: a total of a report's JSON
    sed -n "s/^  \"$2\": \(-\{0,1\}[0-9.]*\),\{0,1\}$/\1/p" "$1"
}

# ---- an application that tells of itself ----

mkdir "$TAP_DIR/app"
cp "$MODULE" "$TAP_DIR/app/frostline.lua"
cat >"$TAP_DIR/app/worker.lua" <<'END'
local M = {}
local names = {"temperature", "humidity", "pressure of the air"}
function M.read(i) return names[i % 3 + 1] .. "=" .. i end
return M
END
cat >"$TAP_DIR/app/once.lua" <<'END'
frostline = node.LFS.get "frostline" ()
worker = node.LFS.get "worker" ()
kept = {}
for i = 1, 20 do kept[#kept + 1] = worker.read(i) end
odd = "bytes \0\1\127\255 ~F1 \\ \n"
long = ("0123456789"):rep(90)
uart.write(0, "MARK") -- print would make strings
frostline.snapshot(true)
uart.write(0, "AFTER")
END
(cd "$TAP_DIR/app" && "$FROST" luac -f -o ../app.img frostline.lua worker.lua) >/dev/null
want_status "the program prints its lines" 0 "$FROST" run --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/once.lua"
cp "$TAP_DIR/out" "$TAP_DIR/once.log"
want_status "which become a trace" 0 "$FROST" record --console "$TAP_DIR/once.log" -o "$TAP_DIR/once"
want_text "and what came is said" "$TAP_DIR/err" ", 1 lists of strings (0 incomplete), in "
conforms "run.json conforms to its schema" run "$TAP_DIR/once/.frost/run.json"
want_text "run.json names the source" "$TAP_DIR/once/.frost/run.json" '"source": "stock device"'
tap_is "nothing is lost" "0 0" \
    "$(fact "$TAP_DIR/once" device_lines_lost) $(fact "$TAP_DIR/once" device_lines_damaged)"

# ---- the same strings as the probes know ----

"$FROST" record -q -o "$TAP_DIR/truth" --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/once.lua" >"$TAP_DIR/truth.log"
want_same "recorded, the program prints the same" "$TAP_DIR/once.log" "$TAP_DIR/truth.log"
# Strings that live at MARK and at AFTER; what the device lists lies between the two.
"$FROST" trace dump --form=events "$TAP_DIR/truth" | LC_ALL=C awk -v dir="$TAP_DIR" '
    function field(name) { match($0, " " name "=[^ ]*")
        return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2) }
    function tail() { return substr($0, index($0, " text=\"") + 6) }
    function save(file) { for (a in lives) print lives[a] > (dir "/" file) }
    $2 == "text" { text[field("id")] = tail() }
    $2 == "string_new" { lives[field("addr")] = text[field("text")] }
    $2 == "free" { delete lives[field("addr")] }
    $2 == "console" && tail() == "\"MARK\"" { save("mark") }
    $2 == "console" && tail() == "\"AFTER\"" { save("after") }'
"$FROST" trace dump --form=events "$TAP_DIR/once" >"$TAP_DIR/events"
LC_ALL=C awk '$2 == "text" { last = substr($0, index($0, " text=\"") + 6) }
    $2 == "string_new" { print last }' "$TAP_DIR/events" >"$TAP_DIR/listed"
for file in mark after listed; do
    # A text that the device has cut is known by its beginning.
    LC_ALL=C cut -c1-500 "$TAP_DIR/$file" | LC_ALL=C sort >"$TAP_DIR/$file.sorted"
done
LC_ALL=C comm -13 "$TAP_DIR/mark.sorted" "$TAP_DIR/listed.sorted" >"$TAP_DIR/too-many"
LC_ALL=C comm -23 "$TAP_DIR/after.sorted" "$TAP_DIR/listed.sorted" >"$TAP_DIR/too-few"
want_same "no string is listed that was not there" /dev/null "$TAP_DIR/too-many"
want_same "no string that was there is missing" /dev/null "$TAP_DIR/too-few"
tap_is "there were many" 1 $(($(wc -l <"$TAP_DIR/listed") > 60))
want_text "among them odd bytes" "$TAP_DIR/listed" '"bytes \x00\x01\x7f\xff ~F1 \\ \n"'
tap_is "a long one has its length" 1 "$(grep -c ' text id=.* bytes=900 .*0123456789' "$TAP_DIR/events")"
tap_is "the strings in flash are those of the image" \
    "$("$FROST" lfs ls --json "$TAP_DIR/app.img" | sed -n 's/^  "strings": \([0-9]*\),$/\1/p')" \
    "$(sed -n 's/.* snapshot place="flash" strings=\([0-9]*\) missing=0$/\1/p' "$TAP_DIR/events")"
grep -c ' string_found .*place="flash"' "$TAP_DIR/events" >"$TAP_DIR/found"
tap_is "and each is told" "$(sed -n 's/.* snapshot place="flash" strings=\([0-9]*\) .*/\1/p' "$TAP_DIR/events")" \
    "$(cat "$TAP_DIR/found")"

# The image that the device has: what the list costs counts from it.
want_status "with the image that is in its flash" 0 "$FROST" record -q --console "$TAP_DIR/once.log" \
    --lfs "$TAP_DIR/app.img" -o "$TAP_DIR/with"
tap_is "which is the right one" "" "$(cat "$TAP_DIR/err")"
conforms "its run.json conforms" run "$TAP_DIR/with/.frost/run.json"
cmp -s "$TAP_DIR/app.img" "$TAP_DIR/with/.frost/lfs.img" && tap_ok "the image is kept" || tap_not_ok "the image is kept"
"$FROST" strings "$TAP_DIR/with" >"$TAP_DIR/with.txt"
grep -q "counts from an empty image" "$TAP_DIR/with.txt" && tap_not_ok "and counts" "$TAP_DIR/with.txt" || tap_ok "and counts"
want_status "what is no image is refused" 3 "$FROST" record -q --console "$TAP_DIR/once.log" \
    --lfs "$TAP_DIR/once.log" -o "$TAP_DIR/bad"
want_no_file "without a trace" "$TAP_DIR/bad"

# ---- the list that is made of them does what it says ----

"$FROST" strings --json "$TAP_DIR/once" >"$TAP_DIR/strings.json"
conforms "frost strings conforms to its schema" strings "$TAP_DIR/strings.json"
if command -v python3 >/dev/null; then
    crc=$(python3 -c 'import sys, zlib
print("0x%08x" % zlib.crc32(open(sys.argv[1], "rb").read()))' "$TAP_DIR/once/events")
    want_text "the input is named by its CRC" "$TAP_DIR/strings.json" "\"crc32\":\"$crc\""
else
    tap_missing "the input is named by its CRC" "no python3"
fi
want_status "a list is proposed" 0 "$FROST" strings -o "$TAP_DIR/app/dummy_strings.lua" \
    --exclude '^(humid|pressure)' --min-return 0 "$TAP_DIR/once"
want_text "it says that input cannot be told" "$TAP_DIR/app/dummy_strings.lua" "cannot tell where a text comes from"
grep -q 'temperature=' "$TAP_DIR/app/dummy_strings.lua" && ! grep -q 'humidity=\|pressure' "$TAP_DIR/app/dummy_strings.lua" &&
    tap_ok "excluded texts are not in it" || tap_not_ok "excluded texts are not in it" "$TAP_DIR/app/dummy_strings.lua"
(cd "$TAP_DIR/app" && "$FROST" luac -f -o ../list.img frostline.lua worker.lua dummy_strings.lua) >/dev/null
"$FROST" run --lfs "$TAP_DIR/list.img" "$TAP_DIR/app/once.lua" >"$TAP_DIR/list.log"
"$FROST" record -q --console "$TAP_DIR/list.log" -o "$TAP_DIR/list"
"$FROST" strings --json "$TAP_DIR/list" >"$TAP_DIR/after.json"
saved=$(($(number "$TAP_DIR/strings.json" peak_bytes) - $(number "$TAP_DIR/after.json" peak_bytes)))
"$FROST" strings --json --exclude '^(humid|pressure)' --min-return 0 "$TAP_DIR/once" >"$TAP_DIR/excluded.json"
tap_is "with it in the image the device's strings take as many bytes less" \
    "$(number "$TAP_DIR/excluded.json" saved_bytes)" "$saved"

want_status "an image that the device does not have" 0 "$FROST" record -q --console "$TAP_DIR/once.log" \
    --lfs "$TAP_DIR/list.img" -o "$TAP_DIR/with"
want_text "is noticed" "$TAP_DIR/err" "not the one in the device's flash"

# ---- an application that goes on while it is told ----

cat >"$TAP_DIR/app/timer.lua" <<'END'
frostline = node.LFS.get "frostline" ()
frostline.start {every = 1000, strings = 3, tick = 50, burst = 200}
local n = 0
tmr.create():alarm(330, tmr.ALARM_AUTO, function(t)
    n = n + 1
    state = "reading " .. n
    uart.write(0, "half a line")
    if n == 15 then frostline.mark "fifteen ~ readings" end
    print(" and its end")
    if n == 30 then
        t:unregister()
        frostline.stop()
    end
end)
END
"$FROST" run --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/timer.lua" >"$TAP_DIR/timer.log"
want_status "lines in between others are found" 0 \
    "$FROST" record --console "$TAP_DIR/timer.log" -o "$TAP_DIR/timer"
tap_is "all of them" "0 0 0" "$(fact "$TAP_DIR/timer" device_lines_lost) $(fact "$TAP_DIR/timer" device_lines_damaged) $(fact "$TAP_DIR/timer" device_snapshots_incomplete)"
tap_is "the application has run on" 30 "$(grep -v '~F1' "$TAP_DIR/timer.log" | grep -c ' and its end')"
tap_is "lists came by the timer" 1 $(($(fact "$TAP_DIR/timer" device_snapshots) >= 2))
"$FROST" gc "$TAP_DIR/timer" >"$TAP_DIR/gc.txt"
want_text "frost gc shows marks" "$TAP_DIR/gc.txt" '"fifteen ~ readings"'
want_text "and what cannot be known" "$TAP_DIR/gc.txt" "no collections, no allocation sites"
"$FROST" gc --json "$TAP_DIR/timer" >"$TAP_DIR/gc.json"
conforms "frost gc conforms to its schema" gc-stock "$TAP_DIR/gc.json"
tap_is "heap lines are samples" "$(grep -c ' H [0-9]* [0-9]* [0-9]* 1' "$TAP_DIR/timer.log")" \
    "$(number "$TAP_DIR/gc.json" samples)"
"$FROST" strings "$TAP_DIR/timer" >"$TAP_DIR/strings.txt"
want_text "frost strings says what cannot be known" "$TAP_DIR/strings.txt" "cannot be told from others"
grep -q '^  not stable .*"reading ' "$TAP_DIR/strings.txt" &&
    tap_ok "a string that changes is not stable" || tap_not_ok "a string that changes is not stable" "$TAP_DIR/strings.txt"

want_status "frost report takes it" 0 "$FROST" report -q -o "$TAP_DIR/report" "$TAP_DIR/timer"
want_text "with the heap of the device" "$TAP_DIR/report/summary.md" "least free heap"
want_no_file "without what cannot be known" "$TAP_DIR/report/exports"

# Without the module uart, and with integers: the same through print.
{ echo 'uart = {}'; grep -v '^uart.write' "$TAP_DIR/app/once.lua"; } >"$TAP_DIR/app/print.lua"
"$FROST" run --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/print.lua" >"$TAP_DIR/print.log"
want_status "through print" 0 "$FROST" record --console "$TAP_DIR/print.log" -o "$TAP_DIR/print"
tap_is "nothing is lost there" "0 1" "$(fact "$TAP_DIR/print" device_lines_lost) $(fact "$TAP_DIR/print" device_snapshots)"
(cd "$TAP_DIR/app" && "$FROST" luac --integer -f -o ../integer.img frostline.lua worker.lua) >/dev/null
"$FROST" run --integer --lfs "$TAP_DIR/integer.img" "$TAP_DIR/app/once.lua" >"$TAP_DIR/integer.log"
want_status "integer build" 0 "$FROST" record --console "$TAP_DIR/integer.log" -o "$TAP_DIR/integer"
want_text "is known as such" "$TAP_DIR/integer/.frost/run.json" '"number": "integer"'

# On the emulated chip it tells the same strings.
if "$FROST" run --esp8266 -e 'print(1)' >"$TAP_DIR/chip.one" 2>&1 && [ "$(cat "$TAP_DIR/chip.one")" = 1 ]; then
    "$FROST" run --esp8266 --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/once.lua" >"$TAP_DIR/chip.log"
    want_status "on the emulated chip" 0 "$FROST" record -q --console "$TAP_DIR/chip.log" -o "$TAP_DIR/chip"
    for trace in once chip; do
        "$FROST" trace dump --form=events "$TAP_DIR/$trace" | grep -v ' device_heap \| end ' |
            sed 's/^[0-9]* //' >"$TAP_DIR/$trace.strings"
    done
    want_same "the same strings" "$TAP_DIR/once.strings" "$TAP_DIR/chip.strings"
else
    tap_not_ok "run on the emulated chip (built by make esp8266)" "$TAP_DIR/chip.one"
fi

# A device that has no memory for the list of its strings says so.
cat >"$TAP_DIR/app/full.lua" <<'END'
frostline = node.LFS.get "frostline" ()
frostline.mark "full"
local t, rest = {}, nil
for i = 1, 300 do t[i] = "string " .. i end
while node.heap() > 5000 do rest = {rest, ("x"):rep(1000) .. node.heap()} end
frostline.snapshot(true)
while node.heap() > 200 do rest = {rest} end -- not even for calls
frostline.mark "lost"
rest, t = nil, nil
frostline.mark "goes on"
END
"$FROST" run --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/full.lua" >"$TAP_DIR/full.log" 2>&1
want_text "a list that does not fit does not end the program" "$TAP_DIR/full.log" "M goes on"
want_status "it is told" 0 "$FROST" record --console "$TAP_DIR/full.log" -o "$TAP_DIR/full"
want_text "and said" "$TAP_DIR/err" "the device had no memory for the list of its strings"

# What the module takes while it runs: the README says 2,300 bytes from flash.
cat >"$TAP_DIR/app/cost.lua" <<'END'
local function used() collectgarbage() collectgarbage() return (node.egc.meminfo()) end
local before = used()
frostline = node.LFS.get "frostline" ()
frostline.start()
uart.write(0, "\ncost ") print(used() - before)
frostline.stop()
END
"$FROST" run --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/cost.lua" >"$TAP_DIR/cost.txt"
cost=$(sed -n 's/^cost //p' "$TAP_DIR/cost.txt")
echo "# frostline.lua takes $cost bytes"
tap_is "the module takes what its README says, and not less" "1 1" "$((cost <= 2300)) $((cost > 1900))"
want_status "stock Lua reads its source" 0 "$FROST" luac -p "$MODULE"
grep -q 'egc[.]peak\|freezer' "$MODULE" && tap_not_ok "it keeps to the stock API" "$MODULE" ||
    tap_ok "it keeps to the stock API"

# ---- damage ----

LC_ALL=C awk '/^~F1 / { n++ } n == 20 || n == 21 { next } n == 40 { sub(/ T /, " T 1") } { print }' \
    "$TAP_DIR/timer.log" >"$TAP_DIR/damaged.log"
want_status "a damaged log" 0 "$FROST" record --console "$TAP_DIR/damaged.log" -o "$TAP_DIR/damaged"
want_text "what is lost is said" "$TAP_DIR/err" "3 lines of the device are lost, 1 came damaged"
"$FROST" strings "$TAP_DIR/damaged" >"$TAP_DIR/damaged.txt"
tap_is "and first in the report" 1 "$(sed -n 2,4p "$TAP_DIR/damaged.txt" | grep -c 'lost')"
"$FROST" gc --json "$TAP_DIR/damaged" >"$TAP_DIR/damaged.json"
want_text "and in its JSON" "$TAP_DIR/damaged.json" '"lost_events": {"events_discarded":3,'

# ---- privacy ----

# What terminal programs make of a log: colours behind each line, carriage returns, UTF-16.
"$FROST" gc --json "$TAP_DIR/once" | grep -v crc32 >"$TAP_DIR/once.json"
same_log() { # NAME FILE: the same figures as from the log as it was
    want_status "$1" 0 "$FROST" record -q --console "$2" -o "$TAP_DIR/other"
    mv "$TAP_DIR/once" "$TAP_DIR/kept" && mv "$TAP_DIR/other" "$TAP_DIR/once"
    "$FROST" gc --json "$TAP_DIR/once" | grep -v crc32 >"$TAP_DIR/other.json"
    rm -r "$TAP_DIR/once" && mv "$TAP_DIR/kept" "$TAP_DIR/once"
    want_same "... has the same figures" "$TAP_DIR/once.json" "$TAP_DIR/other.json"
}
escape=$(printf '\033')
sed "s/\$/$escape[0m$(printf '\r')/" "$TAP_DIR/once.log" >"$TAP_DIR/colour.log"
same_log "a log with colours" "$TAP_DIR/colour.log"
for encoding in UTF-16 UTF-16LE UTF-16BE; do
    iconv -f LATIN1 -t $encoding "$TAP_DIR/once.log" >"$TAP_DIR/wide.log"
    same_log "a log in $encoding" "$TAP_DIR/wide.log"
done
want_status "without texts" 0 "$FROST" record -q --no-text --console "$TAP_DIR/once.log" -o "$TAP_DIR/hidden"
LC_ALL=C grep -qa 'temperature=\|0123456789' "$TAP_DIR/hidden/events" &&
    tap_not_ok "no text is in the trace" || tap_ok "no text is in the trace"
"$FROST" strings "$TAP_DIR/hidden" >"$TAP_DIR/hidden.txt"
want_text "frost strings cannot choose then" "$TAP_DIR/hidden.txt" "  no text "

# ---- over a line ----

"$FROST" trace dump --form=events "$TAP_DIR/timer" >"$TAP_DIR/timer.events"
if command -v python3 >/dev/null; then
    cat >"$TAP_DIR/line.py" <<'END'
import array, fcntl, os, pty, subprocess, sys, termios, time, tty
frost, log, trace = sys.argv[1:]
master, slave = pty.openpty()
tty.setraw(slave)
run = subprocess.Popen([frost, "record", "--serial", os.ttyname(slave), "-o", trace],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
said = b""  # the line is opened when a command comes from there
while b"\n" not in said:
    said += os.read(master, 100)
data = open(log, "rb").read()
for i in range(0, len(data), 512):
    os.write(master, data[i:i + 512])
unread, quiet = array.array("i", [0]), 0
while quiet < 20:  # what the other side has not read is lost when the line goes
    fcntl.ioctl(slave, termios.FIONREAD, unread)
    quiet = quiet + 1 if unread[0] == 0 else 0
    time.sleep(0.02)
os.close(slave)
os.close(master)
sys.exit(run.wait(120))
END
    want_status "frost record --serial takes the same lines" 0 \
        python3 "$TAP_DIR/line.py" "$FROST" "$TAP_DIR/timer.log" "$TAP_DIR/line"
    "$FROST" trace dump --form=events "$TAP_DIR/line" >"$TAP_DIR/line.events" 2>&1
    want_same "and makes the same trace" "$TAP_DIR/timer.events" "$TAP_DIR/line.events"
    conforms "its run.json conforms" run "$TAP_DIR/line/.frost/run.json"
else
    tap_missing "frost record --serial takes the same lines" "no python3"
fi
want_status "from a pipe" 0 sh -c "cat '$TAP_DIR/timer.log' | '$FROST' record --console - -o '$TAP_DIR/pipe'"
tap_is "what is not of the module is shown" 30 "$(grep -c ' and its end' "$TAP_DIR/out")"

# Ctrl-C on a log that goes on keeps what has come.
mkfifo "$TAP_DIR/fifo"
"$FROST" record -q --console "$TAP_DIR/fifo" -o "$TAP_DIR/stopped" &
pid=$!
exec 7>"$TAP_DIR/fifo"
cat "$TAP_DIR/timer.log" >&7
is_read() { # nothing is left in the pipe
    python3 -c 'import array, fcntl, sys, termios
unread = array.array("i", [0])
fcntl.ioctl(7, termios.FIONREAD, unread)
sys.exit(unread[0] > 0)'
}
wait_until is_read
kill -TERM $pid
wait $pid
tap_is "a recording that is stopped: status" 0 $?
exec 7>&-
"$FROST" trace dump --form=events "$TAP_DIR/stopped" >"$TAP_DIR/stopped.events"
want_same "and has all that came" "$TAP_DIR/timer.events" "$TAP_DIR/stopped.events"

# ---- what is wrong ----

refused() { # NAME STATUS TEXT LOG
    want_status "$1" "$2" "$FROST" record --console "$4" -o "$TAP_DIR/bad"
    want_text "$1: message" "$TAP_DIR/err" "$3"
    want_no_file "$1: no trace" "$TAP_DIR/bad"
    want_no_file "$1: nothing half done" "$TAP_DIR/bad".part.*
}
: >"$TAP_DIR/empty.log"
head -c 300000 "$FROST" >"$TAP_DIR/garbage.log"
head -c 2000000 /dev/zero | tr '\0' 'x' >"$TAP_DIR/huge.log"
sed 's/~F1 /~F2 /' "$TAP_DIR/once.log" >"$TAP_DIR/version.log"
sed 's/ T / U /; s/[0-9]$/x/; s/[a-f]$/x/' "$TAP_DIR/once.log" | grep '~F1 .*x$' >"$TAP_DIR/all-bad.log"
refused "an empty log" 3 "has no line of frostline.lua" "$TAP_DIR/empty.log"
refused "garbage" 3 "has no line of frostline.lua" "$TAP_DIR/garbage.log"
refused "a huge line" 3 "has no line of frostline.lua" "$TAP_DIR/huge.log"
refused "another version" 3 "another version of frostline.lua" "$TAP_DIR/version.log"
refused "nothing but damage" 3 "is the speed of the line right" "$TAP_DIR/all-bad.log"
refused "no such log" 4 "No such file" "$TAP_DIR/none.log"
refused "a directory" 4 "cannot be read" "$TAP_DIR/app"
if (ulimit -f 1) 2>/dev/null; then
    want_status "a full disk" 4 sh -c 'trap "" XFSZ; ulimit -f 6; exec "$0" record --console "$1" -o "$2"' \
        "$FROST" "$TAP_DIR/timer.log" "$TAP_DIR/bad"
    want_text "a full disk: why" "$TAP_DIR/err" "cannot write"
    want_no_file "a full disk: no trace" "$TAP_DIR/bad"
    want_no_file "a full disk: nothing half done" "$TAP_DIR/bad".part.*
fi
want_status "too many words" 2 "$FROST" record --console "$TAP_DIR/once.log" app.lua
want_status "a directory that is not a trace" 2 "$FROST" record --console "$TAP_DIR/once.log" -o "$TAP_DIR/app"
want_status "stock and probed traces together" 2 "$FROST" strings "$TAP_DIR/once" "$TAP_DIR/truth"
want_status "also for frost gc" 2 "$FROST" gc "$TAP_DIR/truth" "$TAP_DIR/once"
for command in hot size export; do
    want_status "frost $command does not take it" 2 "$FROST" $command "$TAP_DIR/once"
    want_text "frost $command: why" "$TAP_DIR/err" "stock firmware, which cannot tell"
done
tap_done
