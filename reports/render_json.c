// render_json.c: a report as one JSON document ("frost/NAME/N"), one row a line, so that two
// documents can be compared with diff.
//
// Writes: unusual numbers by jansson, others, whose number is large, by value_text.h, text by
// json_text.h, the frame by hand, for line breaks where people want them. Fields keep the order of
// the model. There is no NaN: such a value is null. Text that is not UTF-8 becomes {"hex": "..."}.

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "analyzer/base/number_text.h"
#include "reports/json_text.h"
#include "reports/renderer.h"
#include "reports/value_text.h"
#include "runtime/format/version.h"

#define DECIMALS_MAX 4u            // with more, small numbers have an exponent
#define DIGITS_12_MAX 999999999999 // the precision of jansson's reals here

struct json_out {
    FILE *file;
    int status; // sticks
};

// Writes a value and gives it back to jansson.
static void put_value(struct json_out *out, json_t *value)
{
    if (!value) {
        out->status = STATUS_NO_MEMORY;
        return;
    }
    if (json_dumpf(value, out->file, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)))
        out->status = ferror(out->file) ? STATUS_IO : STATUS_NO_MEMORY;
    json_decref(value);
}

// A number of a few decimals, in the form that jansson gives it: no zeros at its end but the first.
// False: too many digits, or a zero, which may have a sign.
static bool put_decimal(FILE *out, double scaled, unsigned decimals)
{
    char digits[NUMBER_DIGITS_BYTES];
    uint64_t scale = 1, amount = (uint64_t)fabs(scaled);
    if (decimals > DECIMALS_MAX || amount == 0 || amount > DIGITS_12_MAX)
        return false;
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    if (scaled < 0)
        fputc_unlocked('-', out);
    value_put_digits(out, amount / scale);
    size_t count = number_digits(amount % scale + scale, digits);
    while (count > 2 && digits[count - 1] == '0')
        count--;
    *digits = '.'; // for the 1 of the scale
    fwrite_unlocked(count > 1 ? digits : ".0", 1, count > 1 ? count : 2, out);
    return true;
}

static void put_real(struct json_out *out, unsigned decimals, double real)
{
    double scale = pow(10, decimals), scaled = round(real * scale);
    if (!(fabs(scaled) <= DIGITS_12_MAX) || !put_decimal(out->file, scaled, decimals))
        put_value(out, json_real(scaled / scale));
}

static void put_integer(struct json_out *out, int64_t number)
{
    if (number < 0)
        fputc_unlocked('-', out->file);
    value_put_digits(out->file, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

// Text that is not UTF-8 becomes {"hex": "..."}.
static void put_text(struct json_out *out, struct text text)
{
    if (json_text_is_exact(text)) {
        json_text_put(out->file, text);
        return;
    }
    fputs_unlocked("{\"hex\":\"", out->file);
    for (size_t i = 0; i < text.bytes; i++)
        fprintf(out->file, "%02x", (uint8_t)text.data[i]);
    fputs_unlocked("\"}", out->file);
}

static void put_cell(struct json_out *out, enum report_kind kind, unsigned decimals,
                     struct report_value cell)
{
    if (!cell.is_present) {
        fputs_unlocked("null", out->file);
        return;
    }
    switch (kind) {
    case REPORT_NUMBER:
        put_integer(out, cell.number);
        break;
    case REPORT_REAL:
        put_real(out, decimals, cell.real);
        break;
    case REPORT_TEXT:
    case REPORT_STRING:
        put_text(out, cell.text);
        break;
    case REPORT_FLAG:
        fputs_unlocked(cell.flag ? "true" : "false", out->file);
        break;
    case REPORT_HEX:
        fprintf(out->file, "\"0x%" PRIx64 "\"", cell.hex);
        break;
    }
}

static void put_key(struct json_out *out, const char *indent, const char *key, bool is_first)
{
    fprintf(out->file, "%s\n%s\"%s\": ", is_first ? "" : ",", indent, key);
}

static void put_inputs(struct json_out *out, const struct report *report)
{
    put_key(out, " ", "inputs", false);
    fputc_unlocked('[', out->file);
    for (const struct report_input *input = report->inputs; input; input = input->next) {
        char crc[16];
        snprintf(crc, sizeof crc, "0x%08" PRIx32, input->crc);
        fputs_unlocked("\n  {\"path\":", out->file);
        put_text(out, input->path);
        fprintf(out->file, ",\"kind\":\"%s\",\"bytes\":%" PRIu64 ",\"crc32\":", input->kind,
                input->bytes);
        put_value(out, input->has_crc ? json_string(crc) : json_null());
        fprintf(out->file,
                ",\"is_complete\":%s,\"ending\":", input->is_complete ? "true" : "false");
        if (input->ending.bytes)
            put_text(out, input->ending);
        else
            fputs_unlocked("null", out->file);
        fprintf(out->file, "}%s", input->next ? "," : "\n ");
    }
    fputc_unlocked(']', out->file);
}

static void put_loss(struct json_out *out, const struct report_loss *loss)
{
    put_key(out, " ", "lost_events", false);
    fprintf(out->file,
            "{\"events_discarded\":%" PRIu64 ",\"packets_lost\":%" PRIu64
            ",\"blocks_lost\":%" PRIu64 ",\"bytes_cut\":%" PRIu64 ",\"runs_unfinished\":%" PRIu64
            "}",
            loss->events_discarded, loss->packets_lost, loss->blocks_lost, loss->bytes_cut,
            loss->runs_unfinished);
}

static void put_totals(struct json_out *out, const struct report *report)
{
    put_key(out, " ", "totals", false);
    fputc_unlocked('{', out->file);
    for (const struct report_total *total = report->totals; total; total = total->next) {
        put_key(out, "  ", total->name, total == report->totals);
        put_cell(out, total->kind, total->decimals, total->value);
    }
    fputs_unlocked(report->totals ? "\n }" : "}", out->file);
}

static void put_row(struct json_out *out, const struct report_table *table,
                    const struct report_value *cells)
{
    fputc_unlocked('{', out->file);
    for (size_t c = 0; c < table->column_count; c++) {
        const struct report_column *column = &table->columns[c];
        fputs_unlocked(c ? ",\"" : "\"", out->file);
        fputs_unlocked(column->name, out->file);
        fputs_unlocked("\":", out->file);
        put_cell(out, column->kind, column->decimals, cells[c]);
    }
    fputc_unlocked('}', out->file);
}

// The sum row has only the columns that were summed.
static void put_sum(struct json_out *out, const struct report_table *table)
{
    bool is_first = true;
    if (!table->sum) {
        fputs_unlocked("null", out->file);
        return;
    }
    fputc_unlocked('{', out->file);
    for (size_t c = 0; c < table->column_count; c++) {
        const struct report_column *column = &table->columns[c];
        if (!table->sum[c].is_present || column->kind != REPORT_NUMBER)
            continue;
        fprintf(out->file, "%s\"%s\":%" PRId64, is_first ? "" : ",", column->name,
                table->sum[c].number);
        is_first = false;
    }
    fputc_unlocked('}', out->file);
}

static void put_table(struct json_out *out, const struct report_table *table, uint64_t rows_max)
{
    uint64_t shown = rows_max && rows_max < table->row_count ? rows_max : table->row_count;
    put_key(out, "   ", "title", true);
    put_text(out, text_of(table->title));
    put_key(out, "   ", "columns", false);
    fputc_unlocked('[', out->file);
    for (size_t c = 0; c < table->column_count; c++) {
        fprintf(out->file, "%s\n    {\"name\":\"%s\",\"title\":", c ? "," : "",
                table->columns[c].name);
        put_text(out, text_of(table->columns[c].title));
        fputs_unlocked(",\"unit\":", out->file);
        put_text(out, text_of(table->columns[c].unit));
        fputc_unlocked('}', out->file);
    }
    fputs_unlocked("]", out->file);
    put_key(out, "   ", "rows", false);
    fputc_unlocked('[', out->file);
    for (size_t r = 0; r < shown; r++) {
        fprintf(out->file, "%s\n    ", r ? "," : "");
        put_row(out, table, &table->cells[r * table->column_count]);
    }
    fputc_unlocked(']', out->file);
    put_key(out, "   ", "rows_omitted", false);
    fprintf(out->file, "%" PRIu64, table->row_count - shown + table->omitted_count);
    put_key(out, "   ", "sum", false);
    put_sum(out, table);
}

static void put_tables(struct json_out *out, const struct report *report, uint64_t rows_max)
{
    put_key(out, " ", "tables", false);
    fputc_unlocked('{', out->file);
    for (const struct report_table *table = report->tables; table; table = table->next) {
        put_key(out, "  ", table->name, table == report->tables);
        fputc_unlocked('{', out->file);
        put_table(out, table, rows_max);
        fputs_unlocked("\n  }", out->file);
    }
    fputs_unlocked(report->tables ? "\n }" : "}", out->file);
}

static void put_labels(struct json_out *out, const struct report_series *series)
{
    if (!series->labels)
        return;
    fputs_unlocked(",\"labels\":[", out->file);
    for (size_t i = 0; i < series->point_count; i++) {
        fputs_unlocked(i ? "," : "", out->file);
        put_text(out, series->labels[i]);
    }
    fputs_unlocked("]", out->file);
}

static void put_marks(struct json_out *out, const struct report_series *series)
{
    if (!series->marks)
        return;
    fputs_unlocked(",\"marks\":[", out->file);
    for (const struct report_mark *mark = series->marks; mark; mark = mark->next) {
        fputs_unlocked(mark == series->marks ? "[" : ",[", out->file);
        put_value(out, json_real(mark->x));
        fputc_unlocked(',', out->file);
        put_value(out, json_real(mark->y));
        fputc_unlocked(',', out->file);
        put_text(out, mark->label);
        fputc_unlocked(']', out->file);
    }
    fputs_unlocked("]", out->file);
}

static void put_series(struct json_out *out, const struct report *report)
{
    put_key(out, " ", "series", false);
    fputc_unlocked('{', out->file);
    for (const struct report_series *series = report->series; series; series = series->next) {
        put_key(out, "  ", series->name, series == report->series);
        fprintf(out->file, "{\"x_unit\":\"%s\",\"y_unit\":\"%s\",\"points\":[", series->x_unit,
                series->y_unit);
        for (size_t i = 0; i < series->point_count; i++) {
            fprintf(out->file, "%s%s[", i ? "," : "", i % 8 ? "" : "\n   ");
            put_value(out, json_real(series->points[i * 2]));
            fputc_unlocked(',', out->file);
            put_value(out, json_real(series->points[i * 2 + 1]));
            fputc_unlocked(']', out->file);
        }
        fputs_unlocked("]", out->file);
        put_labels(out, series);
        put_marks(out, series);
        fputs_unlocked("}", out->file);
    }
    fputs_unlocked(report->series ? "\n }" : "}", out->file);
}

static void put_notes(struct json_out *out, const struct report *report)
{
    static const char *const kinds[] = {"note", "warning", "finding"};
    put_key(out, " ", "problems", false);
    fputc_unlocked('[', out->file);
    bool is_first = true;
    for (const struct report_note *note = report->notes; note; note = note->next) {
        fprintf(out->file, "%s\n  {\"kind\":\"%s\",\"text\":", is_first ? "" : ",",
                kinds[note->kind]);
        put_text(out, note->text);
        fputc_unlocked('}', out->file);
        is_first = false;
    }
    fputs_unlocked(is_first ? "]" : "\n ]", out->file);
}

static int render(const struct report *report, const struct render_settings *settings, FILE *file,
                  struct problem *problem)
{
    struct json_out out = {file, STATUS_OK};
    fprintf(file, "{\n \"schema\": \"frost/%s/%u\",\n \"frost_version\": \"%s\",\n \"title\": ",
            report->name, report->version, FROST_VERSION);
    put_text(&out, text_of(report_heading(report, NULL)));
    put_inputs(&out, report);
    put_loss(&out, &report->loss);
    put_totals(&out, report);
    put_tables(&out, report, settings->rows_max);
    put_series(&out, report);
    put_notes(&out, report);
    fputs_unlocked("\n}\n", file);
    if (out.status == STATUS_NO_MEMORY)
        return problem_set(problem, out.status, text_of(NULL), PROBLEM_NO_OFF,
                           "out of memory while writing JSON");
    return STATUS_OK;
}

const struct renderer renderer_json = {"json", ".json", render};
