// strings.h: which strings to preload into flash, and what that saves: the analysis behind
// `frost strings` and `frost profile`.
//
// Reads: traces, in one replay to know the texts and the highest point, and a second one if texts
// were dropped in it (heap_texts.h). The record of the last one (strings_record.h) is replayed with
// the chosen strings left out, until the highest point that is left holds nothing more that could
// be chosen. The prediction is the difference of the two highest points. Memory: live blocks,
// texts, sites; nothing grows with the length of a trace.
//
// Traces of stock firmware (stock.h) tell which strings were in RAM from list to list: the highest
// point is that of strings and string table, nothing is known of reads, sites and input.
//
// Sources (DESIGN, D11, D13): candidates are the texts that come from library, image or device and
// what is made of these alone; others only if the settings name their sources. Of traces that do
// not tell sources (text_sources.h) all are but those from input.

#ifndef FROST_ANALYSIS_STRINGS_H
#define FROST_ANALYSIS_STRINGS_H

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/analysis/strings/strings_flash.h"
#include "analyzer/analysis/strings/strings_own.h"
#include "analyzer/analysis/strings/strings_sim.h"
#include "reports/report.h"

// What became of a text. X(name, words for reports)
#define STRINGS_VERDICTS(X)                                                                        \
    X(STRINGS_CHOSEN, "chosen")                                                                    \
    X(STRINGS_LEFT, "not worth it") /* or over the budget */                                       \
    X(STRINGS_IDLE, "not at peak")                                                                 \
    X(STRINGS_COSTLY, "byte reads")   /* would cost too many clocks */                             \
    X(STRINGS_UNSTABLE, "not stable") /* not in every run; stock: in too few lists */              \
    X(STRINGS_EXCLUDED, "excluded")                                                                \
    X(STRINGS_INPUT, "from input")      /* or secret */                                            \
    X(STRINGS_RUNTIME, "run-time data") /* from numbers, the environment, or not known */          \
    X(STRINGS_OF_FAILURE, "failed run") /* a run failed, or its message */                         \
    X(STRINGS_UNKNOWN, "no text")       /* it is not in the trace */                               \
    X(STRINGS_IN_FLASH, "in flash")     /* already */

#define STRINGS_VERDICT_ITEM(name, words) name,
enum strings_verdict { STRINGS_VERDICTS(STRINGS_VERDICT_ITEM) STRINGS_VERDICT_COUNT };
#undef STRINGS_VERDICT_ITEM

// Why nothing is chosen from a run that failed.
#define STRINGS_NO_LIST "no list is made from a run that failed: it has not used what it would use"

struct strings_settings {
    const char *const *traces; // directories
    const char *const *names;  // of the runs, for reports and lists; NULL: the directories
    size_t trace_count;
    uint64_t budget_bytes;                // of flash, for the whole list; UINT64_MAX: no limit
    unsigned origins;                     // sources that are taken besides the program's
    bool takes_failed;                    // also chooses from a run that failed
    const struct exclude *exclude;        // texts to leave out; NULL: none
    double clocks_percent_max;            // of the run, that byte-wise reads of one string may cost
    const struct strings_own *own;        // texts to leave out; NULL: none
    double return_min;                    // RAM bytes that each further byte of flash must save
    bool keeps_slots;                     // images keep the size of their hash vector
    const char *model;                    // name or path, cost_model_load()
    struct progress *progress;            // NULL: none
    const struct replay_observer *others; // that take part in the first replay
    size_t other_count;
};

#define STRINGS_ORIGINS_ALL 0xffu    // --include-input, --origin=all
#define STRINGS_LISTED_SHARE_MIN 0.5 // of the lists of stock firmware, that a chosen text is in
#define STRINGS_RETURN_MIN 0.4       // RAM bytes per byte of flash, where there is no budget

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
    uint32_t *texts; // indices, by RAM bytes, longest first
    uint32_t count;
    uint64_t text_bytes;        // of their characters
    uint64_t flash_bytes;       // that the image grows by, made by frost luac, as modelled
    uint64_t stock_flash_bytes; // the same for luac.cross
    uint64_t fixed_bytes;       // of flash_bytes, what any list costs, however short
    uint32_t growth_bytes;      // of stock_flash_bytes, for a larger hash vector
    bool is_plain;              // `local preload = ...` as it stands: its constants are kept
    int64_t saved_bytes;        // that the highest point falls by, as predicted
    uint64_t peak_bytes;        // highest point that is left
    uint32_t table_slots;       // of the RAM string table there
};

// A point of the curve of RAM saved against flash spent. In the order of their flash.
#define STRINGS_POINTS_MAX 16u
struct strings_point {
    bool is_all; // candidates
    uint32_t count;
    uint64_t flash_bytes;
    int64_t saved_bytes;
    bool is_knee; // from here on flash saves less than on the average of the curve
};

// What the chosen list does to the hash vector of the image, by the rule of luac.cross, and what it
// would cost, or costs, to keep the vector as it is (strings_lookups.h).
struct strings_vector {
    uint32_t growth_bytes; // 0: it has room for the list; then nothing else is told
    uint32_t slots, slots_grown;
    uint32_t surplus;        // strings of the list that it has no room for
    double look_ups;         // in all runs; 0: not known
    double met, met_grown;   // strings of the image that they meet in all
    double kept_clocks_more; // of all runs, at most
};

struct strings {
    struct heap_profile *profile;
    struct strings_record *record;
    struct cost_model model;
    struct strings_flash flash;
    struct strings_vector vector;
    uint8_t *verdicts;   // enum strings_verdict by text
    double *read_clocks; // by text: what byte-wise reads from flash would cost
    double run_clocks;   // of all runs together
    struct strings_list chosen;
    struct strings_list all;        // every candidate: nothing saves more
    struct strings_list dump;       // what debug.getstrings'RAM' gives at the end of the first run
    struct strings_list dump_taken; // what of it may be taken, as a list of ours
    struct strings_list stock; // what comes with the firmware (strings_stock.h); texts of the runs
    struct strings_point points[STRINGS_POINTS_MAX];
    uint32_t point_count;
    uint64_t bound_bytes;      // no list that takes as much flash or less saves more
    uint32_t table_slots;      // at the highest point, as it is
    int64_t model_error_bytes; // modelled minus real highest point of the runs as they are
    int64_t run_saved_bytes[HEAP_RUNS_MAX]; // by run, of the chosen list
    int64_t left_out_bytes[HEAP_RUNS_MAX];  // by run, of the list that the others choose
    bool has_left_out;                      // that has been found out (strings_leave.h)
    uint32_t rounds;                        // replays it took
    const char *remake;                     // the command that makes the list again, NULL: not told
    bool is_judged;                // by a run that it was not chosen from, in which it saved
    int64_t held_out_bytes;        // that much
    const struct strings_own *own; // what a person has written into the list; NULL: nothing
    const char *image_note;        // why there is no image to add to, NULL if there is one
};

// Adds the sources of a list like "number,input", or all of "all", to *origins; NULL: none. False:
// there is another word in it.
bool strings_add_origins(const char *list, unsigned *origins);

// Does the analysis. Errors: those of the trace reader; STATUS_USAGE a bad model.
int strings_analyse(const struct strings_settings *settings, struct arena *arena,
                    struct strings *strings, struct problem *problem)
    __attribute__((warn_unused_result));

// True if a run failed and the settings do not say that this is no matter: nothing is chosen.
bool strings_are_of_failure(const struct strings *strings, const struct strings_settings *settings);

// Gives back what does not live in the arena, also after a failure. Harmless on a zeroed struct.
void strings_deinit(struct strings *strings);

// Words for a verdict. Static storage.
const char *strings_verdict_name(unsigned verdict);

// True if the text may be shown: what is private only if its sources are taken.
bool strings_may_show(const struct strings_settings *settings, const struct heap_profile *profile,
                      const struct heap_text *text);

// "library,derived".
struct text strings_sources_text(struct arena *arena, unsigned sources);

// A set of TRACE_ORIGINS, 0: not known.
static inline unsigned strings_sources(const struct heap_profile *profile,
                                       const struct heap_text *text)
{
    return text_sources_of(&text->sources, !profile->lacks_sources);
}

// True if the text comes from the program alone, or, where sources are not known, not from input.
static inline bool strings_is_of_program(const struct heap_profile *profile,
                                         const struct heap_text *text)
{
    unsigned sources = strings_sources(profile, text);
    return profile->lacks_sources ? !text_sources_are_private(sources)
                                  : trace_origin_is_program(sources);
}

// What the chosen list saves in each of its runs at least, each against its own highest point: what
// a run that is not among them may be expected to save. `chosen.saved_bytes` is of the highest one.
int64_t strings_least_saved(const struct strings *strings);

// RAM saved per byte of flash, 0 if it costs nothing.
double strings_return(const struct strings_list *list);

#endif
