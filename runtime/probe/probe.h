// probe.h: the probes of the runtime. Empty in the plain build, calls in the probed and traced.
//
// Reads and writes: nothing in `plain`; otherwise runtime/probe/event_writer.c turns each into
// an event of runtime/format/trace_events.h.
// Context: the interpreter's thread only. A probe never allocates from the Lua heap, never raises.
//
// The arguments of a probe are not evaluated in the plain build: they must have no side effects.

#ifndef FROST_PROBE_PROBE_H
#define FROST_PROBE_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/trace_events.h"

struct lua_State;
struct proto;
struct value;

#define PROBE_SITE_NOW (-1)

// The firmware tells the emulator's plugin where it is (runtime/probe/doorbell.c).
#if defined(FROST_PROBED) && defined(FROST_CHIP)
#define PROBE_HAS_DOORBELL
#endif
// The writer knows which instruction runs, also between the places where the VM writes it down.
#if defined(FROST_TRACED) || defined(PROBE_HAS_DOORBELL)
#define PROBE_HAS_PC
#endif

// Each probe stands here once: what it tells, its function, and the macro by which it is called.
#ifdef FROST_PROBED
#define PROBE(name, ...) probe_##name(__VA_ARGS__)
#define PROBE_OR(otherwise, name, ...) probe_##name(__VA_ARGS__)
#define PROBE_TICK() ((void)++probe_clock)
#else
#define PROBE(name, ...) ((void)0)
#define PROBE_OR(otherwise, name, ...) (otherwise) // of a probe that gives a value
#define PROBE_TICK() ((void)0)
#endif

// VM instructions executed since the process started: the clock of the trace.
extern uint64_t probe_clock;

// Heap. `kind` is an enum trace_kind; addresses are those of the block's first byte.
void probe_alloc(struct lua_State *L, const void *block, size_t bytes, int kind);
#define PROBE_ALLOC(L, block, bytes, kind) PROBE(alloc, L, block, bytes, kind)
// `site`: from probe_site_id() before the block moved; PROBE_SITE_NOW: where the program is now.
int probe_site_id(struct lua_State *L);
#define PROBE_SITE_ID(L) PROBE_OR(PROBE_SITE_NOW, site_id, L)
void probe_resize(struct lua_State *L, int site, const void *old_block, const void *block,
                  size_t bytes, int kind);
#define PROBE_RESIZE(L, site, old, block, bytes, kind)                                             \
    PROBE(resize, L, site, old, block, bytes, kind)
void probe_free(struct lua_State *L, const void *block);
#define PROBE_FREE(L, block) PROBE(free, L, block)

// Strings. `text` points at the first character of a Lua string (its header lies 16 bytes lower),
// `from` at the same characters, of which it was made; `probes` counts chain entries that were
// compared; `origin`: what the caller knows of where the characters come from (a set of
// TRACE_ORIGINS), 0: the writer finds it out.
void probe_string_new(struct lua_State *L, const char *text, const char *from, unsigned probes,
                      unsigned origin);
#define PROBE_STRING_NEW(L, text, from, probes, origin)                                            \
    PROBE(string_new, L, text, from, probes, origin)
void probe_string_found(struct lua_State *L, const char *text, const char *from, unsigned probes,
                        int place, unsigned origin);
#define PROBE_STRING_FOUND(L, text, from, probes, place, origin)                                   \
    PROBE(string_found, L, text, from, probes, place, origin)
// The program's own constants: what lies there is a literal of C code.
extern struct probe_literals {
    uintptr_t begin, bytes;
} probe_literals;
static inline unsigned probe_origin_of(const char *text)
{
    return (uintptr_t)text - probe_literals.begin < probe_literals.bytes ? TRACE_ORIGIN_LIBRARY
                                                                         : TRACE_ORIGIN_UNKNOWN;
}
#define PROBE_ORIGIN_OF(text) PROBE_OR(0u, origin_of, text)
void probe_string_table(struct lua_State *L, uint32_t slots, uint32_t strings, uint32_t chain_max);
#define PROBE_STRING_TABLE(L, slots, strings, chain) PROBE(string_table, L, slots, strings, chain)

// Collector. `reason` is an enum trace_gc_reason.
void probe_gc_begin(struct lua_State *L, int reason, uint32_t lua_bytes);
#define PROBE_GC_BEGIN(L, reason, bytes) PROBE(gc_begin, L, reason, bytes)
void probe_gc_phase(struct lua_State *L, int phase, uint32_t lua_bytes);
#define PROBE_GC_PHASE(L, phase, bytes) PROBE(gc_phase, L, phase, bytes)
void probe_gc_end(struct lua_State *L, int reason, uint32_t lua_bytes, uint32_t visited,
                  uint32_t freed);
#define PROBE_GC_END(L, reason, bytes, visited, freed)                                             \
    PROBE(gc_end, L, reason, bytes, visited, freed)

// So many times since the last collection began it was looked whether a step is due.
void probe_gc_checks(uint32_t times);
#define PROBE_GC_CHECKS(times) PROBE(gc_checks, times)
// The userdata is dead, and waits for its finalizer.
void probe_gc_finalizer(const void *userdata);
#define PROBE_GC_FINALIZER(userdata) PROBE(gc_finalizer, userdata)
#if defined(FROST_PROBED) && !defined(FROST_CHIP)
#define PROBE_HAS_PLACES
// When marking reached the object that begins in a granule of the heap: after how much, in units of
// TRACE_PLACE_WORK, and 1; 0: it has not, or only from the main thread's stack.
extern struct probe_places {
    uint16_t *items;
    uint32_t heap_addr, count;
    uint32_t end; // those from here on are 0
    // By granules, too: when marking was through with the object, and, above that, which marking.
    uint32_t *passed;
    uint16_t marking; // the newest
} probe_places;
#define PROBE_PLACE_MAX 65534u   // TRACE_PLACE_FINALIZER is none
#define PROBE_PLACE_TOLERANCE 4u // the place of the stack need not be told more exactly
static inline uint32_t probe_place_of(const void *object)
{
    return ((uint32_t)(uintptr_t)object - probe_places.heap_addr) / 16u;
}
static inline void probe_place_set(const void *object, unsigned at)
{
    uint32_t idx = probe_place_of(object);
    if (idx >= probe_places.count)
        return;
    probe_places.items[idx] = (uint16_t)at;
    if (idx >= probe_places.end)
        probe_places.end = idx + 1;
}
static inline void probe_place_passed(const void *object, unsigned at)
{
    uint32_t idx = probe_place_of(object);
    if (idx < probe_places.count)
        probe_places.passed[idx] = (uint32_t)probe_places.marking << 16 | at;
}
// A collection of mode ALWAYS frees the object.
void probe_gc_freed(const void *object);
// Its marking has reached the main thread's stack at the one place, and ended at the other.
void probe_gc_marked(unsigned stack, unsigned end);
// It has visited so many objects after so many steps, the newest of which ended with traversing
// `last`.
void probe_gc_visited(unsigned steps, uint32_t objects, const void *last);
// A variable of closures was closed with that object in it; its vectors, or NULL.
void probe_gc_held(const void *object, const void *array, const void *nodes);
#endif
// The collector is given an order (enum trace_gc_order).
void probe_gc_control(int order, uint32_t value);
#define PROBE_GC_CONTROL(order, value) PROBE(gc_control, order, value)
// The firmware takes a block of its own in the heap, and gives it back.
void probe_firmware_alloc(const void *block, size_t bytes);
#define PROBE_FIRMWARE_ALLOC(block, bytes) PROBE(firmware_alloc, block, bytes)
void probe_firmware_free(const void *block);
#define PROBE_FIRMWARE_FREE(block) PROBE(firmware_free, block)

// Vectors have moved together, each with a resize of its own, for an enum trace_compact_reason; the
// largest free block of the heap before and now. `site`: as of probe_resize.
void probe_compaction(struct lua_State *L, int site, int reason, uint32_t moves,
                      uint32_t moved_bytes, uint32_t largest_before, uint32_t largest);
#define PROBE_COMPACTION(L, ...) PROBE(compaction, L, __VA_ARGS__)

// C code read `bytes` characters of the string `text` one by one, from index `first` (0 based).
void probe_content_read(struct lua_State *L, const char *text, size_t first, size_t bytes,
                        int function);
#define PROBE_CONTENT_READ(L, text, first, bytes, function)                                        \
    PROBE(content_read, L, text, first, bytes, function)
// The same, `times` times.
void probe_content_reads(struct lua_State *L, const char *text, size_t first, size_t bytes,
                         int function, uint32_t times);
#define PROBE_CONTENT_READS(L, text, first, bytes, function, times)                                \
    PROBE(content_reads, L, text, first, bytes, function, times)
// The string `text`, whose first NUL stands behind `bytes` characters, is taken for a number. If it
// is in flash, or a list can move it there, what the chip's C library reads of it counts, else all
// of it.
void probe_number_read(struct lua_State *L, const char *text, size_t bytes);
#define PROBE_NUMBER_READ(L, text, bytes) PROBE(number_read, L, text, bytes)
// The C library copied `bytes` characters of the string `text`, from index `first` on, to a place
// whose address on the chip is `to` modulo 4 (an address, or an index into an aligned buffer).
// Counts what its routine for the chip takes one by one; texts that no list can move to flash do
// not count.
void probe_text_copied(struct lua_State *L, const char *text, size_t first, size_t bytes,
                       size_t to);
#define PROBE_TEXT_COPIED(L, text, first, bytes, to) PROBE(text_copied, L, text, first, bytes, to)
// It compared them with an equal text at an aligned address, as interning does.
void probe_text_compared(struct lua_State *L, const char *text, size_t first, size_t bytes);
#define PROBE_TEXT_COMPARED(L, text, first, bytes) PROBE(text_compared, L, text, first, bytes)
// The same for one that is as long as those at `from` and differs.
void probe_texts_differ(struct lua_State *L, const char *text, const char *from, size_t bytes);
#define PROBE_TEXTS_DIFFER(L, text, from, bytes) PROBE(texts_differ, L, text, from, bytes)
// Is the string `text` in flash, or can a list move it there?
int probe_may_move(const char *text);

// C code looks a name up: its characters are hashed, all of a short text, about 32 of a long one.
// Counts if `text` is all of a Lua string; ends with NUL.
void probe_text_hashed(struct lua_State *L, const char *text, size_t bytes);
#define PROBE_TEXT_HASHED(L, text, bytes) PROBE(text_hashed, L, text, bytes)

// C code adds a text to a luaL_Buffer, one by one. Counts if it is all of a Lua string.
void probe_text_added(struct lua_State *L, const char *text, size_t bytes);
#define PROBE_TEXT_ADDED(L, text, bytes) PROBE(text_added, L, text, bytes)

// For the sites of such reads: how many characters two texts have in common, at most bytes_max.
size_t probe_same_bytes(const char *a, const char *b, size_t bytes_max);

// The code at `pc` loaded `width` bytes at the flash address `addr` (traced build).
void probe_flash_load(struct lua_State *L, uint32_t addr, unsigned width, uint32_t pc);
#define PROBE_FLASH_LOAD(L, addr, width, pc) PROBE(flash_load, L, addr, width, pc)

// The thread that runs from now on, NULL: none; result: the one before. Loads have its site.
struct lua_State *probe_thread(struct lua_State *L);
// The instruction after the one that the interpreter is about to fetch.
extern const uint32_t *probe_pc;

// The interpreter is about to execute the instruction before `next` (chip).
void probe_step(struct lua_State *L, const uint32_t *next);
// Calls `look` once, before the first instruction from `clock` on; what it does counts as work of
// the probes (chip). The other one: before the next instruction, if something is watched for.
void probe_watch(uint64_t clock, void (*look)(void));
void probe_watch_soon(void);
// What runs from now on is what the topmost call record of L says: a C function is entered, or gone
// back to (chip).
void probe_place(struct lua_State *L);

// A VM event (enum trace_vm_event) that concerns the flash object at `object`; `times` such.
void probe_vm_event(struct lua_State *L, int what, const void *object);
#define PROBE_VM_EVENT(L, what, object) PROBE(vm_event, L, what, object)
void probe_vm_events(struct lua_State *L, int what, const void *object, uint32_t times);
#define PROBE_VM_EVENTS(L, what, object, times) PROBE(vm_events, L, what, object, times)

// What the core is asked between these two is no concern of the program: nothing is written.
void probe_hush(void);
#define PROBE_HUSH() PROBE(hush)
void probe_unhush(void);
#define PROBE_UNHUSH() PROBE(unhush)

// Program level: written by the port.
void probe_boot(unsigned number, unsigned flags, uint32_t heap_addr, uint32_t heap_bytes,
                uint32_t lua_bytes, const char *command);
#define PROBE_BOOT(...) PROBE(boot, __VA_ARGS__)
// The image of `bytes` bytes at the address `addr`, readable there, is mounted; a copy of it goes
// into the trace, named after its crc and the last part of `file`.
void probe_image_mounted(uint32_t addr, uint32_t bytes, uint32_t crc, const char *file);
#define PROBE_IMAGE_MOUNTED(...) PROBE(image_mounted, __VA_ARGS__)
void probe_console(int stream, const char *text, size_t bytes);
#define PROBE_CONSOLE(stream, text, bytes) PROBE(console, stream, text, bytes)
void probe_mark(const char *text, size_t bytes);
#define PROBE_MARK(text, bytes) PROBE(mark, text, bytes)
// The state of the heap as an event. The writer does so by itself after the first collection that
// ends in each packet, for heaps of up to 1 MiB.
void probe_heap(struct lua_State *L);
#define PROBE_HEAP(L) PROBE(heap, L)
void probe_end(int status, uint32_t lua_bytes, uint32_t lua_bytes_max, uint32_t stack_bytes);
#define PROBE_END(...) PROBE(end, __VA_ARGS__)

// Sources of texts: runtime/probe/sources.h tells how they are found out. What is made between
// these two comes from there, unless the maker says otherwise; they nest.
void probe_source_begin(unsigned sources);
#define PROBE_SOURCE_BEGIN(sources) PROBE(source_begin, sources)
void probe_source_end(void);
#define PROBE_SOURCE_END() PROBE(source_end)
// The same for the constants of code that is loaded between them. Where nothing is said they are
// `device`, or come from the text that is being loaded if that is input.
void probe_code_begin(unsigned sources);
#define PROBE_CODE_BEGIN(sources) PROBE(code_begin, sources)
void probe_code_end(void);
#define PROBE_CODE_END() PROBE(code_end)
// An error leaves what was begun: the depth at the start of a protected call, put back after one.
unsigned probe_source_depth(void);
#define PROBE_SOURCE_DEPTH() PROBE_OR(0u, source_depth)
void probe_source_restore(unsigned depth);
#define PROBE_SOURCE_RESTORE(depth) PROBE_OR((void)(depth), source_restore, depth)
// Sources of a file's contents that are not the program's, as far as this run tells:
// TRACE_ORIGIN_SECRET if its name looks like that of credentials, and those of what the program has
// written into it, over restarts, too.
unsigned probe_sources_of_file(const char *name);
#define PROBE_SOURCES_OF_FILE(name) PROBE_OR(0u, sources_of_file, name)
// The program writes a string of the heap or the image into the file.
void probe_file_written(const char *name, const char *text);
#define PROBE_FILE_WRITTEN(name, text) PROBE(file_written, name, text)
// A file has what another has, by renaming or compiling.
void probe_file_made_of(const char *name, const char *other);
#define PROBE_FILE_MADE_OF(name, other) PROBE(file_made_of, name, other)
// Names with this in them do, too; the text stays the caller's. Result: 0: they are too many.
int probe_add_credential(const char *word);
// A C function begins: it has worked with nothing yet.
void probe_call_begin(struct lua_State *L);
#define PROBE_CALL_BEGIN(L) PROBE(call_begin, L)
// C code gets at the characters of the string `text` (lua_tolstring).
void probe_text_taken(struct lua_State *L, const char *text);
#define PROBE_TEXT_TAKEN(L, text) PROBE(text_taken, L, text)
// The C library has copied `count` strings, one behind the other, to a multiple of 4: what its
// routine takes one by one of them counts as in probe_text_copied. Result: their sources.
unsigned probe_joined(struct lua_State *L, const struct value *first, int count);
#define PROBE_JOINED(L, first, count) PROBE_OR(0u, joined, L, first, count)
// C code makes a number.
void probe_number_made(struct lua_State *L);
#define PROBE_NUMBER_MADE(L) PROBE(number_made, L)
// A Lua function has found the string `text` in a table, under a key that is no constant: the
// string `key`, or a number (NULL).
void probe_looked_up(struct lua_State *L, const char *key, const char *text);
// The string `text` is stored under the string `key`.
void probe_stored(struct lua_State *L, const char *key, const char *text);
// A function was loaded, or an image with it mounted: constants in it may be secrets.
void probe_code_loaded(struct lua_State *L, const struct proto *p);
#define PROBE_CODE_LOADED(L, p) PROBE(code_loaded, L, p)
// Functions of a chunk are told apart by the line that they begin on and, where several begin on
// one, by their order in the source: that of the one that was begun last. All 0 for a new chunk.
struct probe_order {
    int32_t line;
    uint32_t nth;
};
// The function that comes next in the source begins on `line`; `p` is in RAM.
void probe_function(struct probe_order *order, const struct proto *p, int32_t line);
#define PROBE_FUNCTION(order, p, line) PROBE(function, order, p, line)
// The how manyth of its line a function is, at most TRACE_NTH_MAX; 0: not known, or a main chunk.
unsigned probe_function_nth(const struct proto *p);
#define PROBE_FUNCTION_NTH(p) PROBE_OR(0u, function_nth, p)
// The string `text` is secret from now on.
void probe_secret(struct lua_State *L, const char *text);
// A function was given the string `text` as what its caller proves itself with: a password, a key.
void probe_credential(struct lua_State *L, const char *text);
#define PROBE_CREDENTIAL(L, text) PROBE(credential, L, text)

// The freezer: freeze `number` of the object at `addr` begins; it has moved a block of `kind`; it
// has ended with an enum trace_freeze_result. All that was frozen is gone.
void probe_freeze_begin(struct lua_State *L, uint32_t number, uint32_t addr, int kind);
#define PROBE_FREEZE_BEGIN(L, ...) PROBE(freeze_begin, L, __VA_ARGS__)
void probe_freeze_object(uint32_t number, uint32_t old_addr, uint32_t addr, uint32_t bytes,
                         int kind);
#define PROBE_FREEZE_OBJECT(...) PROBE(freeze_object, __VA_ARGS__)
void probe_freeze_end(uint32_t number, int result, uint32_t objects, uint32_t ram_bytes,
                      uint32_t flash_bytes);
#define PROBE_FREEZE_END(...) PROBE(freeze_end, __VA_ARGS__)
// The frozen object at `old_addr` has a copy in RAM.
void probe_thaw(struct lua_State *L, uint32_t old_addr, uint32_t addr, uint32_t bytes, int kind);
#define PROBE_THAW(L, ...) PROBE(thaw, L, __VA_ARGS__)
void probe_freezer_erase(uint32_t objects, uint32_t flash_bytes);
// A boot finds what was frozen before.
void probe_freezer_mounted(uint32_t addr, uint32_t objects, uint32_t flash_bytes);
// Flash: `times` programs of `bytes` bytes in all from `addr` on; a sector was erased, the
// `count`th time in its life (0: not known); a job of many of these is done. `region` and `job` are
// those of trace_events.h.
void probe_flash_program(int region, uint32_t addr, uint32_t bytes, uint32_t times,
                         uint64_t device_ns);
#define PROBE_FLASH_PROGRAM(...) PROBE(flash_program, __VA_ARGS__)
void probe_flash_erase(int region, uint32_t addr, uint32_t count, uint64_t device_ns);
#define PROBE_FLASH_ERASE(...) PROBE(flash_erase, __VA_ARGS__)
void probe_flash_job(int job, int region, uint32_t bytes, uint32_t programs, uint32_t erases,
                     uint64_t device_ns);
#define PROBE_FLASH_JOB(...) PROBE(flash_job, __VA_ARGS__)
#define PROBE_FREEZER_ERASE(...) PROBE(freezer_erase, __VA_ARGS__)
#define PROBE_FREEZER_MOUNTED(...) PROBE(freezer_mounted, __VA_ARGS__)

// The gate to the world: `kind` is an enum trace_world, `object` what it is about, `turn` the
// number of the turn of the event loop. Inputs and outputs of any length go in pieces; --no-text
// writes none, --no-inputs no inputs.
void probe_turn(uint32_t number, int kind, uint32_t object, uint64_t device_ns);
#define PROBE_TURN(number, kind, object, device_ns) PROBE(turn, number, kind, object, device_ns)
void probe_device_time(uint32_t turn, uint64_t device_ns);
#define PROBE_DEVICE_TIME(turn, device_ns) PROBE(device_time, turn, device_ns)
void probe_input(uint32_t turn, int kind, uint32_t object, const void *data, size_t bytes);
#define PROBE_INPUT(turn, kind, object, data, bytes) PROBE(input, turn, kind, object, data, bytes)
void probe_output(uint32_t turn, int kind, uint32_t object, const void *data, size_t bytes);
#define PROBE_OUTPUT(turn, kind, object, data, bytes) PROBE(output, turn, kind, object, data, bytes)
// A replay leaves its recording: `difference` is an enum trace_difference, `off` counts the bytes
// of the object; L may be NULL.
void probe_replay_difference(struct lua_State *L, int difference, uint32_t turn, int kind,
                             uint32_t object, uint64_t off, const char *text);
#define PROBE_REPLAY_DIFFERENCE(L, ...) PROBE(replay_difference, L, __VA_ARGS__)

#ifdef FROST_TRACED
#define PROBE_THREAD(L) probe_thread(L)
#define PROBE_PC(L, next) ((void)(probe_pc = (next)))
#define PROBE_PLACE(L) ((void)0)
#else
#define PROBE_THREAD(L) ((void)(L), (struct lua_State *)0)
#ifdef PROBE_HAS_DOORBELL
#define PROBE_PC(L, next) probe_step(L, next)
#define PROBE_PLACE(L) probe_place(L)
#else
#define PROBE_PC(L, next) ((void)0)
#define PROBE_PLACE(L) ((void)0)
#endif
#endif

#endif
