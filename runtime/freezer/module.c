// module.c: named functions and tables of the freezer.
//
// Reads and writes: the area. Memory: none.

#include "runtime/freezer/module.h"

#include "runtime/core/object.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/table.h"

static uint32_t offset_of(const struct freezer_module *m)
{
    return ADDR32(m) - freezer.area.addr;
}

static const struct freezer_module *module_at(uint32_t off)
{
    return (const struct freezer_module *)(const void *)freezer_area_payload(&freezer.area, off);
}

const struct freezer_module *freezer_module_find(const struct string *name)
{
    if (!IN_WINDOW(name))
        return NULL;
    uint32_t off = freezer_area_last(&freezer.area, FREEZER_MODULE, name->hash, ADDR32(name));
    return off ? module_at(off) : NULL;
}

const struct freezer_module *freezer_module_next(const struct freezer_module *m)
{
    uint32_t off = m ? offset_of(m) : 0;
    if (!freezer.area.is_open)
        return NULL;
    while ((off = freezer_area_next(&freezer.area, off)) != 0)
        if (freezer_block_kind(freezer_area_block(&freezer.area, off)) == FREEZER_MODULE)
            return module_at(off);
    return NULL;
}

static void emit_module(struct frozen_sink *sink, const void *object)
{
    const struct freezer_module *m = object;
    frozen_put_address(sink, m->name);
    frozen_put_address(sink, m->value);
    frozen_put(sink, m->source_crc);
    frozen_put(sink, m->source_bytes);
}

int freezer_module_is_table(const struct freezer_module *m)
{
    return frozen_is_object(&freezer.area, m->value, TAG_FROZEN_TABLE);
}

// Where a value lies that can have a name, 0: not in the area.
static uint32_t value_addr(const struct value *v)
{
    uint32_t addr = VALUE_IS_FROZEN_TABLE(v) ? v->as.pointer
                                             : mark_proto_addr(DEREF(VALUE_LUA_CLOSURE(v)->proto));
    return freezer_area_has(&freezer.area, addr, FREEZER_FUNCTION) ||
                   frozen_is_object(&freezer.area, addr, TAG_FROZEN_TABLE)
               ? addr
               : 0;
}

int freezer_module_put(lua_State *L, const struct value *values, uint32_t source_crc,
                       uint32_t source_bytes, struct freezer_result *result)
{
    freezer_freeze(L, values, 2, result);
    const struct string *name = VALUE_STRING(values);
    uint32_t value = value_addr(values + 1);
    if (!IN_WINDOW(name) || value == 0)
        return result->status != STATUS_OK ? result->status : STATUS_NOT_FOUND;
    struct freezer_module m = {ADDR32(name), value, source_crc, source_bytes};
    struct frozen_item item = {FREEZER_MODULE, sizeof m, name->hash, emit_module, &m};
    const struct freezer_module *old = freezer_module_find(name);
    uint32_t addr, written;
    int status = freezer_area_put(&freezer.area, &item, &addr, &written);
    result->written += written;
    if (status != STATUS_OK)
        result->status = status;
    if (status == STATUS_NO_SPACE)
        freezer_note_full();
    if (status == STATUS_OK && old != NULL && ADDR32(old) != addr)
        (void)!freezer_area_drop(&freezer.area, offset_of(old)); // the newer one counts anyway
    return status;
}

int freezer_module_drop(const struct string *name)
{
    const struct freezer_module *m = freezer_module_find(name);
    if (m == NULL)
        return STATUS_NOT_FOUND;
    int status = STATUS_OK;
    for (; m != NULL && status == STATUS_OK; m = freezer_module_find(name))
        status = freezer_area_drop(&freezer.area, offset_of(m));
    return status;
}
