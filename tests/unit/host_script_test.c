// host_script_test.c: does the device's side of a world script ask when it has to, and only then?
// The test is the script's process, at the other end of a socket.

#include <sys/socket.h>

#include "runtime/format/status.h"
#include "runtime/port/port.h"
#include "runtime/world/host/pipe.h"
#include "runtime/world/host/script.h"
#include "tests/support/tap.h"

_Noreturn void port_restart(void)
{
    abort();
}

static struct world_pipe script;
static uint64_t device_us;
static int end_status = -1;

static uint64_t clock_us(void)
{
    return device_us;
}

static void note_end(int status)
{
    end_status = status;
}

// What the script says is put into the socket before the device asks: it is read when it does.
static void say(int type, uint64_t us, int kind, uint32_t object, const void *data, size_t bytes)
{
    struct world_message message = {.bytes = (uint32_t)bytes,
                                    .type = (uint8_t)type,
                                    .kind = (uint8_t)kind,
                                    .object = object,
                                    .us = us};
    CHECK_EQUAL(world_pipe_send(&script, &message, data), PIPE_GOOD);
    CHECK_EQUAL(world_pipe_flush(&script), PIPE_GOOD);
}

static struct world_message hear(int type)
{
    struct world_message message = {0};
    CHECK_EQUAL(world_pipe_receive(&script, &message), PIPE_GOOD);
    CHECK_EQUAL(message.type, type);
    return message;
}

static int has_said_nothing(void)
{
    char byte;
    return !world_pipe_has_input(&script) && recv(script.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
}

static void begin(void)
{
    int fds[2];
    CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    world_pipe_init(&script, fds[1]);
    script_attach(fds[0], "test.lua", note_end);
    say(WORLD_PIPE_READY, 0, 0, WORLD_PIPE_VERSION, NULL, 0);
    CHECK_EQUAL(script_greet(), EXIT_STATUS_DONE);
    hear(WORLD_PIPE_HELLO);
    world_use(&world_script);
    device_us = 0;
    world_boot(clock_us);
    say(WORLD_PIPE_IDLE, WORLD_PIPE_NEVER, 0, 0, NULL, 0);
    CHECK(world_next_us() == WORLD_NEVER);
    hear(WORLD_PIPE_BOOT);
    hear(WORLD_PIPE_ADVANCE);
}

TEST(what_has_not_changed_is_not_asked_for)
{
    struct world_arrival arrival;
    begin();
    device_us = 500;
    CHECK(!world_take(device_us, &arrival));
    CHECK(world_next_us() == WORLD_NEVER);
    CHECK(has_said_nothing());
}

TEST(a_tell_needs_no_answer_and_is_followed_by_a_look)
{
    struct world_arrival arrival;
    begin();
    device_us = 700;
    world_tell(WORLD_SOCKET, 4, "abc", 3);
    CHECK(has_said_nothing()); // it goes with the next question
    say(WORLD_PIPE_IDLE, 900, 0, 0, NULL, 0);
    CHECK(!world_take(device_us, &arrival));
    struct world_message told = hear(WORLD_PIPE_TELL);
    CHECK_EQUAL(told.object, 4);
    CHECK_EQUAL(told.kind, WORLD_SOCKET);
    CHECK_EQUAL(told.us, 700);
    CHECK(told.bytes == 3 && memcmp(script.data, "abc", 3) == 0);
    hear(WORLD_PIPE_ADVANCE);
    CHECK_EQUAL(world_next_us(), 900);
    CHECK(!world_take(899, &arrival));
    CHECK(has_said_nothing());
}

TEST(arrivals_come_one_by_one_in_their_order)
{
    struct world_arrival arrival;
    begin();
    device_us = 50;
    world_tell(WORLD_SOCKET, 1, "x", 1);
    say(WORLD_PIPE_ARRIVAL, 40, WORLD_SERIAL, 0, "first", 5);
    say(WORLD_PIPE_ARRIVAL, 50, WORLD_SOCKET, 7, "second", 6);
    say(WORLD_PIPE_IDLE, 50, 0, 0, NULL, 0);
    CHECK_EQUAL(world_next_us(), 40);
    CHECK(world_take(device_us, &arrival));
    CHECK(arrival.kind == WORLD_SERIAL && arrival.bytes == 5 && !memcmp(arrival.data, "first", 5));
    CHECK(world_take(device_us, &arrival));
    CHECK(arrival.object == 7 && arrival.bytes == 6 && !memcmp(arrival.data, "second", 6));
    say(WORLD_PIPE_IDLE, WORLD_PIPE_NEVER, 0, 0, NULL, 0); // there was something to do still
    CHECK(!world_take(device_us, &arrival));
    CHECK(world_next_us() == WORLD_NEVER);
}

TEST(answers_are_the_scripts_or_the_virtual_worlds)
{
    uint8_t answer[8] = {0};
    uint16_t level;
    begin();
    say(WORLD_PIPE_ANSWER, 1000, WORLD_SENSOR, 0, "\x34\x12", 2);
    CHECK_EQUAL(world_ask(WORLD_SENSOR, 0, "adc", 3, &level, sizeof level), 2);
    CHECK_EQUAL(level, 0x1234);
    struct world_message asked = hear(WORLD_PIPE_ASK);
    CHECK(asked.bytes == 3 && memcmp(script.data, "adc", 3) == 0);
    CHECK_EQUAL(world_next_us(), 1000);
    say(WORLD_PIPE_NONE, 1000, WORLD_IDENTITY, 0, NULL, 0);
    CHECK_EQUAL(world_ask(WORLD_IDENTITY, WORLD_ID_MAC_STA, NULL, 0, answer, sizeof answer), 6);
    CHECK_EQUAL(answer[0], 0x5C);
    say(WORLD_PIPE_ANSWER, 1000, WORLD_PIN, 0, "too long", 8);
    CHECK_EQUAL(world_ask(WORLD_PIN, 0, NULL, 0, answer, 1), 0);
    hear(WORLD_PIPE_ASK);
    hear(WORLD_PIPE_ASK);
    CHECK_EQUAL(world_ask(WORLD_RANDOM, 0, NULL, 0, answer, 4), 4); // not its affair
    CHECK(has_said_nothing());
    CHECK_EQUAL(end_status, -1);
}

TEST(console_output_is_told_in_pieces)
{
    static char text[2 * WORLD_PIPE_DATA_BYTES_MAX + 10];
    struct world_arrival arrival;
    begin();
    world_tell_console(1, text, sizeof text);
    say(WORLD_PIPE_IDLE, WORLD_PIPE_NEVER, 0, 0, NULL, 0);
    CHECK(!world_take(0, &arrival));
    CHECK_EQUAL(hear(WORLD_PIPE_TELL).bytes, WORLD_PIPE_DATA_BYTES_MAX);
    CHECK_EQUAL(hear(WORLD_PIPE_TELL).bytes, WORLD_PIPE_DATA_BYTES_MAX);
    struct world_message last = hear(WORLD_PIPE_TELL);
    CHECK_EQUAL(last.bytes, 10);
    CHECK_EQUAL(last.kind, WORLD_CONSOLE);
}

TEST(the_script_ends_the_run)
{
    struct world_arrival arrival;
    begin();
    world_tell(WORLD_SOCKET, 1, "x", 1);
    say(WORLD_PIPE_DONE, 0, 3, 0, NULL, 0);
    CHECK(!world_take(0, &arrival));
    CHECK_EQUAL(end_status, 3);
    CHECK_EQUAL(script_leave(3), 3);
    hear(WORLD_PIPE_TELL);
    hear(WORLD_PIPE_ADVANCE);
    CHECK(has_said_nothing()); // it is not asked again
}

TEST(the_end_of_the_run_is_told_and_judged)
{
    begin();
    say(WORLD_PIPE_DONE, 0, 1, 0, NULL, 0);
    CHECK_EQUAL(script_leave(0), 1);
    CHECK_EQUAL(hear(WORLD_PIPE_END).object, 0);
    begin();
    say(WORLD_PIPE_DONE, 0, 1, 0, NULL, 0);
    CHECK_EQUAL(script_leave(5), 5); // the program's own comes first
    CHECK_EQUAL(hear(WORLD_PIPE_END).object, 5);
}

// Each ends the run with a message; nothing of it arrives.
TEST(what_is_no_answer_ends_the_run)
{
    static const struct {
        int type, kind, bytes;
        uint64_t us;
    } wrong[] = {
        {WORLD_PIPE_TYPE_COUNT, 0, 0, 0},
        {WORLD_PIPE_IDLE, WORLD_COUNT, 0, WORLD_PIPE_NEVER},
        {WORLD_PIPE_IDLE, 0, 0, 9},                    // a time that has passed
        {WORLD_PIPE_READY, 0, 0, 0},                   // out of place
        {WORLD_PIPE_ARRIVAL, WORLD_SERIAL, 1, 11},     // not due yet
        {WORLD_PIPE_ARRIVAL, WORLD_CONNECTION, 11, 0}, // too short
        {WORLD_PIPE_ARRIVAL, WORLD_TIMER, 4, 0},       // no such arrival
        {WORLD_PIPE_ARRIVAL, WORLD_SOCKET, 1500, 0},
    };
    static char data[2000];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct world_arrival arrival;
        begin();
        end_status = -1;
        device_us = 10;
        world_tell(WORLD_PIN, 1, "x", 1);
        say(wrong[i].type, wrong[i].us, wrong[i].kind, 0, data, (size_t)wrong[i].bytes);
        CHECK(!world_take(device_us, &arrival));
        CHECK_EQUAL(end_status, EXIT_STATUS_ENVIRONMENT);
    }
}

TEST(a_process_that_is_gone_ends_the_run)
{
    struct world_arrival arrival;
    begin();
    world_tell(WORLD_PIN, 1, "x", 1);
    close(script.fd);
    CHECK(!world_take(0, &arrival));
    CHECK_EQUAL(end_status, EXIT_STATUS_ENVIRONMENT);
    CHECK_EQUAL(script_leave(4), 4);
}

TEST_MAIN
