// constants.c: the common list of constants; see constants.h.

#include "runtime/luac/constants.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/luac/trim.h"

#define REACH (OP_CONSTANT_MAX + 1) // constants that an operand B or C can tell apart
#define NOWHERE UINT32_MAX

// ---- which constant is which ----

static uint32_t hash_value(const struct value *v)
{
    uint32_t words[2] = {0, 0};
    if (VALUE_IS_STRING(v))
        words[0] = ADDR32(VALUE_STRING(v));
    else if (VALUE_IS_NUMBER(v))
        memcpy(words, &v->as.number, sizeof(v->as.number));
    else
        words[0] = VALUE_TAG(v) == LUA_TBOOLEAN ? (uint32_t)v->as.boolean : 7;
    uint32_t h = words[0] * 2654435761u ^ words[1] * 2246822519u ^ (uint32_t)VALUE_TAG(v);
    return h ^ h >> 15;
}

static int is_same(const struct value *a, const struct value *b)
{
    if (VALUE_TAG(a) != VALUE_TAG(b))
        return 0;
    switch (VALUE_TAG(a)) {
    case LUA_TSTRING:
        return VALUE_STRING(a) == VALUE_STRING(b);
    case LUA_TNUMBER: // by bits: 0 and -0 are two constants
        return memcmp(&a->as.number, &b->as.number, sizeof(a->as.number)) == 0;
    case LUA_TBOOLEAN:
        return a->as.boolean == b->as.boolean;
    default:
        return 1;
    }
}

static uint32_t number_of(struct pool *pool, const struct value *v)
{
    uint32_t i = hash_value(v) & (pool->slot_count - 1);
    while (pool->slots[i].value && !is_same(pool->slots[i].value, v))
        i = (i + 1) & (pool->slot_count - 1);
    if (!pool->slots[i].value) {
        pool->slots[i].value = v;
        pool->slots[i].number = pool->number_count++;
    }
    return pool->slots[i].number;
}

void pool_init(lua_State *L, struct pool *pool, uint32_t constants_max)
{
    uint32_t slot_count = 16;
    while (slot_count < 2 * constants_max)
        slot_count *= 2;
    size_t values_bytes = (size_t)constants_max * sizeof(*pool->values);
    size_t newest_bytes = (size_t)constants_max * sizeof(*pool->newest);
    size_t slots_bytes = (size_t)slot_count * sizeof(*pool->slots);
    luaL_checkstack(L, 1, NULL);
    char *memory = lua_newuserdata(L, values_bytes + slots_bytes + newest_bytes);
    memset(memory, 0, values_bytes + slots_bytes + newest_bytes);
    *pool = (struct pool){
        .L = L,
        .count_max = constants_max,
        .values = (void *)memory,
        .slots = (void *)(memory + values_bytes),
        .slot_count = slot_count,
        .newest = (void *)(memory + values_bytes + slots_bytes),
    };
}

// ---- what a function uses ----

// How the constants of one function are used, in the order of their first use.
struct used {
    int count;
    int *order;       // index in the function
    uint8_t *is_near; // by index: an operand B or C is one of its users
    uint32_t *place;  // by index: in the list
};

static void note(struct used *used, int idx, int is_near)
{
    if (used->place[idx] == NOWHERE) {
        used->place[idx] = 0;
        used->order[used->count++] = idx;
    }
    used->is_near[idx] |= (uint8_t)is_near;
}

static void note_instruction(struct used *used, uint32_t instruction)
{
    struct trim_operands is_constant = trim_operands(instruction);
    if (is_constant.bx)
        note(used, OP_BX(instruction), 0);
    if (is_constant.b)
        note(used, OP_B(instruction) & OP_CONSTANT_MAX, 1);
    if (is_constant.c)
        note(used, OP_C(instruction) & OP_CONSTANT_MAX, 1);
}

static uint32_t renumber(const struct used *used, uint32_t instruction, uint32_t first)
{
    struct trim_operands is_constant = trim_operands(instruction);
    enum opcode op = OP_CODE(instruction);
    int a = OP_A(instruction), b = OP_B(instruction), c = OP_C(instruction);
    if (is_constant.bx)
        return op_abx(op, a, (int)(used->place[OP_BX(instruction)] - first));
    if (is_constant.b)
        b = OP_CONSTANT_BIT | (int)(used->place[b & OP_CONSTANT_MAX] - first);
    if (is_constant.c)
        c = OP_CONSTANT_BIT | (int)(used->place[c & OP_CONSTANT_MAX] - first);
    return is_constant.b || is_constant.c ? op_abc(op, a, b, c) : instruction;
}

// ---- places ----

// Places that are there already and not before `from`; the others get NOWHERE. Returns whether the
// rest can be appended so that everything is in reach; *lowest is the first place.
static int try_window(struct pool *pool, const struct proto *p, struct used *used, uint32_t from,
                      uint32_t *lowest)
{
    uint32_t near_end = 0, missing_near = 0;
    *lowest = pool->count;
    for (int i = 0; i < used->count; i++) {
        int idx = used->order[i];
        uint32_t known = pool->newest[number_of(pool, DEREF(p->constants) + idx)];
        used->place[idx] = known > from ? known - 1 : NOWHERE;
        if (used->place[idx] == NOWHERE) {
            missing_near += used->is_near[idx];
            continue;
        }
        *lowest = used->place[idx] < *lowest ? used->place[idx] : *lowest;
        if (used->is_near[idx] && used->place[idx] >= near_end)
            near_end = used->place[idx] + 1;
    }
    if (missing_near > 0)
        near_end = pool->count + missing_near;
    return near_end <= *lowest + REACH;
}

static void append_missing(struct pool *pool, const struct proto *p, struct used *used, int is_near)
{
    for (int i = 0; i < used->count; i++) {
        int idx = used->order[i];
        if (used->place[idx] != NOWHERE || used->is_near[idx] != is_near)
            continue;
        const struct value *v = DEREF(p->constants) + idx;
        assert(pool->count < pool->count_max);
        used->place[idx] = pool->count;
        pool->values[pool->count++] = v;
        pool->newest[number_of(pool, v)] = pool->count;
    }
}

void pool_add(struct pool *pool, const struct proto *p, int code_count, uint32_t *code,
              struct pool_window *window)
{
    size_t count = (size_t)p->constant_count;
    luaL_checkstack(pool->L, 1, NULL);
    char *memory = lua_newuserdata(pool->L, count * 9 + 1);
    struct used used = {.place = (void *)memory,
                        .order = (void *)(memory + 4 * count),
                        .is_near = (void *)(memory + 8 * count)};
    memset(used.place, 0xFF, 4 * count);
    memset(used.is_near, 0, count);
    const uint32_t *old = DEREF(p->code);
    for (int pc = 0; pc < code_count; pc++) {
        note_instruction(&used, old[pc]);
        pc += trim_is_data_next(old[pc]);
    }
    uint32_t lowest, from = 0;
    while (!try_window(pool, p, &used, from, &lowest))
        from = lowest + 1;
    append_missing(pool, p, &used, 1);
    append_missing(pool, p, &used, 0);

    *window = (struct pool_window){.first = lowest, .count = 0};
    for (int i = 0; i < used.count; i++) {
        uint32_t reach = used.place[used.order[i]] + 1 - lowest;
        window->count = reach > window->count ? reach : window->count;
    }
    for (int pc = 0; pc < code_count; pc++) {
        code[pc] = renumber(&used, old[pc], lowest);
        if (trim_is_data_next(old[pc])) {
            code[pc + 1] = old[pc + 1];
            pc++;
        }
    }
    lua_pop(pool->L, 1);
}
