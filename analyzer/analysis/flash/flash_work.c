// flash_work.c: see flash_work.h.

#include "analyzer/analysis/flash/flash_work.h"

#define ROWS_MAX 1000u

struct work_row {
    uint64_t clock;
    uint32_t run;
    const char *what, *region;
    struct report_value address; // a job has none of its own
    uint32_t bytes, programs, erases;
    double ms;
};

struct region_sum {
    const char *region;
    uint64_t bytes, programs, erases;
    double ms;
};

struct flash_work {
    struct work_row *rows;
    uint32_t row_count;
    uint64_t left_out;
    uint32_t run; // of the trace that is being read
    struct region_sum regions[FLASH_REGION_COUNT];
};

static const char *const region_names[] = {
#define REGION_NAME(id, text) text,
    TRACE_FLASH_REGIONS(REGION_NAME)
#undef REGION_NAME
};

static const char *const job_names[] = {
#define JOB_NAME(id, text) text,
    TRACE_FLASH_JOBS(JOB_NAME)
#undef JOB_NAME
};

static void add_row(struct flash_work *work, struct work_row row)
{
    row.run = work->run;
    if (work->row_count == ROWS_MAX) {
        work->left_out++;
        return;
    }
    work->rows[work->row_count++] = row;
}

// Jobs are made of the programs and erases before them: these alone are summed.
static void add_sum(struct flash_work *work, unsigned region, uint64_t bytes, uint64_t programs,
                    uint64_t erases, double ms)
{
    struct region_sum *sum = &work->regions[region];
    sum->bytes += bytes;
    sum->programs += programs;
    sum->erases += erases;
    sum->ms += ms;
}

static void note(void *context, struct heap_step *step)
{
    struct flash_work *work = context;
    const struct trace_event *event = step->event;
    if (event->id == TRACE_ID_flash_program) {
        double ms = (double)event->flash_program.device_ns / 1e6;
        add_row(work, (struct work_row){
                          event->clock, 0, "program", region_names[event->flash_program.region],
                          report_hex(event->flash_program.addr), event->flash_program.bytes,
                          event->flash_program.times, 0, ms});
        add_sum(work, event->flash_program.region, event->flash_program.bytes,
                event->flash_program.times, 0, ms);
    } else if (event->id == TRACE_ID_flash_erase) {
        double ms = (double)event->flash_erase.device_ns / 1e6;
        add_row(work,
                (struct work_row){event->clock, 0, "erase", region_names[event->flash_erase.region],
                                  report_hex(event->flash_erase.addr), 0, 0, 1, ms});
        add_sum(work, event->flash_erase.region, 0, 0, 1, ms);
    } else if (event->id == TRACE_ID_flash_job) {
        add_row(work, (struct work_row){event->clock,
                                        0,
                                        job_names[event->flash_job.job],
                                        region_names[event->flash_job.region],
                                        {0},
                                        event->flash_job.bytes,
                                        event->flash_job.programs,
                                        event->flash_job.erases,
                                        (double)event->flash_job.device_ns / 1e6});
    }
}

static int begin(void *context, const struct replay *replay, struct problem *problem)
{
    struct flash_work *work = context;
    (void)problem;
    work->run = replay->number + 1;
    return STATUS_OK;
}

static int end(void *context, const struct replay *replay, struct problem *problem)
{
    (void)context;
    (void)replay;
    (void)problem;
    return STATUS_OK;
}

struct replay_observer flash_work_observer(struct arena *arena)
{
    struct flash_work *work = ARENA_NEW(arena, struct flash_work);
    *work = (struct flash_work){.rows = arena_alloc_array(arena, ROWS_MAX, sizeof *work->rows)};
    for (size_t i = 0; i < FLASH_REGION_COUNT; i++)
        work->regions[i].region = region_names[i];
    return (struct replay_observer){.context = work,
                                    .events = REPLAY_EVENT(flash_program) |
                                              REPLAY_EVENT(flash_erase) | REPLAY_EVENT(flash_job),
                                    .begin = begin,
                                    .step = note,
                                    .end = end};
}

bool flash_work_is_empty(const struct flash_work *work)
{
    return work->row_count == 0;
}

// ---- report ----

static const struct report_column region_columns[] = {
    {"region", "region", "", REPORT_KEY, REPORT_AT(region_sum, region)},
    {"bytes", "programmed", "bytes", REPORT_SUMMED, REPORT_AT(region_sum, bytes)},
    {"programs", "programs", "", REPORT_SUMMED, REPORT_AT(region_sum, programs)},
    {"erases", "erases", "", REPORT_SUMMED, REPORT_AT(region_sum, erases)},
    {"ms", "time", "ms", REPORT_SUMMED, REPORT_AT(region_sum, ms), .decimals = 2},
};

static const struct report_column row_columns[] = {
    {"run", "run", "", 0, REPORT_AT(work_row, run)},
    {"clock", "at", "instructions", 0, REPORT_AT(work_row, clock)},
    {"what", "what", "", 0, REPORT_AT(work_row, what)},
    {"region", "region", "", 0, REPORT_AT(work_row, region)},
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, work_row, address)},
    {"bytes", "bytes", "bytes", 0, REPORT_AT(work_row, bytes)},
    {"programs", "programs", "", 0, REPORT_AT(work_row, programs)},
    {"erases", "erases", "", 0, REPORT_AT(work_row, erases)},
    {"ms", "time", "ms", 0, REPORT_AT(work_row, ms), .decimals = 2},
};

static bool is_job(const struct work_row *row)
{
    for (size_t i = 0; i < sizeof job_names / sizeof *job_names; i++)
        if (row->what == job_names[i])
            return true;
    return false;
}

// Of the first run, as the other curves of the page: one impulse for each row, its height the time.
static void add_time_line(const struct flash_work *work, struct report *report)
{
    struct report_series *series = report_add_series(report, "flash_ms", "Work on flash",
                                                     "instructions", "ms");
    series->style = REPORT_IMPULSES;
    for (uint32_t i = 0; i < work->row_count; i++)
        if (work->rows[i].run == 1 && !is_job(&work->rows[i]))
            report_add_point(series, (double)work->rows[i].clock, work->rows[i].ms);
}

struct report *flash_work_report(const struct flash_work *work, struct arena *arena)
{
    struct report *report = report_create(arena, "flash", 1, "What was done to the flash");
    struct report_table *regions = REPORT_ADD_TABLE(report, "regions", "By region", region_columns);
    for (size_t i = 0; i < FLASH_REGION_COUNT; i++)
        if (work->regions[i].programs + work->regions[i].erases > 0)
            report_add_row(regions, NULL, &work->regions[i]);
    report_add_sum(regions);
    struct report_table *table = REPORT_ADD_TABLE(report, "work", "In order of time", row_columns);
    for (uint32_t i = 0; i < work->row_count; i++)
        report_add_row(table, NULL, &work->rows[i]);
    if (work->left_out > 0)
        report_add_note(report, REPORT_NOTE, "%llu more are in the sums alone",
                        (unsigned long long)work->left_out);
    report_add_note(report, REPORT_NOTE,
                    "times are modelled: a page of 256 bytes 0.7 ms, a sector 60 ms; jobs are made "
                    "of the programs and erases before them");
    add_time_line(work, report);
    return report;
}
