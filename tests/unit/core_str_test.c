// core_str_test.c: strings: one identity each, the table's growth, strings in flash, fixed strings.

#include "runtime/core/str.h"

#include "runtime/core/gc.h"
#include "runtime/core/meta.h"
#include "runtime/flash/regions.h"
#include "runtime/format/string_hash.h"
#include "tests/support/core_state.h"

#define HEAP_BYTES 45056u

static uint32_t total(lua_State *L)
{
    return GLOBAL(L)->total_bytes;
}

static void collect(lua_State *L)
{
    gc_full(L, GC_REASON_REQUEST);
}

// ---- start ----

static void run_start(lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    // Facts, (g): 192 of them are twins of two tables, which the first collection frees.
    CHECK_EQUAL(total(L), 2076);
    CHECK_EQUAL(g->strings.string_count, META_COUNT + 1);
    CHECK_EQUAL(g->strings.slot_count, 32);
    CHECK_EQUAL(g->threshold, 4 * 2076);
    uint32_t before = total(L);
    CHECK(str_new_z(L, "not enough memory") != NULL);
    CHECK(str_new_z(L, "__metatable") != NULL);
    CHECK_EQUAL(total(L), before);
    collect(L);
    CHECK_EQUAL(total(L), 1884);
}

TEST(a_new_state_costs_what_the_facts_say)
{
    core_with_state(HEAP_BYTES, run_start);
}

// ---- identity ----

static void run_identity(lua_State *L)
{
    uint32_t before = total(L);
    lua_pushlstring(L, "a\0b", 3);
    CHECK_EQUAL(total(L) - before, 16 + 3 + 1);
    struct string *s = VALUE_STRING(TOP(L) - 1);
    CHECK_EQUAL(s->hash, string_hash("a\0b", 3));
    CHECK_EQUAL(STRING_TEXT(s)[3], 0);
    CHECK(str_new(L, "a\0b", 3) == s);
    CHECK(str_new(L, "a\0c", 3) != s);
    CHECK(str_new(L, "a", 1) != s);
    CHECK(str_find(L, "a\0b", 3) == s);
    before = total(L);
    CHECK(str_find(L, "nowhere", 7) == NULL);
    CHECK_EQUAL(total(L), before);
    char text[200];
    memset(text, 'x', sizeof text);
    struct string *last = NULL;
    for (size_t n = 0; n < sizeof text; n++) {
        CHECK(str_new(L, text, n) != last);
        last = str_new(L, text, n);
        CHECK_EQUAL(last->bytes, n);
    }
    lua_settop(L, 0);
    collect(L);
    CHECK(str_find(L, "a\0b", 3) == NULL);
}

TEST(a_text_has_one_string)
{
    core_with_state(HEAP_BYTES, run_identity);
}

static void run_fixed(lua_State *L)
{
    struct string *s = str_new_z(L, "kept for ever");
    str_fix(s);
    collect(L);
    collect(L);
    CHECK(str_find(L, "kept for ever", 13) == s);
}

TEST(fixed_strings_stay)
{
    core_with_state(HEAP_BYTES, run_fixed);
}

// A string found dead between marking and its sweep is the same string, alive again.
static void run_revive(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    lua_pushstring(L, "to be found again");
    struct string *s = VALUE_STRING(TOP(L) - 1);
    lua_settop(L, 0);
    g->step_multiplier = 1; // one small step at a time
    int revived = 0;
    do {
        gc_step(L);
        if (g->gc_phase == GC_SWEEP_STRINGS && !revived) {
            CHECK(GC_IS_DEAD(g, s));
            uint32_t before = total(L);
            CHECK(str_new_z(L, "to be found again") == s);
            CHECK(!GC_IS_DEAD(g, s));
            CHECK_EQUAL(total(L), before);
            revived = 1;
        }
    } while (g->gc_phase != GC_PAUSE);
    CHECK(revived);
    CHECK(str_find(L, "to be found again", 17) == s);
    collect(L);
    CHECK(str_find(L, "to be found again", 17) == NULL);
}

TEST(a_dead_string_found_in_time_is_revived)
{
    core_with_state(HEAP_BYTES, run_revive);
}

// ---- the table ----

static void add_strings(lua_State *L, int from, int count)
{
    for (int i = from; i < from + count; i++)
        lua_pushfstring(L, "s%d", i), lua_pop(L, 1);
}

static void run_table(lua_State *L)
{
    struct string_table *table = &GLOBAL(L)->strings;
    GLOBAL(L)->threshold = UINT32_MAX;
    for (int i = 0; table->string_count < 32; i++)
        str_new_z(L, (char[]){'a', (char)('A' + i), 0});
    CHECK_EQUAL(table->slot_count, 32);
    uint32_t before = total(L);
    str_new_z(L, "the 33rd");
    CHECK_EQUAL(table->slot_count, 64);
    CHECK_EQUAL(total(L) - before, 32 * 4 + 16 + 8 + 1);
    add_strings(L, 0, 300);
    CHECK(table->slot_count == 512 || table->slot_count == 1024);
    int32_t slots = table->slot_count;
    collect(L); // sweeps twice: halves when a quarter is not used, each time
    CHECK_EQUAL(table->slot_count, slots / 2);
    collect(L);
    collect(L);
    collect(L);
    CHECK_EQUAL(table->slot_count, 64); // never below
}

TEST(the_table_doubles_when_full_and_shrinks_after_sweeps)
{
    core_with_state(HEAP_BYTES, run_table);
}

// While a table of strings grows and shrinks, every living string is found.
static void run_many(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    lua_createtable(L, 600, 0);
    for (int i = 0; i < 600; i++) {
        if (i % 7 == 0)
            g->egc_mode = i % 2 ? EGC_ALWAYS : EGC_NOT_ACTIVE;
        lua_pushfstring(L, "string number %d", i);
        lua_rawseti(L, 1, i + 1);
    }
    g->egc_mode = EGC_NOT_ACTIVE;
    for (int i = 0; i < 600; i++) {
        if (i % 2)
            lua_pushnil(L), lua_rawseti(L, 1, i + 1);
    }
    for (int i = 0; i < 4; i++)
        collect(L);
    for (int i = 0; i < 600; i += 2) {
        char text[32];
        int bytes = snprintf(text, sizeof text, "string number %d", i);
        lua_rawgeti(L, 1, i + 1);
        CHECK(str_find(L, text, (size_t)bytes) == VALUE_STRING(TOP(L) - 1));
        lua_pop(L, 1);
        bytes = snprintf(text, sizeof text, "string number %d", i + 1);
        CHECK(str_find(L, text, (size_t)bytes) == NULL);
    }
}

TEST(every_living_string_is_found)
{
    core_with_state(HEAP_BYTES * 4, run_many);
}

// ---- strings in flash ----

#define FLASH_SLOTS 4u

// Writes an image's string table into the window: one chain per slot.
static void build_flash(const char *const *texts, int count)
{
    uint32_t *slots = (uint32_t *)(uintptr_t)WINDOW_ADDR;
    char *at = (char *)(slots + FLASH_SLOTS);
    memset(slots, 0, FLASH_SLOTS * 4);
    for (int i = 0; i < count; i++) {
        struct string *s = (struct string *)(void *)at;
        uint32_t bytes = (uint32_t)strlen(texts[i]);
        memset(s, 0, sizeof *s);
        s->tag_ = LUA_TSTRING;
        s->marked_ = MARK_FLASH;
        s->bytes = bytes;
        s->hash = string_hash(texts[i], bytes);
        memcpy(STRING_TEXT(s), texts[i], bytes + 1);
        s->next.addr = slots[s->hash % FLASH_SLOTS];
        slots[s->hash % FLASH_SLOTS] = ADDR32(s);
        at += (sizeof *s + bytes + 4) & ~3u;
    }
    flash_regions_mount(&(struct flash_region){
        .begin = WINDOW_ADDR,
        .end = ADDR32(at),
        .slots_addr = WINDOW_ADDR,
        .slot_count = FLASH_SLOTS,
        .string_count = (uint32_t)count,
    });
}

static void run_flash(lua_State *L)
{
    uint32_t before = total(L);
    // Three event names stand in the image and cost nothing.
    CHECK_EQUAL(before, 2076 - (16 + 7 + 1) - (16 + 4 + 1) - (16 + 6 + 1));
    lua_pushstring(L, "sensor/value");
    const struct string *s = VALUE_STRING(TOP(L) - 1);
    CHECK(IN_WINDOW(s));
    CHECK_EQUAL(total(L), before);
    CHECK(str_find(L, "sensor/value", 12) == s);
    CHECK(!IN_WINDOW(str_new_z(L, "sensor/valuf")));
    CHECK(IN_WINDOW(DEREF(GLOBAL(L)->metamethod_names[META_INDEX])));
    lua_newtable(L);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 1);
    lua_rawset(L, 2); // key and value in flash
    char image[512];
    memcpy(image, (void *)(uintptr_t)WINDOW_ADDR, sizeof image);
    GLOBAL(L)->egc_mode = EGC_ALWAYS;
    for (int i = 0; i < 100; i++)
        lua_pushfstring(L, "n%d", i), lua_pop(L, 1);
    collect(L);
    CHECK(memcmp(image, (void *)(uintptr_t)WINDOW_ADDR, sizeof image) == 0); // never written
    lua_getfield(L, 2, "sensor/value");
    CHECK_TEXT(lua_tostring(L, -1), "sensor/value");
}

TEST(strings_of_the_image_are_found_in_place)
{
    static const char *const texts[] = {"__index", "__eq", "__call", "sensor/value", "", "x"};
    build_flash(texts, sizeof texts / sizeof *texts);
    core_with_state(HEAP_BYTES, run_flash);
}

TEST_MAIN
