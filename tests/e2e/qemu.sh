#!/bin/sh
# frost record --esp8266: traces of the emulated chip: the host's events, and every load from flash,
# cache miss and instruction of the machine code, exact. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
unset FROST_ESP8266
. tests/support/esp8266.sh

golden=tests/nodemcu/golden
image=$golden/lfs-float/app.rel.img
start=tests/nodemcu/start.lua
modules="arith strings tables closures control metatables coroutines errors lines bigmodule dummy
    fractions"
mkdir "$TAP_DIR/tmp"
TMPDIR=$TAP_DIR/tmp
export TMPDIR

record() { timeout 600 "$FROST" record --esp8266 "$@"; }
events() { "$FROST" trace dump -q --form=events "$1"; }
run_json() { # trace key: the value of a plain member of run.json, also inside `machine`
    sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1/.frost/run.json"
}
# Sums of the events, in the order of `machine` in run.json.
sums() {
    events "$1" | awk '
        function field(name) { match($0, " " name "=[^ ]*")
            return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2) }
        $2 == "flash_load" { loads[field("width")] += field("times") }
        $2 == "cache_miss" { misses[field("use")] += field("times") }
        $2 == "machine_code" { n += field("instructions"); fetches += field("fetches") }
        END { printf "%d %d %d %d %d %d %d\n", n, fetches, misses["\"code\""], loads[1], loads[2],
            loads[4], misses["\"data\""] }'
}
told() {
    for key in instructions fetches fetch_misses loads_8 loads_16 loads_32 load_misses; do
        run_json "$1" $key
    done | tr '\n' ' ' | sed 's/ $//'
}
# What the probes said, counters added up, without what differs: sites (of loads between the places
# where the host's VM writes down where it is the chip knows the very line), the C stack, how collections
# proceed and, since packets then end elsewhere, states of the heap.
probes() {
    events "$1" | grep -vE '^[0-9]+ (flash_load|cache_miss|machine_code|site|name|boot|end|heap|gc_checks|gc_place|gc_marked|gc_finalizer|gc_visited|gc_held) ' |
        sed 's/ site=[0-9]*//' |
        awk '!/ times=/ { print; next }
            { sub(/^[0-9]* /, ""); match($0, / times=.*/)
                n[substr($0, 1, RSTART)] += substr($0, RSTART + 7) }
            END { for (k in n) print k, n[k] | "sort" }'
}

# ---- golden modules ----

for module in $modules; do
    trace=$TAP_DIR/$module host=$TAP_DIR/$module.host
    if record -q -o "$trace" --lfs $image $start main $module >"$TAP_DIR/out" 2>"$TAP_DIR/err"; then
        want_same "$module: output" $golden/expected/$module.txt "$TAP_DIR/out"
    else
        tap_not_ok "$module: output" "$TAP_DIR/err"
        continue
    fi
    tap_is "$module: every sum is in the events" "$(told "$trace")" "$(sums "$trace")"
    "$FROST" record -q -o "$host" --lfs $image $start main $module >/dev/null
    # The chip does not tell the sources of texts, so a list there may choose others.
    for t in "$trace" "$host"; do
        "$FROST" strings --json --origin=all "$t" | grep '^    {"verdict":.*"text":' |
            sed 's/"verdict":"[^"]*",//; s/"sources":"[^"]*",//; s/[]}]*,*$//' | sort >"$t.strings"
    done
    [ "$(wc -l <"$trace.strings")" -gt 20 ] || tap_not_ok "$module: there are strings" "$trace.strings"
    want_same "$module: strings have the figures that they have on the host" "$host.strings" "$trace.strings"
done
tap_is "complete" true "$(run_json "$TAP_DIR/strings" complete)"
tap_is "target" esp8266 "$(run_json "$TAP_DIR/strings" target)"
tap_is "status" 0 "$(run_json "$TAP_DIR/strings" exit_status)"
probes "$TAP_DIR/strings" >"$TAP_DIR/chip.events"
probes "$TAP_DIR/strings.host" >"$TAP_DIR/host.events"
want_same "the probes' events are the host's" "$TAP_DIR/host.events" "$TAP_DIR/chip.events"
[ -f "$TAP_DIR/strings/.frost/$(ls "$TAP_DIR/strings.host/.frost" | grep img)" ] &&
    tap_ok "the image is kept" || tap_not_ok "the image is kept"
want_no_file "nothing half done is left" "$TAP_DIR/strings".part.*
tap_is "nothing is left in \$TMPDIR" "" "$(ls -A "$TMPDIR")"

# ---- again ----

for module in strings closures; do
    want_status "$module: again, over the trace before" 0 \
        record -q -o "$TAP_DIR/again" --lfs $image $start main $module
    events "$TAP_DIR/again" >"$TAP_DIR/second"
    events "$TAP_DIR/$module" >"$TAP_DIR/first"
    want_same "$module: a second run gives the same events" "$TAP_DIR/first" "$TAP_DIR/second"
    tap_is "$module: and the same sums" "$(told "$TAP_DIR/$module")" "$(told "$TAP_DIR/again")"
done

# ---- other readers ----

if command -v babeltrace2 >/dev/null; then
    babeltrace2 --clock-cycles --no-delta "$TAP_DIR/strings" 2>"$TAP_DIR/err" | escape_bytes >"$TAP_DIR/theirs"
    "$FROST" trace dump -q --include-input --form=babeltrace "$TAP_DIR/strings" | escape_bytes >"$TAP_DIR/ours"
    # babeltrace2 2.0.4 shows an earlier text where one is empty or begins with NUL.
    sed -i 's/, text = ".*" }$/ }/' "$TAP_DIR/theirs" "$TAP_DIR/ours"
    want_same "babeltrace2 reads the same events" "$TAP_DIR/theirs" "$TAP_DIR/ours"
else
    tap_missing "babeltrace2 reads the same events" "no babeltrace2"
fi
for command in strings gc hot; do
    want_status "frost $command" 0 "$FROST" $command "$TAP_DIR/strings"
done
want_status "frost report" 0 "$FROST" report -q -o "$TAP_DIR/report" "$TAP_DIR/strings"

# ---- an example, the integer build, restarts ----

mkdir "$TAP_DIR/app"
cp examples/command-console/init.lua "$TAP_DIR/app"
(cd examples/command-console && "$FROST" luac -f -o "$TAP_DIR/app.img" \
    $(ls ./*.lua | grep -v '/init.lua$' | sed 's,^\./,,')) >/dev/null
"$FROST" run --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/init.lua" >"$TAP_DIR/want"
want_status "command-console" 0 record -q -o "$TAP_DIR/example" --lfs "$TAP_DIR/app.img" \
    "$TAP_DIR/app/init.lua"
want_same "command-console: output" "$TAP_DIR/want" "$TAP_DIR/out"
tap_is "command-console: every sum is in the events" "$(told "$TAP_DIR/example")" \
    "$(sums "$TAP_DIR/example")"
echo "# command-console: $(told "$TAP_DIR/example")"

want_status "integer build" 0 record -q --integer -o "$TAP_DIR/integer" \
    --lfs $golden/lfs-integer/app.rel.img $start main arith
tap_is "integer build: run.json" integer "$(run_json "$TAP_DIR/integer" number)"
tap_is "integer build: sums" "$(told "$TAP_DIR/integer")" "$(sums "$TAP_DIR/integer")"

want_status "restarts" 0 record -q -o "$TAP_DIR/boots" --max-boots 3 \
    -e 'local t = {} for i = 1, 30 do t[i] = "s" .. i end node.restart()'
tap_is "restarts: boots" 3 "$(run_json "$TAP_DIR/boots" boots)"
tap_is "restarts: sums" "$(told "$TAP_DIR/boots")" "$(sums "$TAP_DIR/boots")"

mkdir "$TMPDIR/a, b"
want_status "odd names" 0 env TMPDIR="$TMPDIR/a, b" "$FROST" record -q --esp8266 \
    -o "$TAP_DIR/c, d" -e 'print(1)'
tap_is "odd names: complete" true "$(run_json "$TAP_DIR/c, d" complete)"
rmdir "$TMPDIR/a, b"
want_no_file "odd names: nothing is left" "$TMPDIR/a, b"

want_status "--raw and --no-text" 0 record -q --raw --no-text -o "$TAP_DIR/raw" \
    -e 'print(("x"):rep(9))'
tap_is "--raw: sums" "$(told "$TAP_DIR/raw")" "$(sums "$TAP_DIR/raw")"

# ---- sites ----

cat >"$TAP_DIR/sites.lua" <<'END'
local s = ("ab"):rep(50)
for i = 1, 200 do
    s:find("b+c")
end
table.sort({5, 3, 4, 1, 2, 9, 8, 7}, function(a, b)
    return a < b
end)
END
want_status "sites" 0 record -q -o "$TAP_DIR/sites" "$TAP_DIR/sites.lua"
# Machine instructions by line and C function: the lines of the loop have nearly all.
events "$TAP_DIR/sites" | awk '
    function field(name) { match($0, " " name "=[^ ]*")
        return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2) }
    $2 == "name" { id = field("id"); sub(/.*text="/, ""); sub(/"$/, ""); text[id] = $0 }
    $2 == "site" { place[field("id")] = field("line") ":" text[field("function")] }
    $2 == "machine_code" { n[place[field("site")]] += field("instructions") }
    END { for (p in n) print n[p], p }' | sort -rn >"$TAP_DIR/places"
tap_is "most instructions are those of string.find at line 3" "3:string.find" \
    "$(sed -n '1s/.* //p' "$TAP_DIR/places")"
grep -q ' 5:table.sort$' "$TAP_DIR/places" && grep -q ' 6:$' "$TAP_DIR/places" &&
    tap_ok "table.sort and its comparison are apart" ||
    tap_not_ok "table.sort and its comparison are apart" "$TAP_DIR/places"

# ---- instructions are those that QEMU's own log of one by one has ----

run_qemu() {
    cp "$O/esp8266/flash.bin" "$TAP_DIR/flash.bin"
    timeout 600 qemu-system-xtensa "$@" -M sim -cpu lx106 -display none -monitor none -serial none \
        -semihosting-config "enable=on,target=native,arg=$TAP_DIR/flash.bin,arg=--execute=print(1)" \
        -kernel "$O/esp8266/rom_stub.elf"
}
run_qemu -plugin "$O/libexec/frost/frost-qemu.so,report=$TAP_DIR/report1" >"$TAP_DIR/out"
tap_is "the plugin is loaded" 1 "$(cat "$TAP_DIR/out")"
counted=$(awk '/^[a-z]*_*instructions / { n += $2 } END { print n }' "$TAP_DIR/report1")
logged=$(run_qemu -singlestep -d nochain,exec 2>&1 >/dev/null | grep -c '^Trace')
tap_is "each instruction counts once, of $logged" "$logged" "$counted"

# ---- sub-word loads are those that the firmware's own handler counts ----

narrow=$O/narrow
want_make "make ESP_NARROW=1" O="$narrow" ESP_NARROW=1 \
    "$narrow/esp8266/float-probed/flash.bin" "$narrow/esp8266/rom_stub.elf"
FROST_ESP8266=$narrow/esp8266
export FROST_ESP8266
# The probed build, which hot-chip.sh needs, too: one less is compiled.
# What the handler does not see is what was loaded before it was switched on: the same each time, if
# the command lines are equally long.
before() {
    timeout 600 "$chip" --build=float-probed --trap-loads=1 --lfs=$image $start main $1 2>"$TAP_DIR/trap" >/dev/null
    timeout 600 "$chip" --build=float-probed --plugin="$O/libexec/frost/frost-qemu.so,report=$TAP_DIR/loads" \
        --lfs=$image $start main $1 >/dev/null
    sed -n 's/^frost: \([0-9]*\) sub-word loads.*/\1/p' "$TAP_DIR/trap" >"$TAP_DIR/trapped"
    { sed -n 's/^load *\([0-9]*\) \([12]\) 0x\(.*\)$/-\1 \2 \3/p' "$TAP_DIR/trap"
        grep -E '^[0-9]+ [12] ' "$TAP_DIR/loads"; } |
        awk '{ n[$2 " " $3] += $1 } END { for (k in n) if (n[k]) print n[k], k }' | sort
}
before arith >"$TAP_DIR/before1"
trapped=$(cat "$TAP_DIR/trapped")
[ "${trapped:-0}" -gt 1000 ] && tap_ok "arith: the handler counts $trapped sub-word loads" ||
    tap_not_ok "arith: the handler counts" "$TAP_DIR/trap"
for module in lines dummy; do
    before $module >"$TAP_DIR/before2"
    want_same "$module: plugin and handler count the same, $(cat "$TAP_DIR/trapped") in all" \
        "$TAP_DIR/before1" "$TAP_DIR/before2"
done
unset FROST_ESP8266

# ---- what ends early ----

endless='local t = {} while true do t[#t % 50 + 1] = ("x"):rep(20) .. #t end'
ended_by() { # SIGNAL STATUS
    env --default-signal="$1" timeout 600 "$FROST" record -q --esp8266 -o "$TAP_DIR/cut" -e "$endless" >/dev/null 2>&1 &
    waiter=$!
    while [ ! -s "$(ls -d "$TAP_DIR"/cut.part.* 2>/dev/null)/events" ] && kill -0 $waiter 2>/dev/null; do sleep 0.1; done
    kill -"$1" $waiter
    wait $waiter
    "$FROST" trace dump -q "$TAP_DIR/cut" >"$TAP_DIR/cut.txt" 2>"$TAP_DIR/err"
    tap_is "SIG$1: status in run.json" "$2" "$(run_json "$TAP_DIR/cut" exit_status)"
    tap_is "SIG$1: complete" true "$(run_json "$TAP_DIR/cut" complete)"
    tap_is "SIG$1: every sum is in the events" "$(told "$TAP_DIR/cut")" "$(sums "$TAP_DIR/cut")"
    tap_is "SIG$1: nothing is left in \$TMPDIR" "" "$(ls -A "$TMPDIR")"
}
ended_by TERM 143
ended_by INT 130

# The emulator itself dies.
emulator() {
    for process in /proc/[0-9]*; do
        tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q "^qemu-system-xtensa .*$TMPDIR/" &&
            echo "${process#/proc/}"
    done
}
timeout 600 "$FROST" record -q --esp8266 -o "$TAP_DIR/died" -e "$endless" >/dev/null 2>&1 &
waiter=$!
while [ ! -s "$(ls -d "$TAP_DIR"/died.part.* 2>/dev/null)/events" ] && kill -0 $waiter 2>/dev/null; do sleep 0.1; done
kill -KILL $(emulator)
wait $waiter
tap_is "the emulator is killed: status" 137 $?
tap_is "the emulator is killed: not complete" false "$(run_json "$TAP_DIR/died" complete)"
want_status "the emulator is killed: a good trace" 0 "$FROST" gc "$TAP_DIR/died"
# The recorder dies: the emulator with it, and the next recording clears up.
timeout 600 "$FROST" record -q --esp8266 -o "$TAP_DIR/orphan" -e 'while true do end' &
waiter=$!
while [ -z "$(emulator)" ] && kill -0 $waiter 2>/dev/null; do sleep 0.1; done
recorder=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$(sed -n 's/^PPid:[^0-9]*//p' \
    "/proc/$(emulator)/status")/status")
kill -KILL "$recorder"
wait $waiter 2>/dev/null
has_no_emulator() { [ -z "$(emulator)" ]; }
wait_until has_no_emulator
tap_is "the recorder is killed: the emulator ends, too" "" "$(emulator)"
rm -rf "$TMPDIR"/*
want_status "the next recording clears up" 0 record -q -o "$TAP_DIR/orphan" -e 'print(1)'
want_no_file "of the killed one nothing is left" "$TAP_DIR/orphan".part.*

want_status "a program that fails" 1 record -q -o "$TAP_DIR/fails" -e 'error("no")'
tap_is "a program that fails: complete" true "$(run_json "$TAP_DIR/fails" complete)"
want_status "a heap too small" 1 record -q -o "$TAP_DIR/small" --heap 4096 -e 'print(1)'
want_status "what it left can be read" 0 "$FROST" trace dump -q "$TAP_DIR/small"

# ---- what is missing ----

mkdir "$TAP_DIR/bin"
for tool in sh dd cp rm mktemp sed dirname cat mkdir; do
    ln -s "$(command -v $tool)" "$TAP_DIR/bin/$tool"
done
want_status "no emulator" 4 env PATH="$TAP_DIR/bin" "$FROST" record --esp8266 \
    -o "$TAP_DIR/none" -e ''
want_text "no emulator: says what to install" "$TAP_DIR/err" "qemu-system-misc"
want_status "no firmware" 4 env FROST_ESP8266=/nowhere "$FROST" record --esp8266 \
    -o "$TAP_DIR/none" -e ''
want_text "no firmware: says what to do" "$TAP_DIR/err" "make esp8266"
want_no_file "no trace then" "$TAP_DIR/none"
want_status "--profile pc is refused" 2 "$FROST" record --esp8266 --profile pc -e 'print(1)'
sed 's/"value": 4,/"value": 3,/' analyzer/models/esp8266.json >"$TAP_DIR/bad.json"
want_status "an impossible cache" 3 "$FROST" record --esp8266 --model "$TAP_DIR/bad.json" \
    -o "$TAP_DIR/none" -e ''
sed 's/"value": 32768,/"value": 2048,/' analyzer/models/esp8266.json >"$TAP_DIR/small.json"
want_status "a smaller cache" 0 record -q --model "$TAP_DIR/small.json" -o "$TAP_DIR/other" \
    --lfs $image $start main closures
misses=$(run_json "$TAP_DIR/closures" fetch_misses)
[ "$(run_json "$TAP_DIR/other" fetch_misses)" -gt "$misses" ] &&
    tap_ok "a smaller cache misses more" || tap_not_ok "a smaller cache misses more"
tap_is "and loads the same" "$(run_json "$TAP_DIR/closures" loads_32)" \
    "$(run_json "$TAP_DIR/other" loads_32)"

tap_done
