// gc_advice.c: see gc_advice.h.

#include "analyzer/job/gc_advice.h"

#include <inttypes.h>

#include "analyzer/analysis/gc/gc.h"

#define RESERVE_WITHOUT 2048u

#define MODE(title, option)                                                                        \
    {                                                                                              \
        .step = "runs with " title, .name = title, .has_image = true, .list = APP_LIST_CHOSEN,     \
        .options = (const char *const[])                                                           \
        {                                                                                          \
            option, NULL                                                                           \
        }                                                                                          \
    }

const struct app_variant gc_advice_variants[GC_ADVICE_VARIANT_COUNT] = {
    {.step = "builds the image and runs it", .name = "from LFS", .has_image = true},
    MODE("ALWAYS", "--egc=always"),
    MODE("ON_MEM_LIMIT, -12288", "--egc=limit:-12288"),
    MODE("ON_MEM_LIMIT, -8192", "--egc=limit:-8192"),
    MODE("ON_MEM_LIMIT, -4096", "--egc=limit:-4096"),
    MODE("ON_ALLOC_FAILURE", "--egc=failure"),
    MODE("NOT_ACTIVE", "--egc=none"),
};

// How each is set; in the order of the variants behind the first.
static const char *const commands[] = {
    "node.egc.setmode(node.egc.ALWAYS)",
    "node.egc.setmode(node.egc.ON_MEM_LIMIT, -12288)",
    "node.egc.setmode(node.egc.ON_MEM_LIMIT, -8192)",
    "node.egc.setmode(node.egc.ON_MEM_LIMIT, -4096)",
    "node.egc.setmode(node.egc.ON_ALLOC_FAILURE)",
    "node.egc.setmode(node.egc.NOT_ACTIVE)",
};

struct mode_row {
    const char *mode, *command, *verdict;
    uint64_t peak_bytes, free_bytes, largest_bytes, collections;
    double collect_ms, percent, pause_ms;
    bool waits_for_failure; // it collects when an allocation has failed, or not at all
    bool is_usable;
};

static const struct report_column columns[] = {
    {"mode", "mode", "", REPORT_KEY, REPORT_AT(mode_row, mode)},
    {"peak_bytes", "highest", "bytes", 0, REPORT_AT(mode_row, peak_bytes)},
    {"free_bytes", "free then", "bytes", 0, REPORT_AT(mode_row, free_bytes)},
    {"largest_bytes", "largest free block", "bytes", 0, REPORT_AT(mode_row, largest_bytes)},
    {"collections", "collections", "", 0, REPORT_AT(mode_row, collections)},
    {"collect_ms", "collecting", "ms", 0, REPORT_AT(mode_row, collect_ms), .decimals = 1},
    {"percent", "% of the run", "", 0, REPORT_AT(mode_row, percent), .decimals = 1},
    {"pause_ms", "longest pause", "ms", 0, REPORT_AT(mode_row, pause_ms), .decimals = 2},
    {"verdict", "verdict", "", 0, REPORT_AT(mode_row, verdict)},
};

// ---- figures ----

static int measure(const struct profile_job *job, const struct app_run *run, struct mode_row *row,
                   struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    struct gc *gc = ARENA_NEW(arena, struct gc);
    struct gc_settings settings = {.traces = &run->trace_path,
                                   .names = &run->name,
                                   .trace_count = 1,
                                   .model = job->strings_settings.model,
                                   .short_lived = GC_SHORT_LIVED_DEFAULT,
                                   .exclude = job->runner.context->exclude};
    int status = gc_analyse(&settings, arena, gc, problem);
    if (status != STATUS_OK)
        return status;
    double visit = gc_visit_clocks(gc), clocks = (double)gc->visited_total * visit;
    double ms = gc->model.clock_mhz > 0 ? 1 / (gc->model.clock_mhz * 1000) : 0;
    double run_clocks = gc_run_clocks(gc);
    row->peak_bytes = gc->peak_bytes;
    row->free_bytes = gc->heap.peak.free_bytes;
    row->largest_bytes = gc->heap.peak.largest_bytes;
    row->collections = gc->collections;
    row->collect_ms = clocks * ms;
    row->pause_ms = (double)gc->visited.max * visit * ms;
    row->percent = run_clocks > 0 ? clocks / run_clocks * 100 : 0;
    return STATUS_OK;
}

// ---- the advice ----

static bool uses_sockets(const struct app_uses *uses)
{
    static const char *const modules[] = {"net.", "tls.", "http.", "mqtt.", "websocket.", "coap."};
    for (size_t i = 0; i < uses->count; i++)
        for (size_t m = 0; m < sizeof modules / sizeof *modules; m++)
            if (uses->items[i].kind == APP_USE_FIELD &&
                text_begins_with(uses->items[i].name, modules[m]))
                return true;
    return false;
}

static void judge(struct mode_row *row, const struct app_run *run, bool has_sockets)
{
    uint64_t reserve = has_sockets ? GC_NETWORK_RESERVE_BYTES : RESERVE_WITHOUT;
    if (run->has_failed)
        row->verdict = "the program fails";
    else if (has_sockets && row->waits_for_failure)
        row->verdict = "sockets find no memory";
    else if (row->largest_bytes < reserve)
        row->verdict = "too little is free";
    else if (run->replay.difference)
        row->verdict = "not the same run";
    else
        row->is_usable = true;
    if (row->is_usable)
        row->verdict = "possible";
}

static const struct mode_row *choose(const struct mode_row *rows, size_t count)
{
    const struct mode_row *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (rows[i].is_usable && (!best || rows[i].collect_ms < best->collect_ms))
            best = &rows[i];
    return best;
}

static void advise(struct report *report, const struct mode_row *rows, size_t count,
                   bool has_sockets)
{
    const struct mode_row *best = choose(rows, count);
    if (!best) {
        report_add_note(report, REPORT_WARNING,
                        "no mode leaves what is needed: keep ALWAYS, and move more to flash");
        return;
    }
    report_add_text(report, "recommended", "recommended", text_of(best->command));
    report_add_note(report, REPORT_FINDING,
                    "%s: %.1f ms of collecting instead of %.1f with ALWAYS, longest pause %.2f ms "
                    "instead of %.2f; at the highest point %" PRIu64
                    " bytes of RAM instead of %" PRIu64 ", and a block of %" PRIu64
                    " bytes is free",
                    best->command, best->collect_ms, rows[0].collect_ms, best->pause_ms,
                    rows[0].pause_ms, best->peak_bytes, rows[0].peak_bytes, best->largest_bytes);
    if (has_sockets)
        report_add_note(report, REPORT_FINDING,
                        "the program uses sockets, for which the firmware allocates beside Lua: "
                        "ON_ALLOC_FAILURE and NOT_ACTIVE leave it nothing and are not advised, and "
                        "%u bytes must stay free in one piece",
                        GC_NETWORK_RESERVE_BYTES);
}

int gc_advice_report(struct profile_job *job, struct report **report, struct problem *problem)
{
    struct mode_row rows[GC_ADVICE_VARIANT_COUNT];
    bool has_sockets = uses_sockets(&job->runner.uses);
    size_t count = 0;
    for (size_t i = 1; i < job->variant_count; i++) {
        if (!job->runs[i].is_done)
            continue;
        rows[count] = (struct mode_row){.mode = job->variants[i].name,
                                        .command = commands[i - 1],
                                        .waits_for_failure = i + 2 >= job->variant_count};
        int status = measure(job, &job->runs[i], &rows[count], problem);
        if (status != STATUS_OK)
            return status;
        judge(&rows[count], &job->runs[i], has_sockets);
        count++;
    }
    *report = report_create(job->runner.context->arena, "gc-advice", 1,
                            "Which mode of node.egc to set");
    report_add_number(*report, "modes", "modes that were run", "", (int64_t)count);
    struct report_table *table = REPORT_ADD_TABLE(*report, "modes", "Each mode, run", columns);
    table->explanation = "the same inputs in each mode, from LFS with the list of strings; times "
                         "are modelled";
    REPORT_ADD_ROWS(table, NULL, rows, count);
    if (count > 0)
        advise(*report, rows, count, has_sockets);
    else
        report_add_note(*report, REPORT_WARNING,
                        "the program fails as it is and from LFS: no mode can be tried");
    return STATUS_OK;
}
