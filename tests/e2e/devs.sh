#!/bin/sh
# Devs images: built for a core image, looked up first, refused with another core. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
cd "$TAP_DIR" || exit 1
mkdir core devs fs

cat >core/util.lua <<'END'
local M = {}
function M.greet(name) return "hello, " .. name end
M.unit = "degrees of temperature"
return M
END
echo 'return "main of core", "degrees of temperature"' >core/main.lua
cat >devs/main.lua <<'END'
local unit = "degrees of temperature"
local util = node.LFS.util and node.LFS.util() or {}
return "main of devs", unit, util.unit == unit, util.greet and util.greet("devs")
END
echo 'return "only in devs"' >devs/probe.lua

image() { # STATUS NAME OPTION...
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" luac --build-time=1 "$@"
}
image 0 "a core image" -f -o core.img core/*.lua
image 0 "a devs image for it" --core core.img -f -o devs.img devs/*.lua
image 0 "the same without core" -f -o alone.img devs/*.lua
echo 'return "another core"' >core/extra.lua
image 0 "another core image" -f -o other.img core/*.lua

# ---- what it holds ----

want_status "frost lfs check knows its core" 0 "$FROST" lfs check --core core.img devs.img
want_text "... and says whose it is" out "a devs image for core image 0x"
want_status "... and finds another" 1 "$FROST" lfs check --core other.img devs.img
want_text "... by its name" out "linked against core image 0x"
want_status "without core it is checked as far as that goes" 0 "$FROST" lfs check devs.img
want_status "frost lfs dump shows texts of core" 0 "$FROST" lfs dump --strings --core core.img devs.img
want_text "... as such" out '	"degrees of temperature"'
grep -q 'core+.*"degrees of temperature"' out && tap_ok "... by their place" ||
    tap_not_ok "... by their place" out
want_status "frost lfs diff: linked, it has the same texts and modules" 0 "$FROST" lfs diff --core core.img alone.img devs.img
want_status "frost size reads it" 0 "$FROST" size devs.img
"$FROST" lfs ls devs.img >out
want_text "frost lfs ls counts the texts of core" out "strings of the core image"

# ---- what runs ----

cat >fs/show.lua <<'END'
print(table.concat(node.LFS.list() or {}, " "))
for _, name in ipairs{"main", "util", "probe"} do
    local f = node.LFS.get(name)
    if f then print(name, f()) else print(name, nil) end
end
print(node.flashindex("main") and node.LFS.main() == node.flashindex("main")())
print(#debug.getstrings "ROM" > 0 and select("#", node.flashindex()))
END
show() { # STATUS NAME OPTION...
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" run "$@" fs/show.lua
}
cat >want <<'END'
main probe util
main	main of devs	degrees of temperature	true	hello, devs
END
show 0 "devs beside core" --lfs core.img --devs devs.img
head -n 2 out >got
want_same "... comes first, and shares texts" want got
want_text "... what only core has is found" out "util	table"
want_text "... by every form of the call" out "true"

show 3 "another core refuses it" --lfs other.img --devs devs.img
want_text "... and names both" err "devs.img: image is for core image 0x"
show 3 "no core refuses it" --devs devs.img
want_text "... and says so" err "there is no core image"
show 3 "one that was made without core is refused" --lfs core.img --devs alone.img
want_text "... with the way to make it" err "frost luac --core"
show 0 "... but not where there is no core" --devs alone.img
want_text "... and is found" out "probe	only in devs"
show 3 "a core image for devs as core" --lfs devs.img
want_text "... is refused" err "there is no core image"

# ---- what a program leaves behind ----

cp devs.img fs
cat >fs/release.lua <<'END'
local timer = tmr.create()
timer:alarm(10, tmr.ALARM_AUTO, node.LFS.main)
print(node.LFS.reload_devs "devs.img")
print(node.LFS.reload_devs("devs.img", true))
tmr.create():alarm(50, tmr.ALARM_SINGLE, function() print("then", timer:state()) end)
END
want_status "a timer that calls devs" 0 "$FROST" run --lfs core.img --devs devs.img fs/release.lua
want_text "... holds them" out "false	registry["
want_text "... by that function" out "function devs/main.lua:0"
want_text "... and does not if it is released" out "true"
want_text "... but is unregistered" out "then	nil"

# What is frozen refers to strings of the image, and leaves out those that it has.
image 0 "another devs image" --core core.img -f -o fs/probe.img devs/probe.lua
want_status "a freezer with objects" 0 "$FROST" run --flash frozen.bin --fs fs --lfs core.img --devs devs.img \
    -e 'freezer.freeze {"a text of the freezer"} print(node.LFS.reload_devs "probe.img")'
want_text "... keeps the image until the next start" out "false	the freezer holds objects made for this image, which go with it"
want_status "... which has the other" 0 "$FROST" run --flash frozen.bin --fs fs -e 'print(node.LFS.probe(), freezer.info())'
want_text "... and none of them" out "only in devs	255	4128	65536	1"

# ---- in a flash file ----

show 0 "it goes into a flash file" --flash flash.bin --fs fs --lfs core.img --devs devs.img
show 0 "... and stays" --flash flash.bin --fs fs
want_text "... in use" out "main of devs"
want_status "frost flash check" 0 "$FROST" flash check flash.bin
want_text "... finds it sound" out "lfs-devs         0xd0000  ok"
want_status "frost flash layout" 0 "$FROST" flash layout flash.bin
want_text "... shows it" out "image, 2 modules, replacement 1"
show 0 "a new core disables it" --flash flash.bin --fs fs --lfs other.img
want_text "... and the console says so" err "LFS devs: image is for core image 0x"
want_text "... and core's is used" out "main of core"
want_status "frost flash check finds it disabled" 1 "$FROST" flash check flash.bin
want_text "... with the reason" out "linked against core image 0x"
show 0 "with the old core it is there again" --flash flash.bin --fs fs --lfs core.img
want_text "... in use" out "main of devs"

want_status "frost flash build composes both" 0 "$FROST" flash build --lfs core.img --devs devs.img \
    -o built.bin
want_status "... soundly" 0 "$FROST" flash check built.bin
show 0 "... and it runs" --flash built.bin --fs fs
want_text "... with devs first" out "main of devs"
want_status "... and not for another core" 3 "$FROST" flash build --lfs other.img --devs devs.img -o x.bin
want_text "... which it names" err "linked against core image 0x"
want_status "... nor without one" 2 "$FROST" flash build --devs devs.img -o x.bin
want_status "... nor as core" 2 "$FROST" flash build --lfs devs.img -o x.bin
want_status "... nor made without core" 2 "$FROST" flash build --lfs core.img --devs alone.img -o x.bin
want_no_file "... and no file is made then" x.bin

# ---- what is no image ----

# Bytes whose first word has bits that an image has not, and lacks some that it has.
printf '\022\064\126\170 and so on' >foreign
want_status "a flash with something else in the place of devs" 0 "$FROST" flash build --lfs core.img \
    --part lfs-devs=foreign -o foreign.bin
want_status "the device runs from core" 0 "$FROST" run --flash foreign.bin -e 'print(#node.LFS.list())'
tap_is "... as if there was none" 2 "$(cat out)"
want_text "... and says what is there" err "LFS devs: Flash sig not correct: 0x78563412"
want_status "an erased place is nothing to speak of" 0 "$FROST" flash build --lfs core.img -o none.bin
want_status "..." 0 "$FROST" run --flash none.bin -e 'print(1)'
tap_is "... and nothing is said" "" "$(cat err)"

# ---- wrong use ----

image 1 "--core without -f" --core core.img -o x.lc devs/main.lua
image 1 "--core with an address" --core core.img -a 0x40290000 -o x.img devs/main.lua
image 1 "--core without a file" --core
image 1 "a core image that is not there" --core none.img -f -o x.img devs/main.lua
want_text "... with the reason" err "cannot open none.img: No such file or directory"
head -c 300 core.img >cut.img
image 1 "a core image that is cut off" --core cut.img -f -o x.img devs/main.lua
want_text "... with the reason" err "core image cut.img: "
want_no_file "... and no image" x.img
tap_done
