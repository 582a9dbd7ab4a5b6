// tablesort.h: table.sort.
//
// Reads and writes: list elements of the argument, without metamethods; the order is `<` or a
// function.
// Memory: a few stack slots per halving of the list.
// Source: Lua 5.1 reference manual, 5.5. Comparisons come in the sequence of Lua 5.1's sort, so the
//         order of equal elements and the effects of a faulty order function are the same, too.
#ifndef RUNTIME_LIB_TABLESORT_H
#define RUNTIME_LIB_TABLESORT_H

#include "runtime/core/api/lua.h"

// Free slots of the Lua stack that a sort makes sure of before it begins.
#define TABLE_SORT_SLOTS 40

// table.sort(list [, is_less]). Error "invalid order function for sorting" if the order leads a
// search out of the list.
int table_sort(lua_State *L);

#endif
