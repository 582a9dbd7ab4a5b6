// history_db.c: opens a history, adds to it, and answers.

#include "analyzer/history/history_db.h"

#include <string.h>
#include <unistd.h>

#include "analyzer/history/history_db_parts.h"

#define VERSION 2

// ---- opening ----

// The same for both, but for two words. Only PostgreSQL keeps records.
static const char *schema_of(struct history_db *db)
{
    const char *id = db->driver->id_type;
    return arena_format(
        db->arena,
        "%sCREATE TABLE history(version BIGINT NOT NULL); INSERT INTO history VALUES(%d);"
        "CREATE TABLE build(id %s, file TEXT UNIQUE NOT NULL, commit_id TEXT NOT NULL,"
        " parent TEXT NOT NULL, config TEXT NOT NULL, time_s BIGINT NOT NULL,"
        " ram BIGINT, flash BIGINT, peak BIGINT);"
        "CREATE INDEX build_by_time ON build(config, time_s);"
        "CREATE TABLE name(id %s, text TEXT UNIQUE NOT NULL);"
        "CREATE TABLE size(name BIGINT NOT NULL, build BIGINT NOT NULL, ram BIGINT NOT NULL,"
        " flash BIGINT NOT NULL, PRIMARY KEY(name, build))%s;"
        "CREATE TABLE IF NOT EXISTS record(file TEXT PRIMARY KEY, content TEXT NOT NULL)",
        db->driver->mark, VERSION, id, id, db->driver->table_end);
}

static bool read_version(struct history_db *db, int64_t *version)
{
    *version = -1;
    return history_ask_number(db, "SELECT version FROM history", version);
}

static bool has_tables(struct history_db *db)
{
    int64_t version, count;
    return read_version(db, &version) && version == VERSION &&
           history_ask_number(db, "SELECT count(*) FROM build", &count) &&
           history_ask_number(db, "SELECT count(*) FROM name", &count);
}

// A file that frost has not made is neither changed nor removed. Those of frost 0.2 have no mark.
static int check_own(struct history_db *db, struct problem *problem)
{
    struct problem first = {0};
    if (db->driver->is_own(db->path))
        return STATUS_OK;
    db->sql = db->driver->open(db->path, &first);
    bool is_older = db->sql && has_tables(db) && history_execute(db, db->driver->mark);
    db->driver->close(db->sql);
    db->sql = NULL;
    if (is_older)
        return STATUS_OK;
    return problem_set(problem, STATUS_USAGE, text_of(db->path), PROBLEM_NO_OFF,
                       "is no database that frost has made; a history keeps its own there");
}

// True if the file has what is asked for, or is new and was made so.
static bool connect_file(struct history_db *db, struct problem *problem)
{
    int64_t version;
    db->sql = db->driver->open(db->path, problem);
    if (!db->sql)
        return false;
    return read_version(db, &version) ? has_tables(db) : history_execute(db, schema_of(db));
}

// It can be made again at any time, so one that cannot be used is no loss.
static int make_anew(struct history_db *db, struct problem *problem)
{
    db->driver->close(db->sql);
    db->sql = NULL;
    unlink(db->path);
    unlink(arena_format(db->arena, "%s-journal", db->path));
    if (connect_file(db, problem))
        return STATUS_OK;
    return db->sql ? history_fail(db, problem) : problem->status;
}

static int open_directory(struct history_db *db, bool is_fresh, size_t *read_count,
                          struct problem *problem)
{
    struct history_names records;
    struct problem first = {0};
    int status = check_own(db, problem);
    if (status == STATUS_OK)
        status = history_list_records(db, &records, problem);
    if (status == STATUS_OK && (is_fresh || !connect_file(db, &first)))
        status = make_anew(db, problem);
    if (status != STATUS_OK)
        return status;
    first = (struct problem){0};
    status = history_update(db, read_count, &first);
    if (status == STATUS_IO && text_is_equal(first.file, text_of(db->path))) { // damaged inside
        status = make_anew(db, problem);
        return status == STATUS_OK ? history_update(db, read_count, problem) : status;
    }
    if (status != STATUS_OK)
        *problem = first;
    return status;
}

#define SCHEMA_NAME "frost_history" // of PostgreSQL: a place for names

// Makes the tables of what the records say; `is_new`: there are none yet.
static int make_tables(struct history_db *db, bool is_new, struct problem *problem)
{
    const char *first = is_new ? "CREATE SCHEMA IF NOT EXISTS " SCHEMA_NAME
                               : "DROP TABLE IF EXISTS history, build, name, size";
    if (history_execute(
            db, arena_format(db->arena, "%s; %s; %s", db->driver->begin, first, schema_of(db))) &&
        history_execute(db, "COMMIT"))
        return STATUS_OK;
    int status = history_fail(db, problem);
    (void)!history_execute(db, "ROLLBACK");
    return status;
}

static int open_url(struct history_db *db, bool is_fresh, bool is_made, struct problem *problem)
{
    int64_t version;
    db->sql = db->driver->open(db->place, problem);
    if (!db->sql)
        return problem->status;
    if (!history_execute(db, "SET search_path TO " SCHEMA_NAME))
        return history_fail(db, problem);
    bool is_there = read_version(db, &version);
    if (!is_there && !is_made && !is_fresh)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(db->path), PROBLEM_NO_OFF,
                           "no history: there is no schema " SCHEMA_NAME
                           "; frost history add makes it");
    if (is_fresh || !is_there)
        return make_tables(db, !is_there, problem);
    return version == VERSION
               ? STATUS_OK
               : problem_set(problem, STATUS_VERSION, text_of(db->path), PROBLEM_NO_OFF,
                             "has tables of version %lld; frost history rebuild makes them anew",
                             (long long)version);
}

static bool is_url(const char *place)
{
    return strncmp(place, "postgresql://", 13) == 0 || strncmp(place, "postgres://", 11) == 0;
}

const char *history_place_name(struct arena *arena, const char *place)
{
    const char *host = is_url(place) ? strchr(place, '@') : NULL;
    return host ? arena_format(arena, "postgresql://...%s", host) : place;
}

static struct history_db *create(struct arena *arena, const char *place)
{
    struct history_db *db = ARENA_NEW(arena, struct history_db);
    bool is_server = is_url(place);
    *db = (struct history_db){.driver = is_server ? &history_postgres : &history_sqlite,
                              .arena = arena,
                              .place = place,
                              .path = is_server ? history_place_name(arena, place)
                                                : arena_format(arena, "%s/history.db", place),
                              .is_url = is_server};
    return db;
}

static int finish_open(struct history_db *made, int status, struct history_db **db,
                       struct problem *problem)
{
    if (status == STATUS_OK) {
        *db = made;
        return STATUS_OK;
    }
    if (text_is_equal(problem->file, text_of(made->place)))
        problem->file = text_of(history_place_name(made->arena, made->place));
    history_db_close(made);
    return status;
}

int history_db_open(struct arena *arena, const char *place, bool is_fresh, struct history_db **db,
                    size_t *read_count, struct problem *problem)
{
    struct history_db *made = create(arena, place);
    *read_count = 0;
    int status = made->is_url ? open_url(made, is_fresh, false, problem)
                              : open_directory(made, is_fresh, read_count, problem);
    if (status == STATUS_OK && made->is_url)
        status = history_update(made, read_count, problem);
    return finish_open(made, status, db, problem);
}

void history_db_close(struct history_db *db)
{
    db->driver->close(db->sql);
    db->sql = NULL;
}

static bool write_row(struct history_db *db, const char *file, struct text record)
{
    int64_t none;
    struct history_statement *add = history_prepare(
        db, "INSERT INTO record(file, content) VALUES($1,$2) ON CONFLICT(file) DO NOTHING");
    if (!add)
        return false;
    history_bind(db, add, 1, file);
    db->driver->bind_text(add, 2, record);
    bool is_good = history_run_number(db, add, &none);
    db->driver->finish(add);
    return is_good;
}

int history_db_add(struct arena *arena, const char *place, const char *path,
                   struct history_build *build, const char **name, struct problem *problem)
{
    struct history_db *db = create(arena, place);
    struct text record;
    size_t read_count;
    int status = history_record_make(arena, path, build, &record, problem);
    if (status == STATUS_OK && !db->is_url)
        status = check_own(db, problem);
    if (status == STATUS_OK && !db->is_url)
        status = history_records_write(arena, place, build->file, record, problem);
    if (status != STATUS_OK)
        return status;
    if (!db->is_url) {
        *name = history_record_path(arena, place, build->file);
        status = open_directory(db, false, &read_count, problem);
        return finish_open(db, status, &db, problem);
    }
    *name = build->file;
    status = open_url(db, false, true, problem);
    if (status == STATUS_OK)
        status = write_row(db, build->file, record) ? history_update(db, &read_count, problem)
                                                    : history_fail(db, problem);
    return finish_open(db, status, &db, problem);
}

// ---- answers ----

static struct report_value value_at(struct history_db *db, struct history_statement *statement,
                                    int column)
{
    if (db->driver->is_null(statement, column))
        return (struct report_value){0};
    return report_number(db->driver->number(statement, column));
}

static struct history_build build_at(struct history_db *db, struct history_statement *statement)
{
    return (struct history_build){
        .file = history_text_at(db, statement, 0),
        .commit = history_text_at(db, statement, 1),
        .parent = history_text_at(db, statement, 2),
        .config = history_text_at(db, statement, 3),
        .time_s = db->driver->number(statement, 4),
    };
}

static int collect(struct history_db *db, struct history_statement *statement,
                   struct history_rows *rows, struct problem *problem)
{
    enum history_step step;
    *rows = (struct history_rows){0};
    while ((step = db->driver->step(statement)) == HISTORY_ROW) {
        if (rows->count == rows->room) {
            rows->room = rows->room ? 2 * rows->room : 256;
            rows->items = arena_grow_array(db->arena, rows->items, rows->count, rows->room,
                                           sizeof *rows->items);
        }
        rows->items[rows->count++] = (struct history_row){
            build_at(db, statement), value_at(db, statement, 5), value_at(db, statement, 6),
            value_at(db, statement, 7)};
    }
    db->driver->finish(statement);
    return step == HISTORY_DONE ? STATUS_OK : history_fail(db, problem);
}

#define BUILD_COLUMNS "file, commit_id, parent, config, time_s"
#define OF_CONFIG "(CAST($1 AS TEXT) IS NULL OR config=$1)"

int history_db_list(struct history_db *db, const char *config, struct history_rows *rows,
                    struct problem *problem)
{
    struct history_statement *statement = history_prepare(
        db, "SELECT " BUILD_COLUMNS ", ram, flash, peak FROM build WHERE " OF_CONFIG
            " ORDER BY time_s, file");
    if (!statement)
        return history_fail(db, problem);
    history_bind(db, statement, 1, config);
    return collect(db, statement, rows, problem);
}

int history_db_trend(struct history_db *db, const char *config, const char *name,
                     struct history_rows *rows, struct problem *problem)
{
    struct history_statement *statement = history_prepare(
        db, "SELECT " BUILD_COLUMNS ", size.ram, size.flash, CAST(NULL AS BIGINT) FROM name"
            " CROSS JOIN build LEFT JOIN size ON size.name=name.id AND size.build=build.id"
            " WHERE " OF_CONFIG " AND name.text=$2 ORDER BY time_s, file");
    if (!statement)
        return history_fail(db, problem);
    history_bind(db, statement, 1, config);
    db->driver->bind_text(statement, 2, history_kept_name(db->arena, text_of(name)));
    return collect(db, statement, rows, problem);
}

int history_db_find(struct history_db *db, const char *commit, const char *config,
                    struct history_build *build, struct problem *problem)
{
    struct history_statement *statement = history_prepare(
        db, "SELECT " BUILD_COLUMNS " FROM build WHERE " OF_CONFIG " AND"
            " substr(commit_id, 1, length(CAST($2 AS TEXT)))=$2"
            " ORDER BY time_s DESC, file DESC LIMIT 1");
    if (!statement)
        return history_fail(db, problem);
    history_bind(db, statement, 1, config);
    history_bind(db, statement, 2, commit);
    enum history_step step = db->driver->step(statement);
    if (step == HISTORY_ROW)
        *build = build_at(db, statement);
    db->driver->finish(statement);
    if (step == HISTORY_DONE)
        return problem_set(problem, STATUS_NOT_FOUND,
                           text_of(history_place_name(db->arena, db->place)), PROBLEM_NO_OFF,
                           "no build of commit '%.60s'%s%.60s", commit,
                           config ? " and configuration " : "", config ? config : "");
    return step == HISTORY_ROW ? STATUS_OK : history_fail(db, problem);
}
