# The inner pass over a made trace, without start and reports: events decoded and profiled a second,
# memory for ten times the events, babeltrace2's dummy sink over it.
bench=$work/bench_trace
$CC -O2 -g -std=gnu11 -D_GNU_SOURCE -I. -o "$bench" tests/bench/bench_trace.c "$O/libfrost.a" \
    -ljansson -lz -lm
for millions in 1 10; do
    [ -e "$work/trace.${millions}M/events" ] && [ "$work/trace.${millions}M" -nt "$bench" ] && continue
    rm -rf "$work/trace.${millions}M"
    "$bench" make ${millions}000000 "$work/trace.${millions}M"
done
# Prints the least time of RUNS runs and the largest size: "events us bytes".
least() {
    for i in $(seq "$RUNS"); do "$bench" "$1" "$2"; done |
        awk '{ if (NR == 1 || $2 < us) us = $2; if ($3 > rss) rss = $3; n = $1 }
             END { print n, us, rss }'
}
read -r events read_us rss <<END
$(least read "$work/trace.10M")
END
read -r events us rss_10m <<END
$(least profile "$work/trace.10M")
END
read -r events_1m us_1m rss_1m <<END
$(least profile "$work/trace.1M")
END
note trace.read_events_per_s events/s "$(awk "BEGIN { printf \"%.0f\", $events * 1e6 / $read_us }")"
note pass.events_per_s events/s "$(awk "BEGIN { printf \"%.0f\", $events * 1e6 / $us }")"
note pass.rss_bytes.1M bytes "$rss_1m"
note pass.rss_bytes.10M bytes "$rss_10m"
if command -v babeltrace2 >/dev/null; then
    pair=$("$work/bench_time" 2 babeltrace2 "$work/trace.1M" -o dummy -- \
        "$bench" profile "$work/trace.1M")
    note pass.vs_babeltrace2 ratio "$(echo "$pair" | awk '{ printf "%.2f", $1 / $2 }')"
fi
