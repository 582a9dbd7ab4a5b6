// regions.c: the list of what is mounted.
//
// Reads and writes: the list. Memory: static.

#include "runtime/flash/regions.h"

#include <assert.h>
#include <stddef.h>

#include "runtime/format/address_map.h"
#include "runtime/format/lfs_image.h"

struct flash_region_list flash_regions;

const struct flash_region *flash_region_find(enum flash_region_id id)
{
    for (uint32_t i = 0; i < flash_regions.count; i++)
        if (flash_regions.items[i].id == id)
            return &flash_regions.items[i];
    return NULL;
}

// Is [addr, addr + bytes) inside the region?
static int is_inside(const struct flash_region *region, uint32_t addr, uint32_t bytes)
{
    uint32_t region_bytes = region->end - region->begin;
    return addr - region->begin < region_bytes && bytes <= region_bytes - (addr - region->begin);
}

const struct flash_region *flash_region_at(uint32_t addr)
{
    for (uint32_t i = 0; i < flash_regions.count; i++)
        if (is_inside(&flash_regions.items[i], addr, 1))
            return &flash_regions.items[i];
    return NULL;
}

const char *flash_region_file(enum flash_region_id id)
{
    static const char *const files[] = {
#define REGION_FILE(name, file) [name] = file,
        FLASH_REGIONS(REGION_FILE)
#undef REGION_FILE
    };
    assert(id < REGION_COUNT);
    return files[id];
}

void flash_regions_mount(const struct flash_region *region)
{
    struct flash_region_list *list = &flash_regions;
    assert(region->id < REGION_COUNT);
    assert(list->count == 0 || list->items[list->count - 1].id < region->id);
    list->items[list->count++] = *region;
    assert(flash_regions_check() == NULL);
}

void flash_regions_unmount(enum flash_region_id first)
{
    struct flash_region_list *list = &flash_regions;
    while (list->count > 0 && list->items[list->count - 1].id >= first)
        list->count--;
}

static const char *check_region(const struct flash_region *region)
{
    if (region->begin >= region->end || !IN_WINDOW(region->begin) || !IN_WINDOW(region->end - 1))
        return "region out of the window";
    if (region->slot_count == 0 || (region->slot_count & (region->slot_count - 1)) != 0)
        return "number of string slots of a region";
    if (region->slot_count > WINDOW_BYTES / 4 ||
        !is_inside(region, region->slots_addr, 4 * region->slot_count))
        return "string slots out of their region";
    if (region->index_addr != 0 && !is_inside(region, region->index_addr, sizeof(struct lfs_proto)))
        return "index function out of its region";
    return NULL;
}

const char *flash_regions_check(void)
{
    const struct flash_region_list *list = &flash_regions;
    if (list->count > REGION_COUNT)
        return "number of regions";
    for (uint32_t i = 0; i < list->count; i++) {
        const struct flash_region *region = &list->items[i];
        const char *fault = check_region(region);
        if (fault)
            return fault;
        if (i > 0 && region[-1].id >= region->id)
            return "order of regions";
        for (uint32_t k = 0; k < i; k++)
            if (region->begin < list->items[k].end && list->items[k].begin < region->end)
                return "regions that overlap";
    }
    return NULL;
}
