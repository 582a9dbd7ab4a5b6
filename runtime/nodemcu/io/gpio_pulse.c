// gpio_pulse.c: gpio.pulse: several pins, set step by step.
//
// Reads and writes: the pins; the hardware timer; the queue of tasks.
// Memory: a pulser is a userdata of the firmware's size; while it runs, references in the registry
//         keep it and its callback.
// Source: facts on NodeMCU 3.0; documentation of the firmware's module gpio.

#include <string.h>

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/gpio.h"
#include "runtime/nodemcu/io/hardware_timer.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/tasks.h"

#define META "gpio.pulse"
#define ENTRIES_MAX 100
#define DELAY_US_MAX 64000000
#define NO_LIMIT (-1)
#define STOP_NOWHERE (-1)
#define STOP_ANYWHERE (-2)
#define SHORT_US 3 // shorter ones are not worth a timer
#define TIME_MASK 0x7FFFFFFFu

struct entry {
    uint32_t sets, clears; // bits of pins
    int32_t delay_us, delay_us_min, delay_us_max;
    uint32_t count;      // of jumps to `loop`
    uint32_t count_left; // 0: not begun
    uint32_t loop;       // number of an entry, from 1; 0: goes on
};
_Static_assert(sizeof(struct entry) == 32, "the firmware's size of an entry");

struct pulser {
    uint32_t entry_count;
    uint32_t steps;
    uint32_t next;        // entry, from 0
    uint32_t active;      // the entry that is shown
    int32_t stop;         // entry at which it ends, or STOP_
    uint32_t end_us;      // when the next step is to come
    uint32_t wanted_us;   // when it should have come, had all delays been as given
    int32_t adjust_us;    // of the next delay that has limits
    int32_t function_ref; // the callback
    uint32_t is_over;     // its task waits
};
_Static_assert(sizeof(struct pulser) == 40, "the firmware's size of a pulser");

ROTABLE_EXTERN(gpio_pulse_meta);

static struct pulser *running; // or NULL
static int32_t running_ref = LUA_NOREF;

void gpio_pulse_reset(void)
{
    running = NULL;
    running_ref = LUA_NOREF;
}

static struct pulser *check_pulser(lua_State *L)
{
    struct pulser *pulser = luaL_checkudata(L, 1, META);
    hardware_timer_catch_up(L);
    return pulser;
}

static struct entry *entries(struct pulser *pulser)
{
    return (struct entry *)(pulser + 1);
}

static int push_state(lua_State *L, const struct pulser *pulser)
{
    uint32_t now = (uint32_t)device_time_ask_us() & TIME_MASK;
    if (pulser->active < pulser->entry_count)
        lua_pushinteger(L, (lua_Integer)pulser->active + 1);
    else
        lua_pushnil(L);
    lua_pushinteger(L, (lua_Integer)pulser->steps);
    lua_pushinteger(L, (int32_t)((pulser->end_us - now) << 1) >> 1); // 31 bits, signed
    lua_pushinteger(L, (lua_Integer)now);
    return 4;
}

// ---- one step after another ----

static void release(lua_State *L)
{
    luaL_unref(L, LUA_REGISTRYINDEX, running_ref);
    gpio_pulse_reset();
}

static void run_end(lua_State *L, int ref)
{
    struct pulser *pulser = running;
    (void)ref;
    if (!pulser || !pulser->is_over) // cancelled meanwhile
        return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, pulser->function_ref);
    int count = push_state(L, pulser);
    release(L);
    callback_call(L, count, CALLBACK_PROTECTED);
}

static void end(struct pulser *pulser)
{
    hardware_timer_release();
    pulser->is_over = 1;
    tasks_post_c(run_end, LUA_NOREF, 0);
}

static void show(const struct entry *entry, uint64_t now_us)
{
    for (unsigned pin = 0; pin < PINS_COUNT; pin++)
        if (entry->sets >> pin & 1)
            pins_write(pin, 1, now_us);
    for (unsigned pin = 0; pin < PINS_COUNT; pin++)
        if (entry->clears >> pin & 1)
            pins_write(pin, 0, now_us);
}

static void go_on(struct pulser *pulser, struct entry *entry)
{
    if (entry->loop && entry->count_left == 0)
        entry->count_left = entry->count + 1;
    if (entry->loop && --entry->count_left >= 1)
        pulser->next = entry->loop - 1;
    else
        pulser->next++;
}

// How long the entry lasts: a delay with limits makes up for what others took too long, and for
// what the program wants; what does not fit is left for the next one.
static int32_t delay_of(struct pulser *pulser, const struct entry *entry, uint32_t now)
{
    int32_t late_us = 0, delay_us = entry->delay_us;
    if (entry->delay_us_min != NO_LIMIT) {
        late_us = (int32_t)((now - pulser->wanted_us) << 1) >> 1;
        int32_t adjust_us = pulser->adjust_us;
        pulser->adjust_us = 0;
        delay_us += adjust_us - late_us;
        if (delay_us < entry->delay_us_min) {
            pulser->adjust_us = entry->delay_us - entry->delay_us_min + adjust_us;
            delay_us = entry->delay_us_min;
        } else if (delay_us > entry->delay_us_max) {
            pulser->adjust_us = entry->delay_us - entry->delay_us_max + adjust_us;
            delay_us = entry->delay_us_max;
        }
    }
    pulser->wanted_us += (uint32_t)(delay_us + late_us);
    return delay_us;
}

static void on_timer(lua_State *L, uint64_t now_us)
{
    struct pulser *pulser = running;
    int32_t delay_us;
    (void)L;
    do {
        pulser->active = pulser->next;
        pulser->steps++;
        if (pulser->next >= pulser->entry_count) {
            end(pulser);
            return;
        }
        struct entry *entry = entries(pulser) + pulser->next;
        show(entry, now_us);
        if (pulser->stop == STOP_ANYWHERE || pulser->stop == (int32_t)pulser->next) {
            end(pulser);
            return;
        }
        go_on(pulser, entry);
        delay_us = delay_of(pulser, entry, (uint32_t)now_us);
        now_us += (uint32_t)delay_us;
        pulser->end_us = (uint32_t)now_us & TIME_MASK;
    } while (delay_us < SHORT_US);
    hardware_timer_arm(now_us);
}

// ---- building ----

// The delay on top of the stack; `what` names it in the message.
static int32_t check_delay(lua_State *L, const char *what)
{
    int delay_us = luaL_checkint(L, -1);
    if (delay_us < 0 || delay_us > DELAY_US_MAX)
        luaL_error(L, "%s of %d must be in the range 0 .. 64000000 microseconds", what, delay_us);
    return delay_us;
}

static void set_pin(lua_State *L, struct entry *entry)
{
    int pin = luaL_checkint(L, -2), level = luaL_checkint(L, -1);
    if (pin < 0 || pin >= PINS_COUNT)
        luaL_error(L, "pin number %d must be in range 0 .. %d", pin, PINS_COUNT - 1);
    entry->sets &= ~(1u << pin);
    entry->clears &= ~(1u << pin);
    *(level ? &entry->sets : &entry->clears) |= 1u << pin;
}

static void set_field(lua_State *L, struct entry *entry)
{
    const char *key = luaL_checkstring(L, -2);
    if (strcmp(key, "delay") == 0)
        entry->delay_us = check_delay(L, "delay");
    else if (strcmp(key, "min") == 0)
        entry->delay_us_min = check_delay(L, "delay minimum");
    else if (strcmp(key, "max") == 0)
        entry->delay_us_max = check_delay(L, "delay maximum");
    else if (strcmp(key, "count") == 0)
        entry->count = (uint32_t)luaL_checkint(L, -1);
    else if (strcmp(key, "loop") == 0)
        entry->loop = (uint16_t)luaL_checkint(L, -1);
    else
        luaL_error(L, "Unrecognized key found: %s", key);
}

// Reads the table on top of the stack and takes it.
static void read_entry(lua_State *L, struct entry *entry)
{
    if (!lua_istable(L, -1))
        luaL_error(L, "All entries must be tables");
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TNUMBER)
            set_pin(L, entry);
        else
            set_field(L, entry);
    }
    if (entry->delay_us_min != NO_LIMIT || entry->delay_us_max != NO_LIMIT) {
        if (entry->delay_us_min == NO_LIMIT)
            entry->delay_us_min = 0;
        if (entry->delay_us_min > entry->delay_us || entry->delay_us_max < entry->delay_us)
            luaL_error(L, "Delay of %d must be between min and max", (int)entry->delay_us);
    }
    lua_pop(L, 1);
}

// gpio.pulse.build(entries)
static int pulse_build(lua_State *L)
{
    luaL_checktable(L, 1);
    int count = (int)lua_objlen(L, 1);
    if (count > ENTRIES_MAX)
        return luaL_error(L, "table is too large: %d entries is more than %d", count, ENTRIES_MAX);
    size_t bytes = sizeof(struct pulser) + (size_t)count * sizeof(struct entry);
    struct pulser *pulser = lua_newuserdata(L, bytes);
    memset(pulser, 0, bytes);
    pulser->entry_count = (uint32_t)count;
    pulser->function_ref = LUA_NOREF;
    luaL_rometatable(L, META, &gpio_pulse_meta);
    lua_setmetatable(L, -2);
    for (int i = 0; i < count; i++) {
        struct entry *entry = entries(pulser) + i;
        entry->delay_us_min = entry->delay_us_max = NO_LIMIT;
        lua_rawgeti(L, 1, i + 1);
        read_entry(L, entry);
    }
    return 1;
}

// ---- methods ----

// A reference to the function at `arg`.
static int32_t check_callback(lua_State *L, int arg)
{
    if (!lua_isfunction(L, arg))
        luaL_error(L, "missing callback");
    lua_pushvalue(L, arg);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static void set_callback(lua_State *L, struct pulser *pulser, int arg)
{
    int32_t ref = check_callback(L, arg);
    luaL_unref(L, LUA_REGISTRYINDEX, pulser->function_ref);
    pulser->function_ref = ref;
}

static void begin(lua_State *L, struct pulser *pulser, int32_t adjust_us)
{
    lua_pushvalue(L, 1);
    running_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    running = pulser;
    for (uint32_t i = 0; i < pulser->entry_count; i++)
        entries(pulser)[i].count_left = 0;
    uint64_t now_us = device_time_us();
    pulser->next = pulser->active = pulser->steps = pulser->is_over = 0;
    pulser->stop = STOP_NOWHERE;
    pulser->adjust_us = adjust_us;
    pulser->end_us = pulser->wanted_us = (uint32_t)now_us & TIME_MASK;
    hardware_timer_take(on_timer);
    on_timer(L, now_us);
}

// pulser:start([adjust_us,] callback)
static int pulse_start(lua_State *L)
{
    struct pulser *pulser = check_pulser(L);
    int has_adjust = lua_type(L, 2) == LUA_TNUMBER;
    if (running)
        return luaL_error(L, "pulse operation already in progress");
    int32_t adjust_us = has_adjust ? luaL_checkint(L, 2) : 0;
    if (!hardware_timer_is_free())
        return luaL_error(L, "Unable to initialize timer");
    set_callback(L, pulser, has_adjust ? 3 : 2);
    begin(L, pulser, adjust_us);
    return 0;
}

// pulser:stop([position,] callback): true, nothing if it does not run.
static int pulse_stop(lua_State *L)
{
    struct pulser *pulser = check_pulser(L);
    int has_position = lua_type(L, 2) == LUA_TNUMBER;
    int position = has_position ? luaL_checkint(L, 2) : STOP_ANYWHERE;
    if (pulser != running)
        return 0;
    if (position != STOP_ANYWHERE && (position < 1 || position > (int)pulser->entry_count))
        return luaL_error(L, "bad stop position: %d (valid range 1 - %d)", position,
                          (int)pulser->entry_count);
    set_callback(L, pulser, has_position ? 3 : 2);
    pulser->stop = position == STOP_ANYWHERE ? STOP_ANYWHERE : position - 1;
    lua_pushboolean(L, 1);
    return 1;
}

static int pulse_getstate(lua_State *L)
{
    return push_state(L, check_pulser(L));
}

static int pulse_cancel(lua_State *L)
{
    struct pulser *pulser = check_pulser(L);
    if (pulser != running)
        return 0;
    if (!pulser->is_over)
        hardware_timer_release();
    int count = push_state(L, pulser);
    release(L);
    return count;
}

// pulser:adjust(us): of the next delay that has limits.
static int pulse_adjust(lua_State *L)
{
    struct pulser *pulser = check_pulser(L);
    if (pulser != running)
        return 0;
    pulser->adjust_us = luaL_checkint(L, 2);
    return push_state(L, pulser);
}

// pulser:update(position, entry): the fields that are given.
static int pulse_update(lua_State *L)
{
    struct pulser *pulser = check_pulser(L);
    int position = luaL_checkint(L, 2);
    if (position < 1 || position > (int)pulser->entry_count)
        return luaL_error(L, "entry number must be in range 1 .. %d", (int)pulser->entry_count);
    struct entry *entry = entries(pulser) + position - 1;
    struct entry changed = *entry;
    lua_settop(L, 3);
    read_entry(L, &changed);
    *entry = changed;
    return 0;
}

static int pulse_collect(lua_State *L)
{
    struct pulser *pulser = luaL_checkudata(L, 1, META);
    if (pulser == running)
        return 0;
    luaL_unref(L, LUA_REGISTRYINDEX, pulser->function_ref);
    pulser->function_ref = LUA_NOREF;
    return 0;
}

ROTABLE_BEGIN(gpio_pulse_meta)
    ROTABLE_FUNC("__gc", pulse_collect)
    ROTABLE_TABLE("__index", gpio_pulse_meta)
    ROTABLE_FUNC("start", pulse_start)
    ROTABLE_FUNC("stop", pulse_stop)
    ROTABLE_FUNC("getstate", pulse_getstate)
    ROTABLE_FUNC("cancel", pulse_cancel)
    ROTABLE_FUNC("adjust", pulse_adjust)
    ROTABLE_FUNC("update", pulse_update)
ROTABLE_END(gpio_pulse_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

ROTABLE_BEGIN(gpio_pulse_lib)
    ROTABLE_FUNC("build", pulse_build)
ROTABLE_END(gpio_pulse_lib, NULL, 0)
