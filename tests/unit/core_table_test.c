// core_table_test.c: tables: sizes of both parts, places of keys, traversal, length.
//
// Places are compared with a model that applies the rules in the plainest way: a new vector
// for every resize, keys inserted one by one.

#include "runtime/core/table.h"

#include <math.h>

#include "runtime/core/str.h"
#include "tests/support/core_state.h"

#define HEAP_BYTES (1u << 20)

static void set(lua_State *L, struct table *t, lua_Number key, lua_Number value)
{
    struct value k;
    value_set_number(&k, key);
    value_set_number(table_set(L, t, &k), value);
}

static void erase(lua_State *L, struct table *t, lua_Number key)
{
    struct value k;
    value_set_number(&k, key);
    if (table_get(t, &k) != &value_nil)
        value_set_nil(table_set(L, t, &k));
}

// ---- the model ----

struct model_node {
    double key, value;
    int next; // index, -1: none
    int has_key, has_value;
};

struct model {
    struct model_node *nodes;
    int node_count; // 0: none
    int free;
    double *list; // NaN: nil
    int list_count;
};

static int model_position(const struct model *m, double key)
{
    uint32_t half[2];
    if (key == 0)
        return 0;
    memcpy(half, &key, 8);
    return (int)((half[0] + half[1]) % (((uint32_t)m->node_count - 1) | 1));
}

static int model_index(double key) // list index, or 0
{
    return key >= 1 && key <= 1 << 26 && key == floor(key) ? (int)key : 0;
}

static double *model_set(struct model *m, double key);

static struct model_node *model_find(const struct model *m, double key)
{
    if (m->node_count == 0)
        return NULL;
    for (int i = model_position(m, key); i >= 0; i = m->nodes[i].next)
        if (m->nodes[i].has_key && m->nodes[i].key == key)
            return &m->nodes[i];
    return NULL;
}

static void model_resize(struct model *m, int list_count, int field_count)
{
    struct model old = *m;
    int count = 0;
    if (field_count > 0 || old.node_count > 0)
        for (count = 1; count < field_count;)
            count *= 2;
    m->nodes = calloc((size_t)count + 1, sizeof *m->nodes);
    for (int i = 0; i < count; i++)
        m->nodes[i].next = -1;
    m->node_count = m->free = count;
    m->list = calloc((size_t)list_count + 1, sizeof *m->list);
    m->list_count = list_count;
    for (int i = 0; i < list_count; i++)
        m->list[i] = i < old.list_count ? old.list[i] : NAN;
    for (int i = list_count; i < old.list_count; i++)
        if (!isnan(old.list[i]))
            *model_set(m, i + 1) = old.list[i];
    for (int i = old.node_count - 1; i >= 0; i--)
        if (old.nodes[i].has_value)
            *model_set(m, old.nodes[i].key) = old.nodes[i].value;
    free(old.nodes);
    free(old.list);
}

static void model_rehash(struct model *m, double extra)
{
    int slices[28] = {0}, integers = 0, all = 1, size = 0, in_list = 0, up_to = 0;
    for (int i = -m->list_count; i <= m->node_count; i++) {
        double key = i < 0 ? -i : i == m->node_count ? extra : m->nodes[i].key;
        int used = i < 0 ? !isnan(m->list[-i - 1]) : i == m->node_count || m->nodes[i].has_value;
        if (!used)
            continue;
        all += i != m->node_count;
        if (model_index(key)) {
            integers++;
            slices[(int)ceil(log2(model_index(key)))]++;
        }
    }
    for (int k = 0; k <= 26; k++) {
        up_to += slices[k];
        if (slices[k] && up_to > (1 << k) / 2) {
            size = 1 << k;
            in_list = up_to;
        }
    }
    (void)integers;
    model_resize(m, size, all - in_list);
}

static double *model_insert(struct model *m, double key)
{
    int main = m->node_count ? model_position(m, key) : -1, at = main;
    if (main < 0 || m->nodes[main].has_value) {
        int free = m->free - 1;
        while (free >= 0 && m->nodes[free].has_key)
            free--;
        m->free = free < 0 ? 0 : free;
        if (free < 0) {
            model_rehash(m, key);
            return model_set(m, key);
        }
        int owner = model_position(m, m->nodes[main].key);
        if (owner == main) {
            m->nodes[free].next = m->nodes[main].next;
            m->nodes[main].next = at = free;
        } else {
            while (m->nodes[owner].next != main)
                owner = m->nodes[owner].next;
            m->nodes[owner].next = free;
            m->nodes[free] = m->nodes[main];
            m->nodes[main].next = -1;
        }
    }
    m->nodes[at].key = key;
    m->nodes[at].has_key = m->nodes[at].has_value = 1;
    return &m->nodes[at].value;
}

static double *model_set(struct model *m, double key)
{
    int idx = model_index(key);
    if (idx && idx <= m->list_count)
        return &m->list[idx - 1];
    struct model_node *n = model_find(m, key);
    if (n == NULL)
        return model_insert(m, key);
    n->has_value = 1;
    return &n->value;
}

static void model_erase(struct model *m, double key)
{
    int idx = model_index(key);
    struct model_node *n = idx && idx <= m->list_count ? NULL : model_find(m, key);
    if (idx && idx <= m->list_count)
        m->list[idx - 1] = NAN;
    if (n)
        n->has_value = 0;
}

static int is_same(const struct model *m, const struct table *t)
{
    int count = TABLE_HAS_NODES(t) ? TABLE_NODE_COUNT(t) : 0;
    if (t->array_count != m->list_count || count != m->node_count)
        return 0;
    for (int i = 0; i < m->list_count; i++) {
        const struct value *v = DEREF(t->array) + i;
        if (isnan(m->list[i]) ? !VALUE_IS_NIL(v) : VALUE_NUMBER(v) != m->list[i])
            return 0;
    }
    for (int i = 0; i < count; i++) {
        const struct node *n = DEREF(t->nodes) + i;
        const struct node *next = DEREF(n->key.next);
        if (m->nodes[i].has_key != !VALUE_IS_NIL(&n->key.value) ||
            m->nodes[i].has_value != !VALUE_IS_NIL(&n->value) ||
            (next ? (int)(next - DEREF(t->nodes)) : -1) != m->nodes[i].next)
            return 0;
        if (m->nodes[i].has_value && (VALUE_NUMBER(&n->value) != m->nodes[i].value ||
                                      VALUE_NUMBER(&n->key.value) != m->nodes[i].key))
            return 0;
    }
    return 1;
}

static void run_against_model(lua_State *L)
{
    uint64_t seed = test_seed() * 977 + 5;
    for (int table = 0; table < 300; table++) {
        struct model m = {0};
        struct table *t = core_push_table(L, 0, 0);
        m.nodes = calloc(1, sizeof *m.nodes);
        m.list = calloc(1, sizeof *m.list);
        uint32_t spread = 4 + test_random(&seed) % 100, erasing = test_random(&seed) % 100;
        for (int i = 0; i < 400; i++) {
            static const double scales[] = {1, -1, 0.25, 1e9, 1000};
            double key = (test_random(&seed) % spread) * scales[test_random(&seed) % 5];
            if (test_random(&seed) % 100 < erasing) {
                erase(L, t, key);
                model_erase(&m, key);
            } else {
                set(L, t, key, i);
                *model_set(&m, key) = i;
            }
            if (!is_same(&m, t)) {
                printf("# table %d, after operation %d\n", table, i);
                CHECK(0);
                break;
            }
        }
        free(m.nodes);
        free(m.list);
        lua_settop(L, 0);
        lua_gc(L, LUA_GCCOLLECT, 0);
    }
}

TEST(places_are_those_of_plain_insertion)
{
    core_with_state(HEAP_BYTES, run_against_model);
}

// ---- sizes ----

static void run_sizes(lua_State *L)
{
    struct table *t = core_push_table(L, 0, 0);
    uint32_t before = GLOBAL(L)->total_bytes;
    CHECK(!TABLE_HAS_NODES(t));
    static const int lists[] = {1, 2, 4, 4, 8, 8, 8, 8, 16};
    for (int i = 0; i < 9; i++) {
        set(L, t, i + 1, 1);
        CHECK_EQUAL(t->array_count, lists[i]);
    }
    // The first key finds no node: it makes one, which is counted as free, and goes to the list.
    CHECK_EQUAL(GLOBAL(L)->total_bytes - before, 16 * sizeof(struct value));
    struct table *record = core_push_table(L, 0, 0);
    static const int nodes[] = {1, 2, 4, 4, 8};
    for (int i = 0; i < 5; i++) {
        set(L, record, (i + 1) * 1000, 1);
        CHECK_EQUAL(TABLE_NODE_COUNT(record), nodes[i]);
    }
    CHECK_EQUAL(record->array_count, 0);
    struct table *sized = core_push_table(L, 7, 5);
    CHECK_EQUAL(sized->array_count, 7);
    CHECK_EQUAL(TABLE_NODE_COUNT(sized), 8);
}

TEST(parts_grow_by_the_rules)
{
    core_with_state(HEAP_BYTES, run_sizes);
}

static void run_peak(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    struct table *t = core_push_table(L, 0, 0);
    for (int i = 1; i <= 8; i++)
        set(L, t, i * 1000, 1);
    uint32_t before = g->total_bytes;
    g->total_bytes_max = 0;
    set(L, t, 9000, 1); // 8 nodes become 16
    CHECK_EQUAL(g->total_bytes - before, 8 * sizeof(struct node));
    CHECK_EQUAL(g->total_bytes_max, g->total_bytes);
    for (int i = 1; i <= 9; i++)
        erase(L, t, i * 1000);
    table_resize(L, t, 0, 0);
    CHECK_EQUAL(TABLE_NODE_COUNT(t), 1); // never none again
    CHECK(TABLE_HAS_NODES(t));
}

TEST(nodes_are_resized_in_place)
{
    core_with_state(HEAP_BYTES, run_peak);
}

// ---- traversal, length, errors ----

static void run_next(lua_State *L)
{
    struct table *t = core_push_table(L, 3, 0);
    for (int i = 1; i <= 5; i++)
        set(L, t, i, i * 10);
    set(L, t, 0.5, 5);
    TOP_SET(L, TOP(L) + 2);
    struct value *key = TOP(L) - 2;
    double sum = 0;
    int count = 0;
    value_set_nil(key);
    while (table_next(L, t, key)) {
        sum += VALUE_NUMBER(&key[1]);
        count++;
        erase(L, t, VALUE_NUMBER(&key[0])); // allowed while traversing
    }
    CHECK_EQUAL(count, 6);
    CHECK_EQUAL(sum, 155);
    value_set_nil(key);
    CHECK(!table_next(L, t, key));
}

TEST(next_visits_everything_once)
{
    core_with_state(HEAP_BYTES, run_next);
}

static void run_length(lua_State *L)
{
    struct table *t = core_push_table(L, 0, 0);
    CHECK_EQUAL(table_length(t), 0);
    for (int i = 1; i <= 100; i++) {
        set(L, t, i, 1);
        CHECK_EQUAL(table_length(t), i);
    }
    for (int i = 100; i > 0; i--) {
        erase(L, t, i);
        CHECK_EQUAL(table_length(t), i - 1);
    }
    struct table *far = core_push_table(L, 0, 0);
    set(L, far, 1, 1);
    for (double i = 2; i < 2147483648.0; i *= 2)
        set(L, far, i, 1); // powers of two defeat doubling
    int length = table_length(far);
    CHECK(!VALUE_IS_NIL(table_get_int(far, length)));
    CHECK(VALUE_IS_NIL(table_get_int(far, length + 1)));
}

TEST(length_is_a_border)
{
    core_with_state(HEAP_BYTES, run_length);
}

static int set_bad_key(lua_State *L)
{
    struct table *t = core_push_table(L, 0, 0);
    struct value key;
    value_set_nil(&key);
    if (lua_tonumber(L, 1) == 1)
        value_set_number(&key, NAN);
    table_set(L, t, &key);
    return 0;
}

static int next_bad_key(lua_State *L)
{
    struct table *t = core_push_table(L, 0, 0);
    lua_pushnumber(L, 77);
    lua_pushnil(L);
    return table_next(L, t, TOP(L) - 2);
}

static void check_error(lua_State *L, lua_CFunction function, int arg, const char *message)
{
    lua_pushcfunction(L, function);
    lua_pushinteger(L, arg);
    CHECK_EQUAL(lua_pcall(L, 1, 0, 0), LUA_ERRRUN);
    CHECK_TEXT(lua_tostring(L, -1), message);
    lua_settop(L, 0);
}

static void run_errors(lua_State *L)
{
    check_error(L, set_bad_key, 0, "table index is nil");
    check_error(L, set_bad_key, 1, "table index is NaN");
    check_error(L, next_bad_key, 0, "invalid key to 'next'");
}

TEST(bad_keys_are_errors)
{
    core_with_state(HEAP_BYTES, run_errors);
}

// ---- emergency collections in the middle of everything ----

static void run_always(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    g->egc_mode = EGC_ALWAYS;
    uint64_t seed = test_seed() + 99;
    struct table *t = core_push_table(L, 0, 0);
    double want = 0;
    for (int i = 0; i < 2000; i++) {
        double key = (test_random(&seed) % 300) * (i % 3 ? 1 : 0.5);
        struct value k;
        value_set_number(&k, key);
        want -= VALUE_IS_NIL(table_get(t, &k)) ? 0 : VALUE_NUMBER(table_get(t, &k));
        if (test_random(&seed) % 3 == 0) {
            erase(L, t, key);
        } else {
            set(L, t, key, i);
            want += i;
        }
        char text[16];
        snprintf(text, sizeof text, "k%d", i % 40);
        lua_pushstring(L, text);
        *table_set_string(L, t, VALUE_STRING(TOP(L) - 1)) = (struct value){.tag = LUA_TBOOLEAN};
        lua_pop(L, 1);
    }
    g->egc_mode = EGC_NOT_ACTIVE;
    double sum = 0;
    int strings = 0;
    TOP_SET(L, TOP(L) + 2);
    struct value *key = TOP(L) - 2;
    value_set_nil(key);
    while (table_next(L, t, key)) {
        sum += VALUE_IS_NUMBER(&key[1]) ? VALUE_NUMBER(&key[1]) : 0;
        strings += VALUE_IS_STRING(&key[0]);
    }
    CHECK_EQUAL(sum, want);
    CHECK_EQUAL(strings, 40);
}

TEST(tables_survive_a_collection_before_every_allocation)
{
    core_with_state(HEAP_BYTES, run_always);
}

TEST_MAIN
