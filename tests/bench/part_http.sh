# An HTTP server in NodeMCU's style: requests a second with a real client on loopback, each over a
# connection of its own; its handler alone, against Debian's lua5.1; the recorded session replayed,
# against the time that it took.
http=$work/http
rm -rf "$http"
mkdir -p "$http"
requests=1000

# Sets $server and $port.
http_serve() { # COMMAND...
    "$@" >"$http/out" 2>"$http/err" &
    server=$!
    port= tries=0
    while [ -z "$port" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
        port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$http/err")
    done
}

http_serve "$O/frost" run --live tests/bench/http/init.lua
note http.live_rate requests/s "$(python3 tests/bench/http/client.py "$port" $requests)"
kill -TERM $server
wait $server || true

http_serve "$O/frost" record -q --live --duration 600000 -o "$http/live.trace" tests/bench/http/init.lua
begin=$(date +%s%N)
note http.recorded_rate requests/s "$(python3 tests/bench/http/client.py "$port" $requests)"
live_ns=$(($(date +%s%N) - begin))
kill -TERM $server
wait $server || true
begin=$(date +%s%N)
"$O/frost" run -q --replay "$http/live.trace" tests/bench/http/init.lua
replay_ns=$(($(date +%s%N) - begin))
note http.replay_vs_live ratio "$(awk "BEGIN { printf \"%.3f\", $replay_ns / $live_ns }")"

pair=$("$work/bench_time" "$RUNS" "$O/frost" run --profile pc tests/bench/http/requests.lua 20000 -- \
    lua5.1 tests/bench/http/requests.lua 20000)
note http.handler_vs_lua51 ratio "$(echo "$pair" | awk '{ printf "%.2f", $2 / $1 }')"
