// mark.h: how an object in RAM says that it has moved, without memory for it.
//
// Tables have no such bits: while one is being frozen, its link to the free nodes holds their index
// and the mark; it is put back or goes with the table. So does the environment of a closure, which
// is the table of globals: no closure with another one is frozen. An upvalue has 16 bits, too.
//
// Strings and functions have 16 bits that the device does not use (`flags`). While something is
// being frozen they hold the offset of its payload in the area, in units of 8; afterwards only
// those of functions do that are running and therefore wait.

#ifndef FROST_FREEZER_MARK_H
#define FROST_FREEZER_MARK_H

#include "runtime/freezer/freezer.h"

#define MARK_OFF 0x7FFFu     // offset / 8 of the payload, 0: not moved
#define MARK_PLANNED 0x7FFFu // will be written; no payload has this offset
#define MARK_HELD 0x8000u    // string: a C function has it; function: it is running

_Static_assert(FREEZER_AREA_BYTES_MAX / 8 < MARK_PLANNED, "offsets fit into marks");

// A closure that this freeze has seen: a bit that only tables and userdata use otherwise.
#define MARK_SEEN 0x10

static inline uint16_t mark_of(uint32_t addr)
{
    return (uint16_t)((addr - freezer.area.addr) / 8);
}

// Where an object of RAM with such flags lies in flash, 0: nowhere.
static inline uint32_t mark_target(uint16_t flags)
{
    uint32_t mark = flags & MARK_OFF;
    return mark == 0 || mark == MARK_PLANNED ? 0 : freezer.area.addr + 8 * mark;
}

// Address by which a frozen object refers to a string or function; 0 for NULL.
static inline uint32_t mark_string_addr(const struct string *s)
{
    return s == NULL || IN_WINDOW(s) ? ADDR32(s) : mark_target(s->flags);
}

static inline uint32_t mark_proto_addr(const struct proto *p)
{
    return p == NULL || IN_WINDOW(p) ? ADDR32(p) : mark_target(p->flags);
}

// ---- tables ----

#define MARK_IN_JOB 0x80      // in `marked_` of a table: its free_node is index << 16 | mark
#define MARK_ON_PATH 0x7FFEu  // its content is being looked at
#define MARK_SCANNED 0x7FFDu  // nothing in it stands in the way
#define MARK_GROUP 0x8000u    // the rest is the place in a group, in units of 8
#define MARK_BITS 0xFFFFu     // of a table or closure
#define MARK_NO_FREE 0xFFFFu  // index of no free node
#define MARK_NODES_MAX 0x8000 // of a table that can be frozen

_Static_assert(FREEZER_AREA_BYTES_MAX / 8 <= MARK_SCANNED, "offsets fit into marks of tables");

// Of an upvalue, in `pad_`.
#define UPVALUE_ASSIGNED 1u // by some function
#define UPVALUE_SHARED 2u   // with a closure that stays
#define UPVALUE_COUNTED 4u

static inline int mark_is_in_job(const void *object)
{
    const struct object *o = object;
    return !IN_WINDOW(o) && (o->marked_ & MARK_IN_JOB);
}

// The mark of a table or closure of the job.
static inline uint32_t mark_get(const void *object)
{
    const struct object *o = object;
    return (o->tag_ == LUA_TTABLE ? ((const struct table *)object)->free_node.addr
                                  : ((const struct closure *)object)->environment.addr) &
           MARK_BITS;
}

static inline void mark_put(void *object, uint32_t mark)
{
    struct object *o = object;
    uint32_t *word = o->tag_ == LUA_TTABLE ? &((struct table *)object)->free_node.addr
                                           : &((struct closure *)object)->environment.addr;
    *word = (*word & ~MARK_BITS) | mark;
}

static inline void mark_enter(void *object)
{
    struct object *o = object;
    if (o->tag_ == LUA_TTABLE) {
        struct table *t = object;
        uint32_t idx = REF_IS_NULL(t->free_node)
                           ? MARK_NO_FREE
                           : (uint32_t)(DEREF(t->free_node) - DEREF(t->nodes));
        t->free_node.addr = idx << 16;
    } else {
        ((struct closure *)object)->environment.addr = 0;
    }
    mark_put(object, MARK_ON_PATH);
    o->marked_ |= MARK_IN_JOB;
}

// globals: the environment of every closure of the job.
static inline void mark_leave(void *object, struct table *globals)
{
    struct object *o = object;
    o->marked_ &= (uint8_t)~MARK_IN_JOB;
    if (o->tag_ != LUA_TTABLE) {
        REF_SET(((struct closure *)object)->environment, globals);
        return;
    }
    struct table *t = object;
    uint32_t idx = t->free_node.addr >> 16;
    REF_NULL(t->free_node);
    if (idx != MARK_NO_FREE)
        REF_SET(t->free_node, DEREF(t->nodes) + idx);
}

// Address by which a frozen object refers to a table or closure; 0: none yet.
static inline uint32_t mark_object_addr(const void *object)
{
    if (object == NULL || IN_WINDOW(object))
        return ADDR32(object);
    uint32_t mark = mark_is_in_job(object) ? mark_get(object) : 0;
    return mark >= MARK_SCANNED ? 0 : mark_target((uint16_t)mark);
}

#endif
