#!/bin/sh
# --console: what is typed, from a terminal and from files and pipes. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3

# ---- a terminal ----

for build in '' --integer; do
    echo "print('main')" >"$TAP_DIR/main.lua"
    if python3 tests/e2e/console-terminal.py "$FROST" run $build --console "$TAP_DIR/main.lua" \
        >"$TAP_DIR/out" 2>"$TAP_DIR/err" && [ ! -s "$TAP_DIR/out" ]; then
        tap_ok "a terminal${build:+, $build}"
    else
        tap_not_ok "a terminal${build:+, $build}" "$TAP_DIR/out" "$TAP_DIR/err"
    fi
done

# ---- files and pipes: what is typed may be echoed before the first prompt, or after it ----

typed() { # NAME STATUS WANT OPTIONS...: $TAP_DIR/in is typed; prompts are taken out
    typed_name=$1 typed_status=$2 typed_want=$3
    shift 3
    cat "$TAP_DIR/in" | timeout 300 "$FROST" run "$@" >"$TAP_DIR/raw" 2>"$TAP_DIR/err"
    typed_got=$?
    sed 's/>> //g; s/> //g' "$TAP_DIR/raw" >"$TAP_DIR/out"
    printf '%b' "$typed_want" >"$TAP_DIR/want"
    if [ $typed_got = "$typed_status" ] && cmp -s "$TAP_DIR/want" "$TAP_DIR/out"; then
        tap_ok "$typed_name"
    else
        tap_not_ok "$typed_name (status $typed_got)" "$TAP_DIR/raw" "$TAP_DIR/err"
    fi
}

printf '=1+2\n' >"$TAP_DIR/in"
typed "a pipe" 0 '=1+2\n3\n' --console
printf 'x = 5' >"$TAP_DIR/in"
typed "a line without an end is not run" 0 'x = 5' --console
: >"$TAP_DIR/in"
typed "no input" 0 '' --console
typed "at its end time jumps" 0 'an hour\n' --console \
    -e 'tmr.create():alarm(3600000, 0, function() print("an hour") end)'
printf '=1\n' >"$TAP_DIR/in"
typed "the console outlives an error of the start" 1 '=1\n1\n' --console -e 'error("x")'
want_text "which is told" "$TAP_DIR/err" '(command line):1: x'
printf 'node.restart()\n' >"$TAP_DIR/in"
typed "boots end" 0 'mainmain' --console --max-boots 2 \
    -e 'uart.write(0, "main") uart.setup(0, 115200, 8, 0, 1, 0)'
head -c 100000 /dev/zero | tr '\0' x >"$TAP_DIR/in"
typed "much of it" 0 '100000\n' --console -e '
    local count = 0
    uart.setup(0, 115200, 8, 0, 1, 0)
    uart.on("data", 250, function(data) count = count + #data if count == 100000 then print(count) end end, 0)'

# ---- wrong uses ----

refused() { # TEXT OPTIONS...
    refused_text=$1
    shift
    want_status "$*" 2 "$FROST" run "$@" </dev/null && want_text "says why" "$TAP_DIR/err" "$refused_text"
}
refused "--console" --console -i
refused "--console" --console -
refused "--console" --console --profile pc -e ''
refused "--console" --console --esp8266 -e ''
refused "--uart=pty" --uart=pty --console
refused "--uart=pty" --uart=pty --profile pc -e ''
refused "--uart must be one of output, pty, not 'modem'" --uart=modem -e ''

cat >"$TAP_DIR/want" <<'END'
answered 1
answered 2
lines end in CR LF, what uart.write sends is as it is
lost
143 
END
want_status "a pseudo-terminal" 0 python3 tests/e2e/serial-terminal.py "$FROST" run --uart=pty
want_same "is the device's line, who comes and goes there" "$TAP_DIR/want" "$TAP_DIR/out"

tap_done
