// lint_rules.h: the rules, by what they look at.

#ifndef FROST_ANALYSIS_LINT_RULES_H
#define FROST_ANALYSIS_LINT_RULES_H

#include "analyzer/analysis/lint/lint.h"
#include "analyzer/image/image_calls.h"

// A use of a global or a call, with the unit in which it stands.
struct lint_use {
    const struct lint_unit *unit;
    struct image_call call;
    bool is_at_top;      // of its file, not in a function
    uint32_t name;       // in `names`
    bool is_first_write; // of its name in its unit
};

// What is known of a name from all of its uses.
struct lint_name {
    struct text text;
    bool is_written, is_written_at_top, is_in_one_function;
    const struct lint_unit *unit; // of the last use
    int32_t function;             // the same
    const struct lint_unit *unit_written;
};

struct lint_uses {
    struct lint_use *items;
    size_t count, room;
    struct lint_name *names;
    uint32_t name_count, name_room;
    struct hash_table by_name; // of `names`
};

// The name; NULL: nothing uses it.
struct lint_name *lint_find_name(const struct lint_uses *uses, struct text name);

// Place of a function: the source that it came from, or the unit.
struct text lint_path(const struct lint_unit *unit, int32_t function);
// The chunk's name that a function has, without its mark; no bytes: none.
struct text lint_chunk(const struct image *image, int32_t function);
// The Lua module that a function belongs to; no bytes: none.
struct text lint_module(const struct lint_unit *unit, int32_t function);

void lint_globals(struct lint *lint, const struct lint_uses *uses);
void lint_patterns(struct lint *lint, const struct lint_uses *uses);
void lint_names(struct lint *lint, const struct lint_uses *uses);
void lint_firmware(struct lint *lint, const struct lint_uses *uses);
void lint_old_forms(struct lint *lint, const struct lint_uses *uses);
void lint_freezer(struct lint *lint, const struct lint_uses *uses);
void lint_images(struct lint *lint, const struct lint_uses *uses);

#endif
