// fast_paths.c: frequent library functions once more, for calls without a frame.
//
// Reads and writes: arguments and results in place; a table that is given to insert, remove and
//         setmetatable. Nothing here raises, calls or collects: what would need that, or is unusual
//         in any way, is left to the function proper, as if it had not been tried. What that would
//         leave behind above its arguments is left here too: the collector sees the registers of
//         the calling function, also those that are not in use.
// Memory: strings, where no collection can come of it.
// Source: the functions of the same names in this directory; runtime/core/fast_path.h.
#include "runtime/core/fast_path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/gc.h"
#include "runtime/core/overlay.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"
#include "runtime/core/vm_inline.h"
#include "runtime/lib/lualib.h"
#include "runtime/lib/stringlib.h"

#if HAS_FAST_PATHS

#define DECLINED (-1)
#define TEXT_BYTES_MAX 64 // of a text that is made here

#define ARGUMENT_COUNT(func, top) ((int)((top) - (func)) - 1)

// ---- helpers ----

// Would the function proper make a step of the collector here?
static inline int is_step_due(lua_State *L)
{
    const struct global_state *g = GLOBAL(L);
    return g->total_bytes >= g->threshold;
}

// The string if there is one or if it can be made without a collection; else NULL. Callers have
// places on the stack.
static struct string *text_of(lua_State *L, const char *text, size_t bytes)
{
    struct global_state *g = GLOBAL(L);
    struct string *s;
    if (VM_LIKELY(g->egc_mode == EGC_NOT_ACTIVE)) {
        g->stack_fixed++;
        s = str_new(L, text, bytes);
        g->stack_fixed--;
        return s;
    }
    s = str_find(L, text, bytes);
    return s && !GC_IS_DEAD(g, s) ? s : NULL;
}

// `count` results stand at `from`; as many as are wanted go to func and on.
static inline int return_values(struct value *func, const struct value *from, int count, int wanted)
{
    int moved = wanted >= 0 && wanted < count ? wanted : count;
    for (int n = 0; n < moved; n++)
        func[n] = from[n];
    return moved;
}

static inline int return_value(struct value *func, const struct value *from, int wanted)
{
    if (wanted == 0)
        return 0;
    *func = *from;
    return 1;
}

static inline int return_number(struct value *func, struct value *top, lua_Number n, int wanted)
{
    value_set_number(top, n);
    return return_value(func, top, wanted);
}

static inline int return_string(struct value *func, struct value *top, const struct string *s,
                                int wanted)
{
    value_set_pointer(top, s, LUA_TSTRING);
    return return_value(func, top, wanted);
}

// The result of a function that pushes a text.
static inline int return_text(lua_State *L, struct value *func, struct value *top, const char *text,
                              size_t bytes, int wanted)
{
    if (is_step_due(L))
        return DECLINED;
    struct string *s = text_of(L, text, bytes);
    return s ? return_string(func, top, s, wanted) : DECLINED;
}

// Argument n is a whole number, *number; one that is absent has the value given.
static inline int whole_argument(const struct value *func, const struct value *top, int n,
                                 int32_t absent, int32_t *number)
{
    const struct value *v = func + n;
    *number = absent;
    return v >= top || (VALUE_IS_NUMBER(v) && table_int_key(VALUE_NUMBER(v), number));
}

// ---- string ----

static int quick_byte(lua_State *L, struct value *func, struct value *top, int wanted)
{
    int32_t first, last;
    (void)L;
    if (top - func < 2 || !VALUE_IS_STRING(func + 1) || !whole_argument(func, top, 2, 1, &first) ||
        !whole_argument(func, top, 3, first, &last))
        return DECLINED;
    const struct string *s = VALUE_STRING(func + 1);
    ptrdiff_t at = string_position(first, s->bytes);
    if (first != last || at < 1 || at > (ptrdiff_t)s->bytes)
        return DECLINED;
    return return_number(func, top, (unsigned char)STRING_TEXT(s)[at - 1], wanted);
}

static int quick_sub(lua_State *L, struct value *func, struct value *top, int wanted)
{
    int32_t first, last;
    if (top - func < 3 || !VALUE_IS_STRING(func + 1) || !whole_argument(func, top, 2, 1, &first) ||
        !whole_argument(func, top, 3, -1, &last))
        return DECLINED;
    const struct string *s = VALUE_STRING(func + 1);
    ptrdiff_t from = string_position(first, s->bytes), to = string_position(last, s->bytes);
    if (from < 1)
        from = 1;
    if (to > (ptrdiff_t)s->bytes)
        to = (ptrdiff_t)s->bytes;
    size_t bytes = from <= to ? (size_t)(to - from) + 1 : 0;
    return return_text(L, func, top, STRING_TEXT(s) + from - 1, bytes, wanted);
}

static int quick_len(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    if (top - func < 2 || !VALUE_IS_STRING(func + 1))
        return DECLINED;
    return return_number(func, top, (lua_Number)VALUE_STRING(func + 1)->bytes, wanted);
}

static int quick_char(lua_State *L, struct value *func, struct value *top, int wanted)
{
    char text[TEXT_BYTES_MAX];
    int count = ARGUMENT_COUNT(func, top);
    if (count < 1 || count > TEXT_BYTES_MAX)
        return DECLINED;
    for (int n = 0; n < count; n++) {
        int32_t c;
        if (!whole_argument(func, top, n + 1, 0, &c) || c != (unsigned char)c)
            return DECLINED;
        text[n] = (char)c;
    }
    return return_text(L, func, top, text, (size_t)count, wanted);
}

// ---- math ----

static inline int has_number(const struct value *func, const struct value *top)
{
    return top - func >= 2 && VALUE_IS_NUMBER(func + 1);
}

#define QUICK_MATH(name, expression)                                                               \
    static int quick_##name(lua_State *L, struct value *func, struct value *top, int wanted)       \
    {                                                                                              \
        (void)L;                                                                                   \
        if (!has_number(func, top))                                                                \
            return DECLINED;                                                                       \
        lua_Number x = VALUE_NUMBER(func + 1);                                                     \
        return return_number(func, top, (expression), wanted);                                     \
    }

#ifndef FROST_INTEGER
// Without a call for what fits into 32 bits; not for zeros, which have a sign.
static inline lua_Number floor_of(lua_Number x)
{
    if (x > -2147483648.0 && x < 2147483648.0 && x != 0) {
        lua_Number whole = (lua_Number)(int32_t)x;
        if (whole > x)
            whole -= 1;
        if (whole != 0 || x > 0)
            return whole;
    }
    return floor(x);
}

QUICK_MATH(floor, floor_of(x))
QUICK_MATH(ceil, ceil(x))
QUICK_MATH(abs, fabs(x))
QUICK_MATH(sin, sin(x))
QUICK_MATH(cos, cos(x))
// The root is an instruction where the sign is known to be right.
QUICK_MATH(sqrt, sqrt(x))
#else
QUICK_MATH(floor, x)
QUICK_MATH(abs, x < 0 ? (lua_Number)(0 - (uint32_t)x) : x)
#endif

// The least (sign -1) or greatest (sign 1) of the arguments.
static inline int extreme(struct value *func, struct value *top, int sign, int wanted)
{
    if (!has_number(func, top))
        return DECLINED;
    lua_Number best = VALUE_NUMBER(func + 1);
    for (const struct value *v = func + 2; v < top; v++) {
        if (!VALUE_IS_NUMBER(v))
            return DECLINED;
        if (sign < 0 ? VALUE_NUMBER(v) < best : VALUE_NUMBER(v) > best)
            best = VALUE_NUMBER(v);
    }
    return return_number(func, top, best, wanted);
}

static int quick_max(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    return extreme(func, top, 1, wanted);
}

static int quick_min(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    return extreme(func, top, -1, wanted);
}

// ---- base: types and texts ----

static int quick_type(lua_State *L, struct value *func, struct value *top, int wanted)
{
    // A name that was found lives at least as long as the epoch.
    static struct {
        const struct string *name;
        uint32_t epoch;
    } known[16];
    if (top - func < 2 || is_step_due(L))
        return DECLINED;
    int type = VALUE_BASE(func + 1);
    if (known[type].epoch != fast_path_epoch) {
        const char *name = lua_typename(L, type);
        struct string *s = text_of(L, name, strlen(name));
        if (s == NULL)
            return DECLINED;
        known[type].name = s;
        known[type].epoch = fast_path_epoch;
    }
    return return_string(func, top, known[type].name, wanted);
}

static int quick_tostring(lua_State *L, struct value *func, struct value *top, int wanted)
{
    if (!has_number(func, top) || !REF_IS_NULL(GLOBAL(L)->metatables[LUA_TNUMBER]))
        return DECLINED;
    char text[LUAI_NUMBER_CHARS];
    int bytes = number_format(VALUE_NUMBER(func + 1), text);
    struct string *s = text_of(L, text, (size_t)bytes);
    if (s == NULL || is_step_due(L)) // here the step comes after the string
        return DECLINED;
    return return_string(func, top, s, wanted);
}

static int quick_tonumber(lua_State *L, struct value *func, struct value *top, int wanted)
{
    if (top - func != 2)
        return DECLINED;
    struct value storage;
    const struct value *n = vm_to_number(L, func + 1, &storage);
    if (n)
        *top = *n;
    else
        value_set_nil(top);
    return return_value(func, top, wanted);
}

static int quick_assert(lua_State *L, struct value *func, struct value *top, int wanted)
{
    int count = ARGUMENT_COUNT(func, top);
    (void)L;
    if (count < 1 || VALUE_IS_FALSE(func + 1))
        return DECLINED;
    return return_values(func, func + 1, count, wanted);
}

static int quick_rawequal(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    if (top - func < 3)
        return DECLINED;
    value_set_boolean(top, vm_raw_equal(func + 1, func + 2));
    return return_value(func, top, wanted);
}

// ---- base: tables ----

// One that is only read: it may be frozen, if no frozen table has an overlay.
static inline int has_table(const struct value *func, const struct value *top)
{
    return top - func >= 2 && VALUE_HAS_TABLE(func + 1) &&
           (overlay_list == 0 || VALUE_IS_TABLE(func + 1));
}

static int quick_rawget(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    if (!has_table(func, top) || top - func < 3)
        return DECLINED;
    func[2] = *table_get(VALUE_TABLE(func + 1), func + 2); // in place of the key
    return return_value(func, func + 2, wanted);
}

// A table that has no metatable yet gets one.
static int quick_setmetatable(lua_State *L, struct value *func, struct value *top, int wanted)
{
    if (top - func != 3 || !VALUE_IS_TABLE(func + 1) || !VALUE_IS_TABLE(func + 2))
        return DECLINED;
    struct table *t = VALUE_TABLE(func + 1);
    if (!REF_IS_NULL(t->metatable))
        return DECLINED;
    REF_SET(t->metatable, VALUE_TABLE(func + 2));
    fast_path_table_changed(t);
    GC_BARRIER_TABLE(L, t, func + 2);
    return return_value(func, func + 1, wanted);
}

static int quick_next(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    if (!has_table(func, top))
        return DECLINED;
    if (top - func == 2)
        value_set_nil(func + 2);                            // no key is nil
    int more = table_step(VALUE_TABLE(func + 1), func + 2); // the key becomes the next one
    if (more < 0)
        return DECLINED;
    if (more == 0)
        value_set_nil(func + 2);
    return return_values(func, func + 2, more == 0 ? 1 : 2, wanted);
}

static int quick_ipairs_next(lua_State *L, struct value *func, struct value *top, int wanted)
{
    int32_t i;
    (void)L;
    if (top - func < 3 || !has_table(func, top) || !VALUE_IS_NUMBER(func + 2) ||
        !table_int_key(VALUE_NUMBER(func + 2), &i) || i == INT32_MAX)
        return DECLINED;
    value_set_number(&top[0], (lua_Number)++i);
    top[1] = *table_get_int(VALUE_TABLE(func + 1), i);
    if (VALUE_IS_NIL(&top[1]))
        return 0;
    return return_values(func, top, 2, wanted);
}

// pairs and ipairs are closures with the iterator as upvalue; `state` is the first value of the
// iteration.
static inline int iterate(struct value *func, struct value *top, const struct value *state,
                          int wanted)
{
    if (!has_table(func, top) || !VALUE_IS_CLOSURE(func))
        return DECLINED;
    top[0] = VALUE_C_CLOSURE(func)->upvalues[0];
    top[1] = func[1];
    top[2] = *state;
    return return_values(func, top, 3, wanted);
}

static int quick_pairs(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    return iterate(func, top, &value_nil, wanted);
}

static int quick_ipairs(lua_State *L, struct value *func, struct value *top, int wanted)
{
    struct value zero;
    (void)L;
    value_set_number(&zero, 0);
    return iterate(func, top, &zero, wanted);
}

static int quick_select(lua_State *L, struct value *func, struct value *top, int wanted)
{
    int32_t at;
    int count = ARGUMENT_COUNT(func, top);
    (void)L;
    if (count < 1)
        return DECLINED;
    if (VALUE_IS_STRING(func + 1) && VALUE_TEXT(func + 1)[0] == '#')
        return return_number(func, top, (lua_Number)(count - 1), wanted);
    if (!VALUE_IS_NUMBER(func + 1) || !table_int_key(VALUE_NUMBER(func + 1), &at))
        return DECLINED;
    if (at < 0)
        at += count;
    else if (at > count)
        at = count;
    if (at < 1)
        return DECLINED;
    return return_values(func, func + 1 + at, count - at, wanted);
}

static int quick_unpack(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    if (top - func != 2 || !has_table(func, top))
        return DECLINED;
    const struct table *t = VALUE_TABLE(func + 1);
    int32_t count = table_length(t);
    if (count > t->array_count || count > LUA_MINSTACK)
        return DECLINED;
    const struct value *list = DEREF(t->array);
    for (int32_t n = 0; n < count; n++)
        top[n] = list[n];
    return return_values(func, top, count, wanted);
}

// ---- table ----

// At the end of a list that has room.
static int quick_insert(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)wanted;
    if (top - func != 3 || !VALUE_IS_TABLE(func + 1))
        return DECLINED;
    struct table *t = VALUE_TABLE(func + 1);
    int32_t count = table_length(t);
    if (count >= t->array_count)
        return DECLINED;
    DEREF(t->array)[count] = func[2];
    VM_BARRIER_TABLE(L, t, func + 2);
    return 0;
}

// The last one of a list.
static int quick_remove(lua_State *L, struct value *func, struct value *top, int wanted)
{
    (void)L;
    if (top - func != 2 || !VALUE_IS_TABLE(func + 1))
        return DECLINED;
    struct table *t = VALUE_TABLE(func + 1);
    int32_t count = table_length(t);
    if (count > t->array_count)
        return DECLINED;
    if (count == 0)
        return 0;
    struct value *last = DEREF(t->array) + (count - 1);
    top[0] = *last;
    value_set_nil(&top[1]); // what the last element becomes
    value_set_nil(last);
    return return_value(func, top, wanted);
}

// ---- registration ----

struct entry {
    const struct rotable *library;
    const char *name;
    fast_path_body body;
};

static const struct entry entries[] = {
    {&string_lib, "byte", quick_byte},    {&string_lib, "char", quick_char},
    {&string_lib, "len", quick_len},      {&string_lib, "sub", quick_sub},
    {&math_lib, "abs", quick_abs},        {&math_lib, "floor", quick_floor},
    {&math_lib, "max", quick_max},        {&math_lib, "min", quick_min},
#ifndef FROST_INTEGER
    {&math_lib, "ceil", quick_ceil},      {&math_lib, "sqrt", quick_sqrt},
    {&math_pc_lib, "sin", quick_sin},     {&math_pc_lib, "cos", quick_cos},
#endif
    {&table_lib, "insert", quick_insert}, {&table_lib, "remove", quick_remove},
};

static const struct {
    lua_CFunction function;
    fast_path_body body;
} base_entries[] = {
    {base_assert, quick_assert},
    {base_ipairs, quick_ipairs},
    {base_ipairs_next, quick_ipairs_next},
    {base_next, quick_next},
    {base_pairs, quick_pairs},
    {base_rawequal, quick_rawequal},
    {base_rawget, quick_rawget},
    {base_select, quick_select},
    {base_setmetatable, quick_setmetatable},
    {base_tonumber, quick_tonumber},
    {base_tostring, quick_tostring},
    {base_type, quick_type},
    {base_unpack, quick_unpack},
};

void fast_paths_open(void)
{
    FAST_PATH_NEW_EPOCH();
    fast_path_is_on = getenv("FROST_NO_CACHES") == NULL;
    if (!fast_path_is_on)
        return;
    for (size_t i = 0; i < sizeof base_entries / sizeof base_entries[0]; i++)
        fast_path_add(base_entries[i].function, base_entries[i].body);
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        for (const struct rotable_entry *e = entries[i].library->entries; e->key != NULL; e++)
            if (strcmp(e->key, entries[i].name) == 0)
                fast_path_add(e->value.as.function, entries[i].body);
}

#else

void fast_paths_open(void)
{
}

#endif
