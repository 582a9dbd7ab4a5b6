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
