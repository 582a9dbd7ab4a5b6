#!/bin/sh
# Images that are damaged or packed in unusual ways are taken and refused as stock firmware does, in
# its words: by frost run --lfs, by node.LFS.reload and by frost lfs check. Five have wrong header
# words, which the firmware writes and fails over later: all three refuse them. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
golden=$PWD/tests/nodemcu/golden/damaged
cd "$TAP_DIR"
cp "$golden"/*.img . || exit 1
TAKEN='taken (restarts)'
NUMBERS=float INTEGER=

# The program runs from the image: it is there.
answer_of_run() {
    "$FROST" run $INTEGER --lfs "$1" -e "print('$TAKEN')" 2>&1 | sed -n "1s/^frost: $1: //;1p"
}

# Without an answer the program goes on after a restart, which only an image that is taken causes.
answer_of_reload() {
    echo "if node.LFS.list() then print('$TAKEN') else print(node.LFS.reload('$1')) end" >reload.lua
    "$FROST" run $INTEGER reload.lua 2>/dev/null | sed '/Restarting/d' | sed -n 1p
}

answer_of_check() {
    "$FROST" lfs check --lfs-size 256K --numbers $NUMBERS "$1" >checked 2>&1
    sed -n 's/.*the device answers "\(.*\)"$/\1/p' checked >answer
    grep -q . answer || echo "$TAKEN" >answer
    sed -n 1p answer
}

count=0
tail -n +2 "$golden/answers.tsv" >answers
while IFS='	' read -r file bytes want; do
    count=$((count + 1))
    case $file in
    mainproto-* | rohash-*)
        for answer in "$(answer_of_run "$file")" "$(answer_of_reload "$file")"; do
            case $answer in
            "LFS image damaged: "* | "LFS image is for address "*) tap_ok "$file: $answer" ;;
            *) tap_is "$file is refused in words of our own" "LFS image damaged" "$answer" ;;
            esac
        done
        want_status "$file: check" 1 "$FROST" lfs check "$file"
        ;;
    *)
        tap_is "$file: run" "$want" "$(answer_of_run "$file")"
        tap_is "$file: reload" "$want" "$(answer_of_reload "$file")"
        tap_is "$file: check" "$want" "$(answer_of_check "$file")"
        ;;
    esac
done <answers
tap_is "all answers" 49 "$count"

# ---- firmware of the other number format ----

# What is no image is that to any firmware; images of the other format are refused for it before their
# lengths are looked at. sig-integer.img is a float image that claims to be an integer one.
NUMBERS=integer INTEGER=--integer
while IFS='	' read -r file bytes want; do
    case $file:$want in
    sig-integer.img:*) continue ;;
    *:"read error"* | *:"Incorrect LFS header version") ;;
    *) want="Incorrect LFS build type" ;;
    esac
    tap_is "$file, integer firmware: run, reload, check" "$want|$want|$want" \
        "$(answer_of_run "$file")|$(answer_of_reload "$file")|$(answer_of_check "$file")"
done <answers

# ---- functions of one register ----

# As luac.cross, the compiler makes a main function with one register of several chunks.
echo 'print("one")' >one.lua
echo 'print("two")' >two.lua
"$FROST" luac -o both.lc one.lua two.lua
"$FROST" luac -f -o both.img both.lc >/dev/null
want_status "a function of one register in an image runs" 0 \
    "$FROST" run --lfs both.img -e 'node.LFS.get("(luac)")()'
tap_is "and does what it says" "$(printf 'one\ntwo')" "$(cat out)"
want_status "and is no damage to the analyzer" 0 "$FROST" lfs check both.img
tap_done
