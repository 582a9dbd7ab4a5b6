// size_gate.h: budgets of sizes: is a build within them, and if not, what takes the bytes?
//
// Works on reports of sizes, measured now or read from records. Limits come from the command line
// and from a file that is checked in (frost/budget/1).
// Memory: the arena of the report that is written to.

#ifndef FROST_ANALYSIS_SIZE_GATE_H
#define FROST_ANALYSIS_SIZE_GATE_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

#define SIZE_LIMITS_MAX 200u // options add at most as many as there are totals
#define SIZE_TOTALS_MAX 3u   // with a row of their own, whether they have a limit or not

// What a budget is about: a total of the report, or a part of it.
struct size_limit {
    const char *title;
    const char *figure; // "ram_bytes", "flash_bytes", "peak_bytes" or another total
    const char *level;  // "region", "module" ...: the bytes of one label there; NULL: the total
    const char *label;
    bool has_max, has_warn, has_growth;
    bool is_percent; // of the growth
    int64_t max_bytes, warn_bytes;
    double growth; // bytes or percent
};

struct size_gate {
    struct size_limit limits[SIZE_LIMITS_MAX + SIZE_TOTALS_MAX];
    size_t limit_count;
};

enum size_verdict { SIZE_WITHIN, SIZE_OVER, SIZE_NOT_MEASURED };

// Adds --max-ram and --max-flash (0: not given) and --max-growth ("512", "4K", "1%"; NULL: not
// given) for the figures that `now` has. RAM is that of a program before anything runs, and that of
// a run at its highest point, each.
//
// Errors: STATUS_USAGE a growth that is no size and no percentage.
int size_gate_add_options(struct size_gate *gate, uint64_t max_ram, uint64_t max_flash,
                          const char *max_growth, const struct report *now, struct problem *problem)
    __attribute__((warn_unused_result));

// Adds the budgets of a file. Errors: those of input_read(); STATUS_DAMAGED with the budget that is
// wrong; STATUS_VERSION another schema.
int size_gate_add_file(struct arena *arena, struct size_gate *gate, const char *path,
                       struct problem *problem) __attribute__((warn_unused_result));

// "512", "4K" or "1.5%". Result: false if it is neither.
bool size_growth_parse(const char *words, double *growth, bool *is_percent);

// Judges `now`, whose base is `base` (NULL: none), and writes into `out` (the report that is shown:
// `now` itself or its difference from the base): the table `figures`, first, with what is measured
// and what is allowed; a finding for each budget that is exceeded, with what takes most, or grew
// most; a warning for each that could not be measured.
enum size_verdict size_gate_judge(const struct size_gate *gate, const struct report *base,
                                  const struct report *now, struct report *out);

#endif
