// profile.c: the two profiles, "nodemcu" and "pc".
//
// Reads and writes: the process-wide pointer lua_profile.
// Memory: constants only.
// Source: see profile.h.
#include "runtime/core/profile.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

const struct lua_profile lua_profile_nodemcu = {
    .name = "nodemcu",
    .captures_max = 10,
    .locals_max = 50,
    .gc_pause_percent = 110,
    .gc_step_percent = 200,
    .format_item_bytes = 128,
    .is_firmware = true,
    .has_readonly_libraries = true,
};

const struct lua_profile lua_profile_pc = {
    .name = "pc",
    .captures_max = LUA_CAPTURES_LIMIT,
    .locals_max = 200,
    .gc_pause_percent = 200,
    .gc_step_percent = 200,
    .format_item_bytes = 512,
    .has_full_math = true,
    .has_full_debug = true,
    .has_io_and_os = true,
    .has_wide_hex = true,
};

const struct lua_profile *lua_profile = &lua_profile_nodemcu;

const struct lua_profile *lua_profile_find(const char *name)
{
    assert(name != NULL);
    static const struct lua_profile *const all[] = {&lua_profile_nodemcu, &lua_profile_pc};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
