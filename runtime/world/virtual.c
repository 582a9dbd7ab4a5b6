// virtual.c: see virtual.h.

#include "runtime/world/virtual.h"

#include <string.h>

#include "runtime/port/port.h"
#include "runtime/world/later.h"
#include "runtime/world/time_server.h"
#include "runtime/world/wifi_model.h"

// The chip has a source of noise. Here the numbers are the same in every run, so that traces are.
static uint32_t random_word(void)
{
    PORT_KEPT static uint32_t state; // never 0 again
    if (state == 0)
        state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

static size_t give(const void *data, size_t bytes, void *answer, size_t room)
{
    if (bytes > room)
        return 0;
    memcpy(answer, data, bytes);
    return bytes;
}

// An Espressif address: its last three bytes are the chip's number.
static size_t answer_identity(uint32_t what, void *answer, size_t room)
{
    static const uint32_t chip = 0x00F0571C, flash = 0x001640EF; // a Winbond of 4 MB
    static const uint8_t station[6] = {0x5C, 0xCF, 0x7F, 0xF0, 0x57, 0x1C};
    static const uint8_t access_point[6] = {0x5E, 0xCF, 0x7F, 0xF0, 0x57, 0x1C};
    static const uint64_t seconds = 0;
    switch (what) {
    case WORLD_ID_CHIP:
        return give(&chip, sizeof chip, answer, room);
    case WORLD_ID_FLASH:
        return give(&flash, sizeof flash, answer, room);
    case WORLD_ID_MAC_STA:
        return give(station, sizeof station, answer, room);
    case WORLD_ID_MAC_AP:
        return give(access_point, sizeof access_point, answer, room);
    case WORLD_ID_SECONDS:
        return give(&seconds, sizeof seconds, answer, room);
    default:
        return 0;
    }
}

// A voltage in the middle of the analogue input's range; a good supply.
static size_t answer_sensor(const char *question, size_t bytes, void *answer, size_t room)
{
    static const uint16_t adc = 512, vdd33 = 3300;
    if (bytes == 3 && memcmp(question, "adc", bytes) == 0)
        return give(&adc, sizeof adc, answer, room);
    if (bytes == 5 && memcmp(question, "vdd33", bytes) == 0)
        return give(&vdd33, sizeof vdd33, answer, room);
    return 0;
}

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    uint32_t word;
    int8_t rssi = (int8_t)wifi_model_rssi();
    switch (kind) {
    case WORLD_RANDOM:
        word = random_word();
        return give(&word, sizeof word, answer, room);
    case WORLD_IDENTITY:
        return answer_identity(object, answer, room);
    case WORLD_SENSOR:
        return answer_sensor(question, question_bytes, answer, room);
    case WORLD_WIFI:
        if (object == WORLD_WIFI_SAVED)
            return wifi_model_saved(answer, room);
        return give(&rssi, sizeof rssi, answer, room);
    default: // no pin is driven
        return 0;
    }
}

static void tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    if (kind == WORLD_WIFI)
        wifi_model_tell(data, bytes);
    else
        time_server_tell(kind, object, data, bytes);
}

static int take(uint64_t now_us, struct world_arrival *arrival)
{
    if (!later_take(now_us, arrival))
        return 0;
    if (arrival->kind == WORLD_WIFI)
        wifi_model_taken(arrival);
    return 1;
}

static void boot(void)
{
    later_reset();
    wifi_model_reset();
}

const struct world_filling world_virtual = {
    .ask = ask,
    .tell = tell,
    .take = take,
    .next_us = later_next_us,
    .boot = boot,
};
