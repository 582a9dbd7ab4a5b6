// spiffs_write.c: images of the firmware's file system: freshly formatted, files one after another.
//
// Pages are taken in their order: the index header of a file, its data, a further index page before
// the first data page that it lists. The device has blocks of 8 KB unless its partition has less
// than 32 KB of room, whatever the image says, and formats what has others.

#include <assert.h>
#include <string.h>

#include "analyzer/flash/spiffs_image.h"

#define PAGES_SPARE 3u // for the device to write with

static void set_u16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void spiffs_begin(struct arena *arena, uint32_t count, struct spiffs_writer *writer)
{
    uint32_t block = count < SPIFFS_SMALL_BYTES_MAX ? SPIFFS_ALIGN_BYTES / 2 : SPIFFS_ALIGN_BYTES;
    assert(count % block == 0 && count / block >= SPIFFS_BLOCKS_MIN);
    *writer = (struct spiffs_writer){
        .bytes = arena_alloc(arena, count),
        .count = count,
        .block_bytes = block,
        .block_count = count / block,
        .page = 1,
    };
    memset(writer->bytes, 0xFF, count);
    for (uint32_t i = 0; i < writer->block_count; i++) {
        set_u16(writer->bytes + i * block + SPIFFS_MAGIC_OFF, SPIFFS_MAGIC(writer->block_count, i));
        set_u16(writer->bytes + i * block + SPIFFS_ERASES_OFF, 0);
    }
}

// Takes the next page for an object: its number.
static uint32_t take_page(struct spiffs_writer *writer, uint32_t owner, uint32_t span)
{
    uint32_t pages = writer->block_bytes / SPIFFS_PAGE_BYTES, page = writer->page++;
    uint8_t *table = writer->bytes + page / pages * writer->block_bytes;
    uint8_t *at = writer->bytes + page * SPIFFS_PAGE_BYTES;
    if (writer->page % pages == 0)
        writer->page++; // a block's table
    assert(page % pages > 0 && page < writer->count / SPIFFS_PAGE_BYTES);
    set_u16(table + 2 * (page % pages - 1), owner);
    set_u16(at, owner);
    set_u16(at + SPIFFS_SPAN_OFF, span);
    at[SPIFFS_FLAGS_OFF] = owner & SPIFFS_IS_INDEX ? SPIFFS_FLAGS_INDEX : SPIFFS_FLAGS_DATA;
    return page;
}

static bool has_room(const struct spiffs_writer *writer, uint32_t pages)
{
    uint32_t in_block = writer->block_bytes / SPIFFS_PAGE_BYTES;
    uint32_t used = writer->page / in_block * (in_block - 1) + writer->page % in_block - 1;
    return used + pages + PAGES_SPARE <=
           (writer->block_count - SPIFFS_BLOCKS_KEPT) * (in_block - 1);
}

static void put_header(uint8_t *at, const char *name, uint32_t bytes)
{
    set_u16(at + SPIFFS_SIZE_OFF, bytes ? bytes : 0xFFFF);
    set_u16(at + SPIFFS_SIZE_OFF + 2, bytes ? bytes >> 16 : 0xFFFF);
    at[SPIFFS_TYPE_OFF] = SPIFFS_TYPE_FILE;
    memset(at + SPIFFS_NAME_OFF, 0, SPIFFS_NAME_FIELD);
    memcpy(at + SPIFFS_NAME_OFF, name, strlen(name));
}

int spiffs_add(struct spiffs_writer *writer, const char *name, struct text content)
{
    uint32_t bytes = (uint32_t)content.bytes;
    assert(name[0] && name[0] != '/' && strlen(name) <= SPIFFS_NAME_BYTES_MAX);
    if (content.bytes >= writer->count || !has_room(writer, spiffs_file_pages(bytes)))
        return STATUS_NO_SPACE;
    uint32_t object = ++writer->object, index_span = 0;
    uint32_t page = take_page(writer, object | SPIFFS_IS_INDEX, 0);
    put_header(writer->bytes + page * SPIFFS_PAGE_BYTES, name, bytes);
    uint8_t *table = writer->bytes + page * SPIFFS_PAGE_BYTES + SPIFFS_HEADER_TABLE_OFF;
    uint32_t left = SPIFFS_HEADER_PAGES;
    for (uint32_t span = 0, done = 0, part; done < bytes; span++, done += part) {
        if (left == 0) {
            page = take_page(writer, object | SPIFFS_IS_INDEX, ++index_span);
            table = writer->bytes + page * SPIFFS_PAGE_BYTES + SPIFFS_INDEX_TABLE_OFF;
            left = SPIFFS_INDEX_PAGES;
        }
        part = bytes - done < SPIFFS_CONTENT_BYTES ? bytes - done : SPIFFS_CONTENT_BYTES;
        page = take_page(writer, object, span);
        memcpy(writer->bytes + page * SPIFFS_PAGE_BYTES + SPIFFS_CONTENT_OFF, content.data + done,
               part);
        set_u16(table, page);
        table += 2;
        left--;
    }
    return STATUS_OK;
}
