// state.c: making and ending states and threads.
//
// Reads: the profile, when a state is made.
// Memory: main thread and global state are one block, the only one that no probe reports; the
//         ledger starts with it. Source: allocation policy of NodeMCU 3.0.

#include <stddef.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/mem.h"
#include "runtime/core/meta.h"
#include "runtime/core/overlay.h"
#include "runtime/core/profile.h"
#include "runtime/core/str.h"
#include "runtime/core/stream.h"
#include "runtime/core/table.h"

struct first_block {
    struct lua_State thread;
    struct global_state global;
};

_Static_assert(sizeof(struct first_block) == LUA_STATE_BYTES + GLOBAL_STATE_BYTES, "first block");

#define MEMORY_MESSAGE "not enough memory"
#define GLOBALS_FIELDS 2 // nodes of the tables of globals and of the registry at the start

// ---- threads ----

// A thread without stack and call records.
static void init_thread(struct lua_State *thread, struct global_state *g)
{
    memset((char *)thread + offsetof(struct object, rest), 0,
           sizeof *thread - offsetof(struct object, rest));
    REF_SET(thread->global, g);
    thread->hook_allowed = 1;
    value_set_nil(&thread->globals);
    value_set_nil(&thread->scratch);
}

// Stack and call records; the first record has no function, room for LUA_MINSTACK values.
static void make_stack(lua_State *L, struct lua_State *thread)
{
    int32_t count = STACK_SIZE_START + STACK_RESERVE;
    struct call_record *call = MEM_VECTOR(L, CALLS_START, struct call_record, KIND_CALLS);
    REF_SET(thread->calls, call);
    REF_SET(thread->call, call);
    thread->call_count = CALLS_START;
    REF_SET(thread->calls_end, call + CALLS_START - 1);

    struct value *stack = MEM_VECTOR(L, (size_t)count, struct value, KIND_STACK);
    for (int32_t i = 0; i < count; i++)
        value_set_nil(&stack[i]);
    REF_SET(thread->stack, stack);
    thread->stack_count = count;
    REF_SET(thread->stack_last, stack + count - STACK_RESERVE - 1);

    memset(call, 0, sizeof *call);
    REF_SET(call->func, stack); // nil: no function
    REF_SET(call->base, stack + 1);
    REF_SET(call->top, stack + 1 + LUA_MINSTACK);
    REF_SET(thread->base, stack + 1);
    REF_SET(thread->top, stack + 1);
}

static void free_stack(lua_State *L, struct lua_State *thread)
{
    MEM_FREE(L, DEREF(thread->calls), (size_t)thread->call_count * sizeof(struct call_record),
             KIND_CALLS);
    MEM_FREE(L, DEREF(thread->stack), (size_t)thread->stack_count * sizeof(struct value),
             KIND_STACK);
}

struct lua_State *state_thread_new(lua_State *L)
{
    struct lua_State *thread = MEM_NEW(L, struct lua_State, KIND_THREAD);
    init_thread(thread, GLOBAL(L));
    gc_link(L, (struct object *)thread, LUA_TTHREAD);
    // On the stack, in its reserve if need be, while its parts are made.
    value_set_pointer(TOP(L), thread, LUA_TTHREAD);
    TOP_SET(L, TOP(L) + 1);
    make_stack(L, thread);
    TOP_SET(L, TOP(L) - 1);
    thread->globals = L->globals;
    thread->hook_mask = L->hook_mask;
    thread->hook_interval = thread->hook_left = L->hook_interval;
    thread->hook = L->hook;
    return thread;
}

void state_thread_free(lua_State *L, struct lua_State *thread)
{
    if (!REF_IS_NULL(thread->stack))
        func_close_upvalues(thread, DEREF(thread->stack));
    free_stack(L, thread);
    MEM_FREE(L, thread, sizeof *thread, KIND_THREAD);
}

// ---- states ----

// Everything that may run out of memory.
static void open_state(lua_State *L, void *data)
{
    struct global_state *g = GLOBAL(L);
    (void)data;
    make_stack(L, L);
    value_set_pointer(&L->globals, table_new_by_api(L, 0, GLOBALS_FIELDS), LUA_TTABLE);
    value_set_pointer(&g->registry, table_new_by_api(L, 0, GLOBALS_FIELDS), LUA_TTABLE);
    str_table_resize(L, STR_SLOTS_MIN);
    meta_init(L);
    str_fix(str_new_z(L, MEMORY_MESSAGE));
    g->threshold = 4 * g->total_bytes;
}

static void init_global(struct global_state *g, lua_Alloc alloc, void *data)
{
    memset(g, 0, sizeof *g);
    g->alloc = ADDR32(alloc);
    g->alloc_context = ADDR32(data);
    g->white = MARK_WHITE0;
    g->gc_phase = GC_PAUSE;
    g->threshold = UINT32_MAX; // none before the state is complete
    g->total_bytes = g->total_bytes_max = sizeof(struct first_block);
    g->pause = lua_profile->gc_pause_percent;
    g->step_multiplier = lua_profile->gc_step_percent;
    g->egc_mode = EGC_NOT_ACTIVE;
    value_set_nil(&g->registry);
    REF_SET(g->open_upvalues.u.open.prev, &g->open_upvalues);
    REF_SET(g->open_upvalues.u.open.next, &g->open_upvalues);
}

static void free_state(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    lua_Alloc alloc = (lua_Alloc)(uintptr_t)g->alloc;
    void *data = (void *)(uintptr_t)g->alloc_context;
    if (!REF_IS_NULL(L->stack))
        func_close_upvalues(L, DEREF(L->stack));
    gc_free_all(L);
    MEM_FREE(L, DEREF(g->strings.slots), (size_t)g->strings.slot_count * sizeof(uint32_t),
             KIND_STRING_TABLE);
    buffer_resize(L, &g->buffer, 0);
    free_stack(L, L);
    if (heap_size_bytes() <= HEAP_NEAR_BYTES_MAX)
        space_remove(KIND_STATE, sizeof(struct first_block));
    alloc(data, L, sizeof(struct first_block), 0);
}

lua_State *lua_newstate(lua_Alloc alloc, void *data)
{
    struct first_block *block = alloc(data, NULL, 0, sizeof *block);
    if (block == NULL)
        return NULL;
    lua_State *L = &block->thread;
    struct global_state *g = &block->global;
    overlay_list = overlay_islands = 0;
    init_global(g, alloc, data);
    spaces = (struct spaces){0};
    if (heap_size_bytes() <= HEAP_NEAR_BYTES_MAX)
        space_add(KIND_STATE, sizeof *block);
    init_thread(L, g);
    REF_NULL(L->next);
    L->tag_ = LUA_TTHREAD;
    L->marked_ = MARK_WHITE0 | MARK_FIXED | MARK_SUPER_FIXED;
    REF_SET(g->main_thread, L);
    REF_SET(g->objects, (struct object *)L);
    gc_loading = 0; // a restart may have ended one
    if (call_protected_raw(L, open_state, NULL) != LUA_OK) {
        free_state(L);
        return NULL;
    }
    return L;
}

static void finalize_all(lua_State *L, void *data)
{
    (void)data;
    gc_call_finalizers(L);
}

void state_run_finalizers(lua_State *L)
{
    L = DEREF(GLOBAL(L)->main_thread);
    func_close_upvalues(L, DEREF(L->stack));
    gc_separate_userdata(L, 1);
    L->error_handler = 0;
    do { // a finalizer that fails is over, the next one runs
        REF_COPY(L->call, L->calls);
        REF_COPY(L->base, DEREF(L->call)->base);
        REF_COPY(L->top, L->base);
        L->c_calls = L->c_calls_base = 0;
    } while (call_protected_raw(L, finalize_all, NULL) != LUA_OK);
}

void lua_close(lua_State *L)
{
    L = DEREF(GLOBAL(L)->main_thread);
    state_run_finalizers(L);
    GLOBAL(L)->egc_mode = EGC_NOT_ACTIVE;
    free_state(L);
}
