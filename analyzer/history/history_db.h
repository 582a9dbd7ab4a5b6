// history_db.h: the builds of a history, and answers about them.
//
// A history is a directory, whose records are files and whose database, DIR/history.db of SQLite,
// can be thrown away; or a database of PostgreSQL that also keeps the records, by its URL
// (postgresql://USER@HOST/NAME), in a schema of its own. Both have the same tables.
//
// When it is opened the database is brought up to date: records that it lacks are read, one at a
// time, builds whose records are gone leave it. A file that is damaged or of another version is
// made anew; PostgreSQL's tables are only when asked, and its records never.
// Memory: one record; results in the caller's arena.

#ifndef FROST_HISTORY_DB_H
#define FROST_HISTORY_DB_H

#include "analyzer/history/history_records.h"

struct history_db;

// `place`: a directory or URL. `is_fresh`: made anew whatever is there. `read_count`: records that
// were read.
// Errors: those of history_records_list() and history_record_parse(); STATUS_IO of the database;
//         STATUS_NOT_FOUND a URL without a history; STATUS_VERSION tables of another version.
int history_db_open(struct arena *arena, const char *place, bool is_fresh, struct history_db **db,
                    size_t *read_count, struct problem *problem)
    __attribute__((warn_unused_result));
void history_db_close(struct history_db *db);

// The place as messages may name it: without the user and password of a URL.
const char *history_place_name(struct arena *arena, const char *place);

// Adds a record to the history at `place`, which is made if there is none. `path` and `build`: as
// for history_record_make(). *name: what to call the record.
// Errors: those of history_record_make() and history_db_open().
int history_db_add(struct arena *arena, const char *place, const char *path,
                   struct history_build *build, const char **name, struct problem *problem)
    __attribute__((warn_unused_result));

// The content of a build's record. Errors: STATUS_IO, STATUS_NOT_FOUND.
int history_db_record(struct history_db *db, const char *file, struct text *record,
                      struct problem *problem) __attribute__((warn_unused_result));

// Builds of a configuration (NULL: of all) in the order of time.
struct history_row {
    struct history_build build;
    struct report_value ram_bytes, flash_bytes, peak_bytes; // absent: not measured
};
struct history_rows {
    struct history_row *items;
    size_t count, room;
};
int history_db_list(struct history_db *db, const char *config, struct history_rows *rows,
                    struct problem *problem) __attribute__((warn_unused_result));

// RAM and flash of everything called `name` in each of those builds: the label of a level, or
// "LABEL / LABEL" of the first levels of a record.
int history_db_trend(struct history_db *db, const char *config, const char *name,
                     struct history_rows *rows, struct problem *problem)
    __attribute__((warn_unused_result));

// The newest build whose commit begins with the text and that has the configuration (NULL: any).
// Result: STATUS_NOT_FOUND if there is none.
int history_db_find(struct history_db *db, const char *commit, const char *config,
                    struct history_build *build, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
