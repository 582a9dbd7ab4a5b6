// core_freezer_test.c: the freezer with real functions: damage in flash stays in its block,
// failures of the flash leave the program as it was, memory that runs out while a frozen program
// goes on.

#include "runtime/freezer/freezer.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/call.h"
#include "runtime/core/gc.h"
#include "runtime/core/heap_parts.h"
#include "runtime/core/quicken.h"
#include "runtime/flash/regions.h"
#include "runtime/format/device_time.h"
#include "runtime/freezer/module.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/host/host.h"
#include "tests/support/core_state.h"

#define HEAP_BYTES 180224u
#define AREA_OFF 0xE0000u
#define AREA_BYTES 0x8000u
#define ROUNDS 40000
#define FUNCTIONS 12

static const struct flash_partition partition = {AREA_OFF, AREA_BYTES};

static uint8_t *cells(void)
{
    return (uint8_t *)flash_file_device()->context + AREA_OFF;
}

static uint32_t work[FREEZER_WORK_BYTES(AREA_BYTES) / 4];

static void mount(void)
{
    freezer_mount(flash_file_device(), &partition, 1, work);
}

// While a state refers to what is there nothing may move.
static void mount_again(void)
{
    freezer_mount(flash_file_device(), &partition, 1, NULL);
}

static void erase(void)
{
    CHECK_EQUAL(flash_erase(flash_file_device(), AREA_OFF, AREA_BYTES), STATUS_OK);
    mount();
}

// Pushes function n of a set; they share strings, and have functions inside.
static void push_function(lua_State *L, int n)
{
    char text[200];
    int bytes = snprintf(text, sizeof text,
                         "local shared = 'in all of them'; local function inner(x) return x + %d "
                         "end; return inner(%d), 'only in %d', shared",
                         n, n, n / 2);
    CHECK_EQUAL(luaL_loadbuffer(L, text, (size_t)bytes, "=f"), LUA_OK);
}

static struct freezer_result freeze_top(lua_State *L)
{
    struct freezer_result result;
    freezer_freeze(L, TOP(L) - 1, 1, &result);
    return result;
}

static void call_and_check(lua_State *L, int n)
{
    char text[40];
    snprintf(text, sizeof text, "only in %d", n / 2);
    lua_call(L, 0, 3);
    CHECK_EQUAL(lua_tointeger(L, -3), 2 * n);
    CHECK_TEXT(lua_tostring(L, -2), text);
    CHECK_TEXT(lua_tostring(L, -1), "in all of them");
    lua_settop(L, 0);
}

// A module whose functions refer to it, and to each other.
static void push_group(lua_State *L, int n)
{
    char text[300];
    int bytes = snprintf(
        text, sizeof text,
        "local M, add = {list = {%d, {}}}, %d; function M.f(x) return x + add end; "
        "function M.g(x) return M.f(x) + M.list[1] end; M.list[2].back = M return M",
        n, n);
    CHECK_EQUAL(luaL_loadbuffer(L, text, (size_t)bytes, "=g"), LUA_OK);
    lua_call(L, 0, 1);
}

static void call_group_and_check(lua_State *L, int n)
{
    lua_getfield(L, -1, "g");
    lua_pushinteger(L, 5);
    lua_call(L, 1, 1);
    CHECK_EQUAL(lua_tointeger(L, -1), 5 + 2 * n);
    lua_settop(L, 0);
}

static void freeze_set(lua_State *L)
{
    for (int n = 0; n < FUNCTIONS; n++) {
        push_group(L, n);
        CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
        CHECK(VALUE_IS_FROZEN_TABLE(TOP(L) - 1));
        call_group_and_check(L, n);
    }
    for (int n = 0; n < FUNCTIONS; n++) {
        push_function(L, n);
        CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
        call_and_check(L, n);
    }
    for (int n = 0; n < FUNCTIONS; n++) {
        lua_createtable(L, 2, 2);
        for (int i = 1; i <= n; i++) {
            lua_pushinteger(L, i * n);
            lua_rawseti(L, -2, i);
        }
        lua_newtable(L);
        lua_setfield(L, -2, "inner");
        lua_pushfstring(L, "text %d", n);
        lua_setfield(L, -2, "text");
        CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
        CHECK(VALUE_IS_FROZEN_TABLE(TOP(L) - 1));
        lua_settop(L, 0);
    }
}

static void check_sound(lua_State *L)
{
    uint32_t off;
    const char *fault = freezer_verify(&off);
    CHECK_TEXT(fault ? fault : "sound", "sound");
    fault = check_all(L, 0);
    CHECK_TEXT(fault ? fault : "sound", "sound");
}

static void with_flash(size_t heap_bytes, void (*body)(lua_State *L))
{
    static int is_open;
    if (!is_open)
        CHECK_EQUAL(flash_file_open(NULL, NULL, 0), EXIT_STATUS_DONE);
    is_open = 1;
    flash_regions_unmount(REGION_LFS);
    erase();
    core_with_state(heap_bytes, body);
}

// ---- damage ----

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void forget(lua_State *L)
{
    lua_settop(L, 0);
    gc_full(L, GC_REASON_REQUEST);
    gc_full(L, GC_REASON_REQUEST);
}

static uint8_t before[AREA_BYTES];

// Behind the back of the driver, which would have told that code is gone.
static void put_back(void)
{
    memcpy(cells(), before, AREA_BYTES);
    quick_forget(WINDOW_ADDR + AREA_OFF, AREA_BYTES);
}

// After a start on a damaged area every function still runs: from flash, or loaded anew.
static void run_damaged(lua_State *L)
{
    uint32_t seed = 1, found = 0, bad = 0, refused = 0;
    freeze_set(L);
    forget(L);
    memcpy(before, cells(), AREA_BYTES);
    uint32_t used = freezer.area.end;
    for (int round = 0; round < ROUNDS; round++) {
        put_back();
        for (uint32_t flips = 1 + next_random(&seed) % 4; flips > 0; flips--)
            cells()[next_random(&seed) % used] ^= (uint8_t)(1u << next_random(&seed) % 8);
        mount_again();
        bad += freezer.area.bad_blocks;
        refused += (uint32_t)freezer.is_refused;
        uint32_t off;
        const char *fault = freezer_verify(&off);
        CHECK_TEXT(fault ? fault : "sound", "sound");
        int n = round % FUNCTIONS;
        push_function(L, n);
        found += freeze_top(L).blocks == 0;
        fault = freezer_verify(&off);
        CHECK_TEXT(fault ? fault : "sound", "sound");
        call_and_check(L, n);
        forget(L);
        if (round % 4 == 0) {
            push_group(L, n);
            freeze_top(L);
            call_group_and_check(L, n);
            forget(L);
        }
    }
    CHECK(bad > ROUNDS / 2);     // damage is seen
    CHECK(refused < ROUNDS / 4); // and most of the time costs some blocks alone
    CHECK(found > ROUNDS / 4);
    check_sound(L);
}

TEST(damage_stays_in_its_block)
{
    with_flash(HEAP_BYTES, run_damaged);
}

// ---- a flash that fails ----

static const struct flash_driver *real_driver;
static int calls_left;

static int failing_program(struct flash_device *device, uint32_t off, const void *data,
                           uint32_t bytes)
{
    return calls_left-- <= 0 ? STATUS_IO : real_driver->program(device, off, data, bytes);
}

// Both tries of a block fail from call n on, for every n.
static void run_failing(lua_State *L)
{
    struct flash_device *device = flash_file_device();
    real_driver = device->driver;
    struct flash_driver failing = *real_driver;
    failing.program = failing_program;
    int status = STATUS_IO, n = 0;
    for (; status != STATUS_OK && n < 200; n++) {
        erase();
        CHECK_EQUAL(freezer_make_area(), STATUS_OK);
        push_function(L, n);
        forget(L);
        push_function(L, n);
        lua_pushvalue(L, -1);
        uint32_t bytes = GLOBAL(L)->total_bytes;
        calls_left = n;
        device->driver = &failing;
        struct freezer_result result = freeze_top(L);
        device->driver = real_driver;
        status = result.status;
        if (status != STATUS_OK) {
            CHECK_EQUAL(status, STATUS_IO);
            CHECK_EQUAL(GLOBAL(L)->total_bytes, bytes - result.saved); // strings alone
            CHECK(!IN_WINDOW(DEREF(VALUE_LUA_CLOSURE(TOP(L) - 1)->proto)));
        }
        check_sound(L);
        call_and_check(L, n);
        forget(L);
    }
    CHECK(n > 20);
    CHECK_EQUAL(status, STATUS_OK);
}

TEST(a_write_that_fails_leaves_the_program_as_it_was)
{
    with_flash(HEAP_BYTES, run_failing);
}

// ---- what it costs ----

static uint32_t flash_us(const struct flash_counts *then)
{
    const struct flash_counts *now = &flash_file_device()->counts;
    return (uint32_t)((now->busy_ns - then->busy_ns +
                       (now->read_bytes - then->read_bytes) * DEVICE_TIME_READ_NS) /
                      1000);
}

// One freeze makes the area, others have small blocks, one large one, or none.
static void run_costs(lua_State *L)
{
    struct freezer_result planned;
    for (int n = 0; n < 5; n++) {
        if (n < 2)
            push_function(L, n);
        else if (n == 2)
            push_group(L, n);
        else
            lua_newtable(L);
        for (int i = 1; n >= 3 && i <= 300; i++) {
            lua_pushinteger(L, i);
            lua_rawseti(L, -2, i);
        }
        freezer_plan(L, TOP(L) - 1, 1, &planned);
        struct freezer_cost cost = freezer_cost_of(&planned);
        struct flash_counts then = flash_file_device()->counts;
        CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
        uint32_t us = flash_us(&then);
        CHECK_EQUAL(cost.erases, flash_file_device()->counts.erases - then.erases);
        CHECK_EQUAL(us == 0, n == 4); // it is there already
        CHECK(cost.us + (n == 0 ? 1000 : 0) >= us && cost.us <= us + us / 8);
        forget(L);
    }
}

TEST(a_plan_tells_what_the_flash_takes)
{
    with_flash(HEAP_BYTES, run_costs);
}

// ---- what is reused ----

// Two functions with the same code, of which the first is written and the second is it.
static void run_twins(lua_State *L)
{
    static const char text[] = "local function a() return 'both' end "
                               "local function b() return 'both' end return a, b";
    struct freezer_result result, planned;
    CHECK_EQUAL(luaL_loadbuffer(L, text, sizeof text - 1, "=twins"), LUA_OK);
    freezer_plan(L, TOP(L) - 1, 1, &planned);
    result = freeze_top(L);
    CHECK_EQUAL(result.status, STATUS_OK);
    CHECK_EQUAL(result.found, 1);
    CHECK_EQUAL(result.blocks, planned.blocks - 1);
    lua_call(L, 0, 2);
    CHECK_EQUAL(VALUE_LUA_CLOSURE(TOP(L) - 1)->proto.addr,
                VALUE_LUA_CLOSURE(TOP(L) - 2)->proto.addr);
    forget(L);
    CHECK_EQUAL(luaL_loadbuffer(L, text, sizeof text - 1, "=twins"), LUA_OK);
    result = freeze_top(L);
    CHECK_EQUAL(result.blocks, 0);
    CHECK_EQUAL(result.found, 3); // functions; strings are those in flash when they are made
    check_sound(L);
}

TEST(what_is_reused_is_counted)
{
    with_flash(HEAP_BYTES, run_twins);
}

// ---- compaction ----

static void push_name(lua_State *L, int n)
{
    lua_pushfstring(L, "module %d", n);
}

// Modules, and functions and tables without a name; the even modules are dropped.
static void freeze_modules(lua_State *L)
{
    struct freezer_result result;
    for (int n = 100; n < 100 + FUNCTIONS; n++) {
        push_name(L, n);
        push_function(L, n);
        CHECK_EQUAL(freezer_module_put(L, TOP(L) - 2, 1, 1, &result), STATUS_OK);
        lua_settop(L, 0);
    }
    freeze_set(L);
    for (int n = 100; n < 100 + FUNCTIONS; n += 2) {
        push_name(L, n);
        CHECK_EQUAL(freezer_module_drop(VALUE_STRING(TOP(L) - 1)), STATUS_OK);
        lua_settop(L, 0);
    }
    CHECK_EQUAL(freezer_compact(), 1);
}

static void check_modules(lua_State *L)
{
    check_sound(L);
    for (int n = 0; n < FUNCTIONS; n++) { // without a name: all there
        push_group(L, n);
        CHECK_EQUAL(freeze_top(L).blocks, 0);
        call_group_and_check(L, n);
        push_function(L, n);
        CHECK_EQUAL(freeze_top(L).blocks, 0);
        call_and_check(L, n);
    }
    for (int n = 100; n < 100 + FUNCTIONS; n++) {
        push_name(L, n);
        CHECK_EQUAL(freezer_module_find(VALUE_STRING(TOP(L) - 1)) != NULL, n % 2);
        push_function(L, n);
        CHECK_EQUAL(freeze_top(L).blocks > 0, n % 2 == 0);
        call_and_check(L, n);
    }
    check_sound(L);
}

TEST(compaction_gives_space_back)
{
    with_flash(HEAP_BYTES, freeze_modules);
    uint32_t end = freezer.area.end;
    mount();
    CHECK(freezer.reclaimed > 500);
    CHECK_EQUAL(freezer.area.end, end - freezer.reclaimed);
    CHECK_EQUAL(freezer_compact(), 0);
    CHECK(freezer.area.flags & FREEZER_LOOSE);
    core_with_state(HEAP_BYTES, check_modules);
    mount();
    CHECK_EQUAL(freezer.reclaimed, 0);
}

// A small gain is not worth its erases, unless it is asked for.
static void drop_one(lua_State *L)
{
    struct freezer_result result;
    push_name(L, 1);
    push_function(L, 1);
    CHECK_EQUAL(freezer_module_put(L, TOP(L) - 2, 1, 1, &result), STATUS_OK);
    CHECK_EQUAL(freezer_module_drop(VALUE_STRING(TOP(L) - 2)), STATUS_OK);
}

TEST(a_small_gain_is_left)
{
    with_flash(HEAP_BYTES, drop_one);
    mount();
    CHECK_EQUAL(freezer.reclaimed, 0);
    CHECK_EQUAL(freezer_compact(), 1);
    mount();
    CHECK(freezer.reclaimed > 0);
    CHECK_EQUAL(freezer.area.end, freezer_first_block(AREA_BYTES));
}

static void check_any(lua_State *L)
{
    check_sound(L);
    for (int n = 0; n < FUNCTIONS; n++) {
        push_function(L, n);
        freeze_top(L);
        call_and_check(L, n);
    }
}

static int failing_erase(struct flash_device *device, uint32_t off)
{
    return calls_left-- <= 0 ? STATUS_IO : real_driver->erase(device, off);
}

// The start of a compaction ends anywhere, then bits flip: what the next start makes of that is
// sound, if it is less.
TEST(damage_in_a_compaction_is_seen)
{
    uint32_t seed = 7, lost = 0, kept = 0;
    with_flash(HEAP_BYTES, freeze_modules);
    struct flash_device *device = flash_file_device();
    real_driver = device->driver;
    struct flash_driver failing = *real_driver;
    failing.program = failing_program;
    failing.erase = failing_erase;
    memcpy(before, cells(), AREA_BYTES);
    for (int round = 0; round < 600; round++) {
        put_back();
        calls_left = round;
        device->driver = &failing;
        mount();
        device->driver = real_driver;
        int is_damaged = round % 3 > 0;
        for (int flips = 0; is_damaged && flips < round % 3; flips++)
            cells()[next_random(&seed) % AREA_BYTES] ^= (uint8_t)(1u << next_random(&seed) % 8);
        mount();
        uint32_t off;
        const char *fault = freezer_verify(&off);
        CHECK_TEXT(fault ? fault : "sound", "sound");
        lost += freezer.is_refused;
        kept += !freezer.is_refused;
        CHECK(is_damaged || (!freezer.is_refused && freezer.area.bad_blocks == 0));
        if (!is_damaged)
            core_with_state(HEAP_BYTES, check_modules);
        else if (round % 16 == 1)
            core_with_state(HEAP_BYTES, check_any);
    }
    CHECK(lost > 5);
    CHECK(kept > 300);
}

// ---- userdata ----

static int finalized;

static int finalize(lua_State *L)
{
    (void)L;
    finalized++;
    return 0;
}

// The metatable of userdata moves into flash under it; its finalizer is found there.
static void run_userdata(lua_State *L)
{
    lua_newuserdata(L, 8);
    lua_newtable(L);
    lua_pushlightfunction(L, finalize);
    lua_setfield(L, -2, "__gc");
    lua_newtable(L);
    lua_pushinteger(L, 7);
    lua_setfield(L, -2, "seven");
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -1);
    lua_setmetatable(L, 1);
    CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
    CHECK(VALUE_IS_FROZEN_TABLE(TOP(L) - 1));
    CHECK_EQUAL(VALUE_USERDATA(DEREF(L->base))->metatable.addr, (TOP(L) - 1)->as.pointer);
    lua_settop(L, 1);
    gc_full(L, GC_REASON_REQUEST);
    lua_getfield(L, 1, "seven");
    CHECK_EQUAL(lua_tointeger(L, -1), 7);
    check_sound(L);
    CHECK_EQUAL(finalized, 0);
    forget(L);
    CHECK_EQUAL(finalized, 1);
    // In a table it is in the way, by its finalizer.
    lua_newtable(L);
    lua_newuserdata(L, 8);
    lua_newtable(L);
    lua_pushlightfunction(L, finalize);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "handle");
    struct freezer_result result = freeze_top(L);
    CHECK_EQUAL(result.status, STATUS_USAGE);
    CHECK_TEXT(result.why, ".handle: userdata with a finalizer (freezer.thawed keeps it in RAM)");
}

TEST(a_metatable_of_userdata_moves)
{
    with_flash(HEAP_BYTES, run_userdata);
}

// ---- memory that runs out ----

// Freezing takes no memory: in a heap that is full to the last byte it succeeds.
static void run_full_heap(lua_State *L)
{
    push_function(L, 1);
    lua_newtable(L);
    GLOBAL(L)->egc_mode = EGC_NOT_ACTIVE;
    void *first = NULL;
    for (size_t bytes = 4096; bytes >= 16; bytes /= 2)
        for (void **block; (block = heap_take(bytes)) != NULL; first = block) {
            block[0] = first;
            block[1] = (void *)bytes;
        }
    lua_settop(L, 1);
    struct freezer_result result = freeze_top(L);
    CHECK_EQUAL(result.status, STATUS_OK);
    CHECK(result.saved > 300);
    while (first) {
        void **block = first;
        first = block[0];
        heap_give(block, (size_t)block[1]);
    }
    check_sound(L);
    call_and_check(L, 1);
}

TEST(freezing_takes_no_memory)
{
    with_flash(45056, run_full_heap);
}

// ---- who must not write to it ----

static lua_State *watched_state;

// A process that ends as the program would; what it says goes to `said`.
static int status_of_store(uint32_t addr, char *said, size_t room)
{
    int ends[2], status = 0;
    size_t count = 0;
    ssize_t n;
    CHECK_EQUAL(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        host_fault_init(&watched_state);
        *(volatile uint32_t *)(uintptr_t)addr = 0;
        _exit(EXIT_STATUS_DONE);
    }
    close(ends[1]);
    while (count + 1 < room && (n = read(ends[0], said + count, room - 1 - count)) > 0)
        count += (size_t)n;
    said[count] = 0;
    close(ends[0]);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void run_stray_store(lua_State *L)
{
    char said[1000];
    lua_newtable(L);
    lua_pushinteger(L, 7);
    lua_rawseti(L, -2, 1);
    CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
    CHECK(VALUE_IS_FROZEN_TABLE(TOP(L) - 1));
    watched_state = L;
    int status = status_of_store((TOP(L) - 1)->as.pointer, said, sizeof said);
    CHECK(status != EXIT_STATUS_DONE);
#if !HEAP_SANITIZED // else its own handlers tell
    CHECK_EQUAL(status, EXIT_STATUS_ENVIRONMENT);
    CHECK(strstr(said, "store into the flash window, which is read-only") != NULL);
#endif
    lua_rawgeti(L, -1, 1);
    CHECK_EQUAL(lua_tointeger(L, -1), 7);
}

TEST(a_store_into_what_is_frozen_ends_the_run)
{
    with_flash(HEAP_BYTES, run_stray_store);
}

// ---- another program ----

static int of_the_program(lua_State *L)
{
    (void)L;
    return 0;
}

// Tables that refer to functions of the program are dropped by another one; others stay.
static void run_other_program(lua_State *L)
{
    uint32_t blocks = 0, others = 0;
    lua_newtable(L);
    lua_pushlightfunction(L, of_the_program);
    lua_rawseti(L, -2, 1);
    CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
    lua_newtable(L);
    lua_pushinteger(L, 7);
    lua_rawseti(L, -2, 1);
    CHECK_EQUAL(freeze_top(L).status, STATUS_OK);
    forget(L);
    for (uint32_t at = 0; (at = freezer_area_next(&freezer.area, at)) != 0;)
        blocks++;
    freezer_mount(flash_file_device(), &partition, 2, NULL);
    for (uint32_t at = 0; (at = freezer_area_next(&freezer.area, at)) != 0;)
        others++;
    CHECK_EQUAL(others, blocks - 1);
    mount();
}

TEST(what_refers_to_another_program_is_dropped)
{
    with_flash(HEAP_BYTES, run_other_program);
}

TEST_MAIN
