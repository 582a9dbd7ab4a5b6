// strings_write.c: writes a list as Lua.
//
// By source and module, one string a line, in an order that depends on the texts alone: a list of
// other runs differs in few lines.

#include <assert.h>
#include <inttypes.h>

#include "analyzer/analysis/strings/strings_groups.h"
#include "analyzer/analysis/strings/strings_list.h"
#include "analyzer/base/lua_literal.h"
#include "runtime/format/version.h"

#define LINE_COLUMNS 96u

struct writer {
    const struct strings *strings;
    struct arena *scratch;
    FILE *out;
};

static const struct heap_text *text_at(const struct strings *strings, uint32_t idx)
{
    return &strings->profile->texts.items[idx];
}

// ---- the head ----

// A path in a comment must not end it.
static void put_comment_text(FILE *out, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++)
        fputc((uint8_t)text.data[i] < 0x20 ? '?' : text.data[i], out);
}

static void put_runs(const struct strings *strings, FILE *out)
{
    const struct heap_profile *profile = strings->profile;
    fprintf(out, "-- Made by frost %s from\n", FROST_VERSION);
    for (uint32_t i = 0; i < profile->run_count; i++) {
        const struct heap_run *run = &profile->runs[i];
        fputs("--   ", out);
        put_comment_text(out, run->name);
        for (uint32_t k = 0; k < run->image_count; k++)
            fprintf(out, "%s image CRC 0x%08" PRIx32, k ? "," : ":", run->images[k].crc);
        fputc('\n', out);
    }
    if (profile->lacks_sources)
        fprintf(out,
                "-- %s cannot tell where a text comes from: there may be data of the run\n"
                "-- in it, passwords too. Read it before you use it.\n",
                profile->is_stock ? "Stock firmware" : "A trace of another version");
}

static void put_head(const struct strings *strings, const struct strings_list *list,
                     const char *what, FILE *out)
{
    fprintf(out, "-- dummy_strings.lua: %s\n--\n", what);
    fputs("-- Never called: as constants of an LFS module these strings lie in flash and need no "
          "RAM.\n",
          out);
    put_runs(strings, out);
    if (strings->remake) {
        fputs("-- Made again by: ", out);
        put_comment_text(out, text_of(strings->remake));
        fputc('\n', out);
    }
    fprintf(out,
            "-- %" PRIu32 " strings, %" PRIu64 " characters; %" PRIu64 " bytes of flash (%" PRIu64
            " if built by luac.cross).\n",
            list->count, list->text_bytes, list->flash_bytes, list->stock_flash_bytes);
    if (list == &strings->chosen && strings->flash.keeps_slots && strings->vector.growth_bytes)
        fprintf(out,
                "-- Image made with frost luac --hash-slots=%" PRIu32
                ", an option that luac.cross does not have.\n",
                strings->vector.slots);
    fprintf(out,
            "-- Predicted: %" PRId64 " bytes of RAM less at the highest point (%" PRIu64
            " -> %" PRIu64 ").\n",
            list->saved_bytes, list->peak_bytes + (uint64_t)list->saved_bytes, list->peak_bytes);
    if (list == &strings->chosen && strings_least_saved(strings) != list->saved_bytes)
        fprintf(out,
                "-- In each of the runs, each against its own highest point: at least %" PRId64
                ".\n",
                strings_least_saved(strings));
    if (strings->is_judged && !list->is_plain)
        fprintf(out, "-- Held out: %" PRId64 " bytes less in a run that it was not chosen from.\n",
                strings->held_out_bytes);
}

// ---- strings as they come ----

// One statement: its strings, several a line.
static void put_statement(const struct writer *w, const uint32_t *texts, uint32_t count)
{
    size_t column = 0;
    fputs("do local preload =", w->out);
    for (uint32_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(w->scratch);
        struct text literal = lua_literal_quote(w->scratch, text_at(w->strings, texts[i])->content);
        if (i == 0 || column + literal.bytes + 2 > LINE_COLUMNS) {
            fputs("\n    ", w->out);
            column = 4;
        } else {
            fputc(' ', w->out);
            column++;
        }
        fwrite(literal.data, 1, literal.bytes, w->out);
        fputs(i + 1 < count ? "," : "", w->out);
        column += literal.bytes + 1;
        arena_rewind(w->scratch, mark);
    }
    fputs("\nend\n", w->out);
}

static void put_plain(const struct writer *w, const struct strings_list *list)
{
    for (uint32_t i = 0; i < list->count; i += STRINGS_PER_STATEMENT) {
        uint32_t left = list->count - i;
        put_statement(w, list->texts + i,
                      left < STRINGS_PER_STATEMENT ? left : STRINGS_PER_STATEMENT);
    }
}

// ---- groups ----

// "device in json.lua: 3 strings, 120 bytes of RAM at the highest point, 128 of flash, in all 3
// runs"
static void put_group_name(const struct writer *w, const struct strings_entry *first,
                           uint32_t count)
{
    const struct heap_profile *profile = w->strings->profile;
    uint64_t ram_bytes = 0, flash_bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (heap_lives_at(profile, first[i].text, HEAP_MOMENT_PEAK))
            ram_bytes += heap_string_bytes(first[i].text->bytes);
        flash_bytes += strings_flash_item(first[i].text->bytes);
    }
    fputs("-- ", w->out);
    put_comment_text(w->out, strings_sources_text(w->scratch, first->sources));
    if (first->site && first->site->source.bytes) {
        fputs(" in ", w->out);
        put_comment_text(w->out, first->site->source);
    }
    fprintf(w->out,
            ": %" PRIu32 " %s, %" PRIu64 " bytes of RAM at the highest point, %" PRIu64 " of flash",
            count, count == 1 ? "string" : "strings", ram_bytes, flash_bytes);
    // A list takes nothing else.
    if (profile->run_count > 1)
        fprintf(w->out, ", in all %" PRIu32 " runs", profile->run_count);
    fputc('\n', w->out);
}

// Behind a string, where there is room: the line that makes it, its bytes of RAM.
static void put_note(const struct writer *w, const struct strings_entry *entry, size_t column)
{
    char note[128];
    if (!entry->site || !entry->site->source.bytes || !entry->site->line)
        return;
    int bytes = snprintf(note, sizeof note, " -- line %" PRIu32 ", %" PRIu64 " bytes",
                         entry->site->line, heap_string_bytes(entry->text->bytes));
    if (column + (size_t)bytes <= LINE_COLUMNS)
        fputs(note, w->out);
}

static void put_group(const struct writer *w, const struct strings_entry *first, uint32_t count)
{
    put_group_name(w, first, count);
    for (uint32_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(w->scratch);
        struct text literal = lua_literal_quote(w->scratch, first[i].text->content);
        bool is_first = i % STRINGS_PER_STATEMENT == 0;
        bool is_last = i + 1 == count || (i + 1) % STRINGS_PER_STATEMENT == 0;
        if (is_first)
            fputs("do local preload =\n", w->out);
        fprintf(w->out, "    %.*s%s", TEXT_ARGS(literal), is_last ? "" : ",");
        put_note(w, &first[i], literal.bytes + 5);
        fputs(is_last ? "\nend\n" : "\n", w->out);
        arena_rewind(w->scratch, mark);
    }
}

// What a person has added or taken out.
static void put_own(const struct writer *w, const struct strings_own *own)
{
    if (own->added_count)
        fputs("-- your own: kept by --update\n", w->out);
    for (uint32_t i = 0; i < own->added_count; i++)
        fprintf(w->out, "do local preload = %.*s end -- own\n",
                TEXT_ARGS(lua_literal_quote(w->scratch, own->added[i])));
    if (own->removed_count)
        fputs("-- left out by you: kept by --update\n", w->out);
    for (uint32_t i = 0; i < own->removed_count; i++)
        fprintf(w->out, "-- not %.*s\n", TEXT_ARGS(lua_literal_quote(w->scratch, own->removed[i])));
}

void strings_list_write(const struct strings *strings, const struct strings_list *list,
                        const char *what, struct arena *scratch, FILE *out)
{
    struct writer w = {strings, scratch, out};
    put_head(strings, list, what, out);
    if (list->is_plain) {
        put_plain(&w, list);
        return;
    }
    fputs("do return end -- frost luac leaves out what follows, but not its strings\n", out);
    uint32_t all = 0;
    struct strings_entry *entries = strings_entries(strings, list, true, scratch, &all);
    for (uint32_t i = 0, count; i < all; i += count) {
        count = 1;
        while (i + count < all && strings_is_same_group(&entries[i], &entries[i + count]))
            count++;
        put_group(&w, &entries[i], count);
    }
    if (strings->own)
        put_own(&w, strings->own);
}
