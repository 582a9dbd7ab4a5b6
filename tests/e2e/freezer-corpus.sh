#!/bin/sh
# The language with every function frozen when it is loaded: the corpus of tests/lua prints what it prints
# from RAM, in both builds and profiles. Then each script from RAM, from LFS, frozen, frozen with globals that
# lie in a frozen table with an overlay, and thawed again: the same output, messages and tracebacks. And with
# every constructor of constants frozen, with an overlay. Addresses are masked, and times, since to freeze
# takes time. Left out is what prints where things lie or how much of the heap is used. Writes TAP.
#
# usage: O=build tests/e2e/freezer-corpus.sh [NAME...]
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
wanted=" $* "
ulimit -t 600 # a program that does not end

run() { # FILE OPTIONS...
    out=$1
    shift
    "$FROST" run "$@" >"$TAP_DIR/text" 2>"$TAP_DIR/messages"
    echo "status $?" >>"$TAP_DIR/text"
    without_host_ports 's/0x[0-9a-f]*/ADDRESS/g; s/^[0-9]* ms/TIME ms/' "$TAP_DIR/text" "$TAP_DIR/messages" >"$out"
}

is_left_out() { # DIRECTORY/NAME
    case $1 in
    dialect*/debug | dialect*/egc) return 0 ;; # texts in RAM; memory
    esac
    [ "$wanted" = "  " ] || case $wanted in *" ${1#*/} "*) ;; *) return 0 ;; esac
    return 1
}

corpus() { # DIRECTORY OPTIONS...
    directory=$1
    shift
    : >"$TAP_DIR/wrong"
    count=0
    for script in tests/lua/"$directory"/*.lua; do
        name=${script##*/} name=${name%.lua}
        ! is_left_out "$directory/$name" || continue
        count=$((count + 1))
        (cd "tests/lua/$directory" && run "$TAP_DIR/ram" "$@" "$name.lua" && run "$TAP_DIR/frozen" --freeze "$@" "$name.lua")
        diff "$TAP_DIR/ram" "$TAP_DIR/frozen" >"$TAP_DIR/diff" || { echo "$name:"; head -n 6 "$TAP_DIR/diff"; } >>"$TAP_DIR/wrong"
    done
    if [ -s "$TAP_DIR/wrong" ]; then
        tap_not_ok "$directory $*: as from RAM" "$TAP_DIR/wrong"
    else
        tap_ok "$directory $*: $count scripts as from RAM"
    fi
}

# In one line, as the call that follows it.
overlaid=$(sed '/^--/d' tests/e2e/freezer/overlaid.lua | tr '\n' ' ')

has_own_globals() { # DIRECTORY/NAME: looks at its environment, shares globals with what it loads, or gives `print` a global, or tells the time
    case $1 in
    language/assignment | language/environments | language/leftovers | lib/base | lib/package) return 0 ;;
    dialect*/package | dialect*/timers | dialect*/wifi_events) return 0 ;;
    esac
    return 1
}

# One function in five places: where it lies makes no difference to what it does.
places() { # DIRECTORY OPTIONS...
    directory=$1
    shift
    integer=
    case " $* " in *" --integer "*) integer=--integer ;; esac
    : >"$TAP_DIR/wrong"
    count=0
    for script in tests/lua/"$directory"/*.lua; do
        name=${script##*/} name=${name%.lua}
        ! is_left_out "$directory/$name" || continue
        case $directory/$name in
        dialect/limits | dialect-integer/numerals) continue ;; # luac.cross reads large numerals otherwise
        dialect/node | dialect/net) continue ;; # asks whether there is an image; tells what its callbacks hold
        dialect*/sntp) continue ;;              # waits 12 real seconds, in corpus() too
        esac
        count=$((count + 1))
        (
            cd "tests/lua/$directory" || exit
            load="assert(loadfile '$name.lua')"
            run "$TAP_DIR/ram" "$@" -e "local f = $load f()"
            "$FROST" luac $integer -f -o "$TAP_DIR/image" "$name.lua" >/dev/null 2>&1
            run "$TAP_DIR/lfs" "$@" --lfs "$TAP_DIR/image" -e "local f = node.LFS.get '$name' f()"
            run "$TAP_DIR/frozen" "$@" -e "local f = freezer.freeze($load) f()"
            run "$TAP_DIR/thawed" "$@" -e "local f = freezer.thaw(freezer.freeze($load)) f()"
            has_own_globals "$directory/$name" && cp "$TAP_DIR/ram" "$TAP_DIR/overlaid" ||
                run "$TAP_DIR/overlaid" "$@" -e "$overlaid local f = overlaid($load) f()"
        )
        (cd "$TAP_DIR" && diff -q --from-file=ram lfs frozen thawed overlaid) >/dev/null 2>&1 && continue
        for place in lfs frozen thawed overlaid; do
            diff "$TAP_DIR/ram" "$TAP_DIR/$place" >"$TAP_DIR/diff" || { echo "$name, $place:"; head -n 6 "$TAP_DIR/diff"; } >>"$TAP_DIR/wrong"
        done
    done
    if [ -s "$TAP_DIR/wrong" ]; then
        tap_not_ok "$directory $*: LFS, frozen, thawed, overlaid as from RAM" "$TAP_DIR/wrong"
    else
        tap_ok "$directory $*: LFS, frozen, thawed, overlaid as from RAM, $count scripts"
    fi
}

has_ram_tables() { # DIRECTORY/NAME: wants tables to be environments, get metatables, or be collected
    case $1 in
    language/collector | language/environments | language/forms | language/lookups | lib/base | lib/package) return 0 ;;
    esac
    return 1
}

# Every table of constants frozen as soon as it is made.
constants() { # DIRECTORY OPTIONS...
    directory=$1
    shift
    : >"$TAP_DIR/wrong"
    : >"$TAP_DIR/counts"
    {
        cat "tests/e2e/freezer/constants.lua"
        printf '%s\n' 'local f = io.open(arg[1]) local text, count = frozen_constants(f:read "*a") io.write(text) io.stderr:write(count, "\n")'
    } >"$TAP_DIR/translate.lua"
    for script in tests/lua/"$directory"/*.lua; do
        name=${script##*/} name=${name%.lua}
        ! is_left_out "$directory/$name" || continue
        ! has_ram_tables "$directory/$name" || continue
        rm -rf "$TAP_DIR/scripts" && cp -r "tests/lua/$directory" "$TAP_DIR/scripts"
        "$FROST" run --profile pc "$TAP_DIR/translate.lua" "$script" >"$TAP_DIR/scripts/$name.lua" 2>>"$TAP_DIR/counts"
        (cd "tests/lua/$directory" && run "$TAP_DIR/ram" --max-boots 1 "$@" -e "dofile '$name.lua'")
        (cd "$TAP_DIR/scripts" && run "$TAP_DIR/frozen" --max-boots 1 --freezer-size 252K "$@" \
            -e "function FROZEN(t) return (freezer.freeze(t, {overlay = true})) end dofile '$name.lua'")
        diff "$TAP_DIR/ram" "$TAP_DIR/frozen" >"$TAP_DIR/diff" || { echo "$name:"; head -n 6 "$TAP_DIR/diff"; } >>"$TAP_DIR/wrong"
    done
    count=$(awk '{ sum += $1 } END { print sum + 0 }' "$TAP_DIR/counts")
    if [ -s "$TAP_DIR/wrong" ] || [ "$count" = 0 ]; then
        tap_not_ok "$directory $*: constants frozen, as from RAM" "$TAP_DIR/wrong"
    else
        tap_ok "$directory $*: $count constants frozen, as from RAM"
    fi
}

places language --heap 256K
places lib --heap 256K
places dialect --heap 256K
places dialect-integer --integer --heap 256K
constants language --heap 400K
constants lib --heap 400K
corpus language --heap 256K
corpus language --profile pc
corpus lib --profile pc
corpus pc --profile pc
corpus dialect --heap 256K
corpus dialect-integer --integer --heap 256K
tap_done
