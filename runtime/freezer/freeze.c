// freeze.c: what is to be frozen, whether it fits, and the writing of it.
//
// Reads: functions in RAM. Writes: the area; marks of objects (mark.h). Memory: none; the stack of
// the machine by the depth of functions inside functions and of upvalues that hold functions.

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/check.h"
#include "runtime/core/gc.h"
#include "runtime/core/heap.h"
#include "runtime/core/heap_parts.h"
#include "runtime/core/walk.h"
#include "runtime/freezer/function.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/parts.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

void freeze_fail(struct freeze_job *job, int status)
{
    if (job->result->status == STATUS_OK)
        job->result->status = status;
}

int freeze_enter(struct freeze_job *job)
{
    if (job->depth < FREEZE_DEPTH_MAX && !PORT_STACK_IS_SHORT())
        return 1;
    freeze_fail(job, STATUS_LIMIT);
    return 0;
}

// ---- which functions may be frozen ----

// Kinds that a function has, as bits of freezer.opts.
static uint32_t kinds_of(const struct proto *p)
{
    uint32_t kinds = FREEZER_OPT_CODE | FREEZER_OPT_PROTO;
    for (int32_t i = 0; i < p->constant_count; i++)
        kinds |= FREEZER_OPT_CONSTANTS |
                 (VALUE_IS_STRING(DEREF(p->constants) + i) ? FREEZER_OPT_STRINGS : 0);
    if (p->local_name_count > 0)
        kinds |= FREEZER_OPT_LOCAL_NAMES | FREEZER_OPT_LOCALS;
    if (p->upvalue_name_count > 0)
        kinds |= FREEZER_OPT_UPVALUE_NAMES | FREEZER_OPT_UPVALUES;
    if (!REF_IS_NULL(p->source))
        kinds |= FREEZER_OPT_SOURCE;
    if (!REF_IS_NULL(p->lines))
        kinds |= FREEZER_OPT_LINES;
    return kinds;
}

// Calls `each` for every reference of a function to a string; stops when it gives 0.
static int each_string(struct freeze_job *job, const struct proto *p,
                       int (*each)(struct freeze_job *job, struct string *s))
{
    if (!each(job, DEREF(p->source)))
        return 0;
    for (int32_t i = 0; i < p->constant_count; i++)
        if (VALUE_IS_STRING(DEREF(p->constants) + i) &&
            !each(job, VALUE_STRING(DEREF(p->constants) + i)))
            return 0;
    for (int32_t i = 0; i < p->upvalue_name_count; i++)
        if (!each(job, DEREF(DEREF(p->upvalue_names)[i])))
            return 0;
    for (int32_t i = 0; i < p->local_name_count; i++)
        if (!each(job, DEREF(DEREF(p->local_names)[i].name)))
            return 0;
    return 1;
}

static int visit_function(struct freeze_job *job, struct proto *p);

// Visits the functions inside p, then p.
int freeze_function(struct freeze_job *job, struct proto *p)
{
    int is_whole = 1;
    if (IN_WINDOW(p) || mark_target(p->flags))
        return 1;
    if (!freeze_enter(job))
        return 0;
    job->depth++;
    for (int32_t i = 0; i < p->proto_count; i++)
        is_whole &= freeze_function(job, DEREF(DEREF(p->protos)[i]));
    job->depth--;
    return is_whole && (kinds_of(p) & ~freezer.options) == 0 && visit_function(job, p);
}

// ---- planning ----

static int plan_string(struct freeze_job *job, struct string *s)
{
    if (s == NULL || IN_WINDOW(s))
        return 1;
    if (s->flags == 0) {
        s->flags = MARK_PLANNED;
        job->blocks++;
        job->bytes += freezer_block_bytes(FREEZER_STRING, frozen_string_bytes(s));
        job->saved_planned += frozen_string_bytes(s);
    }
    return 1;
}

static int is_known_string(struct freeze_job *job, struct string *s)
{
    (void)job;
    return s == NULL || IN_WINDOW(s);
}

static int are_protos_known(const struct proto *p)
{
    for (int32_t i = 0; i < p->proto_count; i++)
        if (mark_proto_addr(DEREF(DEREF(p->protos)[i])) == 0)
            return 0;
    return 1;
}

// A function can only be in flash already if all that it refers to is.
static int plan_function(struct freeze_job *job, struct proto *p)
{
    if (p->flags == MARK_PLANNED)
        return 1;
    if (are_protos_known(p) && each_string(job, p, is_known_string)) {
        struct frozen_item item = frozen_function(p);
        uint32_t addr = freezer_area_find(&freezer.area, &item);
        if (addr != 0) {
            p->flags = mark_of(addr);
            job->result->found++;
            job->result->saved += frozen_function_ram(p);
            job->changes = 1;
            return 1;
        }
    }
    p->flags = MARK_PLANNED;
    job->blocks++;
    job->bytes += freezer_block_bytes(FREEZER_FUNCTION, frozen_function_bytes(p));
    job->saved_planned += frozen_function_ram(p);
    each_string(job, p, plan_string);
    return 1;
}

// ---- writing ----

int freeze_put(struct freeze_job *job, const struct frozen_item *item, uint16_t *flags)
{
    uint32_t addr, written, is_new = freezer.area.end;
    if (job->slice_bytes != 0 && job->result->written >= job->slice_bytes &&
        freezer_area_find(&freezer.area, item) == 0) {
        freeze_fail(job, STATUS_AGAIN);
        return 0;
    }
    int status = freezer_area_put(&freezer.area, item, &addr, &written);
    job->result->written += written;
    if (status != STATUS_OK) {
        freeze_fail(job, status);
        return 0;
    }
    is_new = freezer.area.end != is_new;
    job->result->blocks += is_new;
    job->result->found += !is_new;
    job->committed += is_new ? freezer_block_bytes(item->kind, item->bytes) : 0;
    job->result->saved += item->bytes;
    if (item->kind == FREEZER_STRING)
        job->strings_saved += item->bytes;
    *flags = mark_of(addr);
    job->changes = 1;
    assert(mark_target(*flags) == addr);
    return 1;
}

static int write_string(struct freeze_job *job, struct string *s)
{
    if (s == NULL || IN_WINDOW(s) || mark_target(s->flags))
        return 1;
    struct frozen_item item = frozen_string(s);
    return freeze_put(job, &item, &s->flags);
}

static int write_function(struct freeze_job *job, struct proto *p)
{
    if (job->result->status != STATUS_OK || !each_string(job, p, write_string))
        return 0;
    struct frozen_item item = frozen_function(p);
    return freeze_put(job, &item, &p->flags);
}

static int visit_function(struct freeze_job *job, struct proto *p)
{
    return job->is_writing ? write_function(job, p) : plan_function(job, p);
}

int freeze_string(struct freeze_job *job, struct string *s)
{
    return job->is_writing ? write_string(job, s) : plan_string(job, s);
}

// ---- closures ----

static void visit_closure(struct freeze_job *job, struct lua_closure *c);

// Functions that the upvalues of a closure hold now.
static void visit_upvalues(struct freeze_job *job, const struct lua_closure *c)
{
    for (int i = 0; i < c->upvalue_count; i++) {
        const struct upvalue *u = DEREF(c->upvalues[i]);
        if (u != NULL && VALUE_IS_CLOSURE(DEREF(u->value)))
            visit_closure(job, VALUE_LUA_CLOSURE(DEREF(u->value)));
    }
}

static void visit_closure(struct freeze_job *job, struct lua_closure *c)
{
    if (IN_WINDOW(c) || c->is_c || (c->marked_ & MARK_SEEN))
        return;
    if (!freeze_enter(job))
        return;
    c->marked_ |= MARK_SEEN;
    job->depth++;
    job->result->in_ram += !freeze_function(job, DEREF(c->proto));
    visit_upvalues(job, c);
    job->depth--;
}

static void visit_all(struct freeze_job *job, const struct value *first, int count)
{
    job->result->in_ram = 0;
    // What stands in the way has one path.
    for (const struct value *v = first; v < first + count && job->result->status != STATUS_USAGE;
         v++) {
        if (VALUE_IS_CLOSURE(v) && (freezer.options & FREEZER_OPT_CLOSURES) &&
            !freezer_is_island(v))
            freeze_object(job, VALUE_CLOSURE(v));
        else if (VALUE_IS_CLOSURE(v))
            visit_closure(job, VALUE_LUA_CLOSURE(v));
        else if (VALUE_TAG(v) == TAG_PROTO)
            job->result->in_ram += !freeze_function(job, VALUE_POINTER_(v, struct proto));
        else if (VALUE_IS_STRING(v))
            freeze_string(job, VALUE_STRING(v));
        else if (VALUE_IS_TABLE(v))
            freeze_object(job, VALUE_TABLE(v));
    }
    const struct global_state *g = GLOBAL(job->L);
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o))
        if (o->tag_ == LUA_TFUNCTION)
            o->marked_ &= (uint8_t)~MARK_SEEN;
}

// ---- the whole ----

int freeze_make_ready(void)
{
    if (freezer.area.device == NULL)
        return STATUS_NOT_FOUND;
    if (freezer.area.is_open)
        return STATUS_OK;
    if (!(freezer.options & FREEZER_OPT_WRITE))
        return STATUS_NOT_FOUND;
    return freezer_make_area();
}

// Test builds prove after each freeze that nothing frozen refers to RAM, and that the heap is
// sound.
void freeze_check_after(lua_State *L)
{
#if HEAP_SANITIZED
    uint32_t off;
    const char *fault = freezer_verify(&off);
    if (!fault)
        fault = check_all(L, 0);
    if (fault)
        port_panic(fault);
#endif
    (void)L;
}

// What is to be written, and what stands in the way.
static void plan(struct freeze_job *job, const struct value *first, int count)
{
    freezer.moves_keys = 0;
    visit_all(job, first, count);
    if (job->has_tables)
        freeze_check_uses(job);
    if (job->has_closures)
        job->result->saved += freeze_upvalue_ram(job);
}

// Does all stay in RAM? A function that is too deep stays by itself.
static int has_failed(const struct freeze_job *job)
{
    int status = job->result->status;
    return status != STATUS_OK && (status != STATUS_LIMIT || job->has_tables);
}

// Code of functions that stay in RAM themselves. Nobody comes to them in a table that was found in
// the area, which may have been frozen with other ones.
static void write_island_code(struct freeze_job *job)
{
    const struct table *islands = (const struct table *)(uintptr_t)overlay_islands;
    for (int i = 0; islands && TABLE_HAS_NODES(islands) && i < TABLE_NODE_COUNT(islands); i++) {
        const struct value *key = &(DEREF(islands->nodes) + i)->key.value;
        if (!freezer_is_island_of_upvalue(key))
            continue;
        struct proto *p = DEREF(VALUE_LUA_CLOSURE(key)->proto);
        if (!IN_WINDOW(p) && p->flags == MARK_PLANNED)
            (void)freeze_function(job, p);
    }
}

static void write_planned(struct freeze_job *job, const struct value *first, int count)
{
    if (!(freezer.options & FREEZER_OPT_WRITE)) {
        freeze_fail(job, STATUS_NO_SPACE);
    } else if (!freezer_area_has_room(&freezer.area, job->blocks, job->bytes)) {
        freeze_fail(job, STATUS_NO_SPACE);
        freezer_note_full();
    } else {
        job->is_writing = 1;
        visit_all(job, first, count);
        write_island_code(job);
    }
}

void freezer_plan(lua_State *L, const struct value *first, int count, struct freezer_result *result)
{
    *result = (struct freezer_result){.status = STATUS_OK};
    struct freeze_job job = {.L = L, .result = result};
    if (freezer.area.device == NULL || gc_loading > 0) {
        result->status = gc_loading > 0 ? STATUS_USAGE : STATUS_NOT_FOUND;
        return;
    }
    plan(&job, first, count);
    result->saved += job.saved_planned;
    result->blocks = job.blocks;
    result->written = job.bytes;
    uint32_t room = freezer.area.is_open
                        ? freezer.area.limit - freezer.area.end
                        : freezer.area.limit - freezer_first_block(freezer.area.bytes);
    if (job.bytes > room ||
        (freezer.area.is_open && !freezer_area_has_room(&freezer.area, job.blocks, job.bytes)))
        freeze_fail(&job, STATUS_NO_SPACE);
    freezer_unmark(L);
}

#ifdef FROST_PROBED
int freeze_result_kind(const struct freezer_result *result)
{
    switch (result->status) {
    case STATUS_NO_SPACE:
        return FREEZE_FULL;
    case STATUS_IO:
        return FREEZE_FAULT;
    case STATUS_AGAIN:
        return FREEZE_SLICE;
    case STATUS_OK:
        return freezer.moved > 0 ? FREEZE_DONE : FREEZE_NOTHING;
    default:
        return freezer.moved > 0 ? FREEZE_DONE : FREEZE_REFUSED;
    }
}

static int value_kind(const struct value *v)
{
    if (VALUE_TAG(v) == TAG_PROTO)
        return KIND_PROTO;
    return VALUE_IS_TABLE(v) ? KIND_TABLE : VALUE_IS_STRING(v) ? KIND_STRING : KIND_CLOSURE;
}
#endif

// How a freeze is done: in the middle of a load? in slices?
struct freeze_way {
    int loading_max;
    struct freezer_slices *slices; // NULL: at once
};

// What was written so far is found by its content. Should there be more to write than was left,
// then it is not what was planned any more.
static void plan_slice(struct freeze_job *job, const struct freezer_slices *slices)
{
    job->slice_bytes = slices->slice_bytes;
    if (slices->is_begun && job->bytes > slices->left)
        freeze_blocked(job, "it has changed since its freeze began");
}

static void freeze(lua_State *L, const struct value *first, int count, struct freeze_way way,
                   struct freezer_result *result)
{
    *result = (struct freezer_result){.status = STATUS_OK};
    struct freeze_job job = {.L = L, .result = result};
    int was_open = freezer.area.is_open;
    int status = gc_loading > way.loading_max ? STATUS_USAGE : freeze_make_ready();
    if (way.slices && status == STATUS_OK && !was_open)
        status = STATUS_AGAIN; // making an area is a slice of its own, since it may erase sectors
    if (status != STATUS_OK) {
        result->status = status;
        return;
    }
    plan(&job, first, count);
    if (way.slices && !has_failed(&job))
        plan_slice(&job, way.slices);
    if (job.blocks > 0 && !has_failed(&job))
        write_planned(&job, first, count);
    if (way.slices) {
        way.slices->is_begun = 1;
        way.slices->left = job.bytes > job.committed ? job.bytes - job.committed : 0;
    }
    if (has_failed(&job)) {
        // No function or table moves. Strings that were written do: a text must not be in RAM and
        // in flash.
        freezer_unmark(L);
        result->saved = job.strings_saved;
        result->found = 0;
        job.changes = job.strings_saved > 0;
    }
    if (job.changes || freezer.pinned > 0)
        freezer_move(L);
    freeze_check_after(L);
}

static void freeze_noted(lua_State *L, const struct value *first, int count, struct freeze_way way,
                         struct freezer_result *result)
{
    freezer.freezes++;
    freezer.moved = 0;
    PROBE_FREEZE_BEGIN(L, freezer.freezes, count > 0 ? first->as.pointer : 0,
                       count > 0 ? value_kind(first) : KIND_OTHER);
    uint32_t ledger = GLOBAL(L)->total_bytes, free_bytes = heap_free_bytes();
    freeze(L, first, count, way, result);
    freezer.saved += result->saved;
    freezer.ledger_fell += ledger - GLOBAL(L)->total_bytes;
    freezer.heap_fell += heap_free_bytes() - free_bytes;
    PROBE_FREEZE_END(freezer.freezes, freeze_result_kind(result), freezer.moved, result->saved,
                     result->written);
}

void freezer_freeze(lua_State *L, const struct value *first, int count,
                    struct freezer_result *result)
{
    freeze_noted(L, first, count, (struct freeze_way){0, NULL}, result);
}

void freezer_freeze_slice(lua_State *L, const struct value *v, struct freezer_slices *slices,
                          struct freezer_result *result)
{
    freeze_noted(L, v, 1, (struct freeze_way){0, slices}, result);
}

struct proto *freezer_freeze_function(lua_State *L, struct proto *p)
{
    struct freezer_result result;
    struct value *slot = TOP(L) - 1; // where the loader keeps it
    assert(VALUE_TAG(slot) == TAG_PROTO && slot->as.pointer == ADDR32(p));
    freeze_noted(L, slot, 1, (struct freeze_way){1, NULL}, &result);
    return VALUE_POINTER_(slot, struct proto);
}

void freezer_freeze_loaded(lua_State *L)
{
    struct freezer_result result;
    freezer_freeze(L, TOP(L) - 1, 1, &result);
}
