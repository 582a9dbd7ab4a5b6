// lint.c: units, findings, and what comments allow.

#include "analyzer/analysis/lint/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "analyzer/base/number_text.h"

#define MARK "-- frost: ignore"

// ---- rules ----

const struct lint_about *lint_about(enum lint_rule rule)
{
#define LINT_ABOUT(rule_, name_, level_, title_) {name_, title_, level_},
    static const struct lint_about rules[] = {LINT_RULES(LINT_ABOUT)};
#undef LINT_ABOUT
    return &rules[rule];
}

const char *lint_level_name(enum lint_level level)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[level];
}

enum lint_rule lint_rule_named(struct text name)
{
    unsigned rule = 0;
    while (rule < LINT_RULE_COUNT &&
           !text_is_equal(name, text_of(lint_about((enum lint_rule)rule)->name)))
        rule++;
    return (enum lint_rule)rule;
}

// ---- units and findings ----

void lint_init(struct lint *lint, struct arena *arena, const struct lint_settings *settings)
{
    *lint = (struct lint){.arena = arena, .settings = settings};
}

static bool is_disabled(const struct lint *lint, enum lint_rule rule)
{
    for (size_t i = 0; i < lint->settings->disabled.count; i++)
        if (strcmp(lint->settings->disabled.items[i], lint_about(rule)->name) == 0)
            return true;
    return false;
}

// True if the words behind a mark name the rule: "a, b", up to the end of the line.
static bool names_rule(struct text words, enum lint_rule rule)
{
    struct text name = text_of(lint_about(rule)->name);
    for (size_t at = 0; at < words.bytes;) {
        size_t end = at;
        while (end < words.bytes && !strchr(", \t\r", words.data[end]))
            end++;
        if (text_is_equal((struct text){words.data + at, end - at}, name))
            return true;
        at = end + 1;
    }
    return false;
}

// The next mark of a source from `*at` on, which lies in line `*line`. Result: false if there is
// none.
static bool next_mark(struct text source, size_t *at, int32_t *line, struct lint_mark *mark)
{
    const char *found = *at < source.bytes
                            ? memmem(source.data + *at, source.bytes - *at, MARK, strlen(MARK))
                            : NULL;
    const char *begin = source.data + *at, *newline;
    if (!found)
        return false;
    while ((newline = memchr(begin, '\n', (size_t)(found - begin))) != NULL) {
        begin = newline + 1;
        ++*line;
    }
    bool is_alone = true; // on its line: it is about the next one
    for (const char *before = begin; before < found; before++)
        is_alone &= *before == ' ' || *before == '\t';
    const char *words = found + strlen(MARK);
    size_t left = source.bytes - (size_t)(words - source.data);
    const char *end = memchr(words, '\n', left);
    size_t bytes = end ? (size_t)(end - words) : left;
    mark->is_file = bytes >= 5 && memcmp(words, "-file", 5) == 0;
    mark->line = *line + is_alone;
    size_t skip = mark->is_file ? 5 : 0;
    mark->words = (struct text){words + skip, bytes - skip};
    *at = (size_t)(words - source.data) + bytes;
    return true;
}

// By line, as they come; those on the line before and on the line itself are about the same one.
static void find_marks(struct lint *lint, struct lint_unit *unit)
{
    struct lint_mark mark, *marks = NULL;
    size_t at = 0, room = 0;
    int32_t line = 1;
    while (next_mark(unit->source, &at, &line, &mark)) {
        if (unit->mark_count == room) {
            marks = arena_grow_array(lint->arena, marks, room, room ? 2 * room : 16, sizeof *marks);
            room = room ? 2 * room : 16;
        }
        unit->allows_whole |= mark.is_file;
        marks[unit->mark_count++] = mark;
    }
    unit->marks = marks;
}

void lint_add_unit(struct lint *lint, const struct lint_unit *unit)
{
    if (lint->unit_count == lint->unit_room) {
        lint->unit_room = lint->unit_room ? 2 * lint->unit_room : 64;
        lint->units = arena_grow_array(lint->arena, lint->units, lint->unit_count, lint->unit_room,
                                       sizeof *lint->units);
    }
    lint->units[lint->unit_count] = *unit;
    find_marks(lint, &lint->units[lint->unit_count++]);
}

static bool is_allowed(const struct lint_unit *unit, enum lint_rule rule, int32_t wanted)
{
    size_t first = 0, end = unit->mark_count;
    while (first < end) { // the first one about that line
        size_t middle = first + (end - first) / 2;
        if (unit->marks[middle].line < wanted)
            first = middle + 1;
        else
            end = middle;
    }
    for (size_t i = first; i < unit->mark_count && unit->marks[i].line == wanted; i++)
        if (names_rule(unit->marks[i].words, rule))
            return true;
    for (size_t i = 0; unit->allows_whole && i < unit->mark_count; i++)
        if (unit->marks[i].is_file && names_rule(unit->marks[i].words, rule))
            return true;
    return false;
}

// Findings of one unit come together.
static const struct lint_unit *unit_at(struct lint *lint, struct text path)
{
    for (size_t i = 0; i < lint->unit_count; i++) {
        size_t idx = (lint->unit_last + i) % lint->unit_count;
        if (!text_is_equal(text_of(lint->units[idx].path), path))
            continue;
        lint->unit_last = idx;
        return &lint->units[idx];
    }
    return NULL;
}

struct lint_finding *lint_add(struct lint *lint, enum lint_rule rule, struct text path,
                              int32_t line, const char *fix, const char *format, ...)
{
    char message[600];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const struct lint_unit *unit = unit_at(lint, path);
    if (is_disabled(lint, rule))
        return NULL;
    if (unit && unit->source.data && is_allowed(unit, rule, line)) {
        lint->allowed_count++;
        return NULL;
    }
    if (lint->finding_count == lint->finding_room) {
        lint->finding_room = lint->finding_room ? 2 * lint->finding_room : 64;
        lint->findings = arena_grow_array(lint->arena, lint->findings, lint->finding_count,
                                          lint->finding_room, sizeof *lint->findings);
    }
    struct lint_finding *finding = &lint->findings[lint->finding_count++];
    *finding = (struct lint_finding){rule, path, line, arena_copy_string(lint->arena, message),
                                     fix,  {0}};
    return finding;
}

// ---- the compiler's messages ----

static bool contains(struct text text, const char *words)
{
    return text.bytes && memmem(text.data, text.bytes, words, strlen(words));
}

void lint_add_compiler_message(struct lint *lint, const char *path, const char *name,
                               struct text message)
{
    const char *at = message.bytes ? memmem(message.data, message.bytes, name, strlen(name)) : NULL;
    int32_t line = 0;
    if (at && at[strlen(name)] == ':') { // "frost luac: NAME:LINE: words"
        const char *digits = at + strlen(name) + 1;
        while (*digits >= '0' && *digits <= '9' && line < 100000000)
            line = line * 10 + (*digits++ - '0');
        digits += *digits == ':';
        digits += *digits == ' ';
        message = (struct text){digits, message.bytes - (size_t)(digits - message.data)};
    }
    while (message.bytes && strchr("\r\n", message.data[message.bytes - 1]))
        message.bytes--;
    bool is_locals = contains(message, "local variables");
    bool is_list = contains(message, "too complex");
    const char *fix = is_locals ? "keep some in a table, or move a part into a function"
                      : is_list ? "a list has at most 249 values at once: split it into several "
                                  "statements"
                                : "correct it; the device gives the same message";
    lint_add(lint, is_locals || is_list ? LINT_LIMIT : LINT_SYNTAX, text_of(path), line, fix,
             "%.*s", TEXT_ARGS(message));
}

// ---- places ----

struct text lint_chunk(const struct image *image, int32_t function)
{
    int32_t source = function >= 0 ? image->functions[function].source : IMAGE_NONE;
    struct text name = source >= 0 ? image->strings[source].text : (struct text){0};
    if (name.bytes && (name.data[0] == '@' || name.data[0] == '='))
        name = (struct text){name.data + 1, name.bytes - 1};
    return name;
}

struct lint_name *lint_find_name(const struct lint_uses *uses, struct text name)
{
    uint32_t i;
    HASH_TABLE_EACH (&uses->by_name, hash_text(name), i)
        if (text_is_equal(uses->names[i].text, name))
            return &uses->names[i];
    return NULL;
}

struct text lint_path(const struct lint_unit *unit, int32_t function)
{
    struct text name = unit->source.data ? (struct text){0} : lint_chunk(unit->image, function);
    return name.bytes && name.data[0] != '(' ? name : text_of(unit->path);
}

struct text lint_module(const struct lint_unit *unit, int32_t function)
{
    if (unit->source.data)
        return text_of(unit->module);
    int32_t module = unit->image->functions[function].module;
    return module >= 0 ? unit->image->modules[module].name : text_of(NULL);
}
