// strings.c: judges every text, then has the best ones chosen.

#include "analyzer/analysis/strings.h"

#include <assert.h>
#include <regex.h>

#include "analyzer/analysis/stock.h"
#include "analyzer/analysis/strings_choose.h"

struct judge {
    struct strings *strings;
    const struct strings_settings *settings;
    regex_t patterns[STRINGS_PATTERNS_MAX];
    size_t pattern_count;
};

const char *strings_verdict_name(unsigned verdict)
{
#define VERDICT_NAME(name, words) words,
    static const char *const names[] = {STRINGS_VERDICTS(VERDICT_NAME)};
#undef VERDICT_NAME
    return verdict < STRINGS_VERDICT_COUNT ? names[verdict] : "?";
}

bool strings_may_show(const struct strings_settings *settings, const struct heap_text *text)
{
    return settings->includes_input || !strings_is_input(text);
}

// ---- patterns ----

static void free_patterns(struct judge *judge)
{
    for (size_t i = 0; i < judge->pattern_count; i++)
        regfree(&judge->patterns[i]);
}

static int compile_patterns(struct judge *judge, struct problem *problem)
{
    const struct strings_settings *settings = judge->settings;
    if (settings->pattern_count > STRINGS_PATTERNS_MAX)
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "more than %d expressions to exclude", STRINGS_PATTERNS_MAX);
    for (size_t i = 0; i < settings->pattern_count; i++) {
        regex_t *pattern = &judge->patterns[judge->pattern_count];
        int error = regcomp(pattern, settings->patterns[i], REG_EXTENDED | REG_NOSUB);
        if (error) {
            char reason[80];
            regerror(error, pattern, reason, sizeof reason);
            return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                               "expression '%s': %s", settings->patterns[i], reason);
        }
        judge->pattern_count++;
    }
    return STATUS_OK;
}

static bool is_excluded(const struct judge *judge, struct text text)
{
    for (size_t i = 0; i < judge->pattern_count; i++) {
        regmatch_t range = {0, (regoff_t)text.bytes};
        if (!regexec(&judge->patterns[i], text.data ? text.data : "", 1, &range, REG_STARTEND))
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
    if (!strings_may_show(judge->settings, text))
        return STRINGS_INPUT;
    if (text->content.bytes != text->bytes)
        return STRINGS_UNKNOWN;
    if (is_excluded(judge, text->content))
        return STRINGS_EXCLUDED;
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
static void find_image(struct strings *strings, struct arena *arena)
{
    const struct heap_run *run = &strings->profile->runs[0];
    const struct image *image = NULL;
    struct problem problem = {0};
    strings->image_note = "no image was mounted in the first run";
    if (run->image_count > 0) {
        const struct heap_image *mounted = &run->images[run->image_count - 1];
        struct image_options options = {.base_addr = mounted->addr, .allows_rest = true};
        if (!mounted->path || image_read_file(arena, mounted->path, &options, &image, &problem) < 0)
            strings->image_note =
                arena_format(arena, "the copy of its image cannot be read: %s",
                             mounted->path ? problem.message : "bad name");
        else
            strings->image_note = NULL;
    }
    strings->flash = strings_flash_of(image, run->is_integer);
}

static int read_runs(struct strings *strings, const struct strings_settings *settings,
                     struct problem *problem)
{
    for (size_t i = 0; i < settings->trace_count; i++) {
        int status = heap_profile_add(strings->profile, settings->traces[i],
                                      settings->names ? settings->names[i] : NULL, problem);
        if (status != STATUS_OK)
            return status;
    }
    if (strings->profile->texts.dropped_count > 0)
        return heap_profile_recount(strings->profile, problem);
    return STATUS_OK;
}

int strings_analyse(const struct strings_settings *settings, struct arena *arena,
                    struct strings *strings, struct problem *problem)
{
    struct judge judge = {.strings = strings, .settings = settings};
    assert(settings->trace_count > 0);
    *strings = (struct strings){.profile = ARENA_NEW(arena, struct heap_profile)};
    heap_profile_init(strings->profile, arena);
    strings->profile->progress = settings->progress;
    int status = cost_model_load(arena, settings->model, &strings->model, problem);
    if (status == STATUS_OK)
        status = compile_patterns(&judge, problem);
    bool is_stock;
    if (status == STATUS_OK) // they are all of one kind, or refused
        status = stock_check(arena, settings->traces, settings->trace_count, &is_stock, problem);
    if (status == STATUS_OK)
        status = read_runs(strings, settings, problem);
    if (status == STATUS_OK) {
        uint32_t count = strings->profile->texts.count;
        strings->verdicts = ARENA_NEW_ARRAY(arena, uint8_t, count);
        strings->read_clocks = ARENA_NEW_ARRAY(arena, double, count);
        for (uint32_t i = 0; i < strings->profile->run_count && !strings->profile->is_stock; i++)
            strings->run_clocks += heap_run_clocks(&strings->profile->runs[i], &strings->model);
        find_image(strings, arena);
        judge_all(&judge);
        status = strings_choose(strings, settings, arena, problem);
    }
    free_patterns(&judge);
    return status;
}

void strings_deinit(struct strings *strings)
{
    if (strings->profile)
        heap_profile_deinit(strings->profile);
}
