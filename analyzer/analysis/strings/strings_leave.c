// strings_leave.c: see strings_leave.h.

#include "analyzer/analysis/strings/strings_leave.h"

#include <assert.h>

// The list that the runs but `left_out` choose, as texts of the whole analysis.
static int choose_without(const struct strings *strings, const struct strings_settings *settings,
                          size_t left_out, struct arena *arena, uint32_t **texts, uint32_t *count,
                          struct problem *problem)
{
    const char **traces = ARENA_NEW_ARRAY(arena, const char *, settings->trace_count);
    struct strings_settings wanted = *settings;
    struct strings others = {0};
    wanted.traces = traces;
    wanted.names = NULL;
    wanted.trace_count = 0;
    wanted.other_count = 0;
    for (size_t i = 0; i < settings->trace_count; i++)
        if (i != left_out)
            traces[wanted.trace_count++] = settings->traces[i];
    int status = strings_analyse(&wanted, arena, &others, problem);
    const struct strings_list *chosen = &others.chosen;
    *count = 0;
    *texts = ARENA_NEW_ARRAY(arena, uint32_t, chosen->count + 1);
    for (uint32_t i = 0; status == STATUS_OK && i < chosen->count; i++) {
        const struct heap_text *text = &others.profile->texts.items[chosen->texts[i]];
        uint32_t found = heap_texts_find(&strings->profile->texts, text->hash, text->bytes);
        if (found != HEAP_NO_TEXT)
            (*texts)[(*count)++] = found;
    }
    strings_deinit(&others);
    return status;
}

// As many runs as one replay of the record has sets for: from `first` on, up to `end`.
static int leave_some_out(struct strings *strings, const struct strings_settings *settings,
                          size_t first, size_t end, struct arena *arena, struct problem *problem)
{
    uint32_t sets[STRINGS_SETS_MAX];
    struct strings_sim *sim = strings_sim_create(strings->profile, strings->record, NULL, arena);
    assert(end - first < STRINGS_SETS_MAX);
    for (size_t i = first; i < end; i++) {
        uint32_t *texts, text_count;
        int status = choose_without(strings, settings, i, arena, &texts, &text_count, problem);
        if (status != STATUS_OK)
            return status;
        sets[i - first] = strings_sim_add(sim, texts, text_count);
    }
    int status = strings_sim_run(sim, problem);
    for (size_t i = first; status == STATUS_OK && i < end; i++)
        strings->left_out_bytes[i] = (int64_t)sim->run_peaks[i][STRINGS_SET_NONE] -
                                     (int64_t)sim->run_peaks[i][sets[i - first]];
    return status;
}

int strings_leave_each_out(struct strings *strings, const struct strings_settings *settings,
                           struct arena *arena, struct problem *problem)
{
    size_t count = settings->trace_count, step = STRINGS_SETS_MAX - 1;
    assert(strings->profile->run_count == count);
    if (count < 2 || count > STRINGS_LEFT_OUT_MAX || strings->profile->is_stock)
        return STATUS_OK;
    for (size_t first = 0; first < count; first += step) {
        size_t end = first + step < count ? first + step : count;
        int status = leave_some_out(strings, settings, first, end, arena, problem);
        if (status != STATUS_OK)
            return status;
    }
    strings->has_left_out = true;
    return STATUS_OK;
}
