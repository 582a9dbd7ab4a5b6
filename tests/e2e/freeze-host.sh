#!/bin/sh
# frost freeze: areas made on the computer have the bytes of those that a program makes; reports know areas,
# also damaged ones and those for another device; areas become images and back. Data straight into flash.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3 cmp
root=$PWD
cp tests/e2e/freezer/data.lua "$TAP_DIR" && cd "$TAP_DIR" || exit 1

frost() { # STATUS NAME ARGUMENT...
    status=$1 name=$2
    shift 2
    want_status "$name" "$status" "$FROST" "$@"
}
json() { # STATUS NAME SCHEMA ARGUMENT... : as JSON, by its schema
    status=$1 name=$2 schema=$3
    shift 3
    want_status "$name" "$status" "$FROST" "$@" --json && cp out json
    want_status "... by its schema" 0 python3 "$root/tests/support/schema.py" "$root/reports/schema/$schema.json" json
}

# ---- an application ----

mkdir -p app/net
cat >app/net/http.lua <<'END'
local M = { count = 0 }
function M.get(path)
    M.count = M.count + 1
    return "got " .. path .. " the " .. M.count .. "th time", function() return M.count end
end
function M.fail(t) return t.x.y end
return M
END
cat >app/text.lua <<'END'
return function(...) return table.concat({ ... }, "-") .. " from text" end
END
cat >app/config.json <<'END'
{"hosts": ["a.example", "b.example"], "port": 8080, "on": true, "same": ["a.example", "b.example"]}
END
cat >app/units.lua <<'END'
return { "metre", "second", scale = { kilo = 1000, milli = -1000 } }
END
cat >app/run.lua <<'END'
local http, text = REQUIRE "net.http", REQUIRE "text"
local got, count = http.get "x"
print(got, count(), text(1, 2, "three"), select(2, http.get "y")())
print(pcall(http.fail, {}))
END
cat >device.lua <<'END'
REQUIRE = freezer.require
dofile "run.lua"
print(freezer.data "config.json".port, freezer.data "units.lua".scale.kilo)
END
cp device.lua app/device.lua
items="net.http text config.json"
"$FROST" run --fs app -e 'REQUIRE = require' run.lua >want-run 2>&1

# ---- byte for byte ----

for build in "" --integer; do
    rm -f device made
    frost 0 "a program freezes $build" run $build --flash device --fs app device.lua
    json 0 "so does the computer $build" freeze-made freeze make $build --flash made --fs app $items --data units.lua
    want_status "the same bytes $build" 0 cmp device made
    frost 0 "an area alone $build" freeze make $build -o area --fs app net/http.lua text.lua config.json --data units.lua
    frost 0 "... is what a flash file gives $build" flash extract -o parts made
    want_status "... byte for byte $build" 0 cmp parts/freezer.bin area
    rm -rf parts
done
cp area area-integer
frost 0 "an image" luac -f -o app.img app/text.lua
rm -f device made
frost 0 "a program above an image freezes" run --lfs app.img --flash device --fs app device.lua
frost 0 "so does the computer" freeze make --lfs app.img --flash made --fs app $items --data units.lua
want_status "the same bytes above an image" 0 cmp device made
cp made linked

# Into a flash that has an area already.
rm -f device made
frost 0 "a program freezes a part" run --flash device --fs app -e 'freezer.require "text"'
cp device made
frost 0 "... and the rest after a restart" run --flash device --fs app device.lua
frost 0 "the computer freezes the rest" freeze make --flash made --fs app $items --data units.lua
want_text "... and finds what is there" out "text         function             0"
want_status "the same bytes in a flash with an area" 0 cmp device made
frost 0 "the device takes it" run --flash made --fs app -e 'print(freezer.module "text", select(2, freezer.module "text"))'

# Tables and closures that refer to each other.
cat >group.lua <<'END'
local function make()
    local t, k = { name = "x" }, 5
    t.loop = { back = t, here = { t } }
    function t.get(x) return x + k end
    return t
end
freezer.freeze(make())
END
for build in "" --integer; do
    rm -f group
    frost 0 "a program freezes tables with functions $build" run $build --flash group --fs . group.lua
    json 0 "... which are sound $build" freeze freeze check group --blocks
    want_text "... as groups $build" json '"kind":"group"'
done

# ---- what is said ----

frost 0 "the layout knows the area" flash layout made
want_text "... and its names" out "4 names"
json 0 "the check knows it" flash-check flash check made
want_text "... as sound" json '"result":"ok"'
json 0 "a dump has its blocks" flash-dump flash dump made
want_text "... a function by its line" json '"content":"@net/http.lua:2"'
json 0 "a list" freeze freeze ls made --blocks
want_text "... of names" json '"name":"config.json"'
frost 0 "no difference to itself" freeze diff made made
sed 's/from text/from another text/' app/text.lua >changed && mv changed app/text.lua
rm -f other
frost 0 "a changed module" freeze make --flash other --fs app $items
json 1 "... differs" freeze-diff freeze diff made other
cp json by-freeze
json 1 "... by frost lfs diff, too" freeze-diff lfs diff made other
want_same "... which says the same" by-freeze json
frost 3 "an area is no image" lfs diff made app.img
want_text "... which is said" err "neither an LFS image nor"
want_status "... by name" 0 sh -c "tr -d ' \n' <json | grep -q '\"name\":\"text\",\"change\":\"changed\"'"
want_status "... as do those that are gone" 0 sh -c "tr -d ' \n' <json | grep -q '\"name\":\"units.lua\",\"change\":\"removed\"'"
want_status "... and no other" 1 sh -c "tr -d ' \n' <json | grep -q '\"name\":\"net.http\",\"change\"'"

damage() { # FILE TEXT: flips a bit of the text
    python3 - "$1" "$2" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[data.rindex(sys.argv[2].encode())] ^= 1
open(sys.argv[1], "wb").write(data)
END
}
cp made damaged
damage damaged "got "
frost 1 "damage is found" flash check damaged
want_text "... where it is" out "the string of 21 bytes is damaged: its CRC-32 is another one"
want_text "... and what refers to it" out "is damaged: constant of a function"
frost 0 "what is not damaged is used" run --flash damaged --fs app -e 'print(freezer.info(true), freezer.module "units")'
frost 0 "a start drops the rest" freeze check damaged
want_text "... which is told" out "dropped"

# Areas that the device makes anew.
erase() { # FILE OFFSET BYTES
    python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
at, count = int(sys.argv[2], 0), int(sys.argv[3], 0)
data[at:at + count] = b"\xff" * count
open(sys.argv[1], "wb").write(data)' "$@"
}
frost 0 "an area above its image is taken" flash check linked
erase linked 0x90000 0x40000
json 1 "without the image it is refused" flash-check flash check linked
want_text "... by name" json "it was made with LFS images of CRC 0x"
want_text "... as a finding" json '"result":"refused"'
frost 0 "the layout says so" flash layout linked
want_text "... in a word" out "names, refused"
frost 0 "a flash is built of an area" flash build -o built --part freezer=area
frost 0 "... which is taken" flash check built
frost 2 "but not above an image that it does not know" flash build -o refused --lfs app.img --part freezer=area
want_text "... which is said" err "it was made with LFS images of CRC 0x00000000, here is 0x"
want_no_file "... and nothing is made" refused
erase area 0 4
frost 3 "bytes that are no area" freeze ls area
frost 0 "an area to be erased" run --flash built -e 'freezer.defrost()'
frost 1 "... is told of" flash check built
want_text "... as such" out "it is to be erased at the next start"

# ---- from one form into the other ----

frost 1 "an image of an area" freeze to-lfs made -o back.img
want_text "... without its tables" out "config.json: a table, which an image cannot hold"
frost 0 "the image is sound" lfs check back.img
echo 'REQUIRE = function(name) return node.LFS.get(name)() end dofile "run.lua"' >app/lfs.lua
frost 0 "its functions run" run --fs app --lfs back.img lfs.lua
want_same "... as from their sources" want-run out
frost 0 "an area of an image" freeze from-lfs back.img -o back.bin
frost 0 "... in a flash" flash build -o back --part freezer=back.bin
echo 'REQUIRE = function(name) return freezer.require(name, true) end dofile "run.lua"' >app/frozen.lua
mkdir away && cp app/run.lua app/frozen.lua away
frost 0 "its functions run" run --fs away --flash back frozen.lua
want_same "... as from their sources" want-run out
frost 0 "they are frozen" run --fs away --flash back -e 'print(freezer.isfrozen(freezer.require("net.http", true).get))'
want_text "... all of them" out freezer
json 0 "an area of the integer build" freeze freeze ls area-integer
json 1 "an image of it" freeze-image freeze to-lfs area-integer -o integer.img
frost 0 "... is one of the integer build" lfs check --numbers integer integer.img
rm -f made
frost 0 "an area above an image" freeze make --flash made --lfs back.img --fs app run net.http
frost 0 "... becomes an image by itself" freeze to-lfs made -o alone.img
frost 0 "... that runs alone" run --fs app --lfs alone.img -e 'print(node.LFS.get("net.http")().get "z")'

# Modules of any size: by way of an area they are what they are by way of the compiler.
for build in "" --integer; do
    (cd "$root/examples/command-console" && ls [c-h]*.lua) >names
    frost 0 "an application $build" freeze make $build -o console.bin --fs "$root/examples/command-console" $(cat names)
    frost 0 "... as an image $build" freeze to-lfs console.bin -o console.img
    (cd "$root/examples/command-console" && "$FROST" luac $build -f -o "$TAP_DIR/straight.img" $(cat "$TAP_DIR/names") >/dev/null)
    frost 0 "... is that of its sources $build" lfs diff straight.img console.img
done

# ---- what cannot be made ----

cp made before
echo 'return = 1' >app/broken.lua
frost 3 "a source with an error" freeze make --flash made --fs app text broken
want_text "... is named" out "broken.lua:1: unexpected symbol"
want_same "... and nothing is written" before made
echo '{"a": [1, }' >app/broken.json
frost 3 "JSON with an error" freeze make -o none --fs app broken.json
want_text "... is named" out "broken.json:1: a value expected near '}'"
want_no_file "... and nothing is written" none
echo 'return { f = print }' >app/calls.lua
frost 3 "data that is not constant" freeze make -o none --fs app --data calls.lua
want_text "... is named" out "calls.lua:1: not a constant near 'print'"
frost 3 "a module that is not there" freeze make -o none --fs app nowhere
awk 'BEGIN { printf "["; for (i = 0; i < 12000; i++) printf "%d,", i; print "0]" }' >app/large.json
frost 1 "data that does not fit the area" freeze make -o none --fs app large.json
want_text "... is refused" out "large.json: no space"
want_no_file "... and nothing is written" none
frost 2 "no place for it" freeze make --fs app text
frost 2 "two places" freeze make --fs app text -o none --flash none
frost 2 "nothing to freeze" freeze make -o none
frost 2 "another verb" freeze thaw
frost 4 "a file that is not there" freeze ls nowhere
frost 3 "a file that is neither" freeze ls app/run.lua

# ---- data ----

for egc in always failure none; do
    for build in "" --integer; do
        frost 0 "data, --egc $egc $build" run $build --heap 100K --egc $egc --fs . data.lua
        want_same "... is what it is in RAM" "$root/tests/e2e/freezer/data.txt" out
    done
done
# Larger than the heap: a table is written as soon as it is complete.
awk 'BEGIN { printf "{"
    for (i = 1; i <= 10; i++) {
        printf "%s\"group %d\": [", (i > 1 ? ", " : ""), i
        for (k = 1; k <= 25; k++)
            printf "%s{\"name\": \"item %d of %d\", \"value\": %d}", (k > 1 ? ", " : ""), k, i, i * k
        printf "]"
    }
    print "}" }' >large.json
for egc in always failure; do
    frost 0 "data larger than the heap, --egc $egc" run --heap 24K --egc $egc --fs . -e 'local d = freezer.data "large.json"
        print(freezer.isfrozen(d), #d["group 10"], d["group 10"][25].name, d["group 3"][4].value, freezer.verify())
        print((pcall(function() return sjson.decode(file.getcontents "large.json") end)))'
    tap_is "... is frozen, and was not read otherwise" "freezer	25	item 25 of 10	12	true false" "$(tr '\n' ' ' <out | sed 's/ $//')"
done
tap_done
