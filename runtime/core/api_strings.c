// api_strings.c: the list of all strings, for debug.getstrings.
//
// Reads: the RAM string table, the tables of the mounted image. Memory: the table that is pushed;
//         it is sorted in place.

#include "runtime/core/api.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"

// Puts the strings of a table of chains into `list`, at most `room`; returns how many there are.
static int32_t list_strings(const uint32_t *slots, uint32_t slot_count, struct value *list,
                           int32_t room, const struct global_state *g)
{
    int32_t count = 0;
    for (uint32_t n = 0; n < slot_count; n++) {
        struct string *s = (struct string *)(uintptr_t)slots[n];
        for (; s; s = (struct string *)DEREF(s->next)) {
            if (GC_IS_DEAD(g, s)) // not swept yet
                continue;
            if (count < room)
                value_set_pointer(&list[count], s, LUA_TSTRING);
            count++;
        }
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
    if (is_rom && g->flash_slot_count == 0) {
        lua_pushnil(L);
        return;
    }
    int32_t room = is_rom ? list_strings((const uint32_t *)DEREF(g->flash_slots),
                                        g->flash_slot_count, NULL, 0, g)
                          : (int32_t)g->strings.string_count;
    struct table *t = table_new(L, room, 0);
    api_push_object(L, t, LUA_TTABLE);
    struct value *list = DEREF(t->array);
    // Making the table may have freed strings: what is left over stays nil. Nothing allocates from
    // here on, and the table is new, so no barrier is needed.
    const uint32_t *slots = is_rom ? (const uint32_t *)DEREF(g->flash_slots)
                                   : (const uint32_t *)DEREF(g->strings.slots);
    uint32_t slot_count = is_rom ? g->flash_slot_count : (uint32_t)g->strings.slot_count;
    int32_t count = list_strings(slots, slot_count, list, room, g);
    sort_strings(L, list, count);
}
