// serial_console.c: console text on its way through, and by lines to whoever takes them.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "collectors/serial/serial_private.h"

// A reader of our output that has gone away ends neither the device nor the recording.
static void show(struct serial_recorder *recorder, const char *data, size_t bytes)
{
    while (bytes > 0 && !recorder->is_console_broken) {
        ssize_t n = write(recorder->setup->console_fd, data, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            recorder->is_console_broken = true;
            serial_say(recorder, "console text is no longer shown: %s", strerror(errno));
            return;
        }
        data += n;
        bytes -= (size_t)n;
    }
}

// How many of the first bytes of the line fit the prefix: all of it, or as many as are there.
static bool may_be_wanted(const struct console_consumer *consumer, const char *line, size_t bytes)
{
    size_t prefix = consumer->prefix ? strlen(consumer->prefix) : 0;
    return memcmp(line, consumer->prefix ? consumer->prefix : "",
                  bytes < prefix ? bytes : prefix) == 0;
}

static bool is_wanted(const struct console_consumer *consumer, const char *line, size_t bytes)
{
    return (!consumer->prefix || bytes >= strlen(consumer->prefix)) &&
           may_be_wanted(consumer, line, bytes);
}

// The held line goes to the consumer, or is shown. `raw`: bytes of it with its end.
static int give(struct serial_recorder *recorder, size_t raw, bool is_whole)
{
    struct serial_console *console = &recorder->console;
    const struct console_consumer *consumer = recorder->setup->consumer;
    size_t bytes = raw - (is_whole ? 1 : 0);
    if (is_whole && bytes > 0 && console->line[bytes - 1] == '\r')
        bytes--;
    struct console_line line = {
        .text = {console->line, bytes},
        .number = console->number + 1,
        .real_ns = recorder->now_ns,
        .is_whole = is_whole,
    };
    int answer = CONSOLE_SHOW;
    if (is_wanted(consumer, console->line, bytes) && consumer->line)
        answer = consumer->line(consumer->context, recorder, &line, recorder->problem);
    if (answer < 0)
        return answer;
    if (answer == CONSOLE_SHOW)
        show(recorder, console->line, raw);
    console->number += is_whole;
    console->used = 0;
    return STATUS_OK;
}

static int take_byte(struct serial_recorder *recorder, char byte)
{
    struct serial_console *console = &recorder->console;
    const struct console_consumer *consumer = recorder->setup->consumer;
    if (console->is_passing) {
        console->is_passing = byte != '\n';
        console->number += byte == '\n';
        show(recorder, &byte, 1);
        return STATUS_OK;
    }
    console->line[console->used++] = byte;
    if (byte == '\n')
        return give(recorder, console->used, true);
    if (console->used == sizeof console->line)
        return give(recorder, console->used, false);
    if (!may_be_wanted(consumer, console->line, console->used)) {
        console->is_passing = true;
        show(recorder, console->line, console->used);
        console->used = 0;
    }
    return STATUS_OK;
}

int serial_console_text(struct serial_recorder *recorder, struct text text)
{
    int status = STATUS_OK;
    recorder->has_console_text = true;
    if (!recorder->setup->consumer) {
        show(recorder, text.data, text.bytes);
        return status;
    }
    for (size_t i = 0; i < text.bytes && status == STATUS_OK; i++)
        status = take_byte(recorder, text.data[i]);
    return status;
}

int serial_console_flush(struct serial_recorder *recorder, bool is_end)
{
    struct serial_console *console = &recorder->console;
    const struct console_consumer *consumer = recorder->setup->consumer;
    if (console->used == 0)
        return STATUS_OK;
    if (is_end)
        return give(recorder, console->used, false);
    // The begin of a prefix may be a prompt; more of the line than that is the consumer's.
    if (!is_wanted(consumer, console->line, console->used)) {
        console->is_passing = true;
        show(recorder, console->line, console->used);
        console->used = 0;
    }
    return STATUS_OK;
}
