// core_api_test.c: every function of lua.h as the manual's chapter 3 describes it: what it takes
// from the stack, what it pushes, what it returns for values of all types and for invalid indices.
// tests/e2e/api-coverage.sh checks that no function is left out here and in core_auxlib_test.c.

#include <stdarg.h>

#include "runtime/core/rotable.h"
#include "runtime/lib/libs.h"
#include "tests/support/state.h"

static int answer(lua_State *L)
{
    lua_pushinteger(L, 42);
    return 1;
}

static int fail(lua_State *L)
{
    return luaL_error(L, "failed on purpose");
}

// One value of each type, at 1..9; 10 is free.
enum { NIL = 1, TRUE_, LIGHT, NUMBER, TEXT, TABLE, FUNCTION, BLOCK, THREAD, ABSENT };

static void push_all(lua_State *L)
{
    static int mark;
    lua_settop(L, 0);
    lua_pushnil(L);
    lua_pushboolean(L, 1);
    lua_pushlightuserdata(L, &mark);
    lua_pushnumber(L, 12);
    lua_pushliteral(L, "0x10");
    lua_newtable(L);
    lua_pushcfunction(L, answer);
    lua_newuserdata(L, 16);
    lua_newthread(L);
}

// ---- stack ----

STATE_TEST(positions_of_the_stack)
{
    for (int i = 1; i <= 5; i++)
        lua_pushinteger(L, i);
    CHECK_EQUAL(lua_gettop(L), 5);
    lua_pushvalue(L, 2);
    CHECK_EQUAL(lua_tointeger(L, -1), 2);
    lua_remove(L, 1); // 2 3 4 5 2
    CHECK_EQUAL(lua_tointeger(L, 1), 2);
    lua_remove(L, -2); // 2 3 4 2
    CHECK_EQUAL(lua_gettop(L), 4);
    CHECK_EQUAL(lua_tointeger(L, 3), 4);
    lua_insert(L, 1); // 2 2 3 4
    CHECK_EQUAL(lua_tointeger(L, 1), 2);
    CHECK_EQUAL(lua_tointeger(L, -1), 4);
    lua_replace(L, 2); // 2 4 3
    CHECK_EQUAL(lua_gettop(L), 3);
    CHECK_EQUAL(lua_tointeger(L, 2), 4);
    CHECK_EQUAL(lua_tointeger(L, 3), 3);
    lua_settop(L, 5);
    CHECK(lua_isnil(L, 5));
    lua_settop(L, -3);
    CHECK_EQUAL(lua_gettop(L), 3);
    lua_pop(L, 2);
    CHECK_EQUAL(lua_gettop(L), 1);
    CHECK(lua_checkstack(L, 1000));
    CHECK(!lua_checkstack(L, 1000000));
    CHECK_EQUAL(lua_gettop(L), 1);
}

STATE_TEST(special_positions)
{
    lua_getregistry(L);
    CHECK(lua_rawequal(L, -1, LUA_REGISTRYINDEX));
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    CHECK(lua_istable(L, -1));
    lua_newtable(L);
    lua_pushliteral(L, "own");
    lua_setfield(L, -2, "name");
    lua_replace(L, LUA_GLOBALSINDEX);
    lua_getglobal(L, "name");
    CHECK_TEXT(lua_tostring(L, -1), "own");
    lua_pushinteger(L, 7);
    lua_setglobal(L, "seven");
    CHECK_TEXT(run_text(L, "return seven"), "7");
}

STATE_TEST(values_move_between_threads)
{
    lua_State *to = lua_newthread(L);
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 2);
    lua_pushinteger(L, 3);
    lua_xmove(L, to, 2);
    CHECK_EQUAL(lua_gettop(L), 2);
    CHECK_EQUAL(lua_gettop(to), 2);
    CHECK_EQUAL(lua_tointeger(to, 1), 2);
    CHECK_EQUAL(lua_tointeger(to, 2), 3);
    CHECK(lua_tothread(L, 1) == to);
    CHECK(lua_pushthread(L) == 1);
    CHECK(lua_tothread(L, -1) == L);
    CHECK(lua_pushthread(to) == 0);
    lua_setlevel(L, to);
    CHECK_EQUAL(lua_status(to), LUA_OK);
}

// ---- types ----

STATE_TEST(types_and_their_names)
{
    static const char *const names[] = {"nil",   "boolean",  "userdata", "number", "string",
                                        "table", "function", "userdata", "thread"};
    push_all(L);
    for (int i = 0; i < 9; i++)
        CHECK_TEXT(lua_typename(L, lua_type(L, i + 1)),
                   i + 1 == LIGHT ? lua_typename(L, LUA_TLIGHTUSERDATA) : names[i]);
    CHECK_EQUAL(lua_type(L, ABSENT), LUA_TNONE);
    CHECK_TEXT(lua_typename(L, LUA_TNONE), "no value");
    CHECK(lua_isnone(L, ABSENT) && lua_isnoneornil(L, ABSENT) && lua_isnoneornil(L, NIL));
    CHECK(!lua_isnone(L, NIL) && lua_isnil(L, NIL) && !lua_isnil(L, ABSENT));
    for (int i = NIL; i <= ABSENT; i++) {
        CHECK_EQUAL(lua_isnumber(L, i), i == NUMBER || i == TEXT);
        CHECK_EQUAL(lua_isstring(L, i), i == NUMBER || i == TEXT);
        CHECK_EQUAL(lua_iscfunction(L, i), i == FUNCTION);
        CHECK_EQUAL(lua_isuserdata(L, i), i == LIGHT || i == BLOCK);
        CHECK_EQUAL(lua_isfunction(L, i), i == FUNCTION);
        CHECK_EQUAL(lua_istable(L, i), i == TABLE);
        CHECK_EQUAL(lua_islightuserdata(L, i), i == LIGHT);
        CHECK_EQUAL(lua_isboolean(L, i), i == TRUE_);
        CHECK_EQUAL(lua_isthread(L, i), i == THREAD);
        CHECK_EQUAL(lua_toboolean(L, i), i != NIL && i != ABSENT);
    }
}

STATE_TEST(conversions)
{
    push_all(L);
    CHECK(lua_tonumber(L, TEXT) == 16);
    CHECK_EQUAL(lua_tointeger(L, NUMBER), 12);
    for (int i = NIL; i <= ABSENT; i++) {
        if (i != NUMBER && i != TEXT) {
            CHECK(lua_tonumber(L, i) == 0);
            CHECK_EQUAL(lua_tointeger(L, i), 0);
            CHECK(lua_tostring(L, i) == NULL);
        }
        CHECK((lua_tocfunction(L, i) == answer) == (i == FUNCTION));
        CHECK((lua_touserdata(L, i) != NULL) == (i == LIGHT || i == BLOCK));
        CHECK((lua_tothread(L, i) != NULL) == (i == THREAD));
        CHECK((lua_topointer(L, i) != NULL) == (i == LIGHT || (i >= TABLE && i <= THREAD)));
    }
    size_t bytes;
    CHECK_TEXT(lua_tolstring(L, NUMBER, &bytes), "12"); // turns the number into a string
    CHECK_EQUAL(bytes, 2);
    CHECK_EQUAL(lua_type(L, NUMBER), LUA_TSTRING);
    lua_pushlstring(L, "a\0b", 3);
    CHECK_EQUAL(lua_objlen(L, -1), 3);
    CHECK_EQUAL(lua_strlen(L, -1), 3);
    CHECK_EQUAL(lua_objlen(L, BLOCK), 16);
    CHECK_EQUAL(lua_objlen(L, TABLE), 0);
    CHECK_EQUAL(lua_objlen(L, TRUE_), 0);
    lua_pushnumber(L, 4.75);
    CHECK_EQUAL(lua_tointeger(L, -1), 4);
}

STATE_TEST(comparisons)
{
    push_all(L);
    for (int i = NIL; i <= THREAD; i++) {
        CHECK(lua_equal(L, i, i));
        CHECK(lua_rawequal(L, i, i));
        CHECK(!lua_equal(L, i, ABSENT));
        CHECK(!lua_rawequal(L, ABSENT, i));
    }
    lua_settop(L, 0);
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 2);
    CHECK(lua_lessthan(L, 1, 2) && !lua_lessthan(L, 2, 1) && !lua_lessthan(L, 1, 3));
    lua_settop(L, 0);
    lua_newtable(L);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, answer); // a result that counts as true
    lua_setfield(L, 3, "__eq");
    lua_pushcfunction(L, answer);
    lua_setfield(L, 3, "__lt");
    for (int i = 1; i <= 2; i++) {
        lua_pushvalue(L, 3);
        lua_setmetatable(L, i);
    }
    CHECK(lua_equal(L, 1, 2) && lua_lessthan(L, 1, 2));
    CHECK(!lua_rawequal(L, 1, 2));
}

// ---- strings with values ----

static const char *pushed(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *pushed(lua_State *L, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = lua_pushvfstring(L, format, args);
    va_end(args);
    return text;
}

STATE_TEST(formatted_strings)
{
    CHECK_TEXT(lua_pushfstring(L, "%s|%d|%c|%%", "text", -5, 'x'), "text|-5|x|%");
    CHECK_TEXT(pushed(L, "%f", 0.5), "0.5");
    CHECK_EQUAL(lua_gettop(L), 2);
    lua_pushstring(L, NULL);
    CHECK(lua_isnil(L, -1));
    lua_pushinteger(L, 3);
    lua_pushliteral(L, "4");
    lua_concat(L, 2);
    CHECK_TEXT(lua_tostring(L, -1), "34");
    lua_concat(L, 0);
    CHECK_TEXT(lua_tostring(L, -1), "");
    lua_pushinteger(L, 9);
    lua_concat(L, 1);
    CHECK_EQUAL(lua_type(L, -1), LUA_TNUMBER);
}

// ---- tables ----

STATE_TEST(fields_with_and_without_metamethods)
{
    lua_createtable(L, 4, 4); // 1
    lua_newtable(L);          // 2: metatable
    lua_newtable(L);          // 3: where absent fields are
    lua_pushliteral(L, "from below");
    lua_setfield(L, 3, "below");
    lua_pushvalue(L, 3);
    lua_setfield(L, 2, "__index");
    lua_pushvalue(L, 3);
    lua_setfield(L, 2, "__newindex");
    lua_pushvalue(L, 2);
    CHECK_EQUAL(lua_setmetatable(L, 1), 1);
    CHECK_EQUAL(lua_getmetatable(L, 1), 1);
    CHECK(lua_rawequal(L, -1, 2));
    lua_settop(L, 3);
    CHECK_EQUAL(lua_getmetatable(L, 3), 0);
    CHECK_EQUAL(lua_gettop(L), 3);

    lua_pushliteral(L, "below");
    lua_gettable(L, 1);
    CHECK_TEXT(lua_tostring(L, -1), "from below");
    lua_pushliteral(L, "below");
    lua_rawget(L, 1);
    CHECK(lua_isnil(L, -1));
    lua_pushliteral(L, "new");
    lua_pushinteger(L, 5);
    lua_settable(L, 1);
    lua_getfield(L, 3, "new");
    CHECK_EQUAL(lua_tointeger(L, -1), 5);
    lua_pushliteral(L, "own");
    lua_pushinteger(L, 6);
    lua_rawset(L, 1);
    lua_pushinteger(L, 7);
    lua_rawseti(L, 1, 1);
    lua_rawgeti(L, 1, 1);
    CHECK_EQUAL(lua_tointeger(L, -1), 7);
    lua_settop(L, 3);
    int count = 0;
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1))
        count++;
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(lua_gettop(L), 3);
    lua_pushnil(L);
    CHECK_EQUAL(lua_setmetatable(L, 1), 1);
    CHECK_EQUAL(lua_getmetatable(L, 1), 0);
}

STATE_TEST(environments)
{
    lua_pushcfunction(L, answer); // light: has none
    lua_getfenv(L, 1);
    CHECK(lua_isnil(L, -1) || lua_istable(L, -1));
    lua_settop(L, 0);
    CHECK_EQUAL(luaL_loadstring(L, "return mark"), LUA_OK);
    lua_getfenv(L, 1);
    CHECK(lua_rawequal(L, -1, LUA_GLOBALSINDEX));
    lua_newtable(L);
    lua_pushinteger(L, 11);
    lua_setfield(L, -2, "mark");
    CHECK_EQUAL(lua_setfenv(L, 1), 1);
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    CHECK_EQUAL(lua_tointeger(L, -1), 11);
    lua_pushinteger(L, 1);
    lua_newtable(L);
    CHECK_EQUAL(lua_setfenv(L, -2), 0);
    CHECK(lua_isnumber(L, -1));
    lua_newuserdata(L, 4);
    lua_newtable(L);
    CHECK_EQUAL(lua_setfenv(L, -2), 1);
    lua_getfenv(L, -1);
    CHECK(lua_istable(L, -1));
}

// ---- closures and upvalues ----

static int count_up(lua_State *L)
{
    lua_pushinteger(L, lua_tointeger(L, lua_upvalueindex(1)) + 1);
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(1));
    CHECK(lua_isnone(L, lua_upvalueindex(3)));
    return 1;
}

STATE_TEST(closures_keep_their_upvalues)
{
    lua_pushinteger(L, 5);
    lua_pushliteral(L, "second");
    lua_pushcclosure(L, count_up, 2);
    CHECK_EQUAL(lua_gettop(L), 1);
    for (int want = 6; want <= 8; want++) {
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        CHECK_EQUAL(lua_tointeger(L, -1), want);
        lua_pop(L, 1);
    }
    CHECK_TEXT(lua_getupvalue(L, 1, 2), "");
    CHECK_TEXT(lua_tostring(L, -1), "second");
    CHECK(lua_getupvalue(L, 1, 3) == NULL);
    lua_pushinteger(L, 100);
    CHECK_TEXT(lua_setupvalue(L, 1, 1), "");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    CHECK_EQUAL(lua_tointeger(L, -1), 101);
    lua_pushinteger(L, 0);
    CHECK(lua_setupvalue(L, 1, 9) == NULL);
    lua_settop(L, 0);
    lua_pushlightfunction(L, answer);
    CHECK(lua_iscfunction(L, 1) && lua_tocfunction(L, 1) == answer);
    lua_register(L, "answer", answer);
    CHECK_TEXT(run_text(L, "return answer()"), "42");
}

// ---- calls ----

static int protected_body(lua_State *L)
{
    *(int *)lua_touserdata(L, 1) = lua_gettop(L);
    return 0;
}

STATE_TEST(calls)
{
    CHECK_EQUAL(luaL_loadstring(L, "return 1, 2, 3"), LUA_OK);
    lua_pushvalue(L, 1);
    lua_call(L, 0, LUA_MULTRET);
    CHECK_EQUAL(lua_gettop(L), 4);
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    CHECK_EQUAL(lua_pcall(L, 0, 5, 0), LUA_OK);
    CHECK_EQUAL(lua_gettop(L), 6);
    CHECK(lua_isnil(L, 6));
    lua_settop(L, 0);
    lua_pushcfunction(L, fail);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(L, -1), "failed on purpose");
    int top = -1;
    CHECK_EQUAL(lua_cpcall(L, protected_body, &top), LUA_OK);
    CHECK_EQUAL(top, 1);
    CHECK_EQUAL(lua_cpcall(L, fail, NULL), LUA_ERRRUN);
    lua_pushinteger(L, 5);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(L, -1), "attempt to call a number value");
}

static int throw_table(lua_State *L)
{
    lua_newtable(L);
    return lua_error(L);
}

STATE_TEST(an_error_can_be_any_value)
{
    lua_pushcfunction(L, throw_table);
    CHECK_EQUAL(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    CHECK(lua_istable(L, -1));
}

// ---- chunks ----

struct pieces {
    const char *text;
    size_t at, bytes;
};

static const char *read_byte(lua_State *L, void *data, size_t *bytes)
{
    struct pieces *p = data;
    (void)L;
    *bytes = p->at < p->bytes;
    return p->at < p->bytes ? p->text + p->at++ : NULL;
}

struct memory {
    char bytes[512];
    size_t count;
};

static int write_memory(lua_State *L, const void *piece, size_t bytes, void *data)
{
    struct memory *m = data;
    (void)L;
    if (bytes > sizeof(m->bytes) - m->count)
        return 1;
    memcpy(m->bytes + m->count, piece, bytes);
    m->count += bytes;
    return 0;
}

STATE_TEST(chunks_go_out_and_come_in)
{
    const char *text = "local x = ... return x * 2";
    struct pieces source = {text, 0, strlen(text)};
    struct memory whole = {.count = 0}, stripped = {.count = 0};
    CHECK_EQUAL(lua_load(L, read_byte, &source, "=bytewise"), LUA_OK);
    CHECK_EQUAL(lua_dump(L, write_memory, &whole), 0);
    CHECK_EQUAL(lua_dumpstrip(L, write_memory, &stripped, 2), 0);
    CHECK(whole.count > 0 && stripped.count > 0 && stripped.count <= whole.count);
    struct pieces binary = {stripped.bytes, 0, stripped.count};
    CHECK_EQUAL(lua_load(L, read_byte, &binary, "=binary"), LUA_OK);
    lua_pushinteger(L, 21);
    lua_call(L, 1, 1);
    CHECK_EQUAL(lua_tointeger(L, -1), 42);
    lua_pushcfunction(L, answer);
    CHECK_EQUAL(lua_dump(L, write_memory, &whole), 1);
    struct pieces bad = {"x =", 0, 3};
    CHECK_EQUAL(lua_load(L, read_byte, &bad, "=bad"), LUA_ERRSYNTAX);
    CHECK_TEXT(lua_tostring(L, -1), "bad:1: unexpected symbol near '<eof>'");
}

// ---- threads ----

static int yield_two(lua_State *L)
{
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 2);
    return lua_yield(L, 2);
}

STATE_TEST(threads_yield_and_resume)
{
    lua_State *thread = lua_newthread(L);
    lua_pushcfunction(thread, yield_two);
    CHECK_EQUAL(lua_resume(thread, 0), LUA_YIELD);
    CHECK_EQUAL(lua_status(thread), LUA_YIELD);
    CHECK_EQUAL(lua_gettop(thread), 2);
    lua_settop(thread, 0);
    lua_pushliteral(thread, "back");
    CHECK_EQUAL(lua_resume(thread, 1), LUA_OK);
    CHECK_TEXT(lua_tostring(thread, -1), "back");
    lua_settop(thread, 0);
    lua_pushcfunction(thread, fail);
    CHECK_EQUAL(lua_resume(thread, 0), LUA_ERRRUN);
    CHECK_EQUAL(lua_status(thread), LUA_ERRRUN);
    CHECK_EQUAL(lua_resume(thread, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(thread, -1), "cannot resume non-suspended coroutine");
}

// ---- states, memory ----

static size_t blocks;

static void *counting(void *data, void *block, size_t old_bytes, size_t new_bytes)
{
    (void)data;
    blocks++;
    return heap_realloc(NULL, block, old_bytes, new_bytes);
}

STATE_TEST(the_allocator_can_be_changed)
{
    int context;
    void *data = &context;
    CHECK(lua_getallocf(L, &data) == heap_realloc);
    CHECK(data == NULL);
    lua_setallocf(L, counting, NULL);
    lua_newtable(L);
    CHECK(blocks > 0);
    CHECK(lua_getallocf(L, NULL) == counting);
    lua_setallocf(L, heap_realloc, NULL);
}

STATE_TEST(the_collector_takes_orders)
{
    int kilobytes = lua_gc(L, LUA_GCCOUNT, 0);
    CHECK(kilobytes >= 1 && kilobytes == lua_getgccount(L));
    CHECK(lua_gc(L, LUA_GCCOUNTB, 0) >= 0 && lua_gc(L, LUA_GCCOUNTB, 0) < 1024);
    lua_newuserdata(L, 100000);
    CHECK(lua_gc(L, LUA_GCCOUNT, 0) >= kilobytes + 97);
    lua_settop(L, 0);
    CHECK_EQUAL(lua_gc(L, LUA_GCCOLLECT, 0), 0);
    CHECK(lua_gc(L, LUA_GCCOUNT, 0) <= kilobytes + 1);
    int pause = lua_gc(L, LUA_GCSETPAUSE, 150);
    CHECK_EQUAL(lua_gc(L, LUA_GCSETPAUSE, pause), 150);
    int steps = lua_gc(L, LUA_GCSETSTEPMUL, 300);
    CHECK_EQUAL(lua_gc(L, LUA_GCSETSTEPMUL, steps), 300);
    CHECK_EQUAL(lua_gc(L, LUA_GCSTEP, 10000), 1);
    CHECK_EQUAL(lua_gc(L, LUA_GCSTOP, 0), 0);
    CHECK_EQUAL(lua_gc(L, LUA_GCRESTART, 0), 0);
    CHECK_EQUAL(lua_gc(L, LUA_GCSETMEMLIMIT, 0), 0);
    CHECK_EQUAL(lua_gc(L, LUA_GCGETMEMLIMIT, 0), 0);
    CHECK_EQUAL(lua_gc(L, 99, 0), -1);
}

static int panicking(void *context)
{
    (void)context;
    lua_State *first = lua_open();
    lua_close(first);
    lua_State *L = luaL_newstate();
    CHECK(L != NULL);
    lua_pushcfunction(L, fail);
    lua_call(L, 0, 0);
    return 0;
}

TEST(an_error_outside_a_protected_call_panics)
{
    int ends[2];
    char text[400] = "";
    CHECK_EQUAL(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        void *heap = host_heap_map(heap_map_bytes(TEST_HEAP_BYTES));
        if (heap)
            heap_init(heap, TEST_HEAP_BYTES);
        _exit(heap ? host_thread_run(panicking, NULL, TEST_STACK_BYTES) : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    close(ends[1]);
    size_t count = 0;
    ssize_t n;
    while ((n = read(ends[0], text + count, sizeof(text) - 1 - count)) > 0)
        count += (size_t)n;
    CHECK(status != 0);
    CHECK(strstr(text, "PANIC: unprotected error in call to Lua API (failed on purpose)") != NULL);
}

STATE_TEST(a_panic_function_is_told)
{
    CHECK(lua_atpanic(L, answer) == NULL);
    CHECK(lua_atpanic(L, NULL) == answer);
}

STATE_TEST(read_only_tables_and_string_lists)
{
    libs_open(L);
    lua_settop(L, 0);
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "format");
    CHECK(lua_iscfunction(L, -1));
    ROTABLE_EXTERN(string_lib);
    lua_pushrotable(L, &string_lib);
    CHECK(lua_istable(L, -1));
    CHECK(lua_rawequal(L, -1, 1));
    lua_pushstringtable(L, 0);
    CHECK(lua_objlen(L, -1) > 10);
    lua_pushstringtable(L, 1);
    CHECK(lua_isnil(L, -1)); // no image
}

// ---- debug interface ----

static int hook_events[5];

static void note_event(lua_State *L, lua_Debug *ar)
{
    hook_events[ar->event]++;
    CHECK_EQUAL(lua_getinfo(L, "nSlu", ar), 1);
}

static int look_at_caller(lua_State *L)
{
    lua_Debug ar;
    CHECK_EQUAL(lua_getstack(L, 1, &ar), 1);
    CHECK_EQUAL(lua_getinfo(L, "nSluf", &ar), 1);
    CHECK(lua_isfunction(L, -1));
    lua_pop(L, 1);
    CHECK_TEXT(ar.what, "main");
    CHECK_TEXT(ar.short_src, "t");
    CHECK_EQUAL(ar.currentline, 2);
    CHECK_EQUAL(ar.nups, 0);
    CHECK(lua_getlocal(L, &ar, 1) != NULL);
    CHECK_EQUAL(lua_tointeger(L, -1), 5);
    lua_pushinteger(L, 6);
    CHECK(lua_setlocal(L, &ar, 1) != NULL);
    CHECK(lua_getlocal(L, &ar, 50) == NULL);
    CHECK_EQUAL(lua_getstack(L, 9, &ar), 0);
    return 0;
}

STATE_TEST(calls_and_variables_can_be_seen)
{
    lua_register(L, "look", look_at_caller);
    CHECK_TEXT(run_text(L, "local x = 5\nlook()\nreturn x"), "6");
    CHECK(lua_gethook(L) == NULL && lua_gethookmask(L) == 0 && lua_gethookcount(L) == 0);
    int mask = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
    CHECK_EQUAL(lua_sethook(L, note_event, mask, 3), 1);
    CHECK(lua_gethook(L) == note_event);
    CHECK_EQUAL(lua_gethookmask(L), mask);
    CHECK_EQUAL(lua_gethookcount(L), 3);
    CHECK_TEXT(run_text(L, "local n = 0\nfor i = 1, 4 do\nn = n + i\nend\n"
                           "local function f() return 1 end\nlocal function g() return f() end\n"
                           "return n + g()"),
               "11");
    lua_sethook(L, NULL, 0, 0);
    for (int event = 0; event < 5; event++)
        CHECK(hook_events[event] > 0);
}

TEST_MAIN
