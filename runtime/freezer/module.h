// module.h: names for functions and tables in the freezer, by which they are found after a restart.
//
// Reads and writes: the area, and the heap when a name moves into flash. Memory: none.
// Context: as freezer_freeze.

#ifndef FROST_FREEZER_MODULE_H
#define FROST_FREEZER_MODULE_H

#include "runtime/format/freezer.h"
#include "runtime/freezer/freezer.h"

// The module of that name, NULL if there is none. Valid until the area is erased.
const struct freezer_module *freezer_module_find(const struct string *name);

// Does it name a table, rather than a function?
int freezer_module_is_table(const struct freezer_module *m);

// Makes the function of the closure at `values` + 1, or the frozen table there, what the name at
// `values` stands for, in place of what it stood for; freezes both first. source: CRC-32 and length
// of what it was made from.
//
// Errors: STATUS_NO_SPACE, STATUS_IO and others of freezer_freeze, also in *result; the old module
// is there then.
int freezer_module_put(lua_State *L, const struct value *values, uint32_t source_crc,
                       uint32_t source_bytes, struct freezer_result *result)
    __attribute__((warn_unused_result));

// Takes the name away; its function's blocks stay. Errors: STATUS_NOT_FOUND, STATUS_IO.
int freezer_module_drop(const struct string *name) __attribute__((warn_unused_result));

// The module behind `m` (NULL: the first one), NULL at the end.
const struct freezer_module *freezer_module_next(const struct freezer_module *m);

#endif
