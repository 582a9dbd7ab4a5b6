# The file store at the size of the usual module: modelled milliseconds and bytes programmed for a
# file, on a new store and on one that is 70 % full; bytes read by a look-up and by a start.
$CC -O2 -std=gnu11 -D_GNU_SOURCE -I. -DFROST_RUNTIME -o "$work/bench_store" tests/bench/bench_store.c \
    runtime/flash/store/store.c runtime/flash/store/store_[ceil]*.c runtime/flash/store/store_file.c \
    runtime/flash/device.c runtime/flash/inflate.c
"$work/bench_store" >"$work/store.rows"
while IFS='	' read -r name unit value; do
    note "$name" "$unit" "$value"
done <"$work/store.rows"
