// core_gc_test.c: the collector: what lives and dies, in which steps; finalizers; emergency modes;
// every allocation that may fail.

#include "runtime/core/gc.h"

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/call.h"
#include "runtime/core/func.h"
#include "runtime/core/str.h"
#include "tests/support/core_state.h"

#define HEAP_BYTES 45056u

static uint32_t total(lua_State *L)
{
    return GLOBAL(L)->total_bytes;
}

static void collect(lua_State *L)
{
    gc_full(L, GC_REASON_REQUEST);
}

// ---- what lives ----

static void run_garbage(lua_State *L)
{
    lua_pushfstring(L, "%s", "makes the shared buffer");
    lua_settop(L, 0);
    collect(L);
    uint32_t before = total(L);
    for (int i = 0; i < 50; i++) {
        lua_createtable(L, i % 5, i % 3);
        lua_newuserdata(L, (size_t)i);
        lua_pushfstring(L, "text %d", i);
        lua_pushcclosure(L, lua_error, 1);
        lua_newthread(L);
        lua_settop(L, 0);
    }
    CHECK(total(L) > before);
    collect(L);
    CHECK_EQUAL(total(L), before);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, 1, 1); // a cycle
    lua_newthread(L);
    lua_rawseti(L, 1, 2);
    collect(L);
    CHECK(total(L) > before + 800);
    lua_settop(L, 0);
    collect(L);
    CHECK_EQUAL(total(L), before);
}

TEST(garbage_goes_the_rest_stays)
{
    core_with_state(HEAP_BYTES * 4, run_garbage);
}

// A random graph of tables, changed while the collector goes on in the smallest steps. Each table
// carries its number; a table that was freed too early is found by number or by heap_check.
enum { GRAPH_TABLES = 200 };

static struct table *graph_table(lua_State *L, int n)
{
    const struct value *v = table_get_int(VALUE_TABLE(DEREF(L->base)), n + 1);
    return VALUE_IS_NIL(v) ? NULL : VALUE_TABLE(v);
}

static void graph_check(lua_State *L, const struct table *t, int depth)
{
    if (depth == 0)
        return;
    const struct value *number = table_get_int(t, 1);
    CHECK(VALUE_IS_NUMBER(number));
    for (int i = 2; i <= 4; i++) {
        const struct value *v = table_get_int(t, i);
        if (!VALUE_IS_NIL(v)) {
            CHECK(VALUE_IS_TABLE(v));
            CHECK(!GC_IS_DEAD(GLOBAL(L), VALUE_TABLE(v)));
            graph_check(L, VALUE_TABLE(v), depth - 1);
        }
    }
}

static void graph_link(lua_State *L, uint64_t *seed)
{
    struct table *from = graph_table(L, (int)(test_random(seed) % GRAPH_TABLES));
    struct table *to = graph_table(L, (int)(test_random(seed) % GRAPH_TABLES));
    if (from == NULL || to == NULL)
        return;
    struct value v;
    value_set_pointer(&v, to, LUA_TTABLE);
    *table_set_int(L, from, 2 + (int)(test_random(seed) % 3)) = v;
    GC_BARRIER_TABLE(L, from, &v);
}

static void run_graph(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    uint64_t seed = test_seed() * 31 + 7;
    int cycles = 0;
    core_push_table(L, GRAPH_TABLES, 0);
    for (int i = 0; i < 60000; i++) {
        uint32_t n = test_random(&seed) % GRAPH_TABLES;
        switch (test_random(&seed) % 4) {
        case 0: { // a new one in this place; what it replaces may live on through links
            struct table *t = core_push_table(L, 0, 0);
            value_set_number(table_set_int(L, t, 1), (lua_Number)i);
            lua_rawseti(L, 1, (int)n + 1);
            break;
        }
        case 1:
            lua_pushnil(L);
            lua_rawseti(L, 1, (int)n + 1);
            break;
        default:
            graph_link(L, &seed);
            break;
        }
        g->step_multiplier = 1 + (int)(test_random(&seed) % 40);
        uint8_t phase = g->gc_phase;
        if (test_random(&seed) % 4 == 0)
            gc_step(L);
        cycles += phase != GC_PAUSE && g->gc_phase == GC_PAUSE;
        if (i % 500 == 0)
            collect(L);
        if (i % 64 == 0 && graph_table(L, (int)n) != NULL)
            graph_check(L, graph_table(L, (int)n), 6);
    }
    CHECK(cycles > 10);
}

TEST(a_changing_graph_survives_small_steps)
{
    core_with_state(1u << 20, run_graph);
}

// ---- steps and figures ----

static void run_threshold(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    CHECK_EQUAL(g->pause, 110);
    CHECK_EQUAL(g->step_multiplier, 200);
    collect(L);
    CHECK_EQUAL(g->estimate, total(L));
    CHECK_EQUAL(g->threshold, g->estimate / 100 * 110);
    g->pause = 400;
    collect(L);
    CHECK_EQUAL(g->threshold, g->estimate / 100 * 400);
    // Stopped, nothing collects.
    lua_gc(L, LUA_GCSTOP, 0);
    uint32_t before = total(L);
    lua_newuserdata(L, 100);
    lua_settop(L, 0);
    collect(L);
    gc_step(L);
    CHECK_EQUAL(total(L), before + 124);
    lua_gc(L, LUA_GCRESTART, 0);
    collect(L);
    CHECK_EQUAL(total(L), before);
}

TEST(thresholds_follow_the_estimate)
{
    core_with_state(HEAP_BYTES, run_threshold);
}

static void run_stack_shrink(lua_State *L)
{
    struct lua_State *thread = lua_newthread(L);
    CHECK_EQUAL(thread->stack_count, 45);
    CHECK_EQUAL(thread->call_count, 8);
    CHECK(lua_checkstack(thread, 300));
    CHECK_EQUAL(thread->stack_count, 45 + 300 + 6);
    REF_SET(DEREF(thread->call)->top, DEREF(thread->base) + 20);
    GLOBAL(L)->stack_fixed = 1;
    collect(L);
    CHECK_EQUAL(thread->stack_count, 351);
    GLOBAL(L)->stack_fixed = 0;
    collect(L); // two traversals, two halvings: 351 -> 181 -> 96
    CHECK_EQUAL(thread->stack_count, 96);
    call_resize_records(thread, 64);
    collect(L);
    CHECK_EQUAL(thread->call_count, 16);
    collect(L);
    CHECK_EQUAL(thread->call_count, 16);
}

TEST(stacks_and_records_shrink_twice_in_a_collection)
{
    core_with_state(HEAP_BYTES, run_stack_shrink);
}

static void run_buffer_shrink(lua_State *L)
{
    struct text_buffer *b = &GLOBAL(L)->buffer;
    lua_pushlstring(L, "0123456789012345678901234567890123456789", 40);
    for (int i = 0; i < 4; i++)
        lua_pushvalue(L, 1);
    lua_concat(L, 5);
    CHECK_EQUAL(b->bytes, 200);
    CHECK_EQUAL(b->used, 0);
    b->used = 1;
    collect(L);
    CHECK_EQUAL(b->bytes, 200);
    b->used = 0;
    collect(L);
    CHECK_EQUAL(b->bytes, 50);
    collect(L);
    CHECK_EQUAL(b->bytes, 50); // 64 and less stays
}

TEST(the_shared_buffer_is_halved_when_not_in_use)
{
    core_with_state(HEAP_BYTES, run_buffer_shrink);
}

// ---- upvalues ----

static void run_upvalues(lua_State *L)
{
    collect(L);
    lua_pushinteger(L, 7);
    struct value *slot = TOP(L) - 1;
    struct lua_closure *c = func_new_lua(L, 1, VALUE_TABLE(&L->globals));
    value_set_pointer(TOP(L), c, LUA_TFUNCTION);
    TOP_SET(L, TOP(L) + 1);
    uint32_t before = total(L);
    struct upvalue *u = func_find_upvalue(L, slot);
    REF_SET(c->upvalues[0], u);
    CHECK_EQUAL(total(L) - before, 24);
    CHECK(func_find_upvalue(L, slot) == u);
    CHECK(func_find_upvalue(L, slot + 1) != u); // unused: freed by the next collection
    collect(L);
    CHECK_EQUAL(total(L) - before, 24);
    CHECK(func_find_upvalue(L, slot) == u);
    func_close_upvalues(L, slot);
    value_set_nil(slot);
    collect(L);
    CHECK(VALUE_NUMBER(DEREF(u->value)) == 7);
    CHECK_EQUAL(total(L) - before, 24);
}

TEST(upvalues_are_shared_and_closed)
{
    core_with_state(HEAP_BYTES, run_upvalues);
}

// Goes on with the cycle until the collector is in `phase`, in steps of the smallest size.
static void step_to(lua_State *L, unsigned phase)
{
    GLOBAL(L)->step_multiplier = 1;
    for (int i = 0; i < 10000 && GLOBAL(L)->gc_phase != phase; i++)
        gc_step(L);
    CHECK_EQUAL(GLOBAL(L)->gc_phase, phase);
}

// One that is made while the collector marks outlives that cycle, whether it is used or not.
static void run_upvalue_in_marking(lua_State *L)
{
    lua_pushinteger(L, 7);
    collect(L);
    uint32_t before = total(L);
    step_to(L, GC_PROPAGATE);
    func_find_upvalue(L, TOP(L) - 1);
    step_to(L, GC_PAUSE);
    CHECK_EQUAL(total(L) - before, 24);
    collect(L);
    CHECK_EQUAL(total(L) - before, 0);
    step_to(L, GC_SWEEP);
    func_find_upvalue(L, TOP(L) - 1);
    step_to(L, GC_PAUSE);
    collect(L);
    CHECK_EQUAL(total(L) - before, 0);
}

TEST(an_upvalue_made_in_marking_outlives_the_cycle)
{
    core_with_state(HEAP_BYTES, run_upvalue_in_marking);
}

// ---- finalizers ----

static int finalized[8], finalized_count;

static int note_finalizer(lua_State *L)
{
    const int *number = lua_touserdata(L, 1);
    if (finalized_count < 8)
        finalized[finalized_count++] = *number;
    lua_pushfstring(L, "a finalizer may allocate %d", *number);
    if (*number == 99)
        return luaL_error(L, "a finalizer may fail");
    return 0;
}

static void push_finalizable(lua_State *L, int number)
{
    *(int *)lua_newuserdata(L, sizeof(int)) = number;
    lua_newtable(L);
    lua_pushcfunction(L, note_finalizer);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
}

static void run_finalizers(lua_State *L)
{
    for (int i = 1; i <= 3; i++)
        push_finalizable(L, i);
    lua_settop(L, 0);
    collect(L);
    CHECK_EQUAL(finalized_count, 3); // the youngest first
    CHECK_EQUAL(finalized[0], 3);
    CHECK_EQUAL(finalized[2], 1);
    uint32_t called = total(L); // still there ...
    collect(L);
    CHECK(total(L) < called - 3 * 28); // ... until the next collection
    CHECK_EQUAL(finalized_count, 3);
    push_finalizable(L, 4); // lua_close calls it
}

static void check_close_finalizes(void)
{
    CHECK_EQUAL(finalized_count, 4);
    CHECK_EQUAL(finalized[3], 4);
}

TEST(finalizers_run_once_youngest_first_and_at_the_end)
{
    core_with_state(HEAP_BYTES, run_finalizers);
    check_close_finalizes();
}

static void run_deferred(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    push_finalizable(L, 1);
    lua_settop(L, 0);
    g->egc_mode = EGC_ALWAYS;
    str_new_z(L, "an allocation that collects");
    CHECK_EQUAL(finalized_count, 0); // not inside an allocation
    CHECK(g->threshold == 0);
    str_new_z(L, "another one");
    CHECK_EQUAL(finalized_count, 0);
    GC_CHECK(L); // where collections are expected
    CHECK_EQUAL(finalized_count, 1);
    CHECK(g->threshold != 0);
    g->egc_mode = EGC_NOT_ACTIVE;
}

TEST(emergency_collections_leave_finalizers_for_a_safe_place)
{
    core_with_state(HEAP_BYTES, run_deferred);
}

static int do_collect(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

static void run_failing(lua_State *L)
{
    push_finalizable(L, 99);
    push_finalizable(L, 5);
    lua_settop(L, 0);
    lua_pushcfunction(L, do_collect);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(L, -1), "a finalizer may fail");
    lua_settop(L, 0);
    CHECK_EQUAL(GLOBAL(L)->gc_blocked, 0);
    collect(L);
    collect(L);
    CHECK_EQUAL(finalized_count, 2);
    push_finalizable(L, 99); // fails in lua_close: the others still run
    push_finalizable(L, 6);
}

TEST(a_failing_finalizer_stops_nothing)
{
    core_with_state(HEAP_BYTES, run_failing);
    CHECK_EQUAL(finalized_count, 4);
}

// ---- weak tables ----

static void push_weak(lua_State *L, const char *mode)
{
    lua_newtable(L);
    lua_newtable(L);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

static int count_pairs(lua_State *L, int idx)
{
    int count = 0;
    for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1))
        count++;
    return count;
}

static void run_weak(lua_State *L)
{
    static const char *const modes[] = {"v", "k", "kv"};
    for (int m = 0; m < 3; m++) {
        GLOBAL(L)->threshold = UINT32_MAX; // no collection by itself
        push_weak(L, modes[m]);
        lua_newtable(L); // stays
        for (int i = 0; i < 4; i++) {
            if (i % 2)
                lua_pushinteger(L, i);
            else
                lua_newtable(L); // dead key
            if (i / 2)
                lua_newtable(L); // dead value
            else
                lua_pushvalue(L, 2);
            lua_rawset(L, 1);
        }
        lua_pushstring(L, "text");
        lua_pushstring(L, "texts are values");
        lua_rawset(L, 1);
        CHECK_EQUAL(count_pairs(L, 1), 5);
        collect(L);
        // v: dead values go (2); k: dead keys go (2); kv: an entry with any dead part goes (3).
        CHECK_EQUAL(count_pairs(L, 1), m == 2 ? 2 : 3);
        lua_settop(L, 0);
    }
}

TEST(weak_tables_lose_what_died)
{
    core_with_state(HEAP_BYTES, run_weak);
}

// ---- emergency modes ----

static int make_garbage(lua_State *L)
{
    for (int i = 0; i < 500; i++) {
        lua_newuserdata(L, 200);
        lua_pop(L, 1);
    }
    return 0;
}

static int keep_all(lua_State *L)
{
    for (int i = 0; i < 1000; i++) {
        luaL_checkstack(L, 2, "test");
        lua_newuserdata(L, 200);
    }
    return 0;
}

static int call(lua_State *L, lua_CFunction function)
{
    lua_pushcfunction(L, function);
    int status = lua_pcall(L, 0, 0, 0);
    lua_settop(L, 0);
    return status;
}

static void run_modes(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    g->pause = 100000; // no collection by itself
    collect(L);
    uint32_t rest = total(L);
    CHECK_EQUAL(call(L, make_garbage), LUA_ERRMEM); // no mode: the heap is full of garbage
    collect(L);
    g->egc_mode = EGC_ON_ALLOC_FAILURE;
    CHECK_EQUAL(call(L, make_garbage), LUA_OK);
    CHECK_EQUAL(call(L, keep_all), LUA_ERRMEM);
    for (int i = 0; i < 4; i++)
        collect(L);
    CHECK(total(L) < rest + 100 * sizeof(struct value)); // the stack stays a little larger
    g->egc_mode = EGC_ON_MEM_LIMIT;
    g->memory_limit = (int32_t)rest + 8000;
    g->total_bytes_max = 0;
    CHECK_EQUAL(call(L, make_garbage), LUA_OK);
    CHECK(g->total_bytes_max <= rest + 8000);
    CHECK_EQUAL(call(L, keep_all), LUA_ERRMEM);
    CHECK(g->total_bytes_max <= rest + 8000);
    g->egc_mode = EGC_NOT_ACTIVE;
    collect(L);
    g->egc_mode = EGC_ON_MEM_LIMIT;
    g->memory_limit = -20000; // keep that much of the heap free
    g->total_bytes_max = 0;
    CHECK_EQUAL(call(L, make_garbage), LUA_OK);
    CHECK(g->total_bytes_max < HEAP_BYTES - 20000 + 1000);
    CHECK(g->total_bytes_max > HEAP_BYTES - 20000 - 5000);
    g->egc_mode = EGC_ALWAYS;
    collect(L);
    g->total_bytes_max = 0;
    uint32_t low = total(L);
    CHECK_EQUAL(call(L, make_garbage), LUA_OK);
    CHECK(g->total_bytes_max <= low + 1000);
    g->egc_mode = EGC_NOT_ACTIVE;
}

TEST(emergency_modes_do_what_they_say)
{
    core_with_state(HEAP_BYTES, run_modes);
}

// ---- allocations that fail ----

static long fail_after; // allocations that succeed before one fails; -1: none fails

static void *failing_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    if (new_bytes > old_bytes && fail_after >= 0 && fail_after-- == 0)
        return NULL;
    return heap_realloc(context, block, old_bytes, new_bytes);
}

static int use_everything(lua_State *L)
{
    lua_newtable(L);
    for (int i = 1; i <= 20; i++) {
        lua_pushfstring(L, "value %d", i);
        lua_rawseti(L, 1, i);
        lua_pushfstring(L, "key %d", i);
        lua_newuserdata(L, 10);
        lua_rawset(L, 1);
    }
    lua_newthread(L);
    lua_pushinteger(L, 1);
    lua_pushcclosure(L, note_finalizer, 1);
    luaL_checkstack(L, 100, "test");
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_pushstring(L, "a");
    for (int i = 0; i < 12; i++) {
        lua_pushvalue(L, -1);
        lua_concat(L, 2);
    }
    return 0;
}

static int run_failing_once(long n)
{
    fail_after = n;
    lua_State *L = lua_newstate(failing_realloc, NULL);
    if (L == NULL)
        return 0;
    int status = call(L, use_everything);
    fail_after = -1;
    CHECK(status == LUA_OK || status == LUA_ERRMEM);
    collect(L);
    CHECK_EQUAL(call(L, use_everything), LUA_OK); // usable afterwards
    lua_close(L);
    return status == LUA_OK;
}

static void run_all_failures(lua_State *unused)
{
    (void)unused;
    heap_init((void *)(uintptr_t)HEAP_ADDR, HEAP_BYTES * 2);
    long n = 0;
    for (; n < 100000; n++) {
        int is_done = run_failing_once(n);
        const char *fault = heap_check();
        struct heap_info info;
        heap_get_info(&info);
        CHECK_TEXT(fault ? fault : "sound", "sound");
        CHECK_EQUAL(info.used, 0);
        if (is_done)
            break;
    }
    printf("# %ld allocations failed, one in each run\n", n);
    CHECK(n > 100);
}

static int failures_main(void *context)
{
    (void)context;
    run_all_failures(NULL);
    return 0;
}

TEST(every_failed_allocation_is_survived)
{
    host_memory_check();
    CHECK_EQUAL(host_thread_run(failures_main, NULL, CORE_STACK_BYTES), 0);
}

TEST_MAIN
