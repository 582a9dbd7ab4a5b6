// export_pprof.c: a profile with several values per place, for pprof, speedscope and Grafana.
//
// Writes: pprof's profile.proto (message Profile), gzipped. A sample per stack and kind of object
// has the figures of its allocations, another one per stack has its reads and clocks; the label
// "kind" tells the first ones apart. A site has one or two frames: the C function, the Lua line;
// below are those of its callers, where the trace has them.
// The same profile gives the same bytes: there is no time in it.
// Memory: the message is built in the scratch arena; nested messages are sized by writing them
// into a buffer first.

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "analyzer/base/hash_table.h"
#include "reports/export.h"
#include "runtime/format/version.h"

// Field numbers of profile.proto.
enum {
    PROFILE_SAMPLE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING_TABLE = 6,
    PROFILE_COMMENT = 13,
    PROFILE_DEFAULT_SAMPLE_TYPE = 14
};
enum { TYPE_TYPE = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION_ID = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STRING = 2 };
enum { LOCATION_ID = 1, LOCATION_LINE = 4 };
enum { LINE_FUNCTION_ID = 1, LINE_LINE = 2 };
enum {
    FUNCTION_ID = 1,
    FUNCTION_NAME = 2,
    FUNCTION_SYSTEM_NAME = 3,
    FUNCTION_FILE_NAME = 4,
    FUNCTION_START_LINE = 5
};

#define WIRE_VARINT 0u
#define WIRE_BYTES 2u
#define GZIP_WINDOW_BITS (15 + 16) // 16: with gzip's header

// ---- messages ----

struct message {
    struct arena *arena;
    uint8_t *data;
    size_t bytes, room;
};

static void put_bytes(struct message *message, const void *data, size_t bytes)
{
    if (message->bytes + bytes > message->room) {
        size_t room = message->room ? message->room : 64;
        while (room < message->bytes + bytes)
            room *= 2;
        message->data = arena_grow_array(message->arena, message->data, message->bytes, room, 1);
        message->room = room;
    }
    if (bytes)
        memcpy(message->data + message->bytes, data, bytes);
    message->bytes += bytes;
}

static void put_varint(struct message *message, uint64_t value)
{
    uint8_t bytes[10];
    size_t count = 0;
    do {
        bytes[count++] = (uint8_t)((value & 127) | (value > 127 ? 128 : 0));
        value >>= 7;
    } while (value);
    put_bytes(message, bytes, count);
}

static void put_number(struct message *message, unsigned field, uint64_t value)
{
    put_varint(message, field << 3 | WIRE_VARINT);
    put_varint(message, value);
}

static void put_block(struct message *message, unsigned field, const void *data, size_t bytes)
{
    put_varint(message, field << 3 | WIRE_BYTES);
    put_varint(message, bytes);
    put_bytes(message, data, bytes);
}

// Appends a nested message and empties it for the next use.
static void put_nested(struct message *message, unsigned field, struct message *nested)
{
    put_block(message, field, nested->data, nested->bytes);
    nested->bytes = 0;
}

// ---- strings, functions, locations: written when they are first asked for ----

// The locations of a site, leaf first.
struct site_locations {
    uint32_t ids[2];
    unsigned count;
};

struct profile_writer {
    struct arena *arena;
    const struct export_profile *profile;
    struct message out, part, inner; // the whole, a member of it, a member of that
    struct text *names;              // each once
    uint32_t name_count, name_room;
    struct hash_table by_text;           // of names
    struct message functions, locations; // in the order of their ids, from 1
    uint32_t function_count, location_count;
    struct site_locations *sites; // by index
};

// Also what no function at all did.
static bool is_lua(const struct export_site *site)
{
    return site->source.bytes > 0 || site->c_function.bytes == 0;
}

static uint32_t name_id(struct profile_writer *writer, struct text text)
{
    uint32_t key = hash_text(text), i;
    HASH_TABLE_EACH (&writer->by_text, key, i)
        if (text_is_equal(writer->names[i], text))
            return i;
    if (writer->name_count == writer->name_room) {
        writer->names = arena_grow_array(writer->arena, writer->names, writer->name_count,
                                         writer->name_room * 2, sizeof *writer->names);
        writer->name_room *= 2;
    }
    hash_table_add(&writer->by_text, key, writer->name_count);
    writer->names[writer->name_count] = text;
    return writer->name_count++;
}

static uint32_t add_function(struct profile_writer *writer, const char *name, struct text file,
                             uint32_t start_line)
{
    uint32_t name_idx = name_id(writer, text_of(name));
    put_number(&writer->inner, FUNCTION_ID, ++writer->function_count);
    put_number(&writer->inner, FUNCTION_NAME, name_idx);
    put_number(&writer->inner, FUNCTION_SYSTEM_NAME, name_idx);
    put_number(&writer->inner, FUNCTION_FILE_NAME, name_id(writer, file));
    put_number(&writer->inner, FUNCTION_START_LINE, start_line);
    put_nested(&writer->functions, PROFILE_FUNCTION, &writer->inner);
    return writer->function_count;
}

static uint32_t add_location(struct profile_writer *writer, uint32_t function, uint32_t line)
{
    put_number(&writer->part, LOCATION_ID, ++writer->location_count);
    put_number(&writer->inner, LINE_FUNCTION_ID, function);
    put_number(&writer->inner, LINE_LINE, line);
    put_nested(&writer->part, LOCATION_LINE, &writer->inner);
    put_nested(&writer->locations, PROFILE_LOCATION, &writer->part);
    return writer->location_count;
}

// ---- samples ----

static void put_locations(struct profile_writer *writer, const struct export_stack *stack)
{
    for (;; stack = &writer->profile->stacks[stack->caller]) {
        const struct site_locations *site = &writer->sites[stack->site_idx];
        for (unsigned i = 0; i < site->count; i++)
            put_varint(&writer->inner, site->ids[i]);
        if (stack->caller == 0)
            break;
    }
    put_nested(&writer->part, SAMPLE_LOCATION_ID, &writer->inner);
}

static void put_sample(struct profile_writer *writer, const struct export_stack *stack,
                       const uint64_t *values, const char *kind)
{
    put_locations(writer, stack);
    for (unsigned i = 0; i < EXPORT_METRIC_COUNT; i++)
        put_varint(&writer->inner, values[i]);
    put_nested(&writer->part, SAMPLE_VALUE, &writer->inner);
    if (kind) {
        put_number(&writer->inner, LABEL_KEY, name_id(writer, text_of("kind")));
        put_number(&writer->inner, LABEL_STRING, name_id(writer, text_of(kind)));
        put_nested(&writer->part, SAMPLE_LABEL, &writer->inner);
    }
    put_nested(&writer->out, PROFILE_SAMPLE, &writer->part);
}

static void put_samples(struct profile_writer *writer, const struct export_stack *stack)
{
    uint64_t rest[EXPORT_METRIC_COUNT];
    memcpy(rest, stack->metrics, sizeof rest);
    for (size_t k = 0; k < writer->profile->kind_count; k++) {
        const struct export_amount *amount = &stack->kinds[k];
        uint64_t values[EXPORT_METRIC_COUNT] = {
            [EXPORT_ALLOCATIONS] = amount->allocations,
            [EXPORT_ALLOCATED_BYTES] = amount->allocated_bytes,
            [EXPORT_PEAK_BYTES] = amount->peak_bytes,
        };
        if (amount->allocations || amount->allocated_bytes || amount->peak_bytes)
            put_sample(writer, stack, values, writer->profile->kind_names[k]);
    }
    rest[EXPORT_ALLOCATIONS] = rest[EXPORT_ALLOCATED_BYTES] = rest[EXPORT_PEAK_BYTES] = 0;
    if (rest[EXPORT_READS] || rest[EXPORT_FLASH_READS] || rest[EXPORT_CLOCKS])
        put_sample(writer, stack, rest, NULL);
}

// `before`: the Lua site located last, whose function is `*function`; sites come in the order of
// functions.
static void locate(struct profile_writer *writer, const struct export_site *site,
                   const struct export_site *before, uint32_t *function)
{
    struct site_locations *own = &writer->sites[site - writer->profile->sites];
    if (site->c_function.bytes) {
        uint32_t c_function = add_function(
            writer, arena_copy_text(writer->arena, site->c_function).data, text_of("[C]"), 0);
        own->ids[own->count++] = add_location(writer, c_function, 0);
    }
    if (!is_lua(site))
        return;
    if (!before || !text_is_equal(before->source, site->source) ||
        before->function_line != site->function_line || before->function_nth != site->function_nth)
        *function = add_function(writer, export_function_name(writer->arena, site),
                                 export_source_name(site), site->function_line);
    own->ids[own->count++] = add_location(writer, *function, site->line);
}

static void put_stacks(struct profile_writer *writer)
{
    const struct export_profile *profile = writer->profile;
    const struct export_stack **stacks = export_sort_stacks(writer->arena, profile);
    const struct export_site *before = NULL;
    uint32_t function = 0;
    writer->sites = ARENA_NEW_ARRAY(writer->arena, struct site_locations, profile->site_count);
    for (size_t i = 0; i < profile->stack_count; i++) {
        const struct export_site *site = &profile->sites[stacks[i]->site_idx];
        if (writer->sites[stacks[i]->site_idx].count > 0)
            continue;
        locate(writer, site, before, &function);
        if (is_lua(site))
            before = site;
    }
    for (size_t i = 0; i < profile->stack_count; i++)
        put_samples(writer, stacks[i]);
}

static void put_names(struct profile_writer *writer)
{
    for (uint32_t i = 0; i < writer->name_count; i++)
        put_block(&writer->out, PROFILE_STRING_TABLE, writer->names[i].data,
                  writer->names[i].bytes);
}

static void put_profile(struct profile_writer *writer)
{
    const struct export_profile *profile = writer->profile;
    (void)name_id(writer, text_of("")); // the first string is the empty one
    for (unsigned i = 0; i < EXPORT_METRIC_COUNT; i++) {
        put_number(&writer->inner, TYPE_TYPE, name_id(writer, text_of(export_metrics[i].name)));
        put_number(&writer->inner, TYPE_UNIT, name_id(writer, text_of(export_metrics[i].unit)));
        put_nested(&writer->out, PROFILE_SAMPLE_TYPE, &writer->inner);
    }
    put_stacks(writer);
    put_bytes(&writer->out, writer->locations.data, writer->locations.bytes);
    put_bytes(&writer->out, writer->functions.data, writer->functions.bytes);
    const char *comment = arena_format(
        writer->arena, "frost %s, %s, %" PRIu64 " instructions, cost model %s%s%s%s%s",
        FROST_VERSION, profile->command, profile->clock_end, profile->model,
        *profile->ending ? "; " : "", profile->ending, *profile->missing ? "; " : "",
        profile->missing);
    put_number(&writer->out, PROFILE_COMMENT, name_id(writer, text_of(comment)));
    put_number(&writer->out, PROFILE_DEFAULT_SAMPLE_TYPE,
               name_id(writer, text_of(export_metrics[EXPORT_PEAK_BYTES].name)));
    put_names(writer);
}

// ---- gzip ----

static int put_gzip(const struct message *message, struct arena *scratch, FILE *out,
                    struct problem *problem)
{
    z_stream stream = {0};
    if (message->bytes > UINT32_MAX)
        return problem_set(problem, STATUS_LIMIT, (struct text){0}, PROBLEM_NO_OFF,
                           "a profile of %zu bytes is too large", message->bytes);
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, 9,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return problem_set(problem, STATUS_NO_MEMORY, (struct text){0}, PROBLEM_NO_OFF,
                           "cannot allocate memory to compress the profile");
    size_t room = deflateBound(&stream, message->bytes);
    stream.next_in = message->data;
    stream.avail_in = (uInt)message->bytes;
    stream.next_out = arena_alloc(scratch, room);
    stream.avail_out = (uInt)room;
    uint8_t *packed = stream.next_out;
    int result = deflate(&stream, Z_FINISH);
    size_t bytes = room - stream.avail_out;
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        return problem_set(problem, STATUS_NO_MEMORY, (struct text){0}, PROBLEM_NO_OFF,
                           "the profile cannot be compressed");
    fwrite(packed, 1, bytes, out);
    return STATUS_OK;
}

static int write_pprof(const struct export_profile *profile, struct arena *scratch, FILE *out,
                       struct problem *problem)
{
    struct profile_writer writer = {.arena = scratch, .profile = profile, .name_room = 256};
    writer.out.arena = writer.part.arena = writer.inner.arena = scratch;
    writer.functions.arena = writer.locations.arena = scratch;
    writer.names = ARENA_NEW_ARRAY(scratch, struct text, writer.name_room);
    hash_table_init(&writer.by_text, scratch, writer.name_room);
    put_profile(&writer);
    return put_gzip(&writer.out, scratch, out, problem);
}

const struct exporter exporter_pprof = {"pprof", "frost.pb.gz", write_pprof};
