// worlds.h: other worlds of `frost profile`: the application runs in several, so that what is taken
// for a constant is one, and a list is judged by a run that it was not chosen from.
//
// A world gives the device other numbers (runtime/world/vary.h); a session's scripts find its
// number in FROST_WORLD and may do something else in each. World 1 is that of all other runs. A
// list is chosen from worlds 1 to `count`; world count + 1 is held out. Memory: the arena of the
// runner's context; runs that were measured have heaps (worlds_deinit).

#ifndef FROST_JOB_WORLDS_H
#define FROST_JOB_WORLDS_H

#include "analyzer/analysis/strings/strings.h"
#include "analyzer/job/app_runner.h"

#define WORLDS_MAX 16u // chosen from
#define WORLDS_USUAL 3u

struct worlds {
    uint32_t count; // chosen from, the first included; 0: nothing but the first, none held out
    struct app_run *runs;     // of worlds 2 to `count`, and of the one held out
    struct app_run held_list; // that one again, with the list
    const char *traces[WORLDS_MAX], *names[WORLDS_MAX]; // chosen from
    uint32_t trace_count;                               // those of runs that failed are left out
    uint32_t failed_count;
    // On the run held out, where a list was judged: what the plain dump of the first run saves,
    // what the list saves that comes with the firmware, and the most that any list of the flash of
    // the chosen one could.
    int64_t dump_saved_bytes, stock_saved_bytes;
    uint64_t stock_flash_bytes;
    uint32_t stock_growth_bytes; // of that, for a larger hash vector
    // Of the chosen list, what was not in RAM at that run's highest point, and slots of the RAM
    // string table there without it and with it.
    uint32_t absent_count, slots, slots_with_list;
    uint64_t absent_bytes;
    uint64_t best_saved_bytes;
};

// Records the application's image in the other worlds. `first`: its run in the first one.
// Result: as of app_runner_record.
int worlds_record(struct worlds *worlds, struct app_runner *runner, const struct app_run *first,
                  struct problem *problem) __attribute__((warn_unused_result));

// Chooses a list from all of them. `settings` have what is to be chosen; their traces are set here.
int worlds_choose(struct worlds *worlds, const struct strings_settings *settings,
                  struct arena *arena, struct strings *strings, struct problem *problem)
    __attribute__((warn_unused_result));

// Runs what was recorded in the world held out once more, with the list whose source is at `list`.
int worlds_hold_out(struct worlds *worlds, struct app_runner *runner, const char *list,
                    struct problem *problem) __attribute__((warn_unused_result));

// Compares it, the chosen list of `all`, on that run with the plain dump of the first run, and with
// the best of its size.
int worlds_compare(struct worlds *worlds, const struct strings_settings *settings,
                   const struct strings *first, const struct strings *all, struct arena *arena,
                   struct problem *problem) __attribute__((warn_unused_result));

// Was it? *saved_bytes: what its highest point is lower by with the list.
bool worlds_are_judged(const struct worlds *worlds, int64_t *saved_bytes);

void worlds_deinit(struct worlds *worlds);

#endif
