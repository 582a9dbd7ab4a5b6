// worlds.c: see worlds.h.

#include "analyzer/job/worlds.h"

#include <assert.h>

#include "analyzer/analysis/strings/strings_sim.h"
#include "analyzer/base/interrupt.h"

static const struct app_variant with_image = {.has_image = true};
static const struct app_variant with_list = {.has_image = true, .list = APP_LIST_CHOSEN};

static struct app_run *held_out(const struct worlds *worlds)
{
    return &worlds->runs[worlds->count - 1];
}

static int record_one(struct app_runner *runner, uint32_t number, struct app_run *run,
                      struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const struct app_run *recording = runner->recording;
    uint64_t usual = runner->vm.world_number;
    app_run_name(run, arena, runner->scratch, 0);
    run->name = arena_format(arena, "world%u", number);
    run->image_path = arena_format(arena, "%s/world%u.img", runner->scratch, number);
    run->trace_path = arena_format(arena, "%s/world%u.trace", runner->scratch, number);
    run->output_path = arena_format(arena, "%s/world%u.txt", runner->scratch, number);
    runner->vm.world_number = number;
    runner->recording = NULL; // its inputs are its own
    int status = app_runner_record(runner, &with_image, NULL, run, problem);
    runner->vm.world_number = usual;
    runner->recording = recording;
    return status;
}

static void add_trace(struct worlds *worlds, const struct app_run *run)
{
    worlds->traces[worlds->trace_count] = run->trace_path;
    worlds->names[worlds->trace_count++] = run->name;
}

int worlds_record(struct worlds *worlds, struct app_runner *runner, const struct app_run *first,
                  struct problem *problem)
{
    int status = STATUS_OK;
    assert(worlds->count >= 1 && worlds->count < WORLDS_MAX);
    worlds->runs = ARENA_NEW_ARRAY(runner->context->arena, struct app_run, worlds->count);
    add_trace(worlds, first);
    for (uint32_t i = 0; status == STATUS_OK && i < worlds->count && !interrupt_number(); i++) {
        struct app_run *run = &worlds->runs[i];
        job_say_step(runner->context,
                     arena_format(runner->context->arena, "runs in world %u of %u%s", i + 2,
                                  worlds->count + 1, i + 1 == worlds->count ? ", held out" : ""));
        status = record_one(runner, i + 2, run, problem);
        run->is_done &= !interrupt_number();
        if (status != STATUS_OK || !run->is_done)
            continue;
        worlds->failed_count += run->has_failed;
        if (!run->has_failed && i + 1 < worlds->count)
            add_trace(worlds, run);
    }
    return status;
}

int worlds_choose(struct worlds *worlds, const struct strings_settings *settings,
                  struct arena *arena, struct strings *strings, struct problem *problem)
{
    struct strings_settings wanted = *settings;
    wanted.traces = worlds->traces;
    wanted.names = worlds->names;
    wanted.trace_count = worlds->trace_count;
    wanted.others = NULL;
    wanted.other_count = 0;
    return strings_analyse(&wanted, arena, strings, problem);
}

int worlds_hold_out(struct worlds *worlds, struct app_runner *runner, const char *list,
                    struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const struct app_run *recording = runner->recording;
    uint64_t usual = runner->vm.world_number;
    struct app_run *plain = held_out(worlds), *run = &worlds->held_list;
    if (!plain->is_done || plain->has_failed || interrupt_number())
        return STATUS_OK;
    app_run_name(run, arena, runner->scratch, 0);
    run->name = "held-out";
    run->image_path = arena_format(arena, "%s/held-out.img", runner->scratch);
    run->trace_path = arena_format(arena, "%s/held-out.trace", runner->scratch);
    run->output_path = arena_format(arena, "%s/held-out.txt", runner->scratch);
    job_say_step(runner->context, "runs the world held out with the list");
    runner->recording = plain;
    runner->vm.world_number = worlds->count + 1;
    int status = app_runner_record(runner, &with_list, list, run, problem);
    runner->recording = recording;
    runner->vm.world_number = usual;
    run->is_done &= !interrupt_number();
    if (status == STATUS_OK && run->is_done)
        status = app_run_measure(plain, false, arena, problem);
    return status == STATUS_OK && run->is_done ? app_run_measure(run, false, arena, problem)
                                               : status;
}

// What the texts of a list of one analysis do in the runs of another.
struct effect {
    int64_t saved_bytes;
    uint32_t slots, slots_with_list; // of the RAM string table at the highest points
    uint32_t absent_count;           // of them, not in RAM at the highest point
    uint64_t absent_bytes;
};

static int simulate(struct strings *held, const struct strings *from,
                    const struct strings_list *list, struct arena *arena, struct effect *effect,
                    struct problem *problem)
{
    uint32_t *texts = ARENA_NEW_ARRAY(arena, uint32_t, list->count + 1), count = 0;
    *effect = (struct effect){0};
    for (uint32_t i = 0; i < list->count; i++) {
        const struct heap_text *text = &from->profile->texts.items[list->texts[i]];
        uint32_t found = heap_texts_find(&held->profile->texts, text->hash, text->bytes);
        if (found != HEAP_NO_TEXT)
            texts[count++] = found;
        if (found == HEAP_NO_TEXT ||
            !heap_lives_at(held->profile, &held->profile->texts.items[found], HEAP_MOMENT_PEAK)) {
            effect->absent_count++;
            effect->absent_bytes += heap_string_bytes(text->bytes);
        }
    }
    struct strings_sim *sim = strings_sim_create(held->profile, held->record, NULL, arena);
    uint32_t set = strings_sim_add(sim, texts, count);
    int status = strings_sim_run(sim, problem);
    if (status != STATUS_OK)
        return status;
    effect->saved_bytes = strings_sim_saving(sim, set);
    effect->slots = sim->peaks[STRINGS_SET_NONE].table_slots;
    effect->slots_with_list = sim->peaks[set].table_slots;
    return STATUS_OK;
}

int worlds_compare(struct worlds *worlds, const struct strings_settings *settings,
                   const struct strings *first, const struct strings *all, struct arena *arena,
                   struct problem *problem)
{
    struct effect dump, list;
    struct strings held = {0};
    struct strings_settings wanted = *settings;
    const char *trace = held_out(worlds)->trace_path, *name = held_out(worlds)->name;
    wanted.traces = &trace;
    wanted.names = &name;
    wanted.trace_count = 1;
    wanted.others = NULL;
    wanted.other_count = 0;
    wanted.origins = STRINGS_ORIGINS_ALL;
    wanted.budget_bytes = all->chosen.flash_bytes;
    wanted.return_min = 0;
    wanted.clocks_percent_max = 100;
    int status = strings_analyse(&wanted, arena, &held, problem);
    if (status == STATUS_OK) {
        worlds->best_saved_bytes = held.bound_bytes > (uint64_t)held.chosen.saved_bytes
                                       ? held.bound_bytes
                                       : (uint64_t)held.chosen.saved_bytes;
        worlds->stock_saved_bytes = held.stock.saved_bytes;
        worlds->stock_flash_bytes = held.stock.flash_bytes;
        worlds->stock_growth_bytes = held.stock.growth_bytes;
        status = simulate(&held, first, &first->dump, arena, &dump, problem);
    }
    if (status == STATUS_OK)
        status = simulate(&held, all, &all->chosen, arena, &list, problem);
    if (status == STATUS_OK) {
        worlds->dump_saved_bytes = dump.saved_bytes;
        worlds->absent_count = list.absent_count;
        worlds->absent_bytes = list.absent_bytes;
        worlds->slots = list.slots;
        worlds->slots_with_list = list.slots_with_list;
    }
    strings_deinit(&held);
    return status;
}

bool worlds_are_judged(const struct worlds *worlds, int64_t *saved_bytes)
{
    const struct app_run *run = &worlds->held_list;
    if (!worlds->count || !run->is_done || run->has_failed || !run->heap)
        return false;
    *saved_bytes = (int64_t)held_out(worlds)->heap->moment_bytes[HEAP_MOMENT_PEAK] -
                   (int64_t)run->heap->moment_bytes[HEAP_MOMENT_PEAK];
    return true;
}

void worlds_deinit(struct worlds *worlds)
{
    for (uint32_t i = 0; worlds->runs && i < worlds->count; i++)
        if (worlds->runs[i].heap)
            heap_profile_deinit(worlds->runs[i].heap);
    if (worlds->held_list.heap)
        heap_profile_deinit(worlds->held_list.heap);
}
