// export.c: what the writers of exports share.

#include "reports/export.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/lua_literal.h"

#define TEXT_SHOWN_BYTES 160u

const struct export_metric_about export_metrics[EXPORT_METRIC_COUNT] = {
    [EXPORT_ALLOCATIONS] = {"allocations", "Blocks allocated", "count"},
    [EXPORT_ALLOCATED_BYTES] = {"allocated_bytes", "Bytes allocated", "bytes"},
    [EXPORT_PEAK_BYTES] = {"peak_bytes", "Bytes live at the highest point", "bytes"},
    [EXPORT_READS] = {"byte_reads", "Characters of strings read one by one", "count"},
    [EXPORT_FLASH_READS] = {"flash_loads", "Emulated loads from flash, modelled", "count"},
    [EXPORT_CLOCKS] = {"clocks", "Clocks of flash loads and collections, modelled", "clocks"},
};

uint64_t export_total(const struct export_profile *profile, enum export_metric metric)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < profile->stack_count; i++)
        sum += profile->stacks[i].metrics[metric];
    return sum;
}

const char *export_function_name(struct arena *arena, const struct export_site *site)
{
    if (site->source.bytes == 0)
        return site->c_function.bytes ? arena_copy_text(arena, site->c_function).data : "(runtime)";
    if (site->function_line == 0)
        return arena_format(arena, "%.*s:main", TEXT_ARGS(site->source));
    const char *name = arena_format(arena, "%.*s:%" PRIu32, TEXT_ARGS(site->source),
                                    site->function_line);
    return site->function_nth > 1 ? arena_format(arena, "%s#%" PRIu32, name, site->function_nth)
                                  : name;
}

const char *export_line_name(struct arena *arena, const struct export_site *site)
{
    const char *name = arena_format(arena, "%.*s:%" PRIu32, TEXT_ARGS(site->source), site->line);
    return site->function_nth > 1 ? arena_format(arena, "%s in function %" PRIu32 "#%" PRIu32, name,
                                                 site->function_line, site->function_nth)
                                  : name;
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

static int compare_sites(const struct export_site *a, const struct export_site *b)
{
    int order = text_compare(a->source, b->source);
    if (order == 0 && a->source.bytes == 0)
        order = text_compare(a->c_function, b->c_function);
    if (order == 0)
        order = (a->function_line > b->function_line) - (a->function_line < b->function_line);
    if (order == 0)
        order = (a->function_nth > b->function_nth) - (a->function_nth < b->function_nth);
    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    return order ? order : text_compare(a->c_function, b->c_function);
}

// Of equal sites, the one that was there first comes first.
static int compare_stacks(const void *left, const void *right, void *profile)
{
    const struct export_site *sites = ((const struct export_profile *)profile)->sites;
    const struct export_stack *a = *(const struct export_stack *const *)left;
    const struct export_stack *b = *(const struct export_stack *const *)right;
    int order = compare_sites(&sites[a->site_idx], &sites[b->site_idx]);
    return order ? order : (a > b) - (a < b);
}

const struct export_stack **export_sort_stacks(struct arena *arena,
                                               const struct export_profile *profile)
{
    const struct export_stack **stacks = ARENA_NEW_ARRAY(arena, const struct export_stack *,
                                                         profile->stack_count);
    for (size_t i = 0; i < profile->stack_count; i++)
        stacks[i] = &profile->stacks[i];
    qsort_r(stacks, profile->stack_count, sizeof *stacks, compare_stacks, (void *)profile);
    return stacks;
}
