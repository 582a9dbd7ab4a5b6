#!/bin/sh
# The firmware's modules node, file, tmr, bit and uart, as programs see them. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
fs=$TAP_DIR/fs
mkdir "$fs"

# program NAME: standard input is the program; $TAP_DIR/want is what it prints
program() {
    cat >"$fs/main.lua"
    if "$FROST" run --fs "$fs" "$fs/main.lua" >"$TAP_DIR/out" 2>"$TAP_DIR/err"; then
        want_same "$1" "$TAP_DIR/want" "$TAP_DIR/out"
    else
        tap_not_ok "$1" "$TAP_DIR/err" "$TAP_DIR/out"
    fi
}

# ---- timers and tasks ----

cat >"$TAP_DIR/want" <<'END'
main ends
task 2
task 1 first
task 1 second
task 0
50 ms: b
100 ms: a true
170 ms: auto 1, true 1
240 ms: auto 2, true 1
310 ms: auto 3, true 1
610 ms: semi
910 ms: semi
910 ms: auto is nil, semi false 2
END
program "tasks run by priority, timers by virtual time" <<'END'
local start = tmr.now()
local function say(...)
    print(math.floor((tmr.now() - start) / 1000) .. " ms: " .. string.format(...))
end
local a, b, auto, semi = tmr.create(), tmr.create(), tmr.create(), tmr.create()
local count, again = 0, false
a:alarm(100, tmr.ALARM_SINGLE, function(t)
    say("a %s", tostring(t == a))
    auto:start()
end)
b:alarm(50, tmr.ALARM_SINGLE, function() say("b") end)
auto:register(70, tmr.ALARM_AUTO, function(t)
    count = count + 1
    local running, mode = t:state()
    say("auto %d, %s %d", count, tostring(running), mode)
    if count < 3 then return end
    t:unregister()
    semi:start()
end)
semi:register(300, tmr.ALARM_SEMI, function(t)
    say("semi")
    if again then
        local running, mode = t:state()
        say("auto is %s, semi %s %d", tostring(auto:state()), tostring(running), mode)
    else
        again = true
        t:start()
    end
end)
for _, priority in ipairs{0, 2} do
    node.task.post(priority, function(p) print("task " .. p) end)
end
node.task.post(function(p) print("task " .. p .. " first") end)
node.task.post(1, function(p) print("task " .. p .. " second") end)
print("main ends")
END

cat >"$TAP_DIR/want" <<'END'
false	1
false	false	3
false	Range: 1-0x68D7A3
false	Invalid mode
8	Task queue overflow. Task not posted
END
program "wrong uses of timers and tasks" <<'END'
local t = tmr.create()
print(t:start(), 1)
print(t:stop(), t:state())
local function why(...) return select(1, ...), (select(2, ...):match("%((.-)%)$")) end
print(why(pcall(t.alarm, t, 0, 0, print)))
print(why(pcall(t.alarm, t, 10, 7, print)))
local n = 0
local ok, message
repeat
    ok, message = pcall(node.task.post, function() end)
    if ok then n = n + 1 end
until not ok
print(n, message)
END

want_status "a callback that fails ends the run" 1 "$FROST" run --on-error stop -e \
    "tmr.create():alarm(5, 0, function() error('in a timer') end)
     tmr.create():alarm(9, 0, function() print('not reached') end)"
want_text "... and is reported" "$TAP_DIR/err" "in a timer"
tap_is "... and nothing else runs" "" "$(cat "$TAP_DIR/out")"
want_status "timers stop after --duration" 0 "$FROST" run --duration 1000 -e \
    "tmr.create():alarm(400, tmr.ALARM_AUTO, function() print('tick') end)"
tap_is "... of virtual time" 2 "$(grep -c tick "$TAP_DIR/out")"

# The computer's clock in place of the virtual one.
vm=$O/libexec/frost/frostvm-float-plain
begin=$(date +%s%N)
want_status "--clock=real: timers" 0 "$vm" --clock=real --execute="
    local t = tmr.create()
    t:alarm(60, tmr.ALARM_SINGLE, function() tmr.delay(50000) print('late by', tmr.now() < 60000) end)"
took=$((($(date +%s%N) - begin) / 1000000))
tap_is "--clock=real: their output" "late by	false" "$(cat "$TAP_DIR/out")"
[ $took -ge 110 ]
tap_is "--clock=real: the computer waits, $took ms" 0 $?
"$vm" --clock=real --fs="$fs" --execute="tmr.create():alarm(6000000, 0, print)
    file.putcontents('waits', '')" &
waiter=$!
while [ ! -e "$fs/waits" ] && kill -0 $waiter; do sleep 0.05; done
kill -TERM $waiter
wait $waiter
tap_is "--clock=real: a signal ends the wait" 143 $?
rm -f "$fs/waits"

want_status "node.restart is a new boot, three at most" 0 "$FROST" run -e \
    "print('boot', node.bootreason()) node.restart()"
tap_is "... and says why it was started" "boot	1	0 boot	2	4 boot	2	4" \
    "$(tr '\n' ' ' <"$TAP_DIR/out" | sed 's/ $//')"

boots() { # NAME WANT CODE: what each boot prints, until there were three or nothing is pending
    "$FROST" run -e "print(node.bootreason()) $3" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    tap_is "$1: status" "${4:-0}" $?
    tap_is "$1" "$2" "$(tr '\t\n' ', ' <"$TAP_DIR/out" | sed 's/ $//')"
}
boots "node.restart and dsleep return" "1,0 behind 2,4 asleep 2,5" "
    local _, reason = node.bootreason()
    if reason == 0 then node.restart() print('behind') end
    if reason == 4 then node.dsleep(1000000) print('asleep') end"
boots "what is due in the next milliseconds still runs" "1,0 task timer 2,4" "
    if select(2, node.bootreason()) == 0 then
        tmr.create():alarm(1, 0, function() print('timer') end)
        tmr.create():alarm(100, 0, function() print('late timer') end)
        node.task.post(function() print('task') end)
        node.restart()
    end"
boots "the first request counts" "1,0 2,5" "
    if select(2, node.bootreason()) == 0 then node.dsleep(1) node.restart() node.dsleep(0) end"
boots "dsleep(0) is the end" "1,0 behind" "
    tmr.create():alarm(100, 1, function() print('awake') end) node.dsleep(0) print('behind')"
boots "dsleep without time sets an option" "1,0 awake" "
    node.dsleep() node.dsleep(nil, 1) tmr.create():alarm(100, 0, function() print('awake') end)"
boots "an error in a callback restarts" "1,0 failed 2,4" "
    if select(2, node.bootreason()) == 0 then
        print = function(text) print = ROM.print print('failed') end
        node.task.post(function() error('x') end)
    end"
boots "tmr.softwd counts seconds of the device" "1,0 0 1 2,4" "
    if select(2, node.bootreason()) == 0 then
        tmr.delay(500000) tmr.softwd(2)
        tmr.create():alarm(1000, 1, function() print(tmr.time() - 1) end)
    end"
boots "tmr.softwd is put off, and switched off" "1,0 fed fed off" "
    local count = 0
    tmr.softwd(1)
    tmr.create():alarm(1000, 1, function(t)
        count = count + 1
        print(count < 3 and 'fed' or 'off')
        tmr.softwd(count < 3 and 1 or -1)
        if count == 3 then t:unregister() end
    end)"

# ---- files ----

cat >"$TAP_DIR/want" <<'END'
true	true	true
one
|two
|nil
4	thr	ee
9	nil
true	18	data.txt
13
data.txt 18
main.lua
true	false	true
false	filename invalid
nil
open	open	open	open	nil
again
false	open a file first
END
program "files, as objects and by the module" <<'END'
local f = file.open("data.txt", "w")
print(f:write("one\n"), f:writeline("two"), f:flush())
f:close()
file.open("data.txt", "a+")
file.write("three four")
file.close()
f = file.open("data.txt")
io_write = function(s) print((s or "nil"):gsub("\n$", "")) end
print((f:readline():gsub("\n", "")))
print("|" .. (f:readline():gsub("\n", "")))
f:seek("end")
print("|" .. tostring(f:readline()))
f:seek("set", 4)
print(f:seek("cur"), (function() f:seek("set", 8) return f:read(3), f:read(" "):sub(1, 2) end)())
f:seek("set", 9)
print(f:seek(), file.open("absent"))
f:close()
print(file.exists("data.txt"), file.stat("data.txt").size, file.stat("data.txt").name)
f = file.open("data.txt", "r+") f:seek("set", 13) print(f:seek()) f:close()
local names = {}
for name, size in pairs(file.list()) do names[#names + 1] = name == "main.lua" and name or name .. " " .. size end
table.sort(names)
print(table.concat(names, "\n"))
print(file.rename("data.txt", "new.txt"), file.rename("absent", "x"), file.exists("new.txt"))
print(pcall(function() file.exists(("x"):rep(32)) end) == true, "filename invalid")
file.remove("new.txt")
print(file.stat("new.txt"), file.getcontents("new.txt"))
local open = {}
for i = 1, 5 do open[i] = file.open("main.lua") end
print(open[1] and "open", open[2] and "open", open[3] and "open", open[4] and "open", open[5])
for i = 1, 4 do open[i]:close() end
file.putcontents("new.txt", "again")
print(file.getcontents("new.txt"))
file.remove("new.txt")
local ok, message = pcall(file.read)
print(ok, message)
END

# ---- node ----

cat >"$TAP_DIR/want" <<'END'
true	true
2	nil	1
false	false
compiled	42
0	1	2	4
true	true
Warning, deprecated API! node.info() without parameter. It will be removed in the next version. See documentation for details.
4096	nil	3
true	false
init	160	true	nil
true	init2
15	-1	-2147483648	5
END
program "node and bit" <<'END'
local used, estimate = node.egc.meminfo()
print(node.heap() > 1000 and node.heap() < 45056, used > 1000 and estimate > 0)
print(node.stripdebug(), node.stripdebug(1), node.stripdebug())
node.stripdebug(2)
print((pcall(node.compile, "main.txt")), (pcall(node.stripdebug, 4)))
file.putcontents("code.lua", "return 'compiled', 6 * 7")
node.compile("code.lua")
print(dofile("code.lc"))
file.remove("code.lua") file.remove("code.lc")
local egc = node.egc
print(egc.NOT_ACTIVE, egc.ON_ALLOC_FAILURE, egc.ON_MEM_LIMIT, egc.ALWAYS)
egc.setmode(egc.NOT_ACTIVE)
collectgarbage()
local rest = egc.peak()
local text = ("x"):rep(3000)
text = nil
local peak = egc.peak()
collectgarbage()
print(peak >= (node.egc.meminfo()) + 3000, egc.peak() >= (node.egc.meminfo()))
print(node.info("hw").flash_size, node.info("hw").none, (node.info()))
print(type(node.chipid()) == "number", pcall(egc.setmode, egc.ON_MEM_LIMIT) == true)
local s = node.startup{command = "init", frequency = 160}
print(s.command, s.frequency, s.banner, s.none)
print(node.startupcommand("init2"), node.startup().command)
print(bit.band(255, 15), bit.bnot(0), bit.lshift(1, 31), bit.bor(1, 4))
END

# ---- uart ----

printf 'one two\n\000\377~\ntext 7\n115200\tuart 2 does not exist\tfalse\tfalse\tfalse\n' >"$TAP_DIR/want"
program "uart writes strings and bytes" <<'END'
uart.write(0, "one", 32, "two", "\n", 0, 255, 126, 10)
uart.write(1, "nobody listens")
uart.write(0, "text ", "7", "\n")
print(uart.setup(0, 115200, 8, uart.PARITY_NONE, uart.STOPBITS_1, 1),
    select(2, pcall(uart.write, 2, "x")), (pcall(uart.write, 0, 256)), (pcall(uart.write, 0, -1)),
    (pcall(uart.write, 0, {})))
END

tap_done
