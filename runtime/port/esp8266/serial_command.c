// serial_command.c: commands from the recorder over the console's UART; probed build only.
//
// Reads: bytes that have come, up to a line after an ENQ; other bytes are let go. Carries the
// command out after a probe, when no event is being written, and answers.
// Memory: one line. Source: runtime/format/serial_frame.h.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/serial_out.h"
#include "runtime/port/esp8266/serial_uart.h"

#define NOTE_HEAD_BYTES 16u // name's and description's length, type, "GNU"

extern const uint32_t chip_build_id_note[];

void chip_build_id(uint8_t id[20])
{
    const uint32_t *words = chip_build_id_note + NOTE_HEAD_BYTES / 4;
    for (uint32_t i = 0; i < 20; i++)
        id[i] = (uint8_t)(words[i / 4] >> i % 4 * 8);
}

#ifdef FROST_PROBED

#include "runtime/probe/probe.h"
#include "runtime/probe/start.h"

#define ENQ 5
#define LINE_BYTES 128
#define ANSWER_BYTES 100
#define BYTES_AT_ONCE 64
#define ALWAYS                                                                                     \
    (1ull << TRACE_ID_boot | 1ull << TRACE_ID_image_mounted | 1ull << TRACE_ID_name |              \
     1ull << TRACE_ID_site | 1ull << TRACE_ID_text | 1ull << TRACE_ID_mark |                       \
     1ull << TRACE_ID_end | 1ull << TRACE_ID_stack)

static char line[LINE_BYTES];
static uint32_t line_bytes; // 0: no ENQ yet, else 1 more than there are
static uint64_t kept_before_stop;

static void answer(const char *verdict, const char *command, const char *why)
{
    char text[ANSWER_BYTES];
    snprintf(text, sizeof text, "%s %.40s%s%.40s", verdict, command, *why ? ": " : "", why);
    serial_out_answer(text);
}

// ---- commands ----

static int event_id(const char *name)
{
#define COMMAND_NAME(id, event, fields)                                                            \
    if (strcmp(name, #event) == 0)                                                                 \
        return id;
#define COMMAND_NOTHING(...)
    TRACE_EVENTS(COMMAND_NAME, COMMAND_NOTHING, COMMAND_NOTHING)
    return -1;
}

// The next piece of *rest between bytes of `separators`, ended by NUL; NULL: none is left. The C
// library's function for this reads byte by byte what may lie in flash.
static char *next_piece(char **rest, const char *separators)
{
    char *piece = *rest + strspn(*rest, separators);
    if (*piece == 0)
        return NULL;
    char *end = piece + strcspn(piece, separators);
    *rest = *end ? end + 1 : end;
    *end = 0;
    return piece;
}

// Words of event names; a first one without a sign begins a new choice.
static const char *choose_events(char *words)
{
    uint64_t kept = probe_filter.kept;
    int is_first = 1;
    char *rest = words;
    for (char *word; (word = next_piece(&rest, " ,")) != NULL; is_first = 0) {
        int sign = *word == '+' || *word == '-' ? *word++ : 0;
        int id = event_id(word);
        if (id < 0)
            return "no such event";
        if (is_first && !sign)
            kept = 0;
        if (sign == '-')
            kept &= ~(1ull << id);
        else
            kept |= 1ull << id;
    }
    probe_filter.kept = kept | ALWAYS;
    return "";
}

static const char *number_of(const char *text, uint32_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 0);
    if (end == text || *end != 0)
        return "not a number";
    *number = (uint32_t)value;
    return "";
}

static const char *choose_chunk(const char *text)
{
    if (strlen(text) > PROBE_CHUNK_BYTES_MAX)
        return "too long";
    memset(probe_filter.chunk, 0, sizeof probe_filter.chunk);
    memcpy(probe_filter.chunk, text, strlen(text));
    probe_forget(); // sites are decided once
    return "";
}

static const char *carry_out(const char *command, char *rest)
{
    uint32_t number = 0;
    const char *why = "";
    if (strcmp(command, "hello") == 0) {
        serial_out_hello();
    } else if (strcmp(command, "again") == 0) {
        probe_forget();
    } else if (strcmp(command, "stop") == 0) {
        if (probe_filter.kept != ALWAYS)
            kept_before_stop = probe_filter.kept;
        probe_filter.kept = ALWAYS;
    } else if (strcmp(command, "start") == 0) {
        if (kept_before_stop)
            probe_filter.kept = kept_before_stop;
    } else if (strcmp(command, "only") == 0) {
        why = choose_events(rest);
    } else if (strcmp(command, "min") == 0) {
        why = number_of(rest, &number);
        probe_filter.bytes_min = *why ? probe_filter.bytes_min : number;
    } else if (strcmp(command, "chunk") == 0) {
        why = choose_chunk(rest);
    } else if (strcmp(command, "every") == 0) {
        why = number_of(rest, &number);
        if (*why == 0)
            serial_out_every(number);
    } else if (strcmp(command, "mark") == 0) {
        probe_mark(rest, strlen(rest));
    } else {
        why = "no such command";
    }
    return why;
}

static void take_line(char *text)
{
    char *rest = strchr(text, ' ');
    if (rest)
        *rest++ = 0;
    else
        rest = text + strlen(text);
    const char *why = carry_out(text, rest);
    if (*why || strcmp(text, "hello") != 0)
        answer(*why ? "no" : "ok", text, why);
}

void serial_command_take(const char *commands)
{
    char text[LINE_BYTES] = "";
    char *rest = text;
    memcpy(text, commands, strnlen(commands, sizeof text - 1));
    for (char *command; (command = next_piece(&rest, ";")) != NULL;)
        take_line(command);
}

void serial_command_poll(void)
{
    for (int i = 0; i < BYTES_AT_ONCE && !serial_out_is_answering(); i++) {
        int byte = serial_uart_get();
        if (byte < 0)
            return;
        if (byte == ENQ) {
            line_bytes = 1;
        } else if (byte == '\n' && line_bytes) {
            char text[LINE_BYTES];
            memcpy(text, line, line_bytes - 1);
            text[line_bytes - 1] = 0;
            line_bytes = 0;
            take_line(text);
        } else if (line_bytes && line_bytes < LINE_BYTES && byte != '\r') {
            line[line_bytes++ - 1] = (char)byte;
        }
    }
}

#endif
