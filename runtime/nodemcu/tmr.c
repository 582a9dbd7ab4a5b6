// tmr.c: the module tmr: timers in virtual time.
//
// Reads and writes: the event queue. Memory: a timer is a userdata; while it is armed, a reference
// in the registry keeps it alive.
// Source: documentation of the firmware's module tmr (3.0: objects only).
//
// Time. The virtual clock jumps to the next timer when nothing else is left to do. A program that
// waits by asking the time again and again would wait for ever, so each question costs ASK_US.

#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/modules.h"

#define META "tmr.timer"
#define ALARM_SINGLE 0
#define ALARM_SEMI 1
#define ALARM_AUTO 2
#define INTERVAL_MS_MAX 6870947
#define ASK_US 10
#define CCOUNT_PER_US 80

struct timer {
    struct event_timer event;
    uint32_t interval_ms;
    int32_t function_ref; // the callback
    int32_t self_ref;     // of the userdata while it is armed
    int8_t mode;          // ALARM_
    uint8_t is_registered;
    uint8_t is_running;
    uint8_t pad_;
};

static struct timer *check_timer(lua_State *L)
{
    return luaL_checkudata(L, 1, META);
}

static uint32_t check_interval(lua_State *L, int arg)
{
    lua_Integer ms = luaL_checkinteger(L, arg);
    luaL_argcheck(L, ms > 0 && ms <= INTERVAL_MS_MAX, arg, "Invalid interval");
    return (uint32_t)ms;
}

static void release(lua_State *L, int32_t *ref)
{
    luaL_unref(L, LUA_REGISTRYINDEX, *ref);
    *ref = LUA_NOREF;
}

// ---- going off ----

static int fire(lua_State *L, struct event_timer *event)
{
    struct timer *timer = (struct timer *)event;
    if (!timer->is_registered) {
        timer->is_running = 0;
        release(L, &timer->self_ref);
        return -1;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, timer->function_ref);
    lua_rawgeti(L, LUA_REGISTRYINDEX, timer->self_ref);
    if (timer->mode == ALARM_AUTO) {
        events_arm(&timer->event, 1000 * (uint64_t)timer->interval_ms, fire);
        return 1;
    }
    timer->is_running = 0;
    release(L, &timer->self_ref);
    if (timer->mode == ALARM_SINGLE) {
        release(L, &timer->function_ref);
        timer->is_registered = 0;
    }
    return 1;
}

static void stop(lua_State *L, struct timer *timer)
{
    events_disarm(&timer->event);
    timer->is_running = 0;
    release(L, &timer->self_ref);
}

// ---- methods ----

static int timer_register(lua_State *L)
{
    struct timer *timer = check_timer(L);
    uint32_t interval_ms = check_interval(L, 2);
    int mode = luaL_checkint(L, 3);
    luaL_argcheck(L, mode >= ALARM_SINGLE && mode <= ALARM_AUTO, 3, "Invalid mode");
    luaL_checkfunction(L, 4);
    lua_settop(L, 4);
    int32_t ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (timer->is_running)
        stop(L, timer);
    release(L, &timer->function_ref);
    timer->function_ref = ref;
    timer->interval_ms = interval_ms;
    timer->mode = (int8_t)mode;
    timer->is_registered = 1;
    return 0;
}

static int timer_start(lua_State *L)
{
    struct timer *timer = check_timer(L);
    int restarts = lua_toboolean(L, 2);
    if (!timer->is_registered || (timer->is_running && !restarts)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    if (timer->self_ref == LUA_NOREF) {
        lua_pushvalue(L, 1);
        timer->self_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    events_arm(&timer->event, 1000 * (uint64_t)timer->interval_ms, fire);
    timer->is_running = 1;
    lua_pushboolean(L, 1);
    return 1;
}

static int timer_alarm(lua_State *L)
{
    timer_register(L);
    lua_settop(L, 1);
    return timer_start(L);
}

static int timer_stop(lua_State *L)
{
    struct timer *timer = check_timer(L);
    int was_running = timer->is_running;
    stop(L, timer);
    lua_pushboolean(L, was_running);
    return 1;
}

static int timer_unregister(lua_State *L)
{
    struct timer *timer = check_timer(L);
    stop(L, timer);
    release(L, &timer->function_ref);
    timer->is_registered = 0;
    return 0;
}

static int timer_interval(lua_State *L)
{
    struct timer *timer = check_timer(L);
    luaL_argcheck(L, timer->is_registered, 1, "timer not registered");
    timer->interval_ms = check_interval(L, 2);
    if (timer->is_running)
        events_arm(&timer->event, 1000 * (uint64_t)timer->interval_ms, fire);
    return 0;
}

static int timer_state(lua_State *L)
{
    struct timer *timer = check_timer(L);
    if (!timer->is_registered) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushboolean(L, timer->is_running);
    lua_pushinteger(L, timer->mode);
    return 2;
}

static int timer_tostring(lua_State *L)
{
    struct timer *timer = check_timer(L);
    lua_pushfstring(L, META ": %p", (void *)timer);
    return 1;
}

ROTABLE_EXTERN(tmr_meta);
ROTABLE_BEGIN(tmr_meta)
    ROTABLE_FUNC("__gc", timer_unregister)
    ROTABLE_FUNC("__tostring", timer_tostring)
    ROTABLE_TABLE("__index", tmr_meta)
    ROTABLE_FUNC("register", timer_register)
    ROTABLE_FUNC("alarm", timer_alarm)
    ROTABLE_FUNC("start", timer_start)
    ROTABLE_FUNC("stop", timer_stop)
    ROTABLE_FUNC("unregister", timer_unregister)
    ROTABLE_FUNC("interval", timer_interval)
    ROTABLE_FUNC("state", timer_state)
ROTABLE_END(tmr_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

// ---- module ----

static int tmr_create(lua_State *L)
{
    struct timer *timer = lua_newuserdata(L, sizeof *timer);
    *timer = (struct timer){.function_ref = LUA_NOREF, .self_ref = LUA_NOREF};
    luaL_rometatable(L, META, &tmr_meta);
    lua_setmetatable(L, -2);
    return 1;
}

static int tmr_delay(lua_State *L)
{
    lua_Integer us = luaL_checkinteger(L, 1);
    luaL_argcheck(L, us > 0, 1, "wrong arg range");
    events_wait_us((uint64_t)us);
    return 0;
}

// The firmware's counter has 31 bits.
static int tmr_now(lua_State *L)
{
    events_wait_us(ASK_US);
    lua_pushinteger(L, (lua_Integer)(events_now_us() & 0x7FFFFFFF));
    return 1;
}

static int tmr_time(lua_State *L)
{
    events_wait_us(ASK_US);
    lua_pushinteger(L, (lua_Integer)(events_now_us() / 1000000 & 0x7FFFFFFF));
    return 1;
}

static int tmr_ccount(lua_State *L)
{
    events_wait_us(ASK_US);
    lua_pushinteger(L, (lua_Integer)(events_now_us() * CCOUNT_PER_US & 0x7FFFFFFF));
    return 1;
}

// The watchdog never bites here.
static int tmr_wdclr(lua_State *L)
{
    (void)L;
    return 0;
}

ROTABLE_BEGIN(tmr_lib)
    ROTABLE_FUNC("create", tmr_create)
    ROTABLE_FUNC("now", tmr_now)
    ROTABLE_FUNC("time", tmr_time)
    ROTABLE_FUNC("delay", tmr_delay)
    ROTABLE_FUNC("ccount", tmr_ccount)
    ROTABLE_FUNC("wdclr", tmr_wdclr)
    ROTABLE_FUNC("softwd", tmr_wdclr)
    ROTABLE_NUM("ALARM_SINGLE", ALARM_SINGLE)
    ROTABLE_NUM("ALARM_SEMI", ALARM_SEMI)
    ROTABLE_NUM("ALARM_AUTO", ALARM_AUTO)
ROTABLE_END(tmr_lib, NULL, 0)
