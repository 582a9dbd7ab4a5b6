#!/bin/sh
# The devs image is exchanged while core's HTTP server has a connection open. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/e2e/net/device.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" curl
device_start devs
url=http://127.0.0.1:$(device_port tcp 80)
get() { timeout 120 curl -sS --max-time 60 "$@" 2>&1; }

module() { # VERSION: the module `text`, which says it
    mkdir -p "$TAP_DIR/$1"
    {
        echo 'local M, count = {}, 0'
        echo "function M.get() count = count + 1 return 'version $1, call ' .. count end"
        cat
        echo 'return M'
    } >"$TAP_DIR/$1/text.lua"
    "$FROST" luac --core "$TAP_DIR/net.img" -f -o "$TAP_DIR/devs/$1.img" "$TAP_DIR/$1/text.lua" \
        >"$TAP_DIR/out" 2>&1 || tap_not_ok "version $1 compiles" "$TAP_DIR/out"
}
module one </dev/null
module two </dev/null
module timed <<'END'
M.timer = tmr.create()
M.timer:alarm(5, tmr.ALARM_AUTO, function() count = count + 1 end)
function M.on_unload() M.timer:unregister() print("on_unload") end
END
module careless <<'END'
tmr.create():alarm(5, tmr.ALARM_AUTO, function() count = count end)
END
module faulty <<'END'
function M.on_unload() error("not now") end
END

tap_is "a server of core without devs" "no module" "$(get "$url/text")"
get "$url/text" "$url/reload/one.img" "$url/text" "$url/text" "$url/reload/two.img" "$url/text" \
    "$url/reload/one.img" "$url/text" >"$TAP_DIR/got"
cat >"$TAP_DIR/want" <<'END'
no module
true nil
version one, call 1
version one, call 2
true nil
version two, call 1
true nil
version one, call 1
END
want_same "exchanged three times over one connection" "$TAP_DIR/want" "$TAP_DIR/got"
tap_is "... which stays open" "1 0 0 0 " "$(get -o "$TAP_DIR/o" -o "$TAP_DIR/o" -o "$TAP_DIR/o" \
    -o "$TAP_DIR/o" -w '%{num_connects} ' "$url/text" "$url/reload/two.img" "$url/text" "$url/text")"

# ---- what modules leave ----

get "$url/reload/timed.img" "$url/text" "$url/reload/one.img" "$url/text" >"$TAP_DIR/got"
want_text "on_unload ends a module's timer" "$TAP_DIR/got" "version one, call 1"
get "$url/reload/careless.img" "$url/text" "$url/reload/two.img" "$url/text" >"$TAP_DIR/got"
want_text "a timer that goes on holds the image" "$TAP_DIR/got" "false registry["
want_text "... by its function" "$TAP_DIR/got" "careless/text.lua:3"
want_text "... and the old one is used" "$TAP_DIR/got" "version careless, call 1"
get "$url/release/two.img" "$url/text" >"$TAP_DIR/got"
want_text "... unless it is to be released" "$TAP_DIR/got" "version two, call 1"
get "$url/reload/faulty.img" "$url/text" "$url/reload/two.img" "$url/text" >"$TAP_DIR/got"
want_text "an on_unload that fails" "$TAP_DIR/got" "not now"
want_text "... keeps the image" "$TAP_DIR/got" "version faulty, call"

# ---- wrong files ----

"$FROST" luac -f -o "$TAP_DIR/devs/alone.img" "$TAP_DIR/one/text.lua" >/dev/null
head -c 250 "$TAP_DIR/devs/one.img" >"$TAP_DIR/devs/cut.img"
tap_is "a file that is not there" "nil LFS image file not found" "$(get "$url/reload/none.img")"
tap_is "one that was made without core" \
    "nil devs image was made without the core image: frost luac --core CORE -f" \
    "$(get "$url/reload/alone.img")"
tap_is "one that is cut off" "nil LFS length mismatch" "$(get "$url/reload/cut.img")"
want_text "... and the image is what it was" "$(get "$url/text" >"$TAP_DIR/got"; echo "$TAP_DIR/got")" "version faulty"
device_stop
want_text "an on_unload has been called" "$device_directory/out" "on_unload"
tap_done
