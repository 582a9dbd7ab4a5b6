// state.h: a Lua state for unit tests of the runtime, on a thread whose stack lies low.
//
//     STATE_TEST(adds_numbers)      // a case with a fresh state L, without libraries
//     {
//         CHECK_TEXT(run_text(L, "return 1 + 1"), "2");
//     }

#ifndef FROST_TESTS_STATE_H
#define FROST_TESTS_STATE_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/heap.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/support/tap.h"

#define TEST_HEAP_BYTES (64u << 20)
#define TEST_STACK_BYTES (8u << 20)

_Noreturn void port_restart(void)
{
    port_exit(1);
}

struct state_run {
    void (*body)(lua_State *L);
};

static int state_run_body(void *context)
{
    lua_State *L = lua_newstate(heap_realloc, NULL);
    CHECK(L != NULL);
    if (L) {
        ((struct state_run *)context)->body(L);
        lua_close(L);
    }
    return 0;
}

static inline void with_state(void (*body)(lua_State *L))
{
    struct state_run run = {body};
    void *heap = host_heap_map(heap_map_bytes(TEST_HEAP_BYTES));
    CHECK(heap != NULL);
    if (!heap)
        return;
    heap_init(heap, TEST_HEAP_BYTES);
    CHECK_EQUAL(host_thread_run(state_run_body, &run, TEST_STACK_BYTES), 0);
}

#define STATE_TEST(name)                                                                           \
    static void state_body_##name(lua_State *L);                                                   \
    TEST(name)                                                                                     \
    {                                                                                              \
        with_state(state_body_##name);                                                             \
    }                                                                                              \
    static void state_body_##name(lua_State *L)

// Compiles and calls `source` (chunk name "=t"): its first result as text, or the error message.
// Good until the next call.
static inline const char *run_text(lua_State *L, const char *source)
{
    lua_settop(L, 0);
    if (luaL_loadbuffer(L, source, strlen(source), "=t") == LUA_OK)
        lua_pcall(L, 0, 1, 0);
    const char *text = lua_tostring(L, -1);
    return text ? text : luaL_typename(L, -1);
}

#endif
