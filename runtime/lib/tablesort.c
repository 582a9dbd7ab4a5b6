// tablesort.c: table.sort, a quicksort with the median of three, in place.
//
// Reads and writes: see tablesort.h. Stack: 1 the list, 2 the order function or nil.
// Memory: recursion only into the smaller part, so its depth is at most log2(length).
// Source: see tablesort.h.
#include "runtime/lib/tablesort.h"

#include <assert.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/vm_inline.h"

#define LIST 1
#define ORDER 2

// ---- the stack, as lua_rawgeti, lua_rawseti, lua_pushvalue and lua_pop treat it ----

static inline const struct value *at_top(lua_State *L, int idx)
{
    return TOP(L) + idx;
}

static inline void push(lua_State *L, const struct value *v)
{
    struct value *top = TOP(L);
    *top = *v;
    TOP_SET(L, top + 1);
}

static inline void pop(lua_State *L, int count)
{
    TOP_SET(L, TOP(L) - count);
}

static inline struct table *list_of(lua_State *L)
{
    return VALUE_TABLE(DEREF(L->base) + (LIST - 1));
}

// A frozen one raises an error when it is stored into, or has an overlay.
static inline int is_frozen(lua_State *L)
{
    return !VALUE_IS_TABLE(DEREF(L->base) + (LIST - 1));
}

static inline void push_element(lua_State *L, int i)
{
    if (is_frozen(L))
        lua_rawgeti(L, LIST, i);
    else
        push(L, table_get_int(list_of(L), i));
}

// Takes the topmost value off and stores it.
static inline void store_element(lua_State *L, int i)
{
    struct table *t = list_of(L);
    struct value *v = TOP(L) - 1;
    if ((uint32_t)i - 1u >= (uint32_t)t->array_count || is_frozen(L)) {
        lua_rawseti(L, LIST, i);
        return;
    }
    DEREF(t->array)[i - 1] = *v;
    VM_BARRIER_TABLE(L, t, v);
    pop(L, 1);
}

// ---- order ----

// Is the value at stack position a less than that at b? Relative positions, as seen by the caller.
static inline int is_less(lua_State *L, int a, int b)
{
    const struct value *order = DEREF(L->base) + (ORDER - 1), *x = at_top(L, a), *y = at_top(L, b);
    if (VALUE_IS_NIL(order))
        return VALUE_IS_NUMBER(x) && VALUE_IS_NUMBER(y) ? VALUE_NUMBER(x) < VALUE_NUMBER(y)
                                                        : vm_less(L, x, y);
    struct value *top = TOP(L);
    top[0] = *order;
    top[1] = *x;
    top[2] = *y;
    TOP_SET(L, top + 3);
    lua_call(L, 2, 1);
    int result = !VALUE_IS_FALSE(at_top(L, -1));
    pop(L, 1);
    return result;
}

// Stores the topmost value at list index i and the one below it at j.
static void store_two(lua_State *L, int i, int j)
{
    store_element(L, i);
    store_element(L, j);
}

// Puts the elements at low < high in order. 1 if they were exchanged.
static int order_two(lua_State *L, int low, int high)
{
    push_element(L, low);
    push_element(L, high);
    if (is_less(L, -1, -2)) {
        store_two(L, low, high);
        return 1;
    }
    pop(L, 2);
    return 0;
}

// Puts the middle element in order with its outer neighbours, which are in order themselves: first
// against the low one, and only if it stays, against the high one.
static void order_middle(lua_State *L, int low, int middle, int high)
{
    push_element(L, middle);
    push_element(L, low);
    if (is_less(L, -2, -1)) {
        store_two(L, middle, low);
        return;
    }
    pop(L, 1);
    push_element(L, high);
    if (is_less(L, -1, -2))
        store_two(L, middle, high);
    else
        pop(L, 2);
}

static void exchange(lua_State *L, int i, int j)
{
    push_element(L, i);
    push_element(L, j);
    store_two(L, i, j);
}

// First index above i whose element is not less than the pivot (on top); that element is pushed.
static int search_up(lua_State *L, int i, int high)
{
    for (;;) {
        push_element(L, ++i);
        if (!is_less(L, -1, -2))
            return i;
        if (i > high)
            luaL_error(L, "invalid order function for sorting");
        pop(L, 1);
    }
}

// Last index below j whose element is not greater than the pivot (second from top); it is pushed.
static int search_down(lua_State *L, int j, int low)
{
    for (;;) {
        push_element(L, --j);
        if (!is_less(L, -3, -1))
            return j;
        if (j < low)
            luaL_error(L, "invalid order function for sorting");
        pop(L, 1);
    }
}

// Parts low..high (at least four elements, ends and middle in order) around the middle element,
// which
// goes to the index that is returned: all before it are not greater, all after not less.
static int partition(lua_State *L, int low, int middle, int high)
{
    push_element(L, middle);
    push(L, at_top(L, -1)); // the pivot stays on top meanwhile
    push_element(L, high - 1);
    store_two(L, middle, high - 1);
    int i = low, j = high - 1;
    assert(high - low >= 3);
    assert(low < middle);
    for (;;) {
        i = search_up(L, i, high);
        j = search_down(L, j, low);
        if (j < i)
            break;
        store_two(L, i, j);
    }
    pop(L, 3); // pivot and the two elements where the searches ended
    exchange(L, high - 1, i);
    return i;
}

static void sort_range(lua_State *L, int low, int high)
{
    while (low < high) {
        order_two(L, low, high);
        if (high - low == 1)
            return;
        int middle = low + (high - low) / 2;
        order_middle(L, low, middle, high);
        if (high - low == 2)
            return;
        int pivot = partition(L, low, middle, high);
        assert(pivot > low);
        if (pivot - low < high - pivot) {
            sort_range(L, low, pivot - 1);
            low = pivot + 1;
        } else {
            sort_range(L, pivot + 1, high);
            high = pivot - 1;
        }
    }
}

int table_sort(lua_State *L)
{
    luaL_checktable(L, LIST);
    int length = luaL_getn(L, LIST);
    assert(length >= 0);
    luaL_checkstack(L, TABLE_SORT_SLOTS, "");
    if (!lua_isnoneornil(L, ORDER))
        luaL_checkfunction(L, ORDER);
    lua_settop(L, 2);
    sort_range(L, 1, length);
    return 0;
}
