#!/bin/sh
# Replays: a recorded program is given the same turns, answers and files again; what it sends is
# compared. The same image and mode give the same trace, others the same bytes, a changed program the
# first difference with its line.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs curl
events() { # TRACE: what happened, without packets and real time
    "$FROST" trace dump -q --include-input --form=events "$1"
}
# A directory with the program's files as they are at the start of a run.
fresh() { # NAME
    rm -rf "$TAP_DIR/$1"
    mkdir "$TAP_DIR/$1"
    cp "$TAP_DIR"/app/* "$TAP_DIR/$1"
}
said() { # TEXT: of the last want_status
    want_text "$1" "$TAP_DIR/err" "$2"
}

# ---- a program with all that a run can receive ----

mkdir "$TAP_DIR/app"
cat >"$TAP_DIR/app/init.lua" <<'END'
local in_flash = node.flashindex("sensor")
local sensor = in_flash and in_flash() or require("sensor")
print("boot", node.bootreason(), node.chipid(), node.flashid())
local boots = 1
if file.open("boots", "r") then
    boots = tonumber(file.read()) + 1
    file.close()
end
file.open("boots", "w")
file.write(tostring(boots))
file.close()
print("boots", boots, node.heap(), node.egc.meminfo())
local count = 0
local ticker = tmr.create()
ticker:alarm(100, tmr.ALARM_AUTO, function(timer)
    count = count + 1
    print("tick", count, tmr.now(), node.random(1000), sensor.read(count))
    if count == 2 then
        node.task.post(0, function() print("low", tmr.time()) end)
        node.task.post(2, function() print("high", collectgarbage("count")) end)
    end
    if count == 4 then
        timer:stop()
        tmr.create():alarm(1500, tmr.ALARM_SINGLE, function()
            if boots < 3 then return node.restart() end
            error("the last boot fails")
        end)
    end
end)
tmr.create():alarm(250, tmr.ALARM_SINGLE, function()
    local start = tmr.now()
    while tmr.now() - start < 500 do end
    coroutine.wrap(function() print("waited", tmr.now() - start) end)()
end)
END
cat >"$TAP_DIR/app/sensor.lua" <<'END'
local M = {}
function M.read(n)
    local words = {}
    for i = 1, n do words[i] = ("value-%d"):format(node.random(9)) end
    return table.concat(words, " ")
end
return M
END

fresh files
want_status "records three boots, the last with an error" 1 \
    "$FROST" record -q -o "$TAP_DIR/first" --fs "$TAP_DIR/files" init.lua
cp "$TAP_DIR/out" "$TAP_DIR/want"
tap_is "three boots" 3 "$(grep -c '^boots' "$TAP_DIR/want")"
fresh files
want_status "the same again, recorded" 1 \
    "$FROST" record -q -o "$TAP_DIR/again" --fs "$TAP_DIR/files" --replay "$TAP_DIR/first" init.lua
want_same "prints the same" "$TAP_DIR/want" "$TAP_DIR/out"
events "$TAP_DIR/first" >"$TAP_DIR/first.events"
events "$TAP_DIR/again" >"$TAP_DIR/again.events"
want_same "event by event" "$TAP_DIR/first.events" "$TAP_DIR/again.events"
want_text "with inputs" "$TAP_DIR/first.events" ' input turn='
fresh files
want_status "the replay of a replay" 1 \
    "$FROST" run --fs "$TAP_DIR/files" --replay "$TAP_DIR/again" init.lua
said "nothing differs" "frost: replay: equal (turns: 27, "
fresh files
want_status "without the script, which the recording names" 1 \
    "$FROST" run --fs "$TAP_DIR/files" --replay "$TAP_DIR/first"
said "the same" "frost: replay: equal (turns: 27, "
"$FROST" record -q -o "$TAP_DIR/of-code" -e 'print(node.random(9))' >"$TAP_DIR/out"
want_status "a recording of -e, which names none" 2 "$FROST" run --replay "$TAP_DIR/of-code"
said "says so" "does not tell its script: name it, or give -e CODE again"
want_text "run.json says of what" "$TAP_DIR/again/.frost/run.json" "\"replay_of\": \"$TAP_DIR/first\""

# What the program is told is the recording's, not this run's.
fresh files
sed -i 's/random(1000)/random(1000), "now"/' "$TAP_DIR/files/init.lua"
"$FROST" run --replay-loose --fs "$TAP_DIR/files" --replay "$TAP_DIR/first" init.lua \
    2>"$TAP_DIR/err" | sed 's/	now//' >"$TAP_DIR/got"
want_same "a loose replay gives a changed program the recorded answers" "$TAP_DIR/want" "$TAP_DIR/got"
said "and counts" "frost: replay: differences: 12 (turns: 27"

# ---- other collectors, images, heaps ----

for mode in none failure limit:20000 always; do
    fresh files
    want_status "collector mode $mode: equal" 1 \
        "$FROST" run --fs "$TAP_DIR/files" --egc "$mode" --replay "$TAP_DIR/first" init.lua
    said "$mode: equal" "frost: replay: equal"
    want_same "$mode: the same output" "$TAP_DIR/want" "$TAP_DIR/out"
done
fresh files
want_status "another heap: equal, since the program is told of the other" 1 \
    "$FROST" run --fs "$TAP_DIR/files" --heap 60K --replay "$TAP_DIR/first" init.lua
said "equal" "frost: replay: equal"
fresh files
want_status "--replay-own-heap: the heap is another" 1 \
    "$FROST" run --fs "$TAP_DIR/files" --heap 60K --replay-own-heap --replay "$TAP_DIR/first" init.lua
said "which is told with its line" "turn 1 (start): console: byte 32 differs, at init.lua:12"

cat >"$TAP_DIR/list.lua" <<'END'
local preload = "value-%d", "tick", "sensor", "read", "waited", "boots"
END
for list in "" "dummy_strings=$TAP_DIR/list.lua"; do
    want_status "an image${list:+ with a preload list}" 0 \
        "$FROST" luac -f -o "$TAP_DIR/app.img" "sensor=$TAP_DIR/app/sensor.lua" ${list:+"$list"}
    fresh files
    rm "$TAP_DIR/files/sensor.lua"
    want_status "from LFS${list:+ with a preload list}: equal" 1 "$FROST" run --fs "$TAP_DIR/files" \
        --lfs "$TAP_DIR/app.img" --replay "$TAP_DIR/first" init.lua
    said "${list:+preload list: }equal" "frost: replay: equal"
    said "the file that is not there is named" "files that are not as they were when the recording began: sensor.lua (missing)"
done
# ---- a program that was changed ----

changed() { # NAME SED STATUS TEXT...: the program with one line changed is replayed
    changed_name=$1
    fresh files
    sed -i "$2" "$TAP_DIR/files/init.lua"
    want_status "$1" "$3" "$FROST" run --fs "$TAP_DIR/files" --replay "$TAP_DIR/first" init.lua
    shift 3
    for changed_text; do
        said "$changed_name: $changed_text" "$changed_text"
    done
}
changed "another text" 's/"high"/"HIGH"/' 1 \
    "frost run: the program is not the one that was recorded: init.lua" \
    "frost: replay: turn 4 (task 2): console: byte 108 differs, at init.lua:20" \
    'recorded: "high"' 'now:      "HIGH"'
changed "in a coroutine" 's/"waited"/"waits"/' 1 "console: byte 136 differs, at init.lua:33"
changed "a line less" '/"low"/d' 1 "turn 5 (task 0): task 0: ran in the recording, and is not there"
changed "a line more" 's/    count = count + 1/& print("more")/' 1 \
    "frost: replay: turn 2 (timer 1): console: byte 48 differs, at init.lua:16" 'now:      "more"'
changed "a question more" 's/"tick", count,/& node.random(5),/' 1 \
    "turn 2 (timer 1): random: asked for, and no answer was recorded, at sensor.lua:4"
changed "a timer that is not armed" 's/1500, tmr.ALARM_SINGLE/1500, tmr.ALARM_SEMI/; s/timer:stop()/do return end/' 1 \
    "ran in the recording, and is not there"
changed "no restart" 's/node.restart()/print()/' 1 "console"
changed "a restart more" 's/print("low"/node.restart() &/' 1 \
    "turn 9 (timer 7): the device restarts, and did not then"

# ---- the order of `pairs` over keys that are objects ----

mkdir "$TAP_DIR/keys"
cat >"$TAP_DIR/keys/init.lua" <<'END'
local t = {}
for i = 1, 20 do t[{}] = i end
for _, v in pairs(t) do print("item", v) end
tmr.create():alarm(10, tmr.ALARM_SINGLE, function()
    for _, v in pairs(t) do print("again", v) end
    print("end", node.random(1000))
end)
END
want_status "a program whose output goes by addresses" 0 \
    "$FROST" record -q -o "$TAP_DIR/keyed" "$TAP_DIR/keys/init.lua"
cp "$TAP_DIR/out" "$TAP_DIR/keyed.out"
sed -i '1i local pad = {("x"):rep(333), {}, {}}' "$TAP_DIR/keys/init.lua"
want_status "at other addresses" 0 "$FROST" run --replay "$TAP_DIR/keyed" "$TAP_DIR/keys/init.lua"
said "is equal" "frost: replay: equal (turns: 2, "
said "but for the order of lines" "in another order: 2 (first: turn 1 (start), console line by line)"
cmp -s "$TAP_DIR/out" "$TAP_DIR/keyed.out" && tap_not_ok "the order is another" "$TAP_DIR/out" || tap_ok "the order is another"
sed -i 's/"again", v/"again", v % 19/' "$TAP_DIR/keys/init.lua"
want_status "other lines are a difference" 1 "$FROST" run --replay "$TAP_DIR/keyed" "$TAP_DIR/keys/init.lua"
said "with the line where they begin" "turn 2 (timer 1): console: byte "
said "in the program" "differs, at init.lua:6"
sed -i '/"end"/d' "$TAP_DIR/keys/init.lua"
want_status "so are fewer" 1 "$FROST" run --replay "$TAP_DIR/keyed" "$TAP_DIR/keys/init.lua"

# ---- what is no recording of this program ----

refused() { # NAME STATUS TEXT ARGS...
    refused_name=$1 refused_text=$3
    refused_status=$2
    shift 3
    want_status "$refused_name" "$refused_status" "$FROST" run "$@"
    said "$refused_name: message" "$refused_text"
    tap_is "$refused_name: nothing runs" "" "$(cat "$TAP_DIR/out")"
}
fresh files
echo 'print("other")' >"$TAP_DIR/files/other.lua"
refused "another program" 2 "was recorded from 'init.lua'; 'other.lua' is another program" \
    --fs "$TAP_DIR/files" --replay "$TAP_DIR/first" other.lua
refused "the other build" 2 "was recorded by the float build, not the integer one" \
    --integer --fs "$TAP_DIR/files" --replay "$TAP_DIR/first" init.lua
refused "no trace" 4 "$TAP_DIR/none: No such file" --fs "$TAP_DIR/files" --replay "$TAP_DIR/none" init.lua
"$FROST" record -q --no-inputs -o "$TAP_DIR/no-inputs" -e 'print(node.random(9))' >"$TAP_DIR/out"
refused "--no-inputs" 2 "holds no inputs: it was recorded with --no-inputs" \
    --replay "$TAP_DIR/no-inputs" -e 'print(node.random(9))'
events "$TAP_DIR/no-inputs" | grep -q ' input ' && tap_not_ok "--no-inputs keeps none" ||
    tap_ok "--no-inputs keeps none"
"$FROST" record -q --no-text -o "$TAP_DIR/no-text" -e 'print(node.random(9))' >"$TAP_DIR/out"
refused "--no-text" 2 "holds no inputs: it was recorded with --no-text" \
    --replay "$TAP_DIR/no-text" -e 'print(node.random(9))'
grep -q '"files"' "$TAP_DIR/no-text/.frost/run.json" && tap_not_ok "nor names of files" ||
    tap_ok "nor names of files"
cp -r "$TAP_DIR/first" "$TAP_DIR/cut"
head -c 3000 "$TAP_DIR/first/events" >"$TAP_DIR/cut/events"
refused "a trace that is cut off" 3 "is cut off: its end is missing" \
    --fs "$TAP_DIR/files" --replay "$TAP_DIR/cut" init.lua
cp "$TAP_DIR/first/events" "$TAP_DIR/cut/events"
head -c 256 /dev/zero | tr '\000' '\377' | # longer than the fields of an event
    dd of="$TAP_DIR/cut/events" bs=1 seek=2000 conv=notrunc 2>"$TAP_DIR/dd"
refused "a damaged trace" 3 "$TAP_DIR/cut" --fs "$TAP_DIR/files" --replay "$TAP_DIR/cut" init.lua

# ---- real clients ----

mkdir "$TAP_DIR/server"
cat >"$TAP_DIR/server/init.lua" <<'END'
local known = {} -- its keys are sockets, so pairs goes by addresses
local function answer(socket, request)
    local count, order = 0, {}
    for other, number in pairs(known) do
        count = count + 1
        order[count] = number
    end
    table.sort(order)
    local body = ("%s %d of %s at %d\n"):format(request:match("GET (%S+)"), known[socket],
        table.concat(order, ","), tmr.now())
    socket:on("sent", function(s) known[s] = nil s:close() end) -- which is no disconnection
    socket:send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
end
local serial = 0
net.createServer(net.TCP, 30):listen(8080, function(socket)
    serial = serial + 1
    known[socket] = serial
    socket:on("receive", answer)
    socket:on("disconnection", function(s) known[s] = nil end)
    if serial % 10 == 0 then
        for s in pairs(known) do if not pcall(s.getpeer, s) then known[s] = nil end end
        print(serial, node.heap(), collectgarbage("count"))
    end
end)
END
"$FROST" record --raw --live -o "$TAP_DIR/live" --duration 600000 "$TAP_DIR/server/init.lua" \
    >"$TAP_DIR/live.out" 2>"$TAP_DIR/live.err" &
recorder=$!
wait_until grep -q '127\.0\.0\.1:' "$TAP_DIR/live.err"
port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$TAP_DIR/live.err")
clients=
for n in 0 1 2 3 4 5 6 7 8 9; do
    for m in 0 1 2 3 4 5 6 7 8 9; do
        curl -s --max-time 300 "http://127.0.0.1:$port/$n$m" >"$TAP_DIR/client.$n$m" 2>&1 &
        clients="$clients $!"
    done
done
# shellcheck disable=SC2086
wait $clients
kill -TERM $recorder
wait $recorder
tap_is "a recording with a hundred clients" 0 $?
tap_is "all were answered" 100 "$(cat "$TAP_DIR"/client.?? | grep -c ' of .* at ')"
want_status "it is replayed, and recorded" 0 \
    "$FROST" record --raw -q -o "$TAP_DIR/live2" --replay "$TAP_DIR/live" "$TAP_DIR/server/init.lua"
want_same "prints the same" "$TAP_DIR/live.out" "$TAP_DIR/out"
# Raw, since the sums of counters depend on when a packet was full.
# A signal ended the one, the recording's end the other; real sockets use more of the C stack.
for trace in live live2; do
    events "$TAP_DIR/$trace" | sed 's/ end status=.*/ end/' >"$TAP_DIR/$trace.events"
done
want_same "event by event" "$TAP_DIR/live.events" "$TAP_DIR/live2.events"
for mode in none failure limit:20000 always; do
    want_status "clients, collector mode $mode" 0 \
        "$FROST" run --egc "$mode" --replay "$TAP_DIR/live" "$TAP_DIR/server/init.lua"
    said "clients, $mode: equal" "frost: replay: equal"
done
sed -i 's/200 OK/200 Ok/' "$TAP_DIR/server/init.lua"
want_status "clients, a program that was changed" 1 \
    "$FROST" run --replay "$TAP_DIR/live" "$TAP_DIR/server/init.lua"
said "is told with object and line" ": byte 14 differs, at init.lua:12"

# ---- inputs are private ----

cat >"$TAP_DIR/app/init.lua" <<'END'
local pin = tostring(node.random(100000000, 999999999))
print(#pin)
END
fresh files
"$FROST" record -q -o "$TAP_DIR/private" --fs "$TAP_DIR/files" init.lua >"$TAP_DIR/out"
want_status "a dump" 0 "$FROST" trace dump "$TAP_DIR/private"
want_text "has length and hash of inputs" "$TAP_DIR/out" 'kind="random" object=0 piece=0 is_last=1 data_bytes=4 data_hash=0x'
want_status "--include-input shows them" 0 "$FROST" trace dump --include-input "$TAP_DIR/private"
want_text "in full" "$TAP_DIR/out" 'kind="random" object=0 piece=0 is_last=1 data="'
tap_done
