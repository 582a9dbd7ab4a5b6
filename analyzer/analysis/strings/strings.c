// strings.c: judges every text, then has the best ones chosen.

#include "analyzer/analysis/strings/strings.h"

#include <assert.h>
#include <string.h>

#include "analyzer/analysis/stock_trace.h"
#include "analyzer/analysis/strings/strings_choose.h"
#include "analyzer/analysis/strings/strings_lookups.h"

static const char *const origin_words[] = {
#define ORIGIN_WORD(name, text, bit) [bit] = text,
    TRACE_ORIGINS(ORIGIN_WORD)
#undef ORIGIN_WORD
};
#define ORIGIN_COUNT (sizeof origin_words / sizeof *origin_words)

struct judge {
    struct strings *strings;
    const struct strings_settings *settings;
    bool has_no_list; // a run failed
};

const char *strings_verdict_name(unsigned verdict)
{
#define VERDICT_NAME(name, words) words,
    static const char *const names[] = {STRINGS_VERDICTS(VERDICT_NAME)};
#undef VERDICT_NAME
    return verdict < STRINGS_VERDICT_COUNT ? names[verdict] : "?";
}

// The sources of the text that are neither the program's nor asked for. 0: it may be taken.
static unsigned sources_against(const struct strings_settings *settings,
                                const struct heap_profile *profile, const struct heap_text *text)
{
    return strings_sources(profile, text) &
           ~(TRACE_ORIGIN_PROGRAM | TRACE_ORIGIN_DERIVED | settings->origins);
}

static bool may_take(const struct strings_settings *settings, const struct heap_profile *profile,
                     const struct heap_text *text)
{
    bool is_known = strings_sources(profile, text) & ~TRACE_ORIGIN_DERIVED;
    if (!is_known && !profile->lacks_sources && settings->origins != STRINGS_ORIGINS_ALL)
        return false;
    return sources_against(settings, profile, text) == 0;
}

bool strings_may_show(const struct strings_settings *settings, const struct heap_profile *profile,
                      const struct heap_text *text)
{
    return !text_sources_are_private(sources_against(settings, profile, text));
}

struct text strings_sources_text(struct arena *arena, unsigned sources)
{
    const char *all = "";
    for (unsigned bit = 0; bit < ORIGIN_COUNT; bit++)
        if (sources >> bit & 1)
            all = arena_format(arena, "%s%s%s", all, *all ? "," : "", origin_words[bit]);
    return text_of(*all ? all : "unknown");
}

bool strings_add_origins(const char *list, unsigned *origins)
{
    while (list && *list) {
        size_t bytes = strcspn(list, ",");
        struct text word = {list, bytes};
        unsigned bit = 0;
        while (bit < ORIGIN_COUNT && !text_is_equal(word, text_of(origin_words[bit])))
            bit++;
        if (text_is_equal(word, text_of("all")))
            *origins |= STRINGS_ORIGINS_ALL;
        else if (bit < ORIGIN_COUNT && 1u << bit != TRACE_ORIGIN_DERIVED)
            *origins |= 1u << bit;
        else
            return false;
        list += bytes + (list[bytes] == ',');
    }
    return true;
}

int64_t strings_least_saved(const struct strings *strings)
{
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < strings->profile->run_count; i++)
        if (strings->run_saved_bytes[i] < least)
            least = strings->run_saved_bytes[i];
    return least;
}

// ---- failed runs ----

bool strings_are_of_failure(const struct strings *strings, const struct strings_settings *settings)
{
    for (uint32_t i = 0; i < strings->profile->run_count; i++)
        if (strings->profile->runs[i].input.ending.kind == TRACE_FAILED)
            return !settings->takes_failed;
    return false;
}

// Is the text what a run failed with?
static bool is_failure(const struct strings *strings, struct text text)
{
    for (uint32_t i = 0; i < strings->profile->run_count; i++) {
        const struct trace_ending *ending = &strings->profile->runs[i].input.ending;
        struct text message = trace_ending_message(ending);
        if (ending->kind == TRACE_FAILED && message.bytes && text.bytes >= message.bytes &&
            !memcmp(text.data, message.data, message.bytes))
            return true;
    }
    return false;
}

// ---- verdicts ----

static double clocks_of_reads(const struct cost_model *model, const struct heap_text *text)
{
    double loads = 0;
    for (unsigned i = 0; text->characters && i < CONTENT_COUNT; i++)
        loads += (double)text->characters[i] * model->character_loads[i];
    return loads * model->emulated_load_clocks;
}

static bool is_in_image(const struct strings *strings, const struct heap_text *text)
{
    return strings->flash.image && text->content.bytes == text->bytes &&
           image_find_string(strings->flash.image, text->content) != IMAGE_NONE;
}

// Candidates come out as STRINGS_IDLE; choosing settles them.
static enum strings_verdict judge_text(const struct judge *judge, uint32_t idx)
{
    const struct strings *strings = judge->strings;
    const struct heap_text *text = &strings->profile->texts.items[idx];
    if (text->births == 0 || is_in_image(strings, text))
        return STRINGS_IN_FLASH;
    if (!strings_may_show(judge->settings, strings->profile, text))
        return STRINGS_INPUT;
    if (!may_take(judge->settings, strings->profile, text))
        return STRINGS_RUNTIME;
    const struct strings_own *own = judge->settings->own;
    if (text->is_excluded ||
        (own && strings_own_has(own->removed, own->removed_count, text->content)))
        return STRINGS_EXCLUDED;
    if (text->content.bytes != text->bytes)
        return STRINGS_UNKNOWN;
    if (judge->has_no_list || is_failure(strings, text->content))
        return STRINGS_OF_FAILURE;
    if (text->runs_ram < strings->profile->run_count ||
        text->snapshots < STRINGS_LISTED_SHARE_MIN * strings->profile->snapshots)
        return STRINGS_UNSTABLE;
    double allowed = judge->settings->clocks_percent_max / 100 * strings->run_clocks;
    if (strings->read_clocks[idx] > allowed)
        return STRINGS_COSTLY;
    return STRINGS_IDLE;
}

static void judge_all(struct judge *judge)
{
    struct strings *strings = judge->strings;
    const struct heap_texts *texts = &strings->profile->texts;
    for (uint32_t i = 0; i < texts->count; i++) {
        if (texts->items[i].is_dropped)
            continue;
        strings->read_clocks[i] = clocks_of_reads(&strings->model, &texts->items[i]);
        strings->verdicts[i] = (uint8_t)judge_text(judge, i);
    }
}

// The image of the first run to which a list would be added.
static void find_image(struct strings *strings, const struct strings_settings *settings,
                       struct arena *arena)
{
    const struct heap_run *run = &strings->profile->runs[0];
    const struct image *image = NULL;
    struct problem problem = {0};
    strings->image_note = "no image was mounted in the first run";
    if (run->image_count > 0) {
        const struct heap_image *mounted = &run->images[run->image_count - 1];
        struct image_options options = {.base_addr = mounted->addr, .allows_rest = true};
        if (!mounted->path || image_read_file(arena, mounted->path, &options, &image, &problem) < 0)
            strings->image_note = arena_format(arena, "the copy of its image cannot be read: %s",
                                               mounted->path ? problem.message : "bad name");
        else
            strings->image_note = NULL;
    }
    strings->flash = strings_flash_of(image, run->is_integer, settings->keeps_slots);
}

// The record stands after the profile, whose texts it names.
static int read_runs(struct strings *strings, const struct strings_settings *settings,
                     struct problem *problem)
{
    struct replay_observer observers[REPLAY_OBSERVERS_MAX] = {
        heap_profile_observer(strings->profile), strings_record_observer(strings->record)};
    size_t count = 2;
    struct replay_settings replay = {.traces = settings->traces,
                                     .names = settings->names,
                                     .trace_count = settings->trace_count,
                                     .first_step = strings->profile->next_step,
                                     .exclude = settings->exclude,
                                     .progress = settings->progress};
    assert(count + settings->other_count <= REPLAY_OBSERVERS_MAX);
    for (size_t i = 0; i < settings->other_count; i++)
        observers[count++] = settings->others[i];
    int status = replay_run(&replay, observers, count, problem);
    if (status != STATUS_OK || strings->profile->texts.dropped_count == 0)
        return status;
    heap_profile_begin_recount(strings->profile);
    strings_record_clear(strings->record);
    return replay_run(&replay, observers, 2, problem);
}

int strings_analyse(const struct strings_settings *settings, struct arena *arena,
                    struct strings *strings, struct problem *problem)
{
    struct judge judge = {.strings = strings, .settings = settings};
    assert(settings->trace_count > 0);
    *strings = (struct strings){.profile = ARENA_NEW(arena, struct heap_profile),
                                .own = settings->own};
    heap_profile_init(strings->profile, arena);
    strings->record = strings_record_open(strings->profile, arena);
    int status = cost_model_load(arena, settings->model, &strings->model, problem);
    bool is_stock;
    if (status == STATUS_OK) // they are all of one kind, or refused
        status = stock_trace_check(arena, settings->traces, settings->trace_count, &is_stock,
                                   problem);
    if (status == STATUS_OK)
        status = read_runs(strings, settings, problem);
    if (status == STATUS_OK) {
        uint32_t count = strings->profile->texts.count;
        strings->verdicts = ARENA_NEW_ARRAY(arena, uint8_t, count);
        strings->read_clocks = ARENA_NEW_ARRAY(arena, double, count);
        for (uint32_t i = 0; i < strings->profile->run_count && !strings->profile->is_stock; i++)
            strings->run_clocks += heap_run_clocks(&strings->profile->runs[i], &strings->model);
        find_image(strings, settings, arena);
        judge.has_no_list = strings_are_of_failure(strings, settings);
        judge_all(&judge);
        status = strings_choose(strings, settings, arena, problem);
    }
    if (status == STATUS_OK)
        strings_vector_measure(strings, arena);
    return status;
}

void strings_deinit(struct strings *strings)
{
    if (strings->profile)
        heap_profile_deinit(strings->profile);
    strings_record_close(strings->record);
    strings->record = NULL;
}
