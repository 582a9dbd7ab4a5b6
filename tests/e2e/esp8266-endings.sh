#!/bin/sh
# frost record --esp8266 ends in order: after --duration and after one signal the trace is whole, also
# that of a busy loop; a second signal ends it at once. So does frost run --esp8266. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh
cd "$TAP_DIR" || exit 1
mkdir tmp fs
TMPDIR=$TAP_DIR/tmp
export TMPDIR

busy='print("begun") while true do end'
run_json() { sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1/.frost/run.json"; }
last_event() { "$FROST" trace dump -q --form=events "$1" | tail -n 1 | sed 's/ stack_bytes=.*//'; }
# Starts a recording as a shell with a terminal does, in a process group of its own, and waits until
# the program has printed.
start() { # NAME ARGS...
    name=$1
    shift
    : >begun
    setsid env --default-signal=INT timeout --foreground 600 "$FROST" record --esp8266 -o "$name" "$@" \
        >begun 2>said &
    recorder=$!
    wait_until test -s begun
}
# The processes of this test's emulator.
emulator() {
    for process in /proc/[0-9]*; do
        tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q "^qemu-system-xtensa .*$TMPDIR/" &&
            echo "${process#/proc/}"
    done
}

# ---- one signal ----

whole() { # NAME STATUS: the trace of a recording that was ended by a signal
    tap_is "$1: the recording's status" 0 $?
    tap_is "$1: complete" true "$(run_json "$1" complete)"
    tap_is "$1: the program's status" "$2" "$(run_json "$1" exit_status)"
    tap_is "$1: run.json says how it ended" signal "$(run_json "$1" ended_by)"
    last_event "$1" >last
    want_text "$1: the last event is the end" last " end status=$2 "
    want_text "$1: it says so" said "(ended by a signal)"
    want_status "$1: it can be read" 0 "$FROST" size "$1"
    tap_is "$1: it is no run that failed" "The run was ended by a signal" \
        "$(sed -n '1s/\. Where RAM.*//p' out)"
    "$FROST" trace dump -q --form=events "$1" >events
    want_text "$1: what came before is there" events 'text="begun'
    tap_is "$1: nothing is left in \$TMPDIR" "" "$(ls -A tmp)"
    tap_is "$1: no emulator is left" "" "$(emulator)"
}
start busy --duration 1000000000 -e "$busy"
kill -TERM $recorder
wait $recorder
whole busy 143
# Ctrl-C goes to the whole process group.
start strings --duration 1000000000 -e 'print("begun") local n = 0 while true do n = n + 1 local s = "n" .. n end'
kill -s INT -- "-$recorder"
wait $recorder
whole strings 130
start timers -e 'print("begun") tmr.create():alarm(1000, tmr.ALARM_AUTO, function() local t = {} end)' \
    --duration 1000000000
kill -HUP $recorder
wait $recorder
whole timers 129
start restarts --max-boots 1000 -e 'if not rtcmem then end print("begun") node.restart()'
kill -TERM $recorder
wait $recorder
whole restarts 143

# ---- two ----

# A C function that does not come back: only the second signal ends it soon.
start twice -e 'print("begun") local s = ("a"):rep(3000) s:find(("a-"):rep(40) .. "b")'
kill -TERM $recorder
for _ in $(seq 300); do # two at once are one
    sleep 0.4
    kill -TERM $recorder 2>/dev/null || break
done
wait $recorder 2>/dev/null
tap_is "the second signal: status" 143 $?
want_no_file "the second signal: no trace" twice
want_no_file "the second signal: nor half of one" twice.part.*
tap_is "the second signal: nothing is left in \$TMPDIR" "" "$(ls -A tmp)"
tap_is "the second signal: no emulator is left" "" "$(emulator)"

# ---- --duration ----

# The end comes before the same instruction as on the host.
cuts() { # NAME CODE
    want_status "$1: recorded on the host" 0 "$FROST" record -q -o host --fs fs --duration 200 -e "$2"
    want_status "$1: recorded on the chip" 0 \
        "$FROST" record --esp8266 -o chip --fs fs --duration 200 -e "$2"
    want_text "$1: it says so" err "(ended by --duration)"
    tap_is "$1: run.json says how it ended" duration "$(run_json chip ended_by)"
    tap_is "$1: complete" true "$(run_json chip complete)"
    last_event host | sed 's/ lua_bytes.*//' >want
    last_event chip | sed 's/ lua_bytes.*//' >got
    want_same "$1: ends where the host does" want got
}
cuts "a busy loop" 'while true do end'
cuts "a loop that waits" 'while true do tmr.delay(1234) for i = 1, 9 do end end'
cuts "a loop that writes" 'while true do file.putcontents("f", "some text") end'
cuts "tasks" 'local function f() for i = 1, 99 do end node.task.post(f) end f()'
cuts "timers" 'tmr.create():alarm(7, tmr.ALARM_AUTO, function() for i = 1, 99 do end end)'
want_status "without --duration" 0 "$FROST" record --esp8266 -o chip -e 'print(1)'
want_text "without --duration: a minute" err "runs for at most 60 s of device time (--duration)"
tap_is "without --duration: ends by itself" program "$(run_json chip ended_by)"

# ---- frost run ----

# What is in the file at the end says how far the program has come.
runs_out() { # NAME CODE
    for end in 200 207; do
        want_status "run, $1, $end ms: on the host" 0 "$FROST" run --fs fs --duration $end -e "$2"
        mv fs/n want
        want_status "run, $1, $end ms: on the chip" 0 \
            timeout 600 "$FROST" run --esp8266 --fs fs --duration $end -e "$2"
        want_same "run, $1, $end ms: ends where the host does" want fs/n
    done
}
note='local n = 0 local function note() n = n + 1 file.putcontents("n", n) end'
runs_out "a busy loop" "$note while true do for i = 1, 999 + n do end note() end"
runs_out "a loop that waits" "$note while true do tmr.delay(1234) note() end"
runs_out "tasks" "$note local function f() for i = 1, 99 do end note() node.task.post(f) end f()"
want_status "run: a busy loop in a coroutine" 0 timeout 600 "$FROST" run --esp8266 \
    --duration 200 -e 'coroutine.wrap(function() while true do end end)()'

end_by() { # SIGNAL STATUS
    : >begun
    env --default-signal=INT "$FROST" run --esp8266 -e "$busy" >begun 2>said &
    run=$!
    wait_until test -s begun
    kill -s "$1" $run
    wait $run 2>/dev/null
    tap_is "run, SIG$1: status" "$2" $?
    tap_is "run, SIG$1: nothing is left in \$TMPDIR" "" "$(ls -A tmp)"
    tap_is "run, SIG$1: no emulator is left" "" "$(emulator)"
}
end_by TERM 143
end_by HUP 129
end_by INT 130
want_status "run reads its input" 0 sh -c "echo 'print(\"read\")' | '$FROST' run --esp8266 -"
want_text "... and runs it" out read
tap_done
