// lint_fix.c: exchanges literals.

#include "analyzer/analysis/lint/lint_fix.h"

#include <ctype.h>
#include <string.h>

#include "analyzer/base/lua_literal.h"

#define LITERALS_MAX 200u // of a source

static bool is_named(const struct lint *lint, struct text literal)
{
    for (size_t i = 0; i < lint->finding_count; i++)
        if (literal.bytes && text_is_equal(lint->findings[i].literal, literal))
            return true;
    return false;
}

// Where to cut it: near the middle, and so that no part is another text that must not be in flash.
static size_t cut_of(const struct lint *lint, struct text literal)
{
    size_t half = literal.bytes / 2;
    for (size_t i = 0; i < literal.bytes; i++) {
        size_t at = i % 2 ? half - (i + 1) / 2 : half + i / 2; // below 0 it is a large number
        if (at > 0 && at < literal.bytes && !is_named(lint, (struct text){literal.data, at}) &&
            !is_named(lint, (struct text){literal.data + at, literal.bytes - at}))
            return at;
    }
    return half;
}

// Would a parenthesis here be read as a call of what stands on a line before?
static bool is_ambiguous(struct text source, size_t off)
{
    bool is_new_line = false;
    while (off > 0 && isspace((unsigned char)source.data[off - 1]))
        is_new_line |= source.data[--off] == '\n';
    return is_new_line && off > 0 && !strchr("{,=(.;", source.data[off - 1]);
}

static struct text append(struct arena *arena, struct text all, const char *data, size_t bytes)
{
    char *grown = arena_grow_array(arena, all.data, all.bytes, all.bytes + bytes + 1, 1);
    memcpy(grown + all.bytes, data, bytes);
    return (struct text){grown, all.bytes + bytes};
}

// A name that the source does not have.
static const char *free_name(struct arena *arena, struct text source)
{
    const char *name = "frost_texts";
    while (memmem(source.data, source.bytes, name, strlen(name)))
        name = arena_format(arena, "%s_", name);
    return name;
}

// Where the first statement may stand: not in a line for the shell.
static size_t first_statement(struct text source)
{
    size_t at = 0;
    while (source.bytes && source.data[0] == '#' && at < source.bytes && source.data[at] != '\n')
        at++;
    return at < source.bytes && source.data[at] == '\n' ? at + 1 : at;
}

// The texts that are made at run time, each once.
struct made {
    struct text items[LITERALS_MAX];
    size_t count;
};

// Number from 1, 0: there are too many.
static size_t number_of(struct made *made, struct text literal)
{
    size_t i = 0;
    while (i < made->count && !text_is_equal(made->items[i], literal))
        i++;
    if (i == LITERALS_MAX)
        return 0;
    if (i == made->count)
        made->items[made->count++] = literal;
    return i + 1;
}

static const char *declaration(const struct lint *lint, const struct made *made, const char *name)
{
    const char *words = arena_format(lint->arena, "local %s = {", name);
    for (size_t i = 0; i < made->count; i++)
        words = arena_format(
            lint->arena, "%s%s%s", words, i ? ", " : "",
            lua_literal_split(lint->arena, made->items[i], cut_of(lint, made->items[i])));
    return arena_format(lint->arena, "%s}; ", words);
}

size_t lint_fix_source(const struct lint *lint, const struct lint_unit *unit, struct text *mended)
{
    struct lua_scan scan;
    struct lua_literal literal;
    struct problem problem = {0};
    struct made made = {.count = 0};
    struct text source = unit->source, rest = text_of("");
    size_t count = 0, taken = first_statement(source);
    const char *name = free_name(lint->arena, source);
    struct text head = append(lint->arena, text_of(""), source.data, taken);
    lua_scan_init(&scan, lint->arena, text_of(unit->path), source);
    while (lua_scan_next(&scan, &literal, &problem) > 0) {
        size_t number = literal.off >= taken && is_named(lint, literal.bytes) &&
                                !is_ambiguous(source, literal.off)
                            ? number_of(&made, literal.bytes)
                            : 0;
        if (!number)
            continue;
        const char *words = arena_format(lint->arena, "(%s[%zu])", name, number);
        rest = append(lint->arena, rest, source.data + taken, literal.off - taken);
        rest = append(lint->arena, rest, words, strlen(words));
        taken = scan.off;
        count++;
    }
    if (!count)
        return 0;
    rest = append(lint->arena, rest, source.data + taken, source.bytes - taken);
    const char *words = declaration(lint, &made, name);
    *mended = append(lint->arena, append(lint->arena, head, words, strlen(words)), rest.data,
                     rest.bytes);
    return count;
}
