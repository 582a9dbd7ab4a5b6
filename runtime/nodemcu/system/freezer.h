// freezer.h: what the files of the module `freezer` share.
//
// Private to runtime/nodemcu/system/freezer*.c. C functions of Lua, which raise its errors.

#ifndef FROST_NODEMCU_SYSTEM_FREEZER_H
#define FROST_NODEMCU_SYSTEM_FREEZER_H

#include "runtime/core/api/lua.h"

int freezer_freeze_async(lua_State *L);
int freezer_module(lua_State *L);
int freezer_require(lua_State *L);
int freezer_drop(lua_State *L);
int freezer_list(lua_State *L);
int freezer_load(lua_State *L);
int freezer_thawed(lua_State *L);
int freezer_overlay(lua_State *L);

// Before one freeze of the `count` values on top: islands in their tables go into overlays; so do
// userdata, if wanted. Closures that have such as upvalues become islands themselves.
void freezer_collect_islands(lua_State *L, int count, int with_userdata);
// The table at idx, frozen or still to be, gets an overlay; nothing else does.
void freezer_add_overlay(lua_State *L, int idx);
// After it: overlays of what is not frozen go.
void freezer_settle_islands(lua_State *L);
int freezer_data(lua_State *L);

struct freezer_result;
struct value;

// Can it be frozen, or is it returned as it is?
int freezer_may_freeze(const struct value *v);
// An option of the table at idx, which may be missing.
int freezer_has_option(lua_State *L, int idx, const char *name);
// Pushes why something has stayed in RAM; 0 if there is nothing to say.
int freezer_push_why(lua_State *L, const struct freezer_result *result);

#endif
