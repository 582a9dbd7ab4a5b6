// program_facts.c: see program_facts.h.

#include "analyzer/job/program_facts.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "analyzer/base/result.h"
#include "analyzer/base/text.h"

#define ENTRIES_MAX 1000u     // looked at
#define BYTES_MAX (16u << 20) // read; larger ones have their length alone
#define DEPTH_MAX 4u          // of directories
#define CHANGES_NAMED_MAX 5u

// ---- sums ----

// CRC-32 of a file of at most `most` bytes. False: it is longer, or cannot be read.
static bool sum_file(const char *path, uint64_t most, uint32_t *crc)
{
    unsigned char piece[16384];
    uint64_t total = 0;
    ssize_t bytes;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    *crc = (uint32_t)crc32(0, NULL, 0);
    while ((bytes = read(file, piece, sizeof piece)) > 0 && (total += (uint64_t)bytes) <= most)
        *crc = (uint32_t)crc32(*crc, piece, (uInt)bytes);
    close(file);
    return bytes == 0;
}

static json_t *describe(const char *path, uint64_t bytes, uint64_t most)
{
    uint32_t crc;
    json_t *file = json_object();
    json_object_set_new(file, "bytes", json_integer((json_int_t)bytes));
    if (sum_file(path, most, &crc))
        json_object_set_new(file, "crc", json_integer((json_int_t)crc));
    return file;
}

// ---- the directory ----

struct listing {
    struct arena *arena;
    json_t *files;
    unsigned entries;
    uint64_t bytes;
};

static void list(struct listing *listing, const char *path, const char *prefix, unsigned depth);

static void list_entry(struct listing *listing, const char *path, const char *name, unsigned depth)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return;
    if (S_ISREG(about.st_mode)) {
        uint64_t bytes = (uint64_t)about.st_size;
        listing->bytes += bytes;
        uint64_t most = listing->bytes <= BYTES_MAX ? bytes : 0;
        json_object_set_new(listing->files, name, describe(path, bytes, most)); // NULL: not UTF-8
    } else if (S_ISDIR(about.st_mode) && depth < DEPTH_MAX && !result_is(listing->arena, path)) {
        list(listing, path, arena_format(listing->arena, "%s/", name), depth + 1);
    }
}

static void list(struct listing *listing, const char *path, const char *prefix, unsigned depth)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.' && listing->entries++ < ENTRIES_MAX)
            list_entry(listing, arena_format(listing->arena, "%s/%s", path, name),
                       arena_format(listing->arena, "%s%s", prefix, name), depth);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

// ---- what was started ----

static const char *script_of(const struct vm_settings *vm, char *const *operands, size_t count)
{
    (void)vm;
    return count && strcmp(operands[0], "-") != 0 ? operands[0] : NULL;
}

// Where the VM finds the script: by its path, or in the program's directory.
static const char *path_of(struct arena *arena, const struct vm_settings *vm, const char *script)
{
    return vm->fs && access(script, R_OK) != 0 ? arena_format(arena, "%s/%s", vm->fs, script)
                                               : script;
}

static const char *directory_of(struct arena *arena, const struct vm_settings *vm,
                                const char *script)
{
    if (vm->fs)
        return *vm->fs ? vm->fs : ".";
    struct text base = text_base_name(text_of(script));
    size_t bytes = (size_t)(base.data - script);
    return bytes ? arena_format(arena, "%.*s", (int)bytes, script) : ".";
}

static json_t *describe_script(struct arena *arena, const struct vm_settings *vm,
                               const char *script)
{
    struct stat about;
    const char *path = path_of(arena, vm, script);
    json_t *json = stat(path, &about) == 0 ? describe(path, (uint64_t)about.st_size, BYTES_MAX)
                                           : json_object();
    struct text base = text_base_name(text_of(script));
    json_object_set_new(json, "name", json_stringn(base.data, base.bytes));
    return json;
}

static json_t *describe_start(struct arena *arena, const struct vm_settings *vm, const char *script)
{
    json_t *json = json_object();
    uint32_t crc = (uint32_t)crc32(0, NULL, 0);
    for (size_t i = 0; i < vm->chunks.count; i++)
        crc = (uint32_t)crc32(crc, (const Bytef *)vm->chunks.items[i],
                              (uInt)strlen(vm->chunks.items[i]) + 1);
    if (script)
        json_object_set_new(json, "script", describe_script(arena, vm, script));
    if (vm->chunks.count)
        json_object_set_new(json, "code_crc", json_integer((json_int_t)crc));
    if (vm->egc)
        json_object_set_new(json, "egc", json_string(vm->egc));
    json_object_set_new(json, "heap_bytes", json_integer((json_int_t)vm->heap_bytes));
    if (vm->world_number > 1)
        json_object_set_new(json, "world_number", json_integer((json_int_t)vm->world_number));
    json_object_set_new(json, "on_error", json_string(vm_on_error_names[vm->on_error]));
    return json;
}

const char *program_files(struct arena *arena, const struct vm_settings *vm, char *const *operands,
                          size_t operand_count, struct json_t **files)
{
    const char *script = script_of(vm, operands, operand_count);
    const char *directory = directory_of(arena, vm, script ? script : "");
    struct listing listing = {.arena = arena, .files = json_object()};
    list(&listing, directory, "", 0);
    *files = listing.files;
    return directory;
}

struct json_t *program_facts(struct arena *arena, const struct vm_settings *vm,
                             char *const *operands, size_t operand_count)
{
    const char *script = script_of(vm, operands, operand_count);
    json_t *json = json_object(), *files;
    json_object_set_new(json, "started", describe_start(arena, vm, script));
    if (vm->profile == VM_PROFILE_NODEMCU && (script || vm->fs)) {
        program_files(arena, vm, operands, operand_count, &files);
        json_object_set_new(json, "files", files);
    }
    return json;
}

// ---- differences ----

const char *program_facts_changed_files(struct arena *arena, const struct json_t *then,
                                        const struct json_t *now)
{
    json_t *files = json_object_get(then, "files"), *others = json_object_get(now, "files");
    const char *name, *changes = NULL;
    json_t *file;
    unsigned count = 0;
    json_object_foreach(files, name, file)
    {
        const json_t *other = json_object_get(others, name);
        if (json_equal(file, other) || ++count > CHANGES_NAMED_MAX)
            continue;
        changes = arena_format(arena, "%s%s%s%s", changes ? changes : "", changes ? ", " : "", name,
                               other ? "" : " (missing)");
    }
    if (count > CHANGES_NAMED_MAX)
        changes = arena_format(arena, "%s and %u more", changes, count - CHANGES_NAMED_MAX);
    return changes;
}
