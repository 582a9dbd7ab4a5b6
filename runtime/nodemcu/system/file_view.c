// file_view.c: file.view(name): a file of the store, read where it lies, as an object.
//
// Ours; the firmware has none. A view keeps the version that it was made of, through rewrites,
// renames and removals; the store carries it along until the view is closed or collected. It costs
// no descriptor and a userdata, whatever the size of the file; what sub() and byte() give is
// copied.
//
// Reads and writes: the file store (runtime/flash/store); programs whose files lie in a directory
// have no views. Memory: the open file lies in the userdata, which the heap does not move.

#include "runtime/flash/store/store_files.h"
#include "runtime/nodemcu/byte_source.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/file.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

#define META "file.view" // BYTE_SOURCE_VIEW, in letters for api.lua

struct file_view {
    struct byte_source source;
    struct store_file file; // its store is NULL when the view is closed
};

ROTABLE_EXTERN(file_view_meta);

static struct file_view *check_view(lua_State *L)
{
    struct file_view *view = luaL_checkudata(L, 1, META);
    if (!view->file.store)
        luaL_error(L, "view is closed");
    return view;
}

static int read_source(struct byte_source *source, uint32_t from, void *data, uint32_t bytes)
{
    struct file_view *view = (struct file_view *)source;
    view->file.pos = from;
    return store_file_read(&view->file, data, bytes) == (long)bytes ? 0 : -1;
}

int file_view(lua_State *L)
{
    const char *name = file_check_name(L, 1);
    struct store *store = store_files_store(fs_program);
    if (!store)
        return luaL_error(L, "no file store");
    struct file_view *view = lua_newuserdata(L, sizeof *view);
    view->file.store = NULL;
    view->source = (struct byte_source){0, NULL};
    luaL_rometatable(L, META, &file_view_meta);
    lua_setmetatable(L, -2);
    if (store_file_open(store, &view->file, name, STORE_READS) != STATUS_OK) {
        view->file.store = NULL;
        return lua_pushnil(L), 1;
    }
    view->source = (struct byte_source){store_file_size(&view->file), read_source};
    world_note_file(WORLD_FILE_READ, name);
    return 1;
}

static int view_close(lua_State *L)
{
    struct file_view *view = luaL_checkudata(L, 1, META);
    if (view->file.store)
        (void)!store_file_close(&view->file);
    view->source.read = NULL;
    return 0;
}

static int view_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)store_file_size(&check_view(L)->file));
    return 1;
}

// Places as those of string.sub: from 1 on, from the end if negative. [*from, result) in bytes.
static uint32_t check_range(lua_State *L, uint32_t bytes, lua_Integer first, lua_Integer last,
                            uint32_t *from)
{
    int64_t begin = first < 0 ? (int64_t)first + bytes + 1 : first;
    int64_t end = last < 0 ? (int64_t)last + bytes + 1 : last;
    (void)L;
    begin = begin < 1 ? 1 : begin;
    end = end > bytes ? bytes : end;
    *from = begin > end ? 0 : (uint32_t)begin - 1;
    return begin > end ? 0 : (uint32_t)end;
}

static void read_failed(lua_State *L)
{
    luaL_error(L, "cannot read the view");
}

static int view_byte(lua_State *L)
{
    struct file_view *view = check_view(L);
    lua_Integer first = luaL_optinteger(L, 2, 1), last = luaL_optinteger(L, 3, first);
    uint32_t from, end = check_range(L, store_file_size(&view->file), first, last, &from);
    if (end - from >= LUAI_MAXCSTACK)
        return luaL_error(L, "string slice too long");
    luaL_checkstack(L, (int)(end - from), "string slice too long");
    for (view->file.pos = from; view->file.pos < end;) {
        uint8_t byte;
        if (store_file_read(&view->file, &byte, 1) != 1)
            read_failed(L);
        lua_pushinteger(L, byte);
    }
    return (int)(end - from);
}

static int view_sub(lua_State *L)
{
    struct file_view *view = check_view(L);
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_optinteger(L, 3, -1);
    uint32_t from, end = check_range(L, store_file_size(&view->file), first, last, &from);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT | PROBE_SOURCES_OF_FILE(view->file.name));
    while (from < end) {
        uint32_t part = end - from < LUAL_BUFFERSIZE ? end - from : LUAL_BUFFERSIZE;
        view->file.pos = from; // a collection may move the file, not the place in it
        if (store_file_read(&view->file, luaL_prepbuffer(&buffer), part) != (long)part)
            break;
        luaL_addsize(&buffer, part);
        from += part;
    }
    luaL_pushresult(&buffer);
    PROBE_SOURCE_END();
    if (from < end)
        read_failed(L);
    return 1;
}

ROTABLE_BEGIN(file_view_meta)
    ROTABLE_FUNC("__gc", view_close)
    ROTABLE_TABLE("__index", file_view_meta)
    ROTABLE_FUNC("__len", view_len)
    ROTABLE_FUNC("byte", view_byte)
    ROTABLE_FUNC("close", view_close)
    ROTABLE_FUNC("len", view_len)
    ROTABLE_FUNC("sub", view_sub)
ROTABLE_END(file_view_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)
