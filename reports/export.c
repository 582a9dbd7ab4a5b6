// export.c: the list of exports, and what their writers share.

#include "reports/export.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/lua_literal.h"
#include "analyzer/base/output.h"

#define TEXT_SHOWN_BYTES 160u

const struct export_metric_about export_metrics[EXPORT_METRIC_COUNT] = {
    [EXPORT_ALLOCATIONS] = {"allocations", "Blocks allocated", "count"},
    [EXPORT_ALLOCATED_BYTES] = {"allocated_bytes", "Bytes allocated", "bytes"},
    [EXPORT_PEAK_BYTES] = {"peak_bytes", "Bytes live at the highest point", "bytes"},
    [EXPORT_READS] = {"byte_reads", "Characters of strings read one by one", "count"},
    [EXPORT_FLASH_READS] = {"flash_loads", "Emulated loads from flash, modelled", "count"},
    [EXPORT_CLOCKS] = {"clocks", "Clocks of flash loads and collections, modelled", "clocks"},
};

const struct exporter *const export_list[] = {
    &exporter_callgrind, &exporter_dhat, &exporter_folded, &exporter_folded_peak, &exporter_pprof,
    NULL,
};
const char *const export_words[] = {"callgrind", "dhat", "folded", "folded-peak", "pprof", NULL};

uint64_t export_total(const struct export_profile *profile, enum export_metric metric)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < profile->site_count; i++)
        sum += profile->sites[i].metrics[metric];
    return sum;
}

const char *export_function_name(struct arena *arena, const struct export_site *site)
{
    if (site->source.bytes == 0)
        return site->c_function.bytes ? arena_copy_text(arena, site->c_function).data : "(runtime)";
    if (site->function_line == 0)
        return arena_format(arena, "%.*s:main", TEXT_ARGS(site->source));
    return arena_format(arena, "%.*s:%" PRIu32, TEXT_ARGS(site->source), site->function_line);
}

struct text export_source_name(const struct export_site *site)
{
    return site->source.bytes ? site->source : text_of("[C]");
}

const char *export_text_name(struct arena *arena, const struct export_text *text)
{
    struct text head = text->content;
    if (head.bytes > TEXT_SHOWN_BYTES)
        head.bytes = TEXT_SHOWN_BYTES;
    if (head.bytes == text->bytes)
        return lua_literal_quote(arena, head).data;
    if (head.bytes == 0)
        return arena_format(arena, "(%s%" PRIu32 " bytes, hash %016" PRIx64 ")",
                            text->is_hidden ? "from input, " : "", text->bytes, text->hash);
    return arena_format(arena, "%s... (%" PRIu32 " bytes, hash %016" PRIx64 ")",
                        lua_literal_quote(arena, head).data, text->bytes, text->hash);
}

void export_put_json(FILE *out, struct text text)
{
    fputc('"', out);
    for (size_t i = 0; i < text.bytes; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 32 || c > 126)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static int compare_sites(const void *left, const void *right)
{
    const struct export_site *a = *(const struct export_site *const *)left;
    const struct export_site *b = *(const struct export_site *const *)right;
    int order = text_compare(a->source, b->source);
    if (order == 0 && a->source.bytes == 0)
        order = text_compare(a->c_function, b->c_function);
    if (order == 0)
        order = (a->function_line > b->function_line) - (a->function_line < b->function_line);
    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    return order ? order : text_compare(a->c_function, b->c_function);
}

const struct export_site **export_sort_sites(struct arena *arena,
                                             const struct export_profile *profile)
{
    const struct export_site **sites =
        ARENA_NEW_ARRAY(arena, const struct export_site *, profile->site_count);
    for (size_t i = 0; i < profile->site_count; i++)
        sites[i] = &profile->sites[i];
    qsort(sites, profile->site_count, sizeof *sites, compare_sites);
    return sites;
}

int export_write(const struct export_profile *profile, const struct exporter *exporter,
                 const char *path, struct arena *scratch, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    status = exporter->write(profile, scratch, output.file, problem);
    if (status != STATUS_OK) {
        output_abandon(&output);
        return status;
    }
    return output_close(&output, problem);
}

int export_write_all(const struct export_profile *profile, const char *folder,
                     struct arena *scratch, struct problem *problem)
{
    for (size_t i = 0; export_list[i]; i++) {
        int status = export_write(profile, export_list[i],
                                  arena_format(scratch, "%s/%s", folder, export_list[i]->file_name),
                                  scratch, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
