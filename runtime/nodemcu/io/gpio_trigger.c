// gpio_trigger.c: gpio.trig: pins that interrupt.
//
// Reads and writes: the pins; the queue of tasks. Memory: static, 32 bytes for each pin; a callback
// is a reference in the registry.
// Source: facts on NodeMCU 3.0. An interrupt counts, and posts a task of high priority unless one
// waits. Edges from before gpio.trig are of no matter. What comes while the callback runs makes it
// run again with the old level and the time at which it ended. A level interrupts again only when
// its callback has run. The mode INT prepares a pin for this, but a trigger that is set on an input
// of mode INPUT interrupts too.

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/gpio.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/tasks.h"

enum trigger_type { TYPE_NONE, TYPE_UP, TYPE_DOWN, TYPE_BOTH, TYPE_LOW, TYPE_HIGH };
static const char *const type_names[] = {"none", "up", "down", "both", "low", "high", NULL};

#define TIME_MASK 0x7FFFFFFFu

static struct trigger {
    uint64_t set_us;   // when gpio.trig was called
    uint64_t ended_us; // when the callback ended; 0: it has not run since then
    int32_t ref;       // of the callback
    uint32_t when_us;
    uint32_t count; // of interrupts since the last callback
    uint8_t type;   // enum trigger_type
    uint8_t level;
    uint8_t is_posted; // a task waits
} triggers[PINS_COUNT];

void gpio_trigger_reset(void)
{
    for (int pin = 0; pin < PINS_COUNT; pin++)
        triggers[pin] = (struct trigger){.ref = LUA_NOREF};
}

void gpio_trigger_drop(lua_State *L, unsigned pin)
{
    struct trigger *trigger = &triggers[pin];
    luaL_unref(L, LUA_REGISTRYINDEX, trigger->ref);
    trigger->ref = LUA_NOREF;
    trigger->count = 0;
    gpio_trigger_disable(pin);
}

void gpio_trigger_disable(unsigned pin)
{
    triggers[pin].type = TYPE_NONE;
}

static int is_input(unsigned pin)
{
    return pins_mode(pin) == PINS_INPUT || pins_mode(pin) == PINS_INTERRUPT;
}

static int is_level(const struct trigger *trigger)
{
    return trigger->type == TYPE_LOW || trigger->type == TYPE_HIGH;
}

// ---- interrupts ----

static void run_callback(lua_State *L, int pin);

static void interrupt(unsigned pin, int level, uint64_t at_us)
{
    struct trigger *trigger = &triggers[pin];
    trigger->count++;
    if (trigger->is_posted)
        return;
    if (at_us >= trigger->ended_us) { // else it came while the callback ran, which took its time
        trigger->level = (uint8_t)level;
        trigger->when_us = (uint32_t)at_us & TIME_MASK;
    }
    // If there is no room, the next interrupt tries again.
    trigger->is_posted = tasks_post_c(run_callback, (int)pin, TASKS_PRIORITIES - 1) == 0;
}

// A pin that is at its level already interrupts at once.
static void look_at_level(unsigned pin)
{
    struct trigger *trigger = &triggers[pin];
    if (!is_level(trigger) || trigger->is_posted || !is_input(pin))
        return;
    int level = pins_level(pin);
    if (level == (trigger->type == TYPE_HIGH))
        interrupt(pin, level, device_time_ask_us());
}

static void run_callback(lua_State *L, int pin)
{
    struct trigger *trigger = &triggers[pin];
    uint32_t count = trigger->count;
    trigger->is_posted = 0;
    if (trigger->ref == LUA_NOREF || count == 0) // it was taken back meanwhile
        return;
    trigger->count = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, trigger->ref);
    lua_pushinteger(L, trigger->level);
    lua_pushinteger(L, (lua_Integer)trigger->when_us);
    lua_pushinteger(L, (lua_Integer)(count & TIME_MASK));
    callback_call(L, 3, CALLBACK_PROTECTED);
    trigger->ended_us = device_time_us();
    trigger->when_us = (uint32_t)trigger->ended_us & TIME_MASK;
    look_at_level((unsigned)pin);
}

static int matches(const struct trigger *trigger, int level)
{
    switch (trigger->type) {
    case TYPE_UP:
        return level;
    case TYPE_DOWN:
        return !level;
    case TYPE_BOTH:
        return 1;
    default:
        return !trigger->is_posted && level == (trigger->type == TYPE_HIGH);
    }
}

// The device's time of an edge, of which 31 bits are known; it is not long ago.
static uint64_t time_of(const struct world_pin *edge)
{
    uint64_t now_us = device_time_us();
    uint32_t ago_us = ((uint32_t)now_us - edge->us) & TIME_MASK;
    return ago_us <= now_us && ago_us <= TIME_MASK / 2 ? now_us - ago_us : now_us;
}

void gpio_arrival(lua_State *L, const struct world_arrival *arrival)
{
    const struct world_pin *edge = arrival->data;
    unsigned pin = arrival->object;
    (void)L;
    if (pin >= PINS_COUNT || arrival->bytes != sizeof *edge || edge->op != WORLD_PIN_EDGE)
        return;
    int level = edge->level != 0;
    uint64_t at_us = time_of(edge);
    const struct trigger *trigger = &triggers[pin];
    if (trigger->type != TYPE_NONE && is_input(pin) && at_us >= trigger->set_us &&
        matches(trigger, level))
        interrupt(pin, level, at_us);
}

// ---- gpio.trig ----

// Takes the function at `arg` as the callback.
static void set_callback(lua_State *L, struct trigger *trigger, int arg)
{
    lua_pushvalue(L, arg);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    luaL_unref(L, LUA_REGISTRYINDEX, trigger->ref);
    trigger->ref = ref;
}

// gpio.trig(pin [, type [, callback]])
int gpio_trig(lua_State *L)
{
    int pin = luaL_checkint(L, 1);
    luaL_argcheck(L, pin > 0 && pin < PINS_COUNT, 1, "Invalid interrupt pin");
    struct trigger *trigger = &triggers[pin];
    int type = luaL_checkoption(L, 2, "none", type_names);
    if (type == TYPE_NONE) {
        gpio_trigger_drop(L, (unsigned)pin);
        return 0;
    }
    int keeps = lua_gettop(L) == 2 && trigger->ref != LUA_NOREF;
    if (lua_isfunction(L, 3)) {
        set_callback(L, trigger, 3);
    } else if (!keeps) {
        gpio_trigger_drop(L, (unsigned)pin);
        luaL_argerror(L, 3, "invalid callback type");
    }
    trigger->type = (uint8_t)type;
    trigger->count = 0;
    trigger->set_us = device_time_us();
    trigger->ended_us = 0;
    look_at_level((unsigned)pin);
    return 0;
}
