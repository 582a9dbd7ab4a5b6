// size_memory.h: the regions of a chip's memory: where they begin, how large they are, and whether
// they are RAM or flash.
//
// From data: a built-in file (analyzer/models/NAME-memory.json), one of the user's of the same
// form, or "Memory Configuration" of a GNU linker map. Memory: the arena.

#ifndef FROST_ANALYSIS_SIZE_MEMORY_H
#define FROST_ANALYSIS_SIZE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

#define SIZE_REGIONS_MAX 64u

struct size_region {
    const char *name;
    uint64_t begin, end;
    bool is_flash;
};

struct size_memory {
    const char *name;
    unsigned machine; // e_machine of its programs; 0: any
    struct size_region regions[SIZE_REGIONS_MAX];
    size_t region_count;
};

// Takes a built-in one by name ("esp8266"), or a file by path (a name with a '/' or that ends in
// ".json"). Errors: STATUS_NOT_FOUND, STATUS_DAMAGED with the member that is wrong.
int size_memory_load(struct arena *arena, const char *name, struct size_memory *memory,
                     struct problem *problem) __attribute__((warn_unused_result));

// The region that holds an address, NULL if none does; then `next` is where the next one begins,
// UINT64_MAX if there is none. `next` may be NULL.
const struct size_region *size_memory_find(const struct size_memory *memory, uint64_t addr,
                                           uint64_t *next);

#endif
