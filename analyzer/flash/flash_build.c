// flash_build.c: composes a flash file, and takes one apart.

#include "analyzer/flash/flash_build.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "analyzer/flash/flash_files.h"
#include "analyzer/flash/flash_tree.h"
#include "analyzer/flash/freezer_report.h"
#include "analyzer/image/image_gzip.h"
#include "analyzer/image/image_reader.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/first_run.h"
#include "runtime/flash/partition_table.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/partition_table.h"

// ---- bytes as they are ----

// Puts the file at `path` to `off`; it must end at or before `end`.
static int put_file(struct arena *arena, struct flash_file *file, const char *path, uint32_t off,
                    uint32_t end, const char *where, struct problem *problem)
{
    struct text content;
    int status = input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    if (off > end || content.bytes > end - off)
        return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                           "%zu bytes at 0x%x do not fit %s, which ends at 0x%x", content.bytes,
                           (unsigned)off, where, (unsigned)end);
    if (flash_file_programmed(file, off, (uint32_t)content.bytes) > 0)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "something is at 0x%x already", (unsigned)off);
    memcpy(file->bytes + off, content.data, content.bytes);
    return STATUS_OK;
}

// The table lies in the partition of the firmware, at its end.
static uint32_t firmware_end(const struct flash_file *file)
{
    const struct flash_partition *part = &file->layout.parts[PARTITION_FIRMWARE];
    uint32_t end = part->off + part->bytes;
    return end > PARTITION_TABLE_OFF && part->off <= PARTITION_TABLE_OFF ? PARTITION_TABLE_OFF
                                                                         : end;
}

static int put_firmware(struct arena *arena, struct flash_file *file, const char *word,
                        struct problem *problem)
{
    const char *equals = strchr(word, '=');
    char *rest = NULL;
    unsigned long off = equals ? strtoul(word, &rest, 0) : 0;
    if (equals && (rest != equals || off >= file->device.bytes))
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "no address in the flash: '%s'", word);
    return put_file(arena, file, equals ? equals + 1 : word, (uint32_t)off, firmware_end(file),
                    "the firmware's partition", problem);
}

static int put_raw(struct arena *arena, struct flash_file *file, const char *word,
                   struct problem *problem)
{
    const char *equals = strchr(word, '=');
    for (int id = 0; equals && id < PARTITION_COUNT; id++) {
        const char *name = partitions_name((enum flash_partition_id)id);
        const struct flash_partition *part = &file->layout.parts[id];
        if (strlen(name) == (size_t)(equals - word) &&
            memcmp(name, word, (size_t)(equals - word)) == 0)
            return put_file(arena, file, equals + 1, part->off, part->off + part->bytes, name,
                            problem);
    }
    return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                       "not PARTITION=FILE with firmware, lfs, lfs-second, lfs-devs, native-devs, "
                       "freezer or store: '%s'",
                       word);
}

// ---- images ----

static uint32_t word_at(const uint8_t *bytes, uint32_t word)
{
    uint32_t value;
    memcpy(&value, bytes + 4 * (size_t)word, sizeof value);
    return value;
}

// The image was read, so its offsets lie in it, or in `core` (NULL: it is not linked).
static int relocate(struct arena *arena, const char *path, struct text packed, uint32_t bytes,
                    uint32_t base_addr, const struct image *core, struct text *image,
                    struct problem *problem)
{
    struct gzip gzip;
    gzip_unpack(arena, (const uint8_t *)packed.data, packed.bytes, &gzip);
    uint32_t words = bytes / 4;
    if (gzip.fault != GZIP_WHOLE || gzip.bytes < bytes + 4 * LFS_BITMAP_WORDS(words))
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "is no relocatable image");
    uint8_t *out = arena_alloc(arena, bytes);
    for (uint32_t i = 0; i < words; i++) {
        uint32_t value = word_at(gzip.data, i);
        if (word_at(gzip.data, words + i / 32) >> (i % 32) & 1)
            value = core && value >= LFS_BELOW_WORDS
                        ? core->base_addr + 4 * (value - LFS_BELOW_WORDS)
                        : base_addr + 4 * value;
        if (i == 0)
            value |= LFS_ABSOLUTE; // the signature
        memcpy(out + 4 * (size_t)i, &value, sizeof value);
    }
    *image = (struct text){(const char *)out, bytes};
    return STATUS_OK;
}

int flash_build_image(struct arena *arena, const char *path, const struct flash_partition *range,
                      struct text *image, struct problem *problem)
{
    const struct image_options options = {.base_addr = partitions_addr(range)};
    const struct image *read;
    struct text content;
    int status = input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, problem);
    if (status == STATUS_OK)
        status = image_read(arena, text_of(path), content.data, content.bytes, &options, &read,
                            problem);
    if (status != STATUS_OK)
        return status;
    if (read->form == IMAGE_CHUNK)
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "is a .lc file, no image");
    if (read->linked_crc)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "is a devs image, for --devs");
    if (read->bytes > range->bytes)
        return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                           "%u bytes do not fit the LFS of %u", (unsigned)read->bytes,
                           (unsigned)range->bytes);
    if (read->form == IMAGE_RELOCATABLE)
        return relocate(arena, path, content, read->bytes, options.base_addr, NULL, image, problem);
    *image = (struct text){(const char *)read->data, read->bytes};
    return STATUS_OK;
}

static int put_image(struct arena *arena, struct flash_file *file, const char *path,
                     struct problem *problem)
{
    const struct flash_partition *range = &file->layout.parts[PARTITION_LFS];
    struct text image;
    int status = flash_build_image(arena, path, range, &image, problem);
    if (status == STATUS_OK)
        memcpy(file->bytes + range->off, image.data, image.bytes);
    return status;
}

// ---- LFS devs ----

// What LFS holds, NULL: nothing.
static int read_core(struct arena *arena, const struct flash_file *file, const struct image **core,
                     struct problem *problem)
{
    const struct flash_partition *range = &file->layout.parts[PARTITION_LFS];
    const struct image_options options = {.base_addr = partitions_addr(range), .allows_rest = true};
    uint32_t bytes = flash_file_programmed(file, range->off, range->bytes);
    *core = NULL;
    return bytes == 0 ? STATUS_OK
                      : image_read(arena, file->path, file->bytes + range->off, (bytes + 3) & ~3u,
                                   &options, core, problem);
}

static int check_devs(const struct image *image, const struct image *core, uint32_t room,
                      struct problem *problem)
{
    const char *what = image->form != IMAGE_RELOCATABLE ? "is no image of frost luac -f"
                       : !core && image->linked_crc     ? "is for a core image: --lfs"
                       : core && !image->linked_crc     ? "was made without --core"
                                                        : NULL;
    if (what)
        return problem_set(problem, STATUS_USAGE, image->file, PROBLEM_NO_OFF, "%s", what);
    if (image->bytes > room)
        return problem_set(problem, STATUS_LIMIT, image->file, PROBLEM_NO_OFF,
                           "%u bytes do not fit a slot of LFS devs, %u", (unsigned)image->bytes,
                           (unsigned)room);
    return STATUS_OK;
}

// The first replacement; in flash an image is bound to the content of what is below.
static void finish_devs(struct text image, const struct image *core)
{
    struct lfs_header header;
    memcpy(&header, image.data, sizeof header);
    header.signature &= ~LFS_ABSOLUTE;
    header.linked_crc = core ? (uint32_t)crc32(0, core->data, core->bytes) : 0;
    header.fill = 1;
    memcpy((char *)(uintptr_t)image.data, &header, sizeof header);
}

static int put_devs(struct arena *arena, struct flash_file *file, const char *path,
                    struct problem *problem)
{
    const struct flash_partition slot = devs_slot_of(&file->layout.parts[PARTITION_LFS_DEVS],
                                                     FLASH_SECTOR_BYTES, 0);
    struct image_options options = {.core = NULL};
    const struct image *read = NULL;
    struct text content, image;
    int status = read_core(arena, file, &options.core, problem);
    if (status == STATUS_OK)
        status = input_read(path, FLASH_FILE_BYTES_MAX, arena, &content, problem);
    if (status == STATUS_OK)
        status = image_read(arena, text_of(path), content.data, content.bytes, &options, &read,
                            problem);
    if (status == STATUS_OK)
        status = check_devs(read, options.core, slot.bytes, problem);
    if (status == STATUS_OK)
        status = relocate(arena, path, content, read->bytes, partitions_addr(&slot), options.core,
                          &image, problem);
    if (status != STATUS_OK)
        return status;
    finish_devs(image, options.core);
    memcpy(file->bytes + slot.off, image.data, image.bytes);
    return STATUS_OK;
}

// ---- freezer ----

// An area for another place or image would be made anew at the first start.
static int check_freezer(struct arena *arena, const struct flash_file *file,
                         struct problem *problem)
{
    struct problem other = {0};
    struct freezer_view *view;
    if (freezer_of_flash(arena, file, &view, &other) != STATUS_OK || !view->refused)
        return STATUS_OK; // bytes that are no area are put there as they are
    return problem_set(problem, STATUS_USAGE, file->path, PROBLEM_NO_OFF,
                       "the device would make the freezer anew: %s", view->refused);
}

// ---- build ----

struct filling {
    struct arena *arena;
    struct flash_file *file;
};

static int put_store_file(void *context, const char *name, const char *path,
                          struct problem *problem)
{
    struct filling *filling = context;
    struct store_about about;
    if (store_find(&filling->file->store, name, &about) == STATUS_OK)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "is another file of the name '%s'", name);
    return flash_files_put(filling->arena, filling->file, name, path, problem);
}

// The device installs core.img and devs.img from the store at its first start.
static int begin_first_run(struct flash_file *file, struct problem *problem)
{
    first_run_layout(&file->layout, file->device.bytes);
    int status = partition_table_save(&file->table, &file->layout);
    file->has_table = status == STATUS_OK;
    return status == STATUS_OK ? status
                               : problem_set(problem, status, file->path, PROBLEM_NO_OFF,
                                             "there is no room for a partition table");
}

int flash_build(struct arena *arena, struct flash_file *file, const struct flash_parts *parts,
                struct problem *problem)
{
    struct filling filling = {arena, file};
    int status = parts->is_first_run ? begin_first_run(file, problem) : STATUS_OK;
    for (size_t i = 0; i < parts->firmware.count && status == STATUS_OK; i++)
        status = put_firmware(arena, file, parts->firmware.items[i], problem);
    for (size_t i = 0; i < parts->raw.count && status == STATUS_OK; i++)
        status = put_raw(arena, file, parts->raw.items[i], problem);
    if (status == STATUS_OK && parts->lfs)
        status = put_image(arena, file, parts->lfs, problem);
    if (status == STATUS_OK && parts->devs)
        status = put_devs(arena, file, parts->devs, problem);
    if (status == STATUS_OK)
        status = check_freezer(arena, file, problem);
    if (status != STATUS_OK || !parts->files)
        return status;
    status = flash_file_mount(arena, file, false, problem);
    return status == STATUS_OK
               ? flash_tree_walk(arena, parts->files, put_store_file, &filling, problem)
               : status;
}

// ---- extract ----

static int write_part(struct arena *arena, const char *directory, const char *name,
                      const uint8_t *bytes, uint32_t count, struct problem *problem)
{
    struct output output;
    if (count == 0)
        return STATUS_OK;
    int status = output_open(&output, arena_format(arena, "%s/%s", directory, name), arena,
                             problem);
    if (status != STATUS_OK)
        return status;
    fwrite(bytes, 1, count, output.file);
    return output_close(&output, problem);
}

static int write_files(struct arena *arena, struct flash_file *file, const char *directory,
                       struct problem *problem)
{
    char name[STORE_NAME_BYTES_MAX + 1] = "";
    struct store_about about;
    int status = flash_file_mount(arena, file, true, problem);
    while (status == STATUS_OK && store_next(&file->store, name, &about) == STATUS_OK) {
        struct text content;
        status = flash_files_get(arena, file, name, &content, problem);
        if (status == STATUS_OK)
            status = flash_tree_write(arena, directory, name, content, problem);
    }
    return status;
}

static int write_parts(struct arena *arena, struct flash_file *file, const char *directory,
                       struct problem *problem)
{
    static const struct {
        enum flash_partition_id id;
        const char *name;
    } parts[] = {{PARTITION_FIRMWARE, "firmware.bin"},       {PARTITION_LFS, "lfs.img"},
                 {PARTITION_LFS_SECOND, "lfs-second.img"},   {PARTITION_LFS_DEVS, "lfs-devs.bin"},
                 {PARTITION_NATIVE_DEVS, "native-devs.bin"}, {PARTITION_FREEZER, "freezer.bin"}};
    int status = STATUS_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == STATUS_OK; i++) {
        const struct flash_partition *part = &file->layout.parts[parts[i].id];
        uint32_t end = parts[i].id == PARTITION_FIRMWARE ? firmware_end(file)
                                                         : part->off + part->bytes;
        uint32_t bytes = flash_file_programmed(file, part->off, end - part->off);
        bytes = (bytes + 3) & ~3u;
        // An image ends where it says; the partition may hold more.
        int is_image = parts[i].id == PARTITION_LFS || parts[i].id == PARTITION_LFS_SECOND;
        if (is_image && bytes >= sizeof(struct lfs_header) &&
            word_at(file->bytes + part->off, 1) <= bytes)
            bytes = word_at(file->bytes + part->off, 1);
        status = write_part(arena, directory, parts[i].name, file->bytes + part->off, bytes,
                            problem);
    }
    return status;
}

int flash_extract(struct arena *arena, struct flash_file *file, const char *directory,
                  struct problem *problem)
{
    struct result result;
    int status = result_begin(arena, directory, &result, problem);
    if (status != STATUS_OK)
        return status;
    status = write_parts(arena, file, result.scratch, problem);
    if (status == STATUS_OK)
        status = write_files(arena, file, arena_format(arena, "%s/files", result.scratch), problem);
    if (status == STATUS_OK)
        return result_finish(&result, problem);
    result_abandon(&result);
    return status;
}
