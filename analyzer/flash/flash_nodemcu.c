// flash_nodemcu.c: parts of a flash for stock firmware: where each lies, and how it gets there.

#include "analyzer/flash/flash_nodemcu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "analyzer/flash/flash_tree.h"
#include "analyzer/flash/spiffs_image.h"

#define SDK_BYTES 0x3000u       // at the end of the flash
#define QIO_BYTES_MAX 0x100000u // modules with so little flash have it on four lines
#define PARTS_MAX 16

struct part {
    uint32_t off;
    const char *name;
    struct text content;
};

struct build {
    struct arena *arena;
    const struct flash_nodemcu *where;
    uint32_t flash_bytes;
    struct part parts[PARTS_MAX];
    size_t count;
    struct spiffs_writer spiffs;
    struct flash_partition lfs;
};

static int add_part(struct build *build, uint32_t off, const char *what, struct text content,
                    struct problem *problem)
{
    if (build->count == PARTS_MAX)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "more than %d parts", PARTS_MAX);
    const char *name = arena_format(build->arena, "0x%05x-%s", (unsigned)off, what);
    build->parts[build->count++] = (struct part){off, name, content};
    return STATUS_OK;
}

// ---- parts ----

static int add_firmware(struct build *build, const char *word, struct problem *problem)
{
    struct text content;
    const char *equals = strchr(word, '=');
    char *rest = NULL;
    unsigned long off = equals ? strtoul(word, &rest, 0) : 0;
    if (equals && (rest != equals || off % FLASH_SECTOR_BYTES || off >= build->flash_bytes))
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "no address of a sector in the flash: '%s'", word);
    int status = input_read(equals ? equals + 1 : word, FLASH_FILE_BYTES_MAX, build->arena,
                            &content, problem);
    return status == STATUS_OK ? add_part(build, (uint32_t)off, "firmware.bin", content, problem)
                               : status;
}

static int add_lfs(struct build *build, const char *path, struct problem *problem)
{
    struct text image;
    uint32_t off = (uint32_t)build->where->lfs_off, end = WINDOW_BYTES;
    if (build->where->spiffs_off > off && build->where->spiffs_off < end)
        end = (uint32_t)build->where->spiffs_off;
    if (off % FLASH_SECTOR_BYTES || off >= end)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "--lfs-at 0x%x is no sector of the first megabyte", (unsigned)off);
    build->lfs = (struct flash_partition){off, end - off};
    uint32_t sectors = (build->where->lfs_bytes + FLASH_SECTOR_BYTES - 1) / FLASH_SECTOR_BYTES;
    if (build->lfs.bytes > sectors * FLASH_SECTOR_BYTES)
        build->lfs.bytes = sectors * FLASH_SECTOR_BYTES;
    int status = flash_build_image(build->arena, path, &build->lfs, &image, problem);
    return status == STATUS_OK ? add_part(build, off, "lfs.img", image, problem) : status;
}

static int add_file(void *context, const char *name, const char *path, struct problem *problem)
{
    struct build *build = context;
    struct text content;
    if (name[0] == '/')
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "a name with '/' in front is a drive's on the device");
    int status = input_read(path, FLASH_FILE_BYTES_MAX, build->arena, &content, problem);
    if (status == STATUS_OK && spiffs_add(&build->spiffs, name, content) != STATUS_OK)
        return problem_set(problem, STATUS_LIMIT, text_of(path), PROBLEM_NO_OFF,
                           "does not fit the file system of %u bytes any more",
                           (unsigned)build->spiffs.count);
    return status;
}

static int add_files(struct build *build, const char *directory, struct problem *problem)
{
    uint64_t off = build->where->spiffs_off, bytes = build->where->spiffs_bytes;
    uint64_t end = build->flash_bytes - SDK_BYTES;
    if (bytes == 0 && off < end)
        bytes = (end - off) / SPIFFS_ALIGN_BYTES * SPIFFS_ALIGN_BYTES;
    if (off % SPIFFS_ALIGN_BYTES || bytes % SPIFFS_ALIGN_BYTES || off > end || bytes > end - off ||
        bytes < SPIFFS_ROOM_BYTES_MIN)
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "no room for a file system of blocks of %u at 0x%llx: %llu bytes",
                           SPIFFS_ALIGN_BYTES, (unsigned long long)off, (unsigned long long)bytes);
    spiffs_begin(build->arena, (uint32_t)bytes, &build->spiffs);
    int status = flash_tree_walk(build->arena, directory, add_file, build, problem);
    struct text image = {(const char *)build->spiffs.bytes, (size_t)bytes};
    return status == STATUS_OK ? add_part(build, (uint32_t)off, "spiffs.img", image, problem)
                               : status;
}

static int by_off(const void *a, const void *b)
{
    uint32_t left = ((const struct part *)a)->off, right = ((const struct part *)b)->off;
    return (left > right) - (left < right);
}

static int check_places(struct build *build, struct problem *problem)
{
    qsort(build->parts, build->count, sizeof *build->parts, by_off);
    for (size_t i = 0; i < build->count; i++) {
        const struct part *part = &build->parts[i];
        uint64_t end = part->off + part->content.bytes;
        uint32_t limit = build->flash_bytes - SDK_BYTES;
        if (i + 1 < build->count)
            limit = part[1].off;
        if (end > limit)
            return problem_set(problem, STATUS_LIMIT, (struct text){0}, PROBLEM_NO_OFF,
                               "%s ends at 0x%llx, what follows begins at 0x%x", part->name,
                               (unsigned long long)end, (unsigned)limit);
    }
    return STATUS_OK;
}

// ---- files ----

static const char *make_command(struct build *build)
{
    const char *mode = build->flash_bytes > QIO_BYTES_MAX ? "dio" : "qio";
    const char *line = arena_format(build->arena, "write_flash -fm %s", mode);
    for (size_t i = 0; i < build->count; i++)
        line = arena_format(build->arena, "%s 0x%x %s", line, (unsigned)build->parts[i].off,
                            build->parts[i].name);
    return line;
}

static const char *make_table(struct build *build)
{
    const char *line = "node.setpartitiontable{";
    if (build->lfs.bytes)
        line = arena_format(build->arena, "%slfs_addr = 0x%x, lfs_size = 0x%x", line,
                            (unsigned)build->lfs.off, (unsigned)build->lfs.bytes);
    if (build->spiffs.count)
        line = arena_format(build->arena, "%s%sspiffs_addr = 0x%x, spiffs_size = 0x%x", line,
                            build->lfs.bytes ? ", " : "", (unsigned)build->where->spiffs_off,
                            (unsigned)build->spiffs.count);
    return arena_format(build->arena, "%s}", line);
}

static int write_file(struct build *build, const char *directory, const char *name,
                      struct text content, struct problem *problem)
{
    struct output output;
    const char *path = arena_format(build->arena, "%s/%s", directory, name);
    int status = output_open(&output, path, build->arena, problem);
    if (status != STATUS_OK)
        return status;
    fwrite(content.data, 1, content.bytes, output.file);
    return output_close(&output, problem);
}

static int write_parts(struct build *build, const char *directory, const char *command,
                       struct problem *problem)
{
    int status = STATUS_OK;
    for (size_t i = 0; i < build->count && status == STATUS_OK; i++)
        status = write_file(build, directory, build->parts[i].name, build->parts[i].content,
                            problem);
    const char *script = arena_format(
        build->arena,
        "#!/bin/sh\n"
        "# Writes these parts to a device with NodeMCU 3.0: sh flash.sh [PORT]\n"
        "# Its partition table must have them where they go; at its prompt, before or after:\n"
        "#   %s\n"
        "cd \"$(dirname \"$0\")\" || exit\n"
        "exec esptool.py --port \"${1:-/dev/ttyUSB0}\" %s\n",
        make_table(build), command);
    return status == STATUS_OK ? write_file(build, directory, "flash.sh", text_of(script), problem)
                               : status;
}

int flash_nodemcu_build(struct arena *arena, const struct flash_nodemcu *where,
                        uint32_t flash_bytes, const struct flash_parts *parts,
                        const char *directory, const char **command, struct problem *problem)
{
    struct build build = {.arena = arena, .where = where, .flash_bytes = flash_bytes};
    struct result result;
    int status = STATUS_OK;
    for (size_t i = 0; i < parts->firmware.count && status == STATUS_OK; i++)
        status = add_firmware(&build, parts->firmware.items[i], problem);
    if (status == STATUS_OK && parts->lfs)
        status = add_lfs(&build, parts->lfs, problem);
    if (status == STATUS_OK && parts->files)
        status = add_files(&build, parts->files, problem);
    if (status == STATUS_OK && build.count == 0)
        status = problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                             "nothing to flash: --firmware, --lfs or --files");
    if (status == STATUS_OK)
        status = check_places(&build, problem);
    if (status == STATUS_OK)
        status = result_begin(arena, directory, &result, problem);
    if (status != STATUS_OK)
        return status;
    *command = make_command(&build);
    status = write_parts(&build, result.scratch, *command, problem);
    if (status == STATUS_OK)
        return result_finish(&result, problem);
    result_abandon(&result);
    return status;
}
