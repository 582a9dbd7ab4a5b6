// export_callgrind.c: self costs by Lua line, for callgrind_annotate and KCachegrind.
//
// Writes: the callgrind format, version 1 (the Callgrind manual, "Callgrind Format Specification"):
// one part, positions are lines, names compressed, a `summary:` line, without which viewers cannot
// show shares. Traces have no call stacks, so there are no calls: every cost is a self cost, and
// what a C function did counts for the line that called it.

#include <inttypes.h>

#include "reports/export.h"

static const struct {
    enum export_metric metric;
    const char *event;
} columns[] = {
    {EXPORT_ALLOCATED_BYTES, "AllocBytes"},
    {EXPORT_ALLOCATIONS, "Allocs"},
    {EXPORT_PEAK_BYTES, "PeakBytes"},
    {EXPORT_FLASH_READS, "FlashReads"},
    {EXPORT_CLOCKS, "Clocks"},
};
#define COLUMN_COUNT (sizeof columns / sizeof *columns)

static void put_head(const struct export_profile *profile, FILE *out)
{
    fprintf(out,
            "# callgrind format\n"
            "version: 1\n"
            "creator: frost %s\n"
            "cmd: %s\n"
            "desc: Trigger: %s\n"
            "desc: Clocks: flash loads and collections by the model %s, without the\n"
            "desc: instructions of the VM, of which there were %" PRIu64 "\n"
            "positions: line\n",
            FROST_VERSION, profile->command,
            profile->events_lost ? "incomplete trace" : "end of run", profile->model,
            profile->clock_end);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, "event: %s : %s\n", columns[i].event,
                export_metrics[columns[i].metric].title);
    fputs("events:", out);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, " %s", columns[i].event);
    fputs("\nsummary:", out);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, " %" PRIu64, export_total(profile, columns[i].metric));
    fputs("\n", out);
}

static bool is_same_function(const struct export_site *a, const struct export_site *b)
{
    return text_is_equal(a->source, b->source) && a->function_line == b->function_line &&
           (a->source.bytes > 0 || text_is_equal(a->c_function, b->c_function));
}

// Costs of the sites of one line: those of different C functions together.
static size_t put_line(const struct export_site **sites, size_t count, FILE *out)
{
    uint64_t costs[COLUMN_COUNT] = {0};
    size_t used = 0;
    for (; used < count && sites[used]->line == sites[0]->line &&
           is_same_function(sites[used], sites[0]);
         used++)
        for (size_t i = 0; i < COLUMN_COUNT; i++)
            costs[i] += sites[used]->metrics[columns[i].metric];
    fprintf(out, "%" PRIu32, sites[0]->line);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, " %" PRIu64, costs[i]);
    fputc('\n', out);
    return used;
}

static int write_callgrind(const struct export_profile *profile, struct arena *scratch, FILE *out,
                           struct problem *problem)
{
    const struct export_site **sites = export_sort_sites(scratch, profile);
    const struct export_site *before = NULL;
    unsigned file_count = 0, function_count = 0;
    (void)problem;
    put_head(profile, out);
    for (size_t i = 0; i < profile->site_count;) {
        const struct export_site *site = sites[i];
        if (!before || !text_is_equal(before->source, site->source))
            fprintf(out, "\nfl=(%u) %.*s\n", ++file_count, TEXT_ARGS(export_source_name(site)));
        if (!before || !is_same_function(before, site))
            fprintf(out, "fn=(%u) %s\n", ++function_count, export_function_name(scratch, site));
        before = site;
        i += put_line(&sites[i], profile->site_count - i, out);
    }
    return STATUS_OK;
}

const struct exporter exporter_callgrind = {"callgrind", "callgrind.out.frost", write_callgrind};
