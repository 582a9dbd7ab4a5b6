// core_unload_test.c: an image is exchanged while a program runs: its strings go on being what they
// were, wherever the program has them, and one text stays one string.
//
// The images are made here and lie in the two slots of LFS devs of the host's flash in memory.

#include "runtime/freezer/unload.h"

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/flash/devs.h"
#include "runtime/format/string_hash.h"
#include "runtime/lib/libs.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/port.h"
#include "tests/support/core_state.h"
#include "tests/support/image_maker.h"

#define HEAP_BYTES 0x20000u

_Noreturn void port_restart(void)
{
    abort();
}

static const char *const old_texts[] = {"=devs", "only old", "in both", "__index", "not used"};
static const char *const new_texts[] = {"=devs", "in both", "only new", "held by C", "__len"};

static void put(const char *const *texts, uint32_t count)
{
    static uint32_t words[MAKER_BYTES_MAX / 4];
    struct image_maker m;
    struct lfs_report report;
    uint32_t slot = devs_free_slot(), first = 0;
    struct flash_partition part = devs_slot_of(&devs.whole.partition, FLASH_SECTOR_BYTES, slot);
    maker_begin(&m, words, partitions_addr(&part), 0);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t addr = maker_text(&m, texts[i]);
        first = i ? first : addr;
    }
    struct lfs_proto index = maker_empty(&m, first);
    maker_end(&m, maker_function(&m, &index));
    ((struct lfs_header *)words)->fill = devs.numbers[0] + devs.numbers[1] + 1;
    memcpy(lfs_port_work()->image, words, m.bytes);
    CHECK_EQUAL(devs_write(lfs_port_work(), m.bytes, &report), STATUS_OK);
}

static void open_flash(void)
{
    struct lfs_report report;
    CHECK_EQUAL(flash_file_open(NULL, NULL, 0), EXIT_STATUS_DONE);
    put(old_texts, 5);
    CHECK_EQUAL(devs_mount(&lfs_port_work()->marks, &report), STATUS_OK);
    put(new_texts, 5);
}

static int exchange(int go)
{
    struct lfs_report report;
    if (go && devs_switch(&lfs_port_work()->marks, &report) == STATUS_OK)
        return 0;
    devs_switch_back();
    return -1;
}

static const struct string *interned(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    const struct string *s = VALUE_STRING(TOP(L) - 1);
    lua_pop(L, 1);
    return s;
}

static int is_in_devs(const void *s)
{
    const struct flash_region *region = flash_region_find(REGION_DEVS);
    return region && ADDR32(s) - region->begin < region->end - region->begin;
}

static void run_lua(lua_State *L, const char *code)
{
    int status = luaL_dostring(L, code);
    CHECK_TEXT(status ? lua_tostring(L, -1) : "", "");
    lua_settop(L, 0);
}

// What a program can have of an image's texts, and of those that another will have.
static const char before[] =
    "local n = 'only new' live = n "
    "values = {'only old', 'in both', n} keys = {['only old'] = 1, ['in both'] = 2, [n] = 3} "
    "local up = 'only old' function upvalue() return up end "
    "co = coroutine.wrap(function() local mine = 'only old' coroutine.yield(mine) return mine end) "
    "first = co() walked = {['only old'] = 1, ['in both'] = 1, [n] = 1, ['not used'] = 1} "
    "walk = coroutine.wrap(function() "
    "for k in pairs(walked) do walked[k] = nil coroutine.yield(k) end end) "
    "seen = 2 walk() walk() "
    "meta = setmetatable({}, {__index = function(_, k) return k end})";

static const char after[] =
    "local function join(a, b) return a .. b end "
    "local o, b, n = join('only ', 'old'), join('in ', 'both'), join('only ', 'new') "
    "assert(values[1] == o and values[2] == b and values[3] == n and live == n, 'values') "
    "assert(keys[o] == 1 and keys[b] == 2 and keys[n] == 3, 'keys') "
    "assert(upvalue() == o and co() == o and first == o, 'upvalues and stacks') "
    "while walk() do seen = seen + 1 end assert(seen == 4, 'removed keys') "
    "assert(meta[o] == o, 'metamethods')";

static void run_exchange(lua_State *L)
{
    struct unload_result result;
    libs_open(L);
    CHECK(is_in_devs(interned(L, "only old")) &&
          is_in_devs(DEREF(GLOBAL(L)->metamethod_names[META_INDEX])));
    run_lua(L, before);
    unload_find_holder(L, flash_region_find(REGION_DEVS), &result);
    CHECK_TEXT(result.why, "");
    CHECK_EQUAL(unload_region(L, REGION_DEVS, exchange, &result), STATUS_OK);
    CHECK(!is_in_devs(interned(L, "only old")) && !IN_WINDOW(interned(L, "only old")));
    CHECK(is_in_devs(interned(L, "in both")) && is_in_devs(interned(L, "only new")));
    const struct string *name = DEREF(GLOBAL(L)->metamethod_names[META_INDEX]);
    CHECK(!IN_WINDOW(name) && (name->marked_ & MARK_FIXED));
    CHECK(is_in_devs(DEREF(GLOBAL(L)->metamethod_names[META_LEN])));
    CHECK(result.to_ram > 0 && result.to_flash > 0);
    const char *unsound = check_all(L, 1);
    CHECK_TEXT(unsound ? unsound : "sound", "sound");
    run_lua(L, after);
    lua_gc(L, LUA_GCCOLLECT, 0);
}

TEST(strings_of_an_image_outlive_it)
{
    open_flash();
    core_with_state(HEAP_BYTES, run_exchange);
}

// ---- C functions ----

static int exchange_inside(lua_State *L)
{
    struct unload_result result;
    lua_settop(L, 0);
    CHECK_EQUAL(unload_region(L, REGION_DEVS, exchange, &result), STATUS_OK);
    CHECK_EQUAL(result.c_strings, 1);
    return 0;
}

// Has characters of strings that move.
static int hold_and_call(lua_State *L)
{
    const char *old = lua_tostring(L, 1), *new = lua_tostring(L, 2);
    lua_pushcfunction(L, exchange_inside);
    lua_call(L, 0, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    CHECK_TEXT(old, "only old");
    CHECK_TEXT(new, "held by C");
    CHECK(lua_tostring(L, 1) != old);
    CHECK(lua_tostring(L, 2) != new &&is_in_devs(lua_tostring(L, 2)));
    return 0;
}

static void run_held(lua_State *L)
{
    libs_open(L);
    lua_pushcfunction(L, hold_and_call);
    lua_pushliteral(L, "only old");
    lua_pushliteral(L, "held by C");
    lua_call(L, 2, 0);
    uint32_t count = GLOBAL(L)->strings.string_count;
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    CHECK(GLOBAL(L)->strings.string_count < count); // what was left behind is gone
}

TEST(characters_that_a_c_function_has_stay)
{
    open_flash();
    core_with_state(HEAP_BYTES, run_held);
}

// ---- memory ----

static int failing, allocations;

static void *failing_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    if (new_bytes > old_bytes && failing > 0 && ++allocations >= failing)
        return NULL;
    return heap_realloc(context, block, old_bytes, new_bytes);
}

static void run_without_memory(lua_State *L)
{
    struct unload_result result;
    libs_open(L);
    run_lua(L, before);
    run_lua(L, "for i = 1, 40 do values['only old' .. i] = i end");
    GLOBAL(L)->alloc = ADDR32(failing_realloc);
    int status = STATUS_NO_MEMORY;
    for (failing = 1; status == STATUS_NO_MEMORY && failing < 100; failing++) {
        allocations = 0;
        status = unload_region(L, REGION_DEVS, exchange, &result);
        const char *unsound = check_all(L, 1);
        CHECK_TEXT(unsound ? unsound : "sound", "sound");
        CHECK_EQUAL(is_in_devs(interned(L, "only old")), status == STATUS_NO_MEMORY);
    }
    CHECK(failing > 2);
    CHECK_EQUAL(status, STATUS_OK);
    failing = 0;
    GLOBAL(L)->alloc = ADDR32(heap_realloc);
    run_lua(L, after);
}

TEST(without_memory_all_is_as_it_was)
{
    open_flash();
    core_with_state(HEAP_BYTES, run_without_memory);
}

TEST_MAIN
