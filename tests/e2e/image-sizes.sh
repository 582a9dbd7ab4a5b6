#!/bin/sh
# How much smaller images are than a straight layout of the same modules: no larger than the kept
# shares, sound for an independent verifier. Writes TAP.
#
# usage: tests/e2e/image-sizes.sh            compares with tests/nodemcu/image-sizes.txt
#        tests/e2e/image-sizes.sh --table    prints the figures (runtime/luac/README.md has them)
#        tests/e2e/image-sizes.sh --keep     prints the lines of image-sizes.txt
#
# Straight: what luac.cross made, where such files exist (golden); elsewhere `frost luac
# --plain-image`, which lays out the same bytes and packs about 7 % better than luac.cross.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

root=$PWD
mode=${1:-test}
tap_needs "$O/libexec/frost/frostluac-float"
have_python=yes
command -v python3 >/dev/null 2>&1 || have_python=no

bytes_of() { wc -c <"$1" | tr -d ' '; }

make_image() { # COMPILER OUTPUT ARGUMENT...: prints the size in flash
    maker=$1 output=$2
    shift 2
    "$maker" --locals=200 --build-time=1700000000 -f -o "$output" "$@" 2>"$TAP_DIR/err" |
        sed -n 's/^Image size: //p'
}

report() { # NAME PLAIN_FLASH PLAIN_FILE FLASH FILE: shares in tenths of a per cent, rounded up
    flash_share=$((($4 * 1000 + $2 - 1) / $2)) file_share=$((($5 * 1000 + $3 - 1) / $3))
    case $mode in
    --table)
        printf '| %s | %d | %d | %d.%d %% | %d | %d | %d.%d %% |\n' "$1" "$2" "$4" \
            $(((1000 - flash_share) / 10)) $(((1000 - flash_share) % 10)) "$3" "$5" \
            $(((1000 - file_share) / 10)) $(((1000 - file_share) % 10))
        return
        ;;
    --keep) echo "$1 $flash_share $file_share" && return ;;
    esac
    kept=$(grep "^$1 " tests/nodemcu/image-sizes.txt)
    echo "$1 $flash_share $file_share; kept: ${kept:-nothing}" >"$TAP_DIR/shares"
    set -- "$1" $kept
    if [ $# = 4 ] && [ "$flash_share" -le "$3" ] && [ "$file_share" -le "$4" ]; then
        tap_ok "$1: $flash_share and $file_share thousandths of a straight image"
    else
        tap_not_ok "$1: no larger than the kept shares" "$TAP_DIR/shares"
    fi
}

verify() { # NAME IMAGE
    [ "$mode" = test ] || return 0
    if [ $have_python = no ]; then
        tap_missing "$1: sound" "no python3"
    elif python3 tests/support/lfsread.py "$2" >"$TAP_DIR/verified" 2>&1; then
        tap_ok "$1: sound"
    else
        tap_not_ok "$1: sound" "$TAP_DIR/verified"
    fi
}

golden() { # NUMBERS
    directory=tests/nodemcu/golden/lfs-$1
    size=$(cd tests/nodemcu/golden/src &&
        make_image "$O/libexec/frost/frostluac-$1" "$TAP_DIR/small.img" $(cat "$1.list"))
    report "golden-$1" "$(bytes_of "$directory/app.abs-40290000.img")" \
        "$(bytes_of "$directory/app.rel.img")" "$size" "$(bytes_of "$TAP_DIR/small.img")"
    verify "golden-$1" "$TAP_DIR/small.img"
}

modules() { # NAME DIRECTORY FILE...
    name=$1 directory=$2
    shift 2
    compiler=$O/libexec/frost/frostluac-float
    plain=$(cd "$directory" && make_image "$compiler" "$TAP_DIR/plain.img" --plain-image "$@")
    size=$(cd "$directory" && make_image "$compiler" "$TAP_DIR/small.img" "$@")
    if [ -z "$plain" ] || [ -z "$size" ]; then
        tap_not_ok "$name: images are made" "$TAP_DIR/err"
        return
    fi
    report "$name" "$plain" "$(bytes_of "$TAP_DIR/plain.img")" "$size" \
        "$(bytes_of "$TAP_DIR/small.img")"
    verify "$name" "$TAP_DIR/small.img"
}

golden float
golden integer
for directory in examples/*/init.lua; do
    directory=${directory%init.lua}
    name=$(basename "$directory")
    modules "$name" "$directory" $(cd "$directory" && ls ./*.lua | sed 's|^\./||' | grep -v '^init\.lua$')
done
lua=/usr/share/lua/5.1
if [ -e $lua/pl/init.lua ] && [ -e $lua/argparse.lua ] && [ -e $lua/luaunit.lua ]; then
    modules debian-small $lua ansicolors.lua argparse.lua basexx.lua binaryheap.lua dkjson.lua \
        inspect.lua markdown.lua MessagePack.lua say=say/init.lua
    modules debian-luaunit-moses $lua luaunit.lua moses.lua
    modules debian-penlight-a $lua $(cd $lua && ls pl/[a-l]*.lua)
    modules debian-penlight-b $lua $(cd $lua && ls pl/[m-z]*.lua)
elif [ "$mode" = test ]; then
    tap_missing "Debian's packages as modules" "lua-penlight, lua-argparse or lua-unit is missing"
fi
[ "$mode" = test ] && tap_done
exit 0
