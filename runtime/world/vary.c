// vary.c: see vary.h.

#include "runtime/world/vary.h"

#include <assert.h>
#include <string.h>

#include "runtime/format/trace_events.h"
#include "runtime/format/world.h"

#define MAC_BYTES 6u
#define CHIP_BYTES 3u // of a MAC, at its end: the chip's number
#define ADC_STEP 29u
#define ADC_MAX 1024u
#define HEAP_STEP_BYTES 104u
#define DAY_US UINT64_C(86399000000)
#define START_STEP_US 37411u
#define HOST_STEP 13u

static unsigned world = 1;

void vary_set_world(unsigned number)
{
    assert(number >= 1 && number <= VARY_WORLDS_MAX);
    world = number;
}

unsigned vary_world(void)
{
    return world;
}

// A number of its own for each world, 0 for the first.
static uint32_t noise(void)
{
    uint32_t n = (world - 1) * 2654435761u;
    return n ^ n >> 15;
}

static void vary_identity(uint32_t what, uint8_t *answer, size_t bytes)
{
    uint8_t *chip = NULL; // its lowest bytes stand last in an address, first in the number
    uint64_t time_us;
    if (what == WORLD_ID_SECONDS && bytes == sizeof time_us) {
        memcpy(&time_us, answer, sizeof time_us);
        time_us += time_us ? (world - 1) * DAY_US : 0;
        memcpy(answer, &time_us, sizeof time_us);
    } else if (what == WORLD_ID_CHIP && bytes >= CHIP_BYTES) {
        for (unsigned i = 0; i < CHIP_BYTES; i++)
            answer[i] ^= (uint8_t)(noise() >> 8 * i);
    } else if ((what == WORLD_ID_MAC_STA || what == WORLD_ID_MAC_AP) && bytes == MAC_BYTES) {
        chip = answer + MAC_BYTES - 1;
        for (unsigned i = 0; i < CHIP_BYTES; i++)
            *chip-- ^= (uint8_t)(noise() >> 8 * i);
    }
}

static void vary_sensor(void *answer, size_t bytes)
{
    uint16_t value;
    if (bytes != sizeof value)
        return;
    memcpy(&value, answer, sizeof value);
    if (value < ADC_MAX) // not the supply, in millivolts
        value = (uint16_t)((value + (world - 1) * ADC_STEP) % ADC_MAX);
    else
        value = (uint16_t)(value - (world - 1) % 50);
    memcpy(answer, &value, sizeof value);
}

void vary_answer(int kind, uint32_t object, void *answer, size_t bytes)
{
    uint32_t word;
    if (world == 1 || bytes == 0)
        return;
    if (kind == WORLD_IDENTITY)
        vary_identity(object, answer, bytes);
    if (kind == WORLD_SENSOR && object != WORLD_SENSOR_BUS)
        vary_sensor(answer, bytes);
    if ((kind != WORLD_RANDOM && kind != WORLD_HEAP) || bytes != sizeof word)
        return;
    memcpy(&word, answer, sizeof word);
    if (kind == WORLD_RANDOM)
        word ^= noise();
    else if (object == WORLD_HEAP_FREE && word > world * HEAP_STEP_BYTES)
        word -= (world - 1) * HEAP_STEP_BYTES;
    memcpy(answer, &word, sizeof word);
}

uint32_t vary_ip(uint32_t ip)
{
    uint32_t host = (ip & 0xffu) + (world - 1) * HOST_STEP;
    return (ip & ~0xffu) | ((host - 2) % 252 + 2);
}

size_t vary_first_file(size_t count)
{
    return (world - 1) % count;
}

uint64_t vary_start_us(void)
{
    return (uint64_t)(world - 1) * START_STEP_US;
}
