// writer.h: the inside of the event writer, shared by the files of runtime/probe.
//
// One writer per process: the probes have no argument to carry one. All tables lie in the memory
// given to probe_start and have a fixed size.
// Context: the interpreter's thread. Nothing here touches the Lua heap.

#ifndef FROST_PROBE_WRITER_H
#define FROST_PROBE_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/format/trace.h"
#include "runtime/probe/ring.h"
#include "runtime/probe/site.h"
#include "runtime/probe/start.h"

struct lua_State;

// ---- texts (texts.c) ----

// A text that has an id; its index is the id. 32 bytes.
struct text_entry {
    uint64_t hash; // of the content
    uint32_t bytes;
    uint32_t flash_addr; // characters in flash, 0: none known
    uint32_t next;       // next of the chain, 0: last
    uint32_t live_count; // strings of this text in the heap
    uint32_t epoch;      // of the last counter that refers to it
    uint32_t flags;      // and sources: the table is written by words
};
#define TEXT_IS_SECRET 1u // for good (sources.h)
#define TEXT_IS_TOLD 4u   // its definition has been written in this generation

// Sources of the text: the least of its makings so far, those of the last one; 0: not known.
static inline unsigned text_least(const struct text_entry *entry)
{
    return entry->flags >> 8 & 255u;
}
static inline unsigned text_last(const struct text_entry *entry)
{
    return entry->flags >> 16 & 255u;
}
static inline void text_set_least(struct text_entry *entry, unsigned sources)
{
    entry->flags = (entry->flags & ~0xff00u) | (sources & 255u) << 8;
}
static inline void text_set_last(struct text_entry *entry, unsigned sources)
{
    entry->flags = (entry->flags & ~0xff0000u) | (sources & 255u) << 16;
}

struct text_table {
    struct text_entry *entries; // [0] is not used
    uint32_t *heads;            // chains by hash
    uint32_t entry_count;       // ids given so far + 1
    uint32_t entry_room;
    uint32_t head_mask;
    uint32_t hand; // where the search for an entry to give up goes on
    uint32_t epoch;
    // What lives in each granule of the heap: text id of the string that begins there, or
    // GRANULE_PROTO | number of the function, or 0. No two blocks begin in one granule. The granule
    // after that of a function has GRANULE_PROTO | the how manyth of its line it is.
    uint32_t *granules;
    uint32_t granule_count;
    uint32_t granule_end; // those from here on are 0
    uint32_t heap_addr;
    uint32_t proto_number; // of the last function made
    // Flash strings found lately: address -> id, checked against the entry.
    uint32_t *flash_ids; // probe_sizes.flash_ids
};
#define GRANULE_PROTO 0x80000000u
#define GRANULE_QUIET 0x40000000u // what begins here has no event, so its end has none
#define GRANULE_BYTES 16u         // the shortest block, header included

// ---- sites (sites.c) ----

struct site_entry { // index is the id
    uint32_t source, line, defined;
    uint32_t function : 17, nth : 15;
};
_Static_assert(TRACE_NAME_ID_MAX < 1u << 17 && TRACE_NTH_MAX < 1u << 15, "parts of an entry");
// A stack has an id of the same kind; its entry has this for a source, its site for a line, and its
// caller for the first line of the function.
#define SITE_IS_STACK UINT32_MAX

struct name_entry { // index is the id
    uint64_t hash;
    uint32_t bytes;
    uint32_t next;
};

struct site_cache_entry {
    uint32_t proto; // number in RAM, address in flash
    int32_t pc;
    uint32_t c_function;
    uint32_t site; // 0: entry not used
};
#define NAME_BYTES_MAX 1024u

// The callers of the site last asked for, from the outermost on.
struct stack_frame {
    uint32_t proto; // as in site_cache_entry
    int32_t pc;
    uint32_t c_function;
    uint16_t id; // of the stack that ends here
};

// The chip keeps no callers: they would take a tenth of what its C stack has.
#ifdef __XTENSA__
#define STACK_FRAMES_MAX 1u
#else
#define STACK_FRAMES_MAX TRACE_STACK_DEPTH_MAX
#endif

struct stack_memory {
    struct stack_frame frames[STACK_FRAMES_MAX];
    unsigned count;
};

// The site last asked for.
struct site_memory {
    uint64_t clock; // when; UINT64_MAX: it was forgotten
    struct probe_site site;
    uint16_t plain_id, id; // without and with its callers
};

struct site_table {
    // Lengths: probe_sizes
    struct site_cache_entry *cache;
    struct site_entry *entries;
    uint16_t *site_next; // chains
    uint16_t *site_heads;
    struct name_entry *names;
    uint32_t *name_heads;
    uint32_t site_count; // ids given so far + 1
    uint32_t name_count;
    int is_more_defined; // the site TRACE_SITE_MORE has been written
    int is_quiet;        // the site last asked for is left out
    struct stack_memory stack;
    struct site_memory last;
};

// ---- counters (counters.c) ----

struct counter {
    uint32_t a, b, c; // content_read: text, first, bytes; vm_event: addr; flash_load: addr, pc
    uint16_t site;
    uint8_t id;   // of the event
    uint8_t what; // function, what, width
    uint32_t times;
};

struct counter_table {
    struct counter *items; // in the order of their first use
    uint16_t *heads;       // index + 1, open addressing; 0: free
    uint32_t count;
    uint32_t bytes; // that the events of all items will take
};

// ---- the packet (packet.c) ----

struct probe_writer {
    struct trace_ring *ring;
    struct ring_port port;
    uint64_t (*now_ns)(void);
    void (*after)(void);
    struct probe_sizes sizes;
    unsigned flags;       // PROBE_START_
    unsigned stack_depth; // callers that the site of an event has
    int is_on;
    int is_busy;                    // inside a question to the core: probes are ignored
    volatile int is_inside;         // a probe is at work
    void (*volatile deferred)(int); // to be called when it is done; NULL: nothing
    int deferred_argument;

    uint8_t *packet; // NULL: none open
    uint32_t used;
    uint64_t begin_clock, last_clock; // of the packet, of the last event or counter in it
    uint64_t serial, sequence, discarded;
    uint32_t event_count;                       // of the packet
    uint32_t definition_count;                  // of the packet: texts, names, sites
    uint32_t generation;                        // number of its first packet
    uint32_t texts_redefined, redefined_before; // so far, before the packet
    enum { FORGET_NOTHING, FORGET_ON_REQUEST, FORGET_AFTER_LOSS } forget;
    int is_flush_wanted;

    size_t heap_bytes;
    uint64_t heap_sequence; // 1 + number of the packet that has the last `heap` event

    int is_full_collection; // it goes through all phases at once: they are not written

    struct text_table texts;
    struct site_table sites;
    struct counter_table counters;
};

extern struct probe_writer probe_writer;

// Room for an event of `bytes` bytes with tail, of an id below TRACE_ID_EXTENDED, header written;
// ends a packet first if need be. A packet without anything else has room for `bytes`.
void *packet_event(int id, uint32_t bytes);
// The same for the events that have an extended header.
void *packet_event_extended(int id, uint32_t bytes);
// Packet bytes for one more counter are reserved, at the present time.
void packet_reserve(uint32_t bytes);
// Ends the open packet, counters included.
void packet_end(void);
// Throws the open packet away; its events count as discarded.
void packet_abandon(void);

// For probes in other files than event_writer.c: between the two calls; 0: the probe is to be
// ignored.
int writer_enter(void);
void writer_leave(void);
// Is an event of this kind written? If not, it is counted.
int writer_wants(int id);
// Where L is; NULL: nowhere.
void writer_look(struct lua_State *L, struct probe_site *site);
// The site of what L runs; NULL: none.
uint16_t writer_site(struct lua_State *L);

// Length of a Lua string: the last word of the header before its characters
// (runtime/core/object.h, runtime/format/lfs_image.h).
static inline uint32_t probe_string_bytes(const char *text)
{
    uint32_t bytes;
    memcpy(&bytes, text - sizeof bytes, sizeof bytes);
    return bytes;
}

// Memory that is given out from its start.
struct probe_pool {
    void *memory;
    size_t bytes;
};

// Takes the memory for the tables; 0 if it does not suffice. `words`: for tables that are read and
// written by words only.
int texts_init(struct probe_pool *words, size_t heap_bytes);
// Places of marking (places.c), which are part of the tables of texts. None on the chip.
#ifndef FROST_CHIP
int places_init(struct probe_pool *pool, size_t heap_bytes);
size_t places_bytes(size_t heap_bytes);
void places_boot(uint32_t heap_addr);
// A collection begins.
void places_begin(void);
#else
#define places_init(pool, heap_bytes) 1
#define places_bytes(heap_bytes) 0u
#define places_boot(heap_addr) ((void)0)
#define places_begin() ((void)0)
#endif
size_t texts_bytes(size_t heap_bytes);
int sites_init(struct probe_pool *pool);
size_t sites_bytes(void);
int counters_init(struct probe_pool *pool);
size_t counters_bytes(void);
// Cuts `wanted` bytes off, aligned to 16; NULL if there is too little. Memory is zero.
void *probe_take(struct probe_pool *pool, size_t wanted);
extern const struct probe_sizes probe_sizes_usual;

// A new heap: no string lives in it.
void texts_boot(uint32_t heap_addr, uint32_t heap_bytes);
void sites_boot(void);

void snapshot_boot(void);

// The id of a text, defined by an event if it is new; 0 if there is no room for one more.
uint32_t texts_id(const char *text, uint32_t bytes, uint32_t flash_addr);
// The id of the string whose characters are at `text`: in the heap, in flash, or 0.
uint32_t texts_id_of_string(const char *text);
// The same two without an event: for strings that no event refers to (yet).
uint32_t texts_quiet_id(const char *text, uint32_t bytes, uint32_t flash_addr);
uint32_t texts_quiet_id_of_string(const char *text);
// All definitions count as lost: they are written again when they are needed.
void texts_forget(void);
// Marks what begins at the heap address: a string of text `id`, or a function.
void texts_note_string(uint32_t block_addr, uint32_t id);
void texts_note_proto(uint32_t block_addr);
// Result: 1 if what began there had no event.
int texts_note_free(uint32_t block_addr);
// What begins there has no event.
void texts_note_quiet(uint32_t block_addr);
// Number that tells this function from others that had or will have its address.
uint32_t texts_proto_number(uint32_t proto_addr);
// Which of its line a function of the heap is: 0 until it has been noted.
void texts_note_nth(uint32_t proto_addr, unsigned nth);
unsigned texts_nth(uint32_t proto_addr);

// The id of a site, defined by events if it is new.
uint16_t sites_id(struct lua_State *L, const struct probe_site *site);
// For stacks.c. The number of a function, as sites know it: never given twice.
uint32_t sites_proto_number(uint32_t proto_addr);
// Another image lies there now: what was known of functions in that range of flash is forgotten.
void sites_forget_range(uint32_t addr, uint32_t bytes);
// The id of a site without its callers; 0: none, or it is left out.
uint16_t sites_plain_id(struct lua_State *L, const struct probe_site *site);
// The id of `site` as called from `caller`, an id of either kind; `site` itself if there are too
// many.
uint16_t sites_stack_id(uint16_t site, uint16_t caller);

// The id of `site`, where L is, with its callers; the site's own if it has none.
uint16_t stacks_id(struct lua_State *L, uint16_t site);
// Ids of names and sites start again.
void sites_forget(void);

// Adds its `times` to a counter, or writes the event at once (--raw).
void counters_add(const struct counter *counter);
// Writes all counters as events into the open packet, in which they have room.
void counters_flush(void);
// Forgets them. Result: how many there were.
uint32_t counters_drop(void);

#endif
