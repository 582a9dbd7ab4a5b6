// trace_events.h: the events of a trace, once, for the C writer, the C reader and the TSDL.
//
// TRACE_EVENTS(EVENT, FIELD, TAIL) expands to one EVENT per kind; FIELDs are unsigned integers of
// 8, 16, 32 or 64 bits, byte packed, little-endian, in the order given; at most one TAIL (u16
// length, then that many bytes) ends an event. Header of an event: 32 bits, little-endian, low 5
// bits the id, high 27 bits the low bits of the clock. The clock is the number of VM
// instructions executed, declared as 1e9 Hz (1 ns = 1 instruction). Events are byte packed.
//
//   EVENT(id, name, FIELDS)    FIELDS is a list of FIELD(type, name) ... TAIL(name)
//
// Types of fields: u8 u16 u32 u64, and the enums below, which take one byte (kind, content,
// vm_what, gc_reason, gc_phase, place, flash_use). A value outside its enum is damage: the reader
// refuses it, so an analysis may index an array of KIND_COUNT items with a kind. What packets look
// like and how the schema is hashed: runtime/format/trace.h.
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
// in the order of their first definition (as far as nothing was lost).
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
#define TRACE_KINDS(X)                                                                            \
    X(KIND_STATE, "state")                 /* main thread and global state */                     \
    X(KIND_STRING, "string")                                                                      \
    X(KIND_TABLE, "table")                                                                        \
    X(KIND_TABLE_ARRAY, "table array")                                                            \
    X(KIND_TABLE_NODES, "table nodes")                                                            \
    X(KIND_CLOSURE, "closure")                                                                    \
    X(KIND_UPVALUE, "upvalue")                                                                    \
    X(KIND_PROTO, "function")                                                                     \
    X(KIND_CODE, "code")                                                                          \
    X(KIND_CONSTANTS, "constants")                                                                \
    X(KIND_PROTO_VECTOR, "function vector")                                                       \
    X(KIND_LINES, "line table")                                                                   \
    X(KIND_DEBUG_NAMES, "debug names")     /* local and upvalue name vectors */                   \
    X(KIND_USERDATA, "userdata")                                                                  \
    X(KIND_THREAD, "thread")                                                                      \
    X(KIND_STACK, "stack")                                                                        \
    X(KIND_CALLS, "call records")                                                                 \
    X(KIND_STRING_TABLE, "string table")                                                          \
    X(KIND_BUFFER, "buffer")               /* concatenation, lexer and loader buffers */          \
    X(KIND_OTHER, "other")

// Which C code read characters of a string one by one.
#define TRACE_CONTENT_FUNCTIONS(X)                                                                \
    X(CONTENT_OTHER, "other")                                                                     \
    X(CONTENT_MATCH_SUBJECT, "pattern subject")                                                   \
    X(CONTENT_MATCH_PATTERN, "pattern")                                                           \
    X(CONTENT_FIND_PLAIN, "plain find")                                                           \
    X(CONTENT_FORMAT, "format")                                                                   \
    X(CONTENT_BYTE, "byte")                                                                       \
    X(CONTENT_SUB, "sub")                                                                         \
    X(CONTENT_CASE, "upper/lower")                                                                \
    X(CONTENT_REVERSE, "reverse")                                                                 \
    X(CONTENT_REP, "rep")                                                                         \
    X(CONTENT_CONCAT, "concat")                                                                   \
    X(CONTENT_TONUMBER, "tonumber")                                                               \
    X(CONTENT_LEXER, "lexer")                                                                     \
    X(CONTENT_PRINT, "print")                                                                     \
    X(CONTENT_LINES, "line table")                                                                \
    X(CONTENT_COMPARE, "compare")                                                                 \
    X(CONTENT_HASH, "hash")

// What stock firmware pays an emulated byte load for (facts on flash access), per VM event.
#define TRACE_VM_EVENTS(X)                                                                        \
    X(VM_FLASH_CALL, "call of a flash function")                                                  \
    X(VM_FLASH_CLOSURE, "closure of a flash function")                                            \
    X(VM_FLASH_VARARG, "vararg in a flash function")                                              \
    X(VM_FLASH_STORE, "store of a flash string")                                                  \
    X(VM_VISIT_STRING, "collector visit of a flash string")                                       \
    X(VM_VISIT_PROTO, "collector visit of a flash function")

// Why a collection ran.
#define TRACE_GC_REASONS(X)                                                                       \
    X(GC_REASON_STEP, "step")              /* threshold reached */                                \
    X(GC_REASON_ALWAYS, "always")          /* emergency mode ALWAYS, before an allocation */      \
    X(GC_REASON_FAILURE, "failure")        /* after a failed allocation */                        \
    X(GC_REASON_LIMIT, "limit")            /* memory limit of the emergency modes */              \
    X(GC_REASON_REQUEST, "request")        /* collectgarbage, lua_gc */

// What a collection does from this event on. The words are Lua 5.1's.
#define TRACE_GC_PHASES(X)                                                                        \
    X(GC_PHASE_PAUSE, "pause")                                                                    \
    X(GC_PHASE_PROPAGATE, "propagate")                                                            \
    X(GC_PHASE_SWEEP_STRINGS, "sweep strings")                                                    \
    X(GC_PHASE_SWEEP, "sweep")                                                                    \
    X(GC_PHASE_FINALIZE, "finalize")                                                              \
    X(GC_PHASE_ATOMIC, "atomic")           /* the part of propagate that cannot be divided */

// Where a string was found.
#define TRACE_PLACES(X)                                                                           \
    X(PLACE_RAM, "RAM")                                                                           \
    X(PLACE_FLASH, "flash")

// What a line of the flash cache was wanted for.
#define TRACE_FLASH_USES(X)                                                                       \
    X(FLASH_USE_CODE, "code")                                                                     \
    X(FLASH_USE_DATA, "data")

#define TRACE_ENUM_ITEM(name, text) name,
enum trace_kind { TRACE_KINDS(TRACE_ENUM_ITEM) KIND_COUNT };
enum trace_content { TRACE_CONTENT_FUNCTIONS(TRACE_ENUM_ITEM) CONTENT_COUNT };
enum trace_vm_event { TRACE_VM_EVENTS(TRACE_ENUM_ITEM) VM_EVENT_COUNT };
enum trace_gc_reason { TRACE_GC_REASONS(TRACE_ENUM_ITEM) GC_REASON_COUNT };
enum trace_gc_phase { TRACE_GC_PHASES(TRACE_ENUM_ITEM) GC_PHASE_COUNT };
enum trace_place { TRACE_PLACES(TRACE_ENUM_ITEM) PLACE_COUNT };
enum trace_flash_use { TRACE_FLASH_USES(TRACE_ENUM_ITEM) FLASH_USE_COUNT };
#undef TRACE_ENUM_ITEM

// Flags of `boot`.
#define TRACE_BOOT_INTEGER 1u    // integer build
#define TRACE_BOOT_PC 2u         // profile pc
#define TRACE_BOOT_STOCK 4u      // firmware without probes (see "Stock firmware")
// Flags of `string_new`.
#define TRACE_STRING_INPUT 1u    // made from what a file, the console or the network gave
#define TRACE_STRING_CONSTANT 2u // made by the compiler or the loader of bytecode

#define TRACE_EVENTS(EVENT, FIELD, TAIL)                                                          \
    /* A (re)start of the runtime. `lua_bytes`: what no `alloc` accounts for. */                  \
    EVENT(0, boot, FIELD(u16, number) FIELD(u8, flags) FIELD(u32, heap_bytes)                     \
        FIELD(u32, heap_addr) FIELD(u32, lua_bytes) TAIL(command))                                \
    /* An image at `addr`; `file` names its copy in .frost/. */                                   \
    EVENT(1, image_mounted, FIELD(u32, addr) FIELD(u32, bytes) FIELD(u32, crc) TAIL(file))        \
    /* A name for sites: chunk or C function. */                                                  \
    EVENT(2, name, FIELD(u32, id) TAIL(text))                                                     \
    /* Lua line `line` of chunk `source` (a name), in the function that begins at `defined`;      \
       `function` is the name of the C function it had called, 0 if none. */                      \
    EVENT(3, site, FIELD(u16, id) FIELD(u32, source) FIELD(u32, line) FIELD(u32, defined)         \
        FIELD(u32, function))                                                                     \
    /* The content behind a text id; `hash` is trace_text_hash() of all of it; `flash_addr` 0 if  \
       it is not in flash; `bytes` is the length of the string, the tail may be shorter           \
       (--no-text: empty; very long strings: the first TRACE_TEXT_BYTES_MAX). */                  \
    EVENT(4, text, FIELD(u32, id) FIELD(u64, hash) FIELD(u32, bytes) FIELD(u32, flash_addr)       \
        TAIL(text))                                                                               \
    /* Heap blocks. `bytes` are Lua bytes (the ledger), without block overhead. */                \
    EVENT(5, alloc, FIELD(u32, addr) FIELD(u32, bytes) FIELD(kind, kind) FIELD(u16, site))        \
    EVENT(6, resize, FIELD(u32, old_addr) FIELD(u32, addr) FIELD(u32, bytes) FIELD(kind, kind)    \
        FIELD(u16, site))                                                                         \
    EVENT(7, free, FIELD(u32, addr))                                                              \
    /* A new string block: 16 + length + 1 bytes at `addr`. `probes`: chain entries compared,     \
       at most 255. No `alloc` event is written for it. */                                        \
    EVENT(8, string_new, FIELD(u32, addr) FIELD(u32, text) FIELD(u16, site) FIELD(u8, probes)     \
        FIELD(u8, flags))                                                                         \
    /* Interning found the text. */                                                               \
    EVENT(9, string_found, FIELD(u32, text) FIELD(u16, site) FIELD(u8, probes)                    \
        FIELD(place, place))                                                                      \
    /* The RAM string table got `slots` slots. */                                                 \
    EVENT(10, string_table, FIELD(u32, slots) FIELD(u32, strings) FIELD(u32, chain_max))          \
    EVENT(11, gc_begin, FIELD(gc_reason, reason) FIELD(u32, lua_bytes) FIELD(u64, real_ns))       \
    /* Only of collections that go by steps: a full one has all phases at one instruction. */     \
    EVENT(12, gc_phase, FIELD(gc_phase, phase) FIELD(u32, lua_bytes))                             \
    EVENT(13, gc_end, FIELD(gc_reason, reason) FIELD(u32, lua_bytes) FIELD(u32, visited)          \
        FIELD(u32, freed) FIELD(u64, real_ns))                                                    \
    /* Counters: events 14 to 16, 21 and 22 sum up what happened in their packet since the last   \
       event with the same fields; their time is when the sum was written, at the packet's end or \
       before. With --raw each of the first three is written at once with `times` 1. */           \
    /* `times` equal reads of `bytes` characters from `first` on. */                              \
    EVENT(14, content_read, FIELD(u32, text) FIELD(u32, first) FIELD(u32, bytes) FIELD(u16, site) \
        FIELD(content, function) FIELD(u32, times))                                               \
    /* `times` VM events of kind `what`; `addr` is the flash object. Visits of the collector have \
       site 0. */                                                                                 \
    EVENT(15, vm_event, FIELD(vm_what, what) FIELD(u16, site) FIELD(u32, addr) FIELD(u32, times)) \
    /* `times` loads of `width` bytes from the flash word at `addr`, by the code at `pc` (traced  \
       build, chip). */                                                                           \
    EVENT(16, flash_load, FIELD(u32, addr) FIELD(u8, width) FIELD(u32, pc) FIELD(u16, site)       \
        FIELD(u32, times))                                                                        \
    /* The state of the heap: ledger, modelled heap bytes in use, largest free block. Written     \
       after the first collection that ends in a packet, for heaps of up to 1 MiB. */             \
    EVENT(17, heap, FIELD(u32, lua_bytes) FIELD(u32, heap_used) FIELD(u32, free_largest)          \
        FIELD(u32, free_blocks) FIELD(u32, strings))                                              \
    EVENT(18, console, FIELD(u8, stream) TAIL(text))                                              \
    EVENT(19, mark, TAIL(text))                                                                   \
    /* The run is over. `status`: exit status; `stack_bytes`: high-water mark of the C stack. */  \
    EVENT(20, end, FIELD(u8, status) FIELD(u32, lua_bytes) FIELD(u32, lua_bytes_max)              \
        FIELD(u32, stack_bytes))                                                                  \
    /* `times` misses of the modelled flash cache: the line at `addr` was wanted by the code at    \
       `pc`, which is what was fetched (code) or loaded it (data). Emulated chip only; hits are    \
       `fetches` of machine_code and `times` of flash_load less these. */                         \
    EVENT(21, cache_miss, FIELD(flash_use, use) FIELD(u32, addr) FIELD(u32, pc) FIELD(u16, site)  \
        FIELD(u32, times))                                                                        \
    /* The C function that begins at `pc` executed `instructions` of the machine, taken from       \
       `fetches` lines of flash. Emulated chip only; work of the probes is left out. */           \
    EVENT(22, machine_code, FIELD(u32, pc) FIELD(u16, site) FIELD(u32, instructions)              \
        FIELD(u32, fetches))                                                                      \
    /* What a device without probes said of its heap: bytes that are free, bytes that Lua has     \
       (0: not said), and how many of them its collector takes for live (0: not said). */         \
    EVENT(23, device_heap, FIELD(u32, free_bytes) FIELD(u32, lua_bytes) FIELD(u32, live_bytes))   \
    /* It has listed its `strings` strings; `missing` of them were lost on the way (at least). */ \
    EVENT(24, snapshot, FIELD(place, place) FIELD(u32, strings) FIELD(u32, missing))

#define TRACE_EVENT_COUNT 25
#define TRACE_SITE_MORE 65535u     // the site of everything once the ids are used up
#define TRACE_TEXT_BYTES_MAX 4096u // longest tail of `text`

#endif
