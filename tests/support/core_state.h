// core_state.h: a Lua state for unit tests of the runtime's core: a heap at the chip's address, run
// on a stack that 32-bit addresses reach. After the body the state is closed; nothing may be left.

#ifndef FROST_TESTS_CORE_STATE_H
#define FROST_TESTS_CORE_STATE_H

#include "runtime/core/api/lua.h"
#include "runtime/core/check.h"
#include "runtime/core/heap.h"
#include "runtime/core/spaces.h"
#include "runtime/core/state.h"
#include "runtime/core/table.h"
#include "runtime/port/host/host.h"
#include "tests/support/tap.h"

#define CORE_STACK_BYTES 0x200000u

static inline int core_state_run(void *context)
{
    void (**body)(lua_State * L) = context;
    struct heap_info info;
    lua_State *L = lua_newstate(heap_realloc, NULL);
    CHECK(L != NULL);
    if (L == NULL)
        return 0;
    (*body)(L);
    const char *unsound = check_all(L, 1);
    CHECK_TEXT(unsound ? unsound : "sound", "sound");
    lua_close(L);
    const char *fault = heap_check();
    CHECK_TEXT(fault ? fault : "sound", "sound");
    heap_get_info(&info);
    CHECK_EQUAL(info.used, 0);
    for (int i = 0; i < SPACE_COUNT; i++) {
        CHECK_EQUAL(spaces.items[i].gone, spaces.items[i].made);
        CHECK_EQUAL(spaces.items[i].gone_bytes, spaces.items[i].made_bytes);
    }
    return 0;
}

// Runs `body` with a new state in a heap of `bytes`.
static inline void core_with_state(size_t bytes, void (*body)(lua_State *L))
{
    host_memory_check();
    void *heap = host_heap_map(bytes);
    CHECK(heap != NULL);
    if (heap == NULL)
        return;
    heap_init(heap, bytes);
    CHECK_EQUAL(host_thread_run(core_state_run, &body, CORE_STACK_BYTES), 0);
}

// A new table, pushed.
static inline struct table *core_push_table(lua_State *L, int list_count, int field_count)
{
    struct table *t = table_new(L, list_count, field_count);
    value_set_pointer(TOP(L), t, LUA_TTABLE);
    TOP_SET(L, TOP(L) + 1);
    return t;
}

#endif
