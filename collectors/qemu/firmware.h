// firmware.h: what the plugin must know about the firmware, from its ELF file.
//
// Reads: the symbols of the file. Writes: a small text file for plugin_map.c. Memory: the arena.

#ifndef FROST_QEMU_FIRMWARE_H
#define FROST_QEMU_FIRMWARE_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

// Writes the map of the firmware `elf` and the flash cache of the model to the new file `path`.
//
// Errors: STATUS_NOT_FOUND no such ELF file; STATUS_DAMAGED none, without symbols, or not the
//         probed firmware; a model whose cache is none; STATUS_IO.
int firmware_write_map(struct arena *arena, const char *elf, const struct cost_model *model,
                       const char *path, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
