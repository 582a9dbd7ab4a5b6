// site.h: what the event writer asks the core: where the program is, what its frames hold.
//
// Declared here because the probes lie below the core; defined by runtime/core/debug_site.c.
// Context: called from inside probes on the interpreter's thread; must not allocate, raise or
// run Lua code. Probes that fire inside these functions are ignored.

#ifndef FROST_PROBE_SITE_H
#define FROST_PROBE_SITE_H

#include <stdint.h>

struct lua_State;

// Where L is: cheap, asked for with most events.
struct probe_site {
    uint32_t proto;      // address of the nearest running Lua function's Proto; 0: there is none
    int32_t pc;          // index of its current instruction
    uint32_t c_function; // address of the C function that runs on top of it; 0: none does
    uint32_t call;       // address of the topmost call record
};

// Fills *site; L may be NULL (then there is no site).
void probe_site_current(struct lua_State *L, struct probe_site *site);

// What that means: asked for once per (proto, pc, c_function).
struct probe_site_source {
    const char *source;   // chunk name as people write it ("init.lua"), source_bytes long
    uint32_t source_bytes;
    uint32_t line;        // 0: not known
    uint32_t defined;     // first line of the function; 0: main chunk
    const char *function; // name of the C function ("string.format"), NULL: none or not known
};

// Texts stay valid until the next call.
void probe_site_source(struct lua_State *L, const struct probe_site *site,
                       struct probe_site_source *source);

// Do the values that the running operation works on include an input string
// (probe_text_is_input)? For a C function: its frame, base to top, at most 64 values. For a Lua
// function: the operands if its current instruction is a concatenation.
int probe_site_has_input(struct lua_State *L);

// The state of the heap, for `heap` events.
struct probe_heap_figures {
    uint32_t lua_bytes, heap_used, free_largest, free_blocks, strings;
};
void probe_heap_figures(struct lua_State *L, struct probe_heap_figures *figures);

// Defined by the event writer, for probe_site_has_input: is the string whose characters begin at
// `text` marked as input?
int probe_text_is_input(const char *text);

#endif
