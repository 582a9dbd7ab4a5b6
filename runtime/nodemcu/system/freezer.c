// freezer.c: the module `freezer`: functions move into flash.
//
// Reads and writes: the freezer (runtime/freezer). Memory: none.
// Source: the freezer of NodeMCU's branch readonly-code: names, results, options, the four numbers
// of info. Differences: runtime/freezer/README.md.

#include "runtime/freezer/freezer.h"

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/gc.h"
#include "runtime/flash/regions.h"
#include "runtime/freezer/function.h"
#include "runtime/freezer/table.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/freezer.h"
#include "runtime/probe/probe.h"

// Can it be frozen, or is it returned as it is?
int freezer_may_freeze(const struct value *v)
{
    return VALUE_BASE(v) == LUA_TFUNCTION || VALUE_HAS_TABLE(v);
}

int freezer_push_why(lua_State *L, const struct freezer_result *result)
{
    if (result->status == STATUS_OK)
        return 0;
    const char *words = status_name(result->status);
    lua_pushstring(L, result->status == STATUS_USAGE && result->why[0] ? result->why : words);
    return 1;
}

int freezer_has_option(lua_State *L, int idx, const char *name)
{
    if (lua_isnoneornil(L, idx))
        return 0;
    luaL_checktype(L, idx, LUA_TTABLE);
    lua_getfield(L, idx, name);
    int is_set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_set;
}

// freezer.freeze(value [, {at_exit = true, overlay = true}]): the same value and, for a function or
// table, the bytes of RAM that it has saved; then why, if something is in the way. at_exit:
// userdata in tables stay in RAM, reachable as before, until the state ends, when they are
// finalized. overlay: what is written to the table goes to RAM.
static int freezer_freeze_one(lua_State *L)
{
    struct freezer_result result;
    luaL_checkany(L, 1);
    int at_exit = freezer_has_option(L, 2, "at_exit"),
        has_overlay = freezer_has_option(L, 2, "overlay");
    lua_settop(L, 1);
    if (!freezer_may_freeze(DEREF(L->base)))
        return 1;
    freezer_collect_islands(L, 1, at_exit);
    if (has_overlay)
        freezer_add_overlay(L, 1);
    freezer.keeps_userdata = at_exit;
    freezer_freeze(L, DEREF(L->base), 1, &result);
    freezer.keeps_userdata = 0;
    freezer_settle_islands(L);
    lua_pushinteger(L, (lua_Integer)result.saved);
    return 2 + freezer_push_why(L, &result);
}

// freezer.freeze_all{value ...}: the same table and the bytes saved, by one walk over the heap.
static int freezer_freeze_all(lua_State *L)
{
    struct freezer_result result;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    int count = (int)lua_objlen(L, 1);
    luaL_checkstack(L, count + LUA_MINSTACK, "too many values to freeze");
    for (int i = 1; i <= count; i++)
        lua_rawgeti(L, 1, i);
    freezer_collect_islands(L, count, 0);
    freezer_freeze(L, DEREF(L->base) + 1, count, &result);
    freezer_settle_islands(L);
    lua_settop(L, 1);
    lua_pushinteger(L, (lua_Integer)result.saved);
    return 2 + freezer_push_why(L, &result);
}

// freezer.defrost(): everything is gone after the next restart.
static int freezer_defrost_all(lua_State *L)
{
    if (freezer_defrost() == STATUS_IO)
        return luaL_error(L, "flash write failed");
    return 0;
}

// freezer.compact(): the space of modules that were dropped is given back at the next restart, also
// if it is little. True, or false if there is none.
static int freezer_compact_next(lua_State *L)
{
    int wanted = freezer_compact();
    if (wanted < 0)
        return luaL_error(L, "flash write failed");
    lua_pushboolean(L, wanted);
    return 1;
}

static void set_count(lua_State *L, const char *name, uint32_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

// Pushes what is known of the area: blocks and bytes by kind, and what waits.
static void push_details(lua_State *L)
{
    static const char *const kinds[] = {
        [FREEZER_STRING] = "strings", [FREEZER_FUNCTION] = "functions",
        [FREEZER_MODULE] = "modules", [FREEZER_TABLE] = "tables",
        [FREEZER_GROUP] = "groups",
    };
    const struct freezer_area *area = &freezer.area;
    struct {
        uint32_t count, bytes;
    } blocks[FREEZER_KIND_END] = {{0}};
    for (uint32_t at = 0; area->is_open && (at = freezer_area_next(area, at)) != 0;) {
        const struct freezer_block *block = freezer_area_block(area, at);
        enum freezer_kind kind = freezer_block_kind(block);
        blocks[kind].count++;
        blocks[kind].bytes += freezer_block_bytes(kind, block->bytes);
    }
    lua_createtable(L, 0, 19);
    for (int kind = FREEZER_STRING; kind < FREEZER_KIND_END; kind++) {
        lua_createtable(L, 0, 2);
        set_count(L, "count", blocks[kind].count);
        set_count(L, "bytes", blocks[kind].bytes);
        lua_setfield(L, -2, kinds[kind]);
    }
    set_count(L, "free", area->is_open ? area->limit - area->end : 0);
    set_count(L, "slots", area->bytes ? freezer_slot_count(area->bytes) : 0);
    set_count(L, "slots_used", area->slots_used);
    set_count(L, "reserve", area->bytes - area->limit);
    set_count(L, "reclaimed", freezer.reclaimed);
    set_count(L, "bad", area->bad_blocks);
    set_count(L, "freezes", freezer.freezes);
    set_count(L, "saved", freezer.saved);
    set_count(L, "ledger", freezer.ledger_fell);
    set_count(L, "heap", freezer.heap_fell);
    set_count(L, "running", freezer.pinned);
    set_count(L, "held", freezer.left_behind);
    lua_pushboolean(L, freezer.is_refused);
    lua_setfield(L, -2, "refused");
}

// freezer.info([details]): flags (bit 0: kept at the next start; bit 1: erased at this one), bytes
// used, bytes of the area, 1 if it is sound; a table of details, if they are wanted.
static int freezer_info(lua_State *L)
{
    const struct freezer_area *area = &freezer.area;
    int wants_details = lua_toboolean(L, 1);
    lua_pushinteger(L, (lua_Integer)((area->flags | ~FREEZER_FLAG_BITS) & 0xFF));
    lua_pushinteger(L, (lua_Integer)(area->is_open ? area->end : 0));
    lua_pushinteger(L, (lua_Integer)area->bytes);
    lua_pushinteger(L, area->is_open ? area->bad_blocks == 0 : area->device != NULL);
    if (wants_details)
        push_details(L);
    return 4 + wants_details;
}

// freezer.opts(mask): which kinds may be frozen. Result: the mask before.
static int freezer_opts(lua_State *L)
{
    uint32_t old = freezer.options;
    if (!lua_isnoneornil(L, 1))
        freezer.options = (uint32_t)luaL_checkinteger(L, 1);
    lua_pushinteger(L, (lua_Integer)old);
    return 1;
}

// freezer.verify(): true, or nil and what is wrong where.
static int freezer_prove(lua_State *L)
{
    uint32_t off;
    const char *fault = freezer_verify(&off);
    if (!fault) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "%s at offset %d", fault, (int)off);
    return 2;
}

// ---- looking ahead and back ----

// freezer.plan(value): what freezing it would do; nothing is written. `time_us`: device time that
// the flash takes. nil for what does not freeze.
static int freezer_plan_one(lua_State *L)
{
    struct freezer_result result;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (!freezer_may_freeze(DEREF(L->base)))
        return 0;
    freezer_plan(L, DEREF(L->base), 1, &result);
    struct freezer_cost cost = freezer_cost_of(&result);
    lua_createtable(L, 0, 9);
    set_count(L, "erases", cost.erases);
    set_count(L, "time_us", cost.us);
    set_count(L, "flash", result.written);
    set_count(L, "saved", result.saved);
    set_count(L, "blocks", result.blocks);
    set_count(L, "found", result.found);
    set_count(L, "kept", result.in_ram);
    set_count(L, "closures", result.closures);
    set_count(L, "programs", result.written / 4 + 2 * result.blocks);
    if (freezer_push_why(L, &result))
        lua_setfield(L, -2, "why");
    return 1;
}

static const char *place_of(const void *object)
{
    const struct flash_region *region = IN_WINDOW(object) ? flash_region_at(ADDR32(object)) : NULL;
    if (region == NULL)
        return NULL;
    return region->id == REGION_FREEZER ? "freezer" : "lfs";
}

static int has_frozen_part(const struct proto *p)
{
    for (int32_t i = 0; i < p->proto_count; i++) {
        const struct proto *inner = DEREF(DEREF(p->protos)[i]);
        if (IN_WINDOW(inner) || has_frozen_part(inner))
            return 1;
    }
    return 0;
}

// freezer.isfrozen(value): "freezer", "lfs", "mixed" (a function in RAM with one in flash inside),
// else false.
static int freezer_isfrozen(lua_State *L)
{
    luaL_checkany(L, 1);
    const struct value *v = DEREF(L->base);
    const char *place = NULL;
    if (VALUE_IS_STRING(v)) {
        place = place_of(VALUE_STRING(v));
    } else if (VALUE_IS_FROZEN_TABLE(v)) {
        place = "freezer";
    } else if (VALUE_IS_CLOSURE(v) && !CLOSURE_IS_C(VALUE_CLOSURE(v))) {
        const struct proto *p = DEREF(VALUE_LUA_CLOSURE(v)->proto);
        place = place_of(p);
        if (!place && !IN_WINDOW(p) && has_frozen_part(p))
            place = "mixed";
    }
    if (place)
        lua_pushstring(L, place);
    else
        lua_pushboolean(L, 0);
    return 1;
}

// Bytecode goes into a block of its own: joined strings may be no longer than the collector's
// limit.
struct dumped {
    char *text; // NULL: it is only counted
    size_t bytes;
};

static int write_piece(lua_State *L, const void *piece, size_t bytes, void *data)
{
    struct dumped *dumped = data;
    (void)L;
    if (dumped->text)
        memcpy(dumped->text + dumped->bytes, piece, bytes);
    dumped->bytes += bytes;
    return 0;
}

// Pushes a function like the one at 1, with its code in RAM.
static int thaw_function(lua_State *L)
{
    struct dumped dumped = {NULL, 0};
    const struct value *v = DEREF(L->base);
    if (!VALUE_IS_CLOSURE(v) || CLOSURE_IS_C(VALUE_CLOSURE(v)) ||
        !IN_WINDOW(DEREF(VALUE_LUA_CLOSURE(v)->proto)))
        return 1;
    if (lua_dumpstrip(L, write_piece, &dumped, 0) != 0)
        return luaL_error(L, "cannot be thawed");
    dumped.text = lua_newuserdata(L, dumped.bytes);
    dumped.bytes = 0;
    lua_pushvalue(L, 1);
    (void)!lua_dumpstrip(L, write_piece, &dumped, 0);
    void (*loaded)(lua_State *) = call_loaded;
    call_loaded = NULL; // it would be frozen again
    int status = luaL_loadbuffer(L, dumped.text, dumped.bytes, "=thawed");
    call_loaded = loaded;
    if (status != LUA_OK)
        return lua_error(L);
    const struct lua_closure *from = VALUE_LUA_CLOSURE(DEREF(L->base));
    struct lua_closure *to = VALUE_LUA_CLOSURE(TOP(L) - 1);
    PROBE_THAW(L, from->proto.addr, to->proto.addr, frozen_function_ram(DEREF(to->proto)),
               KIND_PROTO);
    REF_SET(to->environment, closure_environment(L, from));
    GC_BARRIER_OBJECT(L, to, DEREF(to->environment));
    for (int i = 0; i < CLOSURE_UPVALUES(from); i++) {
        REF_COPY(to->upvalues[i], from->upvalues[i]);
        GC_BARRIER_OBJECT(L, to, DEREF(to->upvalues[i]));
    }
    return 1;
}

// Pushes a copy of the frozen table at the top, in its place; 2 has those that were made already.
static void thaw_table(lua_State *L)
{
    luaL_checkstack(L, 8, "too many nested tables");
    lua_pushvalue(L, -1);
    lua_rawget(L, 2);
    if (!lua_isnil(L, -1)) {
        lua_replace(L, -2);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L); // frozen, copy
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    lua_pushnil(L);
    while (lua_next(L, -3)) { // frozen, copy, key, value
        if (VALUE_IS_FROZEN_TABLE(TOP(L) - 1))
            thaw_table(L);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    PROBE_THAW(L, (TOP(L) - 2)->as.pointer, (TOP(L) - 1)->as.pointer,
               frozen_table_ram(VALUE_TABLE(TOP(L) - 1)), KIND_TABLE);
    if (lua_getmetatable(L, -2)) {
        if (VALUE_IS_FROZEN_TABLE(TOP(L) - 1))
            thaw_table(L);
        lua_setmetatable(L, -2);
    }
    lua_replace(L, -2);
}

// freezer.thaw(value): of a function one with the same environment and upvalues whose code is in
// RAM; of a frozen table a copy that can be changed, with copies of the frozen tables in it. Texts
// stay where they are. Others are their own thaw.
static int freezer_thaw(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (!VALUE_IS_FROZEN_TABLE(DEREF(L->base)))
        return thaw_function(L);
    lua_newtable(L);
    lua_pushvalue(L, 1);
    thaw_table(L);
    return 1;
}

ROTABLE_BEGIN(freezer_lib)
    ROTABLE_FUNC("freeze", freezer_freeze_one)
    ROTABLE_FUNC("freeze_all", freezer_freeze_all)
    ROTABLE_FUNC("freeze_async", freezer_freeze_async)
    ROTABLE_FUNC("defrost", freezer_defrost_all)
    ROTABLE_FUNC("compact", freezer_compact_next)
    ROTABLE_FUNC("info", freezer_info)
    ROTABLE_FUNC("opts", freezer_opts)
    ROTABLE_FUNC("verify", freezer_prove)
    ROTABLE_FUNC("plan", freezer_plan_one)
    ROTABLE_FUNC("isfrozen", freezer_isfrozen)
    ROTABLE_FUNC("thaw", freezer_thaw)
    ROTABLE_FUNC("thawed", freezer_thawed)
    ROTABLE_FUNC("overlay", freezer_overlay)
    ROTABLE_FUNC("load", freezer_load)
    ROTABLE_FUNC("data", freezer_data)
    ROTABLE_FUNC("module", freezer_module)
    ROTABLE_FUNC("require", freezer_require)
    ROTABLE_FUNC("drop", freezer_drop)
    ROTABLE_FUNC("list", freezer_list)
ROTABLE_END(freezer_lib, NULL, 0)
