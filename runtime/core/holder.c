// holder.c: see holder.h.
//
// There are no back references, so each step looks for an object that refers to the one before it:
// a root if one does, else the first one that is not on the way yet. A way that ends nowhere (its
// objects hold each other, or C code holds them) is shown as far as it goes.

#include "runtime/core/holder.h"

#include <stdio.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/func.h"
#include "runtime/core/table.h"
#include "runtime/core/walk.h"

#define STEPS_MAX 12u
#define LABEL_BYTES 40u

struct way {
    const struct global_state *g;
    const struct object *globals, *registry, *running;
    uint32_t count;
    const struct object *objects[STEPS_MAX + 1]; // from the target upwards
    char labels[STEPS_MAX][LABEL_BYTES];         // how objects[i + 1] refers to objects[i]
};

static int is_it(const struct value *v, const struct object *target)
{
    return VALUE_IS_OBJECT(v) && VALUE_OBJECT(v) == target;
}

static int label_key(const struct value *key, char *label)
{
    char text[LABEL_BYTES - 8];
    size_t n = 0;
    if (VALUE_IS_NUMBER(key))
        return snprintf(label, LABEL_BYTES, "[%d]", (int)VALUE_NUMBER(key));
    if (!VALUE_IS_STRING(key))
        return snprintf(label, LABEL_BYTES, "[?]");
    for (; n < VALUE_STRING(key)->bytes && n < sizeof text - 1; n++) {
        char c = text_char(VALUE_TEXT(key), n);
        text[n] = (unsigned char)c < ' ' || c == 0x7F ? '?' : c;
    }
    text[n] = 0;
    return snprintf(label, LABEL_BYTES, ".%s", text);
}

static int table_refers(const struct table *t, const struct object *target, char *label)
{
    for (int32_t i = 0; i < t->array_count; i++)
        if (is_it(DEREF(t->array) + i, target))
            return snprintf(label, LABEL_BYTES, "[%d]", (int)i + 1);
    if (TABLE_HAS_NODES(t)) {
        const struct node *n = DEREF(t->nodes);
        for (const struct node *end = n + TABLE_NODE_COUNT(t); n < end; n++) {
            if (VALUE_IS_NIL(&n->value))
                continue;
            if (is_it(&n->value, target))
                return label_key(&n->key.value, label);
            if (is_it(&n->key.value, target))
                return snprintf(label, LABEL_BYTES, " (a key)");
        }
    }
    if (ADDR32(target) == t->metatable.addr)
        return snprintf(label, LABEL_BYTES, " (metatable)");
    return 0;
}

static int closure_refers(const struct closure *c, const struct object *target, char *label)
{
    for (int i = 0; i < c->upvalue_count; i++) {
        int refers = c->is_c ? is_it(((const struct c_closure *)c)->upvalues + i, target)
                             : (const void *)DEREF(((const struct lua_closure *)c)->upvalues[i]) ==
                                   (const void *)target;
        if (refers)
            return snprintf(label, LABEL_BYTES, " (upvalue %d)", i + 1);
    }
    return (const void *)DEREF(c->environment) == (const void *)target
               ? snprintf(label, LABEL_BYTES, " (environment)")
               : 0;
}

static int stack_refers(const lua_State *thread, const struct object *target, char *label)
{
    if (REF_IS_NULL(thread->stack))
        return 0;
    for (const struct call_record *c = DEREF(thread->calls); c <= DEREF(thread->call); c++)
        if (is_it(DEREF(c->func), target))
            return snprintf(label, LABEL_BYTES, " (it is running)");
    for (const struct value *v = DEREF(thread->stack); v < DEREF(thread->top); v++)
        if (is_it(v, target))
            return snprintf(label, LABEL_BYTES, " (a local variable)");
    return is_it(&thread->globals, target) ? snprintf(label, LABEL_BYTES, " (globals)") : 0;
}

static int userdata_refers(const struct userdata *u, const struct object *target, char *label)
{
    if (ADDR32(target) == u->metatable.addr)
        return snprintf(label, LABEL_BYTES, " (metatable)");
    return (const void *)DEREF(u->environment) == (const void *)target
               ? snprintf(label, LABEL_BYTES, " (environment)")
               : 0;
}

// Does `o` refer to the target? `label` then says how.
static int refers(const struct object *o, const struct object *target, char *label)
{
    switch (o->tag_) {
    case LUA_TTABLE:
        return table_refers((const struct table *)o, target, label);
    case LUA_TFUNCTION:
        return closure_refers((const struct closure *)o, target, label);
    case LUA_TTHREAD:
        return stack_refers((const lua_State *)o, target, label);
    case LUA_TUSERDATA:
        return userdata_refers((const struct userdata *)o, target, label);
    case TAG_UPVALUE:
        *label = 0; // the closure that has it will say so
        return is_it(&((const struct upvalue *)o)->u.closed, target);
    default:
        return 0;
    }
}

static int is_root(const struct way *w, const struct object *o)
{
    return o == w->globals || o == w->registry || o == w->running;
}

static int is_on_way(const struct way *w, const struct object *o)
{
    for (uint32_t i = 0; i <= w->count; i++)
        if (w->objects[i] == o)
            return 1;
    return 0;
}

// Adds the object that refers to the last one; 0: none does.
static int step(struct way *w)
{
    char label[LABEL_BYTES];
    const struct object *target = w->objects[w->count], *found = NULL;
    for (const struct object *o = walk_next_object(w->g, NULL); o; o = walk_next_object(w->g, o)) {
        if ((found && !is_root(w, o)) || is_on_way(w, o) || !refers(o, target, label))
            continue;
        found = o;
        memcpy(w->labels[w->count], label, sizeof label);
        if (is_root(w, o))
            break;
    }
    if (found)
        w->objects[++w->count] = found;
    return found != NULL;
}

static const char *name_of(const struct way *w, const struct object *o)
{
    if (o == w->globals)
        return "_G";
    if (o == w->registry)
        return "registry";
    return o->tag_ == LUA_TTHREAD ? (o == w->running ? "the program" : "a coroutine") : "...";
}

void holder_path(lua_State *L, const struct object *target, char *out, size_t out_bytes)
{
    struct way w = {.g = GLOBAL(L)};
    w.globals = VALUE_OBJECT(&DEREF(w.g->main_thread)->globals);
    w.registry = VALUE_OBJECT(&w.g->registry);
    w.running = (const struct object *)L;
    w.objects[0] = target;
    while (w.count < STEPS_MAX && !is_root(&w, w.objects[w.count]) && step(&w))
        ;
    size_t used = (size_t)snprintf(out, out_bytes, "%s", name_of(&w, w.objects[w.count]));
    for (uint32_t i = w.count; i > 0 && used < out_bytes; i--)
        used += (size_t)snprintf(out + used, out_bytes - used, "%s", w.labels[i - 1]);
}
