// host_wait_test.c: does waiting end when it should: at its time, by what arrives, by Ctrl-C?

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "runtime/nodemcu/device_time.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/support/tap.h"

#define LONG_US 3600000000u // an hour: no wait of a test gets that far

_Noreturn void port_restart(void)
{
    abort();
}

static uint64_t computer_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

TEST(virtual_time_jumps)
{
    uint64_t now = 5, before = computer_us();
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_VIRTUAL), 0);
    CHECK_EQUAL(port_wait_until(&now, LONG_US), PORT_WAIT_TIME);
    CHECK_EQUAL(now, LONG_US);
    CHECK_EQUAL(port_wait_until(&now, 7), PORT_WAIT_TIME); // never back
    CHECK_EQUAL(now, LONG_US);
    CHECK(computer_us() - before < LONG_US / 10);
}

TEST(without_a_source_nothing_can_arrive)
{
    uint64_t now = 5;
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_VIRTUAL), 0);
    CHECK_EQUAL(port_wait_for_event(&now, 9), PORT_WAIT_NOTHING);
    CHECK_EQUAL(now, 5);
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_REAL), 0);
    CHECK_EQUAL(port_wait_for_event(&now, LONG_US), PORT_WAIT_NOTHING);
    CHECK_EQUAL(now, 5);
}

TEST(what_has_arrived_is_told_once)
{
    uint64_t now = 5;
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_VIRTUAL), 0);
    host_wait_sources(1);
    host_wake();
    host_wake();
    CHECK_EQUAL(port_wait_for_event(&now, 9), PORT_WAIT_EVENT);
    CHECK_EQUAL(now, 5);
    CHECK_EQUAL(port_wait_for_event(&now, 9), PORT_WAIT_TIME);
    CHECK_EQUAL(now, 9);
    host_wait_sources(-1);
    CHECK_EQUAL(port_wait_for_event(&now, 19), PORT_WAIT_NOTHING);
}

static int always(void)
{
    return 1;
}

TEST(what_has_arrived_does_not_keep_a_busy_wait_from_ending)
{
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_VIRTUAL), 0);
    host_wait_sources(1);
    host_wait_poll(-1, always);
    device_time_reset();
    device_time_delay(5000);
    CHECK_EQUAL(device_time_us(), 5000);
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_REAL), 0);
    device_time_delay(5000);
    CHECK(device_time_us() >= 10000);
}

TEST(real_time_is_waited_for)
{
    uint64_t now = 0, before = computer_us();
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_REAL), 0);
    CHECK_EQUAL(port_wait_until(&now, 30000), PORT_WAIT_TIME);
    CHECK(now >= 30000);
    CHECK(computer_us() - before >= 30000);
    host_wait_boot(); // the device's clock starts again
    now = 0;
    CHECK_EQUAL(port_wait_until(&now, 1000), PORT_WAIT_TIME);
    CHECK(now >= 1000 && now < computer_us() - before);
}

static void *wake(void *context)
{
    (void)context;
    host_wake();
    return NULL;
}

TEST(another_thread_ends_a_wait)
{
    uint64_t now = 0;
    pthread_t thread;
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_REAL), 0);
    CHECK(pthread_create(&thread, NULL, wake, NULL) == 0);
    CHECK_EQUAL(port_wait_until(&now, LONG_US), PORT_WAIT_EVENT);
    CHECK(now < LONG_US);
    pthread_join(thread, NULL);
}

static void on_interrupt(int signal_number)
{
    host_interrupted = signal_number;
}

static void *interrupt(void *context)
{
    pthread_kill(*(pthread_t *)context, SIGINT);
    return NULL;
}

TEST(an_interrupt_ends_a_wait)
{
    uint64_t now = 0;
    pthread_t thread, self = pthread_self();
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_REAL), 0);
    CHECK(sigaction(SIGINT, &action, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, interrupt, &self) == 0);
    CHECK_EQUAL(port_wait_until(&now, LONG_US), PORT_WAIT_INTERRUPTED);
    pthread_join(thread, NULL);
    CHECK_EQUAL(port_wait_until(&now, LONG_US), PORT_WAIT_INTERRUPTED); // until it is acted upon
    host_interrupted = 0;
    CHECK_EQUAL(port_wait_until(&now, now), PORT_WAIT_TIME);
}

TEST_MAIN
