// replay_streams.c: see replay_streams.h.

#include "runtime/world/host/replay_streams.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/format/trace_events.h"
#include "runtime/format/world.h"

#define SLOTS_MIN 64u

static uint32_t *slot_of(const struct replay_streams *streams, unsigned kind, uint32_t object)
{
    uint32_t hash = (object * 31u + kind) * 2654435761u;
    for (uint32_t i = hash >> 7;; i++) {
        uint32_t *slot = &streams->slots[i & (streams->slot_count - 1)];
        if (!*slot)
            return slot;
        const struct replay_stream *stream = &streams->items[*slot - 1];
        if (stream->object == object && stream->kind == kind)
            return slot;
    }
}

struct replay_stream *replay_streams_find(const struct replay_streams *streams, unsigned kind,
                                          uint32_t object)
{
    uint32_t slot = streams->slot_count ? *slot_of(streams, kind, object) : 0;
    return slot ? &streams->items[slot - 1] : NULL;
}

// Half of the slots are used at most.
static int grow(struct replay_streams *streams)
{
    uint32_t count = streams->slot_count ? 2 * streams->slot_count : SLOTS_MIN;
    uint32_t *slots = calloc(count, sizeof *slots);
    struct replay_stream *items = realloc(streams->items, count / 2 * sizeof *items);
    streams->items = items ? items : streams->items;
    if (!slots || !items) {
        free(slots);
        return -1;
    }
    free(streams->slots);
    streams->slots = slots;
    streams->slot_count = count;
    for (uint32_t i = 0; i < streams->count; i++)
        *slot_of(streams, items[i].kind, items[i].object) = i + 1;
    return 0;
}

void replay_streams_forget_time(unsigned kind, void *data, size_t bytes)
{
    struct world_pin *pin = data;
    if (kind == WORLD_PIN && bytes == sizeof *pin && pin->op != WORLD_PIN_PWM)
        pin->us = 0;
}

static int add(struct replay_streams *streams, const struct replay_log *log, replay_place place)
{
    struct replay_record *record = replay_log_at(log, place);
    replay_streams_forget_time(record->kind, record + 1, record->bytes);
    struct replay_stream *stream = replay_streams_find(streams, record->kind, record->object);
    if (record->bytes == 0)
        return 0;
    if (stream) {
        replay_log_at(log, stream->last)->next = place;
        stream->last = place;
        return 0;
    }
    if (2 * (streams->count + 1) > streams->slot_count && grow(streams) != 0)
        return -1;
    uint32_t *slot = slot_of(streams, record->kind, record->object);
    streams->items[streams->count++] = (struct replay_stream){
        .object = record->object, .kind = record->kind, .at = place, .last = place};
    *slot = streams->count;
    return 0;
}

int replay_streams_fill(struct replay_streams *streams, const struct replay_log *log,
                        replay_place first)
{
    streams->count = 0;
    if (streams->slot_count)
        memset(streams->slots, 0, streams->slot_count * sizeof *streams->slots);
    for (replay_place place = first;; place = replay_log_next(log, place)) {
        int type = replay_log_at(log, place)->type;
        if (type == REPLAY_BOOT || type == REPLAY_END)
            return 0;
        if (type == REPLAY_OUTPUT && add(streams, log, place) != 0)
            return -1;
    }
}
