// vm_slow.c: what the interpreter does out of line: metamethods, conversions, comparisons.
//
// Reads and writes: the stack of the running thread, tables. Memory: strings made of numbers, and
//         what a store into a table needs.
// Source: Lua 5.1 manual, 2.8 (order of the look-ups of metamethods).

#include <assert.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/mem.h"
#include "runtime/core/meta.h"
#include "runtime/core/overlay.h"
#include "runtime/core/str.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_inline.h"

#define META_LOOP_MAX 100 // length of a chain of __index or __newindex

// ---- conversions ----

const struct value *vm_to_number(lua_State *L, const struct value *v, struct value *storage)
{
    if (VALUE_IS_NUMBER(v))
        return v;
    if (!VALUE_IS_STRING(v))
        return NULL;
    (void)L;
    const char *text = VALUE_TEXT(v);
    size_t bytes = strlen(text); // as in Lua 5.1, what follows a NUL is not looked at
    lua_Number n;
    PROBE_NUMBER_READ(L, text, bytes);
    if (!number_parse(text, bytes, &n))
        return NULL;
    value_set_number(storage, n);
    return storage;
}

int vm_to_string(lua_State *L, struct value *slot)
{
    if (VALUE_IS_STRING(slot))
        return 1;
    if (!VALUE_IS_NUMBER(slot))
        return 0;
    ptrdiff_t at = STACK_OFFSET(L, slot);
    char text[LUAI_NUMBER_CHARS];
    int bytes = number_format(VALUE_NUMBER(slot), text);
    struct string *s = STR_NEW_FROM(L, text, (size_t)bytes, TRACE_ORIGIN_NUMBER);
    value_set_pointer(STACK_AT(L, at), s, LUA_TSTRING);
    return 1;
}

// ---- metamethods ----

// Calls `method` with a and b; one result goes to stack offset `at`.
static void call_for_result(lua_State *L, const struct value *method, const struct value *a,
                            const struct value *b, ptrdiff_t at)
{
    struct value *top = TOP(L); // the reserve of the stack has room for them
    top[0] = *method;
    top[1] = *a;
    top[2] = *b;
    STACK_CHECK(L, 3);
    top = TOP(L);
    TOP_SET(L, top + 3);
    call_function(L, top, 1);
    top = TOP(L) - 1;
    TOP_SET(L, top);
    *STACK_AT(L, at) = *top;
}

int vm_call_binary(lua_State *L, const struct value *a, const struct value *b, struct value *result,
                   enum metamethod event)
{
    struct value storage;
    const struct value *method = meta_of(L, a, event, &storage);
    if (VALUE_IS_NIL(method))
        method = meta_of(L, b, event, &storage);
    if (VALUE_IS_NIL(method))
        return 0;
    call_for_result(L, method, a, b, STACK_OFFSET(L, result));
    return 1;
}

// ---- t[key] ----

// Is somebody to be told that a read-only table does not have this key?
static inline int is_absence_told(const struct rotable *t, const struct value *key)
{
    return rotable_observer && VALUE_IS_STRING(key) && rotable_observer->wants(t, VALUE_TEXT(key));
}

void vm_get(lua_State *L, const struct value *t, const struct value *key, struct value *result)
{
    struct value storage, holder;
    for (int n = 0; n < META_LOOP_MAX; n++) {
        const struct value *method;
        if (VALUE_HAS_TABLE(t)) {
            const struct table *h = VALUE_TABLE(t), *overlay = overlay_of(t);
            const struct value *found = overlay ? overlay_get(overlay, t, key) : table_get(h, key);
            if (!VALUE_IS_NIL(found)) {
                *result = *found;
                return;
            }
            method = meta_get(L, DEREF(h->metatable), META_INDEX, &storage);
        } else if (VALUE_IS_ROTABLE(t)) {
            const struct rotable *h = VALUE_ROTABLE(t);
            if (rotable_get(h, key, &storage)) {
                *result = storage;
                return;
            }
            if (is_absence_told(h, key))
                rotable_observer->missed(L, h, VALUE_TEXT(key));
            method = meta_get(L, (struct table *)(uintptr_t)h->metatable, META_INDEX, &storage);
        } else {
            method = meta_of(L, t, META_INDEX, &storage);
            if (VALUE_IS_NIL(method))
                debug_type_error(L, t, "index");
        }
        if (method == NULL) {
            value_set_nil(result);
            return;
        }
        if (VALUE_BASE(method) == LUA_TFUNCTION) {
            call_for_result(L, method, t, key, STACK_OFFSET(L, result));
            return;
        }
        holder = *method;
        t = &holder;
    }
    debug_run_error(L, "loop in gettable");
}

// meta_get of __index; the usual case, an ordinary metatable that has it, is looked up here.
static inline const struct value *index_of(lua_State *L, struct table *mt, struct value *storage)
{
    if (mt == NULL || (TABLE_ABSENT(mt) & 1u << META_INDEX))
        return NULL;
    if (OBJECT_TAG(mt) == LUA_TTABLE) {
        const struct string *name = DEREF(GLOBAL(L)->metamethod_names[META_INDEX]);
        const struct value *found = table_get_string(mt, name);
        if (VM_LIKELY(!VALUE_IS_NIL(found)))
            return found;
    }
    return meta_get(L, mt, META_INDEX, storage);
}

// Keeps for the cache what a look-up by way of the metatable `first` depends on.
struct chain {
    uint32_t first; // 0: the result is not to be kept
};

static inline void chain_watch(struct chain *chain, struct table *t)
{
#if HAS_FAST_PATHS
    if (chain->first != 0 && OBJECT_TAG(t) == LUA_TTABLE)
        t->absent |= TABLE_WATCHED;
#else
    (void)chain;
    (void)t;
#endif
}

static inline void chain_end(const struct chain *chain, const struct string *key,
                             const struct value *place)
{
#if HAS_FAST_PATHS
    if (chain->first != 0)
        fast_path_note(chain->first, key, place);
#else
    (void)chain;
    (void)key;
    (void)place;
#endif
}

// A field of a read-only table; 0 if it has none of that name. *result has it then.
static int find_in_rotable(const struct rotable *t, const struct string *key,
                           const struct chain *chain, int is_first, struct value *result)
{
#ifdef FROST_INTEGER
    (void)chain;
    (void)is_first;
    return rotable_get_string(t, key, result);
#else
    const struct value *place = rotable_place(t, key);
    if (place == NULL)
        return 0;
    struct chain own = {ADDR32(t) | FAST_PATH_OWN};
    chain_end(is_first ? &own : chain, key, place);
    *result = *place;
    return 1;
#endif
}

int vm_find_field(lua_State *L, const struct value *t, const struct string *key,
                  struct value *result)
{
    struct value storage, holder;
    struct chain chain = {0};
    for (int n = 0; n < META_LOOP_MAX; n++) {
        const struct value *next;
        struct table *mt;
        if (VM_LIKELY(VALUE_HAS_TABLE(t))) {
            struct table *h = VALUE_TABLE(t);
            if (VM_UNLIKELY(overlay_of(t) != NULL))
                return 0; // vm_get looks there, and nothing of it is kept
            const struct value *found = table_get_string(h, key);
            if (n > 0)
                chain_watch(&chain, h);
            if (!VALUE_IS_NIL(found)) {
                chain_end(&chain, key, found);
                *result = *found;
                return 1;
            }
            mt = DEREF(h->metatable);
        } else if (VALUE_IS_ROTABLE(t)) {
            const struct rotable *h = VALUE_ROTABLE(t);
            if (find_in_rotable(h, key, &chain, n == 0, result))
                return 1;
            if (rotable_observer && rotable_observer->wants(h, STRING_TEXT(key)))
                return 0; // vm_get, which may call, tells it
            mt = (struct table *)(uintptr_t)h->metatable;
        } else {
            mt = meta_table_of(L, t);
            if (n > 0)
                chain.first = 0; // nobody watches the metatable of this one
        }
        if (n == 0 && mt != NULL) {
#if HAS_FAST_PATHS
            const struct value *known = fast_path_find(ADDR32(mt), key);
            if (known) {
                *result = *known;
                return 1;
            }
#endif
            chain.first = ADDR32(mt);
        }
        next = index_of(L, mt, &storage);
        if (mt != NULL)
            chain_watch(&chain, mt);
        if (next == NULL) {
            if (VALUE_BASE(t) != LUA_TTABLE)
                return 0;
            if (n > 0) // without __index it depends on the type of t
                chain_end(&chain, key, &value_nil);
            value_set_nil(result);
            return 1;
        }
        if (VALUE_BASE(next) == LUA_TFUNCTION)
            return 0;
        holder = *next;
        t = &holder;
    }
    return 0;
}

// Calls `method` with an object, a key and a value.
static void call_for_store(lua_State *L, const struct value *method, const struct value *t,
                           const struct value *key, const struct value *value)
{
    struct value *top = TOP(L);
    top[0] = *method;
    top[1] = *t;
    top[2] = *key;
    top[3] = *value;
    STACK_CHECK(L, 4);
    top = TOP(L);
    TOP_SET(L, top + 4);
    call_function(L, top, 0);
}

void vm_set(lua_State *L, const struct value *t, const struct value *key, const struct value *value)
{
    struct value k = *key, v = *value, storage, holder;
    for (int n = 0; n < META_LOOP_MAX; n++) {
        const struct value *method;
        if (VALUE_IS_TABLE(t)) {
            holder = *t;
            t = &holder;
            struct table *h = VALUE_TABLE(t);
            // As in Lua 5.1 the place is made before a metamethod is asked.
            struct value *place = table_set(L, h, &k);
            method = NULL;
            if (VALUE_IS_NIL(place))
                method = meta_get(L, DEREF(h->metatable), META_NEWINDEX, &storage);
            if (method == NULL) {
                *place = v;
                fast_path_table_changed(h); // an absence may just have been noted that ends now
                VM_BARRIER_TABLE(L, h, &v);
                return;
            }
        } else if (VALUE_IS_ROTABLE(t)) {
            const struct rotable *h = VALUE_ROTABLE(t);
            method = meta_get(L, (struct table *)(uintptr_t)h->metatable, META_NEWINDEX, &storage);
            if (method == NULL)
                debug_run_error(L, "table is readonly");
        } else if (VALUE_IS_FROZEN_TABLE(t)) {
            const struct table *h = VALUE_TABLE(t);
            struct table *overlay = overlay_of(t);
            const struct value *old = overlay ? overlay_get(overlay, t, &k) : table_get(h, &k);
            method = VALUE_IS_NIL(old) ? meta_get(L, DEREF(h->metatable), META_NEWINDEX, &storage)
                                       : NULL;
            if (method == NULL && overlay == NULL)
                debug_frozen_error(L, t, &k);
            if (method == NULL) {
                overlay_set(L, overlay, t, &k, &v);
                return;
            }
        } else {
            method = meta_of(L, t, META_NEWINDEX, &storage);
            if (VALUE_IS_NIL(method))
                debug_type_error(L, t, "index");
        }
        if (VALUE_BASE(method) == LUA_TFUNCTION) {
            storage = *method;
            call_for_store(L, &storage, t, &k, &v);
            return;
        }
        holder = *method;
        t = &holder;
    }
    debug_run_error(L, "loop in settable");
}

// ---- arithmetic ----

#ifdef FROST_INTEGER
static lua_Number compute(lua_State *L, enum metamethod event, lua_Number a, lua_Number b)
{
    switch (event) {
    case META_ADD:
        return VM_ADD(a, b);
    case META_SUB:
        return VM_SUB(a, b);
    case META_MUL:
        return VM_MUL(a, b);
    case META_DIV:
        if (b == 0)
            debug_run_error(L, "divide by zero");
        return VM_DIV(a, b);
    case META_MOD:
        if (b == 0)
            debug_run_error(L, "modulo by zero");
        return VM_MOD(a, b);
    case META_POW:
        return number_power(a, b);
    default:
        return VM_NEGATE(a);
    }
}
#else
static lua_Number compute(lua_State *L, enum metamethod event, lua_Number a, lua_Number b)
{
    (void)L;
    switch (event) {
    case META_ADD:
        return VM_ADD(a, b);
    case META_SUB:
        return VM_SUB(a, b);
    case META_MUL:
        return VM_MUL(a, b);
    case META_DIV:
        return VM_DIV(a, b);
    case META_MOD:
        return VM_MOD(a, b);
    case META_POW:
        return number_power(a, b);
    default:
        return VM_NEGATE(a);
    }
}
#endif

void vm_arith(lua_State *L, struct value *result, const struct value *b, const struct value *c,
              enum metamethod event)
{
    struct value storage_b, storage_c;
    const struct value *x = vm_to_number(L, b, &storage_b);
    const struct value *y = x ? vm_to_number(L, c, &storage_c) : NULL;
    if (y) {
        lua_Number n = compute(L, event, VALUE_NUMBER(x), VALUE_NUMBER(y));
        value_set_number(result, n);
    } else if (!vm_call_binary(L, b, c, result, event)) {
        debug_arith_error(L, b, c);
    }
}

void vm_length(lua_State *L, struct value *result, const struct value *v)
{
    const struct table *overlay = overlay_of(v);
    if (VALUE_IS_ROTABLE(v))
        value_set_number(result, 0);
    else if (overlay)
        value_set_number(result, (lua_Number)overlay_length(overlay, v));
    else if (VALUE_HAS_TABLE(v))
        value_set_number(result, (lua_Number)table_length(VALUE_TABLE(v)));
    else if (VALUE_IS_STRING(v))
        value_set_number(result, (lua_Number)VALUE_STRING(v)->bytes);
    else if (!vm_call_binary(L, v, &value_nil, result, META_LEN))
        debug_type_error(L, v, "get length of");
}

// ---- comparison ----

int vm_raw_equal(const struct value *a, const struct value *b)
{
    if (VALUE_TAG(a) != VALUE_TAG(b))
        return 0;
    switch (VALUE_TAG(a)) {
    case LUA_TNIL:
        return 1;
    case LUA_TNUMBER:
        return VALUE_NUMBER(a) == VALUE_NUMBER(b);
    case LUA_TBOOLEAN:
        return a->as.boolean == b->as.boolean;
    default:
        return a->as.pointer == b->as.pointer;
    }
}

// The metamethod for == that both objects agree on, copied to *method; 0 if they do not.
static int equal_method(lua_State *L, struct table *a, struct table *b, struct value *method)
{
    struct value storage;
    const struct value *first = meta_get(L, a, META_EQ, method);
    if (first == NULL)
        return 0;
    *method = *first;
    if (a == b)
        return 1;
    const struct value *second = meta_get(L, b, META_EQ, &storage);
    return second != NULL && vm_raw_equal(method, second);
}

int vm_equal(lua_State *L, const struct value *a, const struct value *b)
{
    struct table *meta_a, *meta_b;
    assert(VALUE_TAG(a) == VALUE_TAG(b));
    switch (VALUE_TAG(a)) {
    case LUA_TTABLE:
        meta_a = DEREF(VALUE_TABLE(a)->metatable);
        meta_b = DEREF(VALUE_TABLE(b)->metatable);
        break;
    case LUA_TUSERDATA:
        meta_a = DEREF(VALUE_USERDATA(a)->metatable);
        meta_b = DEREF(VALUE_USERDATA(b)->metatable);
        break;
    default:
        return vm_raw_equal(a, b);
    }
    if (a->as.pointer == b->as.pointer)
        return 1;
    struct value method;
    if (!equal_method(L, meta_a, meta_b, &method))
        return 0;
    call_for_result(L, &method, a, b, STACK_OFFSET(L, TOP(L)));
    return !VALUE_IS_FALSE(TOP(L));
}

int vm_compare_strings(lua_State *L, const struct string *a, const struct string *b)
{
    const char *x = STRING_TEXT(a), *y = STRING_TEXT(b);
    uint32_t common = a->bytes < b->bytes ? a->bytes : b->bytes;
    (void)L;
#ifdef FROST_PROBED
    size_t same = probe_same_bytes(x, y, common);
    same += same < common; // the one that differs has been read too
    PROBE_CONTENT_READ(L, x, 0, same, CONTENT_COMPARE);
    PROBE_CONTENT_READ(L, y, 0, same, CONTENT_COMPARE);
#endif
    int order = memcmp(x, y, common);
    if (order != 0)
        return order;
    return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

// Result of the order metamethod both operands agree on: 0 or 1; -1 if there is none.
static int call_order(lua_State *L, const struct value *a, const struct value *b,
                      enum metamethod event)
{
    struct value storage_a, storage_b;
    const struct value *first = meta_of(L, a, event, &storage_a);
    if (VALUE_IS_NIL(first))
        return -1;
    const struct value *second = meta_of(L, b, event, &storage_b);
    if (!vm_raw_equal(first, second))
        return -1;
    call_for_result(L, first, a, b, STACK_OFFSET(L, TOP(L)));
    return !VALUE_IS_FALSE(TOP(L));
}

int vm_less(lua_State *L, const struct value *a, const struct value *b)
{
    if (VALUE_BASE(a) != VALUE_BASE(b))
        debug_order_error(L, a, b);
    if (VALUE_IS_NUMBER(a))
        return VALUE_NUMBER(a) < VALUE_NUMBER(b);
    if (VALUE_IS_STRING(a))
        return vm_compare_strings(L, VALUE_STRING(a), VALUE_STRING(b)) < 0;
    int result = call_order(L, a, b, META_LT);
    if (result < 0)
        debug_order_error(L, a, b);
    return result;
}

int vm_less_equal(lua_State *L, const struct value *a, const struct value *b)
{
    if (VALUE_BASE(a) != VALUE_BASE(b))
        debug_order_error(L, a, b);
    if (VALUE_IS_NUMBER(a))
        return VALUE_NUMBER(a) <= VALUE_NUMBER(b);
    if (VALUE_IS_STRING(a))
        return vm_compare_strings(L, VALUE_STRING(a), VALUE_STRING(b)) <= 0;
    int result = call_order(L, a, b, META_LE);
    if (result >= 0)
        return result;
    result = call_order(L, b, a, META_LT); // not (b < a)
    if (result < 0)
        debug_order_error(L, a, b);
    return !result;
}
