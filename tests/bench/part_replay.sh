# A device that asks and prints in 20,000 timer turns, of some work each: what it costs to keep its
# inputs (time and bytes of a recording, against --no-inputs), and a replay against the run itself.
replay=$work/replay
rm -rf "$replay"
mkdir -p "$replay"
cat >"$replay/init.lua" <<'END'
local count, words = 0, {}
tmr.create():alarm(10, tmr.ALARM_AUTO, function(timer)
    count = count + 1
    for i = 1, 20 do words[i] = ("%d:%d"):format(i, node.random(100)) end
    print(count, tmr.now(), node.heap(), table.concat(words, " "):upper():sub(1, 20))
    if count == 20000 then timer:stop() end
end)
END
record="$O/frost record -q --duration 300000 -o"
$record "$replay/with.trace" "$replay/init.lua" >/dev/null
$record "$replay/without.trace" --no-inputs "$replay/init.lua" >/dev/null
# shellcheck disable=SC2086
pair=$("$work/bench_time" "$RUNS" $record "$replay/a.trace" "$replay/init.lua" -- \
    $record "$replay/b.trace" --no-inputs "$replay/init.lua")
note replay.inputs_time ratio "$(echo "$pair" | awk '{ printf "%.2f", $1 / $2 }')"
note replay.inputs_bytes ratio "$(wc -c "$replay/with.trace/events" "$replay/without.trace/events" |
    awk 'NR == 1 { with = $1 } NR == 2 { printf "%.2f", with / $1 }')"
pair=$("$work/bench_time" "$RUNS" "$O/frost" run -q --replay "$replay/with.trace" "$replay/init.lua" -- \
    "$O/frost" run "$replay/init.lua")
note replay.time_vs_run ratio "$(echo "$pair" | awk '{ printf "%.2f", $1 / $2 }')"
