// powerloss.c: modes, cuts, and the numbers that replay them.
//
// Memory: the flash of the running case, and a copy of it as prepared.

#include "tests/powerloss/powerloss.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUTS_MAX 8      // in one sequence
#define FAILURES_MAX 10 // printed a mode
#define FULL "full:"
#define ID_BYTES 256
#define SEQUENCES_MAX                                                                              \
    2000000 // of an exhaustive search; more cuts than that are tried one deep less

struct run {
    const struct powerloss_case *one;
    struct simflash flash;
    uint8_t *prepared;
    uint64_t seed;
    // of the sequence that runs
    uint64_t cuts[CUTS_MAX];
    int cut_count; // wanted
    int fallen;    // that did fall
    // of the mode
    uint64_t *states; // hashes of what lay in the flash after a cut, 0: none
    uint64_t state_count, state_room;
    uint64_t sequences, first_cuts, later_cuts, failures;
    int depth;               // of an exhaustive search, as far as it is done
    char first_id[ID_BYTES]; // of the first failure
    int is_quiet;
};

static void run_init(struct run *run, const struct powerloss_case *one, uint64_t seed)
{
    *run = (struct run){.one = one, .seed = seed};
    simflash_init(&run->flash, one->bytes, seed);
    run->flash.cached_of_8 = one->cached_of_8;
    one->prepare(one, &run->flash);
    run->prepared = malloc(one->bytes);
    memcpy(run->prepared, run->flash.cells, one->bytes);
}

static void run_deinit(struct run *run)
{
    free(run->states);
    free(run->prepared);
    simflash_deinit(&run->flash);
}

// ---- how many different flashes the cuts left ----

static uint64_t hash_cells(const struct run *run)
{
    uint64_t hash = 1, part;
    for (uint32_t at = 0; at < run->one->bytes; at += sizeof part) {
        memcpy(&part, run->flash.cells + at, sizeof part);
        hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    return hash ? hash : 1;
}

static int add_state(uint64_t *states, uint64_t room, uint64_t hash)
{
    uint64_t at = hash % room;
    while (states[at] && states[at] != hash)
        at = (at + 1) % room;
    int is_new = states[at] == 0;
    states[at] = hash;
    return is_new;
}

static void note_state(struct run *run)
{
    if (2 * run->state_count >= run->state_room) {
        uint64_t room = run->state_room ? 2 * run->state_room : 1024;
        uint64_t *states = calloc(room, sizeof *states);
        if (!states)
            abort();
        for (uint64_t i = 0; i < run->state_room; i++)
            if (run->states[i])
                add_state(states, room, run->states[i]);
        free(run->states);
        run->states = states;
        run->state_room = room;
    }
    run->state_count += (uint64_t)add_state(run->states, run->state_room, hash_cells(run));
}

// ---- one sequence ----

static void print_id(const struct run *run, char *out)
{
    int at = snprintf(out, ID_BYTES, "%s/%s", run->one->name, run->flash.is_full ? FULL : "");
    for (int i = 0; i < run->cut_count; i++)
        at += snprintf(out + at, (size_t)(ID_BYTES - at), "%s%" PRIu64, i ? "." : "", run->cuts[i]);
    snprintf(out + at, (size_t)(ID_BYTES - at), "+%" PRIu64, run->seed);
}

static void failed(struct run *run, const char *what)
{
    char id[ID_BYTES];
    print_id(run, id);
    if (run->failures++ == 0)
        memcpy(run->first_id, id, sizeof id);
    if (!run->is_quiet && run->failures <= FAILURES_MAX)
        printf("# %s: replay:%s\n", what, id);
}

// Does the operation, or the repair, until `cut`; then looks at the flash after the next start.
// Result: NULL or what is wrong.
static const char *step(struct run *run, int is_repair, uint64_t cut)
{
    const struct powerloss_case *one = run->one;
    simflash_power_on(&run->flash, cut);
    (is_repair ? one->repair : one->operate)(one, &run->flash);
    int is_cut = run->flash.is_off;
    run->fallen += is_cut;
    if (is_cut)
        note_state(run);
    simflash_power_on(&run->flash, SIMFLASH_NEVER);
    return one->inspect(one, &run->flash, !is_cut);
}

// Runs run->cuts from the prepared flash, then a repair that is not cut.
static void run_sequence(struct run *run)
{
    memcpy(run->flash.cells, run->prepared, run->one->bytes);
    run->sequences++;
    run->fallen = 0;
    const char *what = step(run, 0, run->cut_count ? run->cuts[0] : SIMFLASH_NEVER);
    int first = run->fallen;
    for (int i = 1; i < run->cut_count && !what; i++)
        what = step(run, 1, run->cuts[i]);
    if (!what)
        what = step(run, 1, SIMFLASH_NEVER);
    if (what)
        failed(run, what);
    run->first_cuts += (uint64_t)first;
    run->later_cuts += (uint64_t)(run->fallen - first);
}

// ---- modes ----

static void set_cuts(struct run *run, uint64_t first)
{
    uint64_t total = run->flash.cut_count; // not 0: of the last operation that was counted
    run->cuts[0] = first;
    run->cuts[1] = simflash_hash(run->seed, first, 4) % (total ? total : 1);
    run->cut_count = 2;
}

// How many cuts the operation has.
static uint64_t count_cuts(struct run *run)
{
    memcpy(run->flash.cells, run->prepared, run->one->bytes);
    simflash_power_on(&run->flash, SIMFLASH_NEVER);
    run->one->operate(run->one, &run->flash);
    return run->flash.cut_count;
}

static void mode_none(struct run *run)
{
    run->cut_count = 0;
    run_sequence(run);
}

static void mode_each(struct run *run, int is_log)
{
    uint64_t total = count_cuts(run);
    for (uint64_t first = 0; first < total; first = is_log ? 2 * first + 1 : first + 1) {
        run->flash.cut_count = total;
        set_cuts(run, first);
        run_sequence(run);
    }
}

// All sequences that begin with the cuts that are set and have up to `more` others.
static void search(struct run *run, int more)
{
    int at = run->cut_count++;
    for (uint64_t cut = 0;; cut++) {
        run->cuts[at] = cut;
        run->cut_count = at + 1;
        uint64_t failures = run->failures;
        run_sequence(run);
        if (run->fallen <= at) // this far the last operation does not go
            break;
        if (more > 1 && run->failures == failures)
            search(run, more - 1);
    }
    run->cut_count = at;
}

static void mode_exhaustive(struct run *run, int depth)
{
    uint64_t total = count_cuts(run), sequences = total;
    for (run->depth = 1; run->depth < depth && sequences * total <= SEQUENCES_MAX; run->depth++)
        sequences *= total;
    run->cut_count = 0;
    search(run, run->depth);
}

// Result: whether the ID is one of this case.
static int mode_replay(struct run *run, const char *id)
{
    size_t name = strlen(run->one->name);
    if (strncmp(id, run->one->name, name) != 0 || id[name] != '/')
        return 0;
    const char *at = id + name;
    run->flash.is_full = strncmp(at + 1, FULL, strlen(FULL)) == 0;
    if (run->flash.is_full)
        at += strlen(FULL);
    for (run->cut_count = 0;
         run->cut_count < CUTS_MAX && (*at == '/' || *at == '.' || *at == ':');) {
        char *end;
        uint64_t cut = strtoull(at + 1, &end, 10);
        if (end == at + 1)
            break; // CASE/+SEED: nothing was cut
        run->cuts[run->cut_count++] = cut;
        at = end;
    }
    run_sequence(run);
    return 1;
}

// Result: 0 if the mode does not concern this case, -1 if there is no such mode.
static int run_mode(struct run *run, const char *mode)
{
    if (strcmp(mode, "none") == 0)
        mode_none(run);
    else if (strcmp(mode, "linear") == 0 || strcmp(mode, "log") == 0 || strcmp(mode, "full") == 0) {
        run->flash.is_full = mode[0] == 'f';
        mode_each(run, mode[1] == 'o');
    } else if (strncmp(mode, "exhaustive:", 11) == 0 && mode[11] >= '1' &&
               mode[11] < '0' + CUTS_MAX)
        mode_exhaustive(run, mode[11] - '0');
    else if (strncmp(mode, "replay:", 7) == 0)
        return mode_replay(run, mode + 7);
    else
        return -1;
    return 1;
}

static uint64_t seed_of(const char *mode)
{
    const char *plus = strchr(mode, '+'), *seed = getenv("SEED");
    return plus ? strtoull(plus + 1, NULL, 10) : seed && *seed ? strtoull(seed, NULL, 0) : 1;
}

// ---- results ----

static int print_result(int is_good, const struct run *run, const char *mode)
{
    static int number;
    printf("%sok %d - %s, %s: ", is_good ? "" : "not ", ++number, run->one->name, mode);
    printf("%" PRIu64 " sequences, %" PRIu64 " cuts, %" PRIu64 " in the repair", run->sequences,
           run->first_cuts, run->later_cuts);
    if (run->first_cuts)
        printf(", %" PRIu64 " different states left", run->state_count);
    if (run->depth)
        printf(", %d deep", run->depth);
    if (run->one->must_fail)
        printf(", %" PRIu64 " failures, as there must be", run->failures);
    printf("\n");
    return number;
}

// A canary is good if a failure was found and its number finds it again.
static int is_replayed(const struct run *found)
{
    struct run again;
    run_init(&again, found->one, found->seed);
    again.is_quiet = 1;
    int is_known = mode_replay(&again, found->first_id);
    int is_found = is_known && again.failures == 1 && strcmp(again.first_id, found->first_id) == 0;
    run_deinit(&again);
    return is_found;
}

// Result: the number of the result printed, 0 if the mode does not concern the case.
static int run_case(const struct powerloss_case *one, const char *mode, int *is_bad)
{
    struct run run;
    // A canary shows that failures are seen; that must not hang on the seed.
    int is_replay = strncmp(mode, "replay:", 7) == 0;
    run_init(&run, one, one->must_fail && !is_replay ? 1 : seed_of(mode));
    run.is_quiet = one->must_fail;
    int is_cutting = strcmp(mode, "none") != 0;
    int done = run_mode(&run, mode), number = 0;
    int is_good = run.failures == 0 && (!is_cutting || run.first_cuts > 0);
    if (one->must_fail && is_cutting)
        is_good = run.failures > 0 && is_replayed(&run);
    if (done < 0)
        is_good = 0;
    if (is_replay)
        is_good = run.failures == 0;
    if (done)
        number = print_result(is_good, &run, mode);
    *is_bad |= done && !is_good;
    run_deinit(&run);
    return number;
}

int powerloss_main(int argc, char **argv, const struct powerloss_case *cases, size_t count)
{
    const char *modes = argc > 1 ? argv[1] : getenv("POWERLOSS");
    char *list = strdup(modes && *modes ? modes : "none,linear"), *rest = list;
    int last = 0, is_bad = 0;
    for (char *mode; (mode = strsep(&rest, ",")) != NULL;)
        for (size_t i = 0; i < count; i++) {
            int number = run_case(&cases[i], mode, &is_bad);
            last = number ? number : last;
        }
    free(list);
    if (last == 0 && modes && strncmp(modes, "replay:", 7) == 0) {
        printf("1..0 # skip the case is one of another test\n");
        return 77;
    }
    printf("1..%d\n", last);
    return is_bad || last == 0;
}
