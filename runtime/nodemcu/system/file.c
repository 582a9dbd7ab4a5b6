// file.c: the module file: files of the program, as objects and through one current file.
//
// Reads and writes: the program's file system (runtime/flash/file_system.h).
// Memory: an object is a userdata of 4 bytes; descriptors lie outside the heap, as on the device.
//         What is read from files is marked as input for the trace.
// Source: documentation of the firmware's module file; behaviour of NodeMCU 3.0.

#include "runtime/nodemcu/system/file.h"

#include <errno.h>
#include <string.h>

#include "runtime/flash/file_system.h"
#include "runtime/flash/lfs.h"
#include "runtime/flash/store/store_files.h"
#include "runtime/flash/store/store_time.h"
#include "runtime/format/device_time.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

#define META "file.obj"
#define CHUNK_BYTES 1024 // that one read gives at most if the program does not say
#define BLOCK_PAGES (SPIFFS_ALIGN_BYTES / SPIFFS_PAGE_BYTES - 1)
#define BLOCK_SECTORS (SPIFFS_ALIGN_BYTES / 4096)

// An open file as one number: its descriptor, and which of the files that this has had.
struct file_object {
    uint32_t id; // 0: none
};

static struct {
    uint32_t id;
    int ref; // its object in the registry: what nobody else holds stays open
} current = {0, LUA_NOREF};

// What was written and not paid for by time: bytes of a page, pages of a block.
static struct {
    uint32_t bytes, pages;
} spent;
static int clock_ref = LUA_NOREF; // the function of file.on
static int has_told_drive;

void file_close_all(void)
{
    clock_ref = LUA_NOREF;
    spent.bytes = spent.pages = 0;
    has_told_drive = 0;
    fs_close_all(fs_program);
    current.id = 0;
    current.ref = LUA_NOREF;
}

// ---- names ----

// A name that begins with '/' is taken for one on a drive, and there is one drive only. The
// program's author is told once a boot.
static void tell_drive(lua_State *L, const char *name)
{
    if (has_told_drive || !fs_is_nowhere(fs_program, name))
        return;
    has_told_drive = 1;
    lua_pushfstring(L, "frost: file '%s': the device finds no name that begins with /\n", name);
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    port_console_error(text, bytes);
    lua_pop(L, 1);
}

// The firmware looks at what stands after the last '/' or ':' only; its file system then refuses
// the rest of long names.
const char *file_check_name(lua_State *L, int arg)
{
    size_t bytes;
    const char *name = luaL_checklstring(L, arg, &bytes);
    const char *base = name + bytes;
    while (base > name && base[-1] != '/' && base[-1] != ':')
        base--;
    luaL_argcheck(L, strlen(name) == bytes && strlen(base) <= SPIFFS_NAME_BYTES_MAX, arg,
                  "filename invalid");
    tell_drive(L, name);
    return name;
}

// ---- what writing takes ----

// Pages are programmed, one more for the header where it changes; in a file system that has been
// full once, each block that is filled had to be erased. Where the files are in flash, that is
// seen.
static void spend_pages(uint32_t count)
{
    if (fs_program->is_in_flash)
        return;
    device_time_spend((uint64_t)count * DEVICE_TIME_PAGE_NS);
    spent.pages += count;
    for (; spent.pages >= BLOCK_PAGES; spent.pages -= BLOCK_PAGES)
        device_time_spend((uint64_t)BLOCK_SECTORS * DEVICE_TIME_SECTOR_NS);
}

static void spend_bytes(size_t bytes)
{
    uint64_t all = (uint64_t)spent.bytes + bytes;
    spent.bytes = (uint32_t)(all % SPIFFS_CONTENT_BYTES);
    if (all >= SPIFFS_CONTENT_BYTES)
        spend_pages((uint32_t)(all / SPIFFS_CONTENT_BYTES));
}

// ---- which file ----

static uint32_t id_of(const struct fs_file *file)
{
    return file->serial * file->fs->file_count + (uint32_t)(file - file->fs->files);
}

// The file of an id, or NULL if it is not open any more.
static struct fs_file *file_of(uint32_t id)
{
    struct fs_file *file = &fs_program->files[id % fs_program->file_count];
    return id && file->fs && id_of(file) == id ? file : NULL;
}

static void release_current(lua_State *L)
{
    luaL_unref(L, LUA_REGISTRYINDEX, current.ref);
    current.ref = LUA_NOREF;
}

// The file that a method or function is about, and where its other arguments begin: after the
// object, if there is one, which stays on the stack and alive. Raises if no file is open.
static struct fs_file *take_file(lua_State *L, int *first_arg)
{
    uint32_t id = current.id;
    *first_arg = 1;
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        id = ((struct file_object *)luaL_checkudata(L, 1, META))->id;
        *first_arg = 2;
    }
    struct fs_file *file = file_of(id);
    if (!file)
        luaL_error(L, "open a file first");
    return file;
}

// ---- open and close ----

ROTABLE_EXTERN(file_meta);

// Opens a file as the current one, in place of the last, and pushes its object, or nil.
static struct fs_file *open_current(lua_State *L, const char *name, unsigned mode)
{
    current.id = 0; // the last one is given up; its object keeps it open
    release_current(L);
    struct file_object *object = lua_newuserdata(L, sizeof *object);
    object->id = 0;
    luaL_rometatable(L, META, &file_meta);
    lua_setmetatable(L, -2);
    struct fs_file *file;
    int error = fs_open(fs_program, name, mode, &file);
    if (error == -EBUSY) { // a file that nobody holds may still be written: its end closes it
        lua_gc(L, LUA_GCCOLLECT, 0);
        error = fs_open(fs_program, name, mode, &file);
    }
    if (error != 0) {
        lua_pop(L, 1);
        lua_pushnil(L);
        return NULL;
    }
    world_note_file(mode & FS_WRITE ? WORLD_FILE_WRITTEN : WORLD_FILE_READ, name);
    if (mode & (FS_CREATE | FS_TRUNCATE))
        spend_pages(1);
    object->id = current.id = id_of(file);
    lua_pushvalue(L, -1);
    current.ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return file;
}

// Closing any file lets go of the current one's object, too, as on the device.
// Result: 0, or an error of what was written.
static int close_id(lua_State *L, uint32_t id)
{
    struct fs_file *file = file_of(id);
    if (file && (file->mode & FS_WRITE))
        spend_pages(1);
    int error = file ? fs_close(file) : 0;
    if (id == current.id)
        current.id = 0;
    release_current(L);
    return error;
}

// Any other mode reads.
static unsigned check_mode(lua_State *L, int arg)
{
    static const struct {
        const char *text;
        unsigned mode;
    } modes[] = {
        {"w", FS_WRITE | FS_CREATE | FS_TRUNCATE},
        {"a", FS_WRITE | FS_CREATE | FS_APPEND},
        {"r+", FS_READ | FS_WRITE},
        {"w+", FS_READ | FS_WRITE | FS_CREATE | FS_TRUNCATE},
        {"a+", FS_READ | FS_WRITE | FS_CREATE | FS_APPEND},
    };
    const char *text = luaL_optstring(L, arg, "r");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(text, modes[i].text) == 0)
            return modes[i].mode;
    return FS_READ;
}

static int file_open(lua_State *L)
{
    const char *name = file_check_name(L, 1);
    open_current(L, name, check_mode(L, 2));
    return 1;
}

static int file_close(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        struct file_object *object = luaL_checkudata(L, 1, META);
        uint32_t id = object->id;
        object->id = 0;
        if (id)
            close_id(L, id);
    } else if (current.id) {
        close_id(L, current.id);
    }
    return 0;
}

// An object that is collected closes its own file and touches no other.
static int file_gc(lua_State *L)
{
    struct file_object *object = luaL_checkudata(L, 1, META);
    struct fs_file *file = file_of(object->id);
    object->id = 0;
    if (!file)
        return 0;
    if (file->mode & FS_WRITE)
        spend_pages(1);
    (void)fs_close(file); // nobody is there to be told of an error
    return 0;
}

static int push_done(lua_State *L, int is_done)
{
    if (is_done)
        lua_pushboolean(L, 1);
    else
        lua_pushnil(L);
    return 1;
}

static int file_flush(lua_State *L)
{
    int arg;
    struct fs_file *file = take_file(L, &arg);
    if (file->mode & FS_WRITE)
        spend_pages(1);
    return push_done(L, fs_flush(file) == 0);
}

// ---- reading ----

// Pushes up to `limit` bytes, up to and with the character `end` (-1: none); nil at the end.
static int read_until(lua_State *L, struct fs_file *file, size_t limit, int end)
{
    luaL_Buffer buffer;
    size_t total = 0;
    uint32_t id = id_of(file);
    luaL_buffinit(L, &buffer);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT | PROBE_SOURCES_OF_FILE(file->name));
    while (total < limit) {
        size_t room = limit - total < LUAL_BUFFERSIZE ? limit - total : LUAL_BUFFERSIZE;
        char *at = luaL_prepbuffer(&buffer);
        // A collection may have closed it: nobody holds the current file once any other was closed.
        long count = file_of(id) ? fs_read(file, at, room) : 0;
        if (count <= 0)
            break;
        char *stop = end >= 0 ? memchr(at, end, (size_t)count) : NULL;
        size_t taken = stop ? (size_t)(stop - at) + 1 : (size_t)count;
        luaL_addsize(&buffer, taken);
        total += taken;
        if (!stop)
            continue;
        fs_seek(file, (long)taken - count, FS_CURRENT);
        break;
    }
    luaL_pushresult(&buffer);
    PROBE_SOURCE_END();
    if (total == 0 && limit > 0)
        lua_pushnil(L);
    return 1;
}

static int file_read(lua_State *L)
{
    int arg, end = -1;
    struct fs_file *file = take_file(L, &arg);
    size_t limit = CHUNK_BYTES, bytes;
    if (lua_type(L, arg) == LUA_TNUMBER) {
        lua_Integer wanted = luaL_checkinteger(L, arg);
        luaL_argcheck(L, wanted >= 0, arg, "positive size expected");
        limit = (size_t)wanted;
    } else if (!lua_isnoneornil(L, arg)) {
        const char *text = luaL_checklstring(L, arg, &bytes);
        if (bytes != 1)
            return luaL_error(L, "wrong arg range");
        end = (unsigned char)text[0];
    }
    lua_settop(L, arg - 1);
    return read_until(L, file, limit, end);
}

static int file_readline(lua_State *L)
{
    int arg;
    struct fs_file *file = take_file(L, &arg);
    lua_settop(L, arg - 1);
    return read_until(L, file, CHUNK_BYTES, '\n');
}

// Nothing at all if there is no such file, nil if it is empty.
static int file_getcontents(lua_State *L)
{
    const char *name = file_check_name(L, 1);
    struct fs_file *file = open_current(L, name, FS_READ);
    if (!file)
        return 0;
    long bytes = fs_seek(file, 0, FS_END);
    fs_seek(file, 0, FS_SET);
    read_until(L, file, bytes > 0 ? (size_t)bytes : 1, -1);
    close_id(L, current.id);
    return 1;
}

// ---- writing ----

static int write_text(lua_State *L, struct fs_file *file, int arg, int adds_newline)
{
    size_t bytes;
    uint32_t id = id_of(file);
    const char *text = luaL_checklstring(L, arg, &bytes); // a number becomes a text, for which
    int failed = !file_of(id) || fs_write(file, text, bytes) < 0; // a collection may close the file
    if (!failed)
        PROBE_FILE_WRITTEN(file->name, text);
    PROBE_CONTENT_READ(L, text, 0, bytes, CONTENT_OTHER);
    if (adds_newline && !failed)
        failed = fs_write(file, "\n", 1) < 0;
    if (!failed)
        spend_bytes(bytes + (adds_newline != 0));
    return push_done(L, !failed);
}

static int file_write(lua_State *L)
{
    int arg;
    struct fs_file *file = take_file(L, &arg);
    return write_text(L, file, arg, 0);
}

static int file_writeline(lua_State *L)
{
    int arg;
    struct fs_file *file = take_file(L, &arg);
    return write_text(L, file, arg, 1);
}

static int file_putcontents(lua_State *L)
{
    const char *name = file_check_name(L, 1);
    luaL_checkstring(L, 2);
    struct fs_file *file = open_current(L, name, FS_READ | FS_WRITE | FS_CREATE | FS_TRUNCATE);
    if (!file)
        return 1; // nil
    write_text(L, file, 2, 0);
    if (close_id(L, current.id) != 0)
        lua_pushnil(L);
    return 1;
}

static int file_seek(lua_State *L)
{
    static const char *const names[] = {"set", "cur", "end", NULL};
    int arg;
    struct fs_file *file = take_file(L, &arg);
    int whence = luaL_checkoption(L, arg, "cur", names); // as enum fs_whence
    long position = fs_seek(file, luaL_optlong(L, arg + 1, 0), (enum fs_whence)whence);
    if (position < 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)position);
    return 1;
}

// ---- files by name ----

static int file_exists(lua_State *L)
{
    const char *name = file_check_name(L, 1);
    world_note_file(WORLD_FILE_ASKED, name);
    lua_pushboolean(L, fs_exists(fs_program, name));
    return 1;
}

static int file_remove(lua_State *L)
{
    const char *name = file_check_name(L, 1);
    world_note_file(WORLD_FILE_REMOVED, name);
    if (fs_remove(fs_program, name) == 0)
        spend_pages(1);
    return 0;
}

static int file_rename(lua_State *L)
{
    const char *from = file_check_name(L, 1), *to = file_check_name(L, 2);
    world_note_file(WORLD_FILE_MOVED, from);
    int is_renamed = fs_rename(fs_program, from, to) == 0;
    if (is_renamed) {
        PROBE_FILE_MADE_OF(to, from);
        spend_pages(1);
    }
    lua_pushboolean(L, is_renamed);
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

// The device's file system keeps no times: the first moment that there is. The store does.
static void set_time(lua_State *L, const char *name)
{
    static const char *const keys[] = {"year", "mon", "day", "hour", "min", "sec"};
    uint32_t values[] = {1970, 1, 1, 0, 0, 0};
    struct store *store = store_files_store(fs_program);
    struct store_about about;
    struct store_date date;
    if (store && store_find(store, name, &about) == STATUS_OK &&
        store_time_read(about.time, &date)) {
        values[0] = date.year, values[1] = date.month, values[2] = date.day;
        values[3] = date.hour, values[4] = date.minute;
    }
    lua_createtable(L, 0, 6);
    for (int i = 0; i < 6; i++)
        set_number(L, keys[i], values[i]);
    lua_setfield(L, -2, "time");
}

static int file_stat(lua_State *L)
{
    size_t name_bytes;
    const char *name = luaL_checklstring(L, 1, &name_bytes);
    luaL_argcheck(L, strlen(name) == name_bytes && name_bytes <= SPIFFS_NAME_BYTES_MAX, 1,
                  "filename invalid");
    world_note_file(WORLD_FILE_ASKED, name);
    long bytes = fs_size(fs_program, name);
    if (bytes < 0)
        return lua_pushnil(L), 1;
    lua_createtable(L, 0, 8);
    set_number(L, "size", (lua_Number)bytes);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "name");
    set_time(L, name);
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
    uint32_t bytes;
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
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_ENVIRONMENT); // a call of nobody's
    lua_setfield(L, 1, item->name);
    PROBE_SOURCE_END();
    return 0;
}

struct list_job {
    lua_State *L;
    int status;
};

static int visit_file(void *context, const char *name, uint32_t bytes)
{
    struct list_job *job = context;
    struct list_item item = {name, bytes};
    lua_State *L = job->L;
    if (strlen(name) > SPIFFS_NAME_BYTES_MAX) // a path of the host: the device could not have it
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
    fs_list(fs_program, visit_file, &job);
    if (job.status != LUA_OK)
        return lua_error(L);
    return 1;
}

static int file_fscfg(lua_State *L)
{
    const struct flash_partition store = fs_partition(fs_program);
    lua_pushnumber(L, (lua_Number)store.off);
    lua_pushnumber(L, (lua_Number)store.bytes);
    return 2;
}

static int file_fsinfo(lua_State *L)
{
    struct fs_info info;
    if (fs_info(fs_program, &info) != 0)
        return luaL_error(L, "file system failed");
    lua_pushnumber(L, (lua_Number)info.remaining_bytes);
    lua_pushnumber(L, (lua_Number)info.used_bytes);
    lua_pushnumber(L, (lua_Number)info.total_bytes);
    return 3;
}

// file.format(): files of a directory of the computer are somebody's own, so they stay.
static int file_format(lua_State *L)
{
    static const char note[] = "frost: file.format: files of the computer are not removed\n";
    if (current.id)
        close_id(L, current.id);
    int error = fs_format(fs_program);
    if (error == -ENOTSUP)
        port_console_error(note, sizeof note - 1);
    return error ? luaL_error(L, "Failed to format file system") : 0;
}

// file.on("rtc" [, function]): who is asked for the time, by a file system that keeps times. This
// one keeps none.
static int file_on(lua_State *L)
{
    static const char *const events[] = {"rtc", NULL};
    luaL_checkoption(L, 1, NULL, events);
    luaL_argcheck(L, lua_isnoneornil(L, 2) || lua_isfunction(L, 2), 2,
                  "Callback should be function or nil");
    luaL_unref(L, LUA_REGISTRYINDEX, clock_ref);
    clock_ref = LUA_NOREF;
    lua_settop(L, 2);
    if (lua_isfunction(L, 2))
        clock_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

// ---- tables ----

ROTABLE_BEGIN(file_meta)
    ROTABLE_FUNC("__gc", file_gc)
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
    ROTABLE_FUNC("view", file_view)
    ROTABLE_FUNC("stat", file_stat)
    ROTABLE_FUNC("fscfg", file_fscfg)
    ROTABLE_FUNC("fsinfo", file_fsinfo)
    ROTABLE_FUNC("format", file_format)
    ROTABLE_FUNC("on", file_on)
ROTABLE_END(file_lib, NULL, 0)
