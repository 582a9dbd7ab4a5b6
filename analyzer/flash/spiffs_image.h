// spiffs_image.h: images of the firmware's file system, written and read.
//
// Layout: runtime/format/spiffs.h. Memory: the caller's arena.
// Source: pellepl/spiffs as NodeMCU 3.0 configures it; rules of the firmware's mount.

#ifndef FROST_FLASH_SPIFFS_IMAGE_H
#define FROST_FLASH_SPIFFS_IMAGE_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "runtime/format/spiffs.h"

struct spiffs_file {
    char name[SPIFFS_NAME_FIELD];
    uint32_t bytes;
    uint32_t header;       // page of its index header
    const uint16_t *pages; // of its content, in order
};

struct spiffs_image {
    struct text path;
    const uint8_t *bytes;
    uint32_t count, block_bytes, block_count;
    uint32_t used_pages, deleted_pages, free_pages;
    uint32_t erases_min, erases_max;
    struct spiffs_file *files; // in the order of their names
    uint32_t file_count;
};

// Do the magics of its blocks say that this is one?
bool spiffs_is_image(const uint8_t *bytes, size_t count);

// Reads an image and verifies every page. Errors: STATUS_DAMAGED with the offset of the page.
int spiffs_read(struct arena *arena, struct text path, const uint8_t *bytes, size_t count,
                struct spiffs_image **image, struct problem *problem)
    __attribute__((warn_unused_result));

// The file of that name, or NULL; its content.
const struct spiffs_file *spiffs_find(const struct spiffs_image *image, const char *name);
struct text spiffs_content(struct arena *arena, const struct spiffs_image *image,
                           const struct spiffs_file *file);

// ---- writing ----

struct spiffs_writer {
    uint8_t *bytes;
    uint32_t count, block_bytes, block_count;
    uint32_t page;   // the next one
    uint16_t object; // the last one
};

// An empty file system of `count` bytes, a whole number of blocks of that size, at least four.
void spiffs_begin(struct arena *arena, uint32_t count, struct spiffs_writer *writer);

// Adds a file. The name has 1 to 31 bytes and does not begin with '/' (asserted).
// Errors: STATUS_NO_SPACE: the device keeps two blocks and some pages to write with.
int spiffs_add(struct spiffs_writer *writer, const char *name, struct text content)
    __attribute__((warn_unused_result));

#endif
