// api_strings.c: the list of all strings, for debug.getstrings.
//
// Reads: the RAM string table, the tables of the mounted regions. Memory: the table that is pushed;
//         it is sorted in place.

#include "runtime/core/api/api.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/flash/regions.h"
#include "runtime/format/freezer.h"

// Puts the strings of a table of chains into `list`, at most `room`; returns how many there are.
static int32_t list_strings(const uint32_t *slots, uint32_t slot_count, struct value *list,
                            int32_t room, const struct global_state *g)
{
    int32_t count = 0;
    for (uint32_t n = 0; n < slot_count; n++) {
        struct string *s = (struct string *)(uintptr_t)slots[n];
        for (; s; s = (struct string *)DEREF(s->next)) {
            if (GC_IS_DEAD(g, s) || s->flags == STRING_LEFT_BEHIND) // not swept yet
                continue;
            if (count < room)
                value_set_pointer(&list[count], s, LUA_TSTRING);
            count++;
        }
    }
    return count;
}

// The same for the freezer's.
static int32_t list_frozen(const struct flash_region *region, struct value *list, int32_t room)
{
    const uint32_t *slots = (const uint32_t *)(uintptr_t)region->slots_addr;
    int32_t count = 0;
    for (uint32_t i = 0; i < region->slot_count; i++) {
        uint32_t off = FREEZER_SLOT_OFF(slots[i]);
        const uint32_t *block = (const uint32_t *)(uintptr_t)(region->begin + off);
        if (slots[i] == FREEZER_SLOT_FREE || slots[i] == FREEZER_SLOT_SPOILT ||
            (*block & FREEZER_HEAD_MASK) != FREEZER_HEAD(FREEZER_COMMITTED, FREEZER_STRING))
            continue;
        if (count < room)
            value_set_pointer(&list[count], block + sizeof(struct freezer_block) / 4, LUA_TSTRING);
        count++;
    }
    return count;
}

// The same for the RAM table, or for the tables of all mounted regions of flash.
static int32_t list_all(const struct global_state *g, int is_rom, struct value *list, int32_t room)
{
    if (!is_rom)
        return list_strings((const uint32_t *)DEREF(g->strings.slots),
                            (uint32_t)g->strings.slot_count, list, room, g);
    int32_t count = 0;
    for (uint32_t i = 0; i < flash_regions.count; i++) {
        const struct flash_region *region = &flash_regions.items[i];
        if (region->id == REGION_FREEZER)
            count += list_frozen(region, list + count, room - count);
        else
            count += list_strings((const uint32_t *)(uintptr_t)region->slots_addr,
                                  region->slot_count, list + count, room - count, g);
    }
    return count;
}

static int is_less(lua_State *L, const struct value *list, int32_t a, int32_t b)
{
    return vm_compare_strings(L, VALUE_STRING(&list[a]), VALUE_STRING(&list[b])) < 0;
}

// Lets the item at `root` sink until none of its heap children is greater.
static void sift_down(lua_State *L, struct value *list, int32_t root, int32_t count)
{
    for (;;) {
        int32_t child = 2 * root + 1;
        if (child >= count)
            return;
        if (child + 1 < count && is_less(L, list, child, child + 1))
            child++;
        if (!is_less(L, list, root, child))
            return;
        struct value moved = list[root];
        list[root] = list[child];
        list[child] = moved;
        root = child;
    }
}

// Heap sort: no memory, and the same number of comparisons for any order.
static void sort_strings(lua_State *L, struct value *list, int32_t count)
{
    for (int32_t root = count / 2 - 1; root >= 0; root--)
        sift_down(L, list, root, count);
    for (int32_t last = count - 1; last > 0; last--) {
        struct value moved = list[0];
        list[0] = list[last];
        list[last] = moved;
        sift_down(L, list, 0, last);
    }
}

void lua_pushstringtable(lua_State *L, int is_rom)
{
    const struct global_state *g = GLOBAL(L);
    if (is_rom && flash_regions.count == 0) {
        lua_pushnil(L);
        return;
    }
    int32_t room = is_rom ? list_all(g, 1, NULL, 0) : (int32_t)g->strings.string_count;
    struct table *t = table_new(L, room, 0);
    api_push_object(L, t, LUA_TTABLE);
    struct value *list = DEREF(t->array);
    // Making the table may have freed strings: what is left over stays nil. Nothing allocates from
    // here on, and the table is new, so no barrier is needed.
    sort_strings(L, list, list_all(g, is_rom, list, room));
}
