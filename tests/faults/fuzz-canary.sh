#!/bin/sh
# The fuzzing harness sees faults: the canary has five, each must end the program. Each target that
# runs programs has a first corpus. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs clang
case $O in
*/san-*) tap_skip_all "the harness builds its own sanitizer flavour" ;;
esac
O=$TAP_DIR SECONDS_MAX=60 want_status "every fault of the canary is seen" 0 sh tests/fuzz/run canary
want_text "it says so" "$TAP_DIR/out" "the canary's five faults are seen, and one was found"
for name in lc lc-integer source image; do
    want_status "$name: a first corpus" 0 sh tests/fuzz/make-seeds "$O" $name "$TAP_DIR/seeds-$name"
    seed_count=$(find "$TAP_DIR/seeds-$name" -type f -size +0 | wc -l)
    [ "$seed_count" -ge 8 ] && tap_ok "$name: of $seed_count files" ||
        tap_not_ok "$name: of only $seed_count files"
done
tap_done
