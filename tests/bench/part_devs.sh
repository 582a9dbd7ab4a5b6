# A new version of one of the console's modules: the whole LFS reloaded, or the devs image replaced:
# bytes to send, erases, bytes programmed, modelled milliseconds.
$CC -O2 -std=gnu11 -D_GNU_SOURCE -I. -DFROST_RUNTIME -o "$work/bench_devs" tests/bench/bench_devs.c \
    runtime/flash/devs.c runtime/flash/lfs*.c runtime/flash/device.c runtime/flash/inflate.c \
    runtime/flash/regions.c runtime/flash/partition*.c runtime/flash/flash_events.c
mkdir "$work/console-core"
cp examples/command-console/*.lua "$work/console-core"
"$O/frost" luac --build-time=1 -f -o "$work/full.img" "$work"/console-core/*.lua >/dev/null
rm "$work/console-core/filters.lua"
"$O/frost" luac --build-time=1 -f -o "$work/core.img" "$work"/console-core/*.lua >/dev/null
"$O/frost" luac --build-time=1 --core "$work/core.img" -f -o "$work/devs.img" \
    examples/command-console/filters.lua >/dev/null
"$work/bench_devs" "$work/core.img" "$work/full.img" "$work/devs.img" >"$work/devs.rows"
while IFS='	' read -r name unit value; do
    note "$name" "$unit" "$value"
done <"$work/devs.rows"

# What the processor does in that reload, by part, as modelled: instructions of this computer for the
# same code, compiled for size, at the model's 1.5 clocks; the file and the image come from flash
# by lines of its cache. The check is that of the structure, without the instructions of functions.
$CC -Os -fno-inline -std=gnu11 -D_GNU_SOURCE -I. -DFROST_RUNTIME -o "$work/bench_devs_parts" \
    tests/bench/bench_devs.c runtime/flash/devs.c runtime/flash/lfs*.c runtime/flash/device.c \
    runtime/flash/inflate.c runtime/flash/regions.c runtime/flash/partition*.c runtime/flash/flash_events.c
valgrind --tool=callgrind --callgrind-out-file="$work/devs.callgrind" "$work/bench_devs_parts" \
    "$work/core.img" "$work/full.img" >/dev/null 2>"$work/devs.valgrind"
callgrind_annotate --inclusive=yes --threshold=100 "$work/devs.callgrind" >"$work/devs.functions"
awk -F '\t' -v functions="$work/devs.functions" '
    function line_ms(bytes) { return bytes / 32 * miss / (1000 * clock) }
    function part(name, instructions, more) {
        printf "devs.full_reload.time.%s\tms\t%s\n", name, \
            (instructions > 0 && miss > 0 ? sprintf("%.1f", instructions * cpu + more) : "unknown")
    }
    FILENAME ~ /[.]json$/ {
        if (/"clock_mhz"/) { gsub(/[^0-9]/, ""); clock = $0 }
        if (/"cache_miss"/) in_miss = 1
        if (in_miss && match($0, /"clocks": [0-9]+/)) { miss = substr($0, RSTART + 10, RLENGTH - 10); in_miss = 0 }
        next
    }
    FILENAME != functions { size[$1] = $3; next }
    match($0, /:[a-z_]+/) {
        name = substr($0, RSTART + 1, RLENGTH - 1)
        gsub(/,/, "")
        split($0, word, " ")
        if (!(name in count)) count[name] = word[1]
    }
    END {
        cpu = 1.5 / (1000 * clock)
        file = line_ms(size["devs.full_reload.file"])
        part("verify", count["lfs_reload_check"], file)
        part("read_again", count["program_image"] - count["program_page"], file)
        part("relocate", count["relocate"], 0)
        part("check", count["check_in_flash"], line_ms(size["devs.full_reload.image"]))
    }' analyzer/models/esp8266.json "$work/devs.rows" "$work/devs.functions" >"$work/devs.parts"
while IFS='	' read -r name unit value; do
    note "$name" "$unit" "$value"
done <"$work/devs.parts"
