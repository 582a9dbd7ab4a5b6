// stringformat.h: string.format, and the operator % of strings.
//
// Reads and writes: arguments of the Lua functions.
// Source: Lua 5.1 reference manual, 5.4; the operator and the limit of an item are the firmware's.
#ifndef RUNTIME_LIB_STRINGFORMAT_H
#define RUNTIME_LIB_STRINGFORMAT_H

#include "runtime/core/api/lua.h"

// string.format(format, ...). A formatted item is cut at the profile's format_item_bytes - 1,
// except for %q and for long texts of %s without precision.
int string_format(lua_State *L);

// format % value, format % {values}: the same as string.format.
int string_format_operator(lua_State *L);

#endif
