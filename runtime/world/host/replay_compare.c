// replay_compare.c: see replay_compare.h.

#include "runtime/world/host/replay_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/port/port.h"
#include "runtime/world/host/replay_shuffle.h"
#include "runtime/world/host/replay_streams.h"
#include "runtime/world/host/replay_tell.h"

#define CONTEXT_BYTES REPLAY_SHUFFLE_BEFORE_MAX // equal ones shown in front of a difference
#define SHOWN_BYTES 64u                         // of either side, at least
#define CALL_SHOWN_BYTES 256u

// An object has sent less or more than it should have by then: where that began. It may come right.
struct replay_slip {
    const struct replay_record *turn;
    replay_place place; // for what came first
    int is_more;
    uint64_t off;
    uint32_t bytes; // that are missing or too many, shown
    uint8_t data[SHOWN_BYTES];
    char where[REPLAY_WHERE_ROOM];
};

static const struct replay_log *recording;
static struct replay_streams streams;
static struct replay_window turn;
static replay_place first_open; // no output of the turn before it is left
static uint32_t slip_count, lost_count, shuffle_count, shuffle_number;
static uint64_t compared_bytes;

int replay_compare_boot(const struct replay_log *of, replay_place first)
{
    recording = of;
    for (uint32_t i = 0; i < streams.count; i++) {
        free(streams.items[i].slip);
        free(streams.items[i].shuffle);
    }
    slip_count = lost_count = shuffle_count = 0;
    return replay_streams_fill(&streams, recording, first);
}

uint64_t replay_compare_bytes(void)
{
    return compared_bytes;
}

// ---- slips ----

static void begin_slip(struct replay_stream *stream, int is_more, const void *data, size_t bytes)
{
    if (stream->slip)
        return;
    struct replay_slip *slip = calloc(1, sizeof *slip);
    if (!slip)
        return; // it is told later, where it is
    slip->turn = turn.turn;
    slip->place = turn.first;
    slip->is_more = is_more;
    slip->off = stream->off;
    slip->bytes = (uint32_t)(bytes < SHOWN_BYTES ? bytes : SHOWN_BYTES);
    memcpy(slip->data, data, slip->bytes);
    if (is_more)
        replay_tell_where(slip->where);
    stream->slip = slip;
    slip_count++;
}

static void end_slip(struct replay_stream *stream)
{
    slip_count -= stream->slip != NULL;
    free(stream->slip);
    stream->slip = NULL;
}

static void lose(struct replay_stream *stream)
{
    end_slip(stream);
    lost_count += !stream->is_lost;
    stream->is_lost = 1;
}

static void tell_slip(struct replay_stream *stream)
{
    const struct replay_slip slip = *stream->slip;
    struct replay_bytes shown = {slip.data, slip.bytes}, none = {NULL, 0};
    lose(stream);
    replay_tell_difference(&(struct replay_difference){
        .what = slip.is_more ? DIFFERENCE_EXTRA : DIFFERENCE_MISSING,
        .kind = stream->kind,
        .object = stream->object,
        .off = slip.off,
        .text = slip.is_more ? "more than was recorded in this turn"
                             : "less than was recorded in this turn",
        .wanted = slip.is_more ? none : shown,
        .got = slip.is_more ? shown : none,
        .turn = slip.turn,
        .is_earlier = 1,
        .where = slip.where,
    });
}

// A stream differs for good. What slipped before, be it another one, is the first difference.
static int tell_first_slip(void)
{
    struct replay_stream *first = NULL;
    for (uint32_t i = 0; slip_count && i < streams.count; i++) {
        struct replay_stream *stream = &streams.items[i];
        if (stream->slip && (!first || stream->slip->place < first->slip->place))
            first = stream;
    }
    if (first)
        tell_slip(first);
    return first != NULL;
}

// ---- turns ----

// A loose replay goes on with what was recorded in this turn.
static void find_lost(void)
{
    for (uint32_t i = 0; lost_count && i < streams.count; i++) {
        struct replay_stream *stream = &streams.items[i];
        if (!stream->is_lost)
            continue;
        while (stream->at && stream->at < turn.first)
            stream->at = replay_log_at(recording, stream->at)->next;
        stream->done = 0;
        stream->is_lost = 0;
        lost_count--;
    }
}

void replay_compare_turn(const struct replay_window *window)
{
    turn = *window;
    first_open = window->first;
    find_lost();
}

static struct replay_stream *stream_of(const struct replay_record *record)
{
    return record->type == REPLAY_OUTPUT && record->bytes
               ? replay_streams_find(&streams, record->kind, record->object)
               : NULL;
}

static int is_open(replay_place place)
{
    const struct replay_stream *stream = stream_of(replay_log_at(recording, place));
    return stream && stream->at && stream->at <= place && !stream->is_lost && !stream->shuffle;
}

static void skip_done(void)
{
    while (first_open != turn.end && !is_open(first_open))
        first_open = replay_log_next(recording, first_open);
}

// Streams that have sent what they should have by now, no more and no less.
static void settle(void)
{
    for (uint32_t i = 0; slip_count && i < streams.count; i++) {
        struct replay_stream *stream = &streams.items[i];
        if (!stream->slip || (stream->at && stream->at < turn.end) || stream->ahead >= turn.end)
            continue;
        replay_tell_order(stream->kind, stream->object, stream->slip->off, NULL);
        end_slip(stream);
    }
}

// ---- bytes that differ ----

// The turn that a record is of, NULL: before the first.
static const struct replay_record *turn_of(replay_place place)
{
    const struct replay_record *found = NULL;
    for (replay_place at = replay_log_first(); at < place; at = replay_log_next(recording, at)) {
        const struct replay_record *record = replay_log_at(recording, at);
        if (record->type == REPLAY_TURN)
            found = record;
        else if (record->type == REPLAY_BOOT)
            found = NULL;
    }
    return found;
}

// `data` differs from what is recorded in its byte `at`.
static void tell_bytes(struct replay_stream *stream, const uint8_t *data, size_t at, size_t bytes,
                       const char *where)
{
    const struct replay_record *record = replay_log_at(recording, stream->at);
    size_t before = at < CONTEXT_BYTES ? at : CONTEXT_BYTES;
    size_t left = record->bytes - stream->done;
    uint8_t wanted[CONTEXT_BYTES + SHOWN_BYTES];
    size_t shown = left < sizeof wanted - before ? left : sizeof wanted - before;
    char text[60];
    memcpy(wanted, data + at - before, before);
    memcpy(wanted + before, replay_log_data(record) + stream->done, shown);
    snprintf(text, sizeof text, "byte %" PRIu64 " differs", stream->off);
    lose(stream);
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_BYTES,
        .kind = stream->kind,
        .object = stream->object,
        .off = stream->off,
        .text = text,
        .wanted = {wanted, before + shown},
        .got = {data + at - before, bytes - at + before},
        .turn = turn_of(stream->at),
        .where = where,
    });
}

// ---- lines in another order ----

// What the turn has of the stream up to `end`, which is a record or the turn's end. Result: bytes,
// which are copied if `data` is not NULL.
static size_t bytes_of_turn(const struct replay_stream *stream, replay_place end, uint8_t *data)
{
    size_t bytes = 0;
    for (replay_place at = turn.first; at != end; at = replay_log_next(recording, at)) {
        const struct replay_record *record = replay_log_at(recording, at);
        if (stream_of(record) != stream)
            continue;
        if (data)
            memcpy(data + bytes, replay_log_data(record), record->bytes);
        bytes += record->bytes;
    }
    return bytes;
}

// A call of `bytes` bytes differs in its byte `at`. False: that cannot be another order.
static int begin_shuffle(struct replay_stream *stream, const uint8_t *data, size_t at, size_t bytes)
{
    if (stream->slip || stream->at < turn.first || stream->at >= turn.end)
        return 0;
    struct replay_shuffle *shuffle = calloc(1, sizeof *shuffle);
    if (!shuffle || !replay_shuffle_add(shuffle, data + at, bytes - at)) {
        free(shuffle);
        return 0;
    }
    shuffle->number = ++shuffle_number;
    shuffle->equal_bytes = bytes_of_turn(stream, stream->at, NULL) + stream->done;
    shuffle->call_before = at < CONTEXT_BYTES ? at : CONTEXT_BYTES;
    memcpy(shuffle->before, data + at - shuffle->call_before, shuffle->call_before);
    shuffle->call_bytes = bytes - at;
    replay_tell_where(shuffle->where);
    stream->shuffle = shuffle;
    shuffle_count++;
    return 1;
}

static void end_shuffle(struct replay_stream *stream)
{
    free(stream->shuffle);
    stream->shuffle = NULL;
    shuffle_count--;
}

// It was a difference: the bytes are those of the call that began it.
static void tell_shuffle(struct replay_stream *stream)
{
    const struct replay_shuffle *shuffle = stream->shuffle;
    uint8_t call[CONTEXT_BYTES + CALL_SHOWN_BYTES];
    char where[REPLAY_WHERE_ROOM];
    size_t before = shuffle->call_before;
    size_t after = shuffle->call_bytes < CALL_SHOWN_BYTES ? shuffle->call_bytes : CALL_SHOWN_BYTES;
    memcpy(call, shuffle->before, before);
    memcpy(call + before, shuffle->data, after);
    memcpy(where, shuffle->where, sizeof where);
    end_shuffle(stream); // it does not come back
    tell_bytes(stream, call, before, before + after, where);
}

static int is_shuffled(const struct replay_stream *stream)
{
    size_t bytes = bytes_of_turn(stream, turn.end, NULL);
    uint8_t *recorded = malloc(bytes + 1);
    if (!recorded)
        return 0;
    bytes_of_turn(stream, turn.end, recorded);
    int is_equal = replay_shuffle_is_equal(stream->shuffle, recorded, bytes);
    free(recorded);
    return is_equal;
}

static void accept_shuffle(struct replay_stream *stream)
{
    replay_tell_shuffle(stream->kind, stream->object, stream->off);
    stream->off += stream->shuffle->bytes;
    stream->done = 0;
    while (stream->at && stream->at < turn.end) {
        stream->ahead = stream->at;
        stream->at = replay_log_at(recording, stream->at)->next;
    }
    end_shuffle(stream);
}

// `is_over`: no more comes, and what has come so far is a difference.
static void settle_shuffles(int is_over)
{
    while (shuffle_count) {
        struct replay_stream *first = NULL;
        for (uint32_t i = 0; i < streams.count; i++) {
            struct replay_stream *stream = &streams.items[i];
            if (stream->shuffle && (!first || stream->shuffle->number < first->shuffle->number))
                first = stream;
        }
        if (!is_over && is_shuffled(first))
            accept_shuffle(first);
        else
            tell_shuffle(first);
    }
}

void replay_compare_give_up(void)
{
    settle_shuffles(1);
}

// ---- the end of a turn ----

void replay_compare_turn_end(void)
{
    settle_shuffles(0);
    for (skip_done(); first_open != turn.end; skip_done()) {
        const struct replay_record *record = replay_log_at(recording, first_open);
        struct replay_stream *stream = stream_of(record);
        uint32_t done = stream->at == first_open ? stream->done : 0;
        begin_slip(stream, 0, replay_log_data(record) + done, record->bytes - done);
        first_open = replay_log_next(recording, first_open);
    }
    settle();
}

// ---- bytes ----

static void check_order(struct replay_stream *stream, const void *data, size_t bytes)
{
    if (stream->at >= turn.end)
        begin_slip(stream, 1, data, bytes);
    skip_done();
    if (stream->at > first_open && stream->at < turn.end && stream->done == 0)
        replay_tell_order(stream->kind, stream->object, stream->off,
                          replay_log_at(recording, first_open));
}

static size_t same_bytes(const uint8_t *a, const uint8_t *b, size_t most)
{
    size_t i = 0;
    while (i < most && a[i] == b[i])
        i++;
    return i;
}

static void advance(struct replay_stream *stream, size_t bytes)
{
    const struct replay_record *record = replay_log_at(recording, stream->at);
    if (bytes == 0)
        return;
    stream->off += bytes;
    stream->done += (uint32_t)bytes;
    stream->ahead = stream->at;
    if (stream->done < record->bytes)
        return;
    stream->at = record->next;
    stream->done = 0;
}

static void tell_extra(int kind, uint32_t object, uint64_t off, struct replay_bytes got)
{
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_EXTRA,
        .kind = (uint8_t)kind,
        .object = object,
        .off = off,
        .text = off ? "more than was recorded" : "nothing was recorded of it",
        .got = got,
        .turn = turn.turn,
    });
}

int replay_compare_output(int kind, uint32_t object, const void *data, size_t bytes, int is_last)
{
    const uint8_t *at = data;
    size_t sent = 0;
    struct replay_stream *stream = replay_streams_find(&streams, (unsigned)kind, object);
    compared_bytes += bytes;
    if (stream && stream->is_lost)
        return 0;
    if (stream && stream->shuffle) {
        if (!replay_shuffle_add(stream->shuffle, data, bytes))
            settle_shuffles(1);
        return 0;
    }
    while (sent < bytes && stream && stream->at) {
        const struct replay_record *record = replay_log_at(recording, stream->at);
        size_t left = record->bytes - stream->done, most = bytes - sent;
        most = most < left ? most : left;
        check_order(stream, at + sent, bytes - sent);
        size_t same = same_bytes(at + sent, replay_log_data(record) + stream->done, most);
        advance(stream, same);
        sent += same;
        if (same == most)
            continue;
        if (begin_shuffle(stream, at, sent, bytes))
            return 0;
        settle_shuffles(1);
        if (!tell_first_slip())
            tell_bytes(stream, at, sent, bytes, NULL);
        return 0;
    }
    if (sent == bytes)
        return 0;
    if (!is_last)
        settle_shuffles(1);
    if (!tell_first_slip() && !is_last)
        tell_extra(kind, object, stream ? stream->off : 0,
                   (struct replay_bytes){at + sent, bytes - sent});
    return is_last;
}

// ---- the end ----

static void tell_missing(struct replay_stream *stream)
{
    const struct replay_record *record = replay_log_at(recording, stream->at);
    char text[60];
    snprintf(text, sizeof text, "ends at byte %" PRIu64, stream->off);
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_MISSING,
        .kind = stream->kind,
        .object = stream->object,
        .off = stream->off,
        .text = text,
        .wanted = {replay_log_data(record) + stream->done, record->bytes - stream->done},
        .turn = turn_of(stream->at),
    });
}

void replay_compare_end(void)
{
    while (tell_first_slip())
        continue;
    for (;;) { // those that lack something, the first of it first
        struct replay_stream *first = NULL;
        for (uint32_t i = 0; i < streams.count; i++) {
            struct replay_stream *stream = &streams.items[i];
            if (stream->at && !stream->is_lost && (!first || stream->at < first->at))
                first = stream;
        }
        if (!first)
            return;
        tell_missing(first);
        lose(first);
    }
}
