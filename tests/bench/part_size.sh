# Sizes of a large program: nine copies of frost's own objects under other names, 31 MB with DWARF, beside
# what eu-nm, nm, eu-size and eu-addr2line (2,000 addresses) take for it; a difference of two records.
large=$work/size
mkdir -p "$large"
if [ ! "$large/program" -nt "$O/libfrost.a" ]; then
    ld -r -o "$large/all.o" --whole-archive "$O/libfrost.a"
    for copy in 1 2 3 4 5 6 7 8 9; do
        objcopy --prefix-symbols=copy${copy}_ "$large/all.o" "$large/copy$copy.o"
    done
    ld -o "$large/program" -e 0 --unresolved-symbols=ignore-all "$large"/copy*.o
    rm "$large"/*.o
fi
note size.program_bytes bytes "$(wc -c <"$large/program")"
size_row() { # NAME LEVELS REFERENCE...: processor time, ratio to the reference
    size_name=$1 size_levels=$2
    shift 2
    pair=$("$work/bench_time" "$RUNS" "$O/frost" size -d "$size_levels" --json "$large/program" -- "$@")
    set -- $pair "${1##*/}"
    [ "$size_name" = - ] || note "size.$size_name.ms" ms "$(awk "BEGIN { print $1 / 1000 }")"
    [ "$size_name" = - ] || note "size.$size_name.peak_mb" MB "$(awk "BEGIN { print $3 / 1e6 }")"
    note "size.$(echo "$size_levels" | tr , _).over_$5" ratio "$(awk "BEGIN { printf \"%.2f\", $1 / ($2 ? $2 : 1) }")"
}
size_row sections section eu-size -A "$large/program"
size_row symbols symbol eu-nm "$large/program"
size_row - symbol nm --size-sort "$large/program"
size_row units unit eu-nm "$large/program"
size_row units_symbols unit,symbol eu-nm "$large/program"
nm "$large/program" | awk '$2 == "t" || $2 == "T" { n++; if (n % 5 == 0 && n / 5 <= 2000) print "0x" $1 }' >"$large/addrs"
size_row inlines inline eu-addr2line -f -i -e "$large/program" $(cat "$large/addrs")
"$O/frost" size --record "$large/new.json" "$large/program" >/dev/null
sed '/"rows": \[/,/^   \]/s/"bytes":\([0-9]\)/"bytes":1\1/' "$large/new.json" >"$large/old.json"
pair=$("$work/bench_time" "$RUNS" "$O/frost" size --base "$large/old.json" "$large/new.json" -- true)
set -- $pair
note size.difference.ms ms "$(awk "BEGIN { print $1 / 1000 }")"
note size.difference.rows rows "$(grep -c '"bytes":' "$large/new.json")"
