// events.c: the queue of tasks, the list of armed timers, the virtual clock.
//
// Reads and writes: this file's records, which a boot empties; the registry of the state.
// Memory: fixed tables.

#include "runtime/nodemcu/events.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/lauxlib.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"

struct task_queue {
    int refs[EVENTS_TASKS_MAX];
    unsigned begin, count;
};

static struct {
    struct task_queue tasks[EVENTS_PRIORITIES];
    REF(struct event_timer) timers; // by time, then by serial number
    uint32_t serial;
    uint64_t now_us;
} pending;
static unsigned boot_count;
static int on_error_ref = LUA_NOREF;
static char wakes_next, is_awake;

void events_reset(void)
{
    memset(&pending, 0, sizeof pending);
    boot_count++;
    on_error_ref = LUA_NOREF;
    is_awake = wakes_next;
    wakes_next = 0;
    node_output_reset();
    file_close_all();
}

void events_set_wake(void)
{
    wakes_next = 1;
}

int events_is_awake(void)
{
    return is_awake;
}

void events_set_on_error(lua_State *L)
{
    luaL_unref(L, LUA_REGISTRYINDEX, on_error_ref);
    on_error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

uint64_t events_now_us(void)
{
    return pending.now_us;
}

unsigned events_boot_count(void)
{
    return boot_count;
}

void events_set_boots_before(unsigned boots)
{
    boot_count = boots;
}

void events_wait_us(uint64_t us)
{
    pending.now_us += us;
}

// ---- tasks ----

int events_post(int function_ref, int priority)
{
    assert(priority >= 0 && priority < EVENTS_PRIORITIES);
    struct task_queue *queue = &pending.tasks[priority];
    if (queue->count == EVENTS_TASKS_MAX)
        return -1;
    queue->refs[(queue->begin + queue->count++) % EVENTS_TASKS_MAX] = function_ref;
    return 0;
}

// Pushes the next task's function and its argument; 0 if none is waiting.
static int take_task(lua_State *L)
{
    for (int priority = EVENTS_PRIORITIES - 1; priority >= 0; priority--) {
        struct task_queue *queue = &pending.tasks[priority];
        if (queue->count == 0)
            continue;
        int ref = queue->refs[queue->begin];
        queue->begin = (queue->begin + 1) % EVENTS_TASKS_MAX;
        queue->count--;
        lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
        lua_pushinteger(L, priority);
        return 1;
    }
    return 0;
}

// ---- timers ----

static uint64_t due_us(const struct event_timer *timer)
{
    return timer->due_us[0] | (uint64_t)timer->due_us[1] << 32;
}

void events_disarm(struct event_timer *timer)
{
    struct event_timer *before = NULL;
    for (struct event_timer *at = DEREF(pending.timers); at; before = at, at = DEREF(at->next)) {
        if (at != timer)
            continue;
        if (before)
            REF_COPY(before->next, timer->next);
        else
            REF_COPY(pending.timers, timer->next);
        REF_NULL(timer->next);
        return;
    }
}

void events_arm(struct event_timer *timer, uint64_t us, event_fire fire)
{
    events_disarm(timer);
    uint64_t due = pending.now_us + us;
    timer->due_us[0] = (uint32_t)due;
    timer->due_us[1] = (uint32_t)(due >> 32);
    timer->serial = ++pending.serial;
    timer->fire = ADDR32(fire);
    struct event_timer *before = NULL, *at = DEREF(pending.timers);
    while (at && due_us(at) <= due) {
        before = at;
        at = DEREF(at->next);
    }
    REF_SET(timer->next, at);
    if (before)
        REF_SET(before->next, timer);
    else
        REF_SET(pending.timers, timer);
}

// Pushes the call that the first timer wants; its number of arguments, -1: none; -2: no timer is
// due before the end.
static int take_timer(lua_State *L, uint64_t end_us)
{
    struct event_timer *first = DEREF(pending.timers);
    if (!first || due_us(first) > end_us)
        return -2;
    if (due_us(first) > pending.now_us)
        pending.now_us = due_us(first);
    REF_COPY(pending.timers, first->next);
    REF_NULL(first->next);
    event_fire fire = (event_fire)(uintptr_t)first->fire;
    return fire(L, first);
}

// ---- the loop ----

static void report(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    if (!message)
        message = "(error object is not a string)";
    port_console_error("lua: ", 5);
    port_console_error(message, strlen(message));
    port_console_error("\n", 1);
}

// Calls the function below `count` arguments.
static int call(lua_State *L, int count, lua_CFunction handler)
{
    int at = lua_gettop(L) - count;
    lua_pushcfunction(L, handler);
    lua_insert(L, at);
    int status = lua_pcall(L, count, 0, at);
    if (status != LUA_OK && on_error_ref >= 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, on_error_ref);
        lua_insert(L, -2);
        status = lua_pcall(L, 1, 0, at);
    }
    if (status != LUA_OK)
        report(L);
    lua_settop(L, at - 1);
    return status != LUA_OK;
}

int events_run(lua_State *L, uint64_t duration_ms, lua_CFunction handler)
{
    uint64_t end_us = duration_ms ? 1000 * duration_ms : UINT64_MAX;
    for (;;) {
        if (pending.now_us > end_us)
            return 0;
        int count = take_task(L) ? 1 : take_timer(L, end_us);
        if (count == -2)
            return 0;
        if (count >= 0 && call(L, count, handler))
            return 1;
    }
}
