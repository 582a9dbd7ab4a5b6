// graph.c: tables that are to be frozen: what they hold, what stands in the way, and the writing.
//
// Reads: tables in RAM, and the heap for who uses them. Writes: the area; marks of tables (mark.h).
// Memory: none; the stack of the machine by the depth of tables inside tables.
//
// A frozen table holds nil, booleans, numbers, strings, tables, read-only tables and functions of
// the program. It may refer to itself, but not back to a table in which it lies.

#include <string.h>

#include "runtime/core/gc.h"
#include "runtime/core/meta.h"
#include "runtime/core/table.h"
#include "runtime/core/walk.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/parts.h"
#include "runtime/freezer/table.h"

#define WHY_BYTES sizeof(((struct freezer_result *)0)->why)

// ---- what stands in the way, and where ----

static int blocked(struct freeze_job *job, const char *reason)
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

static void prepend_index(struct freeze_job *job, uint32_t idx)
{
    char digits[10];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + idx % 10);
    while ((idx /= 10) != 0);
    prepend(job, "[", digits + at, sizeof digits - at, "]");
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

// ---- what a table holds ----

static int freeze_value(struct freeze_job *job, const struct table *owner, const struct value *v)
{
    switch (VALUE_TAG(v)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case TAG_FROZEN_TABLE:
        return 1;
    case LUA_TSTRING:
        return freeze_string(job, VALUE_STRING(v));
    case LUA_TTABLE:
        return VALUE_TABLE(v) == owner || freeze_table(job, VALUE_TABLE(v));
    case TAG_ROTABLE:
    case TAG_LIGHT_FUNCTION:
        return freezer.build != 0 || blocked(job, "of the program, which has no identity");
    case LUA_TFUNCTION:
        return blocked(job, "a function, whose environment is in RAM");
    case LUA_TUSERDATA:
        return blocked(job, "userdata");
    case LUA_TLIGHTUSERDATA:
        return blocked(job, "light userdata");
    default:
        return blocked(job, "a thread");
    }
}

static int freeze_key(struct freeze_job *job, const struct node *n)
{
    const struct value *key = &n->key.value;
    if (VALUE_IS_NIL(&n->value))
        return 1; // removed
    if (VALUE_IS_TABLE(key) || VALUE_IS_CLOSURE(key) || VALUE_IS_USERDATA(key) ||
        VALUE_IS_THREAD(key))
        return blocked(job, "a key that is an object");
    return freeze_value(job, NULL, key);
}

static int freeze_metatable(struct freeze_job *job, const struct table *t)
{
    struct table *mt = DEREF(t->metatable);
    struct value storage;
    if (mt == NULL)
        return 1;
    if (meta_get(job->L, mt, META_EQ, &storage))
        return blocked(job, "a metatable with __eq");
    if (meta_get(job->L, mt, META_MODE, &storage))
        return blocked(job, "a weak table");
    if (OBJECT_TAG(mt) == TAG_ROTABLE)
        return freezer.build != 0 || blocked(job, "of the program, which has no identity");
    if (mt == t || freeze_table(job, mt))
        return 1;
    prepend(job, " metatable", "", 0, "");
    return 0;
}

static int freeze_content(struct freeze_job *job, struct table *t)
{
    if (!freeze_metatable(job, t))
        return 0;
    for (int32_t i = 0; i < t->array_count; i++)
        if (!freeze_value(job, t, DEREF(t->array) + i)) {
            prepend_index(job, (uint32_t)i + 1);
            return 0;
        }
    if (!TABLE_HAS_NODES(t))
        return 1;
    if (TABLE_NODE_COUNT(t) > MARK_NODES_MAX)
        return blocked(job, "a table that is too large");
    for (int i = 0; i < TABLE_NODE_COUNT(t); i++) {
        const struct node *n = DEREF(t->nodes) + i;
        if (!freeze_key(job, n) || !freeze_value(job, t, &n->value)) {
            prepend_key(job, &n->key.value);
            return 0;
        }
    }
    return 1;
}

// ---- planning and writing ----

// Does all that a table refers to lie in flash already?
static int is_value_known(const struct table *owner, const struct value *v)
{
    if (VALUE_IS_STRING(v))
        return IN_WINDOW(VALUE_STRING(v));
    return !VALUE_IS_TABLE(v) || VALUE_TABLE(v) == owner || mark_table_addr(VALUE_TABLE(v)) != 0;
}

static int is_content_known(const struct table *t)
{
    const struct table *mt = DEREF(t->metatable);
    if (mt && mt != t && OBJECT_TAG(mt) != TAG_ROTABLE && mark_table_addr(mt) == 0)
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

static void plan_table(struct freeze_job *job, struct table *t)
{
    struct frozen_table both = {t, job->L};
    struct frozen_item item = frozen_table(&both);
    uint32_t addr = is_content_known(t) ? freezer_area_find(&freezer.area, &item) : 0;
    if (addr != 0) {
        mark_table(t, mark_of(addr));
        job->result->found++;
        job->result->saved += frozen_table_ram(t);
        job->changes = 1;
        return;
    }
    mark_table(t, MARK_PLANNED);
    job->blocks++;
    job->bytes += freezer_block_bytes(FREEZER_TABLE, item.bytes);
    job->saved_planned += frozen_table_ram(t);
}

static int write_table(struct freeze_job *job, struct table *t)
{
    struct frozen_table both = {t, job->L};
    struct frozen_item item = frozen_table(&both);
    uint16_t mark;
    uint32_t saved = job->result->saved;
    if (job->result->status != STATUS_OK || !freeze_put(job, &item, &mark))
        return 0;
    job->result->saved = saved + frozen_table_ram(t);
    mark_table(t, mark);
    return 1;
}

int freeze_table(struct freeze_job *job, struct table *t)
{
    if (IN_WINDOW(t) || mark_table_addr(t) != 0)
        return 1;
#ifdef FROST_CHIP
    return blocked(job, "a table, whose bytes the chip cannot read from flash");
#endif
    if (mark_is_in_job(t)) {
        if (mark_of_table(t) == MARK_ON_PATH)
            return blocked(job, "refers back to a table in which it lies");
        if (!job->is_writing)
            return 1; // planned
    }
    if (!freeze_enter(job))
        return 0;
    if (!mark_is_in_job(t))
        mark_table_enter(t);
    job->has_tables = 1;
    mark_table(t, MARK_ON_PATH);
    job->depth++;
    int is_good = freeze_content(job, t);
    job->depth--;
    if (!is_good)
        return 0;
    if (job->is_writing)
        return write_table(job, t);
    plan_table(job, t);
    return 1;
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
        if (!VALUE_IS_NIL(&n->value) && VALUE_IS_TABLE(&n->key.value) &&
            is_moving(VALUE_TABLE(&n->key.value)))
            return 1;
    }
    return 0;
}

static const char *use_of(struct object *o)
{
    const struct table *environment = NULL;
    switch (o->tag_) {
    case LUA_TTABLE:
        return has_moving_key((struct table *)o) ? "it is a key of a table" : NULL;
    case LUA_TFUNCTION:
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

int freeze_check_uses(struct freeze_job *job)
{
    const struct global_state *g = GLOBAL(job->L);
    const char *use = is_moving(VALUE_TABLE(&g->registry)) ? "it is the registry" : NULL;
    for (struct object *o = walk_next_object(g, NULL); o && !use; o = walk_next_object(g, o))
        use = use_of(o);
    return use == NULL || blocked(job, use);
}
