# Symbols: addresses of the VM's code to function and line, look-ups a second; the index alone.
$CC -O2 -g -std=gnu11 -D_GNU_SOURCE -I. -o "$work/bench_symbolize" tests/bench/bench_symbolize.c \
    "$O/libfrost.a" -ldw -lelf
symbolized=$(for i in $(seq "$RUNS"); do
    "$work/bench_symbolize" "$O/libexec/frost/frostvm-float-plain" 2000000
done | awk '{ if (NR == 1 || $1 < build) build = $1; if (NR == 1 || $3 < us) us = $3; n = $2 }
            END { printf "%.0f %.0f", n * 1e6 / us, build }')
note symbolize.lookups_per_s lookups/s "${symbolized% *}"
note symbolize.index_us us "${symbolized#* }"
