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

static void gather(void *context, const struct image_call *call)
{
    struct gathering *g = context;
    struct lint_uses *uses = g->uses;
    if (uses->count == uses->room) {
        uses->room = uses->room ? 2 * uses->room : 1024;
        uses->items = arena_grow_array(g->lint->arena, uses->items, uses->count, uses->room,
                                       sizeof *uses->items);
    }
    hash_table_add(&uses->by_name, hash_text(call->name), (uint32_t)uses->count);
    uses->items[uses->count++] = (struct lint_use){g->unit, *call,
                                                   is_at_top(g->unit->image, call->function)};
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
