// report_read.c: reads the JSON form of a report.

#include "reports/report_read.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((int64_t)1 << 53) // what JSON holds everywhere; sums and differences of it fit

struct reading {
    struct report *report;
    const struct report *like;
    const char *file;
    struct problem *problem;
};

static int damaged(const struct reading *r, const char *what, const char *name)
{
    return problem_set(r->problem, STATUS_DAMAGED, text_of(r->file), PROBLEM_NO_OFF, what, name);
}

static const char *copy(const struct reading *r, const json_t *value)
{
    const char *text = json_string_value(value);
    return arena_copy_string(r->report->arena, text ? text : "");
}

// ---- values ----

static int digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

// A text, or its bytes as {"hex": "..."}.
static bool read_text(const struct reading *r, const json_t *value, struct text *text)
{
    if (json_is_string(value)) {
        struct text own = {json_string_value(value), json_string_length(value)};
        *text = arena_copy_text(r->report->arena, own);
        return true;
    }
    const char *hex = json_string_value(json_object_get(value, "hex"));
    size_t count = hex ? strlen(hex) / 2 : 0;
    if (!hex)
        return false;
    char *bytes = arena_alloc(r->report->arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (char)(high << 4 | low);
    }
    *text = (struct text){bytes, count};
    return true;
}

static bool read_hex(const json_t *value, uint64_t *hex)
{
    const char *text = json_string_value(value);
    char *end;
    if (!text || text[0] != '0' || text[1] != 'x')
        return false;
    errno = 0;
    *hex = strtoull(text, &end, 16);
    return *end == 0 && errno == 0;
}

// Result: false if the value is of another kind.
static bool read_value(const struct reading *r, enum report_kind kind, const json_t *from,
                       struct report_value *value)
{
    *value = (struct report_value){0};
    if (!from || json_is_null(from))
        return true;
    value->is_present = true;
    switch (kind) {
    case REPORT_NUMBER:
        value->number = json_integer_value(from);
        return json_is_integer(from) && value->number <= NUMBER_MAX && value->number >= -NUMBER_MAX;
    case REPORT_REAL:
        value->real = json_number_value(from);
        return json_is_number(from);
    case REPORT_FLAG:
        value->flag = json_is_true(from);
        return json_is_boolean(from);
    case REPORT_HEX:
        return read_hex(from, &value->hex);
    case REPORT_TEXT:
    case REPORT_STRING:
        return read_text(r, from, &value->text);
    }
    return false;
}

static enum report_kind kind_of(const json_t *value)
{
    if (json_is_integer(value))
        return REPORT_NUMBER;
    if (json_is_real(value))
        return REPORT_REAL;
    return json_is_boolean(value) ? REPORT_FLAG : REPORT_TEXT;
}

// ---- tables ----

// The kind of a column that no other report knows: that of its first value, or of its sum where
// there is no row.
static enum report_kind column_kind(const json_t *rows, const json_t *sum, const char *name)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *value = json_object_get(json_array_get(rows, i), name);
        if (value && !json_is_null(value))
            return kind_of(value);
    }
    const json_t *summed = json_object_get(sum, name);
    return summed && !json_is_null(summed) ? kind_of(summed) : REPORT_TEXT;
}

static struct report_column read_column(const struct reading *r, const json_t *from,
                                        const json_t *rows, const json_t *sum,
                                        const struct report_table *like, size_t place)
{
    const char *name = copy(r, json_object_get(from, "name"));
    int same = like ? report_find_column(like, text_of(name)) : -1;
    struct report_column column = {0};
    if (same >= 0) {
        column = like->columns[same];
    } else {
        enum report_kind kind = column_kind(rows, sum, name);
        bool is_summed = json_object_get(sum, name) != NULL;
        column = (struct report_column){.title = copy(r, json_object_get(from, "title")),
                                        .unit = copy(r, json_object_get(from, "unit")),
                                        .flags = kind == REPORT_TEXT ? REPORT_KEY | REPORT_MAY_CUT
                                                 : is_summed         ? REPORT_SUMMED
                                                                     : 0,
                                        .kind = kind,
                                        .decimals = kind == REPORT_REAL ? 2 : 0};
    }
    column.name = name;
    column.member = REPORT_MEMBER_VALUE;
    column.offset = place * sizeof(struct report_value);
    column.fill = NULL;
    return column;
}

static int read_row(const struct reading *r, struct report_table *table, const json_t *row,
                    struct report_value *cells)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const struct report_column *column = &table->columns[c];
        if (!read_value(r, column->kind, json_object_get(row, column->name), &cells[c]))
            return damaged(r, "column '%.60s' has a value of another type", column->name);
    }
    return STATUS_OK;
}

static int read_rows(const struct reading *r, struct report_table *table, const json_t *from)
{
    const json_t *rows = json_object_get(from, "rows"), *sum = json_object_get(from, "sum");
    struct report_value cells[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < json_array_size(rows); i++) {
        int status = read_row(r, table, json_array_get(rows, i), cells);
        if (status != STATUS_OK)
            return status;
        report_add_row(table, NULL, cells);
    }
    report_omit(table, (uint64_t)json_integer_value(json_object_get(from, "rows_omitted")),
                "the file does not hold them");
    if (!json_is_object(sum))
        return STATUS_OK;
    table->sum = ARENA_NEW_ARRAY(table->arena, struct report_value, table->column_count);
    int status = read_row(r, table, sum, table->sum);
    report_label_sum(table);
    return status;
}

static int read_table(const struct reading *r, const char *name, const json_t *from)
{
    const json_t *columns = json_object_get(from, "columns"), *rows = json_object_get(from, "rows");
    const char *own_name = arena_copy_string(r->report->arena, name);
    const struct report_table *like = r->like ? report_find_table(r->like, own_name) : NULL;
    size_t count = json_array_size(columns);
    struct report_column made[REPORT_COLUMNS_MAX];
    if (!json_is_array(columns) || !json_is_array(rows) || count == 0 || count > REPORT_COLUMNS_MAX)
        return damaged(r, "table '%.60s' has no columns or rows", own_name);
    for (size_t c = 0; c < count; c++) {
        const json_t *column = json_array_get(columns, c);
        if (!json_is_string(json_object_get(column, "name")))
            return damaged(r, "table '%.60s' has a column without a name", own_name);
        made[c] = read_column(r, column, rows, json_object_get(from, "sum"), like, c);
        for (size_t before = 0; before < c; before++)
            if (strcmp(made[before].name, made[c].name) == 0)
                return damaged(r, "table '%.60s' has a column twice", own_name);
    }
    struct report_table *table = report_add_table(
        r->report, own_name, copy(r, json_object_get(from, "title")), made, count);
    return read_rows(r, table, from);
}

static int read_tables(const struct reading *r, const json_t *tables)
{
    const char *name;
    json_t *table;
    if (!json_is_object(tables))
        return damaged(r, "has no '%s'", "tables");
    json_object_foreach((json_t *)tables, name, table)
    {
        int status = read_table(r, name, table);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

// ---- the rest ----

static int read_totals(const struct reading *r, const json_t *totals)
{
    const char *name;
    json_t *value;
    struct report_value number;
    json_object_foreach((json_t *)totals, name, value)
    {
        const char *own = arena_copy_string(r->report->arena, name);
        const struct report_total *like = r->like ? report_find_total(r->like, own) : NULL;
        const char *title = like ? like->title : own, *unit = like ? like->unit : "";
        struct text text;
        if (json_is_integer(value) && !read_value(r, REPORT_NUMBER, value, &number))
            return damaged(r, "total '%.60s' is too large", own);
        if (json_is_integer(value))
            report_add_number(r->report, own, title, unit, number.number);
        else if (json_is_real(value))
            report_add_real(r->report, own, title, unit, like ? like->decimals : 2,
                            json_real_value(value));
        else if (read_text(r, value, &text))
            report_add_text(r->report, own, title, text);
    }
    return STATUS_OK;
}

static uint64_t count_of(const json_t *object, const char *name)
{
    json_int_t count = json_integer_value(json_object_get(object, name));
    return count > 0 ? (uint64_t)count : 0;
}

static void read_inputs(const struct reading *r, const json_t *inputs)
{
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const json_t *from = json_array_get(inputs, i);
        struct text path = {0}, ending = {0};
        uint64_t crc;
        (void)read_text(r, json_object_get(from, "path"), &path);
        struct report_input *input = report_add_input(
            r->report, path, copy(r, json_object_get(from, "kind")), count_of(from, "bytes"),
            !json_is_false(json_object_get(from, "is_complete")));
        bool has_crc = read_hex(json_object_get(from, "crc32"), &crc) && crc <= UINT32_MAX;
        report_input_set_sum(input, has_crc, has_crc ? (uint32_t)crc : 0);
        if (read_text(r, json_object_get(from, "ending"), &ending))
            report_input_set_ending(input, ending);
    }
}

static void read_loss(const struct reading *r, const json_t *from)
{
    struct report_loss *loss = &r->report->loss;
    loss->events_discarded = count_of(from, "events_discarded");
    loss->packets_lost = count_of(from, "packets_lost");
    loss->blocks_lost = count_of(from, "blocks_lost");
    loss->bytes_cut = count_of(from, "bytes_cut");
    loss->runs_unfinished = count_of(from, "runs_unfinished");
}

static void read_notes(const struct reading *r, const json_t *notes)
{
    for (size_t i = 0; i < json_array_size(notes); i++) {
        const json_t *from = json_array_get(notes, i);
        const char *kind = json_string_value(json_object_get(from, "kind"));
        struct text text;
        if (!kind || !read_text(r, json_object_get(from, "text"), &text))
            continue;
        report_add_note(r->report,
                        strcmp(kind, "finding") == 0   ? REPORT_FINDING
                        : strcmp(kind, "warning") == 0 ? REPORT_WARNING
                                                       : REPORT_NOTE,
                        "%.*s", TEXT_ARGS(text));
    }
}

static int read_document(const struct reading *r, const json_t *root)
{
    char wanted[80];
    const char *schema = json_string_value(json_object_get(root, "schema"));
    snprintf(wanted, sizeof wanted, "frost/%s/%u", r->report->name, r->report->version);
    if (!schema)
        return damaged(r, "is no report of frost: it has no '%s'", "schema");
    if (strcmp(schema, wanted) != 0)
        return problem_set(r->problem, STATUS_VERSION, text_of(r->file), PROBLEM_NO_OFF,
                           "is of schema %.60s, not %s", schema, wanted);
    r->report->title = copy(r, json_object_get(root, "title"));
    read_inputs(r, json_object_get(root, "inputs"));
    read_loss(r, json_object_get(root, "lost_events"));
    read_notes(r, json_object_get(root, "problems"));
    int status = read_totals(r, json_object_get(root, "totals"));
    return status == STATUS_OK ? read_tables(r, json_object_get(root, "tables")) : status;
}

bool report_is_json(struct text content)
{
    size_t at = 0;
    while (at < content.bytes && strchr(" \t\r\n", content.data[at]) && content.data[at])
        at++;
    return at < content.bytes && content.data[at] == '{';
}

int report_from_json(struct arena *arena, const struct json_t *root, const char *file,
                     const char *name, unsigned version, const struct report *like,
                     struct report **report, struct problem *problem)
{
    struct reading r = {report_create(arena, name, version, ""), like, file, problem};
    int status = read_document(&r, root);
    if (status == STATUS_OK)
        *report = r.report;
    return status;
}

int report_read(struct arena *arena, struct text content, const char *file, const char *name,
                unsigned version, const struct report *like, struct report **report,
                struct problem *problem)
{
    json_error_t fault;
    json_t *root = json_loadb(content.data, content.bytes, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
                              &fault);
    if (!root)
        return problem_set(problem, STATUS_DAMAGED, text_of(file), PROBLEM_NO_OFF,
                           "line %d: %.100s", fault.line, fault.text);
    // The record of a build has the report inside.
    const json_t *inner = json_object_get(root, "report");
    int status = report_from_json(arena, inner ? inner : root, file, name, version, like, report,
                                  problem);
    json_decref(root);
    return status;
}
