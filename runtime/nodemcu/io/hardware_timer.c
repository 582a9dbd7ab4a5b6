// hardware_timer.c: see hardware_timer.h.

#include "runtime/nodemcu/io/hardware_timer.h"

#include <assert.h>
#include <stddef.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/timers.h"

static struct {
    hardware_timer_handler handler; // NULL: nobody has it
    uint64_t due_us;                // DEVICE_TIME_NEVER: it is not armed
    struct event_timer event;
} timer = {.due_us = DEVICE_TIME_NEVER};

void hardware_timer_reset(void)
{
    timer.handler = NULL;
    timer.due_us = DEVICE_TIME_NEVER;
    timer.event = (struct event_timer){.serial = 0};
}

int hardware_timer_is_free(void)
{
    return timer.handler == NULL;
}

void hardware_timer_take(hardware_timer_handler handler)
{
    assert(hardware_timer_is_free());
    timer.handler = handler;
}

static void run(lua_State *L)
{
    uint64_t due_us = timer.due_us;
    timer.due_us = DEVICE_TIME_NEVER;
    timer.handler(L, due_us);
}

static int fire(lua_State *L, struct event_timer *event)
{
    (void)event;
    run(L);
    return -1;
}

void hardware_timer_arm(uint64_t at_us)
{
    uint64_t now_us = device_time_us();
    timer.due_us = at_us;
    timers_arm(&timer.event, at_us > now_us ? at_us - now_us : 0, fire);
}

void hardware_timer_release(void)
{
    timers_disarm(&timer.event);
    timer.due_us = DEVICE_TIME_NEVER;
    timer.handler = NULL;
}

void hardware_timer_catch_up(lua_State *L)
{
    while (timer.due_us <= device_time_us()) {
        timers_disarm(&timer.event);
        run(L);
    }
}
