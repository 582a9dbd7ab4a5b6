// lint_globals.c: globals that are written inside of functions and nowhere else, modules of the
// firmware that its build does not have, and calls that 3.0 no longer has.

#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "analyzer/base/hash_table.h"

// ---- globals ----

void lint_globals(struct lint *lint, const struct lint_uses *uses)
{
    for (size_t i = 0; i < uses->count; i++) {
        const struct lint_use *use = &uses->items[i];
        const struct lint_name *name = &uses->names[use->name];
        if (!use->is_first_write || use->is_at_top || name->is_written_at_top)
            continue;
        lint_add(lint, LINT_GLOBAL, lint_path(use->unit, use->call.function), use->call.line,
                 arena_format(lint->arena,
                              "write 'local %.*s', or set it once at the top of a file if it is "
                              "meant for all",
                              TEXT_ARGS(use->call.name)),
                 name->is_in_one_function
                     ? "global '%.*s' is used in this function alone"
                     : "global '%.*s' is written in functions alone, never at the top of a file",
                 TEXT_ARGS(use->call.name));
    }
}

// ---- modules of the firmware ----

// True if a line of the list is the name.
static bool is_listed(struct text list, struct text name)
{
    for (size_t at = 0; at < list.bytes;) {
        const char *end = memchr(list.data + at, '\n', list.bytes - at);
        size_t bytes = end ? (size_t)(end - list.data) - at : list.bytes - at;
        if (text_is_equal((struct text){list.data + at, bytes}, name))
            return true;
        at += bytes + 1;
    }
    return false;
}

// "net" of "net.dns.resolve".
static struct text first_part(struct text name)
{
    const char *dot = name.bytes ? memchr(name.data, '.', name.bytes) : NULL;
    return (struct text){name.data, dot ? (size_t)(dot - name.data) : name.bytes};
}

// The modules that have been told of in each unit.
struct told {
    struct hash_table table;
    const struct lint_use **items;
    uint32_t count;
};

// Result: true the first time.
static bool tell_once(struct told *told, const struct lint_use *use, struct text name)
{
    uint32_t key = hash_text(name) ^ hash_u64((uintptr_t)use->unit), i;
    HASH_TABLE_EACH (&told->table, key, i)
        if (told->items[i]->unit == use->unit &&
            text_is_equal(first_part(told->items[i]->call.name), name))
            return false;
    hash_table_add(&told->table, key, told->count);
    told->items[told->count++] = use;
    return true;
}

static bool is_own(const struct lint *lint, const struct lint_uses *uses, struct text name)
{
    for (size_t i = 0; i < lint->unit_count; i++)
        if (lint->units[i].module && text_is_equal(text_of(lint->units[i].module), name))
            return true;
    const struct lint_name *used = lint_find_name(uses, name);
    return used && used->is_written;
}

void lint_firmware(struct lint *lint, const struct lint_uses *uses)
{
    const struct lint_settings *settings = lint->settings;
    struct told told = {
        .items = ARENA_NEW_ARRAY(lint->arena, const struct lint_use *, uses->count + 1)};
    hash_table_init(&told.table, lint->arena, 64);
    for (size_t i = 0; i < uses->count; i++) {
        const struct lint_use *use = &uses->items[i];
        struct text name = first_part(use->call.name), path;
        if (use->call.is_write || !is_listed(settings->firmware_modules, name) ||
            !tell_once(&told, use, name) || is_own(lint, uses, name))
            continue;
        path = lint_path(use->unit, use->call.function);
        if (settings->built_modules.data && !is_listed(settings->built_modules, name))
            lint_add(lint, LINT_MODULE, path, use->call.line,
                     arena_format(lint->arena, "build the firmware with module %.*s, or do without",
                                  TEXT_ARGS(name)),
                     "module '%.*s' is not in this build of the firmware: it is nil",
                     TEXT_ARGS(name));
        else if (!settings->built_modules.data && is_listed(settings->absent_names, name))
            lint_add(lint, LINT_MODULE, path, use->call.line,
                     "name the modules of your firmware (--modules), or give frost one of that "
                     "name (--module)",
                     "module '%.*s' is not in frost's runtime: it is nil in its runs",
                     TEXT_ARGS(name));
    }
}

// ---- calls of older firmware ----

// What 3.0 has in place of it, after a tab in its line of the list; no bytes: it is none of older
// firmware.
static struct text form_3_0(struct text list, struct text name)
{
    for (size_t at = 0; at < list.bytes;) {
        const char *line = list.data + at, *end = memchr(line, '\n', list.bytes - at);
        size_t bytes = end ? (size_t)(end - line) : list.bytes - at;
        if (bytes > name.bytes && line[name.bytes] == '\t' &&
            memcmp(line, name.data, name.bytes) == 0)
            return (struct text){line + name.bytes + 1, bytes - name.bytes - 1};
        at += bytes + 1;
    }
    return (struct text){0};
}

void lint_old_forms(struct lint *lint, const struct lint_uses *uses)
{
    const struct lint_use *last = NULL;
    for (size_t i = 0; i < uses->count; i++) {
        const struct lint_use *use = &uses->items[i];
        struct text name = use->call.name, module = first_part(name);
        if (!use->call.is_call || name.bytes == 0)
            continue;
        struct text form = form_3_0(lint->settings->absent_names, name);
        if (form.bytes == 0 && module.bytes < name.bytes) { // a module, as cjson
            form = form_3_0(lint->settings->absent_names, module);
            name = module;
        }
        if (form.bytes == 0 || is_own(lint, uses, module) ||
            (last && last->unit == use->unit && last->call.line == use->call.line &&
             text_is_equal(last->call.name, use->call.name)))
            continue;
        last = use;
        lint_add(lint, LINT_OLD_FORM, lint_path(use->unit, use->call.function), use->call.line,
                 arena_format(lint->arena, "write %.*s; frost runs it with --firmware=legacy",
                              TEXT_ARGS(form)),
                 "'%.*s' is of older firmware: 3.0 has it no more, it is nil", TEXT_ARGS(name));
    }
}
