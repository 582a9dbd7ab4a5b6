// history_db.c: the records of a history in SQLite.

#include "analyzer/history/history_db.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#define VERSION "1"

struct history_db {
    sqlite3 *sqlite;
    struct arena *arena;
    const char *directory, *path;
    sqlite3_stmt *add_name, *find_name, *add_size;
};

static const char schema[] =
    "CREATE TABLE build(id INTEGER PRIMARY KEY, file TEXT UNIQUE NOT NULL, commit_id TEXT NOT NULL,"
    " parent TEXT NOT NULL, config TEXT NOT NULL, time_s INTEGER NOT NULL,"
    " ram INTEGER, flash INTEGER, peak INTEGER);"
    "CREATE INDEX build_by_time ON build(config, time_s);"
    "CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL);"
    "CREATE TABLE size(name INTEGER NOT NULL, build INTEGER NOT NULL, ram INTEGER NOT NULL,"
    " flash INTEGER NOT NULL, PRIMARY KEY(name, build)) WITHOUT ROWID;"
    "PRAGMA user_version=" VERSION ";";

static int fail(const struct history_db *db, struct problem *problem)
{
    return problem_set(problem, STATUS_IO, text_of(db->path), PROBLEM_NO_OFF, "%.100s",
                       sqlite3_errmsg(db->sqlite));
}

static bool execute(struct history_db *db, const char *sql)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3_stmt *prepare(struct history_db *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int place, struct text text)
{
    sqlite3_bind_text(statement, place, text.data ? text.data : "", (int)text.bytes,
                      SQLITE_TRANSIENT);
}

// ---- filling ----

static int64_t name_id(struct history_db *db, struct text name)
{
    int64_t id = -1;
    bind_text(db->find_name, 1, name);
    if (sqlite3_step(db->find_name) == SQLITE_ROW)
        id = sqlite3_column_int64(db->find_name, 0);
    sqlite3_reset(db->find_name);
    if (id >= 0)
        return id;
    bind_text(db->add_name, 1, name);
    if (sqlite3_step(db->add_name) == SQLITE_DONE)
        id = sqlite3_last_insert_rowid(db->sqlite);
    sqlite3_reset(db->add_name);
    return id;
}

static bool add_size(struct history_db *db, int64_t build, struct text name, int64_t ram,
                     int64_t flash)
{
    int64_t id = name_id(db, name);
    if (id < 0)
        return false;
    sqlite3_bind_int64(db->add_size, 1, id);
    sqlite3_bind_int64(db->add_size, 2, build);
    sqlite3_bind_int64(db->add_size, 3, ram);
    sqlite3_bind_int64(db->add_size, 4, flash);
    bool is_added = sqlite3_step(db->add_size) == SQLITE_DONE;
    sqlite3_reset(db->add_size);
    return is_added;
}

static int64_t number_of(const struct report_value *row, int column)
{
    return column >= 0 && row[column].is_present ? row[column].number : 0;
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
    return text_of(name);
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

static void bind_total(sqlite3_stmt *statement, int place, const struct report *report,
                       const char *name)
{
    const struct report_total *total = report_find_total(report, name);
    if (total && total->kind == REPORT_NUMBER)
        sqlite3_bind_int64(statement, place, total->value.number);
    else
        sqlite3_bind_null(statement, place);
}

static bool add_build(struct history_db *db, struct arena *arena, const struct history_build *build,
                      const struct report *report)
{
    sqlite3_stmt *add = prepare(db,
                                "INSERT INTO build(file, commit_id, parent, config, time_s, ram,"
                                " flash, peak) VALUES(?,?,?,?,?,?,?,?)");
    bind_text(add, 1, text_of(build->file));
    bind_text(add, 2, text_of(build->commit));
    bind_text(add, 3, text_of(build->parent));
    bind_text(add, 4, text_of(build->config));
    sqlite3_bind_int64(add, 5, build->time_s);
    bind_total(add, 6, report, "ram_bytes");
    bind_total(add, 7, report, "flash_bytes");
    bind_total(add, 8, report, "peak_bytes");
    bool is_good = sqlite3_step(add) == SQLITE_DONE;
    sqlite3_finalize(add);
    int64_t id = sqlite3_last_insert_rowid(db->sqlite);
    for (const struct report_table *table = report->tables; is_good && table; table = table->next)
        if (strncmp(table->name, "level_", 6) == 0)
            is_good = add_table(db, arena, id, table);
    return is_good;
}

static int read_record(struct history_db *db, const char *file, struct problem *problem)
{
    struct history_build build;
    struct report *report;
    struct arena arena;
    arena_init(&arena);
    int status = history_records_read(&arena, db->directory, file, &build, &report, problem);
    if (status == STATUS_OK && !add_build(db, &arena, &build, report))
        status = fail(db, problem);
    if (status != STATUS_OK) // its path lies in that arena
        problem->file = arena_copy_text(db->arena, problem->file);
    arena_deinit(&arena);
    return status;
}

// ---- bringing up to date ----

static bool is_there(const char *const *names, size_t count, const char *name)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(names[middle], name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

// Takes builds out whose records are gone; lists the others, sorted.
static int compare_builds(struct history_db *db, const char *const *names, size_t count,
                          const char ***known, size_t *known_count, struct problem *problem)
{
    sqlite3_stmt *all = prepare(db, "SELECT file, id FROM build ORDER BY file");
    size_t room = 0;
    int step;
    *known = NULL;
    *known_count = 0;
    if (!all)
        return fail(db, problem);
    while ((step = sqlite3_step(all)) == SQLITE_ROW) {
        const char *file = (const char *)sqlite3_column_text(all, 0);
        if (!is_there(names, count, file)) {
            long long id = sqlite3_column_int64(all, 1);
            if (!execute(db, arena_format(db->arena,
                                          "DELETE FROM size WHERE build=%lld;"
                                          "DELETE FROM build WHERE id=%lld",
                                          id, id)))
                break;
            continue;
        }
        if (*known_count == room) {
            room = room ? 2 * room : 256;
            *known = arena_grow_array(db->arena, *known, *known_count, room, sizeof **known);
        }
        (*known)[(*known_count)++] = arena_copy_string(db->arena, file);
    }
    sqlite3_finalize(all);
    return step == SQLITE_DONE ? STATUS_OK : fail(db, problem);
}

static int update(struct history_db *db, size_t *read_count, struct problem *problem)
{
    const char **names, **known = NULL;
    size_t count, known_count = 0;
    int status = history_records_list(db->arena, db->directory, &names, &count, problem);
    if (status == STATUS_OK && !execute(db, "BEGIN IMMEDIATE"))
        status = fail(db, problem);
    if (status != STATUS_OK)
        return status;
    db->find_name = prepare(db, "SELECT id FROM name WHERE text=?");
    db->add_name = prepare(db, "INSERT INTO name(text) VALUES(?)");
    db->add_size = prepare(db, "INSERT OR REPLACE INTO size VALUES(?,?,?,?)");
    status = db->find_name && db->add_name && db->add_size
                 ? compare_builds(db, names, count, &known, &known_count, problem)
                 : fail(db, problem);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (is_there(known, known_count, names[i]))
            continue;
        status = read_record(db, names[i], problem);
        ++*read_count;
    }
    sqlite3_finalize(db->find_name);
    sqlite3_finalize(db->add_name);
    sqlite3_finalize(db->add_size);
    if (status != STATUS_OK)
        (void)!execute(db, "ROLLBACK");
    else if (!execute(db, "COMMIT"))
        status = fail(db, problem);
    return status;
}

// ---- opening ----

// True if the file is one of ours, or new and made one.
static bool prepare_file(struct history_db *db)
{
    sqlite3_stmt *version = prepare(db, "PRAGMA user_version");
    int found = version && sqlite3_step(version) == SQLITE_ROW ? sqlite3_column_int(version, 0)
                                                               : -1;
    sqlite3_finalize(version);
    sqlite3_stmt *tables = prepare(db, "SELECT count(*) FROM sqlite_master");
    int count = tables && sqlite3_step(tables) == SQLITE_ROW ? sqlite3_column_int(tables, 0) : -1;
    sqlite3_finalize(tables);
    if (found == 0 && count == 0)
        return execute(db, schema);
    return found == 1 && execute(db, "SELECT count(*) FROM build; SELECT count(*) FROM name");
}

static bool connect_file(struct history_db *db)
{
    return sqlite3_open(db->path, &db->sqlite) == SQLITE_OK &&
           sqlite3_busy_timeout(db->sqlite, 10000) == SQLITE_OK &&
           execute(db, "PRAGMA synchronous=OFF; PRAGMA cache_size=-32768") && prepare_file(db);
}

// It can be made again at any time, so one that cannot be used is no loss.
static int make_anew(struct history_db *db, struct problem *problem)
{
    sqlite3_close(db->sqlite);
    db->sqlite = NULL;
    unlink(db->path);
    unlink(arena_format(db->arena, "%s-journal", db->path));
    return connect_file(db) ? STATUS_OK : fail(db, problem);
}

int history_db_open(struct arena *arena, const char *directory, bool is_fresh,
                    struct history_db **db, size_t *read_count, struct problem *problem)
{
    struct history_db *made = ARENA_NEW(arena, struct history_db);
    struct problem first = {0};
    *made = (struct history_db){.arena = arena,
                                .directory = directory,
                                .path = arena_format(arena, "%s/history.db", directory)};
    *read_count = 0;
    const char **names;
    size_t count;
    int status = history_records_list(arena, directory, &names, &count, problem);
    if (status != STATUS_OK)
        return status;
    if (is_fresh || !connect_file(made))
        status = make_anew(made, problem);
    if (status == STATUS_OK && update(made, read_count, &first) == STATUS_IO &&
        text_is_equal(first.file, text_of(made->path))) {
        *read_count = 0; // damaged inside
        status = make_anew(made, problem);
        if (status == STATUS_OK)
            status = update(made, read_count, problem);
    } else if (status == STATUS_OK && first.status) {
        *problem = first;
        status = first.status;
    }
    if (status == STATUS_OK)
        *db = made;
    else
        history_db_close(made);
    return status;
}

void history_db_close(struct history_db *db)
{
    sqlite3_close(db->sqlite);
    db->sqlite = NULL;
}

// ---- answers ----

static struct report_value value_at(sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return (struct report_value){0};
    return report_number(sqlite3_column_int64(statement, column));
}

static const char *text_at(struct history_db *db, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return arena_copy_string(db->arena, text ? text : "");
}

static struct history_build build_at(struct history_db *db, sqlite3_stmt *statement)
{
    return (struct history_build){
        .file = text_at(db, statement, 0),
        .commit = text_at(db, statement, 1),
        .parent = text_at(db, statement, 2),
        .config = text_at(db, statement, 3),
        .time_s = sqlite3_column_int64(statement, 4),
    };
}

static int collect(struct history_db *db, sqlite3_stmt *statement, struct history_rows *rows,
                   struct problem *problem)
{
    int step;
    *rows = (struct history_rows){0};
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        if (rows->count == rows->room) {
            rows->room = rows->room ? 2 * rows->room : 256;
            rows->items = arena_grow_array(db->arena, rows->items, rows->count, rows->room,
                                           sizeof *rows->items);
        }
        rows->items[rows->count++] = (struct history_row){
            build_at(db, statement), value_at(statement, 5), value_at(statement, 6),
            value_at(statement, 7)};
    }
    sqlite3_finalize(statement);
    return step == SQLITE_DONE ? STATUS_OK : fail(db, problem);
}

#define BUILD_COLUMNS "file, commit_id, parent, config, time_s"

int history_db_list(struct history_db *db, const char *config, struct history_rows *rows,
                    struct problem *problem)
{
    sqlite3_stmt *statement = prepare(db, "SELECT " BUILD_COLUMNS ", ram, flash, peak FROM build"
                                          " WHERE ?1 IS NULL OR config=?1 ORDER BY time_s, file");
    if (!statement)
        return fail(db, problem);
    if (config)
        bind_text(statement, 1, text_of(config));
    return collect(db, statement, rows, problem);
}

int history_db_trend(struct history_db *db, const char *config, const char *name,
                     struct history_rows *rows, struct problem *problem)
{
    sqlite3_stmt *statement = prepare(
        db, "SELECT " BUILD_COLUMNS ", size.ram, size.flash, NULL FROM name"
            " CROSS JOIN build LEFT JOIN size ON size.name=name.id AND size.build=build.id"
            " WHERE name.text=?2 AND (?1 IS NULL OR config=?1) ORDER BY time_s, file");
    if (!statement)
        return fail(db, problem);
    if (config)
        bind_text(statement, 1, text_of(config));
    bind_text(statement, 2, text_of(name));
    return collect(db, statement, rows, problem);
}

int history_db_find(struct history_db *db, const char *commit, const char *config,
                    struct history_build *build, struct problem *problem)
{
    sqlite3_stmt *statement = prepare(
        db, "SELECT " BUILD_COLUMNS " FROM build WHERE substr(commit_id, 1, length(?2))=?2 AND"
            " (?1 IS NULL OR config=?1) ORDER BY time_s DESC, file DESC LIMIT 1");
    if (!statement)
        return fail(db, problem);
    if (config)
        bind_text(statement, 1, text_of(config));
    bind_text(statement, 2, text_of(commit));
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *build = build_at(db, statement);
    sqlite3_finalize(statement);
    if (step == SQLITE_DONE)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(db->directory), PROBLEM_NO_OFF,
                           "no build of commit '%.60s'%s%.60s", commit,
                           config ? " and configuration " : "", config ? config : "");
    return step == SQLITE_ROW ? STATUS_OK : fail(db, problem);
}
