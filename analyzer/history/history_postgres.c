// history_postgres.c: PostgreSQL as the database of a history.
//
// The client library is loaded when it is needed: with all that it needs itself it would make the
// start of every command of frost several times slower.

#include <dlfcn.h>
#include <inttypes.h>
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/history/history_sql.h"

#define LIBRARY "libpq.so.5"
#define NUMBER_BYTES 24u

#define FUNCTIONS(F)                                                                               \
    F(PQconnectdb)                                                                                 \
    F(PQstatus)                                                                                    \
    F(PQerrorMessage)                                                                              \
    F(PQfinish)                                                                                    \
    F(PQsetNoticeProcessor)                                                                        \
    F(PQexec)                                                                                      \
    F(PQprepare)                                                                                   \
    F(PQexecPrepared)                                                                              \
    F(PQresultStatus)                                                                              \
    F(PQclear)                                                                                     \
    F(PQntuples)                                                                                   \
    F(PQgetisnull)                                                                                 \
    F(PQgetvalue)                                                                                  \
    F(PQgetlength)

#define DECLARE(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(DECLARE)
} pq;

struct history_sql {
    PGconn *connection;
    unsigned statement_count;
};

struct history_statement {
    struct history_sql *sql;
    char name[16];
    char *values[HISTORY_SQL_PARAMETERS_MAX];
    int parameter_count;
    PGresult *result; // NULL: not run yet
    int row;
};

// ---- the library ----

// Functions and data have one size on every system that has dlsym.
static bool find(void *library, const char *name, void *target)
{
    void *symbol = dlsym(library, name);
    memcpy(target, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool load_library(void)
{
    static void *library;
    if (library)
        return true;
    library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool is_whole = library != NULL;
#define FIND(name) is_whole = is_whole && find(library, #name, &pq.name);
    FUNCTIONS(FIND)
    return is_whole;
}

// ---- connections ----

static void close_connection(struct history_sql *sql)
{
    if (!sql)
        return;
    pq.PQfinish(sql->connection);
    free(sql);
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

// The first line, as problems have one.
static const char *message(const struct history_sql *sql)
{
    char *text = pq.PQerrorMessage(sql->connection);
    text[strcspn(text, "\n")] = 0;
    return text;
}

static struct history_sql *open_url(const char *place, struct problem *problem)
{
    struct text where = text_of(place);
    if (!load_library()) {
        problem_set(problem, STATUS_IO, where, PROBLEM_NO_OFF,
                    "needs PostgreSQL's client library, " LIBRARY " (Debian: libpq5)");
        return NULL;
    }
    struct history_sql *sql = calloc(1, sizeof *sql);
    if (sql)
        sql->connection = pq.PQconnectdb(place);
    if (sql && pq.PQstatus(sql->connection) == CONNECTION_OK) {
        pq.PQsetNoticeProcessor(sql->connection, ignore_notice, NULL);
        return sql;
    }
    problem_set(problem, STATUS_IO, where, PROBLEM_NO_OFF, "%.120s",
                sql ? message(sql) : "cannot allocate memory");
    close_connection(sql);
    return NULL;
}

static bool execute(struct history_sql *sql, const char *text)
{
    PGresult *result = pq.PQexec(sql->connection, text);
    ExecStatusType status = pq.PQresultStatus(result);
    pq.PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

// ---- statements ----

static void finish(struct history_statement *statement)
{
    if (!statement)
        return;
    pq.PQclear(statement->result);
    for (int i = 0; i < HISTORY_SQL_PARAMETERS_MAX; i++)
        free(statement->values[i]);
    free(statement);
}

static struct history_statement *prepare(struct history_sql *sql, const char *text)
{
    struct history_statement *statement = calloc(1, sizeof *statement);
    if (!statement)
        return NULL;
    statement->sql = sql;
    snprintf(statement->name, sizeof statement->name, "s%u", sql->statement_count++);
    PGresult *result = pq.PQprepare(sql->connection, statement->name, text, 0, NULL);
    ExecStatusType status = pq.PQresultStatus(result);
    pq.PQclear(result);
    if (status == PGRES_COMMAND_OK)
        return statement;
    finish(statement);
    return NULL;
}

static char *room_for(struct history_statement *statement, int place, size_t bytes)
{
    char **value = &statement->values[place - 1];
    if (place > statement->parameter_count)
        statement->parameter_count = place;
    free(*value);
    *value = malloc(bytes);
    return *value;
}

// Texts of PostgreSQL end at a zero.
static void bind_text(struct history_statement *statement, int place, struct text text)
{
    char *value = room_for(statement, place, text.bytes + 1);
    if (!value)
        return;
    if (text.bytes)
        memcpy(value, text.data, text.bytes);
    value[text.bytes] = 0;
}

static void bind_number(struct history_statement *statement, int place, const int64_t *number)
{
    char *value = room_for(statement, place, NUMBER_BYTES);
    if (value && number) {
        snprintf(value, NUMBER_BYTES, "%" PRId64, *number);
        return;
    }
    free(value);
    statement->values[place - 1] = NULL;
}

// Parameters that were never bound have no value. The server takes as many as the statement names.
static bool run(struct history_statement *statement)
{
    statement->row = -1;
    statement->result = pq.PQexecPrepared(statement->sql->connection, statement->name,
                                          statement->parameter_count,
                                          (const char *const *)statement->values, NULL, NULL, 0);
    ExecStatusType status = pq.PQresultStatus(statement->result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static enum history_step step(struct history_statement *statement)
{
    if (!statement->result && !run(statement))
        return HISTORY_FAILED;
    return ++statement->row < pq.PQntuples(statement->result) ? HISTORY_ROW : HISTORY_DONE;
}

static void reset(struct history_statement *statement)
{
    pq.PQclear(statement->result);
    statement->result = NULL;
}

static bool is_null(const struct history_statement *statement, int column)
{
    return pq.PQgetisnull(statement->result, statement->row, column) != 0;
}

static int64_t number(const struct history_statement *statement, int column)
{
    return strtoll(pq.PQgetvalue(statement->result, statement->row, column), NULL, 10);
}

static struct text text(const struct history_statement *statement, int column)
{
    return (struct text){pq.PQgetvalue(statement->result, statement->row, column),
                         (size_t)pq.PQgetlength(statement->result, statement->row, column)};
}

const struct history_sql_driver history_postgres = {
    .id_type = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    .table_end = "",
    .begin = "BEGIN; SELECT pg_advisory_xact_lock(4207849484)", // a number of ours
    .mark = "",
    .open = open_url,
    .close = close_connection,
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
