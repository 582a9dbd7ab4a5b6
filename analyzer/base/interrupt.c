// interrupt.c: the handler of signals that end a command: system calls only.

#include "analyzer/base/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

static struct sigaction before[SIGNAL_COUNT];
static int taken;
static void (*clear_up)(void);
static volatile sig_atomic_t patience, noted;
static volatile pid_t child;
static volatile int64_t noted_ms;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_signal(int number)
{
    bool can_wait = patience && number != SIGPIPE;
    if (can_wait && !noted) {
        noted_ms = now_ms();
        noted = number;
        return;
    }
    if (can_wait && now_ms() - noted_ms < INTERRUPT_PAUSE_MS)
        return;
    if (child > 0) { // what it still wrote would be left
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    clear_up();
    signal(number, SIG_DFL);
    raise(number);
}

void interrupt_take(void (*clear)(void))
{
    // System calls go on, so that no output is cut by a signal that is only noted.
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    if (taken++ > 0)
        return;
    clear_up = clear;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&action.sa_mask, signals[i]);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

void interrupt_release(void)
{
    if (--taken > 0)
        return;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &before[i], NULL);
}

void interrupt_set_patient(bool is_patient)
{
    patience = is_patient;
}

int interrupt_number(void)
{
    return noted;
}

void interrupt_set_child(pid_t process)
{
    child = process;
}
