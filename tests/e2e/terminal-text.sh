#!/bin/sh
# What a terminal obeys is in no output, whatever names and texts of programs hold. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST" python3
python3 tests/e2e/terminal-text.py "$FROST" "$TAP_DIR"
