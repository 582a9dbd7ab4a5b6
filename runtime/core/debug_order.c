// debug_order.c: which of the functions that begin on its line one in flash is (probe.h). Empty in
// plain builds.
//
// An image has no room for that, so the function is looked for as its source had it: from the main
// function of its module on, inner functions in their order. Only functions of the same source are
// looked at. Reads: images; whole words only, as flash gives them. Memory: none.

#include "runtime/probe/site.h"

#ifdef FROST_PROBED

#include "runtime/core/object.h"
#include "runtime/flash/regions.h"
#include "runtime/probe/probe.h"

#define VISITS_MAX 65536u // functions that share what is in them can be reached in many ways

struct search {
    const struct proto *wanted;
    struct probe_order order; // of the function looked at last
    uint32_t visits;
};

// Is it there, in or below p?
static int find_in(struct search *search, const struct proto *p)
{
    struct probe_order *order = &search->order;
    if (++search->visits > VISITS_MAX)
        return 0;
    order->nth = p->line_defined == order->line && order->nth ? order->nth + 1 : 1;
    order->line = p->line_defined;
    if (p == search->wanted)
        return 1;
    for (int32_t i = 0; i < p->proto_count; i++)
        if (find_in(search, DEREF(DEREF(p->protos)[i])))
            return 1;
    return 0;
}

unsigned probe_site_nth(const struct proto *p)
{
    const struct flash_region *region = flash_region_at(ADDR32(p));
    if (region && region->id == REGION_FREEZER)
        return ((const uint32_t *)(const void *)p)[1] >> 16 & TRACE_NTH_MAX;
    if (!region || region->index_addr == 0)
        return 0;
    const struct proto *index = (const struct proto *)(uintptr_t)region->index_addr;
    struct search search = {.wanted = p};
    for (int32_t i = 0; i < index->proto_count; i++) {
        const struct proto *module = DEREF(DEREF(index->protos)[i]);
        search.order = (struct probe_order){0};
        if (module->source.addr == p->source.addr && find_in(&search, module))
            return search.order.nth < TRACE_NTH_MAX ? search.order.nth : TRACE_NTH_MAX;
    }
    return 0;
}

#endif
