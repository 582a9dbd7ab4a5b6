#!/bin/sh
# Is every function of the C interface called in our unit tests of it? The names are those that
# lua.h, lauxlib.h and lualib.h declare, functions and macros with arguments. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tests="tests/unit/core_api_test.c tests/unit/core_auxlib_test.c tests/unit/core_libs_test.c tests/support/state.h"

# Declarations and macros; not the types, which end otherwise.
sed -n -E 's/^#define (luaL?_[a-z_0-9]+)\(.*/\1/p;
    /^typedef|^ *\/\//!s/^[A-Za-z].*[ *](luaL?_[a-z_0-9]+)\(.*/\1/p' \
    runtime/core/api/lua.h runtime/core/api/lauxlib.h | sort -u >"$TAP_DIR/declared"
# Comments and texts are not calls.
sed -E 's|//.*||; s/"[^"]*"//g' $tests | grep -oE 'luaL?_[a-z_0-9]+ ?\(' | tr -d ' (' | sort -u \
    >"$TAP_DIR/called"

count=$(wc -l <"$TAP_DIR/declared" | tr -d ' ')
if [ "$count" -ge 140 ]; then
    tap_ok "$count functions and macros are declared"
else
    tap_not_ok "the headers' declarations are found, not only $count" "$TAP_DIR/declared"
fi
comm -23 "$TAP_DIR/declared" "$TAP_DIR/called" >"$TAP_DIR/missing"
if [ -s "$TAP_DIR/missing" ]; then
    tap_not_ok "every one of them is called in a unit test" "$TAP_DIR/missing"
else
    tap_ok "every one of them is called in a unit test"
fi
tap_done
