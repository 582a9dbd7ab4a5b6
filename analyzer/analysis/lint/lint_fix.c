// lint_fix.c: exchanges literals.

#include "analyzer/analysis/lint/lint_fix.h"

#include <ctype.h>
#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "analyzer/base/lua_literal.h"

static bool is_named(const struct lint *lint, struct text literal)
{
    for (size_t i = 0; i < lint->finding_count; i++)
        if (literal.bytes && text_is_equal(lint->findings[i].literal, literal))
            return true;
    return false;
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

size_t lint_fix_source(const struct lint *lint, const struct lint_unit *unit, struct text *mended)
{
    struct lua_scan scan;
    struct lua_literal literal;
    struct problem problem = {0};
    struct text all = text_of("");
    size_t count = 0, taken = 0;
    lua_scan_init(&scan, lint->arena, text_of(unit->path), unit->source);
    while (lua_scan_next(&scan, &literal, &problem) > 0) {
        if (!is_named(lint, literal.bytes) || is_ambiguous(unit->source, literal.off))
            continue;
        const char *words = arena_format(lint->arena, "(%s)",
                                         lint_pattern_expression(lint->arena, literal.bytes));
        all = append(lint->arena, all, unit->source.data + taken, literal.off - taken);
        all = append(lint->arena, all, words, strlen(words));
        taken = scan.off;
        count++;
    }
    if (count)
        *mended = append(lint->arena, all, unit->source.data + taken, unit->source.bytes - taken);
    return count;
}
