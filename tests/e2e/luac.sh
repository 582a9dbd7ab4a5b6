#!/bin/sh
# The compiler as a program: the same bytecode as the firmware's compiler, images within its limits
# and no larger, options, messages, statuses, nothing partial. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

root=$PWD
golden=$root/tests/nodemcu/golden
luac=$O/libexec/frost/frostluac-float
luac_integer=$O/libexec/frost/frostluac-integer
tap_needs "$luac"
unset SOURCE_DATE_EPOCH

# ---- bytecode ----

# Chunk names are the paths as given, so everything is compiled where the sources are.
same_code() { # NUMBERS COMPILER DIRECTORY OPTION...
    numbers=$1 compiler=$2 directory=$3
    shift 3
    for want in "$golden/$directory"/*.lc; do
        module=$(basename "$want" .lc)
        if ! (cd "$golden/src" && "$compiler" "$@" -o "$TAP_DIR/$module.lc" "$module.lua") \
            >"$TAP_DIR/out" 2>"$TAP_DIR/err"; then
            tap_not_ok "$numbers $*: $module compiles" "$TAP_DIR/err"
        elif cmp "$want" "$TAP_DIR/$module.lc" >"$TAP_DIR/out" 2>&1; then
            tap_ok "$numbers $*: $module is what luac.cross makes"
        else
            tap_not_ok "$numbers $*: $module is what luac.cross makes" "$TAP_DIR/out"
        fi
    done
}

same_code float "$luac" lc-float
same_code float "$luac" lc-float-stripped -s
same_code integer "$luac_integer" lc-integer
[ ! -d "$golden/lc-integer-stripped" ] || same_code integer "$luac_integer" lc-integer-stripped -s

have_python=yes
command -v python3 >/dev/null 2>&1 || have_python=no

verified() { # NAME VERIFIER FILE...
    name=$1 verifier=$2
    shift 2
    if [ $have_python = no ]; then
        tap_missing "$name" "no python3"
    elif python3 "tests/support/$verifier" "$@" >"$TAP_DIR/verified" 2>&1; then
        tap_ok "$name"
    else
        tap_not_ok "$name" "$TAP_DIR/verified"
    fi
}

verified ".lc files pass the verifier" lcread.py "$TAP_DIR"/*.lc

# ---- images ----

bytes_of() {
    wc -c <"$1" | tr -d ' '
}

not_larger() { # NAME GOT_BYTES WANT_BYTES
    if [ "$2" -le "$3" ]; then
        tap_ok "$1: $2 bytes, luac.cross $3"
    else
        echo "$2 bytes, luac.cross $3" >"$TAP_DIR/sizes"
        tap_not_ok "$1" "$TAP_DIR/sizes"
    fi
}

image() { # COMPILER LIST OPTION...
    compiler=$1 list=$2
    shift 2
    (cd "$golden/src" && "$compiler" --build-time=1700000000 "$@" $(cat "$list")) \
        >"$TAP_DIR/out" 2>"$TAP_DIR/err"
}

for numbers in float integer; do
    compiler=$O/libexec/frost/frostluac-$numbers
    rel=$TAP_DIR/$numbers.rel.img abs=$TAP_DIR/$numbers.abs.img
    if image "$compiler" $numbers.list -f -o "$rel"; then
        tap_ok "$numbers: -f makes an image"
    else
        tap_not_ok "$numbers: -f makes an image" "$TAP_DIR/err"
    fi
    size=$(sed -n 's/^Image size: //p' "$TAP_DIR/out")
    golden_size=$(bytes_of "$golden/lfs-$numbers/app.abs-40290000.img")
    image "$compiler" $numbers.list -a 0x40290000 -o "$abs"
    tap_is "$numbers: image size is what is said" "$size" "$(bytes_of "$abs")"
    not_larger "$numbers: image in flash" "$size" "$golden_size"
    not_larger "$numbers: image file" "$(bytes_of "$rel")" \
        "$(bytes_of "$golden/lfs-$numbers/app.rel.img")"
    verified "$numbers: relocatable image passes the verifier" lfsread.py "$rel"
    verified "$numbers: absolute image passes the verifier" lfsread.py -b 0x40290000 "$abs"
    image "$compiler" $numbers.list -f -o "$TAP_DIR/again.img"
    want_same "$numbers: the same input gives the same image" "$rel" "$TAP_DIR/again.img"
    image "$compiler" $numbers.list -f -o -
    want_same "$numbers: -o - writes the image alone" "$rel" "$TAP_DIR/out"
    tap_is "$numbers: -o - says the size on stderr" "Image size: $size" "$(cat "$TAP_DIR/err")"
    (cd "$golden/lc-$numbers" && SOURCE_DATE_EPOCH=1700000000 "$compiler" -f \
        -o "$TAP_DIR/fromlc.img" $(sed 's/\.lua/.lc/g' "../src/$numbers.list")) >"$TAP_DIR/out" 2>&1
    want_same "$numbers: .lc files give the image of their sources" "$rel" "$TAP_DIR/fromlc.img"
done

# ---- options, in a directory of its own ----

cd "$TAP_DIR" || exit 1
L=$luac
echo 'return 1' >one.lua
echo 'return 2' >two.lua
echo 'local x =' >bad.lua
mkdir sub
echo 'return 3' >sub/one.lua

want_status "no arguments: status 1" 1 "$L"
want_text "no arguments: message" err "frost luac: no input files given"
want_text "no arguments: usage" err "usage: frost luac [options] [filenames]"
want_status "unknown option" 1 "$L" -x one.lua
want_text "unknown option: message" err "frost luac: unrecognized option '-x'"
for option in o e a m; do
    want_status "-$option without argument" 1 "$L" -$option
    want_text "-$option without argument: message" err "'-$option' needs argument"
done
for address in 0 0x40200000 0x4020fffc 0x40310004 0x40290002 nonsense -1; do
    want_status "-a $address" 1 "$L" -a $address one.lua
    want_text "-a $address: message" err "'-e' absolute address must be valid flash address"
done
want_status "-m 1000" 1 "$L" -m 1000 one.lua
want_text "-m 1000: message" err "'-e' maximum size must be a multiple of 4,096"
want_no_file "wrong usage writes nothing" luac.out
want_status "--help: status 0" 0 "$L" --help
want_text "--help is on stdout" out "usage: frost luac"
tap_is "--help has at most 80 columns" "" "$(awk 'length > 80' out)"
want_status "-v alone: status 0" 0 "$L" -v
want_text "-v names the project" out "Frostline"
ln -s "$L" luac.cross
want_status "the name it was called by" 1 ./luac.cross
want_text "the name it was called by: message" err "./luac.cross: no input files given"

want_status "default output" 0 "$L" one.lua
cp luac.out one.lc
want_status "-- ends the options" 0 "$L" -o dash.lc -- one.lua
want_same "-- ends the options: output" one.lc dash.lc
want_status "- is standard input" 0 sh -c "$L -o stdin.lc - <one.lua"
want_status "-p writes nothing" 0 "$L" -p -o parsed.lc one.lua
want_no_file "-p writes nothing: no file" parsed.lc
want_status "-p with an error" 1 "$L" -p bad.lua
tap_is "-p with an error: message" "frost luac: bad.lua:2: unexpected symbol near '<eof>'" "$(cat err)"
want_status "missing file" 1 "$L" -o keep.lc missing.lua
tap_is "missing file: message" "frost luac: cannot open missing.lua: No such file or directory" "$(cat err)"
want_no_file "missing file: nothing written" keep.lc
want_status "a directory is not a file" 1 "$L" sub
tap_is "a directory is not a file: message" "frost luac: cannot read sub: Is a directory" "$(cat err)"
want_status "output that cannot be opened" 1 "$L" -o nowhere/x.lc one.lua
tap_is "output that cannot be opened: message" \
    "frost luac: cannot open nowhere/x.lc: No such file or directory" "$(cat err)"
want_status "a full disk" 1 "$L" -o /dev/full one.lua
tap_is "a full disk: message" "frost luac: cannot write /dev/full: No space left on device" "$(cat err)"
want_status "a full disk as stdout" 1 sh -c "$L -o - one.lua >/dev/full"
want_text "a full disk as stdout: message" err "cannot write standard output: No space left on device"
echo old >kept.lc
want_status "an old output is kept" 1 "$L" -o kept.lc bad.lua
tap_is "an old output is kept: content" old "$(cat kept.lc)"
want_status "several inputs make one chunk" 0 "$L" -o both.lc one.lua two.lua
printf '#!/bin/frost\nerror("here")\n' >hash.lua
want_status "a first line with #" 0 "$L" -l -p hash.lua
want_text "a first line with # counts as a line" out "[2]"
want_status "SOURCE_DATE_EPOCH that is not a number" 1 env SOURCE_DATE_EPOCH=now "$L" -f one.lua
want_text "SOURCE_DATE_EPOCH: message" err "SOURCE_DATE_EPOCH is not a number of seconds since 1970"
want_status "--build-time that is not a number" 1 "$L" --build-time=x -f one.lua
want_text "--build-time: message" err "'--build-time' needs a number of seconds since 1970"

# ---- modules ----

want_status "duplicate names" 1 "$L" -f -o dup.img one.lua sub/one.lua
tap_is "duplicate names: message" \
    "frost luac: duplicate module name 'one' (one.lua and sub/one.lua); use NAME=FILE or --first-wins" "$(cat err)"
want_no_file "duplicate names: no image" dup.img
want_status "--first-wins" 0 "$L" --first-wins -f -o dup.img one.lua sub/one.lua two.lua
tap_is "--first-wins: warning" \
    "frost luac: warning: module 'one': sub/one.lua is left out, one.lua comes first" "$(cat err)"
want_status "--first-wins: the image" 0 "$FROST" lfs ls --fields module dup.img
tap_is "--first-wins: has each module once" "one two" "$(echo $(grep -o '^ *\(one\|two\)' out))"

# ---- numbers of the integer build ----

printf 'return {4294967295,\n-4294967295, 2147483648, 0xFFFFFFFF, 99999999999999999999}\n' >wide.lua
want_status "decimals of more than 32 bits" 0 "$FROST" luac --integer -l -l -o wide.lc wide.lua
tap_is "... are cut as luac.cross cuts them, with warnings" \
    "frost luac: wide.lua:1: warning: 4294967295 has more than 32 bits and becomes -1
frost luac: wide.lua:2: warning: 4294967295 has more than 32 bits and becomes -1
frost luac: wide.lua:2: warning: 2147483648 has more than 32 bits and becomes -2147483648
frost luac: wide.lua:2: warning: 99999999999999999999 has more than 32 bits and becomes -1" "$(cat err)"
want_status "... the device's own compiler takes the limit" 0 "$FROST" run --integer \
    -e 'print(4294967295, -4294967295, tonumber("4294967296"), 0xFFFFFFFF)'
tap_is "... of 32 bits" "2147483647	-2147483647	2147483647	-1" "$(cat out)"
want_status "NAME=FILE" 0 "$L" --build-time 5 -f -o named.img one.lua sub.one=sub/one.lua
want_status "a file with = in its name" 0 sh -c "cp one.lua a=b.lua && $L -f -o equal.img a=b.lua"
want_status "NAME= without file" 1 "$L" -f name=
want_text "NAME= without file: message" err "'name=' is not of the form NAME=FILE"
if [ $have_python = yes ]; then
    python3 "$root/tests/support/lfsread.py" -v named.img equal.img >modules 2>&1
    want_text "NAME=FILE: dotted name in the image" modules "module sub.one"
    want_text "a file with = in its name: module" modules "module a=b"
else
    tap_missing "NAME=FILE: dotted name in the image" "no python3"
fi
"$L" -s -o stripped.lc one.lua
want_status "stripped .lc take their file's name" 0 "$L" -f -o s.img stripped.lc two.lua
mkdir many
for i in 1 2 3 4 5; do
    for j in 0 1 2 3 4 5 6 7 8 9; do echo "return $i$j" >many/m$i$j.lua; done
done
want_status "50 modules" 0 "$L" -f -o fifty.img many/*.lua
verified_here() { (cd "$root" && verified "$@"); }
[ $have_python = no ] || { python3 "$root/tests/support/lfsread.py" fifty.img >out 2>&1 &&
    tap_ok "50 modules pass the verifier" || tap_not_ok "50 modules pass the verifier" out; }
want_status "51 modules" 1 "$L" -f -o over.img many/*.lua one.lua
tap_is "51 modules: message" "frost luac: '-f': Number of modules > 50" "$(sed -n 1p err)"
want_text "51 modules: usage, as luac.cross prints it" err "usage: frost luac [options] [filenames]"
want_no_file "51 modules: no image" over.img

# ---- limits of an image ----

big() { # LINES: functions with long strings of their own
    awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) {
        s = ""; for (j = 0; j < 40; j++) s = s "word" i * j; print "f" i "=\"" s "\"" } }'
}
big 50 >medium.lua
want_status "-m that fits" 0 "$L" -m 0x10000 -o medium.img medium.lua
image_bytes=$(sed -n 's/Image size: //p' out)
want_status "-m that does not fit" 1 "$L" -m 4096 -o small.img medium.lua
tap_is "-m that does not fit: message" \
    "frost luac: The image is too large for specfied LFS size: $image_bytes bytes, 4096 allowed" "$(cat err)"
want_no_file "-m that does not fit: no image" small.img
big 1200 >large.lua
want_status "256 KB are full" 1 "$L" -f -o large.img large.lua
tap_is "256 KB are full: message" \
    "frost luac: Out of Flash memory: SIZE bytes, 262144 allowed" "$(sed 's/ [0-9]* bytes/ SIZE bytes/' err)"
full_bytes=$(sed 's/.*memory: \([0-9]*\) .*/\1/' err)
big 600 >half.lua
want_status "an image of a known size" 0 "$L" -f -o half.img half.lua
half_bytes=$(sed -n 's/Image size: //p' out)
tap_is "256 KB are full: half of it has half the size" 1 \
    "$((full_bytes > half_bytes * 2 - 16384 && full_bytes < half_bytes * 2 + 16384))"
big 2600 >huge.lua
want_status "512 KB are full" 1 "$L" -f -o large.img huge.lua
tap_is "512 KB are full: message" \
    "frost luac: Out of Flash memory: more than 524288 bytes, 262144 allowed" "$(cat err)"
want_no_file "256 KB are full: no image" large.img
: >empty.lua
want_status "the smallest image" 0 "$L" -f -o empty.img empty.lua
if [ "$(bytes_of empty.img)" -gt 200 ]; then
    tap_ok "the smallest image is not too small for the firmware"
else
    tap_not_ok "the smallest image is not too small for the firmware"
fi

# ---- -e ----

echo 'print("ran", type(string.rep))' >run.lua
want_status "-e alone writes no file" 0 sh -c "rm -f luac.out; $L -e run.lua"
tap_is "-e alone: output of the program" "$(printf 'ran\tfunction')" "$(cat out)"
want_no_file "-e alone: no output file" luac.out
echo 'print(pixbuf.newBuffer(1, 3):fill(1, 2, 3), color_utils.hsv2grb(120, 255, 255))' >light.lua
echo 'print(struct.size("i4"), sjson.encode({1}), type(pipe.create), bit.band(6, 3))' >>light.lua
want_status "-e has the modules of the firmware's compiler" 0 "$L" -e light.lua
tap_is "and they work" "$(printf '[(1,2,3)]\t255\t0\t0\n4\t[1]\tfunction\t2')" "$(cat out)"
echo 'print(type(node), type(file), type(net), type(tmr), ROM.node)' >device.lua
want_status "-e has no modules of the device" 0 "$L" -e device.lua
tap_is "so a program can tell where it runs" "$(printf 'nil\tnil\tnil\tnil\tnil')" "$(cat out)"
echo 'print(...)' >args.lua
want_status "-e gives the program an argument" 0 "$L" -e args.lua
tap_is "its file, as luac.cross does" args.lua "$(cat out)"
echo 'return function() return "first" end' >first.lua
want_status "-e that returns a function" 0 "$L" -i -l -e first.lua -o e.lc two.lua
want_text "-e that returns a function: it is the first module" out '; "first"'
echo 'error("oops")' >fails.lua
want_status "-e that fails" 1 "$L" -e fails.lua
tap_is "-e that fails: message" "frost luac: fails.lua:1: oops" "$(cat err)"

# ---- listing ----

want_status "-l" 0 "$L" -p -l one.lua
want_text "-l: function" out "main <one.lua:0,0> (3 instructions, 12 bytes at"
want_text "-l: instruction" out "$(printf '\t1\t[1]\tLOADK    \t0 -1\t; 1')"
want_status "-l -l" 0 "$L" -p -l -l one.lua
want_text "-l -l: constants" out "constants (1) for"
want_status "-l without files lists luac.out" 0 sh -c "$L one.lua && $L -l"
want_text "-l without files: function" out "main <one.lua:0,0>"
if command -v luac5.1 >/dev/null 2>&1; then
    # With names and Lua 5.1's limit of locals the listings are equal but for addresses.
    same_listing() { # NAME FILE...
        name=$1 count=0
        shift
        : >listings
        for file in "$@"; do
            luac5.1 -l -l -p "$file" 2>&1 | sed 's/0x[0-9a-f]*/ADDR/' >want
            "$L" --names --locals=200 -l -l -p "$file" 2>&1 | sed 's/0x[0-9a-f]*/ADDR/' >got
            cmp -s want got || diff -u want got | sed -n 1,12p >>listings
            count=$((count + 1))
        done
        if [ -s listings ] || [ $count = 0 ]; then
            tap_not_ok "-l -l as stock luac lists it: $name" listings
        else
            tap_ok "-l -l as stock luac lists it: $name, $count files"
        fi
    }
    for directory in tests/lua/language tests/lua/lib tests/lua/pc tests/lua/random \
        tests/nodemcu/golden/src tests/e2e/packages examples/command-console \
        examples/sensor-node; do
        same_listing $directory "$root"/$directory/*.lua
    done
    [ ! -e /usr/share/lua/5.1/pl/init.lua ] ||
        same_listing "Debian's packages" /usr/share/lua/5.1/*.lua /usr/share/lua/5.1/pl/*.lua
    # The firmware's strip level has no names; nothing else differs.
    without_names() {
        sed -E 's/0x[0-9a-f]*/ADDR/; s/[0-9]+ locals?,//; /[GS]ETUPVAL/s/;.*//'
    }
    for module in closures tables control; do
        (cd "$golden/src" && luac5.1 -p -l "$module.lua") | without_names >want
        (cd "$golden/src" && "$L" -p -l "$module.lua") | without_names >got
        want_same "-l: $module as stock luac lists it, without names" want got
    done
    # Numbers of the integer build are listed as integers.
    echo 'print(2147483647, 0x80000000, 10 / 3)' >integers.lua
    want_status "-l -l: integer build" 0 "$luac_integer" -p -l -l integers.lua
    want_text "-l -l: a large integer" out "2147483647"
    want_text "-l -l: an integer that wraps" out "-2147483648"
else
    tap_missing "-l as stock luac lists it" "no luac5.1"
fi

# ---- by way of frost ----

if [ -x "$FROST" ]; then
    want_status "frost luac" 0 "$FROST" luac -o viafrost.lc one.lua
    want_same "frost luac: output" one.lc viafrost.lc
    want_status "frost luac --integer" 0 "$FROST" luac --integer -o viainteger.lc one.lua
    tap_is "frost luac --integer: number format" 0401 \
        "$(od -An -tx1 -j10 -N2 viainteger.lc | tr -d ' ')"
    want_status "frost luac -x: status 1 as luac.cross" 1 "$FROST" luac -x
else
    tap_missing "frost luac" "no $FROST"
fi

# ---- syntax errors, in the words of Lua 5.1 ----

if command -v luac5.1 >/dev/null 2>&1; then
    number=0
    while IFS= read -r line; do
        number=$((number + 1))
        printf '%b' "$line" >t.lua
        luac5.1 -p t.lua 2>&1 | sed 's/^luac5.1: //' >want
        "$L" -p t.lua 2>&1 | sed 's/^frost luac: //' >got
        want_same "syntax error $number as stock luac words it" want got
    done <"$root/tests/e2e/luac-errors.txt"
else
    tap_missing "syntax errors as stock luac words them" "no luac5.1"
fi

# ---- what is written is read: a main function of several chunks needs one register ----

printf 'print(1)\n' >one.lua
printf 'print(2)\n' >two.lua
want_status "several chunks in a file" 0 "$FROST" luac -o both.lc one.lua two.lua
want_status "... run" 0 "$FROST" run both.lc
tap_is "... one after another" "1 2" "$(echo $(cat out))"
want_status "... listed" 0 "$FROST" lfs ls both.lc
want_status "... checked: no image" 1 "$FROST" lfs check both.lc
want_status "... sized" 0 "$FROST" size both.lc

cd "$root" || exit 1
tap_done
