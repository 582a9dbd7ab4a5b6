// strings_sim.c: several ledgers side by side in one replay.

#include "analyzer/analysis/strings_sim.h"

#include <assert.h>

#define TABLE_SLOTS_MIN 64u // a table shrinks only above this

// The ledger of one set.
struct ledger {
    uint64_t member_bytes; // of strings of the set that live
    uint32_t strings;      // in RAM, not of the set
    uint32_t slots;        // of the modelled string table
};

struct pass {
    struct strings_sim *sim;
    uint32_t run;
    bool grows_by_copy;
    struct heap_replay replay;
    struct ledger ledgers[STRINGS_SETS_MAX];
    uint8_t gc_reason;
};

struct strings_sim *strings_sim_create(const struct heap_profile *profile, struct arena *arena)
{
    struct strings_sim *sim = ARENA_NEW(arena, struct strings_sim);
    sim->profile = profile;
    sim->set_count = 1;
    sim->members = ARENA_NEW_ARRAY(arena, uint16_t, profile->texts.count);
    sim->live_at = ARENA_NEW_ARRAY(arena, uint64_t, profile->texts.count);
    return sim;
}

uint32_t strings_sim_add(struct strings_sim *sim, const uint32_t *texts, uint32_t count)
{
    assert(sim->set_count < STRINGS_SETS_MAX);
    uint32_t set = sim->set_count++;
    for (uint32_t i = 0; i < count; i++) {
        assert(texts[i] < sim->profile->texts.count);
        sim->members[texts[i]] |= (uint16_t)(1u << set);
    }
    return set;
}

static unsigned members_of(const struct pass *pass, const struct heap_block *block)
{
    return block->user == HEAP_NO_TEXT ? 0 : pass->sim->members[block->user];
}

// ---- highest points ----

static void note_height(struct pass *pass, uint32_t set, uint64_t transient_bytes)
{
    struct strings_sim *sim = pass->sim;
    const struct ledger *ledger = &pass->ledgers[set];
    uint64_t table_bytes = 4 * (uint64_t)ledger->slots + transient_bytes;
    uint64_t bytes = pass->replay.lua_bytes - pass->replay.table_bytes - ledger->member_bytes +
                     table_bytes;
    if (bytes > sim->run_peaks[pass->run][set])
        sim->run_peaks[pass->run][set] = bytes;
    if (bytes > sim->peaks[set].bytes)
        sim->peaks[set] = (struct strings_peak){bytes, pass->replay.step_count, pass->run,
                                                ledger->slots, table_bytes};
}

static void note_heights(struct pass *pass)
{
    for (uint32_t set = 0; set < pass->sim->set_count; set++)
        note_height(pass, set, 0);
}

static void resize_table(struct pass *pass, uint32_t set, uint32_t slots, uint32_t unborn_bytes)
{
    struct ledger *ledger = &pass->ledgers[set];
    if (pass->grows_by_copy) {
        // The string that asks for the room is not there yet.
        pass->replay.lua_bytes -= unborn_bytes;
        note_height(pass, set, 4 * (uint64_t)slots);
        pass->replay.lua_bytes += unborn_bytes;
    }
    ledger->slots = slots;
}

// ---- strings ----

static void note_life(struct pass *pass, const struct heap_block *block)
{
    struct strings_sim *sim = pass->sim;
    uint64_t step = sim->peaks[sim->watched].step;
    if (block->kind == KIND_STRING && block->user != HEAP_NO_TEXT && block->birth <= step)
        sim->live_at[block->user] = step;
}

static void note_death(struct pass *pass, const struct heap_block *block)
{
    if (block->kind != KIND_STRING)
        return;
    note_life(pass, block);
    unsigned members = members_of(pass, block);
    for (uint32_t set = 0; set < pass->sim->set_count; set++) {
        if (members >> set & 1)
            pass->ledgers[set].member_bytes -= block->bytes;
        else
            pass->ledgers[set].strings--;
    }
}

static void note_string(struct pass *pass, struct heap_step *step)
{
    struct heap_block *block = step->born;
    if (step->text)
        block->user = heap_texts_find(&pass->sim->profile->texts, step->text->hash,
                                      step->text->bytes);
    unsigned members = members_of(pass, block);
    for (uint32_t set = 0; set < pass->sim->set_count; set++) {
        struct ledger *ledger = &pass->ledgers[set];
        if (members >> set & 1) {
            ledger->member_bytes += block->bytes;
            continue;
        }
        if (ledger->slots && ledger->strings >= ledger->slots)
            resize_table(pass, set, ledger->slots * 2, block->bytes);
        ledger->strings++;
    }
}

static void note_gc_end(struct pass *pass, unsigned reason)
{
    int sweeps = reason == GC_REASON_STEP || reason == GC_REASON_LIMIT ? 1 : 2;
    for (uint32_t set = 0; set < pass->sim->set_count; set++) {
        struct ledger *ledger = &pass->ledgers[set];
        for (int i = 0; i < sweeps; i++)
            if (ledger->strings < ledger->slots / 4 && ledger->slots > TABLE_SLOTS_MIN)
                resize_table(pass, set, ledger->slots / 2, 0);
    }
}

static void note_table(struct pass *pass, const struct heap_step *step)
{
    // Only the first vector of a run is taken over; what comes later is modelled.
    for (uint32_t set = 0; set < pass->sim->set_count; set++)
        if (pass->ledgers[set].slots == 0)
            pass->ledgers[set].slots = step->born->bytes / 4;
}

static void visit_life(void *context, const struct heap_block *block)
{
    note_life(context, block);
}

static void note_step(struct pass *pass, struct heap_step *step)
{
    if (step->died)
        note_death(pass, step->died);
    if (step->born) {
        if (step->born->kind == KIND_STRING)
            note_string(pass, step);
        else if (step->born->kind == KIND_STRING_TABLE)
            note_table(pass, step);
        note_heights(pass);
    } else if (step->event.id == TRACE_ID_gc_end) {
        note_gc_end(pass, step->event.gc_end.reason);
    } else if (step->is_boot) {
        heap_replay_each_live(&pass->replay, visit_life, pass);
        memset(pass->ledgers, 0, sizeof pass->ledgers);
        if (step->event.boot.flags & TRACE_BOOT_STOCK) // as heap_replay does
            for (uint32_t set = 0; set < pass->sim->set_count; set++)
                pass->ledgers[set].slots = HEAP_TABLE_SLOTS_START;
    }
}

static int replay_run(struct pass *pass, struct trace *trace, uint64_t *next_step,
                      struct arena *arena, struct problem *problem)
{
    struct heap_step step;
    int more;
    heap_replay_begin(&pass->replay, trace, arena);
    pass->replay.step_count = *next_step;
    while ((more = heap_replay_next(&pass->replay, &step, problem)) > 0) {
        note_step(pass, &step);
        heap_show_progress(pass->sim->profile, &pass->replay);
    }
    heap_replay_each_live(&pass->replay, visit_life, pass);
    *next_step = pass->replay.step_count + 1;
    heap_replay_end(&pass->replay);
    return more;
}

int strings_sim_run(struct strings_sim *sim, struct problem *problem)
{
    uint64_t next_step = 1;
    for (uint32_t run = 0; run < sim->profile->run_count; run++) {
        const struct heap_run *about = &sim->profile->runs[run];
        struct pass pass = {.sim = sim, .run = run, .grows_by_copy = about->table_copies > 0};
        struct trace *trace;
        struct arena scratch;
        arena_init(&scratch);
        int status = trace_open(&scratch, about->path.data, &trace, problem);
        if (status == STATUS_OK) {
            status = replay_run(&pass, trace, &next_step, &scratch, problem);
            trace_close(trace);
        }
        arena_deinit(&scratch);
        if (status < 0)
            return status;
    }
    return STATUS_OK;
}

int64_t strings_sim_saving(const struct strings_sim *sim, uint32_t set)
{
    assert(set < sim->set_count);
    return (int64_t)sim->peaks[STRINGS_SET_NONE].bytes - (int64_t)sim->peaks[set].bytes;
}
