// recorder_drain.c: from the ring to `events`.
//
// Reads: shared memory that another program fills, so its sizes are checked before use.
// Writes: events, images. Memory: none of its own.

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "analyzer/trace/trace_decode.h"
#include "collectors/host/recorder_private.h"

static void wake(uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void note_image(struct recorder *recorder, const struct trace_event_image_mounted *event)
{
    struct recorder_image image = {.addr = event->addr, .bytes = event->bytes, .crc = event->crc};
    size_t bytes = event->file.bytes < sizeof image.file - 1 ? event->file.bytes
                                                             : sizeof image.file - 1;
    memcpy(image.file, event->file.data, bytes);
    for (size_t i = 0; i < recorder->image_count; i++)
        if (memcmp(&recorder->images[i], &image, sizeof image) == 0)
            return;
    if (recorder->image_count < RECORDER_IMAGES_MAX)
        recorder->images[recorder->image_count++] = image;
}

// Goes through the events of a packet for what run.json tells.
static int look_at_events(struct recorder *recorder, const uint8_t *packet, uint32_t bytes)
{
    const uint8_t *at = packet + TRACE_PACKET_HEADER_BYTES;
    const uint8_t *end = packet + bytes;
    while (at < end) {
        uint32_t id;
        int32_t n = trace_skim(at, (size_t)(end - at), &id);
        if (n <= 0)
            return problem_set(recorder->problem, STATUS_DAMAGED, text_of(recorder->directory),
                               recorder->result->bytes + (uint64_t)(at - packet),
                               "the program wrote an event that cannot be read");
        recorder->result->event_count++;
        recorder->last_id = id;
        if (id == TRACE_ID_boot) {
            recorder->result->boots++;
        } else if (id == TRACE_ID_image_mounted) {
            struct trace_event event = {.clock = 0};
            if (trace_decode(at, (size_t)n, &event) == n)
                note_image(recorder, &event.image_mounted);
        }
        at += n;
    }
    return STATUS_OK;
}

int recorder_packet(struct recorder *recorder, const uint8_t *packet, uint32_t room)
{
    struct trace_packet_header header;
    memcpy(&header, packet, sizeof header);
    uint32_t bytes = header.packet_size / 8;
    uint32_t content = header.content_size / 8;
    if (header.magic != TRACE_MAGIC || header.packet_size % 64 != 0 || bytes > room ||
        content > bytes || content < TRACE_PACKET_HEADER_BYTES)
        return problem_set(recorder->problem, STATUS_DAMAGED, text_of(recorder->directory),
                           recorder->result->bytes,
                           "the program wrote something that is not a packet");
    int status = look_at_events(recorder, packet, content);
    if (status != STATUS_OK)
        return status;
    for (uint32_t done = 0; done < bytes;) {
        ssize_t n = write(recorder->events_fd, packet + done, bytes - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return recorder_write_failed(recorder, "events");
        done += (uint32_t)n;
    }
    recorder->discarded = header.events_discarded;
    recorder->result->bytes += bytes;
    recorder->result->packet_count++;
    return STATUS_OK;
}

// A program gone wild may have written over the head of the ring.
static int check_ring(struct recorder *recorder)
{
    const struct trace_ring *ring = recorder->ring;
    if (ring->magic == TRACE_RING_MAGIC && ring->slot_bytes == TRACE_PACKET_BYTES &&
        ring->slot_count == TRACE_RING_SLOTS && ring->filled - ring->drained <= TRACE_RING_SLOTS)
        return STATUS_OK;
    return problem_set(recorder->problem, STATUS_DAMAGED, text_of(recorder->directory),
                       PROBLEM_NO_OFF,
                       "the program has destroyed the ring that it shares with the recorder");
}

static int take_image(struct recorder *recorder)
{
    struct trace_ring *ring = recorder->ring;
    uint32_t bytes = __atomic_load_n(&ring->image_bytes, __ATOMIC_ACQUIRE);
    if (bytes == 0)
        return 0;
    char name[TRACE_RING_NAME_BYTES];
    memcpy(name, ring->image_name, sizeof name);
    name[sizeof name - 1] = '\0';
    if (bytes > TRACE_RING_IMAGE_BYTES || name[0] == '.' || name[0] == '\0' || strchr(name, '/'))
        return problem_set(recorder->problem, STATUS_DAMAGED, text_of(recorder->directory),
                           PROBLEM_NO_OFF, "the program sent an image with a wrong name or size");
    int status = recorder_directory_image(recorder, name, trace_ring_image(ring), bytes);
    if (status != STATUS_OK)
        return status;
    __atomic_store_n(&ring->image_bytes, 0, __ATOMIC_RELEASE);
    wake(&ring->image_bytes);
    return 1;
}

int recorder_drain(struct recorder *recorder)
{
    struct trace_ring *ring = recorder->ring;
    int count = check_ring(recorder);
    if (count == STATUS_OK)
        count = take_image(recorder);
    if (count < 0)
        return count;
    uint32_t filled = __atomic_load_n(&ring->filled, __ATOMIC_ACQUIRE);
    for (uint32_t drained = ring->drained; drained != filled; drained++, count++) {
        int status = recorder_packet(recorder, trace_ring_slot(ring, drained), ring->slot_bytes);
        if (status != STATUS_OK)
            return status;
        __atomic_store_n(&ring->drained, drained + 1, __ATOMIC_RELEASE);
        wake(&ring->drained);
    }
    return count;
}

int recorder_drain_rest(struct recorder *recorder)
{
    int status = recorder_drain(recorder);
    if (status < 0)
        return status;
    struct trace_ring *ring = recorder->ring;
    uint32_t bytes = ring->open_bytes;
    if (bytes <= TRACE_PACKET_HEADER_BYTES || bytes > ring->slot_bytes)
        return STATUS_OK;
    uint8_t *packet = trace_ring_slot(ring, ring->filled);
    struct trace_packet_header *header = (struct trace_packet_header *)(void *)packet;
    uint32_t packet_bytes = (bytes + 7u) & ~7u;
    memset(packet + bytes, 0, packet_bytes - bytes);
    header->packet_size = packet_bytes * 8;
    header->content_size = bytes * 8;
    header->timestamp_end = ring->open_clock;
    header->events_discarded += ring->open_counters;
    return recorder_packet(recorder, packet, ring->slot_bytes);
}
