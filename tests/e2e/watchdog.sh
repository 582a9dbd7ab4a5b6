#!/bin/sh
# Calls that do not come back: what --watchdog says of them, and does. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
dir=$TAP_DIR/app
mkdir "$dir"
said=" without a pause: the device's watchdog resets it after 3.2 s (tmr.wdclr feeds it)"

run() { # STATUS OPTIONS...
    want_status=$1
    shift
    timeout 600 "$FROST" run "$@" "$dir/main.lua" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    run_status=$?
    [ $run_status = "$want_status" ] || echo "status $run_status, not $want_status" >>"$TAP_DIR/out"
}

# A round of the loop is one instruction, so 4,266,667 of them are 3.2 s.
cat >"$dir/main.lua" <<'END'
local function spin(rounds) for i = 1, rounds do end end
print(node.bootreason())
node.task.post(node.task.HIGH_PRIORITY, function()
    spin(4200000)
    print("just in time")
end)
node.task.post(node.task.HIGH_PRIORITY, function()
    for i = 1, 3 do spin(3000000) tmr.wdclr() end
    for i = 1, 3 do spin(3000000) tmr.delay(1) end
    print("fed")
end)
tmr.create():alarm(60000, tmr.ALARM_SINGLE, function()
    spin(4300000)
    print("too late")
end)
tmr.create():alarm(90000, tmr.ALARM_SINGLE, function()
    spin(5000000)
    tmr.wdclr()
    spin(9000000)
    print("fed too late")
end)
tmr.delay(4000000)
print("waiting is no computing")
END
cat >"$TAP_DIR/want" <<'END'
1	0
waiting is no computing
just in time
fed
too late
fed too late
END
cat >"$TAP_DIR/want.err" <<END
frost: the function of main.lua:12 ran for 3.2 s$said
frost: main.lua:18 ran for 3.7 s$said
END
for build in "" --integer; do
    run 0 $build
    want_same "the program goes on${build:+ ($build)}" "$TAP_DIR/want" "$TAP_DIR/out"
    want_same "calls that take too long are told, once each${build:+ ($build)}" "$TAP_DIR/want.err" "$TAP_DIR/err"
done
run 0 --watchdog=off
want_same "--watchdog=off: the program goes on" "$TAP_DIR/want" "$TAP_DIR/out"
want_same "--watchdog=off: nothing is told" /dev/null "$TAP_DIR/err"
"$FROST" record --duration 200000 -q -o "$TAP_DIR/trace" "$dir/main.lua" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
grep 'watchdog' "$TAP_DIR/err" >"$TAP_DIR/told"
want_same "the same while recording" "$TAP_DIR/want.err" "$TAP_DIR/told"

printf '1\t0\nwaiting is no computing\njust in time\nfed\n2\t3\nwaiting is no computing\njust in time\nfed\n' \
    >"$TAP_DIR/want"
run 0 --watchdog=reset --max-boots 2
want_same "--watchdog=reset: the next boot has reason 3" "$TAP_DIR/want" "$TAP_DIR/out"
{
    echo "frost: main.lua:1 ran for 3.2 s$said"
    echo "frost: main.lua:1 ran for 3.2 s$said"
    echo "frost: ended after 2 boots (--max-boots)"
} >"$TAP_DIR/want.err"
want_same "--watchdog=reset: the line at which it was" "$TAP_DIR/want.err" "$TAP_DIR/err"

cat >"$dir/main.lua" <<'END'
print(node.bootreason())
local count = 0
coroutine.wrap(function()
    while true do
        count = count + 1
        if count % 100000 == 0 then print(count) end
    end
end)()
END
run 0 --watchdog=reset --max-boots 1
cp "$TAP_DIR/out" "$TAP_DIR/want"
tap_is "a main program without an end is reset" "1 frost: main.lua:5 ran" \
    "$(($(wc -l <"$TAP_DIR/out") > 3)) $(sed -n '1s/:\([4-6]\) ran.*/:5 ran/p' "$TAP_DIR/err")"
timeout 600 "$O/libexec/frost/frostvm-float-probed" --watchdog=reset --max-boots=1 "$dir/main.lua" \
    >"$TAP_DIR/out" 2>"$TAP_DIR/err"
want_same "at the same instruction in every build" "$TAP_DIR/want" "$TAP_DIR/out"

: >"$TAP_DIR/told"
# Reported in its middle, as its end never comes.
"$FROST" run "$dir/main.lua" >/dev/null 2>"$TAP_DIR/told" &
endless=$!
wait_until grep -q frost "$TAP_DIR/told"
kill $endless
wait $endless 2>/dev/null
want_text "one that is only reported" "$TAP_DIR/told" "$said"
tap_is "by its line" 1 "$(grep -c '^frost: main.lua:[4-6] ran for' "$TAP_DIR/told")"

echo 'for i = 1, 5000000 do end print("done")' >"$dir/main.lua"
run 0
want_text "the main program counts" "$TAP_DIR/err" "frost: the main program ran for 3.7 s$said"
run 0 --profile pc
want_same "a computer has no watchdog" /dev/null "$TAP_DIR/err"
run 2 --watchdog=bark
want_text "an unknown answer is refused" "$TAP_DIR/err" "bark"

tap_done
