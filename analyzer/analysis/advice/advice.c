// advice.c: gathers and orders findings.

#include "analyzer/analysis/advice/advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis/gc/gc_mode_cost.h"
#include "analyzer/analysis/hot/hot_words.h"
#include "analyzer/base/lua_literal.h"
#include "analyzer/base/number_text.h"

#define LITERALS_MAX 12u   // findings that are taken of each analysis
#define MS_MIN 0.5         // of a run; less is no reason to change a line
#define TOLD_MAX 12u       // in words
#define TEXT_SHOWN_MAX 40u // a longer literal is not written out

void advice_init(struct advice *advice, struct arena *arena)
{
    *advice = (struct advice){.arena = arena};
}

static const char *unchecked(enum advice_kind kind)
{
    switch (kind) {
    case ADVICE_GROWTH:
        return "none: only its author knows whether it is to be kept";
    case ADVICE_CALLS:
    case ADVICE_GARBAGE:
        return "none: the line has to be written anew, by hand";
    case ADVICE_IMAGE:
    case ADVICE_STRINGS:
    case ADVICE_FREEZER:
    case ADVICE_COLLECTOR:
    case ADVICE_LITERAL:
    case ADVICE_LITERALS:
        break;
    }
    return ADVICE_BY_PROFILE;
}

void advice_say_unchecked(struct advice *advice, const char *why)
{
    for (size_t i = 0; i < advice->count; i++)
        if (!strcmp(advice->items[i].check, ADVICE_BY_PROFILE))
            advice->items[i].check = why;
}

struct advice_item *advice_add(struct advice *advice, enum advice_kind kind, const char *what)
{
    if (advice->count == advice->room) {
        size_t room = advice->room ? advice->room * 2 : 16;
        advice->items = arena_grow_array(advice->arena, advice->items, advice->count, room,
                                         sizeof *advice->items);
        advice->room = room;
    }
    struct advice_item *item = &advice->items[advice->count++];
    *item = (struct advice_item){.kind = kind, .what = what, .check = unchecked(kind)};
    return item;
}

struct advice_item *advice_find(const struct advice *advice, enum advice_kind kind)
{
    for (size_t i = 0; i < advice->count; i++)
        if (advice->items[i].kind == kind)
            return &advice->items[i];
    return NULL;
}

// ---- flash reads ----

static double milliseconds(double clocks, const struct cost_model *model)
{
    return model->clock_mhz > 0 ? clocks / (model->clock_mhz * 1000) : 0;
}

static const char *command(const struct advice *advice, const char *name, const char *trace,
                           const char *rest)
{
    return trace ? arena_format(advice->arena, "frost %s %s%s", name, trace, rest) : NULL;
}

// " --annotate lexer.lua" of "lexer.lua:40 (string.match)".
static const char *annotation(const struct advice *advice, struct text line)
{
    for (size_t i = 1; i + 1 < line.bytes; i++) {
        bool is_plain = strchr("._-/+,=@:", line.data[i]) ||
                        (line.data[i] >= '0' && line.data[i] <= '9') ||
                        (line.data[i] >= 'A' && line.data[i] <= 'Z') ||
                        (line.data[i] >= 'a' && line.data[i] <= 'z');
        if (!is_plain)
            break;
        if (line.data[i] == ':')
            return arena_format(advice->arena, " --annotate %.*s", (int)i, line.data);
    }
    return "";
}

static void add_literal(struct advice *advice, const struct hot *hot,
                        const struct hot_finding *finding, const char *trace, bool hides_text)
{
    struct arena *arena = advice->arena;
    const struct hot_cell *cell = &hot->cells[finding->cell];
    const struct hot_object *object = &hot->objects.items[cell->object];
    bool is_known = object->text.bytes == object->bytes && object->bytes > 0;
    struct text line = hot_cell_line(hot, cell, arena);
    struct text words = hot_object_words(hot, cell->object, hides_text, arena);
    const char *how = is_known && !hides_text && object->bytes <= TEXT_SHOWN_MAX
                          ? lua_literal_split(arena, object->text, (object->bytes + 1) / 2)
                          : "two literals joined by ..";
    if (milliseconds(finding->clocks, &hot->models[hot->order]) < MS_MIN)
        return;
    struct advice_item *item = advice_add(
        advice, ADVICE_LITERAL,
        arena_format(arena, "%.*s: make %.*s at run time, %s, and keep it in a local (%s)",
                     TEXT_ARGS(line), TEXT_ARGS(words), how, hot_what_name(cell->what)));
    item->predicted_ms = report_real(milliseconds(finding->clocks, &hot->models[hot->order]));
    item->predicted_bytes = report_number(-(int64_t)finding->ram_bytes);
    item->command = command(advice, "hot", trace, annotation(advice, line));
    item->line = line;
    item->reads = cell->what;
    item->hash = object->hash;
    item->text = is_known ? object->text : (struct text){0};
    if (!is_known)
        item->check = "none: a text not known whole";
}

static void add_calls(struct advice *advice, const struct hot *hot,
                      const struct hot_finding *finding, const char *trace)
{
    struct arena *arena = advice->arena;
    const struct hot_cell *cell = &hot->cells[finding->cell];
    struct text name = hot_object_words(hot, cell->object, false, arena);
    struct text line = hot_cell_line(hot, cell, arena);
    if (milliseconds(finding->clocks, &hot->models[hot->order]) < MS_MIN)
        return;
    struct advice_item *item = advice_add(
        advice, ADVICE_CALLS,
        arena_format(arena, "%.*s: call %.*s less often, or load it into RAM", TEXT_ARGS(line),
                     TEXT_ARGS(name)));
    item->predicted_ms = report_real(milliseconds(finding->clocks, &hot->models[hot->order]));
    item->command = command(advice, "hot", trace, annotation(advice, line));
}

static void add_reads(struct advice *advice, const struct hot *hot, const char *trace,
                      bool hides_text)
{
    struct hot_findings found;
    size_t taken = 0;
    hot_find(hot, advice->arena, &found);
    for (size_t i = 0; i < found.count && taken < LITERALS_MAX; i++) {
        taken++;
        if (found.items[i].kind == HOT_FINDING_STRING)
            add_literal(advice, hot, &found.items[i], trace, hides_text);
        else if (found.items[i].kind == HOT_FINDING_CALLS)
            add_calls(advice, hot, &found.items[i], trace);
        else
            taken--; // the collector's visits are its own; lists have been judged
    }
}

// ---- the collector ----

static void add_mode(struct advice *advice, const struct gc *gc, const char *trace)
{
    unsigned best = gc_best_mode(gc), always = gc->mode_count - 1;
    if (best == always)
        return;
    struct gc_mode_cost now = gc_mode_cost(gc, always), cost = gc_mode_cost(gc, best);
    struct advice_item *item = advice_add(advice, ADVICE_COLLECTOR,
                                          gc_mode_call(gc, best, advice->arena));
    item->predicted_ms = report_real(milliseconds(now.clocks - cost.clocks, &gc->model));
    item->predicted_bytes = report_number((int64_t)now.lua_bytes_max - (int64_t)cost.lua_bytes_max);
    item->command = command(advice, "gc", trace, "");
}

static void add_garbage(struct advice *advice, const struct gc *gc, const char *trace)
{
    struct gc_site_finding *found;
    uint32_t count = gc_find_sites(gc, advice->arena, &found);
    for (uint32_t i = 0; i < count; i++) {
        if (milliseconds(found[i].clocks, &gc->model) < MS_MIN)
            continue;
        struct text line = site_name(advice->arena, &gc->sites.items[found[i].site]);
        struct advice_item *item = advice_add(
            advice, ADVICE_GARBAGE,
            arena_format(advice->arena, "%.*s: make fewer objects that die soon", TEXT_ARGS(line)));
        item->predicted_ms = report_real(milliseconds(found[i].clocks, &gc->model));
        item->command = command(advice, "calls", trace, "");
    }
}

void advice_add_analyses(struct advice *advice, const struct hot *hot, const struct gc *gc,
                         const char *trace, bool hides_text)
{
    add_reads(advice, hot, trace, hides_text);
    add_mode(advice, gc, trace);
    add_garbage(advice, gc, trace);
}

// ---- the table ----

static const char *const kind_names[] = {
    [ADVICE_IMAGE] = "image",         [ADVICE_STRINGS] = "strings", [ADVICE_FREEZER] = "freezer",
    [ADVICE_COLLECTOR] = "collector", [ADVICE_LITERAL] = "literal", [ADVICE_CALLS] = "calls",
    [ADVICE_LITERALS] = "literals",   [ADVICE_GARBAGE] = "garbage", [ADVICE_GROWTH] = "growth",
};

static struct report_value kind_of(const void *context, const void *item)
{
    (void)context;
    return report_text(text_of(kind_names[((const struct advice_item *)item)->kind]));
}

static const struct report_column columns[] = {
    {"kind", "finding", "", REPORT_KEY, REPORT_BY(REPORT_TEXT, kind_of)},
    {"what", "what to do", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(advice_item, what)},
    {"predicted_bytes", "RAM less", "bytes", 0, REPORT_AT(advice_item, predicted_bytes)},
    {"measured_bytes", "replayed", "bytes", REPORT_WIDE, REPORT_AT(advice_item, measured_bytes)},
    {"predicted_ms", "time less", "ms", 0, REPORT_AS(REPORT_REAL, advice_item, predicted_ms),
     .decimals = 1},
    {"measured_ms", "replayed", "ms", REPORT_WIDE, REPORT_AS(REPORT_REAL, advice_item, measured_ms),
     .decimals = 1},
    {"flash_bytes", "flash", "bytes", REPORT_WIDE, REPORT_AT(advice_item, flash_bytes)},
    {"check", "check", "", REPORT_WIDE, REPORT_AT(advice_item, check)},
    {"command", "command", "", REPORT_WIDE | REPORT_DETAIL, REPORT_AT(advice_item, command)},
};

static double bytes_of(const struct advice_item *item)
{
    const struct report_value *value = item->measured_bytes.is_present ? &item->measured_bytes
                                                                       : &item->predicted_bytes;
    return value->is_present && value->number > 0 ? (double)value->number : 0;
}

static double ms_of(const struct advice_item *item)
{
    const struct report_value *value = item->measured_ms.is_present ? &item->measured_ms
                                                                    : &item->predicted_ms;
    return value->is_present ? value->real : 0;
}

static int compare(const void *x, const void *y)
{
    const struct advice_item *a = *(const struct advice_item *const *)x;
    const struct advice_item *b = *(const struct advice_item *const *)y;
    if (bytes_of(a) != bytes_of(b))
        return bytes_of(a) > bytes_of(b) ? -1 : 1;
    if (ms_of(a) != ms_of(b))
        return ms_of(a) > ms_of(b) ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return strcmp(a->what, b->what);
}

static const struct advice_item **sorted(const struct advice *advice, struct arena *arena)
{
    const struct advice_item **items = ARENA_NEW_ARRAY(arena, const struct advice_item *,
                                                       advice->count + 1);
    for (size_t i = 0; i < advice->count; i++)
        items[i] = &advice->items[i];
    qsort(items, advice->count, sizeof *items, compare);
    return items;
}

void advice_fill(const struct advice *advice, struct report *report)
{
    if (advice->count == 0)
        return;
    const struct advice_item **items = sorted(advice, report->arena);
    struct report_table *table = REPORT_ADD_TABLE(report, "advice",
                                                  "What to change, by what it saves", columns);
    table->explanation = "RAM at the highest point first, then time on stock firmware (modelled); "
                         "as predicted, and as a replay with the change had it";
    table->place = REPORT_PLACE_PAGE;
    for (size_t i = 0; i < advice->count; i++)
        report_add_row(table, NULL, items[i]);
}

// ---- in words ----

static const char *join(struct arena *arena, const char *words, const char *more)
{
    return arena_format(arena, "%s%s %s", words, *words ? "," : ":", more);
}

// ": 897 bytes less RAM", with the prediction where there are both.
static const char *bytes_words(const struct advice_item *item, struct arena *arena)
{
    const struct report_value *measured = &item->measured_bytes,
                              *predicted = &item->predicted_bytes;
    const struct report_value *said = measured->is_present ? measured : predicted;
    if (!said->is_present || said->number == 0)
        return "";
    const char *words = arena_format(arena, ": %s bytes %s RAM",
                                     number_text_rounded(fabs((double)said->number), arena),
                                     said->number > 0 ? "less" : "more");
    return measured->is_present && predicted->is_present
               ? arena_format(arena, "%s (predicted %s)", words,
                              number_text_rounded((double)predicted->number, arena))
               : words;
}

static const char *ms_words(const struct advice_item *item, const char *words, struct arena *arena)
{
    const struct report_value *measured = &item->measured_ms, *predicted = &item->predicted_ms;
    const struct report_value *said = measured->is_present ? measured : predicted;
    if (!said->is_present)
        return words;
    const char *more = arena_format(arena, "%.1f ms %s", fabs(said->real),
                                    said->real >= 0 ? "less" : "more");
    return join(arena, words,
                measured->is_present && predicted->is_present
                    ? arena_format(arena, "%s (predicted %.1f)", more, predicted->real)
                    : more);
}

void advice_tell(const struct advice *advice, struct report *report)
{
    struct arena *arena = report->arena;
    const struct advice_item **items = sorted(advice, arena);
    for (size_t i = 0; i < advice->count && i < TOLD_MAX; i++) {
        const struct advice_item *item = items[i];
        const char *words = ms_words(item, bytes_words(item, arena), arena);
        if (item->flash_bytes.is_present)
            words = join(
                arena, words,
                arena_format(arena, "%s bytes of flash",
                             number_text_rounded((double)item->flash_bytes.number, arena)));
        report_add_note(report, REPORT_FINDING, "%s%s. Check: %s", item->what, words, item->check);
        if (item->command)
            report_set_command(report, item->command);
    }
}
