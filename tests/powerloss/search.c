// search.c: all that cuts can leave, by going back in the log of what was done.
//
// An operation runs once, to its end. Then its changes are undone, the last one first, and each is
// torn in every way; the repair of what that leaves is treated the same. A state of flash in which
// an earlier cut has left it, is not looked at again: what happens next depends on nothing else.
// Memory: the log of the flash, the table of states.

#include "tests/powerloss/search.h"

#include <stdlib.h>
#include <string.h>

// ---- states ----

#define LEFT_MASK 7u // low bits of an entry: cuts that were tried after the state

static uint64_t *state_at(uint64_t *states, uint64_t room, uint64_t key)
{
    uint64_t at = (key >> 3) % room;
    while (states[at] && (states[at] & ~(uint64_t)LEFT_MASK) != key)
        at = (at + 1) % room;
    return &states[at];
}

static void states_grow(struct run *run)
{
    uint64_t room = run->state_room ? 2 * run->state_room : 1024;
    uint64_t *states = calloc(room, sizeof *states);
    if (!states)
        abort();
    for (uint64_t i = 0; i < run->state_room; i++)
        if (run->states[i])
            *state_at(states, room, run->states[i] & ~(uint64_t)LEFT_MASK) = run->states[i];
    free(run->states);
    run->states = states;
    run->state_room = room;
}

int states_add(struct run *run, uint64_t hash, int is_complete, int left)
{
    if (2 * run->state_count >= run->state_room)
        states_grow(run);
    uint64_t key = (hash ^ (is_complete ? 0x5DEECE66Du << 3 : 0)) & ~(uint64_t)LEFT_MASK;
    key = key ? key : LEFT_MASK + 1;
    uint64_t *state = state_at(run->states, run->state_room, key);
    int is_new = *state == 0;
    run->state_count += (uint64_t)is_new;
    run->state_of_cut_count += (uint64_t)(is_new && !is_complete);
    if (!is_new && (*state & LEFT_MASK) >= (unsigned)left)
        return 0;
    *state = key | (unsigned)left;
    return 1;
}

void states_clear(struct run *run)
{
    free(run->states);
    run->states = NULL;
    run->state_count = run->state_room = run->state_of_cut_count = 0;
}

// ---- which cuts are tried ----

// Numbers 0 to of - 1, from the last one down, or `count` of them at equal distances.
struct choice {
    uint64_t of, count, shift, left;
};

static struct choice choose(const struct run *run, int depth, uint64_t of)
{
    uint64_t count = depth ? run->repair_max : run->cuts_max;
    if (count >= of)
        return (struct choice){of, of, 0, of};
    uint64_t shift = simflash_hash(run->seed, depth ? run->cuts[depth - 1] : 0, 4) % of;
    return (struct choice){of, count, shift, count};
}

// The next number, which is at least `first`; or 0 if it is none of those.
static int next_choice(struct choice *choice, uint64_t first, uint64_t *number)
{
    if (choice->left == 0)
        return 0;
    uint64_t k = choice->left - 1;
    // k * of may be large, k * of / count is not.
    *number = k * (choice->of / choice->count) +
              (k * (choice->of % choice->count) + choice->shift) / choice->count;
    if (*number < first)
        return 0;
    choice->left--;
    return 1;
}

// ---- search ----

static const char *inspect(struct run *run, int is_complete)
{
    size_t mark = run->flash.log.count;
    simflash_power_on(&run->flash, SIMFLASH_NEVER);
    const char *what = run->one->inspect(run->one, &run->flash, is_complete);
    simflash_undo(&run->flash, mark);
    return what;
}

// Every sequence whose number of cuts tells that it is one: the 1st, 2nd, 4th, 8th.
static void note_sample(struct run *run)
{
    uint64_t count = run->first_cuts + run->later_cuts;
    if ((count & (count - 1)) != 0 || run->sample_count == SAMPLES_MAX)
        return;
    struct sample *sample = &run->samples[run->sample_count++];
    memcpy(sample->cuts, run->cuts, sizeof sample->cuts);
    sample->count = run->cut_count;
    sample->hash = run_hash(run);
}

static void explore(struct run *run, int depth);

static void try_cut(struct run *run, int depth, const struct simflash_op *op, uint64_t cut)
{
    size_t mark = run->flash.log.count;
    int left = run->depth - depth - 1;
    run->cuts[depth] = cut;
    run->cut_count = depth + 1;
    simflash_tear(&run->flash, op, cut);
    *(depth ? &run->later_cuts : &run->first_cuts) += 1;
    note_sample(run);
    if (states_add(run, run->flash.log.hash, 0, left)) {
        const char *what = inspect(run, 0);
        if (what)
            run_failed(run, what);
        else
            explore(run, depth + 1);
    }
    simflash_undo(&run->flash, mark);
}

// What lies in flash was left by `depth` cuts: a start, which is not cut; then with cuts.
static void explore(struct run *run, int depth)
{
    const struct powerloss_case *one = run->one;
    struct simflash *flash = &run->flash;
    size_t mark = flash->log.count;
    simflash_power_on(flash, SIMFLASH_NEVER);
    (depth ? one->repair : one->operate)(one, flash);
    struct choice choice = choose(run, depth, flash->cut_count);
    if (states_add(run, flash->log.hash, 1, 0)) {
        const char *what = inspect(run, 1);
        if (what)
            run_failed(run, what);
    }
    if (depth < run->depth)
        for (size_t i = flash->log.count; i-- > mark && choice.left > 0;) {
            struct simflash_op op = flash->log.ops[i];
            simflash_undo(flash, i);
            for (uint64_t cut; next_choice(&choice, op.first_cut, &cut);)
                try_cut(run, depth, &op, cut);
        }
    run->cut_count = depth;
    simflash_undo(flash, mark);
}

void search(struct run *run)
{
    memcpy(run->flash.cells, run->prepared, run->one->bytes);
    simflash_power_on(&run->flash, SIMFLASH_NEVER);
    simflash_log_begin(&run->flash);
    run->cut_count = 0;
    explore(run, 0);
    run->flash.log.is_on = 0;
}
