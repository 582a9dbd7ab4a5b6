// freezer_content.c: see freezer_content.h.
//
// Each check lets pass the words of a payload and says which are references. These are replaced by
// what they lead to, so that the checksum of the words tells contents apart, wherever they lie.

#include "analyzer/flash/freezer_content.h"

#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/string_hash.h"

#define FLASH_MARK 0x40u
#define TABLE_BYTES 32u

struct content {
    const struct freezer_view *view;
    const struct freezer_view_block *block;
    uint32_t *words; // a copy
    uint8_t *is_address;
    uint32_t count;
    uint32_t addr; // of the payload
};

static uint32_t word_at(const struct content *c, uint32_t off)
{
    return off / 4 < c->count ? c->words[off / 4] : 0;
}

// ---- references ----

static void replace(struct content *c, uint32_t off, uint32_t by, bool is_address)
{
    c->words[off / 4] = by;
    c->is_address[off / 4] = is_address;
}

// To the block itself, `rel` bytes behind its begin; 0 if there is nothing (`is_there` 0).
static bool is_inner(struct content *c, uint32_t off, uint32_t is_there, uint32_t rel)
{
    if (word_at(c, off) != (is_there ? c->addr + rel : 0))
        return false;
    replace(c, off, rel, is_there);
    return true;
}

static bool is_string(struct content *c, uint32_t off)
{
    struct text text;
    uint32_t addr = word_at(c, off);
    if (!freezer_view_text(c->view, addr, &text)) {
        // Without its flash an area cannot show strings of images.
        if (c->view->place.is_known || c->view->header.linked_crc == 0 ||
            addr - c->view->header.area_addr < c->view->header.area_bytes)
            return false;
        replace(c, off, addr, true);
        return true;
    }
    replace(c, off, inflate_crc((uint32_t)text.bytes, text.data, (uint32_t)text.bytes), true);
    return true;
}

static bool is_string_or_none(struct content *c, uint32_t off)
{
    return word_at(c, off) == 0 || is_string(c, off);
}

// To a block of a kind before this one.
static bool is_block(struct content *c, uint32_t off, enum freezer_kind kind)
{
    const struct freezer_view_block *to = freezer_view_at(c->view, word_at(c, off));
    if (!to || to->kind != (uint32_t)kind || to->off >= c->block->off)
        return false;
    replace(c, off, to->content, true);
    return true;
}

// To an object in a group before this block, or in this one.
static bool is_member(struct content *c, uint32_t off)
{
    uint32_t addr = word_at(c, off);
    if (c->block->kind == FREEZER_GROUP && addr - c->addr < c->block->bytes)
        return is_inner(c, off, 1, addr - c->addr);
    for (uint32_t i = 0; i < c->view->block_count; i++) {
        const struct freezer_view_block *group = &c->view->blocks[i];
        uint32_t payload = c->view->header.area_addr + group->off +
                           (uint32_t)sizeof(struct freezer_block);
        if (group->kind != FREEZER_GROUP || group->state != FREEZER_VIEW_COUNTS ||
            group->off >= c->block->off || addr - payload >= group->bytes)
            continue;
        replace(c, off, group->content + (addr - payload), true);
        return freezer_view_payload(c->view, group, addr - payload) == addr - payload;
    }
    return false;
}

// ---- kinds ----

static const char *check_string(struct content *c, uint32_t hash)
{
    uint32_t bytes = word_at(c, offsetof(struct lfs_string, bytes));
    if (c->block->bytes <= sizeof(struct lfs_string) ||
        bytes != c->block->bytes - sizeof(struct lfs_string) - 1)
        return "length of a string";
    const char *text = (const char *)c->words + sizeof(struct lfs_string);
    if (c->words[0] != 0 || c->words[1] != (LFS_STRING_TAG | FLASH_MARK << 8))
        return "header of a string";
    if (c->words[2] != hash || string_hash(text, bytes) != hash)
        return "hash of a string";
    return text[bytes] == '\0' ? NULL : "string without its end";
}

#define PROTO(member) ((uint32_t)offsetof(struct lfs_proto, member))

// A vector of so many items: is the reference right? Moves *rel behind it.
static bool is_vector(struct content *c, uint32_t off, uint32_t count, uint32_t item_bytes,
                      uint32_t *rel)
{
    bool is_right = count <= c->block->bytes && is_inner(c, off, count, *rel);
    *rel += count * item_bytes;
    return is_right && *rel <= c->block->bytes;
}

static const char *check_constants(struct content *c, uint32_t off, uint32_t count)
{
    uint32_t value_bytes = freezer_view_value_bytes(c->view);
    for (; count > 0; count--, off += value_bytes) {
        uint32_t tag = word_at(c, off + value_bytes - 4);
        if (tag != LFS_TAG_NIL && tag != LFS_TAG_BOOLEAN && tag != LFS_TAG_NUMBER &&
            !(tag == LFS_TAG_STRING && is_string(c, off)))
            return "constant of a function";
    }
    return NULL;
}

static const char *check_names(struct content *c, uint32_t protos, uint32_t upvalues,
                               uint32_t locals)
{
    uint32_t proto_count = word_at(c, PROTO(proto_count));
    uint32_t upvalue_count = word_at(c, PROTO(upvalue_name_count));
    uint32_t local_count = word_at(c, PROTO(local_name_count));
    for (uint32_t i = 0; i < proto_count; i++)
        if (!is_block(c, protos + 4 * i, FREEZER_FUNCTION))
            return "function inside a function";
    for (uint32_t i = 0; i < upvalue_count; i++)
        if (!is_string_or_none(c, upvalues + 4 * i))
            return "name of an upvalue";
    for (uint32_t i = 0; i < local_count; i++)
        if (!is_string(c, locals + i * (uint32_t)sizeof(struct lfs_local)))
            return "name of a local variable";
    return NULL;
}

static const char *check_function(struct content *c)
{
    uint32_t rel = sizeof(struct lfs_proto);
    if (c->block->bytes < rel || c->words[0] != 0 || c->words[1] != LFS_PROTO_HEADER_OLD ||
        word_at(c, PROTO(gray)) != 0)
        return "header of a function";
    uint32_t constants = rel;
    bool is_right = is_vector(c, PROTO(constants), word_at(c, PROTO(constant_count)),
                              freezer_view_value_bytes(c->view), &rel) &&
                    is_vector(c, PROTO(code), word_at(c, PROTO(code_count)), 4, &rel);
    uint32_t protos = rel;
    is_right = is_right && is_vector(c, PROTO(protos), word_at(c, PROTO(proto_count)), 4, &rel);
    uint32_t upvalues = rel;
    is_right = is_right &&
               is_vector(c, PROTO(upvalue_names), word_at(c, PROTO(upvalue_name_count)), 4, &rel);
    uint32_t locals = rel;
    is_right = is_right &&
               is_vector(c, PROTO(local_names), word_at(c, PROTO(local_name_count)),
                         sizeof(struct lfs_local), &rel) &&
               is_inner(c, PROTO(lines), c->block->bytes > rel, rel);
    if (!is_right)
        return "vectors of a function";
    if (!is_string_or_none(c, PROTO(source)))
        return "source of a function";
    const char *fault = check_constants(c, constants, word_at(c, PROTO(constant_count)));
    return fault ? fault : check_names(c, protos, upvalues, locals);
}

static const char *check_module(struct content *c, uint32_t hash)
{
    uint32_t value = offsetof(struct freezer_module, value);
    struct text name;
    bool is_here = freezer_view_text(c->view, word_at(c, 0), &name);
    if (c->block->bytes != sizeof(struct freezer_module) || !is_string(c, 0) ||
        (is_here && string_hash(name.data, (uint32_t)name.bytes) != hash))
        return "name of a module";
    return is_block(c, value, FREEZER_FUNCTION) || is_block(c, value, FREEZER_TABLE) ||
                   is_member(c, value)
               ? NULL
               : "value of a module";
}

// ---- tables ----

static bool is_value(struct content *c, uint32_t off, bool is_of_program)
{
    uint32_t tag = word_at(c, off + freezer_view_value_bytes(c->view) - 4);
    switch (tag) {
    case LFS_TAG_NIL:
    case LFS_TAG_BOOLEAN:
    case LFS_TAG_NUMBER:
        return true;
    case FREEZER_TAG_DEAD:
        return word_at(c, off) == 0;
    case LFS_TAG_STRING:
        return is_string(c, off);
    case FREEZER_TAG_TABLE:
        if (word_at(c, off) == c->addr)
            return is_inner(c, off, 1, 0);
        return is_block(c, off, FREEZER_TABLE) || is_member(c, off);
    case FREEZER_TAG_CLOSURE:
        return is_member(c, off);
    default:
        return is_of_program;
    }
}

// A link to a node, 0: none.
static bool is_link(struct content *c, uint32_t off, uint32_t nodes, uint32_t count,
                    uint32_t node_bytes)
{
    uint32_t to = word_at(c, off) - c->addr - nodes;
    if (word_at(c, off) == 0)
        return true;
    if (to % node_bytes != 0 || to / node_bytes >= count)
        return false;
    replace(c, off, nodes + to, true);
    return true;
}

static const char *check_nodes(struct content *c, uint32_t nodes, uint32_t count,
                               bool is_of_program)
{
    uint32_t value = freezer_view_value_bytes(c->view);
    uint32_t key = value + (freezer_view_is_integer(c->view) ? 0 : 4), bytes = key + value + 4;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t off = nodes + i * bytes;
        if (!is_value(c, off, is_of_program) || !is_value(c, off + key, is_of_program))
            return "field of a table";
        if (!is_link(c, off + key + value, nodes, count, bytes))
            return "chain of a table";
    }
    return NULL;
}

static bool is_metatable(struct content *c, bool is_of_program)
{
    uint32_t addr = word_at(c, 8);
    if (addr == 0 || addr == c->addr)
        return addr == 0 || is_inner(c, 8, 1, 0);
    return is_block(c, 8, FREEZER_TABLE) || is_member(c, 8) || is_of_program;
}

static const char *check_table(struct content *c)
{
    uint32_t value = freezer_view_value_bytes(c->view), list = word_at(c, 28);
    uint32_t node = freezer_view_is_integer(c->view) ? 2 * value + 4 : 2 * value + 8;
    uint32_t log2 = word_at(c, 4) >> 24, nodes = TABLE_BYTES + list * value;
    bool is_of_program = word_at(c, 24) != 0;
    if (c->block->bytes < TABLE_BYTES + node || word_at(c, 0) != 0 || word_at(c, 20) != 0 ||
        (word_at(c, 4) & 0xFFFF) != (FREEZER_TAG_TABLE | FLASH_MARK << 8))
        return "header of a table";
    if (log2 > 15 || list > c->block->bytes / value || nodes + (node << log2) != c->block->bytes ||
        !is_inner(c, 12, list, TABLE_BYTES) || !is_inner(c, 16, 1, nodes))
        return "parts of a table";
    if (!is_metatable(c, is_of_program))
        return "metatable of a table";
    for (uint32_t i = 0; i < list; i++)
        if (!is_value(c, TABLE_BYTES + i * value, is_of_program))
            return "element of a table";
    return check_nodes(c, nodes, 1u << log2, is_of_program);
}

// ---- groups ----

// What the bits call an address is one.
static const char *check_group(struct content *c)
{
    uint32_t payload = (c->block->bytes + 3) / 4;
    for (uint32_t i = 0; i < payload; i++)
        if ((word_at(c, 4 * (payload + i / 32)) >> (i % 32) & 1) && !is_member(c, 4 * i) &&
            !is_string(c, 4 * i) && !is_block(c, 4 * i, FREEZER_FUNCTION) &&
            !is_block(c, 4 * i, FREEZER_TABLE))
            return "reference of a group";
    return NULL;
}

// ---- any ----

// Do the bits behind the payload name the words that are addresses? Those of the program are not
// known here.
static const char *check_bits(const struct content *c)
{
    uint32_t payload = (c->block->bytes + 3) / 4;
    if (c->block->kind == FREEZER_STRING || c->block->kind >= FREEZER_KIND_END ||
        (c->block->kind == FREEZER_TABLE && word_at(c, 24) != 0))
        return NULL;
    for (uint32_t i = 0; i < payload; i++)
        if ((word_at(c, 4 * (payload + i / 32)) >> (i % 32) & 1) != c->is_address[i])
            return "bits of addresses";
    return NULL;
}

static const char *check(struct content *c, uint32_t hash)
{
    switch (c->block->kind) {
    case FREEZER_STRING:
        return check_string(c, hash);
    case FREEZER_FUNCTION:
        return check_function(c);
    case FREEZER_MODULE:
        return check_module(c, hash);
    case FREEZER_TABLE:
        return check_table(c);
    case FREEZER_GROUP:
        return check_group(c);
    default:
        return NULL;
    }
}

const char *freezer_content_check(struct arena *arena, const struct freezer_view *view,
                                  struct freezer_view_block *block, uint32_t hash)
{
    struct arena_mark mark = arena_mark(arena);
    struct content c = {
        .view = view,
        .block = block,
        .count = freezer_body_bytes(block->kind, block->bytes) / 4,
        .addr = view->header.area_addr + block->off + (uint32_t)sizeof(struct freezer_block),
    };
    c.words = ARENA_NEW_ARRAY(arena, uint32_t, c.count + 1);
    c.is_address = ARENA_NEW_ARRAY(arena, uint8_t, c.count + 1);
    memset(c.is_address, 0, c.count + 1);
    for (uint32_t i = 0; i < c.count; i++)
        c.words[i] = freezer_view_payload(view, block, 4 * i);
    const char *fault = check(&c, hash);
    if (!fault)
        fault = check_bits(&c);
    block->content = inflate_crc(block->kind, c.words, 4 * c.count);
    arena_rewind(arena, mark);
    return fault;
}
