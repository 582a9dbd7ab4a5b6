// spiffs_read.c: reads images of the firmware's file system, and takes none whose pages do not
// agree.
//
// Deleted pages are told by the block's table and by their flag; what else they hold does not
// matter, as devices and tools leave it differently.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/flash/spiffs_image.h"

#define FLAG_USED 0x01u // these hold when they are 0
#define FLAG_FINAL 0x02u
#define FLAG_INDEX_DELETED 0x40u
#define FLAG_DELETED 0x80u
#define ERASES_MAX 0x7FFFu

struct reading {
    struct arena *arena;
    struct spiffs_image *image;
    struct problem *problem;
    uint32_t pages_in_block;
    uint16_t *owners; // of each page: as its block's table says
    bool *is_taken;   // by a file
};

static uint32_t u16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static const uint8_t *page_at(const struct spiffs_image *image, uint32_t page)
{
    return image->bytes + (size_t)page * SPIFFS_PAGE_BYTES;
}

static int damaged(struct reading *r, uint32_t page, const char *what)
{
    return problem_set(r->problem, STATUS_DAMAGED, r->image->path,
                       (uint64_t)page * SPIFFS_PAGE_BYTES, "SPIFFS page %u: %s", (unsigned)page,
                       what);
}

static bool is_erased(const uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != 0xFF)
            return false;
    return true;
}

// ---- size of its blocks ----

static uint32_t magics(const uint8_t *bytes, size_t count, uint32_t block)
{
    uint32_t blocks = (uint32_t)(count / block), hits = 0;
    if (count % block || blocks < SPIFFS_BLOCKS_MIN || count / SPIFFS_PAGE_BYTES > SPIFFS_PAGES_MAX)
        return 0;
    for (uint32_t i = 0; i < blocks; i++)
        hits += u16(bytes + (size_t)i * block + SPIFFS_MAGIC_OFF) == SPIFFS_MAGIC(blocks, i);
    return hits;
}

// One of the first three may be torn, as by an erase that was cut.
static uint32_t block_bytes(const uint8_t *bytes, size_t count)
{
    uint32_t large = magics(bytes, count, SPIFFS_ALIGN_BYTES);
    uint32_t small = magics(bytes, count, SPIFFS_ALIGN_BYTES / 2);
    if (large >= small)
        return large > 1 ? SPIFFS_ALIGN_BYTES : 0;
    return small > 1 ? SPIFFS_ALIGN_BYTES / 2 : 0;
}

bool spiffs_is_image(const uint8_t *bytes, size_t count)
{
    return block_bytes(bytes, count) > 0;
}

// ---- blocks and pages ----

static int read_page(struct reading *r, uint32_t page, uint32_t owner, bool *was_free)
{
    const uint8_t *at = page_at(r->image, page);
    uint32_t flags = at[SPIFFS_FLAGS_OFF];
    r->owners[page] = (uint16_t)owner;
    if (owner == SPIFFS_FREE) {
        *was_free = true;
        r->image->free_pages++;
        return is_erased(at, SPIFFS_PAGE_BYTES) ? STATUS_OK
                                                : damaged(r, page, "free, but not erased");
    }
    if (*was_free)
        return damaged(r, page, "used behind a free one of its block");
    if (owner == SPIFFS_DELETED) {
        r->image->deleted_pages++;
        return flags & (FLAG_DELETED | FLAG_USED) ? damaged(r, page, "deleted in its block alone")
                                                  : STATUS_OK;
    }
    r->image->used_pages++;
    if (u16(at) != owner)
        return damaged(r, page, "of another object than its block says");
    if (flags & FLAG_USED)
        return damaged(r, page, "not marked as used");
    if (!(flags & FLAG_DELETED))
        return damaged(r, page, "deleted in its own flags alone");
    if (flags & FLAG_FINAL)
        return damaged(r, page, "not written to its end");
    if (!(flags & FLAG_INDEX_DELETED))
        return damaged(r, page, "of an object that is half removed");
    if (flags != (owner & SPIFFS_IS_INDEX ? SPIFFS_FLAGS_INDEX : SPIFFS_FLAGS_DATA))
        return damaged(r, page, "of a kind that is none");
    return STATUS_OK;
}

static int read_block(struct reading *r, uint32_t block)
{
    struct spiffs_image *image = r->image;
    uint32_t first = block * r->pages_in_block, usable = r->pages_in_block - 1;
    const uint8_t *table = page_at(image, first);
    uint32_t erases = u16(table + SPIFFS_ERASES_OFF);
    bool was_free = false;
    if (u16(table + SPIFFS_MAGIC_OFF) != SPIFFS_MAGIC(image->block_count, block))
        return damaged(r, first, "the magic of the block is wrong");
    if (erases > ERASES_MAX)
        return damaged(r, first, "no count of erases: an erase was cut");
    if (!is_erased(table + 2 * usable, SPIFFS_MAGIC_OFF - 2 * usable))
        return damaged(r, first, "something is written behind the table");
    image->erases_min = erases < image->erases_min ? erases : image->erases_min;
    image->erases_max = erases > image->erases_max ? erases : image->erases_max;
    int status = STATUS_OK;
    for (uint32_t i = 0; i < usable && status == STATUS_OK; i++)
        status = read_page(r, first + 1 + i, u16(table + 2 * i), &was_free);
    return status;
}

// ---- files ----

// The page of an object with that span; 0: none; UINT32_MAX: several.
static uint32_t find_page(const struct reading *r, uint32_t owner, uint32_t span)
{
    uint32_t pages = r->image->count / SPIFFS_PAGE_BYTES, found = 0;
    for (uint32_t page = 1; page < pages; page++) {
        if (r->owners[page] != owner || u16(page_at(r->image, page) + SPIFFS_SPAN_OFF) != span)
            continue;
        if (found)
            return UINT32_MAX;
        found = page;
    }
    return found;
}

// The content page that an index gives for a span.
static int take_content(struct reading *r, uint32_t index, uint32_t page, uint32_t object,
                        uint32_t span)
{
    if (page == 0 || page >= r->image->count / SPIFFS_PAGE_BYTES || r->owners[page] != object ||
        u16(page_at(r->image, page) + SPIFFS_SPAN_OFF) != span)
        return damaged(r, index, "its index names a page that is not the file's");
    if (r->is_taken[page])
        return damaged(r, page, "of two files");
    r->is_taken[page] = true;
    return STATUS_OK;
}

// Takes the pages that a table lists, from `span` on; the rest of it must be erased.
static int read_table(struct reading *r, uint32_t index, uint32_t off, uint32_t object,
                      uint32_t span, uint32_t span_count, uint16_t *pages)
{
    const uint8_t *at = page_at(r->image, index) + off;
    uint32_t room = (SPIFFS_PAGE_BYTES - off) / 2;
    for (uint32_t i = 0; i < room; i++, span++) {
        uint32_t page = u16(at + 2 * i);
        if (span >= span_count) {
            if (page != SPIFFS_FREE)
                return damaged(r, index, "its index names pages behind the end");
            continue;
        }
        int status = take_content(r, index, page, object, span);
        if (status != STATUS_OK)
            return status;
        pages[span] = (uint16_t)page;
    }
    return STATUS_OK;
}

static int check_name(struct reading *r, uint32_t page, struct spiffs_file *file)
{
    const uint8_t *at = page_at(r->image, page) + SPIFFS_NAME_OFF;
    memcpy(file->name, at, SPIFFS_NAME_FIELD);
    size_t length = strnlen(file->name, SPIFFS_NAME_FIELD);
    if (length == 0 || length > SPIFFS_NAME_BYTES_MAX)
        return damaged(r, page, "its name has no length that one may have");
    for (size_t i = 0; i < SPIFFS_NAME_FIELD; i++)
        if (i < length ? (uint8_t)file->name[i] < ' ' : file->name[i] != 0)
            return damaged(r, page, "its name has bytes that no name has");
    return STATUS_OK;
}

static int read_size(struct reading *r, uint32_t page, struct spiffs_file *file)
{
    const uint8_t *at = page_at(r->image, page);
    file->bytes = u16(at + SPIFFS_SIZE_OFF) | u16(at + SPIFFS_SIZE_OFF + 2) << 16;
    if (at[SPIFFS_TYPE_OFF] != SPIFFS_TYPE_FILE)
        return damaged(r, page, "is of no file");
    if (file->bytes == 0)
        return damaged(r, page, "its size is 0, which an empty file's is not");
    if (file->bytes == UINT32_MAX)
        file->bytes = 0;
    return file->bytes < r->image->count ? STATUS_OK : damaged(r, page, "its size is too large");
}

// The device appends in place: what is written there would be anded with what comes.
static int check_end(struct reading *r, const struct spiffs_file *file)
{
    uint32_t used = file->bytes % SPIFFS_CONTENT_BYTES;
    if (used == 0)
        return STATUS_OK;
    uint32_t last = file->pages[file->bytes / SPIFFS_CONTENT_BYTES];
    return is_erased(page_at(r->image, last) + SPIFFS_CONTENT_OFF + used,
                     SPIFFS_CONTENT_BYTES - used)
               ? STATUS_OK
               : damaged(r, last, "something is written behind the end of the file");
}

static int read_file(struct reading *r, uint32_t header, struct spiffs_file *file)
{
    uint32_t object = r->owners[header] & ~SPIFFS_IS_INDEX;
    int status = check_name(r, header, file);
    if (status == STATUS_OK)
        status = read_size(r, header, file);
    if (status != STATUS_OK)
        return status;
    uint32_t spans = (file->bytes + SPIFFS_CONTENT_BYTES - 1) / SPIFFS_CONTENT_BYTES;
    uint16_t *pages = arena_alloc_array(r->arena, spans + 1, sizeof *pages);
    file->pages = pages;
    file->header = header;
    r->is_taken[header] = true;
    status = read_table(r, header, SPIFFS_HEADER_TABLE_OFF, object, 0, spans, pages);
    for (uint32_t i = 1, span = SPIFFS_HEADER_PAGES; status == STATUS_OK && span < spans;
         i++, span += SPIFFS_INDEX_PAGES) {
        uint32_t index = find_page(r, object | SPIFFS_IS_INDEX, i);
        if (index == 0 || index == UINT32_MAX)
            return damaged(r, header, "a further page of its index is not there once");
        if (!is_erased(page_at(r->image, index) + SPIFFS_CONTENT_OFF, 3))
            return damaged(r, index, "something is written in front of its table");
        r->is_taken[index] = true;
        status = read_table(r, index, SPIFFS_INDEX_TABLE_OFF, object, span, spans, pages);
    }
    return status == STATUS_OK ? check_end(r, file) : status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct spiffs_file *)a)->name, ((const struct spiffs_file *)b)->name);
}

static int read_files(struct reading *r)
{
    struct spiffs_image *image = r->image;
    uint32_t pages = image->count / SPIFFS_PAGE_BYTES;
    image->files = arena_alloc_array(r->arena, image->used_pages + 1, sizeof *image->files);
    for (uint32_t page = 1; page < pages; page++) {
        uint32_t owner = r->owners[page];
        if (owner == SPIFFS_FREE || !(owner & SPIFFS_IS_INDEX) ||
            u16(page_at(image, page) + SPIFFS_SPAN_OFF) != 0)
            continue;
        if (find_page(r, owner, 0) != page)
            return damaged(r, page, "two headers of one file");
        int status = read_file(r, page, &image->files[image->file_count++]);
        if (status != STATUS_OK)
            return status;
    }
    for (uint32_t page = 1; page < pages; page++)
        if (r->owners[page] != SPIFFS_FREE && r->owners[page] != SPIFFS_DELETED &&
            !r->is_taken[page])
            return damaged(r, page, "belongs to no file");
    qsort(image->files, image->file_count, sizeof *image->files, by_name);
    for (uint32_t i = 1; i < image->file_count; i++)
        if (by_name(&image->files[i - 1], &image->files[i]) == 0)
            return problem_set(r->problem, STATUS_DAMAGED, image->path, PROBLEM_NO_OFF,
                               "SPIFFS: two files of the name '%s'", image->files[i].name);
    return STATUS_OK;
}

int spiffs_read(struct arena *arena, struct text path, const uint8_t *bytes, size_t count,
                struct spiffs_image **image, struct problem *problem)
{
    uint32_t block = block_bytes(bytes, count);
    if (block == 0)
        return problem_set(problem, STATUS_DAMAGED, path, PROBLEM_NO_OFF,
                           "is no SPIFFS image: no blocks of this length have their magic");
    *image = ARENA_NEW(arena, struct spiffs_image);
    **image = (struct spiffs_image){
        .path = path,
        .bytes = bytes,
        .count = (uint32_t)count,
        .block_bytes = block,
        .block_count = (uint32_t)count / block,
        .erases_min = ERASES_MAX,
    };
    uint32_t pages = (uint32_t)count / SPIFFS_PAGE_BYTES;
    struct reading r = {arena,
                        *image,
                        problem,
                        block / SPIFFS_PAGE_BYTES,
                        arena_alloc_array(arena, pages, sizeof *r.owners),
                        arena_alloc_array(arena, pages, sizeof *r.is_taken)};
    memset(r.owners, 0xFF, pages * sizeof *r.owners); // tables have no owner
    memset(r.is_taken, 0, pages * sizeof *r.is_taken);
    int status = STATUS_OK;
    for (uint32_t i = 0; i < (*image)->block_count && status == STATUS_OK; i++)
        status = read_block(&r, i);
    return status == STATUS_OK ? read_files(&r) : status;
}

const struct spiffs_file *spiffs_find(const struct spiffs_image *image, const char *name)
{
    for (uint32_t i = 0; i < image->file_count; i++)
        if (strcmp(image->files[i].name, name) == 0)
            return &image->files[i];
    return NULL;
}

struct text spiffs_content(struct arena *arena, const struct spiffs_image *image,
                           const struct spiffs_file *file)
{
    char *data = arena_alloc(arena, file->bytes + 1);
    for (uint32_t done = 0, span = 0, part; done < file->bytes; done += part, span++) {
        part = file->bytes - done < SPIFFS_CONTENT_BYTES ? file->bytes - done
                                                         : SPIFFS_CONTENT_BYTES;
        memcpy(data + done, page_at(image, file->pages[span]) + SPIFFS_CONTENT_OFF, part);
    }
    return (struct text){data, file->bytes};
}
