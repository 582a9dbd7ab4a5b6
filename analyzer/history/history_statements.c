// history_statements.c: what is asked of a history's database, in a line each.

#include <string.h>

#include "analyzer/base/hash_table.h"
#include "analyzer/history/history_db_parts.h"

#define NAME_BYTES_MAX 1000u // PostgreSQL searches for no longer texts

int history_fail(const struct history_db *db, struct problem *problem)
{
    return problem_set(problem, STATUS_IO, text_of(db->path), PROBLEM_NO_OFF, "%.120s",
                       db->driver->message(db->sql));
}

bool history_execute(struct history_db *db, const char *text)
{
    return db->driver->execute(db->sql, text);
}

struct history_statement *history_prepare(struct history_db *db, const char *text)
{
    return db->driver->prepare(db->sql, text);
}

void history_bind(struct history_db *db, struct history_statement *statement, int place,
                  const char *text)
{
    if (text)
        db->driver->bind_text(statement, place, text_of(text));
    else
        db->driver->bind_number(statement, place, NULL);
}

bool history_run_number(struct history_db *db, struct history_statement *statement, int64_t *number)
{
    enum history_step step = db->driver->step(statement);
    if (step == HISTORY_ROW)
        *number = db->driver->number(statement, 0);
    db->driver->reset(statement);
    return step != HISTORY_FAILED;
}

bool history_ask_number(struct history_db *db, const char *text, int64_t *number)
{
    struct history_statement *statement = history_prepare(db, text);
    bool is_good = statement && history_run_number(db, statement, number);
    db->driver->finish(statement);
    return is_good;
}

const char *history_text_at(struct history_db *db, struct history_statement *statement, int column)
{
    return arena_copy_text(db->arena, db->driver->text(statement, column)).data;
}

struct text history_kept_name(struct arena *arena, struct text name)
{
    size_t bytes = NAME_BYTES_MAX;
    if (name.bytes <= bytes)
        return name;
    while (((unsigned char)name.data[bytes] & 0xc0) == 0x80) // not inside a character
        bytes--;
    return text_of(arena_format(arena, "%.*s... %08x", (int)bytes, name.data, hash_text(name)));
}
