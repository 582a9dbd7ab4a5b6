// debug_site.c: what the event writer asks the core (runtime/probe/site.h). Empty in plain builds.
//
// Reads: the state; writes nothing, allocates nothing, raises nothing.
// Memory: one static buffer each for a chunk name and the name of a C function.

#include "runtime/probe/site.h"

#ifdef FROST_PROBED

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/debug.h"
#include "runtime/core/heap.h"
#include "runtime/core/object.h"
#include "runtime/core/rotable.h"
#include "runtime/core/state.h"
#include "runtime/format/opcode.h"
#include "runtime/probe/probe.h"

#define FUNCTION_NAME_BYTES 96

// The probes know strings by their characters and find the length in the word before them.
_Static_assert(sizeof(struct string) == 16, "string header");
_Static_assert(offsetof(struct string, bytes) == 12, "string header");
_Static_assert((int)GC_PAUSE == (int)GC_PHASE_PAUSE && (int)GC_FINALIZE == (int)GC_PHASE_FINALIZE,
               "phases of the collector are the trace's");

// ---- where the program is ----

// The C function that a call record runs, 0 if it runs Lua or nothing.
static uint32_t c_function_of(const struct value *func)
{
    if (VALUE_IS_LIGHT_FUNCTION(func))
        return func->as.pointer;
    if (VALUE_IS_CLOSURE(func) && CLOSURE_IS_C(VALUE_CLOSURE(func)))
        return VALUE_C_CLOSURE(func)->function;
    return 0;
}

static const struct proto *proto_of(const struct value *func)
{
    if (!VALUE_IS_CLOSURE(func) || CLOSURE_IS_C(VALUE_CLOSURE(func)))
        return NULL;
    return DEREF(VALUE_LUA_CLOSURE(func)->proto);
}

// Index of the current instruction of the Lua function of a call; -1 if it has not begun.
static int pc_of(const lua_State *L, const struct call_record *call, const struct proto *p)
{
    uint32_t next = call->pc.addr;
    uint32_t code = p->code.addr;
#ifdef PROBE_HAS_PC
    // Loads come between the places where the interpreter writes down where it is.
    uint32_t fetched = ADDR32(probe_pc);
    if (call == DEREF(L->call) && fetched > code && fetched - code <= (uint32_t)p->code_count * 4)
        next = fetched;
#else
    (void)L;
#endif
    if (next <= code || (next - code) / 4 > (uint32_t)p->code_count)
        return -1;
    return (int)((next - code) / 4) - 1;
}

void probe_site_current(lua_State *L, struct probe_site *site)
{
    *site = (struct probe_site){0};
    if (!L || REF_IS_NULL(L->call) || REF_IS_NULL(L->stack))
        return;
    const struct call_record *call = DEREF(L->call);
    const struct call_record *first = DEREF(L->calls);
    site->call = ADDR32(call);
    site->c_function = call > first ? c_function_of(DEREF(call->func)) : 0;
    for (; call > first; call--) {
        const struct proto *p = proto_of(DEREF(call->func));
        if (p) {
            site->proto = ADDR32(p);
            site->pc = pc_of(L, call, p);
            return;
        }
    }
}

int probe_site_callers(lua_State *L, struct probe_site *frames, int room)
{
    if (REF_IS_NULL(L->call) || REF_IS_NULL(L->stack))
        return 0;
    const struct call_record *top = DEREF(L->call);
    const struct call_record *call = DEREF(L->calls);
    struct probe_site site = {0};
    int count = 0;
    while (++call <= top && count < room) {
        const struct value *func = DEREF(call->func);
        const struct proto *p = proto_of(func);
        if (!p) {
            site.c_function = c_function_of(func);
            continue;
        }
        if (site.proto) // has a Lua function above it
            frames[count++] = site;
        site = (struct probe_site){.proto = ADDR32(p), .pc = pc_of(L, call, p)};
    }
    return count;
}

// ---- names of C functions ----

struct name_search {
    uint32_t function;
    char name[FUNCTION_NAME_BYTES];
};

static int is_wanted(const struct name_search *search, const struct value *v)
{
    return c_function_of(v) == search->function;
}

// Looks through a read-only table and, one level down, its read-only tables.
static int search_rotable(struct name_search *search, const struct rotable *t, const char *prefix)
{
    for (const struct rotable_entry *e = t->entries; e->key; e++) {
        if (e->value.tag == ROTABLE_TAG_FUNCTION &&
            (uint32_t)(uintptr_t)e->value.as.function == search->function) {
            snprintf(search->name, sizeof search->name, "%s%s", prefix, e->key);
            return 1;
        }
    }
    for (const struct rotable_entry *e = t->entries; e->key && !*prefix; e++) {
        char deeper[FUNCTION_NAME_BYTES];
        snprintf(deeper, sizeof deeper, "%s.", e->key);
        if (e->value.tag == ROTABLE_TAG_TABLE && e->value.as.table != t &&
            search_rotable(search, e->value.as.table, deeper))
            return 1;
    }
    return 0;
}

static int search_table(struct name_search *search, const struct table *t, const char *prefix)
{
    int count = TABLE_NODE_COUNT(t);
    for (int i = 0; i < count; i++) {
        const struct node *n = &DEREF(t->nodes)[i];
        if (VALUE_IS_STRING(&n->key.value) && is_wanted(search, &n->value)) {
            snprintf(search->name, sizeof search->name, "%s%s", prefix, VALUE_TEXT(&n->key.value));
            return 1;
        }
    }
    for (int i = 0; i < count && !*prefix; i++) {
        const struct node *n = &DEREF(t->nodes)[i];
        if (!VALUE_IS_STRING(&n->key.value))
            continue;
        char deeper[FUNCTION_NAME_BYTES];
        snprintf(deeper, sizeof deeper, "%s.", VALUE_TEXT(&n->key.value));
        if (VALUE_IS_TABLE(&n->value) && VALUE_TABLE(&n->value) != t &&
            search_table(search, VALUE_TABLE(&n->value), deeper))
            return 1;
        if (VALUE_IS_ROTABLE(&n->value) && search_rotable(search, VALUE_ROTABLE(&n->value), deeper))
            return 1;
    }
    return 0;
}

// The read-only table after the __index of the globals' metatable, NULL if there is none.
static const struct rotable *firmware_globals(const lua_State *L)
{
    const struct table *meta = DEREF(VALUE_TABLE(&L->globals)->metatable);
    if (!meta)
        return NULL;
    if (OBJECT_TAG(meta) == TAG_ROTABLE) {
        const struct rotable_entry *e = ((const struct rotable *)(const void *)meta)->entries;
        for (; e->key; e++)
            if (strcmp(e->key, "__index") == 0 && e->value.tag == ROTABLE_TAG_TABLE)
                return e->value.as.table;
        return NULL;
    }
    for (int i = 0; i < TABLE_NODE_COUNT(meta); i++) {
        const struct node *n = &DEREF(meta->nodes)[i];
        if (VALUE_IS_STRING(&n->key.value) && VALUE_IS_ROTABLE(&n->value) &&
            strcmp(VALUE_TEXT(&n->key.value), "__index") == 0)
            return VALUE_ROTABLE(&n->value);
    }
    return NULL;
}

static const char *function_name(lua_State *L, uint32_t function)
{
    static struct name_search search;
    search.function = function;
    if (!VALUE_IS_TABLE(&L->globals))
        return NULL;
    const struct rotable *firmware = firmware_globals(L);
    if (firmware && search_rotable(&search, firmware, ""))
        return search.name;
    return search_table(&search, VALUE_TABLE(&L->globals), "") ? search.name : NULL;
}

// ---- what a site means ----

static void set_source(struct probe_site_source *source, const struct string *chunk)
{
    static char name[LUA_IDSIZE];
    const char *text = STRING_TEXT(chunk);
    if (*text == '@' || *text == '=') {
        source->source = text + 1;
        source->source_bytes = chunk->bytes - 1;
        return;
    }
    debug_chunk_id(name, text, sizeof name);
    source->source = name;
    source->source_bytes = (uint32_t)strlen(name);
}

void probe_site_source(lua_State *L, const struct probe_site *site,
                       struct probe_site_source *source)
{
    *source = (struct probe_site_source){0};
    const struct proto *p = (const struct proto *)(uintptr_t)site->proto;
    if (p) {
        if (!REF_IS_NULL(p->source))
            set_source(source, DEREF(p->source));
        int line = site->pc >= 0 ? debug_line(L, p, site->pc) : p->line_defined;
        source->line = line > 0 ? (uint32_t)line : 0;
        source->defined = p->line_defined > 0 ? (uint32_t)p->line_defined : 0;
        source->nth = source->defined ? probe_function_nth(p) : 0;
    }
    if (site->c_function)
        source->function = function_name(L, site->c_function);
}

// ---- heap ----

void probe_heap_figures(lua_State *L, struct probe_heap_figures *figures)
{
    struct heap_info info = {0};
    heap_get_info(&info);
    figures->lua_bytes = L ? GLOBAL(L)->total_bytes : 0;
    figures->strings = L ? GLOBAL(L)->strings.string_count : 0;
    figures->heap_used = info.used;
    figures->free_largest = info.free_largest;
    figures->free_blocks = info.free_blocks;
}

#endif
