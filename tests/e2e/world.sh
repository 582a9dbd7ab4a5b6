#!/bin/sh
# World scripts: frost run|record --world SCRIPT. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain"
tree=$PWD scripts=tests/e2e/world

# Copies of the scripts below the test's directory: processes that are left over are known by it.
cp "$scripts"/*.lua "$TAP_DIR/"
cd "$TAP_DIR" || exit 1

run() { # NAME STATUS SCRIPT PROGRAM [OPTION...]
    run_name=$1 run_status=$2 run_script=$3 run_program=$4
    shift 4
    want_status "$run_name" "$run_status" timeout 600 "$FROST" run --world "$run_script" "$@" "$run_program"
}
worlds() { # the processes of world scripts of this test
    for worlds_file in $(grep -lsa -e --world-fd= /proc/[0-9]*/cmdline); do
        grep -qsa "$TAP_DIR" "$worlds_file" && echo "$worlds_file" | tr -dc '0-9\n'
    done
}
has_world() { [ -n "$(worlds)" ]; }
has_no_world() { [ -z "$(worlds)" ]; }
no_process() { # NAME
    worlds >left
    if [ -s left ]; then
        tap_not_ok "$1" left
    else
        tap_ok "$1"
    fi
}

# ---- time and the console ----

run "a script sleeps, repeats and reads the console in device time" 0 "$TAP_DIR/time.lua" blink.lua
for n in 1 2; do
    want_status "a run with a world is recorded ($n)" 0 "$FROST" record -q -o "trace$n" \
        --world "$TAP_DIR/time.lua" blink.lua
    "$FROST" trace dump -q --form=events "trace$n" >"events$n"
done
want_same "the same trace twice" events1 events2
run "the integer build has the same world" 0 "$TAP_DIR/time.lua" blink.lua --integer

# ---- what is around the device ----

run "the example's lamp is switched by its button and over the network" 0 \
    "$tree/examples/lamp-world.lua" "$tree/examples/lamp.lua"
want_text "as it says" err "the lamp was switched 3 times"

run "pins, the analog input and the chip's number are the script's" 0 "$TAP_DIR/board.lua" lamp.lua
run "numbers of 32 bits are signed, the analog input has 1024 at most" 0 "$TAP_DIR/beyond.lua" numbers.lua
run "a script that is only asked goes on" 5 "$TAP_DIR/asked.lua" poll.lua --duration 9000
run "networks come and go" 0 "$TAP_DIR/wifi.lua" station.lua
run "connections wait for a link that is lost, or are given up" 0 "$TAP_DIR/link-loss.lua" linked.lua
run "nobody is answered before there is an address" 0 "$TAP_DIR/address.lua" early-server.lua
run "peers connect, answer, hold, end, and are connected to" 0 "$TAP_DIR/peers.lua" server.lua
run "the world goes on when the device restarts" 0 "$TAP_DIR/restart.lua" server.lua
run "a thousand requests are answered" 0 "$TAP_DIR/http.lua" server.lua
for n in 1 2; do
    want_status "all kinds of peers are recorded ($n)" 0 "$FROST" record -q -o "peers$n" --duration 300000 \
        --world "$TAP_DIR/peers.lua" server.lua
    "$FROST" trace dump -q --form=events "peers$n" >"events$n"
done
want_same "the same trace of them twice" events1 events2
run "a peer that is not answered fails" 1 "$TAP_DIR/peer-fails.lua" server.lua
want_text "with its line, what was wanted and what came" err \
    "peer-fails.lua:4: peer 192.168.1.100:49153: wanted '404' and the connection was closed; 'HTTP/1.1 200 OK"
run "a connection that cannot be made fails" 1 "$TAP_DIR/nobody-listens.lua" server.lua
want_text "with its line" err "nobody-listens.lua:1: port 81: no connection: nobody listens there within 500 ms"

# ---- in other commands ----

mkdir app && cp "$tree/examples/lamp.lua" app/init.lua && cp "$tree/examples/lamp-world.lua" .
want_status "an application is profiled in its world" 0 "$FROST" profile --world lamp-world.lua -o profile app
want_text "of which both runs see the same" err "the lamp was switched 3 times in"
want_status "no session beside a world" 2 "$FROST" profile --world lamp-world.lua --session x.sh -o no app
want_text "which is said" err "--session needs real sockets, --world has none"

# ---- what goes wrong ----

run "expectations that fail give status 1" 1 "$TAP_DIR/fails.lua" blink.lua
want_text "a failed check is told" err "fails.lua:3: one and 1 (at 0.000 ms)"
want_text "one without a text" err "fails.lua:4: check failed"
want_text "a failed expectation is told" err \
    "fails.lua:5: serial: wanted 'tack' within 150 ms; 'up\\ntick 1\\n' has come (at 150.000 ms)"
tap_is "after that nothing happens" "0" "$(grep -c "not said\|not reached" err)"

run "an error of the script gives status 1" 1 "$TAP_DIR/wrong.lua" blink.lua
want_text "with its line" err "wrong.lua:2: attempt to perform arithmetic on a nil value (at 150.000 ms)"
run "wrong use of a function gives status 1" 1 "$TAP_DIR/misuse.lua" blink.lua
want_text "with the script's line" err "misuse.lua:1: a pin is a number from 0 to 16, not 77"
run "a script that cannot be compiled gives status 2" 2 "$TAP_DIR/syntax.lua" blink.lua
want_text "with the line" err "syntax.lua:2: unexpected symbol near '='"
tap_is "and the program does not start" "" "$(cat out)"
for other in --live "--port 80=8080" "-i"; do
    run "no world beside $other" 2 "$TAP_DIR/time.lua" blink.lua $other
done
run "a missing script gives status 4" 4 "$TAP_DIR/none.lua" blink.lua
want_text "and is named" err "none.lua: No such file or directory"
tap_is "and the program does not start" "" "$(cat out)"
want_status "a recording before" 0 "$FROST" record -q -o kept.trace -e 'print(1)'
want_status "a recording whose script cannot be compiled has the same status" 2 \
    "$FROST" record -q -o kept.trace --world "$TAP_DIR/syntax.lua" blink.lua
want_text "says that nothing is recorded" err "the program did not start; nothing is recorded"
want_status "and leaves the trace that was there" 0 "$FROST" trace dump -q --form=events kept.trace
want_text "whole" out "end status=0"
run "a script that computes without an end is ended" 1 "$TAP_DIR/loop.lua" blink.lua
want_text "with its line" err "loop.lua:2: has computed for"
run "a script that never ends fails when the run ends" 1 "$TAP_DIR/client-never-ends.lua" blink.lua \
    --duration 1000
want_text "and where it waits is told" err "client-never-ends.lua:2: the script waits here, and the run has ended"
run "what is still expected fails when the run ends" 1 "$TAP_DIR/waits.lua" blink.lua --duration 1000
want_text "and is told" err "waits.lua:2: serial: wanted 'more', and the run has ended"
run "what goes on in the background does not" 0 "$TAP_DIR/background.lua" blink.lua --duration 1000
run "os.exit of the script ends the run" 7 "$TAP_DIR/exits.lua" blink.lua
echo 'print("x") os.exit(5)' >exit.lua
run "os.exit of the program counts" 5 "$TAP_DIR/background.lua" exit.lua --profile pc
echo 'error("oh")' >error.lua
run "an error of the program counts" 1 "$TAP_DIR/background.lua" error.lua

# ---- processes ----

no_process "no process is left"
echo 'tmr.create():alarm(10, tmr.ALARM_AUTO, function() end)' >busy.lua
for signal in TERM KILL; do
    "$FROST" run --world "$TAP_DIR/background.lua" busy.lua 2>err &
    program=$!
    wait_until has_world
    kill -$signal $program
    wait $program
    wait_until has_no_world
    no_process "the world ends with a program that SIG$signal ends"
done
tap_done
