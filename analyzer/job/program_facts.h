// program_facts.h: what a recording was started with, for run.json, so that a replay can tell
// another program, and files that have changed.
//
// Reads: the script and the files of the program's directory. Memory: jansson's objects; paths in
// the arena.

#ifndef FROST_JOB_PROGRAM_FACTS_H
#define FROST_JOB_PROGRAM_FACTS_H

#include "analyzer/job/vm_settings.h"

struct json_t; // jansson's

// Members "started" (script, settings) and, in the nodemcu profile, "files" of run.json: name,
// length and CRC-32 of each, as far as the directory has no more than a device could hold.
struct json_t *program_facts(struct arena *arena, const struct vm_settings *vm,
                             char *const *operands, size_t operand_count);

// The program's directory, and its files as above; they are the caller's.
const char *program_files(struct arena *arena, const struct vm_settings *vm, char *const *operands,
                          size_t operand_count, struct json_t **files);

// What is not the same in `now` as in `then`, "config.json, data.txt (missing)", at most a few of
// them; NULL: nothing. New files do not count.
const char *program_facts_changed_files(struct arena *arena, const struct json_t *then,
                                        const struct json_t *now);

#endif
