// debug_info.c: the debug part of the C interface: calls, variables, hooks.
//
// Reads and writes: the stack and the calls of the thread given. Memory: the table of lua_getinfo
//         option L.
// Source: runtime/core/api/lua.h, Lua 5.1 manual, 3.8.

#include <string.h>

#include "runtime/core/api/api.h"
#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/vm_inline.h"
#include "runtime/probe/probe.h"

// ---- calls ----

int lua_getstack(lua_State *L, int level, lua_Debug *ar)
{
    struct call_record *call = DEREF(L->call), *first = DEREF(L->calls);
    for (; level > 0 && call > first; call--) {
        level--;
        if (call_is_lua(call)) // calls that tail calls have replaced are levels of their own
            level -= call->tail_call_count;
    }
    if (level == 0 && call > first)
        ar->call_idx = (int)(call - first);
    else if (level < 0)
        ar->call_idx = 0; // a lost call
    else
        return 0;
    return 1;
}

static void fill_source(lua_State *L, lua_Debug *ar, const struct value *func)
{
    (void)L;
    if (VALUE_IS_LIGHT_FUNCTION(func) || CLOSURE_IS_C(VALUE_CLOSURE(func))) {
        ar->source = "=[C]";
        ar->linedefined = -1;
        ar->lastlinedefined = -1;
        ar->what = "C";
    } else {
        const struct proto *p = DEREF(VALUE_LUA_CLOSURE(func)->proto);
        const struct string *source = DEREF(p->source);
        ar->source = source ? STRING_TEXT(source) : "=?";
        if (source)
            debug_report_source(L, ar->source);
        ar->linedefined = p->line_defined;
        ar->lastlinedefined = p->line_last_defined;
        ar->what = p->line_defined == 0 ? "main" : "Lua";
    }
    debug_chunk_id(ar->short_src, ar->source, LUA_IDSIZE);
}

// A call that a tail call has replaced: nothing is known.
static void fill_lost_call(lua_Debug *ar)
{
    ar->name = ar->namewhat = "";
    ar->what = "tail";
    ar->lastlinedefined = ar->linedefined = ar->currentline = -1;
    ar->source = "=(tail call)";
    debug_chunk_id(ar->short_src, ar->source, LUA_IDSIZE);
    ar->nups = 0;
}

static void add_line(void *context, int line)
{
    lua_State *L = context;
    lua_pushboolean(L, 1);
    lua_rawseti(L, -2, line);
}

// Pushes a table with the lines that have code, nil for C functions.
static void push_lines(lua_State *L, const struct value *func)
{
    if (func == NULL || !VALUE_IS_CLOSURE(func) || CLOSURE_IS_C(VALUE_CLOSURE(func))) {
        lua_pushnil(L);
        return;
    }
    const struct proto *p = DEREF(VALUE_LUA_CLOSURE(func)->proto);
    api_push(L, func); // keeps its lines alive
    lua_createtable(L, 0, 0);
    debug_line_each(p, add_line, L);
    lua_replace(L, -2);
}

// `func`: the function, NULL for a lost call; `call`: its call, NULL if it is not running.
static int fill_option(lua_State *L, char option, lua_Debug *ar, const struct value *func,
                       struct call_record *call)
{
    switch (option) {
    case 'S':
        fill_source(L, ar, func);
        return 1;
    case 'l':
        ar->currentline = call ? debug_current_line(L, call) : -1;
        return 1;
    case 'u':
        ar->nups = VALUE_IS_CLOSURE(func) ? CLOSURE_UPVALUES(VALUE_CLOSURE(func)) : 0;
        return 1;
    case 'n':
        ar->namewhat = call ? debug_name_function(L, call, &ar->name) : NULL;
        if (ar->namewhat == NULL) {
            ar->namewhat = "";
            ar->name = NULL;
        }
        return 1;
    case 'L':
    case 'f':
        return 1; // below
    default:
        return 0;
    }
}

int lua_getinfo(lua_State *L, const char *what, lua_Debug *ar)
{
    struct value copy, *func = NULL;
    struct call_record *call = NULL;
    if (*what == '>') {
        what++;
        copy = TOP(L)[-1];
        func = &copy;
        assert(VALUE_BASE(func) == LUA_TFUNCTION);
        TOP_SET(L, TOP(L) - 1);
    } else if (ar->call_idx != 0) {
        call = DEREF(L->calls) + ar->call_idx;
        copy = *DEREF(call->func);
        func = &copy;
    }
    int is_known = 1;
    if (func == NULL)
        fill_lost_call(ar);
    for (const char *option = what; *option && func; option++)
        is_known &= fill_option(L, *option, ar, func, call);
    if (strchr(what, 'f')) {
        if (func)
            api_push(L, func);
        else
            lua_pushnil(L);
    }
    if (strchr(what, 'L'))
        push_lines(L, func);
    return is_known;
}

// ---- variables ----

// Name of local `n` of a call, NULL if there is none.
static const char *local_name(lua_State *L, struct call_record *call, int n)
{
    if (call_is_lua(call)) {
        const struct proto *p = CALL_PROTO(call);
        const char *name = func_local_name(p, n, debug_current_pc(L, call));
        if (name && n <= PROTO_STACK_SIZE(p))
            return name;
    }
    struct value *end = call == DEREF(L->call) ? TOP(L) : DEREF(call[1].func);
    return n > 0 && end - DEREF(call->base) >= n ? "(*temporary)" : NULL;
}

const char *lua_getlocal(lua_State *L, const lua_Debug *ar, int n)
{
    struct call_record *call = DEREF(L->calls) + ar->call_idx;
    const char *name = local_name(L, call, n);
    if (name)
        api_push(L, DEREF(call->base) + (n - 1));
    return name;
}

const char *lua_setlocal(lua_State *L, const lua_Debug *ar, int n)
{
    struct call_record *call = DEREF(L->calls) + ar->call_idx;
    const char *name = local_name(L, call, n);
    TOP_SET(L, TOP(L) - 1);
    if (name)
        DEREF(call->base)[n - 1] = *TOP(L);
    return name;
}

// The place of upvalue `n` of the function at idx and its name; *owner gets the object that holds
// it.
static const char *find_upvalue(lua_State *L, int idx, int n, struct value **place,
                                struct object **owner)
{
    const struct value *func = api_at(L, idx);
    if (!VALUE_IS_CLOSURE(func) || n < 1 || n > CLOSURE_UPVALUES(VALUE_CLOSURE(func)))
        return NULL;
    if (CLOSURE_IS_C(VALUE_CLOSURE(func))) {
        *place = &VALUE_C_CLOSURE(func)->upvalues[n - 1];
        *owner = VALUE_OBJECT(func);
        return "";
    }
    const struct lua_closure *c = VALUE_LUA_CLOSURE(func);
    const struct proto *p = DEREF(c->proto);
    if (n > p->upvalue_name_count) // Lua 5.1 counts by names
        return NULL;
    struct upvalue *u = DEREF(c->upvalues[n - 1]);
    *place = DEREF(u->value);
    *owner = (struct object *)u;
    const struct string *name = DEREF(DEREF(p->upvalue_names)[n - 1]);
    return name ? STRING_TEXT(name) : "";
}

const char *lua_getupvalue(lua_State *L, int idx, int n)
{
    struct value *place;
    struct object *owner;
    const char *name = find_upvalue(L, idx, n, &place, &owner);
    if (name)
        api_push(L, place);
    return name;
}

const char *lua_setupvalue(lua_State *L, int idx, int n)
{
    struct value *place;
    struct object *owner;
    const char *name = find_upvalue(L, idx, n, &place, &owner);
    if (name && IN_WINDOW(place))
        debug_run_error(L, "function is frozen");
    if (name) {
        TOP_SET(L, TOP(L) - 1);
        *place = *TOP(L);
        VM_FLASH_STORE_EVENT(L, place);
        GC_BARRIER_VALUE(L, owner, place);
    }
    return name;
}

// ---- hooks ----

int lua_sethook(lua_State *L, lua_Hook hook, int mask, int count)
{
    if (hook == NULL || mask == 0) {
        mask = 0;
        hook = NULL;
    }
    L->hook = ADDR32(hook);
    L->hook_interval = count;
    L->hook_left = count;
    L->hook_mask = (uint8_t)mask;
    if (mask & (LUA_MASKLINE | LUA_MASKCOUNT))
        vm_hooks_changed();
    return 1;
}

lua_Hook lua_gethook(lua_State *L)
{
    return (lua_Hook)(uintptr_t)L->hook;
}

int lua_gethookmask(lua_State *L)
{
    return L->hook_mask;
}

int lua_gethookcount(lua_State *L)
{
    return L->hook_interval;
}
