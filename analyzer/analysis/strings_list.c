// strings_list.c: writes and judges preload lists.

#include "analyzer/analysis/strings_list.h"

#include <assert.h>
#include <inttypes.h>

#include "analyzer/analysis/strings_choose.h"
#include "analyzer/base/lua_literal.h"

#define LINE_COLUMNS 96u

// ---- writing ----

// A path in a comment must not end it.
static void put_comment_text(FILE *out, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++)
        fputc((uint8_t)text.data[i] < 0x20 ? '?' : text.data[i], out);
}

static void put_head(const struct strings *strings, const struct strings_list *list,
                     const char *what, FILE *out)
{
    const struct heap_profile *profile = strings->profile;
    fprintf(out, "-- dummy_strings.lua: %s\n--\n", what);
    fputs("-- Never called: as constants of an LFS module these strings lie in flash and need no "
          "RAM.\n",
          out);
    fprintf(out, "-- Made by frost %s from\n", FROST_VERSION);
    for (uint32_t i = 0; i < profile->run_count; i++) {
        const struct heap_run *run = &profile->runs[i];
        fputs("--   ", out);
        put_comment_text(out, run->name);
        for (uint32_t k = 0; k < run->image_count; k++)
            fprintf(out, "%s image CRC 0x%08" PRIx32, k ? "," : ":", run->images[k].crc);
        fputc('\n', out);
    }
    if (profile->is_stock)
        fputs("-- From stock firmware, which cannot tell what came from input: read it before you "
              "use it.\n",
              out);
    fprintf(out,
            "-- %" PRIu32 " strings, %" PRIu64 " characters; %" PRIu64
            " bytes of flash (%" PRIu64 " if built by luac.cross).\n",
            list->count, list->text_bytes, list->flash_bytes, list->stock_flash_bytes);
    fprintf(out,
            "-- Predicted: %" PRId64 " bytes of RAM less at the highest point (%" PRIu64
            " -> %" PRIu64 ").\n",
            list->saved_bytes, list->peak_bytes + (uint64_t)list->saved_bytes, list->peak_bytes);
}

// One statement: its strings, several a line.
static void put_statement(const struct strings *strings, const uint32_t *texts, uint32_t count,
                          struct arena *scratch, FILE *out)
{
    size_t column = 0;
    fputs("do local preload =", out);
    for (uint32_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(scratch);
        struct text literal =
            lua_literal_quote(scratch, strings->profile->texts.items[texts[i]].content);
        if (i == 0 || column + literal.bytes + 2 > LINE_COLUMNS) {
            fputs("\n    ", out);
            column = 4;
        } else {
            fputc(' ', out);
            column++;
        }
        fwrite(literal.data, 1, literal.bytes, out);
        fputs(i + 1 < count ? "," : "", out);
        column += literal.bytes + 1;
        arena_rewind(scratch, mark);
    }
    fputs("\nend\n", out);
}

void strings_list_write(const struct strings *strings, const struct strings_list *list,
                        const char *what, struct arena *scratch, FILE *out)
{
    put_head(strings, list, what, out);
    if (!list->is_plain)
        fputs("do return end -- frost luac leaves out what follows, but not its strings\n", out);
    for (uint32_t i = 0; i < list->count; i += STRINGS_PER_STATEMENT) {
        uint32_t left = list->count - i;
        put_statement(strings, list->texts + i,
                      left < STRINGS_PER_STATEMENT ? left : STRINGS_PER_STATEMENT, scratch, out);
    }
}

// ---- judging ----

const char *strings_finding_name(unsigned finding)
{
    static const char *const names[] = {
        "good", "not at the peak", "never a string", "in flash anyway",
        "read byte by byte", "not in every run", "twice in the list", "from input",
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
    struct strings_sim *sim = strings_sim_create(strings->profile, arena);
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
