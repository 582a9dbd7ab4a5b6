// wait.c: waiting for the device's time, virtual or the computer's, and for what arrives meanwhile.
//
// Reads and writes: an eventfd, which host_wake sets and a wait empties. Memory: none.
// Ctrl-C is blocked between looking for it and sleeping, so that none is missed.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#define SLEEP_US_MAX 1000000000u // of one call; longer waits sleep again

static int events = -1; // the eventfd
static enum host_clock clock_kind;
static uint64_t boot_us; // the computer's clock when the device's was 0
static int source_count, hold_count;
static int polled = -1;
static int (*look_at_polled)(void);

static uint64_t computer_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

int host_wait_init(enum host_clock clock)
{
    clock_kind = clock;
    boot_us = computer_us();
    events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return events < 0 ? -1 : 0;
}

void host_wait_boot(void)
{
    boot_us = computer_us();
}

void host_wake(void)
{
    int error = errno;
    uint64_t one = 1;
    (void)!write(events, &one, sizeof one); // a full counter is set as well
    errno = error;
}

void host_wait_sources(int change)
{
    source_count += change;
}

void host_wait_hold(int change, uint64_t now_us)
{
    if (clock_kind == HOST_CLOCK_VIRTUAL && hold_count == 0)
        boot_us = computer_us() - now_us;
    hold_count += change;
}

void host_wait_poll(int descriptor, int (*look)(void))
{
    polled = descriptor;
    look_at_polled = look;
}

static int is_real(void)
{
    return clock_kind == HOST_CLOCK_REAL || hold_count > 0;
}

static int take_event(void)
{
    uint64_t count;
    int has_arrived = look_at_polled && look_at_polled();
    return (events >= 0 && read(events, &count, sizeof count) == sizeof count) || has_arrived;
}

// Sleeps until something arrives, a signal comes or `us` are over.
static void sleep_us(uint64_t us)
{
    sigset_t interrupts, before;
    fflush(stdout); // what the program has said is seen meanwhile
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    sigprocmask(SIG_BLOCK, &interrupts, &before);
    us = us < SLEEP_US_MAX ? us : SLEEP_US_MAX;
    struct timespec time = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
    struct pollfd arrive[] = {{.fd = events, .events = POLLIN}, {.fd = polled, .events = POLLIN}};
    if (!host_interrupted)
        (void)ppoll(arrive, 2, &time, &before); // one that is negative is left out
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static enum port_wait wait_real(uint64_t *now_us, uint64_t until_us)
{
    while (is_real()) {
        uint64_t now = computer_us() - boot_us;
        if (now > *now_us)
            *now_us = now;
        if (host_interrupted || host_is_over)
            return PORT_WAIT_INTERRUPTED;
        if (take_event())
            return PORT_WAIT_EVENT;
        if (now >= until_us)
            return PORT_WAIT_TIME;
        sleep_us(until_us - now);
    }
    return PORT_WAIT_EVENT; // nobody holds the clock any more
}

// Sleeps without the clock: only what arrives ends it, or begins to hold the clock.
static enum port_wait wait_for_ever(void)
{
    while (!host_interrupted && !host_is_over) {
        if (take_event())
            return PORT_WAIT_EVENT;
        sleep_us(SLEEP_US_MAX);
    }
    return PORT_WAIT_INTERRUPTED;
}

enum port_wait port_wait_until(uint64_t *now_us, uint64_t until_us)
{
    if (host_is_over)
        return PORT_WAIT_INTERRUPTED;
    if (!is_real() && source_count && take_event())
        return PORT_WAIT_EVENT;
    if (is_real())
        return wait_real(now_us, until_us);
    if (until_us == UINT64_MAX)
        return wait_for_ever();
    if (*now_us < until_us)
        *now_us = until_us;
    return PORT_WAIT_TIME;
}

void port_clock_sync(uint64_t *now_us)
{
    if (is_real() && computer_us() - boot_us > *now_us)
        *now_us = computer_us() - boot_us;
}

enum port_wait port_wait_for_event(uint64_t *now_us, uint64_t until_us)
{
    return source_count ? port_wait_until(now_us, until_us) : PORT_WAIT_NOTHING;
}
