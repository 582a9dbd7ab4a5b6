// pipe.c: the module pipe: queues of bytes between parts of a program.
//
// Reads and writes: the pipe's table; the queue of tasks, for its reader.
// Memory: a pipe is a table whose item 1 is the closure that writes (4 upvalues); the others are
//         chunks, userdata of 256 characters and two positions, oldest first. A chunk goes when it
//         has been read.
// Source: documentation of the firmware's module pipe; its behaviour in NodeMCU 3.0.

#include <string.h>

#include "runtime/nodemcu/data/pipe.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/tasks.h"

#define META "pipe"
#define CHUNK_BYTES 256
#define WRITER 1      // item of the table
#define CHUNK_FIRST 2 // the oldest chunk
#define PRIORITY_DEFAULT 1

struct chunk {
    int32_t start, end; // of what is in it and not read yet
    char text[CHUNK_BYTES];
};
_Static_assert(sizeof(struct chunk) == 264, "the firmware's size of a chunk");

// Upvalues of the closure that writes.
enum { UP_PIPE = 1, UP_READER, UP_PRIORITY, UP_STATE };
#define STATE_POSTED 1  // a task of the reader waits
#define STATE_WRITTEN 2 // since the reader's task began

// ---- chunks ----

static void check_pipe(lua_State *L)
{
    luaL_argcheck(L, lua_istable(L, 1), 1, "pipe table");
    lua_rawgeti(L, 1, WRITER);
    luaL_argcheck(L, lua_iscfunction(L, -1), 1, "pipe table");
    lua_pop(L, 1);
}

static int chunk_count(lua_State *L, int pipe)
{
    return (int)lua_objlen(L, pipe) - WRITER;
}

// The chunk at `item`; it stays reachable through the table.
static struct chunk *chunk_at(lua_State *L, int pipe, int item)
{
    lua_rawgeti(L, pipe, item);
    struct chunk *chunk = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return chunk;
}

// Puts an empty chunk at `item` and moves those from there on up by one.
static struct chunk *insert_chunk(lua_State *L, int pipe, int item)
{
    struct chunk *chunk = lua_newuserdata(L, sizeof *chunk);
    chunk->start = chunk->end = 0;
    for (int i = (int)lua_objlen(L, pipe); i >= item; i--) {
        lua_rawgeti(L, pipe, i);
        lua_rawseti(L, pipe, i + 1);
    }
    lua_rawseti(L, pipe, item);
    return chunk;
}

static void remove_first_chunk(lua_State *L, int pipe)
{
    int last = (int)lua_objlen(L, pipe);
    for (int i = CHUNK_FIRST; i < last; i++) {
        lua_rawgeti(L, pipe, i + 1);
        lua_rawseti(L, pipe, i);
    }
    lua_pushnil(L);
    lua_rawseti(L, pipe, last);
}

// Moves what is in the chunk to its start, so that there is room behind it, or to its end.
static void shift(struct chunk *chunk, int to_end)
{
    int32_t used = chunk->end - chunk->start, start = to_end ? CHUNK_BYTES - used : 0;
    memmove(chunk->text + start, chunk->text + chunk->start, (size_t)used);
    chunk->start = start;
    chunk->end = start + used;
}

static int is_full(const struct chunk *chunk)
{
    return chunk->end - chunk->start == CHUNK_BYTES;
}

static void append(lua_State *L, int pipe, const char *text, size_t bytes)
{
    while (bytes > 0) {
        int last = (int)lua_objlen(L, pipe);
        struct chunk *chunk = last >= CHUNK_FIRST ? chunk_at(L, pipe, last) : NULL;
        if (!chunk || is_full(chunk))
            chunk = insert_chunk(L, pipe, last + 1);
        else if ((size_t)(CHUNK_BYTES - chunk->end) < bytes)
            shift(chunk, 0);
        size_t room = (size_t)(CHUNK_BYTES - chunk->end), taken = bytes < room ? bytes : room;
        memcpy(chunk->text + chunk->end, text, taken);
        chunk->end += (int32_t)taken;
        text += taken;
        bytes -= taken;
    }
}

static void prepend(lua_State *L, int pipe, const char *text, size_t bytes)
{
    while (bytes > 0) {
        struct chunk *chunk = chunk_count(L, pipe) > 0 ? chunk_at(L, pipe, CHUNK_FIRST) : NULL;
        if (!chunk || is_full(chunk))
            chunk = insert_chunk(L, pipe, CHUNK_FIRST);
        if ((size_t)chunk->start < bytes)
            shift(chunk, 1);
        size_t room = (size_t)chunk->start, taken = bytes < room ? bytes : room;
        bytes -= taken;
        chunk->start -= (int32_t)taken;
        memcpy(chunk->text + chunk->start, text + bytes, taken);
    }
}

// ---- the reader's task ----

static void set_state(lua_State *L, int state)
{
    lua_pushinteger(L, state);
    lua_replace(L, lua_upvalueindex(UP_STATE));
}

static int state_of(lua_State *L)
{
    return (int)lua_tointeger(L, lua_upvalueindex(UP_STATE));
}

// Posts the running closure, unless it waits already; if the queue is full, the next write tries
// again.
static void post(lua_State *L)
{
    if (state_of(L) & STATE_POSTED)
        return;
    lua_rawgeti(L, lua_upvalueindex(UP_PIPE), WRITER);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (tasks_post(ref, (int)lua_tointeger(L, lua_upvalueindex(UP_PRIORITY))) == 0)
        set_state(L, state_of(L) | STATE_POSTED);
    else
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
}

// The reader says whether it wants to be called again: true while there is something, false not,
// nil if something was written meanwhile.
static int run_reader(lua_State *L)
{
    set_state(L, 0);
    lua_pushvalue(L, lua_upvalueindex(UP_READER));
    lua_pushvalue(L, lua_upvalueindex(UP_PIPE));
    lua_call(L, 1, 1);
    int wants_more = lua_isboolean(L, -1)
                         ? lua_toboolean(L, -1) && chunk_count(L, lua_upvalueindex(UP_PIPE)) > 0
                         : (state_of(L) & STATE_WRITTEN) != 0;
    if (wants_more)
        post(L);
    return 0;
}

// The closure of a pipe: with a text it writes, with a task's priority it is the reader's task.
static int pipe_closure(lua_State *L)
{
    size_t bytes;
    int pipe = lua_upvalueindex(UP_PIPE);
    if (lua_type(L, 1) != LUA_TSTRING)
        return run_reader(L);
    const char *text = lua_tolstring(L, 1, &bytes);
    if (bytes == 0)
        return 0;
    append(L, pipe, text, bytes);
    set_state(L, state_of(L) | STATE_WRITTEN);
    if (!lua_isnil(L, lua_upvalueindex(UP_READER)))
        post(L);
    return 0;
}

// ---- methods ----

// pipe:write(text)
static int pipe_write(lua_State *L)
{
    check_pipe(L);
    luaL_argcheck(L, lua_type(L, 2) == LUA_TSTRING, 2, "must be a string");
    lua_rawgeti(L, 1, WRITER);
    lua_pushvalue(L, 2);
    lua_call(L, 1, 0);
    return 0;
}

// pipe:unread(text): puts a text back in front.
static int pipe_unread(lua_State *L)
{
    size_t bytes;
    check_pipe(L);
    luaL_argcheck(L, lua_type(L, 2) == LUA_TSTRING, 2, "must be a string");
    const char *text = lua_tolstring(L, 2, &bytes);
    prepend(L, 1, text, bytes);
    return 0;
}

// How a record ends.
struct record {
    size_t bytes_max;
    char end; // where `has_end`
    int has_end, keeps_end;
};

static struct record check_record(lua_State *L, int arg)
{
    size_t bytes;
    if (lua_type(L, arg) == LUA_TNUMBER) {
        lua_Integer wanted = lua_tointeger(L, arg);
        luaL_argcheck(L, wanted > 0, arg, "invalid chunk size");
        return (struct record){(size_t)wanted, 0, 0, 0};
    }
    const char *end = luaL_optlstring(L, arg, "\n", &bytes);
    luaL_argcheck(L, bytes == 1 || (bytes == 2 && end[1] == '+'), arg, "invalid delimiter");
    return (struct record){SIZE_MAX, end[0], 1, bytes == 2};
}

// Pushes the next record of the pipe at that stack position, or nil if there is nothing.
static void push_record(lua_State *L, int pipe, struct record record)
{
    luaL_Buffer b;
    int is_whole = 0;
    if (chunk_count(L, pipe) == 0) {
        lua_pushnil(L);
        return;
    }
    luaL_buffinit(L, &b);
    while (!is_whole && record.bytes_max > 0 && chunk_count(L, pipe) > 0) {
        struct chunk *chunk = chunk_at(L, pipe, CHUNK_FIRST);
        const char *from = chunk->text + chunk->start;
        size_t there = (size_t)(chunk->end - chunk->start);
        size_t taken = there < record.bytes_max ? there : record.bytes_max;
        const char *end = record.has_end ? memchr(from, record.end, taken) : NULL;
        is_whole = end != NULL;
        taken = end ? (size_t)(end - from) + 1 : taken;
        luaL_addlstring(&b, from, end && !record.keeps_end ? taken - 1 : taken);
        record.bytes_max -= taken;
        chunk->start += (int32_t)taken;
        if (chunk->start == chunk->end)
            remove_first_chunk(L, pipe);
    }
    luaL_pushresult(&b);
}

// pipe:read([bytes | delimiter]): a record, less if less is there; nil if nothing is.
static int pipe_read(lua_State *L)
{
    check_pipe(L);
    push_record(L, 1, check_record(L, 2));
    return 1;
}

static int read_on(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    return pipe_read(L);
}

// pipe:reader([bytes | delimiter]): a function that reads records.
static int pipe_reader(lua_State *L)
{
    check_pipe(L);
    check_record(L, 2);
    lua_settop(L, 2);
    lua_pushcclosure(L, read_on, 2);
    return 1;
}

// pipe:nrec(): chunks that wait.
static int pipe_nrec(lua_State *L)
{
    check_pipe(L);
    lua_pushinteger(L, chunk_count(L, 1));
    return 1;
}

static int pipe_tostring(lua_State *L)
{
    check_pipe(L);
    lua_pushfstring(L, "Pipe: %p", lua_topointer(L, 1));
    return 1;
}

ROTABLE_EXTERN(pipe_meta);
ROTABLE_BEGIN(pipe_meta)
    ROTABLE_TABLE("__index", pipe_meta)
    ROTABLE_FUNC("__tostring", pipe_tostring)
    ROTABLE_FUNC("read", pipe_read)
    ROTABLE_FUNC("reader", pipe_reader)
    ROTABLE_FUNC("unread", pipe_unread)
    ROTABLE_FUNC("write", pipe_write)
    ROTABLE_FUNC("nrec", pipe_nrec)
ROTABLE_END(pipe_meta, NULL, ROTABLE_EVENT_INDEX)

// ---- making them ----

void pipe_push_new(lua_State *L, int priority)
{
    int reader = lua_gettop(L);
    lua_createtable(L, 1, 0);
    lua_pushrotable(L, &pipe_meta);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_pushvalue(L, reader);
    lua_pushinteger(L, priority);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pipe_closure, 4);
    lua_rawseti(L, -2, WRITER);
    lua_remove(L, reader);
}

void pipe_write_top(lua_State *L)
{
    lua_rawgeti(L, -2, WRITER);
    lua_insert(L, -2);
    lua_call(L, 1, 0);
}

// pipe.create([reader [, priority]]): without a reader there is no task, and the priority is of no
// matter.
static int pipe_create(lua_State *L)
{
    lua_Integer priority = PRIORITY_DEFAULT;
    if (!lua_isnoneornil(L, 1)) {
        luaL_checkfunction(L, 1);
        if (!lua_isnoneornil(L, 2))
            priority = lua_tointeger(L, 2);
        luaL_argcheck(L, priority >= 0 && priority < TASKS_PRIORITIES, 2, "invalid priority");
    }
    lua_settop(L, 1);
    pipe_push_new(L, (int)priority);
    return 1;
}

ROTABLE_BEGIN(pipe_lib)
    ROTABLE_FUNC("create", pipe_create)
ROTABLE_END(pipe_lib, NULL, 0)
