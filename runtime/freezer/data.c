// data.c: see data.h.

#include "runtime/freezer/data.h"

#include <assert.h>

#include "runtime/core/check.h"
#include "runtime/core/table.h"
#include "runtime/freezer/mark.h"
#include "runtime/freezer/parts.h"
#include "runtime/freezer/table.h"
#include "runtime/probe/probe.h"

void freezer_data_begin(lua_State *L, struct freezer_data *data)
{
    *data = (struct freezer_data){.number = ++freezer.freezes};
    data->result.status = freeze_make_ready();
    check_texts_ahead(1);
    PROBE_FREEZE_BEGIN(L, data->number, 0, KIND_TABLE);
    (void)L;
}

static int put_value(struct freeze_job *job, const struct value *v)
{
    assert(!VALUE_IS_TABLE(v));
    return !VALUE_IS_STRING(v) || freeze_string(job, VALUE_STRING(v));
}

static int put_content(struct freeze_job *job, const struct table *t)
{
    for (int32_t i = 0; i < t->array_count; i++)
        if (!put_value(job, DEREF(t->array) + i))
            return 0;
    for (int i = 0; TABLE_HAS_NODES(t) && i < TABLE_NODE_COUNT(t); i++) {
        const struct node *n = DEREF(t->nodes) + i;
        if (!VALUE_IS_NIL(&n->value) &&
            (!put_value(job, &n->key.value) || !put_value(job, &n->value)))
            return 0;
    }
    return 1;
}

void freezer_data_put(lua_State *L, struct freezer_data *data, struct value *slot)
{
    struct table *t = VALUE_TABLE(slot);
    struct freeze_job job = {.L = L, .result = &data->result, .is_writing = 1};
    struct frozen_object both = {t, L, 0};
    uint16_t mark;
    uint32_t saved = data->result.saved + frozen_table_ram(t);
    if (data->result.status != STATUS_OK || !put_content(&job, t))
        return;
    struct frozen_item item = frozen_table(&both);
    if (!freeze_put(&job, &item, &mark))
        return;
    data->result.saved = saved + job.strings_saved;
    uint32_t to = mark_target(mark);
    data->tables++;
    PROBE_FREEZE_OBJECT(data->number, ADDR32(t), to, item.bytes, KIND_TABLE);
    value_set_pointer(slot, (const void *)(uintptr_t)to, TAG_FROZEN_TABLE);
    table_clear(L, t); // the collector may have it in a list
}

void freezer_data_end(lua_State *L, struct freezer_data *data)
{
    const struct freezer_result *result = &data->result;
    if (result->status == STATUS_NO_SPACE)
        freezer_note_full();
    freezer.moved = data->tables;
    if (result->blocks + result->found > 0)
        freezer_move(L);
    check_texts_ahead(0);
    freeze_check_after(L);
    PROBE_FREEZE_END(data->number, freeze_result_kind(result), freezer.moved, result->saved,
                     result->written);
}
