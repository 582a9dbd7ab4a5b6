// restart.c: see restart.h.

#include "runtime/nodemcu/restart.h"

#include "runtime/flash/flash_events.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/port/port.h"

// Of the SDK, roughly: it is not documented.
#define SOON_US 10000u

static enum restart_reason reason_now, reason_due;
static uint64_t due_us = DEVICE_TIME_NEVER;
static uint64_t slept_us;

// What a boot leaves for the next one.
PORT_KEPT static struct {
    enum restart_reason reason;
    uint64_t sleep_us, end_us;
    char is_noted; // the reason
} next;

void restart_begin_boot(int is_again)
{
    reason_now = next.is_noted ? next.reason : is_again ? RESTART_SOFTWARE : RESTART_POWER_ON;
    next.is_noted = 0;
    due_us = DEVICE_TIME_NEVER;
    slept_us = reason_now == RESTART_WAKE ? next.sleep_us : 0;
    next.sleep_us = 0;
}

uint64_t restart_ended_us(void)
{
    return next.end_us;
}

uint64_t restart_slept_us(void)
{
    return slept_us;
}

void restart_set_sleep(uint64_t us)
{
    next.sleep_us = us;
}

enum restart_reason restart_reason(void)
{
    return reason_now;
}

uint64_t restart_due_us(void)
{
    return due_us;
}

void restart_now(enum restart_reason reason)
{
    flash_events_flush();
    if (reason == RESTART_NEVER)
        port_exit(0);
    next.reason = reason;
    next.is_noted = 1;
    next.end_us = device_time_us();
    port_restart();
}

void restart_due(void)
{
    restart_now(reason_due);
}

void restart_later(uint64_t us, enum restart_reason reason)
{
    if (device_time_us() + us >= due_us)
        return;
    due_us = device_time_us() + us;
    reason_due = reason;
}

void restart_soon(enum restart_reason reason)
{
    restart_later(SOON_US, reason);
}
