// lint_freezer.c: what keeps functions of a program with a freezer in RAM.
//
// A closure freezes with the table that holds it unless some function assigns one of its upvalues
// (runtime/freezer/README.md); then all that have the upvalue stay.

#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "runtime/format/opcode.h"

static bool uses_freezer(const struct lint_uses *uses)
{
    for (size_t i = 0; i < uses->count; i++)
        if (strncmp(uses->items[i].call.name.data, "freezer", strlen("freezer")) == 0 &&
            (uses->items[i].call.name.bytes == strlen("freezer") ||
             uses->items[i].call.name.data[strlen("freezer")] == '.'))
            return true;
    return false;
}

static struct text upvalue_name(const struct image *image, const struct image_function *function,
                                unsigned upvalue)
{
    if (upvalue >= function->upvalue_name_count || function->upvalue_names[upvalue] < 0)
        return text_of("?");
    return image->strings[function->upvalue_names[upvalue]].text;
}

// The first assignment of each upvalue in a function.
static void look_at(struct lint *lint, const struct lint_unit *unit, uint32_t index)
{
    const struct image_function *function = &unit->image->functions[index];
    bool is_told[256] = {false};
    for (uint32_t pc = 0; pc < function->code_count; pc++) {
        unsigned upvalue = OP_B(function->code[pc]) & 0xff;
        if (OP_CODE(function->code[pc]) != OP_SETUPVAL || is_told[upvalue])
            continue;
        is_told[upvalue] = true;
        struct text name = upvalue_name(unit->image, function, upvalue);
        lint_add(lint, LINT_FREEZER, lint_path(unit, (int32_t)index),
                 image_function_line(function, pc),
                 arena_format(lint->arena, "keep '%.*s' in a field of a table that stays in RAM",
                              TEXT_ARGS(name)),
                 "'%.*s' is assigned: functions that use it do not freeze with their table",
                 TEXT_ARGS(name));
    }
}

void lint_freezer(struct lint *lint, const struct lint_uses *uses)
{
    if (!uses_freezer(uses))
        return;
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct lint_unit *unit = &lint->units[i];
        for (uint32_t f = 0; unit->image && f < unit->image->function_count; f++)
            look_at(lint, unit, f);
    }
}
