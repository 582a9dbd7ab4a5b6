// node.c: the module node: its table, and what has no file of its own.
//
// Reads and writes: the global state's collector mode; the event queue.
// Memory: read-only tables; see the single functions.
// Source: behaviour of NodeMCU 3.0; documentation of the firmware's module node.

#include "runtime/nodemcu/system/node.h"
#include "runtime/core/heap.h"
#include "runtime/core/state.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/tasks.h"
#include "runtime/world/world.h"

static int node_heap(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)world_heap(WORLD_HEAP_FREE, (uint32_t)heap_free_bytes()));
    return 1;
}

static int node_restart(lua_State *L)
{
    (void)L;
    restart_soon(RESTART_SOFTWARE);
    return 0;
}

static int cpu_mhz = 80;

void node_reset(void)
{
    cpu_mhz = node_startup_mhz();
    node_output_reset();
}

int node_cpu_mhz(void)
{
    return cpu_mhz;
}

static int node_getcpufreq(lua_State *L)
{
    lua_pushinteger(L, cpu_mhz);
    return 1;
}

static int node_setcpufreq(lua_State *L)
{
    cpu_mhz = luaL_checkint(L, 1) == 160 ? 160 : 80;
    lua_pushinteger(L, cpu_mhz);
    return 1;
}

// ---- node.egc ----

static int egc_setmode(lua_State *L)
{
    unsigned mode = (unsigned)luaL_checkinteger(L, 1);
    int limit = luaL_optint(L, 2, 0);
    luaL_argcheck(L, mode <= (EGC_ON_ALLOC_FAILURE | EGC_ON_MEM_LIMIT | EGC_ALWAYS), 1,
                  "invalid mode");
    luaL_argcheck(L, !(mode & EGC_ON_MEM_LIMIT) || limit != 0, 1, "limit must be non-zero");
    GLOBAL(L)->egc_mode = mode;
    GLOBAL(L)->memory_limit = limit;
    return 0;
}

static int egc_meminfo(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)world_heap(WORLD_HEAP_EGC_TOTAL, GLOBAL(L)->total_bytes));
    lua_pushinteger(L, (lua_Integer)world_heap(WORLD_HEAP_EGC_MAX, GLOBAL(L)->estimate));
    return 2;
}

// Ours: the largest number of Lua bytes since the last call.
static int egc_peak(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    uint32_t peak = g->total_bytes_max;
    g->total_bytes_max = g->total_bytes;
    lua_pushinteger(L, (lua_Integer)world_heap(WORLD_HEAP_PEAK, peak));
    return 1;
}

ROTABLE_BEGIN(node_egc_lib)
    ROTABLE_FUNC("setmode", egc_setmode)
    ROTABLE_FUNC("meminfo", egc_meminfo)
    ROTABLE_FUNC("peak", egc_peak)
    ROTABLE_FUNC("spaces", node_spaces)
    ROTABLE_FUNC("compact", node_compact)
    ROTABLE_NUM("NOT_ACTIVE", EGC_NOT_ACTIVE)
    ROTABLE_NUM("ON_ALLOC_FAILURE", EGC_ON_ALLOC_FAILURE)
    ROTABLE_NUM("ON_MEM_LIMIT", EGC_ON_MEM_LIMIT)
    ROTABLE_NUM("ALWAYS", EGC_ALWAYS)
ROTABLE_END(node_egc_lib, NULL, 0)

// ---- node.task ----

static int task_post(lua_State *L)
{
    int priority = 1, function = 1;
    if (lua_type(L, 1) == LUA_TNUMBER) {
        priority = luaL_checkint(L, 1);
        luaL_argcheck(L, priority >= 0 && priority < TASKS_PRIORITIES, 1, "invalid  priority");
        function = 2;
    }
    luaL_checkfunction(L, function);
    lua_settop(L, function);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (tasks_post(ref, priority) == 0)
        return 0;
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    return luaL_error(L, "Task queue overflow. Task not posted");
}

ROTABLE_BEGIN(node_task_lib)
    ROTABLE_FUNC("post", task_post)
    ROTABLE_NUM("LOW_PRIORITY", 0)
    ROTABLE_NUM("MEDIUM_PRIORITY", 1)
    ROTABLE_NUM("HIGH_PRIORITY", 2)
ROTABLE_END(node_task_lib, NULL, 0)

// ---- node ----

ROTABLE_BEGIN(node_lib)
    ROTABLE_TABLE("LFS", node_lfs_lib)
    ROTABLE_TABLE("egc", node_egc_lib)
    ROTABLE_TABLE("task", node_task_lib)
    ROTABLE_FUNC("heap", node_heap)
    ROTABLE_FUNC("info", node_info)
    ROTABLE_FUNC("restart", node_restart)
    ROTABLE_FUNC("compile", node_compile)
    ROTABLE_FUNC("stripdebug", node_stripdebug)
    ROTABLE_FUNC("flashindex", node_flashindex)
    ROTABLE_FUNC("flashreload", node_flashreload)
    ROTABLE_FUNC("startup", node_startup)
    ROTABLE_FUNC("startupcommand", node_startupcommand)
    ROTABLE_FUNC("bootreason", node_bootreason)
    ROTABLE_FUNC("chipid", node_chipid)
    ROTABLE_FUNC("flashid", node_flashid)
    ROTABLE_FUNC("flashsize", node_flashsize)
    ROTABLE_FUNC("getpartitiontable", node_getpartitiontable)
    ROTABLE_FUNC("setpartitiontable", node_setpartitiontable)
    ROTABLE_FUNC("output", node_output)
    ROTABLE_FUNC("input", node_input)
    ROTABLE_FUNC("setonerror", node_setonerror)
    ROTABLE_FUNC("dsleep", node_dsleep)
    ROTABLE_FUNC("dsleepMax", node_dsleep_max)
    ROTABLE_FUNC("sleep", node_sleep)
    ROTABLE_FUNC("restore", node_restore)
    ROTABLE_FUNC("random", node_random)
    ROTABLE_FUNC("getcpufreq", node_getcpufreq)
    ROTABLE_FUNC("setcpufreq", node_setcpufreq)
    ROTABLE_NUM("CPU80MHZ", 80)
    ROTABLE_NUM("CPU160MHZ", 160)
ROTABLE_END(node_lib, NULL, 0)
