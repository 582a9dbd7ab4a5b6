// trace_events.h: the events of a trace, once, for the C writer, the C reader and the TSDL.
//
// TRACE_EVENTS(EVENT, FIELD, TAIL) expands to one EVENT per kind; FIELDs are unsigned integers of
// 8, 16, 32 or 64 bits, byte packed, little-endian, in the order given; at most one TAIL (u16
// length, then that many bytes) ends an event. The clock is the number of VM instructions executed,
// declared as 1e9 Hz (1 ns = 1 instruction). Headers, packets and the hash of the schema:
// runtime/format/trace.h.
//
//   EVENT(id, name, FIELDS)    FIELDS is a list of FIELD(type, name) ... TAIL(name)
//
// Ids 0 to 30 are for events that are frequent, or that were here first: TRACE_COMPACT_EVENTS, 4
// bytes of header. All others have ids from 32 on: TRACE_EXTENDED_EVENTS, 13 bytes of header. An id
// and a name are never given to anything else. A change of the table is a new schema; what older
// schemas had otherwise, analyzer/trace/trace_schema.c knows.
//
// Types of fields: u8 u16 u32 u64; the enums below, which take one byte (kind, content ...); two
// that share a byte, low bits first: u1, u6, u7 and place_bit; origin, a set of TRACE_ORIGINS; and
// text_id and name_id, of 32 bits, which have a limit. A value outside its enum or over its limit
// is damage: the reader refuses it, so an analysis may index an array of KIND_COUNT items with a
// kind.
//
// Identity. Texts (contents of strings) have ids: `text` defines one before its first use in a
// packet stream; a later `text` with the same id redefines it (tables of ids have a fixed size; an
// id is given away again only when no string of that text lives in the heap). So across
// redefinitions and across runs the identity of a text is (hash, bytes). Text id 0 is "not known".
// Heap blocks have no id in events: a reader numbers them 1, 2, 3 ... in the order of `alloc` and
// `string_new` (packet context `serial_first` is the number of the packet's first one), since
// addresses are reused. Sites, names and functions are defined by id before use and never
// redefined; name 0 is "none"; site 0 is "no Lua function is running"; site TRACE_SITE_MORE
// stands for all sites beyond the first 65534. Ids of texts, names and sites are dense: 1, 2, 3 ...
// in the order of their first definition (as far as nothing was lost); they and all references to
// them are at most TRACE_TEXT_ID_MAX and TRACE_NAME_ID_MAX.
//
// Stacks. `stack` gives a site id a caller: what happens at site `id` happens at site `site`, in a
// function that was called at `caller`, itself a site or such an id. So the site fields of all
// events can tell where the program came from, and what does not know stacks looks `site` up.
//
// Origin. Where a text comes from: `origin` of string_new and string_found is the set of sources of
// this making of it (TRACE_ORIGINS), 0: not known. A text made from texts has the union of theirs
// and TRACE_ORIGIN_DERIVED. A text that is made in several ways in a run has the least of them
// (trace_origin_least), and TRACE_ORIGIN_SECRET besides after a `text_secret`. How it is found out:
// runtime/probe/sources.h.
//
// World. A `turn` begins what the event loop calls; `input` is an answer of the world to it,
// `output` what it sends; both go in pieces, with `piece` 0, 1, 2 ... and `is_last` 1 in the last
// one, each following the one before without another input (output) between. `object` numbers what
// it came from or went to (socket, timer, file, pin ...), 1, 2, 3 ... in the order of being made,
// 0: the world as such. What belongs to a turn has its number. Inputs are as private as the
// program's: --no-text and --no-inputs write none.
//
// Clock. Real time (`real_ns`, here and in packet contexts) is a plain integer and the only thing
// in which two traces of the same run differ.
//
// Stock firmware. A boot with TRACE_BOOT_STOCK is of a device without probes that tells from time
// to time which strings it has (collectors/device). The clock is the device's time in ns then;
// `string_new` and `free` are differences between two lists, `addr` is a handle and no address,
// site 0 and no flags mean that nothing is known; a `string_found` in flash is a string of the list
// of flash. Sizes of `boot` are 0. Such traces alone have `device_heap` and `snapshot`, which comes
// when a list has been taken in.
//
// Loss. The host drops nothing. A port that drops counts in the packet context; a reader then
// meets frees of unknown blocks and allocations on live blocks, and must go on.

#ifndef FROST_FORMAT_TRACE_EVENTS_H
#define FROST_FORMAT_TRACE_EVENTS_H

#include <stdint.h>

// What a heap block holds.
#define TRACE_KINDS(X)                                                                             \
    X(KIND_STATE, "state") /* main thread and global state */                                      \
    X(KIND_STRING, "string")                                                                       \
    X(KIND_TABLE, "table")                                                                         \
    X(KIND_TABLE_ARRAY, "table array")                                                             \
    X(KIND_TABLE_NODES, "table nodes")                                                             \
    X(KIND_CLOSURE, "closure")                                                                     \
    X(KIND_UPVALUE, "upvalue")                                                                     \
    X(KIND_PROTO, "function")                                                                      \
    X(KIND_CODE, "code")                                                                           \
    X(KIND_CONSTANTS, "constants")                                                                 \
    X(KIND_PROTO_VECTOR, "function vector")                                                        \
    X(KIND_LINES, "line table")                                                                    \
    X(KIND_DEBUG_NAMES, "debug names") /* local and upvalue name vectors */                        \
    X(KIND_USERDATA, "userdata")                                                                   \
    X(KIND_THREAD, "thread")                                                                       \
    X(KIND_STACK, "stack")                                                                         \
    X(KIND_CALLS, "call records")                                                                  \
    X(KIND_STRING_TABLE, "string table")                                                           \
    X(KIND_BUFFER, "buffer") /* concatenation, lexer and loader buffers */                         \
    X(KIND_OTHER, "other")

// Which C code read characters of a string one by one.
#define TRACE_CONTENT_FUNCTIONS(X)                                                                 \
    X(CONTENT_OTHER, "other")                                                                      \
    X(CONTENT_MATCH_SUBJECT, "pattern subject")                                                    \
    X(CONTENT_MATCH_PATTERN, "pattern")                                                            \
    X(CONTENT_FIND_PLAIN, "plain find")                                                            \
    X(CONTENT_FORMAT, "format")                                                                    \
    X(CONTENT_BYTE, "byte")                                                                        \
    X(CONTENT_SUB, "sub")                                                                          \
    X(CONTENT_CASE, "upper/lower")                                                                 \
    X(CONTENT_REVERSE, "reverse")                                                                  \
    X(CONTENT_REP, "rep")                                                                          \
    X(CONTENT_CONCAT, "concat")                                                                    \
    X(CONTENT_TONUMBER, "tonumber")                                                                \
    X(CONTENT_LEXER, "lexer")                                                                      \
    X(CONTENT_PRINT, "print")                                                                      \
    X(CONTENT_LINES, "line table")                                                                 \
    X(CONTENT_COMPARE, "compare")                                                                  \
    X(CONTENT_HASH, "hash")                                                                        \
    X(CONTENT_INTERN, "intern") /* compared with a text that is looked up */                       \
    X(CONTENT_COPY, "copy")     /* what the C library does not copy by words */                    \
    X(CONTENT_BUFFER, "buffer") /* added to a luaL_Buffer */

// What stock firmware pays an emulated byte load for (analyzer/models/nodemcu-3.0.json), per VM
// event.
#define TRACE_VM_EVENTS(X)                                                                         \
    X(VM_FLASH_CALL, "call of a flash function")                                                   \
    X(VM_FLASH_CLOSURE, "closure of a flash function")                                             \
    X(VM_FLASH_VARARG, "vararg in a flash function")                                               \
    X(VM_FLASH_STORE, "store of a flash string")                                                   \
    X(VM_VISIT_STRING, "collector visit of a flash string")                                        \
    X(VM_VISIT_PROTO, "collector visit of a flash function")                                       \
    X(VM_FLASH_NAME, "field of a flash function, for the name of a value")

// Why a collection ran.
#define TRACE_GC_REASONS(X)                                                                        \
    X(GC_REASON_STEP, "step")       /* threshold reached */                                        \
    X(GC_REASON_ALWAYS, "always")   /* emergency mode ALWAYS, before an allocation */              \
    X(GC_REASON_FAILURE, "failure") /* after a failed allocation */                                \
    X(GC_REASON_LIMIT, "limit")     /* memory limit of the emergency modes */                      \
    X(GC_REASON_REQUEST, "request") /* collectgarbage, lua_gc */

// What a collection does from this event on. The words are Lua 5.1's.
#define TRACE_GC_PHASES(X)                                                                         \
    X(GC_PHASE_PAUSE, "pause")                                                                     \
    X(GC_PHASE_PROPAGATE, "propagate")                                                             \
    X(GC_PHASE_SWEEP_STRINGS, "sweep strings")                                                     \
    X(GC_PHASE_SWEEP, "sweep")                                                                     \
    X(GC_PHASE_FINALIZE, "finalize")                                                               \
    X(GC_PHASE_ATOMIC, "atomic") /* the part of propagate that cannot be divided */

// Why vectors moved together.
#define TRACE_COMPACT_REASONS(X)                                                                   \
    X(COMPACT_SPLIT, "split")     /* free memory lay in pieces */                                  \
    X(COMPACT_FAILURE, "failure") /* after a failed allocation */                                  \
    X(COMPACT_REQUEST, "request")

// What a program asks of its collector, other than to collect.
#define TRACE_GC_ORDERS(X)                                                                         \
    X(GC_ORDER_STOP, "stop")                                                                       \
    X(GC_ORDER_RESTART, "restart")                                                                 \
    X(GC_ORDER_STEP, "step")   /* steps for so many KiB of allocation */                           \
    X(GC_ORDER_PAUSE, "pause") /* percent of the estimate, at which the next cycle begins */       \
    X(GC_ORDER_MULTIPLIER, "step multiplier")

// Where a string was found.
#define TRACE_PLACES(X)                                                                            \
    X(PLACE_RAM, "RAM")                                                                            \
    X(PLACE_FLASH, "flash")

// What a line of the flash cache was wanted for.
#define TRACE_FLASH_USES(X)                                                                        \
    X(FLASH_USE_CODE, "code")                                                                      \
    X(FLASH_USE_DATA, "data")

// Why the event loop has a turn, and what an input or output is of.
#define TRACE_WORLD_KINDS(X)                                                                       \
    X(WORLD_OTHER, "other")                                                                        \
    X(WORLD_START, "start") /* of the main program */                                              \
    X(WORLD_TASK, "task")   /* node.task.post */                                                   \
    X(WORLD_TIMER, "timer")                                                                        \
    X(WORLD_TIME, "time") /* the clock was asked */                                                \
    X(WORLD_RANDOM, "random")                                                                      \
    X(WORLD_IDENTITY, "identity") /* of the chip: id, addresses */                                 \
    X(WORLD_HEAP, "heap")         /* how much is free */                                           \
    X(WORLD_FILE, "file")                                                                          \
    X(WORLD_SOCKET, "socket")         /* bytes */                                                  \
    X(WORLD_CONNECTION, "connection") /* made, ended, refused */                                   \
    X(WORLD_DNS, "dns")                                                                            \
    X(WORLD_WIFI, "wifi")                                                                          \
    X(WORLD_SERIAL, "serial")                                                                      \
    X(WORLD_CONSOLE, "console")                                                                    \
    X(WORLD_PIN, "pin")                                                                            \
    X(WORLD_SENSOR, "sensor")

// How a replay differs from what was recorded.
#define TRACE_DIFFERENCES(X)                                                                       \
    X(DIFFERENCE_BYTES, "bytes") /* an output has other contents */                                \
    X(DIFFERENCE_MISSING, "missing")                                                               \
    X(DIFFERENCE_EXTRA, "extra")                                                                   \
    X(DIFFERENCE_ORDER, "order")       /* equal, but before or after another */                    \
    X(DIFFERENCE_QUESTION, "question") /* the program asked for something else */

// How a freeze ended.
#define TRACE_FREEZE_RESULTS(X)                                                                    \
    X(FREEZE_DONE, "done")                                                                         \
    X(FREEZE_NOTHING, "nothing") /* all of it was in flash */                                      \
    X(FREEZE_REFUSED, "refused") /* something in it cannot be frozen */                            \
    X(FREEZE_FULL, "full")                                                                         \
    X(FREEZE_FAULT, "fault") /* flash did not take it */                                           \
    X(FREEZE_SLICE, "slice") /* a part is in flash, the rest follows */

// What a range of flash belongs to.
#define TRACE_FLASH_REGIONS(X)                                                                     \
    X(FLASH_REGION_OTHER, "other")                                                                 \
    X(FLASH_REGION_TABLE, "partition table")                                                       \
    X(FLASH_REGION_LFS, "LFS")                                                                     \
    X(FLASH_REGION_DEVS, "devs")                                                                   \
    X(FLASH_REGION_FREEZER, "freezer")                                                             \
    X(FLASH_REGION_STORE, "store")

// Work on flash that takes many programs and erases.
#define TRACE_FLASH_JOBS(X)                                                                        \
    X(FLASH_JOB_RELOAD, "reload")                                                                  \
    X(FLASH_JOB_COMPACT, "compact")                                                                \
    X(FLASH_JOB_FORMAT, "format")                                                                  \
    X(FLASH_JOB_CHECK, "check")

// Where the contents of a text come from: bits of one byte. A set is shown as its words with
// commas.
#define TRACE_ORIGINS(X)                                                                           \
    X(TRACE_ORIGIN_INPUT, "input", 0)     /* a file read as data, the console, the network */      \
    X(TRACE_ORIGIN_DEVICE, "device", 1)   /* constant compiled or loaded from bytecode there */    \
    X(TRACE_ORIGIN_LIBRARY, "library", 2) /* literal of C code */                                  \
    X(TRACE_ORIGIN_IMAGE, "image", 3)     /* constant of a mounted image */                        \
    X(TRACE_ORIGIN_NUMBER, "number", 4)   /* made of a number */                                   \
    X(TRACE_ORIGIN_ENVIRONMENT, "environment", 5) /* chip, addresses, heap, time, files */         \
    X(TRACE_ORIGIN_SECRET, "secret", 6)           /* credentials, and what is made of them */      \
    X(TRACE_ORIGIN_DERIVED, "derived", 7)         /* made from a text, not the whole of one */

// When a snapshot of the heap was made.
#define TRACE_MOMENTS(X)                                                                           \
    X(MOMENT_PEAK, "peak") /* before the allocation or the free that follows it */                 \
    X(MOMENT_MARK, "mark")                                                                         \
    X(MOMENT_END, "end")                                                                           \
    X(MOMENT_FAILURE, "failure") /* an allocation that fails for good */

// How one object of the heap refers to another, or keeps a block of its own.
#define TRACE_EDGES(X)                                                                             \
    X(EDGE_OTHER, "other")                                                                         \
    X(EDGE_ROOT, "root")       /* the runtime itself: see `index` of heap_edge */                  \
    X(EDGE_PART, "part")       /* a block of the object: its array, nodes, code ... */             \
    X(EDGE_WEAK, "weak")       /* holds nothing */                                                 \
    X(EDGE_FIELD, "field")     /* value of a table; `text` is its key */                           \
    X(EDGE_ELEMENT, "element") /* value of a table; `index` is its key */                          \
    X(EDGE_KEY, "key")         /* key of a table */                                                \
    X(EDGE_VALUE, "value")     /* value of a table whose key is neither */                         \
    X(EDGE_METATABLE, "metatable")                                                                 \
    X(EDGE_ENVIRONMENT, "environment")                                                             \
    X(EDGE_GLOBALS, "globals")                                                                     \
    X(EDGE_FUNCTION, "function") /* of a closure, or inside one */                                 \
    X(EDGE_UPVALUE, "upvalue")   /* `text` is its name, if it has one */                           \
    X(EDGE_CONSTANT, "constant")                                                                   \
    X(EDGE_NAME, "name")                                                                           \
    X(EDGE_SOURCE, "source") /* `text` names the chunk, `index` is the function's first line; */   \
                             /* `to` may be 0 */                                                   \
    X(EDGE_LOCAL, "local")   /* value `index` of a stack */                                        \
    X(EDGE_NTH, "nth")       /* to 0: the function is the `index`th, from 2 on, of its line */

// What of the runtime an EDGE_ROOT comes from.
#define TRACE_ROOTS(X)                                                                             \
    X(ROOT_MAIN, "main thread")                                                                    \
    X(ROOT_REGISTRY, "registry")                                                                   \
    X(ROOT_METATABLE, "metatable of a type")                                                       \
    X(ROOT_FIXED, "fixed string")                                                                  \
    X(ROOT_FINALIZER, "waits for its finalizer")                                                   \
    X(ROOT_OPEN, "open upvalue")                                                                   \
    X(ROOT_BLOCK, "block of the runtime")

// All enums: type of fields, list, number of values.
#define TRACE_ENUMS(X)                                                                             \
    X(kind, TRACE_KINDS, KIND_COUNT)                                                               \
    X(content, TRACE_CONTENT_FUNCTIONS, CONTENT_COUNT)                                             \
    X(vm_what, TRACE_VM_EVENTS, VM_EVENT_COUNT)                                                    \
    X(gc_reason, TRACE_GC_REASONS, GC_REASON_COUNT)                                                \
    X(gc_phase, TRACE_GC_PHASES, GC_PHASE_COUNT)                                                   \
    X(gc_order, TRACE_GC_ORDERS, GC_ORDER_COUNT)                                                   \
    X(compact_reason, TRACE_COMPACT_REASONS, COMPACT_REASON_COUNT)                                 \
    X(place, TRACE_PLACES, PLACE_COUNT)                                                            \
    X(place_bit, TRACE_PLACES, PLACE_COUNT)                                                        \
    X(flash_use, TRACE_FLASH_USES, FLASH_USE_COUNT)                                                \
    X(moment, TRACE_MOMENTS, MOMENT_COUNT)                                                         \
    X(edge, TRACE_EDGES, EDGE_COUNT)                                                               \
    X(world, TRACE_WORLD_KINDS, WORLD_COUNT)                                                       \
    X(difference, TRACE_DIFFERENCES, DIFFERENCE_COUNT)                                             \
    X(freeze_result, TRACE_FREEZE_RESULTS, FREEZE_RESULT_COUNT)                                    \
    X(flash_region, TRACE_FLASH_REGIONS, FLASH_REGION_COUNT)                                       \
    X(flash_job, TRACE_FLASH_JOBS, FLASH_JOB_COUNT)

#define TRACE_ENUM_ITEM(name, text) name,
enum trace_kind { TRACE_KINDS(TRACE_ENUM_ITEM) KIND_COUNT };
enum trace_content { TRACE_CONTENT_FUNCTIONS(TRACE_ENUM_ITEM) CONTENT_COUNT };
enum trace_vm_event { TRACE_VM_EVENTS(TRACE_ENUM_ITEM) VM_EVENT_COUNT };
enum trace_gc_reason { TRACE_GC_REASONS(TRACE_ENUM_ITEM) GC_REASON_COUNT };
enum trace_gc_phase { TRACE_GC_PHASES(TRACE_ENUM_ITEM) GC_PHASE_COUNT };
enum trace_gc_order { TRACE_GC_ORDERS(TRACE_ENUM_ITEM) GC_ORDER_COUNT };
enum trace_compact_reason { TRACE_COMPACT_REASONS(TRACE_ENUM_ITEM) COMPACT_REASON_COUNT };
enum trace_place { TRACE_PLACES(TRACE_ENUM_ITEM) PLACE_COUNT };
enum trace_flash_use { TRACE_FLASH_USES(TRACE_ENUM_ITEM) FLASH_USE_COUNT };
enum trace_moment { TRACE_MOMENTS(TRACE_ENUM_ITEM) MOMENT_COUNT };
enum trace_edge { TRACE_EDGES(TRACE_ENUM_ITEM) EDGE_COUNT };
enum trace_root { TRACE_ROOTS(TRACE_ENUM_ITEM) ROOT_COUNT };
enum trace_world { TRACE_WORLD_KINDS(TRACE_ENUM_ITEM) WORLD_COUNT };
enum trace_difference { TRACE_DIFFERENCES(TRACE_ENUM_ITEM) DIFFERENCE_COUNT };
enum trace_freeze_result { TRACE_FREEZE_RESULTS(TRACE_ENUM_ITEM) FREEZE_RESULT_COUNT };
enum trace_flash_region { TRACE_FLASH_REGIONS(TRACE_ENUM_ITEM) FLASH_REGION_COUNT };
enum trace_flash_job { TRACE_FLASH_JOBS(TRACE_ENUM_ITEM) FLASH_JOB_COUNT };
#undef TRACE_ENUM_ITEM

#define TRACE_ORIGIN_ITEM(name, text, bit) name = 1u << bit,
enum trace_origin { TRACE_ORIGINS(TRACE_ORIGIN_ITEM) TRACE_ORIGIN_UNKNOWN = 0 };
#undef TRACE_ORIGIN_ITEM

// Sources that are the same in every run of a program, wherever it runs: of those alone is what a
// preload list is made of, unless somebody asks for more.
#define TRACE_ORIGIN_PROGRAM (TRACE_ORIGIN_LIBRARY | TRACE_ORIGIN_IMAGE | TRACE_ORIGIN_DEVICE)

static inline int trace_origin_is_program(unsigned origin)
{
    return (origin & TRACE_ORIGIN_PROGRAM) != 0 &&
           (origin & ~(TRACE_ORIGIN_PROGRAM | TRACE_ORIGIN_DERIVED)) == 0;
}

// How much a set of sources says against a text: the worst source decides, then the next.
static inline unsigned trace_origin_weight(unsigned origin)
{
    unsigned weight = origin & TRACE_ORIGIN_DERIVED ? 1 : 0;
    weight |= origin & TRACE_ORIGIN_LIBRARY ? 2 : 0;
    weight |= origin & TRACE_ORIGIN_IMAGE ? 4 : 0;
    weight |= origin & TRACE_ORIGIN_DEVICE ? 8 : 0;
    weight |= origin & TRACE_ORIGIN_NUMBER ? 16 : 0;
    weight |= origin & TRACE_ORIGIN_ENVIRONMENT ? 32 : 0;
    weight |= origin & TRACE_ORIGIN_INPUT ? 64 : 0;
    weight |= origin & TRACE_ORIGIN_SECRET ? 128 : 0;
    return origin & ~TRACE_ORIGIN_DERIVED ? weight : 256;
}

// Of a text that was made in two ways. What is not known is never the least.
static inline unsigned trace_origin_least(unsigned a, unsigned b)
{
    return a != b && trace_origin_weight(b) < trace_origin_weight(a) ? b : a;
}

// Is a text of this origin a constant that was compiled, or loaded from bytecode, into RAM?
static inline int trace_origin_is_constant(unsigned origin)
{
    return (origin & (TRACE_ORIGIN_DEVICE | TRACE_ORIGIN_DERIVED)) == TRACE_ORIGIN_DEVICE;
}

// Flags of `boot`.
#define TRACE_BOOT_INTEGER 1u // integer build
#define TRACE_BOOT_PC 2u      // profile pc
#define TRACE_BOOT_STOCK 4u   // firmware without probes (see "Stock firmware")
#define TRACE_BOOT_PLACES 16u // gc_checks, gc_place, gc_marked and gc_finalizer are told
#define TRACE_BOOT_SOURCES 8u // every making of a text tells its sources; else only input is known

#define TRACE_COMPACT_EVENTS(EVENT, FIELD, TAIL)                                                   \
    /* A (re)start of the runtime. `lua_bytes`: what no `alloc` accounts for. */                   \
    EVENT(0, boot,                                                                                 \
          FIELD(u16, number) FIELD(u8, flags) FIELD(u32, heap_bytes) FIELD(u32, heap_addr)         \
              FIELD(u32, lua_bytes) TAIL(command))                                                 \
    /* An image at `addr`; `file` names its copy in .frost/. */                                    \
    EVENT(1, image_mounted, FIELD(u32, addr) FIELD(u32, bytes) FIELD(u32, crc) TAIL(file))         \
    /* A name for sites: chunk or C function. */                                                   \
    EVENT(2, name, FIELD(name_id, id) TAIL(text))                                                  \
    /* Lua line `line` of chunk `source` (a name), in the `nth` function that begins on line       \
       `defined` (from 1; 0: not known, or the main chunk); `function` is the name of the C        \
       function it had called, 0 if none. */                                                       \
    EVENT(3, site,                                                                                 \
          FIELD(u16, id) FIELD(name_id, source) FIELD(u32, line) FIELD(u32, defined)               \
              FIELD(name_id, function) FIELD(u16, nth))                                            \
    /* The content behind a text id; `hash` is trace_text_hash() of all of it; `flash_addr` 0 if   \
       it is not in flash; `bytes` is the length of the string, the tail may be shorter            \
       (--no-text: empty; very long strings: the first TRACE_TEXT_BYTES_MAX). */                   \
    EVENT(4, text,                                                                                 \
          FIELD(text_id, id) FIELD(u64, hash) FIELD(u32, bytes) FIELD(u32, flash_addr) TAIL(text)) \
    /* Heap blocks. `bytes` are Lua bytes (the ledger), without block overhead. */                 \
    EVENT(5, alloc, FIELD(u32, addr) FIELD(u32, bytes) FIELD(kind, kind) FIELD(u16, site))         \
    EVENT(6, resize,                                                                               \
          FIELD(u32, old_addr) FIELD(u32, addr) FIELD(u32, bytes) FIELD(kind, kind)                \
              FIELD(u16, site))                                                                    \
    EVENT(7, free, FIELD(u32, addr))                                                               \
    /* A new string block: 16 + length + 1 bytes at `addr`. `probes`: chain entries compared,      \
       at most 127; `is_unaligned`: what it was made of did not lie at a multiple of 4 on the      \
       chip. No `alloc` event is written for it. */                                                \
    EVENT(8, string_new,                                                                           \
          FIELD(u32, addr) FIELD(text_id, text) FIELD(u16, site) FIELD(u7, probes)                 \
              FIELD(u1, is_unaligned) FIELD(origin, origin))                                       \
    /* Interning found the text; `probes`: at most 63. */                                          \
    EVENT(9, string_found,                                                                         \
          FIELD(text_id, text) FIELD(u16, site) FIELD(u6, probes) FIELD(u1, is_unaligned)          \
              FIELD(place_bit, place) FIELD(origin, origin))                                       \
    /* The RAM string table got `slots` slots. */                                                  \
    EVENT(10, string_table, FIELD(u32, slots) FIELD(u32, strings) FIELD(u32, chain_max))           \
    EVENT(11, gc_begin, FIELD(gc_reason, reason) FIELD(u32, lua_bytes) FIELD(u64, real_ns))        \
    /* Only of collections that go by steps: a full one has all phases at one instruction. */      \
    EVENT(12, gc_phase, FIELD(gc_phase, phase) FIELD(u32, lua_bytes))                              \
    EVENT(13, gc_end,                                                                              \
          FIELD(gc_reason, reason) FIELD(u32, lua_bytes) FIELD(u32, visited) FIELD(u32, freed)     \
              FIELD(u64, real_ns))                                                                 \
    /* Counters: events 14 to 16, 21 and 22 sum up what happened in their packet since the last    \
       event with the same fields; their time is when the sum was written, at the packet's end or  \
       before. With --raw each of the first three is written at once with `times` 1. */            \
    /* `times` equal reads of `bytes` characters from `first` on. */                               \
    EVENT(14, content_read,                                                                        \
          FIELD(text_id, text) FIELD(u32, first) FIELD(u32, bytes) FIELD(u16, site)                \
              FIELD(content, function) FIELD(u32, times))                                          \
    /* `times` VM events of kind `what`; `addr` is the flash object. Visits of the collector have  \
       site 0. */                                                                                  \
    EVENT(15, vm_event, FIELD(vm_what, what) FIELD(u16, site) FIELD(u32, addr) FIELD(u32, times))  \
    /* `times` loads of `width` bytes from the flash word at `addr`, by the code at `pc` (traced   \
       build, chip). */                                                                            \
    EVENT(16, flash_load,                                                                          \
          FIELD(u32, addr) FIELD(u8, width) FIELD(u32, pc) FIELD(u16, site) FIELD(u32, times))     \
    /* The state of the heap: ledger, modelled heap bytes in use, largest free block. Written      \
       after the first collection that ends in a packet, for heaps of up to 1 MiB. */              \
    EVENT(17, heap,                                                                                \
          FIELD(u32, lua_bytes) FIELD(u32, heap_used) FIELD(u32, free_largest)                     \
              FIELD(u32, free_blocks) FIELD(u32, strings))                                         \
    EVENT(18, console, FIELD(u8, stream) TAIL(text))                                               \
    EVENT(19, mark, TAIL(text))                                                                    \
    /* The run is over. `status`: exit status; `stack_bytes`: high-water mark of the C stack. */   \
    EVENT(20, end,                                                                                 \
          FIELD(u8, status) FIELD(u32, lua_bytes) FIELD(u32, lua_bytes_max)                        \
              FIELD(u32, stack_bytes))                                                             \
    /* `times` misses of the modelled flash cache: the line at `addr` was wanted by the code at    \
       `pc`, which is what was fetched (code) or loaded it (data). Emulated chip only; hits are    \
       `fetches` of machine_code and `times` of flash_load less these. */                          \
    EVENT(21, cache_miss,                                                                          \
          FIELD(flash_use, use) FIELD(u32, addr) FIELD(u32, pc) FIELD(u16, site)                   \
              FIELD(u32, times))                                                                   \
    /* The C function that begins at `pc` executed `instructions` of the machine, taken from       \
       `fetches` lines of flash. Emulated chip only; work of the probes is left out. */            \
    EVENT(22, machine_code,                                                                        \
          FIELD(u32, pc) FIELD(u16, site) FIELD(u32, instructions) FIELD(u32, fetches))            \
    /* What a device without probes said of its heap: bytes that are free, bytes that Lua has      \
       (0: not said), and how many of them its collector takes for live (0: not said). */          \
    EVENT(23, device_heap, FIELD(u32, free_bytes) FIELD(u32, lua_bytes) FIELD(u32, live_bytes))    \
    /* It has listed its `strings` strings; `missing` of them were lost on the way (at least). */  \
    EVENT(24, snapshot, FIELD(place, place) FIELD(u32, strings) FIELD(u32, missing))               \
    /* The event loop calls what `object` waits for; device time at that moment. */                \
    EVENT(25, turn,                                                                                \
          FIELD(u32, number) FIELD(world, kind) FIELD(u32, object) FIELD(u64, device_ns))          \
    /* A piece of what the world gave, or of what the program sent. */                             \
    EVENT(26, input,                                                                               \
          FIELD(u32, turn) FIELD(world, kind) FIELD(u32, object) FIELD(u32, piece)                 \
              FIELD(u8, is_last) TAIL(data))                                                       \
    EVENT(27, output,                                                                              \
          FIELD(u32, turn) FIELD(world, kind) FIELD(u32, object) FIELD(u32, piece)                 \
              FIELD(u8, is_last) TAIL(data))                                                       \
    /* Before gc_begin, and before a stack grows: so many times since then it was looked whether a \
       step is due. Not written for TRACE_GC_CHECKS_USUAL. Only with TRACE_BOOT_PLACES, as the     \
       next two. */                                                                                \
    EVENT(28, gc_checks, FIELD(u16, times))                                                        \
    /* What the collection (mode ALWAYS) frees from here on was reached last, other than from the  \
       main thread's stack, after work of `at` - 1 times TRACE_PLACE_WORK; TRACE_PLACE_FINALIZER:  \
       only from userdata that waited for their finalizers. At gc_begin `at` is 0: it never was.   \
       Work is counted as steps of the usual size would have done it: what the last                \
       object of a step costs beyond the step is left out. */                                      \
    EVENT(29, gc_place, FIELD(u16, at))                                                            \
    /* In collections of mode ALWAYS from here on marking reaches the main thread's stack at the   \
       one place, and ends at the other; changes of up to 4 are not told. Most of the change since \
       this was told before is in the `from`th step, counted from 1; 0: not known. */              \
    EVENT(30, gc_marked, FIELD(u16, stack) FIELD(u16, end) FIELD(u16, from))

#define TRACE_EXTENDED_EVENTS(EVENT, FIELD, TAIL)                                                  \
    /* Device time other than at a turn: after a wait. */                                          \
    EVENT(32, device_time, FIELD(u32, turn) FIELD(u64, device_ns))                                 \
    /* A replay leaves what was recorded: at byte `off` of what `object` sent or was asked, `text` \
       says what was wanted and what came. */                                                      \
    EVENT(33, replay_difference,                                                                   \
          FIELD(difference, difference) FIELD(u32, turn) FIELD(world, kind) FIELD(u32, object)     \
              FIELD(u64, off) FIELD(u16, site) TAIL(text))                                         \
    EVENT(34, stack, FIELD(u16, id) FIELD(u16, site) FIELD(u16, caller))                           \
    /* A freeze of the object at `addr` and what it refers to begins. */                           \
    EVENT(35, freeze_begin,                                                                        \
          FIELD(u32, number) FIELD(u32, addr) FIELD(kind, kind) FIELD(u16, site))                  \
    /* It moved a block to flash; its `free` in RAM follows. */                                    \
    EVENT(36, freeze_object,                                                                       \
          FIELD(u32, number) FIELD(u32, old_addr) FIELD(u32, addr) FIELD(u32, bytes)               \
              FIELD(kind, kind))                                                                   \
    /* It has ended: `ram_bytes` Lua bytes became free, `flash_bytes` of flash were used. */       \
    EVENT(37, freeze_end,                                                                          \
          FIELD(u32, number) FIELD(freeze_result, result) FIELD(u32, objects)                      \
              FIELD(u32, ram_bytes) FIELD(u32, flash_bytes))                                       \
    /* The frozen object at `old_addr` has a copy in RAM that can be changed. */                   \
    EVENT(38, thaw,                                                                                \
          FIELD(u32, old_addr) FIELD(u32, addr) FIELD(u32, bytes) FIELD(kind, kind)                \
              FIELD(u16, site))                                                                    \
    /* All that was frozen is gone. */                                                             \
    EVENT(39, freezer_erase, FIELD(u32, objects) FIELD(u32, flash_bytes))                          \
    /* A file of the store; `file` numbers open files 1, 2, 3 ... `mode` as in file.open. */       \
    EVENT(40, store_open,                                                                          \
          FIELD(u32, file) FIELD(u8, mode) FIELD(u32, bytes) FIELD(u16, site) TAIL(name))          \
    /* `times` reads of `bytes` bytes in all. */                                                   \
    EVENT(41, store_read, FIELD(u32, file) FIELD(u32, bytes) FIELD(u16, site) FIELD(u32, times))   \
    EVENT(42, store_close, FIELD(u32, file) FIELD(u32, bytes))                                     \
    /* `times` programs of `bytes` bytes in all, from `addr` on; device time that they took. */    \
    EVENT(43, flash_program,                                                                       \
          FIELD(flash_region, region) FIELD(u32, addr) FIELD(u32, bytes) FIELD(u32, times)         \
              FIELD(u64, device_ns))                                                               \
    /* A sector was erased, the `count`th time in its life. */                                     \
    EVENT(44, flash_erase,                                                                         \
          FIELD(flash_region, region) FIELD(u32, addr) FIELD(u32, count) FIELD(u64, device_ns))    \
    /* Such a job is done; the programs and erases of it are before. */                            \
    EVENT(45, flash_job,                                                                           \
          FIELD(flash_job, job) FIELD(flash_region, region) FIELD(u32, bytes) FIELD(u32, programs) \
              FIELD(u32, erases) FIELD(u64, device_ns))                                            \
    /* The text is secret, however else it was made: it stands under a name like `password`. */    \
    EVENT(46, text_secret, FIELD(text_id, text) FIELD(u16, site))                                  \
    /* The object at `from` (0: the runtime, `index` is an enum trace_root) refers to what is at   \
       `to`, an object or a block of the heap, as `edge` says. Of dead objects, too. */            \
    EVENT(47, heap_edge,                                                                           \
          FIELD(u32, from) FIELD(u32, to) FIELD(edge, edge) FIELD(u32, index)                      \
              FIELD(text_id, text))                                                                \
    /* The `edges` edges before are a snapshot of the heap, the `number`th of this boot. */        \
    EVENT(48, heap_snapshot,                                                                       \
          FIELD(u32, number) FIELD(moment, moment) FIELD(u32, edges) FIELD(u32, lua_bytes))        \
    /* `moves` vectors of `moved_bytes` in all have moved together: `resize` events before, each   \
       of as many bytes as the vector had. The largest free block of the heap, before and now. */  \
    EVENT(49, compaction,                                                                          \
          FIELD(compact_reason, reason) FIELD(u32, moves) FIELD(u32, moved_bytes)                  \
              FIELD(u32, largest_before) FIELD(u32, largest) FIELD(u16, site))                     \
    /* A boot finds `objects` blocks in the freezer, names of modules not counted, whose contents  \
       are `flash_bytes`; the next block goes to `addr`. */                                        \
    EVENT(50, freezer_mounted, FIELD(u32, addr) FIELD(u32, objects) FIELD(u32, flash_bytes))       \
    /* The userdata at `addr` is dead and waits for its finalizer. */                              \
    EVENT(51, gc_finalizer, FIELD(u32, addr))                                                      \
    /* The firmware took a block of its own (a connection, a packet) in the heap of Lua, or gave   \
       it back: in no ledger, and no collection is tried for it. */                                \
    EVENT(52, firmware_alloc, FIELD(u32, addr) FIELD(u32, bytes))                                  \
    EVENT(53, firmware_free, FIELD(u32, addr))                                                     \
    /* Collections of mode ALWAYS have from here on visited `objects` when marking is through      \
       `steps` steps of the usual size; 0: when it begins. Changes of up to an eighth, or of up    \
       to 6, are not told, nor what comes after TRACE_VISITED_STEPS_MAX. */                        \
    EVENT(54, gc_visited, FIELD(u16, steps) FIELD(u16, objects))                                   \
    /* The program, or what prepares it, gives the collector an order. */                          \
    EVENT(55, gc_control, FIELD(gc_order, order) FIELD(u32, value))                                \
    /* In mode ALWAYS: a variable of closures was closed with the object at `addr` in it, whose    \
       vectors, if it is a table, are at the other two (0: none). In a mode that marks then        \
       it has its mark from there on. */                                                           \
    EVENT(56, gc_held, FIELD(u32, addr) FIELD(u32, array_addr) FIELD(u32, nodes_addr))

#define TRACE_EVENTS(EVENT, FIELD, TAIL)                                                           \
    TRACE_COMPACT_EVENTS(EVENT, FIELD, TAIL)                                                       \
    TRACE_EXTENDED_EVENTS(EVENT, FIELD, TAIL)

#define TRACE_ID_LIMIT 57u // all ids are below; 31 is not given to events
#define TRACE_GC_CHECKS_USUAL 1u
#define TRACE_PLACE_WORK 16u         // of marking (gc_place)
#define TRACE_PLACE_FINALIZER 65535u // no place: see there
#define TRACE_STEP_WORK 2000u        // of a step of marking (gc_visited)
#define TRACE_VISITED_STEPS_MAX 255u // of marking (gc_visited)
#define TRACE_TEXT_ID_MAX 0x3fffffu
#define TRACE_NAME_ID_MAX 0x1ffffu // a site takes two names at most
#define TRACE_NTH_MAX 0x7fffu // of the functions that begin on one line; later ones have it, too
#define TRACE_STACK_DEPTH_MAX 64u  // callers of a site
#define TRACE_SITE_MORE 65535u     // the site of everything once the ids are used up
#define TRACE_MARK_BYTES_MAX 200u  // of a mark that `frost mark` gives
#define TRACE_TEXT_BYTES_MAX 4096u // longest tail of `text`

#endif
