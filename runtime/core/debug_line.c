// debug_line.c: packed line tables: reading and writing.
//
// Reads and writes: proto.lines. Memory: the vector of bytes, through mem.h.
// Source: behaviour of NodeMCU 3.0. An entry is an optional line delta, bytes with bit 7 set, and
//         a count 1..126 of instructions on that line. No delta: the next line. Entries are begun
//         and joined exactly as luac.cross does it, since their bytes are part of the ledger.

#include <assert.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/mem.h"
#include "runtime/core/vm_inline.h"
#include "runtime/flash/regions.h"

#define LINE_DELTA 0x80    // bit of the bytes of a delta
#define LINE_NEGATIVE 0x40 // bit of its first byte
#define LINE_FIRST_BITS 6  // payload of the first byte, lowest bits
#define LINE_MORE_BITS 7   // payload of the others
#define LINE_FILL 0x7F     // unused byte while compiling; ends the table
#define LINE_COUNT_MAX 126
#define LINE_ENTRY_BYTES_MAX 7 // five or six bytes of delta, one count

// ---- reading ----

// Takes the next entry: changes *line, returns the count of instructions, 0 at the end.
static int read_entry(const uint8_t **at, uint32_t *line)
{
    const uint8_t *from = *at;
    if (*from == 0 || *from == LINE_FILL)
        return 0;
    if (*from & LINE_DELTA) {
        int is_negative = *from & LINE_NEGATIVE;
        uint32_t value = *from++ & ((1u << LINE_FIRST_BITS) - 1u);
        for (unsigned shift = LINE_FIRST_BITS; *from & LINE_DELTA; shift += LINE_MORE_BITS)
            value |= (shift < 32 ? (*from & 127u) << shift : 0), from++;
        *line = is_negative ? *line - value : *line + value + 2u;
    } else {
        ++*line;
    }
    int count = *from;
    if (count == 0) // cut off: only in damaged tables
        return 0;
    *at = from + 1;
    return count;
}

int debug_line(lua_State *L, const struct proto *p, int pc)
{
    const uint8_t *first = DEREF(p->lines), *at = first;
    uint32_t line = 0;
    (void)L;
    if (first == NULL)
        return 0;
    int left = pc;
    for (;;) {
        int count = read_entry(&at, &line);
        if (count == 0 || left < count)
            break;
        left -= count;
    }
#ifdef FROST_PROBED
    // The table of a function of an image is a string; in the freezer it is a part of the function.
    const struct flash_region *region = flash_region_at((uint32_t)(uintptr_t)first);
    if (region && region->id != REGION_FREEZER)
        PROBE_CONTENT_READ(L, (const char *)first, 0, (size_t)(at - first), CONTENT_LINES);
#endif
    return (int)line;
}

void debug_line_each(const struct proto *p, void (*visit)(void *context, int line), void *context)
{
    const uint8_t *at = DEREF(p->lines);
    uint32_t line = 0;
    while (at && read_entry(&at, &line) > 0)
        visit(context, (int)line);
}

int debug_current_pc(lua_State *L, struct call_record *call)
{
    (void)L;
    if (!call_is_lua(call))
        return -1;
    return (int)(DEREF(call->pc) - DEREF(CALL_PROTO(call)->code)) - 1;
}

int debug_current_line(lua_State *L, struct call_record *call)
{
    int pc = debug_current_pc(L, call);
    return pc < 0 ? -1 : debug_line(L, CALL_PROTO(call), pc);
}

// ---- writing ----

void debug_line_init(struct line_writer *w)
{
    *w = (struct line_writer){0};
}

// Room for `bytes` more and the NUL.
static void make_room(lua_State *L, struct proto *p, struct line_writer *w, int bytes)
{
    while (w->room < w->used + bytes + 1) {
        int32_t room = w->room;
        uint8_t *lines = mem_grow(L, (void *)DEREF(p->lines), room, &w->room, 1, INT32_MAX,
                                  "line table overflow", KIND_LINES);
        REF_SET(p->lines, lines);
        memset(lines + w->used, LINE_FILL, (size_t)(w->room - w->used));
        lines[w->room - 1] = 0;
    }
}

// A new entry for one instruction.
static void add_entry(lua_State *L, struct proto *p, struct line_writer *w, int line)
{
    uint8_t entry[LINE_ENTRY_BYTES_MAX];
    int bytes = 0, delta = line - w->line;
    if (delta != 1) {
        uint32_t value = delta > 0 ? (uint32_t)delta - 2u : 0u - (uint32_t)delta;
        uint32_t sign = delta > 0 ? 0 : LINE_NEGATIVE;
        entry[bytes++] = (uint8_t)(LINE_DELTA | sign | (value & 63u));
        for (value >>= LINE_FIRST_BITS; value; value >>= LINE_MORE_BITS)
            entry[bytes++] = (uint8_t)(LINE_DELTA | (value & 127u));
    }
    entry[bytes++] = 1;
    make_room(L, p, w, bytes);
    memcpy((uint8_t *)DEREF(p->lines) + w->used, entry, (size_t)bytes);
    w->used += bytes;
    w->line = line;
    w->count = 1;
}

void debug_line_add(lua_State *L, struct proto *p, struct line_writer *w, int line)
{
    uint8_t *lines = (uint8_t *)DEREF(p->lines);
    if (w->count > 0 && w->count < LINE_COUNT_MAX && line == w->line)
        lines[w->used - 1] = (uint8_t)++w->count;
    else
        add_entry(L, p, w, line);
}

void debug_line_remove(lua_State *L, struct proto *p, struct line_writer *w)
{
    uint8_t *lines = (uint8_t *)DEREF(p->lines);
    (void)L;
    assert(w->used > 0 && w->used < w->room);
    if (w->count > 1) {
        lines[w->used - 1] = (uint8_t)--w->count;
        return;
    }
    // The whole last entry goes: its count, then the bytes of its delta, from the highest.
    int end = w->used, delta = 1;
    lines[--w->used] = LINE_FILL;
    uint32_t value = 0;
    while (w->used > 0 && (lines[w->used - 1] & LINE_DELTA)) {
        uint32_t byte = lines[--w->used];
        int is_first = w->used == 0 || !(lines[w->used - 1] & LINE_DELTA);
        value = is_first ? value << LINE_FIRST_BITS | (byte & 63u)
                         : value << LINE_MORE_BITS | (byte & 127u);
        if (is_first)
            delta = byte & LINE_NEGATIVE ? -(int)value : (int)value + 2;
    }
    memset(lines + w->used, LINE_FILL, (size_t)(end - w->used));
    w->line -= delta;
    w->count = w->used > 0 ? lines[w->used - 1] : 0;
}

void debug_line_fix(lua_State *L, struct proto *p, struct line_writer *w, int line)
{
    if (line == w->line)
        return;
    debug_line_remove(L, p, w);
    add_entry(L, p, w, line); // not joined with the one before, which may have the same line
}

void debug_line_close(lua_State *L, struct proto *p, struct line_writer *w)
{
    make_room(L, p, w, 0);
    ((uint8_t *)DEREF(p->lines))[w->used] = 0;
    uint8_t *lines = mem_vector(L, (void *)DEREF(p->lines), (size_t)w->room, (size_t)w->used + 1, 1,
                                KIND_LINES);
    REF_SET(p->lines, lines);
    w->room = w->used + 1;
}
