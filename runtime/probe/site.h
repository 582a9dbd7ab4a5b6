// site.h: what the event writer asks the core: where the program is, what its frames hold.
//
// Declared here because the probes lie below the core; defined by runtime/core/debug_site.c.
// Context: called from inside probes on the interpreter's thread; must not allocate, raise or
// run Lua code. Probes that fire inside these functions are ignored.

#ifndef FROST_PROBE_SITE_H
#define FROST_PROBE_SITE_H

#include <stddef.h>
#include <stdint.h>

struct lua_State;
struct proto;
struct value;

// Where L is: cheap, asked for with most events.
struct probe_site {
    uint32_t proto;      // address of the nearest running Lua function's Proto; 0: there is none
    int32_t pc;          // index of its current instruction
    uint32_t c_function; // address of the C function that runs on top of it; 0: none does
    uint32_t call;       // address of the topmost call record
};

// Fills *site; L may be NULL (then there is no site).
void probe_site_current(struct lua_State *L, struct probe_site *site);

// Where the Lua functions were called that have called what L runs: fills frames[0 ...] from the
// outermost on, at most `room`; `c_function` is what ran between a frame and the next one, `call`
// is 0. Result: how many. Those of another coroutine, which has resumed this one, are not there.
int probe_site_callers(struct lua_State *L, struct probe_site *frames, int room);

// What that means: asked for once per (proto, pc, c_function).
struct probe_site_source {
    const char *source; // chunk name as people write it ("init.lua"), source_bytes long
    uint32_t source_bytes;
    uint32_t line;        // 0: not known
    uint32_t defined;     // first line of the function; 0: main chunk
    uint32_t nth;         // of the functions that begin there (probe_function_nth)
    const char *function; // name of the C function ("string.format"), NULL: none or not known
};

// Texts stay valid until the next call.
void probe_site_source(struct lua_State *L, const struct probe_site *site,
                       struct probe_site_source *source);

// The how manyth of its line a function in flash is: looked for in its image, or as it was written
// down when it was frozen. 0: not known.
unsigned probe_site_nth(const struct proto *p);

// What the running C function has before it.
struct probe_frame {
    unsigned sources; // of its texts and numbers, at most 64 values; with DERIVED if it has texts
    uint32_t object;  // as probe_site_object()
};
void probe_site_frame(struct lua_State *L, struct probe_frame *frame);
// Tells of `count` strings that are joined (probe_text_joined). Result: their sources, with
// DERIVED.
unsigned probe_site_values(struct lua_State *L, const struct value *first, int count);
// Address of the userdata or table that is the first argument of the running C function; 0: none.
uint32_t probe_site_object(struct lua_State *L);
// What the table of functions says of the C function at the address (library_sources.h); 0: nothing
// by itself, or it has no name.
unsigned probe_function_sources(struct lua_State *L, uint32_t c_function);

// The state of the heap, for `heap` events.
struct probe_heap_figures {
    uint32_t lua_bytes, heap_used, free_largest, free_blocks, strings;
};
void probe_heap_figures(struct lua_State *L, struct probe_heap_figures *figures);

// Calls probe_secret_found for the constants of a function, and of those in it, that are secrets:
// those of a file with such a name, and those that a local of such a name begins with.
void probe_site_secrets(struct lua_State *L, const struct proto *p);
void probe_secret_found(const char *text); // defined by the event writer

// Defined by the event writer, for the functions above: what the string whose characters begin at
// `text` passes on; `is_constant`: the calling code has it as a constant there.
unsigned probe_text_sources(const char *text, int is_constant);
// The same for no constant; the text's `bytes` bytes were copied to an address that is `to` modulo
// 4. *is_other_as_constant: what a constant passes on may be something else.
unsigned probe_text_joined(const char *text, size_t bytes, size_t to, int *is_other_as_constant);

#endif
