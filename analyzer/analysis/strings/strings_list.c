// strings_list.c: judges preload lists.

#include "analyzer/analysis/strings/strings_list.h"

#include <assert.h>
#include <inttypes.h>

#include "analyzer/analysis/strings/strings_choose.h"
#include "analyzer/base/lua_literal.h"

const char *strings_finding_name(unsigned finding)
{
    static const char *const names[] = {
        "good",
        "not at the peak",
        "never a string",
        "in flash anyway",
        "read byte by byte",
        "not in every run",
        "twice in the list",
        "from input",
        "run-time data",
    };
    _Static_assert(sizeof names / sizeof *names == STRINGS_FINDING_COUNT, "a name for each");
    return finding < STRINGS_FINDING_COUNT ? names[finding] : "?";
}

static enum strings_finding judge(const struct strings *strings, uint32_t idx)
{
    const struct heap_text *text = &strings->profile->texts.items[idx];
    switch (strings->verdicts[idx]) {
    case STRINGS_IN_FLASH:
        return STRINGS_FINDING_IN_FLASH;
    case STRINGS_COSTLY:
        return STRINGS_FINDING_COSTLY;
    case STRINGS_UNSTABLE:
        return STRINGS_FINDING_UNSTABLE;
    case STRINGS_INPUT:
        return STRINGS_FINDING_INPUT;
    case STRINGS_RUNTIME:
        return STRINGS_FINDING_RUNTIME;
    case STRINGS_CHOSEN:
        return STRINGS_FINDING_GOOD;
    default:
        return heap_lives_at(strings->profile, text, HEAP_MOMENT_PEAK) ? STRINGS_FINDING_GOOD
                                                                       : STRINGS_FINDING_IDLE;
    }
}

static bool stands_before(const struct strings_check *check, struct text bytes)
{
    for (uint32_t i = 0; i < check->count; i++)
        if (text_is_equal(check->items[i].bytes, bytes))
            return true;
    return false;
}

// The same string may be given with any of its texts' hashes: the trace's hash decides.
static void add_item(const struct strings *strings, struct strings_check *check,
                     const struct lua_literal *literal)
{
    struct strings_checked item = {.bytes = literal->bytes, .line = literal->line};
    item.text = heap_texts_find(&strings->profile->texts,
                                trace_text_hash(literal->bytes.data, literal->bytes.bytes),
                                (uint32_t)literal->bytes.bytes);
    item.flash_bytes = strings_flash_item((uint32_t)literal->bytes.bytes);
    if (stands_before(check, literal->bytes)) {
        item.finding = STRINGS_FINDING_TWICE;
        item.flash_bytes = strings->flash.value_bytes + 4;
    } else if (item.text == HEAP_NO_TEXT) {
        item.finding = STRINGS_FINDING_UNUSED;
    } else {
        item.finding = judge(strings, item.text);
        if (item.finding == STRINGS_FINDING_IN_FLASH)
            item.flash_bytes = strings->flash.value_bytes + 4;
        check->list.texts[check->list.count++] = item.text;
    }
    if (item.finding != STRINGS_FINDING_GOOD && item.finding != STRINGS_FINDING_COSTLY)
        check->wasted_flash_bytes += item.flash_bytes;
    check->by_finding[item.finding]++;
    check->items[check->count++] = item;
}

static void find_missing(const struct strings *strings, struct strings_check *check,
                         struct arena *arena)
{
    check->missing = ARENA_NEW_ARRAY(arena, uint32_t, strings->chosen.count);
    for (uint32_t i = 0; i < strings->chosen.count; i++) {
        uint32_t idx = strings->chosen.texts[i];
        if (!stands_before(check, strings->profile->texts.items[idx].content))
            check->missing[check->missing_count++] = idx;
    }
}

int strings_list_check(const struct strings *strings, struct text file, struct text source,
                       struct arena *arena, struct strings_check *check, struct problem *problem)
{
    struct lua_scan scan;
    struct lua_literal literal;
    int more;
    uint32_t room = 64;
    *check = (struct strings_check){.items = ARENA_NEW_ARRAY(arena, struct strings_checked, room)};
    check->list.texts = ARENA_NEW_ARRAY(arena, uint32_t, strings->profile->texts.count);
    lua_scan_init(&scan, arena, file, source);
    while ((more = lua_scan_next(&scan, &literal, problem)) > 0) {
        if (check->count == room) {
            check->items = arena_grow_array(arena, check->items, room, room * 2,
                                            sizeof *check->items);
            room *= 2;
        }
        add_item(strings, check, &literal);
    }
    if (more < 0)
        return more;
    find_missing(strings, check, arena);
    struct strings_sim *sim = strings_sim_create(strings->profile, strings->record, NULL, arena);
    uint32_t set = strings_sim_add(sim, check->list.texts, check->list.count);
    int status = strings_sim_run(sim, problem);
    if (status != STATUS_OK)
        return status;
    strings_list_measure(strings, &check->list);
    check->list.saved_bytes = strings_sim_saving(sim, set);
    check->list.peak_bytes = sim->peaks[set].bytes;
    check->list.table_slots = sim->peaks[set].table_slots;
    return STATUS_OK;
}
