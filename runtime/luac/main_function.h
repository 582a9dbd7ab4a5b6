// main_function.h: functions that the compiler writes itself, to hold several modules.
//
// Reads: functions of a state. Memory: new functions of the state, not anchored: collection must
// be stopped by the caller.

#ifndef FROST_LUAC_MAIN_FUNCTION_H
#define FROST_LUAC_MAIN_FUNCTION_H

#include "runtime/core/state.h"

struct module {
    const char *name; // NUL-terminated
    const char *file; // as it was given, for messages
    struct proto *proto;
};

// The index function of an image: runtime/format/lfs_image.h. count: 1..LFS_MODULES_MAX.
struct proto *main_function_index(lua_State *L, const struct module *modules, int count,
                                  uint32_t build_time);
// A function that calls each module without arguments, in order. count >= 1.
struct proto *main_function_sequence(lua_State *L, const struct module *modules, int count);

#endif
