# The main job: RAM saved at the highest point, flash that the list takes, saving per byte of flash
# against a plain dump of debug.getstrings'RAM'; all measured by second runs. The names without an
# application are the sensor node's. The last ones have clients, or a world around them.
sh tests/e2e/make-debian-app "$work/debian-app" >"$work/debian.log" 2>&1 || cat "$work/debian.log"
apps=tests/e2e/apps
for app in examples/sensor-node examples/command-console "$work/debian-app" $apps/thermostat $apps/garden \
    $apps/mqtt-node; do
    [ -d "$app" ] || continue
    name=$(basename "$app")
    case $name in
    thermostat) set -- --session $apps/thermostat.session.sh ;;
    garden | mqtt-node) set -- --duration 600000 --session $apps/$name.world.lua ;;
    *) set -- ;;
    esac
    "$O/frost" profile -q "$@" "$app" -o "$work/profile-$name" >/dev/null 2>"$work/profile.log" ||
        { cat "$work/profile.log" >&2; continue; }
    suffix=.$name
    [ "$name" = sensor-node ] && suffix=
    total() { sed -n "s/^  \"$1\": \([0-9.-]*\),*\$/\1/p" "$work/profile-$name/report.json"; }
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
done
