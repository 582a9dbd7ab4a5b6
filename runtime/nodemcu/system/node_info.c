// node_info.c: what the module node tells of the chip, the build and the start.
//
// Reads: the flash layout. Writes: start settings, which flash keeps.
// Memory: tables that are returned.
// The chip is an ESP-12 module: 4 MiB of flash; its numbers are the world's.

#include <stdio.h>
#include <string.h>

#include "runtime/core/state.h"
#include "runtime/flash/lfs.h"
#include "runtime/flash/partition_table.h"
#include "runtime/format/version.h"
#include "runtime/lib/rom_modules.h"
#include "runtime/nodemcu/firmware_names.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/port/port.h"
#include "runtime/world/world.h"

#define FLASH_SPEED_MHZ 40
#define COMMAND_BYTES_MAX 256
#define MODULE_WORD_BYTES 40

// As every result of 32 bits, negative from 2^31 on.
static void set_number(lua_State *L, const char *key, uint32_t number)
{
    lua_pushinteger(L, (int32_t)number);
    lua_setfield(L, -2, key);
}

static void set_string(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_boolean(lua_State *L, const char *key, int is_true)
{
    lua_pushboolean(L, is_true);
    lua_setfield(L, -2, key);
}

static uint32_t flash_bytes(void)
{
    return lfs_target.device ? lfs_target.device->bytes : 0;
}

static uint32_t identity(int what)
{
    uint32_t number = 0;
    world_ask(WORLD_IDENTITY, (uint32_t)what, NULL, 0, &number, sizeof number);
    return number;
}

int node_chipid(lua_State *L)
{
    lua_pushinteger(L, (int32_t)identity(WORLD_ID_CHIP));
    return 1;
}

int node_flashid(lua_State *L)
{
    lua_pushinteger(L, (int32_t)identity(WORLD_ID_FLASH));
    return 1;
}

int node_flashsize(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)flash_bytes());
    return 1;
}

static int push_hardware(lua_State *L)
{
    lua_createtable(L, 0, 5);
    set_number(L, "chip_id", identity(WORLD_ID_CHIP));
    set_number(L, "flash_id", identity(WORLD_ID_FLASH));
    set_number(L, "flash_size", flash_bytes() / 1024);
    set_number(L, "flash_mode", 2); // DIO
    set_number(L, "flash_speed", FLASH_SPEED_MHZ * 1000000u);
    return 1;
}

static int push_version(lua_State *L)
{
    lua_createtable(L, 0, 7);
    set_number(L, "node_version_major", 3);
    set_number(L, "node_version_minor", 0);
    set_number(L, "node_version_revision", 0);
    set_string(L, "git_branch", "frostline");
    set_string(L, "git_commit_id", "");
    set_string(L, "git_release", FROST_VERSION);
    set_string(L, "git_commit_dts", "");
    return 1;
}

// Pushes the modules that are here, in the firmware's order: "bit,file,node". pipe is always there
// and never told.
static void push_modules(lua_State *L)
{
#define NAME(name, table) " " name " "
    static const char here[] = ROM_MODULES(NAME);
#undef NAME
    luaL_Buffer b;
    const char *separator = "";
    luaL_buffinit(L, &b);
    for (const struct firmware_module *module = firmware_modules; module->name; module++) {
        char word[MODULE_WORD_BYTES];
        snprintf(word, sizeof word, " %s ", module->name);
        if (!strstr(here, word) || strcmp(module->name, "pipe") == 0)
            continue;
        luaL_addstring(&b, separator);
        luaL_addstring(&b, module->name);
        separator = ",";
    }
    luaL_pushresult(&b);
}

static int push_build(lua_State *L)
{
    lua_createtable(L, 0, 4);
    set_boolean(L, "ssl", 0);
    set_number(L, "lfs_size", lfs_target.partition.bytes);
    push_modules(L);
    lua_setfield(L, -2, "modules");
    set_string(L, "number_type", sizeof(lua_Number) == 4 ? "integer" : "float");
    return 1;
}

static int push_old_list(lua_State *L)
{
    const uint32_t values[] = {3,
                               0,
                               0,
                               identity(WORLD_ID_CHIP),
                               identity(WORLD_ID_FLASH),
                               flash_bytes() / 1024,
                               2,
                               FLASH_SPEED_MHZ * 1000000u};
    const int count = (int)(sizeof values / sizeof *values);
    for (int i = 0; i < count; i++)
        lua_pushinteger(L, (int32_t)values[i]);
    return count;
}

// node.info([group])
int node_info(lua_State *L)
{
    static const char *const groups[] = {"hw", "lfs", "sw_version", "build_config", "legacy", NULL};
    static const char note[] = "Warning, deprecated API! node.info() without parameter. It will be "
                               "removed in the next version. See documentation for details.\n";
    switch (luaL_checkoption(L, 1, "legacy", groups)) {
    case 0:
        return push_hardware(L);
    case 1:
        return node_push_lfs_config(L), 1;
    case 2:
        return push_version(L);
    case 3:
        return push_build(L);
    default:
        port_console_write(note, sizeof note - 1);
        return push_old_list(L);
    }
}

// The raw cause, 1 power on, 2 reset; the reason.
int node_bootreason(lua_State *L)
{
    uint16_t told[2] = {restart_reason() == RESTART_POWER_ON ? 1 : 2, restart_reason()};
    world_ask_own(WORLD_IDENTITY, WORLD_ID_RESET, told, sizeof told);
    lua_pushinteger(L, told[0]);
    lua_pushinteger(L, told[1]);
    return 2;
}

int node_getpartitiontable(lua_State *L)
{
    const struct flash_partition *store = &flash_layout.parts[PARTITION_STORE];
    lua_createtable(L, 0, 4);
    set_number(L, "lfs_addr", flash_layout.parts[PARTITION_LFS].off);
    set_number(L, "lfs_size", flash_layout.parts[PARTITION_LFS].bytes);
    set_number(L, "spiffs_addr", store->off);
    set_number(L, "spiffs_size", store->bytes);
    return 1;
}

// ---- start settings ----

_Static_assert(COMMAND_BYTES_MAX - 1 <= PARTITION_START_BYTES_MAX, "a command has its place");

// Zeros at first.
PORT_KEPT static struct startup {
    char command[COMMAND_BYTES_MAX];
    char is_fast, is_without_banner, delays_mount;
} startup;

// What flash has is what counts; a device without a place for it has this until power fails.
static void read_startup(void)
{
    static char is_read;
    char command[PARTITION_START_BYTES_MAX + 1];
    uint32_t flags;
    if (is_read || flash_table.device == NULL)
        return;
    is_read = 1;
    if (partition_table_start(&flash_table, command, &flags) != STATUS_OK)
        return;
    command[COMMAND_BYTES_MAX - 1] = '\0';
    memcpy(startup.command, command, sizeof startup.command);
    startup.is_fast = (flags & PARTITION_START_FAST) != 0;
    startup.is_without_banner = (flags & PARTITION_START_SILENT) != 0;
    startup.delays_mount = (flags & PARTITION_START_DELAYED_MOUNT) != 0;
}

// Result: 0 if flash does not take it, which still has what it had.
static int keep_startup(void)
{
    uint32_t flags = (startup.is_fast ? PARTITION_START_FAST : 0) |
                     (startup.is_without_banner ? PARTITION_START_SILENT : 0) |
                     (startup.delays_mount ? PARTITION_START_DELAYED_MOUNT : 0);
    if (flash_table.device == NULL)
        return 1;
    int status = partition_table_set_start(&flash_table, startup.command, flags);
    return status == STATUS_OK || status == STATUS_USAGE || status == STATUS_NO_SPACE;
}

static int set_command(const char *command, size_t bytes)
{
    if (bytes >= sizeof startup.command)
        return 0;
    memcpy(startup.command, command, bytes);
    startup.command[bytes] = '\0';
    return 1;
}

// What the table has is set, the rest stays; an empty table sets all as it was at first.
static void take_settings(lua_State *L)
{
    lua_pushnil(L);
    if (lua_next(L, 1) == 0) {
        startup = (struct startup){0};
        return;
    }
    lua_pop(L, 2);
    lua_getfield(L, 1, "command");
    size_t bytes = 0;
    const char *command = lua_tolstring(L, -1, &bytes);
    if (command && !set_command(command, bytes))
        luaL_error(L, "failed to set command");
    lua_getfield(L, 1, "banner");
    if (!lua_isnil(L, -1))
        startup.is_without_banner = (char)!lua_toboolean(L, -1);
    lua_getfield(L, 1, "frequency");
    if (!lua_isnil(L, -1))
        startup.is_fast = lua_tointeger(L, -1) == 160;
    lua_getfield(L, 1, "delay_mount");
    if (!lua_isnil(L, -1))
        startup.delays_mount = (char)lua_toboolean(L, -1);
}

int node_startup_mhz(void)
{
    read_startup();
    return startup.is_fast ? 160 : 80;
}

const char *node_startup_command(void)
{
    read_startup();
    return startup.command;
}

int node_startup(lua_State *L)
{
    if (!lua_isnoneornil(L, 1)) {
        luaL_checktable(L, 1);
        read_startup();
        take_settings(L);
        if (!keep_startup())
            return luaL_error(L, "failed to write the settings");
    }
    read_startup();
    lua_createtable(L, 0, 4);
    if (startup.command[0])
        set_string(L, "command", startup.command);
    set_boolean(L, "banner", !startup.is_without_banner);
    set_number(L, "frequency", (uint32_t)node_startup_mhz());
    set_boolean(L, "delay_mount", startup.delays_mount);
    return 1;
}

int node_startupcommand(lua_State *L)
{
    size_t bytes;
    const char *command = luaL_checklstring(L, 1, &bytes);
    read_startup();
    lua_pushboolean(L, set_command(command, bytes) && keep_startup());
    return 1;
}
