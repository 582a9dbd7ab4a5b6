#!/bin/sh
# Forms of older firmware (--firmware), modules that are not here, modules that are given (--module).
# Writes TAP.
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

# ---- old forms under 3.0 ----

cat >"$dir/main.lua" <<'END'
print(tmr.alarm, cjson, node.key)
print(pcall(function() tmr.alarm(1, 100, 0, print) end))
print(pcall(function() tmr.alarm(1, 100, 0, print) end))
print(pcall(function() return cjson.encode{} end))
print(pcall(function() tmr.alram(1) end))
print(pcall(function() node.readvdd33() end))
END
cat >"$TAP_DIR/want" <<'END'
nil	nil	nil
false	main.lua:2: attempt to call field 'alarm' (a nil value)
false	main.lua:3: attempt to call field 'alarm' (a nil value)
false	main.lua:4: attempt to index global 'cjson' (a nil value)
false	main.lua:5: attempt to call field 'alram' (a nil value)
false	main.lua:6: attempt to call field 'readvdd33' (a nil value)
END
cat >"$TAP_DIR/want.err" <<'END'
frost: tmr.alarm(id, ...) is of older firmware: --firmware=legacy; its 3.0 form is tmr.create():alarm(...)
frost: cjson is of older firmware: --firmware=legacy; its 3.0 form is sjson
frost: node.readvdd33() is of older firmware: --firmware=legacy; its 3.0 form is adc.readvdd33()
END
for build in "" --integer; do
    run 0 $build
    want_same "old forms do not exist${build:+ ($build)}" "$TAP_DIR/want" "$TAP_DIR/out"
    want_same "a call of one is explained, once${build:+ ($build)}" "$TAP_DIR/want.err" "$TAP_DIR/err"
done
"$FROST" record -o "$TAP_DIR/trace" "$dir/main.lua" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
grep 'older firmware' "$TAP_DIR/err" >"$TAP_DIR/explained"
want_same "the same while recording" "$TAP_DIR/want.err" "$TAP_DIR/explained"

cat >"$dir/main.lua" <<'END'
print("before")
tmr.alarm(1, 100, 0, print)
END
run 1
head -1 "$TAP_DIR/err" >"$TAP_DIR/first"
head -1 "$TAP_DIR/want.err" >"$TAP_DIR/want"
want_same "the explanation comes before the error" "$TAP_DIR/want" "$TAP_DIR/first"

# ---- old forms with --firmware=legacy ----

cat >"$dir/main.lua" <<'END'
print(cjson.encode{1, 2}, cjson.decode("[5]")[1], cjson.encoder)
print(tmr.alarm(1, 9, tmr.ALARM_AUTO, print))
print(tmr.start(0), tmr.state(0), tmr.unregister(1) == nil and "gone", tmr.state(1))
tmr.alarm(1, 100, tmr.ALARM_AUTO, function(id)
    print("1:", id, tmr.state(id))
    print(tmr.stop(id), tmr.stop(id), tmr.state(id))
    tmr.alarm("2", 10, tmr.ALARM_SINGLE, function(i) print("2:", i, tmr.state(i)) end)
    tmr.register(3, 40, tmr.ALARM_SEMI, function(i) print("3:", i, tmr.state(i)) end)
    print(tmr.start(3), tmr.start(3), tmr.start(3, true))
end)
for _, id in ipairs{7, -1, {}, "x"} do
    print(pcall(function() tmr.stop(id) end))
end
local t = tmr.create()
t:register(500, 0, function(self) print("object", self == t, tmr.state(self)) end)
print(tmr.start(t), t:state())
local names = {}
for name in pairs(tmr) do names[name] = true end
print(names.create, names.alarm, names.ALARM_AUTO, names.unregister)
node.key("short", print)
node.led(1, 2)
END
cat >"$TAP_DIR/want" <<'END'
[1,2]	5	nil
true
false	nil	gone	nil
false	main.lua:12: bad argument #1 to 'stop' (invalid timer index)
false	main.lua:12: bad argument #1 to 'stop' (invalid timer index)
false	main.lua:12: bad argument #1 to 'stop' (timer object or numerical ID expected)
false	main.lua:12: bad argument #1 to 'stop' (timer object or numerical ID expected)
true	true	0
true	true	true	true
END
run 0 --firmware=legacy
sed '/^1:/,$d' "$TAP_DIR/out" >"$TAP_DIR/out.first"
want_same "timers by number, cjson" "$TAP_DIR/want" "$TAP_DIR/out.first"
cat >"$TAP_DIR/want" <<'END'
1:	1	true	1
true	false	false	1
true	false	true
2:	2	nil
3:	3	false	2
object	true	nil
END
sed -n '/^1:/,$p' "$TAP_DIR/out" >"$TAP_DIR/out.last"
want_same "their callbacks get the number" "$TAP_DIR/want" "$TAP_DIR/out.last"

cat >"$dir/main.lua" <<'END'
tmr.alarm(6, 20, 0, function() print("second boot") end)
if select(2, node.bootreason()) == 0 then
    tmr.alarm(5, 20, 1, print)
    node.restart() -- in 10 ms
else
    print(tmr.state(5), tmr.state(6))
end
END
printf '%s\n' "nil	true	0" "second boot" >"$TAP_DIR/want"
run 0 --firmware=legacy
want_same "they start anew with each boot" "$TAP_DIR/want" "$TAP_DIR/out"

run 2 --firmware=2.0
want_text "an unknown firmware is refused" "$TAP_DIR/err" "legacy"

# ---- modules that are not here ----

cat >"$dir/main.lua" <<'END'
if dcc then print("dcc") end

local display = ucg
if dcc then print("dcc") end
print(rawget(_G, "pcm"), nosuchmodule)
print(pcall(function() display.begin() end))
print(pcall(function() file.mount("/SD0") end))
END
cat >"$TAP_DIR/want" <<'END'
nil	nil
false	main.lua:6: attempt to index upvalue '?' (a nil value)
false	main.lua:7: attempt to call field 'mount' (a nil value)
END
cat >"$TAP_DIR/want.err" <<'END'
frost: module 'dcc' is not in frost yet; used at main.lua:1; supply one with --module dcc=FILE.lua
frost: module 'ucg' is not in frost yet; used at main.lua:3; supply one with --module ucg=FILE.lua
END
run 0
want_same "a module that is not here is nil" "$TAP_DIR/want" "$TAP_DIR/out"
want_same "its first use is told, with the line" "$TAP_DIR/want.err" "$TAP_DIR/err"

printf '%s\n' 'return {name = "of the application"}' >"$dir/ucg.lua"
cat >"$dir/main.lua" <<'END'
print(require("ucg").name)
print((pcall(require, "dcc")))
require("pcm")
END
printf '%s\n' "of the application" "false" >"$TAP_DIR/want"
cat >"$TAP_DIR/want.err" <<'END'
frost: module 'dcc' is not in frost yet; supply one with --module dcc=FILE.lua
frost: module 'pcm' is not in frost yet; used at main.lua:3; supply one with --module pcm=FILE.lua
END
run 1
want_same "a file of its name is the module" "$TAP_DIR/want" "$TAP_DIR/out"
grep '^frost: module' "$TAP_DIR/err" >"$TAP_DIR/told"
want_same "what require does not find is told" "$TAP_DIR/want.err" "$TAP_DIR/told"
rm "$dir/ucg.lua"

cat >"$dir/main.lua" <<'END'
print(ucg.name, ucg.count, dcc)
END
printf '%s\n' 'ucg_loads = (ucg_loads or 0) + 1' 'return {name = ..., count = ucg_loads, file = 5}' \
    >"$TAP_DIR/display.lua"
echo 'return dcc' >"$TAP_DIR/nothing.lua"
printf '%s\n' 'local t = {}' 'error("no display")' >"$TAP_DIR/failing.lua"
echo "nil	1	7" >"$TAP_DIR/want"
run 0 -e 'dcc = ucg.count + 6' --module ucg="$TAP_DIR/display.lua"
want_same "a given module is there before the program and -e" "$TAP_DIR/want" "$TAP_DIR/out"
run 1 --module ucg="$TAP_DIR/nothing.lua"
want_text "a file that returns nothing" "$TAP_DIR/err" "nothing.lua: gives no module"
want_same "ends the run with status 1" /dev/null "$TAP_DIR/out"
run 1 --module ucg="$TAP_DIR/failing.lua"
want_text "an error in the file says where" "$TAP_DIR/err" "failing.lua:2: no display"
run 2 --module ucg="$TAP_DIR/none.lua"
want_text "a missing file is named" "$TAP_DIR/err" "none.lua cannot be read: No such file"
for wrong in ucg =x ucg= 8g=x a.b=x; do
    run 2 --module $wrong
    want_text "--module $wrong" "$TAP_DIR/err" "'$wrong' is not NAME=FILE"
    want_same "--module $wrong runs nothing" /dev/null "$TAP_DIR/out"
done

# ---- the list of what is here ----

api=runtime/nodemcu/API.md
find runtime/nodemcu -name '*.c' | LC_ALL=C sort >"$TAP_DIR/sources"
xargs "$FROST" run --profile pc runtime/nodemcu/api.lua runtime/lib/rom_modules.h \
    <"$TAP_DIR/sources" >"$TAP_DIR/api"
want_same "API.md is current (make api)" $api "$TAP_DIR/api"

# Each name of it that is no method, and whether it says that it is here.
awk '/^## / {module = $2}
    /^- [a-z]*: `/ {
        for (i = 3; i <= NF; i++)
            if ($i !~ /:/) {
                gsub("`", "", $i)
                print "check(" ($2 != "absent:") ", \"" module "." $i "\")"
            }
    }' $api >"$TAP_DIR/checks"
{
    echo 'local count = 0
function check(here, name)
    local value = _G
    for part in name:gmatch("[^.]+") do value = value and value[part] end
    if (value ~= nil) ~= (here == 1) then print(name, value) end
    count = count + 1
end'
    cat "$TAP_DIR/checks"
    echo 'print(count > 100)'
} >"$dir/main.lua"
echo true >"$TAP_DIR/want"
run 0 --heap 512K
want_same "its names are there, and no others" "$TAP_DIR/want" "$TAP_DIR/out"

# ---- UDP and the time of servers, as net had them ----

cat >"$dir/main.lua" <<'END'
wifi.setmode(wifi.STATION)
wifi.sta.config("a", "12345678")
local server = net.createServer(net.UDP)
print(pcall(server.send, server, "nobody"))
server:on("receive", function(s, text)
    print("server", text)
    s:send("echo " .. text, function() print("sent") end)
end)
server:listen(5353)
local client = net.createConnection(net.UDP, 0)
print(pcall(client.connect, client, 0, "192.168.1.100"))
print(pcall(client.connect, client, 7777, "nowhere.local"))
client:on("receive", function(c, text)
    print("client", text)
    c:close()
end)
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    client:connect(7777, "192.168.1.100")
    client:send("hello")
    client:send(7777, "192.168.1.100", "and by address")
end)
net.createServer(net.TCP, 28800):listen(80, function(c) c:on("receive", function(c, text) c:send(text) end) end)
END
cat >"$dir/world.lua" <<'END'
local u = world.udp(7777, "192.168.1.100")
local _, port = u:expect("^hello$")
u:expect("^and by address$")
u:send("back", port)
world.sleep(100)
u:send("question", 5353)
u:expect("^echo question$")
local c = world.connect(80)
c:send("x")
c:expect("x")
END
cat >"$TAP_DIR/want" <<'END'
false	not connected
false	need port
false	invalid IP address
client	back
server	question
sent
END
run 0 --firmware=legacy --world="$dir/world.lua" --duration=9000
want_same "net.createServer(net.UDP) makes a UDP socket" "$TAP_DIR/want" "$TAP_DIR/out"
echo "net.createServer(net.UDP):on('receive', print)" >"$dir/main.lua"
run 1
want_text "which 3.0 does not" "$TAP_DIR/err" "frost: net.createServer(net.UDP) is of older firmware: --firmware=legacy; its 3.0 form is net.createUDPSocket()"
echo "print(net.createServer(net.TCP), net.createServer(30), net.createServer(), net.createConnection(net.TCP, 0))" >"$dir/main.lua"
run 0
tap_is "and TCP is not explained" "" "$(cat "$TAP_DIR/err")"

tap_done
