# Commands as a user types them, on recorded traces of JSON encoding and decoding with lua-dkjson: one
# of the pc profile, one of a device with 44 KB. Events a second of user and system time, least of
# RUNS; resident size; babeltrace2's dummy sink on the same traces.
dkjson=$(dpkg -L lua-dkjson | grep '/lua/5\.1/dkjson\.lua$')
# NodeMCU takes 50 local variables a function: without its options, which stay nil, dkjson has 50.
options='/^local always_use_lpeg/d; /^local register_global/d; /^local global_module/d; /^local _ENV = nil/d'
json=$work/json
mkdir -p "$json/pc" "$json/small"
cp tests/bench/trace/work.lua tests/bench/trace/pc.lua "$dkjson" "$json/pc"
cp tests/bench/trace/init.lua "$json/small"
sed "$options" "$dkjson" >"$json/dkjson.lua"
"$O/frost" luac -f -o "$json/small.img" "$json/dkjson.lua" tests/bench/trace/work.lua >/dev/null
frost_path=$(cd "$O" && pwd)/frost
rm -rf "$json/pc.trace" "$json/small.trace"
(cd "$json/pc" && "$frost_path" record -q --profile pc -o ../pc.trace pc.lua) >/dev/null
"$O/frost" record -q --lfs "$json/small.img" -o "$json/small.trace" "$json/small/init.lua" >/dev/null

# usage: measure SUFFIX EVENTS NAME COMMAND...
measure() {
    suffix=$1 events=$2 name=$3
    shift 3
    figures=$("$work/bench_time" "$RUNS" "$@" -- true)
    note "$name.events_per_s$suffix" events/s \
        "$(echo "$figures" | awk -v n="$events" '{ printf "%.0f", n * 1e6 / $1 }')"
    case $name in strings | report)
        note "$name.rss_bytes$suffix" bytes "$(echo "$figures" | awk '{ print $3 }')" ;;
    esac
}

for kind in pc small; do
    suffix=.small
    [ "$kind" = pc ] && suffix=
    trace=$json/$kind.trace
    events=$("$bench" read "$trace" | awk '{ print $1 }')
    note "trace.events$suffix" events "$events"
    measure "$suffix" "$events" strings "$O/frost" strings -q "$trace"
    measure "$suffix" "$events" report "$O/frost" report -q -o "$json/report" "$trace"
    for command in hot gc size; do
        measure "$suffix" "$events" $command "$O/frost" $command -q "$trace"
    done
    runs=$RUNS RUNS=1
    command -v babeltrace2 >/dev/null && measure "$suffix" "$events" babeltrace2 babeltrace2 "$trace" -o dummy
    RUNS=$runs
done
