// trace_schema.c: events of other tables than ours, by the layout that their metadata gives.
//
// Events, fields and values of enums are matched by name, so it does not matter where they lie or
// which number they have. Slower than trace_decode(), which knows its table at compile time.

#include "analyzer/trace/trace_schema.h"

#include "analyzer/trace/trace_decode.h"
#include "analyzer/trace/trace_fields.h"
#include "analyzer/trace/trace_layout.h"
#include "analyzer/trace/trace_tsdl.h"

#define VALUE_UNKNOWN 0xffu // in a map of values: there is no such word here

// ---- the schemas there were ----

// A change of the event table adds the uuid that was ours until then.
static const struct {
    const char *uuid, *since;
} known[] = {
    {"83f0bef3-da58-8551-893c-5864b50af994",
     "the emulated chip's cache and machine code; heap and lists of stock devices; extended ids, "
     "origins, the world, stacks, freezer, store, snapshots of the heap, compaction, small reads "
     "of flash"},
    {"bfa0f995-4cd9-887d-a5de-a23109ca0dc0",
     "extended ids, origins (before: flags input and constant), the world, stacks, freezer, store, "
     "snapshots of the heap, compaction, small reads of flash"},
    {"867b8eef-997a-8b9a-8742-d8be0b9c758b",
     "sources of texts other than input, secrets, snapshots of the heap, compaction, small reads "
     "of flash, freezes in slices and what is frozen at a start"},
    {"225eedc0-8461-8856-b7b2-90f849e0db5c",
     "snapshots of the heap, compaction, small reads of flash, freezes in slices and what is "
     "frozen at a start"},
    {"ef9e1e03-7f71-8678-a545-a6f69f6bde38",
     "compaction, small reads of flash, snapshots where memory ran out, freezes in slices and what "
     "is frozen at a start"},
    {"6fb1370a-2dff-88c7-9500-10c3abbd7acb",
     "small reads of flash (copies, look-ups, texts added to buffers, names in errors), snapshots "
     "where memory ran out, freezes in slices and what is frozen at a start"},
    {"282ada84-2a78-86b9-bd32-f831f62e565a",
     "snapshots where memory ran out, freezes in slices and what is frozen at a start"},
    {"da6d0167-5a2d-883b-b94d-9b2ef7c0a82e", "freezes in slices and what is frozen at a start"},
    {"28b1d3e9-0b5d-8833-ad59-79d6f400bbdd",
     "what is frozen at a start, when collections reach objects"},
    {"00b0d22d-32f1-8445-a18b-37b58c466e48",
     "when collections reach objects, functions that begin on the same line told apart"},
    {"d0589971-d31c-8463-9bb1-d0b939e9b7aa",
     "functions that begin on the same line told apart, blocks of the firmware, orders to the "
     "collector"},
    {"d1e8d947-6921-8e7a-957c-16e9c4f00e85",
     "blocks of the firmware, orders to the collector, how far its marking is"},
};

const char *trace_schema_known(const uint8_t uuid[16])
{
    char text[TRACE_UUID_CHARS];
    trace_uuid_text(uuid, text);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].uuid, text) == 0)
            return known[i].since;
    return NULL;
}

// ---- from their layout to our events ----

// One of their fields, and the field of ours that it fills.
struct move {
    const struct trace_field *field;
    const uint8_t *values; // of an enum: ours by theirs; NULL: numbers
    uint32_t value_count;
    uint32_t bit_off;
    uint8_t bits;
};

struct foreign_event {
    bool is_defined;
    uint32_t id;                    // ours; TRACE_ID_LIMIT: none
    uint32_t body_bytes;            // without what is in a tail
    uint32_t tail_off;              // of its length in the body, UINT32_MAX: no tail
    const struct trace_field *tail; // ours, NULL: none
    struct move *moves;
    uint32_t move_count;
};

struct trace_schema {
    bool has_extended;
    struct foreign_event *events; // by their ids
    uint32_t event_room;
};

// Their values of an enum to ours. A word that we do not have is "other" if we have that.
static const uint8_t *map_values(struct arena *arena, const struct trace_layout_enum *theirs,
                                 const struct trace_field *ours)
{
    uint8_t *values = arena_alloc(arena, theirs->count);
    uint8_t other = VALUE_UNKNOWN;
    for (uint32_t i = 0; i < ours->limit; i++)
        if (strcmp(ours->words[i], "other") == 0)
            other = (uint8_t)i;
    for (uint32_t v = 0; v < theirs->count; v++) {
        values[v] = other;
        for (uint32_t i = 0; i < ours->limit; i++)
            if (text_is_equal(theirs->words[v], text_of(ours->words[i])))
                values[v] = (uint8_t)i;
    }
    return values;
}

// Where a field of theirs goes. False: it is of another kind than ours of that name.
static bool map_field(struct arena *arena, struct foreign_event *event,
                      const struct trace_layout_field *theirs)
{
    const struct trace_field *ours = event->id == TRACE_ID_LIMIT
                                         ? NULL
                                         : trace_field_find(event->id, theirs->name);
    if (theirs->is_tail) {
        event->tail_off = theirs->bit_off / 8;
        event->tail = ours;
        return !ours || ours->bytes == 0;
    }
    if (!ours)
        return true;
    if (ours->bytes == 0 || (ours->words != NULL) != (theirs->words != NULL))
        return false;
    event->moves[event->move_count++] = (struct move){
        .field = ours,
        .values = theirs->words ? map_values(arena, theirs->words, ours) : NULL,
        .value_count = theirs->words ? theirs->words->count : 0,
        .bit_off = theirs->bit_off,
        .bits = theirs->bits,
    };
    return true;
}

static bool map_event(struct arena *arena, struct trace_schema *schema,
                      const struct trace_layout_event *theirs)
{
    struct foreign_event *event = &schema->events[theirs->id];
    int id = trace_event_find(theirs->name);
    if (event->is_defined)
        return false; // two events of one id
    *event = (struct foreign_event){
        .is_defined = true,
        .id = id < 0 ? TRACE_ID_LIMIT : (uint32_t)id,
        .body_bytes = theirs->body_bytes,
        .tail_off = UINT32_MAX,
        .moves = ARENA_NEW_ARRAY(arena, struct move, theirs->field_count),
    };
    for (uint32_t i = 0; i < theirs->field_count; i++)
        if (!map_field(arena, event, &theirs->fields[i]))
            return false;
    return true;
}

int trace_schema_open(struct arena *arena, struct text metadata, struct text file,
                      struct trace_schema **result, uint8_t uuid[16], struct problem *problem)
{
    char ours[TRACE_UUID_CHARS];
    trace_schema_uuid(uuid);
    trace_uuid_text(uuid, ours);
    *result = NULL;
    if (memmem(metadata.data, metadata.bytes, ours, sizeof ours - 1))
        return STATUS_OK;
    struct trace_layout layout;
    unsigned line;
    if (trace_layout_read(arena, metadata, &layout, &line) != STATUS_OK)
        return problem_set(problem, STATUS_VERSION, file, PROBLEM_NO_OFF,
                           "was recorded with another table of events, which line %u of its "
                           "metadata does not explain to this version",
                           line);
    struct trace_schema *schema = ARENA_NEW(arena, struct trace_schema);
    schema->has_extended = layout.has_extended;
    schema->event_room = TRACE_LAYOUT_ID_MAX + 1;
    schema->events = ARENA_NEW_ARRAY(arena, struct foreign_event, schema->event_room);
    for (uint32_t i = 0; i < layout.event_count; i++)
        if (!map_event(arena, schema, &layout.events[i]))
            return problem_set(problem, STATUS_VERSION, file, PROBLEM_NO_OFF,
                               "was recorded with another table of events, whose event '%.*s' this "
                               "version cannot read",
                               TEXT_ARGS(layout.events[i].name));
    memcpy(uuid, layout.uuid, sizeof layout.uuid);
    *result = schema;
    return STATUS_OK;
}

// ---- reading ----

// Header of an event. Result: its bytes, or one of TRACE_DECODE_*.
static int32_t decode_header(const struct trace_schema *schema, const uint8_t *at, size_t left,
                             struct trace_event *event)
{
    uint32_t header;
    if (left < sizeof header)
        return TRACE_DECODE_SHORT;
    memcpy(&header, at, sizeof header);
    event->id = header & TRACE_ID_MASK;
    if (event->id != TRACE_ID_EXTENDED || !schema->has_extended) {
        event->clock += ((header >> TRACE_ID_BITS) - (uint32_t)event->clock) & TRACE_STAMP_MASK;
        return sizeof header;
    }
    struct trace_extended_header extended;
    if (left < sizeof extended)
        return TRACE_DECODE_SHORT;
    memcpy(&extended, at, sizeof extended);
    event->id = extended.id;
    if (extended.clock < event->clock)
        return TRACE_DECODE_BAD_CLOCK;
    event->clock = extended.clock;
    return sizeof extended;
}

static uint64_t bits_at(const uint8_t *body, const struct move *move)
{
    uint64_t value = 0;
    memcpy(&value, body + move->bit_off / 8, (move->bits + 7u) / 8);
    value >>= move->bit_off % 8;
    return move->bits < 64 ? value & ((1ull << move->bits) - 1) : value;
}

// Result: 1 moved, 0 a value that we have no word for, or TRACE_DECODE_BAD_VALUE.
static int move_field(const struct move *move, const uint8_t *body, struct trace_event *event)
{
    uint64_t value = bits_at(body, move);
    unsigned bits = move->field->bits;
    uint64_t most = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
    if (move->values) {
        if (value >= move->value_count)
            return TRACE_DECODE_BAD_VALUE;
        value = move->values[value];
        if (value == VALUE_UNKNOWN)
            return 0;
    } else if (move->field->limit && value >= move->field->limit)
        return TRACE_DECODE_BAD_VALUE;
    trace_field_set(event, move->field, value < most ? value : most);
    return 1;
}

int32_t trace_schema_decode(const struct trace_schema *schema, const uint8_t *at, size_t left,
                            struct trace_event *event)
{
    int32_t header_bytes = decode_header(schema, at, left, event);
    if (header_bytes <= 0)
        return header_bytes;
    const struct foreign_event *theirs = event->id < schema->event_room ? &schema->events[event->id]
                                                                        : NULL;
    if (!theirs || !theirs->is_defined)
        return TRACE_DECODE_BAD_ID;
    const uint8_t *body = at + header_bytes;
    size_t bytes = (size_t)header_bytes + theirs->body_bytes;
    uint16_t tail_bytes = 0;
    if (left < bytes)
        return TRACE_DECODE_SHORT;
    if (theirs->tail_off != UINT32_MAX)
        memcpy(&tail_bytes, body + theirs->tail_off, sizeof tail_bytes);
    if (left < bytes + tail_bytes)
        return TRACE_DECODE_SHORT;
    *event = (struct trace_event){.clock = event->clock, .id = theirs->id};
    if (theirs->tail)
        *trace_field_tail(event, theirs->tail) = (struct text){(const char *)at + bytes,
                                                               tail_bytes};
    for (uint32_t i = 0; i < theirs->move_count; i++) {
        int is_moved = move_field(&theirs->moves[i], body, event);
        if (is_moved < 0)
            return is_moved;
        if (!is_moved)
            event->id = TRACE_ID_LIMIT;
    }
    return (int32_t)(bytes + tail_bytes);
}
