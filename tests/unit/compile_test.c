// compile_test.c: the compiler alone: what it refuses, its limits, what code and memory it makes.
//
// That it emits what luac.cross emits is shown by tests/e2e/luac.sh on the golden sources.

#include "runtime/core/chunk.h"
#include "runtime/core/debug.h"
#include "runtime/core/mem.h"
#include "runtime/core/profile.h"
#include "runtime/format/opcode.h"
#include "tests/support/state.h"

// The message of compiling `source`, "" if it compiles. Good until the next call.
static const char *compile(lua_State *L, const char *source)
{
    lua_settop(L, 0);
    int status = luaL_loadbuffer(L, source, strlen(source), "=t");
    return status == LUA_OK ? "" : lua_tostring(L, -1);
}

static const struct proto *compiled(lua_State *L, const char *source)
{
    CHECK_TEXT(compile(L, source), "");
    return DEREF(VALUE_LUA_CLOSURE(TOP(L) - 1)->proto);
}

// `count` times `piece`, in which %d is the number, between begin and end.
static const char *repeat(const char *begin, const char *piece, int count, const char *end)
{
    static char text[1 << 20];
    int used = snprintf(text, sizeof(text), "%s", begin);
    for (int i = 1; i <= count; i++) {
        const char *at = strstr(piece, "%d");
        if (at)
            used += snprintf(text + used, sizeof(text) - (size_t)used, "%.*s%d%s",
                             (int)(at - piece), piece, i, at + 2);
        else
            used += snprintf(text + used, sizeof(text) - (size_t)used, "%s", piece);
    }
    snprintf(text + used, sizeof(text) - (size_t)used, "%s", end);
    return text;
}

// ---- refusals ----

STATE_TEST(messages_name_place_and_token)
{
    static const char *const cases[][2] = {
        {"x =", "t:1: unexpected symbol near '<eof>'"},
        {"x = = 1", "t:1: unexpected symbol near '='"},
        {"\n\nx = 'abc", "t:3: unfinished string near '<eof>'"},
        {"x = 'abc\n'", "t:1: unfinished string near ''abc'"},
        {"x = '\\300'", "t:1: escape sequence too large near '''"},
        {"x = [[\n\n", "t:3: unfinished long string near '<eof>'"},
        {"--[==[\n\n", "t:3: unfinished long comment near '<eof>'"},
        {"x = [=abc", "t:1: invalid long string delimiter near '[='"},
        {"x = [[a [[b]] ]]", "t:1: nesting of [[...]] is deprecated near '['"},
        {"x = 3x", "t:1: malformed number near '3x'"},
        {"x = 1.2.3", "t:1: malformed number near '1.2.3'"},
        {"if x then\n\n", "t:3: 'end' expected (to close 'if' at line 1) near '<eof>'"},
        {"f(1", "t:1: ')' expected near '<eof>'"},
        {"a.1 = 2", "t:1: '=' expected near '.1'"},
        {"f() = 1", "t:1: unexpected symbol near '='"},
        {"(f) = 1", "t:1: syntax error near '='"},
        {"f\n(1)", "t:2: ambiguous syntax (function call x new statement) near '('"},
        {"break", "t:1: no loop to break near '<eof>'"},
        {"for x do end", "t:1: '=' or 'in' expected near 'do'"},
        {"function f(1) end", "t:1: <name> or '...' expected near '1'"},
        {"function f() return ... end",
         "t:1: cannot use '...' outside a vararg function near '...'"},
        {"x = a:b", "t:1: function arguments expected near '<eof>'"},
        {"x = \001", "t:1: unexpected symbol near 'char(1)'"},
        {"goto x", "t:1: '=' expected near 'x'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK_TEXT(compile(L, cases[i][0]), cases[i][1]);
}

STATE_TEST(locals_of_the_firmware_and_of_a_computer)
{
    CHECK_TEXT(compile(L, repeat("", "local a%d\n", 50, "")), "");
    // The name is taken before it is counted, so the line is that of the token after it.
    CHECK_TEXT(compile(L, repeat("", "local a%d\n", 51, "")),
               "t:52: main function has more than 50 local variables");
    CHECK_TEXT(compile(L, repeat("\nfunction f() ", "local a%d\n", 51, " end")),
               "t:53: function at line 2 has more than 50 local variables");
    lua_profile = &lua_profile_pc;
    CHECK_TEXT(compile(L, repeat("", "local a%d\n", 200, "")), "");
    CHECK_TEXT(compile(L, repeat("", "local a%d\n", 201, "")),
               "t:202: main function has more than 200 local variables");
}

STATE_TEST(upvalues)
{
    lua_profile = &lua_profile_pc;
    char begin[4096];
    snprintf(begin, sizeof(begin), "%s",
             repeat("", "local a%d\n", 61, "return function() return "));
    CHECK_TEXT(compile(L, repeat(begin, "a%d+", 59, "a60 end")), "");
    CHECK_TEXT(compile(L, repeat(begin, "a%d+", 60, "a61 end")),
               "t:62: function at line 62 has more than 60 upvalues");
}

STATE_TEST(registers_and_levels)
{
    CHECK_TEXT(compile(L, repeat("x = f(", "%d,", 240, "0)")), "");
    CHECK_TEXT(compile(L, repeat("x = f(", "%d,", 249, "0)")),
               "t:1: function or expression too complex near '0'");
    CHECK_TEXT(compile(L, repeat("x = {", "%d,", 5000, "}")), "");
    CHECK_TEXT(compile(L, repeat("x = ", "(", 300, "")), "t:1: chunk has too many syntax levels");
    CHECK_TEXT(compile(L, repeat("", "do ", 300, "")), "t:1: chunk has too many syntax levels");
    CHECK_TEXT(compile(L, "return 1"), ""); // the count of levels was given back
}

// ---- code ----

static void check_code(const struct proto *p, const uint32_t *want, int count)
{
    CHECK_EQUAL(p->code_count, count);
    for (int i = 0; i < count && i < p->code_count; i++)
        CHECK_EQUAL(DEREF(p->code)[i], want[i]);
}

STATE_TEST(constants_are_operands_or_computed)
{
    const struct proto *p = compiled(L, "local a = b * -(2 + 3 ^ 2) .. 'x'");
    const uint32_t want[] = {
        op_abx(OP_GETGLOBAL, 0, 0), op_abc(OP_MUL, 0, 0, OP_CONSTANT_BIT | 1),
        op_abx(OP_LOADK, 1, 2),     op_abc(OP_CONCAT, 0, 0, 1),
        op_abc(OP_RETURN, 0, 1, 0),
    };
    check_code(p, want, 5);
    CHECK_EQUAL(p->constant_count, 3);
    CHECK(VALUE_NUMBER(DEREF(p->constants) + 1) == -11);
}

STATE_TEST(nothing_is_computed_that_could_fail)
{
    CHECK_EQUAL(compiled(L, "return 1 / 0")->code_count, 3);
    CHECK_EQUAL(compiled(L, "return 1 % 0")->code_count, 3);
    CHECK_EQUAL(compiled(L, "return #'abc'")->code_count, 4);
    CHECK_EQUAL(compiled(L, "return 7 / 2")->code_count, 3);
    CHECK_EQUAL(OP_CODE(DEREF(compiled(L, "return 7 / 2")->code)[0]), OP_LOADK);
    CHECK_EQUAL(OP_CODE(DEREF(compiled(L, "return 7 / 0")->code)[0]), OP_DIV);
}

// Stock 5.1.4 computes 1: a jump that is passed on keeps a value that is no longer wanted.
STATE_TEST(passed_on_jumps_carry_no_value)
{
    CHECK_TEXT(compile(L, "return ((1 or false) and true) or false"), "");
    lua_call(L, 0, 1);
    CHECK(lua_isboolean(L, -1) && lua_toboolean(L, -1));
    CHECK_TEXT(compile(L, "return (nil and nil) or 5, (false or nil) == nil, (2 and nil) or 'x'"),
               "");
    lua_call(L, 0, 3);
    CHECK_EQUAL(lua_tointeger(L, -3), 5);
    CHECK(lua_toboolean(L, -2));
    CHECK_TEXT(lua_tostring(L, -1), "x");
}

STATE_TEST(lines_of_instructions)
{
    const struct proto *p = compiled(L, "local a = f(\n1,\n2)\n\n\nreturn a");
    static const int want[] = {1, 2, 3, 1, 6, 6};
    CHECK_EQUAL(p->code_count, 6);
    for (int i = 0; i < p->code_count && i < 6; i++)
        CHECK_EQUAL(debug_line(L, p, i), want[i]);
}

// ---- memory ----

STATE_TEST(names_are_dropped_by_strip_level)
{
    static const char source[] = "local a, b return function() return a, b end";
    for (int level = 0; level <= 2; level++) {
        chunk_strip_level = level;
        const struct proto *p = compiled(L, source);
        const struct proto *inner = DEREF(DEREF(p->protos)[0]);
        CHECK_EQUAL(p->local_name_count, level == 0 ? 2 : 0);
        CHECK_EQUAL(inner->upvalue_name_count, level == 0 ? 2 : 0);
        CHECK_EQUAL(REF_IS_NULL(p->lines), level == 2);
        CHECK_EQUAL(inner->upvalue_count_, 2);
    }
    chunk_strip_level = 1;
}

// Facts on allocation: 72 + 4 a instruction + a value each + 4 a sub-function + line bytes.
STATE_TEST(a_compiled_function_takes_what_the_facts_say)
{
    compile(L, "return 1"); // the names of this test exist from now on
    lua_settop(L, 0);
    lua_pushliteral(L, "some text");
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    uint32_t before = GLOBAL(L)->total_bytes;
    int status = luaL_loadbuffer(L, "return 'some text', 2", 21, "=t");
    CHECK_EQUAL(status, LUA_OK);
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    // LOADK LOADK RETURN RETURN, two constants, lines "count NUL" after one line, "=t"
    uint32_t want = 72 + 4 * 4 + 2 * VALUE_BYTES + 2 + 20 + (16 + 2 + 1);
    CHECK_EQUAL(GLOBAL(L)->total_bytes - before, want);
}

STATE_TEST(strings_are_kept_by_the_code_that_uses_them)
{
    CHECK_TEXT(compile(L, "local unused_name = 'kept' return unused_name"), "");
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_call(L, 0, 1);
    CHECK_TEXT(lua_tostring(L, -1), "kept");
}

// ---- input in any pieces ----

struct pieces {
    const char *text;
    size_t left;
    size_t piece_bytes;
};

static const char *read_pieces(lua_State *L, void *data, size_t *bytes)
{
    struct pieces *p = data;
    (void)L;
    *bytes = p->left < p->piece_bytes ? p->left : p->piece_bytes;
    const char *at = p->text;
    p->text += *bytes;
    p->left -= *bytes;
    return *bytes ? at : NULL;
}

STATE_TEST(pieces_of_any_size_give_the_same_code)
{
    static const char source[] = "--[[ c ]]\nlocal s = [==[\n a ]] b]==] .. \"x\\10\\z\"\r\n"
                                 "return s, 0x10, 1e2, s == '\\65' -- end";
    for (size_t size = 1; size <= sizeof(source); size++) {
        struct pieces pieces = {source, sizeof(source) - 1, size};
        lua_settop(L, 0);
        CHECK_EQUAL(lua_load(L, read_pieces, &pieces, "=t"), LUA_OK);
        lua_call(L, 0, 4);
        CHECK_TEXT(lua_tostring(L, 1), " a ]] bx\nz");
        CHECK_EQUAL(lua_tointeger(L, 2), 16);
        CHECK_EQUAL(lua_tointeger(L, 3), 100);
        CHECK(!lua_toboolean(L, 4));
    }
}

TEST_MAIN
