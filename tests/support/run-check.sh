#!/bin/sh
# Does tests/run see everything that can go wrong with a test? It runs groups made here, each with
# one fault, and counts. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

fake=$TAP_DIR/tests
mkdir -p "$fake/unit" "$fake/e2e" "$fake/faults" "$TAP_DIR/build/tests"
unset TIMES

# run_fake NAME WANT_SUMMARY WANT_STATUS GROUP... : runs the tests in $fake
run_fake() {
    name=$1 summary=$2 status=$3
    shift 3
    TESTS=$fake O=$TAP_DIR/build want_status "$name" "$status" sh tests/run "$@"
    tap_is "... counted" "$summary" "$(tail -n 1 "$TAP_DIR/out")"
}
script() { cat >"$fake/e2e/$1.sh"; }
only() { rm -f "$fake"/*/*; }
said() { want_text "... and told" "$TAP_DIR/out" "$1"; }

echo 'echo ok 1 - a; echo "ok 2 - b # skip no moon"; echo 1..2' | script good
run_fake "a sound test" "1 passed, 0 failed, 1 skipped" 0 e2e
echo "sh -c 'i=0; while [ \$i -lt 300000 ]; do i=\$((i + 1)); done'; echo ok 1 - a; echo 1..1" | script busy
TIMES=$TAP_DIR/times run_fake "processor time is asked for" "2 passed, 0 failed, 1 skipped" 0 e2e
tap_is "... of each test, with what it started" "busy good" "$(sort -k 2 "$TAP_DIR/times" |
    sed -n 's|^[0-9]*[.][0-9] e2e/\(.*\)[.]sh$|\1|p' | tr '\n' ' ' | sed 's/ $//')"
tap_is "... and there is some" 1 "$(grep -vc '^0[.]0 ' "$TAP_DIR/times")"
rm "$fake/e2e/busy.sh"
echo 'echo "1..0 # skip no sun"; exit 77' | script none
run_fake "a test skipped whole" "1 passed, 0 failed, 2 skipped" 0 e2e
said "skip  e2e/none.sh: no sun"

run_fake "a group without tests" "1 passed, 1 failed, 2 skipped" 1 faults e2e
said "FAIL  faults: the group has no test"
rm -r "$fake/faults"
run_fake "a group without a directory" "0 passed, 1 failed, 0 skipped" 1 faults
run_fake "a unit group without sources" "0 passed, 1 failed, 0 skipped" 1 unit
want_status "an unknown group" 2 sh tests/run tides
want_text "... is named" "$TAP_DIR/err" "unknown group 'tides'"

only
: >"$fake/unit/x_test.c"
run_fake "a program that was not built" "0 passed, 1 failed, 0 skipped" 1 unit
said "FAIL  unit/x_test"
printf '#!/bin/sh\necho ok 1 - a\necho 1..1\n' >"$TAP_DIR/build/tests/x_test"
chmod +x "$TAP_DIR/build/tests/x_test"
run_fake "the same program when it is there" "1 passed, 0 failed, 0 skipped" 0 unit

only
echo 'echo ok 1 - a; echo not ok 2 - b; echo 1..2; exit 1' | script failed
run_fake "a failed result" "1 passed, 1 failed, 0 skipped" 1 e2e
only
echo 'echo ok 1 - a; kill -SEGV $$' | script crash
run_fake "a test that crashes" "1 passed, 1 failed, 0 skipped" 1 e2e
said "ended by signal 11"
only
echo 'echo ok 1 - a; exit 3' | script status
run_fake "a bad status without a result" "1 passed, 1 failed, 0 skipped" 1 e2e
said "status 3, but no result says not ok"
only
echo 'echo ok 1 - a; echo 1..2' | script short
run_fake "fewer results than planned" "1 passed, 1 failed, 0 skipped" 1 e2e
said "1 results, 2 planned"
only
echo 'echo ok 1 - a' | script planless
run_fake "a test without a plan" "1 passed, 1 failed, 0 skipped" 1 e2e
said "no plan: it may have ended early"
only
echo 'echo 1..0' | script empty
run_fake "a test without a result" "0 passed, 1 failed, 0 skipped" 1 e2e
only
# The group of a test is led by what run-one started.
script murder <<'END'
leader=$(cut -d ' ' -f 5 /proc/self/stat)
kill -KILL "$(cut -d ' ' -f 4 "/proc/$leader/stat")"
END
run_fake "a test that ends run-one" "0 passed, 1 failed, 0 skipped" 1 e2e
said "FAIL  1 tests ended without a result"

only
{
    echo 'echo ok 1 - a'
    echo "sh -c 'echo \$\$ >$TAP_DIR/pid; exec tail -f /dev/null'"
    echo 'echo 1..1'
} | script hang
TEST_SECONDS_MAX=1
export TEST_SECONDS_MAX
run_fake "a test that never ends" "1 passed, 1 failed, 0 skipped" 1 e2e
said "FAIL  e2e/hang.sh"
said "stopped: it took longer than 1 s"
# Gone, or dead and waiting for whoever inherits it.
case $(cut -d ' ' -f 3 "/proc/$(cat "$TAP_DIR/pid")/stat" 2>/dev/null) in
'' | Z) tap_ok "... with what it had started" ;;
*) tap_not_ok "... with what it had started" "$TAP_DIR/pid" ;;
esac

tap_done
