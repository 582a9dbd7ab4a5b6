#!/bin/sh
# The module sntp: the world's time server, a real one, no server, wrong uses, repetition; replays. Writes
# TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
connect='wifi.setmode(wifi.STATION) wifi.sta.config{ssid = "a", pwd = "12345678"}
    wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()'

program() { # NAME WANT DURATION_MS CODE: what a program prints that runs when it has an address
    "$FROST" run --duration "$3" -e "$connect $4 end)" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    tap_is "$1: status" 0 $?
    tap_is "$1" "$2" "$(tr '\t\n' ' ,' <"$TAP_DIR/out" | sed 's/,$//')"
}
ok='function(sec, usec, ip, info)
    local set = rtctime.get()
    print(sec - 1767225600 < 10, sec == set, ip, info.stratum, info.delay_us >= 30000 and info.delay_us < 40000)
end'
err='function(...) print("err", ...) end'

program "a name, and the clock is set" "true true 192.0.2.123 1 true" 9000 "sntp.sync('pool.ntp.org', $ok, $err)"
program "an address" "true true 10.1.2.3 1 true" 9000 "sntp.sync('10.1.2.3', $ok, $err)"
program "the firmware's servers" "true true 192.0.2.123 1 true" 9000 "sntp.sync(nil, $ok, $err)"
program "several servers, and those again" "true true 192.0.2.123 1 true,again,true true 192.0.2.123 1 true" 20000 "
    sntp.sync({'a.nowhere', 'ntp.b'}, function(...)
        ($ok)(...) print('again') sntp.sync(nil, $ok, $err)
    end, $err)"
program "a name that nobody knows" "err 1 a.nowhere" 9000 "sntp.sync('a.nowhere', $ok, $err)"
program "wrong uses" "false need <128 hostname,false need <128 hostname,false sync in progress" 3000 "
    local function why(...) print((pcall(...)), (select(2, pcall(...)))) end
    why(sntp.sync, ('x'):rep(128))
    why(sntp.sync, {})
    sntp.sync('ntp.b') why(sntp.sync, 'ntp.b')"
program "an offset" "37 37" 9000 "
    sntp.setoffset(37) sntp.sync('ntp.b', function(sec) print(sec - 1767225600 - 37 < 10 and 37, sntp.getoffset()) end)"
program "a repetition, and its end" "1,2,3" 4000000 "
    local count = 0
    sntp.sync('ntp.b', function()
        count = count + 1 print(count)
        if count == 3 then node.task.post(function() sntp.sync(nil) end) end
    end, $err, true)"
program "memory comes back" "0" 20000 "
    heaps = {0, 0, 0, 0}
    count = 0
    function note() collectgarbage() count = count + 1 heaps[count] = node.heap() return again() end
    function done() node.task.post(note) end
    function again()
        if count == 4 then print(heaps[4] - heaps[2]) else sntp.sync('ntp.b', done) end
    end
    again()"

# ---- replays, a real server ----

cat >"$TAP_DIR/clock.lua" <<'END'
wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "a", pwd = "12345678"}
local function say(sec, usec, ip, info)
    local now = rtctime.epoch2cal(sec)
    print(ip, info.stratum, ("%d-%02d-%02d %02d"):format(now.year, now.mon, now.day, now.hour))
    print(info.root_delay_us, info.root_dispersion_us, info.leap, info.delay_us >= 0, usec < 1000000)
end
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    sntp.sync("ntp.local", say, function(...) print("failed", ...) end)
end)
END
replayed() { # NAME OPTION...: is recorded with the options and replayed, equal event by event
    replayed_name=$1
    shift
    want_status "$replayed_name is recorded" 0 \
        "$FROST" record -q -o "$TAP_DIR/first" --duration 12000 "$@" "$TAP_DIR/clock.lua"
    cp "$TAP_DIR/out" "$TAP_DIR/said"
    want_status "$replayed_name is replayed" 0 \
        "$FROST" record -q -o "$TAP_DIR/again" --replay "$TAP_DIR/first" "$TAP_DIR/clock.lua"
    want_same "$replayed_name says the same" "$TAP_DIR/said" "$TAP_DIR/out"
    for run in first again; do
        "$FROST" trace dump -q --include-input --form=events "$TAP_DIR/$run" |
            sed 's/ stack_bytes=.*//' >"$TAP_DIR/$run.events"
    done
    want_same "$replayed_name is equal event by event" "$TAP_DIR/first.events" "$TAP_DIR/again.events"
    rm -rf "$TAP_DIR/first" "$TAP_DIR/again"
}
replayed "the usual world's time"
tap_is "which is the world's" "192.0.2.123	1	2026-01-01 00" "$(head -1 "$TAP_DIR/said")"

# Port 123 of an address that no other test has.
address=127.$(($$ / 65536 % 256)).$(($$ / 256 % 256)).$(($$ % 256))
[ "$address" != 127.0.0.1 ] && [ "${address##*.}" != 255 ] || address=127.77.7.7
python3 tests/e2e/sntp/server.py "$address" >"$TAP_DIR/server" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$TAP_DIR"' EXIT
wait_until test -s "$TAP_DIR/server"
if [ "$(cat "$TAP_DIR/server")" = ready ]; then
    replayed "a real server's time" --host "ntp.local=$address"
    printf '%s\t2\t2029-12-31 23\n3906\t7812\t0\ttrue\ttrue\n' "$address" >"$TAP_DIR/want"
    want_same "which is the server's" "$TAP_DIR/want" "$TAP_DIR/said"
else
    tap_skip "a real server's time" "port 123: $(cat "$TAP_DIR/server")"
fi
tap_done
