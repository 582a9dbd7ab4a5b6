// str.h: strings, each text once; and userdata.
//
// Interning looks in the RAM table, then in the tables of the mounted regions of flash, in their
// order, then creates (allocation policy of NodeMCU 3.0). A string in flash costs no RAM and is
// never collected.

#ifndef FROST_CORE_STR_H
#define FROST_CORE_STR_H

#include "runtime/core/state.h"

// The string with these characters. Raises only out of memory. `bytes` < 2^31.
struct string *str_new(lua_State *L, const char *text, size_t bytes);
struct string *str_new_z(lua_State *L, const char *text); // up to the NUL
// The same, for texts that the compiler or a loader of bytecode makes (marks them for the trace).
struct string *str_new_constant(lua_State *L, const char *text, size_t bytes);
// The same where the maker knows the sources of the text (a set of TRACE_ORIGINS).
#ifdef FROST_PROBED
struct string *str_new_from(lua_State *L, const char *text, size_t bytes, unsigned origin);
#define STR_NEW_FROM(L, text, bytes, origin) str_new_from(L, text, bytes, origin)
#else
#define STR_NEW_FROM(L, text, bytes, origin) str_new(L, text, bytes)
#endif
// The string if it exists in RAM or flash, else NULL; makes nothing, revives nothing.
struct string *str_find(lua_State *L, const char *text, size_t bytes);
// Never collected again (no effect on strings in flash).
void str_fix(struct string *s);

// Slots of the RAM table at the start; it never shrinks below twice as many.
#define STR_SLOTS_MIN 32

// The string in the tables of the mounted regions, or NULL. Adds the chain entries that were
// compared to *probes.
struct string *str_find_flash(const char *text, uint32_t bytes, uint32_t hash, unsigned *probes);
// Makes the RAM table `slots` (a power of two) slots long; nothing while strings are swept or a
// resize is in progress.
void str_table_resize(lua_State *L, int32_t slots);
// After a sweep: halves the table if it is less than a quarter full and has over 64 slots.
void str_table_check_shrink(lua_State *L);
// Frees a string's block and counts it off; the caller has unlinked it.
void str_free(lua_State *L, struct string *s);

// Full userdata of `bytes` bytes.
struct userdata *userdata_new(lua_State *L, size_t bytes, struct table *environment);

#endif
