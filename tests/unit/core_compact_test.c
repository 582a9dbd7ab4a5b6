// core_compact_test.c: blocks that move together, vectors of Lua that do, and failed allocations
// that then succeed.

#include "runtime/core/compact.h"

#include <sys/mman.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/heap_compact.h"
#include "runtime/core/heap_parts.h"
#include "runtime/format/address_map.h"
#include "tests/support/core_state.h"

#define NEAR_BYTES 45056u
#define FAR_BYTES (4u << 20)
#define BLOCKS 400
#define ROUNDS 60

// ---- the heap alone ----

static struct block {
    unsigned char *content; // NULL: none
    size_t bytes;
    int may_move;
    unsigned char letter; // what it is filled with
} blocks[BLOCKS];

static unsigned moves;

static size_t bytes_of(void *context, uint32_t owner)
{
    (void)context;
    return blocks[owner - 1].bytes;
}

static void moved(void *context, uint32_t owner, const void *from, void *to)
{
    (void)context;
    CHECK(blocks[owner - 1].content == from);
    blocks[owner - 1].content = to;
    moves++;
}

static const struct heap_mover mover = {NULL, bytes_of, moved};

static void start(size_t bytes)
{
    uintptr_t addr = bytes <= HEAP_NEAR_BYTES_MAX ? HEAP_ADDR : HEAP_FAR_ADDR;
    int fixed = bytes <= HEAP_NEAR_BYTES_MAX ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    void *p = mmap((void *)addr, heap_map_bytes(bytes), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
    CHECK(p == (void *)addr);
    heap_init(p, bytes);
    memset(blocks, 0, sizeof blocks);
    moves = 0;
}

static int has_two_ends; // what stays comes from above

static void take(struct block *b, size_t bytes, int may_move, unsigned char letter)
{
    heap_take_from_above(has_two_ends && !may_move);
    unsigned char *content = heap_realloc(NULL, NULL, 0, bytes);
    if (content == NULL)
        return;
    memset(content, letter, bytes);
    *b = (struct block){content, bytes, may_move, letter};
}

static void give(struct block *b)
{
    heap_realloc(NULL, b->content, b->bytes, 0);
    b->content = NULL;
}

static void compact(void)
{
    heap_compact_begin();
    for (uint32_t i = 0; i < BLOCKS; i++)
        if (blocks[i].content && blocks[i].may_move)
            heap_may_move(blocks[i].content, i + 1);
    heap_compact(&mover);
}

static int are_whole(void)
{
    for (int i = 0; i < BLOCKS; i++)
        for (size_t n = 0; blocks[i].content && n < blocks[i].bytes; n++)
            if (blocks[i].content[n] != blocks[i].letter)
                return 0;
    return 1;
}

static struct heap_info info(void)
{
    struct heap_info now;
    heap_get_info(&now);
    return now;
}

static void use_at_random(size_t bytes, size_t block_max)
{
    uint64_t seed = test_seed();
    start(bytes);
    for (int round = 0; round < ROUNDS; round++) {
        for (int n = 0; n < BLOCKS; n++) {
            struct block *b = &blocks[test_random(&seed) % BLOCKS];
            if (b->content)
                give(b);
            else
                take(b, 1 + test_random(&seed) % block_max, test_random(&seed) % 3 > 0,
                     (unsigned char)test_random(&seed));
        }
        struct heap_info before = info();
        compact();
        CHECK(are_whole());
        CHECK_TEXT(heap_check() ? heap_check() : "sound", "sound");
        CHECK(info().used <= before.used); // rests that came with a block are given back
        CHECK(before.used - info().used < BLOCKS * 16u);
    }
    CHECK(moves > BLOCKS);
}

TEST(near_blocks_survive_random_use)
{
    use_at_random(NEAR_BYTES, 300);
}

TEST(far_blocks_survive_random_use)
{
    use_at_random(FAR_BYTES, 9000);
}

TEST(blocks_of_two_ends_survive_random_use)
{
    has_two_ends = 1;
    use_at_random(NEAR_BYTES, 300);
    use_at_random(FAR_BYTES, 9000);
    has_two_ends = 0;
}

TEST(what_moves_fills_the_first_gap_or_slides_down)
{
    start(NEAR_BYTES);
    take(&blocks[0], 100, 0, 'a');
    take(&blocks[1], 100, 1, 'b');
    take(&blocks[2], 40, 0, 'c');
    take(&blocks[3], 200, 1, 'd');
    take(&blocks[4], 100, 1, 'e');
    unsigned char *gap = blocks[1].content, *low = blocks[3].content;
    give(&blocks[1]);
    compact();
    CHECK(blocks[3].content == low); // too large for the gap
    CHECK(blocks[4].content == gap);
    CHECK_EQUAL(moves, 1);
    give(&blocks[0]);
    compact();
    CHECK(blocks[4].content < gap);
    CHECK(are_whole());
    CHECK(heap_check() == NULL);
}

TEST(all_that_is_free_above_what_stays_is_one_block)
{
    start(NEAR_BYTES);
    for (int i = 0; i < BLOCKS; i++)
        take(&blocks[i], 64, i >= 20, 'x');
    for (int i = 20; i < BLOCKS; i += 2)
        give(&blocks[i]);
    CHECK(info().free_blocks > 100);
    uint32_t free_bytes = heap_free_bytes();
    compact();
    if (info().free_blocks == 1)
        CHECK_EQUAL(info().free_largest, free_bytes);
    CHECK_EQUAL(info().free_blocks, 1);
    CHECK(are_whole());
}

TEST(blocks_from_above_leave_room_below)
{
    start(NEAR_BYTES);
    has_two_ends = 1;
    take(&blocks[0], 100, 1, 'a');
    take(&blocks[1], 100, 0, 'b');
    take(&blocks[2], 100, 0, 'c');
    has_two_ends = 0;
    CHECK(blocks[1].content > blocks[0].content + NEAR_BYTES / 2);
    CHECK(blocks[2].content < blocks[1].content);
    CHECK(blocks[2].content > blocks[0].content + NEAR_BYTES / 2);
    CHECK(heap_check() == NULL);
    give(&blocks[1]);
    give(&blocks[2]);
    give(&blocks[0]);
    CHECK(heap_check() == NULL);
    CHECK_EQUAL(info().free_blocks, 1);
}

// ---- vectors of Lua ----

static void run(lua_State *L, const char *text)
{
    if (luaL_loadbuffer(L, text, strlen(text), "=t") != 0 || lua_pcall(L, 0, 0, 0) != 0) {
        CHECK_TEXT(lua_tostring(L, -1), "");
        lua_pop(L, 1);
    }
}

static int l_compact(lua_State *L)
{
    (void)L;
    compact_now(L, COMPACT_REQUEST);
    return 0;
}

static int l_collect(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

static int l_pcall(lua_State *L)
{
    lua_pushboolean(L, lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0) == 0);
    lua_insert(L, 1);
    return lua_gettop(L);
}

static void prepare(lua_State *L)
{
    lua_register(L, "compact", l_compact);
    lua_register(L, "collect", l_collect);
    lua_register(L, "pcall", l_pcall);
}

// Tables with chains of nodes and free ones, lists, open upvalues of two depths, a deep stack.
static void moves_everything(lua_State *L)
{
    static const char text[] =
        "local gaps = {} for i = 1, 40 do gaps[i] = {1, 2, 3, i, x = i, y = {}} end\n"
        "local t = {} for i = 1, 37 do t['k' .. i] = i t[i] = -i t[i + 0.5] = i end\n"
        "local up = 0 local function add() up = up + 1 return up end\n"
        "local function deep(n) if n == 0 then compact() return 0 end\n"
        "  local here = n local function look() return here end\n"
        "  local r = deep(n - 1) compact() here = here + 1 return r + look() - n end\n"
        "for i = 1, 40, 2 do gaps[i] = nil end collect()\n"
        "sum = deep(50) add() compact() add() up = up + 1 upvalue = add()\n"
        "for i = 1, 37 do\n"
        "  if t['k' .. i] ~= i or t[i] ~= -i or t[i + 0.5] ~= i then wrong = i end end\n"
        "for i = 38, 200 do t['k' .. i] = i end compact() count = 0\n"
        "local k = nil for i = 1, 200 do if t['k' .. i] == i then count = count + 1 end end";
    run(L, text);
    lua_getglobal(L, "sum");
    CHECK_EQUAL(lua_tointeger(L, -1), 50);
    lua_getglobal(L, "upvalue");
    CHECK_EQUAL(lua_tointeger(L, -1), 4);
    lua_getglobal(L, "count");
    CHECK_EQUAL(lua_tointeger(L, -1), 200);
    lua_getglobal(L, "wrong");
    CHECK(lua_isnil(L, -1));
    lua_pop(L, 4);
    CHECK(compact_figures.moves > 10); // redzones of sanitizer builds take a part of the gaps
    CHECK(compact_figures.passes > 50);
}

static void body_moves(lua_State *L)
{
    prepare(L);
    moves_everything(L);
    const char *unsound = check_all(L, 1);
    CHECK_TEXT(unsound ? unsound : "sound", "sound");
}

TEST(vectors_move_and_nothing_is_lost)
{
    compact_set(0);
    core_with_state(256u << 10, body_moves);
}

TEST(vectors_of_a_large_heap_move)
{
    compact_set(0);
    core_with_state(8u << 20, body_moves);
}

TEST(every_vector_moves_in_every_allocation)
{
    compact_set(0);
    compact_set_testing(3);
    core_with_state(256u << 10, body_moves);
    compact_set_testing(0);
}

// A list that fits only if what lies between its gaps moves.
static void body_fragments(lua_State *L)
{
    static const char text[] =
        "local keep = {}\n"
        "for i = 1, 100 do local t = {} for j = 1, 8 do t[j] = i end keep[i] = t end\n"
        "for i = 1, 100, 2 do keep[i] = false end collect()\n"
        "local ok, list = pcall(function()\n"
        "  local l = {} for i = 1, 600 do l[i] = i end return l end)\n"
        "result = ok and #list or -1";
    prepare(L);
    GLOBAL(L)->egc_mode = EGC_ON_ALLOC_FAILURE;
    run(L, text);
    lua_getglobal(L, "result");
}

static int result;

static void body_fails(lua_State *L)
{
    body_fragments(L);
    result = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (HEAP_SANITIZED)
        return;
    CHECK_EQUAL(result, -1);
    CHECK_EQUAL(compact_figures.passes, 0);
}

static void body_succeeds(lua_State *L)
{
    body_fragments(L);
    CHECK_EQUAL(lua_tointeger(L, -1), 600);
    lua_pop(L, 1);
    if (!HEAP_SANITIZED)
        CHECK(compact_figures.passes > 0);
}

#define TIGHT_BYTES 30000u

TEST(an_allocation_that_failed_succeeds)
{
    compact_set(0);
    core_with_state(TIGHT_BYTES & ~7u, body_fails);
    compact_set(1);
    core_with_state(TIGHT_BYTES & ~7u, body_succeeds);
    compact_set(0);
}

TEST_MAIN
