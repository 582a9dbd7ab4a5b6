// size_memory.c: regions of memory, read from JSON.

#include "analyzer/analysis/size/size_memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/output.h"

#define FILE_BYTES_MAX (1u << 20)

extern const char model_esp8266_memory[];

static int damaged(const char *file, struct problem *problem, const char *name, const char *what)
{
    return problem_set(problem, STATUS_DAMAGED, text_of(file), PROBLEM_NO_OFF, "region '%.40s' %s",
                       name, what);
}

// An address as "0x3FFE8000", or a number.
static bool read_addr(const json_t *value, uint64_t *addr)
{
    if (json_is_integer(value)) {
        *addr = (uint64_t)json_integer_value(value);
        return json_integer_value(value) >= 0;
    }
    const char *text = json_string_value(value);
    char *end;
    if (!text || !*text || *text == '-')
        return false;
    errno = 0;
    *addr = strtoull(text, &end, 0);
    return *end == 0 && errno == 0;
}

static int read_region(const json_t *from, struct arena *arena, struct size_memory *memory,
                       const char *file, struct problem *problem)
{
    uint64_t begin, bytes;
    const char *name = json_string_value(json_object_get(from, "name"));
    const char *kind = json_string_value(json_object_get(from, "memory"));
    if (!name || !*name)
        return damaged(file, problem, "?", "has no name");
    if (!read_addr(json_object_get(from, "addr"), &begin))
        return damaged(file, problem, name, "needs an 'addr', as \"0x40100000\"");
    if (!read_addr(json_object_get(from, "bytes"), &bytes) || bytes == 0 || begin + bytes < begin)
        return damaged(file, problem, name, "needs 'bytes' above 0");
    if (!kind || (strcmp(kind, "ram") != 0 && strcmp(kind, "flash") != 0))
        return damaged(file, problem, name, "needs 'memory', \"ram\" or \"flash\"");
    for (size_t i = 0; i < memory->region_count; i++) {
        const struct size_region *other = &memory->regions[i];
        if (begin < other->end && other->begin < begin + bytes)
            return damaged(file, problem, name, "lies over another one");
        if (strcmp(other->name, name) == 0)
            return damaged(file, problem, name, "is there twice");
    }
    if (memory->region_count == SIZE_REGIONS_MAX)
        return damaged(file, problem, name, "is one too many");
    memory->regions[memory->region_count++] = (struct size_region){
        arena_copy_string(arena, name), begin, begin + bytes, strcmp(kind, "flash") == 0};
    return STATUS_OK;
}

static int read_memory(const json_t *root, struct arena *arena, struct size_memory *memory,
                       const char *file, struct problem *problem)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const char *name = json_string_value(json_object_get(root, "name"));
    const json_t *regions = json_object_get(root, "regions");
    if (!schema || strcmp(schema, "frost/memory/1") != 0)
        return problem_set(problem, STATUS_VERSION, text_of(file), PROBLEM_NO_OFF,
                           "is no map of memory of schema frost/memory/1");
    if (!json_is_array(regions) || json_array_size(regions) == 0)
        return problem_set(problem, STATUS_DAMAGED, text_of(file), PROBLEM_NO_OFF,
                           "'regions' is no list");
    *memory = (struct size_memory){.name = arena_copy_string(arena, name ? name : "?")};
    json_int_t machine = json_integer_value(json_object_get(root, "machine"));
    memory->machine = machine > 0 && machine <= UINT16_MAX ? (unsigned)machine : 0;
    for (size_t i = 0; i < json_array_size(regions); i++) {
        int status = read_region(json_array_get(regions, i), arena, memory, file, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int size_memory_load(struct arena *arena, const char *name, struct size_memory *memory,
                     struct problem *problem)
{
    struct text content = {0};
    if (strchr(name, '/') || text_ends_with(text_of(name), ".json")) {
        int status = input_read(name, FILE_BYTES_MAX, arena, &content, problem);
        if (status != STATUS_OK)
            return status;
    } else if (strcmp(name, "esp8266") == 0) {
        content = text_of(model_esp8266_memory);
    } else {
        return problem_set(problem, STATUS_NOT_FOUND, text_of(NULL), PROBLEM_NO_OFF,
                           "no chip '%.40s'; esp8266 is built in, a file needs its path", name);
    }
    json_error_t fault;
    json_t *root = json_loadb(content.data, content.bytes, JSON_REJECT_DUPLICATES, &fault);
    if (!root)
        return problem_set(problem, STATUS_DAMAGED, text_of(name), PROBLEM_NO_OFF,
                           "line %d: %.100s", fault.line, fault.text);
    int status = read_memory(root, arena, memory, name, problem);
    json_decref(root);
    return status;
}

const struct size_region *size_memory_find(const struct size_memory *memory, uint64_t addr,
                                           uint64_t *next)
{
    uint64_t nearest = UINT64_MAX;
    for (size_t i = 0; i < memory->region_count; i++) {
        const struct size_region *region = &memory->regions[i];
        if (addr >= region->begin && addr < region->end)
            return region;
        if (region->begin > addr && region->begin < nearest)
            nearest = region->begin;
    }
    if (next)
        *next = nearest;
    return NULL;
}
