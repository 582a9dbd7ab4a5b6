// gpio_serout.c: gpio.serout: a pin that toggles after each of a list of delays.
//
// Reads and writes: the pins; the hardware timer; the queue of tasks.
// Memory: 4 bytes of the Lua heap for each delay while it runs; a reference in the registry for the
//         function that is called at the end.
// Source: facts on NodeMCU 3.0.

#include "runtime/core/check.h"
#include "runtime/core/mem.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/io/gpio.h"
#include "runtime/nodemcu/io/hardware_timer.h"
#include "runtime/nodemcu/io/pins.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/tasks.h"

#define DELAYS_END 256

struct train {
    uint32_t *delays_us; // NULL: none
    uint32_t count;
    uint32_t repeats; // runs through the list after this one
    uint32_t next;    // delay
    uint8_t pin;
    uint8_t level; // of the next delay
};

static struct train background; // the one that the hardware timer runs
static int32_t end_ref = LUA_NOREF;

static size_t delay_bytes(const struct train *train)
{
    return train->delays_us ? train->count * sizeof *train->delays_us : 0;
}

void gpio_serout_reset(void)
{
    check_held(-(ptrdiff_t)delay_bytes(&background)); // it went with the heap
    background = (struct train){.delays_us = NULL};
    end_ref = LUA_NOREF;
}

static void free_delays(lua_State *L, struct train *train)
{
    check_held(-(ptrdiff_t)delay_bytes(train));
    MEM_FREE(L, train->delays_us, delay_bytes(train), KIND_BUFFER);
    train->delays_us = NULL;
}

// Shows the next level at that time: how long it lasts. False: there is none.
static int step(struct train *train, uint64_t at_us, uint32_t *delay_us)
{
    if (train->next == train->count) {
        if (train->repeats == 0 || train->count == 0)
            return 0;
        train->repeats--;
        train->next = 0;
    }
    pins_write(train->pin, train->level, at_us);
    train->level = !train->level;
    *delay_us = train->delays_us[train->next++];
    return 1;
}

// ---- by the hardware timer ----

static void run_end(lua_State *L, int ref)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    callback_call(L, 0, CALLBACK_PROTECTED);
}

static void on_timer(lua_State *L, uint64_t now_us)
{
    uint32_t delay_us;
    if (step(&background, now_us, &delay_us)) {
        hardware_timer_arm(now_us + delay_us);
        return;
    }
    hardware_timer_release();
    free_delays(L, &background);
    if (end_ref != LUA_NOREF && tasks_post_c(run_end, end_ref, 0) != 0)
        luaL_unref(L, LUA_REGISTRYINDEX, end_ref);
    end_ref = LUA_NOREF;
}

// ---- gpio.serout ----

static void run(lua_State *L, struct train *train)
{
    uint32_t delay_us;
    while (step(train, device_time_us(), &delay_us))
        device_time_delay(delay_us);
    free_delays(L, train);
}

static void check_delays(lua_State *L)
{
    luaL_argcheck(L, lua_istable(L, 3) && lua_objlen(L, 3) < DELAYS_END, 3, "Invalid delay_times");
    for (int i = 1; i <= (int)lua_objlen(L, 3); i++) {
        lua_rawgeti(L, 3, i);
        luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
}

// Reads the list at stack position 3, which has been checked.
static void read_delays(lua_State *L, struct train *train)
{
    train->count = (uint32_t)lua_objlen(L, 3);
    train->delays_us = MEM_VECTOR(L, train->count, uint32_t, KIND_BUFFER);
    check_held((ptrdiff_t)delay_bytes(train));
    for (uint32_t i = 0; i < train->count; i++) {
        lua_rawgeti(L, 3, (int)i + 1);
        train->delays_us[i] = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
}

// Waits for the hardware timer alone. An error may have left delays of a run that did not begin.
static void begin(lua_State *L, const struct train *train, int function_arg)
{
    if (!hardware_timer_is_free())
        luaL_error(L, "Unable to initialize timer");
    if (background.delays_us)
        free_delays(L, &background);
    background = *train;
    read_delays(L, &background);
    if (function_arg) {
        lua_pushvalue(L, function_arg);
        end_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    hardware_timer_take(on_timer);
    on_timer(L, device_time_us());
}

// gpio.serout(pin, start_level, delays [, repeat [, async]])
int gpio_serout(lua_State *L)
{
    int pin = luaL_checkint(L, 1), level = luaL_checkint(L, 2);
    struct train train = {.repeats = (uint32_t)luaL_optint(L, 4, 1) - 1};
    int is_async = !lua_isnoneornil(L, 5);
    int has_end = is_async && !lua_isnumber(L, 5);
    if (has_end)
        luaL_checkfunction(L, 5);
    luaL_argcheck(L, pin >= 0 && pin < PINS_COUNT, 1, "Invalid pin");
    luaL_argcheck(L, level == 0 || level == 1, 2, "Wrong level type");
    check_delays(L);
    hardware_timer_catch_up(L);
    train.pin = (uint8_t)pin;
    train.level = (uint8_t)level;
    if (is_async) {
        begin(L, &train, has_end ? 5 : 0);
        return 0;
    }
    read_delays(L, &train);
    run(L, &train);
    return 0;
}
