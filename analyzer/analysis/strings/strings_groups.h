// strings_groups.h: the strings of a list by source and module, in an order that depends on the
// texts alone: that of `dummy_strings.lua` and of reports.
//
// Memory: the arena of the caller.

#ifndef FROST_ANALYSIS_STRINGS_GROUPS_H
#define FROST_ANALYSIS_STRINGS_GROUPS_H

#include "analyzer/analysis/strings/strings.h"

// A string of the list and the group that it is in.
struct strings_entry {
    const struct heap_text *text;
    const struct site *site; // that makes it most often, NULL: not known
    unsigned sources;        // TRACE_ORIGINS; whether it is derived makes no group of its own
};

// The entries of the list, those of a group together. With `leaves_own` not what a person has
// added.
struct strings_entry *strings_entries(const struct strings *strings,
                                      const struct strings_list *list, bool leaves_own,
                                      struct arena *arena, uint32_t *count);

bool strings_is_same_group(const struct strings_entry *a, const struct strings_entry *b);

// "app.lua", of no bytes if it is not known.
struct text strings_entry_module(const struct strings_entry *entry);

#endif
