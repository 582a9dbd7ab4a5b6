#!/bin/sh
# Replays of what clients did: datagrams, names, a device that they restart. From RAM, from LFS and with
# a preload list, in the integer build and in both that of floats. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs curl python3
app=$TAP_DIR/app
mkdir "$app"
cat >"$app/init.lua" <<'END'
local boots = tonumber(file.getcontents("boots") or "0") + 1
file.putcontents("boots", tostring(boots))
print("boot", boots, node.random(1000))
require("talk").start(boots)
END
cat >"$app/talk.lua" <<'END'
local M = {}
local echoed = 0
local function resolved(_, ip)
    print("peer.local is", ip)
    net.dns.resolve("nobody.local", function(_, none) print("nobody is", none) end)
end
function M.start(boots)
    local echo = net.createUDPSocket()
    echo:listen(7)
    echo:on("receive", function(s, data, port, ip)
        echoed = echoed + 1
        s:send(port, ip, ("%d %s %s"):format(echoed, data:reverse(), node.random(100)))
    end)
    net.createServer(net.TCP, 30):listen(80, function(conn)
        conn:on("receive", function(c, request)
            c:on("sent", function(s) s:close() end)
            c:send("HTTP/1.0 200 OK\r\n\r\nboot " .. boots .. ", " .. echoed .. " echoed\n")
            if request:find("GET /restart") then
                tmr.create():alarm(200, tmr.ALARM_SINGLE, node.restart)
            end
        end)
    end)
    net.dns.resolve("peer.local", resolved)
end
return M
END
cat >"$TAP_DIR/clients" <<'END'
#!/bin/sh
set -e
url=http://$FROST_HOST:$FROST_PORT_80
echo_back() {
    python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(60)
for n in range(5):
    s.sendto(b"datagram %d" % n, ("127.0.0.1", int(sys.argv[1])))
    print(s.recv(100).decode())' "$FROST_UDP_7"
}
echo_back
curl -sS --max-time 60 $url/restart
n=0 # it restarts soon, which may cut off who asks meanwhile
until curl -sS --max-time 60 $url/ | grep '^boot 2' || [ $n = 600 ]; do
    sleep 0.1
    n=$((n + 1))
done
echo_back
END
chmod +x "$TAP_DIR/clients"

inputs() { # RESULT
    sed -n 's/.*"variant":"\([^"]*\)",.*"inputs":"\([^"]*\)".*/\1: \2/p' "$1/report.json" | tr '\n' ';'
}
for number in float integer; do
    flag=
    [ $number = integer ] && flag=--integer
    # shellcheck disable=SC2086
    want_status "$number: recorded, and each way" 0 "$FROST" profile $flag --worlds 0 --no-compare-dump \
        --host peer.local=127.0.0.1 --session "$TAP_DIR/clients" -o "$TAP_DIR/$number" "$app"
    tap_is "$number: replays" \
        "as it is: its own;from LFS: replayed;from LFS, with the list: replayed;" "$(inputs "$TAP_DIR/$number")"
    tap_is "$number: two boots" 2 "$(grep -c '^boot' "$TAP_DIR/$number/run0.txt")"
    want_text "$number: a name is found" "$TAP_DIR/$number/run0.txt" "peer.local is	127.0.0.1"
    tap_is "$number: ten datagrams came back" 10 "$(grep -c ' [0-9] margatad ' "$TAP_DIR/err")"
    want_same "$number: prints the same from LFS" "$TAP_DIR/$number/run0.txt" "$TAP_DIR/$number/run1.txt"
done

# ---- what was recorded from LFS is replayed from RAM, and without the script being named ----

rm -rf "$TAP_DIR/files"
cp -r "$app" "$TAP_DIR/files"
want_status "from RAM" 0 "$FROST" run --fs "$TAP_DIR/files" --replay "$TAP_DIR/float/run2.trace"
want_text "equal" "$TAP_DIR/err" "frost: replay: equal"
rm -f "$TAP_DIR/files/boots"
sed -i 's/data:reverse()/data:upper()/' "$TAP_DIR/files/talk.lua"
want_status "another program" 1 "$FROST" run --fs "$TAP_DIR/files" --replay "$TAP_DIR/float/run0.trace"
want_text "the first datagram differs" "$TAP_DIR/err" "differs, at talk.lua:12"
want_status "the integer build does not take what the other recorded" 2 \
    "$FROST" run --integer --fs "$TAP_DIR/files" --replay "$TAP_DIR/float/run0.trace"
tap_done
