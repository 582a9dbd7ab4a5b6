#!/bin/sh
# Bad inputs on the command line, for each command: what is missing, what is a directory, what is cut
# off or damaged. Each gives a message with place and reason and the right status, and no output.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
root=$PWD golden=$PWD/tests/nodemcu/golden
cd "$TAP_DIR" || exit 1
mkdir work && cd work || exit 1

# ---- good and bad files ----

echo 'local t = {} for i = 1, 50 do t[i] = "text " .. i end print(#t)' >good.lua
printf 'print("before")\nlocal x = = 1\n' >syntax.lua
printf 'print(1' >open.lua
: >empty
mkdir directory
head -c 300 "$golden/lc-float/arith.lc" >cut.lc
head -c 3000 "$golden/lfs-float/app.rel.img" >cut.img
head -c 3000 "$golden/lfs-float/app.abs-40290000.img" >cutabs.img
flip() { # FROM TO OFFSET: sets a byte to its complement
    cp "$1" "$2"
    byte=$(od -An -tu1 -j "$3" -N 1 "$1")
    printf "$(printf '\\%03o' $((255 - byte)))" | dd of="$2" bs=1 seek="$3" conv=notrunc 2>/dev/null
}
flip "$golden/lc-float/arith.lc" flip.lc 44
flip "$golden/lfs-float/app.rel.img" flip.img 20000
"$FROST" record -q -o good.trace good.lua >/dev/null 2>record.err || tap_not_ok "record" record.err
for name in cut bits garbage nometa version norun badrun; do
    cp -r good.trace $name.trace
done
head -c 2000 good.trace/events >cut.trace/events
flip good.trace/events bits.trace/events 1
printf 'this was never a trace' >garbage.trace/events
rm nometa.trace/metadata norun.trace/.frost/run.json
sed -i 's/uuid = "../uuid = "zz/' version.trace/metadata
echo '{"schema":' >badrun.trace/.frost/run.json

# bad NAME STATUS TEXT COMMAND...: that status, that text among the messages, nothing on stdout,
# no crash (what sanitizers and asserts say has another status)
bad() {
    bad_name=$1 bad_status=$2 bad_text=$3
    shift 3
    want_status "$bad_name: status $bad_status" "$bad_status" "$@"
    want_text "$bad_name: says why" "$TAP_DIR/err" "$bad_text"
    if [ -s "$TAP_DIR/out" ]; then
        tap_not_ok "$bad_name: no output" "$TAP_DIR/out"
    fi
}

# ---- Lua that cannot be run ----

for profile in nodemcu pc; do
    run="$FROST run --profile $profile"
    bad "run, $profile, missing" 1 "cannot open nothing.lua" $run nothing.lua
    bad "run, $profile, directory" 1 "cannot read directory" $run directory
    bad "run, $profile, syntax" 1 "syntax.lua:2: unexpected symbol near '='" $run syntax.lua
    bad "run, $profile, end of text" 1 "open.lua:1: ')' expected near '<eof>'" $run open.lua
    bad "run, $profile, cut .lc" 1 "cut.lc: unexpected end in precompiled chunk" $run cut.lc
    bad "run, $profile, damaged .lc" 1 "flip.lc: " $run flip.lc
    bad "run, $profile, image as script" 1 "good.img" $run good.img
done
bad "run, code with a fault" 1 "unexpected symbol near" "$FROST" run -e 'x = = 1'
bad "run, out of heap" 1 "not enough memory" "$FROST" run --heap 24K \
    -e 'local t = {} for i = 1, 1e6 do t[i] = "some text " .. i end'
bad "run, heap too small for the source" 1 "not enough memory" "$FROST" run --heap 12K \
    "$golden/src/bigmodule.lua"
bad "run, heap too small to start" 1 "not enough memory" "$FROST" run --heap 4096 good.lua
bad "run, no heap at all" 2 "--heap must be between" "$FROST" run --heap 512 good.lua
bad "run, no number" 2 "--heap" "$FROST" run --heap many good.lua
bad "run, unknown option" 2 "unknown option '--heep'" "$FROST" run --heep 1 good.lua

# ---- images for the device ----

for command in run record; do
    it="$FROST $command"
    [ $command = run ] || it="$it -q -o image.trace"
    bad "$command, missing image" 4 "nothing.img: No such file" $it --lfs nothing.img good.lua
    bad "$command, directory as image" 4 "directory: not a regular file" $it --lfs directory good.lua
    bad "$command, cut image" 3 "cut.img: LFS length mismatch" $it --lfs cut.img good.lua
    bad "$command, cut absolute image" 3 "cutabs.img: " $it --lfs cutabs.img good.lua
    bad "$command, damaged image" 3 "flip.img: " $it --lfs flip.img good.lua
    bad "$command, empty image" 3 "empty: " $it --lfs empty good.lua
    bad "$command, .lc as image" 3 "cut.lc: read error on LFS image file" $it --lfs cut.lc good.lua
    bad "$command, wrong numbers" 3 "Incorrect LFS build type" $it \
        --lfs "$golden/lfs-integer/app.rel.img" good.lua
    bad "$command, no flash file" 3 "is not a flash file" $it --flash cut.lc good.lua
    bad "$command, directory as flash file" 4 "directory" $it --flash directory good.lua
done
if [ -x "$O/libexec/frost/frostvm-integer-plain" ]; then
    bad "run --integer, float image" 3 "Incorrect LFS build type" "$FROST" run --integer \
        --lfs "$golden/lfs-float/app.rel.img" good.lua
    bad "run --integer, float .lc" 1 "arith.lc: bad header in precompiled chunk" \
        "$FROST" run --integer "$golden/lc-float/arith.lc"
    bad "luac --integer, float .lc" 1 "arith.lc: bad header in precompiled chunk" \
        "$FROST" luac --integer -o float.lc "$golden/lc-float/arith.lc"
    echo 'print(0.5)' >half.lua
    bad "luac --integer, fraction" 1 "half.lua:1: malformed number near '0.5'" \
        "$FROST" luac --integer -o half.lc half.lua
    want_no_file "luac --integer leaves no file" half.lc
fi

# ---- the compiler ----

for options in "-o out.lc" "-f -o out.lc"; do
    bad "luac $options, missing" 1 "cannot open nothing.lua: No such file" \
        "$FROST" luac $options nothing.lua
    bad "luac $options, directory" 1 "cannot read directory: Is a directory" \
        "$FROST" luac $options directory
    bad "luac $options, syntax" 1 "syntax.lua:2: unexpected symbol near '='" \
        "$FROST" luac $options good.lua syntax.lua
    bad "luac $options, cut .lc" 1 "cut.lc: unexpected end in precompiled chunk" \
        "$FROST" luac $options good.lua cut.lc
    want_no_file "luac $options leaves no file" out.lc
done

# ---- images and bytecode for the analyzer ----

for command in "lfs ls" "lfs dump" size; do
    bad "$command, missing" 4 "nothing.img: No such file" "$FROST" $command nothing.img
    bad "$command, cut image" 3 "cut.img: byte 3000: " "$FROST" $command cut.img
    bad "$command, cut absolute image" 3 "cutabs.img: " "$FROST" $command cutabs.img
    bad "$command, damaged image" 3 "flip.img: byte " "$FROST" $command flip.img
    bad "$command, cut .lc" 3 "cut.lc: byte " "$FROST" $command cut.lc
    bad "$command, empty" 3 "empty: byte 0: " "$FROST" $command empty
    bad "$command, source" 3 "good.lua: " "$FROST" $command good.lua
done
bad "lfs ls, directory" 4 "directory: Is a directory" "$FROST" lfs ls directory
bad "lfs diff, missing" 4 "nothing.img: No such file" \
    "$FROST" lfs diff "$golden/lfs-float/app.rel.img" nothing.img
bad "lfs diff, damaged" 3 "flip.img: byte " \
    "$FROST" lfs diff flip.img "$golden/lfs-float/app.rel.img"
want_status "lfs check: the answer is no" 1 "$FROST" lfs check flip.img
want_text "lfs check says why" "$TAP_DIR/out" "finding: flip.img: byte "

# ---- traces ----

"$FROST" help >commands.txt
analyses="strings size report trace%dump"
for command in hot gc export; do
    grep -q "^  $command " commands.txt && analyses="$analyses $command"
done
for command in $analyses; do
    case $command in
    trace%dump) it="$FROST trace dump" ;;
    report) it="$FROST report -o result" ;;
    strings) it="$FROST strings -o result" ;;
    export) it="$FROST export -o result" ;;
    *) it="$FROST $command" ;;
    esac
    bad "$command, missing" 4 "nothing.trace: No such file" $it nothing.trace
    bad "$command, other directory" 4 "directory: is not a trace: it has no file 'metadata'" $it directory
    bad "$command, no metadata" 4 "nometa.trace: is not a trace" $it nometa.trace
    bad "$command, other version" 3 "version.trace: " $it version.trace
    bad "$command, bad run.json" 3 "badrun.trace: byte " $it badrun.trace
    want_no_file "$command leaves nothing" result
    if [ "$command" = trace%dump ]; then # shows what can be read, also when that is nothing
        want_status "$command, no events" 3 $it garbage.trace
        want_text "$command, no events: says why" "$TAP_DIR/err" "no packet begins here"
    else
        bad "$command, no events" 3 "garbage.trace: byte 0: events: no packet begins here" \
            $it garbage.trace
        bad "$command, flipped bits" 3 "bits.trace: byte 0: events: no packet" $it bits.trace
    fi
    want_no_file "$command leaves nothing, either" result
    want_status "$command, cut off: read up to the cut" 0 $it cut.trace
    grep -qi 'incomplete' "$TAP_DIR/out" "$TAP_DIR/err" && tap_ok "$command says incomplete" ||
        { [ -e result ] && grep -riq 'incomplete' result && tap_ok "$command notes incomplete"; } ||
        tap_not_ok "$command says incomplete" "$TAP_DIR/out" "$TAP_DIR/err"
    rm -rf result
done
bad "trace assemble, missing" 4 "nothing.txt: " "$FROST" trace assemble nothing.txt new.trace
echo 'nonsense here' >bad.txt
bad "trace assemble, no events" 3 "bad.txt: " "$FROST" trace assemble bad.txt new.trace
want_no_file "trace assemble leaves nothing" new.trace
bad "strings --check, missing" 4 "nothing.lua: " "$FROST" strings --check nothing.lua good.trace
bad "strings, unknown model" 4 "nothing.json" "$FROST" strings --model nothing.json good.trace

# ---- the main job ----

mkdir app broken
echo 'require("part")' >app/init.lua
echo 'return = 1' >app/part.lua
bad "profile, missing" 4 "nothing: No such file" "$FROST" profile -q -o result nothing
bad "profile, file" 4 "good.lua: Not a directory" "$FROST" profile -q -o result good.lua
bad "profile, no init.lua" 4 "broken: has no init.lua" "$FROST" profile -q -o result broken
want_no_file "profile leaves nothing" result
want_status "profile, syntax" 1 "$FROST" profile -q -o result app # what there is is a result
want_text "profile, syntax: says why" "$TAP_DIR/err" "part.lua:1: unexpected symbol near '='"
want_text "profile, syntax: says so first" result/summary.txt "The program failed"
rm -r result
want_no_file "profile leaves no scratch" result.part.*

bad "unknown command" 2 "unknown command 'sizes', did you mean 'size'?" "$FROST" sizes
[ -z "$(ls | grep '\.part\.')" ] && tap_ok "no scratch files are left" || tap_not_ok "scratch files"
cd "$root" || exit 1
tap_done
