// gc_sweep.c: freeing what could not be reached, and giving the rest the current white.
//
// Reads and writes: the list of all objects, the string table, the lists of open upvalues.

#include "runtime/core/call.h"
#include "runtime/core/func.h"
#include "runtime/core/gc_parts.h"
#include "runtime/core/mem.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"

static void free_object(lua_State *L, struct object *o)
{
    GC_TALLY(freed);
#ifdef PROBE_HAS_PLACES
    if (gc_tally.is_always)
        probe_gc_freed(o);
#endif
    switch (o->tag_) {
    case LUA_TSTRING:
        str_free(L, (struct string *)o);
        break;
    case LUA_TTABLE:
        table_free(L, (struct table *)o);
        break;
    case LUA_TFUNCTION:
        func_free(L, (struct closure *)o);
        break;
    case LUA_TUSERDATA:
        MEM_FREE(L, o, sizeof(struct userdata) + ((struct userdata *)o)->bytes, KIND_USERDATA);
        break;
    case LUA_TTHREAD:
        state_thread_free(L, (struct lua_State *)o);
        break;
    case TAG_PROTO:
        func_free_proto(L, (struct proto *)o);
        break;
    default:
        func_free_upvalue(L, (struct upvalue *)o);
        break;
    }
}

// The link at an address.
#define LINK(addr) (*(uint32_t *)(uintptr_t)(addr))

static inline int is_kept(const struct global_state *g, const struct object *o, uint8_t dead)
{
    if (__builtin_expect(g->white & MARK_SUPER_FIXED, 0)) // closing: only the main thread stays
        return o->marked_ & MARK_SUPER_FIXED;
    return !(o->marked_ & dead) || (o->marked_ & MARK_FIXED);
}

uint32_t gc_sweep_objects(lua_State *L, uint32_t link, uint32_t count)
{
    struct global_state *g = GLOBAL(L);
    uint8_t dead = (uint8_t)(GC_OTHER_WHITE(g) & MARK_WHITES);
    uint8_t white = GC_CURRENT_WHITE(g);
    for (; LINK(link) != 0 && count > 0; count--) {
        struct object *o = (struct object *)(uintptr_t)LINK(link);
        if (__builtin_expect(o->tag_ == LUA_TTHREAD, 0))
            gc_sweep_objects(L, ADDR32(&((struct lua_State *)o)->open_upvalues), GC_SWEEP_ALL);
        if (is_kept(g, o, dead)) {
            o->marked_ = (uint8_t)((o->marked_ & ~(MARK_BLACK | MARK_WHITES)) | white);
            link = ADDR32(&o->next);
        } else {
            LINK(link) = o->next.addr;
            free_object(L, o);
        }
    }
    return link;
}

void gc_sweep_slot(lua_State *L, int32_t slot)
{
    uint32_t link = ADDR32(&DEREF(GLOBAL(L)->strings.slots)[slot]);
    gc_sweep_objects(L, link, GC_SWEEP_ALL);
}
