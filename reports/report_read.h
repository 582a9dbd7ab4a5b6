// report_read.h: a report out of its JSON form, to be compared with another one.
//
// What a document does not say of its columns (whether they are keys, how many decimals they show)
// is taken from a report of the same schema that has such tables; texts of a table that the other
// report lacks are keys. Series are not read.
// Memory: the arena.

#ifndef FROST_REPORTS_REPORT_READ_H
#define FROST_REPORTS_REPORT_READ_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

#define REPORT_FILE_BYTES_MAX (256u << 20)

// True if the content begins as a JSON document does.
bool report_is_json(struct text content);

// content  of a file of `frost ... --json`; `file` is its name in messages.
// name     the schema wanted: frost/NAME/N; `version` the only one known.
// like     tables whose columns tell what those of the document are; rows are not looked at. NULL:
//          none.
// Errors: STATUS_DAMAGED no JSON, or a part that is missing or of another type; STATUS_VERSION
//         another schema or version.
int report_read(struct arena *arena, struct text content, const char *file, const char *name,
                unsigned version, const struct report *like, struct report **report,
                struct problem *problem) __attribute__((warn_unused_result));

// The same from a value that jansson has read: a json_t *. Errors: without those of reading JSON.
struct json_t;
int report_from_json(struct arena *arena, const struct json_t *root, const char *file,
                     const char *name, unsigned version, const struct report *like,
                     struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
