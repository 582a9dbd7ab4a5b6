// debug_origin.c: what the event writer asks the core about sources of texts
// (runtime/probe/site.h). Empty in plain builds.
//
// Reads: the state; writes nothing but its cache, allocates nothing, raises nothing.
// Memory: a cache of what the table says of C functions.

#include "runtime/probe/site.h"

#ifdef FROST_PROBED

#include <stdio.h>
#include <string.h>

#include "runtime/core/func.h"
#include "runtime/core/object.h"
#include "runtime/core/rotable.h"
#include "runtime/core/state.h"
#include "runtime/format/library_sources.h"
#include "runtime/format/opcode.h"
#include "runtime/probe/credentials.h"
#include "runtime/probe/probe.h"

#define FUNCTION_NAME_BYTES 96
#define NAME_DEPTH 3        // of tables in which a function is looked for
#define VALUES_MAX 64       // of a frame, that are looked at
#define INSTRUCTIONS_MAX 48 // that are gone back for what loaded a register

// ---- has the code just loaded it? ----

// The Lua function of a call record, NULL if it is none.
static const struct proto *proto_of(const struct call_record *call)
{
    const struct value *func = DEREF(call->func);
    if (!VALUE_IS_CLOSURE(func) || CLOSURE_IS_C(VALUE_CLOSURE(func)))
        return NULL;
    return DEREF(VALUE_LUA_CLOSURE(func)->proto);
}

// Index of its current instruction, -1 if it has not begun.
static int pc_of(const struct call_record *call, const struct proto *p)
{
    uint32_t next = call->pc.addr, code = p->code.addr;
    if (next <= code || (next - code) / 4 > (uint32_t)p->code_count)
        return -1;
    return (int)((next - code) / 4) - 1;
}

// Does the instruction write the register? Those that write several count for all from the first.
static int writes(uint32_t i, int reg)
{
    switch (OP_CODE(i)) {
    case OP_SETGLOBAL:
    case OP_SETUPVAL:
    case OP_SETTABLE:
    case OP_JMP:
    case OP_EQ:
    case OP_LT:
    case OP_LE:
    case OP_TEST:
    case OP_RETURN:
    case OP_SETLIST:
    case OP_CLOSE:
        return 0;
    case OP_SELF:
        return reg == OP_A(i) || reg == OP_A(i) + 1;
    case OP_LOADNIL:
    case OP_CALL:
    case OP_TAILCALL:
    case OP_FORLOOP:
    case OP_FORPREP:
    case OP_TFORLOOP:
    case OP_VARARG:
        return reg >= OP_A(i);
    default:
        return reg == OP_A(i);
    }
}

static int is_same(const struct value *a, const struct value *b)
{
    if (VALUE_IS_STRING(a))
        return VALUE_IS_STRING(b) && VALUE_STRING(a) == VALUE_STRING(b);
    return VALUE_IS_NUMBER(a) && VALUE_IS_NUMBER(b) && VALUE_NUMBER(a) == VALUE_NUMBER(b);
}

// Was `v`, in a register of p, loaded there as a constant by what came before instruction `pc`?
// Where branches meet, the nearest before is looked at: it must have loaded just this value.
static int is_loaded_constant(const struct proto *p, int pc, int reg, const struct value *v)
{
    const uint32_t *code = DEREF(p->code);
    for (int at = pc - 1; at >= 0 && pc - at <= INSTRUCTIONS_MAX; at--) {
        uint32_t i = code[at];
        if (!writes(i, reg))
            continue;
        if (OP_CODE(i) == OP_LOADK)
            return is_same(v, &DEREF(p->constants)[OP_BX(i)]);
        if (OP_CODE(i) == OP_SELF && reg == OP_A(i) + 1)
            reg = OP_B(i); // the object of a method
        else if (OP_CODE(i) == OP_MOVE && OP_B(i) > OP_A(i))
            reg = OP_B(i);
        else
            return 0;
    }
    return 0;
}

// ---- values ----

static unsigned sources_of_string(const struct value *v, int is_constant)
{
    return probe_text_sources(VALUE_TEXT(v), is_constant) | TRACE_ORIGIN_DERIVED;
}

unsigned probe_site_values(lua_State *L, const struct value *first, int count)
{
    const struct call_record *call = DEREF(L->call);
    const struct proto *p = call > DEREF(L->calls) ? proto_of(call) : NULL;
    int pc = p ? pc_of(call, p) : -1;
    if (pc >= 0 && OP_CODE(DEREF(p->code)[pc]) != OP_CONCAT)
        pc = -1;
    unsigned sources = TRACE_ORIGIN_DERIVED;
    size_t at = 0;
    for (const struct value *v = first; v < first + count; v++) {
        const struct string *s = VALUE_STRING(v);
        int is_other_as_constant;
        unsigned given = probe_text_joined(STRING_TEXT(s), s->bytes, at, &is_other_as_constant);
        if (is_other_as_constant && pc >= 0 &&
            is_loaded_constant(p, pc, (int)(v - DEREF(L->base)), v))
            given = probe_text_sources(STRING_TEXT(s), 1);
        sources |= given;
        at += s->bytes;
    }
    return sources;
}

// How the running C function was called: by the instruction `pc` of `p`, with its arguments from
// register `first` on; argument_count -1: as many as there were. p NULL: not by Lua code.
struct caller {
    const struct proto *p;
    int pc, first, argument_count;
};

static struct caller caller_of(lua_State *L)
{
    struct caller caller = {NULL, 0, 0, -1};
    const struct call_record *call = DEREF(L->call) - 1;
    if (call <= DEREF(L->calls))
        return caller;
    const struct proto *p = proto_of(call);
    int pc = p ? pc_of(call, p) : -1;
    if (pc < 0)
        return caller;
    uint32_t i = DEREF(p->code)[pc];
    if (OP_CODE(i) != OP_CALL && OP_CODE(i) != OP_TAILCALL)
        return caller;
    return (struct caller){p, pc, OP_A(i) + 1, OP_B(i) - 1};
}

static uint32_t object_of(const struct value *v)
{
    if (VALUE_IS_USERDATA(v) || (VALUE_IS_TABLE(v) && !REF_IS_NULL(VALUE_TABLE(v)->metatable)))
        return v->as.pointer;
    return 0;
}

// The object that the running C function works on: its first argument, or what a closure keeps
// (the pipe of a writer). 0: none.
static uint32_t object_in_call(lua_State *L)
{
    const struct value *base = DEREF(L->base), *func = DEREF(DEREF(L->call)->func);
    uint32_t object = base < DEREF(L->top) ? object_of(base) : 0;
    if (object || !VALUE_IS_CLOSURE(func) || !CLOSURE_IS_C(VALUE_CLOSURE(func)))
        return object;
    const struct c_closure *c = VALUE_C_CLOSURE(func);
    for (int n = 0; n < c->upvalue_count && !object; n++)
        object = object_of(&c->upvalues[n]);
    return object;
}

uint32_t probe_site_object(lua_State *L)
{
    if (REF_IS_NULL(L->call) || REF_IS_NULL(L->stack) || DEREF(L->call) == DEREF(L->calls))
        return 0;
    return object_in_call(L);
}

void probe_site_frame(lua_State *L, struct probe_frame *frame)
{
    if (REF_IS_NULL(L->call) || REF_IS_NULL(L->stack) || DEREF(L->call) == DEREF(L->calls))
        return;
    const struct value *base = DEREF(L->base), *top = DEREF(L->top);
    struct caller caller = caller_of(L);
    if (top - base > VALUES_MAX)
        top = base + VALUES_MAX;
    frame->object = object_in_call(L);
    for (const struct value *v = base; v < top; v++) {
        int n = (int)(v - base);
        int is_argument = caller.argument_count < 0 || n < caller.argument_count;
        int is_constant = caller.p && is_argument &&
                          is_loaded_constant(caller.p, caller.pc, caller.first + n, v);
        if (VALUE_IS_STRING(v))
            frame->sources |= sources_of_string(v, is_constant);
        else if (VALUE_IS_NUMBER(v) && is_argument && !is_constant)
            frame->sources |= TRACE_ORIGIN_NUMBER;
    }
}

// ---- secrets that stand in code ----

static int is_credential(const char *name)
{
    return credentials_is_name(name, (uint32_t)strlen(name));
}

static void mark(const struct value *v)
{
    if (VALUE_IS_STRING(v))
        probe_secret_found(VALUE_TEXT(v));
}

static void mark_instruction(const struct proto *p, int pc, int is_of_secrets)
{
    uint32_t i = DEREF(p->code)[pc];
    const struct value *constants = DEREF(p->constants);
    if (OP_CODE(i) == OP_SETTABLE && is_of_secrets && OP_C(i) & OP_CONSTANT_BIT)
        mark(&constants[OP_C(i) & OP_CONSTANT_MAX]);
    if (OP_CODE(i) != OP_LOADK)
        return;
    const char *local = func_local_name(p, OP_A(i) + 1, pc + 1); // that begins with this value
    if (is_of_secrets || (local && is_credential(local)))
        mark(&constants[OP_BX(i)]);
}

void probe_site_secrets(lua_State *L, const struct proto *p)
{
    const struct string *source = DEREF(p->source);
    int is_of_secrets = source && is_credential(STRING_TEXT(source));
    for (int pc = 0; pc < p->code_count; pc++)
        mark_instruction(p, pc, is_of_secrets);
    for (int n = 0; n < p->proto_count; n++)
        probe_site_secrets(L, DEREF(DEREF(p->protos)[n]));
}

// ---- C functions ----

#ifdef FROST_CHIP

// No room for names on the chip; its traces do not claim to tell sources (TRACE_BOOT_SOURCES).
unsigned probe_function_sources(lua_State *L, uint32_t c_function)
{
    (void)L, (void)c_function;
    return 0;
}

#else

static const struct {
    const char *name;
    unsigned sources;
} table[] = {
#define TABLE_ITEM(name, sources) {name, sources},
    LIBRARY_SOURCES(TABLE_ITEM)
#undef TABLE_ITEM
};

struct library_search {
    uint32_t function;
    int is_named; // by a name that is none of the table's
    unsigned sources;
};

// The sources of a name. Result: 0 if the table has no row for it.
static int find_row(const char *name, unsigned *sources)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t bytes = strlen(table[i].name);
        char last = table[i].name[bytes - 1];
        int is_group = last == '.' || last == ':';
        if (bytes > longest && strncmp(name, table[i].name, bytes) == 0 &&
            (is_group || name[bytes] == '\0')) {
            longest = bytes;
            *sources = table[i].sources;
        }
    }
    return longest > 0;
}

static int search_rotable(struct library_search *search, const struct rotable *t,
                          const char *prefix, int depth);
static int search_table(struct library_search *search, const struct table *t, const char *prefix,
                        int depth);

// What stands under a key: the function itself, or a table in which it may be. `mark` goes between
// the names.
static int search_value(struct library_search *search, const char *prefix, const char *key,
                        char mark, const struct value *v, int depth)
{
    char deeper[FUNCTION_NAME_BYTES];
    if ((VALUE_IS_LIGHT_FUNCTION(v) && v->as.pointer == search->function) ||
        (VALUE_IS_CLOSURE(v) && CLOSURE_IS_C(VALUE_CLOSURE(v)) &&
         VALUE_C_CLOSURE(v)->function == search->function)) {
        snprintf(deeper, sizeof deeper, "%s%s", prefix, key);
        search->is_named = 1; // perhaps by the program, and there is a better one
        return find_row(deeper, &search->sources);
    }
    // The methods of an object; the firmware's names, which ROM has once more.
    if (strcmp(key, "__index") == 0 || strcmp(key, "ROM") == 0)
        snprintf(deeper, sizeof deeper, "%s", prefix);
    else
        snprintf(deeper, sizeof deeper, "%s%s%c", prefix, key, mark);
    if (VALUE_IS_ROTABLE(v))
        return search_rotable(search, VALUE_ROTABLE(v), deeper, depth - 1);
    // Not far into what may be the program's own.
    return VALUE_IS_TABLE(v) && depth == NAME_DEPTH &&
           search_table(search, VALUE_TABLE(v), deeper, depth - 1);
}

static int search_rotable(struct library_search *search, const struct rotable *t,
                          const char *prefix, int depth)
{
    for (const struct rotable_entry *e = t->entries; depth > 0 && e->key; e++) {
        struct value v = {.tag = e->value.tag};
        v.as.pointer = (uint32_t)(uintptr_t)e->value.as.pointer;
        if (e->value.tag != ROTABLE_TAG_NUMBER && e->value.as.pointer != t &&
            search_value(search, prefix, e->key, '.', &v, depth))
            return 1;
    }
    return 0;
}

static int search_nodes(struct library_search *search, const struct table *t, const char *prefix,
                        char mark, int depth)
{
    for (int i = 0; depth > 0 && i < TABLE_NODE_COUNT(t); i++) {
        const struct node *n = &DEREF(t->nodes)[i];
        if (VALUE_IS_STRING(&n->key.value) &&
            !(VALUE_IS_TABLE(&n->value) && VALUE_TABLE(&n->value) == t) &&
            search_value(search, prefix, VALUE_TEXT(&n->key.value), mark, &n->value, depth))
            return 1;
    }
    return 0;
}

static int search_table(struct library_search *search, const struct table *t, const char *prefix,
                        int depth)
{
    if (search_nodes(search, t, prefix, '.', depth))
        return 1;
    const struct table *meta = DEREF(t->metatable);
    if (!meta || *prefix)
        return 0;
    if (OBJECT_TAG(meta) == TAG_ROTABLE)
        return search_rotable(search, (const struct rotable *)(const void *)meta, prefix, depth);
    return search_nodes(search, meta, prefix, '.', depth);
}

// Methods are found by the metatables of the registry: "tmr.timer:start".
static unsigned find_sources(const lua_State *L, uint32_t function)
{
    struct library_search search = {.function = function};
    if (VALUE_IS_TABLE(&L->globals) &&
        search_table(&search, VALUE_TABLE(&L->globals), "", NAME_DEPTH))
        return search.sources;
    const struct value *registry = &GLOBAL(L)->registry;
    if (VALUE_IS_TABLE(registry) &&
        search_nodes(&search, VALUE_TABLE(registry), "", ':', NAME_DEPTH))
        return search.sources;
    // A function without a name is a part of one that has: an iterator, what a thread runs.
    return search.is_named ? TRACE_ORIGIN_INPUT : 0;
}

#define CACHE_ROOM 512u

static struct {
    uint32_t function;
    uint32_t sources;
} cache[CACHE_ROOM];

unsigned probe_function_sources(lua_State *L, uint32_t c_function)
{
    unsigned place = (c_function >> 4 ^ c_function >> 12) & (CACHE_ROOM - 1);
    if (cache[place].function != c_function) {
        cache[place].function = c_function;
        cache[place].sources = find_sources(L, c_function);
    }
    return cache[place].sources;
}

#endif
#endif
