// history_db_parts.h: what the files of a history's database share; private to this directory.

#ifndef FROST_HISTORY_HISTORY_DB_PARTS_H
#define FROST_HISTORY_HISTORY_DB_PARTS_H

#include "analyzer/history/history_db.h"
#include "analyzer/history/history_sql.h"

struct history_db {
    const struct history_sql_driver *driver;
    struct history_sql *sql;
    struct arena *arena;
    const char *place; // as the user named it
    const char *path;  // of the database, as messages name it
    bool is_url;
    struct history_statement *add_name, *find_name, *add_size; // while it is brought up to date
};

// ---- statements (history_statements.c) ----

// STATUS_IO with what the database says.
int history_fail(const struct history_db *db, struct problem *problem);
bool history_execute(struct history_db *db, const char *text);
struct history_statement *history_prepare(struct history_db *db, const char *text);
// NULL: no value.
void history_bind(struct history_db *db, struct history_statement *statement, int place,
                  const char *text);
// Runs a statement whose result is at most one number. Result: false if it fails.
bool history_run_number(struct history_db *db, struct history_statement *statement,
                        int64_t *number);
bool history_ask_number(struct history_db *db, const char *text, int64_t *number);
// A column, in the arena.
const char *history_text_at(struct history_db *db, struct history_statement *statement, int column);
// A name as the database keeps it: the end of a long one as its hash.
struct text history_kept_name(struct arena *arena, struct text name);

// ---- bringing up to date (history_update.c) ----

struct history_names {
    const char **items;
    size_t count, room;
};
// The names of all records. Errors: those of history_records_list().
int history_list_records(struct history_db *db, struct history_names *names,
                         struct problem *problem) __attribute__((warn_unused_result));
// Reads records that the database lacks, takes builds out whose records are gone.
int history_update(struct history_db *db, size_t *read_count, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
