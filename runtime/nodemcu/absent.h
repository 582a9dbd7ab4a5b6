// absent.h: what programs look for and do not find: modules that are not here yet, and forms of
// older firmware, which --firmware=legacy gives.
//
// Only in the nodemcu profile. Writes: messages on the console, each once a boot.
// Memory: static, a pointer for each message. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_ABSENT_H
#define FROST_NODEMCU_ABSENT_H

#include "runtime/core/rotable.h"

// Before the first boot, when firmware_set_edition has been called. `globals` is the read-only
// table with the modules.
void absent_open(const struct rotable *globals);
// Before each boot: nothing has been told.
void absent_reset(void);

#endif
