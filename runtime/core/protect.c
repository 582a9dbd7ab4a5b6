// protect.c: errors and the calls that catch them.
//
// Reads and writes: threads. Memory: one struct error_jump on the C stack per protected call; the
//         interpreter's C stack lies below 4 GiB on every port.
// Source: Lua 5.1 manual; any error also ends a blocked collection and a fixed stack (allocation
// policy of
//         NodeMCU 3.0).

#include <assert.h>
#include <setjmp.h>

#include "runtime/core/call.h"
#include "runtime/core/chunk.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_count.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

struct error_jump {
    jmp_buf registers;
    volatile int status;
    uint32_t previous; // address of the enclosing one of the same thread
    uint32_t outer;    // and of any thread
    uint32_t owner;    // the thread
};

static uint32_t innermost; // of all threads

void call_set_error(lua_State *L, int status, struct value *place)
{
    ptrdiff_t at = STACK_OFFSET(L, place);
    struct string *text = NULL;
    if (status == LUA_ERRMEM) {
        static const char message[] = "not enough memory"; // exists from the start
        text = str_new(L, message, sizeof message - 1);
    } else if (status == LUA_ERRERR) {
        static const char message[] = "error in error handling";
        text = str_new(L, message, sizeof message - 1);
    }
    place = STACK_AT(L, at);
    if (text)
        value_set_pointer(place, text, LUA_TSTRING);
    else
        *place = TOP(L)[-1];
    TOP_SET(L, place + 1);
}

// Back to the state of a thread that runs nothing, with the message as its only value.
static void unwind_all(lua_State *L, int status)
{
    REF_COPY(L->call, L->calls);
    REF_COPY(L->base, DEREF(L->call)->base);
    func_close_upvalues(L, DEREF(L->base));
    call_set_error(L, status, DEREF(L->base));
    L->c_calls = L->c_calls_base;
    L->hook_allowed = 1;
    call_trim_records(L);
    L->error_handler = 0;
    L->error_jump = 0;
}

// An error in a thread that does not run: C code of the one that does was working on its stack.
// The error is that one's.
static void throw_in_running(lua_State *L, int status)
{
    const struct error_jump *jump = (const struct error_jump *)(uintptr_t)innermost;
    lua_State *running = jump ? (lua_State *)(uintptr_t)jump->owner : NULL;
    if (running == NULL || running == L || running->error_jump == 0)
        return;
    if (status != LUA_ERRMEM && status != LUA_ERRERR) { // those have texts of their own
        *TOP(running) = TOP(L)[-1];                     // the reserve has room
        TOP_SET(running, TOP(running) + 1);
    }
    call_throw(running, status);
}

void call_throw(lua_State *L, int status)
{
    struct global_state *g = GLOBAL(L);
    g->stack_fixed = 0;
    g->buffer.used = 0;
    if (g->gc_blocked)
        gc_unblock(L);
    if (L->error_jump) {
        struct error_jump *jump = (struct error_jump *)(uintptr_t)L->error_jump;
        jump->status = status;
        longjmp(jump->registers, 1);
    }
    throw_in_running(L, status);
    L->status = (uint8_t)status;
    if (g->panic) {
        unwind_all(L, status);
        ((lua_CFunction)(uintptr_t)g->panic)(L);
    }
    port_panic("error outside a protected call");
}

int call_protected_raw(lua_State *L, call_body body, void *data)
{
    struct error_jump jump;
    assert((uintptr_t)&jump == ADDR32(&jump)); // or it could not be found again
    jump.status = LUA_OK;
    jump.previous = L->error_jump;
    jump.owner = ADDR32(L);
    // Around the main thread's first one there is none, whatever has been left by a restart.
    jump.outer = jump.previous == 0 && L == DEREF(GLOBAL(L)->main_thread) ? 0 : innermost;
    innermost = L->error_jump = ADDR32(&jump);
    unsigned source_depth = PROBE_SOURCE_DEPTH();
    vm_count_mark outer = vm_count_outer();
    if (setjmp(jump.registers) == 0) {
        body(L, data);
    } else {
        PROBE_SOURCE_RESTORE(source_depth);
        vm_count_back(outer);
    }
    L->error_jump = jump.previous;
    innermost = jump.outer;
    return jump.status;
}

int call_protected(lua_State *L, call_body body, void *data, ptrdiff_t old_top, ptrdiff_t handler)
{
    uint16_t c_calls = L->c_calls;
    ptrdiff_t call = CALL_OFFSET(L, DEREF(L->call));
    uint8_t hook_allowed = L->hook_allowed;
    int32_t old_handler = L->error_handler;
    L->error_handler = (int32_t)handler;
    int status = call_protected_raw(L, body, data);
    if (status != LUA_OK) {
        struct value *place = STACK_AT(L, old_top);
        func_close_upvalues(L, place);
        call_set_error(L, status, place);
        L->c_calls = c_calls;
        REF_SET(L->call, CALL_AT(L, call));
        REF_COPY(L->base, DEREF(L->call)->base);
        L->hook_allowed = hook_allowed;
        call_trim_records(L);
    }
    L->error_handler = old_handler;
    return status;
}

// ---- loading ----

struct load_job {
    struct stream *stream;
    struct text_buffer buffer;
    const char *name;
};

static void load_chunk(lua_State *L, void *data)
{
    struct load_job *job = data;
    int first = stream_peek(job->stream);
    GC_CHECK(L);
    gc_block(L);
    struct proto *p = first == LUA_SIGNATURE[0]
                          ? load_bytecode(L, job->stream, &job->buffer, job->name)
                          : compile_source(L, job->stream, &job->buffer, job->name);
    int upvalue_count = PROTO_UPVALUES(p);
    struct lua_closure *c = func_new_lua(L, upvalue_count, VALUE_TABLE(&L->globals));
    REF_SET(c->proto, p);
    PROBE_CODE_LOADED(L, p);
    for (int n = 0; n < upvalue_count; n++)
        REF_SET(c->upvalues[n], func_new_upvalue(L));
    value_set_pointer(TOP(L), c, LUA_TFUNCTION);
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
}

void (*call_loaded)(lua_State *L);

int call_protected_load(lua_State *L, struct stream *stream, const char *chunk_name)
{
    struct load_job job = {.stream = stream, .name = chunk_name};
    int loading = gc_loading++;
    int status = call_protected(L, load_chunk, &job, STACK_OFFSET(L, TOP(L)), L->error_handler);
    gc_loading = loading;
    gc_unblock(L);
    buffer_resize(L, &job.buffer, 0);
    if (status == LUA_OK && call_loaded != NULL)
        call_loaded(L);
    return status;
}
