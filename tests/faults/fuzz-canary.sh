#!/bin/sh
# The fuzzing harness sees faults: the canary has five, each must end the program. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs clang
case $O in
*/san-*) tap_skip_all "the harness builds its own sanitizer flavour" ;;
esac
O=$TAP_DIR SECONDS_MAX=60 want_status "every fault of the canary is seen" 0 sh tests/fuzz/run canary
want_text "it says so" "$TAP_DIR/out" "the canary's five faults are seen, and one was found"
tap_done
