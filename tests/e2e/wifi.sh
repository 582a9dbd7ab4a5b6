#!/bin/sh
# The module wifi as a run has it: old forms (--firmware=legacy), errors of callbacks, restarts, and
# what a trace keeps of it. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
dir=$TAP_DIR/app
mkdir "$dir"

# run STATUS OPTIONS...: runs main.lua; text into out, messages into err
run() {
    want_status=$1
    shift
    "$FROST" run "$@" "$dir/main.lua" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    run_status=$?
    [ $run_status = "$want_status" ] || echo "status $run_status, not $want_status" >>"$TAP_DIR/out"
}

# ---- old forms ----

cat >"$dir/main.lua" <<'END'
wifi.setmode(wifi.STATION)
print(pcall(function() wifi.sta.config("home", "password") end))
print(wifi.sta.eventMonReg, wifi.sta.eventMonStart, wifi.sta.eventMonStop)
print(pcall(function() wifi.sta.eventMonReg(5, print) end))
END
run 0
cat >"$TAP_DIR/want" <<'END'
false	main.lua:2: bad argument #1 to 'config' (config table not found!)
nil	nil	nil
false	main.lua:4: attempt to call field 'eventMonReg' (a nil value)
END
want_same "old forms are errors" "$TAP_DIR/want" "$TAP_DIR/out"
cat >"$TAP_DIR/want" <<'END'
frost: wifi.sta.config(ssid, pwd) is of older firmware: --firmware=legacy; its 3.0 form is wifi.sta.config{ssid = ..., pwd = ...}
frost: wifi.sta.eventMonReg(status, fn) is of older firmware: --firmware=legacy; its 3.0 form is wifi.eventmon.register(event, fn)
END
want_same "which are explained" "$TAP_DIR/want" "$TAP_DIR/err"

cat >"$dir/main.lua" <<'END'
local function ms() return math.floor((tmr.now() + 500) / 1000) end
local function why(f, ...) print((select(2, pcall(f, ...)))) end
why(wifi.sta.eventMonStart)
wifi.setmode(wifi.STATION)
why(wifi.sta.eventMonStart)
why(wifi.sta.eventMonReg, 6, print)
why(wifi.sta.config, "")
why(wifi.sta.config, ("x"):rep(33), "")
why(wifi.sta.config, "home")
why(wifi.sta.config, "home", "1234567")
why(wifi.sta.config, "home", "12345678", 2)
why(wifi.sta.config, "home", "12345678", nil)
why(wifi.sta.config, "home", "12345678", 0, "5c:cf")
print(wifi.sta.config("home", "12345678", 0, "5c:cf:7f:00:00:01"), wifi.sta.getdefaultconfig())
print(wifi.sta.config{ssid = "by table", auto = false}, wifi.sta.getconfig())
print(wifi.sta.config("home", "12345678", "5c:cf:7f:00:00:02"), wifi.sta.getconfig())
print(wifi.sta.status(), wifi.sta.config("home", ""), wifi.sta.getconfig())
for status = 0, 5 do
    wifi.sta.eventMonReg(status, function(before)
        print(ms() .. " ms", before, status, wifi.sta.getip())
        if status == wifi.STA_GOTIP then wifi.sta.disconnect() end
        if status == wifi.STA_IDLE then wifi.sta.eventMonStop("unreg all") why(wifi.sta.eventMonStart) end
    end)
end
print(wifi.sta.eventMonReg(wifi.STA_FAIL), wifi.sta.eventMonStart(100), wifi.sta.eventMonStop(), wifi.sta.eventMonStart())
END
cat >"$TAP_DIR/want" <<'END'
Can't monitor in SOFTAP mode
No callbacks defined
valid wifi status:0-5
bad argument #1 to '?' (length:1-32)
bad argument #1 to '?' (length:1-32)
bad argument #2 to '?' (string expected, got no value)
bad argument #2 to '?' (length:0 or 8-64)
wrong arg type
wrong arg type
bad argument #4 to '?' (MAC:FF:FF:FF:FF:FF:FF)
true	home	12345678	1	5c:cf:7f:00:00:01
true	by table		0	00:00:00:00:00:00
true	home	12345678	1	5c:cf:7f:00:00:02
1	true	home		0	00:00:00:00:00:00
nil	nil	nil
150 ms	0	1	nil
2100 ms	1	5	192.168.1.50	255.255.255.0	192.168.1.1
2250 ms	5	0	nil
No callbacks defined
END
for build in "" --integer; do
    run 0 --firmware=legacy $build
    want_same "they work with --firmware=legacy${build:+ ($build)}" "$TAP_DIR/want" "$TAP_DIR/out"
done

# ---- errors and restarts ----

cat >"$dir/main.lua" <<'END'
print("boot", wifi.sta.status(), (wifi.sta.getconfig()))
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t) error("in a callback") end)
wifi.setmode(wifi.STATION)
if wifi.sta.getconfig() == "" then wifi.sta.config{ssid = "home"} end
END
cat >"$TAP_DIR/want" <<'END'
boot	0	
main.lua:2: in a callback
stack traceback:
	[C]: in function 'error'
	main.lua:2: in function <main.lua:2>
	[C]: ?
boot	1	home
main.lua:2: in a callback
stack traceback:
	[C]: in function 'error'
	main.lua:2: in function <main.lua:2>
	[C]: ?
END
run 1 --max-boots=2
want_same "an error restarts the device, which joins by itself" "$TAP_DIR/want" "$TAP_DIR/out"
run 1 --on-error=stop
want_text "or ends the run" "$TAP_DIR/err" "lua: main.lua:2: in a callback"

# An event finds no memory: the firmware is not in a protected call then.
cat >"$dir/main.lua" <<'END'
wifi.eventmon.register(wifi.eventmon.STA_CONNECTED, function() print("never") end)
wifi.setmode(wifi.STATION)
wifi.sta.config{ssid = "home"}
list = {}
local count, bytes = 1, 2000
local function add() list[count] = string.rep("x", bytes) .. count count = count + 1 end
for i = 1, 600 do list[i] = 0 end
tmr.create():alarm(1400, tmr.ALARM_SINGLE, function()
    for _, size in ipairs{2000, 200, 20} do
        bytes = size
        while pcall(add) do end
    end
end)
tmr.create():alarm(1, tmr.ALARM_AUTO, function() while pcall(add) do end end)
bytes = 2000
END
run 1 --max-boots=1 --heap 30K
want_text "an event that finds no memory panics" "$TAP_DIR/err" \
    "PANIC: unprotected error in call to Lua API (not enough memory)"

# ---- what was saved before ----

cat >"$dir/main.lua" <<'END'
print(wifi.getmode(), wifi.getdefaultmode(), wifi.sta.status(), (wifi.sta.getdefaultconfig()))
print(wifi.sta.getapinfo().qty, select(2, wifi.sta.getconfig()) == "sec=ret word")
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t)
    print(t.IP, wifi.sta.getip())
    if wifi.getmode() == wifi.STATION then
        wifi.setmode(wifi.STATIONAP)
    else
        node.restore()
    end
    node.restart()
end)
END
printf '# as it left the workshop\nssid=home\npassword=sec=ret word\n' >"$TAP_DIR/saved"
cat >"$TAP_DIR/want" <<'END'
1	1	1	home
1	true
192.168.1.50	192.168.1.50	255.255.255.0	192.168.1.1
3	3	1	home
1	true
192.168.1.50	192.168.1.50	255.255.255.0	192.168.1.1
2	2	0	
0	false
END
run 0 --saved-wifi "$TAP_DIR/saved"
want_same "a device joins what it has saved" "$TAP_DIR/want" "$TAP_DIR/out"
want_status "it is recorded" 0 "$FROST" record -q -o "$TAP_DIR/joined" --saved-wifi "$TAP_DIR/saved" "$dir/main.lua"
want_status "and is in the recording" 0 "$FROST" run --replay "$TAP_DIR/joined" "$dir/main.lua"
printf 'mode=stationap\nssid=home' >"$TAP_DIR/saved"
echo 'print(wifi.getmode(), (wifi.sta.getconfig()))' >"$dir/main.lua"
run 0 --saved-wifi "$TAP_DIR/saved"
tap_is "with the mode that is said" "3	home" "$(cat "$TAP_DIR/out")"
printf 'ssid=home\npassword %s\n' sesame >"$TAP_DIR/saved"
run 2 --saved-wifi "$TAP_DIR/saved"
want_text "a line that is none of them is told" "$TAP_DIR/err" "saved: line 2 is not mode="
if grep -q sesame "$TAP_DIR/err"; then
    tap_not_ok "but not what it says" "$TAP_DIR/err"
else
    tap_ok "but not what it says"
fi
run 2 --saved-wifi "$TAP_DIR/no file"
want_text "and a file that is not there" "$TAP_DIR/err" "no file: cannot be read: No such file"

# ---- traces ----

cat >"$dir/main.lua" <<'END'
wifi.setmode(wifi.STATION)
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t)
    print(t.IP, wifi.sta.getrssi())
    wifi.sta.getap(function(t) print(next(t)) end)
end)
wifi.sta.config{ssid = "home", pwd = "password"}
END
for name in one two; do
    want_status "a run with Wi-Fi is recorded" 0 "$FROST" record -q -o "$TAP_DIR/$name" "$dir/main.lua"
    "$FROST" trace dump "$TAP_DIR/$name" 2>&1 | grep -av real_ns >"$TAP_DIR/$name.txt"
done
grep -a ' kind="wifi"' "$TAP_DIR/one.txt" | awk '{print $2, $3}' >"$TAP_DIR/passed"
cat >"$TAP_DIR/want" <<'END'
output turn=1
output turn=1
output turn=1
turn number=2
input turn=2
turn number=3
input turn=3
input turn=4
output turn=4
turn number=5
input turn=5
END
want_same "all that passes the gate is in the trace" "$TAP_DIR/want" "$TAP_DIR/passed"
want_same "the same in every run" "$TAP_DIR/one.txt" "$TAP_DIR/two.txt"

tap_done
