// history_update.c: brings a history's database up to date with its records.

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/history/history_db_parts.h"
#include "reports/report_read.h"

// ---- lists of names ----

static void add_to_list(struct arena *arena, struct history_names *list, const char *name)
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

static void sort_list(struct history_names *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_names);
}

// ---- records ----

int history_list_records(struct history_db *db, struct history_names *list, struct problem *problem)
{
    *list = (struct history_names){0};
    if (!db->is_url)
        return history_records_list(db->arena, db->place, &list->items, &list->count, problem);
    struct history_statement *all = history_prepare(db, "SELECT file FROM record");
    enum history_step step = HISTORY_FAILED;
    while (all && (step = db->driver->step(all)) == HISTORY_ROW)
        add_to_list(db->arena, list, history_text_at(db, all, 0));
    db->driver->finish(all);
    return step == HISTORY_DONE ? STATUS_OK : history_fail(db, problem);
}

int history_db_record(struct history_db *db, const char *file, struct text *record,
                      struct problem *problem)
{
    if (!db->is_url)
        return input_read(history_record_path(db->arena, db->place, file), REPORT_FILE_BYTES_MAX,
                          db->arena, record, problem);
    struct history_statement *one = history_prepare(db, "SELECT content FROM record WHERE file=$1");
    enum history_step step = HISTORY_FAILED;
    if (one) {
        history_bind(db, one, 1, file);
        step = db->driver->step(one);
    }
    if (step == HISTORY_ROW)
        *record = arena_copy_text(db->arena, db->driver->text(one, 0));
    db->driver->finish(one);
    if (step == HISTORY_DONE)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(db->path), PROBLEM_NO_OFF,
                           "has no record %.100s", file);
    return step == HISTORY_ROW ? STATUS_OK : history_fail(db, problem);
}

// ---- filling ----

static int64_t name_id(struct history_db *db, struct text name)
{
    int64_t id = -1;
    db->driver->bind_text(db->find_name, 1, name);
    if (!history_run_number(db, db->find_name, &id) || id >= 0)
        return id;
    db->driver->bind_text(db->add_name, 1, name);
    return history_run_number(db, db->add_name, &id) ? id : -1;
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
    return history_run_number(db, db->add_size, &none);
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
    return history_kept_name(arena, text_of(name));
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
    struct history_statement *add = history_prepare(
        db, "INSERT INTO build(file, commit_id, parent, config, time_s, ram, flash, peak)"
            " VALUES($1,$2,$3,$4,$5,$6,$7,$8) RETURNING id");
    int64_t id = -1;
    if (!add)
        return false;
    history_bind(db, add, 1, build->file);
    history_bind(db, add, 2, build->commit);
    history_bind(db, add, 3, build->parent);
    history_bind(db, add, 4, build->config);
    db->driver->bind_number(add, 5, &build->time_s);
    bind_total(db, add, 6, report, "ram_bytes");
    bind_total(db, add, 7, report, "flash_bytes");
    bind_total(db, add, 8, report, "peak_bytes");
    bool is_good = history_run_number(db, add, &id);
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
        status = history_fail(db, problem);
    if (status != STATUS_OK) // its path may lie in that arena
        problem->file = arena_copy_text(kept, problem->file);
    arena_deinit(&arena);
    return status;
}

// ---- bringing up to date ----

static bool is_there(const struct history_names *list, const char *name)
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
static int compare_builds(struct history_db *db, const struct history_names *records,
                          struct history_names *known, struct problem *problem)
{
    struct history_statement *all = history_prepare(db, "SELECT file, id FROM build");
    struct history_names gone = {0};
    enum history_step step = HISTORY_FAILED;
    while (all && (step = db->driver->step(all)) == HISTORY_ROW) {
        const char *file = history_text_at(db, all, 0);
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
        is_good = history_execute(db, gone.items[i]);
    sort_list(known);
    return is_good ? STATUS_OK : history_fail(db, problem);
}

static int read_new(struct history_db *db, size_t *read_count, struct problem *problem)
{
    struct history_names records, known = {0};
    int status = history_list_records(db, &records, problem);
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

int history_update(struct history_db *db, size_t *read_count, struct problem *problem)
{
    *read_count = 0;
    if (!history_execute(db, db->driver->begin))
        return history_fail(db, problem);
    db->find_name = history_prepare(db, "SELECT id FROM name WHERE text=$1");
    db->add_name = history_prepare(db, "INSERT INTO name(text) VALUES($1) RETURNING id");
    db->add_size = history_prepare(db,
                                   "INSERT INTO size(name, build, ram, flash) VALUES($1,$2,$3,$4)"
                                   " ON CONFLICT(name, build)"
                                   " DO UPDATE SET ram=excluded.ram, flash=excluded.flash");
    int status = db->find_name && db->add_name && db->add_size ? read_new(db, read_count, problem)
                                                               : history_fail(db, problem);
    db->driver->finish(db->find_name);
    db->driver->finish(db->add_name);
    db->driver->finish(db->add_size);
    if (status != STATUS_OK)
        (void)!history_execute(db, "ROLLBACK");
    else if (!history_execute(db, "COMMIT"))
        status = history_fail(db, problem);
    return status;
}
