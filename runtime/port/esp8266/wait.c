// wait.c: waiting for the device's time: virtual under the emulator, that of the CPU's clock on a
// chip.
//
// Nothing arrives from outside yet. Memory: none.

#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/rom.h"
#include "runtime/port/port.h"

#define PIECE_US 1000u // the CPU's counter must be looked at before it wraps

static int is_real;
static uint64_t boot_us; // the CPU's clock when the device's was 0; where it is real

void chip_wait_boot(int is_real_clock)
{
    is_real = is_real_clock;
    // Otherwise it is not looked at: what is done with it would not be the same in every run.
    boot_us = is_real_clock ? port_clock_us() : 0;
}

enum port_wait port_wait_until(uint64_t *now_us, uint64_t until_us)
{
    while (is_real) {
        uint64_t now = port_clock_us() - boot_us;
        if (now > *now_us)
            *now_us = now;
        if (now >= until_us)
            return PORT_WAIT_TIME;
        uint64_t rest_us = until_us - now;
        rom_ets_delay_us(rest_us < PIECE_US ? (uint32_t)rest_us : PIECE_US);
        chip_limit_look();
    }
    if (*now_us < until_us)
        *now_us = until_us;
    chip_limit_moved();
    return PORT_WAIT_TIME;
}

void port_clock_sync(uint64_t *now_us)
{
    uint64_t now = is_real ? port_clock_us() - boot_us : 0;
    if (now > *now_us)
        *now_us = now;
}

enum port_wait port_wait_for_event(uint64_t *now_us, uint64_t until_us)
{
    (void)now_us;
    (void)until_us;
    return PORT_WAIT_NOTHING;
}
