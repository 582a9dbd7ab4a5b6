// node_spaces.c: node.egc.spaces and node.egc.compact: what each space of memory holds.
//
// Reads: the counters of the runtime, the heap, the regions of flash. Memory: what is pushed.
// Source: the report of Monty's collector: available, checks, sweeps, compacts; objects and vectors
//         in total, now, at most. Ours: the firmware has neither function. The numbers are those of
//         this run, in a replay, too.

#include <stdio.h>
#include <string.h>

#include "runtime/core/compact.h"
#include "runtime/core/heap.h"
#include "runtime/core/spaces.h"
#include "runtime/flash/regions.h"
#include "runtime/freezer/freezer.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/node.h"

#define LINE_BYTES 96
#define DEPTH_MAX 32 // of functions in functions that are counted

struct amount {
    unsigned long count, bytes;
};

// Objects and vectors of a space.
struct holding {
    const char *name;
    struct amount total[SPACE_COUNT], current[SPACE_COUNT], most[SPACE_COUNT];
};

// ---- what there is ----

static void add(struct amount *amounts, enum space_id id, unsigned long count, unsigned long bytes)
{
    amounts[id].count += count;
    amounts[id].bytes += bytes;
}

// A function's record and its vectors; line tables are strings in images.
static void add_function(struct amount *amounts, const struct proto *p)
{
    const struct amount vectors[] = {
        {p->code_count, (unsigned long)p->code_count * sizeof(uint32_t)},
        {p->constant_count, (unsigned long)p->constant_count * sizeof(struct value)},
        {p->proto_count, (unsigned long)p->proto_count * sizeof(uint32_t)},
        {p->local_name_count, (unsigned long)p->local_name_count * sizeof(struct local_name)},
        {p->upvalue_name_count, (unsigned long)p->upvalue_name_count * sizeof(uint32_t)},
    };
    add(amounts, SPACE_OBJECTS, 1, sizeof *p);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        if (vectors[i].count > 0)
            add(amounts, SPACE_VECTORS, 1, vectors[i].bytes);
}

static void add_functions(struct amount *amounts, const struct proto *p, int depth)
{
    add_function(amounts, p);
    for (int32_t i = 0; i < p->proto_count && depth < DEPTH_MAX; i++)
        add_functions(amounts, DEREF(DEREF(p->protos)[i]), depth + 1);
}

static void add_strings(struct amount *amounts, const struct flash_region *region)
{
    const uint32_t *slots = (const uint32_t *)(uintptr_t)region->slots_addr;
    add(amounts, SPACE_VECTORS, 1, region->slot_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < region->slot_count; i++) {
        const struct string *s = (const struct string *)(uintptr_t)slots[i];
        for (; s != NULL; s = (const struct string *)DEREF(s->next))
            add(amounts, SPACE_OBJECTS, 1, sizeof *s + s->bytes + 1);
    }
}

static struct holding ram(void)
{
    struct holding h = {.name = "ram"};
    spaces_look();
    for (int i = 0; i < SPACE_COUNT; i++) {
        const struct space *s = &spaces.items[i];
        h.total[i] = (struct amount){s->made, s->made_bytes};
        h.current[i] = (struct amount){s->made - s->gone, s->made_bytes - s->gone_bytes};
        h.most[i] = (struct amount){s->most, s->most_bytes};
    }
    return h;
}

// Images do not change while they are mounted.
static struct holding lfs(void)
{
    struct holding h = {.name = "lfs"};
    for (uint32_t i = 0; i < flash_regions.count; i++) {
        const struct flash_region *region = &flash_regions.items[i];
        if (region->id == REGION_FREEZER)
            continue;
        add_strings(h.total, region);
        if (region->index_addr)
            add_functions(h.total, (const struct proto *)(uintptr_t)region->index_addr, 0);
    }
    for (int i = 0; i < SPACE_COUNT; i++)
        h.current[i] = h.most[i] = h.total[i];
    return h;
}

// A frozen table keeps its vectors behind it, as a function does; a name is an object.
static void add_block(struct amount *amounts, const struct freezer_block *block)
{
    const void *payload = block + 1;
    if (freezer_block_kind(block) == FREEZER_FUNCTION) {
        add_function(amounts, payload);
        return;
    }
    unsigned long record = freezer_block_kind(block) == FREEZER_TABLE ? sizeof(struct table)
                                                                      : block->bytes;
    add(amounts, SPACE_OBJECTS, 1, record);
    if (block->bytes > record)
        add(amounts, SPACE_VECTORS, 1, block->bytes - record);
}

// The area is only appended to: what is in it is the most that was.
static struct holding frozen(void)
{
    struct holding h = {.name = "freezer"};
    const struct freezer_area *area = &freezer.area;
    for (uint32_t at = 0; area->is_open && (at = freezer_area_next(area, at)) != 0;)
        add_block(h.current, freezer_area_block(area, at));
    for (int i = 0; i < SPACE_COUNT; i++)
        h.total[i] = h.most[i] = h.current[i];
    return h;
}

// ---- as text ----

static void print_line(luaL_Buffer *b, const char *space, const char *word,
                       const struct amount *amounts)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "%7s: %5s %7lu objs %8lu b, %7lu vecs %8lu b\n", space, word,
             amounts[SPACE_OBJECTS].count, amounts[SPACE_OBJECTS].bytes,
             amounts[SPACE_VECTORS].count, amounts[SPACE_VECTORS].bytes);
    luaL_addstring(b, line);
}

static unsigned long passes(void)
{
    return (unsigned long)compact_figures.passes;
}

static void push_text(lua_State *L, const struct heap_info *heap, const struct holding *holdings,
                      int count)
{
    char line[LINE_BYTES];
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    snprintf(line, sizeof line, "gc: avail %lu b, %lu checks, %lu sweeps, %lu compacts\n",
             (unsigned long)heap->free_largest, spaces.checks, spaces.sweeps, passes());
    luaL_addstring(&b, line);
    for (int i = 0; i < count; i++) {
        print_line(&b, holdings[i].name, "total", holdings[i].total);
        print_line(&b, holdings[i].name, "curr", holdings[i].current);
        print_line(&b, holdings[i].name, "max", holdings[i].most);
    }
    luaL_pushresult(&b);
}

// ---- as a table ----

static void set_number(lua_State *L, const char *key, unsigned long number)
{
    lua_pushnumber(L, (lua_Number)number);
    lua_setfield(L, -2, key);
}

static void set_amounts(lua_State *L, const char *key, const struct holding *h, int id)
{
    lua_createtable(L, 0, 6);
    set_number(L, "total", h->total[id].count);
    set_number(L, "total_bytes", h->total[id].bytes);
    set_number(L, "current", h->current[id].count);
    set_number(L, "current_bytes", h->current[id].bytes);
    set_number(L, "max", h->most[id].count);
    set_number(L, "max_bytes", h->most[id].bytes);
    lua_setfield(L, -2, key);
}

static void push_table(lua_State *L, const struct heap_info *heap, const struct holding *holdings,
                       int count)
{
    lua_createtable(L, 0, 7);
    set_number(L, "available", heap->free_largest);
    set_number(L, "checks", spaces.checks);
    set_number(L, "sweeps", spaces.sweeps);
    set_number(L, "compacts", passes());
    for (int i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        set_amounts(L, "objects", &holdings[i], SPACE_OBJECTS);
        set_amounts(L, "vectors", &holdings[i], SPACE_VECTORS);
        lua_setfield(L, -2, holdings[i].name);
    }
}

// node.egc.spaces(["text"]): what RAM, LFS and the freezer hold, as a table or as lines of text.
// RAM is left out where it is not counted: in heaps above 1 MB.
int node_spaces(lua_State *L)
{
    const struct holding all[] = {ram(), lfs(), frozen()}, *holdings = all;
    int count = (int)(sizeof all / sizeof *all);
    if (all[0].total[SPACE_OBJECTS].count == 0) {
        holdings++;
        count--;
    }
    const char *form = luaL_optstring(L, 1, "table");
    struct heap_info heap;
    luaL_argcheck(L, strcmp(form, "table") == 0 || strcmp(form, "text") == 0, 1, "table or text");
    heap_get_info(&heap);
    if (form[1] == 'e')
        push_text(L, &heap, holdings, count);
    else
        push_table(L, &heap, holdings, count);
    return 1;
}

// node.egc.compact([on]): says whether vectors are to move together from now on; without it, they
// do so once, now. Result: bytes of the largest free block of the heap.
int node_compact(lua_State *L)
{
    struct heap_info heap;
    if (lua_isnoneornil(L, 1))
        compact_now(L, COMPACT_REQUEST);
    else
        compact_turn(lua_toboolean(L, 1));
    heap_get_info(&heap);
    lua_pushnumber(L, (lua_Number)heap.free_largest);
    return 1;
}
