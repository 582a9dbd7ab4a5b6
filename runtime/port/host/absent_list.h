// absent_list.h: the names of the firmware's modules that are not here, as a file, for who looks at
// sources without running them.
//
// Writes: one name a line, "u8g2" of a module that is not here at all, "wifi.monitor.start" of a
// part of one that is; methods of objects are left out. Names of older firmware that 3.0 has no
// more are followed by a tab and what 3.0 has in their place. Memory: none. Context: before the
// interpreter starts.

#ifndef FROST_PORT_HOST_ABSENT_LIST_H
#define FROST_PORT_HOST_ABSENT_LIST_H

#include "runtime/core/rotable.h"

// Writes the names of all modules of the firmware, whether they are here or not. Result: as below.
int module_list_write(const char *path);

// `globals`: the read-only table with the modules. Result: 0, or -1 with errno.
int absent_list_write(const struct rotable *globals, const char *path);

#endif
