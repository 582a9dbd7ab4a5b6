#!/bin/sh
# The module http: requests to a real server, and again in a replay; to a world script with answers at
# the edges; memory. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
fs=$TAP_DIR/fs
client=$PWD/tests/e2e/http-client/client.lua
mkdir "$fs"
python3 tests/e2e/http-client/server.py >"$TAP_DIR/port" 2>"$TAP_DIR/server.err" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$TAP_DIR"' EXIT
wait_until test -s "$TAP_DIR/port"
tr -d '\n' <"$TAP_DIR/port" >"$fs/port"

cat >"$TAP_DIR/want" <<'END'
1	200	GET /a?b=c 0 |Host=web.local,Connection=close,User-Agent=ESP8266
x-two	two
2	200	GET / 0 |Host=web.local,Connection=close,User-Agent=me,X-Y=z
x-two	two
3	200	POST /post 5 hello|Host=web.local,Connection=close,User-Agent=ESP8266,Content-Type=text/plain,Content-Length=5
x-two	two
4	200	PUT /put 4003 89end|Host=web.local,Connection=close,User-Agent=ESP8266,Content-Length=4003
x-two	two
5	200	DELETE /delete 0 |Host=web.local,Connection=close,User-Agent=ESP8266,Content-Length=0
x-two	two
6	200	PATCH /request 2 ab|Host=web.local,Connection=close,User-Agent=ESP8266,Content-Length=2
x-two	two
7	200	3008 bytes: one two xxxx
transfer-encoding	chunked
8	200	GET /there 0 |Host=web.local,Connection=close,User-Agent=ESP8266
x-two	two
9	200	GET /x 0 |Host=other.local,Connection=close,User-Agent=ESP8266
x-two	two
10	301	
location	/loop
11	-1	nil
12	200	GET /first 0 |Host=web.local,Connection=close,User-Agent=ESP8266
x-two	two
done
END
want_status "requests to a real server" 0 "$FROST" record -q -o "$TAP_DIR/live" --fs "$fs" \
    --host web.local=127.0.0.1 --host other.local=127.0.0.1 --duration 600000 "$client"
want_same "are answered" "$TAP_DIR/want" "$TAP_DIR/out"
kill "$server"
want_status "replayed without the server" 0 "$FROST" record -q -o "$TAP_DIR/again" --fs "$fs" \
    --replay "$TAP_DIR/live" "$client"
want_same "they are answered the same" "$TAP_DIR/want" "$TAP_DIR/out"
for run in live again; do
    "$FROST" trace dump -q --include-input --form=events "$TAP_DIR/$run" | sed "s, stack_bytes=.*,," >"$TAP_DIR/$run.events"
done
want_same "event by event" "$TAP_DIR/live.events" "$TAP_DIR/again.events"

cat >"$TAP_DIR/want" <<'END'
0	-1
bad argument #1 to '?' (string expected, got no value)
bad argument #2 to '?' (string expected, got no value)
HTTP client: URL is not HTTP or HTTPS ftp://web.local/
http://nobody.local/	0	3	-1	nil	nil
http://web.local:99/	0	3	-1	nil	nil
http://10.9.9.9/	30	3	-1	nil	nil
https://web.local:1/	0	3	200	all to the end	server=old
http://web.local:1/	0	3	200	all to the end	server=old
http://web.local:2/	0	3	204		nil
http://web.local:3/	0	3	-1	nil	nil
http://web.local:4/	0	3	-1	nil	nil
http://web.local:5/	60	3	-1	nil	nil
http://web.local:6/	0	3	-1	nil	nil
http://web.local:7/	0	3	200	wholecut	transfer-encoding=chunked
http://web.local:8/	0	3	304		etag=x
http://web.local:9/	0	3	-1	nil	nil
of the heap	0
edges.lua:20: no such answer
END
for option in "" --integer; do
    want_status "answers at the edge $option" 0 "$FROST" run $option --duration 160000 \
        --world tests/e2e/http-client/world.lua tests/e2e/http-client/edges.lua
    want_same "are taken as the firmware does $option" "$TAP_DIR/want" "$TAP_DIR/out"
done
tap_done
