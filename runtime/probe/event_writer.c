// event_writer.c: the functions after the probes: each makes an event of trace_events.h.
//
// Writes: packets in the ring. Memory: that of probe_start, outside the heap and both ledgers.
// Context: the interpreter's thread. While the writer asks the core (where are we?), probes that
// the core fires are ignored.

#include <assert.h>
#include <string.h>

#include "runtime/format/address_map.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/libc_loads.h"
#include "runtime/probe/doorbell.h"
#include "runtime/probe/loads.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/sources.h"
#include "runtime/probe/start.h"
#include "runtime/probe/writer.h"

#define STRING_HEADER_BYTES 16u
#define HEAP_WALK_BYTES_MAX 0x100000u // a larger heap takes too long to walk

uint64_t probe_clock;
struct probe_literals probe_literals;
struct probe_filter probe_filter = {.kept = UINT64_MAX};

// ---- start and end ----

const struct probe_sizes probe_sizes_usual = {
    .flash_ids = 4096,
    .site_cache = 8192,
    .site_room = TRACE_SITE_MORE,
    .site_heads = 65536,
    .name_room = 65536,
    .name_heads = 16384,
    .counter_room = 2048,
    .counter_heads = 4096,
    .tail_bytes_max = TRACE_TEXT_BYTES_MAX,
};

void *probe_take(struct probe_pool *pool, size_t wanted)
{
    wanted = (wanted + 15) & ~(size_t)15;
    if (pool->bytes < wanted)
        return NULL;
    void *taken = pool->memory;
    pool->memory = (char *)taken + wanted;
    pool->bytes -= wanted;
    return taken;
}

void probe_literals_between(const char *begin, const char *end)
{
    probe_literals.begin = (uintptr_t)begin;
    probe_literals.bytes = (uintptr_t)end - (uintptr_t)begin;
}

size_t probe_memory_bytes(size_t heap_bytes)
{
    return texts_bytes(heap_bytes) + sites_bytes() + counters_bytes();
}

int probe_start(const struct probe_setup *setup)
{
    struct probe_writer *w = &probe_writer;
    struct probe_pool pool = {setup->memory, setup->memory_bytes};
    struct probe_pool word_pool = {setup->words, setup->word_bytes};
    struct probe_pool *words = setup->words ? &word_pool : &pool;
    *w = (struct probe_writer){
        .ring = setup->ring,
        .port = setup->port,
        .now_ns = setup->now_ns,
        .after = setup->after,
        .sizes = setup->sizes ? *setup->sizes : probe_sizes_usual,
        .flags = setup->flags,
        .stack_depth = setup->stack_depth < STACK_FRAMES_MAX ? setup->stack_depth
                                                             : STACK_FRAMES_MAX,
        .heap_bytes = setup->heap_bytes,
    };
    if (!ring_is_ours(setup->ring))
        return 0;
    w->is_on = counters_init(&pool) && sites_init(&pool) && texts_init(words, setup->heap_bytes);
    return w->is_on;
}

void probe_stop(void)
{
    struct probe_writer *w = &probe_writer;
    if (!w->is_on)
        return;
    w->is_on = 0;
    doorbell_packet(1);
    packet_end();
    ring_close(w->ring, &w->port);
}

// ---- helpers ----

// Every probe stands between enter() and leave(); 0: the probe is to be ignored.
static int enter(void)
{
    if (!probe_writer.is_on || probe_writer.is_busy)
        return 0;
    assert(!probe_writer.is_inside);
    probe_writer.is_inside = 1;
    doorbell_enter();
    return 1;
}

static void leave(void)
{
    struct probe_writer *w = &probe_writer;
    w->is_inside = 0;
    doorbell_leave();
    if (w->after)
        w->after();
    if (__builtin_expect(w->deferred != NULL, 0)) {
        void (*then)(int) = w->deferred;
        w->deferred = NULL;
        then(w->deferred_argument);
    }
}

int probe_defer(void (*then)(int), int argument)
{
    struct probe_writer *w = &probe_writer;
    if (!w->is_inside)
        return 0;
    w->deferred_argument = argument;
    w->deferred = then;
    return 1;
}

void writer_look(struct lua_State *L, struct probe_site *site)
{
    if (!L) {
        *site = (struct probe_site){0};
        return;
    }
    probe_writer.is_busy++;
    probe_site_current(L, site);
    probe_writer.is_busy--;
}

static uint16_t site_of(struct lua_State *L)
{
    struct probe_site site;
    writer_look(L, &site);
    return sites_id(L, &site);
}

static uint32_t addr_of(const void *block)
{
    return (uint32_t)(uintptr_t)block;
}

// ---- what is written, and again ----

void probe_forget(void)
{
    if (probe_writer.forget == FORGET_NOTHING)
        probe_writer.forget = FORGET_ON_REQUEST;
}

void probe_flush(void)
{
    probe_writer.is_flush_wanted = 1;
}

// Between two events none of which holds on to an id that it has looked up.
static void __attribute__((noinline)) renew(void)
{
    struct probe_writer *w = &probe_writer;
    // What is in the open packet may refer to definitions that were lost with the one before.
    if (w->packet && w->forget == FORGET_AFTER_LOSS)
        packet_abandon();
    packet_end(); // may itself be dropped, which comes to the same
    w->is_flush_wanted = 0;
    if (w->forget == FORGET_NOTHING)
        return;
    texts_forget();
    sites_forget();
    w->generation = (uint32_t)w->sequence;
    w->forget = FORGET_NOTHING;
}

// enter() for events that look ids up.
static int enter_for_ids(void)
{
    if (!enter())
        return 0;
    if (__builtin_expect(probe_writer.forget != FORGET_NOTHING || probe_writer.is_flush_wanted, 0))
        renew();
    return 1;
}

// Is an event of this kind written? If not, it is counted. (Inlined, `id` is a constant and the
// test one of a bit.)
static inline __attribute__((always_inline)) int wants(int id)
{
    if (probe_filter.kept >> id & 1)
        return 1;
    probe_filter.left_out++;
    return 0;
}

// The same for an event about a block of `bytes` at the site that was just looked up.
static inline __attribute__((always_inline)) int wants_block(int id, size_t bytes)
{
    if (!(probe_filter.kept >> id & 1) || bytes < probe_filter.bytes_min ||
        probe_writer.sites.is_quiet) {
        probe_filter.left_out++;
        return 0;
    }
    return 1;
}

static inline __attribute__((always_inline)) int wants_site(int id)
{
    return wants_block(id, SIZE_MAX);
}

int writer_enter(void)
{
    return enter();
}

void writer_leave(void)
{
    leave();
}

int writer_wants(int id)
{
    return wants(id);
}

uint16_t writer_site(struct lua_State *L)
{
    return site_of(L);
}

// ---- heap ----

static void write_alloc(const void *block, size_t bytes, int kind, uint16_t site)
{
    struct trace_wire_alloc *event = packet_event(TRACE_ID_alloc, sizeof *event);
    event->addr = addr_of(block);
    event->bytes = (uint32_t)bytes;
    event->kind = (uint8_t)kind;
    event->site = site;
    probe_writer.serial++;
}

void probe_alloc(struct lua_State *L, const void *block, size_t bytes, int kind)
{
    if (kind == KIND_STRING || !enter_for_ids()) // strings: probe_string_new
        return;
    uint16_t site = site_of(L);
    if (kind == KIND_PROTO)
        texts_note_proto(addr_of(block));
    if (kind == KIND_CODE)
        doorbell_code(addr_of(block), (uint32_t)bytes);
    if (wants_block(TRACE_ID_alloc, bytes))
        write_alloc(block, bytes, kind, site);
    else
        texts_note_quiet(addr_of(block));
    leave();
}

int probe_site_id(struct lua_State *L)
{
    if (!enter())
        return 0;
    int site = site_of(L);
    leave();
    return site;
}

// A block that was left out so far stays so, or begins now. Result: 1 if it is one that is written.
static int resize_is_written(const void *old_block, const void *block, size_t bytes, int kind,
                             uint16_t site)
{
    int was_quiet = texts_note_free(addr_of(old_block));
    if (!was_quiet)
        return wants(TRACE_ID_resize);
    if (wants_block(TRACE_ID_alloc, bytes))
        write_alloc(block, bytes, kind, site);
    else
        texts_note_quiet(addr_of(block));
    return 0;
}

void probe_resize(struct lua_State *L, int site, const void *old_block, const void *block,
                  size_t bytes, int kind)
{
    if (!enter())
        return;
    if (site == PROBE_SITE_NOW)
        site = site_of(L);
    if (kind == KIND_CODE)
        doorbell_code(addr_of(block), (uint32_t)bytes);
    if (!resize_is_written(old_block, block, bytes, kind, (uint16_t)site)) {
        leave();
        return;
    }
    struct trace_wire_resize *event = packet_event(TRACE_ID_resize, sizeof *event);
    event->old_addr = addr_of(old_block);
    event->addr = addr_of(block);
    event->bytes = (uint32_t)bytes;
    event->kind = (uint8_t)kind;
    event->site = (uint16_t)site;
    leave();
}

void probe_compaction(struct lua_State *L, int site, int reason, uint32_t moves,
                      uint32_t moved_bytes, uint32_t largest_before, uint32_t largest)
{
    (void)L;
    if (!enter())
        return;
    if (wants(TRACE_ID_compaction)) {
        struct trace_wire_compaction *event = packet_event_extended(TRACE_ID_compaction,
                                                                    sizeof *event);
        event->reason = (uint8_t)reason;
        event->moves = moves;
        event->moved_bytes = moved_bytes;
        event->largest_before = largest_before;
        event->largest = largest;
        event->site = (uint16_t)site;
    }
    leave();
}

void probe_free(struct lua_State *L, const void *block)
{
    (void)L;
    if (!enter())
        return;
    if (texts_note_free(addr_of(block))) {
        probe_filter.left_out++;
    } else if (wants(TRACE_ID_free)) {
        struct trace_wire_free *event = packet_event(TRACE_ID_free, sizeof *event);
        event->addr = addr_of(block);
    }
    leave();
}

static void write_heap(struct lua_State *L)
{
    struct probe_heap_figures figures = {0};
    if (!wants(TRACE_ID_heap))
        return;
    probe_writer.is_busy++;
    probe_heap_figures(L, &figures);
    probe_writer.is_busy--;
    struct trace_wire_heap *event = packet_event(TRACE_ID_heap, sizeof *event);
    event->lua_bytes = figures.lua_bytes;
    event->heap_used = figures.heap_used;
    event->free_largest = figures.free_largest;
    event->free_blocks = figures.free_blocks;
    event->strings = figures.strings;
}

void probe_heap(struct lua_State *L)
{
    if (!enter())
        return;
    write_heap(L);
    leave();
}

// ---- strings ----

// Does `from` begin at a multiple of 4 on the chip? There the compiler aligns constants and buffers
// of C code; parts of Lua strings may lie anywhere.
static int is_aligned(const char *from)
{
    uint32_t addr = addr_of(from);
    if (addr % 4 == 0 || (uint64_t)(uintptr_t)from >> 32)
        return 1;
    return addr - probe_writer.texts.heap_addr >= probe_writer.heap_bytes &&
           !sources_is_in_image(addr);
}

void probe_string_new(struct lua_State *L, const char *text, const char *from, unsigned probes,
                      unsigned origin)
{
    if (!enter_for_ids())
        return;
    struct probe_site site;
    writer_look(L, &site);
    uint16_t site_number = sites_id(L, &site);
    uint32_t bytes = probe_string_bytes(text);
    int is_wanted = wants_block(TRACE_ID_string_new, STRING_HEADER_BYTES + bytes + 1);
    uint32_t id = is_wanted ? texts_id(text, bytes, 0) : texts_quiet_id(text, bytes, 0);
    if (id)
        origin = sources_of_making(L, &site, text, &probe_writer.texts.entries[id], origin);
    uint32_t block = addr_of(text) - STRING_HEADER_BYTES;
    texts_note_string(block, id);
    if (!is_wanted) {
        texts_note_quiet(block);
        leave();
        return;
    }
    struct trace_wire_string_new *event = packet_event(TRACE_ID_string_new, sizeof *event);
    event->addr = block;
    event->text = id;
    event->site = site_number;
    event->probes = probes < 127 ? probes & 127 : 127;
    event->is_unaligned = !is_aligned(from) & 1;
    event->origin = (uint8_t)origin;
    probe_writer.serial++;
    leave();
}

void probe_string_found(struct lua_State *L, const char *text, const char *from, unsigned probes,
                        int place, unsigned origin)
{
    if (!enter_for_ids())
        return;
    struct probe_site site;
    writer_look(L, &site);
    uint16_t site_number = sites_id(L, &site);
    int is_wanted = wants_site(TRACE_ID_string_found);
    uint32_t id = is_wanted ? texts_id_of_string(text) : texts_quiet_id_of_string(text);
    if (id)
        origin = sources_of_making(L, &site, text, &probe_writer.texts.entries[id], origin);
    if (is_wanted) {
        struct trace_wire_string_found *event = packet_event(TRACE_ID_string_found, sizeof *event);
        event->text = id;
        event->site = site_number;
        event->probes = probes < 63 ? probes & 63 : 63;
        event->is_unaligned = !is_aligned(from) & 1;
        event->place = place & 1;
        event->origin = (uint8_t)origin;
    }
    leave();
}

static void mark_secret(const char *text, uint16_t site)
{
    uint32_t id = texts_quiet_id_of_string(text);
    struct text_entry *entry = &probe_writer.texts.entries[id];
    if (id == 0 || entry->flags & TEXT_IS_SECRET)
        return;
    entry->flags |= TEXT_IS_SECRET;
    texts_id_of_string(text);
    struct trace_wire_text_secret *event = packet_event_extended(TRACE_ID_text_secret,
                                                                 sizeof *event);
    event->text = id;
    event->site = site;
}

void probe_secret(struct lua_State *L, const char *text)
{
    if (!enter_for_ids())
        return;
    mark_secret(text, site_of(L));
    leave();
}

void probe_secret_found(const char *text)
{
    if (probe_string_bytes(text) >= SOURCES_MARK_BYTES_MIN)
        mark_secret(text, 0);
}

void probe_string_table(struct lua_State *L, uint32_t slots, uint32_t strings, uint32_t chain_max)
{
    (void)L;
    if (!enter())
        return;
    if (wants(TRACE_ID_string_table)) {
        struct trace_wire_string_table *event = packet_event(TRACE_ID_string_table, sizeof *event);
        event->slots = slots;
        event->strings = strings;
        event->chain_max = chain_max;
    }
    leave();
}

void probe_text_taken(struct lua_State *L, const char *text)
{
    if (!enter())
        return;
    uint32_t id = texts_quiet_id_of_string(text);
    if (id) {
        struct probe_site site;
        writer_look(L, &site);
        sources_take(L, &site, sources_of_text(&probe_writer.texts.entries[id], 0));
    }
    leave();
}

// ---- collector ----

void probe_gc_begin(struct lua_State *L, int reason, uint32_t lua_bytes)
{
    (void)L;
    if (!enter())
        return;
    probe_writer.is_full_collection = reason != GC_REASON_STEP;
    places_begin();
    if (wants(TRACE_ID_gc_begin)) {
        struct trace_wire_gc_begin *event = packet_event(TRACE_ID_gc_begin, sizeof *event);
        event->reason = (uint8_t)reason;
        event->lua_bytes = lua_bytes;
        event->real_ns = probe_writer.now_ns();
    }
    leave();
}

void probe_gc_phase(struct lua_State *L, int phase, uint32_t lua_bytes)
{
    (void)L;
    if (probe_writer.is_full_collection || !enter())
        return;
    if (wants(TRACE_ID_gc_phase)) {
        struct trace_wire_gc_phase *event = packet_event(TRACE_ID_gc_phase, sizeof *event);
        event->phase = (uint8_t)phase;
        event->lua_bytes = lua_bytes;
    }
    leave();
}

void probe_gc_end(struct lua_State *L, int reason, uint32_t lua_bytes, uint32_t visited,
                  uint32_t freed)
{
    if (!enter())
        return;
    probe_writer.is_full_collection = 0;
    if (wants(TRACE_ID_gc_end)) {
        struct trace_wire_gc_end *event = packet_event(TRACE_ID_gc_end, sizeof *event);
        event->reason = (uint8_t)reason;
        event->lua_bytes = lua_bytes;
        event->visited = visited;
        event->freed = freed;
        event->real_ns = probe_writer.now_ns();
    }
    if (probe_writer.heap_bytes <= HEAP_WALK_BYTES_MAX &&
        probe_writer.heap_sequence != probe_writer.sequence + 1) {
        probe_writer.heap_sequence = probe_writer.sequence + 1;
        write_heap(L);
    }
    leave();
}

// ---- counters ----

// Who looks at the characters gets to know them; the C library only moves them.
static int is_told(int function)
{
    return function != CONTENT_COPY && function != CONTENT_INTERN;
}

// At the site that was just looked up. `text_id`: 0, or of the string whose characters are at
// `text`.
static void count_read_at(uint16_t site, const char *text, uint32_t text_id, size_t first,
                          size_t bytes, int function, uint32_t times)
{
    struct probe_writer *w = &probe_writer;
    struct counter counter = {
        .id = TRACE_ID_content_read,
        .site = site,
        .a = text_id,
        .b = (uint32_t)first,
        .c = (uint32_t)bytes,
        .what = (uint8_t)function,
        .times = times,
    };
    struct text_entry *entry = &w->texts.entries[counter.a];
    if (wants_site(TRACE_ID_content_read)) {
        if (text_id && !(entry->flags & TEXT_IS_TOLD))
            texts_id_of_string(text); // its definition
        counters_add(&counter);
    }
    entry->epoch = w->texts.epoch;
}

static void count_read(struct lua_State *L, const char *text, uint32_t text_id, size_t first,
                       size_t bytes, int function, uint32_t times)
{
    struct probe_site site;
    if (bytes == 0)
        return;
    writer_look(L, &site);
    count_read_at(sites_id(L, &site), text, text_id, first, bytes, function, times);
    if (text_id && is_told(function))
        sources_take(L, &site, sources_of_text(&probe_writer.texts.entries[text_id], 0));
}

void probe_content_reads(struct lua_State *L, const char *text, size_t first, size_t bytes,
                         int function, uint32_t times)
{
    if (bytes == 0 || !enter_for_ids())
        return;
    count_read(L, text, texts_quiet_id_of_string(text), first, bytes, function, times);
    leave();
}

void probe_content_read(struct lua_State *L, const char *text, size_t first, size_t bytes,
                        int function)
{
    probe_content_reads(L, text, first, bytes, function, 1);
}

static inline int may_move(const char *text, uint32_t id)
{
    return IN_WINDOW(text) || trace_origin_is_program(text_least(&probe_writer.texts.entries[id]));
}

// The id of a string that is in flash, or that a list can move there; 0: it is neither.
static uint32_t movable_id(const char *text)
{
    uint32_t id = texts_quiet_id_of_string(text);
    return id && may_move(text, id) ? id : 0;
}

void probe_number_read(struct lua_State *L, const char *text, size_t bytes)
{
    if (bytes == 0 || !enter_for_ids())
        return;
    uint32_t id = texts_quiet_id_of_string(text);
    struct probe_site site;
    writer_look(L, &site);
    uint16_t at = sites_id(L, &site);
    if (id && may_move(text, id)) {
        size_t behind, end = libc_number_end(text, &behind);
        if (behind)
            count_read_at(at, text, id, end, behind, CONTENT_TONUMBER, 1);
        bytes = end + 1;
    }
    count_read_at(at, text, id, 0, bytes, CONTENT_TONUMBER, 1);
    if (id)
        sources_take(L, &site, sources_of_text(&probe_writer.texts.entries[id], 0));
    leave();
}

void probe_text_copied(struct lua_State *L, const char *text, size_t first, size_t bytes, size_t to)
{
    size_t loads = libc_copy_loads(to, first, bytes);
    if (loads == 0 || !enter_for_ids())
        return;
    uint32_t id = movable_id(text);
    if (id)
        count_read(L, text, id, first, loads, CONTENT_COPY, 1);
    leave();
}

// Where texts are being joined: one place for all of them.
static uint16_t joined_at;

unsigned probe_text_joined(const char *text, size_t bytes, size_t to, int *is_other_as_constant)
{
    uint32_t id = texts_quiet_id_of_string(text);
    *is_other_as_constant = 0;
    if (id == 0)
        return TRACE_ORIGIN_INPUT;
    size_t loads = libc_copy_loads(to, 0, bytes);
    if (loads && may_move(text, id))
        count_read_at(joined_at, text, id, 0, loads, CONTENT_COPY, 1);
    const struct text_entry *entry = &probe_writer.texts.entries[id];
    *is_other_as_constant = bytes <= SOURCES_SHORT_BYTES && text_last(entry) != text_least(entry);
    return sources_of_text(entry, 0);
}

unsigned probe_joined(struct lua_State *L, const struct value *first, int count)
{
    if (!enter_for_ids())
        return 0;
    joined_at = site_of(L);
    probe_writer.is_busy++;
    unsigned sources = probe_site_values(L, first, count);
    probe_writer.is_busy--;
    leave();
    return sources;
}

int probe_may_move(const char *text)
{
    if (!enter_for_ids())
        return 0;
    uint32_t id = movable_id(text);
    leave();
    return id != 0;
}

void probe_text_compared(struct lua_State *L, const char *text, size_t first, size_t bytes)
{
    if (!enter_for_ids())
        return;
    count_read(L, text, texts_quiet_id_of_string(text), first,
               libc_compare_loads(first % 4 == 0, bytes), CONTENT_INTERN, 1);
    leave();
}

void probe_texts_differ(struct lua_State *L, const char *text, const char *from, size_t bytes)
{
    if (bytes == 0 || !enter_for_ids())
        return;
    size_t at = probe_same_bytes(text, from, bytes);
    size_t loads = libc_differ_loads(is_aligned(from), bytes, at);
    count_read(L, text, texts_quiet_id_of_string(text), at + 1 - loads, loads, CONTENT_INTERN, 1);
    leave();
}

// C code hands over texts of its own most of the time.
static inline int lies_where_strings_do(const char *text)
{
    return (uintptr_t)text - probe_writer.texts.heap_addr < probe_writer.heap_bytes ||
           ((uint64_t)(uintptr_t)text >> 32 == 0 && IN_WINDOW(text));
}

// The id of the Lua string that has these characters and no more, 0 if it is none: a constant of
// ours, or a part of a string.
static uint32_t whole_string_id(const char *text, size_t bytes)
{
    uint32_t addr = addr_of(text);
    if (IN_WINDOW(addr) && (addr % 4 != 0 || !IN_WINDOW(addr - sizeof(struct lfs_string)) ||
                            probe_string_bytes(text) != bytes))
        return 0;
    uint32_t id = texts_quiet_id_of_string(text);
    return id && probe_writer.texts.entries[id].bytes == bytes ? id : 0;
}

void probe_text_hashed(struct lua_State *L, const char *text, size_t bytes)
{
    if (bytes == 0 || !lies_where_strings_do(text) || !enter_for_ids())
        return;
    uint32_t id = whole_string_id(text, bytes);
    if (id) {
        count_read(L, text, id, 0, bytes / ((bytes >> 5) + 1), CONTENT_HASH, 1);
        if (movable_id(text)) // it is there: compared with itself
            count_read(L, text, id, 0, libc_compare_loads(1, bytes), CONTENT_INTERN, 1);
    }
    leave();
}

void probe_text_added(struct lua_State *L, const char *text, size_t bytes)
{
    if (bytes == 0 || !lies_where_strings_do(text) || !enter_for_ids())
        return;
    uint32_t id = whole_string_id(text, bytes);
    if (id)
        count_read(L, text, id, 0, bytes, CONTENT_BUFFER, 1);
    leave();
}

size_t probe_same_bytes(const char *a, const char *b, size_t bytes_max)
{
    size_t same = 0;
    while (same < bytes_max && a[same] == b[same])
        same++;
    return same;
}

void probe_vm_event(struct lua_State *L, int what, const void *object)
{
    probe_vm_events(L, what, object, 1);
}

void probe_vm_events(struct lua_State *L, int what, const void *object, uint32_t times)
{
    if (!enter_for_ids())
        return;
    int is_visit = what == VM_VISIT_STRING || what == VM_VISIT_PROTO;
    struct counter counter = {
        .id = TRACE_ID_vm_event,
        .site = is_visit ? 0 : site_of(L), // where a collection happens to start says nothing
        .a = addr_of(object),
        .what = (uint8_t)what,
        .times = times,
    };
    if (is_visit ? wants(TRACE_ID_vm_event) : wants_site(TRACE_ID_vm_event))
        counters_add(&counter);
    leave();
}

void probe_flash_load(struct lua_State *L, uint32_t addr, unsigned width, uint32_t pc)
{
    if (!enter_for_ids())
        return;
    struct counter counter = {
        .id = TRACE_ID_flash_load,
        .site = site_of(L),
        .a = addr & ~3u,
        .b = pc,
        .what = (uint8_t)width,
        .times = 1,
    };
    if (wants_site(TRACE_ID_flash_load))
        counters_add(&counter);
    leave();
}
