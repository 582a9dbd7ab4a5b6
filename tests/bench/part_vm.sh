# VM speed per program: Debian's lua5.1 over ours (plain build, profile pc), and what probes cost
# over plain: the probed build and the traced build alone, and a recorded run.
vm=$O/libexec/frost/frostvm-float
: >"$work/vm.tsv"
plain_over() { # COMMAND...: its time and that of the plain build
    "$work/bench_time" "$RUNS" "$@" -- "$vm-plain" --profile=pc "$program" | cut -d ' ' -f 1,2
}
for program in tests/bench/programs/*.lua; do
    echo "$(basename "$program" .lua)" \
        "$(plain_over lua5.1 "$program")" \
        "$(plain_over "$vm-probed" --profile=pc "$program")" \
        "$(plain_over "$vm-traced" --profile=pc "$program")" \
        "$(plain_over "$O/frost" record -q -o "$work/run.trace" --profile pc "$program")" \
        >>"$work/vm.tsv"
done
awk '{ r = $2 / $3; p = $4 / $5; t = $6 / $7; c = $8 / $9
       s += log(r); q += log(p); u += log(t); v += log(c); n++
       printf "    %-12s lua5.1 %7d us  frost %7d us  ratio %.2f  probed %.2f  traced %.2f  recorded %.2f\n",
              $1, $2, $3, r, p, t, c
       if (n == 1 || r < worst) worst = r; if (r > best) best = r }
     END { printf "%.3f %.3f %.3f %.3f %.3f %.3f\n", exp(s / n), worst, best, exp(q / n), exp(u / n),
                  exp(v / n) }' "$work/vm.tsv" >"$work/vm.txt"
sed '$d' "$work/vm.txt"
read -r geomean worst best probed traced recorded <<END
$(tail -n 1 "$work/vm.txt")
END
note vm.vs_lua51.geomean ratio "$geomean"
note vm.vs_lua51.worst ratio "$worst"
note vm.vs_lua51.best ratio "$best"
note probe.overhead ratio "$probed"
note trace.overhead ratio "$traced"
note record.overhead ratio "$recorded"

# Instructions repeat exactly, whatever else the machine does.
if command -v valgrind >/dev/null; then
    count() {
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
            sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
    }
    for name in fib queens life methods patterns sort; do
        program=tests/bench/programs/$name.lua
        ours=$(count "$vm-plain" --profile=pc "$program")
        theirs=$(count lua5.1 "$program")
        note "vm.instructions_vs_lua51.$name" ratio "$(awk "BEGIN { printf \"%.3f\", $theirs / $ours }")"
    done
fi
