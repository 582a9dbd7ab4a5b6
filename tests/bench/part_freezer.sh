# The freezer on the console's modules: RAM of their loaded functions from source, what freezing leaves,
# the flash that it takes against an LFS image; a second use of a frozen module against loading it; a
# program from frozen code against the same from RAM.
freezer=$(cd "$work" && pwd)
cat >"$freezer/frozen.lua" <<'END'
local list, held = file.list(), {}
collectgarbage() collectgarbage()
local before = (node.egc.meminfo())
for name in pairs(list) do
    if name:find "%.lua$" then
        local f = assert(loadfile(name))
        held[#held + 1] = HOW == "frozen" and freezer.freeze(f) or f
    end
end
collectgarbage() collectgarbage()
print((node.egc.meminfo()) - before, (select(2, freezer.info())))
END
freezer_figure() { # HOW FIELD
    "$O/frost" run --heap 256K --fs examples/command-console -e "HOW = '$1'" "$freezer/frozen.lua" | cut -f "$2"
}
note freezer.ram_source_bytes bytes "$(freezer_figure source 1)"
note freezer.ram_frozen_bytes bytes "$(freezer_figure frozen 1)"
note freezer.flash_bytes bytes "$(freezer_figure frozen 2)"
"$O/frost" luac -f -a 0x40290000 -o "$work/console.lfs" examples/command-console/*.lua >/dev/null 2>&1 &&
    note freezer.lfs_flash_bytes bytes "$(wc -c <"$work/console.lfs")"

# 1000 uses of a module, each after it was forgotten.
rm -f "$freezer/flash"
use() { # NAME EXPRESSION
    echo "for i = 1, 1000 do package.loaded.expr = nil; assert($2) end" >"$freezer/use-$1.lua"
}
use loaded '(loadfile "expr.lua")("expr")'
use frozen 'freezer.require "expr"'
vm="$O/libexec/frost/frostvm-float-plain --egc=none --heap=262144 --flash=$freezer/flash --fs=examples/command-console"
$vm "$freezer/use-frozen.lua" >"$freezer/log" || cat "$freezer/log"
pair=$("$work/bench_time" "$RUNS" $vm "$freezer/use-loaded.lua" -- $vm "$freezer/use-frozen.lua")
note freezer.second_use ratio "$(echo "$pair" | awk '{ print $1 / $2 }')"

# The programs of the interpreter's bench, from frozen code against RAM.
pair=$("$work/bench_time" "$RUNS" "$O/frost" run --profile pc tests/bench/programs/queens.lua -- \
    "$O/frost" run --profile pc --freeze tests/bench/programs/queens.lua)
note freezer.queens_frozen ratio "$(echo "$pair" | awk '{ print $2 / $1 }')"

# Sets of modules frozen on the computer (frost freeze make, the same code as the device's): RAM of what is loaded
# from source, flash of the area without its header and index, of an LFS image of the same modules; flash
# programmed (blocks, states, slots) for a byte of what was in RAM.
freezer_set() { # NAME DIRECTORY FILE...: each in an area of its own
    set_name=$1 directory=$2
    shift 2
    : >"$freezer/set.json"
    for file; do
        rm -f "$freezer/set.flash"
        "$O/frost" flash build -o "$freezer/set.flash" --freezer-size 252K >>"$freezer/log" 2>&1
        "$O/frost" freeze make --flash "$freezer/set.flash" --fs "$directory" --json "$file" >>"$freezer/set.json" 2>>"$freezer/log" || {
            echo "$file is not frozen: $(tail -n 1 "$freezer/log")"
            return
        }
    done
    frost_path=$(cd "$O" && pwd)/frost
    lfs_bytes=$(cd "$directory" && "$frost_path" luac --locals=200 -f -o "$freezer/set.img" "$@" | sed -n 's/^Image size: //p')
    # All figures stand twice: in their row and in the sum.
    tr ',{' '\n\n' <"$freezer/set.json" | awk -F : -v lfs="$lfs_bytes" '
        /"items"/ { in_items = 1 }
        /"kinds"/ { in_items = 0 }
        /"saved_bytes":[0-9]/ { saved += $2 / 2 }
        /"blocks":[0-9]/ { blocks += $2 / 2 }
        /"flash_bytes":[0-9]/ && in_items { flash += $2 / 2 }
        END { printf "%d %d %.3f %.3f\n", saved, flash, lfs ? flash / lfs : 0, (flash + 8 * blocks) / saved }' >"$freezer/set"
    read -r ram_bytes flash_bytes against_lfs programmed <"$freezer/set"
    note "freezer.$set_name.ram_bytes" bytes "$ram_bytes"
    note "freezer.$set_name.flash_bytes" bytes "$flash_bytes"
    [ -z "$lfs_bytes" ] || note "freezer.$set_name.flash_over_lfs" ratio "$against_lfs" # else more than an image holds
    note "freezer.$set_name.programmed_over_ram" ratio "$programmed"
}
for directory in examples/*/init.lua; do
    directory=${directory%/init.lua}
    freezer_set "$(basename "$directory" | tr - _)" "$directory" $(cd "$directory" && ls ./*.lua | sed 's|^\./||' | grep -v '^init\.lua$')
done
lua=/usr/share/lua/5.1
# All but dkjson and luaunit, whose main functions have more local variables than the device compiles.
[ ! -e $lua/argparse.lua ] || freezer_set debian $lua ansicolors.lua argparse.lua basexx.lua binaryheap.lua inspect.lua markdown.lua MessagePack.lua moses.lua
[ ! -e $lua/pl/init.lua ] || freezer_set debian_penlight $lua $(cd $lua && ls pl/*.lua)

# What a freeze costs: 100 functions one by one, with a heap of 8 times as many objects, and in an area that is
# half full; over the same in a small heap and an empty area.
cat >"$freezer/cost.lua" <<'END'
local held = {}
for i = 1, OBJECTS do held[i] = {i} end
for i = 1, FILL do freezer.freeze(loadstring("return 'a text that fills the area, number " .. i .. "'", "=f")) end
for i = 1, COUNT do
    freezer.freeze(loadstring("return 'frozen and measured " .. i .. "'", "=f"))
end
print(select(2, freezer.info()))
END
cost() { # OBJECTS FILL: microseconds of the 100 freezes
    plain="$O/libexec/frost/frostvm-float-plain --egc=none --heap=1048576 --watchdog=off"
    "$work/bench_time" "$RUNS" $plain --execute="OBJECTS = $1 FILL = $2 COUNT = 0" "$freezer/cost.lua" -- \
        $plain --execute="OBJECTS = $1 FILL = $2 COUNT = 100" "$freezer/cost.lua" | awk '{ print $2 - $1 }'
}
small=$(cost 1000 1)
note freezer.cost_heap_times_8 ratio "$(echo "$(cost 8000 1) $small" | awk '{ print $1 / $2 }')"
note freezer.cost_area_half_full ratio "$(echo "$(cost 10 100) $(cost 10 1)" | awk '{ print $1 / $2 }')"

# Tables: a frozen one against one in RAM, the same program.
cat >"$freezer/table.lua" <<'END'
local t = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, a = 1, b = 2, c = 3}
if FROZEN then t = freezer.freeze(t) end
local s = 0
for i = 1, 200000 do
    if WAY == "index" then for k = 1, 10 do s = s + t[k] end
    elseif WAY == "field" then s = s + t.a + t.b + t.c + t.a + t.b + t.c
    else for _, v in pairs(t) do s = s + v end end
end
END
for way in index field pairs; do
    plain="$O/libexec/frost/frostvm-float-plain --watchdog=off --execute=WAY='$way'"
    pair=$("$work/bench_time" "$RUNS" $plain "$freezer/table.lua" -- $plain --execute=FROZEN=true "$freezer/table.lua")
    note "freezer.table_$way" ratio "$(echo "$pair" | awk '{ print $2 / $1 }')"
done
