// ring_test.c: the writer's end of the shared ring: packets and images go through it in order, and
// each damage of its head is found by its own reason.

#include "runtime/probe/ring.c"
#include "tests/support/tap.h"

static union {
    struct trace_ring ring;
    uint8_t bytes[TRACE_RING_BYTES];
} shared;

static struct trace_ring *const ring = &shared.ring;
static int wakes, waits;

static void wake(struct trace_ring *any)
{
    (void)any;
    wakes++;
}

// The recorder, whenever the program waits: takes one packet or the image.
static void take(uint32_t *word, uint32_t value)
{
    CHECK_EQUAL(*word, value);
    waits++;
    if (word == &ring->drained)
        ring->drained++;
    else
        ring->image_bytes = 0;
}

static const struct ring_port port = {take, wake};

static void start(uint32_t first)
{
    memset(ring, 0, sizeof *ring);
    ring->magic = TRACE_RING_MAGIC;
    ring->slot_bytes = TRACE_PACKET_BYTES;
    ring->slot_count = TRACE_RING_SLOTS;
    ring->filled = ring->drained = first;
    trace_schema_uuid(ring->uuid);
    wakes = waits = 0;
}

// Counters wrap; a full ring makes the program wait, nothing is dropped.
TEST(packets_go_round)
{
    start(UINT32_MAX - 5);
    for (uint32_t i = 0; i < 3 * TRACE_RING_SLOTS; i++) {
        uint8_t *slot = ring_begin(ring, &port);
        CHECK(slot == shared.bytes + TRACE_RING_HEAD_BYTES +
                          (size_t)((UINT32_MAX - 5 + i) % TRACE_RING_SLOTS) * TRACE_PACKET_BYTES);
        CHECK(ring->filled - ring->drained < TRACE_RING_SLOTS);
        ring_publish(ring, 100, 7, 3);
        CHECK(ring_check(ring) == NULL);
        CHECK_EQUAL(ring->open_bytes, 100);
        CHECK_EQUAL(ring->open_clock, 7);
        CHECK_EQUAL(ring->open_counters, 3);
        CHECK_EQUAL(ring_commit(ring, &port), 1);
        CHECK_EQUAL(ring->open_bytes, 0);
    }
    CHECK_EQUAL(wakes, 3 * TRACE_RING_SLOTS);
    CHECK_EQUAL(waits, 2 * TRACE_RING_SLOTS);
    CHECK_EQUAL(ring->filled, UINT32_MAX - 5 + 3 * TRACE_RING_SLOTS);
    ring_close(ring, &port);
    CHECK_EQUAL(ring->is_closed, 1);
    CHECK(ring_check(ring) == NULL);
}

TEST(images_go_one_by_one)
{
    start(0);
    ring_send_image(ring, &port, "lfs.img", "first", 5);
    CHECK_EQUAL(waits, 0);
    CHECK_EQUAL(ring->image_bytes, 5);
    CHECK(memcmp(trace_ring_image(ring), "first", 5) == 0);
    ring_send_image(ring, &port, "lfs-devs.img", "second", 6);
    CHECK_EQUAL(waits, 1);
    CHECK_TEXT(ring->image_name, "lfs-devs.img");
    CHECK(memcmp(trace_ring_image(ring), "second", 6) == 0);
    CHECK(trace_ring_image(ring) + TRACE_RING_IMAGE_BYTES == shared.bytes + sizeof shared.bytes);
}

static const struct row {
    size_t off;
    uint32_t value;
    const char *want; // NULL: sound
} rows[] = {
#define HEAD(field, value, want)                                                                   \
    {                                                                                              \
        offsetof(struct trace_ring, field), value, want                                            \
    }
    HEAD(magic, TRACE_RING_MAGIC + 1, "head of the ring"),
    HEAD(slot_bytes, TRACE_PACKET_BYTES + 8, "head of the ring"),
    HEAD(slot_count, 0, "head of the ring"),
    HEAD(slot_count, TRACE_RING_SLOTS - 1, "head of the ring"),
    HEAD(filled, 100 + TRACE_RING_SLOTS, NULL),
    HEAD(filled, 101 + TRACE_RING_SLOTS,
         "more packets drained than filled, or more filled than there are slots"),
    HEAD(filled, 99, "more packets drained than filled, or more filled than there are slots"),
    HEAD(drained, 101, "more packets drained than filled, or more filled than there are slots"),
    HEAD(open_bytes, TRACE_PACKET_BYTES, NULL),
    HEAD(open_bytes, TRACE_PACKET_BYTES + 1, "open packet longer than its slot"),
    HEAD(is_closed, 1, NULL),
    HEAD(is_closed, 2, "ring that was closed with an open packet"),
    HEAD(image_bytes, TRACE_RING_IMAGE_BYTES + 1, "image longer than its place"),
    HEAD(image_bytes, 1, "name of an image"),
#undef HEAD
};

TEST(each_damage_of_the_head_has_its_reason)
{
    start(100);
    CHECK(ring_is_ours(ring));
    ring->uuid[3] ^= 1; // a recorder of another schema
    CHECK(!ring_is_ours(ring));
    ring->uuid[3] ^= 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t was;
        CHECK(ring_check(ring) == NULL);
        memcpy(&was, shared.bytes + rows[i].off, 4);
        memcpy(shared.bytes + rows[i].off, &rows[i].value, 4);
        const char *got = ring_check(ring);
        CHECK_TEXT(got ? got : "sound", rows[i].want ? rows[i].want : "sound");
        memcpy(shared.bytes + rows[i].off, &was, 4);
    }
    // What is wrong only together.
    ring->open_bytes = 8;
    ring->filled = ring->drained + TRACE_RING_SLOTS;
    CHECK_TEXT(ring_check(ring), "open packet in a slot that is not drained");
    ring->filled = ring->drained;
    ring->is_closed = 1;
    CHECK_TEXT(ring_check(ring), "ring that was closed with an open packet");
    start(100);
    memset(ring->image_name, 'x', sizeof ring->image_name);
    CHECK_TEXT(ring_check(ring), "name of an image");
    ring->image_name[sizeof ring->image_name - 1] = '\0';
    ring->image_bytes = TRACE_RING_IMAGE_BYTES;
    CHECK(ring_check(ring) == NULL);
}

TEST_MAIN
