// function.c: strings and functions as the words of their blocks, and back: are they sound?
//
// Reads: objects in RAM, blocks in place. Memory: none.

#include "runtime/freezer/function.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/verify.h"
#include "runtime/flash/regions.h"
#include "runtime/format/string_hash.h"
#include "runtime/freezer/closure.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/table.h"
#include "runtime/probe/probe.h"

#define HEADER_WORD(tag) ((uint32_t)(tag) | (uint32_t)MARK_FLASH << 8)

// ---- where the parts of a function lie in its payload ----

struct parts {
    uint32_t constants, code, protos, upvalue_names, local_names, lines, end;
};

static uint32_t line_bytes(const struct proto *p)
{
    return REF_IS_NULL(p->lines) ? 0 : (uint32_t)strlen((const char *)DEREF(p->lines)) + 1;
}

static struct parts parts_of(const struct proto *p, uint32_t lines)
{
    struct parts at = {.constants = sizeof *p};
    at.code = at.constants + (uint32_t)p->constant_count * VALUE_BYTES;
    at.protos = at.code + (uint32_t)p->code_count * 4;
    at.upvalue_names = at.protos + (uint32_t)p->proto_count * 4;
    at.local_names = at.upvalue_names + (uint32_t)p->upvalue_name_count * 4;
    at.lines = at.local_names + (uint32_t)p->local_name_count * sizeof(struct local_name);
    at.end = at.lines + lines;
    return at;
}

uint32_t frozen_string_bytes(const struct string *s)
{
    return (uint32_t)sizeof *s + s->bytes + 1;
}

uint32_t frozen_function_bytes(const struct proto *p)
{
    return parts_of(p, line_bytes(p)).end;
}

uint32_t frozen_function_ram(const struct proto *p)
{
    return frozen_function_bytes(p);
}

// ---- writing ----

static void emit_string(struct frozen_sink *sink, const void *object)
{
    const struct string *s = object;
    frozen_put(sink, 0);
    frozen_put(sink, HEADER_WORD(LUA_TSTRING));
    frozen_put(sink, s->hash);
    frozen_put(sink, s->bytes);
    frozen_put_bytes(sink, STRING_TEXT(s), s->bytes + 1);
}

static void put_vector(struct frozen_sink *sink, int32_t count, uint32_t rel)
{
    if (count == 0)
        frozen_put(sink, 0);
    else
        frozen_put_inner(sink, rel);
}

static void put_constant(struct frozen_sink *sink, const struct value *k)
{
    uint32_t words[VALUE_BYTES / 4] = {0};
    uint32_t text = VALUE_IS_STRING(k) ? mark_string_addr(VALUE_STRING(k)) : 0;
    if (VALUE_IS_NUMBER(k))
        memcpy(words, &k->as.number, sizeof k->as.number);
    else if (VALUE_IS_BOOLEAN(k))
        words[0] = (uint32_t)k->as.boolean;
    words[VALUE_BYTES / 4 - 1] = (uint32_t)k->tag;
    for (int i = 0; i < VALUE_BYTES / 4; i++)
        if (i == 0 && text != 0)
            frozen_put_address(sink, text);
        else
            frozen_put(sink, words[i]);
}

static void put_proto_struct(struct frozen_sink *sink, const struct proto *p)
{
    struct parts at = parts_of(p, 0);
    frozen_put(sink, 0);
    frozen_put(sink, HEADER_WORD(TAG_PROTO) | PROBE_FUNCTION_NTH(p) << 16);
    put_vector(sink, p->constant_count, at.constants);
    put_vector(sink, p->code_count, at.code);
    put_vector(sink, p->proto_count, at.protos);
    put_vector(sink, !REF_IS_NULL(p->lines), at.lines);
    put_vector(sink, p->local_name_count, at.local_names);
    put_vector(sink, p->upvalue_name_count, at.upvalue_names);
    frozen_put_address(sink, mark_string_addr(DEREF(p->source)));
    frozen_put(sink, (uint32_t)p->upvalue_name_count);
    frozen_put(sink, (uint32_t)p->constant_count);
    frozen_put(sink, (uint32_t)p->code_count);
    frozen_put(sink, (uint32_t)p->proto_count);
    frozen_put(sink, (uint32_t)p->local_name_count);
    frozen_put(sink, (uint32_t)p->line_defined);
    frozen_put(sink, (uint32_t)p->line_last_defined);
    frozen_put(sink, 0);
    frozen_put(sink, (uint32_t)PROTO_UPVALUES(p) | (uint32_t)PROTO_PARAMETERS(p) << 8 |
                         (uint32_t)PROTO_VARARG(p) << 16 | (uint32_t)PROTO_STACK_SIZE(p) << 24);
}

static void emit_function(struct frozen_sink *sink, const void *object)
{
    const struct proto *p = object;
    put_proto_struct(sink, p);
    for (int32_t i = 0; i < p->constant_count; i++)
        put_constant(sink, DEREF(p->constants) + i);
    for (int32_t i = 0; i < p->code_count; i++)
        frozen_put(sink, DEREF(p->code)[i]);
    for (int32_t i = 0; i < p->proto_count; i++)
        frozen_put_address(sink, mark_proto_addr(DEREF(DEREF(p->protos)[i])));
    for (int32_t i = 0; i < p->upvalue_name_count; i++)
        frozen_put_address(sink, mark_string_addr(DEREF(DEREF(p->upvalue_names)[i])));
    for (int32_t i = 0; i < p->local_name_count; i++) {
        const struct local_name *name = DEREF(p->local_names) + i;
        frozen_put_address(sink, mark_string_addr(DEREF(name->name)));
        frozen_put(sink, (uint32_t)name->pc_start);
        frozen_put(sink, (uint32_t)name->pc_end);
    }
    frozen_put_bytes(sink, DEREF(p->lines), line_bytes(p));
}

struct frozen_item frozen_string(const struct string *s)
{
    return (struct frozen_item){FREEZER_STRING, frozen_string_bytes(s), s->hash, emit_string, s};
}

struct frozen_item frozen_function(const struct proto *p)
{
    return (struct frozen_item){FREEZER_FUNCTION, frozen_function_bytes(p), 0, emit_function, p};
}

// ---- checking ----

// That the images below are those for which the area was made has been checked by their CRC.
int frozen_is_string(const struct freezer_area *area, uint32_t addr)
{
    if (freezer_area_has(area, addr, FREEZER_STRING))
        return 1;
    const struct flash_region *region = flash_region_at(addr);
    return region != NULL && region->id < REGION_FREEZER && addr % 4 == 0 &&
           OBJECT_TAG((const struct object *)(uintptr_t)addr) == LUA_TSTRING;
}

static const char *string_fault(const struct freezer_area *area, uint32_t off)
{
    const struct string *s = (const void *)freezer_area_payload(area, off);
    const struct freezer_block *block = freezer_area_block(area, off);
    if (block->bytes < sizeof *s + 1 || s->bytes != block->bytes - sizeof *s - 1)
        return "length of a string";
    if (!REF_IS_NULL(s->next) || ((const uint32_t *)s)[1] != HEADER_WORD(LUA_TSTRING))
        return "header of a string";
    if (s->hash != block->hash)
        return "hash of a string";
#if !READS_BY_WORDS // else its CRC has to do
    if (string_hash(STRING_TEXT(s), s->bytes) != s->hash)
        return "hash of a string";
#endif
    return text_char(STRING_TEXT(s), s->bytes) == '\0' ? NULL : "string without its end";
}

static int is_in_place(uint32_t addr, uint32_t base, int32_t count, uint32_t rel)
{
    return addr == (count == 0 ? 0 : base + rel);
}

// Do the vectors lie where they were put, and fill the block?
static const char *shape_fault(const struct proto *p, uint32_t base, uint32_t bytes)
{
    const int32_t most = (int32_t)(FREEZER_AREA_BYTES_MAX / 4);
    const int32_t counts[] = {p->constant_count, p->code_count, p->proto_count,
                              p->upvalue_name_count, p->local_name_count};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] < 0 || counts[i] > most)
            return "size of a function";
    struct parts at = parts_of(p, 0);
    int has_lines = !REF_IS_NULL(p->lines);
    if (at.lines > bytes || has_lines != (bytes > at.lines))
        return "size of a function";
    if (!is_in_place(p->constants.addr, base, p->constant_count, at.constants) ||
        !is_in_place(p->code.addr, base, p->code_count, at.code) ||
        !is_in_place(p->protos.addr, base, p->proto_count, at.protos) ||
        !is_in_place(p->upvalue_names.addr, base, p->upvalue_name_count, at.upvalue_names) ||
        !is_in_place(p->local_names.addr, base, p->local_name_count, at.local_names) ||
        !is_in_place(p->lines.addr, base, has_lines, at.lines))
        return "vectors of a function";
    const char *lines = (const char *)(uintptr_t)(base + at.lines);
    for (uint32_t i = at.lines; i < bytes; i++)
        if ((text_char(lines, i - at.lines) == '\0') != (i == bytes - 1))
            return "line table of a function";
    return NULL;
}

static const char *references_fault(const struct freezer_area *area, const struct proto *p)
{
    if (!REF_IS_NULL(p->source) && !frozen_is_string(area, p->source.addr))
        return "source of a function";
    for (int32_t i = 0; i < p->constant_count; i++) {
        const struct value *k = DEREF(p->constants) + i;
        if (k->tag != LUA_TNIL && k->tag != LUA_TBOOLEAN && k->tag != LUA_TNUMBER &&
            !(k->tag == LUA_TSTRING && frozen_is_string(area, k->as.pointer)))
            return "constant of a function";
    }
    for (int32_t i = 0; i < p->proto_count; i++) {
        uint32_t addr = DEREF(p->protos)[i].addr;
        if (addr >= ADDR32(p) || !freezer_area_has(area, addr, FREEZER_FUNCTION))
            return "function inside a function";
    }
    for (int32_t i = 0; i < p->upvalue_name_count; i++) {
        uint32_t addr = DEREF(p->upvalue_names)[i].addr;
        if (addr != 0 && !frozen_is_string(area, addr))
            return "name of an upvalue";
    }
    for (int32_t i = 0; i < p->local_name_count; i++)
        if (!frozen_is_string(area, DEREF(p->local_names)[i].name.addr))
            return "name of a local variable";
    return NULL;
}

static const char *function_fault(const struct freezer_area *area, uint32_t off)
{
    const struct proto *p = (const void *)freezer_area_payload(area, off);
    uint32_t bytes = freezer_area_block(area, off)->bytes;
    int pc;
    if (bytes < sizeof *p || (((const uint32_t *)p)[1] & 0xFFFF) != HEADER_WORD(TAG_PROTO) ||
        !REF_IS_NULL(p->next) || !REF_IS_NULL(p->gray))
        return "header of a function";
    const char *fault = shape_fault(p, area->addr + off, bytes);
    if (!fault)
        fault = references_fault(area, p);
    return fault ? fault : verify_function(p, &pc);
}

static const char *module_fault(const struct freezer_area *area, uint32_t off)
{
    const struct freezer_module *m = (const void *)freezer_area_payload(area, off);
    if (freezer_area_block(area, off)->bytes != sizeof *m || !frozen_is_string(area, m->name) ||
        ((const struct string *)(uintptr_t)m->name)->hash != freezer_area_block(area, off)->hash)
        return "name of a module";
    if (m->value >= area->addr + off)
        return "value of a module";
    return freezer_area_has(area, m->value, FREEZER_FUNCTION) ||
                   frozen_is_object(area, m->value, TAG_FROZEN_TABLE)
               ? NULL
               : "value of a module";
}

const char *frozen_fault(const struct freezer_area *area, uint32_t payload_off)
{
    switch (freezer_block_kind(freezer_area_block(area, payload_off))) {
    case FREEZER_STRING:
        return string_fault(area, payload_off);
    case FREEZER_FUNCTION:
        return function_fault(area, payload_off);
    case FREEZER_TABLE:
        return frozen_table_fault(area, payload_off);
    case FREEZER_GROUP:
        return frozen_group_fault(area, payload_off);
    case FREEZER_MODULE:
        return module_fault(area, payload_off);
    default:
        return "kind of a block";
    }
}
