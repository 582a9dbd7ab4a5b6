# Tools: luac5.1 over our compiler to .lc, source to image a second, a whole report.
big=$work/big.lua
for i in $(seq 150); do
    echo "_ = function(...)"
    cat tests/nodemcu/golden/src/bigmodule.lua
    echo "end"
done >"$big"
pair=$("$work/bench_time" "$RUNS" luac5.1 -o "$work/big.luac" "$big" -- \
    "$O/libexec/frost/frostluac-float" -o "$work/big.lc" "$big")
note luac.vs_luac51 ratio "$(echo "$pair" | awk '{ printf "%.2f", $1 / $2 }')"

modules=$(ls tests/nodemcu/golden/src/*.lua | grep -v 'integers\|biglist')
bytes=$(cat $modules | wc -c)
pair=$("$work/bench_time" "$RUNS" "$O/libexec/frost/frostluac-float" -f -o "$work/bench.img" \
    $modules -- "$O/libexec/frost/frostluac-float" -v)
note image.build_per_s bytes/s "$(echo "$pair" | awk -v b="$bytes" '{ printf "%.0f", b * 1e6 / $1 }')"

if [ -d "$work/trace.1M" ]; then
    pair=$("$work/bench_time" 1 "$O/frost" report -q "$work/trace.1M" -o "$work/report" -- \
        "$O/frost" size -q "$work/trace.1M")
    note report.ms_per_M_events ms "$(echo "$pair" | awk '{ printf "%.0f", $1 / 1000 }')"
fi
