// export_test.c: exports of a profile that is made here; pprof's is read back field by field.

#include "reports/export.h"

#include <zlib.h>

#include "runtime/format/status.h"
#include "tests/support/tap.h"

static struct arena arena;

// ---- a profile ----

static const char *const kinds[] = {"string", "table"};

static struct export_site site_at(const char *source, uint32_t line, uint32_t function_line,
                                  const char *c_function)
{
    return (struct export_site){.source = text_of(source),
                                .line = line,
                                .function_line = function_line,
                                .c_function = text_of(c_function)};
}

static struct export_stack stack_of(uint32_t site_idx, uint32_t caller, uint64_t count)
{
    struct export_stack stack = {.site_idx = site_idx, .caller = caller};
    stack.kinds = ARENA_NEW_ARRAY(&arena, struct export_amount, 2);
    stack.kinds[1] = (struct export_amount){count, count * 10, count * 5};
    stack.metrics[EXPORT_ALLOCATIONS] = count;
    stack.metrics[EXPORT_ALLOCATED_BYTES] = count * 10;
    stack.metrics[EXPORT_PEAK_BYTES] = count * 5;
    stack.metrics[EXPORT_READS] = count * 100;
    return stack;
}

// ---- pprof, read back ----

struct reader {
    const uint8_t *at, *end;
};

static uint64_t read_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; reader->at < reader->end && shift < 64; shift += 7) {
        uint8_t byte = *reader->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            break;
    }
    return value;
}

// The next field: its number, and its value or its bytes.
static unsigned read_field(struct reader *reader, uint64_t *value, struct reader *inner)
{
    uint64_t key = read_varint(reader);
    *value = read_varint(reader);
    *inner = (struct reader){NULL, NULL};
    if ((key & 7) == 2) {
        CHECK(*value <= (uint64_t)(reader->end - reader->at));
        *inner = (struct reader){reader->at, reader->at + *value};
        reader->at += *value;
    }
    return (unsigned)(key >> 3);
}

#define ITEMS_MAX 32u

struct pprof {
    struct text names[ITEMS_MAX];
    uint32_t name_count;
    struct {
        uint64_t name, file, start_line;
    } functions[ITEMS_MAX]; // by id
    uint32_t function_count;
    struct {
        uint64_t function, line;
    } locations[ITEMS_MAX]; // by id
    uint32_t location_count;
    uint64_t sample_locations[ITEMS_MAX][2], sample_values[ITEMS_MAX][EXPORT_METRIC_COUNT];
    uint32_t sample_count;
};

// A message of numbers: values[field - 1] = the number. A nested message goes to `nested`.
static void read_numbers(struct reader in, uint64_t *values, unsigned count, struct reader *nested)
{
    while (in.at < in.end) {
        uint64_t value;
        struct reader inner;
        unsigned field = read_field(&in, &value, &inner);
        if (inner.at)
            *nested = inner;
        else if (field >= 1 && field <= count)
            values[field - 1] = value;
    }
}

static void read_sample(struct pprof *pprof, struct reader in)
{
    uint32_t idx = pprof->sample_count++;
    while (in.at < in.end) {
        uint64_t value;
        struct reader inner;
        unsigned field = read_field(&in, &value, &inner);
        for (unsigned i = 0; field == 1 && i < 2 && inner.at < inner.end; i++)
            pprof->sample_locations[idx][i] = read_varint(&inner);
        for (unsigned i = 0; field == 2 && i < EXPORT_METRIC_COUNT && inner.at < inner.end; i++)
            pprof->sample_values[idx][i] = read_varint(&inner);
    }
}

static void read_profile(struct pprof *pprof, struct reader in)
{
    while (in.at < in.end) {
        uint64_t value, numbers[5] = {0};
        struct reader inner, nested = {NULL, NULL};
        unsigned field = read_field(&in, &value, &inner);
        if (field == 2)
            read_sample(pprof, inner);
        if (field == 6)
            pprof->names[pprof->name_count++] = (struct text){(const char *)inner.at,
                                                              (size_t)(inner.end - inner.at)};
        if (field == 5) {
            read_numbers(inner, numbers, 5, &nested);
            CHECK_EQUAL(numbers[0], ++pprof->function_count);
            pprof->functions[numbers[0]].name = numbers[1];
            pprof->functions[numbers[0]].file = numbers[3];
            pprof->functions[numbers[0]].start_line = numbers[4];
        }
        if (field == 4) {
            uint64_t line[2] = {0};
            read_numbers(inner, numbers, 1, &nested);
            read_numbers(nested, line, 2, &nested);
            CHECK_EQUAL(numbers[0], ++pprof->location_count);
            pprof->locations[numbers[0]].function = line[0];
            pprof->locations[numbers[0]].line = line[1];
        }
    }
}

// Writes the profile and reads it back. `room` holds what the texts point to.
static void write_and_read(const struct export_profile *profile, struct pprof *pprof, uint8_t *room,
                           size_t room_bytes)
{
    struct problem problem = {0};
    char *packed;
    size_t packed_bytes;
    FILE *out = open_memstream(&packed, &packed_bytes);
    CHECK_EQUAL(exporter_pprof.write(profile, &arena, out, &problem), STATUS_OK);
    fclose(out);
    z_stream stream = {.next_in = (uint8_t *)packed,
                       .avail_in = (uInt)packed_bytes,
                       .next_out = room,
                       .avail_out = (uInt)room_bytes};
    CHECK_EQUAL(inflateInit2(&stream, 15 + 16), Z_OK);
    CHECK_EQUAL(inflate(&stream, Z_FINISH), Z_STREAM_END);
    *pprof = (struct pprof){.name_count = 0};
    read_profile(pprof, (struct reader){room, room + stream.total_out});
    inflateEnd(&stream);
    free(packed);
}

static struct text function_of(const struct pprof *pprof, uint32_t sample, unsigned frame)
{
    uint64_t location = pprof->sample_locations[sample][frame];
    return pprof->names[pprof->functions[pprof->locations[location].function].name];
}

// ---- tests ----

// Functions are told apart by source and first line; the lines of one share it.
TEST(functions_of_one_source_stay_apart)
{
    static struct pprof pprof;
    static uint8_t room[8192];
    arena_init(&arena);
    struct export_site sites[] = {
        site_at("app.lua", 12, 10, ""), site_at("app.lua", 3, 0, ""),
        site_at("app.lua", 25, 20, ""), site_at("app.lua", 13, 10, ""),
        site_at("zip.lua", 22, 20, ""),
    };
    struct export_stack stacks[] = {stack_of(0, 0, 1), stack_of(1, 0, 2), stack_of(2, 0, 3),
                                    stack_of(3, 0, 4), stack_of(4, 0, 5)};
    struct export_profile profile = {.command = "app.lua",
                                     .ending = "",
                                     .missing = "",
                                     .kind_names = kinds,
                                     .kind_count = 2,
                                     .model = "nodemcu-3.0",
                                     .sites = sites,
                                     .site_count = 5,
                                     .stacks = stacks,
                                     .stack_count = 5};
    write_and_read(&profile, &pprof, room, sizeof room);
    CHECK_EQUAL(pprof.function_count, 4); // main, 10, 20; and zip.lua's 20
    CHECK_EQUAL(pprof.location_count, 5);
    CHECK_EQUAL(pprof.sample_count, 10); // allocations and reads of each site
    uint64_t total = 0;
    for (uint32_t i = 0; i < pprof.sample_count; i++) {
        const uint64_t *values = pprof.sample_values[i];
        uint64_t location = pprof.sample_locations[i][0];
        uint64_t line = pprof.locations[location].line;
        uint64_t start = pprof.functions[pprof.locations[location].function].start_line;
        static const struct {
            uint64_t count, line, start;
            const char *name;
        } want[] = {{1, 12, 10, "app.lua:10"},
                    {2, 3, 0, "app.lua:main"},
                    {3, 25, 20, "app.lua:20"},
                    {4, 13, 10, "app.lua:10"},
                    {5, 22, 20, "zip.lua:20"}};
        total += values[EXPORT_ALLOCATIONS];
        for (size_t n = 0; n < sizeof want / sizeof *want; n++)
            if (values[EXPORT_ALLOCATIONS] == want[n].count ||
                values[EXPORT_READS] == want[n].count * 100) {
                CHECK_EQUAL(line, want[n].line);
                CHECK_EQUAL(start, want[n].start);
                CHECK(text_is_equal(function_of(&pprof, i, 0), text_of(want[n].name)));
            }
    }
    CHECK_EQUAL(total, 15);
    arena_deinit(&arena);
}

// The C function is the leaf of a stack, the line that called it is below.
TEST(a_c_function_stands_on_its_caller)
{
    static struct pprof pprof;
    static uint8_t room[8192];
    arena_init(&arena);
    struct export_site sites[] = {site_at("app.lua", 12, 10, "gsub"), site_at("", 0, 0, "")};
    struct export_stack stacks[] = {stack_of(0, 0, 7), stack_of(1, 0, 1)};
    struct export_profile profile = {.command = "app.lua",
                                     .ending = "",
                                     .missing = "",
                                     .kind_names = kinds,
                                     .kind_count = 2,
                                     .model = "nodemcu-3.0",
                                     .sites = sites,
                                     .site_count = 2,
                                     .stacks = stacks,
                                     .stack_count = 2};
    write_and_read(&profile, &pprof, room, sizeof room);
    unsigned met = 0;
    for (uint32_t i = 0; i < pprof.sample_count; i++) {
        if (pprof.sample_values[i][EXPORT_ALLOCATIONS] != 7)
            continue;
        met++;
        CHECK_EQUAL(pprof.sample_values[i][EXPORT_ALLOCATED_BYTES], 70);
        CHECK_EQUAL(pprof.sample_values[i][EXPORT_PEAK_BYTES], 35);
        CHECK_EQUAL(pprof.sample_values[i][EXPORT_READS], 0); // a sample of their own
        CHECK(text_is_equal(function_of(&pprof, i, 0), text_of("gsub")));
        CHECK(text_is_equal(function_of(&pprof, i, 1), text_of("app.lua:10")));
    }
    CHECK_EQUAL(met, 1);
    arena_deinit(&arena);
}

TEST_MAIN
