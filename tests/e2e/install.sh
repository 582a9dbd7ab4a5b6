#!/bin/sh
# Installation: what `make install` and `make deb` put in place works from there. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
root=$TAP_DIR/root
# What stands in $O, as it was built: the folder's name says with which sanitizers.
case $O in
*/san-*) set -- O="${O%/san-*}" SAN="$(echo "${O##*/san-}" | tr - ,)" ;;
*) set -- O="$O" ;;
esac

want_make "make install" -s install "$@" DESTDIR="$root" PREFIX=/usr
want_status "the installed frost runs Lua" 0 "$root/usr/bin/frost" run -e 'print(6 * 7)'
want_text "and prints" "$TAP_DIR/out" "42"
echo 'return 1' >"$TAP_DIR/one.lua"
want_status "and compiles" 0 "$root/usr/bin/frost" luac -o "$TAP_DIR/one.lc" "$TAP_DIR/one.lua"
for name in $("$FROST" help --names); do
    [ -s "$root/usr/share/man/man1/frost-$name.1" ] || tap_not_ok "man page of $name"
done
tap_ok "a man page for each command"
if command -v man >/dev/null; then
    want_status "man reads the pages" 0 man -l --warnings -E ascii "$root/usr/share/man/man1/frost-run.1"
    want_text "with the options" "$TAP_DIR/out" "--profile"
fi
if command -v bash >/dev/null; then
    cat >"$TAP_DIR/complete" <<END
. "$root/usr/share/bash-completion/completions/frost"
COMP_WORDS=(frost str) COMP_CWORD=1
_frost
echo "\${COMPREPLY[@]}"
COMP_WORDS=(frost run --profile=p) COMP_CWORD=2
_frost 2>/dev/null
echo "\${COMPREPLY[@]}"
END
    want_status "completion loads" 0 bash "$TAP_DIR/complete"
    want_text "completes commands" "$TAP_DIR/out" "strings"
    want_text "completes options" "$TAP_DIR/out" "--profile=pc"
fi
want_make "make uninstall" -s uninstall "$@" DESTDIR="$root" PREFIX=/usr
tap_is "leaves no file" "" "$(find "$root" -type f)"

if command -v dpkg-deb >/dev/null; then
    want_make "make deb" -s deb "$@"
    deb=$(sed -n '$p' "$TAP_DIR/out")
    want_status "is a package" 0 dpkg-deb -I "$deb"
    want_text "which depends on what it is linked with" "$TAP_DIR/out" "libjansson4"
    want_status "unpacks" 0 dpkg-deb -x "$deb" "$TAP_DIR/unpacked"
    want_status "and runs" 0 "$TAP_DIR/unpacked/usr/bin/frost" run -e 'print(collectgarbage("count") > 0)'
fi
tap_done
