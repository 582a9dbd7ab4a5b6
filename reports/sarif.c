// sarif.c: writes findings as SARIF.

#include "reports/sarif.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "reports/json_text.h"
#include "runtime/format/version.h"

#define RESULTS_MAX 25000u

struct sarif {
    FILE *file;
    const struct report_table *table;
};

static struct report_value cell(const struct report_table *table, size_t row, const char *column)
{
    int c = report_find_column(table, text_of(column));
    return c < 0 ? (struct report_value){0} : table->cells[row * table->column_count + (size_t)c];
}

static void put_text(const struct sarif *out, struct report_value value)
{
    json_text_put(out->file, value.is_present ? value.text : text_of(""));
}

// A relative reference: bytes that have a meaning in one are escaped.
static void put_uri(const struct sarif *out, struct text path)
{
    fputc('"', out->file);
    while (path.bytes > 2 && path.data[0] == '.' && path.data[1] == '/')
        path = (struct text){path.data + 2, path.bytes - 2};
    for (size_t i = 0; i < path.bytes; i++) {
        unsigned char c = (unsigned char)path.data[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
        fprintf(out->file, is_plain ? "%c" : "%%%02X", c);
    }
    fputc('"', out->file);
}

static void put_rules(const struct sarif *out, const struct report_table *rules)
{
    for (size_t i = 0; rules && i < rules->row_count; i++) {
        fprintf(out->file, "%s\n      {\"id\": ", i ? "," : "");
        put_text(out, cell(rules, i, "rule"));
        fputs(", \"shortDescription\": {\"text\": ", out->file);
        put_text(out, cell(rules, i, "title"));
        fputs("}}", out->file);
    }
}

static void put_result(const struct sarif *out, size_t row)
{
    struct report_value line = cell(out->table, row, "line");
    struct report_value path = cell(out->table, row, "path");
    fputs("\n    {\"ruleId\": ", out->file);
    put_text(out, cell(out->table, row, "rule"));
    fputs(", \"level\": ", out->file);
    put_text(out, cell(out->table, row, "level"));
    fputs(",\n     \"message\": {\"text\": ", out->file);
    put_text(out, cell(out->table, row, "message"));
    fputs("},\n     \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ",
          out->file);
    put_uri(out, path.text);
    fprintf(out->file, "}, \"region\": {\"startLine\": %" PRId64 "}}}],\n     \"properties\": ",
            line.is_present && line.number > 0 ? line.number : 1);
    fputs("{\"fix\": ", out->file);
    put_text(out, cell(out->table, row, "fix"));
    fputs("}}", out->file);
}

int sarif_write(const struct report *report, const char *path, struct arena *scratch,
                struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    struct sarif out = {output.file, report_find_table(report, "findings")};
    fputs("{\n \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
          " \"version\": \"2.1.0\",\n \"runs\": [{\n"
          "   \"tool\": {\"driver\": {\"name\": \"frost\", \"version\": \"" FROST_VERSION "\",\n"
          "     \"rules\": [",
          out.file);
    put_rules(&out, report_find_table(report, "rules"));
    fputs("]}},\n   \"results\": [", out.file);
    for (size_t i = 0; out.table && i < out.table->row_count && i < RESULTS_MAX; i++) {
        fputs(i ? "," : "", out.file);
        put_result(&out, i);
    }
    fputs("]\n }]\n}\n", out.file);
    return output_close(&output, problem);
}
