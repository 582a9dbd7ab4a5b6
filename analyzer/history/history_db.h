// history_db.h: answers about the builds of a history, from an SQLite file that is made of the
// records and can be thrown away: DIR/history.db.
//
// When it is opened it is brought up to date: records that it lacks are read, one at a time, those
// that are gone leave it. A file that is damaged or of another version is made anew.
// Memory: one record; results in the caller's arena.

#ifndef FROST_HISTORY_DB_H
#define FROST_HISTORY_DB_H

#include "analyzer/history/history_records.h"

struct history_db;

// `is_fresh`: made anew whatever is there. `read_count`: records that were read.
// Errors: those of history_records_list() and history_records_read(); STATUS_IO of SQLite.
int history_db_open(struct arena *arena, const char *directory, bool is_fresh,
                    struct history_db **db, size_t *read_count, struct problem *problem)
    __attribute__((warn_unused_result));
void history_db_close(struct history_db *db);

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
