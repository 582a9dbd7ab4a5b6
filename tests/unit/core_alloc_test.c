// core_alloc_test.c: the n-th allocation fails, for every n: a clean "not enough memory" or a right
// result, and nothing is left in the heap after the state is closed.

#include <stdlib.h>

#include "runtime/core/heap.h"
#include "runtime/core/state.h"
#include "runtime/lib/libs.h"
#include "tests/support/state.h"

static const char *const programs[][2] = {
    {"local t = {} for i = 1, 40 do t[i] = 'v' .. i t['k' .. i] = i end\n"
     "local s = '' for i, v in ipairs(t) do s = s .. v end return #s .. t.k7",
     "1117"},
    {"local function f(...) local a, b = ... return select('#', ...), arg end\n"
     "function g(...) return arg.n end\n"
     "local function deep(n, ...) if n == 0 then return g(...) end\n"
     "return (deep(n - 1, n, ...)) end\n"
     "return deep(60)",
     "60"},
    {"local fs = {} for i = 1, 10 do local x = i fs[i] = function() x = x + 1 return x end end\n"
     "local sum = 0 for _, f in ipairs(fs) do sum = sum + f() + f() end return sum",
     "140"},
    {"local c = coroutine.wrap(function(a) for i = 1, 5 do a = a .. coroutine.yield(i) end\n"
     "return a end)\n"
     "c('x') for i = 1, 4 do c(i) end return c('y')",
     "x1234y"},
    {"local ok, m = pcall(function() local mt = setmetatable({}, {__add = function(a, b)\n"
     "return b .. 1 end, __index = function(t, k) return k .. 'i' end})"
     " return (mt + 5) .. mt.f .. nothing end)\n"
     "return m",
     "t:2: attempt to concatenate global 'nothing' (a nil value)"},
    {"local f = assert(loadstring(string.dump(assert(loadstring(\n"
     "'local a, b = ... return a .. b .. #{...}')))))\n"
     "return f('p', 'q')",
     "pq2"},
    {"return (('abc'):rep(100):gsub('b', {b = 'xyz'}):upper():format() ..\n"
     "table.concat({1, 2, 3}, ',')):sub(-9)",
     "XYZC1,2,3"},
};

static long allocation_count; // since the libraries were opened
static long failing;          // number of the allocation that fails, -1: none

static void *failing_alloc(void *data, void *block, size_t old_bytes, size_t new_bytes)
{
    if (new_bytes > old_bytes && ++allocation_count == failing)
        return NULL;
    return heap_realloc(data, block, old_bytes, new_bytes);
}

struct attempt {
    int program;
    long failing;
    int status;
    char text[100];
};

static int run_program(lua_State *L)
{
    const struct attempt *attempt = lua_touserdata(L, 1);
    const char *source = programs[attempt->program][0];
    if (luaL_loadbuffer(L, source, strlen(source), "=t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
    lua_setglobal(L, "result");
    return 0;
}

static int open_libraries(lua_State *L)
{
    libs_open(L);
    return 0;
}

// Opening the libraries is not made to fail here; everything after it is.
static int run_attempt(void *context)
{
    struct attempt *attempt = context;
    failing = -1;
    lua_State *L = lua_newstate(failing_alloc, NULL);
    lua_cpcall(L, open_libraries, NULL);
    allocation_count = 0;
    failing = attempt->failing;
    attempt->status = lua_cpcall(L, run_program, attempt);
    failing = -1;
    if (attempt->status == LUA_OK)
        lua_getglobal(L, "result");
    const char *text = lua_tostring(L, -1);
    snprintf(attempt->text, sizeof attempt->text, "%s", text ? text : "no text");
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_close(L);
    return 0;
}

static void fail_each(int program)
{
    static struct attempt attempt; // light userdata has 32 bits
    void *heap = host_heap_map(heap_map_bytes(TEST_HEAP_BYTES));
    long n = 0;
    do {
        n++;
        heap_init(heap, TEST_HEAP_BYTES);
        attempt = (struct attempt){.program = program, .failing = n};
        CHECK_EQUAL(host_thread_run(run_attempt, &attempt, TEST_STACK_BYTES), 0);
        struct heap_info info;
        heap_get_info(&info);
        CHECK_EQUAL(info.used, 0);
        // Who passes the error on may have put a position in front.
        if (!strstr(attempt.text, "not enough memory")) {
            CHECK_EQUAL(attempt.status, LUA_OK);
            CHECK_TEXT(attempt.text, programs[program][1]);
        }
    } while (allocation_count >= n && n < 5000);
    printf("# %ld allocations\n", n - 1);
    CHECK(n > 20 && n < 5000);
}

#define FAIL_TEST(name, program)                                                                   \
    TEST(name)                                                                                     \
    {                                                                                              \
        fail_each(program);                                                                        \
    }

FAIL_TEST(tables_and_text, 0)
FAIL_TEST(varargs_and_stack, 1)
FAIL_TEST(closures, 2)
FAIL_TEST(coroutines, 3)
FAIL_TEST(metamethods_and_messages, 4)
FAIL_TEST(compiling_dumping_loading, 5)
FAIL_TEST(text_buffers, 6)

TEST_MAIN
