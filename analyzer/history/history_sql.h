// history_sql.h: the little of a database that a history needs, over SQLite and PostgreSQL.
//
// Statements are written so that both read them: parameters are $1, $2 ... (in this order where
// they first stand), rows that are numbered say RETURNING id. What differs is in the driver.
// Memory: of the libraries, until history_sql_close(); texts of columns until the next step.

#ifndef FROST_HISTORY_SQL_H
#define FROST_HISTORY_SQL_H

#include "analyzer/base/problem.h"

#define HISTORY_SQL_PARAMETERS_MAX 8

struct history_sql; // a connection

struct history_statement;

enum history_step { HISTORY_ROW, HISTORY_DONE, HISTORY_FAILED };

struct history_sql_driver {
    const char *id_type;   // of a column that numbers its rows
    const char *table_end; // of a table that is searched by its primary key alone
    const char *begin;     // a transaction that no other one writes beside
    const char *mark;      // makes a database one of ours

    // Of files: is it one of ours, to be replaced if it cannot be used, or not there yet?
    bool (*is_own)(const char *path);

    // Connects. Result: NULL and why.
    struct history_sql *(*open)(const char *place, struct problem *problem);
    void (*close)(struct history_sql *sql); // NULL: nothing
    bool (*execute)(struct history_sql *sql, const char *text);
    const char *(*message)(const struct history_sql *sql); // of the last failure

    // NULL: it cannot be understood.
    struct history_statement *(*prepare)(struct history_sql *sql, const char *text);
    void (*finish)(struct history_statement *statement); // NULL: nothing

    // Parameters keep their values from run to run. `number` NULL: no value.
    void (*bind_text)(struct history_statement *statement, int place, struct text text);
    void (*bind_number)(struct history_statement *statement, int place, const int64_t *number);
    enum history_step (*step)(struct history_statement *statement);
    void (*reset)(struct history_statement *statement); // before the next run

    bool (*is_null)(const struct history_statement *statement, int column); // counted from 0
    int64_t (*number)(const struct history_statement *statement, int column);
    struct text (*text)(const struct history_statement *statement, int column);
};

extern const struct history_sql_driver history_sqlite;   // place: a file
extern const struct history_sql_driver history_postgres; // place: a URL, for libpq

#endif
