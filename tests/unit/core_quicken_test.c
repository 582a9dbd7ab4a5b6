// core_quicken_test.c: the forms of instructions: each is seen, equals what the word says, and is
// forgotten when its code ends.

#include "runtime/core/quicken.h"

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/gc.h"
#include "tests/support/core_state.h"

#define HEAP_BYTES 0x40000u

// Has every form at least once, and runs all of it.
static const char program[] =
    "local t, x, y, s = {n = 1, [2] = 2, 3}, 1, 2, 'n' "
    "local function none() end "
    "local function one(v) return v end "
    "local a = x + y, x + 1, 1 + x, x - y, x - 1, 1 - x, x * y, x * 2, 2 * x "
    "a = x / y a = x / 2 a = 2 / x a = x % y a = x % 2 a = 2 % x a = x ^ 2 "
    "a = x + y a = x + 1 a = 1 + x a = x - y a = x - 1 a = 1 - x a = x * y a = x * 2 a = 2 * x "
    "a = x < y a = x < 1 a = 1 < x a = x <= y a = x <= 1 a = 1 <= x "
    "a = x == y a = x == 1 a = 1 == x "
    "a = not (x < y) a = not (x < 1) a = not (1 < x) "
    "a = not (x <= y) a = not (x <= 1) a = not (1 <= x) a = x ~= y a = x ~= 1 a = 1 ~= x "
    "if x then a = true end if not x then a = false end "
    "a = t[x] a = t.n t[x] = y t[x] = 1 t.n = y t.n = 1 "
    "function t:m() return self end a = t:m() none() a = one(1) a = (a and one(2)) "
    "local i = 0 while i < 3 do i = i + 1 end repeat i = i - 1 until i == 0 return one(a)";

static const struct proto *proto_at(lua_State *L, int idx)
{
    return DEREF(VALUE_LUA_CLOSURE(DEREF(L->base) + idx - 1)->proto);
}

// Counts the forms of p's code; each must be unknown or what its word says.
static void count_forms(const struct proto *p, int *counts)
{
    const uint32_t *code = DEREF(p->code);
    for (int32_t n = 0; n < p->code_count; n++) {
        uint8_t form = QUICK_BYTE(ADDR32(code + n));
        if (form != QUICK_UNKNOWN)
            CHECK_EQUAL(form, quick_op_of(code[n]));
        counts[form]++;
    }
    for (int32_t n = 0; n < p->proto_count; n++)
        count_forms(DEREF(DEREF(p->protos)[n]), counts);
}

static void run_program(lua_State *L)
{
    fast_path_is_on = 1;
    int before[256] = {0}, after[256] = {0};
    CHECK_EQUAL(luaL_loadbuffer(L, program, strlen(program), "=program"), LUA_OK);
    const struct proto *p = proto_at(L, 1);
    uintptr_t code = p->code.addr;
    size_t bytes = (size_t)p->code_count * sizeof(uint32_t);
    count_forms(p, before);
    for (int form = QUICK_OPCODE; form < QUICK_COUNT; form++)
        CHECK_EQUAL(before[form], 0);
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    count_forms(p, after);
    for (int form = QUICK_BEFORE_SPECIAL + 1; form < QUICK_COUNT; form++)
        if (after[form] == 0)
            CHECK_EQUAL(form, -1); // is not seen
    lua_settop(L, 0);
    gc_full(L, GC_REASON_REQUEST);
    for (size_t n = 0; n < bytes / 4; n++)
        CHECK_EQUAL(QUICK_BYTE(code + 4 * n), QUICK_UNKNOWN);
}

TEST(every_form_is_seen_and_forgotten_with_its_code)
{
    core_with_state(HEAP_BYTES, run_program);
}

static void run_without(lua_State *L)
{
    fast_path_is_on = 0;
    int counts[256] = {0};
    CHECK_EQUAL(luaL_loadbuffer(L, program, strlen(program), "=program"), LUA_OK);
    lua_pushvalue(L, 1);
    lua_call(L, 0, 0);
    count_forms(proto_at(L, 1), counts);
    CHECK(counts[QUICK_OPCODE + OP_ADD] > 0);
    for (int form = QUICK_BEFORE_SPECIAL + 1; form < QUICK_COUNT; form++)
        CHECK_EQUAL(counts[form], 0);
}

TEST(without_caches_forms_are_opcodes)
{
    core_with_state(HEAP_BYTES, run_without);
}

// Bytes of words that are cut at both ends are forgotten, their neighbours are not.
TEST(part_of_a_word_forgets_the_word)
{
    CHECK(host_forms_map());
    for (unsigned n = 0; n < 8; n++)
        QUICK_BYTE(WINDOW_ADDR + 4 * n) = QUICK_CALL_1;
    quick_forget(WINDOW_ADDR + 7, 6); // words 1 to 3
    for (unsigned n = 0; n < 8; n++)
        CHECK_EQUAL(QUICK_BYTE(WINDOW_ADDR + 4 * n),
                    n >= 1 && n <= 3 ? QUICK_UNKNOWN : QUICK_CALL_1);
}

TEST_MAIN
