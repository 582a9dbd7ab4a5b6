// qemu_merge.c: packets of the firmware and blocks of the plugin become packets of the trace.
//
// A packet gets the sums of the block before it as events at its end, at the time of its last
// event; if they do not fit, further packets at that same time follow. The event `end` stays last.
// Memory: the queue and the records, which grow; one packet.

#include <stdlib.h>
#include <string.h>

#include "analyzer/trace/trace_decode.h"
#include "collectors/qemu/qemu_private.h"

#define RECORDS_MAX 0x2000000u // 1 GiB of them
#define EVENT_BYTES 32u        // more than any event of a sum has
#define SUM_MAX (1ull << 48)   // days of emulation

static int damaged(struct qemu_recorder *recorder, const char *what)
{
    return problem_set(recorder->host.problem, STATUS_DAMAGED, text_of(recorder->host.directory),
                       PROBLEM_NO_OFF, "the emulator wrote %s", what);
}

// ---- a packet being made ----

struct maker {
    struct qemu_recorder *recorder;
    struct trace_packet_header header; // of the packet being made
    uint32_t used;
};

static void begin(struct maker *maker)
{
    maker->used = TRACE_PACKET_HEADER_BYTES;
}

static int finish(struct maker *maker)
{
    struct qemu_recorder *recorder = maker->recorder;
    uint32_t bytes = (maker->used + 7u) & ~7u;
    memset(recorder->packet + maker->used, 0, bytes - maker->used);
    maker->header.packet_size = bytes * 8;
    maker->header.content_size = maker->used * 8;
    memcpy(recorder->packet, &maker->header, sizeof maker->header);
    recorder->last = maker->header;
    return recorder_packet(&recorder->host, recorder->packet, TRACE_PACKET_BYTES_MAX);
}

// Room for `bytes` more; ends the packet and begins one after it if there is none.
static int reserve(struct maker *maker, uint32_t bytes)
{
    if (maker->used + bytes + 8 <= TRACE_PACKET_BYTES_MAX)
        return STATUS_OK;
    int status = finish(maker);
    maker->header.timestamp_begin = maker->header.timestamp_end;
    maker->header.packet_seq_num++;
    maker->header.serial_first = maker->recorder->serial_next;
    maker->recorder->packets_added++;
    begin(maker);
    return status;
}

static uint32_t header_of(const struct maker *maker, uint32_t id)
{
    return id | (uint32_t)maker->header.timestamp_end << TRACE_ID_BITS;
}

// A site that the trace does not define: what was lost with the last packet of a crashed program.
static uint16_t known_site(const struct qemu_recorder *recorder, uint16_t site)
{
    if (site == TRACE_SITE_MORE)
        return recorder->is_more_site ? site : 0;
    return site <= recorder->site_max ? site : 0;
}

static void put_event(struct maker *maker, const struct wire_record *record, uint32_t first,
                      uint32_t second)
{
    uint8_t *at = maker->recorder->packet + maker->used;
    uint16_t site = known_site(maker->recorder, record->site);
    if (record->event == TRACE_ID_flash_load) {
        struct trace_wire_flash_load event = {.header = header_of(maker, TRACE_ID_flash_load),
                                              .addr = record->a,
                                              .width = record->what,
                                              .pc = record->b,
                                              .site = site,
                                              .times = first};
        memcpy(at, &event, sizeof event);
        maker->used += sizeof event;
    } else if (record->event == TRACE_ID_cache_miss) {
        struct trace_wire_cache_miss event = {.header = header_of(maker, TRACE_ID_cache_miss),
                                              .use = record->what,
                                              .addr = record->a,
                                              .pc = record->b,
                                              .site = site,
                                              .times = first};
        memcpy(at, &event, sizeof event);
        maker->used += sizeof event;
    } else {
        struct trace_wire_machine_code event = {.header = header_of(maker, TRACE_ID_machine_code),
                                                .pc = record->b,
                                                .site = site,
                                                .instructions = first,
                                                .fetches = second};
        memcpy(at, &event, sizeof event);
        maker->used += sizeof event;
    }
}

// A sum of more than 32 bits becomes several events.
static int put_record(struct maker *maker, const struct wire_record *record)
{
    uint64_t first = record->first, second = record->second;
    do {
        int status = reserve(maker, EVENT_BYTES);
        if (status != STATUS_OK)
            return status;
        uint32_t a = first > UINT32_MAX ? UINT32_MAX : (uint32_t)first;
        uint32_t b = second > UINT32_MAX ? UINT32_MAX : (uint32_t)second;
        put_event(maker, record, a, b);
        first -= a;
        second -= b;
    } while (first || second);
    return STATUS_OK;
}

static int put_records(struct maker *maker)
{
    struct qemu_recorder *recorder = maker->recorder;
    int status = STATUS_OK;
    for (size_t i = 0; i < recorder->record_count && status == STATUS_OK; i++)
        status = put_record(maker, &recorder->records[i]);
    recorder->record_count = 0;
    return status;
}

// ---- packets of the firmware ----

struct content {
    uint32_t end_off; // of the event `end`, or of the content's end
    uint32_t block_count;
};

// What is in a packet: where sums go, blocks of the heap, sites.
static int look_at(struct qemu_recorder *recorder, const uint8_t *packet, uint32_t bytes,
                   uint64_t clock, struct content *content)
{
    struct trace_event event = {.clock = clock};
    uint32_t at = TRACE_PACKET_HEADER_BYTES;
    *content = (struct content){.end_off = bytes};
    while (at < bytes) {
        int32_t n = trace_decode(packet + at, bytes - at, &event);
        if (n <= 0)
            return damaged(recorder, "an event that cannot be read");
        content->end_off = event.id == TRACE_ID_end ? at : bytes;
        content->block_count += event.id == TRACE_ID_alloc || event.id == TRACE_ID_string_new;
        if (event.id == TRACE_ID_site && event.site.id == TRACE_SITE_MORE)
            recorder->is_more_site = true;
        else if (event.id == TRACE_ID_site && event.site.id > recorder->site_max)
            recorder->site_max = event.site.id;
        at += (uint32_t)n;
    }
    return STATUS_OK;
}

static int take_packet(struct qemu_recorder *recorder, const uint8_t *packet)
{
    struct maker maker = {.recorder = recorder};
    memcpy(&maker.header, packet, sizeof maker.header);
    uint32_t bytes = maker.header.content_size / 8;
    struct content content;
    int status = look_at(recorder, packet, bytes, maker.header.timestamp_begin, &content);
    if (status != STATUS_OK)
        return status;
    maker.header.packet_seq_num += recorder->packets_added;
    begin(&maker);
    memcpy(recorder->packet + maker.used, packet + maker.used, content.end_off - maker.used);
    maker.used = content.end_off;
    recorder->serial_next = maker.header.serial_first + content.block_count;
    status = put_records(&maker);
    uint32_t tail_bytes = bytes - content.end_off;
    if (status == STATUS_OK)
        status = reserve(&maker, tail_bytes);
    memcpy(recorder->packet + maker.used, packet + content.end_off, tail_bytes);
    maker.used += tail_bytes;
    return status == STATUS_OK ? finish(&maker) : status;
}

// ---- blocks of the plugin ----

static bool is_record(const struct wire_record *r)
{
    bool is_event = r->event == TRACE_ID_flash_load || r->event == TRACE_ID_machine_code ||
                    (r->event == TRACE_ID_cache_miss && r->what < FLASH_USE_COUNT);
    return is_event && r->first <= SUM_MAX && r->second <= SUM_MAX;
}

static int take_block(struct qemu_recorder *recorder, const uint8_t *data)
{
    struct wire_block block;
    memcpy(&block, data, sizeof block);
    if (block.flags & WIRE_HELLO) {
        recorder->emulator = (pid_t)block.process;
        return STATUS_OK;
    }
    recorder->totals = block.totals;
    recorder->host.result->is_cut |= (block.flags & WIRE_CUT) != 0;
    size_t wanted = recorder->record_count + block.record_count;
    if (wanted > recorder->record_room) {
        struct wire_record *records = realloc(recorder->records, wanted * sizeof *records);
        if (!records)
            return problem_set(recorder->host.problem, STATUS_NO_MEMORY, (struct text){0},
                               PROBLEM_NO_OFF, "cannot allocate %zu sums", wanted);
        recorder->records = records;
        recorder->record_room = wanted;
    }
    if (block.record_count)
        memcpy(recorder->records + recorder->record_count, data + sizeof block,
               block.record_count * sizeof *recorder->records);
    for (; recorder->record_count < wanted; recorder->record_count++)
        if (!is_record(&recorder->records[recorder->record_count]))
            return damaged(recorder, "a wrong checksum");
    return STATUS_OK;
}

// ---- the pipe ----

// Bytes of the item at the head of the queue; 0: more must come first.
static int64_t item_bytes(struct qemu_recorder *recorder, const uint8_t *at, size_t bytes)
{
    uint32_t magic;
    if (bytes < TRACE_PACKET_HEADER_BYTES)
        return 0;
    memcpy(&magic, at, sizeof magic);
    if (magic == WIRE_MAGIC) {
        struct wire_block block;
        if (bytes < sizeof block)
            return 0;
        memcpy(&block, at, sizeof block);
        if (block.record_count > RECORDS_MAX)
            return damaged(recorder, "a block that is too long");
        return (int64_t)(sizeof block + block.record_count * sizeof(struct wire_record));
    }
    struct trace_packet_header header;
    memcpy(&header, at, sizeof header);
    uint32_t packet_bytes = header.packet_size / 8;
    if (magic != TRACE_MAGIC || header.packet_size % 64 != 0 || packet_bytes > TRACE_PACKET_BYTES ||
        header.content_size / 8 > packet_bytes ||
        header.content_size / 8 < TRACE_PACKET_HEADER_BYTES)
        return damaged(recorder, "what is neither a packet nor a block");
    return packet_bytes;
}

static int append(struct qemu_recorder *recorder, const uint8_t *data, size_t bytes)
{
    size_t wanted = recorder->queue_bytes + bytes;
    if (wanted > recorder->queue_room) {
        uint8_t *queue = realloc(recorder->queue, wanted * 2);
        if (!queue)
            return problem_set(recorder->host.problem, STATUS_NO_MEMORY, (struct text){0},
                               PROBLEM_NO_OFF, "cannot allocate %zu bytes for data of the emulator",
                               wanted);
        recorder->queue = queue;
        recorder->queue_room = wanted * 2;
    }
    memcpy(recorder->queue + recorder->queue_bytes, data, bytes);
    recorder->queue_bytes = wanted;
    return STATUS_OK;
}

int qemu_merge(struct qemu_recorder *recorder, const uint8_t *data, size_t bytes)
{
    int status = append(recorder, data, bytes);
    size_t done = 0;
    while (status == STATUS_OK) {
        const uint8_t *at = recorder->queue + done;
        int64_t item = item_bytes(recorder, at, recorder->queue_bytes - done);
        if (item < 0)
            return (int)item;
        if (item == 0 || (size_t)item > recorder->queue_bytes - done)
            break;
        uint32_t magic;
        memcpy(&magic, at, sizeof magic);
        status = magic == WIRE_MAGIC ? take_block(recorder, at) : take_packet(recorder, at);
        done += (size_t)item;
    }
    memmove(recorder->queue, recorder->queue + done, recorder->queue_bytes - done);
    recorder->queue_bytes -= done;
    return status;
}

int qemu_merge_rest(struct qemu_recorder *recorder)
{
    if (recorder->record_count == 0 || recorder->host.result->packet_count == 0)
        return STATUS_OK;
    struct maker maker = {.recorder = recorder, .header = recorder->last};
    maker.header.timestamp_begin = maker.header.timestamp_end;
    maker.header.packet_seq_num++;
    maker.header.serial_first = recorder->serial_next;
    begin(&maker);
    int status = put_records(&maker);
    return status == STATUS_OK ? finish(&maker) : status;
}
