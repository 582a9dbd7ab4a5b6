// core_libs_test.c: what the libraries cost at the start, and the helpers of lauxlib.h.

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/profile.h"
#include "runtime/core/rotable.h"
#include "runtime/lib/libs.h"
#include "runtime/port/port.h"
#include "tests/support/core_state.h"

// What the VM program gives its libraries; nothing here restarts.
void port_restart(void)
{
    abort();
}

#define NEAR_BYTES 45056u
#define FAR_BYTES (16u << 20)

static uint32_t lua_bytes(lua_State *L)
{
    return (uint32_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 + (uint32_t)lua_gc(L, LUA_GCCOUNTB, 0);
}

// ---- the start ----

static void check_start(lua_State *L)
{
    libs_open(L);
    CHECK_EQUAL(lua_gettop(L), 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    CHECK_EQUAL(lua_bytes(L), 3615);
    CHECK_EQUAL(GLOBAL(L)->strings.string_count, 42);
    CHECK_EQUAL(GLOBAL(L)->strings.slot_count, 64);
}

TEST(libraries_of_the_firmware_cost_what_they_cost_there)
{
    core_with_state(NEAR_BYTES, check_start);
}

static void check_readonly(lua_State *L)
{
    libs_open(L);
    uint32_t before = lua_bytes(L);
    lua_getglobal(L, "string");
    CHECK_EQUAL(lua_type(L, -1), LUA_TTABLE);
    CHECK_EQUAL(lua_objlen(L, -1), 0);
    lua_getfield(L, -1, "format");
    CHECK_EQUAL(lua_type(L, -1), LUA_TFUNCTION);
    CHECK(lua_iscfunction(L, -1));
    CHECK(lua_bytes(L) - before <= 2 * (16 + 8)); // the two names
    lua_getglobal(L, "ROM");
    lua_getfield(L, LUA_GLOBALSINDEX, "__index");
    CHECK(lua_rawequal(L, -1, -2));
}

TEST(library_tables_take_no_heap)
{
    core_with_state(NEAR_BYTES, check_readonly);
}

static void check_pc(lua_State *L)
{
    libs_open(L);
    CHECK_EQUAL(lua_gettop(L), 0);
    CHECK_EQUAL(luaL_dostring(L, "math.mine = 5; string.mine = 6; return math.mine + string.mine"
                                 " + (math.sin and 1 or 100)"),
                0);
    CHECK_EQUAL(lua_tointeger(L, -1), 12);
    CHECK_EQUAL(luaL_dostring(L, "return ROM == nil and rawget(_G, 'string') == string"), 0);
    CHECK(lua_toboolean(L, -1));
}

TEST(libraries_of_the_pc_profile_are_ordinary_tables)
{
    lua_profile = &lua_profile_pc;
    core_with_state(FAR_BYTES, check_pc);
}

// ---- text buffers ----

// Adds n characters and checks text and number of waiting pieces.
static void check_buffer_of(lua_State *L, int n, int want_pieces)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 0; i < n; i++)
        luaL_addchar(&b, 'a' + i % 26);
    CHECK_EQUAL(b.lvl, want_pieces);
    luaL_pushresult(&b);
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    CHECK_EQUAL(bytes, n);
    for (int i = 0; i < n; i++)
        if (text[i] != 'a' + i % 26)
            CHECK_EQUAL(i, -1);
    lua_pop(L, 1);
    CHECK_EQUAL(lua_gettop(L), 0);
}

// A piece is made when the 257th character comes. Equal pieces wait until there are 10; the tenth
// joins with the one below, and that one, being longer than the next, with all.
static void check_buffer(lua_State *L)
{
    static const int cases[][2] = {{0, 0},   {1, 0},   {256, 0},  {257, 1},  {512, 1},
                                   {513, 2}, {769, 3}, {2305, 9}, {2561, 1}, {2817, 2}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_buffer_of(L, cases[i][0], cases[i][1]);
    // As one call the same text makes the same pieces.
    static char text[2561];
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, text, sizeof(text));
    CHECK_EQUAL(b.lvl, 1);
    luaL_pushresult(&b);
    CHECK_EQUAL(lua_objlen(L, -1), sizeof(text));
    lua_settop(L, 0);
}

TEST(buffer_makes_a_piece_of_256_characters)
{
    core_with_state(FAR_BYTES, check_buffer);
}

static void check_values(lua_State *L)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addstring(&b, "head ");
    lua_pushinteger(L, 42);
    luaL_addvalue(&b); // fits the buffer
    static char longer[600];
    memset(longer, 'x', sizeof(longer));
    lua_pushlstring(L, longer, sizeof(longer));
    luaL_addvalue(&b); // becomes a piece, after the one of what was in the buffer
    CHECK_EQUAL(b.lvl, 1);
    luaL_addstring(&b, " tail");
    luaL_pushresult(&b);
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    CHECK_EQUAL(bytes, 7 + 600 + 5);
    CHECK(memcmp(text, "head 42xxx", 10) == 0);
    CHECK_TEXT(text + 607, " tail");
    lua_settop(L, 0);
    CHECK_TEXT(luaL_gsub(L, "a.b.c", ".", "::"), "a::b::c");
    CHECK_TEXT(luaL_gsub(L, "", "x", "y"), "");
    CHECK_TEXT(luaL_gsub(L, "xx", "x", ""), "");
    CHECK_EQUAL(lua_gettop(L), 3);
}

TEST(buffer_takes_values)
{
    core_with_state(NEAR_BYTES, check_values);
}

// ---- references, tables, metatables ----

static void check_references(lua_State *L)
{
    lua_newtable(L);
    int refs[4];
    for (int i = 0; i < 4; i++) {
        lua_pushinteger(L, 100 + i);
        refs[i] = luaL_ref(L, 1);
        CHECK_EQUAL(refs[i], i + 1);
    }
    lua_pushnil(L);
    CHECK_EQUAL(luaL_ref(L, 1), LUA_REFNIL);
    luaL_unref(L, 1, refs[1]);
    luaL_unref(L, 1, refs[3]);
    luaL_unref(L, 1, LUA_REFNIL);
    luaL_unref(L, 1, LUA_NOREF);
    lua_pushliteral(L, "again");
    CHECK_EQUAL(luaL_ref(L, -2), refs[3]); // last freed, first used
    lua_pushliteral(L, "again");
    CHECK_EQUAL(luaL_ref(L, -2), refs[1]);
    lua_pushliteral(L, "new");
    CHECK_EQUAL(luaL_ref(L, -2), 5);
    lua_rawgeti(L, 1, refs[0]);
    CHECK_EQUAL(lua_tointeger(L, -1), 100);
    lua_settop(L, 1);
    int ref = refs[0];
    luaL_unref2(L, 1, ref);
    CHECK_EQUAL(ref, LUA_NOREF);
}

TEST(references_are_reused)
{
    core_with_state(NEAR_BYTES, check_references);
}

ROTABLE_EXTERN(test_meta);
ROTABLE_BEGIN(test_meta)
    ROTABLE_TABLE("__index", test_meta)
    ROTABLE_NUM("seven", 7)
ROTABLE_END(test_meta, NULL, ROTABLE_EVENT_INDEX)

static void check_tables(lua_State *L)
{
    libs_open(L);
    CHECK(luaL_findtable(L, LUA_GLOBALSINDEX, "a.b.c", 0) == NULL);
    lua_pushinteger(L, 5);
    lua_setfield(L, -2, "d");
    CHECK_TEXT(luaL_findtable(L, LUA_GLOBALSINDEX, "a.b.c.d.e", 0), "d.e");
    CHECK_EQUAL(lua_gettop(L), 1);
    CHECK(luaL_findtable(L, LUA_GLOBALSINDEX, "a.b.c", 0) == NULL);
    CHECK(lua_rawequal(L, -1, -2));
    CHECK_EQUAL(luaL_getsubtable(L, -1, "sub"), 0);
    CHECK_EQUAL(luaL_getsubtable(L, -2, "sub"), 1);
    lua_settop(L, 0);

    CHECK_EQUAL(luaL_newmetatable(L, "made"), 1);
    CHECK_EQUAL(luaL_newmetatable(L, "made"), 0);
    CHECK(lua_rawequal(L, 1, 2));
    CHECK_EQUAL(luaL_rometatable(L, "constant", &test_meta), 1);
    CHECK_EQUAL(luaL_rometatable(L, "constant", &test_meta), 0);
    lua_settop(L, 0);
    void *block = lua_newuserdata(L, 4);
    CHECK(luaL_testudata(L, 1, "constant") == NULL);
    luaL_getmetatable(L, "constant");
    lua_setmetatable(L, 1);
    CHECK(luaL_testudata(L, 1, "constant") == block);
    CHECK(luaL_testudata(L, 1, "made") == NULL);
    CHECK(luaL_checkudata(L, 1, "constant") == block);
    lua_getfield(L, 1, "seven");
    CHECK_EQUAL(lua_tointeger(L, -1), 7);
    CHECK_EQUAL(luaL_getmetafield(L, 1, "seven"), 1);
    CHECK_EQUAL(luaL_getmetafield(L, 1, "eight"), 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
}

TEST(tables_by_path_and_metatables_by_name)
{
    core_with_state(NEAR_BYTES, check_tables);
}

// ---- errors ----

static int failing(lua_State *L)
{
    luaL_error(L, "%s %d %c %%", "text", 12, 'x');
}

static int picky(lua_State *L)
{
    static const char *const names[] = {"one", "two", NULL};
    lua_pushinteger(L, luaL_checkoption(L, 1, "two", names));
    luaL_checkudata(L, 2, "kind");
    return 1;
}

// Runs Lua code, which must fail; the message.
static const char *message_of(lua_State *L, const char *code)
{
    int status = luaL_loadbuffer(L, code, strlen(code), "=t") || lua_pcall(L, 0, 0, 0);
    CHECK(status != 0);
    return lua_tostring(L, -1);
}

static void check_errors(lua_State *L)
{
    libs_open(L);
    lua_register(L, "failing", failing);
    lua_register(L, "picky", picky);
    CHECK_TEXT(message_of(L, "\n failing()"), "t:2: text 12 x %");
    CHECK_TEXT(message_of(L, "pcall(failing)\nlocal a, b = pcall(failing) error(b, 0)"),
               "text 12 x %");
    CHECK_TEXT(message_of(L, "picky('three')"),
               "t:1: bad argument #1 to 'picky' (invalid option 'three')");
    CHECK_TEXT(message_of(L, "picky()"),
               "t:1: bad argument #2 to 'picky' (kind expected, got no value)");
    CHECK_TEXT(message_of(L, "local t = {p = picky} t:p(1)"),
               "t:1: calling 'p' on bad self (string expected, got table)");
    CHECK_TEXT(message_of(L, "loadfile()"), "t:1: filename is NULL");
    CHECK_TEXT(message_of(L, "string.mine = 1"), "t:1: table is readonly");
    CHECK_TEXT(message_of(L, "return ('%d'):format(1) + string.dump(print, 3)"),
               "t:1: bad argument #2 to 'dump' (strip out of range)");
}

TEST(errors_say_where_and_what)
{
    core_with_state(NEAR_BYTES, check_errors);
}

TEST_MAIN
