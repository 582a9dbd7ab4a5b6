// export_folded.c: folded stacks, for flamegraph.pl, inferno and speedscope.
//
// Writes: one line per weight, `frame;frame;frame N`, root first: the functions of the callers
// (where the trace has none, the source), function, line, the C function if one was running, kind
// of object. Lines of weight 0 are left out; the sum of all is the total. No frame has a ';'.

#include <inttypes.h>

#include "reports/export.h"

static void put_frame(FILE *out, struct text name)
{
    for (size_t i = 0; i < name.bytes; i++)
        fputc(name.data[i] == ';' ? ':' : name.data[i], out);
    fputc(';', out);
}

static void put_c_function(const struct export_site *site, FILE *out)
{
    if (site->source.bytes && site->c_function.bytes)
        put_frame(out, site->c_function);
}

// The function of each caller, from the outermost on, and the C function that came between.
static void put_callers(const struct export_profile *profile, const struct export_stack *stack,
                        struct arena *scratch, FILE *out)
{
    if (stack->caller == 0)
        return;
    const struct export_stack *caller = &profile->stacks[stack->caller];
    const struct export_site *site = &profile->sites[caller->site_idx];
    put_callers(profile, caller, scratch, out);
    put_frame(out, text_of(export_function_name(scratch, site)));
    put_c_function(site, out);
}

static void put_stack(const struct export_profile *profile, const struct export_stack *stack,
                      const char *kind, uint64_t weight, struct arena *scratch, FILE *out)
{
    const struct export_site *site = &profile->sites[stack->site_idx];
    if (!profile->has_callers)
        put_frame(out, export_source_name(site));
    put_callers(profile, stack, scratch, out);
    put_frame(out, text_of(export_function_name(scratch, site)));
    if (site->source.bytes)
        fprintf(out, "line %" PRIu32 ";", site->line);
    put_c_function(site, out);
    fprintf(out, "%s %" PRIu64 "\n", kind, weight);
}

static void write_weights(const struct export_profile *profile, bool is_peak, struct arena *scratch,
                          FILE *out)
{
    const struct export_stack **stacks = export_sort_stacks(scratch, profile);
    for (size_t i = 0; i < profile->stack_count; i++)
        for (size_t k = 0; k < profile->kind_count; k++) {
            const struct export_amount *amount = &stacks[i]->kinds[k];
            uint64_t weight = is_peak ? amount->peak_bytes : amount->allocated_bytes;
            if (weight)
                put_stack(profile, stacks[i], profile->kind_names[k], weight, scratch, out);
        }
}

static int write_folded(const struct export_profile *profile, struct arena *scratch, FILE *out,
                        struct problem *problem)
{
    (void)problem;
    write_weights(profile, false, scratch, out);
    return STATUS_OK;
}

static int write_folded_peak(const struct export_profile *profile, struct arena *scratch, FILE *out,
                             struct problem *problem)
{
    (void)problem;
    write_weights(profile, true, scratch, out);
    return STATUS_OK;
}

const struct exporter exporter_folded = {"folded", "frost.folded", write_folded};
const struct exporter exporter_folded_peak = {"folded-peak", "frost-peak.folded",
                                              write_folded_peak};
