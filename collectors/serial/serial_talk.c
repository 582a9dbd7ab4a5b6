// serial_talk.c: what goes out: messages to the user, bytes to the device.

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/serial/serial_private.h"

#define SEND_MS 2000 // how long the line may take no bytes
#define ENQ "\005"

void serial_say(struct serial_recorder *recorder, const char *format, ...)
{
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    for (char *at = message; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = '?';
    if (recorder->setup->say)
        recorder->setup->say(recorder->setup->say_context, message);
}

int serial_recorder_send(struct serial_recorder *recorder, struct text bytes,
                         struct problem *problem)
{
    while (bytes.bytes > 0 && recorder->line.can_send) {
        ssize_t n = write(recorder->line.fd, bytes.data, bytes.bytes);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = recorder->line.fd, .events = POLLOUT};
            if (poll(&wait, 1, SEND_MS) == 0)
                return problem_set(problem, STATUS_IO, text_of(recorder->setup->device),
                                   PROBLEM_NO_OFF, "the line accepts no bytes");
            continue;
        }
        if (n < 0 && errno != EINTR)
            return STATUS_OK; // unplugged: reading will tell
        bytes.data += n < 0 ? 0 : n;
        bytes.bytes -= n < 0 ? 0 : (size_t)n;
    }
    return STATUS_OK;
}

int serial_command(struct serial_recorder *recorder, const char *command)
{
    char line[512];
    int bytes = snprintf(line, sizeof line, ENQ "%s\n", command);
    struct text text = {line, (size_t)bytes < sizeof line ? (size_t)bytes : sizeof line - 1};
    return serial_recorder_send(recorder, text, recorder->problem);
}
