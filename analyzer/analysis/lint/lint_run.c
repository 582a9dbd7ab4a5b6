// lint_run.c: gathers what all code uses, and has every rule look at it.

#include "analyzer/analysis/lint/lint_rules.h"

struct gathering {
    struct lint *lint;
    struct lint_uses *uses;
    const struct lint_unit *unit;
};

// The main function of a file: nothing stands around it but the index of an image.
static bool is_at_top(const struct image *image, int32_t function)
{
    if (function == image->main)
        return true;
    for (uint32_t i = 0; i < image->module_count; i++)
        if (image->modules[i].function == function)
            return true;
    return false;
}

static struct lint_name *name_of(struct gathering *g, struct text text)
{
    struct lint_uses *uses = g->uses;
    struct lint_name *name = lint_find_name(uses, text);
    if (name)
        return name;
    if (uses->name_count == uses->name_room) {
        uses->name_room = uses->name_room ? 2 * uses->name_room : 256;
        uses->names = arena_grow_array(g->lint->arena, uses->names, uses->name_count,
                                       uses->name_room, sizeof *uses->names);
    }
    hash_table_add(&uses->by_name, hash_text(text), uses->name_count);
    uses->names[uses->name_count] = (struct lint_name){.text = text, .is_in_one_function = true};
    return &uses->names[uses->name_count++];
}

static void gather(void *context, const struct image_call *call)
{
    struct gathering *g = context;
    struct lint_uses *uses = g->uses;
    if (uses->count == uses->room) {
        uses->room = uses->room ? 2 * uses->room : 1024;
        uses->items = arena_grow_array(g->lint->arena, uses->items, uses->count, uses->room,
                                       sizeof *uses->items);
    }
    struct lint_name *name = name_of(g, call->name);
    struct lint_use *use = &uses->items[uses->count++];
    *use = (struct lint_use){.unit = g->unit,
                             .call = *call,
                             .is_at_top = is_at_top(g->unit->image, call->function),
                             .name = (uint32_t)(name - uses->names)};
    if (name->unit)
        name->is_in_one_function &= name->unit == g->unit && name->function == call->function;
    name->unit = g->unit;
    name->function = call->function;
    if (!call->is_write)
        return;
    use->is_first_write = name->unit_written != g->unit;
    name->unit_written = g->unit;
    name->is_written = true;
    name->is_written_at_top |= use->is_at_top;
}

void lint_run(struct lint *lint)
{
    struct lint_uses uses = {0};
    hash_table_init(&uses.by_name, lint->arena, 1024);
    for (size_t i = 0; i < lint->unit_count; i++) {
        struct gathering gathering = {lint, &uses, &lint->units[i]};
        if (lint->units[i].image)
            image_calls_visit(lint->units[i].image, lint->arena, gather, &gathering);
    }
    lint_globals(lint, &uses);
    lint_patterns(lint, &uses);
    lint_names(lint, &uses);
    lint_firmware(lint, &uses);
    lint_old_forms(lint, &uses);
    lint_freezer(lint, &uses);
    lint_images(lint, &uses);
}
