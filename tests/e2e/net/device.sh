# device.sh: a program with servers, in the background. Use: . tests/e2e/net/device.sh
#
# device_start NAME [OPTION...]          starts NAME.lua from flash, where all of tests/e2e/net is; its
#                                        files are in $TAP_DIR/NAME; waits until it has said "ready"
# device_port tcp|udp PORT               the port of this computer behind the device's
# device_stop                            ends it; its output is $TAP_DIR/NAME/out and err
#
# It ends with the test at the latest.

DEVICE_PID=
trap 'device_stop; rm -rf "$TAP_DIR"' EXIT

device_start() {
    device_name=$1 device_directory=$TAP_DIR/$1
    shift
    mkdir -p "$device_directory"
    : >"$device_directory/out"
    "$FROST" luac -f -o "$TAP_DIR/net.img" tests/e2e/net/*.lua >/dev/null || {
        tap_not_ok "the servers make an image"
        tap_done
    }
    "$FROST" run --lfs "$TAP_DIR/net.img" --fs "$device_directory" "$@" \
        -e "node.LFS.$device_name()" >"$device_directory/out" 2>"$device_directory/err" </dev/null &
    DEVICE_PID=$!
    wait_until device_is_ready_or_gone
    grep -q "^ready" "$device_directory/out" || {
        tap_not_ok "$device_name starts" "$device_directory/err" "$device_directory/out"
        tap_done
    }
}

device_is_ready_or_gone() {
    grep -q "^ready" "$device_directory/out" || ! kill -0 "$DEVICE_PID" 2>/dev/null
}

device_port() {
    device_kind=$(echo "$1" | tr a-z A-Z)
    sed -n "s/^frost: $device_kind port $2 of the device is 127.0.0.1:\([0-9]*\)$/\1/p" \
        "$device_directory/err" | tail -1
}

device_stop() {
    [ -n "$DEVICE_PID" ] || return 0
    kill "$DEVICE_PID" 2>/dev/null
    wait "$DEVICE_PID" 2>/dev/null
    DEVICE_PID=
}
