// core_count_test.c: the number of instructions executed is right at every moment: it is compared
// with a count that is kept before each instruction, and between runs with and without that.

#include "runtime/core/vm_count.h"

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/profile.h"
#include "runtime/core/vm.h"
#include "runtime/lib/libs.h"
#include "runtime/port/port.h"
#include "tests/support/core_state.h"

// What the VM program gives its libraries; nothing here restarts.
void port_restart(void)
{
    abort();
}

#define HEAP_BYTES (16u << 20)

// Each function calls now() at several places; errors are caught by the caller.
static const char *const programs[] = {
    // loops, tests, skips
    "for i = 1, 10 do if i % 3 == 0 then now() end end for i = 10, 1, -2 do now() end "
    "for i = 1, 0 do now() end local i = 0 while i < 5 do i = i + 1 end now() "
    "repeat i = i - 1 until i == 0 now() local a, b = i == 0, i < 0 now() "
    "local c = a and b or i now() for k, v in pairs({1, 2, x = 3}) do now() end "
    "for k in function(s, n) now() if n < 3 then return n + 1 end end, nil, 0 do now() end",
    // calls, tail calls, any number of arguments, an argument table
    "local function fib(n) if n < 2 then now() return n end return fib(n - 1) + fib(n - 2) end "
    "fib(7) local function tail(n) if n == 0 then return now() end return tail(n - 1) end "
    "tail(20) local function any(...) now() return select('#', ...), ... end "
    "print_nothing(any(1, any(2, 3))) local function old(...) return arg.n + now() end old(1, 2) "
    "local function tail_any(n, ...) if n == 0 then return now(...) end "
    "return tail_any(n - 1, n, ...) end tail_any(5) "
    "return now(any(now()))",
    // closures, lists of constants, of more than 25550 items
    "local f = {} for i = 1, 5 do local up, other = i, {} "
    "f[i] = function() up = up + i other = up return now() end end "
    "for i = 1, 5 do f[i]() end "
    "local list = loadstring('now() return {' .. ('1,'):rep(26000) .. 'now()}') now(#list())",
    // errors of the VM, of C code and of the program, in handlers and in nested calls
    "pcall(function() now() local x = nil + 1 end) now() "
    "pcall(function() for i = 1, {} do end end) now() "
    "xpcall(function() local x = {} .. {} end, function() now() error('again') end) now() "
    "pcall(pcall, error, 'e') now() pcall(string.rep) now() "
    "local function deep(n) if n == 0 then error('deep') end pcall(deep, n - 1) "
    "deep(n - 1) end pcall(deep, 5) now() "
    "pcall(function() table.sort({3, 2, 1, 5, 4}, function(a, b) now() return a.x end) end) now() "
    "local function forever() return 1 + forever() end pcall(forever) now() "
    "pcall(function() return undefined() end) return now()",
    // metamethods
    "local t = setmetatable({}, {__index = function(_, k) now() return k end, "
    "__newindex = function() now() end, __call = function(_, n) return now(n) end, "
    "__add = function() return now() end, __lt = function() now() return true end, "
    "__concat = function() return now() end, __unm = function() return now() end, "
    "__eq = function() return now() end}) local u = setmetatable({}, getmetatable(t)) "
    "now(t.x, t[1], t + 1, -t, t .. 'x', t < u, t <= u, t == u) t.y = 1 t(2) now() return t(3)",
    // C functions that call back
    "local t = {} for i = 1, 20 do t[i] = i * 7 % 20 end "
    "table.sort(t, function(a, b) now() return a < b end) now() "
    "string.gsub('a b c', '%a', function(c) return now() end) now() "
    "assert(load(function() now() end)) now() dostring('now() now()') now() "
    "string.gsub('xyz', '.', function(c) pcall(error, now()) end) return now()",
    // coroutines
    "local co = coroutine.wrap(function(a) while true do now() a = coroutine.yield(a) end end) "
    "for i = 1, 5 do co(i) now() end "
    "local bad = coroutine.create(function() now() coroutine.yield() error('x') end) "
    "coroutine.resume(bad) now() coroutine.resume(bad) now() coroutine.resume(bad) now() "
    "local outer = coroutine.wrap(function() local inner = coroutine.wrap(function() "
    "for i = 1, 3 do coroutine.yield(now()) end end) for i = 1, 3 do inner() "
    "coroutine.yield(now()) end end) for i = 1, 3 do outer() now() end "
    "pcall(coroutine.wrap(function() pcall(coroutine.yield) now() end)) now() "
    "local c = coroutine.create(function(...) return now(...) end) coroutine.resume(c, 1) return "
    "now()",
    // finalizers
    "for i = 1, 3 do local p = newproxy(true) getmetatable(p).__gc = function() now() end end "
    "collectgarbage() now() "
    "do local p = newproxy(true) getmetatable(p).__gc = function() now() error('x') end end "
    "pcall(collectgarbage) for i = 1, 200 do local t = {i} end return now()",
    // hooks of the program
    "debug.sethook(function() now() end, '', 7) for i = 1, 20 do local t = {i} end debug.sethook() "
    "now() debug.sethook(function() now() end, 'crl') "
    "local function f(...) return (select('#', ...)) end\n f(1)\n f(2)\n debug.sethook() now() "
    "pcall(function() debug.sethook(function() debug.sethook() error('in a hook') end, "
    "'', 5) while true do end end) return now()",
};
#define PROGRAM_COUNT (sizeof programs / sizeof programs[0])

#define MOMENTS_MAX 4096
static uint64_t moments[2][MOMENTS_MAX];
static int moment_counts[2];
static int is_watched;
static uint64_t start, watched_count;
static int mistakes;

static uint64_t since_start(void)
{
    return vm_instructions() - start;
}

static void watch(lua_State *L)
{
    (void)L;
    watched_count++;
    mistakes += since_start() != watched_count;
}

static int now(lua_State *L)
{
    int *count = &moment_counts[is_watched];
    if (*count < MOMENTS_MAX)
        moments[is_watched][(*count)++] = since_start();
    mistakes += is_watched && since_start() != watched_count;
    lua_pushinteger(L, 1);
    return 1;
}

static int print_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

static int dostring(lua_State *L)
{
    return luaL_dostring(L, luaL_checkstring(L, 1));
}

static void open_all(lua_State *L)
{
    lua_profile = &lua_profile_pc;
    libs_open(L);
    lua_register(L, "now", now);
    lua_register(L, "print_nothing", print_nothing);
    lua_register(L, "dostring", dostring);
}

static void begin(int watched)
{
    is_watched = watched;
    start = vm_instructions();
    watched_count = 0;
    vm_watch(watched ? watch : NULL);
}

static void end(void)
{
    mistakes += is_watched && since_start() != watched_count;
    vm_watch(NULL);
}

static void run_programs(lua_State *L)
{
    open_all(L);
    for (size_t n = 0; n < PROGRAM_COUNT; n++) {
        uint64_t totals[2];
        CHECK_EQUAL(luaL_loadbuffer(L, programs[n], strlen(programs[n]), "=program"), LUA_OK);
        // The first time warms up: a stack that has grown overflows elsewhere.
        for (int round = 0; round < 3; round++) {
            int watched = round > 1;
            moment_counts[watched] = 0;
            lua_settop(L, 1);
            lua_gc(L, LUA_GCCOLLECT, 0);
            begin(watched);
            lua_pushvalue(L, 1);
            if (lua_pcall(L, 0, 0, 0) != LUA_OK)
                CHECK_TEXT(lua_tostring(L, -1), "");
            end();
            totals[watched] = since_start();
        }
        CHECK_EQUAL(mistakes, 0);
        CHECK_EQUAL(totals[0], totals[1]);
        CHECK(totals[0] > 50);
        CHECK(moment_counts[0] >= 5 && moment_counts[0] == moment_counts[1]);
        for (int i = 0; i < moment_counts[0]; i++)
            CHECK_EQUAL(moments[0][i], moments[1][i]);
        lua_settop(L, 0);
    }
}

TEST(each_moment_has_its_number)
{
    core_with_state(HEAP_BYTES, run_programs);
}

// ---- hooks that yield ----

static void yield_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    mistakes += since_start() != watched_count;
    lua_yield(L, 0);
}

static void run_yielding_hook(lua_State *L)
{
    open_all(L);
    lua_State *co = lua_newthread(L);
    CHECK_EQUAL(luaL_loadstring(co, "for i = 1, 10 do local t = {i} end now()"), LUA_OK);
    lua_sethook(co, yield_hook, LUA_MASKCOUNT, 3);
    begin(1);
    int resumed = 0, status;
    do {
        status = lua_resume(co, 0);
        mistakes += since_start() != watched_count;
        resumed++;
    } while (status == LUA_YIELD && resumed < 100);
    end();
    CHECK_EQUAL(status, LUA_OK);
    CHECK(resumed > 5);
    CHECK_EQUAL(mistakes, 0);
}

TEST(an_instruction_that_is_begun_again_counts_again)
{
    core_with_state(HEAP_BYTES, run_yielding_hook);
}

// ---- known numbers ----

static void run_known(lua_State *L)
{
    static const struct {
        const char *text;
        int count;
    } known[] = {
        {"", 1},                                          // RETURN
        {"local a = 1", 2},                               // LOADK RETURN
        {"local a = x == 1", 4},                          // GETGLOBAL EQ LOADBOOL RETURN
        {"for i = 1, 10 do end", 3 + 1 + 11 + 1},         // LOADK * 3 FORPREP FORLOOP * 11 RETURN
        {"local a local f = function() return a end", 2}, // CLOSURE RETURN
        {"return (function() end)()", 3},                 // CLOSURE TAILCALL, RETURN
    };
    for (size_t n = 0; n < sizeof known / sizeof known[0]; n++) {
        CHECK_EQUAL(luaL_loadstring(L, known[n].text), LUA_OK);
        uint64_t before = vm_instructions();
        lua_call(L, 0, 0);
        CHECK_EQUAL(vm_instructions() - before, known[n].count);
    }
}

TEST(numbers_that_can_be_counted_by_hand)
{
    core_with_state(HEAP_BYTES, run_known);
}

TEST_MAIN
