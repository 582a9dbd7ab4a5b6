// limit.c: ends a program in the middle of a turn: when its time is over, before the same
// instruction as on the host; the probed build also when the recorder wants it.
//
// Reads: the pipe of --trace-stop, from which the number of a signal comes. Memory: none.
// Context: the one thread, between two instructions or while it waits. Between instructions of the
// probed build all of it is work of the probes, so that figures of the program are the same with
// and without.

#include "runtime/core/vm.h"
#include "runtime/core/vm_watch.h"
#include "runtime/format/device_time.h"
#include "runtime/format/status.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/port.h"
#include "runtime/probe/doorbell.h"
#include "runtime/probe/probe.h"

#define LOOK_INSTRUCTIONS 1024u // of Lua, between two looks: about a millisecond under QEMU
#define OPEN_READ_ONLY 04000    // without waiting

static uint64_t end_us; // device time; 0: no limit

// ---- what the two builds have of their own ----

#ifdef FROST_PROBED

PORT_KEPT static int32_t stop_plus; // the pipe's descriptor and 1; 0: none

static int has_pipe(void)
{
    return stop_plus != 0;
}

// The signal that is to end the program; 0: none.
static uint8_t asked_signal(void)
{
    static const uint32_t no_time[2];
    const struct services *services = chip_services();
    uint32_t stop = (uint32_t)stop_plus - 1;
    uint8_t number = 0;
    int32_t error;
    if (stop_plus == 0 || services->call(HOST_SELECT, stop, HOST_SELECT_READ,
                                         (uint32_t)(uintptr_t)no_time, &error) <= 0)
        return 0;
    services->call(HOST_READ, stop, (uint32_t)(uintptr_t)&number, 1, &error);
    return number;
}

static void open_pipe(const char *path)
{
    int32_t error;
    if (path && stop_plus == 0)
        stop_plus = 1 + chip_services()->call(HOST_OPEN, (uint32_t)(uintptr_t)path, OPEN_READ_ONLY,
                                              0, &error);
}

static void look_after(uint64_t instructions)
{
    probe_watch(probe_clock + instructions, chip_limit_look);
}

void chip_limit_moved(void)
{
    probe_watch_soon();
}

void chip_limit_cut(void)
{
    doorbell_cut();
}

#else

#define has_pipe() 0
#define asked_signal() 0
#define open_pipe(path) ((void)(path))

static void look_after(uint64_t instructions)
{
    vm_watch_at(vm_instructions() + instructions, chip_limit_look);
}

void chip_limit_moved(void)
{
    vm_watch_soon();
}

void chip_limit_cut(void)
{
}

#endif

// ---- looking ----

// No more than are left before the end.
static uint64_t instructions_to_next_look(uint64_t now_us)
{
    uint64_t left = LOOK_INSTRUCTIONS;
    if (end_us)
        left = (end_us - now_us - 1) * 1000 / DEVICE_TIME_INSTRUCTION_NS;
    return left > LOOK_INSTRUCTIONS ? LOOK_INSTRUCTIONS : left ? left : 1;
}

void chip_limit_look(void)
{
    if (!end_us && !has_pipe())
        return;
    uint64_t now_us = device_time_us();
    uint8_t number = asked_signal();
    if (number)
        port_exit(128 + number);
    if (end_us && now_us >= end_us) {
        chip_limit_cut();
        port_exit(EXIT_STATUS_DONE);
    }
    look_after(instructions_to_next_look(now_us));
}

void chip_limit_boot(uint64_t duration_ms, const char *stop_path)
{
    end_us = duration_ms * 1000;
    open_pipe(stop_path);
    chip_limit_look();
}
