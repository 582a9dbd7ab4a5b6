// core_gpio_test.c: gpio and pwm between a program and a world: what edges make of callbacks, and
// what the world is told, with times.

#include <stdarg.h>
#include <string.h>

#include "runtime/lib/libs.h"
#include "runtime/nodemcu/boot.h"
#include "runtime/nodemcu/events.h"
#include "runtime/world/later.h"
#include "runtime/world/world.h"
#include "tests/support/state.h"

// ---- a world ----

static char told[8192], said[4096];
static int driven[16]; // the level of a pin; -1: nothing drives it

static void add(char *text, size_t room, const char *format, ...)
{
    va_list args;
    size_t used = strlen(text);
    va_start(args, format);
    vsnprintf(text + used, room - used, format, args);
    va_end(args);
}

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    (void)question, (void)question_bytes, (void)room;
    if (kind != WORLD_PIN || driven[object] < 0)
        return 0;
    *(uint8_t *)answer = (uint8_t)driven[object];
    return 1;
}

static void tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    static const char names[] = "mwp";
    const struct world_pin *pin = data;
    if (kind == WORLD_PIN && bytes == sizeof *pin)
        add(told, sizeof told, "%c%u=%u,%u@%u ", names[pin->op], object, pin->level,
            pin->pull_or_duty, pin->us);
}

static const struct world_filling filling = {
    .ask = ask, .tell = tell, .take = later_take, .next_us = later_next_us, .boot = later_reset};

static void edge(uint32_t pin, int level, uint32_t us)
{
    struct world_pin what = {WORLD_PIN_EDGE, (uint8_t)level, 0, us};
    CHECK_EQUAL(later_add(us, WORLD_PIN, pin, &what, sizeof what), 0);
}

// ---- a program ----

// say(...): its arguments, separated by blanks.
static int say(lua_State *L)
{
    for (int i = 1; i <= lua_gettop(L); i++)
        add(said, sizeof said, "%s ", lua_tostring(L, i));
    return 0;
}

static int keep_message(lua_State *L)
{
    (void)L;
    return 1;
}

static void start(lua_State *L)
{
    for (int pin = 0; pin < 16; pin++)
        driven[pin] = -1;
    world_use(&filling);
    boot_begin();
    libs_open(L);
    events_start();
    lua_register(L, "say", say);
}

static void run(lua_State *L, const char *program)
{
    told[0] = said[0] = 0;
    CHECK_TEXT(run_text(L, program), "nil");
    lua_settop(L, 0);
    CHECK_EQUAL(events_run(L, 2000000, keep_message), EVENTS_DONE);
    CHECK_EQUAL(lua_gettop(L), 0);
}

// ---- edges ----

STATE_TEST(edges_call_back_with_level_time_and_count)
{
    start(L);
    for (uint32_t pin = 1; pin <= 3; pin++) {
        edge(pin, 1, 1000 * pin);
        edge(pin, 0, 1000 * pin + 500);
    }
    run(L, "for pin, type in ipairs {'up', 'down', 'both'} do gpio.mode(pin, gpio.INT)\n"
           "gpio.trig(pin, type, function(...) say(type, ...) end) end");
    CHECK_TEXT(said, "up 1 1000 1 down 0 2500 1 both 1 3000 1 both 0 3500 1 ");
}

STATE_TEST(edges_count_while_a_task_waits)
{
    start(L);
    for (uint32_t i = 0; i < 7; i++)
        edge(1, i % 2 == 0, 100 + 50 * i);
    run(L, "gpio.mode(1, gpio.INT) gpio.trig(1, 'both', function(...) say(...) end)\n"
           "tmr.delay(10000)");
    CHECK_TEXT(said, "1 100 7 ");
    for (uint32_t i = 0; i < 7; i++)
        edge(2, i % 2 == 0, 20000 + 50 * i);
    run(L, "gpio.mode(2, gpio.INT) gpio.trig(2, 'down', function(...) say(...) end)\n"
           "tmr.delay(20000)");
    CHECK_TEXT(said, "0 20050 3 ");
}

STATE_TEST(edges_in_a_callback_call_again_with_the_old_level)
{
    start(L);
    edge(1, 1, 1000);
    edge(1, 0, 2000);
    edge(1, 1, 2500);
    edge(1, 0, 9000);
    run(L, "gpio.mode(1, gpio.INT)\n"
           "gpio.trig(1, 'both', function(level, when, count)\n"
           "  say(level, when >= 4000 and when < 4500 and 'at its end' or when, count)\n"
           "  if when == 1000 then tmr.delay(3000) end\n"
           "end)");
    CHECK_TEXT(said, "1 1000 1 1 at its end 2 0 9000 1 ");
}

STATE_TEST(a_level_is_masked_until_its_callback_has_run)
{
    start(L);
    edge(1, 0, 1000);
    edge(1, 1, 1001);
    edge(1, 0, 1002);
    driven[1] = 1;
    run(L, "gpio.mode(1, gpio.INT, gpio.PULLUP) gpio.trig(1, 'low', function(...) say(...) end)\n"
           "tmr.delay(5000) say(gpio.read(1))");
    CHECK_TEXT(said, "1 0 1000 1 ");
    // Low already: for ever, until it is taken back.
    driven[1] = 0;
    run(L, "local count = 0 say(gpio.read(1))\n"
           "gpio.trig(1, 'low', function(level, when, n) count = count + 1 say(level, n)\n"
           "if count == 3 then gpio.trig(1) end end)");
    CHECK_TEXT(said, "0 0 1 0 1 0 1 ");
}

STATE_TEST(who_asked_for_nothing_gets_nothing)
{
    start(L);
    struct world_pin wrong = {WORLD_PIN_WRITE, 1, 0, 100};
    for (uint32_t pin = 0; pin < 14; pin++)
        edge(pin, 1, 100);
    later_add(100, WORLD_PIN, 3, &wrong, sizeof wrong);
    later_add(100, WORLD_PIN, 3, &wrong, 3);
    later_add(100, WORLD_PIN, 3, NULL, 0);
    run(L, "local function f(...) say(...) end\n"
           "gpio.mode(1, gpio.OPENDRAIN) gpio.trig(1, 'up', f) gpio.mode(2, gpio.OUTPUT)\n"
           "gpio.trig(2, 'up', f) gpio.mode(3, gpio.INT) gpio.trig(3, 'down', f)\n"
           "gpio.mode(4, gpio.INT) gpio.trig(4, 'both', f) gpio.mode(4, gpio.INPUT)\n"
           "gpio.mode(4, gpio.INT)");
    CHECK_TEXT(said, "");
}

// As the firmware's own tests of its pins have it.
STATE_TEST(an_input_interrupts_too_if_its_trigger_was_set_after_the_mode)
{
    start(L);
    edge(1, 1, 100);
    edge(1, 0, 5000);
    run(L, "gpio.mode(1, gpio.INT) gpio.trig(1, 'both', say) gpio.mode(1, gpio.INPUT)\n"
           "gpio.trig(1, 'down', function(...) say(...) end)");
    CHECK_TEXT(said, "0 5000 1 ");
    run(L, "gpio.mode(2, gpio.INPUT, gpio.PULLUP)\n"
           "gpio.trig(2, 'high', function(level) say(level) gpio.trig(2) end)");
    CHECK_TEXT(said, "1 ");
}

STATE_TEST(edges_from_before_the_trigger_are_of_no_matter)
{
    start(L);
    edge(1, 1, 100);
    edge(1, 0, 5000);
    run(L,
        "gpio.mode(1, gpio.INT) tmr.delay(1000) gpio.trig(1, 'both', function(...) say(...) end)");
    CHECK_TEXT(said, "0 5000 1 ");
}

STATE_TEST(an_edge_long_after_the_callback_has_its_own_level)
{
    start(L);
    edge(1, 1, 100);
    edge(1, 0, 1300000000); // more than half of what 31 bits count
    run(L, "gpio.mode(1, gpio.INT) gpio.trig(1, 'both', function(...) say(...) end)");
    CHECK_TEXT(said, "1 100 1 0 1300000000 1 ");
}

STATE_TEST(what_waits_is_forgotten_by_a_new_trigger)
{
    start(L);
    edge(1, 1, 100);
    edge(2, 1, 100);
    edge(3, 1, 100);
    edge(4, 1, 100);
    edge(3, 0, 5000);
    run(L, "for pin = 1, 4 do gpio.mode(pin, gpio.INT)\n"
           "gpio.trig(pin, 'both', function(...) say(pin, ...) if pin > 1 then return end\n"
           "gpio.trig(2) gpio.trig(3, 'down') gpio.mode(4, gpio.INPUT) end) end\n"
           "tmr.delay(1000)");
    CHECK_TEXT(said, "1 1 100 1 3 0 5000 1 ");
}

STATE_TEST(a_mode_disables_until_the_next_trigger)
{
    start(L);
    edge(1, 1, 1000);
    edge(1, 1, 2000);
    edge(1, 1, 8000);
    run(L, "gpio.mode(1, gpio.INT) gpio.trig(1, 'up', function(...) say(...) end)\n"
           "tmr.create():alarm(1, 0, function() gpio.mode(1, gpio.INT, gpio.PULLUP) end)\n"
           "tmr.create():alarm(5, 0, function() gpio.trig(1, 'up') end)");
    CHECK_TEXT(said, "1 1000 1 1 8000 1 "); // not the one at 2000
}

STATE_TEST(without_room_the_next_interrupt_tries_again)
{
    start(L);
    edge(1, 1, 100);
    edge(1, 1, 5000);
    run(L, "gpio.mode(1, gpio.INT) gpio.trig(1, 'up', function(...) say(...) end)\n"
           "for i = 1, 8 do node.task.post(2, function() say(i) end) end tmr.delay(1000)");
    CHECK_TEXT(said, "1 2 3 4 5 6 7 8 1 5000 2 ");
}

STATE_TEST(an_error_in_a_callback_is_reported)
{
    start(L);
    edge(1, 1, 100);
    edge(1, 1, 200);
    run(L, "gpio.mode(1, gpio.INT) gpio.trig(1, 'up', function(_, when) error(when, 0) end)\n"
           "node.setonerror(say)");
    CHECK_TEXT(said, "100 200 ");
}

// ---- what the world is told ----

// Told since then, the times counted from the first.
static const char *shifted(void)
{
    static char text[sizeof told];
    unsigned first = 0;
    const char *at = strchr(told, '@');
    text[0] = 0;
    if (at)
        first = (unsigned)strtoul(at + 1, NULL, 10);
    for (const char *from = told; (at = strchr(from, '@')) != NULL;) {
        char *end;
        unsigned us = (unsigned)strtoul(at + 1, &end, 10);
        add(text, sizeof text, "%.*s@%u ", (int)(at - from), from, us - first);
        from = end + 1;
    }
    return text;
}

STATE_TEST(modes_and_levels_are_told)
{
    start(L);
    run(L, "gpio.mode(1, gpio.OUTPUT) gpio.write(1, 1) tmr.delay(100000) gpio.write(1, 0)\n"
           "gpio.mode(2, gpio.INT, gpio.PULLUP) gpio.mode(3, gpio.OPENDRAIN) gpio.read(3)\n"
           "gpio.mode(0, gpio.OPENDRAIN, gpio.PULLUP) gpio.mode(0, gpio.INPUT) gpio.write(0, 1)");
    const char *at = strstr(told, "w1=0,0@");
    CHECK(at != NULL && strtoul(at + 7, NULL, 10) >= 100000);
    for (char *c = told; *c; c++) // times aside
        if (*c == '@')
            while (c[1] && c[1] != ' ')
                memmove(c + 1, c + 2, strlen(c + 1));
    CHECK_TEXT(told, "m1=1,0@ w1=1,0@ w1=0,0@ m2=2,1@ m3=3,0@ m0=1,0@ m0=0,0@ m0=1,0@ w0=1,0@ ");
}

STATE_TEST(serout_toggles_after_each_delay)
{
    start(L);
    run(L, "gpio.serout(1, 1, {30, 30, 60})");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@30 w1=1,0@60 ");
    run(L, "gpio.serout(2, 0, {10, 20, 30}, 2)");
    CHECK_TEXT(shifted(), "w2=0,0@0 w2=1,0@10 w2=0,0@30 w2=1,0@60 w2=0,0@70 w2=1,0@90 ");
    run(L, "gpio.serout(2, 0, {10, 20, 30}, 2, function() say('end') end)");
    CHECK_TEXT(shifted(), "w2=0,0@0 w2=1,0@10 w2=0,0@30 w2=1,0@60 w2=0,0@70 w2=1,0@90 ");
    CHECK_TEXT(said, "end ");
    run(L, "gpio.serout(2, 1, {0, 0}, 2, 1)");
    CHECK_TEXT(shifted(), "w2=1,0@0 w2=0,0@0 w2=1,0@0 w2=0,0@0 ");
    run(L, "gpio.serout(2, 1, {}, 2, function() say('end') end) gpio.serout(2, 1, {}, 3)");
    CHECK_TEXT(told, "");
    CHECK_TEXT(said, "end ");
}

STATE_TEST(the_hardware_timer_keeps_its_times_while_the_program_is_busy)
{
    start(L);
    run(L, "gpio.serout(1, 1, {100, 200, 300}, 2,\n"
           "  function() say(tostring(tmr.now() > 50000)) end)\n"
           "tmr.delay(50000)");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@100 w1=1,0@300 w1=0,0@600 w1=1,0@700 w1=0,0@900 ");
    CHECK_TEXT(said, "true ");
}

STATE_TEST(pulses_set_several_pins)
{
    start(L);
    run(L, "gpio.pulse.build {{[0] = 1, [12] = 0, delay = 500},\n"
           "  {[0] = 0, [12] = 1, delay = 1, loop = 1, count = 2}, {[5] = 1, delay = 7},\n"
           "  {delay = 2}, {[5] = 0}}:start(function(pos, steps) say(tostring(pos), steps) end)");
    CHECK_TEXT(shifted(), "w0=1,0@0 w12=0,0@0 w12=1,0@500 w0=0,0@500 w0=1,0@501 w12=0,0@501 "
                          "w12=1,0@1001 w0=0,0@1001 w0=1,0@1002 w12=0,0@1002 w12=1,0@1502 "
                          "w0=0,0@1502 w5=1,0@1503 w5=0,0@1512 ");
    CHECK_TEXT(said, "nil 10 ");
}

STATE_TEST(loops_within_loops)
{
    start(L);
    run(L, "gpio.pulse.build {{[1] = 1, delay = 10}, {[1] = 0, delay = 10, loop = 1, count = 1},\n"
           "  {delay = 100, loop = 1, count = 1}}:start(function(pos, steps) say(steps) end)");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@10 w1=1,0@20 w1=0,0@30 w1=1,0@140 w1=0,0@150 "
                          "w1=1,0@160 w1=0,0@170 ");
    CHECK_TEXT(said, "11 ");
}

STATE_TEST(what_limits_do_not_allow_goes_to_the_next_delay)
{
    start(L);
    run(L, "gpio.pulse.build {{[1] = 1, delay = 1000, min = 900, max = 1100},\n"
           "  {[1] = 0, delay = 1000}, {[1] = 1, delay = 1000, min = 900, max = 1100},\n"
           "  {[1] = 0, delay = 1000, min = 900, max = 1100}, {[1] = 1}}:start(250, say)");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@1100 w1=1,0@2100 w1=0,0@3200 w1=1,0@4250 ");
    run(L, "p = gpio.pulse.build {{[1] = 1, delay = 1000, min = 900, max = 1100},\n"
           "  {[1] = 0, delay = 1000, max = 2000}, {[1] = 1}} p:start(-350, say)");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@900 w1=1,0@1650 ");
}

STATE_TEST(a_pulse_ends_where_it_is_stopped)
{
    start(L);
    run(L, "p = gpio.pulse.build {{[1] = 1, delay = 100}, {[1] = 0, delay = 100},\n"
           "  {[2] = 1, loop = 1, count = 100000, delay = 100}} p:start(say) tmr.delay(350)\n"
           "p:stop(2, function(pos, steps) say(pos, steps) end)");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@100 w2=1,0@200 w1=1,0@300 w1=0,0@400 ");
    CHECK_TEXT(said, "2 5 ");
    run(L, "p:start(say) tmr.delay(130) p:cancel() tmr.delay(1000)");
    CHECK_TEXT(shifted(), "w1=1,0@0 w1=0,0@100 ");
    CHECK_TEXT(said, "");
    // A task that waits when another run begins is not that one's end.
    run(L, "p:start(say) p:stop(say) tmr.delay(500) p:getstate() p:cancel()\n"
           "p:start(function(pos, steps) say('second', pos, steps) end)\n"
           "tmr.create():alarm(1, 0, function() p:stop(3, function(...) say(...) end) end)");
    CHECK(strncmp(said, "3 ", 2) == 0);
}

STATE_TEST(pulse_trains_of_pwm_are_told)
{
    start(L);
    run(L, "pwm.setup(1, 500, 100) pwm.start(1)");
    CHECK(strncmp(told, "m1=1,0@", 7) == 0);
    CHECK(strstr(told, " w1=0,0@") != NULL);
    CHECK(strstr(told, " p1=1,100@500 ") != NULL);
    run(L, "pwm.setduty(1, 200) pwm.setclock(1, 2000) pwm.setup(2, 100, 5)");
    CHECK(strncmp(told, "p1=1,200@500 p1=1,200@1000 m2=1,0@", 34) == 0);
    CHECK(strstr(told, " p1=1,200@100 ") != NULL);
    CHECK(strstr(told, "p2") == NULL);
    run(L, "pwm.stop(1)");
    CHECK(strncmp(told, "p1=0,0@100 w1=0,0@", 18) == 0);
    run(L, "pwm.stop(1) pwm.stop(2) pwm.close(1)");
    CHECK_TEXT(told, "");
    run(L, "pwm.start(2) gpio.mode(2, gpio.INPUT)");
    CHECK(strncmp(told, "p2=1,5@100 p2=0,0@100 w2=0,0@", 29) == 0);
}

TEST_MAIN
