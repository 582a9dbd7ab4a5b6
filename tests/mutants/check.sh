#!/bin/sh
# The mutants' machinery works, and the quick unit programs notice most of a few drawn faults.
# Writes TAP. The whole thing is `make mutants`.
#
# usage: O=build SEED=1 N=10 tests/mutants/check.sh
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs gcc gcov lua5.1
N=${N:-10}
# The quickest programs alone, and few draws: more survive than of all tests and of many.
killed_percent_min=40
CC=gcc SCOPE=unit
M=$O/mutants-unit LIST=$M/list CONFINED=yes
export CC N SCOPE M LIST CONFINED

# ---- kinds of faults ----

faults_of() { # LINE [LINE_BEFORE [LINE_AFTER]]: prints KIND: CHANGED LINE
    LINE=$1 BEFORE=${2:-;} AFTER=${3:-;} lua5.1 -e '
        package.path = "tests/mutants/?.lua"
        local found = require("faults").of(os.getenv("LINE"), os.getenv("BEFORE"), os.getenv("AFTER"))
        for kind, list in pairs(found) do
            for _, line in ipairs(list) do print(kind .. ": " .. line:match("^%s*(.*)$")) end
        end' | sort
}
tap_is "a condition" \
    "comparison: if (a <= b)
condition: if (!(a < b))" "$(faults_of '    if (a < b)')"
tap_is "a statement with a constant and two arguments" \
    "argument: f(2, x);
constant: f(x, 1);
constant: f(x, 3);
statement: {}" "$(faults_of '    f(x, 2);')"
tap_is "texts and comments are left alone" "statement: {}" "$(faults_of "    p(\"1 < 2\"); // 3 == 4")"
tap_is "the larger of two is left alone" "condition: if (!(a->x > max))" \
    "$(faults_of '    if (a->x > max)' ';' '        max = a->x;'; faults_of '    return a < b ? a : b;')"
tap_is "so are checks, declarations and directives" "" \
    "$(faults_of '    assert(a < 1);'; faults_of '    int b;'; faults_of '#if A == 1')"
tap_is "a return is left out only where a condition guards it" "statement: {}" \
    "$(faults_of '    return;' '    if (a)'; faults_of '    return;')"

# ---- a small draw ----

if ! sh tests/mutants/run >"$TAP_DIR/summary" 2>"$TAP_DIR/err"; then
    tap_not_ok "$N faults are drawn, SEED=${SEED:-1}" "$TAP_DIR/err" "$TAP_DIR/summary"
    tap_done
fi
tap_ok "$N faults are drawn, SEED=${SEED:-1}"
sed 's/^/# /' "$TAP_DIR/summary"
share=$(sed -n 's/.* killed (\([0-9]*\)[.].*/\1/p' "$TAP_DIR/summary")
[ "${share:-0}" -ge $killed_percent_min ] &&
    tap_ok "at least $killed_percent_min % are killed" ||
    tap_not_ok "at least $killed_percent_min % are killed" "$TAP_DIR/summary"

# ---- faults whose fate is known ----

sh tests/mutants/confine "$M/tree-1" true 2>/dev/null || CONFINED=no
results=$TAP_DIR/known
mkdir "$results" && ln -sfn "$results" "$M/results"

# put NUMBER FILE OLD NEW TEST: gives the first line that is OLD the fault NEW; prints the status
put() {
    put_line=$(grep -nxF -e "$3" "$M/tree-1/$2" | head -n 1 | cut -d: -f1)
    sh tests/mutants/one "$(printf '%s\t%s\t%s\tgiven\t,%s,\t%s' "$1" "$2" "$put_line" "$5" "$4")"
    cut -f2 "$results/$1" | head -n 1
}
file=analyzer/analysis/heap/histogram.c
tap_is "a fault in a curve is killed" killed "$(put 1 $file \
    '        curve->buckets[i] = (struct curve_bucket){0};' '        {}' unit/gc_test)"
tap_is "one that makes no difference survives" survived "$(put 2 $file \
    '    if (curve->width == 0)' '    if (curve->width <= 0)' unit/gc_test)"
tap_is "one that does not compile is none" no-mutant "$(put 3 $file \
    '    if (curve->width == 0)' '    if (curve->height == 0)' unit/gc_test)"
tap_is "an endless loop is killed" killed "$(put 4 $file \
    '    curve->width *= 2;' '    curve->width *= 1;' unit/gc_test)"
tap_is "and the tree is as before" "" "$(diff "$file" "$M/tree-1/$file")"
{ echo $file; echo "- if (curve->width == 0)"; echo "+ if (curve->width <= 0)"; } \
    >"$TAP_DIR/equivalent"
cp "$results/2" "$TAP_DIR/2" && mkdir "$TAP_DIR/one" && mv "$TAP_DIR/2" "$TAP_DIR/one/1"
lua5.1 tests/mutants/summary.lua 1 "$TAP_DIR/one" "$TAP_DIR/equivalent" >"$TAP_DIR/summary"
want_text "a survivor that the list explains is none" "$TAP_DIR/summary" "0 survived, 1 equivalent"
lua5.1 tests/mutants/summary.lua 1 "$TAP_DIR/one" /dev/null >"$TAP_DIR/summary"
want_text "any other is shown" "$TAP_DIR/summary" "+ if (curve->width <= 0)"

if [ $CONFINED = yes ]; then
    # A tree below /tmp leaves that writable (confine).
    case $M in
    /tmp/*) outside=$(mktemp -d /var/tmp/frost-test.XXXXXX)/outside ;;
    *) outside=$TAP_DIR/outside ;;
    esac
    sh tests/mutants/confine "$M/tree-1" sh -c 'echo >"$1"; kill -0 "$2"' sh \
        "$outside" $$ 2>"$TAP_DIR/err"
    tap_is "a confined program sees no process but its own" 1 $?
    want_no_file "and writes nothing outside its tree" "$outside"
    case $outside in
    /var/tmp/*) rm -rf "${outside%/*}" ;;
    esac
fi
tap_done
