// lua.h: the C interface of the runtime, with the names and the meaning of Lua 5.1.
//
// Reads and writes: the state given as first argument, and nothing else.
// Memory: a state and all that it holds belong to the allocator given to lua_newstate(). Pointers
//         to the characters of a string are good while the string is on a stack or in a live table.
// Context: one thread of execution; never from an interrupt.
// Source: Lua 5.1 reference manual, chapter 3. What goes beyond it is marked "Extension".
//
// In the comments, [-o, +p, e] says: pops o values, pushes p, and e is - (raises no error), m (only
// out of memory) or v (may raise others). `idx` is a stack position: 1 is the lowest value of the
// running C function, -1 the topmost, LUA_REGISTRYINDEX and its neighbours name special places.
// "Acceptable" positions may lie above the top (they read as LUA_TNONE), "valid" ones may not.
#ifndef RUNTIME_CORE_LUA_H
#define RUNTIME_CORE_LUA_H

#include <stdarg.h>
#include <stddef.h>

#include "runtime/core/api/luaconf.h"

#define LUA_VERSION "Lua 5.1"
#define LUA_RELEASE "Lua 5.1.4"
#define LUA_VERSION_NUM 501

// First bytes of a precompiled chunk.
#define LUA_SIGNATURE "\033Lua"

// "All results" for lua_call() and lua_pcall().
#define LUA_MULTRET (-1)

// Special positions. Upvalue n (1..LUAI_MAXUPVALUES) of the running C closure follows the globals.
#define LUA_REGISTRYINDEX (-10000)
#define LUA_ENVIRONINDEX (-10001)
#define LUA_GLOBALSINDEX (-10002)
#define lua_upvalueindex(n) (LUA_GLOBALSINDEX - (n))

// Results of lua_pcall(), lua_load(), lua_resume(), lua_status(). LUA_ERRFILE (lauxlib.h) follows.
#define LUA_OK 0
#define LUA_YIELD 1
#define LUA_ERRRUN 2
#define LUA_ERRSYNTAX 3
#define LUA_ERRMEM 4
#define LUA_ERRERR 5

// What lua_type() answers. Variants of a type that exist inside (read-only tables, light functions)
// are not seen here: a read-only table is LUA_TTABLE, a light function LUA_TFUNCTION.
#define LUA_TNONE (-1)
#define LUA_TNIL 0
#define LUA_TBOOLEAN 1
#define LUA_TLIGHTUSERDATA 2
#define LUA_TNUMBER 3
#define LUA_TSTRING 4
#define LUA_TTABLE 5
#define LUA_TFUNCTION 6
#define LUA_TUSERDATA 7
#define LUA_TTHREAD 8

typedef struct lua_State lua_State;
typedef struct lua_Debug lua_Debug;
struct rotable;

// A C function: takes its arguments from the stack, pushes its results, returns their number.
typedef int (*lua_CFunction)(lua_State *L);

// Gives the next piece of a chunk and its size; NULL or size 0 at the end.
typedef const char *(*lua_Reader)(lua_State *L, void *data, size_t *bytes);

// Takes a piece of a dumped chunk; any result but 0 ends the dump.
typedef int (*lua_Writer)(lua_State *L, const void *piece, size_t bytes, void *data);
#define lua_Chunkreader lua_Reader
#define lua_Chunkwriter lua_Writer

// Allocator: new_bytes 0 frees and returns NULL; otherwise returns a block of new_bytes bytes that
// keeps the content of `block` (old_bytes long, NULL if 0), or NULL, then `block` stays as it was.
typedef void *(*lua_Alloc)(void *data, void *block, size_t old_bytes, size_t new_bytes);

typedef void (*lua_Hook)(lua_State *L, lua_Debug *ar);

// ---- states ----

// Makes an independent state; NULL if memory does not suffice. No library is open.
lua_State *lua_newstate(lua_Alloc alloc, void *data);
// Ends a state: finalizers run, everything is freed. L may be any thread of it.
void lua_close(lua_State *L);
// Makes a thread that shares globals and registry with L and pushes it. [-0, +1, m]
lua_State *lua_newthread(lua_State *L);
// Sets the function called by errors outside any protected call; returns the one before.
lua_CFunction lua_atpanic(lua_State *L, lua_CFunction panic);
// The allocator of the state; *data gets its argument unless data is NULL.
lua_Alloc lua_getallocf(lua_State *L, void **data);
void lua_setallocf(lua_State *L, lua_Alloc alloc, void *data);

// ---- stack ----

// Number of values of the running function = position of the topmost.
int lua_gettop(lua_State *L);
// Cuts or fills with nil up to position idx. [-?, +?, -]
void lua_settop(lua_State *L, int idx);
#define lua_pop(L, n) lua_settop(L, -(n)-1)
// Pushes a copy of the value at valid idx. [-0, +1, -]
void lua_pushvalue(lua_State *L, int idx);
// Takes away the value at valid idx, not a special one; those above move down. [-1, +0, -]
void lua_remove(lua_State *L, int idx);
// Moves the topmost value to idx; those at and above idx move up. [-1, +1, -]
void lua_insert(lua_State *L, int idx);
// Moves the topmost value over the one at idx. Environment position: needs a table. [-1, +0, -]
void lua_replace(lua_State *L, int idx);
// Makes room for `extra` more values; 0 if that is not possible (limit LUAI_MAXCSTACK). [-0, +0, m]
int lua_checkstack(lua_State *L, int extra);
// Moves n values from the top of one thread to another of the same state. [-n, +0, -] [-0, +n, -]
void lua_xmove(lua_State *from, lua_State *to, int n);

// ---- questions about values ----

// Type at acceptable idx: LUA_TNONE or LUA_TNIL...LUA_TTHREAD.
int lua_type(lua_State *L, int idx);
// Name of a type code. LUA_TLIGHTUSERDATA is "userdata"; in the nodemcu profile "lightfunction",
// which is what the firmware says.
const char *lua_typename(lua_State *L, int type);
int lua_isnumber(lua_State *L, int idx);            // number, or text that reads as one
int lua_isstring(lua_State *L, int idx);            // string or number
int lua_iscfunction(lua_State *L, int idx);         // C function, light or closure
int lua_isuserdata(lua_State *L, int idx);          // full or light
int lua_equal(lua_State *L, int idx1, int idx2);    // ==, with metamethods; 0 if not valid
int lua_rawequal(lua_State *L, int idx1, int idx2); // == without; 0 if not valid
int lua_lessthan(lua_State *L, int idx1, int idx2); // <, with metamethods; 0 if not valid

#define lua_isfunction(L, n) (lua_type(L, (n)) == LUA_TFUNCTION)
#define lua_istable(L, n) (lua_type(L, (n)) == LUA_TTABLE)
#define lua_islightuserdata(L, n) (lua_type(L, (n)) == LUA_TLIGHTUSERDATA)
#define lua_isnil(L, n) (lua_type(L, (n)) == LUA_TNIL)
#define lua_isboolean(L, n) (lua_type(L, (n)) == LUA_TBOOLEAN)
#define lua_isthread(L, n) (lua_type(L, (n)) == LUA_TTHREAD)
#define lua_isnone(L, n) (lua_type(L, (n)) == LUA_TNONE)
#define lua_isnoneornil(L, n) (lua_type(L, (n)) <= 0)

// ---- values to C ----

// Number at idx, or of the text there; 0 for anything else.
lua_Number lua_tonumber(lua_State *L, int idx);
// The same, fraction cut off; out of range: unspecified value.
lua_Integer lua_tointeger(lua_State *L, int idx);
// 0 for false, nil and none; else 1.
int lua_toboolean(lua_State *L, int idx);
// Characters of the string at idx, aligned to a word and ended by a NUL that is not counted in
// *bytes (unless NULL); NULL for other types. A number in that place BECOMES a string, which
// confuses lua_next() when it is the key. [-0, +0, m]
const char *lua_tolstring(lua_State *L, int idx, size_t *bytes);
#define lua_tostring(L, i) lua_tolstring(L, (i), NULL)
// Bytes of a string, elements of a table (#, raw), bytes of a full userdata; else 0.
size_t lua_objlen(lua_State *L, int idx);
#define lua_strlen(L, i) lua_objlen(L, (i))
lua_CFunction lua_tocfunction(lua_State *L, int idx); // NULL if not a C function
void *lua_touserdata(lua_State *L, int idx);          // block or light pointer; else NULL
lua_State *lua_tothread(lua_State *L, int idx);       // NULL if not a thread
// An address that tells objects apart (tables, functions, userdata, threads); else NULL.
const void *lua_topointer(lua_State *L, int idx);

// ---- values from C ---- each [-0, +1, m or -]

void lua_pushnil(lua_State *L);
void lua_pushnumber(lua_State *L, lua_Number n);
void lua_pushinteger(lua_State *L, lua_Integer n);
void lua_pushboolean(lua_State *L, int b);
void lua_pushlightuserdata(lua_State *L, void *p);
// Copies `bytes` characters, any of them NUL; interned.
void lua_pushlstring(lua_State *L, const char *s, size_t bytes);
// Up to the NUL; NULL pushes nil.
void lua_pushstring(lua_State *L, const char *s);
#define lua_pushliteral(L, s) lua_pushlstring(L, "" s, sizeof(s) - 1)
// Formats %s (NULL gives "(null)"), %d, %c, %f (a double, written as a number), %p, %%; returns the
// new string.
const char *lua_pushfstring(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *lua_pushvfstring(lua_State *L, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
// C function with the n topmost values as upvalues, 0..LUAI_MAXUPVALUES; n = 0 makes a light
// function, which takes no memory. [-n, +1, m]
void lua_pushcclosure(lua_State *L, lua_CFunction function, int n);
#define lua_pushcfunction(L, f) lua_pushcclosure(L, (f), 0)
// Extension: a light function, said outright.
#define lua_pushlightfunction(L, f) lua_pushcclosure(L, (f), 0)
// Pushes L itself; 1 if it is the main thread of its state.
int lua_pushthread(lua_State *L);
// Extension: a read-only table (runtime/core/rotable.h). Takes no memory.
void lua_pushrotable(lua_State *L, const struct rotable *table);

// ---- tables and environments ----

void lua_gettable(lua_State *L, int idx);                  // t[top] [-1, +1, v]
void lua_getfield(lua_State *L, int idx, const char *key); // t[key] [-0, +1, v]
void lua_rawget(lua_State *L, int idx);                    // no metamethods [-1, +1, -]
void lua_rawgeti(lua_State *L, int idx, int n);            // t[n], raw [-0, +1, -]
// New table with room for list_count list elements and field_count others. [-0, +1, m]
void lua_createtable(lua_State *L, int list_count, int field_count);
#define lua_newtable(L) lua_createtable(L, 0, 0)
// New full userdata; address of its block, aligned for any type. [-0, +1, m]
void *lua_newuserdata(lua_State *L, size_t bytes);
int lua_getmetatable(lua_State *L, int idx);               // 0 and no push if none [-0, +0|1, -]
void lua_getfenv(lua_State *L, int idx);                   // nil if it has none [-0, +1, -]
void lua_settable(lua_State *L, int idx);                  // t[top-1] = top [-2, +0, v]
void lua_setfield(lua_State *L, int idx, const char *key); // t[key] = top [-1, +0, v]
// Raw stores. Storing into a read-only table raises "table is readonly".
void lua_rawset(lua_State *L, int idx);         // [-2, +0, m]
void lua_rawseti(lua_State *L, int idx, int n); // [-1, +0, m]
int lua_setmetatable(lua_State *L, int idx);    // table or nil on top [-1, +0, -]
int lua_setfenv(lua_State *L, int idx);         // 0 if it cannot have one [-1, +0, -]
#define lua_getglobal(L, s) lua_getfield(L, LUA_GLOBALSINDEX, (s))
#define lua_setglobal(L, s) lua_setfield(L, LUA_GLOBALSINDEX, (s))
#define lua_register(L, n, f) (lua_pushcfunction(L, (f)), lua_setglobal(L, (n)))
#define lua_open() luaL_newstate()
#define lua_getregistry(L) lua_pushvalue(L, LUA_REGISTRYINDEX)

// ---- calls, chunks ----

// Calls the function below its arg_count arguments; errors pass through. [-n-1, +results, v]
void lua_call(lua_State *L, int arg_count, int result_count);
// The same, but an error leaves one value, the message, after handler (0: none, else position of a
// function that gets the message and gives the one to leave). Result LUA_OK, LUA_ERRRUN,
// LUA_ERRMEM (handler not called) or LUA_ERRERR (error in the handler).
int lua_pcall(lua_State *L, int arg_count, int result_count, int handler_idx);
// Calls a C function with one light userdata, protected; no results. [-0, +0|1, -]
int lua_cpcall(lua_State *L, lua_CFunction function, void *data);
// Compiles or loads a chunk, source or precompiled by its first byte; pushes the function, or a
// message with LUA_ERRSYNTAX or LUA_ERRMEM. [-0, +1, -]
int lua_load(lua_State *L, lua_Reader reader, void *data, const char *chunk_name);
// Writes the Lua function on top as a precompiled chunk; 1 if it is none, else the last result of
// the writer. Strip level as the state was compiled with. [-0, +0, m]
// The writer may push values on L; they are not the function.
int lua_dump(lua_State *L, lua_Writer writer, void *data);
// Extension: lua_dump() with a strip level: -1 as lua_dump(), 0 keeps everything, 1 or 2 leave out
// source name, lines and names (any level but 0 does in this format).
int lua_dumpstrip(lua_State *L, lua_Writer writer, void *data, int strip_level);

// ---- coroutines ----

// Gives up the running coroutine with the result_count topmost values; only as the return value of
// a C function.
int lua_yield(lua_State *L, int result_count);
// Starts or goes on with thread L; its arguments are on top. LUA_YIELD, LUA_OK at the end, or an
// error code with the message on L's stack, which stays as it was for lua_getstack().
int lua_resume(lua_State *L, int arg_count);
// LUA_YIELD if suspended, LUA_OK, or the error that ended it.
int lua_status(lua_State *L);
// Extension (Lua 5.1 has it without saying so): makes `to` count the C calls that are active in
// `from`, so that coroutines within coroutines meet LUAI_MAXCCALLS. Before lua_resume(to, ...).
void lua_setlevel(lua_State *from, lua_State *to);

// ---- the rest ----

// Raises an error with the value on top as message. Does not return. [-1, +0, v]
int lua_error(lua_State *L) __attribute__((noreturn));
// Key after the one on top, and its value; pushes nothing at the end. [-1, +2|0, v]
int lua_next(lua_State *L, int idx);
// Joins the n topmost values as `..` does; n = 0 gives "", n = 1 nothing to do. [-n, +1, v]
void lua_concat(lua_State *L, int n);

// Orders to the collector. COUNT: whole KB in use; COUNTB: the bytes over. STEP: 1 if a cycle
// ended.
// SETPAUSE, SETSTEPMUL: percent; the result is the value before.
#define LUA_GCSTOP 0
#define LUA_GCRESTART 1
#define LUA_GCCOLLECT 2
#define LUA_GCCOUNT 3
#define LUA_GCCOUNTB 4
#define LUA_GCSTEP 5
#define LUA_GCSETPAUSE 6
#define LUA_GCSETSTEPMUL 7
// Extension: limit of the Lua bytes in KB, 0 for none; both give the limit that was there before.
#define LUA_GCSETMEMLIMIT 8
#define LUA_GCGETMEMLIMIT 9
int lua_gc(lua_State *L, int order, int value);
#define lua_getgccount(L) lua_gc(L, LUA_GCCOUNT, 0)

// Extension: pushes a sorted list of the strings of the RAM string table (is_rom 0) or of the
// mounted images (is_rom 1), nil if there is no image. Needs about 8 bytes a string while sorting.
// [-0,+1,m]
void lua_pushstringtable(lua_State *L, int is_rom);

// ---- debugging ----

#define LUA_HOOKCALL 0
#define LUA_HOOKRET 1
#define LUA_HOOKLINE 2
#define LUA_HOOKCOUNT 3
#define LUA_HOOKTAILRET 4
#define LUA_MASKCALL (1 << LUA_HOOKCALL)
#define LUA_MASKRET (1 << LUA_HOOKRET)
#define LUA_MASKLINE (1 << LUA_HOOKLINE)
#define LUA_MASKCOUNT (1 << LUA_HOOKCOUNT)

// A record of one active function; 100 bytes on a 32-bit target. Letters: option of lua_getinfo()
// that fills a field.
struct lua_Debug {
    int event;                  // hooks only: LUA_HOOKxxx
    const char *name;           // n: name the caller used, or NULL
    const char *namewhat;       // n: "global", "local", "method", "field", "upvalue" or ""
    const char *what;           // S: "Lua", "C", "main" or "tail"
    const char *source;         // S: chunk name
    int currentline;            // l: line, -1 if not known
    int nups;                   // u: number of upvalues
    int linedefined;            // S: first line of the function
    int lastlinedefined;        // S: last line
    char short_src[LUA_IDSIZE]; // S: chunk name fit for messages
    int call_idx;               // private: which call record
};

// Finds the function at a level (0: the running one, 1: its caller ...); 0 if there is none.
int lua_getstack(lua_State *L, int level, lua_Debug *ar);
// Fills the fields named in `what` (letters above; f pushes the function, L pushes a table whose
// keys are the lines with code). A leading '>' means the function on top, which is popped. 0 for a
// letter that is not known.
int lua_getinfo(lua_State *L, const char *what, lua_Debug *ar);
// Local variable n (from 1) of the call: pushes its value, returns its name; NULL if there is none.
const char *lua_getlocal(lua_State *L, const lua_Debug *ar, int n);
const char *lua_setlocal(lua_State *L, const lua_Debug *ar, int n);
// Upvalue n of the function at idx; names of C upvalues are "".
const char *lua_getupvalue(lua_State *L, int idx, int n);
const char *lua_setupvalue(lua_State *L, int idx, int n);
// Sets the hook of thread L for the events of the mask; count: instructions between count events.
int lua_sethook(lua_State *L, lua_Hook hook, int mask, int count);
lua_Hook lua_gethook(lua_State *L);
int lua_gethookmask(lua_State *L);
int lua_gethookcount(lua_State *L);

#endif
