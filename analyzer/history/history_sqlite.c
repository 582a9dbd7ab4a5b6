// history_sqlite.c: SQLite as the database of a history.

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/history/history_sql.h"

struct history_sql {
    sqlite3 *sqlite;
};

struct history_statement {
    sqlite3_stmt *sqlite;
};

static void close_file(struct history_sql *sql)
{
    if (!sql)
        return;
    sqlite3_close(sql->sqlite);
    free(sql);
}

// The file's format has a place for whose it is: "FrSt", at byte 68 of its first page.
#define MARK_OFF 68
#define MARK "FrSt"
#define MARK_NUMBER "1181897588"

static bool is_own(const char *path)
{
    char head[MARK_OFF + 4];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return access(path, F_OK) != 0;
    ssize_t bytes = read(fd, head, sizeof head);
    close(fd);
    return bytes == 0 || (bytes == sizeof head && memcmp(head, "SQLite format 3", 16) == 0 &&
                          memcmp(head + MARK_OFF, MARK, 4) == 0);
}

static bool execute(struct history_sql *sql, const char *text)
{
    return sqlite3_exec(sql->sqlite, text, NULL, NULL, NULL) == SQLITE_OK;
}

static const char *message(const struct history_sql *sql)
{
    return sqlite3_errmsg(sql->sqlite);
}

// The file can be made anew at any time, so no write has to reach the disk before the next one.
static struct history_sql *open_file(const char *place, struct problem *problem)
{
    struct history_sql *sql = calloc(1, sizeof *sql);
    bool is_good = sql && sqlite3_open(place, &sql->sqlite) == SQLITE_OK &&
                   sqlite3_busy_timeout(sql->sqlite, 10000) == SQLITE_OK &&
                   execute(sql, "PRAGMA synchronous=OFF; PRAGMA cache_size=-32768");
    if (is_good)
        return sql;
    problem_set(problem, STATUS_IO, text_of(place), PROBLEM_NO_OFF, "%.100s",
                sql && sql->sqlite ? message(sql) : "cannot allocate memory");
    close_file(sql);
    return NULL;
}

static struct history_statement *prepare(struct history_sql *sql, const char *text)
{
    struct history_statement *statement = calloc(1, sizeof *statement);
    if (statement &&
        sqlite3_prepare_v2(sql->sqlite, text, -1, &statement->sqlite, NULL) == SQLITE_OK)
        return statement;
    free(statement);
    return NULL;
}

static void finish(struct history_statement *statement)
{
    if (!statement)
        return;
    sqlite3_finalize(statement->sqlite);
    free(statement);
}

static void bind_text(struct history_statement *statement, int place, struct text text)
{
    sqlite3_bind_text(statement->sqlite, place, text.data ? text.data : "", (int)text.bytes,
                      SQLITE_TRANSIENT);
}

static void bind_number(struct history_statement *statement, int place, const int64_t *number)
{
    if (number)
        sqlite3_bind_int64(statement->sqlite, place, *number);
    else
        sqlite3_bind_null(statement->sqlite, place);
}

static enum history_step step(struct history_statement *statement)
{
    int result = sqlite3_step(statement->sqlite);
    return result == SQLITE_ROW    ? HISTORY_ROW
           : result == SQLITE_DONE ? HISTORY_DONE
                                   : HISTORY_FAILED;
}

static void reset(struct history_statement *statement)
{
    sqlite3_reset(statement->sqlite);
}

static bool is_null(const struct history_statement *statement, int column)
{
    return sqlite3_column_type(statement->sqlite, column) == SQLITE_NULL;
}

static int64_t number(const struct history_statement *statement, int column)
{
    return sqlite3_column_int64(statement->sqlite, column);
}

static struct text text(const struct history_statement *statement, int column)
{
    const char *data = (const char *)sqlite3_column_text(statement->sqlite, column);
    return (struct text){data, data ? (size_t)sqlite3_column_bytes(statement->sqlite, column) : 0};
}

const struct history_sql_driver history_sqlite = {
    .id_type = "INTEGER PRIMARY KEY",
    .table_end = " WITHOUT ROWID",
    .begin = "BEGIN IMMEDIATE",
    .mark = "PRAGMA application_id=" MARK_NUMBER ";",
    .is_own = is_own,
    .open = open_file,
    .close = close_file,
    .execute = execute,
    .message = message,
    .prepare = prepare,
    .finish = finish,
    .bind_text = bind_text,
    .bind_number = bind_number,
    .step = step,
    .reset = reset,
    .is_null = is_null,
    .number = number,
    .text = text,
};
