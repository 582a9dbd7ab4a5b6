// lint_strings.c: texts that a recorded program made in RAM again and again.
//
// Each time is an allocation, and in the mode ALWAYS of stock firmware a collection before it. A
// text that lies in flash is found there instead, whoever makes it. Texts of what the program was
// given are no finding, since the next run has others.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "analyzer/base/lua_literal.h"

#define BIRTHS_MIN 32u // of a text that is told
#define FINDINGS_MAX 20u
#define TEXT_SHOWN_MAX 40u

struct repeated {
    const struct heap_text *text;
    uint64_t bytes; // of all blocks that were made of it
};

static int compare(const void *x, const void *y)
{
    const struct repeated *a = x, *b = y;
    if (a->text->births != b->text->births)
        return a->text->births > b->text->births ? -1 : 1;
    if (a->text->bytes != b->text->bytes)
        return a->text->bytes > b->text->bytes ? -1 : 1;
    return text_compare(a->text->content, b->text->content);
}

static bool is_told(const struct heap_profile *profile, const struct heap_text *text)
{
    unsigned sources = text_sources_of(&text->sources, !profile->lacks_sources);
    bool is_program = profile->lacks_sources ? !text_sources_are_private(sources)
                                             : trace_origin_is_program(sources);
    return !text->is_dropped && !text->is_excluded && text->births >= BIRTHS_MIN && is_program &&
           text->bytes > 0 && text->content.bytes == text->bytes;
}

// The source of a line as the user names it: a unit whose path ends with the chunk's name.
static struct text path_of(const struct lint *lint, struct text source)
{
    for (size_t i = 0; i < lint->unit_count; i++) {
        struct text path = text_of(lint->units[i].path);
        size_t before = path.bytes - source.bytes;
        if (source.bytes && path.bytes >= source.bytes &&
            memcmp(path.data + before, source.data, source.bytes) == 0 &&
            (before == 0 || path.data[before - 1] == '/'))
            return path;
    }
    return source.bytes ? source : text_of("(no Lua function)");
}

static void tell(struct lint *lint, const struct heap_profile *profile,
                 const struct repeated *repeated)
{
    const struct heap_text *text = repeated->text;
    const struct heap_text_site *most = heap_text_main_site(text);
    const struct site *site = &profile->names.items[most ? most->site : SITE_NOWHERE];
    struct text shown = text->content;
    if (shown.bytes > TEXT_SHOWN_MAX)
        shown.bytes = TEXT_SHOWN_MAX;
    struct text quoted = lua_literal_quote(lint->arena, shown);
    const char *by = site->function.bytes
                         ? arena_format(lint->arena, " (%.*s)", TEXT_ARGS(site->function))
                         : "";
    bool is_one_of_many = !most ||
                          text->site_births_other > most->births; // of which some are known
    const char *share = is_one_of_many
                            ? "by many lines, of which this is one"
                            : arena_format(lint->arena, "%" PRIu64 " of them here", most->births);
    lint_add(lint, LINT_REPEATED, path_of(lint, site->source), (int32_t)site->line,
             "give it a place in flash, as a literal of a module of the image (dummy_strings.lua), "
             "where it is found instead of made; or keep it in a local",
             "%.*s%s is made in RAM %" PRIu64 " times, %s%s: allocations of %" PRIu64
             " bytes in all, each a collection in the mode ALWAYS",
             TEXT_ARGS(quoted), shown.bytes < text->bytes ? "..." : "", text->births, share, by,
             repeated->bytes);
}

void lint_add_trace(struct lint *lint, const struct heap_profile *profile)
{
    struct repeated *items = ARENA_NEW_ARRAY(lint->arena, struct repeated, profile->texts.count);
    size_t count = 0;
    for (uint32_t i = 0; i < profile->texts.count; i++) {
        const struct heap_text *text = &profile->texts.items[i];
        if (is_told(profile, text))
            items[count++] = (struct repeated){text, text->births * heap_string_bytes(text->bytes)};
    }
    if (count)
        qsort(items, count, sizeof *items, compare);
    for (size_t i = 0; i < count && i < FINDINGS_MAX; i++)
        tell(lint, profile, &items[i]);
}
