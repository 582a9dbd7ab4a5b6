// file.c: the module file: files of the program, as objects and through one default file.
//
// Reads and writes: the program's file system (runtime/port/port.h).
// Memory: an object is a userdata of 4 bytes; the port's files lie outside the heap, as on the
//         device. What is read from files is marked as input for the trace.
// Source: documentation of the firmware's module file; facts on the firmware, (d).

#include <string.h>

#include "runtime/flash/lfs.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define META "file.obj"
#define NAME_CHARS_MAX 31
#define CHUNK_BYTES 1024 // that one read gives at most if the program does not say
#define OPEN_MAX 4       // files that are open at a time, the firmware's
#define NO_FILE (-1)

static struct port_file *open_files[OPEN_MAX];
static int default_file = NO_FILE; // of the functions of the module
static int default_ref = LUA_NOREF; // its object in the registry

struct file_object {
    int32_t slot; // NO_FILE: closed
};

void file_close_all(void)
{
    for (int i = 0; i < OPEN_MAX; i++) {
        if (open_files[i])
            port_file_close(open_files[i]);
        open_files[i] = NULL;
    }
    default_file = NO_FILE;
    default_ref = LUA_NOREF;
}

static const char *check_name(lua_State *L, int arg)
{
    size_t bytes;
    const char *name = luaL_checklstring(L, arg, &bytes);
    luaL_argcheck(L, bytes > 0 && bytes <= NAME_CHARS_MAX && strlen(name) == bytes, arg,
                  "filename invalid");
    return name;
}

// ---- which file ----

// The slot that a method or function is about. An object at argument 1 is taken away, so that the
// other arguments begin at 1 in both forms. Raises if no file is open.
static int take_slot(lua_State *L)
{
    int slot = default_file;
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        slot = ((struct file_object *)luaL_checkudata(L, 1, META))->slot;
        lua_remove(L, 1);
    }
    if (slot == NO_FILE)
        luaL_error(L, "open a file first");
    return slot;
}

static void close_slot(lua_State *L, int slot)
{
    port_file_close(open_files[slot]);
    open_files[slot] = NULL;
    if (slot != default_file)
        return;
    default_file = NO_FILE;
    luaL_unref(L, LUA_REGISTRYINDEX, default_ref);
    default_ref = LUA_NOREF;
}

// ---- open and close ----

ROTABLE_EXTERN(file_meta);

static int file_open(lua_State *L)
{
    static const char *const modes[] = {"r", "w", "a", "r+", "w+", "a+", NULL};
    const char *name = check_name(L, 1);
    const char *mode = modes[luaL_checkoption(L, 2, "r", modes)];
    if (default_file != NO_FILE) { // the module's own file is given up; its object keeps it
        default_file = NO_FILE;
        luaL_unref(L, LUA_REGISTRYINDEX, default_ref);
        default_ref = LUA_NOREF;
    }
    struct file_object *object = lua_newuserdata(L, sizeof *object);
    object->slot = NO_FILE;
    luaL_rometatable(L, META, &file_meta);
    lua_setmetatable(L, -2);
    int slot = 0;
    while (slot < OPEN_MAX && open_files[slot])
        slot++;
    struct port_file *file = slot < OPEN_MAX ? port_file_open(name, mode, NULL) : NULL;
    if (!file)
        return lua_pushnil(L), 1;
    open_files[slot] = file;
    object->slot = slot;
    lua_pushvalue(L, -1);
    default_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    default_file = slot;
    return 1;
}

static int file_close(lua_State *L)
{
    int slot = default_file;
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        struct file_object *object = luaL_checkudata(L, 1, META);
        slot = object->slot;
        object->slot = NO_FILE;
    } else if (slot != NO_FILE) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, default_ref);
        ((struct file_object *)luaL_checkudata(L, -1, META))->slot = NO_FILE;
    }
    if (slot != NO_FILE)
        close_slot(L, slot);
    return 0;
}

static int file_flush(lua_State *L)
{
    int slot = take_slot(L);
    if (port_file_flush(open_files[slot]) == 0)
        lua_pushboolean(L, 1);
    else
        lua_pushnil(L);
    return 1;
}

// ---- reading ----

// Pushes up to `limit` bytes, up to and with the character `end` (-1: none); nil at the end.
static int read_until(lua_State *L, struct port_file *file, size_t limit, int end)
{
    luaL_Buffer buffer;
    size_t total = 0;
    luaL_buffinit(L, &buffer);
    PROBE_INPUT_BEGIN();
    while (total < limit) {
        size_t room = limit - total < LUAL_BUFFERSIZE ? limit - total : LUAL_BUFFERSIZE;
        char *at = luaL_prepbuffer(&buffer);
        long count = port_file_read(file, at, room);
        if (count <= 0)
            break;
        char *stop = end >= 0 ? memchr(at, end, (size_t)count) : NULL;
        size_t taken = stop ? (size_t)(stop - at) + 1 : (size_t)count;
        luaL_addsize(&buffer, taken);
        total += taken;
        if (!stop)
            continue;
        port_file_seek(file, (long)taken - count, 1);
        break;
    }
    luaL_pushresult(&buffer);
    PROBE_INPUT_END();
    if (total == 0)
        lua_pushnil(L);
    return 1;
}

static int file_read(lua_State *L)
{
    int slot = take_slot(L), end = -1;
    size_t limit = CHUNK_BYTES, bytes;
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_Integer wanted = luaL_checkinteger(L, 1);
        luaL_argcheck(L, wanted >= 0, 1, "positive size expected");
        limit = (size_t)wanted;
    } else if (!lua_isnoneornil(L, 1)) {
        const char *text = luaL_checklstring(L, 1, &bytes);
        luaL_argcheck(L, bytes == 1, 1, "a single character expected");
        end = (unsigned char)text[0];
    }
    lua_settop(L, 0);
    return read_until(L, open_files[slot], limit, end);
}

static int file_readline(lua_State *L)
{
    int slot = take_slot(L);
    lua_settop(L, 0);
    return read_until(L, open_files[slot], CHUNK_BYTES, '\n');
}

static int file_getcontents(lua_State *L)
{
    const char *name = check_name(L, 1);
    struct port_file *file = port_file_open(name, "r", NULL);
    if (!file)
        return lua_pushnil(L), 1;
    // The file gets a slot, so that a boot closes it if memory runs out on the way.
    int slot = 0;
    while (slot < OPEN_MAX && open_files[slot])
        slot++;
    if (slot == OPEN_MAX) {
        port_file_close(file);
        return lua_pushnil(L), 1;
    }
    open_files[slot] = file;
    long bytes = port_file_size(name);
    read_until(L, file, bytes > 0 ? (size_t)bytes : 0, -1);
    close_slot(L, slot);
    if (lua_isnil(L, -1) && bytes == 0)
        lua_pushliteral(L, "");
    return 1;
}

// ---- writing ----

static int write_text(lua_State *L, struct port_file *file, int arg, int adds_newline)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, arg, &bytes);
    int failed = port_file_write(file, text, bytes) < 0;
    PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_OTHER);
    if (adds_newline && !failed)
        failed = port_file_write(file, "\n", 1) < 0;
    if (failed)
        lua_pushnil(L);
    else
        lua_pushboolean(L, 1);
    return 1;
}

static int file_write(lua_State *L)
{
    int slot = take_slot(L);
    return write_text(L, open_files[slot], 1, 0);
}

static int file_writeline(lua_State *L)
{
    int slot = take_slot(L);
    return write_text(L, open_files[slot], 1, 1);
}

static int file_putcontents(lua_State *L)
{
    const char *name = check_name(L, 1);
    luaL_checkstring(L, 2);
    struct port_file *file = port_file_open(name, "w", NULL);
    if (!file)
        return lua_pushnil(L), 1;
    write_text(L, file, 2, 0);
    if (port_file_close(file) != 0)
        lua_pushnil(L);
    return 1;
}

static int file_seek(lua_State *L)
{
    static const char *const names[] = {"set", "cur", "end", NULL};
    int slot = take_slot(L);
    int whence = luaL_checkoption(L, 1, "cur", names);
    long position = port_file_seek(open_files[slot], luaL_optlong(L, 2, 0), whence);
    if (position < 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)position);
    return 1;
}

// ---- the folder ----

static int file_exists(lua_State *L)
{
    lua_pushboolean(L, port_file_exists(check_name(L, 1)));
    return 1;
}

static int file_remove(lua_State *L)
{
    port_file_remove(check_name(L, 1));
    return 0;
}

static int file_rename(lua_State *L)
{
    const char *from = check_name(L, 1), *to = check_name(L, 2);
    lua_pushboolean(L, port_file_rename(from, to) == 0);
    return 1;
}

static void set_number(lua_State *L, const char *key, lua_Number number)
{
    lua_pushnumber(L, number);
    lua_setfield(L, -2, key);
}

static void set_boolean(lua_State *L, const char *key, int is_true)
{
    lua_pushboolean(L, is_true);
    lua_setfield(L, -2, key);
}

// The device's file system keeps no times: the first moment that there is.
static void set_time(lua_State *L)
{
    static const char *const keys[] = {"year", "mon", "day", "hour", "min", "sec"};
    static const int values[] = {1970, 1, 1, 0, 0, 0};
    lua_createtable(L, 0, 6);
    for (int i = 0; i < 6; i++)
        set_number(L, keys[i], values[i]);
    lua_setfield(L, -2, "time");
}

static int file_stat(lua_State *L)
{
    const char *name = check_name(L, 1);
    long bytes = port_file_size(name);
    if (bytes < 0)
        return lua_pushnil(L), 1;
    lua_createtable(L, 0, 8);
    set_number(L, "size", (lua_Number)bytes);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "name");
    set_time(L);
    set_boolean(L, "is_dir", 0);
    set_boolean(L, "is_rdonly", 0);
    set_boolean(L, "is_hidden", 0);
    set_boolean(L, "is_sys", 0);
    set_boolean(L, "is_arch", 0);
    return 1;
}

// One item of the list, called protected: the port's own memory must not be left by an error.
struct list_item {
    const char *name;
    long bytes;
};

static int add_item(lua_State *L)
{
    const struct list_item *item = lua_touserdata(L, 3);
    lua_settop(L, 2); // 1 list, 2 pattern or nil
    if (!lua_isnil(L, 2)) {
        lua_getglobal(L, "string");
        lua_getfield(L, -1, "match");
        lua_pushstring(L, item->name);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 1);
        if (lua_isnil(L, -1))
            return 0;
    }
    lua_pushnumber(L, (lua_Number)item->bytes);
    lua_setfield(L, 1, item->name);
    return 0;
}

struct list_job {
    lua_State *L;
    int status;
};

static int visit_file(void *context, const char *name, long bytes)
{
    struct list_job *job = context;
    struct list_item item = {name, bytes};
    lua_State *L = job->L;
    if (strlen(name) > NAME_CHARS_MAX) // the device could not have it
        return 0;
    lua_pushcfunction(L, add_item);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, &item);
    job->status = lua_pcall(L, 3, 0, 0);
    return job->status != LUA_OK;
}

static int file_list(lua_State *L)
{
    struct list_job job = {L, LUA_OK};
    luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    lua_newtable(L);
    port_file_list(visit_file, &job);
    if (job.status != LUA_OK)
        return lua_error(L);
    return 1;
}

static int add_size(void *context, const char *name, long bytes)
{
    (void)name;
    *(uint32_t *)context += (uint32_t)bytes;
    return 0;
}

static struct flash_partition store_partition(void)
{
    struct flash_layout layout;
    partitions_init(&layout, lfs_target.device ? lfs_target.device->bytes : 0);
    return layout.parts[PARTITION_STORE];
}

static int file_fscfg(lua_State *L)
{
    struct flash_partition store = store_partition();
    lua_pushnumber(L, (lua_Number)store.off);
    lua_pushnumber(L, (lua_Number)store.bytes);
    return 2;
}

static int file_fsinfo(lua_State *L)
{
    uint32_t total = store_partition().bytes, used = 0;
    port_file_list(add_size, &used);
    lua_pushnumber(L, (lua_Number)(used < total ? total - used : 0));
    lua_pushnumber(L, (lua_Number)used);
    lua_pushnumber(L, (lua_Number)total);
    return 3;
}

// ---- tables ----

ROTABLE_BEGIN(file_meta)
    ROTABLE_FUNC("__gc", file_close)
    ROTABLE_TABLE("__index", file_meta)
    ROTABLE_FUNC("close", file_close)
    ROTABLE_FUNC("read", file_read)
    ROTABLE_FUNC("readline", file_readline)
    ROTABLE_FUNC("write", file_write)
    ROTABLE_FUNC("writeline", file_writeline)
    ROTABLE_FUNC("seek", file_seek)
    ROTABLE_FUNC("flush", file_flush)
ROTABLE_END(file_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

ROTABLE_BEGIN(file_lib)
    ROTABLE_FUNC("open", file_open)
    ROTABLE_FUNC("close", file_close)
    ROTABLE_FUNC("read", file_read)
    ROTABLE_FUNC("readline", file_readline)
    ROTABLE_FUNC("write", file_write)
    ROTABLE_FUNC("writeline", file_writeline)
    ROTABLE_FUNC("seek", file_seek)
    ROTABLE_FUNC("flush", file_flush)
    ROTABLE_FUNC("getcontents", file_getcontents)
    ROTABLE_FUNC("putcontents", file_putcontents)
    ROTABLE_FUNC("exists", file_exists)
    ROTABLE_FUNC("list", file_list)
    ROTABLE_FUNC("remove", file_remove)
    ROTABLE_FUNC("rename", file_rename)
    ROTABLE_FUNC("stat", file_stat)
    ROTABLE_FUNC("fscfg", file_fscfg)
    ROTABLE_FUNC("fsinfo", file_fsinfo)
ROTABLE_END(file_lib, NULL, 0)
