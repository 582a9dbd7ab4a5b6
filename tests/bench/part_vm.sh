# VM speed: Debian's lua5.1 over ours, plain build, and the cost of the probes, per program.
vm=$O/libexec/frost/frostvm-float-plain
probed=$O/libexec/frost/frostvm-float-probed
: >"$work/vm.tsv"
for program in tests/bench/programs/*.lua; do
    name=$(basename "$program" .lua)
    pair=$("$work/bench_time" "$RUNS" lua5.1 "$program" -- "$vm" --profile=pc -- "$program")
    cost=$("$work/bench_time" "$RUNS" "$probed" --profile=pc -- "$program" -- \
        "$vm" --profile=pc -- "$program")
    printf '%s %s %s\n' "$name" "$pair" "$cost" >>"$work/vm.tsv"
done
awk '{ r = $2 / $3; p = $4 / $5; s += log(r); q += log(p); n++
       printf "    %-12s lua5.1 %7d us  frost %7d us  ratio %.2f  probed %.2f\n", $1, $2, $3, r, p
       if (n == 1 || r < worst) worst = r; if (r > best) best = r }
     END { printf "%.3f %.3f %.3f %.3f\n", exp(s / n), worst, best, exp(q / n) }' "$work/vm.tsv" \
    >"$work/vm.txt"
sed '$d' "$work/vm.txt"
read -r geomean worst best overhead <<END
$(tail -n 1 "$work/vm.txt")
END
note vm.vs_lua51.geomean ratio "$geomean"
note vm.vs_lua51.worst ratio "$worst"
note vm.vs_lua51.best ratio "$best"
note probe.overhead ratio "$overhead"
