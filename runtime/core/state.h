// state.h: threads and what they share.
//
// Sizes are NodeMCU 3.0's (the ledger starts with one thread and the shared state).

#ifndef FROST_CORE_STATE_H
#define FROST_CORE_STATE_H

#include "runtime/core/object.h"

#define STACK_SIZE_START 40 // values of a new stack, without the reserve: 2 * LUA_MINSTACK
#define STACK_RESERVE 5     // slots after the stack for error handling
#define CALLS_START 8       // call records of a new thread
#define CALLS_MAX 20000
#define C_CALLS_MAX 200

#define METAMETHODS(X)                                                                             \
    X(INDEX, "__index")                                                                            \
    X(NEWINDEX, "__newindex")                                                                      \
    X(GC, "__gc")                                                                                  \
    X(MODE, "__mode")                                                                              \
    X(EQ, "__eq") /* the last one with an `absent` bit */                                          \
    X(ADD, "__add")                                                                                \
    X(SUB, "__sub")                                                                                \
    X(MUL, "__mul")                                                                                \
    X(DIV, "__div")                                                                                \
    X(MOD, "__mod")                                                                                \
    X(POW, "__pow")                                                                                \
    X(UNM, "__unm")                                                                                \
    X(LEN, "__len")                                                                                \
    X(LT, "__lt")                                                                                  \
    X(LE, "__le")                                                                                  \
    X(CONCAT, "__concat")                                                                          \
    X(CALL, "__call")                                                                              \
    X(METATABLE, "__metatable") /* a name only, kept from the start */

#define META_ITEM(name, text) META_##name,
enum metamethod { METAMETHODS(META_ITEM) META_COUNT };
#undef META_ITEM

struct call_record {
    REF(struct value) base; // first register
    REF(struct value) func;
    REF(struct value) top;
    REF(const uint32_t) pc; // saved; of the instruction after the current one
    int32_t result_count;   // wanted results, LUA_MULTRET for all
    int32_t tail_call_count;
};

struct text_buffer { // shared; exactly as long as needed
    REF(char) text;
    uint32_t used;
    uint32_t bytes;
};

struct string_table {
    REF(REF(struct string)) slots;
    uint32_t string_count;
    int32_t slot_count;
};

enum gc_phase { GC_PAUSE, GC_PROPAGATE, GC_SWEEP_STRINGS, GC_SWEEP, GC_FINALIZE };

// node.egc modes, bits.
#define EGC_NOT_ACTIVE 0u
#define EGC_ON_ALLOC_FAILURE 1u
#define EGC_ON_MEM_LIMIT 2u
#define EGC_ALWAYS 4u

struct global_state {
    struct string_table strings; // RAM strings
    uint32_t alloc;              // lua_Alloc function
    uint32_t alloc_context;      // its first argument
    uint8_t white;               // the current white
    uint8_t gc_phase;
    uint8_t gc_blocked;         // full, step and emergency collections alike
    uint8_t stack_fixed;        // nesting: no stack shrinking while set
    int32_t sweep_slot;         // GC_SWEEP_STRINGS: next slot
    REF(struct object) objects; // all objects but strings
    uint32_t sweep_link;        // address of the link (REF(struct object)) under the sweep
    REF(struct object) gray;
    REF(struct object) gray_again;    // to be traversed atomically
    REF(struct object) weak;          // weak tables to be cleared
    REF(struct userdata) finalizable; // last of a circular list
    struct text_buffer buffer;        // concatenation
    uint32_t threshold;               // Lua bytes at which a step runs
    uint32_t total_bytes;             // THE LEDGER
    uint32_t estimate;
    uint32_t debt;
    int32_t pause;
    int32_t step_multiplier;
    uint32_t panic; // lua_CFunction
    struct value registry;
    REF(struct lua_State) main_thread;
    struct upvalue open_upvalues;    // head of the list of all open upvalues
    REF(struct table) metatables[9]; // per basic type; may be a ROTable (OBJECT_TAG tells)
    REF(struct string) metamethod_names[META_COUNT];
    uint32_t egc_mode;
    int32_t memory_limit;
    uint32_t region_[4];      // the firmware's one region of flash; ours: flash/regions.h
    uint32_t total_bytes_max; // largest ledger value since it was last read
    uint8_t strings_resizing; // the string table is being resized: no second resize
    uint8_t pad_[3];
    uint32_t reserved[1];
};

struct lua_State {
    OBJECT_HEADER;
    uint8_t status;
    uint8_t pad_;
    REF(struct value) top;
    REF(struct value) base;
    REF(struct global_state) global;
    REF(struct call_record) call;
    REF(const uint32_t) pc;
    REF(struct value) stack_last;
    REF(struct value) stack;
    REF(struct call_record) calls_end;
    REF(struct call_record) calls;
    int32_t stack_count;
    int32_t call_count;
    uint16_t c_calls;
    uint16_t c_calls_base;
    uint8_t hook_mask;
    uint8_t hook_allowed;
    uint16_t pad2_;
    int32_t hook_interval;
    int32_t hook_left;
    uint32_t hook; // lua_Hook
    struct value globals;
    struct value scratch; // environment for pseudo-index access
    REF(struct object) open_upvalues;
    REF(struct object) gray;
    uint32_t error_jump;   // struct on the C stack, below 4 GiB
    int32_t error_handler; // stack offset in bytes of the current handler, 0: none
};

#ifdef FROST_INTEGER
#define LUA_STATE_BYTES 104
#define GLOBAL_STATE_BYTES 268
#else
#define LUA_STATE_BYTES 112
#define GLOBAL_STATE_BYTES 276
#endif

_Static_assert(sizeof(struct lua_State) == LUA_STATE_BYTES, "lua_State");
_Static_assert(sizeof(struct global_state) == GLOBAL_STATE_BYTES, "global_State");
_Static_assert(sizeof(struct call_record) == 24, "call record");

#define GLOBAL(L) DEREF((L)->global)
#define TOP(L) DEREF((L)->top)
#define TOP_SET(L, p) REF_SET((L)->top, p)

// The first half of lua_close: every userdata that has a __gc metamethod is finalized, last made
// first; an error ends only the finalizer that raises it. The state stays whole.
void state_run_finalizers(lua_State *L);

// Frees everything a thread owns (stack, call records) and the thread.
void state_thread_free(lua_State *L, struct lua_State *thread);
// A new thread that shares L's global state; collectable, not anchored.
struct lua_State *state_thread_new(lua_State *L);

// The environment of a closure, of Lua or C. Those in flash have none of their own: what the main
// thread has for its globals.
static inline struct table *closure_environment(const lua_State *L, const void *closure)
{
    const struct closure *c = closure;
    return REF_IS_NULL(c->environment) ? VALUE_TABLE(&DEREF(GLOBAL(L)->main_thread)->globals)
                                       : DEREF(c->environment);
}

#endif
