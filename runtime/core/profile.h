// profile.h: what differs between Lua on the firmware and Lua on a computer, chosen when a run
// starts.
//
// Reads and writes: one process-wide pointer, set before the first state is made and never after.
// Memory: constants only.
// Source: limits, messages and collector parameters of NodeMCU 3.0's Lua 5.1 and of stock Lua 5.1.
#ifndef RUNTIME_CORE_PROFILE_H
#define RUNTIME_CORE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

struct lua_profile {
    const char *name;            // "nodemcu" or "pc"
    uint8_t captures_max;        // captures of one pattern, at most LUA_CAPTURES_LIMIT
    uint8_t locals_max;          // local variables of one function
    uint16_t gc_pause_percent;   // collector: pause at start
    uint16_t gc_step_percent;    // collector: step multiplier at start
    uint16_t format_item_bytes;  // buffer of one formatted item of string.format
    bool is_firmware;            // words and habits of the firmware where they differ
    bool has_readonly_libraries; // library tables are read-only tables in flash
    bool has_full_math;          // sin ... tanh, fmod, modf, frexp, ldexp ... exist
    bool has_full_debug;         // getinfo, sethook, getlocal ... exist
    bool has_io_and_os;          // libraries io and os exist
    bool has_data_modules_only;  // of the modules those alone that need no device, as in luac.cross
    bool has_wide_hex;           // hexadecimal numbers above 32 bits; else they end at 2^32 - 1
};

// Captures that the matcher has room for in any profile.
#define LUA_CAPTURES_LIMIT 32

extern const struct lua_profile lua_profile_nodemcu;
extern const struct lua_profile lua_profile_pc;

// The profile of this run; lua_profile_nodemcu until it is set.
extern const struct lua_profile *lua_profile;

// The profile of that name, or NULL.
const struct lua_profile *lua_profile_find(const char *name);

#endif
