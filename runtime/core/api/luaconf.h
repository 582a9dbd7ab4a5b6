// luaconf.h: types and limits that the C interface of the runtime is built on.
//
// Reads and writes: nothing; definitions only.
// Two builds: float (lua_Number is double) and integer (-DFROST_INTEGER: 32-bit wrapping integers).
// Source: Lua 5.1 reference manual, chapter 3; limits of the firmware from its Lua 5.1 core. Limits
//         that differ between the firmware and a computer's Lua are in runtime/core/profile.h.
#ifndef RUNTIME_CORE_LUACONF_H
#define RUNTIME_CORE_LUACONF_H

#include <stddef.h>
#include <stdint.h>

#ifdef FROST_INTEGER
typedef int32_t lua_Number;
typedef int32_t lua_Integer;
#define LUA_NUMBER_FMT "%d"
#else
typedef double lua_Number;
typedef ptrdiff_t lua_Integer;
#define LUA_NUMBER_FMT "%.14g"
#endif

// Room that the text of any number needs, with its NUL.
#define LUAI_NUMBER_CHARS 32

// Slots that a C function may use without asking for more with lua_checkstack().
#define LUA_MINSTACK 20

// Nesting of C calls, and of the parser's rules.
#define LUAI_MAXCCALLS 200

// Slots of the stack that C functions may fill in all.
#define LUAI_MAXCSTACK 8000

// Values that one C closure may hold; it must fit a byte.
#define LUAI_MAXUPVALUES 60

// Bytes of the printable form of a chunk name in lua_Debug and in messages, with its NUL.
#define LUA_IDSIZE 60

// Characters that luaL_Buffer keeps on the C stack before it makes a string of them.
#define LUAL_BUFFERSIZE 256

// Bytes that luaL_loadfile() reads from a file at once.
#define LUAL_FILE_BUFFER_BYTES 256

#endif
