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
