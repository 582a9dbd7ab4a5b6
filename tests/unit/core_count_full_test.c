// core_count_full_test.c: no loop makes the count of instructions in the pc run over. Here each
// instruction counts so much that there is room for 15 only.

#define VM_COUNT_ONE ((uint64_t)1 << 60)

#include "runtime/core/vm.c" // in place of the library's

#include "runtime/core/api/lauxlib.h"
#include "runtime/lib/libs.h"
#include "runtime/port/port.h"
#include "tests/support/core_state.h"

// What the VM program gives its libraries; nothing here restarts.
void port_restart(void)
{
    abort();
}

#if HAS_FAST_PATHS
#define HEAP_BYTES 0x40000u
#define WEIGHT (VM_COUNT_ONE >> VM_COUNT_SHIFT)

static uint64_t start, count;
static int mistakes;

static void watch(lua_State *L)
{
    (void)L;
    count += WEIGHT;
    mistakes += vm_instructions() - start != count;
}

static void run_loops(lua_State *L)
{
    static const char *const loops[] = {
        "for i = 1, 50 do end",
        "local i = 0 while i ~= 50 do i = i + 1 end",
        "local i = 0 while true do i = i + 1 if i == 50 then break end end",
        "local i = 0 repeat i = i + 1 until i == 50",
        "for k in next, {1, 2, 3, 4, 5, 6, 7, 8, 9} do local a = k end",
        "local function f(n) if n ~= 0 then return f(n - 1) end end f(20)",
        "local function f(n) if n ~= 0 then f(n - 1) end end f(20)",
        "local function f(n, ...) if n ~= 0 then f(n - 1, n) end end f(20)",
    };
    libs_open(L);
    for (size_t n = 0; n < sizeof loops / sizeof loops[0]; n++) {
        CHECK_EQUAL(luaL_loadstring(L, loops[n]), LUA_OK);
        start = vm_instructions();
        count = 0;
        vm_watch(watch);
        lua_call(L, 0, 0);
        vm_watch(NULL);
        CHECK_EQUAL(mistakes, 0);
        CHECK_EQUAL(vm_instructions() - start, count);
        CHECK(count > 16 * WEIGHT);
    }
}

TEST(loops_do_not_make_the_count_run_over)
{
    core_with_state(HEAP_BYTES, run_loops);
}
#endif

TEST_MAIN
