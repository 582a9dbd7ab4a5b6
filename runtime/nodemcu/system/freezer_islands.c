// freezer_islands.c: freezer.thawed, overlay: what of a frozen table stays in RAM.
//
// Reads and writes: the list of overlays (runtime/core/overlay.h) and the set of islands, which the
// registry holds. Memory: a table for each frozen table that has an overlay; nothing is allocated
// between the freeze and the moment when all is in its place.

#include "runtime/core/fast_path.h"
#include "runtime/core/meta.h"
#include "runtime/core/overlay.h"
#include "runtime/core/table.h"
#include "runtime/freezer/freezer.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/freezer.h"
#include "runtime/port/port.h"

#define LIST "freezer.overlays"
#define ISLANDS "freezer.islands"

// ---- the list of overlays ----

// Pushes it.
static void push_list(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LIST);
    if (lua_istable(L, -1) && overlay_list != 0)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, LIST);
    overlay_list = ADDR32(VALUE_TABLE(TOP(L) - 1));
}

// Items up to the first that is missing: where memory runs out, the last entry may lack its first.
static int count_items(lua_State *L)
{
    int n = 0;
    while (lua_rawgeti(L, -1, n + 1), !lua_isnil(L, -1)) {
        lua_pop(L, 1);
        n += OVERLAY_ITEMS;
    }
    lua_pop(L, 1);
    return n;
}

// Puts `count` values from the top on behind the item i of the list below them; the last first, so
// that an entry is there only when all of it is.
static void set_items(lua_State *L, int i, int count)
{
    while (count > 0) {
        lua_rawseti(L, -1 - count, i + count);
        count--;
    }
}

// Pushes the overlay of the table at idx, frozen or still to be; made if need be.
static void push_overlay(lua_State *L, int idx)
{
    lua_pushvalue(L, idx);
    push_list(L); // table, list
    int n = count_items(L);
    lua_Integer number = 0;
    for (int i = 1; i <= n; i += OVERLAY_ITEMS) {
        lua_rawgeti(L, -1, i + 2);
        lua_rawgeti(L, -2, i + 1);
        lua_rawgeti(L, -3, i); // table, list, number, overlay, entry
        if (lua_rawequal(L, -1, -5)) {
            lua_pop(L, 1);
            lua_replace(L, -4);
            lua_pop(L, 2);
            return;
        }
        number = lua_tointeger(L, -3) > number ? lua_tointeger(L, -3) : number;
        lua_pop(L, 3);
    }
    if (number == OVERLAY_NUMBER_MAX)
        luaL_error(L, "too many frozen tables with parts in RAM");
    lua_newtable(L); // table, list, overlay
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_pushvalue(L, -3);
    lua_pushinteger(L, number + 1);
    set_items(L, n, OVERLAY_ITEMS);
    lua_pop(L, 1);
    lua_replace(L, -3);
    lua_pop(L, 1);
    FAST_PATH_NEW_EPOCH(); // look-ups that are kept go past it
}

// Takes back what is not frozen after all.
static void clean_list(lua_State *L)
{
    push_list(L);
    int n = count_items(L) - OVERLAY_ITEMS;
    for (int i = n; i >= 0; i -= OVERLAY_ITEMS) {
        lua_rawgeti(L, -1, i + 1);
        int is_frozen = VALUE_IS_FROZEN_TABLE(TOP(L) - 1);
        lua_pop(L, 1);
        if (is_frozen)
            continue;
        for (int at = 1; at <= OVERLAY_ITEMS; at++)
            lua_rawgeti(L, -at, n + at);
        set_items(L, i, OVERLAY_ITEMS);
        for (int at = 0; at < OVERLAY_ITEMS; at++)
            lua_pushnil(L);
        set_items(L, n, OVERLAY_ITEMS);
        n -= OVERLAY_ITEMS;
    }
    lua_pop(L, 1);
}

// ---- islands ----

// Puts the value on top, which stays, into the set of islands. is_named: the program has said so;
// else it is a closure whose code may go.
static void add_island(lua_State *L, int is_named)
{
    lua_getfield(L, LUA_REGISTRYINDEX, ISLANDS);
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_newtable(L);
        lua_pushliteral(L, "k");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, ISLANDS);
    }
    overlay_islands = ADDR32(VALUE_TABLE(TOP(L) - 1));
    lua_pushvalue(L, -2);
    if (is_named)
        lua_pushboolean(L, 1);
    else
        lua_pushinteger(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

// freezer.thawed(value): it stays as it is in whatever table that holds it is frozen. The value.
int freezer_thawed(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    const struct value *v = DEREF(L->base);
    if (!VALUE_IS_TABLE(v) && !VALUE_IS_USERDATA(v) && !VALUE_IS_CLOSURE(v) && !VALUE_IS_THREAD(v))
        return luaL_argerror(L, 1, "a table, function, coroutine or userdata expected");
    add_island(L, 1);
    return 1;
}

// What a freeze is looked through for.
struct search {
    int seen; // place of the table of what was looked at in this pass
    int with_userdata;
    int has_found; // another closure that stays
};

static int is_island(const struct search *s, const struct value *v)
{
    return freezer_is_island(v) || (s->with_userdata && VALUE_IS_USERDATA(v));
}

// Can it hold others, and will it move?
static int holds_values(const struct value *v)
{
    return VALUE_IS_TABLE(v) ||
           (VALUE_IS_CLOSURE(v) && !CLOSURE_IS_C(VALUE_CLOSURE(v)) && !IN_WINDOW(VALUE_CLOSURE(v)));
}

static void collect(lua_State *L, struct search *s);

// Puts the islands in the table on top into its overlay.
static void collect_fields(lua_State *L, struct search *s)
{
    if (lua_getmetatable(L, -1)) {
        if (VALUE_IS_TABLE(TOP(L) - 1))
            collect(L, s);
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    while (lua_next(L, -2)) { // table, key, value
        if (is_island(s, TOP(L) - 1)) {
            push_overlay(L, lua_gettop(L) - 2);
            lua_pushvalue(L, -3);
            lua_pushvalue(L, -3);
            lua_rawset(L, -3);
            lua_pop(L, 1);
        } else if (holds_values(TOP(L) - 1)) {
            collect(L, s);
        }
        lua_pop(L, 1);
    }
}

// A frozen closure refers to nothing in RAM: one that holds an island stays, as an island itself.
static void collect_upvalues(lua_State *L, struct search *s)
{
    const struct lua_closure *c = VALUE_LUA_CLOSURE(TOP(L) - 1);
    for (int i = 0; i < CLOSURE_UPVALUES(c); i++) {
        const struct upvalue *u = DEREF(c->upvalues[i]);
        if (u == NULL)
            continue;
        lua_pushnil(L);
        *(TOP(L) - 1) = *DEREF(u->value); // lua_getupvalue gives nothing where names were stripped
        int stays = is_island(s, TOP(L) - 1);
        if (!stays && holds_values(TOP(L) - 1))
            collect(L, s);
        lua_pop(L, 1);
        if (!stays)
            continue;
        if (!freezer_is_island(TOP(L) - 1)) {
            add_island(L, 0);
            s->has_found = 1;
        }
        return;
    }
}

// Looks through the table or closure on top and all in it.
static void collect(lua_State *L, struct search *s)
{
    if (PORT_STACK_IS_SHORT() || !lua_checkstack(L, 8))
        luaL_error(L, "too many nested tables");
    lua_pushvalue(L, -1);
    lua_rawget(L, s->seen);
    int is_seen = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (is_seen)
        return;
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, s->seen);
    if (VALUE_IS_TABLE(TOP(L) - 1))
        collect_fields(L, s);
    else
        collect_upvalues(L, s);
}

// Those in the value on top.
static void collect_all(lua_State *L, int with_userdata)
{
    struct search s = {.with_userdata = with_userdata};
    // A function by itself stays in RAM, with its upvalues.
    int moves = VALUE_IS_TABLE(TOP(L) - 1) ||
                (holds_values(TOP(L) - 1) && (freezer.options & FREEZER_OPT_CLOSURES));
    s.has_found = moves;
    while (s.has_found) { // then what holds that closure may stay, too
        s.has_found = 0;
        lua_newtable(L);
        s.seen = lua_gettop(L);
        lua_pushvalue(L, -2);
        collect(L, &s);
        lua_pop(L, 2);
    }
}

void freezer_collect_islands(lua_State *L, int count, int with_userdata)
{
    int first = lua_gettop(L) - count + 1;
    freezer_settle_islands(L); // where memory ran out before
    if (overlay_islands == 0 && !with_userdata)
        return;
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, first + i);
        collect_all(L, with_userdata);
        lua_pop(L, 1);
    }
}

void freezer_settle_islands(lua_State *L)
{
    if (overlay_list != 0)
        clean_list(L);
}

// ---- overlays ----

void freezer_add_overlay(lua_State *L, int idx)
{
    if (!VALUE_HAS_TABLE(DEREF(L->base) + idx - 1))
        return;
    push_overlay(L, idx);
    lua_pop(L, 1);
}

// freezer.overlay(table): writes to the frozen table go to RAM from now on. The table.
int freezer_overlay(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (!VALUE_IS_FROZEN_TABLE(DEREF(L->base)))
        return luaL_argerror(L, 1, "a frozen table expected");
    push_overlay(L, 1);
    lua_settop(L, 1);
    return 1;
}
