// coroutinelib.c: the library coroutine.
//
// Reads and writes: threads of the state.
// Memory: a coroutine is a thread with a stack of its own.
// Source: Lua 5.1 reference manual, 5.2; messages of Lua 5.1.
#include "runtime/lib/lualib.h"

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/state.h"

enum coroutine_status { CO_RUNNING, CO_SUSPENDED, CO_NORMAL, CO_DEAD };

static const char *const status_names[] = {"running", "suspended", "normal", "dead"};

static enum coroutine_status status_of(lua_State *L, lua_State *co)
{
    lua_Debug ar;
    if (L == co)
        return CO_RUNNING;
    switch (lua_status(co)) {
    case LUA_YIELD:
        return CO_SUSPENDED;
    case LUA_OK:
        if (lua_getstack(co, 0, &ar))
            return CO_NORMAL;                                // it runs another one
        return lua_gettop(co) == 0 ? CO_DEAD : CO_SUSPENDED; // ended, or not yet started
    default:
        return CO_DEAD;
    }
}

static lua_State *check_coroutine(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    luaL_argcheck(L, co != NULL, 1, "coroutine expected");
    return co;
}

// lua_checkstack; nothing is to be done if there is room in the stack and in the frame.
static inline int check_stack(lua_State *L, int extra)
{
    const struct value *end = TOP(L) + extra;
    if (end < DEREF(L->stack_last) && end <= DEREF(DEREF(L->call)->top))
        return 1;
    return lua_checkstack(L, extra);
}

// lua_xmove.
static inline void move_values(lua_State *from, lua_State *to, int count)
{
    struct value *v = TOP(from) - count, *place = TOP(to);
    TOP_SET(from, v);
    for (; count > 0; count--)
        *place++ = *v++;
    TOP_SET(to, place);
}

static inline int value_count(lua_State *L)
{
    return (int)(TOP(L) - DEREF(L->base));
}

// Resumes with the arg_count values on top. The number of values that came back and are pushed, or
// -1 with one message pushed.
static int resume(lua_State *L, lua_State *co, int arg_count)
{
    enum coroutine_status before = co->status == LUA_YIELD && L != co ? CO_SUSPENDED
                                                                      : status_of(L, co);
    if (arg_count > 0 && !check_stack(co, arg_count))
        luaL_error(L, "too many arguments to resume");
    if (before != CO_SUSPENDED) {
        lua_pushfstring(L, "cannot resume %s coroutine", status_names[before]);
        return -1;
    }
    assert(value_count(L) >= arg_count);
    move_values(L, co, arg_count);
    lua_setlevel(L, co);
    int status = lua_resume(co, arg_count);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    int result_count = value_count(co);
    if (!check_stack(L, result_count + 1))
        luaL_error(L, "too many results to resume");
    move_values(co, L, result_count);
    return result_count;
}

static int coroutine_resume(lua_State *L)
{
    lua_State *co = check_coroutine(L);
    int count = resume(L, co, value_count(L) - 1);
    int result_count = count < 0 ? 1 : count;
    lua_pushboolean(L, count >= 0);
    lua_insert(L, -(result_count + 1));
    return result_count + 1;
}

// The function that coroutine.wrap gives; its upvalue is the thread.
static int wrap_resume(lua_State *L)
{
    const struct c_closure *self = VALUE_C_CLOSURE(DEREF(DEREF(L->call)->func));
    assert(VALUE_IS_THREAD(&self->upvalues[0]));
    int count = resume(L, VALUE_THREAD(&self->upvalues[0]), value_count(L));
    if (count >= 0)
        return count;
    if (lua_isstring(L, -1)) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    lua_error(L);
}

static int coroutine_create(lua_State *L)
{
    luaL_argcheck(L, lua_isfunction(L, 1) && !lua_iscfunction(L, 1), 1, "Lua function expected");
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int coroutine_wrap(lua_State *L)
{
    coroutine_create(L);
    lua_pushcclosure(L, wrap_resume, 1);
    return 1;
}

static int coroutine_yield(lua_State *L)
{
    return lua_yield(L, value_count(L));
}

static int coroutine_status(lua_State *L)
{
    lua_pushstring(L, status_names[status_of(L, check_coroutine(L))]);
    return 1;
}

static int coroutine_running(lua_State *L)
{
    if (lua_pushthread(L))
        lua_pushnil(L); // the main thread is no coroutine
    return 1;
}

ROTABLE_BEGIN(coroutine_lib)
    ROTABLE_FUNC("create", coroutine_create)
    ROTABLE_FUNC("resume", coroutine_resume)
    ROTABLE_FUNC("running", coroutine_running)
    ROTABLE_FUNC("status", coroutine_status)
    ROTABLE_FUNC("wrap", coroutine_wrap)
    ROTABLE_FUNC("yield", coroutine_yield)
ROTABLE_END(coroutine_lib, NULL, 0)
