#!/bin/sh
# A trace over a serial line: the emulated chip on a pseudo-terminal, undamaged, too slow, damaged,
# unplugged, restarted; what cannot be recorded and how that is said. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

tap_needs python3
chip="$O/libexec/frost/frostvm-esp8266 --build=float-probed"
bridge="python3 tests/support/serial_bridge.py"
meaning="python3 tests/support/serial_trace.py"
tty=$TAP_DIR/tty

cat >"$TAP_DIR/work.lua" <<'END'
local seen, count = {}, 0
for round = 1, 12 do
    for i = 1, 20 do
        local key = "key" .. (i * round)
        seen[key] = (seen[key] or 0) + #string.format("%s-%d", key, i)
        for k = 1, 60 do count = count + k % 7 end
    end
    if round % 4 == 0 then print("round", round) end
    for k in pairs(seen) do if k:find("7") then seen[k] = nil end end
end
print "done"
END

# record NAME [BRIDGE OPTION]... [-- RECORD OPTION... [-- CHIP WORD...]]: runs the chip behind the
# bridge and records it as $TAP_DIR/NAME; its status is in $status, text in NAME.out and NAME.err.
record() {
    name=$1
    shift
    before= options= words=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        before="$before $1"
        shift
    done
    [ $# -eq 0 ] || shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    [ $# -eq 0 ] || shift
    rm -rf "$tty" "$TAP_DIR/$name"
    $bridge $before "$tty" -- timeout 600 $chip --trace-serial=1 "$@" \
        >"$TAP_DIR/bridge.out" 2>"$TAP_DIR/bridge.err" &
    bridge_pid=$!
    wait_until test -e "$tty"
    timeout 600 "$FROST" record -o "$TAP_DIR/$name" --serial "$tty" $options \
        >"$TAP_DIR/$name.out" 2>"$TAP_DIR/$name.err" </dev/null
    status=$?
    wait $bridge_pid
}

# play NAME FILE [RECORD OPTION]...: records what a file holds of a line.
play() {
    name=$1 file=$2
    shift 2
    rm -rf "$TAP_DIR/$name"
    timeout 600 "$FROST" record -o "$TAP_DIR/$name" --serial "$file" "$@" >"$TAP_DIR/$name.out" \
        2>"$TAP_DIR/$name.err"
    status=$?
}

dump() { # NAME
    timeout 600 "$FROST" trace dump "$TAP_DIR/$1" >"$TAP_DIR/$1.txt" 2>"$TAP_DIR/$1.dump"
}

# The number behind a member of run.json.
member() { # NAME MEMBER
    sed -n "s/^ *\"$2\": \([0-9a-z]*\),*\$/\1/p" "$TAP_DIR/$1/.frost/run.json" | head -n 1
}

babeltrace() { # NAME: events that babeltrace2 reads, or what it says
    if babeltrace2 "$TAP_DIR/$1" >"$TAP_DIR/babel.out" 2>"$TAP_DIR/babel.err"; then
        wc -l <"$TAP_DIR/babel.out" | tr -d ' '
    else
        tail -n 3 "$TAP_DIR/babel.err"
    fi
}

# ---- an undamaged line ----

$chip --trace="$TAP_DIR/file/events" --trace-small=1 "$TAP_DIR/work.lua" >"$TAP_DIR/work.out"
record whole --keep="$TAP_DIR/whole.bin" -- -- --trace-filter="only +console" "$TAP_DIR/work.lua"
tap_is "status" 0 $status
want_same "console text passes as it is" "$TAP_DIR/work.out" "$TAP_DIR/whole.out"
dump whole
cp "$TAP_DIR/whole/metadata" "$TAP_DIR/file/"
dump file
tap_is "packets and events are those of a trace into a file" equal \
    "$($meaning equal "$TAP_DIR/whole.txt" "$TAP_DIR/file.txt" 2>&1)"
tap_is "run.json: complete" true "$(member whole complete)"
tap_is "run.json: nothing lost" "0 0 0 0" "$(member whole frames_lost) $(member whole packets_lost) \
$(member whole events_discarded) $(member whole bytes_damaged)"
tap_is "babeltrace2 reads all events" "$(member whole events)" "$(babeltrace whole)"
tap_is "run.json: build-id of the firmware" \
    "$(readelf -n "$O/esp8266/float-probed/frost.elf" | sed -n 's/ *Build ID: //p')" \
    "$(sed -n 's/^ *"build_id": "\(.*\)",*$/\1/p' "$TAP_DIR/whole/.frost/run.json")"
want_status "frost gc reads it" 0 "$FROST" gc "$TAP_DIR/whole"
want_status "frost strings reads it" 0 "$FROST" strings "$TAP_DIR/whole"

play again "$TAP_DIR/whole.bin"
dump again
tap_is "the same from a file of what was on the line" equal \
    "$($meaning equal "$TAP_DIR/whole.txt" "$TAP_DIR/again.txt" 2>&1)"

$FROST run -q -e 'local f = io and io.open' >/dev/null 2>&1
cat >"$TAP_DIR/fail.lua" <<'END'
error "no"
END
record fail -- -- "$TAP_DIR/fail.lua"
tap_is "the status is the program's" 1 $status

# ---- a line that is too slow ----

record slow --keep="$TAP_DIR/slow.bin" -- -- --trace-baud=115200 --trace-filter="only +console" \
    "$TAP_DIR/work.lua"
want_same "too slow: console text is whole" "$TAP_DIR/work.out" "$TAP_DIR/slow.out"
dump slow
tap_is "too slow: events are dropped" yes \
    "$([ "$(member slow events_dropped)" -gt 100 ] && echo yes || cat "$TAP_DIR/slow.err")"
tap_is "too slow: what is lost is what was dropped" "$(member slow events_dropped) 0 0" \
    "$(member slow events_discarded) $(member slow packets_lost) $(member slow frames_lost)"
want_text "too slow: the loss is said" "$TAP_DIR/slow.err" "for lack of room on the device"
want_status "too slow: frost gc reads it" 0 "$FROST" gc "$TAP_DIR/slow"
want_text "too slow: the report begins with the loss" "$TAP_DIR/out" \
    "Incomplete input: $(member slow events_discarded) events lost"
tap_is "too slow: what is there is true" "" \
    "$($meaning part "$TAP_DIR/slow.txt" "$TAP_DIR/whole.txt" 2>&1 | grep -v '^events')"
tap_is "too slow: every id is defined" defined "$($meaning check "$TAP_DIR/slow.txt" 2>&1)"
tap_is "too slow: babeltrace2 reads it" "$(member slow events)" "$(babeltrace slow)"
want_text "too slow: the end is there" "$TAP_DIR/slow.txt" " end status=0"

record slow2 --keep="$TAP_DIR/slow2.bin" -- -- --trace-baud=115200 \
    --trace-filter="only +console" "$TAP_DIR/work.lua"
tap_is "too slow: the same is dropped in a second run" "$(member slow events_dropped)" \
    "$(member slow2 events_dropped)"
record waits -- -- --trace-baud=115200 --trace-wait=1 --trace-filter="only +console" \
    "$TAP_DIR/work.lua"
dump waits
tap_is "--trace-wait: nothing is dropped" "0 true" \
    "$(member waits events_discarded) $(member waits complete)"
tap_is "--trace-wait: the events" equal \
    "$($meaning equal "$TAP_DIR/waits.txt" "$TAP_DIR/whole.txt" 2>&1)"

# ---- a damaged line ----

# damaged SEED KIND: what the bridge does to the whole capture costs what is counted, and no more.
damaged() {
    name=damaged-$2-$1
    rm -rf "$tty"
    $bridge --seed="$1" $(echo "$2" | sed 's/^/--/;s/,/ --/g') "$tty" -- \
        cat "$TAP_DIR/whole.bin" >/dev/null 2>"$TAP_DIR/bridge.err" &
    bridge_pid=$!
    wait_until test -e "$tty"
    timeout 600 "$FROST" record -o "$TAP_DIR/$name" --serial "$tty" >"$TAP_DIR/$name.out" \
        2>"$TAP_DIR/$name.err" </dev/null
    status=$?
    wait $bridge_pid
    dump "$name"
    tap_is "$name: status" 0 $status
    tap_is "$name: something was lost" yes \
        "$([ "$(member "$name" packets_lost)" -gt 0 ] && echo yes || cat "$TAP_DIR/bridge.err")"
    tap_is "$name: the packets and events that are missing are counted" \
        "$($meaning lost "$TAP_DIR/$name.txt" "$TAP_DIR/whole.txt")" \
        "packets $(member "$name" packets_lost) events $(member "$name" events_lost)"
    tap_is "$name: no event that was not sent" "" \
        "$($meaning part "$TAP_DIR/$name.txt" "$TAP_DIR/whole.txt" 2>&1 | grep -v '^events')"
    tap_is "$name: every id is defined" defined "$($meaning check "$TAP_DIR/$name.txt" 2>&1)"
    tap_is "$name: babeltrace2 reads it" "$(member "$name" events)" "$(babeltrace "$name")"
    want_status "$name: frost gc reads it" 0 "$FROST" gc "$TAP_DIR/$name"
    want_text "$name: the report begins with the loss" "$TAP_DIR/out" "Incomplete input:"
}
for seed in 1 2 3; do
    damaged $seed lose=15000
    damaged $seed flip=12000
    damaged $seed insert=15000
done
damaged 4 lose=9000,flip=9000,insert=9000
damaged 5 flip=1500

# An encoder and decoder of the frames that share nothing with ours.
frames="python3 tests/support/serial_frames.py"
$frames without "$TAP_DIR/whole.bin" none >"$TAP_DIR/made.bin"
tap_is "frames are what the format says" "" "$(cmp "$TAP_DIR/made.bin" "$TAP_DIR/whole.bin" 2>&1)"
$frames text "$TAP_DIR/slow.bin" >"$TAP_DIR/slow.text"
want_same "text between frames" "$TAP_DIR/work.out" "$TAP_DIR/slow.text"

# ---- an image ----

image=tests/nodemcu/golden/lfs-float/app.rel.img
other=tests/nodemcu/golden/lfs-float/bigmodule.rel.img
start=tests/nodemcu/start.lua
$chip --lfs=$image --trace="$TAP_DIR/lfsfile/events" $start main strings >"$TAP_DIR/lfs.want"
record lfs --keep="$TAP_DIR/lfs.bin" -- --lfs $image -- --lfs=$image $start main strings
tap_is "image: status" 0 $status
want_same "image: console text" "$TAP_DIR/lfs.want" "$TAP_DIR/lfs.out"
copy=$(cd "$TAP_DIR/lfs/.frost" && ls | grep '\.img$')
want_same "image: its copy is what lies in flash" "$TAP_DIR/lfsfile/.frost/$copy" \
    "$TAP_DIR/lfs/.frost/$copy"
want_status "image: frost hot" 0 "$FROST" hot "$TAP_DIR/lfs"
want_text "image: frost hot names what lies in it" "$TAP_DIR/out" "strings.lua"
play nolfs "$TAP_DIR/lfs.bin"
want_text "image not given: it is asked for" "$TAP_DIR/nolfs.err" "give its file with --lfs"
want_status "image not given: frost hot all the same" 0 "$FROST" hot "$TAP_DIR/nolfs"
play wrong "$TAP_DIR/lfs.bin" --lfs "$TAP_DIR/work.lua"
tap_is "no image: status" 3 $status
if [ -e "$other" ]; then
    play wronglfs "$TAP_DIR/lfs.bin" --lfs $other
    want_text "another image: it is said" "$TAP_DIR/wronglfs.err" "is not the image"
    tap_is "another image: it is not kept" "run.json" "$(ls "$TAP_DIR/wronglfs/.frost")"
fi

# ---- filters and commands ----

kinds() { # NAME: kinds of events but for definitions
    dump "$1"
    awk '$1 ~ /^[0-9]+$/ {print $2}' "$TAP_DIR/$1.txt" | sort -u |
        grep -v -e '^text$' -e '^name$' -e '^site$' -e '^boot$' -e '^end$' | tr '\n' ' '
}
record found -- -- --trace-filter="only string_found" "$TAP_DIR/work.lua"
tap_is "only string_found" "string_found " "$(kinds found)"
tap_is "only string_found: what is there is true" "" \
    "$($meaning part "$TAP_DIR/found.txt" "$TAP_DIR/whole.txt" 2>&1 | grep -v '^events')"
tap_is "what is left out is told, and is no loss" "yes 0 true" \
    "$([ "$(member found events_filtered)" -gt 1000 ] && echo yes) \
$(member found events_discarded) $(member found complete)"
record large -- -- --trace-filter="min 64" "$TAP_DIR/work.lua"
dump large
tap_is "min 64: no smaller block" 0 \
    "$(awk '$2 == "alloc" {sub("bytes=", "", $4); n += $4 + 0 < 64} END {print n + 0}' \
        "$TAP_DIR/large.txt")"
tap_is "min 64: frees of blocks that are known only" 0 \
    "$(awk '$2 == "alloc" || $2 == "string_new" {known[$3] = 1}
            $2 == "resize" {sub("old_", "", $3); if (!known[$3]) n++; delete known[$3]
                            known[$4] = 1}
            $2 == "free" {if (!known[$3]) n++; delete known[$3]} END {print n + 0}' \
        "$TAP_DIR/large.txt")"
want_text "min 64: there are some" "$TAP_DIR/large.txt" " alloc "
record nochunk -- -- --trace-filter="chunk nowhere.lua" "$TAP_DIR/work.lua"
case $(kinds nochunk) in
*alloc* | *string_new* | *string_found* | *content*) tap_not_ok "chunk: nothing of others" "$TAP_DIR/nochunk.txt" ;;
*) tap_ok "chunk: nothing of others" ;;
esac
record chunk -- -- --trace-filter="chunk work.lua" "$TAP_DIR/work.lua"
dump chunk
tap_is "chunk: what is there is true" "" \
    "$($meaning part "$TAP_DIR/chunk.txt" "$TAP_DIR/whole.txt" 2>&1 | grep -v '^events')"
want_text "chunk: there is some" "$TAP_DIR/chunk.txt" " string_new "

# What is summed up on the chip fits the line: nothing is lost, and the sums are right.
cat >"$TAP_DIR/reads.lua" <<'END'
local text, n = ("a line of some length; "):rep(4), 0
for i = 1, 9000 do n = n + text:byte(i % 5 + 1) if text:find("xyz", 1, true) then n = 0 end end
print(n)
END
rm -rf "$TAP_DIR/sums"
$chip --trace="$TAP_DIR/sums/events" --trace-small=1 "$TAP_DIR/reads.lua" >/dev/null
cp "$TAP_DIR/whole/metadata" "$TAP_DIR/sums/"
record every -- -- --trace-baud=115200 --trace-filter="only content_read;every 50" \
    "$TAP_DIR/reads.lua"
dump sums
dump every
grep -e '^packet' -e '^run' -e ' name ' -e ' site ' -e ' text id' -e ' content_read ' -e ' boot ' \
    -e ' end ' -e ' mark ' "$TAP_DIR/sums.txt" >"$TAP_DIR/reads.txt"
tap_is "summed up on the chip: nothing is lost at 115200 baud" "0 true" \
    "$(member every events_discarded) $(member every complete)"
tap_is "summed up on the chip: the sums" same \
    "$($meaning sums "$TAP_DIR/every.txt" "$TAP_DIR/reads.txt" 2>&1)"
packets=$(grep -c '^packet' "$TAP_DIR/every.txt")
if [ "$packets" -ge 3 ]; then
    tap_ok "every 50: $packets packets"
else
    tap_not_ok "every 50: $packets packets" "$TAP_DIR/every.txt"
fi

play notext "$TAP_DIR/whole.bin" --no-text
dump notext
tap_is "--no-text: no text" 0 "$(grep -c 'text id=.* text="[^"]' "$TAP_DIR/notext.txt")"
want_text "--no-text: their lengths" "$TAP_DIR/notext.txt" ' text id=1 '
tap_is "--no-text: run.json" false "$(member notext text)"

cat >"$TAP_DIR/long.lua" <<'END'
local text
for i = 1, 3000 do text = "n" .. i % 50 for k = 1, 300 do text = text end end
print "done"
END
record mark -- --filter "mark-A" --filter "only" -- --trace-baud=3000000 "$TAP_DIR/long.lua"
want_text "an unknown command is refused" "$TAP_DIR/mark.err" "device: no mark-A: no such command"
rm -rf "$tty"
$bridge "$tty" -- timeout 600 $chip --trace-serial=1 --trace-baud=3000000 "$TAP_DIR/long.lua" \
    >/dev/null 2>&1 &
wait_until test -e "$tty"
timeout 600 "$FROST" record -o "$TAP_DIR/mark" --serial "$tty" --filter "mark half way" \
    --filter "only string_new" >/dev/null 2>"$TAP_DIR/mark.err" </dev/null
wait $!
dump mark
want_text "mark: an event" "$TAP_DIR/mark.txt" 'mark text="half way"'
want_text "commands are answered" "$TAP_DIR/mark.err" "device: ok"
tap_is "a filter while it runs: no other event behind it" "" \
    "$(sed '1,/ mark /d' "$TAP_DIR/mark.txt" | awk '$1 ~ /^[0-9]+$/ {print $2}' | sort -u |
        grep -v -e string_new -e text -e name -e site -e end | tail -n +9)"

# ---- several boots ----

cat >"$TAP_DIR/boots.lua" <<'END'
local _, reason = node.bootreason()
print("boot", reason)
for i = 1, 100 do local s = "x" .. i end
node.restart()
END
record boots --keep="$TAP_DIR/boots.bin" -- -- "$TAP_DIR/boots.lua"
dump boots
tap_is "three boots in one recording" "0 3" "$status $(member boots boots)"
tap_is "three boots: three boot events, one end" "3 1" "$(grep -c ' boot number' \
    "$TAP_DIR/boots.txt") $(grep -c ' end status' "$TAP_DIR/boots.txt")"
tap_is "three boots: nothing lost" "0 0 0" "$(member boots frames_lost) \
$(member boots packets_lost) $(member boots events_discarded)"
tap_is "three boots: every id is defined" defined "$($meaning check "$TAP_DIR/boots.txt" 2>&1)"
tap_is "three boots: babeltrace2 reads them" "$(member boots events)" "$(babeltrace boots)"
want_status "three boots: frost gc" 0 "$FROST" gc "$TAP_DIR/boots"
$frames without "$TAP_DIR/boots.bin" end >"$TAP_DIR/noend.bin"
cat "$TAP_DIR/noend.bin" "$TAP_DIR/whole.bin" >"$TAP_DIR/two.bin"
play two "$TAP_DIR/two.bin"
dump two
tap_is "a reset without an end, then another program" "4 0" \
    "$(member two boots) $(member two packets_lost)"
tap_is "a reset: every id is defined" defined "$($meaning check "$TAP_DIR/two.txt" 2>&1)"

# ---- recorded from later on, or not to the end ----

tail -c +60000 "$TAP_DIR/whole.bin" >"$TAP_DIR/late.bin"
play late "$TAP_DIR/late.bin"
tap_is "from later on, no hello: no trace" 4 $status
want_text "from later on, no hello: it says so" "$TAP_DIR/late.err" "no trace came"
want_no_file "from later on, no hello: nothing is left" "$TAP_DIR/late"
$frames without "$TAP_DIR/whole.bin" packet counts end answer >"$TAP_DIR/hello.bin"
cat "$TAP_DIR/hello.bin" "$TAP_DIR/late.bin" >"$TAP_DIR/late2.bin"
play late2 "$TAP_DIR/late2.bin"
dump late2
tap_is "from later on: status" 0 $status
want_text "from later on: a boot event in the place of the lost one" "$TAP_DIR/late2.txt" \
    'heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=0 command="(recorded from later on)"'
tap_is "from later on: what is there is true" "" \
    "$($meaning part "$TAP_DIR/late2.txt" "$TAP_DIR/whole.txt" 2>&1 | grep -v '^events')"
tap_is "from later on: what is missing is counted" \
    "$($meaning lost "$TAP_DIR/late2.txt" "$TAP_DIR/whole.txt")" \
    "packets $(member late2 packets_lost) events $(member late2 events_lost)"
want_status "from later on: frost gc" 0 "$FROST" gc "$TAP_DIR/late2"

record unplugged --unplug=40000 -- -- "$TAP_DIR/work.lua"
dump unplugged
tap_is "unplugged: the trace is closed" "0 false" "$status $(member unplugged complete)"
want_text "unplugged: it is said" "$TAP_DIR/unplugged.err" "the line is closed"
tap_is "unplugged: what is there is true" "" \
    "$($meaning part "$TAP_DIR/unplugged.txt" "$TAP_DIR/whole.txt" 2>&1 | grep -v '^events')"

rm -rf "$tty"
$bridge "$tty" -- sh -c 'cat "$1"; sleep 600' sh "$TAP_DIR/noend.bin" >/dev/null 2>&1 &
wait_until test -e "$tty"
said_times() { [ "$(grep -c "$2" "$1")" = "$3" ]; } # FILE TEXT COUNT
timeout 600 "$FROST" record -o "$TAP_DIR/stopped" --serial "$tty" >"$TAP_DIR/stopped.out" \
    2>"$TAP_DIR/stopped.err" </dev/null &
recorder=$!
wait_until said_times "$TAP_DIR/stopped.out" boot 3
pkill_children() { for pid in $(ps -o pid= --ppid "$1"); do kill -INT "$pid"; done; }
pkill_children $recorder
wait $recorder
tap_is "Ctrl-C: the trace is closed" "0 3" "$? $(member stopped boots)"
want_text "Ctrl-C: it is said" "$TAP_DIR/stopped.err" "(stopped; 3 boots)"
wait

# How much comes within a duration is not ours to say: the next one is longer.
for duration in 1500 6000 24000 96000; do
    rm -rf "$tty"
    $bridge "$tty" -- sh -c 'cat "$1"; sleep 600' sh "$TAP_DIR/noend.bin" >/dev/null 2>&1 &
    wait_until test -e "$tty"
    timeout 600 "$FROST" record -o "$TAP_DIR/timed" --serial "$tty" --duration $duration >/dev/null \
        2>"$TAP_DIR/timed.err" </dev/null
    timed="$? $(member timed boots)"
    wait
    [ "$timed" = "0 3" ] && break
done
tap_is "--duration: the trace is closed" "0 3" "$timed"
want_text "--duration: it is said" "$TAP_DIR/timed.err" "(the time is over; 3 boots)"

# ---- what cannot be recorded ----

play schema "$TAP_DIR/whole.bin"
$frames change "$TAP_DIR/whole.bin" hello 2 0102030405060708 >"$TAP_DIR/schema.bin"
play schema "$TAP_DIR/schema.bin"
tap_is "another table of events: status" 3 $status
want_text "another table of events: it is said" "$TAP_DIR/schema.err" "of different versions"
$frames change "$TAP_DIR/whole.bin" hello 0 0700 >"$TAP_DIR/protocol.bin"
play protocol "$TAP_DIR/protocol.bin"
tap_is "another version of frames: status" 3 $status
want_text "another version of frames: it is said" "$TAP_DIR/protocol.err" "frames of version 7"
$frames without "$TAP_DIR/whole.bin" hello >"$TAP_DIR/nohello.bin"
play nohello "$TAP_DIR/nohello.bin"
tap_is "no hello: status" 4 $status
: >"$TAP_DIR/empty.bin"
play empty "$TAP_DIR/empty.bin"
tap_is "nothing at all: status" 4 $status
want_no_file "nothing at all: nothing is left" "$TAP_DIR/empty"
head -c 100000 /dev/urandom >"$TAP_DIR/noise.bin"
play noise "$TAP_DIR/noise.bin"
tap_is "noise: status" 4 $status

# A device gone wild: frames that are frames, with anything in them.
wild=0 odd=
for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    $frames scramble "$TAP_DIR/whole.bin" $seed >"$TAP_DIR/wild.bin"
    play wild "$TAP_DIR/wild.bin"
    if [ $status -ge 124 ]; then # others may be the program's
        odd="$odd $seed(status $status)"
    elif [ -e "$TAP_DIR/wild" ]; then
        "$FROST" trace dump "$TAP_DIR/wild" >"$TAP_DIR/wild.txt" 2>"$TAP_DIR/wild.dump" ||
            odd="$odd $seed(unreadable: $(cat "$TAP_DIR/wild.dump"))"
    fi
    wild=$((wild + 1))
done
tap_is "any content of frames gives a trace that can be read, or a reason" "20 " "$wild $odd"

rm -rf "$tty"
$bridge --seconds=1 "$tty" -- sh -c 'echo hello; until [ -e "$1" ]; do sleep 0.1; done' sh "$TAP_DIR/hinted" \
    >/dev/null 2>&1 &
wait_until test -e "$tty"
timeout 600 "$FROST" record -o "$TAP_DIR/mute" --serial "$tty" >"$TAP_DIR/mute.out" \
    2>"$TAP_DIR/mute.err" </dev/null &
recorder=$!
wait_until grep -q "Going on" "$TAP_DIR/mute.err"
: >"$TAP_DIR/hinted"
wait $recorder
tap_is "text without a trace: status" 4 $?
want_text "text without a trace: a hint after a while" "$TAP_DIR/mute.err" "sends text, but no trace"
tap_is "text without a trace: it is shown" hello "$(cat "$TAP_DIR/mute.out")"
wait

want_status "no such line" 4 "$FROST" record -o "$TAP_DIR/x" --serial "$TAP_DIR/nowhere"
want_status "a directory is no line" 2 "$FROST" record -o "$TAP_DIR/x" --serial "$TAP_DIR"
want_status "/dev/null is no line" 2 "$FROST" record -o "$TAP_DIR/x" --serial /dev/null
want_status "--raw is the device's" 2 "$FROST" record --raw --serial /dev/null
want_status "a script beside --serial" 2 "$FROST" record --serial /dev/null x.lua
want_no_file "nothing is left of these" "$TAP_DIR/x"
mkdir "$TAP_DIR/mine"
echo mine >"$TAP_DIR/mine/file"
want_status "a directory that is not a trace is left alone" 2 "$FROST" record -o "$TAP_DIR/mine" \
    --serial "$TAP_DIR/whole.bin"

rm -rf "$tty"
$bridge "$tty" -- sh -c 'cat "$1"; sleep 600' sh "$TAP_DIR/noend.bin" >/dev/null 2>&1 &
wait_until test -e "$tty"
timeout 600 "$FROST" record -q -o "$TAP_DIR/first" --serial "$tty" >"$TAP_DIR/first.out" 2>&1 </dev/null &
recorder=$!
wait_until grep -q boot "$TAP_DIR/first.out"
want_status "a line in use" 4 "$FROST" record -o "$TAP_DIR/second" --serial "$tty"
pkill_children $recorder
wait

tap_done
