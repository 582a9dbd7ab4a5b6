// graph.c: tables and closures that are to be frozen: what they hold, what stands in the way, and
// the writing of tables by themselves.
//
// Reads: tables and closures in RAM, and the heap for who uses them. Writes: the area; marks of
// them (mark.h). Memory: none; the stack of the machine by the depth of tables inside tables.
//
// A frozen table holds nil, booleans, numbers, strings, tables, closures, read-only tables and
// functions of the program. First the whole graph is looked at. Without closures, and if tables
// refer back to themselves only, each is a block, which equal ones share; else the graph is one
// (group.c).

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/gc.h"
#include "runtime/core/meta.h"
#include "runtime/core/table.h"
#include "runtime/core/walk.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/parts.h"
#include "runtime/freezer/table.h"
#include "runtime/port/port.h"

#define WHY_BYTES sizeof(((struct freezer_result *)0)->why)

// ---- what stands in the way, and where ----

int freeze_blocked(struct freeze_job *job, const char *reason)
{
    char *why = job->result->why;
    size_t bytes = strlen(reason);
    if (job->result->status != STATUS_OK)
        return 0;
    freeze_fail(job, STATUS_USAGE);
    memcpy(why, ": ", 2);
    memcpy(why + 2, reason, bytes + 1);
    return 0;
}

// Puts the key of the table that holds what stands in the way in front of the path.
static void prepend(struct freeze_job *job, const char *before, const char *key, size_t key_bytes,
                    const char *after)
{
    char *why = job->result->why;
    size_t head = strlen(before), tail = strlen(after), old = strlen(why) + 1;
    size_t bytes = head + key_bytes + tail;
    if (job->result->status != STATUS_USAGE || bytes + old > WHY_BYTES)
        return; // the inner end of a long path is the one to know
    memmove(why + bytes, why, old);
    memcpy(why, before, head);
    for (size_t i = 0; i < key_bytes; i++)
        why[head + i] = text_char(key, i);
    memcpy(why + head + key_bytes, after, tail);
}

static void prepend_number(struct freeze_job *job, const char *before, uint32_t n,
                           const char *after)
{
    char digits[10];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    prepend(job, before, digits + at, sizeof digits - at, after);
}

static void prepend_index(struct freeze_job *job, uint32_t idx)
{
    prepend_number(job, "[", idx, "]");
}

static void prepend_key(struct freeze_job *job, const struct value *key)
{
    if (VALUE_IS_STRING(key))
        prepend(job, ".", VALUE_TEXT(key), VALUE_STRING(key)->bytes, "");
    else if (VALUE_IS_NUMBER(key) && VALUE_NUMBER(key) >= 0)
        prepend_index(job, (uint32_t)VALUE_NUMBER(key));
    else
        prepend(job, "[?]", "", 0, "");
}

// ---- what an object holds ----

static int visit(struct freeze_job *job, void *object);

// Finalizers are never dropped.
static const char *userdata_fault(struct freeze_job *job, const struct userdata *u)
{
    struct value storage;
    return meta_get(job->L, DEREF(u->metatable), META_GC, &storage) ? "userdata with a finalizer"
                                                                    : "userdata";
}

// Are strings and functions seen to in this step?
static int is_step_of_parts(const struct freeze_job *job)
{
    return job->step == STEP_SCAN || job->step == STEP_WRITE || job->step == STEP_PARTS;
}

static int freeze_value(struct freeze_job *job, const void *owner, const struct value *v)
{
    if (freezer_is_island(v)) {
        if (is_step_of_parts(job) && freezer_is_island_of_upvalue(v))
            (void)freeze_function(job, DEREF(VALUE_LUA_CLOSURE(v)->proto));
        return 1;
    }
    switch (VALUE_TAG(v)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case TAG_FROZEN_TABLE:
        return 1;
    case LUA_TSTRING:
        job->is_known &= IN_WINDOW(VALUE_STRING(v));
        return !is_step_of_parts(job) || freeze_string(job, VALUE_STRING(v));
    case LUA_TTABLE:
    case LUA_TFUNCTION:
        return VALUE_POINTER_(v, void) == owner || visit(job, VALUE_POINTER_(v, void));
    case TAG_ROTABLE:
    case TAG_LIGHT_FUNCTION:
        return freezer.build != 0 || freeze_blocked(job, "of the program, which has no identity");
    case LUA_TUSERDATA:
        return freeze_blocked(job, userdata_fault(job, VALUE_USERDATA(v)));
    case LUA_TLIGHTUSERDATA:
        return freeze_blocked(job, "light userdata");
    default:
        return freeze_blocked(job, "a thread");
    }
}

static int freeze_key(struct freeze_job *job, const struct node *n)
{
    const struct value *key = &n->key.value;
    if (VALUE_IS_NIL(&n->value))
        return 1; // removed
    if (VALUE_IS_TABLE(key) || VALUE_IS_CLOSURE(key) || VALUE_IS_USERDATA(key) ||
        VALUE_IS_THREAD(key))
        return freeze_blocked(job, "a key that is an object");
    return freeze_value(job, NULL, key);
}

static const char *metatable_fault(struct freeze_job *job, struct table *mt)
{
    struct value storage;
    value_set_pointer(&storage, mt, OBJECT_TAG(mt));
    if (freezer_is_island(&storage))
        return "a metatable cannot stay in RAM";
    if (meta_get(job->L, mt, META_EQ, &storage))
        return "a metatable with __eq";
    if (meta_get(job->L, mt, META_MODE, &storage))
        return "a weak table";
    if (OBJECT_TAG(mt) == TAG_ROTABLE && freezer.build == 0)
        return "of the program, which has no identity";
    return NULL;
}

static int freeze_metatable(struct freeze_job *job, const struct table *t)
{
    struct table *mt = DEREF(t->metatable);
    if (mt == NULL)
        return 1;
    const char *fault = job->step == STEP_SCAN ? metatable_fault(job, mt) : NULL;
    if (fault)
        return freeze_blocked(job, fault);
    if (OBJECT_TAG(mt) == TAG_ROTABLE || mt == t || visit(job, mt))
        return 1;
    prepend(job, " metatable", "", 0, "");
    return 0;
}

// Metatables are asked as they lie in flash, so metamethods have to lie there.
static int is_metamethod(const struct freeze_job *job, const struct node *n)
{
    const struct global_state *g = GLOBAL(job->L);
    if (!VALUE_IS_STRING(&n->key.value))
        return 0;
    for (int event = 0; event < META_COUNT; event++)
        if (DEREF(g->metamethod_names[event]) == VALUE_STRING(&n->key.value))
            return 1;
    return 0;
}

// What a table holds and is in the way by itself, or by an upvalue, could stay in RAM.
static void suggest_island(struct freeze_job *job, const struct value *v)
{
    static const char remedy[] = " (freezer.thawed keeps it in RAM)";
    char *why = job->result->why;
    size_t bytes = strlen(why);
    int is_here = why[0] == ':' || (VALUE_IS_CLOSURE(v) && strncmp(why, " upvalue", 8) == 0);
    if (job->result->status == STATUS_USAGE && is_here && why[bytes - 1] != ')' &&
        (VALUE_IS_TABLE(v) || VALUE_IS_CLOSURE(v) || VALUE_IS_USERDATA(v) || VALUE_IS_THREAD(v)) &&
        bytes + sizeof remedy <= WHY_BYTES)
        memcpy(why + bytes, remedy, sizeof remedy);
}

static int freeze_table_content(struct freeze_job *job, const struct table *t)
{
    if (!freeze_metatable(job, t))
        return 0;
    for (int32_t i = 0; i < t->array_count; i++)
        if (!freeze_value(job, t, DEREF(t->array) + i)) {
            suggest_island(job, DEREF(t->array) + i);
            prepend_index(job, (uint32_t)i + 1);
            return 0;
        }
    if (!TABLE_HAS_NODES(t))
        return 1;
    if (TABLE_NODE_COUNT(t) > MARK_NODES_MAX)
        return freeze_blocked(job, "a table that is too large");
    for (int i = 0; i < TABLE_NODE_COUNT(t); i++) {
        const struct node *n = DEREF(t->nodes) + i;
        int has_method = is_metamethod(job, n);
        if ((has_method && freezer_is_island(&n->value) &&
             !freeze_blocked(job, "a metamethod cannot stay in RAM")) ||
            !freeze_key(job, n)) {
            prepend_key(job, &n->key.value);
            return 0;
        }
        if (!freeze_value(job, t, &n->value)) {
            if (!has_method)
                suggest_island(job, &n->value);
            prepend_key(job, &n->key.value);
            return 0;
        }
    }
    return 1;
}

static void prepend_upvalue(struct freeze_job *job, const struct lua_closure *c, int idx)
{
    const struct proto *p = DEREF(c->proto);
    const struct string *name = idx < p->upvalue_name_count ? DEREF(DEREF(p->upvalue_names)[idx])
                                                            : NULL;
    if (name)
        prepend(job, " upvalue '", STRING_TEXT(name), name->bytes, "'");
    else
        prepend_number(job, " upvalue ", (uint32_t)idx + 1, ""); // its name was stripped
}

int freeze_blocked_upvalue(struct freeze_job *job, const struct lua_closure *c, int idx,
                           const char *reason)
{
    freeze_blocked(job, reason);
    prepend_upvalue(job, c, idx);
    return 0;
}

static int freeze_closure_content(struct freeze_job *job, const struct lua_closure *c)
{
    for (int i = 0; i < c->upvalue_count; i++) {
        const struct value *v = DEREF(DEREF(c->upvalues[i])->value);
        int is_good = freezer_is_island(v) // where nobody has looked for such closures
                          ? freeze_blocked(job, "stays in RAM, so must the function")
                          : freeze_value(job, c, v);
        if (!is_good) {
            prepend_upvalue(job, c, i);
            return 0;
        }
    }
    return 1;
}

int freeze_content(struct freeze_job *job, void *object)
{
    struct object *o = object;
    return o->tag_ == LUA_TTABLE ? freeze_table_content(job, object)
                                 : freeze_closure_content(job, object);
}

// ---- looking for what stands in the way ----

static int scan_closure(struct freeze_job *job, const struct lua_closure *c)
{
    job->needs_group = 1;
    if (!freeze_check_closure(job, c))
        return 0;
    return freeze_function(job, DEREF(c->proto)) ||
           freeze_blocked(job, "a function that has to stay in RAM");
}

static int scan(struct freeze_job *job, void *object)
{
    const struct object *o = object;
    if (mark_is_in_job(object)) {
        job->needs_group |= mark_get(object) == MARK_ON_PATH;
        return 1;
    }
    if (job->depth >= FREEZE_DEPTH_MAX || PORT_STACK_IS_SHORT())
        return freeze_blocked(job, "nested too deeply");
    if (o->tag_ == LUA_TFUNCTION && !scan_closure(job, object))
        return 0;
    mark_enter(object);
    job->has_tables = 1;
    job->depth++;
    int is_good = freeze_content(job, object);
    job->depth--;
    if (is_good)
        mark_put(object, MARK_SCANNED);
    return is_good;
}

// ---- tables by themselves ----

// Does all that a table refers to lie in flash already?
static int is_value_known(const struct table *owner, const struct value *v)
{
    if (VALUE_IS_STRING(v))
        return IN_WINDOW(VALUE_STRING(v));
    if (freezer_is_island(v))
        return 1;
    return (!VALUE_IS_TABLE(v) && !VALUE_IS_CLOSURE(v)) || VALUE_TABLE(v) == owner ||
           mark_object_addr(VALUE_OBJECT(v)) != 0;
}

static int is_content_known(const struct table *t)
{
    const struct table *mt = DEREF(t->metatable);
    if (mt && mt != t && OBJECT_TAG(mt) != TAG_ROTABLE && mark_object_addr(mt) == 0)
        return 0;
    for (int32_t i = 0; i < t->array_count; i++)
        if (!is_value_known(t, DEREF(t->array) + i))
            return 0;
    for (int i = 0; TABLE_HAS_NODES(t) && i < TABLE_NODE_COUNT(t); i++) {
        const struct node *n = DEREF(t->nodes) + i;
        if (!VALUE_IS_NIL(&n->value) &&
            (!is_value_known(t, &n->key.value) || !is_value_known(t, &n->value)))
            return 0;
    }
    return 1;
}

static int plan_table(struct freeze_job *job, struct table *t)
{
    if (mark_get(t) != MARK_SCANNED)
        return 1;
    (void)freeze_content(job, t);
    struct frozen_object both = {t, job->L, 0};
    struct frozen_item item = frozen_table(&both);
    uint32_t addr = is_content_known(t) ? freezer_area_find(&freezer.area, &item) : 0;
    if (addr != 0) {
        mark_put(t, mark_of(addr));
        job->result->found++;
        job->result->saved += frozen_table_ram(t);
        job->changes = 1;
        return 1;
    }
    mark_put(t, MARK_PLANNED);
    job->blocks++;
    job->bytes += freezer_block_bytes(FREEZER_TABLE, item.bytes);
    job->saved_planned += frozen_table_ram(t);
    return 1;
}

static int write_table(struct freeze_job *job, struct table *t)
{
    if (mark_object_addr(t) != 0)
        return 1;
    uint16_t mark;
    if (!freeze_content(job, t) || job->result->status != STATUS_OK)
        return 0;
    struct frozen_object both = {t, job->L, 0};
    struct frozen_item item = frozen_table(&both);
    uint32_t saved = job->result->saved;
    if (!freeze_put(job, &item, &mark))
        return 0;
    job->result->saved = saved + frozen_table_ram(t);
    mark_put(t, mark);
    return 1;
}

// ---- every object ----

static int visit(struct freeze_job *job, void *object)
{
    if (IN_WINDOW(object))
        return 1;
    switch (job->step) {
    case STEP_SCAN:
        return scan(job, object);
    case STEP_PLAN:
        return plan_table(job, object);
    case STEP_WRITE:
        return write_table(job, object);
    default:
        return freeze_group_member(job, object);
    }
}

int freeze_object(struct freeze_job *job, void *object)
{
    if (IN_WINDOW(object))
        return 1;
    if (job->is_writing && mark_get(object) & MARK_GROUP)
        return freeze_write_group(job, object);
    job->step = job->is_writing ? STEP_WRITE : STEP_SCAN;
    job->needs_group = 0;
    if (!visit(job, object))
        return 0;
    if (job->is_writing || mark_get(object) != MARK_SCANNED)
        return 1;
    if (job->needs_group)
        return freeze_plan_group(job, object);
    job->step = STEP_PLAN;
    return visit(job, object);
}

// ---- who uses them ----

static int is_moving(const struct table *t)
{
    return t != NULL && OBJECT_TAG(t) == LUA_TTABLE && mark_is_in_job(t);
}

static int has_moving_key(const struct table *t)
{
    for (int i = 0; TABLE_HAS_NODES(t) && i < TABLE_NODE_COUNT(t); i++) {
        const struct node *n = DEREF(t->nodes) + i;
        const struct value *key = &n->key.value;
        if (!VALUE_IS_NIL(&n->value) && (VALUE_IS_TABLE(key) || VALUE_IS_CLOSURE(key)) &&
            mark_is_in_job(VALUE_OBJECT(key)))
            return 1;
    }
    return 0;
}

struct traversal {
    const struct table *t;
    const struct value *first; // of the stack
    int is_there;
};

static void look_for_traversal(const struct walk *walk, struct value *v)
{
    struct traversal *traversal = walk->context;
    if (VALUE_IS_TABLE(v) && VALUE_TABLE(v) == traversal->t && v > traversal->first &&
        (VALUE_IS_LIGHT_FUNCTION(v - 1) ||
         (VALUE_IS_CLOSURE(v - 1) && CLOSURE_IS_C(VALUE_CLOSURE(v - 1)))))
        traversal->is_there = 1;
}

// Does a call of a C function have the table first, as `next` does in a loop over `pairs`? What
// moves in it would come twice, or not at all.
static int is_traversed(const struct global_state *g, const struct table *t)
{
    struct traversal traversal = {.t = t};
    const struct walk stack = {.value = look_for_traversal, .context = &traversal};
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o))
        if (o->tag_ == LUA_TTHREAD) {
            traversal.first = DEREF(((lua_State *)o)->stack);
            walk_object(&stack, o);
        }
    return traversal.is_there;
}

// `require` writes to the table of what is loaded.
static int is_loaded_moving(const struct global_state *g)
{
    static const char name[] = "_LOADED";
    const struct table *registry = VALUE_TABLE(&g->registry);
    for (int i = 0; TABLE_HAS_NODES(registry) && i < TABLE_NODE_COUNT(registry); i++) {
        const struct node *n = DEREF(registry->nodes) + i;
        if (!VALUE_IS_STRING(&n->key.value) || !VALUE_IS_TABLE(&n->value) ||
            VALUE_STRING(&n->key.value)->bytes != sizeof name - 1)
            continue;
        size_t same = 0;
        while (same < sizeof name - 1 && text_char(VALUE_TEXT(&n->key.value), same) == name[same])
            same++;
        if (same == sizeof name - 1)
            return is_moving(VALUE_TABLE(&n->value));
    }
    return 0;
}

static const char *use_of(const struct global_state *g, struct object *o)
{
    const struct table *environment = NULL;
    switch (o->tag_) {
    case LUA_TTABLE:
        if (!has_moving_key((struct table *)o))
            return NULL;
        freezer.moves_keys = 1;
        return is_traversed(g, (struct table *)o) ? "it is a key of a table that is traversed"
                                                  : NULL;
    case LUA_TFUNCTION:
        if (!mark_is_in_job(o)) // else it is that of the main thread
            environment = DEREF(((struct closure *)o)->environment);
        break;
    case LUA_TUSERDATA:
        environment = DEREF(((struct userdata *)o)->environment);
        break;
    case LUA_TTHREAD:
        environment = VALUE_TABLE(&((lua_State *)o)->globals);
        break;
    default:
        break;
    }
    return is_moving(environment) ? "it is an environment" : NULL;
}

// The interpreter has the closure of a function that runs in registers of the machine.
static void look_for_running(void *use, lua_State *thread, struct call_record *call)
{
    if (thread->status != LUA_YIELD && call_is_lua(call) && mark_is_in_job(CALL_CLOSURE(call)))
        *(const char **)use = "a function in it is running";
}

int freeze_check_uses(struct freeze_job *job)
{
    const struct global_state *g = GLOBAL(job->L);
    const char *use = is_moving(VALUE_TABLE(&g->registry)) ? "it is the registry" : NULL;
    if (!use && is_loaded_moving(g))
        use = "require writes to it";
    for (struct object *o = walk_next_object(g, NULL); o && !use; o = walk_next_object(g, o))
        use = use_of(g, o);
    if (!use && job->has_closures)
        walk_calls(g, (void *)&use, look_for_running);
    return use == NULL || freeze_blocked(job, use);
}
