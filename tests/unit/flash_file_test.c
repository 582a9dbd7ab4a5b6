// flash_file_test.c: is the flash of the host a flash, and does the virtual machine use an image
// where it lies?
//
// Runs the golden image through the port: device in a file, mapped window, mounted image, state.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/heap.h"
#include "runtime/core/state.h"
#include "runtime/core/str.h"
#include "runtime/flash/lfs.h"
#include "runtime/lib/libs.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/support/tap.h"

#define GOLDEN "tests/nodemcu/golden/"
#define APP_REL GOLDEN "lfs-float/app.rel.img"
#define APP_ABS GOLDEN "lfs-float/app.abs-40290000.img"
#define BASE (WINDOW_ADDR + LFS_DEFAULT_OFFSET)
#define HEAP_BYTES 0x40000

_Noreturn void port_restart(void)
{
    abort();
}

static char path[64];

static const char *scratch_file(void)
{
    snprintf(path, sizeof path, "/tmp/frost-flash-test.XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    unlink(path);
    return path;
}

static lua_State *new_state(void)
{
    void *heap = host_heap_map(HEAP_BYTES);
    CHECK(heap != NULL);
    heap_init(heap, HEAP_BYTES);
    lua_State *L = lua_newstate(heap_realloc, NULL);
    CHECK(L != NULL);
    libs_open(L);
    return L;
}

// ---- device ----

TEST(a_flash_file_keeps_its_content)
{
    const char *file = scratch_file();
    CHECK_EQUAL(flash_file_open(file, APP_REL, 0), EXIT_STATUS_DONE);
    struct stat info;
    CHECK_EQUAL(stat(file, &info), 0);
    CHECK_EQUAL(info.st_size, 0x400000);
    size_t bytes;
    uint8_t *in_file = test_read_file(file, &bytes), *image = test_read_file(APP_ABS, &bytes);
    CHECK(memcmp(in_file + LFS_DEFAULT_OFFSET + 4, image + 4, bytes - 4) == 0);
    for (uint32_t at = 0; at < LFS_DEFAULT_OFFSET; at++)
        CHECK(in_file[at] == 0xFF);
    CHECK(memcmp((const uint8_t *)(uintptr_t)BASE, in_file + LFS_DEFAULT_OFFSET, bytes) == 0);
    CHECK_EQUAL(flash_file_open(file, NULL, 0), EXIT_STATUS_DONE);
    flash_file_mount();
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    CHECK_EQUAL(lfs->begin, BASE);
    CHECK_EQUAL(lfs->end - lfs->begin, bytes);
    unlink(file);
    free(in_file);
    free(image);
}

TEST(a_store_into_the_window_is_caught)
{
    CHECK_EQUAL(flash_file_open(NULL, APP_REL, 0), EXIT_STATUS_DONE);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        *(volatile uint32_t *)(uintptr_t)BASE = 0;
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
    CHECK_EQUAL(*(const uint32_t *)(uintptr_t)BASE, 0xFAFAA154);
}

// ---- images with the verifier of the virtual machine ----

TEST(flips_in_the_mounted_image_do_not_crash)
{
    CHECK_EQUAL(flash_file_open(NULL, GOLDEN "ledger/lfs-float/ledger.rel.img", 0),
                EXIT_STATUS_DONE);
    struct lfs_report report;
    struct lfs_marks *marks = &lfs_port_work()->marks;
    CHECK_EQUAL(lfs_mount(&lfs_target, marks, &report), STATUS_OK);
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    uint32_t bytes = lfs->end - lfs->begin, accepted = 0;
    // The driver's mapping: what the flash would hold.
    uint8_t *cells = (uint8_t *)lfs_target.device->context + LFS_DEFAULT_OFFSET;
    uint64_t random = test_seed() * 2 + 1;
    for (uint32_t at = 0; at < bytes; at++) {
        uint8_t flip = (uint8_t)(1u << (test_random(&random) & 7));
        cells[at] ^= flip;
        int status = lfs_mount(&lfs_target, marks, &report);
        accepted += status == STATUS_OK;
        CHECK((status == STATUS_OK) == (flash_regions.count == 1));
        cells[at] ^= flip;
    }
    CHECK_EQUAL(lfs_mount(&lfs_target, marks, &report), STATUS_OK);
    printf("# %u of %u flips accepted\n", (unsigned)accepted, (unsigned)bytes);
    CHECK(accepted < bytes / 3);
}

// ---- in place ----

static void check_in_place(const struct proto *p)
{
    CHECK(IN_WINDOW(p));
    CHECK(IN_WINDOW(DEREF(p->code)));
    CHECK(IN_WINDOW(DEREF(p->source)));
    CHECK(p->constant_count == 0 || IN_WINDOW(DEREF(p->constants)));
    for (int i = 0; i < p->constant_count; i++)
        if (VALUE_IS_STRING(DEREF(p->constants) + i))
            CHECK(IN_WINDOW(VALUE_STRING(DEREF(p->constants) + i)));
    for (int i = 0; i < p->proto_count; i++)
        check_in_place(DEREF(DEREF(p->protos)[i]));
}

// Walks the heap's objects: none of them is a function of bytecode.
static int count_heap_protos(lua_State *L)
{
    int count = 0;
    for (struct object *o = DEREF(GLOBAL(L)->objects); o; o = DEREF(o->next))
        count += OBJECT_TAG(o) == TAG_PROTO;
    return count;
}

static void run_module(lua_State *L, const char *name)
{
    lua_getglobal(L, "node");
    lua_getfield(L, -1, "LFS");
    lua_getfield(L, -1, "get");
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    CHECK(lua_isfunction(L, -1));
    const struct lua_closure *c = lua_topointer(L, -1);
    check_in_place(DEREF(c->proto));
    lua_call(L, 0, 1);
    lua_settop(L, 0);
}

static int use_image(void *context)
{
    (void)context;
    lua_State *L = new_state();
    static const char *const modules[] = {"arith", "strings", "tables", "closures", "bigmodule"};
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        run_module(L, modules[i]);
    CHECK_EQUAL(count_heap_protos(L), 0);
    // Texts of the image are the strings of the image, whoever makes them.
    CHECK(IN_WINDOW(str_new(L, "@bigmodule.lua", 14)));
    CHECK(!IN_WINDOW(str_new(L, "@bigmodule.luA", 14)));
    // No text stands twice: what the image has is not in the table in RAM.
    const struct string_table *ram = &GLOBAL(L)->strings;
    for (int slot = 0; slot < ram->slot_count; slot++)
        for (struct object *o = (struct object *)DEREF(DEREF(ram->slots)[slot]); o;
             o = DEREF(o->next)) {
            struct string *s = (struct string *)o;
            CHECK(!IN_WINDOW(s));
            CHECK(str_find(L, STRING_TEXT(s), s->bytes) == s);
        }
    lua_close(L);
    return 7;
}

TEST(an_image_is_used_where_it_lies)
{
    CHECK_EQUAL(flash_file_open(NULL, APP_REL, 0), EXIT_STATUS_DONE);
    flash_file_mount();
    CHECK_EQUAL(host_thread_run(use_image, NULL, 1 << 20), 7);
}

TEST_MAIN
