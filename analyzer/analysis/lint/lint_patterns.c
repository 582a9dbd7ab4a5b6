// lint_patterns.c: pattern strings that stock firmware would read byte by byte from flash.
//
// Source: nodemcu-firmware issue 3109: a pattern that merely exists in LFS makes string.find with
// it 5.5 times slower, also for code in RAM, because strings of equal text are one. A text that is
// made at run time stays in RAM as long as no module in flash holds it.

#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "analyzer/base/lua_literal.h"

#define TEXT_SHOWN_MAX 60u
#define HOLDERS_SHOWN_MAX 8u

// Where the pattern is among the arguments, and whether one without special characters counts.
static const struct {
    const char *name;
    unsigned argument;
    bool is_always_pattern;
} functions[] = {
    {"string.find", 1, false}, {":find", 1, false},        {"string.match", 1, true},
    {":match", 1, true},       {"string.gmatch", 1, true}, {":gmatch", 1, true},
    {"string.gsub", 1, true},  {":gsub", 1, true},         {"string.gfind", 1, true},
};

static bool has_special(struct text pattern)
{
    for (size_t i = 0; i < pattern.bytes; i++)
        if (pattern.data[i] && strchr("^$*+?.([%-", pattern.data[i]))
            return true;
    return false;
}

static struct text pattern_of(const struct image_call *call)
{
    for (size_t i = 0; call->is_call && i < sizeof functions / sizeof *functions; i++) {
        unsigned n = functions[i].argument;
        if (!text_is_equal(call->name, text_of(functions[i].name)) || call->argument_count <= n ||
            !call->arguments[n].bytes)
            continue;
        // find's fourth argument says that the text is none.
        bool is_plain = !functions[i].is_always_pattern &&
                        (call->argument_count > n + 2 || !has_special(call->arguments[n]));
        if (!is_plain)
            return call->arguments[n];
    }
    return (struct text){0};
}

// ---- who holds the literal ----

struct holders {
    struct text names[HOLDERS_SHOWN_MAX];
    size_t count;   // also of those that are not kept
    bool has_image; // one of them is no source
};

static void add_holder(struct holders *holders, struct text name)
{
    size_t kept = holders->count < HOLDERS_SHOWN_MAX ? holders->count : HOLDERS_SHOWN_MAX;
    if (!name.bytes)
        return; // what stays a file is no reason that the text is in flash
    for (size_t i = 0; i < kept; i++)
        if (text_is_equal(holders->names[i], name))
            return;
    if (holders->count < HOLDERS_SHOWN_MAX)
        holders->names[holders->count] = name;
    holders->count++;
}

static bool has_constant(const struct image_function *function, int32_t string)
{
    for (uint32_t i = 0; i < function->constant_count; i++)
        if (function->constants[i].tag == 4 && function->constants[i].string == string)
            return true;
    return false;
}

static void add_holders(struct holders *holders, const struct lint_unit *unit, struct text pattern)
{
    int32_t string = unit->image ? image_find_string(unit->image, pattern) : IMAGE_NONE;
    if (string < 0)
        return;
    if (unit->source.data) {
        add_holder(holders, text_of(unit->module));
        return;
    }
    // Functions may share a list of constants with others, so only that of one module tells.
    holders->has_image = true;
    int32_t module = unit->image->strings[string].module;
    if (module >= 0) {
        add_holder(holders, unit->image->modules[module].name);
        return;
    }
    for (uint32_t i = 0; i < unit->image->function_count; i++)
        if (has_constant(&unit->image->functions[i], string))
            add_holder(holders, lint_module(unit, (int32_t)i));
}

static const char *list_holders(struct arena *arena, const struct holders *holders)
{
    const char *list = "";
    size_t kept = holders->count < HOLDERS_SHOWN_MAX ? holders->count : HOLDERS_SHOWN_MAX;
    for (size_t i = 0; i < kept; i++)
        list = arena_format(arena, "%s%s%.*s", list, i ? ", " : "", TEXT_ARGS(holders->names[i]));
    if (holders->count > kept)
        list = arena_format(arena, "%s and %zu more", list, holders->count - kept);
    return list;
}

// ---- advice ----

static const char *advice(struct arena *arena, struct text pattern, const struct holders *holders)
{
    const char *all = holders->count > 1
                          ? arena_format(arena, " in all of %s", list_holders(arena, holders))
                          : "";
    if (pattern.bytes > TEXT_SHOWN_MAX)
        return arena_format(arena,
                            "make the text at run time from two parts%s: it lies in RAM then", all);
    return arena_format(arena, "make it at run time%s: local pattern = %s", all,
                        lua_literal_split(arena, pattern, pattern.bytes / 2));
}

// The same function with the same pattern earlier on the line. Each is told once.
static bool is_told(const struct lint_uses *uses, struct hash_table *told, uint32_t idx,
                    struct text pattern)
{
    const struct lint_use *use = &uses->items[idx];
    uint32_t key = hash_text(pattern) ^
                   hash_u64((uint64_t)use->name << 32 | (uint32_t)use->call.line),
             i;
    HASH_TABLE_EACH (told, key, i) {
        const struct lint_use *other = &uses->items[i];
        if (other->unit == use->unit && other->call.line == use->call.line &&
            other->name == use->name && text_is_equal(pattern_of(&other->call), pattern))
            return true;
    }
    hash_table_add(told, key, idx);
    return false;
}

void lint_patterns(struct lint *lint, const struct lint_uses *uses)
{
    struct hash_table told;
    hash_table_init(&told, lint->arena, 64);
    for (size_t i = 0; i < uses->count; i++) {
        const struct lint_use *use = &uses->items[i];
        struct text pattern = pattern_of(&use->call);
        struct holders holders = {.count = 0};
        if (!pattern.bytes || is_told(uses, &told, (uint32_t)i, pattern))
            continue;
        for (size_t k = 0; k < lint->unit_count; k++)
            add_holders(&holders, &lint->units[k], pattern);
        if (holders.count == 0)
            continue;
        struct text shown = pattern;
        if (shown.bytes > TEXT_SHOWN_MAX)
            shown.bytes = TEXT_SHOWN_MAX;
        struct text quoted = lua_literal_quote(lint->arena, shown);
        struct lint_finding *finding = lint_add(
            lint, LINT_PATTERN, lint_path(use->unit, use->call.function), use->call.line,
            advice(lint->arena, pattern, &holders),
            "pattern %.*s%s lies in flash with module %s: stock firmware reads it byte by byte",
            TEXT_ARGS(quoted), shown.bytes < pattern.bytes ? "..." : "",
            list_holders(lint->arena, &holders));
        if (finding && !holders.has_image)
            finding->literal = pattern;
    }
}
