// events.c: the loop that gives turns; see events.h.

#include "runtime/nodemcu/events.h"

#include "runtime/core/api/lauxlib.h"
#include "runtime/flash/flash_events.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/nodemcu/arrivals.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/net/wifi.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/tasks.h"
#include "runtime/nodemcu/timers.h"
#include "runtime/nodemcu/watchdog.h"
#include "runtime/port/port.h"
#include "runtime/world/world.h"

#define RESTART_SLACK_US 1000000u // a turn takes less

void events_start(void)
{
    struct world_turn turn;
    if (world_is_replay() && world_recorded_turn(&turn) == WORLD_RECORDED_TURN)
        device_time_set(turn.device_us);
    else
        device_time_set(device_time_us());
    world_turn_begin(WORLD_START, 0, device_time_us());
    wifi_start();
    watchdog_begin();
}

// ---- one turn ----

static void run_task(lua_State *L, int priority)
{
    struct task task;
    if (!tasks_take(priority, &task)) {
        world_lacks(WORLD_TASK, (uint32_t)priority);
        return;
    }
    if (task.run) {
        task.run(L, task.ref);
        return;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, task.ref);
    luaL_unref(L, LUA_REGISTRYINDEX, task.ref);
    lua_pushinteger(L, priority);
    callback_call(L, 1, CALLBACK_PROTECTED);
}

static void run_timer(lua_State *L, uint32_t serial)
{
    int count = timers_fire(L, serial);
    if (count >= 0)
        callback_call(L, count, CALLBACK_PROTECTED);
    else if (count == TIMERS_NONE)
        world_lacks(WORLD_TIMER, serial);
}

static void run_arrival(lua_State *L, const struct world_arrival *arrival)
{
    world_arrival_begin(arrival, device_time_us());
    arrivals_deliver(L, arrival);
}

// What is there to be done without waiting. False: nothing.
static int run_next(lua_State *L)
{
    device_time_sync();
    uint64_t now_us = device_time_us();
    device_time_set(now_us); // a turn begins with the microsecond, since a recording has no less
    struct world_arrival arrival;
    int priority;
    if (timers_next_us() <= now_us) {
        uint32_t serial = timers_next_serial();
        world_turn_begin(WORLD_TIMER, serial, now_us);
        run_timer(L, serial);
    } else if (world_take(now_us, &arrival)) {
        run_arrival(L, &arrival);
    } else if ((priority = tasks_next()) >= 0) {
        world_turn_begin(WORLD_TASK, (uint32_t)priority, now_us);
        run_task(L, priority);
    } else {
        return 0;
    }
    return 1;
}

// A restart that was asked for comes where the recording has it: its end, or a boot. The clock says
// less, since it may have gone on within the turn; but what comes much later shows that there was
// none.
static void restart_as_recorded(enum world_recorded next, const struct world_turn *turn)
{
    uint64_t due_us = restart_due_us();
    if (due_us == DEVICE_TIME_NEVER)
        return;
    if (next != WORLD_RECORDED_TURN)
        restart_due();
    if (turn->device_us > due_us + RESTART_SLACK_US) {
        world_lacks(WORLD_START, 0);
        restart_due();
    }
}

// What the recording says. False: it has ended, or goes on with a restart that nothing has asked
// for here.
static int run_recorded(lua_State *L)
{
    struct world_turn turn;
    struct world_arrival arrival;
    enum world_recorded next = world_recorded_turn(&turn);
    restart_as_recorded(next, &turn);
    if (next != WORLD_RECORDED_TURN)
        return 0;
    device_time_set(turn.device_us);
    if (turn.kind == WORLD_TIMER || turn.kind == WORLD_TASK)
        world_turn_begin(turn.kind, turn.object, turn.device_us);
    if (turn.kind == WORLD_TIMER)
        run_timer(L, turn.object);
    else if (turn.kind == WORLD_TASK)
        run_task(L, (int)turn.object);
    else if (world_take(turn.device_us, &arrival))
        run_arrival(L, &arrival);
    return 1;
}

// ---- the loop ----

static uint64_t min_us(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// When there will be something to do, as far as is known.
static uint64_t next_us(void)
{
    return min_us(min_us(timers_next_us(), world_next_us()), restart_due_us());
}

// When an image of the LFS that is not confirmed has run long enough. Nobody waits only for that.
static uint64_t confirm_us(void)
{
    return lfs_is_on_trial(&flash_table) ? LFS_TRIAL_US : DEVICE_TIME_NEVER;
}

static void confirm_image(void)
{
    if (device_time_us() >= confirm_us() && lfs_confirm(&flash_table) != STATUS_OK)
        flash_table.slots.trial_off = 0; // once is enough
}

// Waits for that, or for what may arrive before the end.
static enum port_wait wait(uint64_t end_us)
{
    uint64_t due_us = next_us(), look_us = confirm_us();
    return due_us != DEVICE_TIME_NEVER && due_us <= end_us
               ? device_time_wait(min_us(due_us, look_us))
               : device_time_wait_for_event(min_us(end_us, look_us));
}

enum events_end events_run(lua_State *L, uint64_t duration_ms, lua_CFunction handler)
{
    uint64_t end_us = duration_ms ? 1000 * duration_ms : DEVICE_TIME_NEVER;
    callbacks_set_handler(handler);
    watchdog_end(L, 0); // the main program's turn
    while (device_time_us() <= end_us) {
        confirm_image();
        flash_events_flush();
        if (!world_is_replay() && device_time_us() >= restart_due_us())
            restart_due();
        if (world_is_replay()) {
            if (!run_recorded(L))
                return EVENTS_DONE;
        } else if (!run_next(L)) {
            enum port_wait reason = wait(end_us);
            if (reason == PORT_WAIT_NOTHING)
                return next_us() == DEVICE_TIME_NEVER ? EVENTS_DONE : EVENTS_TIME_OVER;
            if (reason == PORT_WAIT_INTERRUPTED)
                return EVENTS_INTERRUPTED;
            if (reason == PORT_WAIT_TIME && min_us(next_us(), confirm_us()) > device_time_us())
                return EVENTS_TIME_OVER;
        }
        if (callbacks_take_failure())
            return EVENTS_FAILED;
    }
    return EVENTS_TIME_OVER;
}
