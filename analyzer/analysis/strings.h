// strings.h: which strings to preload into flash, and what that saves: the analysis behind
// `frost strings` and `frost profile`.
//
// Reads: traces, twice at least: one pass to know the texts and the highest point, then replays of
// the ledger with the chosen strings left out, until the highest point that is left holds nothing
// more that could be chosen. The prediction is the difference of the two highest points.
// Memory: live blocks, HEAP_TEXTS_MAX texts, sites; nothing grows with the length of a trace.
//
// Traces of stock firmware (stock.h) tell which strings were in RAM from list to list: the highest
// point is that of strings and string table, nothing is known of reads, sites and input.
//
// Input (DESIGN, D11): a text that was ever made from what a file, the console or the network gave
// is `from input`, unless it is also a constant of the program.

#ifndef FROST_ANALYSIS_STRINGS_H
#define FROST_ANALYSIS_STRINGS_H

#include "analyzer/analysis/heap_profile.h"
#include "analyzer/analysis/strings_flash.h"
#include "analyzer/analysis/strings_sim.h"
#include "reports/report.h"

// What became of a text. X(name, words for reports)
#define STRINGS_VERDICTS(X)                                                                       \
    X(STRINGS_CHOSEN, "chosen")                                                                   \
    X(STRINGS_LEFT, "not worth it")       /* or over the budget */                                \
    X(STRINGS_IDLE, "not at peak")                                                                \
    X(STRINGS_COSTLY, "byte reads")       /* would cost too many clocks */                        \
    X(STRINGS_UNSTABLE, "not stable")     /* not in every run; stock: in too few lists */         \
    X(STRINGS_EXCLUDED, "excluded")                                                               \
    X(STRINGS_INPUT, "from input")                                                                \
    X(STRINGS_UNKNOWN, "no text")         /* it is not in the trace */                            \
    X(STRINGS_IN_FLASH, "in flash")       /* already */

#define STRINGS_VERDICT_ITEM(name, words) name,
enum strings_verdict { STRINGS_VERDICTS(STRINGS_VERDICT_ITEM) STRINGS_VERDICT_COUNT };
#undef STRINGS_VERDICT_ITEM

#define STRINGS_PATTERNS_MAX 32

struct strings_settings {
    const char *const *traces; // folders
    const char *const *names;  // of the runs, for reports and lists; NULL: the folders
    size_t trace_count;
    uint64_t budget_bytes;     // of flash, for the whole list; UINT64_MAX: no limit
    bool includes_input;
    const char *const *patterns; // POSIX extended expressions of texts to leave out
    size_t pattern_count;
    double clocks_percent_max; // of the run, that byte-wise reads of one string may cost
    double return_min;         // RAM bytes that each further byte of flash must save
    const char *model;         // name or path, cost_model_load()
    struct progress *progress; // NULL: none
};

#define STRINGS_LISTED_SHARE_MIN 0.5 // of the lists of stock firmware, that a chosen text is in
#define STRINGS_RETURN_MIN 0.4 // RAM bytes per byte of flash, where there is no budget

// `return_min` from what the user gave: `percent`, negative if nothing. Who gives a budget of flash
// (not 0) wants it used.
static inline double strings_return_min(double percent, uint64_t budget_bytes)
{
    if (percent >= 0)
        return percent / 100;
    return budget_bytes ? 0 : STRINGS_RETURN_MIN;
}

// A set of texts and what it does.
struct strings_list {
    uint32_t *texts;        // indices, by RAM bytes, longest first
    uint32_t count;
    uint64_t text_bytes;    // of their characters
    uint64_t flash_bytes;   // that the image grows by, made by frost luac, as modelled
    uint64_t stock_flash_bytes; // the same for luac.cross
    uint64_t fixed_bytes;   // of flash_bytes, what any list costs, however short
    bool is_plain;          // `local preload = ...` as it stands: its constants are kept
    int64_t saved_bytes;    // that the highest point falls by, as predicted
    uint64_t peak_bytes;    // highest point that is left
    uint32_t table_slots;   // of the RAM string table there
};

struct strings {
    struct heap_profile *profile;
    struct cost_model model;
    struct strings_flash flash;
    uint8_t *verdicts;       // enum strings_verdict by text
    double *read_clocks;     // by text: what byte-wise reads from flash would cost
    double run_clocks;       // of all runs together
    struct strings_list chosen;
    struct strings_list all;  // every candidate: nothing saves more
    struct strings_list dump; // what debug.getstrings'RAM' gives at the end of the first run
    uint64_t bound_bytes;     // no list that takes as much flash or less saves more
    uint32_t table_slots;     // at the highest point, as it is
    int64_t model_error_bytes; // modelled minus real highest point of the runs as they are
    int64_t run_saved_bytes[HEAP_RUNS_MAX]; // by run, of the chosen list
    uint32_t rounds;          // replays it took
    const char *image_note;   // why there is no image to add to, NULL if there is one
};

// Does the analysis. Errors: those of the trace reader; STATUS_USAGE a bad pattern or model.
int strings_analyse(const struct strings_settings *settings, struct arena *arena,
                    struct strings *strings, struct problem *problem)
    __attribute__((warn_unused_result));

// Gives back what does not live in the arena, also after a failure. Harmless on a zeroed struct.
void strings_deinit(struct strings *strings);

// Words for a verdict. Static storage.
const char *strings_verdict_name(unsigned verdict);

// True if the text may be shown: with include-input everything may.
bool strings_may_show(const struct strings_settings *settings, const struct heap_text *text);

// True if the text came from input (see above).
static inline bool strings_is_input(const struct heap_text *text)
{
    return text->births_input > 0 && text->births_constant == 0;
}

// RAM saved per byte of flash, 0 if it costs nothing.
double strings_return(const struct strings_list *list);

#endif
