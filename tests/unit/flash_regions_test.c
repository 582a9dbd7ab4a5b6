// flash_regions_test.c: two regions of flash: strings are found in their order, an image uses those
// of the one below, and nothing that dangles is mounted.
//
// The regions lie in the window of the host's flash in memory: LFS core with a made image, or the
// firmware's; LFS devs with one that is linked against it.

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/flash/lfs.h"
#include "runtime/flash/lfs_link.h"
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

static struct lfs_target devs;
static uint32_t core_words[MAKER_BYTES_MAX / 4], devs_words[MAKER_BYTES_MAX / 4];
static struct image_maker core, upper;
static struct lfs_report report;

// Flash in memory without an image, and a target after the LFS partition.
static void open_flash(const char *lfs)
{
    struct flash_layout layout;
    CHECK_EQUAL(flash_file_open(NULL, lfs, 0), EXIT_STATUS_DONE);
    partitions_init(&layout, lfs_target.device->bytes);
    devs = lfs_target;
    devs.region = REGION_DEVS;
    devs.partition = layout.parts[PARTITION_LFS_DEVS];
}

static int put(const struct lfs_target *target, const struct image_maker *m)
{
    struct lfs_work *work = lfs_port_work();
    memcpy(work->image, m->words, m->bytes);
    int status = lfs_write(target, work, m->bytes, &report);
    return status == STATUS_OK ? lfs_mount(target, &work->marks, &report) : status;
}

// An image with the texts; its index function has the first one as its source.
static void make(struct image_maker *m, uint32_t *words, const struct lfs_target *target,
                 uint32_t linked_crc, const char *const *texts, uint32_t count)
{
    uint32_t first = 0;
    maker_begin(m, words, partitions_addr(&target->partition), linked_crc);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t addr = maker_text(m, texts[i]);
        first = i ? first : addr;
    }
    struct lfs_proto index = maker_empty(m, first);
    maker_end(m, maker_function(m, &index));
}

static void mount_core(void)
{
    static const char *const texts[] = {"=core", "temperature", "both"};
    make(&core, core_words, &lfs_target, 0, texts, 3);
    CHECK_EQUAL(put(&lfs_target, &core), STATUS_OK);
}

static uint32_t below_crc(void)
{
    struct lfs_below below;
    lfs_below_init(&below, devs.device, REGION_DEVS);
    return lfs_below_crc(&below);
}

// Address of a text in a made image.
static uint32_t addr_of(const struct image_maker *m, const char *text)
{
    uint32_t bytes = (uint32_t)strlen(text);
    const struct lfs_header *header = (const struct lfs_header *)m->words;
    uint32_t at = maker_word(m, header->string_slots)[string_hash(text, bytes) % MAKER_SLOTS];
    while (at && (maker_word(m, at)[3] != bytes || memcmp(maker_word(m, at) + 4, text, bytes) != 0))
        at = *maker_word(m, at);
    return at;
}

// An image for devs: "hygrometer" and a function whose constants are one of its own strings and one
// of the core's, at `lower`.
static void make_linked(uint32_t linked_crc, uint32_t lower)
{
    maker_begin(&upper, devs_words, partitions_addr(&devs.partition), linked_crc);
    uint32_t own = maker_text(&upper, "hygrometer");
    struct maker_constant constants[] = {{own, 0, LFS_TAG_STRING}, {lower, 0, LFS_TAG_STRING}};
    struct lfs_proto index = maker_empty(&upper, own);
    index.constants = maker_constants(&upper, constants, 2);
    index.constant_count = 2;
    maker_end(&upper, maker_function(&upper, &index));
}

// ---- look-up ----

static uint32_t interned(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    uint32_t addr = ADDR32(VALUE_STRING(TOP(L) - 1));
    lua_pop(L, 1);
    return addr;
}

static void run_two_regions(lua_State *L)
{
    uint32_t before = GLOBAL(L)->total_bytes;
    CHECK_EQUAL(interned(L, "temperature"), addr_of(&core, "temperature"));
    CHECK_EQUAL(interned(L, "hygrometer"), addr_of(&upper, "hygrometer"));
    CHECK_EQUAL(GLOBAL(L)->total_bytes, before);
    CHECK(!IN_WINDOW(interned(L, "pressure")));
    CHECK(str_find(L, "hygrometer", 10) ==
          (struct string *)(uintptr_t)addr_of(&upper, "hygrometer"));
    // A constant of the upper image that stands in the lower one is the string that programs make.
    const struct proto *index = (const void *)(uintptr_t)flash_regions.items[1].index_addr;
    CHECK_EQUAL(interned(L, "temperature"), DEREF(index->constants)[1].as.pointer);
}

TEST(strings_of_both_regions_are_found_in_place)
{
    open_flash(NULL);
    mount_core();
    make_linked(below_crc(), addr_of(&core, "temperature"));
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
    CHECK_EQUAL(flash_regions.count, 2);
    CHECK_EQUAL(flash_regions.items[1].linked_crc, below_crc());
    core_with_state(HEAP_BYTES, run_two_regions);
}

// The check forbids a text in both regions; the order of look-up shows with a list made by hand.
static void run_order(lua_State *L)
{
    CHECK_EQUAL(interned(L, "both"), addr_of(&core, "both"));
    flash_regions_unmount(REGION_LFS);
    CHECK_EQUAL(flash_regions.count, 0);
    CHECK(!IN_WINDOW(interned(L, "both")));
}

TEST(the_first_region_comes_first)
{
    static const char *const texts[] = {"both"};
    open_flash(NULL);
    make(&upper, devs_words, &devs, 0, texts, 1);
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
    struct flash_region second = flash_regions.items[0];
    CHECK_EQUAL(second.id, REGION_DEVS);
    mount_core();
    CHECK_EQUAL(flash_regions.count, 1); // devs were taken off with what lies below them
    flash_regions_mount(&second);
    core_with_state(HEAP_BYTES, run_order);
}

static void run_unmounted(lua_State *L)
{
    CHECK(IN_WINDOW(interned(L, "hygrometer")));
    flash_regions_unmount(REGION_DEVS);
    CHECK_EQUAL(flash_regions.count, 1);
    CHECK(IN_WINDOW(interned(L, "temperature")));
    CHECK(!IN_WINDOW(interned(L, "hygrometer")));
}

TEST(an_unmounted_region_is_not_looked_at)
{
    open_flash(NULL);
    mount_core();
    make_linked(below_crc(), addr_of(&core, "temperature"));
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
    core_with_state(HEAP_BYTES, run_unmounted);
}

TEST(addresses_belong_to_the_region_in_whose_bounds_they_lie)
{
    open_flash(NULL);
    mount_core();
    make_linked(below_crc(), addr_of(&core, "temperature"));
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
    const struct flash_region *lower = flash_region_find(REGION_LFS);
    const struct flash_region *second = flash_region_find(REGION_DEVS);
    CHECK_EQUAL(lower->end - lower->begin, core.bytes);
    CHECK(flash_region_at(lower->begin - 1) == NULL);
    CHECK(flash_region_at(lower->begin) == lower);
    CHECK(flash_region_at(lower->end - 1) == lower);
    CHECK(flash_region_at(lower->end) == NULL);
    CHECK(flash_region_at(second->end - 1) == second);
    CHECK(flash_region_at(second->end) == NULL);
    CHECK(flash_region_at(0) == NULL);
    CHECK(flash_region_at(UINT32_MAX) == NULL);
    CHECK(!IN_WINDOW(WINDOW_ADDR - 1));
    CHECK(IN_WINDOW(WINDOW_ADDR + WINDOW_BYTES - 1));
    CHECK(!IN_WINDOW(WINDOW_ADDR + WINDOW_BYTES));
    CHECK(flash_region_find(REGION_FREEZER) == NULL);
    CHECK_TEXT(flash_region_file(REGION_LFS), "lfs.img");
    CHECK_TEXT(flash_region_file(REGION_DEVS), "lfs-devs.img");
}

// ---- what is refused ----

static void check_refused(int status, const char *what, uint32_t off)
{
    CHECK_EQUAL(status, STATUS_DAMAGED);
    CHECK_TEXT(report.what ? report.what : "", what);
    CHECK_EQUAL(report.off, off);
    CHECK_EQUAL(flash_regions.count, 1);
}

TEST(a_pointer_below_leads_to_a_string)
{
    open_flash(NULL);
    mount_core();
    uint32_t crc = below_crc(), lower = addr_of(&core, "temperature");
    struct lfs_header *header = (struct lfs_header *)core_words;
    const uint32_t wrong[] = {
        lower + 4,
        lower + 1,
        core.base,
        core.base + 32,
        lower - 4,
        header->main_proto,
        core.base + core.bytes - 4,
        core.base + core.bytes - 12,
    };
    make_linked(crc, lower);
    uint32_t at =
        ((struct lfs_proto *)maker_word(&upper, upper.base + upper.bytes - 72))->constants -
        upper.base + 12;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        make_linked(crc, wrong[i]);
        check_refused(put(&devs, &upper),
                      "pointer to something other than a string of the image below", at);
    }
    make_linked(crc, core.base + core.bytes);
    check_refused(put(&devs, &upper), "pointer to a string", at);
    make_linked(crc, core.base - 4);
    check_refused(put(&devs, &upper), "pointer to a string", at);
    make_linked(0, lower); // it says that it stands alone
    check_refused(put(&devs, &upper), "pointer into an image below", at);
    make_linked(crc, lower);
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
}

TEST(an_image_is_used_only_with_those_it_was_linked_against)
{
    char text[LFS_MESSAGE_BYTES];
    open_flash(NULL);
    mount_core();
    uint32_t crc = below_crc();
    CHECK_EQUAL(crc, inflate_crc(0, core_words, core.bytes));
    make_linked(crc ^ 1, addr_of(&core, "temperature"));
    CHECK_EQUAL(put(&devs, &upper), STATUS_VERSION);
    CHECK_EQUAL(report.fault, LFS_FAULT_LINKED);
    CHECK_EQUAL(report.value[0], crc ^ 1);
    CHECK_EQUAL(report.value[1], crc);
    lfs_mount_text(&report, text, sizeof text);
    char want[LFS_MESSAGE_BYTES];
    snprintf(want, sizeof want, "image is for core image 0x%08x, this one is 0x%08x",
             (unsigned)(crc ^ 1), (unsigned)crc);
    CHECK_TEXT(text, want);
    // The same image is sound as long as its core is there, and only then.
    make_linked(crc, addr_of(&core, "temperature"));
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
    static const char *const texts[] = {"=other core", "temperature"};
    make(&core, core_words, &lfs_target, 0, texts, 2);
    CHECK_EQUAL(put(&lfs_target, &core), STATUS_OK);
    CHECK_EQUAL(flash_regions.count, 1);
    CHECK_EQUAL(lfs_mount(&devs, &lfs_port_work()->marks, &report), STATUS_VERSION);
    flash_regions_unmount(REGION_LFS);
    CHECK_EQUAL(lfs_mount(&devs, &lfs_port_work()->marks, &report), STATUS_VERSION);
    mount_core();
    CHECK_EQUAL(lfs_mount(&devs, &lfs_port_work()->marks, &report), STATUS_OK);
    CHECK_EQUAL(flash_regions.count, 2);
}

// Files name the core image that they are for by its strings and their places, not by its address.
TEST(a_core_image_has_one_name_wherever_it_lies)
{
    static const char *const texts[] = {"=core", "temperature", "both"};
    static const char *const others[] = {"=core", "temperaturf", "both"};
    struct lfs_target target = lfs_target;
    uint32_t names[3];
    for (int i = 0; i < 3; i++) {
        struct lfs_image image;
        target.partition.off = i == 0 ? 0x60000 : 0x90000;
        make(&core, core_words, &target, 0, i == 2 ? others : texts, 3);
        lfs_view_init(&image, core_words, core.bytes, core.base, LFS_SIGNATURE_BUILD);
        names[i] = lfs_link_name(&image);
    }
    CHECK_EQUAL(names[0], names[1]);
    CHECK(names[0] != names[2]);
    struct lfs_below below = {.count = 1};
    lfs_view_init(&below.images[0], core_words, core.bytes, core.base, LFS_SIGNATURE_BUILD);
    uint32_t last = LFS_BELOW_WORDS + core.bytes / 4 - 1;
    CHECK_EQUAL(lfs_link_addr(7, 8, 0x40300000, &below), 0x4030001C);
    CHECK_EQUAL(lfs_link_addr(8, 8, 0x40300000, &below), 0);
    CHECK_EQUAL(lfs_link_addr(LFS_BELOW_WORDS + 8, 8, 0x40300000, &below), core.base + 32);
    CHECK_EQUAL(lfs_link_addr(last, 8, 0x40300000, &below), core.base + core.bytes - 4);
    CHECK_EQUAL(lfs_link_addr(last + 1, 8, 0x40300000, &below), 0);
    below.count = 0;
    CHECK_EQUAL(lfs_link_addr(LFS_BELOW_WORDS + 8, 8, 0x40300000, &below), 0);
}

TEST(no_text_stands_in_two_regions)
{
    static const char *const texts[] = {"=devs", "both"};
    open_flash(NULL);
    mount_core();
    make(&upper, devs_words, &devs, 0, texts, 2);
    check_refused(put(&devs, &upper), "string that an image below has",
                  addr_of(&upper, "both") - upper.base);
    make(&upper, devs_words, &devs, below_crc(), texts, 2);
    check_refused(put(&devs, &upper), "string that an image below has",
                  addr_of(&upper, "both") - upper.base);
    make(&upper, devs_words, &devs, 0, texts, 1);
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
}

// Sources, names and line tables may be strings of the image below, too; parts of functions not.
TEST(only_strings_are_shared)
{
    static const char *const texts[] = {"=core", "x", "\1"};
    open_flash(NULL);
    make(&core, core_words, &lfs_target, 0, texts, 3);
    CHECK_EQUAL(put(&lfs_target, &core), STATUS_OK);
    const struct lfs_proto *lower = (struct lfs_proto *)maker_word(&core,
                                                                   core.base + core.bytes - 72);
    for (int part = 0; part < 4; part++) {
        uint32_t name = addr_of(&core, "x"), function = core.base + core.bytes - 72;
        maker_begin(&upper, devs_words, partitions_addr(&devs.partition), below_crc());
        struct lfs_proto index = maker_empty(&upper, addr_of(&core, "=core"));
        struct lfs_local local = {name, 0, 1};
        index.lines = addr_of(&core, "\1") + 16;
        index.local_names = maker_words(&upper, &local.name, 3);
        index.local_name_count = 1;
        if (part == 1)
            index.code = lower->code;
        if (part == 2) {
            index.protos = maker_words(&upper, &function, 1);
            index.proto_count = 1;
        }
        if (part == 3)
            index.local_names = core.base + 32;
        maker_end(&upper, maker_function(&upper, &index));
        int status = put(&devs, &upper);
        static const char *const what[] = {NULL, "pointer to code", "pointer to a function",
                                           "pointer to local names"};
        CHECK_EQUAL(status, part == 0 ? STATUS_OK : STATUS_DAMAGED);
        if (part > 0)
            CHECK_TEXT(report.what ? report.what : "", what[part]);
    }
}

// ---- the list itself ----

TEST(an_unsound_list_of_regions_is_found)
{
    const struct flash_region sound = {.id = REGION_DEVS,
                                       .begin = WINDOW_ADDR + 0x1000,
                                       .end = WINDOW_ADDR + 0x2000,
                                       .slots_addr = WINDOW_ADDR + 0x1020,
                                       .slot_count = 2,
                                       .index_addr = WINDOW_ADDR + 0x2000 - 72};
    struct {
        uint32_t *word;
        uint32_t value;
        const char *what;
    } damage[] = {
        {&flash_regions.items[1].begin, WINDOW_ADDR + 0x0FFC, "regions that overlap"},
        {&flash_regions.items[1].begin, WINDOW_ADDR + 0x2000, "region out of the window"},
        {&flash_regions.items[1].end, WINDOW_ADDR + WINDOW_BYTES + 1, "region out of the window"},
        {&flash_regions.items[0].begin, WINDOW_ADDR - 1, "region out of the window"},
        {&flash_regions.items[0].end, WINDOW_ADDR + 0x1001, "regions that overlap"},
        {&flash_regions.items[1].slot_count, 0, "number of string slots of a region"},
        {&flash_regions.items[1].slot_count, 3, "number of string slots of a region"},
        {&flash_regions.items[1].slot_count, 0x400, "string slots out of their region"},
        {&flash_regions.items[1].slot_count, 0x80000000, "string slots out of their region"},
        {&flash_regions.items[1].slots_addr, WINDOW_ADDR + 0x0FFC,
         "string slots out of their region"},
        {&flash_regions.items[1].slots_addr, WINDOW_ADDR + 0x1FFC,
         "string slots out of their region"},
        {&flash_regions.items[1].index_addr, WINDOW_ADDR + 0x2000 - 68,
         "index function out of its region"},
        {&flash_regions.items[0].index_addr, WINDOW_ADDR + 0x1000,
         "index function out of its region"},
        {&flash_regions.count, REGION_COUNT + 1, "number of regions"},
    };
    struct flash_region first = sound;
    first.id = REGION_LFS;
    first.begin -= 0x1000;
    first.end -= 0x1000;
    first.slots_addr -= 0x1000;
    first.index_addr = 0;
    flash_regions_mount(&first);
    flash_regions_mount(&sound);
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        uint32_t was = *damage[i].word;
        CHECK(flash_regions_check() == NULL);
        *damage[i].word = damage[i].value;
        const char *what = flash_regions_check();
        CHECK_TEXT(what ? what : "sound", damage[i].what);
        *damage[i].word = was;
    }
    flash_regions.items[1].id = REGION_LFS;
    const char *what = flash_regions_check();
    CHECK_TEXT(what ? what : "sound", "order of regions");
}

// ---- what speaks of LFS means LFS core ----

static void run_chunk(lua_State *L, const char *chunk)
{
    CHECK_EQUAL(luaL_loadstring(L, chunk), LUA_OK);
    if (lua_pcall(L, 0, 1, 0) != LUA_OK)
        printf("# %s\n", lua_tostring(L, -1));
    CHECK(lua_toboolean(L, -1));
    lua_settop(L, 0);
}

static void run_lfs(lua_State *L)
{
    libs_open(L);
    run_chunk(L,
              "local _, addr, off, bytes, names = node.flashindex()\n"
              "return addr == 0x40290000 and off == 0x90000 and bytes == 102324 and #names == 13");
    run_chunk(L, "return node.LFS.config.lfs_used == 102324 and #node.LFS.list() == 13");
    run_chunk(
        L, "return type(node.flashindex'arith') == 'function' and not node.flashindex'hygrometer'");
    // All strings in flash, sorted; those of the second region are among them.
    run_chunk(L, "local rom = debug.getstrings'ROM'\n"
                 "local found = 0\n"
                 "for i = 2, #rom do if rom[i] <= rom[i - 1] then return false end end\n"
                 "for i = 1, #rom do if rom[i] == 'hygrometer' then found = found + 1 end end\n"
                 "return #rom == 811 + (only_core and 0 or 1) and found == (only_core and 0 or 1)");
}

static void run_core_only(lua_State *L)
{
    lua_pushboolean(L, 1);
    lua_setglobal(L, "only_core");
    run_lfs(L);
}

TEST(lfs_is_the_core_region)
{
    open_flash("tests/nodemcu/golden/lfs-float/app.rel.img");
    flash_file_mount();
    CHECK_EQUAL(flash_regions.count, 1);
    core_with_state(HEAP_BYTES, run_core_only);
    struct lfs_below below;
    lfs_below_init(&below, devs.device, REGION_DEVS);
    CHECK_EQUAL(below.count, 1);
    uint32_t slots = lfs_word(&below.images[0], 12) - below.images[0].base_addr;
    while (lfs_word(&below.images[0], slots) == 0)
        slots += 4;
    make_linked(lfs_below_crc(&below), lfs_word(&below.images[0], slots));
    CHECK_EQUAL(put(&devs, &upper), STATUS_OK);
    core_with_state(HEAP_BYTES, run_lfs);
}

TEST_MAIN
