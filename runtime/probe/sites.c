// sites.c: ids of sites and of the names that sites use.
//
// A cache by (function, instruction, C function) makes the usual case one look-up, so the line of
// an instruction is decoded once. Functions in RAM go by a number that is never given twice, so
// entries of freed ones cannot match; functions in flash go by their address.
// Memory: that of probe_start.

#include "runtime/format/address_map.h"
#include "runtime/probe/doorbell.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/writer.h"

#include <assert.h>
#include <string.h>

#define SPARE_IDS 4u           // for what is defined before the new generation begins
#define STACKS_OF_4 3u         // of 4 ids, at most so many are stacks
#define SITE_IS_QUIET 0x10000u // in place of an id: the filter leaves this chunk out

int sites_init(struct probe_pool *pool)
{
    struct site_table *t = &probe_writer.sites;
    const struct probe_sizes *sizes = &probe_writer.sizes;
    t->cache = probe_take(pool, sizes->site_cache * sizeof *t->cache);
    t->entries = probe_take(pool, sizes->site_room * sizeof *t->entries);
    t->site_next = probe_take(pool, sizes->site_room * sizeof *t->site_next);
    t->site_heads = probe_take(pool, sizes->site_heads * sizeof *t->site_heads);
    t->names = probe_take(pool, sizes->name_room * sizeof *t->names);
    t->name_heads = probe_take(pool, sizes->name_heads * sizeof *t->name_heads);
    t->site_count = 1;
    t->name_count = 1;
    return t->cache && t->entries && t->site_next && t->site_heads && t->names && t->name_heads;
}

size_t sites_bytes(void)
{
    const struct probe_sizes *sizes = &probe_sizes_usual;
    return sizes->site_cache * sizeof(struct site_cache_entry) +
           sizes->site_room * (sizeof(struct site_entry) + sizeof(uint16_t)) +
           sizes->site_heads * sizeof(uint16_t) + sizes->name_room * sizeof(struct name_entry) +
           sizes->name_heads * sizeof(uint32_t) + 96;
}

void sites_boot(void)
{
    memset(probe_writer.sites.cache, 0,
           probe_writer.sizes.site_cache * sizeof(struct site_cache_entry));
    probe_writer.sites.stack.count = 0;
    probe_writer.sites.last.clock = UINT64_MAX;
}

void sites_forget(void)
{
    struct site_table *t = &probe_writer.sites;
    const struct probe_sizes *sizes = &probe_writer.sizes;
    assert(!probe_writer.packet); // its events refer to what is forgotten
    sites_boot();
    memset(t->site_heads, 0, sizes->site_heads * sizeof *t->site_heads);
    memset(t->name_heads, 0, sizes->name_heads * sizeof *t->name_heads);
    t->site_count = 1;
    t->name_count = 1;
    t->is_more_defined = 0;
}

// A small table is nearly full: its ids start again soon, where readers are told of it.
static void begin_anew_soon(uint32_t count, uint32_t room)
{
    if (probe_writer.sizes.site_room < TRACE_SITE_MORE && count + SPARE_IDS >= room)
        probe_forget();
}

// The id of a name, 0 for none and when there are too many. `is_private`: the program has given it,
// so that it is hidden where texts are.
static uint32_t name_id(const char *text, uint32_t bytes, int is_private)
{
    char hidden[TRACE_HIDDEN_NAME_BYTES];
    struct site_table *t = &probe_writer.sites;
    if (bytes == 0)
        return 0;
    if (bytes > NAME_BYTES_MAX)
        bytes = NAME_BYTES_MAX;
    if (bytes > probe_writer.sizes.tail_bytes_max)
        bytes = probe_writer.sizes.tail_bytes_max;
    uint64_t hash = trace_text_hash(text, bytes);
    if (is_private && probe_writer.flags & PROBE_START_NO_TEXT) {
        trace_hidden_name(hidden, hash);
        text = hidden;
        bytes = sizeof hidden;
    }
    uint32_t *head = &t->name_heads[hash & (probe_writer.sizes.name_heads - 1)];
    for (uint32_t id = *head; id; id = t->names[id].next)
        if (t->names[id].hash == hash && t->names[id].bytes == bytes)
            return id;
    if (t->name_count == probe_writer.sizes.name_room)
        return 0;
    uint32_t id = t->name_count++;
    begin_anew_soon(t->name_count, probe_writer.sizes.name_room);
    t->names[id] = (struct name_entry){.hash = hash, .bytes = bytes, .next = *head};
    *head = id;
    probe_writer.definition_count++;
    struct trace_wire_name *event = packet_event(TRACE_ID_name, sizeof *event + bytes);
    event->id = id;
    event->text_bytes = (uint16_t)bytes;
    memcpy(event + 1, text, bytes);
    return id;
}

static void define_stack(uint32_t id, const struct site_entry *entry)
{
    struct trace_wire_stack *event = packet_event_extended(TRACE_ID_stack, sizeof *event);
    event->id = (uint16_t)id;
    event->site = (uint16_t)entry->line;
    event->caller = (uint16_t)entry->defined;
}

static void define_site(uint32_t id, const struct site_entry *entry)
{
    probe_writer.definition_count++;
    if (entry->source == SITE_IS_STACK) {
        define_stack(id, entry);
        return;
    }
    struct trace_wire_site *event = packet_event(TRACE_ID_site, sizeof *event);
    event->id = (uint16_t)id;
    event->source = entry->source;
    event->line = entry->line;
    event->defined = entry->defined;
    event->function = entry->function;
    event->nth = (uint16_t)entry->nth;
}

static uint16_t site_more(void)
{
    static const char name[] = "(more sites than the trace can tell apart)";
    if (!probe_writer.sites.is_more_defined) {
        probe_writer.sites.is_more_defined = 1;
        struct site_entry entry = {.source = name_id(name, sizeof name - 1, 0)};
        define_site(TRACE_SITE_MORE, &entry);
    }
    return TRACE_SITE_MORE;
}

// The id of an entry; `full` if it is new and there are `room` ids.
static uint16_t find_or_define(const struct site_entry *wanted, uint32_t room, uint16_t full)
{
    struct site_table *t = &probe_writer.sites;
    uint64_t hash = trace_text_hash(wanted, sizeof *wanted);
    uint32_t heads = probe_writer.sizes.site_heads;
    uint16_t *head = &t->site_heads[(hash ^ hash >> 32) & (heads - 1)];
    for (uint32_t id = *head; id; id = t->site_next[id])
        if (memcmp(&t->entries[id], wanted, sizeof *wanted) == 0)
            return (uint16_t)id;
    if (t->site_count >= room)
        return full ? full : site_more();
    uint32_t id = t->site_count++;
    begin_anew_soon(t->site_count, probe_writer.sizes.site_room);
    t->entries[id] = *wanted;
    t->site_next[id] = *head;
    *head = (uint16_t)id;
    define_site(id, wanted);
    return (uint16_t)id;
}

// Is the chunk of this name left out?
static int is_left_out(const char *source, uint32_t bytes)
{
    size_t wanted = strlen(probe_filter.chunk);
    for (size_t at = 0; at + wanted <= bytes; at++)
        if (memcmp(source + at, probe_filter.chunk, wanted) == 0)
            return 0;
    return 1;
}

// The id, or SITE_IS_QUIET.
static uint32_t decode(struct lua_State *L, const struct probe_site *site)
{
    struct probe_site_source source = {0};
    probe_writer.is_busy++;
    probe_site_source(L, site, &source);
    probe_writer.is_busy--;
    if (probe_filter.chunk[0] && is_left_out(source.source, source.source_bytes))
        return SITE_IS_QUIET;
    const char *function = source.function ? source.function : "[C]";
    struct site_entry entry = {
        .source = name_id(source.source, source.source_bytes, 1),
        .line = source.line,
        .defined = source.defined,
        .function = (site->c_function ? name_id(function, (uint32_t)strlen(function), 0) : 0) &
                    TRACE_NAME_ID_MAX,
        .nth = source.nth & TRACE_NTH_MAX,
    };
    return find_or_define(&entry, probe_writer.sizes.site_room, 0);
}

void probe_function(struct probe_order *order, const struct proto *p, int32_t line)
{
    order->nth = line == order->line && order->nth ? order->nth + 1 : 1;
    order->line = line;
    if (!writer_enter())
        return;
    texts_note_nth((uint32_t)(uintptr_t)p, order->nth < TRACE_NTH_MAX ? order->nth : TRACE_NTH_MAX);
    writer_leave();
}

unsigned probe_function_nth(const struct proto *p)
{
    return IN_WINDOW(p) ? probe_site_nth(p) : texts_nth((uint32_t)(uintptr_t)p);
}

uint32_t sites_proto_number(uint32_t proto_addr)
{
    return proto_addr ? texts_proto_number(proto_addr) : 0;
}

static uint32_t find_id(struct lua_State *L, const struct probe_site *site)
{
    if (site->proto == 0 && site->c_function == 0)
        return probe_filter.chunk[0] ? SITE_IS_QUIET : 0;
    uint32_t proto = sites_proto_number(site->proto);
    uint32_t hash = (proto * 0x9e3779b1u) ^ ((uint32_t)site->pc * 0x85ebca77u) ^
                    (site->c_function * 0xc2b2ae3du);
    struct site_cache_entry *cached =
        &probe_writer.sites.cache[(hash ^ hash >> 16) & (probe_writer.sizes.site_cache - 1)];
    if (cached->site && cached->proto == proto && cached->pc == site->pc &&
        cached->c_function == site->c_function)
        return cached->site;
    uint32_t id = decode(L, site);
    *cached = (struct site_cache_entry){proto, site->pc, site->c_function, id};
    return id;
}

void sites_forget_range(uint32_t addr, uint32_t bytes)
{
    for (uint32_t i = 0; i < probe_writer.sizes.site_cache; i++)
        if (probe_writer.sites.cache[i].proto - addr < bytes)
            probe_writer.sites.cache[i].site = 0;
    probe_writer.sites.last.clock = UINT64_MAX;
}

uint16_t sites_plain_id(struct lua_State *L, const struct probe_site *site)
{
    uint32_t found = find_id(L, site);
    return found == SITE_IS_QUIET ? 0 : (uint16_t)found;
}

uint16_t sites_stack_id(uint16_t site, uint16_t caller)
{
    const struct site_entry entry = {.source = SITE_IS_STACK, .line = site, .defined = caller};
    return find_or_define(&entry, probe_writer.sizes.site_room / 4 * STACKS_OF_4, site);
}

// Within one instruction neither the Lua functions that run nor their callers change.
static inline int is_last(const struct site_memory *last, const struct probe_site *site)
{
    return last->clock == probe_clock && memcmp(&last->site, site, sizeof *site) == 0;
}

uint16_t sites_id(struct lua_State *L, const struct probe_site *site)
{
    struct site_memory *last = &probe_writer.sites.last;
    if (!is_last(last, site)) {
        uint32_t found = find_id(L, site);
        last->plain_id = found == SITE_IS_QUIET ? 0 : (uint16_t)found;
        last->id = last->plain_id;
        if (last->id && probe_writer.stack_depth)
            last->id = stacks_id(L, last->id);
        last->site = *site;
        last->clock = probe_clock;
        probe_writer.sites.is_quiet = found == SITE_IS_QUIET;
    }
    doorbell_site(last->plain_id);
    return last->id;
}
