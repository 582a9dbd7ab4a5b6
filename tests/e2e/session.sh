#!/bin/sh
# `frost profile --session`: an application with real clients. Are they there once, and the variants
# replays that send the same bytes, does the recording end after them, and what is said when they fail,
# or a replay is not possible? Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

app=$TAP_DIR/app
mkdir -p "$app/www"
cat >"$app/init.lua" <<'END'
wifi.setmode(wifi.STATION)
wifi.sta.config({ssid = "home", pwd = "a secret of the house"})
tmr.create():alarm(200, tmr.ALARM_AUTO, function(t)
    if not wifi.sta.getip() then return end
    t:unregister()
    require("server").start(80)
end)
END
cat >"$app/server.lua" <<'END'
local M = {}
local function answer(conn, request)
    local path = request:match("^GET /(%S*)")
    local body = path and file.getcontents("www/" .. path)
    if path == "status" then body = require("status").text() end
    local head = body and "200 OK" or "404 Not Found"
    body = body or "nothing here\n"
    conn:on("sent", function(c) c:close() end)
    conn:send("HTTP/1.1 " .. head .. "\r\nContent-Length: " .. #body .. "\r\nConnection: close\r\n\r\n" .. body)
end
function M.start(port)
    M.server = net.createServer(30)
    M.server:listen(port, function(conn) conn:on("receive", answer) end)
    print("listening", port)
end
return M
END
cat >"$app/status.lua" <<'END'
local M = {count = 0}
function M.text() M.count = M.count + 1 return "request " .. M.count .. "\n" end
return M
END
echo '<html>a page</html>' >"$app/www/index.html"

cat >"$TAP_DIR/clients" <<'END'
#!/bin/sh
set -e
url=http://$FROST_HOST:$FROST_PORT_80
i=0
frost mark before the first # that which runs, installed or not
while [ $i -lt 20 ]; do
    curl -sS --max-time 60 $url/index.html $url/status $url/none >>"$CLIENT_LOG.$$"
    i=$((i + 1))
done
"$FROST" mark 'sixty requests'
test -e "$FROST_FILES/www/index.html"
test "$FROST_PORT" = "$FROST_PORT_80"
END
export CLIENT_LOG=$TAP_DIR/log
want_status "profile with a session" 0 "$FROST" profile --worlds 0 -o "$TAP_DIR/result" --session "$TAP_DIR/clients" "$app"
tap_is "it was run once" 1 "$(ls "$TAP_DIR"/log.* | wc -l)"
inputs() { # RESULT: where each variant's inputs came from
    sed -n 's/.*"variant":"\([^"]*\)",.*"inputs":"\([^"]*\)".*/\1: \2/p' "$1/report.json" | tr '\n' ';'
}
tap_is "the variants are replays" \
    "as it is: its own;from LFS: replayed;from LFS, with the list: replayed;from LFS, with a plain dump: replayed;" \
    "$(inputs "$TAP_DIR/result")"
want_text "of the same bytes" "$TAP_DIR/result/summary.txt" "sent and printed the same"
marks() { # TRACE
    "$FROST" trace dump -q --form=events "$1" | grep -o 'mark .*\|^.* turn .*' | grep -B1 '^mark ' |
        sed 's/^.* turn number=\([0-9]*\).*/\1/'
}
marks "$TAP_DIR/result/run0.trace" >"$TAP_DIR/marks0"
marks "$TAP_DIR/result/run2.trace" >"$TAP_DIR/marks2"
tap_is "the session's marks are in the trace" 2 "$(grep -c '^mark text="\(before the first\|sixty requests\)"' "$TAP_DIR/marks0")"
want_same "and at the same turns in a replay" "$TAP_DIR/marks0" "$TAP_DIR/marks2"
tap_is "RAM by mark and by request" 62 "$(grep -c '^    {"moment":"\(before the first\|sixty requests\|request [0-9]*\)"' "$TAP_DIR/result/report.json")"
want_text "the page has what was printed last" "$TAP_DIR/result/report.html" "What it printed last"
(
    unset FROST_MARKS
    want_status "a mark without a recording" 2 "$FROST" mark text
    want_text "says why" "$TAP_DIR/err" "FROST_MARKS is not set"
    want_status "a mark without a text" 2 "$FROST" mark
    FROST_MARKS=$TAP_DIR/nowhere want_status "a recording that has ended" 4 "$FROST" mark text
) | sed 's/^/# /' >"$TAP_DIR/alone"
tap_is "marks that nobody takes" 4 "$(grep -c '^# ok' "$TAP_DIR/alone")"
cp -r "$app" "$TAP_DIR/files"
want_status "the run as it is can be replayed by hand" 0 \
    "$FROST" run --fs "$TAP_DIR/files" --replay "$TAP_DIR/result/run0.trace" init.lua
want_text "it is equal" "$TAP_DIR/err" "frost: replay: equal"
cp "$TAP_DIR/result/upload/init.lua" "$TAP_DIR/files/init.lua"
rm "$TAP_DIR/files/server.lua" "$TAP_DIR/files/status.lua"
want_status "from the image, too" 0 "$FROST" run --fs "$TAP_DIR/files" --lfs "$TAP_DIR/result/lfs2.img" \
    --replay "$TAP_DIR/result/run1.trace" init.lua
want_text "it is equal" "$TAP_DIR/err" "frost: replay: equal"
tap_is "they got 60 answers" 20 "$(grep -c "a page" "$(ls "$TAP_DIR"/log.* | head -n 1)")"
tap_is "the program ended, it was not cut" "by itself" \
    "$(sed -n 's/.*"variant":"from LFS",.*"ending":"\([^"]*\)".*/\1/p' "$TAP_DIR/result/report.json")"
grep -h '"path":"\(server\|status\).lua"' "$TAP_DIR/result/report.json" >"$TAP_DIR/rows"
tap_is "what was loaded by requests is in the image" 2 "$(grep -c '"module":"s' "$TAP_DIR/rows")"
tap_is "the page is not" 1 "$(grep -c '"path":"www/index.html","module":"(a file)"' "$TAP_DIR/result/report.json")"
if grep -rq "secret of the house" "$TAP_DIR/result/dummy_strings.lua"; then
    tap_not_ok "no password in the list" "$TAP_DIR/result/dummy_strings.lua"
else
    tap_ok "no password in the list"
fi

# ---- what is no replay ----

cp -r "$app" "$TAP_DIR/listing"
cat >"$TAP_DIR/listing/status.lua" <<'END'
local M = {}
function M.text()
    local names = {}
    for name in pairs(file.list("%.lua$")) do names[#names + 1] = name end
    table.sort(names)
    return "files: " .. table.concat(names, " ") .. "\n"
end
return M
END
rm -f "$TAP_DIR"/log.*
want_status "an application that tells which files it has" 0 "$FROST" profile --worlds 0 --no-compare-dump \
    -o "$TAP_DIR/listed" --session "$TAP_DIR/clients" "$TAP_DIR/listing"
want_text "the difference is told, with its line" "$TAP_DIR/err" "differs, at server.lua:9"
tap_is "the run from LFS has clients of its own, the next is its replay" \
    "as it is: its own;from LFS: its own;from LFS, with the list: replayed;" "$(inputs "$TAP_DIR/listed")"
tap_is "the session ran twice" 2 "$(ls "$TAP_DIR"/log.* | wc -l)"
want_text "why is in the report" "$TAP_DIR/listed/summary.txt" "not a replay, it ran with inputs of its own"
tap_is "without the bytes" 0 \
    "$(grep "not a replay" "$TAP_DIR/listed/summary.txt" | grep -c "recorded \|now \|init")"

# ---- sessions that fail ----

echo 'exit 3' >"$TAP_DIR/failing"
want_status "a session that fails" 0 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/failed" --session "$TAP_DIR/failing" "$app"
want_text "its status is in the report" "$TAP_DIR/failed/summary.txt" "failing ended with status 3"
want_status "no such session" 4 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/none" --session "$TAP_DIR/nowhere" "$app"
want_no_file "no such session: no result" "$TAP_DIR/none"
mkdir "$TAP_DIR/deaf"
echo 'print("does not listen")' >"$TAP_DIR/deaf/init.lua"
want_status "a program that does not listen" 0 "$FROST" profile --worlds 0 -o "$TAP_DIR/deaf-result" --session "$TAP_DIR/failing" "$TAP_DIR/deaf"
want_text "is said" "$TAP_DIR/err" "opened no port"
tap_done
