// lauxlib.h: what C libraries for Lua need besides lua.h: argument checks, text buffers, loading of
// files, references, tracebacks. Names and meaning are those of Lua 5.1.
//
// Reads and writes: the state; luaL_loadfile() reads files through runtime/port/port.h.
// Memory: struct luaL_Buffer stands on the C stack (268 bytes on a 32-bit target); everything else
//         is the state's. Uses nothing of the core but lua.h.
// Source: Lua 5.1 reference manual, chapter 4. What goes beyond it is marked "Extension".
#ifndef RUNTIME_CORE_LAUXLIB_H
#define RUNTIME_CORE_LAUXLIB_H

#include "runtime/core/api/lua.h"

// luaL_loadfile(): file cannot be opened or read. Follows the codes of lua_load().
#define LUA_ERRFILE (LUA_ERRERR + 1)

// References that luaL_ref() never gives to a value.
#define LUA_NOREF (-2)
#define LUA_REFNIL (-1)

struct rotable;

// A list of functions ends with {NULL, NULL}.
typedef struct luaL_Reg {
    const char *name;
    lua_CFunction func;
} luaL_Reg;
#define luaL_reg luaL_Reg

// A state in the heap that the port has set up. An error outside a protected call writes
// "PANIC: unprotected error in call to Lua API (MESSAGE)" and ends the program. NULL if there is
// not enough memory.
lua_State *luaL_newstate(void);

// ---- errors and arguments ----

// Checks raise errors of the form "bad argument #N to 'F' (...)".

// Raises an error: position of the running Lua function, then the formatted text (lua_pushfstring).
int luaL_error(lua_State *L, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
// Pushes "chunk:line: " of the function at a level (1: the caller of the C function), "" if
// unknown.
void luaL_where(lua_State *L, int level);
int luaL_argerror(lua_State *L, int arg, const char *what) __attribute__((noreturn));
// "NAME expected, got TYPE".
int luaL_typerror(lua_State *L, int arg, const char *name) __attribute__((noreturn));
#define luaL_argcheck(L, condition, arg, what)                                                     \
    ((void)((condition) || luaL_argerror(L, (arg), (what))))

// Text (number becomes text) at position arg; *bytes gets the length unless bytes is NULL.
const char *luaL_checklstring(lua_State *L, int arg, size_t *bytes);
// The same, but `fallback` (may be NULL) for none or nil.
const char *luaL_optlstring(lua_State *L, int arg, const char *fallback, size_t *bytes);
lua_Number luaL_checknumber(lua_State *L, int arg);
lua_Number luaL_optnumber(lua_State *L, int arg, lua_Number fallback);
lua_Integer luaL_checkinteger(lua_State *L, int arg);
lua_Integer luaL_optinteger(lua_State *L, int arg, lua_Integer fallback);
void luaL_checktype(lua_State *L, int arg, int type);
void luaL_checkany(lua_State *L, int arg); // "value expected" for none
// Index of the text at arg in names[], which ends with NULL; "invalid option 'X'". fallback: the
// name for none or nil, NULL if there must be an argument.
int luaL_checkoption(lua_State *L, int arg, const char *fallback, const char *const names[]);
// Room for `extra` more stack slots, or error "stack overflow (WHAT)".
void luaL_checkstack(lua_State *L, int extra, const char *what);
// Extension: a function of any kind (Lua, C, light).
void luaL_checkfunction(lua_State *L, int arg);
// Extension: a table, read-only ones included (luaL_checktype(L, arg, LUA_TTABLE) takes both too).
void luaL_checktable(lua_State *L, int arg);

#define luaL_checkstring(L, n) (luaL_checklstring(L, (n), NULL))
#define luaL_optstring(L, n, d) (luaL_optlstring(L, (n), (d), NULL))
#define luaL_checkint(L, n) ((int)luaL_checkinteger(L, (n)))
#define luaL_optint(L, n, d) ((int)luaL_optinteger(L, (n), (d)))
#define luaL_checklong(L, n) ((long)luaL_checkinteger(L, (n)))
#define luaL_optlong(L, n, d) ((long)luaL_optinteger(L, (n), (d)))
#define luaL_opt(L, f, n, d) (lua_isnoneornil(L, (n)) ? (d) : f(L, (n)))
#define luaL_typename(L, i) lua_typename(L, lua_type(L, (i)))
#define luaL_getn(L, i) ((int)lua_objlen(L, (i)))
#define luaL_setn(L, i, j) ((void)0)

// ---- userdata and metatables ----

// Registry[name]: if absent, makes a table there and returns 1, else returns 0. Pushes it.
// [-0,+1,m]
int luaL_newmetatable(lua_State *L, const char *name);
// Extension: the same with a read-only table that needs no memory of its own.
int luaL_rometatable(lua_State *L, const char *name, const struct rotable *table);
#define luaL_getmetatable(L, n) lua_getfield(L, LUA_REGISTRYINDEX, (n))
// Block of the userdata at arg, whose metatable must be registry[name].
void *luaL_checkudata(lua_State *L, int arg, const char *name);
// Extension: the same, NULL instead of an error.
void *luaL_testudata(lua_State *L, int arg, const char *name);
// Pushes field `name` of the metatable of the value at obj; 0 and no push if there is none.
int luaL_getmetafield(lua_State *L, int obj, const char *name);
// Calls metamethod `name` of the value at obj with it and pushes one result; 0 if there is none.
int luaL_callmeta(lua_State *L, int obj, const char *name);

// ---- libraries ----

// With a name: table package.loaded[name], or the global of that name (dots make a path), is
// created if need be and pushed; the functions of the list go there. Without: into the table on
// top.
void luaL_register(lua_State *L, const char *name, const luaL_Reg *list);
// The same, each function as a C closure that shares the upvalue_count values on top, which are
// popped.
void luaL_openlib(lua_State *L, const char *name, const luaL_Reg *list, int upvalue_count);
// Walks or makes the tables of the dotted `path` below the table at idx; pushes the last. A field
// in the way that is no table: pushes nothing, returns the rest of the path there. size_hint:
// fields to expect. NULL when done.
const char *luaL_findtable(lua_State *L, int idx, const char *path, int size_hint);
// Extension: table t[key], made if absent; pushed. 1 if it was there.
int luaL_getsubtable(lua_State *L, int idx, const char *key);

// ---- loading ----

// Each pushes the function and returns 0, or pushes a message and returns a code of lua_load().
int luaL_loadbuffer(lua_State *L, const char *text, size_t bytes, const char *chunk_name);
int luaL_loadstring(lua_State *L, const char *text);
// Chunk name "@" + name; a first line that begins with # is skipped. name NULL: standard input; the
// firmware has none and raises "filename is NULL". LUA_ERRFILE: cannot open or read.
int luaL_loadfile(lua_State *L, const char *name);
#define luaL_dofile(L, name) (luaL_loadfile(L, (name)) || lua_pcall(L, 0, LUA_MULTRET, 0))
#define luaL_dostring(L, text) (luaL_loadstring(L, (text)) || lua_pcall(L, 0, LUA_MULTRET, 0))

// ---- references ----

// Takes the value on top into table t and gives the integer key that leads to it; LUA_REFNIL for
// nil.
int luaL_ref(lua_State *L, int t);
// Frees the key for reuse; LUA_NOREF and LUA_REFNIL are ignored.
void luaL_unref(lua_State *L, int t, int ref);
// Extension: frees a registry reference and marks it as free.
#define luaL_unref2(L, t, ref)                                                                     \
    do {                                                                                           \
        luaL_unref(L, (t), (ref));                                                                 \
        (ref) = LUA_NOREF;                                                                         \
    } while (0)

// ---- text buffers ----

// Text in the making. While it is in use, it keeps 0 or more pieces on top of the Lua stack, so the
// caller's pushes and pops must balance between two calls. Every 256 characters become a string;
// pieces are joined when the newest is longer than the one below, or when 10 wait.
typedef struct luaL_Buffer {
    char *p; // next free character
    int lvl; // pieces on the Lua stack
    lua_State *L;
    char buffer[LUAL_BUFFERSIZE];
} luaL_Buffer;

void luaL_buffinit(lua_State *L, luaL_Buffer *B);
// A place for up to LUAL_BUFFERSIZE characters; luaL_addsize() says how many were written.
char *luaL_prepbuffer(luaL_Buffer *B);
#define luaL_addsize(B, n) ((B)->p += (n))
#define luaL_addchar(B, c)                                                                         \
    ((void)((B)->p < (B)->buffer + LUAL_BUFFERSIZE || luaL_prepbuffer(B)), (*(B)->p++ = (char)(c)))
#define luaL_putchar(B, c) luaL_addchar(B, c)
void luaL_addlstring(luaL_Buffer *B, const char *text, size_t bytes);
void luaL_addstring(luaL_Buffer *B, const char *text);
// Adds the text or number on top of the stack, which must lie directly above the buffer's pieces.
void luaL_addvalue(luaL_Buffer *B);
// Pushes the whole text; the buffer is then empty.
void luaL_pushresult(luaL_Buffer *B);

// ---- others ----

// Pushes `text` with every `pattern` (plain, not empty) replaced.
const char *luaL_gsub(lua_State *L, const char *text, const char *pattern, const char *by);
// Extension: pushes message (unless NULL) and the calls of `of`, from a level on, in the words of
// debug.traceback.
void luaL_traceback(lua_State *L, lua_State *of, const char *message, int level);
// The same, joined to the texts from stack position `first` (of L) to the top, which become one.
// The pieces are joined call by call, so that the garbage is that of the firmware.
void luaL_addtraceback(lua_State *L, lua_State *of, int first, int level);
// A state with the C library's allocator is not offered: states live in the port's heap.

#endif
