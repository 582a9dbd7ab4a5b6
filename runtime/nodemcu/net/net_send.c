// net_send.c: the queue of what a connection sends.
//
// Reads and writes: the two queues of a connection: segments that wait, and those that were sent
// and are not acknowledged yet. Tells the world what goes out.
// Memory: a segment of 20 bytes and a buffer for a full one each, whatever is in it (heap_take).
// Source: facts on the firmware: at most 2,920 bytes and 8 segments; what is sent outside the work
// on its connection's input goes out with the next tick, every 250 ms. Small segments wait for the
// acknowledgement of earlier ones (Nagle), unless the end follows.

#include <stddef.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/net/net_socket.h"

#define QUEUE_BYTES_MAX 2920u
#define QUEUE_COUNT_MAX 8u
#define SEGMENT_BYTES_MAX WORLD_SEGMENT_BYTES_MAX
#define BUFFER_BYTES 1536u
#define TICK_US 250000u
#define TIME_WAIT_US 10000000u
#define FIN_WAIT_2_US 20000000u

struct net_segment {
    REF(struct net_segment) next;
    REF(char) buffer; // headers go before the data
    uint16_t bytes;
    uint16_t acked_bytes;
    uint32_t pad_[2];
};
_Static_assert(sizeof(struct net_segment) == 20, "the firmware's size");

static struct event_timer tick;
static char tick_is_armed;

void net_send_reset(void)
{
    tick_is_armed = 0;
}

// ---- segments ----

static char *data_of(const struct net_segment *segment)
{
    return DEREF(segment->buffer) + (BUFFER_BYTES - SEGMENT_BYTES_MAX);
}

static struct net_segment *segment_new(void)
{
    struct net_segment *segment = heap_take(sizeof *segment);
    if (!segment)
        return NULL;
    char *buffer = heap_take(BUFFER_BYTES);
    if (!buffer) {
        heap_give(segment, sizeof *segment);
        return NULL;
    }
    *segment = (struct net_segment){0};
    REF_SET(segment->buffer, buffer);
    return segment;
}

static void segments_free(struct net_segment *segment)
{
    while (segment) {
        struct net_segment *next = DEREF(segment->next);
        heap_give(DEREF(segment->buffer), BUFFER_BYTES);
        heap_give(segment, sizeof *segment);
        segment = next;
    }
}

static struct net_segment *last_of(struct net_segment *segment)
{
    while (segment && !REF_IS_NULL(segment->next))
        segment = DEREF(segment->next);
    return segment;
}

// So many empty segments, linked; NULL: out of memory.
static struct net_segment *segments_new(size_t count)
{
    struct net_segment *list = NULL;
    while (count-- > 0) {
        struct net_segment *segment = segment_new();
        if (!segment) {
            segments_free(list);
            return NULL;
        }
        REF_SET(segment->next, list);
        list = segment;
    }
    return list;
}

void net_queue_free(struct net_connection *connection)
{
    segments_free(DEREF(connection->unsent));
    segments_free(DEREF(connection->unacked));
    REF_NULL(connection->unsent);
    REF_NULL(connection->unacked);
    connection->queued_bytes = 0;
    connection->queued_count = 0;
}

void net_connection_free(struct net_connection *connection)
{
    net_queue_free(connection);
    net_endpoint_free(&connection->end);
}

// ---- into the queue ----

// What is put into the queue: a text, or a part of a source.
struct input {
    const char *data; // NULL: `source` from `at` on
    struct byte_source *source;
    uint32_t at;
    size_t bytes;
};

// 0, or the source cannot be read.
static int fill(struct net_segment *segment, struct input *in)
{
    size_t room = SEGMENT_BYTES_MAX - segment->bytes;
    size_t count = in->bytes < room ? in->bytes : room;
    char *to = data_of(segment) + segment->bytes;
    if (in->data)
        memcpy(to, in->data, count);
    else if (in->source->read(in->source, in->at, to, (uint32_t)count) != 0)
        return -1;
    in->data = in->data ? in->data + count : NULL;
    in->at += (uint32_t)count;
    in->bytes -= count;
    segment->bytes = (uint16_t)(segment->bytes + count);
    return 0;
}

// Fills what is left of `last`, which may be NULL, and the new ones. Nothing is filled on failure.
static int fill_all(struct net_segment *last, struct net_segment *more, struct input *in)
{
    uint16_t last_bytes = last ? last->bytes : 0;
    int failed = last && last_bytes < SEGMENT_BYTES_MAX ? fill(last, in) : 0;
    for (struct net_segment *segment = more; segment && !failed; segment = DEREF(segment->next))
        failed = fill(segment, in);
    if (failed && last)
        last->bytes = last_bytes;
    return failed;
}

static int refuse(struct net_connection *connection)
{
    connection->is_pushed = 1;
    return NET_NO_MEMORY;
}

static int queue_input(struct net_connection *connection, struct input *in)
{
    size_t bytes = in->bytes;
    struct net_segment *last = last_of(DEREF(connection->unsent)), *more = NULL;
    size_t total = bytes, room = last ? SEGMENT_BYTES_MAX - last->bytes : 0;
    if (bytes > QUEUE_BYTES_MAX - connection->queued_bytes ||
        connection->queued_count >= QUEUE_COUNT_MAX)
        return refuse(connection);
    size_t rest = bytes > room ? bytes - room : 0;
    size_t count = (rest + SEGMENT_BYTES_MAX - 1) / SEGMENT_BYTES_MAX;
    if (connection->queued_count + count > QUEUE_COUNT_MAX)
        return refuse(connection);
    if (count > 0 && !(more = segments_new(count)))
        return refuse(connection);
    if (fill_all(last, more, in) != 0) {
        segments_free(more);
        return NET_NO_DATA;
    }
    if (last)
        REF_SET(last->next, more);
    else
        REF_SET(connection->unsent, more);
    connection->queued_count = (uint8_t)(connection->queued_count + count);
    connection->queued_bytes = (uint16_t)(connection->queued_bytes + total);
    return NET_OK;
}

int net_queue(struct net_connection *connection, const char *data, size_t bytes)
{
    struct input in = {.data = data, .bytes = bytes};
    return queue_input(connection, &in);
}

// A whole segment or the source's end at a time, so that no small ones are made.
int net_queue_source(struct net_connection *connection, struct byte_source *source, uint32_t from)
{
    struct net_segment *last = last_of(DEREF(connection->unsent));
    size_t left = source->bytes - from, room = QUEUE_BYTES_MAX - connection->queued_bytes;
    size_t free_segments = connection->queued_count < QUEUE_COUNT_MAX
                               ? QUEUE_COUNT_MAX - connection->queued_count
                               : 0;
    size_t most = free_segments * SEGMENT_BYTES_MAX + (last ? SEGMENT_BYTES_MAX - last->bytes : 0);
    struct input in = {.source = source, .at = from, .bytes = left};
    in.bytes = in.bytes < room ? in.bytes : room;
    in.bytes = in.bytes < most ? in.bytes : most;
    if (in.bytes == 0 || free_segments == 0)
        return 0;
    int count = (int)in.bytes, error = queue_input(connection, &in);
    return error == NET_OK ? count : error;
}

// ---- out of the queue ----

// May the first segment that waits go now?
static int may_go(const struct net_connection *connection, const struct net_segment *segment)
{
    return REF_IS_NULL(connection->unacked) || !REF_IS_NULL(segment->next) ||
           segment->bytes == SEGMENT_BYTES_MAX || connection->has_fin || connection->is_pushed ||
           connection->queued_bytes == QUEUE_BYTES_MAX;
}

static void send_first(struct net_connection *connection, struct net_segment *segment)
{
    struct net_segment *last = last_of(DEREF(connection->unacked));
    REF_COPY(connection->unsent, segment->next);
    REF_NULL(segment->next);
    if (last)
        REF_SET(last->next, segment);
    else
        REF_SET(connection->unacked, segment);
    world_tell(WORLD_SOCKET, connection->end.object, data_of(segment), segment->bytes);
}

static int free_after_time(lua_State *L, struct event_timer *timer)
{
    (void)L;
    net_connection_free(
        (struct net_connection *)((char *)timer - offsetof(struct net_connection, timer)));
    return -1;
}

void net_time_wait(struct net_connection *connection)
{
    net_queue_free(connection);
    connection->state = NET_TIME_WAIT;
    timers_arm(&connection->timer, TIME_WAIT_US, free_after_time);
    net_tell(&connection->end, WORLD_FORGET, 0, 0, 0);
    connection->end.object = 0;
}

// What was sent has been acknowledged, with the end, if that was sent.
static void all_acknowledged(struct net_connection *connection)
{
    if (!connection->is_shut)
        return;
    if (connection->state == NET_FIN_WAIT_1) {
        connection->state = NET_FIN_WAIT_2;
        timers_arm(&connection->timer, FIN_WAIT_2_US, free_after_time);
    } else if (connection->state == NET_CLOSING) {
        net_time_wait(connection);
    } else if (connection->state == NET_LAST_ACK) {
        net_connection_free(connection);
    }
}

void net_output(struct net_connection *connection)
{
    struct net_segment *segment;
    if (connection == net_input_connection() || connection->state < NET_ESTABLISHED ||
        connection->state == NET_TIME_WAIT)
        return;
    while ((segment = DEREF(connection->unsent)) && may_go(connection, segment))
        send_first(connection, segment);
    connection->is_pushed = 0;
    if (connection->has_fin && !connection->is_shut) {
        connection->is_shut = 1;
        net_tell(&connection->end, WORLD_SHUT, 0, 0, 0);
        if (REF_IS_NULL(connection->unacked))
            all_acknowledged(connection);
    }
}

void net_acknowledge(struct net_connection *connection, uint32_t bytes)
{
    struct net_segment *segment;
    while (bytes > 0 && (segment = DEREF(connection->unacked))) {
        uint32_t left = (uint32_t)(segment->bytes - segment->acked_bytes);
        uint32_t taken = bytes < left ? bytes : left;
        bytes -= taken;
        segment->acked_bytes = (uint16_t)(segment->acked_bytes + taken);
        connection->queued_bytes = (uint16_t)(connection->queued_bytes - taken);
        if (taken < left)
            break;
        REF_COPY(connection->unacked, segment->next);
        REF_NULL(segment->next);
        segments_free(segment);
        connection->queued_count--;
    }
    if (REF_IS_NULL(connection->unacked) && REF_IS_NULL(connection->unsent))
        all_acknowledged(connection);
}

void net_input_end(void)
{
    struct net_connection *connection = net_input_connection();
    net_input_begin(NULL);
    if (connection)
        net_output(connection);
}

// ---- the tick ----

static int run_tick(lua_State *L, struct event_timer *timer)
{
    struct net_endpoint *next;
    (void)L, (void)timer;
    tick_is_armed = 0;
    for (struct net_endpoint *end = net_endpoint_next(NULL); end; end = next) {
        next = net_endpoint_next(end);
        if (net_connection_of(end))
            net_output(net_connection_of(end));
    }
    return -1;
}

void net_output_later(struct net_connection *connection)
{
    if (connection == net_input_connection() || tick_is_armed)
        return;
    tick_is_armed = 1;
    timers_arm(&tick, TICK_US - device_time_us() % TICK_US, run_tick);
}
