// fuzz_freezer.c: bytes as the freezer's partition at a start.
//
// First as they are: the runtime must keep exactly the blocks that the analyzer's reader, which
// shares no code with it, says count: damage costs its block and those that refer to it. Then with
// checksums made right, so that they stand in no way: what is kept must pass the proof, and is run
// and read. Every second time dropped blocks are given back by a compaction.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/flash/freezer_view.h"
#include "runtime/core/api/lauxlib.h"
#include "runtime/flash/device.h"
#include "runtime/flash/inflate.h"
#include "runtime/flash/partitions.h"
#include "runtime/freezer/freezer.h"
#include "runtime/port/host/flash_file.h"
#include "tests/fuzz/engine.h"
#include "tests/fuzz/sandbox.h"

#define BUILD 1 // identity of the program
#define IDENTITY_BYTES                                                                             \
    (offsetof(struct freezer_header, crc) - offsetof(struct freezer_header, layout))

static const struct flash_partition *part;
static uint32_t work[FREEZER_WORK_BYTES(FREEZER_AREA_BYTES_MAX) / 4];

static void require(int is_good)
{
    if (!is_good)
        abort();
}

static uint8_t *cells(void)
{
    return (uint8_t *)flash_file_device()->context + part->off;
}

static void place(const uint8_t *data, size_t bytes)
{
    require(flash_erase(flash_file_device(), part->off, part->bytes) == STATUS_OK);
    memcpy(cells(), data, bytes);
}

static void prove(void)
{
    uint32_t off;
    require(freezer_verify(&off) == NULL);
}

// ---- as they are ----

static void compare(const struct freezer_view *view)
{
    uint32_t kept = 0;
    for (uint32_t at = 0; (at = freezer_area_next(&freezer.area, at)) != 0; kept++)
        require(freezer_view_at(view, freezer.area.addr + at) != NULL);
    for (uint32_t i = 0; i < view->block_count; i++)
        kept -= view->blocks[i].state == FREEZER_VIEW_COUNTS;
    require(kept == 0);
}

static void try_damaged(const uint8_t *data, size_t bytes)
{
    static struct arena arena;
    struct arena_mark mark = arena_mark(&arena);
    struct freezer_view *view = NULL;
    struct problem problem = {0};
    const struct freezer_place where = {
        .is_known = true, .addr = WINDOW_ADDR + part->off, .bytes = part->bytes};
    int status = freezer_view_read(&arena, text_of("fuzz"), data, (uint32_t)bytes, &where, &view,
                                   &problem);
    place(data, bytes);
    freezer_mount(flash_file_device(), part, BUILD, NULL);
    prove();
    if (status == STATUS_OK && !view->refused && !view->is_compacting) {
        require(!freezer.is_refused);
        compare(view);
    }
    arena_rewind(&arena, mark);
}

// ---- with right checksums ----

static void make_right(uint8_t *data, size_t bytes)
{
    struct freezer_header *header = (struct freezer_header *)(void *)data;
    if (bytes < sizeof *header)
        return;
    header->magic = FREEZER_MAGIC;
    header->layout = FREEZER_LAYOUT_BUILD;
    header->area_addr = WINDOW_ADDR + part->off;
    header->area_bytes = part->bytes;
    header->build = header->linked_crc = 0;
    header->flags = (header->flags | FREEZER_KEEP) & FREEZER_FLAG_BITS; // all of it is its own
    header->crc = inflate_crc(0, &header->layout, IDENTITY_BYTES);
    for (uint32_t off = freezer_first_block(part->bytes);
         off + sizeof(struct freezer_block) < bytes;) {
        struct freezer_block *block = (struct freezer_block *)(void *)(data + off);
        uint32_t body = block->bytes <= bytes ? freezer_body_bytes(block->kind, block->bytes) : 0;
        if (block->kind == 0 || block->kind >= FREEZER_KIND_END || block->bytes == 0 || body == 0 ||
            body > bytes - off - sizeof *block) {
            off += 8;
            continue;
        }
        block->crc = inflate_crc(0, block + 1, body);
        block->check = (uint16_t)freezer_check(block->kind, block->bytes, block->hash, block->crc);
        off += (uint32_t)sizeof *block + body;
    }
}

// Runs the modules that there are and reads the tables.
static int use(lua_State *L)
{
    static const char code[] =
        "local function read(t, depth) for k, v in pairs(t) do if type(v) == 'table' and depth < 5 "
        "then read(v, depth + 1) end end return #t end "
        "for name, m in pairs(freezer.list()) do if m.kind == 'table' then "
        "read(freezer.data(name, 'return {}'), 0) else pcall(freezer.module(name, true)) end end";
    if (luaL_loadbuffer(L, code, sizeof code - 1, "=use") == LUA_OK)
        sandbox_call(L, 0);
    return 0;
}

static void try_right(uint8_t *data, size_t bytes)
{
    make_right(data, bytes);
    place(data, bytes);
    freezer_mount(flash_file_device(), part, BUILD, bytes % 2 ? work : NULL);
    prove();
    if (freezer_area_next(&freezer.area, 0) == 0)
        return;
    fuzz_taken++;
    sandbox_run(use, NULL);
    prove();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (!part) {
        require(flash_file_open(NULL, NULL, 0) == EXIT_STATUS_DONE);
        part = &flash_layout.parts[PARTITION_FREEZER];
    }
    if (bytes > part->bytes)
        return 0;
    uint8_t *copy = malloc(bytes ? bytes : 1); // exactly the size, so that overruns are seen
    memcpy(copy, data, bytes);
    try_damaged(copy, bytes);
    try_right(copy, bytes);
    free(copy);
    return 0;
}
