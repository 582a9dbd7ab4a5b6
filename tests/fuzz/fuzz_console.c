// fuzz_console.c: bytes as the console of a device with stock firmware.
//
// libFuzzer's entry point. Built with -DFUZZ_REPLAY it is a program that replays files and makes
// the seeds: `fuzz_console FILE...`, `fuzz_console --seeds DIRECTORY`.
// The first byte chooses: even: the lines as they are; odd: each line gets the mark before it and
// the right sum after it, so that what stands in it is believed. The events must be those of a
// trace: time never goes back, only handles that live die, texts are defined before they are used.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/device/device_trace.h"

#define LINE_BYTES_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct arena arena;
static uint8_t lives[DEVICE_STRINGS_MAX + 1], is_defined[DEVICE_STRINGS_MAX + 1];
static uint64_t clock_now, lost;
static uint32_t live_count;
static bool has_boot, has_ended;

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fuzz_console: %s\n", what);
    abort();
}

static int put_event(void *context, const struct trace_event *event, struct problem *problem)
{
    (void)context;
    (void)problem;
    require(event->clock >= clock_now, "time goes back");
    require(has_boot || event->id == TRACE_ID_boot, "no boot first");
    require(!has_ended, "an event behind the end");
    clock_now = event->clock;
    switch (event->id) {
    case TRACE_ID_boot:
        has_boot = true;
        memset(lives, 0, sizeof lives);
        live_count = 0;
        break;
    case TRACE_ID_text:
        require(event->text.id > 0 && event->text.id <= DEVICE_STRINGS_MAX, "id of a text");
        require(!lives[event->text.id], "a text of a string that lives is defined anew");
        require(event->text.text.bytes <= event->text.bytes, "more of a text than there is");
        is_defined[event->text.id] = 1;
        break;
    case TRACE_ID_string_new:
        require(is_defined[event->string_new.text], "a string without text");
        require(event->string_new.addr == event->string_new.text * 4, "handle");
        require(!lives[event->string_new.text]++, "a string is born twice");
        live_count++;
        break;
    case TRACE_ID_string_found:
        require(is_defined[event->string_found.text], "a string in flash without text");
        break;
    case TRACE_ID_free:
        require(event->free.addr % 4 == 0 && event->free.addr / 4 <= DEVICE_STRINGS_MAX, "address");
        require(lives[event->free.addr / 4]-- == 1, "a string dies that does not live");
        live_count--;
        break;
    case TRACE_ID_snapshot:
        require(event->snapshot.missing || event->snapshot.place != PLACE_RAM ||
                    event->snapshot.strings >= live_count,
                "a whole list has fewer strings than live");
        break;
    case TRACE_ID_end:
        has_ended = true;
        break;
    default:
        break;
    }
    return STATUS_OK;
}

static void put_lost(void *context, uint64_t events)
{
    (void)context;
    lost += events;
}

// Mark, line, blank, sum.
static struct text complete(struct text line)
{
    static char whole[LINE_BYTES_MAX + 16];
    uint32_t sum = 0;
    int used = snprintf(whole, sizeof whole, "~F1 %.*s ", (int)line.bytes, line.data);
    for (int i = 4; i < used; i++)
        sum = (sum * 31 + (uint8_t)whole[i]) % 65521;
    used += snprintf(whole + used, sizeof whole - (size_t)used, "%x", 65536 + sum);
    return (struct text){whole, (size_t)used};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const struct device_sink sink = {NULL, put_event, put_lost};
    struct problem problem = {0};
    if (bytes == 0)
        return 0;
    arena_init(&arena);
    memset(lives, 0, sizeof lives);
    memset(is_defined, 0, sizeof is_defined);
    clock_now = lost = live_count = 0;
    has_boot = has_ended = false;
    struct device_trace *trace = device_trace_create(&arena, &sink, false);
    const char *at = (const char *)data + 1, *end = (const char *)data + bytes;
    int status = STATUS_OK;
    while (at < end && status >= 0) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct text line = {at, (size_t)((stop ? stop : end) - at)};
        if (line.bytes > LINE_BYTES_MAX - 8)
            line.bytes = LINE_BYTES_MAX - 8;
        char *copy = malloc(line.bytes ? line.bytes : 1); // of its exact size
        memcpy(copy, line.data, line.bytes);
        struct text given = {copy, line.bytes};
        status = device_trace_line(trace, data[0] & 1 ? complete(given) : given, &problem);
        free(copy);
        at = stop ? stop + 1 : end;
    }
    if (status >= 0)
        require(device_trace_finish(trace, &problem) == STATUS_OK, "finish");
    else
        require(status == STATUS_LIMIT && problem.message[0], "a failure without a reason");
    require(lost == device_trace_counts(trace)->lost, "loss");
    require(has_ended == (device_trace_counts(trace)->lines > 0) || status < 0, "end");
    arena_deinit(&arena);
    return 0;
}

#ifdef FUZZ_REPLAY
static void write_seed(const char *path, const char *name, const char *content)
{
    char file[4200];
    snprintf(file, sizeof file, "%s/%s", path, name);
    FILE *out = fopen(file, "wb");
    require(out && fputs(content, out) >= 0 && fclose(out) == 0, "seed");
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "--seeds")) {
        write_seed(argv[2], "list",
                   "1"
                   "0 10 B f 8\n1 20 H 1 2 3\n2 30 S R\n3 40 T 3 abc\n4 50 T 12 abcdefgh\n"
                   "5 60 E R 2\n6 70 S F\n7 80 T 1 x\n8 90 E F 1\n9 95 S R\n10 96 T 3 abc\n"
                   "11 97 E R 1\n12 98 M a\\00b\n13 99 X\n");
        write_seed(argv[2], "loss",
                   "1"
                   "0 10 B i 512\n1 20 S R\n3 40 T 90 abc\n4 41 U def\n9 60 E R 7\n0 5 B f 1\n"
                   "1 6 N R 900\n2 7 E F 3\n");
        write_seed(argv[2], "text",
                   "0"
                   "hello ~F1 0 10 X 1abcd\n~F2 1\n");
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        static uint8_t data[1 << 20];
        require(file != NULL, argv[i]);
        size_t bytes = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, bytes);
    }
    return 0;
}
#endif
