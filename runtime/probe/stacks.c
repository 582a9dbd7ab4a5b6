// stacks.c: ids of sites with their callers.
//
// Between two events most callers are the same ones at the same instructions: these are compared
// and looked up no more. Callers are counted from the outermost, so that what lies deeper than the
// limit comes together with the last one that is kept, and a recursion has no more stacks than its
// frames. Memory: that of the sites, whose ids stacks share.

#include "runtime/probe/writer.h"

static int is_where_it_was(const struct stack_frame *frame, const struct probe_site *site,
                           uint32_t proto)
{
    return frame->proto == proto && frame->pc == site->pc && frame->c_function == site->c_function;
}

// The stack of a frame that was called at the stack `caller`, 0 for the outermost.
static uint16_t enter_frame(struct lua_State *L, const struct probe_site *site, uint16_t caller)
{
    uint16_t id = sites_plain_id(L, site);
    if (id == 0) // left out
        return caller;
    return caller ? sites_stack_id(id, caller) : id;
}

uint16_t stacks_id(struct lua_State *L, uint16_t site)
{
    struct stack_memory *last = &probe_writer.sites.stack;
    struct probe_site callers[STACK_FRAMES_MAX];
    uint16_t caller = 0;
    probe_writer.is_busy++;
    int count = probe_site_callers(L, callers, (int)probe_writer.stack_depth);
    probe_writer.is_busy--;
    for (unsigned i = 0; i < (unsigned)count; i++) {
        uint32_t proto = sites_proto_number(callers[i].proto);
        struct stack_frame *frame = &last->frames[i];
        if (i >= last->count || !is_where_it_was(frame, &callers[i], proto)) {
            *frame = (struct stack_frame){proto, callers[i].pc, callers[i].c_function,
                                          enter_frame(L, &callers[i], caller)};
            last->count = i + 1;
        }
        caller = frame->id;
    }
    return caller ? sites_stack_id(site, caller) : site;
}
