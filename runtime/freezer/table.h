// table.h: tables as blocks of the area.
//
// Reads: tables in RAM, blocks in place. Memory: none.

#ifndef FROST_FREEZER_TABLE_H
#define FROST_FREEZER_TABLE_H

#include "runtime/core/table.h"
#include "runtime/freezer/area.h"

// Bytes of RAM that a table takes; of its payload, which has a node at least.
uint32_t frozen_table_ram(const struct table *t);
uint32_t frozen_table_bytes(const struct table *t);

// What freezer_area_put takes. All that the table refers to lies in flash or is marked with where
// it does, but for itself. metamethods: names of the state.
struct frozen_table {
    const struct table *table;
    const lua_State *L;
};
struct frozen_item frozen_table(const struct frozen_table *t);

// May the tag of a value stand for something of the program: a read-only table, a C function?
int frozen_is_of_program(const struct value *v);

// Is a committed payload a sound table? NULL, or what is wrong.
const char *frozen_table_fault(const struct freezer_area *area, uint32_t payload_off);

#endif
