// node_info.c: what the module node tells of the chip, the build and the start.
//
// Reads: the flash layout. Writes: start settings, which last as long as the process.
// Memory: tables that are returned.
// The chip is an ESP-12 module: 4 MiB of flash; its number is made up.

#include <string.h>

#include "runtime/core/state.h"
#include "runtime/flash/lfs.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/modules.h"

#define CHIP_ID 0x00F0571Cu
#define FLASH_ID 0x001640EFu // Winbond 25Q32, 4 MiB
#define FLASH_SPEED_MHZ 40
#define COMMAND_BYTES_MAX 256

static void set_number(lua_State *L, const char *key, uint32_t number)
{
    lua_pushnumber(L, (lua_Number)number);
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

int node_chipid(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)CHIP_ID);
    return 1;
}

int node_flashid(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)FLASH_ID);
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
    set_number(L, "chip_id", CHIP_ID);
    set_number(L, "flash_id", FLASH_ID);
    set_number(L, "flash_size", flash_bytes() / 1024);
    set_number(L, "flash_mode", 2); // DIO
    set_number(L, "flash_speed", FLASH_SPEED_MHZ * 1000000u);
    return 1;
}

static int push_version(lua_State *L)
{
    lua_createtable(L, 0, 5);
    set_number(L, "node_version_major", 3);
    set_number(L, "node_version_minor", 0);
    set_number(L, "node_version_revision", 0);
    set_string(L, "git_branch", "frostline");
    set_string(L, "git_release", FROST_VERSION);
    return 1;
}

static int push_build(lua_State *L)
{
    lua_createtable(L, 0, 5);
    set_boolean(L, "ssl", 0);
    set_number(L, "lfs_size", lfs_target.partition.bytes);
    set_string(L, "modules", "bit,file,node,tmr,uart");
    set_string(L, "number_type", sizeof(lua_Number) == 4 ? "integer" : "float");
    set_string(L, "lua_version", LUA_RELEASE);
    return 1;
}

static int push_old_list(lua_State *L)
{
    const uint32_t values[] = {3, 0, 0, CHIP_ID, FLASH_ID, flash_bytes() / 1024, 2,
                               FLASH_SPEED_MHZ * 1000000u};
    const int count = (int)(sizeof values / sizeof *values);
    for (int i = 0; i < count; i++)
        lua_pushnumber(L, (lua_Number)values[i]);
    return count;
}

int node_info(lua_State *L)
{
    static const char *const groups[] = {"hw", "lfs", "sw_version", "build_config", "", NULL};
    switch (luaL_checkoption(L, 1, "", groups)) {
    case 0:
        return push_hardware(L);
    case 1:
        return node_push_lfs_config(L), 1;
    case 2:
        return push_version(L);
    case 3:
        return push_build(L);
    default:
        return push_old_list(L);
    }
}

// Power on for the first boot, then restarts by software and after deep sleep.
int node_bootreason(lua_State *L)
{
    int is_restart = events_boot_count() > 1;
    lua_pushinteger(L, is_restart ? 2 : 1);
    lua_pushinteger(L, is_restart ? events_is_awake() ? 5 : 4 : 0);
    return 2;
}

int node_getpartitiontable(lua_State *L)
{
    struct flash_layout layout;
    partitions_init(&layout, flash_bytes());
    lua_createtable(L, 0, 4);
    set_number(L, "lfs_addr", lfs_target.partition.off);
    set_number(L, "lfs_size", lfs_target.partition.bytes);
    set_number(L, "spiffs_addr", layout.parts[PARTITION_STORE].off);
    set_number(L, "spiffs_size", layout.parts[PARTITION_STORE].bytes);
    return 1;
}

// ---- start settings ----

static struct {
    char command[COMMAND_BYTES_MAX];
    int frequency;
    char has_banner, delays_mount, is_set;
} startup;

static void reset_startup(void)
{
    memset(&startup, 0, sizeof startup);
    startup.frequency = 80;
    startup.has_banner = 1;
    startup.is_set = 1;
}

static int set_command(const char *command, size_t bytes)
{
    if (bytes >= sizeof startup.command)
        return 0;
    memcpy(startup.command, command, bytes);
    startup.command[bytes] = '\0';
    return 1;
}

static void take_settings(lua_State *L)
{
    reset_startup();
    lua_getfield(L, 1, "command");
    size_t bytes = 0;
    const char *command = lua_tolstring(L, -1, &bytes);
    if (command && !set_command(command, bytes))
        luaL_error(L, "failed to set command");
    lua_getfield(L, 1, "banner");
    startup.has_banner = lua_isnil(L, -1) || lua_toboolean(L, -1);
    lua_getfield(L, 1, "frequency");
    startup.frequency = lua_tointeger(L, -1) == 160 ? 160 : 80;
    lua_getfield(L, 1, "delay_mount");
    startup.delays_mount = (char)lua_toboolean(L, -1);
}

int node_startup(lua_State *L)
{
    if (!startup.is_set)
        reset_startup();
    if (!lua_isnoneornil(L, 1)) {
        luaL_checktable(L, 1);
        take_settings(L);
    }
    lua_createtable(L, 0, 4);
    if (startup.command[0])
        set_string(L, "command", startup.command);
    set_boolean(L, "banner", startup.has_banner);
    set_number(L, "frequency", (uint32_t)startup.frequency);
    set_boolean(L, "delay_mount", startup.delays_mount);
    return 1;
}

int node_startupcommand(lua_State *L)
{
    size_t bytes;
    const char *command = luaL_checklstring(L, 1, &bytes);
    if (!startup.is_set)
        reset_startup();
    lua_pushboolean(L, set_command(command, bytes));
    return 1;
}
