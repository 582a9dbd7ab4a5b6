// mark.h: how an object in RAM says that it has moved, without memory for it.
//
// Tables have no such bits: while one is being frozen, its link to the free nodes holds their index
// and the mark; it is put back or goes with the table.
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
#define MARK_NO_FREE 0xFFFFu  // index of no free node
#define MARK_NODES_MAX 0x8000 // of a table that can be frozen

_Static_assert(FREEZER_AREA_BYTES_MAX / 8 <= MARK_ON_PATH, "offsets fit into marks of tables");

static inline int mark_is_in_job(const struct table *t)
{
    return !IN_WINDOW(t) && (t->marked_ & MARK_IN_JOB);
}

static inline uint32_t mark_of_table(const struct table *t)
{
    return t->free_node.addr & MARK_OFF;
}

static inline void mark_table(struct table *t, uint32_t mark)
{
    t->free_node.addr = (t->free_node.addr & 0xFFFF0000u) | mark;
}

static inline void mark_table_enter(struct table *t)
{
    uint32_t idx = REF_IS_NULL(t->free_node) ? MARK_NO_FREE
                                             : (uint32_t)(DEREF(t->free_node) - DEREF(t->nodes));
    t->free_node.addr = idx << 16 | MARK_ON_PATH;
    t->marked_ |= MARK_IN_JOB;
}

static inline void mark_table_leave(struct table *t)
{
    uint32_t idx = t->free_node.addr >> 16;
    t->marked_ &= (uint8_t)~MARK_IN_JOB;
    REF_NULL(t->free_node);
    if (idx != MARK_NO_FREE)
        REF_SET(t->free_node, DEREF(t->nodes) + idx);
}

// Address by which a frozen object refers to a table; 0: none yet.
static inline uint32_t mark_table_addr(const struct table *t)
{
    if (IN_WINDOW(t))
        return ADDR32(t);
    uint32_t mark = mark_is_in_job(t) ? mark_of_table(t) : 0;
    return mark == MARK_ON_PATH ? 0 : mark_target((uint16_t)mark);
}

#endif
