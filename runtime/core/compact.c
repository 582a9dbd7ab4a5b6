// compact.c: see compact.h.
//
// The owners are all objects, dead ones that are not swept yet among them, and the global state.
// The number that the heap gets for a vector is the address of its owner and, in the low bits,
// which of its vectors it is.
//
// Parts of functions (code, constants, names) stay: a call that runs has them in registers of the
// machine, and so has C code that reads a chunk. They cost: of 22 KB that are free after 20
// functions from source have come and gone, 19 KB are not in the largest block
// (tests/bench/functions.lua). Moving code and constants of functions that no call has was tried:
// its largest block was twice as large, but programs of 22 and 24 functions, which have enough
// memory now, had not, since memory is short while a chunk is loaded, when nothing of a function
// may move. Frozen, the same functions leave 2 KB outside the largest block of 37 KB. Texts stay: C
// code has their addresses. What has parts outside of Lua's heap (buffers of modules on the C
// stack) has nothing here to move.

#include "runtime/core/compact.h"

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/heap.h"
#include "runtime/core/heap_compact.h"
#include "runtime/core/table.h"
#include "runtime/core/table_parts.h"
#include "runtime/core/vm.h"
#include "runtime/probe/probe.h"

// ---- safe allocations ----

// What may be allocated while vectors move: kinds, with the functions that allocate them. Whoever
// calls these holds no pointer into a vector that is not fixed (tests/e2e/compact-corpus.sh runs
// the language with every vector moved in each of them).
static const uint8_t is_safe[KIND_COUNT] = {
    [KIND_STRING] = 1,       // str.c: make
    [KIND_TABLE] = 1,        // table.c: table_new
    [KIND_TABLE_ARRAY] = 1,  // table_size.c: resize_list_vector
    [KIND_TABLE_NODES] = 1,  // table_size.c: resize_node_vector
    [KIND_CLOSURE] = 1,      // func.c: func_new_c, func_new_lua
    [KIND_UPVALUE] = 1,      // func.c: func_find_upvalue, func_new_upvalue
    [KIND_PROTO] = 1,        // func.c: func_new_proto
    [KIND_CODE] = 1,         // load.c, compile/code.c
    [KIND_CONSTANTS] = 1,    // load.c, compile/code.c
    [KIND_PROTO_VECTOR] = 1, // load.c, compile/scope.c
    [KIND_LINES] = 1,        // load.c, debug_line.c
    [KIND_DEBUG_NAMES] = 1,  // load.c, compile/scope.c
    [KIND_USERDATA] = 1,     // str.c: userdata_new
    [KIND_THREAD] = 1,       // state.c: state_thread_new
    [KIND_STACK] = 1,        // call.c: call_resize_stack; state.c: make_stack
    [KIND_CALLS] = 1,        // call.c: call_resize_records; state.c: make_stack
    [KIND_STRING_TABLE] = 1, // str.c: resize_slots
    [KIND_BUFFER] = 1,       // stream.c: buffer_resize; buffers of modules
};

struct compact_figures compact_figures;
int compact_is_on, compact_is_active;
unsigned compact_due, compact_is_testing;

// ---- vectors and their owners ----

enum { VECTOR_LIST, VECTOR_NODES, VECTOR_STACK, VECTOR_CALLS, VECTOR_BUFFER, VECTOR_SLOTS };

#define OWNER_BITS 7u

struct vector {
    uint32_t addr;
    size_t bytes;
    int kind; // enum trace_kind
};

#define OWNER_IS(owner, T) ((struct T *)(uintptr_t)((owner) & ~OWNER_BITS))

static struct vector vector_of(uint32_t owner)
{
    const struct table *t = OWNER_IS(owner, table);
    const struct lua_State *thread = OWNER_IS(owner, lua_State);
    const struct global_state *g = OWNER_IS(owner, global_state);
    switch (owner & OWNER_BITS) {
    case VECTOR_LIST:
        return (struct vector){t->array.addr, (size_t)t->array_count * sizeof(struct value),
                               KIND_TABLE_ARRAY};
    case VECTOR_NODES:
        return (struct vector){t->nodes.addr, (size_t)TABLE_NODE_COUNT(t) * sizeof(struct node),
                               KIND_TABLE_NODES};
    case VECTOR_STACK:
        return (struct vector){thread->stack.addr,
                               (size_t)thread->stack_count * sizeof(struct value), KIND_STACK};
    case VECTOR_CALLS:
        return (struct vector){thread->calls.addr,
                               (size_t)thread->call_count * sizeof(struct call_record), KIND_CALLS};
    case VECTOR_BUFFER:
        return (struct vector){g->buffer.text.addr, g->buffer.bytes, KIND_BUFFER};
    default:
        return (struct vector){g->strings.slots.addr,
                               (size_t)g->strings.slot_count * sizeof(uint32_t), KIND_STRING_TABLE};
    }
}

// The vector stands at `addr` now: its owner, and all else that refers into it, learns of it.
static void correct(uint32_t owner, uint32_t addr)
{
    struct table *t = OWNER_IS(owner, table);
    struct global_state *g = OWNER_IS(owner, global_state);
    uint32_t shift;
    switch (owner & OWNER_BITS) {
    case VECTOR_LIST:
        t->array.addr = addr;
        return;
    case VECTOR_NODES:
        shift = addr - t->nodes.addr;
        t->nodes.addr = addr;
        table_nodes_moved(t, shift);
        return;
    case VECTOR_STACK:
        call_stack_moved(OWNER_IS(owner, lua_State), addr);
        return;
    case VECTOR_CALLS:
        call_records_moved(OWNER_IS(owner, lua_State), addr);
        return;
    case VECTOR_BUFFER:
        g->buffer.text.addr = addr;
        return;
    default:
        g->strings.slots.addr = addr;
        return;
    }
}

struct walk {
    void (*visit)(struct walk *walk, uint32_t owner);
    lua_State *L;
    int site;       // of the program, for the trace
    uint32_t block; // a vector that somebody else has a pointer to, 0: none
    uint64_t moves;
    uint64_t bytes;
};

static void visit_table(struct walk *walk, const struct table *t)
{
    if (t->array_count > 0)
        walk->visit(walk, ADDR32(t) | VECTOR_LIST);
    if (TABLE_HAS_NODES(t))
        walk->visit(walk, ADDR32(t) | VECTOR_NODES);
}

static void visit_thread(struct walk *walk, const struct lua_State *thread)
{
    // One that is being made has no stack yet.
    if (GLOBAL(walk->L)->stack_fixed || REF_IS_NULL(thread->stack))
        return;
    walk->visit(walk, ADDR32(thread) | VECTOR_STACK);
    walk->visit(walk, ADDR32(thread) | VECTOR_CALLS);
}

static void visit_all(struct walk *walk)
{
    const struct global_state *g = GLOBAL(walk->L);
    assert((ADDR32(g) & OWNER_BITS) == 0);
    for (const struct object *o = DEREF(g->objects); o != NULL; o = DEREF(o->next))
        if (o->tag_ == LUA_TTABLE)
            visit_table(walk, (const struct table *)o);
        else if (o->tag_ == LUA_TTHREAD)
            visit_thread(walk, (const struct lua_State *)o);
    if (g->buffer.bytes > 0 && g->buffer.used == 0)
        walk->visit(walk, ADDR32(g) | VECTOR_BUFFER);
    if (g->strings.slot_count > 0 && !g->strings_resizing)
        walk->visit(walk, ADDR32(g) | VECTOR_SLOTS);
}

// ---- a pass ----

static void name_vector(struct walk *walk, uint32_t owner)
{
    (void)walk;
    heap_may_move((void *)(uintptr_t)vector_of(owner).addr, owner);
}

static size_t bytes_of(void *context, uint32_t owner)
{
    (void)context;
    return vector_of(owner).bytes;
}

static void note_move(struct walk *walk, uint32_t owner, const void *from, const void *to)
{
    struct vector vector = vector_of(owner);
    if (walk->block == ADDR32(from))
        walk->block = ADDR32(to);
    walk->moves++;
    walk->bytes += vector.bytes;
    PROBE_RESIZE(walk->L, walk->site, from, to, vector.bytes, vector.kind);
}

static void moved(void *context, uint32_t owner, const void *from, void *to)
{
    correct(owner, ADDR32(to));
    note_move(context, owner, from, to);
}

static void begin_walk(struct walk *walk, lua_State *L, const void *block)
{
    *walk = (struct walk){.L = L, .block = ADDR32(block)};
#ifdef FROST_PROBED
    walk->site = PROBE_SITE_ID(L); // asked for while the stack is whole
#endif
}

static void end_walk(const struct walk *walk)
{
    if (walk->moves > 0)
        FAST_PATH_NEW_EPOCH(); // the cache has addresses of values
    compact_figures.moves += walk->moves;
    compact_figures.moved_bytes += walk->bytes;
}

// *block, if it is a vector, is where it moves to.
static int compact(lua_State *L, int reason, void **block)
{
    struct heap_info before, after;
    struct walk walk;
    struct heap_mover mover = {&walk, bytes_of, moved};
    (void)reason;
    heap_get_info(&before);
    begin_walk(&walk, L, *block);
    walk.visit = name_vector;
    heap_compact_begin();
    visit_all(&walk);
    heap_compact(&mover);
    end_walk(&walk);
    *block = (void *)(uintptr_t)walk.block;
    heap_get_info(&after);
    compact_figures.passes++;
    PROBE_COMPACTION(L, walk.site, reason, (uint32_t)walk.moves, (uint32_t)walk.bytes,
                     before.free_largest, after.free_largest);
    return after.free_largest > before.free_largest;
}

int compact_now(lua_State *L, int reason)
{
    void *none = NULL;
    return compact(L, reason, &none);
}

// ---- tests ----

static uint32_t copied_vectors; // by the last copy_all

static void copy_vector(struct walk *walk, uint32_t owner)
{
    copied_vectors++;
    struct vector vector = vector_of(owner);
    void *from = (void *)(uintptr_t)vector.addr;
    void *to = heap_copy_away(from, vector.bytes);
    if (to != NULL)
        moved(walk, owner, from, to);
}

static void copy_all(lua_State *L, void **block)
{
    struct walk walk;
    copied_vectors = 0;
    begin_walk(&walk, L, *block);
    walk.visit = copy_vector;
    visit_all(&walk);
    heap_end_copies();
    end_walk(&walk);
    *block = (void *)(uintptr_t)walk.block;
}

// ---- when ----

static uint32_t taken_since; // bytes, since the last look

// The interpreter is to see that vectors are due.
static void look_soon(void)
{
#ifndef FROST_CHIP
    vm_compact_soon();
#endif
}

void compact_set(int is_on)
{
    compact_is_on = compact_is_active = is_on;
    compact_is_testing = 0;
    compact_due = 0;
    taken_since = 0;
    compact_figures = (struct compact_figures){0};
    heap_take_from_above(0); // the state itself lies below
}

void compact_turn(int is_on)
{
    compact_is_on = is_on;
    compact_is_active = is_on || compact_is_testing > 0;
    taken_since = 0;
    heap_take_from_above(is_on);
}

void compact_set_testing(unsigned instructions)
{
    compact_is_testing = compact_due = instructions;
    compact_is_active = compact_is_on || instructions > 0;
    if (instructions > 0)
        look_soon();
}

void *compact_test_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    return heap_realloc(context, block, old_bytes, new_bytes);
}

void compact_at_instruction(lua_State *L)
{
    if (--compact_due > 0)
        return;
    void *none = NULL;
    if (compact_is_testing == 0) {
        compact_now(L, COMPACT_SPLIT);
        return;
    }
    copy_all(L, &none);
    compact_due = compact_is_testing;
}

void compact_begin_allocation(lua_State *L, void **block, int kind)
{
#ifdef FROST_CHIP
    if (compact_due > 0 && is_safe[kind]) {
        compact_due = 0;
        compact(L, COMPACT_SPLIT, block);
    }
#endif
    (void)L;
    (void)block;
    int is_vector = kind == KIND_TABLE_ARRAY || kind == KIND_TABLE_NODES || kind == KIND_STACK ||
                    kind == KIND_CALLS || kind == KIND_BUFFER || kind == KIND_STRING_TABLE;
    heap_take_from_above(!is_vector);
}

void compact_end_allocation(void)
{
    heap_take_from_above(1); // what is taken beside Lua stays
}

// As Monty's collector: the heap is split if less than a quarter of it is in one piece, and it pays
// if what is not in that piece is a sixteenth of the heap at least. A look walks over the heap, and
// the next one comes after an eighth of it was taken.
void compact_look(lua_State *L, size_t bytes)
{
    struct heap_info info;
    (void)L;
    taken_since += (uint32_t)bytes;
    if (taken_since < heap_size_bytes() / 8)
        return;
    taken_since = 0;
    if (compact_due > 0)
        return;
    compact_figures.looks++;
    heap_get_info(&info);
    uint32_t free_bytes = info.bytes - info.used;
    if (info.free_largest < info.bytes / 4 && free_bytes - info.free_largest >= info.bytes / 16) {
        compact_due = 1;
        look_soon();
    }
}

int compact_for_allocation(lua_State *L, void **block, int kind)
{
    return is_safe[kind] && compact(L, COMPACT_FAILURE, block);
}

void compact_test_allocation(lua_State *L, void **block, int kind)
{
    // A program with thousands of vectors would take the square of them otherwise.
    enum { VECTORS_PER_PAUSE = 256 };
    static uint32_t pause; // allocations
    if (!is_safe[kind])
        return;
    if (pause > 0) {
        pause--;
        return;
    }
    copy_all(L, block);
    pause = copied_vectors / VECTORS_PER_PAUSE;
}
