// script.c: what the program asks, tells and waits for goes to a world script; see script.h.
//
// The script is asked what there is whenever it may have changed: after the program has told it
// something, and when the time has come that it named. Arrivals are kept until they are taken.

#include "runtime/world/host/script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/format/status.h"
#include "runtime/port/host/say.h"
#include "runtime/world/host/pipe.h"
#include "runtime/world/host/script_wifi.h"
#include "runtime/world/virtual.h"

#define ARRIVALS_BYTES (WORLD_PIPE_ARRIVALS_BYTES_MAX + WORLD_PIPE_DATA_BYTES_MAX + 64)

static struct world_pipe channel;
static const char *name;
static void (*end_run)(int status);
static uint64_t next_us; // when the script has something to do
static char is_stale;    // it has been told something since it said so
static char is_busy;     // in the middle of an exchange
static char has_ended;   // it has said its last word

static char arrivals[ARRIVALS_BYTES]; // struct world_message and data, one after another
static size_t arrivals_first, arrivals_end;

// ---- the end ----

static void fail(const char *what)
{
    host_say("%s: %s", name, what);
    has_ended = 1;
    end_run(EXIT_STATUS_ENVIRONMENT);
}

static void fail_pipe(void)
{
    char text[160];
    if (channel.state == PIPE_ENDED)
        snprintf(text, sizeof text, "the process of the world script has ended before the run");
    else if (channel.state == PIPE_DAMAGED)
        snprintf(text, sizeof text,
                 "the process of the world script does not say what it should: "
                 "%s",
                 channel.fault);
    else
        snprintf(text, sizeof text, "the process of the world script cannot be reached: %s",
                 strerror(errno));
    fail(text);
}

static void fail_protocol(const char *fault)
{
    channel.state = PIPE_DAMAGED;
    channel.fault = fault;
    fail_pipe();
}

// ---- exchanges ----

static void say(int type, int kind, uint32_t object, const void *data, size_t bytes)
{
    const struct world_message message = {.bytes = (uint32_t)bytes,
                                          .type = (uint8_t)type,
                                          .kind = (uint8_t)kind,
                                          .object = object,
                                          .us = world_now_us()};
    (void)world_pipe_send(&channel, &message, data); // a failure shows when an answer is waited for
}

// Waits for the next message of the script. False: the run ends (only in tests it goes on then).
static int hear(struct world_message *message)
{
    is_busy = 1;
    int state = world_pipe_receive(&channel, message);
    is_busy = 0;
    if (state != PIPE_GOOD)
        return fail_pipe(), 0;
    if (message->type != WORLD_PIPE_DONE)
        return 1;
    has_ended = 1;
    end_run(message->kind);
    return 0;
}

// ---- arrivals ----

// Is the data of an arrival what its kind has? Modules take that for granted.
static int has_right_size(const struct world_message *message)
{
    switch (message->kind) {
    case WORLD_CONNECTION:
        return message->bytes == sizeof(struct world_connection);
    case WORLD_SOCKET:
        return message->bytes <= WORLD_SEGMENT_BYTES_MAX + sizeof(struct world_datagram) + 12;
    case WORLD_DNS:
        return message->bytes == 4;
    case WORLD_PIN:
        return message->bytes == sizeof(struct world_pin);
    case WORLD_WIFI:
        return message->bytes >= sizeof(struct world_wifi);
    default:
        return message->kind == WORLD_SERIAL;
    }
}

static int keep_arrival(const struct world_message *message, uint64_t now_us)
{
    size_t bytes = sizeof *message + message->bytes;
    if (!has_right_size(message))
        return fail_protocol("an arrival of the wrong size"), 0;
    if (message->us > now_us)
        return fail_protocol("an arrival that is not due yet"), 0;
    if (arrivals_end + bytes > sizeof arrivals)
        return fail_protocol("too much arrives at once"), 0;
    memcpy(arrivals + arrivals_end, message, sizeof *message);
    memcpy(arrivals + arrivals_end + sizeof *message, channel.data, message->bytes);
    arrivals_end += bytes;
    return 1;
}

// The first arrival; false: there is none.
static int first_arrival(struct world_message *message)
{
    if (arrivals_first == arrivals_end)
        return 0;
    memcpy(message, arrivals + arrivals_first, sizeof *message);
    return 1;
}

static int change_wifi(const struct world_message *message)
{
    const char *fault = script_wifi_change(message->object, channel.data, message->bytes);
    if (fault)
        fail_protocol(fault);
    return !fault;
}

// Lets the script's time come to now and takes what arrives.
static void advance(uint64_t now_us)
{
    struct world_message message;
    arrivals_first = arrivals_end = 0;
    say(WORLD_PIPE_ADVANCE, WORLD_OTHER, 0, NULL, 0);
    do {
        if (!hear(&message))
            return;
        if (message.type == WORLD_PIPE_ARRIVAL && !keep_arrival(&message, now_us))
            return;
        if (message.type == WORLD_PIPE_WIFI && !change_wifi(&message))
            return;
    } while (message.type == WORLD_PIPE_ARRIVAL || message.type == WORLD_PIPE_WIFI);
    if (message.type != WORLD_PIPE_IDLE)
        fail_protocol("no time to wait for");
    else if (message.us <= now_us && arrivals_end == 0)
        fail_protocol("a time to wait for that has passed");
    next_us = message.us;
    is_stale = 0;
}

static void look(uint64_t now_us)
{
    if (arrivals_first == arrivals_end && (is_stale || next_us <= now_us))
        advance(now_us);
}

// ---- the filling ----

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    struct world_message message;
    int is_own = kind == WORLD_RANDOM || kind == WORLD_WIFI ||
                 question_bytes > WORLD_PIPE_DATA_BYTES_MAX;
    if (is_own)
        return world_virtual.ask(kind, object, question, question_bytes, answer, room);
    say(WORLD_PIPE_ASK, kind, object, question, question_bytes);
    if (!hear(&message))
        return 0;
    next_us = message.us; // answering may have changed its plans
    is_stale = 0;
    if (message.type == WORLD_PIPE_NONE)
        return world_virtual.ask(kind, object, question, question_bytes, answer, room);
    if (message.type != WORLD_PIPE_ANSWER)
        return fail_protocol("no answer to a question"), 0;
    if (message.bytes > room)
        return 0;
    memcpy(answer, channel.data, message.bytes);
    return message.bytes;
}

static void tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    const char *rest = data;
    if (has_ended || is_busy) // the run is ending; messages of the script's own end
        return;
    do { // only texts for people are longer than a message
        size_t piece = bytes < WORLD_PIPE_DATA_BYTES_MAX ? bytes : WORLD_PIPE_DATA_BYTES_MAX;
        say(WORLD_PIPE_TELL, kind, object, rest, piece);
        rest += piece;
        bytes -= piece;
    } while (bytes > 0);
    is_stale = 1;
    if (kind == WORLD_WIFI) {
        look(world_now_us()); // what the script has said about networks comes first
        world_virtual.tell(kind, object, data, (size_t)(rest - (const char *)data));
    }
}

static int take(uint64_t now_us, struct world_arrival *arrival)
{
    struct world_message message;
    look(now_us);
    int has_own = first_arrival(&message);
    uint64_t virtual_us = world_virtual.next_us();
    if (virtual_us <= now_us && (!has_own || virtual_us <= message.us))
        return world_virtual.take(now_us, arrival);
    if (!has_own)
        return 0;
    const char *data = arrivals + arrivals_first + sizeof message;
    *arrival = (struct world_arrival){message.object, message.kind, message.bytes, data};
    arrivals_first += sizeof message + message.bytes;
    return 1;
}

static uint64_t next(void)
{
    struct world_message message;
    if (is_stale) // but what it has named stays until it is taken
        look(world_now_us());
    uint64_t own_us = first_arrival(&message) ? message.us : next_us;
    uint64_t virtual_us = world_virtual.next_us();
    return own_us < virtual_us ? own_us : virtual_us;
}

static void boot(void)
{
    arrivals_first = arrivals_end = 0;
    world_virtual.boot();
    say(WORLD_PIPE_BOOT, WORLD_OTHER, 0, NULL, 0);
    is_stale = 1;
}

const struct world_filling world_script = {
    .ask = ask,
    .tell = tell,
    .take = take,
    .next_us = next,
    .boot = boot,
};

// ---- beginning and end ----

void script_attach(int fd, const char *script_name, void (*end)(int status))
{
    world_pipe_init(&channel, fd);
    name = script_name;
    end_run = end;
    next_us = WORLD_NEVER;
    is_stale = is_busy = has_ended = 0;
    arrivals_first = arrivals_end = 0;
}

int script_greet(void)
{
    struct world_message message;
    const struct world_message hello = {.type = WORLD_PIPE_HELLO, .object = WORLD_PIPE_VERSION};
    (void)world_pipe_send(&channel, &hello, NULL);
    if (!hear(&message))
        return EXIT_STATUS_ENVIRONMENT;
    if (message.type != WORLD_PIPE_READY || message.object != WORLD_PIPE_VERSION)
        fail_protocol("it does not greet");
    return EXIT_STATUS_DONE;
}

int script_leave(int status)
{
    struct world_message message;
    if (has_ended || is_busy || channel.state != PIPE_GOOD)
        return status;
    has_ended = 1;
    say(WORLD_PIPE_END, WORLD_OTHER, (uint32_t)status, NULL, 0);
    if (world_pipe_receive(&channel, &message) != PIPE_GOOD || message.type != WORLD_PIPE_DONE) {
        host_say("%s: the process of the world script has ended too early", name);
        return status ? status : EXIT_STATUS_ENVIRONMENT;
    }
    return status ? status : message.kind;
}
