#!/bin/sh
# frost export, and the views of frost report: each file is opened by its own reader.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
root=$PWD

case=$TAP_DIR/profile
want_status "profiles an example" 0 "$FROST" profile --worlds 0 -q --no-compare-dump -o "$case" \
    examples/command-console
trace=$case/run1.trace
"$FROST" trace dump -q --form=events "$trace" >"$TAP_DIR/events"
mkdir "$TAP_DIR/x"
for to in callgrind dhat folded folded-peak pprof; do
    (cd "$TAP_DIR/x" && "$FROST" export -q --to="$to" "$trace" 2>"$TAP_DIR/err") &&
        tap_ok "exports $to" || tap_not_ok "exports $to" "$TAP_DIR/err"
done
for file in callgrind.out.frost dhat.out.json frost.folded frost-peak.folded frost.pb.gz; do
    want_same "frost profile has the same $file" "$TAP_DIR/x/$file" "$case/exports/$file"
done

# ---- totals: what the events add up to is what each format adds up to ----

have_python=$(command -v python3)
read_totals() { # KIND FILE OUT: totals, sorted by name
    python3 tests/support/exportread.py "$1" "$2" >"$3.all" 2>"$3.err" && sort "$3.all" >"$3"
}
want_totals() { # NAME KIND FILE PATTERN
    if ! read_totals "$2" "$3" "$TAP_DIR/got"; then
        tap_not_ok "$1" "$TAP_DIR/got.err"
        return
    fi
    grep -E "^($4) " "$TAP_DIR/totals" >"$TAP_DIR/want"
    grep -E "^($4) " "$TAP_DIR/got" >"$TAP_DIR/kept"
    want_same "$1" "$TAP_DIR/want" "$TAP_DIR/kept"
}
total() { sed -n "s/^$1 //p" "$TAP_DIR/totals"; }

if [ -z "$have_python" ]; then
    tap_missing "totals of exports" "no python3"
else
    read_totals trace "$TAP_DIR/events" "$TAP_DIR/totals" &&
        tap_ok "totals of the events" || tap_not_ok "totals of the events" "$TAP_DIR/totals.err"
    [ "$(total peak_bytes)" -gt 10000 ] && [ "$(total text_reads)" -gt 10000 ] &&
        tap_ok "there is something to count" ||
        tap_not_ok "there is something to count" "$TAP_DIR/totals"
    want_totals "callgrind adds up" callgrind "$TAP_DIR/x/callgrind.out.frost" \
        'allocations|allocated_bytes|peak_bytes'
    want_totals "pprof adds up" pprof "$TAP_DIR/x/frost.pb.gz" \
        'allocations|allocated_bytes|peak_bytes|byte_reads'
    for weight in folded:allocated_bytes folded-peak:peak_bytes; do
        file=frost${weight%%:*}.folded
        [ "$file" = frostfolded.folded ] && file=frost.folded || file=frost-peak.folded
        read_totals folded "$TAP_DIR/x/$file" "$TAP_DIR/got" || cat "$TAP_DIR/got.err"
        tap_is "$file adds up" "$(total "${weight#*:}")" "$(sed -n 's/^total //p' "$TAP_DIR/got")"
    done
    "$FROST" hot -q --json "$trace" >"$TAP_DIR/hot.json"
    read_totals callgrind "$TAP_DIR/x/callgrind.out.frost" "$TAP_DIR/got"
    tap_is "modelled loads are those of frost hot" \
        "$(sed -n 's/.*"model_loads": *\([0-9]*\).*/\1/p' "$TAP_DIR/hot.json" | head -n 1)" \
        "$(sed -n 's/^flash_loads //p' "$TAP_DIR/got")"
fi

# ---- each format's own reader ----

if ! command -v callgrind_annotate >/dev/null; then
    tap_missing "callgrind_annotate" "no callgrind_annotate (valgrind)"
else
    # Without the summary it adds the costs of functions up itself.
    grep -v '^summary:' "$TAP_DIR/x/callgrind.out.frost" >"$TAP_DIR/callgrind.out.sums"
    for file in "$TAP_DIR/x/callgrind.out.frost" "$TAP_DIR/callgrind.out.sums"; do
        (cd examples/command-console && callgrind_annotate "$file") \
            >"$TAP_DIR/annotated" 2>"$TAP_DIR/warnings"
        tap_is "callgrind_annotate warns of nothing: ${file##*/}" "" "$(cat "$TAP_DIR/warnings")"
        tap_is "its total: ${file##*/}" "$(total allocated_bytes)" \
            "$(sed -n 's/^\([0-9,]*\) .*PROGRAM TOTALS.*/\1/p' "$TAP_DIR/annotated" | tr -d ,)"
    done
    want_text "it finds the functions" "$TAP_DIR/annotated" "lexer.lua:lexer.lua:22"
    grep -q '[0-9] .*string' "$TAP_DIR/annotated" &&
        tap_ok "and costs beside source lines" ||
        tap_not_ok "and costs beside source lines" "$TAP_DIR/annotated"
fi

viewer=/usr/libexec/valgrind/dh_view.js
if ! command -v node >/dev/null; then
    tap_missing "DHAT's viewer" "no node (nodejs)"
elif [ ! -e $viewer ]; then
    tap_missing "DHAT's viewer" "no $viewer (valgrind)"
elif node tests/support/dhatread.js $viewer "$TAP_DIR/x/dhat.out.json" >"$TAP_DIR/tree" \
    2>"$TAP_DIR/err"; then
    tap_ok "DHAT's viewer builds its tree"
    tap_is "reads" "$(total text_reads)" "$(sed -n 's/^reads //p' "$TAP_DIR/tree")"
    tap_is "counts per byte add up to the reads" "$(total text_reads)" \
        "$(sed -n 's/^counted //p' "$TAP_DIR/tree")"
    tap_is "every text is a leaf" "$(sed -n 's/^points //p' "$TAP_DIR/tree")" \
        "$(sed -n 's/^texts //p' "$TAP_DIR/tree")"
else
    tap_not_ok "DHAT's viewer builds its tree" "$TAP_DIR/err"
fi

if command -v protoc >/dev/null; then
    gzip -dc "$TAP_DIR/x/frost.pb.gz" | protoc --decode_raw >"$TAP_DIR/raw" 2>"$TAP_DIR/err" &&
        tap_ok "protoc takes the profile" || tap_not_ok "protoc takes the profile" "$TAP_DIR/err"
else
    tap_missing "protoc takes the profile" "no protoc (protobuf-compiler)"
fi

# ---- what cannot be done ----

want_status "no trace" 2 "$FROST" export
want_status "two traces" 2 "$FROST" export "$trace" "$trace"
# ---- what a terminal would obey ----

# Names of chunks and modules with escape sequences, an override of direction, bytes that are not UTF-8.
"$FROST" record -q --profile pc -o "$TAP_DIR/odd.trace" -e 'K = {}
for i, name in ipairs{"=\27]0;title\7", "=\27[31mred", "=\226\128\174reversed", "=\255\13\10", "=\194\155m"} do
    K[i] = loadstring("local t = {} for i = 1, 20 do t[i] = {i .. [[s]]} end return t", name)()
end' >"$TAP_DIR/out"
for command in size gc hot strings "size --json" "size --format=markdown" "size --format=html" \
    "gc --json" "gc --format=html" "trace dump" "trace dump --form=events"; do
    # shellcheck disable=SC2086
    want_status "frost $command of odd names" 0 "$FROST" $command "$TAP_DIR/odd.trace"
    LC_ALL=C grep -q "$(printf '[\033\007\015\377]\|\342\200\256\|\302\233')" "$TAP_DIR/out" &&
        tap_not_ok "... has nothing that a terminal obeys" "$TAP_DIR/out" ||
        tap_ok "... has nothing that a terminal obeys"
done
for to in callgrind dhat folded; do
    want_status "export of odd names" 0 "$FROST" export -q --to=$to -o - "$TAP_DIR/odd.trace"
    LC_ALL=C grep -q "$(printf '[\033\007\015\377]\|\342\200\256\|\302\233')" "$TAP_DIR/out" &&
        tap_not_ok "... to $to: nothing that a terminal obeys" "$TAP_DIR/out" ||
        tap_ok "... to $to: nothing that a terminal obeys"
done

want_status "no such format" 2 "$FROST" export --to=excel "$trace"
want_status "no such trace" 4 "$FROST" export -o "$TAP_DIR/none" "$TAP_DIR/missing"
want_no_file "and no file" "$TAP_DIR/none"
want_status "a full disk" 4 "$FROST" export -o /dev/full "$trace"
want_status "no such directory" 4 "$FROST" export -o "$TAP_DIR/missing/x" "$trace"
cp -R "$trace" "$TAP_DIR/cut.trace"
head -c 200001 "$trace/events" >"$TAP_DIR/cut.trace/events"
want_status "a trace that was cut off" 0 "$FROST" export -o "$TAP_DIR/cut.out" "$TAP_DIR/cut.trace"
want_text "says so" "$TAP_DIR/err" "Incomplete input: "
printf 'xxxx' | dd of="$TAP_DIR/cut.trace/events" bs=1 seek=65536 conv=notrunc 2>/dev/null
want_status "a damaged trace" 3 "$FROST" export -o "$TAP_DIR/bad.out" "$TAP_DIR/cut.trace"
want_no_file "leaves no file" "$TAP_DIR/bad.out"
want_status "an export says where it is" 0 "$FROST" export --to=pprof -o "$TAP_DIR/said.pb.gz" "$trace"
want_text "... and for which tool" "$TAP_DIR/err" "for pprof is in $TAP_DIR/said.pb.gz"
want_status "to standard output" 0 "$FROST" export --to=folded -o - "$trace"
want_same "the same" "$TAP_DIR/x/frost.folded" "$TAP_DIR/out"

# ---- input of the program stays out ----

cat >"$TAP_DIR/secret.lua" <<'END'
local file = file.open("password.txt")
local line = file:read()
file:close()
print(#line, line:find("z"))
END
echo "correct-horse" >"$TAP_DIR/password.txt"
"$FROST" record -q --fs="$TAP_DIR" -o "$TAP_DIR/secret.trace" "$TAP_DIR/secret.lua" >/dev/null 2>&1
"$FROST" export -q --to=dhat -o "$TAP_DIR/secret.json" "$TAP_DIR/secret.trace"
"$FROST" export -q --to=dhat --include-input -o "$TAP_DIR/open.json" "$TAP_DIR/secret.trace"
grep -q correct-horse "$TAP_DIR/secret.json" &&
    tap_not_ok "a password is not exported" "$TAP_DIR/secret.json" ||
    tap_ok "a password is not exported"
want_text "unless asked for" "$TAP_DIR/open.json" correct-horse

# ---- the views ----

report=$TAP_DIR/report
want_status "frost report" 0 "$FROST" report -q -o "$report" "$trace"
for file in strings.json strings.txt size.json hot.json gc.json dummy_strings.lua summary.md \
    report.html exports/dhat.out.json plots/heap_bytes.tsv plots/heap_bytes.gp \
    plots/flash_reads.gp plots/string_ages.gp; do
    [ -s "$report/$file" ] && tap_ok "has $file" || tap_not_ok "has $file"
done
rows=$(grep -c '^    {"verdict":"[a-z -]*","peak_bytes"' "$report/strings.json")
more=$(sed -n 's/^  [.][.][.] \([0-9,]*\) more$/\1/p' "$report/strings.txt" | head -n 1 | tr -d ,)
tap_is "the text form has the first 50 rows of a table, JSON all" "$rows" "$((50 + ${more:-0}))"
want_status "of two traces" 0 "$FROST" report -q -o "$TAP_DIR/two" "$trace" "$case/run2.trace"
[ -s "$TAP_DIR/two/exports/run2/frost.folded" ] && tap_ok "exports of each" ||
    tap_not_ok "exports of each"
tap_is "nothing half written" "" "$(find "$report" "$case" -name '*.part.*')"

for page in "$report" "$case"; do
    tap_is "Markdown is short enough" yes \
        "$([ "$(wc -c <"$page/summary.md")" -lt 60000 ] && echo yes)"
    tap_is "and begins with its mark" '<!-- frostline-report -->' \
        "$(head -n 1 "$page/summary.md")"
    want_text "the list is a finding" "$page/summary.md" ". Move "
    tap_is "the page refers to nothing outside" "" \
        "$(grep -oE '(src|href|action|data)="[^"]*"|url\([^)]*\)|@import' "$page/report.html" |
            grep -vE '^href="(#[a-z-]+|data:,)"$')"
done

if command -v gnuplot >/dev/null; then
    for plot in heap_bytes flash_reads string_ages; do
        want_text "gnuplot draws $plot" "$report/plots/$plot.svg" "</svg>"
    done
else
    tap_missing "gnuplot draws the plots" "no gnuplot"
fi

if ! command -v chromium >/dev/null; then
    tap_missing "Chromium shows the page" "no chromium"
else
    sed '/^<script>$/,/^<.script>$/d' "$report/report.html" >"$TAP_DIR/plain.html"
    for file in "$report/report.html" "$TAP_DIR/plain.html"; do
        timeout 600 chromium --headless --no-sandbox --disable-gpu --no-first-run \
            --disable-background-networking --user-data-dir="$TAP_DIR/chromium" \
            --enable-logging=stderr --dump-dom "file://$file" >"$TAP_DIR/dom" 2>"$TAP_DIR/log"
        want_text "Chromium shows ${file##*/}" "$TAP_DIR/dom" "</footer>"
        # The page forbids itself every request, and the browser logs what it refuses.
        tap_is "no error, no request: ${file##*/}" "" "$(grep CONSOLE "$TAP_DIR/log")"
    done
    tap_is "the last one has no script" 0 "$(grep -c '<script' "$TAP_DIR/dom")"
    want_text "the list by source, all of it" "$TAP_DIR/dom" "The list, by source"
    want_text "all other texts behind a switch" "$TAP_DIR/dom" "<details><summary>Strings: all"
    want_text "findings with what to type next" "$TAP_DIR/dom" "<code>frost "
    want_text "marks in the curve of the list" "$TAP_DIR/dom" "<b>plain dump</b></span>"
    want_text "it has the strings to move" "$TAP_DIR/dom" "Strings to move to flash"
    want_text "and the curve of the heap" "$TAP_DIR/dom" 'class="curve"'
    # The page's script marks what is wider than a telephone's screen.
    timeout 600 chromium --headless --no-sandbox --disable-gpu --no-first-run \
        --disable-background-networking --user-data-dir="$TAP_DIR/chromium" \
        --window-size=390,844 --dump-dom "file://$case/report.html" 2>/dev/null |
        grep -o '<h3>[^<]*</h3>\|scroll overflows' >"$TAP_DIR/tables"
    for table in "What to change, by what it saves" "The application, each way" "Strings to move to flash"; do
        tap_is "390 pixels are enough for: $table" "<h3>$table</h3>" \
            "$(grep -m 1 -A 1 "$table" "$TAP_DIR/tables" | grep "$table\|overflows")"
    done
    want_text "and one that is wider is marked" "$TAP_DIR/tables" "scroll overflows"
fi
cd "$root" || exit 1
tap_done
