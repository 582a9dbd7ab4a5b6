// core_check_test.c: the checkers of strings and objects find what is broken, each by its own
// reason: in a sound state one field is changed, the checker asked, and the field put back.

#include "runtime/core/check.h"

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/str.h"
#include "runtime/flash/regions.h"
#include "tests/support/core_state.h"

#define HEAP_BYTES 0x20000u

// Changes `bytes` at `at` to `value` for a moment; the checker must say `want`.
static void damage(lua_State *L, void *at, size_t bytes, uint32_t value, const char *want,
                   const char *name)
{
    uint32_t was = 0;
    memcpy(&was, at, bytes);
    CHECK(memcmp(&was, &value, bytes) != 0);
    memcpy(at, &value, bytes);
    const char *got = check_all(L, 1);
    memcpy(at, &was, bytes);
    if (!got || strcmp(got, want) != 0)
        printf("# %s = %x:\n", name, (unsigned)value);
    CHECK_TEXT(got ? got : "sound", want);
    got = check_all(L, 1);
    CHECK_TEXT(got ? got : "sound", "sound");
}

#define DAMAGE(place, value, want)                                                                 \
    damage(L, &(place), sizeof(place), (uint32_t)(value), want, #place)

// ---- objects of every kind, reached from the stack ----

static struct objects {
    struct string *text, *other; // of one chain, `other` behind `text`
    struct table *table, *weak;
    struct lua_closure *lua;
    struct c_closure *c;
    struct userdata *userdata;
    struct lua_State *thread;
    struct upvalue *open, *closed;
    struct proto *proto, *outer; // of `lua`; of the coroutine, which has it and a string constant
} o;

static int do_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

static int yield_all(lua_State *L)
{
    return lua_yield(L, lua_gettop(L));
}

static struct string *push_text(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    return VALUE_STRING(TOP(L) - 1);
}

// Two texts of one length in one chain, of many that are pushed as a list.
static void find_texts(lua_State *L)
{
    const struct string_table *table = &GLOBAL(L)->strings;
    core_push_table(L, 64, 0);
    for (int i = 0; i < 64; i++) {
        lua_pushfstring(L, "text %d", 100 + i);
        lua_rawseti(L, -2, i + 1);
    }
    for (int32_t slot = 0; slot < table->slot_count; slot++)
        for (struct string *s = DEREF(DEREF(table->slots)[slot]); s && !REF_IS_NULL(s->next);
             s = (struct string *)DEREF(s->next)) {
            o.text = s;
            o.other = (struct string *)DEREF(s->next);
            if (o.text->bytes == 8 && o.other->bytes == 8)
                return;
        }
    CHECK(!"two texts of one chain");
}

static void make_objects(lua_State *L)
{
    lua_checkstack(L, 40);
    o.table = core_push_table(L, 2, 2);
    lua_pushliteral(L, "field");
    lua_setfield(L, -2, "name");
    lua_pushliteral(L, "item");
    lua_rawseti(L, -2, 1);
    o.weak = core_push_table(L, 0, 0);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    o.thread = lua_newthread(L);
    lua_State *co = o.thread;
    CHECK_EQUAL(luaL_loadstring(L, "local a, b, yield = 'constant', 2, ...\n"
                                   "yield(function() return a, b end)\n"),
                LUA_OK);
    lua_xmove(L, co, 1);
    lua_pushcfunction(co, yield_all);
    CHECK_EQUAL(lua_resume(co, 1), LUA_YIELD);
    o.lua = VALUE_LUA_CLOSURE(TOP(co) - 1);
    o.open = (struct upvalue *)DEREF(co->open_upvalues); // of b; a's is after it
    o.proto = DEREF(o.lua->proto);
    o.outer = DEREF(VALUE_LUA_CLOSURE(DEREF(DEREF(co->calls)[1].func))->proto);
    CHECK_EQUAL(luaL_loadstring(L, "local closed = {}; return function() return closed end"),
                LUA_OK);
    lua_call(L, 0, 1);
    o.closed = DEREF(VALUE_LUA_CLOSURE(TOP(L) - 1)->upvalues[0]);
    lua_newuserdata(L, 8);
    o.userdata = VALUE_USERDATA(TOP(L) - 1);
    lua_pushliteral(L, "upvalue");
    lua_pushcclosure(L, do_nothing, 1);
    o.c = VALUE_C_CLOSURE(TOP(L) - 1);
    find_texts(L);
}

static void each_object_is_damaged(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    struct object *table = (struct object *)o.table;
    uint32_t dead = GC_OTHER_WHITE(g) & MARK_WHITES, white = GC_CURRENT_WHITE(g);

    // strings
    DAMAGE(o.text->hash, o.text->hash + 1, "string with a wrong hash");
    DAMAGE(o.text->tag_, LUA_TTABLE, "string with a wrong tag");
    DAMAGE(o.text->bytes, o.text->bytes - 1, "string without a NUL");
    DAMAGE(o.text->next.addr, o.other->next.addr, "number of strings");
    DAMAGE(o.other->next.addr, ADDR32(o.text), "objects of more bytes than the ledger has");
    DAMAGE(g->strings.string_count, g->strings.string_count + 1, "number of strings");
    DAMAGE(g->strings.slot_count, 33, "number of string slots");
    DAMAGE(g->strings.slot_count, g->strings.slot_count / 2, "number of strings");
    DAMAGE(o.text->marked_, MARK_BLACK, "black string");
    DAMAGE(o.text->marked_, dead, "object that was swept is not white");
    DAMAGE(o.text->marked_, 0, "object that was swept is not white");

    char was[32];
    memcpy(was, o.other, sizeof(struct string) + 9);
    memcpy(&o.other->hash, &o.text->hash, sizeof(struct string) + 9 - 8);
    const char *got = check_strings(g);
    CHECK_TEXT(got ? got : "sound", "text that is there twice");
    memcpy(o.other, was, sizeof(struct string) + 9);

    // the list of objects and the ledger
    DAMAGE(g->total_bytes, g->total_bytes - 1, "objects of more bytes than the ledger has");
    DAMAGE(g->total_bytes, g->total_bytes + 1, "objects of fewer bytes than the ledger has");
    DAMAGE(g->objects.addr, DEREF(g->objects)->next.addr,
           "objects of fewer bytes than the ledger has");
    DAMAGE(g->objects.addr, 0, "the main thread is in no list");
    DAMAGE(table->next.addr, ADDR32(table), "objects of more bytes than the ledger has");
    DAMAGE(table->next.addr, WINDOW_ADDR, "object of flash in the list of objects");
    DAMAGE(table->tag_, TAG_DEAD_KEY, "object of an unknown type");
    DAMAGE(DEREF(g->main_thread)->next.addr, 0, "objects of fewer bytes than the ledger has");
    DAMAGE(o.userdata->tag_, TAG_UPVALUE,
           "userdata before the main thread or something else behind it");
    DAMAGE(o.closed->tag_, LUA_TUSERDATA,
           "userdata before the main thread or something else behind it");
    DAMAGE(g->finalizable.addr, ADDR32(o.userdata), "no userdata to be finalized in their list");
    DAMAGE(o.table->array_count, 1, "objects of fewer bytes than the ledger has");
    DAMAGE(o.table->array_count, 0, "list part of a table");
    DAMAGE(o.table->node_count_log2, o.table->node_count_log2 - 1,
           "objects of fewer bytes than the ledger has");
    DAMAGE(o.userdata->bytes, 9, "objects of more bytes than the ledger has");
    DAMAGE(o.c->upvalue_count, 0, "objects of fewer bytes than the ledger has");
    DAMAGE(o.proto->code_count, o.proto->code_count - 1,
           "objects of fewer bytes than the ledger has");
    DAMAGE(g->buffer.bytes, g->buffer.bytes + 1, "objects of more bytes than the ledger has");

    // colours between cycles
    DAMAGE(table->marked_, MARK_WHITES, "object of both whites");
    DAMAGE(table->marked_, white | MARK_BLACK, "object black and white");
    DAMAGE(table->marked_, MARK_BLACK, "object that was swept is not white");
    DAMAGE(table->marked_, 0, "object that was swept is not white");
    DAMAGE(o.open->marked_, 0, "object that was swept is not white");
    DAMAGE(o.open->marked_, MARK_BLACK, "open upvalue that is black");

    // upvalues and threads
    DAMAGE(o.closed->value.addr, ADDR32(DEREF(L->stack)), "open upvalue in the list of objects");
    DAMAGE(o.open->value.addr, ADDR32(DEREF(L->stack)),
           "open upvalue out of order or of another stack");
    DAMAGE(o.open->next.addr, ADDR32(o.open), "open upvalue out of order or of another stack");
    DAMAGE(o.open->tag_, LUA_TTABLE, "no upvalue among the open ones");
    DAMAGE(o.thread->open_upvalues.addr, o.open->next.addr,
           "open upvalue that is in no thread's list");
    DAMAGE(g->open_upvalues.u.open.next.addr, ADDR32(&g->open_upvalues),
           "ring of open upvalues is torn");
    DAMAGE(o.open->u.open.prev.addr, ADDR32(o.open), "ring of open upvalues is torn");
    DAMAGE(o.thread->top.addr, o.thread->stack.addr - 4, "top out of the stack");
    DAMAGE(o.thread->call.addr, o.thread->calls.addr - 4, "call out of the call records");
    DAMAGE(o.table->metatable.addr, WINDOW_ADDR + 4, "reference into flash where no region is");
}

static void run_between_cycles(lua_State *L)
{
    make_objects(L);
    gc_full(L, GC_REASON_REQUEST);
    CHECK_EQUAL(GLOBAL(L)->gc_phase, GC_PAUSE);
    each_object_is_damaged(L);
}

TEST(between_cycles_each_damage_has_its_reason)
{
    core_with_state(HEAP_BYTES, run_between_cycles);
}

// ---- while the collector marks ----

static int is_black(const void *object)
{
    return ((const struct object *)object)->marked_ & MARK_BLACK;
}

// Steps until everything that was made is marked, but the phase is not over.
static void mark_all_but_the_end(lua_State *L)
{
    struct global_state *g = GLOBAL(L);
    g->step_multiplier = 1;
    do
        gc_step(L);
    while (g->gc_phase == GC_PAUSE || (g->gc_phase == GC_PROPAGATE && !REF_IS_NULL(g->gray)));
    CHECK_EQUAL(g->gc_phase, GC_PROPAGATE);
}

// `target` is turned white while `owner`, which is black, refers to it.
static void whiten(lua_State *L, const void *owner, void *target, const char *name)
{
    struct object *t = target;
    CHECK(is_black(owner));
    damage(L, &t->marked_, 1, GC_CURRENT_WHITE(GLOBAL(L)), "black object refers to a white one",
           name);
}

static void run_marking(lua_State *L)
{
    make_objects(L);
    struct string *field = push_text(L, "field"), *name = push_text(L, "name");
    struct string *item = push_text(L, "item"), *upvalue = push_text(L, "upvalue");
    gc_full(L, GC_REASON_REQUEST);
    mark_all_but_the_end(L);
    struct global_state *g = GLOBAL(L);
    uint32_t dead = GC_OTHER_WHITE(g) & MARK_WHITES;

    whiten(L, o.table, field, "value of a table");
    whiten(L, o.table, name, "key of a table");
    whiten(L, o.table, item, "element of a table");
    whiten(L, o.c, upvalue, "upvalue of a C closure");
    whiten(L, o.closed, VALUE_OBJECT(&o.closed->u.closed), "value of an upvalue");
    whiten(L, o.lua, o.proto, "function of a closure");
    whiten(L, o.proto, DEREF(o.proto->source), "source of a function");
    whiten(L, o.lua, o.open, "upvalue of a closure");
    whiten(L, o.outer, str_find(L, "constant", 8), "constant of a function");
    // Strings are gray when they are marked, tables and the like stand in a list until they are
    // black.
    DAMAGE(o.table->marked_, 0, "gray object that is in no gray list");
    DAMAGE(o.c->marked_, 0, "gray object that is in no gray list");
    DAMAGE(o.table->marked_, dead, "dead object while marking");
    DAMAGE(o.thread->marked_, MARK_BLACK, "black thread");
    DAMAGE(g->gray_again.addr, 0, "gray object that is in no gray list");
    DAMAGE(g->gray.addr, ADDR32(o.table), "object of a gray list is not gray");
    DAMAGE(g->gray.addr, g->gray_again.addr, "gray list with a loop, or an object in two of them");
    CHECK(DEREF(g->weak) == (struct object *)o.weak);
    DAMAGE(g->weak.addr, 0, "gray object that is in no gray list");
    // A barrier is what keeps the invariant: without it the new reference is found.
    g->threshold = UINT32_MAX; // no step now
    lua_newtable(L);
    struct value *place = DEREF(o.table->array), was = *place;
    *place = TOP(L)[-1];
    const char *got = check_objects(L, 1);
    CHECK_TEXT(got ? got : "sound", "black object refers to a white one");
    gc_barrier_back(L, o.table);
    got = check_objects(L, 1);
    CHECK_TEXT(got ? got : "sound", "sound");
    *place = was;
}

TEST(while_marking_no_black_object_refers_to_a_white_one)
{
    core_with_state(HEAP_BYTES, run_marking);
}

// ---- while the collector sweeps ----

static void run_sweeping(lua_State *L)
{
    make_objects(L);
    for (int i = 0; i < 200; i++) // garbage, so that the sweep takes several steps
        lua_newtable(L), lua_pop(L, 1);
    struct object *made = (struct object *)core_push_table(L, 0, 0);
    gc_full(L, GC_REASON_REQUEST);
    mark_all_but_the_end(L);
    struct global_state *g = GLOBAL(L);
    while (g->gc_phase != GC_SWEEP_STRINGS)
        gc_step(L);
    uint32_t dead = GC_OTHER_WHITE(g) & MARK_WHITES;
    CHECK(is_black(o.table));
    DAMAGE(o.table->marked_, dead, "reference to a dead object");
    DAMAGE(o.proto->marked_, dead, "reference to a dead object");
    DAMAGE(o.closed->marked_, dead, "reference to a dead object");
    while (g->gc_phase == GC_SWEEP_STRINGS)
        gc_step(L);
    CHECK_EQUAL(g->gc_phase, GC_SWEEP);
    struct object *first = DEREF(g->objects);
    CHECK(first == made);
    if (g->sweep_link != ADDR32(&g->objects)) // swept
        DAMAGE(first->marked_, MARK_BLACK, "object that was swept is not white");
    g->sweep_link = ADDR32(&g->objects);
}

TEST(while_sweeping_nothing_that_lives_refers_to_a_dead_object)
{
    core_with_state(HEAP_BYTES, run_sweeping);
}

// ---- flash ----

static void run_flash(lua_State *L)
{
    struct string *s = push_text(L, "in flash later");
    memcpy((void *)(uintptr_t)(WINDOW_ADDR + 4), s, sizeof *s + s->bytes + 1);
    uint32_t *slot = (uint32_t *)(uintptr_t)WINDOW_ADDR;
    ((struct string *)(void *)(slot + 1))->next.addr = 0;
    *slot = WINDOW_ADDR + 4;
    const struct flash_region region = {
        .begin = WINDOW_ADDR, .end = WINDOW_ADDR + 64, .slots_addr = WINDOW_ADDR, .slot_count = 1};
    flash_regions_mount(&region);
    const char *got = check_all(L, 1);
    CHECK_TEXT(got ? got : "sound", "text that flash has too");
    // A string of flash has no white bit, and no chain of the RAM table leads there.
    GLOBAL(L)->strings.string_count--;
    uint32_t *chain = &DEREF(GLOBAL(L)->strings.slots)[s->hash % 32].addr, was = *chain;
    CHECK_EQUAL(GLOBAL(L)->strings.slot_count, 32);
    *chain = WINDOW_ADDR + 4;
    got = check_strings(GLOBAL(L));
    CHECK_TEXT(got ? got : "sound", "string of flash in the RAM table");
    *chain = was;
    GLOBAL(L)->strings.string_count++;
    struct table *t = core_push_table(L, 0, 0);
    t->metatable.addr = WINDOW_ADDR + 4; // any object of flash
    got = check_objects(L, 1);
    CHECK_TEXT(got ? got : "sound", "white object in flash");
    ((struct string *)(void *)(slot + 1))->marked_ = MARK_FLASH;
    got = check_objects(L, 1);
    CHECK_TEXT(got ? got : "sound", "sound");
    REF_NULL(t->metatable);
    flash_regions.items[0].end = WINDOW_ADDR;
    got = check_all(L, 1);
    CHECK_TEXT(got ? got : "sound", "region out of the window");
    flash_regions_unmount(REGION_LFS);
}

TEST(no_text_is_in_ram_and_in_flash)
{
    core_with_state(HEAP_BYTES, run_flash);
}

TEST_MAIN
