// size_tree.h: bytes under names of several levels, grouped by the levels that a user chooses.
//
// Whoever knows what bytes are (ELF file, image, heap) adds leaves: amounts with one label for each
// level. The tree adds up those with the same labels at the chosen levels, and makes a table for
// each of them in turn: by region; by region and module; and so on. Every table has all bytes: what
// a filter leaves out is one row.
// Memory: in proportion to the rows, in the arena.

#ifndef FROST_ANALYSIS_SIZE_TREE_H
#define FROST_ANALYSIS_SIZE_TREE_H

#include "analyzer/base/hash_table.h"
#include "analyzer/base/options.h"
#include "analyzer/base/problem.h"
#include "reports/report.h"

enum size_level {
    SIZE_INPUT,   // the file
    SIZE_REGION,  // of memory
    SIZE_KIND,    // code, constants, data ...
    SIZE_SECTION, // of the ELF file
    SIZE_GROUP,   // of the user
    SIZE_MODULE,  // archive or directory of sources; Lua module
    SIZE_UNIT,    // compile unit; Lua source
    SIZE_SYMBOL,  // function or variable; Lua function or line
    SIZE_STRING,  // text
    SIZE_INLINE,  // function whose code it is, though inlined into another one
    SIZE_LEVELS,
};

extern const char *const size_level_words[]; // in their order, NULL at the end

struct size_amount {
    uint64_t bytes; // of addresses
    uint64_t ram_bytes, flash_bytes;
    uint64_t both_bytes; // of these, bytes that take room in both
};

struct size_row {
    uint32_t labels[SIZE_LEVELS]; // of the chosen levels, in their order
    struct size_amount amount;
};

struct size_tree;

// What a user asks for.
struct size_choice {
    enum size_level levels[SIZE_LEVELS];
    size_t level_count;
    struct option_list groups;  // "NAME=RE": bytes of which a label matches, the first that does
    struct option_list matches; // RE: only bytes of which a label matches one of them
};

// Reads "region,unit" (also plurals) into the levels of a choice. Errors: STATUS_USAGE.
int size_choice_levels(struct size_choice *choice, const char *words, struct problem *problem)
    __attribute__((warn_unused_result));

// Errors: STATUS_USAGE a pattern is no regular expression, or a group has no name.
int size_tree_create(struct arena *arena, const struct size_choice *choice, struct size_tree **tree,
                     struct problem *problem) __attribute__((warn_unused_result));

// True if leaves need a label at this level: it is chosen, or a pattern may ask for it.
bool size_tree_needs(const struct size_tree *tree, enum size_level level);

// The label of a text; the same for the same text. Texts are copied.
uint32_t size_tree_label(struct size_tree *tree, struct text text);

// The text of a label; lives as long as the tree's arena.
struct text size_tree_text(const struct size_tree *tree, uint32_t label);

// `labels` has SIZE_LEVELS items; that of SIZE_GROUP is found here.
void size_tree_add(struct size_tree *tree, const uint32_t *labels, struct size_amount amount);

// Sum of all leaves.
struct size_amount size_tree_total(const struct size_tree *tree);

// Adds a table `level_N` for each number of levels, N from 1 on: at most `rows_max` rows, the
// largest, and one row for the others. Frees what regular expressions hold.
void size_tree_finish(struct size_tree *tree, struct report *report, size_t rows_max);

// Adds the table `tree` with all levels in one, for a picture: what has less than a 500th of all
// bytes is left out. Before size_tree_finish().
void size_tree_add_picture(const struct size_tree *tree, struct report *report);

#endif
