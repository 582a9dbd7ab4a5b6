// stringlib.h: what the parts of the library string share.
//
// Reads and writes: nothing. Source: Lua 5.1 reference manual, 5.4.
#ifndef RUNTIME_LIB_STRINGLIB_H
#define RUNTIME_LIB_STRINGLIB_H

#include <stddef.h>

#include "runtime/core/api/lua.h"

// A position from 1 on; a negative one counts from the end of a text of `bytes` characters. What
// lies before the text is 0.
static inline ptrdiff_t string_position(lua_Integer position, size_t bytes)
{
    ptrdiff_t from_start = position < 0 ? position + (ptrdiff_t)bytes + 1 : position;
    return from_start >= 0 ? from_start : 0;
}

#endif
