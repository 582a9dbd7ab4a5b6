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
#define CLOSURE_BYTES 20u
#define CLOSED_OFF 12u // of the value in an upvalue
#define TAG_UPVALUE 10u

struct content {
    const struct freezer_view *view;
    const struct freezer_view_block *block;
    uint32_t *words; // a copy
    uint8_t *is_address;
    bool is_of_program; // words of it may be addresses that are not known here
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
    if (c->block->bytes < rel || c->words[0] != 0 ||
        (c->words[1] & 0xFFFF) != LFS_PROTO_HEADER_OLD || word_at(c, PROTO(gray)) != 0)
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

// ---- tables and closures ----

static bool has_tag(uint32_t word, uint32_t tag)
{
    return (word & 0xFFFF) == (tag | FLASH_MARK << 8);
}

// To a table or closure of an earlier block.
static bool is_earlier_object(struct content *c, uint32_t off, uint32_t tag)
{
    const struct freezer_view *view = c->view;
    uint32_t area_off = word_at(c, off) - view->header.area_addr;
    if (tag == FREEZER_TAG_TABLE && is_block(c, off, FREEZER_TABLE))
        return true;
    if (area_off % 8 != 0 || area_off >= view->end)
        return false;
    uint32_t at = freezer_view_word(view, area_off);
    const struct freezer_view_block *group = freezer_view_at(view, word_at(c, off) - at);
    if (!group || group->kind != FREEZER_GROUP || group->off >= c->block->off ||
        at >= group->bytes || !has_tag(freezer_view_word(view, area_off + 4), tag))
        return false;
    replace(c, off, group->content + at, true);
    return true;
}

// To a table or closure: of an earlier block, or of this one.
static bool is_object(struct content *c, uint32_t off, uint32_t tag)
{
    uint32_t rel = word_at(c, off) - c->addr;
    if (rel >= c->block->bytes)
        return is_earlier_object(c, off, tag);
    if (rel % 8 != 0 || word_at(c, rel) != rel || !has_tag(word_at(c, rel + 4), tag) ||
        (c->block->kind != FREEZER_GROUP && rel != 0))
        return false;
    replace(c, off, rel, true);
    return true;
}

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
    case FREEZER_TAG_CLOSURE:
        return is_object(c, off, tag);
    default:
        c->is_of_program |= is_of_program;
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

// The table at an offset of the payload; *bytes becomes its length.
static const char *check_table(struct content *c, uint32_t at, uint32_t *bytes)
{
    uint32_t value = freezer_view_value_bytes(c->view), list = word_at(c, at + 28);
    uint32_t node = freezer_view_is_integer(c->view) ? 2 * value + 4 : 2 * value + 8;
    uint32_t log2 = word_at(c, at + 4) >> 24, room = c->block->bytes - at;
    bool is_of_program = word_at(c, at + 24) != 0;
    if (room < TABLE_BYTES + node || word_at(c, at) != at || word_at(c, at + 20) > 0xFFFF ||
        !has_tag(word_at(c, at + 4), FREEZER_TAG_TABLE))
        return "header of a table";
    if (log2 > 15 || list > room / value)
        return "parts of a table";
    uint32_t nodes = at + TABLE_BYTES + list * value;
    *bytes = nodes - at + (node << log2);
    if (*bytes > room || !is_inner(c, at + 12, list, at + TABLE_BYTES) ||
        !is_inner(c, at + 16, 1, nodes))
        return "parts of a table";
    c->is_of_program |= is_of_program;
    if (word_at(c, at + 8) != 0 && !is_object(c, at + 8, FREEZER_TAG_TABLE) && !is_of_program)
        return "metatable of a table";
    for (uint32_t i = 0; i < list; i++)
        if (!is_value(c, at + TABLE_BYTES + i * value, is_of_program))
            return "element of a table";
    return check_nodes(c, nodes, 1u << log2, is_of_program);
}

static const char *check_upvalue(struct content *c, uint32_t ref, uint32_t at, bool is_of_program)
{
    if (!is_inner(c, ref, 1, at) || word_at(c, at) != 0 ||
        !has_tag(word_at(c, at + 4), TAG_UPVALUE) || !is_inner(c, at + 8, 1, at + CLOSED_OFF))
        return "upvalue of a closure";
    return is_value(c, at + CLOSED_OFF, is_of_program) ? NULL : "value of an upvalue";
}

// The same for a closure.
static const char *check_closure(struct content *c, uint32_t at, uint32_t *bytes)
{
    uint32_t count = word_at(c, at + 4) >> 24, room = c->block->bytes - at;
    uint32_t each = CLOSED_OFF + (freezer_view_is_integer(c->view) ? 8 : 12);
    uint32_t first = at + CLOSURE_BYTES + 4 * count;
    *bytes = CLOSURE_BYTES + (4 + each) * count;
    if (*bytes > room || word_at(c, at) != at || word_at(c, at + 12) != 0 ||
        (word_at(c, at + 4) >> 16 & 0xFF) != 0)
        return "header of a closure";
    const struct freezer_view_block *proto = freezer_view_at(c->view, word_at(c, at + 16));
    if (!is_block(c, at + 16, FREEZER_FUNCTION) ||
        (freezer_view_payload(c->view, proto, PROTO(upvalue_count)) & 0xFF) != count)
        return "function of a closure";
    for (uint32_t i = 0; i < count; i++) {
        const char *fault = check_upvalue(c, at + CLOSURE_BYTES + 4 * i, first + i * each,
                                          word_at(c, at + 8) != 0);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *check_group(struct content *c)
{
    uint32_t at = 0;
    while (at + 8 <= c->block->bytes) {
        uint32_t bytes = 0;
        const char *fault = has_tag(word_at(c, at + 4), FREEZER_TAG_CLOSURE)
                                ? check_closure(c, at, &bytes)
                                : check_table(c, at, &bytes);
        if (fault)
            return fault;
        at += freezer_fill(bytes);
    }
    return at == c->block->bytes ? NULL : "size of a group";
}

static const char *check_single_table(struct content *c)
{
    uint32_t bytes = 0;
    const char *fault = check_table(c, 0, &bytes);
    return fault || bytes == c->block->bytes ? fault : "size of a table";
}

// ---- any ----

static const char *check_module(struct content *c, uint32_t hash)
{
    uint32_t value = offsetof(struct freezer_module, value);
    struct text name;
    bool is_here = freezer_view_text(c->view, word_at(c, 0), &name);
    if (c->block->bytes != sizeof(struct freezer_module) || !is_string(c, 0) ||
        (is_here && string_hash(name.data, (uint32_t)name.bytes) != hash))
        return "name of a module";
    return is_block(c, value, FREEZER_FUNCTION) || is_object(c, value, FREEZER_TAG_TABLE)
               ? NULL
               : "value of a module";
}

// Do the bits behind the payload name the words that are addresses? Those of the program are not
// known here.
static const char *check_bits(const struct content *c)
{
    uint32_t payload = (c->block->bytes + 3) / 4;
    if (c->block->kind == FREEZER_STRING || c->is_of_program)
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
        return check_single_table(c);
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
