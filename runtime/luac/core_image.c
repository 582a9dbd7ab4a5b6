// core_image.c: see core_image.h.

#include "runtime/luac/core_image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flash/lfs.h"
#include "runtime/flash/lfs_link.h"
#include "runtime/format/string_hash.h"
#include "runtime/port/port.h"

static struct lfs_image core;
static uint32_t name;

static long read_file(void *context, void *data, uint32_t bytes)
{
    size_t count = fread(data, 1, bytes, context);
    return count == 0 && ferror((FILE *)context) ? -1 : (long)count;
}

static long file_bytes(FILE *file)
{
    long bytes = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    rewind(file);
    return bytes;
}

// An absolute image lies where its first pointer says; any place serves for a relocatable one.
static uint32_t base_of(FILE *file)
{
    struct lfs_header header = {0};
    size_t count = fread(&header, 1, sizeof header, file);
    rewind(file);
    if (count == sizeof header && (header.signature & ~LFS_ABSOLUTE) == LFS_SIGNATURE_BUILD &&
        IN_WINDOW(header.string_slots) && header.string_slots % FLASH_SECTOR_BYTES == sizeof header)
        return header.string_slots - (uint32_t)sizeof header;
    return WINDOW_ADDR;
}

static int read_image(FILE *file, struct lfs_work *work, struct lfs_report *report)
{
    long bytes = file_bytes(file);
    if (bytes < 0)
        return STATUS_IO;
    uint32_t base_addr = base_of(file), image_bytes = 0;
    struct lfs_target target = {
        .region = REGION_LFS,
        .partition = {base_addr - WINDOW_ADDR, LFS_IMAGE_BYTES_MAX},
    };
    if (WINDOW_BYTES - target.partition.off < LFS_IMAGE_BYTES_MAX)
        target.partition.bytes = WINDOW_BYTES - target.partition.off;
    int status = lfs_prepare(&target, read_file, file,
                             bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes, LFS_TAKE_PLAIN,
                             work, &image_bytes, report);
    if (status != STATUS_OK)
        return status;
    lfs_view_init(&core, work->image, image_bytes, base_addr, LFS_SIGNATURE_BUILD);
    name = lfs_link_name(&core);
    return STATUS_OK;
}

int core_image_read(const char *path, char *message, size_t message_bytes)
{
    static struct lfs_work work;
    struct lfs_report report = {.fault = LFS_FAULT_READ};
    FILE *file = fopen(path, "rb");
    if (!file) {
        snprintf(message, message_bytes, "cannot open %s: %s", path, strerror(errno));
        return -1;
    }
    int status = read_image(file, &work, &report);
    fclose(file);
    if (status == STATUS_OK)
        return 0;
    char text[LFS_MESSAGE_BYTES];
    lfs_report_text(&report, text, sizeof text);
    snprintf(message, message_bytes, "core image %s: %s", path, text);
    return -1;
}

uint32_t core_image_name(void)
{
    return name;
}

uint32_t core_image_find(const char *text, uint32_t bytes)
{
    return name ? lfs_find_string(&core, text, bytes, string_hash(text, bytes)) / 4 : 0;
}
