# The main job: RAM saved at the highest point, flash that the list takes, saving per byte of flash
# against a plain dump of debug.getstrings'RAM'; all measured by second runs. The names without an
# application are the sensor node's. The last ones have clients, or a world around them.
sh tests/e2e/make-debian-app "$work/debian-app" >"$work/debian.log" 2>&1 || cat "$work/debian.log"
apps=tests/e2e/apps
for app in examples/sensor-node examples/command-console "$work/debian-app" $apps/thermostat $apps/garden \
    $apps/mqtt-node $apps/logger; do
    [ -d "$app" ] || continue
    name=$(basename "$app")
    case $name in
    thermostat) set -- --session $apps/thermostat.session.sh ;;
    garden | mqtt-node | logger) set -- --duration 600000 --session $apps/$name.world.lua ;;
    *) set -- ;;
    esac
    "$O/frost" profile -q "$@" "$app" -o "$work/profile-$name" >/dev/null 2>"$work/profile.log" ||
        { cat "$work/profile.log" >&2; continue; }
    suffix=.$name
    [ "$name" = sensor-node ] && suffix=
    result=$work/profile-$name
    total() { sed -n "s/^  \"$1\": \([0-9.-]*\),*\$/\1/p" "$result/report.json"; }
    note "strings.saved_bytes$suffix" bytes "$(total saved_measured_bytes)"
    note "strings.saved_predicted_bytes$suffix" bytes "$(total saved_predicted_bytes)"
    note "strings.flash_bytes$suffix" bytes "$(total list_flash_bytes)"
    note "strings.vs_dump$suffix" ratio "$(total vs_dump_ratio)"
    # On the world held out: a run that the list was not chosen from.
    held=$(total held_out_saved_bytes) predicted=$(total held_out_predicted_bytes)
    note "strings.heldout_bytes$suffix" bytes "$held"
    note "strings.heldout_vs_predicted$suffix" % \
        "$(awk "BEGIN { printf \"%.1f\", 100 * $held / $predicted }")"
    note "strings.heldout_vs_dump$suffix" ratio "$(total held_out_vs_dump_ratio)"
    note "strings.heldout_vs_stock_list$suffix" ratio "$(total held_out_vs_stock_list_ratio)"
    note "strings.heldout_vs_best$suffix" % "$(total held_out_vs_best_percent)"
    # The most that a list of any size and any sources saves per byte of flash, chosen from the run that
    # it is judged by, over what the firmware's list saves there.
    most=0 stock=0
    for budget in 400 600 800 1000 1300 1600 2000 2500 3000 4000 5000 6000 8000 10000 12000; do
        "$O/frost" strings --json --origin=all --max-read-cost 100 --budget $budget "$result/run1.trace" \
            >"$work/best.json" 2>/dev/null || continue
        figure() { sed -n "s/^  \"$1\": \([0-9.-]*\),*\$/\1/p" "$work/best.json"; }
        most=$(awk "BEGIN { n = $(figure return_ratio); print (n > $most) ? n : $most }")
        stock=$(awk "BEGIN { print $(figure stock_list_saved_bytes) / $(figure stock_list_flash_bytes) }")
    done
    note "strings.possible_vs_stock_list$suffix" ratio "$(awk "BEGIN { if ($stock > 0) printf \"%.2f\", $most / $stock }")"
    # Where a list makes the image's hash vector grow: the same in an image that keeps it.
    grep -q '"text":"with the list the hash vector' "$result/report.json" || continue
    result=$work/profile-$name-keep
    "$O/frost" profile -q --no-checks --hash-slots=keep "$@" "$app" -o "$result" >/dev/null 2>"$work/profile.log" ||
        { cat "$work/profile.log" >&2; continue; }
    note "strings.keep_flash_bytes$suffix" bytes "$(total list_flash_bytes)"
    note "strings.keep_heldout_bytes$suffix" bytes "$(total held_out_saved_bytes)"
    note "strings.keep_heldout_vs_dump$suffix" ratio "$(total held_out_vs_dump_ratio)"
    note "strings.keep_heldout_vs_dump_kept$suffix" ratio "$(total held_out_vs_dump_kept_ratio)"
    note "strings.keep_heldout_vs_stock_list$suffix" ratio "$(total held_out_vs_stock_list_ratio)"
    "$O/frost" strings --json --hash-slots=keep "$result/run1.trace" >"$work/keep.json" 2>/dev/null
    note "strings.keep_clocks$suffix" % "$(sed -n 's/^  "kept_percent": \([0-9.]*\),*$/\1/p' "$work/keep.json")"
done
