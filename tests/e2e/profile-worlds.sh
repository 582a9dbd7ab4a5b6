#!/bin/sh
# `frost profile` of whole applications (tests/e2e/apps): with a session of curl, and with world
# scripts. Are the variants replays of the same bytes, does the code go into the image, is what is of
# older firmware found? Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs curl
apps=tests/e2e/apps

inputs() { # NAME: where each variant's inputs came from
    sed -n 's/.*"variant":"\([^"]*\)",.*"inputs":"\([^"]*\)".*/\1: \2/p' "$TAP_DIR/$1/report.json" | tr '\n' ';'
}
peak() { # NAME VARIANT
    sed -n 's/.*"variant":"'"$2"'",.*"peak_bytes":\([0-9]*\),.*/\1/p' "$TAP_DIR/$1/report.json"
}
halves() { # NAME PERCENT: the run from LFS takes at most so much of the RAM of the run as it is
    before=$(peak "$1" "as it is") after=$(peak "$1" "from LFS")
    if [ "$((after * 100))" -le "$((before * $2))" ]; then
        tap_ok "$1: from LFS at most $2 % of the RAM ($before to $after bytes)"
    else
        echo "$before $after" >"$TAP_DIR/peaks"
        tap_not_ok "$1: from LFS at most $2 % of the RAM" "$TAP_DIR/peaks"
    fi
}
replayed="as it is: its own;from LFS: replayed;from LFS, with the list: replayed;"

# ---- an MQTT client and its broker, pins ----

want_status "mqtt-node" 0 "$FROST" profile --no-compare-dump -o "$TAP_DIR/mqtt" \
    --session $apps/mqtt-node.world.lua $apps/mqtt-node
tap_is "mqtt: replays, whenever within a turn a pin was written" "$replayed" "$(inputs mqtt)"
halves mqtt 60
if grep -q "s3cret-wifi-pass\|mqtt-secret" "$TAP_DIR/mqtt/summary.txt" "$TAP_DIR/mqtt/dummy_strings.lua"; then
    tap_not_ok "mqtt: no password in the summary" "$TAP_DIR/mqtt/summary.txt"
else
    tap_ok "mqtt: no password in the summary"
fi

want_status "a world script and another session" 2 "$FROST" profile -o "$TAP_DIR/two" \
    --session $apps/mqtt-node.world.lua --session "$TAP_DIR/clients" $apps/mqtt-node
want_text "is refused" "$TAP_DIR/err" "a world script is the only session"

# ---- older firmware ----

want_status "logger" 0 "$FROST" profile --no-compare-dump --duration 300000 -o "$TAP_DIR/logger" \
    --world $apps/logger.world.lua $apps/logger
want_text "logger: said that it is written for older firmware" "$TAP_DIR/err" "runs with --firmware=legacy"
want_text "logger: each form, with its lines" "$TAP_DIR/err" \
    "tmr.alarm, used at init.lua:12, 18, logger.lua:10, is of older firmware; its 3.0 form is tmr.create():alarm(...)"
tap_is "logger: replays" "$replayed" "$(inputs logger)"
halves logger 65
want_text "logger: a row for each request" "$TAP_DIR/logger/summary.txt" "request 10"
want_text "logger: edits are told to who uploads it" "$TAP_DIR/logger/upload/README.md" "logger.lua:10"

# ---- a web server that compiles itself ----

cat >"$TAP_DIR/clients" <<'END'
#!/bin/sh
set -e
url=http://$FROST_HOST:$FROST_PORT_80
get() { curl -sS -w '%{http_code}\n' --max-time 60 "$url/$1" $2 $3 $4 >>"$CLIENT_LOG"; }
get ""
get "args.lua?a=1&b=two%20words"
get form.lua
get form.lua -d "first=Ann&last=Lee"
get nothing.html
get index.html -X DELETE
i=0
while [ $i -lt 5 ]; do get index.html; i=$((i + 1)); done
END
export CLIENT_LOG=$TAP_DIR/log
want_status "web-server" 0 "$FROST" profile --worlds 0 --no-compare-dump -o "$TAP_DIR/web" \
    --session "$TAP_DIR/clients" $apps/web-server
tap_is "web: replays of the second start" "as it is, first start: its own;$replayed" "$(inputs web)"
halves web 70
tap_is "web: its sources are in the image" 7 \
    "$(grep -c '"path":"server[^"]*","module":"server' "$TAP_DIR/web/report.json")"
tap_is "web: what is served is not" 4 "$(grep -c '"path":"http/[^"]*","module":"(a file)"' "$TAP_DIR/web/report.json")"
tap_is "web: clients were there for two starts, and got the same" "12 4 2 2" \
    "$(grep -c '<p>row 119 ' "$CLIENT_LOG") $(grep -c 'Ann Lee\|b = two words' "$CLIENT_LOG") $(grep -c '^404$' "$CLIENT_LOG") $(grep -c '^501$' "$CLIENT_LOG")"
# ---- a console, a file server, a setup page, a thermostat, a garden ----

# The device as upload/README.md says, on firmware that knows nothing of ours, given what the run was.
uploaded() { # NAME
    result=$TAP_DIR/$1 device=$TAP_DIR/device-$1
    mkdir -p "$device"
    sed -n '/^## Upload/,/^## Delete/s/^- `\(.*\)`$/\1/p' "$result/upload/README.md" |
        while read -r file; do
            [ "$file" = lfs.img ] || install -D "$apps/$1/$file" "$device/$file"
        done
    cp "$result/upload/init.lua" "$device/init.lua"
    want_status "$1: what was uploaded" 0 "$FROST" run --firmware stock --fs "$device" \
        --lfs "$result/upload/lfs.img" --replay "$result/run1.trace" init.lua
    want_text "$1: sends and prints the same bytes" "$TAP_DIR/err" "frost: replay: equal"
}
whole() { # NAME INPUTS OPTION...
    name=$1 wanted=$2
    shift 2
    rm -f "$CLIENT_LOG"
    want_status "$name" 0 "$FROST" profile --worlds 0 --no-compare-dump -o "$TAP_DIR/$name" "$@" "$apps/$name"
    tap_is "$name: where the inputs came from" "$wanted" "$(inputs "$name")"
    uploaded "$name"
}
tap_needs nc

whole telnet "$replayed" --session $apps/telnet.session.sh
halves telnet 60
want_text "telnet: the client has the answer" "$CLIENT_LOG" "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59"
whole file-server "as it is: its own;from LFS: its own;from LFS, with the list: replayed;" \
    --session $apps/file-server.session.sh
tap_is "file-server: two runs with clients got the same, but the list of files" "2 2 1" \
    "$(grep -c 'keeps its files' "$CLIENT_LOG") $(grep -c '^3000$' "$CLIENT_LOG") $(grep -c '^ftpserver.lua' "$CLIENT_LOG")"
halves file-server 35
whole portal "$replayed" --session $apps/portal.session.sh
want_text "portal: it is told the new network, and restarts" "$TAP_DIR/portal/run2.txt" "joining Home Net"
halves portal 35
whole thermostat "$replayed" --session $apps/thermostat.session.sh
tap_is "thermostat: require takes a path, too" drivers.relay \
    "$(sed -n 's/.*"path":"drivers.relay.lua","module":"\([^"]*\)".*/\1/p' "$TAP_DIR/thermostat/report.json")"
halves thermostat 50
whole garden "$replayed" --session $apps/garden.world.lua --duration 600000
if grep -q "Q9ZX3M1N5PL\|tomatoes" "$TAP_DIR/garden/summary.txt" "$TAP_DIR/garden/dummy_strings.lua"; then
    tap_not_ok "garden: no key of its service in the list" "$TAP_DIR/garden/dummy_strings.lua"
else
    tap_ok "garden: no key of its service in the list"
fi
tap_done
