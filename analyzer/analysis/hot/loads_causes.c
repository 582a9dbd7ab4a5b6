// loads_causes.c: what sub-word reads of flash are for: events tell the causes, the chip the loads.
//
// Stock firmware's loads are the model's, from the same events. The chip's are counted: each load
// belongs to what the runtime told of the same object at the same Lua line; where it told several
// things, they share in the ratio of their counts. Loads of the firmware's own constants, of the
// start (no Lua line yet) and those that no event explains have rows of their own.

#include <assert.h>
#include <stdlib.h>

#include "analyzer/analysis/hot/hot_words.h"
#include "analyzer/analysis/hot/loads.h"

enum {
    CAUSE_CONSTANTS = HOT_LOAD_FIRST, // after the kinds of events
    CAUSE_START,
    CAUSE_REST,
    CAUSE_COUNT
};

struct causes {
    const struct hot *hot;
    struct arena *arena;
    uint64_t counts[CAUSE_COUNT]; // characters, events
    double stock[CAUSE_COUNT];    // loads by the model
    double chip[CAUSE_COUNT];     // loads
};

// ---- events of an object at a line ----

struct event_key {
    uint32_t object, line, cell;
};

static int compare_keys(const void *a, const void *b)
{
    const struct event_key *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

static uint32_t line_of(const struct hot *hot, const struct hot_cell *cell)
{
    return hot->sites.items[cell->site].line_idx;
}

// Visits of the collector have no line: they are not looked for by line.
static size_t collect_events(const struct hot *hot, struct event_key *keys)
{
    size_t count = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (!hot_is_load(cell->what) && !hot_is_visit(cell->what) && cell->place == HOT_FLASH)
            keys[count++] = (struct event_key){cell->object, line_of(hot, cell), i};
    }
    if (count)
        qsort(keys, count, sizeof *keys, compare_keys);
    return count;
}

static double stock_loads(const struct hot *hot, const struct hot_cell *cell)
{
    return (double)cell->count * hot->weights[HOT_MODEL].loads[cell->what];
}

// How much of the loads of an object at a line an event explains: a character is one, also where
// the model has none for it (hashing).
static double weight_of(const struct hot *hot, const struct hot_cell *cell)
{
    return hot_is_content(cell->what) ? (double)cell->count : stock_loads(hot, cell);
}

static bool is_firmware(const struct hot *hot, const struct hot_cell *cell)
{
    return hot->objects.items[cell->object].kind >= HOT_OBJECT_C_TEXT;
}

static void share_load(struct causes *causes, const struct event_key *keys, size_t key_count,
                       const struct hot_cell *load)
{
    const struct hot *hot = causes->hot;
    struct event_key wanted = {load->object, line_of(hot, load), 0};
    size_t low = 0, high = key_count;
    double sum = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(&keys[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    for (; end < key_count && keys[end].object == wanted.object && keys[end].line == wanted.line;
         end++)
        sum += weight_of(hot, &hot->cells[keys[end].cell]);
    if (sum <= 0) {
        causes->chip[CAUSE_REST] += (double)load->count;
        return;
    }
    for (size_t i = low; i < end; i++) {
        const struct hot_cell *cell = &hot->cells[keys[i].cell];
        causes->chip[cell->what] += (double)load->count * weight_of(hot, cell) / sum;
    }
}

static void find_causes(struct causes *causes)
{
    const struct hot *hot = causes->hot;
    struct event_key *keys = ARENA_NEW_ARRAY(causes->arena, struct event_key, hot->cell_count + 1);
    size_t key_count = collect_events(hot, keys);
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        if (!hot_is_load(cell->what) && cell->place == HOT_FLASH) {
            causes->counts[cell->what] += cell->count;
            causes->stock[cell->what] += stock_loads(hot, cell);
        } else if (hot_is_narrow(cell->what)) {
            if (is_firmware(hot, cell))
                causes->chip[CAUSE_CONSTANTS] += (double)cell->count;
            else if (cell->site == SITE_NOWHERE)
                causes->chip[CAUSE_START] += (double)cell->count;
            else
                share_load(causes, keys, key_count, cell);
        }
    }
}

// ---- the table ----

static const char *cause_name(unsigned cause)
{
    static const char *const more[] = {"constants of the firmware's C code",
                                       "start, before any Lua line", "rest"};
    return cause < CAUSE_CONSTANTS ? hot_what_name(cause) : more[cause - CAUSE_CONSTANTS];
}

static int compare_causes(const void *a, const void *b, void *context)
{
    const struct causes *causes = context;
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    double here = causes->stock[x] + causes->chip[x], there = causes->stock[y] + causes->chip[y];
    if (here != there)
        return here > there ? -1 : 1;
    return (x > y) - (x < y);
}

struct cause_row {
    const char *cause;
    struct report_value count;
    double stock, stock_per_1000, chip, chip_per_1000;
};

static const struct report_column cause_columns[] = {
    {"cause", "cause", "", REPORT_KEY, REPORT_AT(cause_row, cause)},
    {"count", "count", "", REPORT_SUMMED, REPORT_AT(cause_row, count)},
    {"stock_loads", "stock", "loads", REPORT_SUMMED, REPORT_AT(cause_row, stock)},
    {"stock_per_1000", "per 1,000", "", REPORT_SUMMED, REPORT_AT(cause_row, stock_per_1000),
     .decimals = 2},
    {"chip_loads", "chip", "loads", REPORT_SUMMED, REPORT_AT(cause_row, chip)},
    {"chip_per_1000", "per 1,000", "", REPORT_SUMMED, REPORT_AT(cause_row, chip_per_1000),
     .decimals = 2},
};

static void add_table(const struct causes *causes, struct report *report)
{
    const struct hot *hot = causes->hot;
    uint64_t instructions = 0;
    double stock = 0, chip = 0;
    unsigned order[CAUSE_COUNT], count = 0;
    for (uint32_t i = 0; i < hot->run_count; i++)
        instructions += hot->runs[i].instructions;
    double per = instructions ? 1000.0 / (double)instructions : 0;
    for (unsigned i = 0; i < CAUSE_COUNT; i++)
        if (causes->counts[i] || causes->chip[i] > 0)
            order[count++] = i;
    qsort_r(order, count, sizeof *order, compare_causes, (void *)causes);
    struct report_table *table = REPORT_ADD_TABLE(
        report, "causes", "Sub-word reads of flash by cause, per 1,000 VM instructions",
        cause_columns);
    table->explanation = "stock: NodeMCU's by the model, from this run's events; chip: counted";
    for (unsigned i = 0; i < count; i++) {
        double stock_here = causes->stock[order[i]], chip_here = causes->chip[order[i]];
        struct cause_row row = {cause_name(order[i]), {0},       stock_here,
                                stock_here * per,     chip_here, chip_here * per};
        if (order[i] < CAUSE_CONSTANTS)
            row.count = report_number((int64_t)causes->counts[order[i]]);
        report_add_row(table, NULL, &row);
        stock += stock_here;
        chip += chip_here;
    }
    report_add_sum(table);
    report_add_real(report, "stock_per_1000", "stock: sub-word reads per 1,000 VM instructions",
                    "loads", 2, stock * per);
    report_add_real(report, "chip_per_1000", "chip: the same, counted", "loads", 2, chip * per);
    report_add_number(report, "chip_narrow_loads", "chip: sub-word loads from flash", "loads",
                      (int64_t)(chip + 0.5));
}

// ---- do events and loads agree? ----

// Kinds that C code reads one by one. The others go through functions for blocks (memcpy, memcmp,
// memchr, the console), which read words on the chip whatever the compiler does.
static bool is_one_by_one(unsigned what)
{
    switch (what) {
    case CONTENT_FIND_PLAIN:
    case CONTENT_SUB:
    case CONTENT_REP:
    case CONTENT_CONCAT:
    case CONTENT_PRINT:
    case CONTENT_COMPARE:
    case CONTENT_HASH:
        return false;
    default:
        return hot_is_content(what);
    }
}

struct agreement {
    uint32_t key;
    uint32_t cell; // of the most characters or loads
    uint64_t characters, loads;
    uint32_t rank[2]; // by characters, by loads; 0: none
    struct text name; // of the line or object
};

static int compare_characters(const void *a, const void *b)
{
    const struct agreement *x = a, *y = b;
    if (x->characters != y->characters)
        return x->characters > y->characters ? -1 : 1;
    if (x->loads != y->loads)
        return x->loads > y->loads ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static int compare_loads(const void *a, const void *b)
{
    const struct agreement *x = a, *y = b;
    if (x->loads != y->loads)
        return x->loads > y->loads ? -1 : 1;
    return compare_characters(a, b);
}

static uint64_t amount(const struct agreement *one, unsigned by)
{
    return by ? one->loads : one->characters;
}

// Equal amounts have equal ranks.
static void set_ranks(struct agreement *items, size_t count, unsigned by)
{
    for (size_t i = 0; i < count; i++) {
        if (amount(&items[i], by) == 0)
            continue;
        bool is_equal = i && amount(&items[i - 1], by) == amount(&items[i], by);
        items[i].rank[by] = is_equal ? items[i - 1].rank[by] : (uint32_t)i + 1;
    }
}

// Strings and line tables of images, while Lua runs, by line or by object.
static size_t collect_agreement(const struct hot *hot, bool by_line, struct agreement *items,
                                size_t room)
{
    size_t count = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        const struct hot_cell *cell = &hot->cells[i];
        unsigned kind = hot->objects.items[cell->object].kind;
        bool is_text = kind == HOT_OBJECT_STRING || kind == HOT_OBJECT_LINES;
        uint32_t key = by_line ? line_of(hot, cell) : cell->object;
        if (!is_text || cell->place != HOT_FLASH || cell->site == SITE_NOWHERE)
            continue;
        assert(key < room);
        if (is_one_by_one(cell->what))
            items[key].characters += cell->count;
        else if (hot_is_narrow(cell->what))
            items[key].loads += cell->count;
        else
            continue;
        items[key].cell = i;
    }
    for (size_t key = 0; key < room; key++)
        if (items[key].characters || items[key].loads) {
            items[key].key = (uint32_t)key;
            items[count++] = items[key];
        }
    return count;
}

static void add_agreement(const struct hot *hot, const struct hot_view *view, bool by_line,
                          struct report *report)
{
    struct arena *arena = report->arena;
    size_t room = by_line ? hot->sites.line_count + 1 : hot->objects.count;
    struct agreement *items = ARENA_NEW_ARRAY(arena, struct agreement, room + 1);
    size_t count = collect_agreement(hot, by_line, items, room);
    if (count)
        qsort(items, count, sizeof *items, compare_loads);
    set_ranks(items, count, 1);
    if (count)
        qsort(items, count, sizeof *items, compare_characters);
    set_ranks(items, count, 0);
    struct report_column columns[] = {
        {"line", "line", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(agreement, name)},
        {"characters", "by events", "characters", 0, REPORT_AT(agreement, characters)},
        {"loads", "by the chip", "loads", 0, REPORT_AT(agreement, loads)},
        {"rank_events", "rank", "", REPORT_BLANK_ZERO, REPORT_AT(agreement, rank[0])},
        {"rank_loads", "rank", "", REPORT_BLANK_ZERO, REPORT_AT(agreement, rank[1])},
    };
    if (!by_line)
        columns[0].name = columns[0].title = "object";
    struct report_table *table =
        by_line
            ? REPORT_ADD_TABLE(report, "agreement_lines",
                               "Characters by events against sub-word loads, by Lua line", columns)
            : REPORT_ADD_TABLE(report, "agreement_objects",
                               "Characters by events against sub-word loads, by object", columns);
    table->explanation = "strings of images, while Lua runs; without what is read by blocks (sub, "
                         "rep, concat, compare, plain find, print)";
    for (size_t i = 0; i < count && i < HOT_ROWS_MAX; i++) {
        const struct hot_cell *cell = &hot->cells[items[i].cell];
        items[i].name = by_line ? site_line_name(arena, &hot->sites.items[cell->site])
                                : hot_object_words(hot, cell->object, view->hides_text, arena);
        report_add_row(table, NULL, &items[i]);
    }
}

void loads_fill_causes(const struct hot *hot, const struct hot_view *view, struct report *report)
{
    struct causes causes = {.hot = hot, .arena = report->arena};
    find_causes(&causes);
    add_table(&causes, report);
    double narrow = 0;
    for (unsigned i = 0; i < CAUSE_CONSTANTS; i++)
        narrow += causes.chip[i];
    if (narrow + causes.chip[CAUSE_REST] <= 0)
        return; // the chip reads words: there is nothing to compare
    add_agreement(hot, view, true, report);
    add_agreement(hot, view, false, report);
}
