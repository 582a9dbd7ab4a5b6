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

// A table or closure as it is written. All that it refers to lies in flash or is marked with where
// it does, but for itself and others of its group.
struct frozen_object {
    const void *object;
    const lua_State *L; // names of metamethods
    uint32_t at;        // in the payload
};

// A table by itself, as freezer_area_put takes it.
struct frozen_item frozen_table(const struct frozen_object *table);

// Gives the words of a table at its place, not filled up.
void frozen_put_table(struct frozen_sink *sink, const struct frozen_object *table);
// Gives a value in an object, as the VM has it.
void frozen_put_value(struct frozen_sink *sink, const struct frozen_object *owner,
                      const struct value *v);

// May the tag of a value stand for something of the program: a read-only table, a C function?
int frozen_is_of_program(const struct value *v);

// Is a committed payload a sound table? NULL, or what is wrong.
const char *frozen_table_fault(const struct freezer_area *area, uint32_t payload_off);

// Of what a block may consist, to be checked: an object in it, and how far references may go.
struct frozen_place {
    const struct freezer_area *area;
    uint32_t room;  // bytes from the object to the end of the payload
    uint32_t limit; // what it refers to lies before this address
};

// The same of a table in a payload; *bytes: of it.
const char *frozen_table_fault_at(const struct frozen_place *place, const struct table *t,
                                  uint32_t *bytes);

// May a frozen object hold the value? identity: of the program, or 0, as the object says it.
int frozen_is_value_sound(const struct frozen_place *place, uint32_t identity,
                          const struct value *v);

// Does an object with that tag stand at an address: by itself, or in a group?
int frozen_is_object(const struct freezer_area *area, uint32_t addr, int tag);

#endif
