// timers.c: the list of armed timers; see timers.h.

#include "runtime/nodemcu/timers.h"

#include "runtime/nodemcu/device_time.h"

static REF(struct event_timer) first; // by time, then by serial number
static uint32_t serial;

static uint64_t due_us(const struct event_timer *timer)
{
    return timer->due_us[0] | (uint64_t)timer->due_us[1] << 32;
}

void timers_reset(void)
{
    REF_NULL(first);
    serial = 0;
}

void timers_disarm(struct event_timer *timer)
{
    struct event_timer *before = NULL;
    for (struct event_timer *at = DEREF(first); at; before = at, at = DEREF(at->next)) {
        if (at != timer)
            continue;
        if (before)
            REF_COPY(before->next, timer->next);
        else
            REF_COPY(first, timer->next);
        REF_NULL(timer->next);
        return;
    }
}

static void arm(struct event_timer *timer, uint64_t due, event_fire fire)
{
    timers_disarm(timer);
    timer->due_us[0] = (uint32_t)due;
    timer->due_us[1] = (uint32_t)(due >> 32);
    timer->serial = ++serial;
    timer->fire = ADDR32(fire);
    struct event_timer *before = NULL, *at = DEREF(first);
    while (at && due_us(at) <= due) {
        before = at;
        at = DEREF(at->next);
    }
    REF_SET(timer->next, at);
    if (before)
        REF_SET(before->next, timer);
    else
        REF_SET(first, timer);
}

void timers_arm(struct event_timer *timer, uint64_t us, event_fire fire)
{
    arm(timer, device_time_us() + us, fire);
}

void timers_arm_again(struct event_timer *timer, uint64_t us, event_fire fire)
{
    arm(timer, due_us(timer) + us, fire);
}

uint64_t timers_next_us(void)
{
    return REF_IS_NULL(first) ? DEVICE_TIME_NEVER : due_us(DEREF(first));
}

uint32_t timers_next_serial(void)
{
    return REF_IS_NULL(first) ? 0 : DEREF(first)->serial;
}

int timers_fire(lua_State *L, uint32_t which)
{
    struct event_timer *timer = DEREF(first);
    while (timer && timer->serial != which)
        timer = DEREF(timer->next);
    if (!timer)
        return TIMERS_NONE;
    timers_disarm(timer);
    event_fire fire = (event_fire)(uintptr_t)timer->fire;
    return fire(L, timer);
}
