// fuzz_image.c: bytes as an image for the device, as an image or chunk for the analyzer, and as the
// content of the LFS partition.
//
// What the runtime takes is mounted and its strings and line tables are walked as the virtual
// machine would, then its first modules are run for a while; what the analyzer takes must add up to
// its size.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/image/image_dump.h"
#include "analyzer/image/image_reader.h"
#include "runtime/core/debug.h"
#include "runtime/core/object.h"
#include "runtime/flash/lfs.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/port/host/flash_file.h"
#include "runtime/port/port.h"
#include "tests/fuzz/engine.h"
#include "tests/fuzz/sandbox.h"

#define MODULES_RUN_MAX 4
#define BASE (WINDOW_ADDR + LFS_DEFAULT_OFFSET)

struct bytes_input {
    const uint8_t *at;
    size_t left;
};

static long read_bytes(void *context, void *data, uint32_t bytes)
{
    struct bytes_input *in = context;
    size_t count = bytes < in->left ? bytes : in->left;
    memcpy(data, in->at, count);
    in->at += count;
    in->left -= count;
    return (long)count;
}

static void require(int is_good)
{
    if (!is_good)
        abort();
}

// Everything that the runtime follows blindly must lie in the window.
static void walk_function(const struct proto *p, int depth)
{
    require(depth < 300 && IN_WINDOW(p) && IN_WINDOW(DEREF(p->code)));
    for (int i = 0; i < p->constant_count; i++) {
        const struct value *k = DEREF(p->constants) + i;
        if (VALUE_IS_STRING(k))
            require(STRING_TEXT(VALUE_STRING(k))[VALUE_STRING(k)->bytes] == 0);
    }
    for (int pc = 0; pc < p->code_count; pc += 1 + p->code_count / 8)
        (void)debug_line(NULL, p, pc);
    // Shared functions could make this walk very long.
    for (int i = 0; i < p->proto_count && depth < 12; i++)
        walk_function(DEREF(DEREF(p->protos)[i]), depth + 1);
}

static int push_names(lua_State *L)
{
    node_flashindex(L); // the last of its values
    return 1;
}

// Asks the image for its names and runs its first modules.
static int run_modules(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushcfunction(L, push_names);
    if (sandbox_call(L, 0) != LUA_OK || !lua_istable(L, 1))
        return 0;
    for (int n = 1; n <= MODULES_RUN_MAX; n++) {
        lua_pushcfunction(L, node_load_from_flash);
        lua_rawgeti(L, 1, n);
        if (sandbox_call(L, 1) == LUA_OK && lua_isfunction(L, -1))
            sandbox_call(L, 0);
        lua_settop(L, 1);
    }
    return 0;
}

static void try_device(const uint8_t *data, size_t bytes)
{
    struct bytes_input in = {data, bytes};
    struct lfs_report report;
    char text[LFS_MESSAGE_BYTES];
    uint32_t image_bytes = 0;
    int status = lfs_prepare(&lfs_target, read_bytes, &in, (uint32_t)bytes, LFS_TAKE_PLAIN,
                             lfs_port_work(), &image_bytes, &report);
    lfs_report_text(&report, text, sizeof text);
    if (status != STATUS_OK)
        return;
    require(lfs_write(&lfs_target, lfs_port_work(), image_bytes, &report) == STATUS_OK);
    require(lfs_mount(&lfs_target, &lfs_port_work()->marks, &report) == STATUS_OK);
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    walk_function((const struct proto *)(uintptr_t)lfs->index_addr, 0);
    fuzz_taken++;
    sandbox_run(run_modules, NULL);
    lfs_unmount();
}

// As if the bytes lay in the partition: no length, no checksum stands in the way of the check.
static void try_partition(const uint8_t *data, size_t bytes)
{
    struct lfs_report report;
    struct lfs_work *work = lfs_port_work();
    if (bytes < sizeof(struct lfs_header) || bytes > LFS_IMAGE_BYTES_MAX)
        return;
    memcpy(work->image, data, bytes);
    (void)!lfs_check(work->image, (uint32_t)bytes & ~3u, BASE, NULL, lfs_target.verify,
                     &work->marks, &report);
}

static void try_analyzer(const uint8_t *data, size_t bytes)
{
    static struct arena arena;
    const struct image *image;
    struct problem problem = {0};
    struct arena_mark mark = arena_mark(&arena);
    if (image_read(&arena, text_of("fuzz"), data, bytes, NULL, &image, &problem) == STATUS_OK) {
        struct image_bytes sum;
        image_sum_module(image, IMAGE_ALL, &sum);
        require(sum.total == image->bytes);
        for (uint32_t off = 0; off < image->bytes; off += 1 + image->bytes / 64) {
            struct image_place place;
            char text[64];
            require(image_find_off(image, off, &place));
            require(image_describe(image, &place, text, sizeof text) < sizeof text);
        }
    } else {
        require(problem.status != STATUS_OK && problem.message[0] != 0);
    }
    arena_rewind(&arena, mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (!lfs_target.device)
        require(flash_file_open(NULL, NULL, 0) == EXIT_STATUS_DONE);
    uint8_t *copy = malloc(bytes ? bytes : 1); // exactly the size, so that overruns are seen
    memcpy(copy, data, bytes);
    try_device(copy, bytes);
    try_partition(copy, bytes);
    try_analyzer(copy, bytes);
    free(copy);
    return 0;
}
