// group.c: tables and closures that refer to each other, as one block.
//
// Reads: tables and closures in RAM. Writes: the area; marks (mark.h). Memory: none; the stack of
// the machine by the depth of objects inside objects.
//
// Every step visits the objects of the graph in the same order, and each has its place as its mark:
// the one whose place is next has not been visited in this step. So no list of them is needed.

#include <assert.h>

#include "runtime/core/gc.h"
#include "runtime/core/walk.h"
#include "runtime/freezer/closure.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/parts.h"
#include "runtime/freezer/table.h"
#include "runtime/probe/probe.h"

// ---- objects of a group ----

static int is_table(const void *object)
{
    return ((const struct object *)object)->tag_ == LUA_TTABLE;
}

static uint32_t object_bytes(const void *object)
{
    return is_table(object) ? frozen_table_bytes(object) : frozen_closure_bytes(object);
}

// Without upvalues, which others may have, too.
static uint32_t object_ram(const void *object)
{
    if (is_table(object))
        return frozen_table_ram(object);
    return (uint32_t)sizeof(struct closure) + 4u * ((const struct closure *)object)->upvalue_count;
}

static void emit(const struct freeze_job *job, const void *object, uint32_t at)
{
    const struct frozen_object both = {object, job->L, at};
    if (is_table(object))
        frozen_put_table(job->sink, &both);
    else
        frozen_put_closure(job->sink, &both);
    if (object_bytes(object) % 8 != 0)
        frozen_put(job->sink, 0);
}

static int is_next(const struct freeze_job *job, const void *object)
{
    uint32_t mark = mark_get(object);
    if (job->step == STEP_PLACE)
        return mark == MARK_SCANNED;
    return (mark & MARK_GROUP) && 8 * (mark & MARK_OFF) == job->group_at;
}

static int place(struct freeze_job *job, void *object, uint32_t at)
{
    if (at / 8 >= MARK_SCANNED) {
        freeze_fail(job, STATUS_NO_SPACE);
        return 0;
    }
    job->group_ram += object_ram(object);
    if (!is_table(object)) {
        const struct proto *p = DEREF(((struct lua_closure *)object)->proto);
        job->is_known &= mark_proto_addr(p) != 0;
        job->result->closures++;
    }
    mark_put(object, MARK_GROUP | at / 8);
    return 1;
}

int freeze_group_member(struct freeze_job *job, void *object)
{
    uint32_t at = job->group_at;
    if (!is_next(job, object)) {
        if (!(mark_get(object) & MARK_GROUP) && mark_object_addr(object) == 0)
            job->is_known = 0; // an object of another root, still to be written
        return 1;
    }
    job->group_at += freezer_fill(object_bytes(object));
    if (job->step == STEP_PLACE && !place(job, object, at))
        return 0;
    if (job->step == STEP_PARTS) {
        job->group_ram += object_ram(object);
        if (!is_table(object) &&
            !freeze_function(job, DEREF(((struct lua_closure *)object)->proto)))
            return 0;
    }
    if (job->step == STEP_EMIT)
        emit(job, object, at);
    if (job->step == STEP_SETTLE)
        mark_put(object, mark_of(job->group_base + at));
    return freeze_content(job, object);
}

// ---- the group ----

// Does a step with all objects.
static int run_step(struct freeze_job *job, void *root, enum freeze_step step)
{
    job->step = step;
    job->group_at = 0;
    return freeze_group_member(job, root);
}

struct group {
    struct freeze_job *job;
    void *root;
};

static void emit_group(struct frozen_sink *sink, const void *object)
{
    const struct group *group = object;
    group->job->sink = sink;
    (void)run_step(group->job, group->root, STEP_EMIT);
}

static struct frozen_item item_of(const struct group *group, uint32_t bytes)
{
    return (struct frozen_item){FREEZER_GROUP, bytes, 0, emit_group, group};
}

static void settle(struct freeze_job *job, void *root, uint32_t addr)
{
    job->group_base = addr;
    (void)run_step(job, root, STEP_SETTLE);
}

int freeze_plan_group(struct freeze_job *job, void *root)
{
    const struct group group = {job, root};
    job->group_ram = 0;
    job->is_known = !job->has_pending;
    if (!run_step(job, root, STEP_PLACE))
        return 0;
    struct frozen_item item = item_of(&group, job->group_at);
    uint32_t ram = job->group_ram;
    uint32_t addr = job->is_known ? freezer_area_find(&freezer.area, &item) : 0;
    if (addr != 0) {
        settle(job, root, addr);
        job->result->found++;
        job->result->saved += ram;
        job->changes = 1;
        return 1;
    }
    job->has_pending = 1;
    job->blocks++;
    job->bytes += freezer_block_bytes(FREEZER_GROUP, item.bytes);
    job->saved_planned += ram;
    return 1;
}

int freeze_write_group(struct freeze_job *job, void *root)
{
    const struct group group = {job, root};
    uint16_t mark;
    job->group_ram = 0;
    if (job->result->status != STATUS_OK || !run_step(job, root, STEP_PARTS))
        return 0;
    struct frozen_item item = item_of(&group, job->group_at);
    uint32_t saved = job->result->saved + job->group_ram;
    if (!freeze_put(job, &item, &mark))
        return 0;
    job->result->saved = saved;
    settle(job, root, mark_target(mark));
    return 1;
}

// ---- upvalues ----

// Notes which closed upvalues are assigned by any function that has them.
static void note_assigned(const struct freeze_job *job)
{
    const struct global_state *g = GLOBAL(job->L);
    for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
        const struct lua_closure *c = (const struct lua_closure *)(const void *)o;
        if (o->tag_ != LUA_TFUNCTION || c->is_c || REF_IS_NULL(c->proto))
            continue;
        for (int i = 0; i < c->upvalue_count; i++) {
            struct upvalue *u = DEREF(c->upvalues[i]);
            if (u != NULL && !IN_WINDOW(u) && DEREF(u->value) == &u->u.closed &&
                !(u->pad_ & UPVALUE_ASSIGNED) && frozen_assigns_upvalue(DEREF(c->proto), i))
                u->pad_ |= UPVALUE_ASSIGNED;
        }
    }
}

static const char *upvalue_blocker(const struct upvalue *u)
{
    if (u == NULL)
        return "is not there yet";
    if (!IN_WINDOW(u) && DEREF(u->value) != &u->u.closed)
        return "is a local variable of a call that has not ended";
    return !IN_WINDOW(u) && (u->pad_ & UPVALUE_ASSIGNED) ? "is assigned by a function" : NULL;
}

int freeze_check_closure(struct freeze_job *job, const struct lua_closure *c)
{
    if (c->is_c)
        return freeze_blocked(job, "a C function with values of its own");
    if (DEREF(c->environment) != freeze_globals(job->L))
        return freeze_blocked(job, "a function whose environment is not that of the program");
    if (!job->has_closures)
        note_assigned(job);
    job->has_closures = 1;
    for (int i = 0; i < c->upvalue_count; i++) {
        const char *reason = upvalue_blocker(DEREF(c->upvalues[i]));
        if (reason)
            return freeze_blocked_upvalue(job, c, i, reason);
    }
    return 1;
}

uint32_t freeze_upvalue_ram(struct freeze_job *job)
{
    const struct global_state *g = GLOBAL(job->L);
    uint32_t ram = 0;
    for (int is_counting = 0; is_counting < 2; is_counting++)
        for (struct object *o = walk_next_object(g, NULL); o; o = walk_next_object(g, o)) {
            const struct lua_closure *c = (const struct lua_closure *)(const void *)o;
            if (o->tag_ != LUA_TFUNCTION || c->is_c || mark_is_in_job(c) != is_counting)
                continue;
            for (int i = 0; i < c->upvalue_count; i++) {
                struct upvalue *u = DEREF(c->upvalues[i]);
                if (u == NULL || IN_WINDOW(u))
                    continue;
                if (!is_counting)
                    u->pad_ |= UPVALUE_SHARED;
                else if (!(u->pad_ & (UPVALUE_SHARED | UPVALUE_COUNTED)))
                    ram += (uint32_t)sizeof *u;
                u->pad_ |= UPVALUE_COUNTED;
            }
        }
    return ram;
}
