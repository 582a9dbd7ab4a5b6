// history_db.c: the records of a history in a database.

#include "analyzer/history/history_db.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/hash_table.h"
#include "analyzer/base/output.h"
#include "analyzer/history/history_sql.h"
#include "reports/report_read.h"

#define VERSION 2
#define NAME_BYTES_MAX 1000u // PostgreSQL searches for no longer texts

struct history_db {
    const struct history_sql_driver *driver;
    struct history_sql *sql;
    struct arena *arena;
    const char *place; // as the user named it
    const char *path;  // of the database, as messages name it
    bool is_url;
    struct history_statement *add_name, *find_name, *add_size; // while it is brought up to date
};

// ---- statements ----

static int fail(const struct history_db *db, struct problem *problem)
{
    return problem_set(problem, STATUS_IO, text_of(db->path), PROBLEM_NO_OFF, "%.120s",
                       db->driver->message(db->sql));
}

static bool execute(struct history_db *db, const char *text)
{
    return db->driver->execute(db->sql, text);
}

static struct history_statement *prepare(struct history_db *db, const char *text)
{
    return db->driver->prepare(db->sql, text);
}

static void bind_optional(struct history_db *db, struct history_statement *statement, int place,
                          const char *text)
{
    if (text)
        db->driver->bind_text(statement, place, text_of(text));
    else
        db->driver->bind_number(statement, place, NULL);
}

// Runs a statement whose result is at most one number. Result: false if it fails.
static bool run_number(struct history_db *db, struct history_statement *statement, int64_t *number)
{
    enum history_step step = db->driver->step(statement);
    if (step == HISTORY_ROW)
        *number = db->driver->number(statement, 0);
    db->driver->reset(statement);
    return step != HISTORY_FAILED;
}

static bool ask_number(struct history_db *db, const char *text, int64_t *number)
{
    struct history_statement *statement = prepare(db, text);
    bool is_good = statement && run_number(db, statement, number);
    db->driver->finish(statement);
    return is_good;
}

struct name_list {
    const char **items;
    size_t count, room;
};

static void add_to_list(struct arena *arena, struct name_list *list, const char *name)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 256;
        list->items = arena_grow_array(arena, list->items, list->count, list->room,
                                       sizeof *list->items);
    }
    list->items[list->count++] = name;
}

static int compare_names(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void sort_list(struct name_list *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_names);
}

static const char *text_at(struct history_db *db, struct history_statement *statement, int column)
{
    return arena_copy_text(db->arena, db->driver->text(statement, column)).data;
}

// ---- filling ----

static int64_t name_id(struct history_db *db, struct text name)
{
    int64_t id = -1;
    db->driver->bind_text(db->find_name, 1, name);
    if (!run_number(db, db->find_name, &id) || id >= 0)
        return id;
    db->driver->bind_text(db->add_name, 1, name);
    return run_number(db, db->add_name, &id) ? id : -1;
}

static bool add_size(struct history_db *db, int64_t build, struct text name, int64_t ram,
                     int64_t flash)
{
    int64_t id = name_id(db, name), none;
    if (id < 0)
        return false;
    db->driver->bind_number(db->add_size, 1, &id);
    db->driver->bind_number(db->add_size, 2, &build);
    db->driver->bind_number(db->add_size, 3, &ram);
    db->driver->bind_number(db->add_size, 4, &flash);
    return run_number(db, db->add_size, &none);
}

static int64_t number_of(const struct report_value *row, int column)
{
    return column >= 0 && row[column].is_present ? row[column].number : 0;
}

// As the database keeps it: the end of a long one as its hash.
static struct text database_name(struct arena *arena, struct text name)
{
    size_t bytes = NAME_BYTES_MAX;
    if (name.bytes <= bytes)
        return name;
    while (((unsigned char)name.data[bytes] & 0xc0) == 0x80) // not inside a character
        bytes--;
    return text_of(arena_format(arena, "%.*s... %08x", (int)bytes, name.data, hash_text(name)));
}

// "LABEL / LABEL" of a row.
static struct text row_name(struct arena *arena, const struct report_table *table,
                            const struct report_value *row)
{
    const char *name = "";
    for (size_t c = 0; c < table->column_count; c++)
        if (table->columns[c].flags & REPORT_KEY && table->columns[c].kind == REPORT_TEXT &&
            row[c].is_present)
            name = arena_format(arena, "%s%s%.*s", name, *name ? " / " : "",
                                TEXT_ARGS(row[c].text));
    return database_name(arena, text_of(name));
}

static bool add_table(struct history_db *db, struct arena *arena, int64_t build,
                      const struct report_table *table)
{
    int ram = report_find_column(table, text_of("ram_bytes"));
    int flash = report_find_column(table, text_of("flash_bytes"));
    if (ram < 0 || flash < 0 || table->columns[ram].kind != REPORT_NUMBER ||
        table->columns[flash].kind != REPORT_NUMBER)
        return true;
    for (size_t r = 0; r < table->row_count; r++) {
        const struct report_value *row = &table->cells[r * table->column_count];
        if (!add_size(db, build, row_name(arena, table, row), number_of(row, ram),
                      number_of(row, flash)))
            return false;
    }
    return true;
}

static void bind_total(struct history_db *db, struct history_statement *statement, int place,
                       const struct report *report, const char *name)
{
    const struct report_total *total = report_find_total(report, name);
    bool is_there = total && total->kind == REPORT_NUMBER;
    db->driver->bind_number(statement, place, is_there ? &total->value.number : NULL);
}

static bool add_build(struct history_db *db, struct arena *arena, const struct history_build *build,
                      const struct report *report)
{
    struct history_statement *add = prepare(
        db, "INSERT INTO build(file, commit_id, parent, config, time_s, ram, flash, peak)"
            " VALUES($1,$2,$3,$4,$5,$6,$7,$8) RETURNING id");
    int64_t id = -1;
    if (!add)
        return false;
    bind_optional(db, add, 1, build->file);
    bind_optional(db, add, 2, build->commit);
    bind_optional(db, add, 3, build->parent);
    bind_optional(db, add, 4, build->config);
    db->driver->bind_number(add, 5, &build->time_s);
    bind_total(db, add, 6, report, "ram_bytes");
    bind_total(db, add, 7, report, "flash_bytes");
    bind_total(db, add, 8, report, "peak_bytes");
    bool is_good = run_number(db, add, &id);
    db->driver->finish(add);
    for (const struct report_table *table = report->tables; is_good && table; table = table->next)
        if (strncmp(table->name, "level_", 6) == 0)
            is_good = add_table(db, arena, id, table);
    return is_good;
}

static int read_record(struct history_db *db, const char *file, struct problem *problem)
{
    struct history_build build;
    struct report *report;
    struct text record;
    struct arena *kept = db->arena, arena;
    const char *path = db->is_url ? file : history_record_path(kept, db->place, file);
    arena_init(&arena);
    db->arena = &arena;
    int status = history_db_record(db, file, &record, problem);
    db->arena = kept;
    if (status == STATUS_OK)
        status = history_record_parse(&arena, record, path, file, &build, &report, problem);
    if (status == STATUS_OK && !add_build(db, &arena, &build, report))
        status = fail(db, problem);
    if (status != STATUS_OK) // its path may lie in that arena
        problem->file = arena_copy_text(kept, problem->file);
    arena_deinit(&arena);
    return status;
}

// ---- records ----

static int list_records(struct history_db *db, struct name_list *list, struct problem *problem)
{
    *list = (struct name_list){0};
    if (!db->is_url)
        return history_records_list(db->arena, db->place, &list->items, &list->count, problem);
    struct history_statement *all = prepare(db, "SELECT file FROM record");
    enum history_step step = HISTORY_FAILED;
    while (all && (step = db->driver->step(all)) == HISTORY_ROW)
        add_to_list(db->arena, list, text_at(db, all, 0));
    db->driver->finish(all);
    return step == HISTORY_DONE ? STATUS_OK : fail(db, problem);
}

int history_db_record(struct history_db *db, const char *file, struct text *record,
                      struct problem *problem)
{
    if (!db->is_url)
        return input_read(history_record_path(db->arena, db->place, file), REPORT_FILE_BYTES_MAX,
                          db->arena, record, problem);
    struct history_statement *one = prepare(db, "SELECT content FROM record WHERE file=$1");
    enum history_step step = HISTORY_FAILED;
    if (one) {
        bind_optional(db, one, 1, file);
        step = db->driver->step(one);
    }
    if (step == HISTORY_ROW)
        *record = arena_copy_text(db->arena, db->driver->text(one, 0));
    db->driver->finish(one);
    if (step == HISTORY_DONE)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(db->path), PROBLEM_NO_OFF,
                           "has no record %.100s", file);
    return step == HISTORY_ROW ? STATUS_OK : fail(db, problem);
}

static bool write_row(struct history_db *db, const char *file, struct text record)
{
    int64_t none;
    struct history_statement *add = prepare(
        db, "INSERT INTO record(file, content) VALUES($1,$2) ON CONFLICT(file) DO NOTHING");
    if (!add)
        return false;
    bind_optional(db, add, 1, file);
    db->driver->bind_text(add, 2, record);
    bool is_good = run_number(db, add, &none);
    db->driver->finish(add);
    return is_good;
}

// ---- bringing up to date ----

static bool is_there(const struct name_list *list, const char *name)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(list->items[middle], name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

// Takes builds out whose records are gone; lists the others.
static int compare_builds(struct history_db *db, const struct name_list *records,
                          struct name_list *known, struct problem *problem)
{
    struct history_statement *all = prepare(db, "SELECT file, id FROM build");
    struct name_list gone = {0};
    enum history_step step = HISTORY_FAILED;
    while (all && (step = db->driver->step(all)) == HISTORY_ROW) {
        const char *file = text_at(db, all, 0);
        long long id = db->driver->number(all, 1);
        if (is_there(records, file))
            add_to_list(db->arena, known, file);
        else
            add_to_list(db->arena, &gone,
                        arena_format(db->arena,
                                     "DELETE FROM size WHERE build=%lld;"
                                     "DELETE FROM build WHERE id=%lld",
                                     id, id));
    }
    db->driver->finish(all);
    bool is_good = step == HISTORY_DONE;
    for (size_t i = 0; is_good && i < gone.count; i++)
        is_good = execute(db, gone.items[i]);
    sort_list(known);
    return is_good ? STATUS_OK : fail(db, problem);
}

static int read_new(struct history_db *db, size_t *read_count, struct problem *problem)
{
    struct name_list records, known = {0};
    int status = list_records(db, &records, problem);
    if (status != STATUS_OK)
        return status;
    sort_list(&records);
    status = compare_builds(db, &records, &known, problem);
    for (size_t i = 0; status == STATUS_OK && i < records.count; i++) {
        if (is_there(&known, records.items[i]))
            continue;
        status = read_record(db, records.items[i], problem);
        ++*read_count;
    }
    return status;
}

static int update(struct history_db *db, size_t *read_count, struct problem *problem)
{
    *read_count = 0;
    if (!execute(db, db->driver->begin))
        return fail(db, problem);
    db->find_name = prepare(db, "SELECT id FROM name WHERE text=$1");
    db->add_name = prepare(db, "INSERT INTO name(text) VALUES($1) RETURNING id");
    db->add_size = prepare(db, "INSERT INTO size(name, build, ram, flash) VALUES($1,$2,$3,$4)"
                               " ON CONFLICT(name, build)"
                               " DO UPDATE SET ram=excluded.ram, flash=excluded.flash");
    int status = db->find_name && db->add_name && db->add_size ? read_new(db, read_count, problem)
                                                               : fail(db, problem);
    db->driver->finish(db->find_name);
    db->driver->finish(db->add_name);
    db->driver->finish(db->add_size);
    if (status != STATUS_OK)
        (void)!execute(db, "ROLLBACK");
    else if (!execute(db, "COMMIT"))
        status = fail(db, problem);
    return status;
}

// ---- opening ----

// The same for both, but for two words. Only PostgreSQL keeps records.
static const char *schema_of(struct history_db *db)
{
    const char *id = db->driver->id_type;
    return arena_format(
        db->arena,
        "CREATE TABLE history(version BIGINT NOT NULL); INSERT INTO history VALUES(%d);"
        "CREATE TABLE build(id %s, file TEXT UNIQUE NOT NULL, commit_id TEXT NOT NULL,"
        " parent TEXT NOT NULL, config TEXT NOT NULL, time_s BIGINT NOT NULL,"
        " ram BIGINT, flash BIGINT, peak BIGINT);"
        "CREATE INDEX build_by_time ON build(config, time_s);"
        "CREATE TABLE name(id %s, text TEXT UNIQUE NOT NULL);"
        "CREATE TABLE size(name BIGINT NOT NULL, build BIGINT NOT NULL, ram BIGINT NOT NULL,"
        " flash BIGINT NOT NULL, PRIMARY KEY(name, build))%s;"
        "CREATE TABLE IF NOT EXISTS record(file TEXT PRIMARY KEY, content TEXT NOT NULL)",
        VERSION, id, id, db->driver->table_end);
}

static bool read_version(struct history_db *db, int64_t *version)
{
    *version = -1;
    return ask_number(db, "SELECT version FROM history", version);
}

// True if the file is one of ours, or new and made one.
static bool connect_file(struct history_db *db, struct problem *problem)
{
    int64_t version, count;
    db->sql = db->driver->open(db->path, problem);
    if (!db->sql)
        return false;
    if (read_version(db, &version))
        return version == VERSION && ask_number(db, "SELECT count(*) FROM build", &count) &&
               ask_number(db, "SELECT count(*) FROM name", &count);
    return execute(db, schema_of(db));
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
    return db->sql ? fail(db, problem) : problem->status;
}

static int open_directory(struct history_db *db, bool is_fresh, size_t *read_count,
                          struct problem *problem)
{
    struct name_list records;
    struct problem first = {0};
    int status = list_records(db, &records, problem);
    if (status == STATUS_OK && (is_fresh || !connect_file(db, &first)))
        status = make_anew(db, problem);
    if (status != STATUS_OK)
        return status;
    first = (struct problem){0};
    status = update(db, read_count, &first);
    if (status == STATUS_IO && text_is_equal(first.file, text_of(db->path))) { // damaged inside
        status = make_anew(db, problem);
        return status == STATUS_OK ? update(db, read_count, problem) : status;
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
    if (execute(db,
                arena_format(db->arena, "%s; %s; %s", db->driver->begin, first, schema_of(db))) &&
        execute(db, "COMMIT"))
        return STATUS_OK;
    int status = fail(db, problem);
    (void)!execute(db, "ROLLBACK");
    return status;
}

static int open_url(struct history_db *db, bool is_fresh, bool is_made, struct problem *problem)
{
    int64_t version;
    db->sql = db->driver->open(db->place, problem);
    if (!db->sql)
        return problem->status;
    if (!execute(db, "SET search_path TO " SCHEMA_NAME))
        return fail(db, problem);
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
        status = update(made, read_count, problem);
    return finish_open(made, status, db, problem);
}

void history_db_close(struct history_db *db)
{
    db->driver->close(db->sql);
    db->sql = NULL;
}

int history_db_add(struct arena *arena, const char *place, const char *path,
                   struct history_build *build, const char **name, struct problem *problem)
{
    struct history_db *db = create(arena, place);
    struct text record;
    size_t read_count;
    int status = history_record_make(arena, path, build, &record, problem);
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
        status = write_row(db, build->file, record) ? update(db, &read_count, problem)
                                                    : fail(db, problem);
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
        .file = text_at(db, statement, 0),
        .commit = text_at(db, statement, 1),
        .parent = text_at(db, statement, 2),
        .config = text_at(db, statement, 3),
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
    return step == HISTORY_DONE ? STATUS_OK : fail(db, problem);
}

#define BUILD_COLUMNS "file, commit_id, parent, config, time_s"
#define OF_CONFIG "(CAST($1 AS TEXT) IS NULL OR config=$1)"

int history_db_list(struct history_db *db, const char *config, struct history_rows *rows,
                    struct problem *problem)
{
    struct history_statement *statement = prepare(
        db, "SELECT " BUILD_COLUMNS ", ram, flash, peak FROM build WHERE " OF_CONFIG
            " ORDER BY time_s, file");
    if (!statement)
        return fail(db, problem);
    bind_optional(db, statement, 1, config);
    return collect(db, statement, rows, problem);
}

int history_db_trend(struct history_db *db, const char *config, const char *name,
                     struct history_rows *rows, struct problem *problem)
{
    struct history_statement *statement = prepare(
        db, "SELECT " BUILD_COLUMNS ", size.ram, size.flash, CAST(NULL AS BIGINT) FROM name"
            " CROSS JOIN build LEFT JOIN size ON size.name=name.id AND size.build=build.id"
            " WHERE " OF_CONFIG " AND name.text=$2 ORDER BY time_s, file");
    if (!statement)
        return fail(db, problem);
    bind_optional(db, statement, 1, config);
    db->driver->bind_text(statement, 2, database_name(db->arena, text_of(name)));
    return collect(db, statement, rows, problem);
}

int history_db_find(struct history_db *db, const char *commit, const char *config,
                    struct history_build *build, struct problem *problem)
{
    struct history_statement *statement = prepare(
        db, "SELECT " BUILD_COLUMNS " FROM build WHERE " OF_CONFIG " AND"
            " substr(commit_id, 1, length(CAST($2 AS TEXT)))=$2"
            " ORDER BY time_s DESC, file DESC LIMIT 1");
    if (!statement)
        return fail(db, problem);
    bind_optional(db, statement, 1, config);
    bind_optional(db, statement, 2, commit);
    enum history_step step = db->driver->step(statement);
    if (step == HISTORY_ROW)
        *build = build_at(db, statement);
    db->driver->finish(statement);
    if (step == HISTORY_DONE)
        return problem_set(problem, STATUS_NOT_FOUND,
                           text_of(history_place_name(db->arena, db->place)), PROBLEM_NO_OFF,
                           "no build of commit '%.60s'%s%.60s", commit,
                           config ? " and configuration " : "", config ? config : "");
    return step == HISTORY_ROW ? STATUS_OK : fail(db, problem);
}
