#!/bin/sh
# Little address space (ulimit -v), step by step: each command works, or says why not and ends with
# status 4; never a signal. Where the system cannot even link frost, its own message is as good.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

if ! (ulimit -v 100000) 2>/dev/null; then
    tap_skip_all "the address space cannot be limited here"
fi
"$FROST" record -q -o "$TAP_DIR/a.trace" -e 'local t = {} for i = 1, 300 do t[i] = "text " .. i end'
mkdir "$TAP_DIR/app"
echo 'local t = {} for i = 1, 300 do t[i] = "text " .. i end' >"$TAP_DIR/app/init.lua"
echo 'return {}' >"$TAP_DIR/app/m.lua"

try() { # NAME FIRST LAST STEP COMMAND...: limits in KB
    try_name=$1 kb=$2 last=$3 step=$4 good=0 refused=0 bad=
    shift 4
    while [ "$kb" -le "$last" ]; do
        rm -rf "$TAP_DIR/result"
        (ulimit -v "$kb" && exec "$FROST" "$@") >"$TAP_DIR/out" 2>"$TAP_DIR/err"
        status=$?
        ls -d result.part.* >/dev/null 2>&1 && bad="$bad $kb:leftover" && rm -r result.part.*
        case $status in
        0) good=$((good + 1)) ;;
        4 | 127) [ -s "$TAP_DIR/err" ] && refused=$((refused + 1)) || bad="$bad $kb:silent" ;;
        *) bad="$bad $kb:$status" ;;
        esac
        kb=$((kb + step))
    done
    if [ -z "$bad" ] && [ $good -gt 0 ] && [ $refused -gt 0 ]; then
        tap_ok "$try_name: $good limits are enough, $refused are refused"
    else
        echo "enough: $good, refused: $refused, limit in KB and status of others:$bad" >"$TAP_DIR/judged"
        tap_not_ok "$try_name" "$TAP_DIR/judged" "$TAP_DIR/err"
    fi
}

cd "$TAP_DIR" || exit 1
try "run" 20000 200000 10000 run -e 'print(1)'
try "run, right at the limit" 130000 160000 1000 run -e 'print(1)'
try "run in the pc profile" 120000 400000 20000 run --profile pc -e 'print(1)'
try "record" 20000 260000 10000 record -q -o result -e 'print(1)'
for command in "strings a.trace" "size a.trace" "gc a.trace" "hot a.trace" "report -o result a.trace"; do
    try "${command%% *}" 8000 44000 1000 $command
done
# Also where what is left when memory ends is just too little to remove what was begun.
try "report, right at the limit" 20400 25200 30 report -o result a.trace
tap_done
