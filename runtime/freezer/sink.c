// sink.c: the words of a block: measured, compared with what lies in flash, or programmed.
//
// Reads and writes: the device of the area. Memory: the sink, the caller's. The same words are
// given several times rather than kept, so that a function of any size needs no buffer of its size.

#include <assert.h>
#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area.h"
#include "runtime/freezer/area_parts.h"

static void flush(struct frozen_sink *sink)
{
    uint32_t bytes = 4 * sink->buffered;
    if (bytes == 0)
        return;
    sink->crc = inflate_crc(sink->crc, sink->buffer, bytes);
    if (sink->mode == FROZEN_WRITE && sink->status == STATUS_OK)
        sink->status = flash_program(sink->area->device, sink->area->off + sink->off, sink->buffer,
                                     bytes);
    sink->off += bytes;
    sink->buffered = 0;
}

static void store(struct frozen_sink *sink, uint32_t word)
{
    sink->stored++;
    sink->buffer[sink->buffered++] = word;
    if (sink->buffered == FROZEN_BUFFER_WORDS)
        flush(sink);
}

static void mark(struct frozen_sink *sink, int is_address)
{
    sink->bits |= (uint32_t)is_address << sink->words % 32;
    if (++sink->words % 32 == 0) {
        store(sink, sink->bits);
        sink->bits = 0;
    }
}

// `mixed` goes into the hash.
static void put(struct frozen_sink *sink, uint32_t word, uint32_t mixed, int is_address)
{
    if (sink->is_marking) {
        mark(sink, is_address);
        return;
    }
    sink->hash = frozen_mix(sink->hash, mixed);
    if (sink->mode != FROZEN_COMPARE)
        store(sink, word);
    else if (!sink->differs && sink->at[sink->words] != word)
        sink->differs = 1;
    sink->words++;
}

void frozen_put(struct frozen_sink *sink, uint32_t word)
{
    put(sink, word, word, 0);
}

void frozen_put_address(struct frozen_sink *sink, uint32_t addr)
{
    put(sink, addr, addr, addr != 0);
}

void frozen_put_inner(struct frozen_sink *sink, uint32_t rel)
{
    put(sink, sink->addr + rel, rel, 1);
}

void frozen_put_bytes(struct frozen_sink *sink, const void *data, uint32_t bytes)
{
    const uint8_t *at = data;
    while (bytes > 0) {
        uint32_t word = 0, part = bytes < 4 ? bytes : 4;
        memcpy(&word, at, part);
        frozen_put(sink, word);
        at += part;
        bytes -= part;
    }
}

void frozen_run(struct frozen_sink *sink, const struct frozen_item *item)
{
    item->emit(sink, item->object);
    assert(sink->words == (item->bytes + 3) / 4);
    if (freezer_bit_words(item->kind, item->bytes) > 0) {
        sink->is_marking = 1;
        sink->words = 0;
        item->emit(sink, item->object);
        if (sink->words % 32 != 0)
            store(sink, sink->bits);
    }
    if (sink->stored % 2 != 0)
        store(sink, 0);
    assert(4 * sink->stored == freezer_body_bytes(item->kind, item->bytes));
    flush(sink);
}
