// replay_tell.c: see replay_tell.h.

#include "runtime/world/host/replay_tell.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/format/status.h"
#include "runtime/port/host/say.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"
#include "runtime/world/host/replay_log.h"

#define BYTES_SHOWN 60u  // of what was wanted and what came
#define QUOTED_ROOM 264u // four characters for each, quotes and dots
#define NAME_ROOM 40u    // "connection 4294967295"
#define TURN_ROOM 80u
#define NOTES 64u            // that are kept
#define ORDER_EVENTS_MAX 64u // in the trace; the others are counted

static struct replay_telling telling;
static const struct replay_record *running_turn;
static uint64_t difference_count, order_count, unasked_count;
static char first_order[TURN_ROOM + 2 * NAME_ROOM + 16];
static int is_ending;

void replay_tell_init(const struct replay_telling *with)
{
    telling = *with;
    running_turn = NULL;
    difference_count = order_count = unasked_count = 0;
    is_ending = 0;
}

void replay_tell_turn(const struct replay_record *turn)
{
    running_turn = turn;
}

void replay_tell_ending(void)
{
    is_ending = 1;
}

uint64_t replay_tell_count(void)
{
    return difference_count;
}

// ---- words ----

static const char *kind_name(unsigned kind)
{
#define KIND_NAME(name, text) text,
    static const char *const names[] = {TRACE_WORLD_KINDS(KIND_NAME)};
#undef KIND_NAME
    return kind < WORLD_COUNT ? names[kind] : "?";
}

// "socket 3"; what there is one of has no number.
static const char *name_of(unsigned kind, uint32_t object, char *text)
{
    if (kind == WORLD_CONSOLE)
        snprintf(text, NAME_ROOM, "%s", object == 2 ? "console (errors)" : "console");
    else if (object || kind == WORLD_TASK)
        snprintf(text, NAME_ROOM, "%s %" PRIu32, kind_name(kind), object);
    else
        snprintf(text, NAME_ROOM, "%s", kind_name(kind));
    return text;
}

static void name_turn(const struct replay_record *turn, char *text)
{
    char name[NAME_ROOM];
    if (turn)
        snprintf(text, TURN_ROOM, "turn %" PRIu32 " (%s)", replay_log_turn(turn).number,
                 name_of(turn->kind, turn->object, name));
    else
        snprintf(text, TURN_ROOM, "before the first turn");
}

// Printable ASCII in quotes, the rest as \n, \xHH.
static void quote(struct replay_bytes bytes, char *text)
{
    static const char special[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
    const unsigned char *data = bytes.data;
    size_t count = bytes.bytes < BYTES_SHOWN ? bytes.bytes : BYTES_SHOWN;
    char *at = text;
    *at++ = '"';
    for (size_t i = 0; i < count; i++) {
        const char *is_special = data[i] ? strchr(special, data[i]) : NULL;
        if (is_special)
            at += snprintf(at, 5, "\\%c", letters[is_special - special]);
        else
            at += snprintf(at, 5, data[i] < ' ' || data[i] > '~' ? "\\x%02x" : "%c", data[i]);
    }
    snprintf(at, 6, "\"%s", count < bytes.bytes ? "..." : "");
}

void replay_tell_where(char *text)
{
    struct lua_State *L = telling.running ? telling.running() : NULL;
    text[0] = 0;
    if (L && telling.where)
        telling.where(L, text, REPLAY_WHERE_ROOM);
}

// ---- lines that have said what is sent later ----

static struct note {
    uint32_t object;
    int kind;
    char where[REPLAY_WHERE_ROOM];
} notes[NOTES];

static struct note *note_of(int kind, uint32_t object)
{
    return &notes[((uint32_t)kind + object) % NOTES];
}

void replay_tell_note(int kind, uint32_t object)
{
    struct note *note = note_of(kind, object);
    note->kind = kind;
    note->object = object;
    replay_tell_where(note->where);
}

// The line that is to blame: the one that runs, or the one that said it before.
static void find_line(const struct replay_difference *d, char *where)
{
    const struct note *note = note_of(d->kind, d->object);
    replay_tell_where(where);
    if (d->where && *d->where)
        snprintf(where, REPLAY_WHERE_ROOM, "%s", d->where);
    else if (!*where && note->kind == d->kind && note->object == d->object)
        memcpy(where, note->where, sizeof note->where);
}

// ---- differences ----

static void write_event(const struct replay_difference *d, const char *text)
{
    const struct replay_record *turn = d->is_earlier ? d->turn : running_turn;
    struct lua_State *L = telling.running && !d->is_earlier ? telling.running() : NULL;
    PROBE_REPLAY_DIFFERENCE(L, d->what, turn ? replay_log_turn(turn).number : 0, d->kind, d->object,
                            d->off, text);
    (void)turn, (void)L, (void)text;
}

// What differs and where, then what was recorded and what is now, on one line.
static void sum_up(const struct replay_difference *d, const char *wanted, const char *got,
                   const char *where, char *text, size_t room)
{
    snprintf(text, room, "%s%s%s%s%s%s%s", d->text, *where ? ", at " : "", where,
             d->wanted.bytes ? "; recorded " : "", d->wanted.bytes ? wanted : "",
             d->got.bytes ? "; now " : "", d->got.bytes ? got : "");
}

static void print_difference(const struct replay_difference *d, const char *wanted, const char *got,
                             const char *where)
{
    char turn[TURN_ROOM], recorded[TURN_ROOM] = "", name[NAME_ROOM];
    name_turn(d->is_earlier ? d->turn : running_turn, turn);
    if (!d->is_earlier && d->turn != running_turn)
        name_turn(d->turn, recorded);
    fflush(stdout);
    host_say("replay: %s: %s%s%s%s%s%s%s", turn, d->kind ? name_of(d->kind, d->object, name) : "",
             d->kind ? ": " : "", d->text, *recorded ? ", recorded in " : "", recorded,
             *where ? ", at " : "", where);
    if (d->wanted.bytes)
        fprintf(stderr, "  recorded: %s\n", wanted);
    if (d->got.bytes)
        fprintf(stderr, "  now:      %s\n", got);
}

void replay_tell_difference(const struct replay_difference *d)
{
    char where[REPLAY_WHERE_ROOM], wanted[QUOTED_ROOM], got[QUOTED_ROOM];
    char text[2 * QUOTED_ROOM + REPLAY_WHERE_ROOM + 160];
    if (difference_count && !telling.is_loose)
        return;
    difference_count++;
    quote(d->wanted, wanted);
    quote(d->got, got);
    find_line(d, where);
    sum_up(d, wanted, got, where, text, sizeof text);
    write_event(d, text);
    print_difference(d, wanted, got, where);
    if (!telling.is_loose && !is_ending)
        port_exit(EXIT_STATUS_NO);
}

// ---- what is none ----

// "socket 3" and what is told of it.
static void tell_order(int kind, uint32_t object, uint64_t off, const char *what)
{
    char name[NAME_ROOM], turn[TURN_ROOM], text[2 * NAME_ROOM + 10];
    if (++order_count > ORDER_EVENTS_MAX)
        return;
    name_turn(running_turn, turn);
    snprintf(text, sizeof text, "%s %s", name_of((unsigned)kind, object, name), what);
    if (order_count == 1)
        snprintf(first_order, sizeof first_order, "%s, %s", turn, text);
    write_event(
        &(struct replay_difference){
            .what = DIFFERENCE_ORDER, .kind = (uint8_t)kind, .object = object, .off = off},
        text);
}

void replay_tell_order(int kind, uint32_t object, uint64_t off, const struct replay_record *other)
{
    char name[NAME_ROOM], what[NAME_ROOM + 8] = "in another turn";
    if (other)
        snprintf(what, sizeof what, "before %s", name_of(other->kind, other->object, name));
    tell_order(kind, object, off, what);
}

void replay_tell_shuffle(int kind, uint32_t object, uint64_t off)
{
    tell_order(kind, object, off, "line by line");
}

void replay_tell_unasked(void)
{
    unasked_count++;
}

void replay_tell_summary(uint64_t turns, uint64_t output_bytes)
{
    if (telling.is_quiet)
        return;
    fflush(stdout);
    if (difference_count && telling.is_loose)
        fprintf(stderr, "frost: replay: differences: %" PRIu64, difference_count);
    else
        fprintf(stderr, "frost: replay: %s",
                difference_count ? "ended at the first difference" : "equal");
    fprintf(stderr, " (turns: %" PRIu64 ", bytes of output: %" PRIu64 ")\n", turns, output_bytes);
    if (order_count)
        host_say("replay: in another order: %" PRIu64 " (first: %s)", order_count, first_order);
    if (unasked_count && (telling.is_loose || !difference_count))
        host_say("replay: recorded answers that were not asked for: %" PRIu64 "", unasked_count);
}
