// freezer_async.c: freezer.freeze_async: a freeze in slices, each of which is a task of the event
// loop.
//
// Reads and writes: the freezer. Memory: a table and 24 bytes in the registry until the freeze has
// ended.

#include "runtime/freezer/freezer.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/freezer.h"
#include "runtime/nodemcu/tasks.h"

#define SLICE_BYTES 2048 // 6 to 11 ms of programming, by the size of its blocks
#define SLICE_BYTES_MIN 64
#define PRIORITY 0 // what comes in goes first

// Fields of a job, a table.
#define JOB_VALUE 1
#define JOB_DONE 2
#define JOB_STATE 3

struct slice_state {
    struct freezer_slices slices;
    uint32_t saved; // by the slices so far
    uint8_t keeps_userdata, has_overlay;
};

// What is told to the program: the value, bytes saved, why.
static int give_result(lua_State *L, int value, const struct slice_state *state,
                       const struct freezer_result *result)
{
    lua_pushvalue(L, value);
    lua_pushinteger(L, (lua_Integer)state->saved);
    return 2 + freezer_push_why(L, result);
}

// The next slice of the job at 1. No result: more are needed.
static int run_slice(lua_State *L)
{
    struct freezer_result result;
    lua_rawgeti(L, 1, JOB_STATE);
    struct slice_state *state = lua_touserdata(L, 2);
    lua_rawgeti(L, 1, JOB_VALUE);
    freezer_collect_islands(L, 1, state->keeps_userdata);
    if (state->has_overlay)
        freezer_add_overlay(L, 3);
    freezer.keeps_userdata = state->keeps_userdata;
    freezer_freeze_slice(L, DEREF(L->base) + 2, &state->slices, &result);
    freezer.keeps_userdata = 0;
    freezer_settle_islands(L);
    state->saved += result.saved;
    return result.status == STATUS_AGAIN ? 0 : give_result(L, 3, state, &result);
}

// The job at the top has ended: its function gets the `count` values on top of it.
static void end_job(lua_State *L, int ref, int count)
{
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    lua_rawgeti(L, -1 - count, JOB_DONE);
    lua_insert(L, -1 - count);
    callback_call(L, count, CALLBACK_PROTECTED);
}

// Pushes value, bytes saved and the message on top, which ends the job below it: it is not frozen.
static int push_failure(lua_State *L)
{
    lua_rawgeti(L, -2, JOB_VALUE);
    lua_rawgeti(L, -3, JOB_STATE);
    const struct slice_state *state = lua_touserdata(L, -1);
    lua_pushinteger(L, (lua_Integer)state->saved);
    lua_replace(L, -2);
    lua_pushvalue(L, -3);
    lua_remove(L, -4);
    return 3;
}

static void run_task(lua_State *L, int ref)
{
    int top = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    lua_pushlightfunction(L, run_slice);
    lua_pushvalue(L, -2);
    int status = lua_pcall(L, 1, LUA_MULTRET, 0);
    int count = lua_gettop(L) - top - 1;
    if (status == LUA_OK && count == 0 && tasks_post_c(run_task, ref, PRIORITY) != 0) {
        lua_pushliteral(L, "too many tasks are waiting");
        status = LUA_ERRRUN;
    }
    if (status != LUA_OK)
        count = push_failure(L);
    if (count > 0)
        end_job(L, ref, count);
    lua_settop(L, top);
}

static uint32_t slice_option(lua_State *L, int idx)
{
    if (lua_isnoneornil(L, idx))
        return SLICE_BYTES;
    luaL_checktype(L, idx, LUA_TTABLE);
    lua_getfield(L, idx, "slice");
    lua_Integer bytes = lua_isnil(L, -1) ? SLICE_BYTES : luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    luaL_argcheck(L, bytes >= SLICE_BYTES_MIN, idx, "slice: 64 bytes or more");
    return (uint32_t)bytes;
}

// freezer.freeze_async(value, done [, {slice = 2048, at_exit = true, overlay = true}]): as freeze,
// in slices that write no more than `slice` bytes of flash and one block each; done(value, saved,
// why) is called when it has ended. Until then the value is as it was, in RAM; if it changes, the
// freeze ends, with why.
int freezer_freeze_async(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    struct slice_state state = {.slices = {.slice_bytes = slice_option(L, 3)},
                                .keeps_userdata = (uint8_t)freezer_has_option(L, 3, "at_exit"),
                                .has_overlay = (uint8_t)freezer_has_option(L, 3, "overlay")};
    luaL_argcheck(L, freezer_may_freeze(DEREF(L->base)), 1, "a function or table expected");
    lua_createtable(L, 3, 0);
    *(struct slice_state *)lua_newuserdata(L, sizeof state) = state;
    lua_rawseti(L, -2, JOB_STATE);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, JOB_VALUE);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, JOB_DONE);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (tasks_post_c(run_task, ref, PRIORITY) != 0) {
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
        return luaL_error(L, "too many tasks are waiting");
    }
    return 0;
}
