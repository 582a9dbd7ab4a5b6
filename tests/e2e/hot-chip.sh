#!/bin/sh
# frost hot on traces of the emulated chip: C lines, objects and pages of its loads; what is left of
# stock firmware's sub-word reads; and, with a firmware that reads bytes, that events and loads agree
# on what is read. Writes TAP.
#
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/support/esp8266.sh

golden=tests/nodemcu/golden
elf=$O/esp8266/float-probed/frost.elf
trace=$TAP_DIR/chip.trace
json=$TAP_DIR/chip.json
[ -f "$elf" ] || { tap_not_ok "the probed firmware is there"; tap_done; exit 1; }

# Rows of a table of a report in JSON: TABLE FILE. A member of rows: NAME <ROWS.
rows() { sed -n "/^  \"$1\": {/,/^  }/p" "$2" | grep '^    {"' | grep -v '^    {"name"'; }
member() { sed -n "s/.*\"$1\":\(\"\(\([^\"\\\\]\|\\\\.\)*\)\"\|\([^,}]*\)\)[,}].*/\2\4/p"; }
total() { sed -n "s/^  \"$1\": \([^,]*\),*$/\1/p" "$2"; }
sum_of() { sed -n "/^  \"$1\": {/,/^  }/s/^   \"sum\": {.*\"$2\":\([0-9.]*\).*/\1/p" "$3"; }
machine() { sed -n "s/^ *\"$1\": \([0-9]*\),*/\1/p" "$trace/.frost/run.json"; }

want_status "records a golden module on the chip" 0 "$FROST" record -q --esp8266 -o "$trace" \
    --lfs "$golden/lfs-float/app.rel.img" tests/nodemcu/start.lua main strings
want_status "frost hot" 0 "$FROST" hot "$trace" --json
cp "$TAP_DIR/out" "$json"
if command -v python3 >/dev/null; then
    want_status "conforms to its schema" 0 \
        python3 tests/support/schema.py reports/schema/hot.json "$json"
fi

# ---- every load is in each table ----

for width in 8 16 32; do
    for table in c_lines c_lua_lines load_lines load_objects load_pages; do
        tap_is "$table has all loads of $width bits" "$(machine loads_$width)" \
            "$(sum_of $table loads_$width "$json")"
    done
done
tap_is "and all misses" "$(machine load_misses)" "$(sum_of c_lines misses "$json")"
tap_is "functions have all instructions" "$(machine instructions)" \
    "$(sum_of chip_functions instructions "$json")"
tap_is "all fetches" "$(machine fetches)" "$(sum_of chip_functions fetches "$json")"
tap_is "and all misses of code" "$(machine fetch_misses)" \
    "$(sum_of chip_functions code_misses "$json")"
tap_is "there are many" yes "$([ "$(machine loads_32)" -gt 100000 ] && echo yes)"

# ---- names ----

# The innermost function and line of each of the first loads, as addr2line tells them.
rows loads "$json" | head -n 600 | member pc | sort -u >"$TAP_DIR/pcs"
xtensa-lx106-elf-addr2line -f -e "$elf" <"$TAP_DIR/pcs" >"$TAP_DIR/lines"
rows c_lines "$json" | sed 's/.*"function":"\([^"]*\)","c_line":"\([^"]*\)".*/\1 \2/' \
    >"$TAP_DIR/places"
missing=0
while read -r function && read -r line; do
    line=${line% (*} # (discriminator 2)
    # addr2line names the unit's file for lines of some headers; a function may have several names.
    grep -q -e "^$function .*:${line##*:}$" -e " .*$(basename "$line")$" "$TAP_DIR/places" || {
        missing=$((missing + 1))
        echo "# not there: $function $line"
    }
done <"$TAP_DIR/lines"
tap_is "C functions and lines are addr2line's" 0 $missing
tap_is "of many addresses" yes "$([ "$(wc -l <"$TAP_DIR/pcs")" -ge 30 ] && echo yes)"
rows c_lines "$json" | grep -q '"inlined_into":"[a-z]' && tap_ok "inlined calls have their chain" ||
    tap_not_ok "inlined calls have their chain" "$TAP_DIR/places"
want_text "Lua lines stand beside C lines" "$json" '"line":"strings.lua:42 (string.match)"'
rows load_objects "$json" >"$TAP_DIR/objects"
want_text "objects of the image have names" "$TAP_DIR/objects" '"object":"\"(%w+)$\""'
want_text "so have constants of C" "$TAP_DIR/objects" '"kind":"C data","object":"'

# ---- which program ran ----

cp "$elf" "$TAP_DIR/moved.elf"
want_status "--elf with the same program" 0 "$FROST" hot "$trace" --elf "$TAP_DIR/moved.elf" --json
want_same "gives the same report" "$json" "$TAP_DIR/out"
want_status "--elf with another build is refused" 3 "$FROST" hot "$trace" --elf \
    "$O/esp8266/frost.elf"
want_text "and says so" "$TAP_DIR/err" "not the program that was recorded"
want_status "--elf with no ELF file is refused" 3 "$FROST" hot "$trace" --elf "$0"
cp -r "$trace" "$TAP_DIR/gone.trace"
sed 's,"program": ".*","program": "/nowhere/frost.elf",' "$trace/.frost/run.json" \
    >"$TAP_DIR/gone.trace/.frost/run.json"
want_status "a trace whose program is gone" 0 "$FROST" hot "$TAP_DIR/gone.trace"
want_text "has a warning" "$TAP_DIR/out" "lines of C are left out"
tap_is "and no lines of C" 0 "$(grep -c 'by C line' "$TAP_DIR/out")"

# ---- sources and instructions ----

want_status "annotates a C source" 0 "$FROST" hot "$trace" --annotate stringmatch.c --source . \
    --json
tap_is "with every line" "$(wc -l <runtime/lib/stringmatch.c)" \
    "$(rows annotate_c "$TAP_DIR/out" | wc -l)"
"$FROST" hot "$trace" --annotate runtime/core/gc_mark.c --source /nowhere --json \
    >"$TAP_DIR/compiled.json"
rows annotate_c "$TAP_DIR/compiled.json" | grep '"loads_32":[1-9]' | grep -q '"text":"  .*;"' &&
    tap_ok "sources are found where they were compiled" ||
    tap_not_ok "sources are found where they were compiled" "$TAP_DIR/compiled.json"
want_status "annotates a C function" 0 "$FROST" hot "$trace" --annotate lua_tolstring --json
rows annotate_code "$TAP_DIR/out" >"$TAP_DIR/code"
xtensa-lx106-elf-objdump -d --no-show-raw-insn --disassemble=lua_tolstring "$elf" |
    sed -n 's/^ *\([0-9a-f]*\):.*/0x\1/p' >"$TAP_DIR/wanted"
xtensa-lx106-elf-objdump -d --no-show-raw-insn --disassemble=lua_tolstring "$elf" |
    grep -v '[.]byte' | sed -n 's/^ *\([0-9a-f]*\):.*/0x\1/p' >"$TAP_DIR/wanted.code"
member addr <"$TAP_DIR/code" >"$TAP_DIR/got"
want_same "with all its instructions" "$TAP_DIR/wanted" "$TAP_DIR/got"
want_text "as objdump writes them" "$TAP_DIR/code" '"instruction":"ret'
grep -q '"loads_32":[1-9].*"instruction":"l32' "$TAP_DIR/code" &&
    tap_ok "loads stand at load instructions" ||
    tap_not_ok "loads stand at load instructions" "$TAP_DIR/code"
tap_is "and at no others" 0 \
    "$(grep '"loads_32":[1-9]' "$TAP_DIR/code" | grep -vc '"instruction":"l32')"
mkdir "$TAP_DIR/empty"
PATH=$TAP_DIR/empty "$FROST" hot "$trace" --annotate lua_tolstring --json >"$TAP_DIR/plain.json"
rows annotate_code "$TAP_DIR/plain.json" | member addr >"$TAP_DIR/got"
want_same "the same addresses without a disassembler" "$TAP_DIR/wanted.code" "$TAP_DIR/got"
want_text "which is said" "$TAP_DIR/plain.json" "no disassembler"
want_status "what is nothing is refused" 2 "$FROST" hot "$trace" --annotate no_such_thing

# ---- an example: what is left of stock firmware's sub-word reads ----

app=examples/command-console
mkdir "$TAP_DIR/app" && cp "$app/init.lua" "$TAP_DIR/app"
modules=$(cd "$app" && ls ./*.lua | sed 's,^\./,,' | grep -v '^init\.lua$')
# shellcheck disable=SC2086
(cd "$app" && "$FROST" luac -f -o "$TAP_DIR/app.img" $modules) >/dev/null 2>"$TAP_DIR/err" ||
    tap_not_ok "image of the example" "$TAP_DIR/err"
example() { # TRACE
    "$FROST" record -q --esp8266 -o "$TAP_DIR/$1.trace" --lfs "$TAP_DIR/app.img" \
        "$TAP_DIR/app/init.lua" >"$TAP_DIR/$1.out" 2>"$TAP_DIR/err"
    tap_is "$1: the example on the chip" 0 $?
    "$FROST" hot "$TAP_DIR/$1.trace" --json >"$TAP_DIR/$1.json"
}
example words
stock=$(total stock_per_1000 "$TAP_DIR/words.json")
chip=$(total chip_per_1000 "$TAP_DIR/words.json")
echo "# sub-word reads of flash per 1,000 VM instructions: stock $stock, chip $chip"
awk "BEGIN { exit !($stock > 1000 && $chip >= 0 && $chip * 10 <= $stock) }" &&
    tap_ok "ten times fewer than stock, or better" ||
    tap_not_ok "ten times fewer than stock, or better: $stock, $chip"
collector=$(rows causes "$TAP_DIR/words.json" | grep '"cause":"collector' | member stock_loads |
    awk '{ n += $1 } END { print n }')
all=$(rows causes "$TAP_DIR/words.json" | member stock_loads | awk '{ n += $1 } END { print n }')
left=$(total chip_narrow_loads "$TAP_DIR/words.json")
awk "BEGIN { exit !($all - $collector > 10000 && $left * 10 <= $all - $collector) }" &&
    tap_ok "without the collector's, too: $left against $((${all%.*} - ${collector%.*}))" ||
    tap_not_ok "without the collector's, too: $left of $all, $collector"

# ---- a firmware that reads bytes: events and loads agree ----

narrow=$O/narrow
want_make "builds a firmware that reads bytes" O="$narrow" \
    ESP_NARROW=1 "$narrow/esp8266/float-probed/flash.bin" "$narrow/esp8266/rom_stub.elf"
FROST_ESP8266=$narrow/esp8266
export FROST_ESP8266
example bytes
unset FROST_ESP8266
want_same "it prints the same" "$TAP_DIR/words.out" "$TAP_DIR/bytes.out"
awk "BEGIN { exit !($(total chip_narrow_loads "$TAP_DIR/bytes.json") > 100000) }" &&
    tap_ok "it reads bytes" || tap_not_ok "it reads bytes"

# ---- the static analysis against what that firmware did ----

"$FROST" hot --static "$narrow/esp8266/float-probed/frost.elf" --json >"$TAP_DIR/static.json"
rows loads "$TAP_DIR/bytes.json" | grep -v '"width_bits":32' >"$TAP_DIR/narrow.rows"
member pc <"$TAP_DIR/narrow.rows" | sort -u >"$TAP_DIR/pcs"
rows instructions "$TAP_DIR/static.json" >"$TAP_DIR/static.rows"
member addr <"$TAP_DIR/static.rows" | sort >"$TAP_DIR/listed"
tap_is "sub-word loads come from instructions that the static analysis lists" "" \
    "$(comm -23 "$TAP_DIR/pcs" "$TAP_DIR/listed")"
tap_is "of many instructions" yes "$([ "$(wc -l <"$TAP_DIR/pcs")" -gt 50 ] && echo yes)"
grep '"base":"RAM"' "$TAP_DIR/static.rows" | member addr | sort >"$TAP_DIR/ram"
tap_is "none of those that it says read RAM read flash" "" \
    "$(comm -12 "$TAP_DIR/pcs" "$TAP_DIR/ram")"
# Those that it says read certain constants (rows without a "why") read no others. Where pointers of
# a table lead is not said by name, so such rows are left out.
grep '"base":"flash constant","why":null' "$TAP_DIR/static.rows" |
    grep -v '"reaches":".*pointers of ' |
    sed 's/.*"addr":"\([^"]*\)".*"reaches":"\(.*\)","passed".*/\1 \2/' >"$TAP_DIR/certain"
sed 's/.*"pc":"\([^"]*\)".*"object":"\(.*\)","loads".*/\1 \2/' "$TAP_DIR/narrow.rows" |
    sort -u | awk -v certain="$TAP_DIR/certain" '
        BEGIN { while ((getline <certain) > 0) { pc = $1; sub(/^[^ ]* /, ""); told[pc] = $0 } }
        $1 in told {
            pc = $1; sub(/^[^ ]* /, ""); n++
            if (!index(told[pc], substr($0, 1, 20))) print pc, "told", told[pc], "read", $0
        }
        END { if (n < 20) print "only", n }' >"$TAP_DIR/wrong"
[ -s "$TAP_DIR/wrong" ] && tap_not_ok "what it says loads reach is what they reach" "$TAP_DIR/wrong" ||
    tap_ok "what it says loads reach is what they reach"

# ---- and its events against its loads ----

# The host's events are the chip's: then the chip's table compares the host's events with loads.
"$FROST" record -q -o "$TAP_DIR/host.trace" --lfs "$TAP_DIR/app.img" "$TAP_DIR/app/init.lua" \
    >"$TAP_DIR/host.out"
"$FROST" hot "$TAP_DIR/host.trace" --json >"$TAP_DIR/host.json"
reads() { # TABLE KEY FILE
    rows "$1" "$3" | grep -v '"characters":0' |
        sed "s/.*\"$2\":\(\"[^\"]*\"\).*\"characters\":\([0-9]*\).*/\1 \2/
             s/ in \(main\|function [0-9]*\)\"/\"/" | sort # said where loads name another function, too
}
for table in lines.line functions.function objects.addr events.what; do
    reads ${table%.*} ${table#*.} "$TAP_DIR/host.json" >"$TAP_DIR/host.rows"
    reads ${table%.*} ${table#*.} "$TAP_DIR/bytes.json" >"$TAP_DIR/chip.rows"
    want_same "the host tells of the same reads, by ${table%.*}" "$TAP_DIR/host.rows" \
        "$TAP_DIR/chip.rows"
    tap_is "and some" yes "$([ "$(wc -l <"$TAP_DIR/host.rows")" -gt 8 ] && echo yes)"
done

# The ten that events tell most of: no two of them in another order by loads, but for those that
# differ by less than a tenth; and no other has more loads than the tenth, a tenth allowed again.
agree() { # TABLE
    rows "$1" "$TAP_DIR/bytes.json" >"$TAP_DIR/rows"
    member characters <"$TAP_DIR/rows" >"$TAP_DIR/characters"
    member loads <"$TAP_DIR/rows" >"$TAP_DIR/loads"
    paste "$TAP_DIR/characters" "$TAP_DIR/loads" | awk '
        { n++; events[n] = $1; loads[n] = $2 }
        END {
            if (n < 20 || events[10] < 1000) { print "too few"; exit }
            for (i = 1; i <= 10; i++)
                for (j = i + 1; j <= 10; j++)
                    if (loads[j] > loads[i] * 1.1)
                        print i, "and", j, "are the other way round:", loads[i], loads[j]
            for (j = 11; j <= n; j++)
                if (loads[j] > loads[10] * 1.1)
                    print j, "has more loads than number 10:", loads[j], loads[10]
        }' >"$TAP_DIR/disagreement"
    [ -s "$TAP_DIR/disagreement" ] && tap_not_ok "$2" "$TAP_DIR/disagreement" || tap_ok "$2"
}
agree agreement_lines "events and loads agree on the ten Lua lines that read most bytes"
agree agreement_objects "and on the ten strings that are read most"

tap_done
