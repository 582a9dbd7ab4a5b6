// data.h: tables that are built only to be frozen: each is written as soon as it is complete, so
// that no more of them is in RAM than those that are not.
//
// Reads and writes: the area; the table given; at the end every object of the state, once.
// Memory: struct freezer_data, the caller's. Nothing is allocated.
// Context: as freezer_freeze.
//
// Between freezer_data_begin and freezer_data_end a text may be in RAM and in flash. Nothing that
// Lua code can reach has the one in flash, so this is not seen; but the end must not be left out,
// also after an error.

#ifndef FROST_FREEZER_DATA_H
#define FROST_FREEZER_DATA_H

#include "runtime/freezer/freezer.h"

struct freezer_data {
    struct freezer_result result; // saved, written, blocks, found; status: why the rest is in RAM
    uint32_t tables;
    uint32_t number; // of this freeze, for the trace
};

void freezer_data_begin(lua_State *L, struct freezer_data *data);

// Writes a table that nothing but `slot` refers to, which holds nil, booleans, numbers, strings,
// frozen tables and has no metatable; its frozen twin takes its place. Where that fails (status of
// the result), and from then on, tables stay as they are.
void freezer_data_put(lua_State *L, struct freezer_data *data, struct value *slot);

// One walk over the heap: texts that were in RAM, too, are in flash alone.
void freezer_data_end(lua_State *L, struct freezer_data *data);

#endif
