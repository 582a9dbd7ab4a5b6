// freezer_view.c: see freezer_view.h: looking things up in an area that was read.

#include "analyzer/flash/freezer_view.h"

#include <string.h>

#include "runtime/format/lfs_image.h"

#define BLOCK_BYTES ((uint32_t)sizeof(struct freezer_block))

const char *const freezer_view_state_names[FREEZER_VIEW_STATES] = {"counts", "damaged", "dropped",
                                                                   "unfinished"};
const char *const freezer_kind_names[FREEZER_KIND_END] = {
    [FREEZER_STRING] = "string", [FREEZER_FUNCTION] = "function", [FREEZER_MODULE] = "module",
    [FREEZER_TABLE] = "table",   [FREEZER_GROUP] = "group",
};

uint32_t freezer_view_word(const struct freezer_view *view, uint32_t off)
{
    uint32_t word = UINT32_MAX;
    if (off < view->data_bytes)
        memcpy(&word, view->data + off, view->data_bytes - off < 4 ? view->data_bytes - off : 4);
    return word;
}

bool freezer_view_is_integer(const struct freezer_view *view)
{
    return (view->header.layout & FREEZER_LAYOUT_INTEGER) != 0;
}

uint32_t freezer_view_value_bytes(const struct freezer_view *view)
{
    return freezer_view_is_integer(view) ? LFS_VALUE_BYTES_INTEGER : LFS_VALUE_BYTES_PACKED;
}

// ---- looking things up ----

const struct freezer_view_block *freezer_view_at(const struct freezer_view *view, uint32_t addr)
{
    uint32_t off = addr - view->header.area_addr - BLOCK_BYTES, low = 0, high = view->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (view->blocks[middle].off < off)
            low = middle + 1;
        else
            high = middle;
    }
    return low < view->block_count && view->blocks[low].off == off &&
                   view->blocks[low].state == FREEZER_VIEW_COUNTS
               ? &view->blocks[low]
               : NULL;
}

const struct freezer_view_block *freezer_view_object(const struct freezer_view *view, uint32_t addr,
                                                     const char **kind)
{
    const struct freezer_view_block *block = freezer_view_at(view, addr);
    uint32_t off = addr - view->header.area_addr;
    if (!block && off % 8 == 0 && off < view->end) // each object of a group has its offset there
        block = freezer_view_at(view, addr - freezer_view_word(view, off));
    if (!block || (block->off + BLOCK_BYTES != off && block->kind != FREEZER_GROUP))
        return NULL;
    *kind = freezer_kind_names[block->kind];
    if (block->kind == FREEZER_GROUP)
        *kind = (freezer_view_word(view, off + 4) & 0xFF) == FREEZER_TAG_CLOSURE ? "closure"
                                                                                 : "table";
    return block;
}

// A string of an image below.
static bool below_text(const struct freezer_view *view, uint32_t addr, struct text *text)
{
    for (uint32_t i = 0; i < view->place.below_count; i++) {
        const struct freezer_below *below = &view->place.below[i];
        uint32_t off = addr - below->addr;
        struct lfs_string head;
        if (off >= below->bytes || off % 4 != 0 || below->bytes - off <= sizeof head)
            continue;
        memcpy(&head, below->data + off, sizeof head);
        if (head.tag != LFS_STRING_TAG || head.bytes >= below->bytes - off - sizeof head)
            return false;
        *text = (struct text){(const char *)below->data + off + sizeof head, head.bytes};
        return true;
    }
    return false;
}

bool freezer_view_text(const struct freezer_view *view, uint32_t addr, struct text *text)
{
    const struct freezer_view_block *block = freezer_view_at(view, addr);
    if (!block || block->kind != FREEZER_STRING)
        return below_text(view, addr, text);
    *text = (struct text){
        (const char *)view->data + block->off + BLOCK_BYTES + sizeof(struct lfs_string),
        block->bytes - sizeof(struct lfs_string) - 1,
    };
    return true;
}

bool freezer_view_is_last(const struct freezer_view *view, const struct freezer_view_block *module)
{
    uint32_t name = freezer_view_payload(view, module, offsetof(struct freezer_module, name));
    for (const struct freezer_view_block *b = module + 1; b < view->blocks + view->block_count; b++)
        if (b->kind == FREEZER_MODULE && b->state == FREEZER_VIEW_COUNTS &&
            freezer_view_payload(view, b, offsetof(struct freezer_module, name)) == name)
            return false;
    return true;
}
