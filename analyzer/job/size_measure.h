// size_measure.h: a report of sizes out of whatever a user names: a program, images, chunks, a
// flash file, a trace, or the record of an earlier report.
//
// Memory: the arena of the context.

#ifndef FROST_JOB_SIZE_MEASURE_H
#define FROST_JOB_SIZE_MEASURE_H

#include "analyzer/analysis/size/size_elf.h"
#include "analyzer/job/job_context.h"

struct size_request {
    const char *const
        *paths; // a directory is a trace, a file an ELF file, image, chunk, flash file or record
    size_t count;
    const char *levels; // "region,unit"; NULL: those of a program, none without one
    struct option_list groups, matches;
    struct size_elf_settings elf;
    bool has_picture; // a table of all levels in one, too
};

// Makes the report, or reads it from a record (JSON), which then is the only path.
//
// Errors: those of the readers; STATUS_USAGE two programs, a record with something else, wrong
//         levels or patterns.
int size_measure(const struct job_context *context, const struct size_request *request,
                 struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

// Reads the content of a record, whose name is `path`. Errors: those of report_read().
int size_record_read(struct arena *arena, struct text content, const char *path,
                     struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

// The levels of the finest table of a report, "region,unit"; NULL if it has none.
const char *size_levels_of(struct arena *arena, const struct report *report);

#endif
