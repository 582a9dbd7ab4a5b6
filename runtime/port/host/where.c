// where.c: see where.h.

#include "runtime/port/host/where.h"

#include <stdio.h>

#include "runtime/core/object.h"
#include "runtime/core/state.h"
#include "runtime/probe/probe.h"

// Is it in a call? Those that run others are, too.
static int is_active(const lua_State *L)
{
    return L->status == LUA_OK && L->call.addr > L->calls.addr;
}

// A coroutine goes on counting calls of C where the thread that resumes it has come to.
lua_State *where_running(lua_State *main_thread)
{
    lua_State *found = main_thread;
    for (struct object *o = DEREF(GLOBAL(main_thread)->objects); o; o = DEREF(o->next)) {
        lua_State *L = (lua_State *)o;
        if (OBJECT_TAG(o) == LUA_TTHREAD && is_active(L) && L->c_calls > found->c_calls)
            found = L;
    }
    return found;
}

void where_text(lua_State *L, char *text, size_t room)
{
    lua_Debug ar;
    text[0] = 0;
    PROBE_HUSH();
    for (int level = 0; text[0] == 0 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0)
            snprintf(text, room, "%s:%d", ar.short_src, ar.currentline);
    }
    PROBE_UNHUSH();
}
