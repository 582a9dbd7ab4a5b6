// serial_decode_test.c: frames of a serial line: made, damaged in every way, found again.

#include "collectors/serial/serial_decode.h"
#include "runtime/format/status.h"
#include "tests/support/tap.h"

#include <zlib.h>

#define FRAMES_MAX 64
#define LINE_BYTES_MAX 8192

// What came out of the line.
struct catch
{
    struct serial_head heads[FRAMES_MAX];
    uint8_t payloads[FRAMES_MAX][SERIAL_PAYLOAD_BYTES_MAX];
    uint32_t bytes[FRAMES_MAX];
    uint32_t count;
    char text[LINE_BYTES_MAX];
    size_t text_bytes;
    struct serial_decoder decoder;
};

static uint64_t random_state;

static uint32_t random_number(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

static int on_frame(void *context, const struct serial_frame *frame)
{
    struct catch *catch = context;
    if (catch->count == FRAMES_MAX)
        return STATUS_LIMIT;
    catch->heads[catch->count] = frame->head;
    catch->bytes[catch->count] = frame->bytes;
    memcpy(catch->payloads[catch->count], frame->payload, frame->bytes);
    catch->count++;
    return STATUS_OK;
}

static int on_text(void *context, struct text text)
{
    struct catch *catch = context;
    if (text.bytes > sizeof catch->text - catch->text_bytes)
        return STATUS_LIMIT;
    memcpy(catch->text + catch->text_bytes, text.data, text.bytes);
    catch->text_bytes += text.bytes;
    return STATUS_OK;
}

// Decodes a line in pieces of at most `step` bytes.
static void decode(struct catch *catch, const uint8_t *line, size_t bytes, size_t step)
{
    memset(catch, 0, sizeof *catch);
    struct serial_sink sink = {catch, on_frame, on_text};
    for (size_t at = 0; at < bytes; at += step) {
        size_t piece = bytes - at < step ? bytes - at : step;
        CHECK_EQUAL(serial_decode(&catch->decoder, line + at, piece, &sink), STATUS_OK);
    }
}

// A frame of `bytes` bytes of payload; kind 0 zeros, 1 without zeros, else random with many zeros.
static uint32_t make_frame(uint8_t *wire, uint32_t bytes, int kind, uint16_t sequence)
{
    for (uint32_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(kind == 1 ? 1 + random_number(255) : random_number(256));
        wire[SERIAL_WIRE_PAYLOAD + i] = kind == 0 || (kind > 1 && random_number(3) == 0) ? 0 : byte;
    }
    return serial_frame_make(wire, SERIAL_PACKET, 7, sequence, bytes);
}

TEST(crc_is_that_of_zlib)
{
    uint8_t data[300] = {0};
    for (uint32_t bytes = 0; bytes < sizeof data; bytes++) {
        for (uint32_t i = 0; i < bytes; i++)
            data[i] = (uint8_t)random_number(256);
        CHECK_EQUAL(serial_crc(0, data, bytes), crc32(0, data, bytes));
        CHECK_EQUAL(serial_crc(serial_crc(0, data, bytes / 2), data + bytes / 2, bytes - bytes / 2),
                    crc32(0, data, bytes));
    }
}

TEST(every_length_comes_back)
{
    static struct catch catch;
    for (uint32_t bytes = 0; bytes <= SERIAL_PAYLOAD_BYTES_MAX; bytes++)
        for (int kind = 0; kind < 8; kind++) {
            uint8_t wire[SERIAL_WIRE_BYTES_MAX], payload[SERIAL_PAYLOAD_BYTES_MAX];
            uint32_t wire_bytes = make_frame(wire, bytes, kind, (uint16_t)(bytes * 8 + kind));
            CHECK_EQUAL(wire_bytes, bytes + 13);
            for (uint32_t i = 1; i < wire_bytes - 1; i++)
                CHECK(wire[i] != 0);
            decode(&catch, wire, wire_bytes, kind < 4 ? 1 : wire_bytes);
            CHECK_EQUAL(catch.count, 1);
            CHECK_EQUAL(catch.bytes[0], bytes);
            CHECK_EQUAL(catch.heads[0].sequence, bytes * 8 + (unsigned)kind);
            CHECK_EQUAL(catch.heads[0].type, SERIAL_PACKET);
            CHECK_EQUAL(catch.heads[0].boot, 7);
            CHECK_EQUAL(catch.text_bytes, 0);
            CHECK_EQUAL(catch.decoder.bytes_frames, wire_bytes);
            memcpy(payload, catch.payloads[0], bytes);
            memcpy(wire + SERIAL_WIRE_PAYLOAD, payload, bytes);
            uint8_t again[SERIAL_WIRE_BYTES_MAX];
            memcpy(again + SERIAL_WIRE_PAYLOAD, payload, bytes);
            CHECK_EQUAL(serial_frame_make(again, SERIAL_PACKET, 7, catch.heads[0].sequence, bytes),
                        wire_bytes);
        }
}

// ---- a line with text and frames in turn ----

struct line {
    uint8_t bytes[LINE_BYTES_MAX];
    size_t count;
    size_t begin[FRAMES_MAX], end[FRAMES_MAX]; // of frames
    uint32_t frames;
    char text[LINE_BYTES_MAX];
    size_t text_bytes;
};

static void add_text(struct line *line, const char *text, size_t bytes)
{
    memcpy(line->bytes + line->count, text, bytes);
    memcpy(line->text + line->text_bytes, text, bytes);
    line->count += bytes;
    line->text_bytes += bytes;
}

static void add_frame(struct line *line, uint32_t bytes, int kind)
{
    line->begin[line->frames] = line->count;
    line->count += make_frame(line->bytes + line->count, bytes, kind, (uint16_t)line->frames);
    line->end[line->frames++] = line->count;
}

static void make_line(struct line *line)
{
    static const char nul[] = "nul \0, two \0\0, \303\251 and \0x";
    memset(line, 0, sizeof *line);
    add_text(line, "> print(1)\r\n", 12);
    add_frame(line, 30, 2);
    add_frame(line, 0, 0);
    add_text(line, "one\n", 4);
    add_frame(line, 246, 3);
    add_frame(line, 100, 1);
    add_frame(line, 5, 0);
    add_text(line, "half a line", 11);
    add_frame(line, 246, 1);
    add_text(line, " and the rest\n", 14);
    add_frame(line, 17, 2);
    add_frame(line, 246, 4);
    add_text(line, nul, sizeof nul - 1);
    add_frame(line, 60, 2);
    add_text(line, "end\n", 4);
}

TEST(text_passes_untouched_and_in_order)
{
    static struct line line;
    static struct catch catch;
    make_line(&line);
    for (size_t step = 1; step <= line.count; step = step < 10 ? step + 1 : step * 2) {
        decode(&catch, line.bytes, line.count, step);
        CHECK_EQUAL(catch.count, line.frames);
        CHECK_EQUAL(catch.decoder.frames_damaged, 0);
        CHECK_EQUAL(catch.text_bytes, line.text_bytes);
        CHECK(memcmp(catch.text, line.text, line.text_bytes) == 0);
        CHECK_EQUAL(catch.decoder.bytes_text, line.text_bytes);
        CHECK_EQUAL(catch.decoder.bytes_frames + line.text_bytes, line.count);
        CHECK_EQUAL(catch.decoder.bytes_damaged, 0);
    }
}

// Each frame that came is one of those sent, in order, and all that were not hit came. `from` and
// `to`: what was damaged, in the places of the whole line; `near`: frames that the damage may cost
// beyond those it touches.
static uint32_t check_catch(const struct catch *catch, const struct line *line, size_t from,
                            size_t to, uint32_t near)
{
    uint32_t at = 0, missing = 0, missing_untouched = 0;
    for (uint32_t i = 0; i < line->frames; i++) {
        uint8_t wire[SERIAL_WIRE_BYTES_MAX];
        bool is_here = at < catch->count && catch->heads[at].sequence == i;
        bool is_hit = from < line->end[i] && to > line->begin[i];
        if (!is_here) {
            missing++;
            missing_untouched += !is_hit;
            continue;
        }
        memcpy(wire + SERIAL_WIRE_PAYLOAD, catch->payloads[at], catch->bytes[at]);
        uint32_t bytes = serial_frame_make(wire, catch->heads[at].type, catch->heads[at].boot,
                                           catch->heads[at].sequence, catch->bytes[at]);
        CHECK_EQUAL(bytes, line->end[i] - line->begin[i]);
        CHECK(memcmp(wire, line->bytes + line->begin[i], bytes) == 0);
        at++;
    }
    CHECK_EQUAL(at, catch->count); // nothing was accepted that was not sent
    CHECK(missing_untouched <= near);
    return missing;
}

// Bytes of a frame that has begun, which are in no account yet.
static uint32_t bytes_begun(const struct serial_decoder *d)
{
    switch (d->state) {
    case SERIAL_BEHIND_ZERO:
        return d->has_zero;
    case SERIAL_BEHIND_START:
        return d->head;
    case SERIAL_IN_BODY:
        return d->head + d->used;
    default:
        return 0;
    }
}

// Every byte of the line is in one account, to the byte.
static void check_accounts(const struct catch *catch, size_t bytes)
{
    const struct serial_decoder *d = &catch->decoder;
    CHECK_EQUAL(d->bytes_text, catch->text_bytes);
    CHECK_EQUAL(d->bytes_frames + d->bytes_text + d->bytes_damaged + bytes_begun(d), bytes);
}

TEST(a_changed_byte_costs_at_most_its_frame)
{
    static struct line line;
    static struct catch catch;
    uint8_t bytes[LINE_BYTES_MAX];
    make_line(&line);
    uint32_t lost = 0;
    for (size_t at = 0; at < line.count; at++)
        for (int change = 0; change < 11; change++) {
            static const uint8_t special[] = {0x00, 0xF5, 0xFF};
            memcpy(bytes, line.bytes, line.count);
            bytes[at] = change < 8 ? (uint8_t)(bytes[at] ^ 1u << change) : special[change - 8];
            decode(&catch, bytes, line.count, 97);
            lost += check_catch(&catch, &line, at, at + 1, 1) != 0;
            check_accounts(&catch, line.count);
        }
    CHECK(lost > line.count); // the damage did something
}

TEST(a_lost_byte_costs_at_most_its_frame)
{
    static struct line line;
    static struct catch catch;
    uint8_t bytes[LINE_BYTES_MAX];
    make_line(&line);
    for (size_t gap = 1; gap < 300; gap = gap * 2 + 1)
        for (size_t at = 0; at + gap <= line.count; at++) {
            memcpy(bytes, line.bytes, at);
            memcpy(bytes + at, line.bytes + at + gap, line.count - at - gap);
            decode(&catch, bytes, line.count - gap, 97);
            check_catch(&catch, &line, at, at + gap, 1);
            check_accounts(&catch, line.count - gap);
        }
}

TEST(an_inserted_byte_costs_at_most_its_frame)
{
    static struct line line;
    static struct catch catch;
    uint8_t bytes[LINE_BYTES_MAX + 8];
    make_line(&line);
    for (size_t at = 0; at <= line.count; at++)
        for (int change = 0; change < 4; change++) {
            static const uint8_t inserted[] = {0x00, 0xF5, 0x55, 0xFF};
            memcpy(bytes, line.bytes, at);
            bytes[at] = inserted[change];
            memcpy(bytes + at + 1, line.bytes + at, line.count - at);
            decode(&catch, bytes, line.count + 1, 97);
            check_catch(&catch, &line, at, at + 1, 1);
            check_accounts(&catch, line.count + 1);
        }
}

TEST(heavy_damage_is_never_accepted)
{
    static struct line line;
    static struct catch catch;
    uint8_t bytes[LINE_BYTES_MAX];
    printf("# seed %u\n", (unsigned)test_seed());
    random_state = test_seed();
    make_line(&line);
    uint32_t came = 0;
    for (int round = 0; round < 20000; round++) {
        size_t count = 0;
        uint32_t often = 2 + random_number(300);
        for (size_t i = 0; i < line.count && count + 2 < sizeof bytes; i++) {
            uint32_t what = random_number(often);
            if (what == 0)
                continue;
            bytes[count++] = what == 1 ? (uint8_t)random_number(256) : line.bytes[i];
            if (what == 2)
                bytes[count++] = (uint8_t)random_number(256);
        }
        decode(&catch, bytes, count, 64);
        check_catch(&catch, &line, 0, line.count, 0);
        check_accounts(&catch, count);
        came += catch.count;
    }
    CHECK(came > 0);
}

TEST(what_follows_any_rubbish_is_found)
{
    static struct catch catch;
    uint8_t bytes[1024];
    random_state = test_seed();
    for (int round = 0; round < 20000; round++) {
        size_t count = random_number(400);
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)(random_number(4) ? random_number(256) : random_number(2) * 0xF5);
        uint8_t wire[2 * SERIAL_WIRE_BYTES_MAX];
        uint32_t first = make_frame(wire, 20, 2, 1);
        uint32_t both = first + make_frame(wire + first, 20, 2, 2);
        memcpy(bytes + count, wire, both);
        decode(&catch, bytes, count + both, 33);
        // The first of the two may belong to a frame that the rubbish has begun.
        CHECK(catch.count >= 1);
        CHECK_EQUAL(catch.heads[catch.count - 1].sequence, 2);
        CHECK(catch.count <= 2);
    }
}

TEST_MAIN
