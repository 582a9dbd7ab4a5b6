// byte_source.h: objects that give bytes from where they lie, for modules that pass them on without
// a text of them: views of files, into sockets.
//
// Memory: the object's; its userdata begins with the struct. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_BYTE_SOURCE_H
#define FROST_NODEMCU_BYTE_SOURCE_H

#include <stdint.h>

#include "runtime/core/api/lua.h"

#define BYTE_SOURCE_VIEW "file.view" // name of the metatable

struct byte_source {
    uint32_t bytes;
    // Copies `bytes` bytes from place `from` on, all of which there are. 0, or it failed. NULL: the
    // object is closed.
    int (*read)(struct byte_source *source, uint32_t from, void *data, uint32_t bytes);
};

// The source at a place of the stack, NULL: something else is there. Raises if it is closed.
struct byte_source *byte_source_at(lua_State *L, int idx);

#endif
