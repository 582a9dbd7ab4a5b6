// core_auxlib_test.c: every function of lauxlib.h: arguments and messages, metatables by name,
// libraries, files, buffers, references.
// tests/e2e/api-coverage.sh checks that no function is left out here and in core_api_test.c.

#include "runtime/core/profile.h"
#include "runtime/core/rotable.h"
#include "runtime/lib/libs.h"
#include "tests/support/state.h"

// Without the position of the chunk.
static const char *plain(const char *text)
{
    return strncmp(text, "t:1: ", 5) == 0 ? text + 5 : text;
}

// Calls `function` under the name "f" with `arguments` (Lua text): its result or the message.
static const char *call(lua_State *L, lua_CFunction function, const char *arguments)
{
    static char source[200];
    lua_register(L, "f", function);
    snprintf(source, sizeof(source), "return f(%s)", arguments);
    return plain(run_text(L, source));
}

// ---- arguments ----

static int take_text(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    lua_pushfstring(L, "%s %d %s", text, (int)bytes, luaL_checkstring(L, 1));
    return 1;
}

static int take_optional_text(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_optlstring(L, 1, "none", &bytes);
    lua_pushfstring(L, "%s %d %s", text, (int)bytes, luaL_optstring(L, 1, "other"));
    return 1;
}

STATE_TEST(texts)
{
    CHECK_TEXT(call(L, take_text, "'abc'"), "abc 3 abc");
    CHECK_TEXT(call(L, take_text, "12"), "12 2 12");
    CHECK_TEXT(call(L, take_text, ""), "bad argument #1 to 'f' (string expected, got no value)");
    CHECK_TEXT(call(L, take_text, "nil"), "bad argument #1 to 'f' (string expected, got nil)");
    CHECK_TEXT(call(L, take_optional_text, ""), "none 4 other");
    CHECK_TEXT(call(L, take_optional_text, "nil"), "none 4 other");
    CHECK_TEXT(call(L, take_optional_text, "'x'"), "x 1 x");
    CHECK_TEXT(call(L, take_optional_text, "{}"),
               "bad argument #1 to 'f' (string expected, got table)");
}

static int take_numbers(lua_State *L)
{
    lua_Number sum = luaL_checknumber(L, 1) + luaL_optnumber(L, 2, 100);
    sum += luaL_checkint(L, 1) + luaL_checklong(L, 1) + luaL_checkinteger(L, 1);
    sum += luaL_optint(L, 2, 1) + luaL_optlong(L, 2, 1) + luaL_optinteger(L, 2, 1);
    sum += luaL_opt(L, luaL_checknumber, 3, 1000);
    lua_pushnumber(L, sum);
    return 1;
}

STATE_TEST(numbers)
{
    CHECK_TEXT(call(L, take_numbers, "1"), "1107");
    CHECK_TEXT(call(L, take_numbers, "'2', '3'"), "1020");
    CHECK_TEXT(call(L, take_numbers, "1.5, nil, 5"), "112.5");
    CHECK_TEXT(call(L, take_numbers, "'x'"),
               "bad argument #1 to 'f' (number expected, got string)");
    CHECK_TEXT(call(L, take_numbers, "1, {}"),
               "bad argument #2 to 'f' (number expected, got table)");
}

static int take_types(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checktype(L, 2, LUA_TBOOLEAN);
    luaL_checktable(L, 3);
    luaL_checkfunction(L, 4);
    luaL_argcheck(L, lua_toboolean(L, 2), 2, "true wanted");
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

static int take_option(lua_State *L)
{
    static const char *const names[] = {"red", "green", NULL};
    lua_pushinteger(L, luaL_checkoption(L, 1, "green", names));
    return 1;
}

static int refuse(lua_State *L)
{
    return lua_gettop(L) == 1 ? luaL_typerror(L, 1, "colour") : luaL_argerror(L, 2, "no good");
}

STATE_TEST(types_and_options)
{
    CHECK_TEXT(call(L, take_types, "nil, true, {}, f"), "nil");
    CHECK_TEXT(call(L, take_types, ""), "bad argument #1 to 'f' (value expected)");
    CHECK_TEXT(call(L, take_types, "1, 2"),
               "bad argument #2 to 'f' (boolean expected, got number)");
    CHECK_TEXT(call(L, take_types, "1, false, {}, f"), "bad argument #2 to 'f' (true wanted)");
    CHECK_TEXT(call(L, take_types, "1, true, 5"),
               "bad argument #3 to 'f' (table expected, got number)");
    CHECK(strstr(call(L, take_types, "1, true, {}, 5"), "bad argument #4 to 'f' (") != NULL);
    CHECK_TEXT(call(L, take_option, "'red'"), "0");
    CHECK_TEXT(call(L, take_option, ""), "1");
    CHECK_TEXT(call(L, take_option, "'blue'"), "bad argument #1 to 'f' (invalid option 'blue')");
    CHECK_TEXT(call(L, refuse, "1"), "bad argument #1 to 'f' (colour expected, got number)");
    CHECK_TEXT(call(L, refuse, "1, 2"), "bad argument #2 to 'f' (no good)");
    // Of a method the object is not counted.
    CHECK_TEXT(plain(run_text(L, "local o = {m = f} return o:m(2)")),
               "bad argument #1 to 'm' (no good)");
    CHECK_TEXT(plain(run_text(L, "local o = {m = f} return o:m()")),
               "calling 'm' on bad self (colour expected, got table)");
}

static int fail_at(lua_State *L)
{
    luaL_where(L, 1);
    if (lua_gettop(L) > 1)
        return luaL_error(L, "%s and %d", luaL_checkstring(L, 1), 7);
    luaL_checkstack(L, 100000, "too much");
    return 0;
}

STATE_TEST(errors_have_a_position)
{
    CHECK_TEXT(call(L, fail_at, "'this'"), "this and 7");
    CHECK_TEXT(call(L, fail_at, ""), "stack overflow (too much)");
    CHECK_TEXT(run_text(L, "\n\nf('line')"), "t:3: line and 7");
    luaL_where(L, 50);
    CHECK_TEXT(lua_tostring(L, -1), "");
}

// ---- objects ----

static int take_object(lua_State *L)
{
    int *block = luaL_checkudata(L, 1, "test.object");
    CHECK(block == luaL_testudata(L, 1, "test.object"));
    CHECK(luaL_testudata(L, 1, "test.other") == NULL);
    lua_pushinteger(L, *block);
    return 1;
}

static int describe(lua_State *L)
{
    lua_pushliteral(L, "described");
    return 1;
}

ROTABLE_BEGIN(rom_object)
    ROTABLE_FUNC("__tostring", describe)
ROTABLE_END(rom_object, NULL, 0)

STATE_TEST(objects_by_the_name_of_their_metatable)
{
    CHECK_EQUAL(luaL_newmetatable(L, "test.object"), 1);
    lua_pushcfunction(L, describe);
    lua_setfield(L, -2, "__describe");
    CHECK_EQUAL(luaL_newmetatable(L, "test.object"), 0);
    CHECK(lua_rawequal(L, 1, 2));
    int *block = lua_newuserdata(L, sizeof(*block));
    *block = 77;
    luaL_getmetatable(L, "test.object");
    lua_setmetatable(L, -2);
    CHECK_EQUAL(luaL_getmetafield(L, -1, "__describe"), 1);
    lua_pop(L, 1);
    CHECK_EQUAL(luaL_getmetafield(L, -1, "__absent"), 0);
    CHECK_EQUAL(luaL_callmeta(L, -1, "__describe"), 1);
    CHECK_TEXT(lua_tostring(L, -1), "described");
    lua_pop(L, 1);
    CHECK_EQUAL(luaL_callmeta(L, -1, "__absent"), 0);
    lua_setglobal(L, "object");
    CHECK_TEXT(call(L, take_object, "object"), "77");
    CHECK_TEXT(call(L, take_object, "{}"),
               "bad argument #1 to 'f' (test.object expected, got table)");
    CHECK_EQUAL(luaL_rometatable(L, "test.rom", &rom_object), 1);
    CHECK_EQUAL(luaL_rometatable(L, "test.rom", &rom_object), 0);
    lua_newuserdata(L, 1);
    luaL_getmetatable(L, "test.rom");
    lua_setmetatable(L, -2);
    CHECK_EQUAL(luaL_callmeta(L, -1, "__tostring"), 1);
    CHECK_TEXT(lua_tostring(L, -1), "described");
}

// ---- libraries and tables ----

static int share(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

STATE_TEST(libraries)
{
    static const luaL_Reg functions[] = {{"one", describe}, {"two", describe}, {NULL, NULL}};
    static const luaL_reg shared[] = {{"get", share}, {NULL, NULL}};
    libs_open(L);
    lua_settop(L, 0);
    luaL_register(L, "mine", functions);
    CHECK(lua_istable(L, -1));
    CHECK_TEXT(run_text(L, "return mine.one() .. tostring(package.loaded.mine == mine)"),
               "describedtrue");
    lua_settop(L, 0);
    lua_newtable(L);
    luaL_register(L, NULL, functions);
    lua_getfield(L, 1, "two");
    CHECK(lua_isfunction(L, -1));
    lua_settop(L, 0);
    lua_pushliteral(L, "common");
    luaL_openlib(L, "other.deep", shared, 1);
    CHECK_EQUAL(lua_gettop(L), 1);
    CHECK_TEXT(run_text(L, "return other.deep.get()"), "common");
    lua_settop(L, 0);
    CHECK(luaL_findtable(L, LUA_GLOBALSINDEX, "a.b.c", 1) == NULL);
    CHECK(lua_istable(L, -1));
    lua_pushinteger(L, 1);
    lua_setfield(L, -2, "number");
    CHECK_TEXT(luaL_findtable(L, LUA_GLOBALSINDEX, "a.b.c.number.x", 1), "number.x");
    CHECK_TEXT(run_text(L, "return a.b.c.number"), "1");
    lua_settop(L, 0);
    lua_newtable(L);
    CHECK_EQUAL(luaL_getsubtable(L, 1, "sub"), 0);
    CHECK_EQUAL(luaL_getsubtable(L, 1, "sub"), 1);
    CHECK(lua_rawequal(L, -1, -2));
    lua_pushinteger(L, 3);
    lua_rawseti(L, 1, 1);
    CHECK_EQUAL(luaL_getn(L, 1), 1);
    luaL_setn(L, 1, 5);
    CHECK_EQUAL(luaL_getn(L, 1), 1);
}

STATE_TEST(references)
{
    lua_newtable(L);
    lua_pushliteral(L, "kept");
    int first = luaL_ref(L, 1);
    lua_pushliteral(L, "too");
    int second = luaL_ref(L, 1);
    lua_pushnil(L);
    CHECK_EQUAL(luaL_ref(L, 1), LUA_REFNIL);
    CHECK(first > 0 && second > 0 && first != second);
    lua_rawgeti(L, 1, first);
    CHECK_TEXT(lua_tostring(L, -1), "kept");
    luaL_unref(L, 1, first);
    luaL_unref(L, 1, LUA_NOREF);
    lua_pushliteral(L, "again");
    CHECK_EQUAL(luaL_ref(L, 1), first);
    luaL_unref2(L, 1, second);
    CHECK_EQUAL(second, LUA_NOREF);
}

// ---- chunks ----

STATE_TEST(chunks_from_texts_and_files)
{
    char name[] = "/tmp/frost-test-XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    const char text[] = "#!first line\nreturn 5, ...\n";
    CHECK(write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1);
    close(fd);
    lua_profile = &lua_profile_pc;
    host_files_init("", 0);
    CHECK_EQUAL(luaL_loadfile(L, name), LUA_OK);
    CHECK_EQUAL(luaL_dofile(L, name), 0);
    CHECK_EQUAL(lua_tointeger(L, -1), 5);
    unlink(name);
    CHECK_EQUAL(luaL_loadfile(L, name), LUA_ERRFILE);
    CHECK(strstr(lua_tostring(L, -1), "cannot open /tmp/frost-test-") != NULL);
    CHECK_EQUAL(luaL_dofile(L, name), 1);
    CHECK_EQUAL(luaL_loadstring(L, "return"), LUA_OK);
    CHECK_EQUAL(luaL_loadstring(L, "return return"), LUA_ERRSYNTAX);
    CHECK_EQUAL(luaL_dostring(L, "return 'done'"), 0);
    CHECK_TEXT(lua_tostring(L, -1), "done");
    CHECK_EQUAL(luaL_loadbuffer(L, "x\0y", 3, "=b"), LUA_ERRSYNTAX);
}

// ---- buffers ----

STATE_TEST(buffers)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 0; i < 3000; i++)
        luaL_addchar(&b, 'a' + i % 26);
    luaL_putchar(&b, '|');
    luaL_addstring(&b, "text");
    luaL_addlstring(&b, "\0x", 2);
    memcpy(luaL_prepbuffer(&b), "direct", 6);
    luaL_addsize(&b, 6);
    lua_pushinteger(L, 12);
    luaL_addvalue(&b);
    luaL_pushresult(&b);
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    CHECK_EQUAL(bytes, 3000 + 1 + 4 + 2 + 6 + 2);
    CHECK(memcmp(text + 2999, "j|text\0xdirect12", 16) == 0);
    CHECK_EQUAL(lua_gettop(L), 1);
    CHECK_TEXT(luaL_gsub(L, "a.b.c", ".", "/"), "a/b/c");
    CHECK_TEXT(luaL_gsub(L, "none", "x", "y"), "none");
    CHECK_EQUAL(lua_gettop(L), 3);
}

static int trace(lua_State *L)
{
    luaL_traceback(L, L, "message", 0);
    return 1;
}

static int add_trace(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushliteral(L, "kept");
    lua_pushliteral(L, "one ");
    lua_pushliteral(L, "two ");
    luaL_addtraceback(L, L, 2, 0);
    lua_pushfstring(L, "%d %s %s", lua_gettop(L), lua_tostring(L, 1), lua_tostring(L, 2));
    return 1;
}

STATE_TEST(tracebacks_join_the_texts_before_them)
{
    CHECK(strncmp(call(L, add_trace, ""), "2 kept one two stack traceback:\n\t", 32) == 0);
}

STATE_TEST(tracebacks)
{
    const char *text = call(L, trace, "");
    CHECK(strncmp(text, "message\nstack traceback:\n\t", 26) == 0);
    CHECK(strstr(text, "t:1: in main chunk") != NULL || strstr(text, "(tail call)") != NULL);
}

TEST_MAIN
