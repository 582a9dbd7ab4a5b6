// strings_sim.c: the ledgers of the sets side by side, each in a lane of a vector.

#include "analyzer/analysis/strings/strings_sim.h"

#include <assert.h>

#define TABLE_SLOTS_MIN 64 // a table shrinks only above this
#define SLOT_BYTES 4

// A number for each of four sets, as wide as every machine has vectors. Comparisons give 0 or -1 in
// each lane. Heights are below 1 << 31, since ledgers are below STRINGS_LEDGER_MAX and a table has
// fewer slots than twice the strings.
typedef int32_t lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

#define LANES ((uint32_t)(sizeof(lanes) / sizeof(int32_t)))
#define GROUPS_MAX (STRINGS_SETS_MAX / LANES)

static inline bool any_lane(lanes condition)
{
    halves both = (halves)condition;
    return (both[0] | both[1]) != 0;
}

// Four sets and their ledgers.
struct group {
    lanes bits;                     // of the sets in a text's `members`
    lanes bytes;                    // strings in RAM, not of the set, and the modelled string table
    lanes strings;                  // their count
    lanes slots;                    // of that table
    lanes held_bytes, held_strings; // of both: dead, as the collection was for a string of the set
    lanes skips;   // the collection that runs is for such a string, and would not be
    lanes grows;   // a string found the table full, before the collection that made room for it
    lanes highest; // of this run; never reached in lanes without a set
    uint32_t first_set, set_count;
};

struct replay_state {
    struct strings_sim *sim;
    uint32_t run;
    bool grows_by_copy;
    uint64_t moment; // number of the word
    int32_t rest;    // of the ledger: all but the string table and strings of texts
    bool is_collecting;
    uint32_t skipping; // sets in which that does not happen, by bits
    struct group groups[GROUPS_MAX];
    uint32_t group_count;
};

#define EACH_GROUP(state, group)                                                                   \
    for (struct group *group = (state)->groups; group < (state)->groups + (state)->group_count;    \
         group++)

struct strings_sim *strings_sim_create(const struct heap_profile *profile,
                                       struct strings_record *record,
                                       const struct strings_sim *base, struct arena *arena)
{
    struct strings_sim *sim = ARENA_NEW(arena, struct strings_sim);
    sim->profile = profile;
    sim->record = record;
    sim->set_count = 1;
    sim->text_count = profile->texts.count;
    sim->texts = ARENA_NEW_ARRAY(arena, struct strings_sim_text, sim->text_count + 1);
    sim->held = ARENA_NEW_ARRAY(arena, uint32_t, sim->text_count + 1);
    for (uint32_t i = 0; i < sim->text_count; i++)
        sim->texts[i].bytes = (uint32_t)heap_string_bytes(profile->texts.items[i].bytes);
    if (!base)
        return sim;
    sim->first_set = 1;
    sim->peaks[STRINGS_SET_NONE] = base->peaks[STRINGS_SET_NONE];
    for (uint32_t run = 0; run < profile->run_count; run++)
        sim->run_peaks[run][STRINGS_SET_NONE] = base->run_peaks[run][STRINGS_SET_NONE];
    return sim;
}

uint32_t strings_sim_add(struct strings_sim *sim, const uint32_t *texts, uint32_t count)
{
    assert(sim->set_count < STRINGS_SETS_MAX);
    uint32_t set = sim->set_count++;
    for (uint32_t i = 0; i < count; i++) {
        assert(texts[i] < sim->text_count);
        sim->texts[texts[i]].members |= 1u << set;
    }
    return set;
}

// ---- highest points ----

static void note_highest(struct replay_state *state, struct group *group, const lanes *heights,
                         const lanes *transient_bytes)
{
    for (uint32_t i = 0; i < group->set_count; i++) {
        struct strings_peak *peak = &state->sim->peaks[group->first_set + i];
        if ((*heights)[i] <= group->highest[i])
            continue;
        group->highest[i] = (*heights)[i];
        if ((uint64_t)(*heights)[i] > peak->bytes)
            *peak = (struct strings_peak){
                (uint64_t)(*heights)[i], state->moment, state->run, (uint32_t)group->slots[i],
                (uint64_t)group->slots[i] * SLOT_BYTES + (uint64_t)(*transient_bytes)[i]};
    }
}

static inline void look(struct replay_state *state, struct group *group)
{
    lanes heights = group->bytes + state->rest;
    if (__builtin_expect(any_lane(heights > group->highest), 0))
        note_highest(state, group, &heights, &(lanes){0});
}

// Sets whose lane of `sets` is -1 get a table of other size, which lives beside the old one for a
// moment if that is how the run does it.
static void resize_tables(struct replay_state *state, struct group *group, const lanes *sets,
                          const lanes *sizes)
{
    lanes which = *sets, slots = *sizes;
    if (state->grows_by_copy) {
        lanes transient_bytes = slots * SLOT_BYTES & which;
        lanes heights = (group->bytes + state->rest + transient_bytes) & which;
        if (any_lane(heights > group->highest))
            note_highest(state, group, &heights, &transient_bytes);
    }
    group->bytes += (slots - group->slots) * SLOT_BYTES & which;
    group->slots += (slots - group->slots) & which;
}

// ---- strings ----

// Stands for texts that are not in the table, and for blocks that are no strings.
static const struct strings_sim_text *others_of(const struct replay_state *state)
{
    return &state->sim->texts[state->sim->text_count];
}

static inline lanes is_table_full(const struct group *group)
{
    return (group->strings >= group->slots) & (group->slots != 0);
}

static inline void note_birth(struct replay_state *state, struct strings_sim_text *text)
{
    if (text->live_count++ == 0)
        text->birth = state->moment;
    EACH_GROUP(state, group)
    {
        lanes is_found = (group->bits & (int32_t)text->held) != 0; // it is alive again
        lanes is_outside = ((group->bits & (int32_t)text->members) == 0) & ~is_found;
        lanes is_full = (is_table_full(group) | group->grows) & is_outside;
        if (__builtin_expect(any_lane(is_full), 0)) {
            lanes doubled = group->slots * 2;
            resize_tables(state, group, &is_full, &doubled);
        }
        group->bytes += is_outside & (int32_t)text->bytes;
        group->strings -= is_outside; // which is -1
        group->held_bytes -= is_found & (int32_t)text->bytes;
        group->held_strings += is_found;
        group->grows = (lanes){0};
        look(state, group);
    }
    text->held = 0;
}

static inline void note_life(const struct replay_state *state, struct strings_sim_text *text)
{
    uint64_t moment = state->sim->peaks[state->sim->watched].moment;
    if (text->birth <= moment)
        text->live_at = moment;
}

static void hold(struct replay_state *state, struct strings_sim_text *text)
{
    struct strings_sim *sim = state->sim;
    if (text == others_of(state))
        return;
    text->held |= state->skipping & ~text->members;
    if (text->is_listed)
        return;
    text->is_listed = true;
    sim->held[sim->held_count++] = (uint32_t)(text - sim->texts);
}

// Those that stay are held in the sets of `sets` only.
static void release(struct strings_sim *sim, uint32_t sets)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->held_count; i++) {
        struct strings_sim_text *text = &sim->texts[sim->held[i]];
        text->held &= sets;
        text->is_listed = text->held != 0;
        if (text->is_listed)
            sim->held[count++] = sim->held[i];
    }
    sim->held_count = count;
}

static inline void note_death(struct replay_state *state, struct strings_sim_text *text)
{
    note_life(state, text);
    text->live_count--;
    EACH_GROUP(state, group)
    {
        lanes is_outside = (group->bits & (int32_t)text->members) == 0;
        lanes is_held = is_outside & group->skips, is_dead = is_outside & ~group->skips;
        group->bytes -= is_dead & (int32_t)text->bytes;
        group->strings += is_dead;
        group->held_bytes += is_held & (int32_t)text->bytes;
        group->held_strings -= is_held;
    }
    if (state->skipping & ~text->members)
        hold(state, text);
}

// ---- collections ----

// A collection of which the record tells: what earlier ones would have left dies now, where this
// one would be.
static void begin_collection(struct replay_state *state, const struct strings_sim_text *text)
{
    uint32_t skipping = text->members | text->held;
    state->is_collecting = true;
    state->skipping = skipping;
    if (state->sim->held_count > 0)
        release(state->sim, skipping);
    EACH_GROUP(state, group)
    {
        group->skips = (group->bits & (int32_t)skipping) != 0;
        group->grows = text != others_of(state) ? is_table_full(group) & ~group->skips : (lanes){0};
        group->bytes -= group->held_bytes & ~group->skips;
        group->strings -= group->held_strings & ~group->skips;
        group->held_bytes &= group->skips;
        group->held_strings &= group->skips;
    }
}

static void note_rest(struct replay_state *state, int32_t rest)
{
    int32_t fall = state->rest - rest;
    state->rest = rest;
    if (!state->is_collecting)
        return;
    EACH_GROUP(state, group)
    {
        group->bytes += group->skips & fall;
        group->held_bytes += group->skips & fall;
    }
}

static void end_collection(struct replay_state *state)
{
    state->is_collecting = false;
    state->skipping = 0;
    EACH_GROUP(state, group)
    group->skips = (lanes){0};
}

static inline void note_sweep(struct replay_state *state, uint32_t sweeps)
{
    EACH_GROUP(state, group)
    for (uint32_t i = 0; i < sweeps; i++) {
        lanes is_sparse = (group->strings < (group->slots >> 2)) &
                          (group->slots > TABLE_SLOTS_MIN) & ~group->skips;
        lanes halved = group->slots >> 1;
        if (__builtin_expect(!any_lane(is_sparse), 1))
            break;
        resize_tables(state, group, &is_sparse, &halved);
    }
}

// Only the first table of a boot is taken over; what comes later is modelled.
static void note_table(struct replay_state *state, uint32_t slots)
{
    EACH_GROUP(state, group)
    {
        lanes is_first = group->slots == 0;
        group->bytes += is_first & (int32_t)(slots * SLOT_BYTES);
        group->slots += is_first & (int32_t)slots;
    }
}

// ---- boots and runs ----

// Nothing lives any more.
static void end_lives(struct replay_state *state)
{
    for (uint32_t i = 0; i < state->sim->text_count; i++) {
        struct strings_sim_text *text = &state->sim->texts[i];
        if (text->live_count > 0)
            note_life(state, text);
        text->live_count = 0;
    }
    EACH_GROUP(state, group)
    {
        group->bytes = group->strings = group->slots = (lanes){0};
        group->held_bytes = group->held_strings = (lanes){0};
    }
    release(state->sim, 0);
    end_collection(state);
    state->rest = 0;
}

static void end_run(struct replay_state *state)
{
    end_lives(state);
    EACH_GROUP(state, group)
    for (uint32_t i = 0; i < group->set_count; i++)
        state->sim->run_peaks[state->run][group->first_set + i] = (uint64_t)group->highest[i];
}

static void begin_run(struct replay_state *state)
{
    bool is_first = state->moment <= 1;
    if (!is_first) {
        end_run(state);
        state->run++;
    }
    assert(state->run < state->sim->profile->run_count);
    state->grows_by_copy = state->sim->profile->runs[state->run].table_copies > 0;
    EACH_GROUP(state, group)
    for (uint32_t i = 0; i < LANES; i++)
        group->highest[i] = i < group->set_count ? 0 : INT32_MAX;
}

static inline struct strings_sim_text *text_at(struct replay_state *state, uint32_t number)
{
    uint32_t count = state->sim->text_count;
    return &state->sim->texts[number < count ? number : count];
}

static void replay_words(struct replay_state *state, const uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = words[i] & STRINGS_PAYLOAD_MAX;
        uint32_t what = words[i] >> STRINGS_PAYLOAD_BITS;
        if (__builtin_expect(number == STRINGS_PAYLOAD_MAX, 0))
            number = words[++i];
        state->moment++;
        switch ((enum strings_word)what) {
        case STRINGS_BIRTH:
            note_birth(state, text_at(state, number));
            break;
        case STRINGS_DEATH:
            note_death(state, text_at(state, number));
            break;
        case STRINGS_REST:
            note_rest(state, (int32_t)number);
            break;
        case STRINGS_RISE:
            state->rest = (int32_t)number;
            EACH_GROUP(state, group)
            look(state, group);
            break;
        case STRINGS_COLLECT:
            begin_collection(state, text_at(state, number));
            break;
        case STRINGS_SWEEP:
            note_sweep(state, number);
            if (number > 0) // 0 fills a gap of the record
                end_collection(state);
            break;
        case STRINGS_TABLE:
            note_table(state, number);
            break;
        case STRINGS_BOOT:
            end_lives(state);
            note_table(state, number);
            break;
        case STRINGS_RUN:
            begin_run(state);
            break;
        }
    }
}

// The sets that are to be replayed, four to a group.
static void make_groups(struct replay_state *state)
{
    const struct strings_sim *sim = state->sim;
    for (uint32_t set = sim->first_set; set < sim->set_count; set += LANES) {
        struct group *group = &state->groups[state->group_count++];
        group->first_set = set;
        group->set_count = sim->set_count - set < LANES ? sim->set_count - set : LANES;
        for (uint32_t i = 0; i < LANES; i++)
            group->bits[i] = 1 << (set + i);
    }
}

int strings_sim_run(struct strings_sim *sim, struct problem *problem)
{
    struct replay_state state = {.sim = sim};
    const uint32_t *words;
    int count;
    make_groups(&state);
    strings_record_rewind(sim->record);
    while ((count = strings_record_read(sim->record, &words, problem)) > 0)
        replay_words(&state, words, (uint32_t)count);
    end_run(&state);
    return count;
}

int64_t strings_sim_saving(const struct strings_sim *sim, uint32_t set)
{
    assert(set < sim->set_count);
    return (int64_t)sim->peaks[STRINGS_SET_NONE].bytes - (int64_t)sim->peaks[set].bytes;
}
