// limit.c: ends a program that computes on and on when its time is over, and lets the device's
// watchdog look at one that does not come back.
//
// The event loop ends a run between turns (events_run); here it ends in the middle of one, by the
// device's time, so before the same instruction each time and in every build. A timer looks now and
// then, and only when the end is near before each instruction: until then the limit costs nothing.
// The watchdog that reports tells of a turn when it is over, and of one that has gone on for a
// second of the computer's in its middle; one that resets is asked before each instruction.
// Context: handlers of signals run on the interpreter's thread, on its second stack, since the use
// of the first is a figure of the program.

#include <signal.h>
#include <sys/time.h>

#include "runtime/core/vm.h"
#include "runtime/format/status.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/watchdog.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/trace.h"
#include "runtime/world/host/replay.h"

#define LOOK_US 10000     // between two looks of the timer, where there is a limit
#define WATCHDOG_LOOK_S 1 // where there is none; that a turn has to go on
// Of the device's time: more than a fast computer takes from one look to the next (430,000
// instructions in a millisecond were measured).
#define NEAR_US 30000000u

static uint64_t end_us; // device time; 0: no limit
static volatile unsigned look_count, looks_wanted;

static _Noreturn void end_run(void)
{
    host_trace_cut();
    replay_cut();
    host_exit(EXIT_STATUS_DONE);
}

// Before an instruction.
static void watch(lua_State *L)
{
    uint64_t now_us = device_time_us();
    int resets = watchdog_policy() == WATCHDOG_RESETS;
    if (end_us && now_us >= end_us)
        end_run();
    if (resets || look_count >= looks_wanted)
        watchdog_check(L);
    if (!resets && (!end_us || now_us + NEAR_US < end_us))
        vm_watch(NULL);
    host_interrupt_goes_on();
}

static void look(int number)
{
    static uint32_t turn;
    (void)number;
    look_count = turn == watchdog_turn() ? look_count + 1 : 0;
    turn = watchdog_turn();
    if (end_us || look_count >= looks_wanted)
        vm_watch(watch);
    host_interrupt_goes_on();
}

void host_limit_boot(uint64_t duration_ms)
{
    if (!duration_ms && watchdog_policy() == WATCHDOG_OFF)
        return;
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART | SA_ONSTACK};
    struct timeval between = {WATCHDOG_LOOK_S, 0};
    looks_wanted = 1;
    if (duration_ms) {
        between = (struct timeval){0, LOOK_US};
        looks_wanted = WATCHDOG_LOOK_S * 1000000 / LOOK_US;
    }
    const struct itimerval time = {between, between};
    end_us = duration_ms * 1000;
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &time, NULL);
    // What is too short to be looked at in time is watched from the start.
    if (duration_ms || watchdog_policy() == WATCHDOG_RESETS)
        vm_watch(watch);
}
