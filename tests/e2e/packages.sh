#!/bin/sh
# Debian's pure-Lua packages in the pc profile, from source and from LFS images: the programs of
# tests/e2e/packages/ print what they print under Debian's lua5.1. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" lua5.1
lua=/usr/share/lua/5.1
programs=$PWD/tests/e2e/packages

image() { # NAME MODULE...: an image of modules; dots are directories
    image_name=$1
    shift
    set -- $(for module in "$@"; do echo "$module=$lua/$(echo "$module" | tr . /).lua"; done)
    want_status "image of $image_name" 0 \
        "$FROST" luac --locals=200 -f -o "$TAP_DIR/$image_name.img" "$@"
}

compare() { # PROGRAM IMAGE FILE: the program, from where its modules come, one of them
    [ -e "$lua/$3" ] || { tap_missing "$1" "no $lua/$3"; return; }
    (cd "$TAP_DIR" && LUA_PATH="$lua/?.lua" lua5.1 "$programs/$1.lua") \
        >"$TAP_DIR/want" 2>"$TAP_DIR/want.err"
    echo "status $?" >>"$TAP_DIR/want"
    sed -i '/Started on /d; s/ in [0-9.]* seconds/ in no time/' "$TAP_DIR/want" # of a clock that goes on
    [ "$(tail -n 1 "$TAP_DIR/want")" = "status 0" ] ||
        tap_not_ok "$1 under lua5.1" "$TAP_DIR/want.err"
    for from in source flash; do
        case $from in
        source) path="$lua/?.lua" options= ;;
        flash) path="?.none" options="--lfs $TAP_DIR/$2.img" ;;
        esac
        (cd "$TAP_DIR" && LUA_PATH=$path "$FROST" run --profile pc $options "$programs/$1.lua") \
            >"$TAP_DIR/got" 2>"$TAP_DIR/err"
        echo "status $?" >>"$TAP_DIR/got"
        sed -i '/Started on /d; s/ in [0-9.]* seconds/ in no time/' "$TAP_DIR/got"
        if diff -a -u "$TAP_DIR/want" "$TAP_DIR/got" >"$TAP_DIR/diff"; then
            tap_ok "$1, from $from"
        else
            tap_not_ok "$1, from $from" "$TAP_DIR/diff" "$TAP_DIR/err"
        fi
    done
}

image small inspect dkjson markdown argparse MessagePack basexx
image moses moses
image luaunit luaunit
image pl_data pl.List pl.Map pl.OrderedMap pl.MultiMap pl.Set pl.class pl.types pl.utils pl.compat \
    pl.tablex pl.array2d pl.permute pl.seq pl.func pl.operator pl.comprehension pl.luabalanced \
    pl.pretty pl.lexer pl.stringx
image pl_text pl.stringx pl.text pl.template pl.lexer pl.pretty pl.sip pl.data pl.config pl.xml \
    pl.url pl.stringio pl.luabalanced pl.input pl.utils pl.compat pl.types pl.List pl.tablex \
    pl.class pl.array2d pl.seq pl.operator pl.func pl.Map pl.strict
want_status "the firmware's limit of 50 local variables" 1 \
    "$FROST" luac -f -o "$TAP_DIR/none.img" dkjson=$lua/dkjson.lua
want_text "... is named" "$TAP_DIR/err" "main function has more than 50 local variables"
want_status "--locals has limits, too" 1 "$FROST" luac --locals=201 -o "$TAP_DIR/none.lc" x.lua
want_text "... that are named" "$TAP_DIR/err" "'--locals' needs a number from 1 to 200"
compare inspect small inspect.lua
compare dkjson small dkjson.lua
compare markdown small markdown.lua
compare argparse small argparse.lua
compare MessagePack small MessagePack.lua
compare basexx small basexx.lua
compare moses moses moses.lua
compare luaunit luaunit luaunit.lua
compare pl_data pl_data pl/List.lua
compare pl_text pl_text pl/stringx.lua
tap_done
