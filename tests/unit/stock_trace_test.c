// stock_trace_test.c: from lines of a stock device to events: lists, losses, boots, time.

#include "collectors/device/device_trace.h"
#include "tests/support/device_lines.h"

#define EVENTS_MAX 40000

static struct arena arena;
static struct trace_event events[EVENTS_MAX];
static unsigned event_count;
static uint64_t lost;
static char names[EVENTS_MAX][16]; // of texts by id
static char texts[EVENTS_MAX][16]; // by event: the text it is about

static int put_event(void *context, const struct trace_event *event, struct problem *problem)
{
    (void)context;
    (void)problem;
    CHECK(event_count < EVENTS_MAX);
    CHECK(event_count == 0 || event->clock >= events[event_count - 1].clock);
    uint32_t id = event->id == TRACE_ID_string_new     ? event->string_new.text
                  : event->id == TRACE_ID_free         ? event->free.addr / 4
                  : event->id == TRACE_ID_string_found ? event->string_found.text
                                                       : 0;
    CHECK(id < EVENTS_MAX);
    memcpy(texts[event_count], names[id], sizeof names[id]);
    if (event->id == TRACE_ID_text)
        snprintf(names[event->text.id % EVENTS_MAX], sizeof names[0], "%.*s",
                 TEXT_ARGS(event->text.text));
    events[event_count++] = *event;
    return STATUS_OK;
}

static void put_lost(void *context, uint64_t count)
{
    (void)context;
    lost += count;
}

static struct device_trace *make(void)
{
    static const struct device_sink sink = {NULL, put_event, put_lost};
    return device_trace_create(&arena, &sink, false);
}

static void feed(struct device_trace *trace, const char *line)
{
    struct problem problem = {0};
    CHECK(device_trace_line(trace, text_of(line), &problem) >= 0);
    CHECK_TEXT(problem.message, "");
}

// Lines from sequence number `first` on, a second apart.
static unsigned feed_all(struct device_trace *trace, unsigned first, const char *const *lines,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        feed(trace, device_line((unsigned)(first + i) % 65536, 1000000u * (unsigned)(first + i),
                                lines[i]));
    return first + (unsigned)count;
}
#define FEED(trace, first, ...)                                                                    \
    feed_all(trace, first, (const char *const[]){__VA_ARGS__},                                     \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void finish(struct device_trace *trace)
{
    struct problem problem = {0};
    CHECK_EQUAL(device_trace_finish(trace, &problem), STATUS_OK);
}

// Names of the events, texts and counts in short.
static const char *story(void)
{
    static char line[4096];
    size_t used = 0;
    line[0] = '\0';
    for (unsigned i = 0; i < event_count && used < sizeof line - 64; i++) {
        const struct trace_event *event = &events[i];
        size_t room = sizeof line - used;
        switch (event->id) {
        case TRACE_ID_text:
            break;
        case TRACE_ID_string_new:
            used += (size_t)snprintf(line + used, room, "+%s ", texts[i]);
            break;
        case TRACE_ID_free:
            used += (size_t)snprintf(line + used, room, "-%s ", texts[i]);
            break;
        case TRACE_ID_string_found:
            used += (size_t)snprintf(line + used, room, "*%s ", texts[i]);
            break;
        case TRACE_ID_snapshot:
            used += (size_t)snprintf(line + used, room, "(%u/%u) ", event->snapshot.strings,
                                     event->snapshot.missing);
            break;
        default:
            used += (size_t)snprintf(line + used, room, "%s ", trace_event_name(event->id));
        }
    }
    return line;
}

TEST(lists_become_differences)
{
    struct device_trace *trace = make();
    unsigned n = FEED(trace, 0, "B f 512", "H 28000 14000 13000", "S R", "T 3 abc", "T 1 x",
                      "E R 2", "S F", "T 5 flash", "E F 1");
    n = FEED(trace, n, "S R", "T 3 abc", "T 3 new", "E R 2", "M here", "H 27000 15000 0");
    FEED(trace, n, "S R", "T 3 abc", "T 3 new", "T 1 x", "E R 3", "X");
    finish(trace);
    CHECK_TEXT(story(), "boot device_heap +abc +x (2/0) *flash (1/0) -x +new (2/0) mark "
                        "device_heap +x (3/0) end ");
    CHECK_EQUAL(lost, 0);
    CHECK_EQUAL(events[0].boot.flags, TRACE_BOOT_STOCK);
    CHECK_EQUAL(events[1].device_heap.free_bytes, 28000);
    CHECK_EQUAL(events[1].clock, 1000000000);
    CHECK_EQUAL(device_trace_counts(trace)->snapshots, 3);
    CHECK(device_trace_counts(trace)->is_stopped);
}

// What is lost within a list: nothing dies; the number of lines is right.
TEST(lost_lines_are_counted)
{
    struct device_trace *trace = make();
    unsigned n = FEED(trace, 0, "B f 512", "S R", "T 3 abc", "T 1 x", "E R 2", "S R", "T 3 abc");
    n = FEED(trace, n + 2, "E R 3"); // two strings are lost
    n = FEED(trace, n, "S R", "T 3 abc");
    FEED(trace, n + 3, "S R", "T 1 y", "E R 1"); // the end of this list, too
    finish(trace);
    CHECK_EQUAL(lost, 5);
    CHECK_TEXT(story(), "boot +abc +x (2/0) (3/2) (2/1) -abc -x +y (1/0) end ");
    CHECK_EQUAL(device_trace_counts(trace)->snapshots, 2);
    CHECK_EQUAL(device_trace_counts(trace)->snapshots_incomplete, 2);
    CHECK_EQUAL(device_trace_counts(trace)->lost, 5);
}

TEST(damaged_lines_are_lost_ones)
{
    struct device_trace *trace = make();
    feed(trace, "~F1 nonsense");
    unsigned n = FEED(trace, 0, "B f 512", "S R", "T 3 abc");
    char line[256];
    snprintf(line, sizeof line, "%s", device_line(n, 3000000, "T 1 x"));
    line[strlen(line) - 8] ^= 1;
    feed(trace, line);
    feed(trace, "the application says ~F1 something");
    n = FEED(trace, n + 1, "E R 2", "H 1 2 3");
    feed(trace, "this is ~F1 no line"); // nothing is missing between the good ones
    FEED(trace, n, "H 1 2 3");
    feed(trace, "~F1 cut o");
    finish(trace);
    CHECK_EQUAL(device_trace_counts(trace)->damaged, 5);
    CHECK_EQUAL(lost, 3); // the first one, "x", and the last one
    CHECK_TEXT(story(), "boot +abc (2/1) device_heap device_heap end ");
}

TEST(long_strings)
{
    struct device_trace *trace = make();
    unsigned n = FEED(trace, 0, "B f 8", "S R", "T 8 abcd", "U efgh", "T 99 0123", "U 4567",
                      "T 2 ok", "E R 3");
    FEED(trace, n, "S R", "T 8 abcd", "T 99 0123", "U 4567", "T 2 ok", "E R 3"); // no efgh
    finish(trace);
    CHECK_TEXT(story(), "boot +abcdefgh +01234567 +ok (3/0) (3/1) end ");
    CHECK_EQUAL(events[3].text.bytes, 99);
    CHECK_EQUAL(events[3].text.text.bytes, 8);
    CHECK_EQUAL(lost, 0);
}

TEST(a_new_boot_forgets_all)
{
    struct device_trace *trace = make();
    FEED(trace, 0, "B i 512", "S R", "T 3 abc", "E R 1", "H 1 2 3");
    FEED(trace, 0, "B f 512", "S R", "T 3 abc", "E R 1");
    FEED(trace, 1, "S R", "T 3 abc", "E R 1"); // a third one, its first line is lost
    finish(trace);
    CHECK_TEXT(story(), "boot +abc (1/0) device_heap boot +abc (1/0) boot +abc (1/0) end ");
    CHECK_EQUAL(events[0].boot.flags, TRACE_BOOT_STOCK | TRACE_BOOT_INTEGER);
    CHECK_EQUAL(device_trace_counts(trace)->boots, 3);
    CHECK_EQUAL(lost, 1);
    CHECK_EQUAL(events[event_count - 1].clock, 4000000000 + 3000000000 + 3000000000);
}

// A second start without a reboot goes on.
TEST(a_second_start)
{
    struct device_trace *trace = make();
    unsigned n = FEED(trace, 0, "B f 512", "S R", "T 3 abc", "E R 1", "X");
    FEED(trace, n, "B f 512", "S R", "T 3 abc", "E R 1");
    finish(trace);
    CHECK_TEXT(story(), "boot +abc (1/0) (1/0) end ");
    CHECK_EQUAL(lost, 0);
}

TEST(begins_in_the_middle)
{
    struct device_trace *trace = make();
    FEED(trace, 40000, "T 3 abc", "E R 7", "S R", "T 1 x", "E R 1");
    finish(trace);
    CHECK_TEXT(story(), "boot +abc (7/6) -abc +x (1/0) end ");
    CHECK_EQUAL(lost, 0);
}

TEST(numbers_and_time_wrap)
{
    struct device_trace *trace = make();
    feed(trace, device_line(65535, 0x7fffffff, "H 1 2 3"));
    feed(trace, device_line(0, 999, "H 1 2 3"));
    finish(trace);
    CHECK_TEXT(story(), "boot device_heap device_heap end ");
    CHECK_EQUAL(events[2].clock - events[1].clock, 1000000);
    CHECK_EQUAL(lost, 0);
}

TEST(more_strings_than_a_device_has)
{
    struct device_trace *trace = make();
    struct problem problem = {0};
    char rest[64];
    unsigned n = FEED(trace, 0, "B f 512", "S R");
    for (unsigned i = 0; i <= DEVICE_STRINGS_MAX / 2; i++) {
        snprintf(rest, sizeof rest, "T 9 a%08u", i);
        feed(trace, device_line(n++ % 65536, 5000000, rest));
    }
    snprintf(rest, sizeof rest, "E R %u", DEVICE_STRINGS_MAX / 2 + 1);
    feed(trace, device_line(n++ % 65536, 5000000, rest));
    feed(trace, device_line(n++ % 65536, 5000000, "S F"));
    for (unsigned i = 0; i <= DEVICE_STRINGS_MAX / 2; i++) {
        snprintf(rest, sizeof rest, "T 9 b%08u", i);
        feed(trace, device_line(n++ % 65536, 5000000, rest));
    }
    snprintf(rest, sizeof rest, "E F %u", DEVICE_STRINGS_MAX / 2 + 1);
    const char *line = device_line(n % 65536, 5000000, rest);
    CHECK_EQUAL(device_trace_line(trace, text_of(line), &problem), STATUS_LIMIT);
    CHECK(strstr(problem.message, "this is not a device") != NULL);
}

TEST_MAIN
