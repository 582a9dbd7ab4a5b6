// tmr.c: the module tmr: timers, and questions of the time.
//
// Reads and writes: the list of armed timers, the device's clock.
// Memory: a timer is a userdata; while it is armed, a reference in the registry keeps it alive.
// Source: documentation of the firmware's module tmr (3.0: objects only); its behaviour in
// NodeMCU 3.0.

#include "runtime/nodemcu/system/tmr.h"

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/nodemcu/timers.h"
#include "runtime/nodemcu/watchdog.h"

#define META "tmr.timer"
#define ALARM_SINGLE 0
#define ALARM_AUTO 1
#define ALARM_SEMI 2
#define MODE_OFF 3 // no function is registered
#define IDLE 0x80  // with a mode: not running
#define INTERVAL_MS_MAX 6870947
#define STATIC_COUNT 7 // timers of older firmware, by number

struct timer {
    struct event_timer event;
    uint32_t interval_ms;
    int32_t function_ref; // the callback
    int32_t self_ref;     // of the userdata while it is armed
    uint8_t mode;         // with IDLE
    uint8_t pad_[3];
};
_Static_assert(sizeof(struct timer) == 36, "the firmware's size of a timer");

static const struct timer new_timer = {
    .function_ref = LUA_NOREF, .self_ref = LUA_NOREF, .mode = MODE_OFF};
static struct timer statics[STATIC_COUNT]; // with --firmware=legacy
static struct event_timer watchdog;        // of tmr.softwd

static int is_static(const struct timer *timer)
{
    return timer >= statics && timer < statics + STATIC_COUNT;
}

// An object; with --firmware=legacy a number as well.
static struct timer *check_timer(lua_State *L)
{
    if (!firmware_is_legacy())
        return luaL_checkudata(L, 1, META);
    luaL_argcheck(L, lua_isuserdata(L, 1) || lua_isnumber(L, 1), 1,
                  "timer object or numerical ID expected");
    if (lua_isuserdata(L, 1))
        return luaL_checkudata(L, 1, META);
    lua_Integer id = luaL_checkinteger(L, 1);
    luaL_argcheck(L, id >= 0 && id < STATIC_COUNT, 1, "invalid timer index");
    return &statics[id];
}

static uint32_t check_interval(lua_State *L, int arg)
{
    lua_Integer ms = luaL_checkinteger(L, arg);
    luaL_argcheck(L, ms > 0 && ms <= INTERVAL_MS_MAX, arg, "Range: 1-0x68D7A3");
    return (uint32_t)ms;
}

static void release(lua_State *L, int32_t *ref)
{
    luaL_unref(L, LUA_REGISTRYINDEX, *ref);
    *ref = LUA_NOREF;
}

static int is_running(const struct timer *timer)
{
    return timer->mode != MODE_OFF && !(timer->mode & IDLE);
}

// ---- going off ----

static int fire(lua_State *L, struct event_timer *event)
{
    struct timer *timer = (struct timer *)event;
    lua_rawgeti(L, LUA_REGISTRYINDEX, timer->function_ref);
    if (is_static(timer))
        lua_pushinteger(L, (lua_Integer)(timer - statics));
    else
        lua_rawgeti(L, LUA_REGISTRYINDEX, timer->self_ref);
    if (timer->mode == ALARM_AUTO) {
        timers_arm_again(&timer->event, 1000 * (uint64_t)timer->interval_ms, fire);
        return 1;
    }
    release(L, &timer->self_ref);
    if (timer->mode == ALARM_SINGLE) {
        release(L, &timer->function_ref);
        timer->mode = MODE_OFF;
    } else {
        timer->mode |= IDLE;
    }
    return 1;
}

// A timer without function is never due, though the firmware takes it for running.
static void arm(struct timer *timer)
{
    if (timer->function_ref != LUA_NOREF)
        timers_arm(&timer->event, 1000 * (uint64_t)timer->interval_ms, fire);
}

// ---- methods ----

static int timer_register(lua_State *L)
{
    struct timer *timer = check_timer(L);
    uint32_t interval_ms = check_interval(L, 2);
    lua_Integer mode = luaL_checkinteger(L, 3);
    luaL_argcheck(L, mode >= ALARM_SINGLE && mode <= ALARM_SEMI, 3, "Invalid mode");
    luaL_argcheck(L, lua_isfunction(L, 4), 4, "Must be function");
    lua_settop(L, 4);
    if (timer->function_ref == LUA_NOREF)
        timer->function_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    else
        lua_rawseti(L, LUA_REGISTRYINDEX, timer->function_ref);
    timers_disarm(&timer->event);
    timer->interval_ms = interval_ms;
    timer->mode = (uint8_t)(mode | IDLE);
    return 0;
}

// The object is held even if the timer turns out not to be idle.
static int timer_start(lua_State *L)
{
    struct timer *timer = check_timer(L);
    luaL_argcheck(L, lua_isnoneornil(L, 2) || lua_isboolean(L, 2), 2, "boolean expected");
    int restarts = lua_toboolean(L, 2);
    if (timer->self_ref == LUA_NOREF && !is_static(timer)) {
        lua_pushvalue(L, 1);
        timer->self_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    int starts = (timer->mode & IDLE) || restarts;
    if (starts) {
        timer->mode &= (uint8_t)~IDLE;
        arm(timer);
    }
    lua_pushboolean(L, starts);
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
    lua_pushboolean(L, is_running(timer));
    timers_disarm(&timer->event);
    release(L, &timer->self_ref);
    timer->mode |= IDLE;
    return 1;
}

static int timer_unregister(lua_State *L)
{
    struct timer *timer = check_timer(L);
    timers_disarm(&timer->event);
    release(L, &timer->self_ref);
    release(L, &timer->function_ref);
    timer->mode = MODE_OFF;
    return 0;
}

static int timer_interval(lua_State *L)
{
    struct timer *timer = check_timer(L);
    uint32_t interval_ms = check_interval(L, 2);
    if (timer->mode == MODE_OFF)
        return 0;
    timer->interval_ms = interval_ms;
    if (is_running(timer))
        arm(timer);
    return 0;
}

static int timer_state(lua_State *L)
{
    struct timer *timer = check_timer(L);
    if (timer->mode == MODE_OFF) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushboolean(L, !(timer->mode & IDLE));
    lua_pushinteger(L, timer->mode & ~IDLE);
    return 2;
}

static int timer_tostring(lua_State *L)
{
    struct timer *timer = check_timer(L);
    lua_pushfstring(L, META ": %p", (void *)timer);
    return 1;
}

// Suspending needs a build option that is off.
static int removed(lua_State *L)
{
    return luaL_error(L, "This feature has been removed, we apologize for any inconvenience this "
                         "may have caused.");
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
    ROTABLE_FUNC("suspend", removed)
    ROTABLE_FUNC("resume", removed)
ROTABLE_END(tmr_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

// ---- module ----

void tmr_reset(void)
{
    for (int i = 0; i < STATIC_COUNT; i++)
        statics[i] = new_timer;
}

static int tmr_create(lua_State *L)
{
    struct timer *timer = lua_newuserdata(L, sizeof *timer);
    *timer = new_timer;
    luaL_rometatable(L, META, &tmr_meta);
    lua_setmetatable(L, -2);
    return 1;
}

static int tmr_delay(lua_State *L)
{
    lua_Integer us = luaL_checkinteger(L, 1);
    luaL_argcheck(L, us > 0, 1, "wrong arg range");
    device_time_delay((uint64_t)us);
    watchdog_feed(L);
    return 0;
}

// The firmware's counter has 31 bits.
static int tmr_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)(device_time_ask_us() & 0x7FFFFFFF));
    return 1;
}

static int tmr_time(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)(device_time_ask_us() / 1000000 & 0x7FFFFFFF));
    return 1;
}

static int tmr_ccount(lua_State *L)
{
    uint64_t cycles = device_time_ask_us() * (unsigned)node_cpu_mhz();
    lua_pushinteger(L, (int32_t)(uint32_t)cycles);
    return 1;
}

static int tmr_wdclr(lua_State *L)
{
    watchdog_feed(L);
    return 0;
}

// ---- the program's own watchdog ----

static int restart(lua_State *L, struct event_timer *event)
{
    (void)L, (void)event;
    restart_now(RESTART_SOFTWARE);
}

// tmr.softwd(s): every second of the device counts down from s, and when less than 0 is left it
// restarts; negative: never. Older firmware: when 0 is left; 0: never.
static int tmr_softwd(lua_State *L)
{
    static const uint64_t tick_us = 1000000;
    int64_t ticks = luaL_checkinteger(L, 1);
    if (!firmware_is_legacy())
        ticks = ticks < 0 ? 0 : ticks + 1;
    timers_disarm(&watchdog);
    if (ticks <= 0)
        return 0;
    uint64_t since_tick_us = device_time_us() % tick_us;
    timers_arm(&watchdog, (uint64_t)ticks * tick_us - since_tick_us, restart);
    return 0;
}

ROTABLE_BEGIN(tmr_lib)
    ROTABLE_FUNC("create", tmr_create)
    ROTABLE_FUNC("now", tmr_now)
    ROTABLE_FUNC("time", tmr_time)
    ROTABLE_FUNC("delay", tmr_delay)
    ROTABLE_FUNC("ccount", tmr_ccount)
    ROTABLE_FUNC("wdclr", tmr_wdclr)
    ROTABLE_FUNC("softwd", tmr_softwd)
    ROTABLE_FUNC("suspend_all", removed)
    ROTABLE_FUNC("resume_all", removed)
    ROTABLE_NUM("ALARM_SINGLE", ALARM_SINGLE)
    ROTABLE_NUM("ALARM_SEMI", ALARM_SEMI)
    ROTABLE_NUM("ALARM_AUTO", ALARM_AUTO)
ROTABLE_END(tmr_lib, NULL, 0)

// What older firmware had besides: the methods as functions, of timers by number too.
ROTABLE_BEGIN(tmr_legacy_lib)
    ROTABLE_FUNC("register", timer_register)
    ROTABLE_FUNC("alarm", timer_alarm)
    ROTABLE_FUNC("start", timer_start)
    ROTABLE_FUNC("stop", timer_stop)
    ROTABLE_FUNC("unregister", timer_unregister)
    ROTABLE_FUNC("interval", timer_interval)
    ROTABLE_FUNC("state", timer_state)
ROTABLE_END(tmr_legacy_lib, NULL, 0)
