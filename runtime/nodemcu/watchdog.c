// watchdog.c: see watchdog.h.
//
// Source: facts on NodeMCU 3.0: about 3.2 s, reset reason 3; tmr.wdclr and waits feed it.

#include "runtime/nodemcu/watchdog.h"

#include <stdio.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define LINE_BYTES 200

static enum watchdog_policy policy;
static unsigned depth;
static char is_told; // in this turn
static volatile uint32_t turn;
static uint64_t fed_us; // of the time that was computed

void watchdog_set_policy(enum watchdog_policy what)
{
    policy = what;
}

enum watchdog_policy watchdog_policy(void)
{
    return policy;
}

void watchdog_reset(void)
{
    depth = 0;
}

uint32_t watchdog_turn(void)
{
    return turn;
}

static int bites(void)
{
    return policy != WATCHDOG_OFF && depth > 0 && !is_told &&
           device_time_computed_us() - fed_us > WATCHDOG_US;
}

// `what` has run for too long.
static void bite(const char *what)
{
    char line[LINE_BYTES];
    uint64_t ms = (device_time_computed_us() - fed_us) / 1000;
    is_told = 1;
    snprintf(line, sizeof line,
             "frost: %s ran for %u.%u s without a pause: the device's watchdog resets it after 3.2 "
             "s (tmr.wdclr feeds it)\n",
             what, (unsigned)(ms / 1000), (unsigned)(ms % 1000 / 100));
    port_console_error(line, strlen(line));
    if (policy == WATCHDOG_RESETS)
        restart_now(RESTART_SOFT_WATCHDOG);
}

// With the line of the Lua function that runs or has called.
static void bite_at_line(lua_State *L)
{
    char what[LUA_IDSIZE + 32] = "the program";
    lua_Debug ar;
    PROBE_HUSH();
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline < 0)
            continue;
        snprintf(what, sizeof what, "%s:%d", ar.short_src, ar.currentline);
        break;
    }
    PROBE_UNHUSH();
    bite(what);
}

void watchdog_check(lua_State *L)
{
    if (bites())
        bite_at_line(L);
}

void watchdog_feed(lua_State *L)
{
    watchdog_check(L);
    fed_us = device_time_computed_us();
}

void watchdog_begin(void)
{
    if (depth++ > 0)
        return;
    turn++;
    is_told = 0;
    fed_us = device_time_computed_us();
}

void watchdog_end(lua_State *L, int idx)
{
    if (depth == 1 && bites()) {
        char what[LUA_IDSIZE + 48] = "the main program";
        if (idx) {
            lua_Debug ar;
            lua_pushvalue(L, idx);
            PROBE_HUSH();
            lua_getinfo(L, ">S", &ar);
            PROBE_UNHUSH();
            snprintf(what, sizeof what, "the function of %s:%d", ar.short_src, ar.linedefined);
        }
        bite(what);
    }
    if (depth > 0)
        depth--;
}
