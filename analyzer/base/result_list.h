// result_list.h: what a directory of results consists of: its list, and removing by it.
//
// .frost/files names everything that frost has made in a directory, before it is made: a line each,
// "f NAME" a file, "d NAME" a directory, "r NAME" a directory with a list of its own; names are
// relative to the directory. Nothing else is ever removed from it, and nothing through a link:
// every part of a name is opened without following any. Traces of older versions have no list; they
// are known by their metadata and their run.json. Context: the removing functions use system calls
// only, and may run in a signal handler.

#ifndef FROST_BASE_RESULT_LIST_H
#define FROST_BASE_RESULT_LIST_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/text.h"

#define RESULT_INNER ".frost"    // what is not a result itself, but about it
#define RESULT_LIST "files"      // in there: the list
#define RESULT_LOCK "unfinished" // in there: while it is made, locked by whoever makes it
#define RESULT_WORK "work"       // in there: a tree of scratch files, never part of a result
#define RESULT_LIST_HEAD "frost/files/1\n"

// True if all that is in the directory is on its list, with the kind that the list says, or if
// there is nothing in it. *other is what is not, in the arena.
bool result_list_covers(int directory, struct arena *arena, const char **other);

// Removes what the list of the directory names, then the list; other files stay. The directory
// itself is not removed. `arena`: for a trace without a list; NULL in a signal handler.
void result_list_remove(int directory, struct arena *arena);

// Removes a file, or a directory with all that is in it; links are removed, not followed.
void result_tree_remove(int parent, const char *name);

#endif
