// time_server.h: who answers questions for the time where there is no network.
//
// Names with "ntp" or "time" in them are its own, at an address of documentation; a request to any
// address is answered, with the time as if the device had been switched on when 2026 began.
// For fillings; its answers arrive through later.h. Context: the interpreter's thread.

#ifndef FROST_WORLD_TIME_SERVER_H
#define FROST_WORLD_TIME_SERVER_H

#include "runtime/world/world.h"

// What a program tells the world. True: it is answered.
int time_server_tell(int kind, uint32_t object, const void *data, size_t bytes);

#endif
