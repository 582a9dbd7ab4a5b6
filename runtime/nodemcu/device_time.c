// device_time.c: the device's clock; see device_time.h.

#include "runtime/nodemcu/device_time.h"

#include "runtime/core/vm.h"
#include "runtime/core/vm_watch.h"
#include "runtime/format/device_time.h"
#include "runtime/probe/probe.h"
#include "runtime/world/vary.h"
#include "runtime/world/world.h"

#define FLASH_TOLD_NS 1000000u

static struct flash_device *flash; // whose time counts, or NULL
static uint64_t first_instruction; // of this boot
static uint64_t waited_ns;         // beside what instructions take; modulo 2^64 after a replay
static uint64_t flash_untold_ns;   // of that, what flash took since probes heard of it

static uint64_t computed_ns(void)
{
    return (vm_instructions() - first_instruction) * DEVICE_TIME_INSTRUCTION_NS;
}

void device_time_reset(void)
{
    first_instruction = vm_instructions();
    waited_ns = 1000 * vary_start_us();
    flash_untold_ns = 0;
}

uint64_t device_time_us(void)
{
    return (computed_ns() + waited_ns) / 1000;
}

uint64_t device_time_computed_us(void)
{
    return computed_ns() / 1000;
}

uint64_t device_time_ask_us(void)
{
    uint64_t answer_us = device_time_us();
    world_ask_own(WORLD_TIME, 0, &answer_us, sizeof answer_us);
    if (answer_us != device_time_us())
        device_time_set(answer_us); // a replay says what the time is
    return answer_us;
}

void device_time_set(uint64_t us)
{
    waited_ns = us * 1000 - computed_ns();
}

// The clock after the port has moved it from what device_time_us() was.
static void move(uint64_t from_us, uint64_t to_us)
{
    waited_ns += (to_us - from_us) * 1000;
}

void device_time_sync(void)
{
    uint64_t before_us = device_time_us(), now_us = before_us;
    port_clock_sync(&now_us);
    move(before_us, now_us);
}

// The program has waited: probes hear of it, and the end of the run may be near now.
static void tell_wait(void)
{
    flash_untold_ns = 0;
    PROBE_DEVICE_TIME(world_turn_number(), computed_ns() + waited_ns);
    vm_watch_soon();
}

// Programs of a few bytes come by hundreds; a trace has their time to the millisecond.
static void flash_took(uint64_t ns)
{
    waited_ns += ns;
    flash_untold_ns += ns;
    if (flash_untold_ns >= FLASH_TOLD_NS)
        tell_wait();
}

void device_time_flash(struct flash_device *device)
{
    if (flash)
        flash->took = NULL;
    flash = device;
    if (flash)
        flash->took = flash_took;
}

void device_time_delay(uint64_t us)
{
    uint64_t begin_us = device_time_us(), now_us = begin_us;
    while (now_us < begin_us + us) {
        uint64_t before_us = now_us;
        if (port_wait_until(&now_us, begin_us + us) == PORT_WAIT_INTERRUPTED)
            break;
        if (now_us == before_us) // what has arrived waits, for which the clock stands
            now_us = begin_us + us;
    }
    // With the computer's clock it may have taken longer.
    world_ask_own(WORLD_TIME, 1, &now_us, sizeof now_us);
    move(begin_us, now_us);
    tell_wait();
}

void device_time_spend(uint64_t ns)
{
    waited_ns += ns;
    tell_wait();
}

enum port_wait device_time_wait(uint64_t until_us)
{
    uint64_t before_us = device_time_us(), now_us = before_us;
    if (until_us <= now_us)
        return PORT_WAIT_TIME;
    enum port_wait reason = port_wait_until(&now_us, until_us);
    move(before_us, now_us);
    return reason;
}

enum port_wait device_time_wait_for_event(uint64_t until_us)
{
    uint64_t before_us = device_time_us(), now_us = before_us;
    enum port_wait reason = port_wait_for_event(&now_us, until_us);
    move(before_us, now_us);
    return reason;
}
