// export_callgrind.c: costs by Lua line and by call, for callgrind_annotate and KCachegrind.
//
// Writes: the callgrind format, version 1 (the Callgrind manual, "Callgrind Format Specification"):
// one part, positions are lines, names compressed, a `summary:` line, without which viewers cannot
// show shares. What a C function did counts for the line that called it. Calls are there where the
// trace has callers; how often each was made is not known: its count is the number of distinct
// stacks behind it.

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/hash_table.h"
#include "reports/export.h"
#include "runtime/format/version.h"

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
            *profile->ending    ? profile->ending
            : *profile->missing ? profile->missing
                                : "end of run",
            profile->model, profile->clock_end);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, "event: %s : %s\n", columns[i].event, export_metrics[columns[i].metric].title);
    fputs("events:", out);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, " %s", columns[i].event);
    fputs("\nsummary:", out);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, " %" PRIu64, export_total(profile, columns[i].metric));
    fputs("\n", out);
}

// ---- functions ----

// A function of the program: sites of one are next to each other in the order of the stacks.
struct function {
    const struct export_site *site; // one of it
    unsigned file;                  // number of its source
    bool is_named;                  // its name stands in the file already
};

// A line that calls a function.
struct call {
    uint32_t caller, line, callee; // indexes of functions
    uint64_t stacks;               // behind it
    uint64_t costs[COLUMN_COUNT];  // of these, each once
    const struct export_stack *last;
};

struct callgrind {
    const struct export_profile *profile;
    struct arena *arena;
    FILE *out;
    const struct export_stack **stacks; // sorted
    uint32_t *function_of;              // by index of a site
    struct function *functions;
    uint32_t function_count;
    struct call *calls;
    uint32_t call_count, call_room;
    struct hash_table by_call;
};

static bool is_same_function(const struct export_site *a, const struct export_site *b)
{
    return text_is_equal(a->source, b->source) && a->function_line == b->function_line &&
           a->function_nth == b->function_nth &&
           (a->source.bytes > 0 || text_is_equal(a->c_function, b->c_function));
}

static const struct export_site *site_of(const struct callgrind *file,
                                         const struct export_stack *stack)
{
    return &file->profile->sites[stack->site_idx];
}

static void number_functions(struct callgrind *file)
{
    const struct export_site *before = NULL;
    unsigned files = 0;
    for (size_t i = 0; i < file->profile->stack_count; i++) {
        const struct export_site *site = site_of(file, file->stacks[i]);
        files += !before || !text_is_equal(before->source, site->source);
        if (!before || !is_same_function(before, site))
            file->functions[file->function_count++] = (struct function){.site = site,
                                                                        .file = files};
        file->function_of[file->stacks[i]->site_idx] = file->function_count - 1;
        before = site;
    }
}

// ---- calls ----

static struct call *call_at(struct callgrind *file, uint32_t caller, uint32_t line, uint32_t callee)
{
    uint32_t key = hash_u64(((uint64_t)caller << 32 | callee) * 31 + line), i;
    HASH_TABLE_EACH (&file->by_call, key, i) {
        struct call *call = &file->calls[i];
        if (call->caller == caller && call->line == line && call->callee == callee)
            return call;
    }
    if (file->call_count == file->call_room) {
        file->calls = arena_grow_array(file->arena, file->calls, file->call_count,
                                       file->call_room * 2, sizeof *file->calls);
        file->call_room *= 2;
    }
    hash_table_add(&file->by_call, key, file->call_count);
    file->calls[file->call_count] = (struct call){.caller = caller, .line = line, .callee = callee};
    return &file->calls[file->call_count++];
}

// A call that a stack has several times, in a recursion, has its costs once.
static void add_stack(struct callgrind *file, const struct export_stack *stack)
{
    for (const struct export_stack *callee = stack; callee->caller != 0;) {
        const struct export_stack *caller = &file->profile->stacks[callee->caller];
        struct call *call = call_at(file, file->function_of[caller->site_idx],
                                    site_of(file, caller)->line,
                                    file->function_of[callee->site_idx]);
        callee = caller;
        if (call->last == stack)
            continue;
        call->last = stack;
        call->stacks++;
        for (size_t i = 0; i < COLUMN_COUNT; i++)
            call->costs[i] += stack->metrics[columns[i].metric];
    }
}

static bool has_costs(const struct export_stack *stack)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        sum |= stack->metrics[columns[i].metric];
    return sum > 0;
}

static int compare_calls(const void *left, const void *right)
{
    const struct call *a = left, *b = right;
    if (a->caller != b->caller)
        return a->caller < b->caller ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->callee > b->callee) - (a->callee < b->callee);
}

static void find_calls(struct callgrind *file)
{
    for (size_t i = 0; i < file->profile->stack_count; i++)
        if (has_costs(file->stacks[i]))
            add_stack(file, file->stacks[i]);
    qsort(file->calls, file->call_count, sizeof *file->calls, compare_calls);
}

// ---- the file ----

static void put_costs(const struct callgrind *file, uint32_t line, const uint64_t *costs)
{
    fprintf(file->out, "%" PRIu32, line);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(file->out, " %" PRIu64, costs[i]);
    fputc('\n', file->out);
}

// A name stands where its number comes first; files come in the order of their numbers, but for
// those that are called before.
static void put_file(struct callgrind *file, const char *key, const struct function *function,
                     bool *is_named)
{
    fprintf(file->out, "%s=(%u)", key, function->file);
    if (!is_named[function->file])
        fprintf(file->out, " %.*s", TEXT_ARGS(export_source_name(function->site)));
    is_named[function->file] = true;
    fputc('\n', file->out);
}

static void put_function(struct callgrind *file, const char *key, uint32_t idx)
{
    struct function *function = &file->functions[idx];
    fprintf(file->out, "%s=(%" PRIu32 ")", key, idx + 1);
    if (!function->is_named)
        fprintf(file->out, " %s", export_function_name(file->arena, function->site));
    function->is_named = true;
    fputc('\n', file->out);
}

// Costs of the stacks of one line: those of different callers and C functions together. Result:
// how many these are.
static size_t put_line(struct callgrind *file, size_t first)
{
    const struct export_site *site = site_of(file, file->stacks[first]);
    uint64_t costs[COLUMN_COUNT] = {0};
    size_t next = first;
    for (; next < file->profile->stack_count; next++) {
        const struct export_stack *stack = file->stacks[next];
        if (site_of(file, stack)->line != site->line ||
            !is_same_function(site_of(file, stack), site))
            break;
        for (size_t i = 0; i < COLUMN_COUNT; i++)
            costs[i] += stack->metrics[columns[i].metric];
    }
    put_costs(file, site->line, costs);
    return next - first;
}

static uint32_t put_calls(struct callgrind *file, uint32_t first, uint32_t caller, bool *is_named)
{
    uint32_t i = first;
    for (; i < file->call_count && file->calls[i].caller == caller; i++) {
        const struct call *call = &file->calls[i];
        const struct function *callee = &file->functions[call->callee];
        if (callee->file != file->functions[caller].file)
            put_file(file, "cfi", callee, is_named);
        put_function(file, "cfn", call->callee);
        fprintf(file->out, "calls=%" PRIu64 " %" PRIu32 "\n", call->stacks,
                callee->site->function_line);
        put_costs(file, call->line, call->costs);
    }
    return i;
}

static void put_functions(struct callgrind *file)
{
    bool *is_named = ARENA_NEW_ARRAY(file->arena, bool, file->function_count + 1);
    unsigned now = 0;
    uint32_t call = 0;
    for (size_t i = 0; i < file->profile->stack_count;) {
        uint32_t idx = file->function_of[file->stacks[i]->site_idx];
        const struct function *function = &file->functions[idx];
        if (function->file != now) {
            fputc('\n', file->out);
            put_file(file, "fl", function, is_named);
        }
        now = function->file;
        put_function(file, "fn", idx);
        while (i < file->profile->stack_count &&
               file->function_of[file->stacks[i]->site_idx] == idx)
            i += put_line(file, i);
        call = put_calls(file, call, idx, is_named);
    }
}

static int write_callgrind(const struct export_profile *profile, struct arena *scratch, FILE *out,
                           struct problem *problem)
{
    struct callgrind file = {.profile = profile, .arena = scratch, .out = out, .call_room = 64};
    (void)problem;
    file.stacks = export_sort_stacks(scratch, profile);
    file.function_of = ARENA_NEW_ARRAY(scratch, uint32_t, profile->site_count);
    file.functions = ARENA_NEW_ARRAY(scratch, struct function, profile->site_count);
    file.calls = ARENA_NEW_ARRAY(scratch, struct call, file.call_room);
    hash_table_init(&file.by_call, scratch, file.call_room);
    number_functions(&file);
    find_calls(&file);
    put_head(profile, out);
    put_functions(&file);
    return STATUS_OK;
}

const struct exporter exporter_callgrind = {"callgrind", "callgrind.out.frost", write_callgrind};
