#!/bin/sh
# `frost profile` of applications as people have them: what becomes a module, what stays a file, and
# does the application do the same from what is to be uploaded? Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

app() { # NAME: a new directory, its path in $app
    app=$TAP_DIR/apps/$1
    mkdir -p "$app"
}

profile() { # NAME OPTION...: profiles $app
    name=$1
    shift
    result=$TAP_DIR/$name
    want_status "$name" 0 "$FROST" profile --worlds 0 -q -o "$result" "$@" "$app"
}

# The device as upload/README.md says: the files of its list, the image, nothing else.
uploaded() { # NAME
    device=$TAP_DIR/device-$1
    mkdir -p "$device"
    sed -n '/^## Upload/,/^## Delete/s/^- `\(.*\)`$/\1/p' "$result/upload/README.md" |
        while read -r file; do
            [ "$file" = lfs.img ] || install -D "$app/$file" "$device/$file"
        done
    [ -e "$result/upload/init.lua" ] && cp "$result/upload/init.lua" "$device/init.lua"
    for firmware in stock stock-2018; do # nothing that only ours knows
        "$FROST" run --firmware $firmware --lfs "$result/upload/lfs.img" --fs "$device" init.lua \
            >"$TAP_DIR/device.txt" 2>&1
        want_same "$1: the same on a device that has what was uploaded ($firmware)" "$result/run0.txt" \
            "$TAP_DIR/device.txt"
    done
    want_same "$1: the same from the image" "$result/run0.txt" "$result/run1.txt"
}

# The image as luac.cross builds it, of the flat copies: names end at the first dot.
flattened() { # NAME
    want_status "$1: an image of the flat copies" 0 "$FROST" luac -f -o "$TAP_DIR/flat.img" "$result"/upload/luac.cross/*.lua
    for firmware in stock stock-2018; do
        "$FROST" run --firmware $firmware --lfs "$TAP_DIR/flat.img" --fs "$TAP_DIR/device-$1" init.lua \
            >"$TAP_DIR/flat.txt" 2>&1
        want_same "$1: the same with it ($firmware)" "$result/run0.txt" "$TAP_DIR/flat.txt"
    done
}

becomes() { # FILE WHAT: the row of a file in the report
    tap_is "$name: $1" "$2" "$(grep "^    {\"path\":\"$1\"" "$result/report.json" |
        sed 's/.*"module":"\([^"]*\)".*/\1/')"
}

# ---- nested directories, `require` and `dofile`, a page that is data ----

app nested
mkdir -p "$app/net/http" "$app/www"
cat >"$app/init.lua" <<'END'
local server = require("net.http.server")
print(server.run(3), require("util").up("abc"))
print(dofile("net/http/status.lua")[404])
local f = assert(loadfile("late.lua"))
print(f(7), require("net/http/names"))
for name in pairs(file.list("www/.*")) do print(name, #file.getcontents(name)) end
local option = "optional" .. ".lua"
if file.exists(option) then print(dofile(option)) end
print(pcall(dofile, "nowhere.lua"))
print(pcall(require, "nowhere"))
END
echo 'local M = {name = ...} function M.run(n) return M.name .. n end return M' >"$app/net/http/server.lua"
echo 'return {[404] = "not found"}' >"$app/net/http/status.lua"
echo 'local M = {} function M.up(s) return s:upper() end return M' >"$app/util.lua"
echo 'return (...) * 2' >"$app/late.lua"
echo 'return "by its path"' >"$app/net/http/names.lua"
echo '<html>' >"$app/www/index.html"
echo 'return "a page that is code, and served"' >"$app/www/page.lua"
echo 'return "nobody loads it"' >"$app/unused.lua"
echo 'return "its owner looks for it first"' >"$app/optional.lua"
profile nested
becomes net/http/server.lua net.http.server
becomes net/http/status.lua net.http.status
becomes late.lua late
becomes init.lua app_init
becomes www/page.lua "(a file)"
becomes www/index.html "(a file)"
becomes unused.lua "(a file)"
becomes optional.lua "(a file)"
sed -i 's/^.*nowhere.*$/(a message)/' "$result/run0.txt" "$result/run1.txt" # names the places
grep -v nowhere "$app/init.lua" >"$TAP_DIR/init" && cp "$TAP_DIR/init" "$app/init.lua"
profile nested
uploaded nested
want_text "nested: what to delete" "$result/upload/README.md" "net/http/server.lc"
flattened nested
want_text "nested: the map" "$result/upload/README.md" '- `net/http/server.lua`: `net_http_server.lua`'

# ---- said otherwise ----

profile overruled --keep 'net/*' --lfs unused.lua
becomes net/http/server.lua "(a file)"
becomes unused.lua unused
uploaded overruled

# ---- names that luac.cross cannot tell apart ----

app twins
mkdir -p "$app/a"
echo 'print(require("a.b"), require("a_b"))' >"$app/init.lua"
echo 'return "dotted"' >"$app/a/b.lua"
echo 'return "flat"' >"$app/a_b.lua"
profile twins
uploaded twins
want_text "twins: luac.cross cannot tell them apart" "$result/upload/README.md" '`a/b.lua` and `a_b.lua` would be one module'
want_no_file "twins: so there are no flat copies" "$result/upload/luac.cross"

# ---- one file alone, sixty modules, names that are made, compiled on the device, module() ----

app single
cat >"$app/init.lua" <<'END'
local function work(n) return ("%d squared is %d"):format(n, n * n) end
tmr.create():alarm(10, tmr.ALARM_SINGLE, function() print(work(7)) end)
END
profile single
becomes init.lua app_init
uploaded single

app sixty
cat >"$app/init.lua" <<'END'
local sum, kept = 0, {}
for i = 1, 60 do
    local f = require("m" .. i)
    sum = sum + f()
    if i <= 20 then package.loaded["m" .. i] = nil else kept[i] = f end
end
tmr.create():alarm(2000, 0, function() print(sum, #kept) end)
END
i=1
while [ $i -le 60 ]; do # the first twenty are larger, but they are in RAM for a moment only
    more=
    [ $i -le 20 ] && more='t[2] = "a" .. t[1] t[3] = "b" .. t[2]'
    echo "return function() local t = {$i} $more return t[1] end" >"$app/m$i.lua"
    i=$((i + 1))
done
profile sixty
tap_is "sixty: the image is full" 48 "$(grep -c '^    {"path":.*"module":"[^(]' "$result/report.json")"
tap_is "sixty: those that stay files were in RAM for a moment only" "" \
    "$(sed -n 's/^    {"path":"m\([0-9]*\).lua","module":"(a file)".*/\1/p' "$result/report.json" | awk '$1 > 20')"
want_text "sixty: that some stay files is said" "$result/summary.txt" "13 modules stay files"
uploaded sixty

app ownway
cp "$TAP_DIR"/apps/sixty/m*.lua "$app"
echo 'package.loaders[3] = require("aaa_way")' >"$app/_init.lua"
cat >"$app/aaa_way.lua" <<'END'
local get = node.LFS and node.LFS.get or node.flashindex
return function(name)
    local f = get(name)
    return type(f) == "function" and f or "no " .. name
end
END
cat >"$app/init.lua" <<'END'
local get = node.LFS and node.LFS.get or node.flashindex
if type(get("_init")) == "function" then
    package.preload.aaa_way = get("aaa_way")
    get("_init")()
end
local n = 0
for i = 1, 60 do n = n + require("m" .. i)() end
tmr.create():alarm(2000, 0, function() print(n) end)
END
profile ownway
becomes aaa_way.lua aaa_way # it saves nothing in the run as it is, but the way needs it
tap_is "ownway: the image is full" 49 "$(grep -c '^    {"path":.*"module":"[^(]' "$result/report.json")"
uploaded ownway

app table
cat >"$app/init.lua" <<'END'
local run = LFS and LFS.work or loadfile("work.lua")
print(run(6, 7), LFS and type(LFS._list) or "table", LFS and type(LFS._time) or "number", LFS and LFS.nowhere)
END
echo 'local a, b = ... return a * b' >"$app/work.lua"
profile table
becomes work.lua work
uploaded table

app compiled
cat >"$app/init.lua" <<'END'
for _, name in ipairs {"one", "two"} do
    if file.open(name .. ".lua") then file.close() node.compile(name .. ".lua") file.remove(name .. ".lua") end
    print(dofile(name .. ".lc"))
end
END
echo 'return "first"' >"$app/one.lua"
echo 'return "second"' >"$app/two.lua"
profile compiled
becomes one.lua one # the second start is without it in any case
tap_is "compiled: the first start is told apart" 1 "$(grep -c '"variant":"as it is, first start"' "$result/report.json")"
tap_is "compiled: the others are replays of the second" 3 "$(grep -c '"inputs":"replayed"' "$result/report.json")"
uploaded compiled

# What is looked for as .lc first; what is found by its name in the list of files.
app either
cat >"$app/init.lua" <<'END'
if file.exists("job.lc") then dofile("job.lc") else dofile("job.lua") end
local names = {}
for name in pairs(file.list()) do if name:match("^plugin_.*%.lua$") then names[#names + 1] = name end end
table.sort(names)
for _, name in ipairs(names) do print(dofile(name)) end
END
echo 'print("the job is done")' >"$app/job.lua"
echo 'return "one plugin"' >"$app/plugin_one.lua"
echo 'return "another plugin"' >"$app/plugin_two.lua"
profile either
becomes job.lua job
becomes plugin_one.lua "(a file)"
uploaded either
profile plugins --lfs 'plugin_*'
becomes plugin_two.lua plugin_two

# An old .lc is removed before the source, which stays, is compiled again.
app recompiled
echo 'file.remove("one.lc") node.compile("one.lua") print(dofile("one.lc"))' >"$app/init.lua"
echo 'return "first"' >"$app/one.lua"
profile recompiled
tap_is "recompiled: there is no other start" 0 "$(grep -c '"variant":"as it is, first start"' "$result/report.json")"
want_same "recompiled: the same from the image" "$result/run0.txt" "$result/run1.txt"

app legacy
echo 'require "shapes" print(shapes.area(3))' >"$app/init.lua"
echo 'module("shapes", package.seeall) function area(r) return math.floor(r * r * 3) end' >"$app/shapes.lua"
profile legacy
becomes shapes.lua shapes
uploaded legacy

# ---- a run that is cut, one that restarts ----

app endless
echo 'local n = 0 tmr.create():alarm(100, 1, function() n = n + 1 print(n, node.random(9)) end)' >"$app/init.lua"
profile endless --duration 2000 --no-compare-dump
tap_is "endless: each variant ends there" 3 "$(grep -c '"variant":.*"ending":"The run was ended after 2 s' "$result/report.json")"
tap_is "endless: they are replays" 2 "$(grep -c '"inputs":"replayed"' "$result/report.json")"
tap_is "endless: they print the same" "$(tail -n 1 "$result/run0.txt")" "$(tail -n 1 "$result/run1.txt")"

app restarting
cat >"$app/init.lua" <<'END'
local n = tonumber(file.getcontents("boots") or "0")
file.putcontents("boots", tostring(n + 1))
print("boot", n, node.random(1000))
if n < 2 then tmr.create():alarm(50, 0, node.restart) end
END
profile restarting --no-compare-dump
tap_is "restarting: they are replays" 2 "$(grep -c '"inputs":"replayed"' "$result/report.json")"
want_same "restarting: the same" "$result/run0.txt" "$result/run2.txt"

# ---- a configuration that is not in the directory ----

app configured
echo 'local c = dofile("config.lua") print(c.name)' >"$app/init.lua"
echo 'return {name = "from elsewhere"}' >"$TAP_DIR/mine.lua"
want_status "without its configuration" 1 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/bare" "$app"
want_text "what is missing is said first" "$TAP_DIR/bare/summary.txt" "cannot open config.lua"
profile configured --file "config.lua=$TAP_DIR/mine.lua"
want_text "the supplied one is used" "$result/run1.txt" "from elsewhere"
want_status "a file that is none" 2 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/bad" --file config.lua "$app"
want_status "a file that is not there" 4 "$FROST" profile --worlds 0 -q -o "$TAP_DIR/bad" --file config.lua=nowhere "$app"

# ---- what is not there is said before the run, with lines ----

app lacking
cat >"$app/init.lua" <<'END'
local settings = dofile("settings.lua")
if file.exists("state.lua") then dofile("state.lua") end
local d = require("display")
ws2801.init()
ws2801.write(string.char(0, 255, 0))
if wifi.monitor then wifi.monitor.start(13, print) end
local m = require("bme280")
require("gone.away")
print(dcc, somebody)
END
echo 'local disp = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c) return disp' >"$app/display.lua"
echo 'return {}' >"$app/bme280.lua"
printf '#!/bin/sh\necho "return {ssid = ...}" >settings.lua\n' >"$app/newsettings.sh"
echo 'return {}' >"$TAP_DIR/dcc.lua"
want_status "an application that lacks much" 1 "$FROST" profile --worlds 0 -o "$TAP_DIR/lacking" \
    --module "dcc=$TAP_DIR/dcc.lua" "$app"
sed -n 's/^frost profile: \(.*\(is not in frost yet\|needs\)\)/\1/p' "$TAP_DIR/err" | LC_ALL=C sort >"$TAP_DIR/got"
cat >"$TAP_DIR/want" <<'END'
module u8g2 is not in frost yet, used at display.lua:1: --module u8g2=FILE.lua supplies one
module ws2801 is not in frost yet, used at init.lua:4, 5: --module ws2801=FILE.lua supplies one
needs gone.away.lua, loaded at init.lua:8: --file gone.away.lua=FILE supplies it
needs settings.lua, loaded at init.lua:1: newsettings.sh tells of it; --file settings.lua=FILE supplies it
wifi.monitor.start is not in frost yet, used at init.lua:6: it is nil in the run
END
want_same "each thing that is not there, before the run" "$TAP_DIR/want" "$TAP_DIR/got"
tap_is "and in the report" 5 "$(grep -c '"remedy":"' "$TAP_DIR/lacking/report.json")"

# ---- it does not fit the heap as it is ----

app large
echo 'local n = 0 for i = 1, 8 do n = n + #require("part" .. i) end print(n)' >"$app/init.lua"
for part in 1 2 3 4 5 6 7 8; do
    {
        echo 'local t = {}'
        i=0
        while [ $i -lt 40 ]; do
            echo "t[#t + 1] = function(x) return x + $i, 'text number $i of part $part' end"
            i=$((i + 1))
        done
        echo 'return t'
    } >"$app/part$part.lua"
done
profile large
want_text "large: said" "$result/summary.txt" "does not fit the heap"
tap_is "large: runs in a larger one" 1 "$(grep -c '"variant":"as it is, heap of 128 KB".*by itself' "$result/report.json")"
tap_done
