// api_run.c: the C interface: calls, chunks, the collector, errors.
//
// Reads and writes: the stack of the thread given. Memory: results and messages.
// Source: runtime/core/api/lua.h, Lua 5.1 manual, chapter 3; orders of the firmware's collector.

#include "runtime/core/api/api.h"
#include "runtime/core/chunk.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/profile.h"
#include "runtime/core/str.h"
#include "runtime/core/stream.h"
#include "runtime/core/vm.h"

// ---- calls ----

// All results have been asked for: the frame must hold them.
static void adjust_results(lua_State *L, int result_count)
{
    struct call_record *call = DEREF(L->call);
    if (result_count == LUA_MULTRET && TOP(L) >= DEREF(call->top))
        REF_COPY(call->top, L->top);
}

void lua_call(lua_State *L, int arg_count, int result_count)
{
    assert(lua_gettop(L) > arg_count && L->status == LUA_OK);
    call_function(L, TOP(L) - (arg_count + 1), result_count);
    adjust_results(L, result_count);
}

struct call_job {
    struct value *func;
    int result_count;
};

static void call_body_function(lua_State *L, void *data)
{
    struct call_job *job = data;
    call_function(L, job->func, job->result_count);
}

int lua_pcall(lua_State *L, int arg_count, int result_count, int handler_idx)
{
    ptrdiff_t handler = handler_idx == 0 ? 0 : STACK_OFFSET(L, api_at(L, handler_idx));
    struct call_job job = {TOP(L) - (arg_count + 1), result_count};
    int status = call_protected(L, call_body_function, &job, STACK_OFFSET(L, job.func), handler);
    adjust_results(L, result_count);
    return status;
}

struct c_call_job {
    lua_CFunction function;
    void *data;
};

static void call_body_c(lua_State *L, void *data)
{
    struct c_call_job *job = data;
    struct c_closure *c = func_new_c(L, 0, api_environment(L));
    c->function = ADDR32(job->function);
    api_push_object(L, c, LUA_TFUNCTION);
    api_push_object(L, job->data, LUA_TLIGHTUSERDATA);
    call_function(L, TOP(L) - 2, 0);
}

int lua_cpcall(lua_State *L, lua_CFunction function, void *data)
{
    struct c_call_job job = {function, data};
    return call_protected(L, call_body_c, &job, STACK_OFFSET(L, TOP(L)), 0);
}

int lua_error(lua_State *L)
{
    debug_raise(L);
}

lua_CFunction lua_atpanic(lua_State *L, lua_CFunction panic)
{
    lua_CFunction old = (lua_CFunction)(uintptr_t)GLOBAL(L)->panic;
    GLOBAL(L)->panic = ADDR32(panic);
    return old;
}

// ---- chunks ----

int lua_load(lua_State *L, lua_Reader reader, void *data, const char *chunk_name)
{
    struct stream stream;
    stream_init(L, &stream, reader, data);
    return call_protected_load(L, &stream, chunk_name ? chunk_name : "?");
}

int lua_dumpstrip(lua_State *L, lua_Writer writer, void *data, int strip_level)
{
    const struct value *v = TOP(L) - 1;
    if (!VALUE_IS_CLOSURE(v) || CLOSURE_IS_C(VALUE_CLOSURE(v)))
        return 1;
    int strip = strip_level < 0 ? chunk_strip_level : strip_level;
    return dump_bytecode(L, DEREF(VALUE_LUA_CLOSURE(v)->proto), writer, data, strip);
}

int lua_dump(lua_State *L, lua_Writer writer, void *data)
{
    return lua_dumpstrip(L, writer, data, -1);
}

// ---- text ----

void lua_concat(lua_State *L, int n)
{
    if (n >= 2) {
        GC_CHECK(L);
        vm_concat(L, n, (int)(TOP(L) - DEREF(L->base)) - 1);
        TOP_SET(L, TOP(L) - (n - 1));
    } else if (n == 0) {
        struct string *empty = str_new(L, "", 0);
        api_push_object(L, empty, LUA_TSTRING);
    }
}

const char *lua_pushvfstring(lua_State *L, const char *format, va_list args)
{
    GC_CHECK(L);
    return debug_push_message(L, format, args);
}

const char *lua_pushfstring(lua_State *L, const char *format, ...)
{
    GC_CHECK(L);
    va_list args;
    va_start(args, format);
    const char *text = debug_push_message(L, format, args);
    va_end(args);
    return text;
}

// ---- allocator and collector ----

lua_Alloc lua_getallocf(lua_State *L, void **data)
{
    const struct global_state *g = GLOBAL(L);
    if (data)
        *data = (void *)(uintptr_t)g->alloc_context;
    return (lua_Alloc)(uintptr_t)g->alloc;
}

void lua_setallocf(lua_State *L, lua_Alloc alloc, void *data)
{
    GLOBAL(L)->alloc = ADDR32(alloc);
    GLOBAL(L)->alloc_context = ADDR32(data);
}

// Steps of `kilobytes` of allocation; 1 if a cycle has ended. A blocked collector says so as well,
// or a loop that waits for the end would never end.
static int collect_steps(lua_State *L, int kilobytes)
{
    struct global_state *g = GLOBAL(L);
    if (g->gc_blocked)
        return 1;
    uint32_t ahead = (uint32_t)kilobytes << 10;
    g->threshold = ahead <= g->total_bytes ? g->total_bytes - ahead : 0;
    while (g->threshold <= g->total_bytes) {
        gc_step(L);
        if (g->gc_phase == GC_PAUSE)
            return 1;
    }
    return 0;
}

// The firmware has a flag, which compiling, loading and errors clear; Lua 5.1 moves the threshold.
static void stop_collector(lua_State *L)
{
    PROBE_GC_CONTROL(GC_ORDER_STOP, 0);
    if (lua_profile->is_firmware)
        gc_block(L);
    else
        GLOBAL(L)->threshold = UINT32_MAX;
}

static void restart_collector(lua_State *L)
{
    PROBE_GC_CONTROL(GC_ORDER_RESTART, 0);
    if (lua_profile->is_firmware)
        gc_unblock(L);
    else
        GLOBAL(L)->threshold = GLOBAL(L)->total_bytes;
}

int lua_gc(lua_State *L, int order, int value)
{
    struct global_state *g = GLOBAL(L);
    int old = 0;
    switch (order) {
    case LUA_GCSTOP:
        stop_collector(L);
        return 0;
    case LUA_GCRESTART:
        restart_collector(L);
        return 0;
    case LUA_GCCOLLECT:
        gc_full(L, GC_REASON_REQUEST);
        return 0;
    case LUA_GCCOUNT:
        return (int)(g->total_bytes >> 10);
    case LUA_GCCOUNTB:
        return (int)(g->total_bytes & 1023u);
    case LUA_GCSTEP:
        PROBE_GC_CONTROL(GC_ORDER_STEP, (uint32_t)value);
        return collect_steps(L, value);
    case LUA_GCSETPAUSE:
        PROBE_GC_CONTROL(GC_ORDER_PAUSE, (uint32_t)value);
        old = g->pause;
        g->pause = value;
        return old;
    case LUA_GCSETSTEPMUL:
        PROBE_GC_CONTROL(GC_ORDER_MULTIPLIER, (uint32_t)value);
        old = g->step_multiplier;
        g->step_multiplier = value;
        return old;
    case LUA_GCSETMEMLIMIT:
        old = g->memory_limit;
        g->memory_limit = value > INT32_MAX >> 10 ? INT32_MAX : value * 1024;
        return old >> 10;
    case LUA_GCGETMEMLIMIT:
        return g->memory_limit >> 10;
    default:
        return -1;
    }
}
