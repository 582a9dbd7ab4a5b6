// world.c: the gate: what passes it goes into the trace; see world.h.

#include "runtime/world/world.h"

#include <string.h>

#include "runtime/probe/probe.h"
#include "runtime/world/vary.h"
#include "runtime/world/virtual.h"

static const struct world_filling *filling = &world_virtual;
static uint64_t (*clock_us)(void);
static uint32_t turn_number, object_count;

void world_use(const struct world_filling *behind)
{
    filling = behind;
}

const struct world_filling *world_used(void)
{
    return filling;
}

void world_boot(uint64_t (*device_us)(void))
{
    clock_us = device_us;
    turn_number = object_count = 0; // a chip that restarts remembers nothing
    if (filling->boot)
        filling->boot();
}

void world_tell_console(int stream, const char *text, size_t bytes)
{
    filling->tell(WORLD_CONSOLE, (uint32_t)stream, text, bytes);
}

uint64_t world_now_us(void)
{
    return clock_us ? clock_us() : 0;
}

uint32_t world_turn_number(void)
{
    return turn_number;
}

uint32_t world_object(void)
{
    return ++object_count;
}

void world_turn_begin(int kind, uint32_t object, uint64_t device_us)
{
    turn_number++;
    PROBE_TURN(turn_number, kind, object, 1000 * device_us);
    (void)kind, (void)object, (void)device_us;
}

void world_arrival_begin(const struct world_arrival *arrival, uint64_t device_us)
{
    world_turn_begin(arrival->kind, arrival->object, device_us);
    PROBE_INPUT(turn_number, arrival->kind, arrival->object, arrival->data, arrival->bytes);
}

int world_take(uint64_t now_us, struct world_arrival *arrival)
{
    return filling->take(now_us, arrival);
}

uint64_t world_next_us(void)
{
    return filling->next_us();
}

int world_is_replay(void)
{
    return filling->recorded_turn != NULL;
}

enum world_recorded world_recorded_turn(struct world_turn *turn)
{
    return filling->recorded_turn(turn);
}

void world_will_tell(int kind, uint32_t object)
{
    if (filling->will_tell)
        filling->will_tell(kind, object);
}

void world_lacks(int kind, uint32_t object)
{
    if (filling->lacks)
        filling->lacks(kind, object);
}

size_t world_ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                 void *answer, size_t room)
{
    size_t bytes = filling->ask(kind, object, question, question_bytes, answer, room);
    if (!filling->recorded)
        vary_answer(kind, object, answer, bytes);
    PROBE_INPUT(turn_number, kind, object, answer, bytes);
    return bytes;
}

size_t world_ask_saved(int kind, uint32_t object, void *answer, size_t room)
{
    size_t bytes = filling->ask(kind, object, NULL, 0, answer, room);
    if (bytes)
        PROBE_INPUT(turn_number, kind, object, answer, bytes);
    return bytes;
}

void world_ask_own(int kind, uint32_t object, void *answer, size_t bytes)
{
    if (filling->recorded)
        (void)filling->recorded(kind, object, answer, bytes);
    else
        vary_answer(kind, object, answer, bytes);
    PROBE_INPUT(turn_number, kind, object, answer, bytes);
    (void)kind, (void)object, (void)answer, (void)bytes;
}

uint32_t world_heap(int which, uint32_t bytes)
{
    world_ask_own(WORLD_HEAP, (uint32_t)which, &bytes, sizeof bytes);
    return bytes;
}

void world_note_file(int use, const char *name)
{
    PROBE_INPUT(turn_number, WORLD_FILE, (uint32_t)use, name, strlen(name));
    (void)use, (void)name;
}

void world_tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    PROBE_OUTPUT(turn_number, kind, object, data, bytes);
    filling->tell(kind, object, data, bytes);
}
