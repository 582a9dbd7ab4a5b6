// byte_source.c: see byte_source.h.

#include "runtime/nodemcu/byte_source.h"

#include "runtime/core/api/lauxlib.h"

struct byte_source *byte_source_at(lua_State *L, int idx)
{
    struct byte_source *source = luaL_testudata(L, idx, BYTE_SOURCE_VIEW);
    if (source && !source->read)
        luaL_error(L, "view is closed");
    return source;
}
