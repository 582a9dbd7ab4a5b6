#!/bin/sh
# Every function and method of the firmware's modules with arguments at random, in callbacks, too: messages
# are fine, crashes are not. SEED=N SEEDS=N: the first and how many. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
SEED=${SEED:-1}
SEEDS=${SEEDS:-3}
seed=$SEED
while [ "$seed" -lt $((SEED + SEEDS)) ]; do
    for options in "--heap 160K" "--heap 160K --firmware=legacy" "--heap 160K --integer"; do
        mkdir -p "$TAP_DIR/fs"
        cp tests/faults/calls.lua "$TAP_DIR/fs"
        # shellcheck disable=SC2086
        timeout 600 "$FROST" run --fs "$TAP_DIR/fs" --max-boots 1 --duration 600000 $options -e "SEED=$seed dofile('calls.lua')" \
            >"$TAP_DIR/out" 2>"$TAP_DIR/err"
        status=$?
        if grep -qx survived "$TAP_DIR/out" && [ $status -le 1 ]; then
            tap_ok "seed $seed, $options"
        else
            tail -3 "$TAP_DIR/err" >"$TAP_DIR/last"
            echo "status $status" >>"$TAP_DIR/last"
            tap_not_ok "seed $seed, $options" "$TAP_DIR/last"
        fi
        rm -rf "$TAP_DIR/fs"
    done
    seed=$((seed + 1))
done
tap_done
