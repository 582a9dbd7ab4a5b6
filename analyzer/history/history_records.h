// history_records.h: one JSON document a build: the truth of a history.
//
// A record is a report of sizes (frost/size/1) with what the build was (frost/build/1), named
// TIME-COMMIT-HASH.json: a file in DIR/builds, or a row of a database. Records are added whole or
// not at all, and never changed; the name has a hash of the content, so that one that is added
// twice is there once. Memory: the caller's arenas.

#ifndef FROST_HISTORY_RECORDS_H
#define FROST_HISTORY_RECORDS_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

struct history_build {
    const char *file;   // name of the record in DIR/builds
    const char *commit; // any text; builds are found by how it begins
    const char *parent; // commit that this one follows; "" if not known
    const char *config; // builds of one key can be compared: "nodemcu,float,lfs"
    int64_t time_s;     // since 1970
};

// Makes a record of a report: the content of a file of frost size --json or --record. `build->file`
// is set to the name that the record is to have.
//
// Errors: those of report_read(); STATUS_USAGE a commit that is none.
int history_record_make(struct arena *arena, const char *path, struct history_build *build,
                        struct text *record, struct problem *problem)
    __attribute__((warn_unused_result));

// Reads a record. `path` is its name in messages, `file` that in the history.
//
// Errors: those of report_read().
int history_record_parse(struct arena *arena, struct text record, const char *path,
                         const char *file, struct history_build *build, struct report **report,
                         struct problem *problem) __attribute__((warn_unused_result));

// ---- in a directory ----

// Errors: STATUS_IO.
int history_records_write(struct arena *arena, const char *directory, const char *file,
                          struct text record, struct problem *problem)
    __attribute__((warn_unused_result));

// The names of all records, in no order. Errors: STATUS_NOT_FOUND the directory is none of a
// history.
int history_records_list(struct arena *arena, const char *directory, const char ***names,
                         size_t *count, struct problem *problem)
    __attribute__((warn_unused_result));

const char *history_record_path(struct arena *arena, const char *directory, const char *file);

#endif
