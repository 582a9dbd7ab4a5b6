#!/bin/sh
# Where texts come from: nothing that a run was given is taken for the program's own, by whatever way
# it goes through the language and the libraries, and what is the program's own is. Every library
# function has its sources in the table. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" python3
here=$PWD
cd "$TAP_DIR" || exit 1

# ---- planted data ----

mkdir app
printf 'word=Zq7hunter2Zq7rosebud\nlevel=17\n' >app/store.cfg
echo '{"who":"Zq7-olga-Zq7","pin":"Zq74711Zq7"}' >app/data.json
echo 'return {name = "Zq7 network of the house"}' >app/wifi_credentials.lua
echo 'return "Zq7 loud words"' >app/tannoy.lua
echo 'local M = {word = "Zq7 of the image", "Zq7 in a list"} return M' >net_secrets.lua
want_status "an image" 0 "$FROST" luac -f -o net.img net_secrets.lua
want_status "an image of the other build" 0 "$FROST" luac --integer -f -o neti.img net_secrets.lua
echo 'x' >app/Zq7-a-name.txt

# judge FILE.json PRINTED: what the rows of the report take of what the program printed.
cat >judge.py <<'END'
import json, re, sys
rows = json.load(open(sys.argv[1]))
table = rows["tables"]["strings"]
passed = {"chosen", "not worth it", "not at peak", "byte reads", "not stable"}
show = lambda s: re.sub(r'[^\w\-=+/ :;.{}"@%]', "?", s)
taken = {show(r["text"]): r.get("sources") for r in table["rows"]
         if isinstance(r.get("text"), str) and r["verdict"] in passed} # others are bytes
routes, wrong = [0, 0], []
for line in open(sys.argv[2], errors="replace"):
    kind, name, text = (line.rstrip("\n").split("\t") + ["", ""])[:3]
    if kind == "ROUTE":
        routes[text in taken] += 1
        if text in taken:
            wrong.append(f"taken: {name}: {text} ({taken[text]})")
    elif text not in taken:
        wrong.append(f"not taken: {name}: {text}")
for text in taken:
    if "Zq7" in text and "/" not in text and text != "Zq7":
        wrong.append(f"taken: {text} ({taken[text]})")
if len(sys.argv) > 3: # with --origin=all
    print(routes[1] > 50)
else:
    print(routes[0] > 50, *wrong, sep="\n")
END

strings() {
    want_status "the rows are made $1 $2" 0 "$FROST" strings --json --min-return=0 --top 100000 $2 "$1"
    cp out rows.json
}

for case in float:routes integer:routes float:more_routes integer:more_routes; do
    build=${case%:*}
    rm -rf "$build"
    cp "$here/tests/e2e/sources/${case#*:}.lua" app/init.lua
    want_status "the program is recorded, $case" 0 "$FROST" record -q --secret tannoy --heap 100K \
        $([ $build = float ] && echo --lfs net.img || echo --integer --lfs neti.img) -o $build --fs app app/init.lua
    grep "^ROUTE\|^FINE" out >printed
    strings $build ""
    tap_is "$case: nothing that was given is taken, what is the program's is" True \
        "$(python3 judge.py rows.json printed)"
    strings $build --origin=all
    tap_is "all of it with --origin=all" True "$(python3 judge.py rows.json printed all)"
done

# ---- one source after the other ----

cat >few.lua <<'END'
kept = {"a constant " .. "of it", ("%d pieces"):format(3 * #_VERSION), "chip " .. node.chipid()}
END
want_status "recorded" 0 "$FROST" record -q -o few few.lua
cat >few.py <<'END'
import json, re
rows = json.load(open("out"))["tables"]["strings"]["rows"]
taken = [r["text"] for r in rows if r["verdict"] not in ("from input", "run-time data")]
print(":".join("yes" if any(re.fullmatch(e, t or "") for t in taken) else "no"
               for e in (r"\d+ pieces", r"chip \d+")))
END
for case in ":no:no" "number:yes:no" "environment:no:no" "number,environment:yes:yes"; do
    list=${case%%:*}
    want_status "origin '$list'" 0 "$FROST" strings --json --min-return=0 --top 100000 "--origin=$list" few
    tap_is "--origin=$list takes" "${case#*:}" "$(python3 few.py)"
done
want_status "an unknown source" 2 "$FROST" strings --origin=numbers few
want_status "a wrong list" 2 "$FROST" strings --origin=number,derived few
want_status "the sources are in the text form" 0 "$FROST" trace dump few
want_text "a number's" out 'origin="device,number,derived"'

echo 'uart.on("data", ".", function(line) kept = "got " .. line end, 0)' >line.lua
echo 'world.serial:send("a line.") world.sleep(100) world.finish()' >line.world.lua
want_status "recorded with a line on the serial port" 0 "$FROST" record -q -o line --world line.world.lua line.lua
want_status "its sources" 0 "$FROST" trace dump line
want_text "a line that arrives is input" out 'origin="input,device,derived"'

# ---- the table of functions ----

cat >functions.lua <<'END'
local seen, names = {}, {}
local function walk(t, prefix, depth)
    for k, v in pairs(t) do
        if type(k) == "string" and (type(v) == "function" or type(v) == "lightfunction") then
            names[#names + 1] = prefix .. k
        elseif type(k) == "string" and k ~= "__index" and k ~= "ROM" and (type(v) == "table" or type(v) == "romtable") and depth > 0
            and not seen[v] then
            seen[v] = true
            walk(v, prefix .. k .. ".", depth - 1)
        end
    end
end
seen[_G] = true
seen[package.loaded] = true
local firmware = getmetatable(_G) and getmetatable(_G).__index
walk(_G, "", 2)
if firmware then walk(firmware, "", 3) end
for k, v in pairs(debug.getregistry()) do
    if type(k) == "string" and k:sub(1, 1) ~= "_" and (type(v) == "table" or type(v) == "romtable") then
        for name, f in pairs(v) do
            if type(f) == "function" or type(f) == "lightfunction" then names[#names + 1] = k .. ":" .. name end
        end
    end
end
for i = 1, #names do print(names[i]) end
END
for profile in nodemcu pc; do
    want_status "functions of $profile" 0 "$FROST" run --profile $profile --heap 200K functions.lua
    cp out functions
    cat >rows.py <<'END'
import re, sys
rows = re.findall(r'X\("([^"]+)",', open(sys.argv[1]).read())
names = open("functions").read().split("\n")[:-1]
missing = [n for n in names if not any(n == r or (r[-1] in ".:" and n.startswith(r)) for r in rows)]
print(len(names) > 90, len(rows) == len(set(rows)), *missing)
END
    tap_is "each has its sources, $profile" "True True" \
        "$(python3 rows.py "$here/runtime/format/library_sources.h")"
done
tap_done
