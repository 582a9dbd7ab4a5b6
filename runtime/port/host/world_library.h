// world_library.h: what runtime/world/host/lua, the inside of a world script's process, calls.

#ifndef FROST_PORT_HOST_WORLD_LIBRARY_H
#define FROST_PORT_HOST_WORLD_LIBRARY_H

#include "runtime/core/api/lua.h"

// Makes the global `world_pipe` for the device at the other end of `fd`; this process is a world
// script's from now on, which ends with the device's.
//
// world_pipe.next()  sends what is to be sent and waits for a message: its type (a name), us, kind
//                    (a number), object, data. nil: the device is gone.
// world_pipe.send(type, us, kind, object, data)   all but the type may be left out; a time beyond
//                    all others is never
// world_pipe.kinds, .connection, .pin, .identity, .wifi   names and numbers of
// runtime/format/world.h world_pipe.directory                            where the VM is, "/" at
// the end
void world_library_open(lua_State *L, int fd);

#endif
