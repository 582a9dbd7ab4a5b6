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

#define PROBE_SITE_NOW (-1)

// The firmware tells the emulator's plugin where it is (runtime/probe/doorbell.c).
#if defined(FROST_PROBED) && defined(FROST_CHIP)
#define PROBE_HAS_DOORBELL
#endif
// The writer knows which instruction runs, also between the places where the VM writes it down.
#if defined(FROST_TRACED) || defined(PROBE_HAS_DOORBELL)
#define PROBE_HAS_PC
#endif

#ifdef FROST_PROBED

// VM instructions executed since the process started: the clock of the trace.
extern uint64_t probe_clock;

// Heap. `kind` is an enum trace_kind; addresses are those of the block's first byte.
void probe_alloc(struct lua_State *L, const void *block, size_t bytes, int kind);
// `site`: from probe_site_id() before the block moved; PROBE_SITE_NOW: where the program is now.
int probe_site_id(struct lua_State *L);
void probe_resize(struct lua_State *L, int site, const void *old_block, const void *block,
                  size_t bytes, int kind);
void probe_free(struct lua_State *L, const void *block);

// Strings. `text` points at the first character of a Lua string (its header lies 16 bytes lower);
// `probes` counts chain entries that were compared; `flags` are TRACE_STRING_*.
void probe_string_new(struct lua_State *L, const char *text, unsigned probes, unsigned flags);
void probe_string_found(struct lua_State *L, const char *text, unsigned probes, int place);
// The text is (also) a constant of the program: it no longer counts as input. For the compiler and
// the loader of bytecode, after they have found or made a string.
void probe_string_constant(struct lua_State *L, const char *text);
void probe_string_table(struct lua_State *L, uint32_t slots, uint32_t strings, uint32_t chain_max);

// Collector. `reason` is an enum trace_gc_reason.
void probe_gc_begin(struct lua_State *L, int reason, uint32_t lua_bytes);
void probe_gc_phase(struct lua_State *L, int phase, uint32_t lua_bytes);
void probe_gc_end(struct lua_State *L, int reason, uint32_t lua_bytes, uint32_t visited,
                  uint32_t freed);

// C code read `bytes` characters of the string `text` one by one, from index `first` (0 based).
void probe_content_read(struct lua_State *L, const char *text, size_t first, size_t bytes,
                        int function);

// C code looks a name up: its characters are hashed, all of a short text, about 32 of a long one.
// Counts if `text` is all of a Lua string; ends with NUL.
void probe_text_hashed(struct lua_State *L, const char *text, size_t bytes);

// For the sites of such reads: how many characters two texts have in common, at most bytes_max.
size_t probe_same_bytes(const char *a, const char *b, size_t bytes_max);

// The code at `pc` loaded `width` bytes at the flash address `addr` (traced build).
void probe_flash_load(struct lua_State *L, uint32_t addr, unsigned width, uint32_t pc);

// The thread that runs from now on, NULL: none; result: the one before. Loads have its site.
struct lua_State *probe_thread(struct lua_State *L);
// The instruction behind the one that the interpreter is about to fetch.
extern const uint32_t *probe_pc;

// The interpreter is about to execute the instruction before `next` (chip).
void probe_step(struct lua_State *L, const uint32_t *next);
// What runs from now on is what the topmost call record of L says: a C function is entered, or gone
// back to (chip).
void probe_place(struct lua_State *L);

// A VM event (enum trace_vm_event) that concerns the flash object at `object`.
void probe_vm_event(struct lua_State *L, int what, const void *object);

// Program level: written by the port.
void probe_boot(unsigned number, unsigned flags, uint32_t heap_addr, uint32_t heap_bytes,
                uint32_t lua_bytes, const char *command);
// The image of `bytes` bytes at the address `addr`, readable there, is mounted; a copy of it goes
// into the trace, named after its crc and the last part of `file`.
void probe_image_mounted(uint32_t addr, uint32_t bytes, uint32_t crc, const char *file);
void probe_console(int stream, const char *text, size_t bytes);
void probe_mark(const char *text, size_t bytes);
// The state of the heap as an event. The writer does so by itself after the first collection that
// ends in each packet, for heaps of up to 1 MiB.
void probe_heap(struct lua_State *L);
void probe_end(int status, uint32_t lua_bytes, uint32_t lua_bytes_max, uint32_t stack_bytes);

// Input: what a program reads from files, the console or the network. A string counts as input
// (TRACE_STRING_INPUT in its string_new event) if it is made
//   - between the two calls below (they nest);
//   - by a C function in whose frame (base to top) an input string stands;
//   - by a C function that has asked for the characters of an input string (probe_text_taken), or
//     has read some (probe_content_read), in the same call, without Lua code in between:
//     table.concat, buffers;
//   - by a concatenation in the VM with an input operand;
//   - again, after the same text counted as input before, as long as the text is known.
// A text that the compiler or the loader of bytecode made as a constant, or that stands in flash,
// is none, wherever else it came from.
// Not covered: what goes through numbers (string.byte, string.char), through userdata and upvalues
// of C functions, and code that was loaded from input: its constants count as constants.
void probe_input_begin(void);
void probe_input_end(void);
// An error leaves what was begun: the depth at the start of a protected call, put back after one.
unsigned probe_input_depth(void);
void probe_input_restore(unsigned depth);
// C code gets at the characters of the string `text` (lua_tolstring).
void probe_text_taken(struct lua_State *L, const char *text);

#define PROBE_TICK() ((void)++probe_clock)
#define PROBE_ALLOC(L, block, bytes, kind) probe_alloc(L, block, bytes, kind)
#define PROBE_SITE_ID(L) probe_site_id(L)
#define PROBE_RESIZE(L, site, old, block, bytes, kind)                                            \
    probe_resize(L, site, old, block, bytes, kind)
#define PROBE_FREE(L, block) probe_free(L, block)
#define PROBE_STRING_NEW(L, text, probes, flags) probe_string_new(L, text, probes, flags)
#define PROBE_STRING_FOUND(L, text, probes, place) probe_string_found(L, text, probes, place)
#define PROBE_STRING_CONSTANT(L, text) probe_string_constant(L, text)
#define PROBE_FLASH_LOAD(L, addr, width, pc) probe_flash_load(L, addr, width, pc)
#define PROBE_STRING_TABLE(L, slots, strings, chain) probe_string_table(L, slots, strings, chain)
#define PROBE_GC_BEGIN(L, reason, bytes) probe_gc_begin(L, reason, bytes)
#define PROBE_GC_PHASE(L, phase, bytes) probe_gc_phase(L, phase, bytes)
#define PROBE_GC_END(L, reason, bytes, visited, freed)                                            \
    probe_gc_end(L, reason, bytes, visited, freed)
#define PROBE_CONTENT_READ(L, text, first, bytes, function)                                       \
    probe_content_read(L, text, first, bytes, function)
#define PROBE_TEXT_HASHED(L, text, bytes) probe_text_hashed(L, text, bytes)
#define PROBE_VM_EVENT(L, what, object) probe_vm_event(L, what, object)
#define PROBE_BOOT(...) probe_boot(__VA_ARGS__)
#define PROBE_IMAGE_MOUNTED(...) probe_image_mounted(__VA_ARGS__)
#define PROBE_CONSOLE(stream, text, bytes) probe_console(stream, text, bytes)
#define PROBE_MARK(text, bytes) probe_mark(text, bytes)
#define PROBE_HEAP(L) probe_heap(L)
#define PROBE_END(...) probe_end(__VA_ARGS__)
#define PROBE_INPUT_BEGIN() probe_input_begin()
#define PROBE_INPUT_END() probe_input_end()
#define PROBE_INPUT_DEPTH() probe_input_depth()
#define PROBE_INPUT_RESTORE(depth) probe_input_restore(depth)
#define PROBE_TEXT_TAKEN(L, text) probe_text_taken(L, text)

#else

#define PROBE_TICK() ((void)0)
#define PROBE_ALLOC(L, block, bytes, kind) ((void)0)
#define PROBE_SITE_ID(L) PROBE_SITE_NOW
#define PROBE_RESIZE(L, site, old, block, bytes, kind) ((void)0)
#define PROBE_FREE(L, block) ((void)0)
#define PROBE_STRING_NEW(L, text, probes, flags) ((void)0)
#define PROBE_STRING_FOUND(L, text, probes, place) ((void)0)
#define PROBE_STRING_CONSTANT(L, text) ((void)0)
#define PROBE_FLASH_LOAD(L, addr, width, pc) ((void)0)
#define PROBE_STRING_TABLE(L, slots, strings, chain) ((void)0)
#define PROBE_GC_BEGIN(L, reason, bytes) ((void)0)
#define PROBE_GC_PHASE(L, phase, bytes) ((void)0)
#define PROBE_GC_END(L, reason, bytes, visited, freed) ((void)0)
#define PROBE_CONTENT_READ(L, text, first, bytes, function) ((void)0)
#define PROBE_TEXT_HASHED(L, text, bytes) ((void)0)
#define PROBE_VM_EVENT(L, what, object) ((void)0)
#define PROBE_BOOT(...) ((void)0)
#define PROBE_IMAGE_MOUNTED(...) ((void)0)
#define PROBE_CONSOLE(stream, text, bytes) ((void)0)
#define PROBE_MARK(text, bytes) ((void)0)
#define PROBE_HEAP(L) ((void)0)
#define PROBE_END(...) ((void)0)
#define PROBE_INPUT_BEGIN() ((void)0)
#define PROBE_INPUT_END() ((void)0)
#define PROBE_INPUT_DEPTH() 0u
#define PROBE_INPUT_RESTORE(depth) ((void)(depth))
#define PROBE_TEXT_TAKEN(L, text) ((void)0)

#endif

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
