// image_build.c: an LFS image from functions; see image.h.

#include "runtime/luac/image_build.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/str.h"
#include "runtime/format/string_hash.h"
#include "runtime/luac/constants.h"
#include "runtime/luac/core_image.h"
#include "runtime/luac/trim.h"

#define VALUE_WORDS (VALUE_BYTES / 4)
#define STRING_WORDS (sizeof(struct lfs_string) / 4)
#define PROTO_WORDS (sizeof(struct lfs_proto) / 4)
// The smallest string takes 20 bytes, the smallest part of any other kind 4.
#define STRINGS_MAX (4 * IMAGE_WORDS_MAX / 20)
#define PARTS_MAX IMAGE_WORDS_MAX
#define STRING_MAP_SIZE 131072u

// Strings of the image and of the one below.
_Static_assert(STRING_MAP_SIZE > 4 * STRINGS_MAX, "the map of strings stays half empty");
_Static_assert(sizeof(struct lfs_proto) == sizeof(struct proto), "functions are as in RAM");

// Parts of one kind that are in the image, in the order of their places.
struct parts {
    uint32_t count;
    struct {
        uint32_t at; // word
        uint32_t words;
    } part[PARTS_MAX];
};

// What of a function goes into the image, and where its constants are.
struct plan {
    struct trim trim;
    struct pool_window window;
    uint32_t *code; // numbered for the window; NULL: as it is, with constants of its own
};

struct builder {
    lua_State *L;
    struct image_layout *image;
    const struct proto *index;
    int form; // of enum image_detail
    // Of all functions, in the order of their places.
    struct plan *plans;
    uint32_t plan_count, plan_next;
    uint32_t pool_at; // the common list of constants
    // Strings: which there are, in the order of their first use, and where they lie.
    uint32_t string_count;
    uint32_t strings[STRINGS_MAX]; // addresses
    struct {
        uint32_t addr; // 0: free
        uint32_t at;   // word; from LFS_BELOW_WORDS on: of the core image
    } map[STRING_MAP_SIZE];
    struct parts constants, code, vectors, locals, protos;
};

// ---- words ----

// `bytes`: what the image would have; at least, if `more` says so.
static _Noreturn void fail_full(struct builder *b, const char *more, uint32_t bytes)
{
    lua_pushfstring(b->L, "Out of Flash memory: %s%d bytes, %d allowed", more, (int)bytes,
                    (int)LFS_IMAGE_BYTES_MAX);
    lua_error(b->L);
}

// Takes the next `count` words; they are zero. Returns the first.
static uint32_t take(struct builder *b, size_t count)
{
    struct image_layout *image = b->image;
    if (count > IMAGE_WORDS_MAX - image->word_count)
        fail_full(b, "more than ", 4 * IMAGE_WORDS_MAX);
    uint32_t at = image->word_count;
    image->word_count += (uint32_t)count;
    return at;
}

// Gives back the words from `at` on.
static void give_back(struct image_layout *image, uint32_t at)
{
    for (uint32_t i = at; i < image->word_count; i++) {
        image->words[i] = 0;
        image->is_pointer[i / 32] &= ~(1u << (i & 31));
    }
    image->word_count = at;
}

static void set_pointer(struct image_layout *image, uint32_t at, uint32_t target)
{
    assert(at < image->word_count);
    assert((target > 0 && target < image->word_count) || target > LFS_BELOW_WORDS);
    image->words[at] = target;
    image->is_pointer[at / 32] |= 1u << (at & 31);
}

// ---- strings ----

// The map's entry for the string, free if it is not in it.
static uint32_t map_find(const struct builder *b, const struct string *s)
{
    uint32_t addr = ADDR32(s);
    uint32_t i = (addr >> 3) * 2654435761u / (UINT32_MAX / STRING_MAP_SIZE + 1);
    while (b->map[i].addr != 0 && b->map[i].addr != addr)
        i = (i + 1) % STRING_MAP_SIZE;
    return i;
}

static uint32_t string_at(const struct builder *b, const struct string *s)
{
    uint32_t i = map_find(b, s);
    assert(b->map[i].addr == ADDR32(s));
    return b->map[i].at;
}

static void add_string(struct builder *b, const struct string *s)
{
    if (!s)
        return;
    uint32_t i = map_find(b, s);
    if (b->map[i].addr != 0)
        return;
    b->map[i].addr = ADDR32(s);
    uint32_t below = core_image_find(STRING_TEXT(s), s->bytes);
    if (below != 0) {
        b->map[i].at = LFS_BELOW_WORDS + below;
        return;
    }
    if (b->string_count == STRINGS_MAX)
        fail_full(b, "more than ", 4 * IMAGE_WORDS_MAX);
    b->strings[b->string_count++] = ADDR32(s);
}

static void add_strings_of(struct builder *b, const struct proto *p)
{
    add_string(b, DEREF(p->source));
    for (int i = 0; i < p->constant_count; i++) {
        const struct value *v = DEREF(p->constants) + i;
        if (VALUE_IS_STRING(v))
            add_string(b, VALUE_STRING(v));
    }
    for (int i = 0; i < p->local_name_count; i++)
        add_string(b, DEREF(DEREF(p->local_names)[i].name));
    for (int i = 0; i < p->upvalue_name_count; i++)
        add_string(b, DEREF(DEREF(p->upvalue_names)[i]));
    for (int i = 0; i < p->proto_count; i++)
        add_strings_of(b, DEREF(DEREF(p->protos)[i]));
}

static uint32_t put_string(struct builder *b, const struct string *s)
{
    uint32_t at = take(b, STRING_WORDS + ((size_t)s->bytes + 4) / 4);
    struct lfs_string head = {
        .tag = LFS_STRING_TAG,
        .marked = LFS_STRING_MARKED,
        .hash = string_hash(STRING_TEXT(s), s->bytes),
        .bytes = s->bytes,
    };
    memcpy(b->image->words + at, &head, sizeof(head));
    memcpy(b->image->words + at + STRING_WORDS, STRING_TEXT(s), s->bytes);
    return at;
}

// Writes slots and strings and completes the header.
static void put_strings(struct builder *b, uint32_t slot_count, struct lfs_header *header)
{
    struct image_layout *image = b->image;
    if (slot_count == 0)
        slot_count = lfs_slot_count(b->string_count);
    assert((slot_count & (slot_count - 1)) == 0); // a look-up takes it for a mask
    uint32_t slots = take(b, slot_count);
    for (uint32_t i = 0; i < b->string_count; i++) {
        const struct string *s = (const struct string *)(uintptr_t)b->strings[i];
        uint32_t at = put_string(b, s);
        b->map[map_find(b, s)].at = at;
        uint32_t slot = slots + (image->words[at + 2] & (slot_count - 1));
        if (image->words[slot] != 0)
            set_pointer(image, at, image->words[slot]);
        set_pointer(image, slot, at);
    }
    header->string_count = b->string_count;
    header->slot_count = slot_count;
}

// ---- sharing ----

// Where the `count` words at `at` stand already as (part of) a part of the kind, in steps of
// `step` words; 0 if nowhere.
static uint32_t find_part(const struct image_layout *image, const struct parts *parts, uint32_t at,
                          uint32_t count, uint32_t step)
{
    const uint32_t *wanted = image->words + at;
    for (uint32_t i = 0; i < parts->count; i++) {
        uint32_t first = parts->part[i].at;
        uint32_t words = parts->part[i].words;
        for (uint32_t skip = 0; skip + count <= words; skip += step) {
            const uint32_t *there = image->words + first + skip;
            if (there[0] == wanted[0] && memcmp(there, wanted, count * 4) == 0)
                return first + skip;
        }
    }
    return 0;
}

// The words from `at` to the end of the image are complete: if they stand in the image already,
// they are taken back. Result: where they are.
static uint32_t share(struct builder *b, struct parts *parts, uint32_t at, uint32_t step)
{
    struct image_layout *image = b->image;
    uint32_t count = image->word_count - at;
    assert(count > 0);
    if (b->form == IMAGE_PLAIN)
        return at;
    uint32_t before = find_part(image, parts, at, count, step);
    if (before != 0) {
        give_back(image, at);
        return before;
    }
    parts->part[parts->count].at = at;
    parts->part[parts->count++].words = count;
    return at;
}

// ---- functions ----

static void put_value(struct builder *b, uint32_t at, const struct value *v)
{
    struct image_layout *image = b->image;
    image->words[at + VALUE_WORDS - 1] = (uint32_t)VALUE_TAG(v);
    switch (VALUE_TAG(v)) {
    case LUA_TSTRING:
        set_pointer(image, at, string_at(b, VALUE_STRING(v)));
        break;
    case LUA_TNUMBER: {
        lua_Number n = VALUE_NUMBER(v);
        memcpy(image->words + at, &n, sizeof(n));
        break;
    }
    case LUA_TBOOLEAN:
        image->words[at] = (uint32_t)v->as.boolean;
        break;
    default:
        assert(VALUE_IS_NIL(v));
        break;
    }
}

static uint32_t put_constants(struct builder *b, const struct proto *p, const struct plan *plan)
{
    if (plan->code)
        return plan->window.count ? b->pool_at + plan->window.first * VALUE_WORDS : 0;
    int count = plan->trim.constant_count;
    if (count == 0)
        return 0;
    uint32_t at = take(b, (size_t)count * VALUE_WORDS);
    for (int i = 0; i < count; i++)
        put_value(b, at + (uint32_t)i * VALUE_WORDS, DEREF(p->constants) + i);
    return share(b, &b->constants, at, VALUE_WORDS);
}

static uint32_t put_code(struct builder *b, const struct proto *p, const struct plan *plan)
{
    uint32_t count = (uint32_t)plan->trim.code_count;
    uint32_t at = take(b, count);
    memcpy(b->image->words + at, plan->code ? plan->code : DEREF(p->code), (size_t)count * 4);
    return share(b, &b->code, at, 1);
}

static uint32_t put_local_names(struct builder *b, const struct proto *p)
{
    if (p->local_name_count == 0)
        return 0;
    uint32_t words = sizeof(struct lfs_local) / 4;
    uint32_t at = take(b, (size_t)p->local_name_count * words);
    for (int i = 0; i < p->local_name_count; i++) {
        const struct local_name *name = DEREF(p->local_names) + i;
        uint32_t here = at + (uint32_t)i * words;
        if (!REF_IS_NULL(name->name))
            set_pointer(b->image, here, string_at(b, DEREF(name->name)));
        b->image->words[here + 1] = (uint32_t)name->pc_start;
        b->image->words[here + 2] = (uint32_t)name->pc_end;
    }
    return share(b, &b->locals, at, words);
}

static uint32_t put_upvalue_names(struct builder *b, const struct proto *p)
{
    if (p->upvalue_name_count == 0)
        return 0;
    uint32_t at = take(b, (size_t)p->upvalue_name_count);
    for (int i = 0; i < p->upvalue_name_count; i++) {
        const struct string *name = DEREF(DEREF(p->upvalue_names)[i]);
        if (name)
            set_pointer(b->image, at + (uint32_t)i, string_at(b, name));
    }
    return share(b, &b->vectors, at, 1);
}

static uint32_t put_proto(struct builder *b, const struct proto *p);

// The sub-functions, then the vector of pointers to them.
static uint32_t put_protos(struct builder *b, const struct proto *p)
{
    if (p->proto_count == 0)
        return 0;
    // Places of the sub-functions wait on the Lua stack, which has room for any number.
    lua_State *L = b->L;
    luaL_checkstack(L, 2, "functions nested too deep");
    uint32_t *places = lua_newuserdata(L, (size_t)p->proto_count * sizeof(*places));
    for (int i = 0; i < p->proto_count; i++)
        places[i] = put_proto(b, DEREF(DEREF(p->protos)[i]));
    uint32_t at = take(b, (size_t)p->proto_count);
    for (int i = 0; i < p->proto_count; i++)
        set_pointer(b->image, at + (uint32_t)i, places[i]);
    lua_pop(L, 1);
    return share(b, &b->vectors, at, 1);
}

static void point(struct image_layout *image, uint32_t proto, size_t field_off, uint32_t target)
{
    if (target != 0)
        set_pointer(image, proto + (uint32_t)(field_off / 4), target);
}

static uint32_t put_proto(struct builder *b, const struct proto *p)
{
    struct image_layout *image = b->image;
    uint32_t protos = put_protos(b, p);
    const struct plan *plan = &b->plans[b->plan_next++];
    const struct trim *trim = &plan->trim;
    uint32_t constants = put_constants(b, p, plan);
    uint32_t code = put_code(b, p, plan);
    uint32_t locals = put_local_names(b, p);
    uint32_t upvalues = put_upvalue_names(b, p);
    struct lfs_proto head = {
        .upvalue_name_count = (uint32_t)p->upvalue_name_count,
        .constant_count = plan->code ? plan->window.count : (uint32_t)trim->constant_count,
        .code_count = (uint32_t)trim->code_count,
        .proto_count = (uint32_t)p->proto_count,
        .local_name_count = (uint32_t)p->local_name_count,
        .line_defined = (uint32_t)p->line_defined,
        .line_last_defined = (uint32_t)p->line_last_defined,
        .upvalue_count = (uint8_t)PROTO_UPVALUES(p),
        .parameter_count = (uint8_t)PROTO_PARAMETERS(p),
        .vararg = (uint8_t)PROTO_VARARG(p),
        .stack_size = (uint8_t)PROTO_STACK_SIZE(p),
    };
    uint32_t at = take(b, PROTO_WORDS);
    memcpy(image->words + at, &head, sizeof(head));
    point(image, at, offsetof(struct lfs_proto, constants), constants);
    point(image, at, offsetof(struct lfs_proto, code), code);
    point(image, at, offsetof(struct lfs_proto, protos), protos);
    point(image, at, offsetof(struct lfs_proto, local_names), locals);
    point(image, at, offsetof(struct lfs_proto, upvalue_names), upvalues);
    point(image, at, offsetof(struct lfs_proto, source), string_at(b, DEREF(p->source)));
    if (trim->lines)
        point(image, at, offsetof(struct lfs_proto, lines),
              string_at(b, trim->lines) + STRING_WORDS);
    return share(b, &b->protos, at, PROTO_WORDS);
}

// ---- plans ----

static void count_functions(const struct proto *p, uint32_t *functions, uint32_t *words)
{
    for (int i = 0; i < p->proto_count; i++)
        count_functions(DEREF(DEREF(p->protos)[i]), functions, words);
    ++*functions;
    *words += (uint32_t)(p->code_count + p->constant_count);
}

// What of a function goes into the image. The index function keeps the form that tools know.
static void plan_function(struct builder *b, const struct proto *p, struct pool *pool,
                          uint32_t **code)
{
    for (int i = 0; i < p->proto_count; i++)
        plan_function(b, DEREF(DEREF(p->protos)[i]), pool, code);
    struct plan *plan = &b->plans[b->plan_count++];
    *plan = (struct plan){.code = NULL};
    if (p == b->index || b->form == IMAGE_PLAIN)
        trim_nothing(b->L, p, &plan->trim);
    else
        trim_function(b->L, p, &plan->trim);
    // Line tables are not like other texts: beside each other they compress better.
    add_string(b, plan->trim.lines);
    if (p == b->index || b->form != IMAGE_SMALL)
        return;
    plan->code = *code;
    pool_add(pool, p, plan->trim.code_count, *code, &plan->window);
    *code += plan->trim.code_count;
}

static void plan_functions(struct builder *b, struct pool *pool)
{
    uint32_t count = 0, words = 0;
    count_functions(b->index, &count, &words);
    b->plans = lua_newuserdata(b->L, (size_t)count * sizeof(*b->plans));
    uint32_t *code = lua_newuserdata(b->L, (size_t)words * sizeof(*code));
    pool_init(b->L, pool, words);
    plan_function(b, b->index, pool, &code);
    assert(b->plan_count == count);
}

static void put_pool(struct builder *b, const struct pool *pool)
{
    b->pool_at = take(b, (size_t)pool->count * VALUE_WORDS);
    for (uint32_t i = 0; i < pool->count; i++)
        put_value(b, b->pool_at + i * VALUE_WORDS, pool->values[i]);
}

// ---- the whole ----

void image_build(lua_State *L, const struct proto *index, enum image_detail form,
                 uint32_t slot_count, struct image_layout *image)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, NULL);
    struct builder *b = lua_newuserdata(L, sizeof(*b));
    struct lfs_header header = {.signature = LFS_SIGNATURE_BUILD, .linked_crc = core_image_name()};
    struct pool pool;
    memset(b, 0, sizeof(*b));
    memset(image, 0, sizeof(*image));
    b->L = L;
    b->image = image;
    b->index = index;
    b->form = (int)form;

    add_strings_of(b, index);
    plan_functions(b, &pool);
    take(b, sizeof(header) / 4);
    put_strings(b, slot_count, &header);
    put_pool(b, &pool);
    uint32_t main_proto = put_proto(b, index);

    header.image_bytes = image->word_count * 4;
    if (header.image_bytes > LFS_IMAGE_BYTES_MAX)
        fail_full(b, "", header.image_bytes);
    memcpy(image->words, &header, sizeof(header));
    set_pointer(image, offsetof(struct lfs_header, main_proto) / 4, main_proto);
    set_pointer(image, offsetof(struct lfs_header, string_slots) / 4, sizeof(header) / 4);
    lua_settop(L, top);
}

void image_relocate(struct image_layout *image, uint32_t base_addr)
{
    assert(base_addr % 4 == 0);
    for (uint32_t i = 0; i < image->word_count; i++)
        if (image->is_pointer[i / 32] >> (i & 31) & 1)
            image->words[i] = base_addr + image->words[i] * 4;
    image->words[0] |= LFS_ABSOLUTE;
}
