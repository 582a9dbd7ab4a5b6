#!/bin/sh
# Installation: what `make install` and `make deb` put in place works from there. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
root=$TAP_DIR/root
# What stands in $O, as it was built: the directory's name says with which sanitizers.
case $O in
*/san-*) set -- O="${O%/san-*}" SAN="$(echo "${O##*/san-}" | tr - ,)" ;;
*) set -- O="$O" ;;
esac

want_make "make install" -s install "$@" DESTDIR="$root" PREFIX=/usr
want_status "the installed frost runs Lua" 0 "$root/usr/bin/frost" run -e 'print(6 * 7)'
want_text "and prints" "$TAP_DIR/out" "42"
echo 'return 1' >"$TAP_DIR/one.lua"
want_status "and compiles" 0 "$root/usr/bin/frost" luac -o "$TAP_DIR/one.lc" "$TAP_DIR/one.lua"
want_status "frost-lua, too" 0 "$root/usr/bin/frost-lua" -e 'print(arg, _VERSION)'
want_text "as a Lua interpreter" "$TAP_DIR/out" "Lua 5.1"
for name in $("$FROST" help --names); do
    [ -s "$root/usr/share/man/man1/frost-$name.1" ] || tap_not_ok "man page of $name"
done
tap_ok "a man page for each command"
if command -v man >/dev/null; then
    want_status "man reads the pages" 0 man -l --warnings -E ascii "$root/usr/share/man/man1/frost-run.1"
    want_text "with the options" "$TAP_DIR/out" "--profile"
fi
share=$root/usr/share
want_status "luac's page has its options" 0 grep -c '^list the bytecode' "$share/man/man1/frost-luac.1"
want_status "no page shows a default where there is none" 1 grep -r 'default \\-\.' "$share/man/man1"

# What bash offers for the words of a command line, a line each; the last word is completed.
cat >"$TAP_DIR/complete" <<'END'
. "$1/bash-completion/completions/frost"
compopt() { :; }
while read -r -a COMP_WORDS; do
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _frost
    echo "${COMPREPLY[@]}"
done
END
cat >"$TAP_DIR/words" <<'END'
frost str
frost run --profile=p
frost lfs c
frost trace ass
frost help lu
frost run --no-integ
frost hot --model=nod
frost run --egc=li
frost luac --plain
END
want_status "completion of bash loads" 0 \
    bash -c ". '$TAP_DIR/complete'" bash "$share" <"$TAP_DIR/words"
printf '%s\n' strings --profile=pc check assemble luac --no-integer --model=nodemcu-3.0 --egc=limit: \
    --plain-image >"$TAP_DIR/want"
want_same "... completes commands, words, options and values" "$TAP_DIR/want" "$TAP_DIR/out"
want_status "zsh reads its script" 0 zsh -n "$share/zsh/vendor-completions/_frost"
want_status "fish reads its script" 0 fish -c "source '$share/fish/vendor_completions.d/frost.fish'
complete -C 'frost lfs ch'; complete -C 'frost run --egc al'"
want_text "... and completes words" "$TAP_DIR/out" "check"
want_text "... and values" "$TAP_DIR/out" "always"
for flag in --version -V version; do
    want_status "$flag" 0 "$root/usr/bin/frost" $flag
    want_text "... tells it" "$TAP_DIR/out" "frost "
done
# What its README links to or sends the reader to is there, too, and what that one names.
doc=$share/doc/frostline
missing=$(
    cd "$doc" || exit
    for name in $(grep -oE '\]\([a-z][^):#]*\)' README.md | tr -d ']()') \
        $(grep -oE '`(runtime|collectors|tests)/[A-Za-z0-9/-]*\.(md|txt)`' README.md | tr -d '`') \
        examples/lamp-world.lua collectors/device/frostline.lua; do
        [ -e "$name" ] || echo "$name"
    done
)
tap_is "what the README sends the reader to is there" "" "$missing"
want_make "make uninstall" -s uninstall "$@" DESTDIR="$root" PREFIX=/usr
tap_is "leaves no file" "" "$(find "$root" -type f -o -type l)"

if command -v dpkg-deb >/dev/null; then
    # Packed as little as possible: as packed as usual took as long as all the rest.
    export DPKG_DEB_COMPRESSOR_LEVEL=0
    want_make "make deb" -s deb "$@"
    deb=$(sed -n '$p' "$TAP_DIR/out")
    want_status "is a package" 0 dpkg-deb -I "$deb"
    want_text "of this version" "$TAP_DIR/out" "Version: $("$FROST" --version | sed 's/frost //')"
    want_text "which depends on what it is linked with" "$TAP_DIR/out" "libjansson4 (>="
    want_text "and tells which libraries are in it" "$TAP_DIR/out" "libuv1 (="
    want_status "lintian finds nothing" 0 lintian --allow-root --fail-on error,warning "$deb"
    want_status "unpacks" 0 dpkg-deb -x "$deb" "$TAP_DIR/unpacked"
    licenses=$TAP_DIR/unpacked/usr/share/doc/frostline/licenses
    tap_is "with the terms of each" "$(LC_ALL=C sort tests/support/debian/static-libraries)" \
        "$(find "$licenses" -type f -size +0 -printf '%f\n' | LC_ALL=C sort)"
    want_status "brings the firmware" 0 "$TAP_DIR/unpacked/usr/bin/frost" run --esp8266 -e 'print(6 * 7)'
    want_text "... which runs" "$TAP_DIR/out" 42
    want_status "and runs" 0 "$TAP_DIR/unpacked/usr/bin/frost" run -e 'print(collectgarbage("count") > 0)'
fi
tap_done
