# Symbols: addresses of code to function and line, look-ups a second, of the VM and (after
# make esp8266) of the chip's firmware; building the index alone; the static analysis of the firmware.
$CC -O2 -g -std=gnu11 -D_GNU_SOURCE -I. -o "$work/bench_symbolize" tests/bench/bench_symbolize.c \
    "$O/libfrost.a" -ldw -lelf
symbolize() { # NAME ELF: the best of RUNS
    symbolized=$(for i in $(seq "$RUNS"); do
        "$work/bench_symbolize" "$2" 2000000
    done | awk '{ if (NR == 1 || $1 < build) build = $1; if (NR == 1 || $3 < us) us = $3; n = $2 }
                END { printf "%.0f %.0f", n * 1e6 / us, build }')
    note "$1.lookups_per_s" lookups/s "${symbolized% *}"
    note "$1.index_us" us "${symbolized#* }"
}
symbolize symbolize "$O/libexec/frost/frostvm-float-plain"
if [ -f "$O/esp8266/frost.elf" ]; then
    symbolize symbolize.esp8266 "$O/esp8266/frost.elf"
    note static.esp8266_us us "$("$work/bench_time" "$RUNS" "$O/frost" hot --static \
        "$O/esp8266/frost.elf" --json -- true | awk '{ print $1 }')"
fi
