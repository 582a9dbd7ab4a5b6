#!/bin/sh
# The module mqtt: with a broker that is a world script and with a real one, and again in replays;
# failures, wrong uses, what it takes of the heap. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" mosquitto mosquitto_pub python3
fs=$TAP_DIR/fs
client=$PWD/tests/e2e/mqtt/client.lua
mkdir "$fs"

# ---- a broker of a world script ----

cat >"$TAP_DIR/want" <<'END'
connected
true
subscribed
true
true
true
message	/a	quality 0
message	/a	quality 1
message	/a	quality 2
all are acknowledged
message	/b	900
overflow	/b	true
message	/b	nil
closing
unsubscribed
offline	true
END
echo 1883 >"$fs/port"
for option in "" --integer; do
    want_status "a session with a script $option" 0 \
        "$FROST" run $option --fs "$fs" --world tests/e2e/mqtt/broker.lua --duration 14000 "$client"
    want_same "calls what it must $option" "$TAP_DIR/want" "$TAP_DIR/out"
done
want_status "it is recorded" 0 "$FROST" record -q -o "$TAP_DIR/script" --fs "$fs" \
    --world tests/e2e/mqtt/broker.lua --duration 14000 "$client"
want_status "and replayed" 0 "$FROST" record -q -o "$TAP_DIR/again" --fs "$fs" --replay "$TAP_DIR/script" "$client"
for run in script again; do
    "$FROST" trace dump -q --include-input --form=events "$TAP_DIR/$run" >"$TAP_DIR/$run.events"
done
want_same "event by event" "$TAP_DIR/script.events" "$TAP_DIR/again.events"

# ---- a real one ----

python3 tests/e2e/net/client.py hold-port >"$TAP_DIR/free" &
wait_until test -s "$TAP_DIR/free"
port=$(cat "$TAP_DIR/free")
printf 'listener %d 127.0.0.1\nallow_anonymous true\n' "$port" >"$TAP_DIR/broker.conf"
mosquitto -c "$TAP_DIR/broker.conf" >"$TAP_DIR/broker.out" 2>&1 &
broker=$!
trap 'kill "$broker" 2>/dev/null; rm -rf "$TAP_DIR"' EXIT
publish() { mosquitto_pub -p "$port" "$@"; }
wait_until publish -t /ready -m it 2>/dev/null
echo "$port" >"$fs/port"
"$FROST" record -q -o "$TAP_DIR/live" --fs "$fs" --host broker.local=127.0.0.1 --duration 300000 "$client" \
    >"$TAP_DIR/live.out" 2>"$TAP_DIR/live.err" &
device=$!
wait_until grep -q acknowledged "$TAP_DIR/live.out"
head -c 900 /dev/zero | tr '\0' x | publish -t /b -q 2 -s
head -c 3000 /dev/zero | tr '\0' y | publish -t /b -s
publish -t /b -n
wait "$device"
tap_is "a session with mosquitto" 0 $?
sort "$TAP_DIR/want" >"$TAP_DIR/want.sorted"
sort "$TAP_DIR/live.out" >"$TAP_DIR/live.sorted"
want_same "calls the same" "$TAP_DIR/want.sorted" "$TAP_DIR/live.sorted"
kill "$broker"
wait "$broker" 2>/dev/null
want_status "replayed without the broker" 0 "$FROST" run --fs "$fs" --replay "$TAP_DIR/live" "$client"
want_text "it is equal" "$TAP_DIR/err" "frost: replay: equal"
want_same "and prints the same" "$TAP_DIR/live.out" "$TAP_DIR/out"

# ---- failures ----

cat >"$TAP_DIR/want" <<'END'
nobody.local	1	0	failed	-3
broker.local	99	0	failed	-5
10.9.9.9	1	30	failed	-5
broker.local	1	0	failed	5
broker.local	1	0	offline
broker.local	2	5	failed	-2
broker.local	2	5	offline
broker.local	3	0	failed	-4
broker.local	3	0	offline
broker.local	4	0	connected
broker.local	4	4	offline
broker.local	5	0	offline
broker.local	6	0	connected
broker.local	6	0	offline
END
want_status "brokers that fail" 0 "$FROST" run --world tests/e2e/mqtt/failures-world.lua tests/e2e/mqtt/failures.lua
want_same "are told as the firmware does" "$TAP_DIR/want" "$TAP_DIR/out"
want_status "a callback that fails" 1 "$FROST" run --on-error=restart --max-boots=1 \
    --world tests/e2e/mqtt/failures-world.lua -e "
    wifi.setmode(wifi.STATION) wifi.sta.config{ssid = 'a', pwd = '12345678'}
    local m = mqtt.Client('frost', 2)
    m:on('connfail', function() error('no broker') end)
    wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function() m:connect('broker.local', 1) end)"
want_text "panics" "$TAP_DIR/err" "PANIC: unprotected error in call to Lua API ((command line):4: no broker)"

# ---- the form of older firmware ----

cat >"$TAP_DIR/old.lua" <<'END'
wifi.setmode(wifi.STATION) wifi.sta.config{ssid = "a", pwd = "12345678"}
local m = mqtt.Client("frost", 2)
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    m:connect("broker.local", 4, false, 0, function() print("connected") end, function(_, why) print("failed", why) end)
end)
END
cat >"$TAP_DIR/old-world.lua" <<'END'
world.listen(4, "broker.local", function(c) c:expect(19) c:send("\32\2\0\0") c:rest(20000) end)
END
echo connected >"$TAP_DIR/want"
want_status "a number for connecting again" 0 "$FROST" run --firmware=legacy --duration 4000 \
    --world "$TAP_DIR/old-world.lua" "$TAP_DIR/old.lua"
want_same "is none of its functions" "$TAP_DIR/want" "$TAP_DIR/out"
want_status "and takes the place of one in 3.0" 0 "$FROST" run --duration 4000 \
    --world "$TAP_DIR/old-world.lua" "$TAP_DIR/old.lua"
want_same "so that the other is for failures" /dev/null "$TAP_DIR/out"
want_text "which is explained" "$TAP_DIR/err" "m:connect(host, port, secure, reconnect, ...) is of older firmware"

# ---- wrong uses, memory ----

cat >"$TAP_DIR/want" <<'END'
-5 -4 -3 -2 -1 0 1 2 nil 4 5
close connect lwt on publish subscribe unsubscribe
not connected
not connected
not connected
0
bad argument #2 to '?' (invalid option 'nope')
bad argument #3 to '?' (function expected, got no value)
need lwt topic
need lwt message
ssl not available
Warning, deprecated API! mqtt.connect secure parameter as integer. It will be removed in the future. See documentation for details.
ssl not available
bad argument #2 to '?' (string expected, got no value)
illegal argument
172 1
172 3
172 6
already connected
in it: true
no topics found
buffer overflow, can't enqueue all subscriptions
false true
true
END
want_status "wrong uses" 0 "$FROST" run --world tests/e2e/mqtt/failures-world.lua tests/e2e/mqtt/uses.lua
want_same "and memory are the firmware's" "$TAP_DIR/want" "$TAP_DIR/out"
tap_done
