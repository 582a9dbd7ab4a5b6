// replay.c: see replay.h.

#include "runtime/world/host/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/format/status.h"
#include "runtime/port/host/trace.h"
#include "runtime/port/port.h"
#include "runtime/world/host/replay_compare.h"
#include "runtime/world/host/replay_log.h"
#include "runtime/world/host/replay_streams.h"
#include "runtime/world/virtual.h"
#include "runtime/world/world.h"

static struct {
    struct replay_log log; // without boots: there is no replay
    struct replay_window turn;
    replay_place first_input; // no input of the turn before it is left
    uint64_t turn_count;
    int has_booted, has_own_heap, is_cut, is_finished;
} replay;

// ---- turns ----

static const struct replay_record *record_at(replay_place place)
{
    return replay_log_at(&replay.log, place);
}

// The records from `first` on, up to the next turn, boot or end.
static void set_window(const struct replay_record *turn, replay_place first)
{
    replay_place end = first;
    while (record_at(end)->type == REPLAY_INPUT || record_at(end)->type == REPLAY_OUTPUT ||
           record_at(end)->type == REPLAY_MARK)
        end = replay_log_next(&replay.log, end);
    replay.turn = (struct replay_window){turn, first, end};
    replay.first_input = first;
    replay_tell_turn(turn);
    replay_compare_turn(&replay.turn);
}

static int is_left(replay_place place)
{
    const struct replay_record *record = record_at(place);
    return record->type == REPLAY_INPUT && !record->mark;
}

// Marks come between turns.
static void repeat_marks(void)
{
    for (replay_place at = replay.turn.first; at != replay.turn.end;
         at = replay_log_next(&replay.log, at)) {
        struct replay_record *record = replay_log_at(&replay.log, at);
        if (record->type != REPLAY_MARK || record->mark)
            continue;
        host_trace_mark((const char *)replay_log_data(record), record->bytes);
        record->mark = 1;
    }
}

static void end_turn(void)
{
    for (replay_place at = replay.first_input; at != replay.turn.end;
         at = replay_log_next(&replay.log, at))
        if (is_left(at))
            replay_tell_unasked();
    replay.first_input = replay.turn.end;
    replay_compare_turn_end();
    repeat_marks();
}

// The recording was ended here.
static int is_cut_at(const struct replay_record *end)
{
    return end->type == REPLAY_END && (end->object == REPLAY_CUT || end->object == REPLAY_OVER);
}

// Nothing was recorded after this turn, since the recording was ended.
static int is_last_turn(void)
{
    return is_cut_at(record_at(replay.turn.end));
}

static _Noreturn void end_quietly(void)
{
    replay.is_cut = 1;
    port_exit(EXIT_STATUS_DONE);
}

static enum world_recorded recorded_turn(struct world_turn *turn)
{
    end_turn();
    const struct replay_record *next = record_at(replay.turn.end);
    if (next->type == REPLAY_BOOT)
        return WORLD_RECORDED_BOOT;
    if (next->type != REPLAY_TURN)
        return WORLD_RECORDED_END;
    struct replay_turn about = replay_log_turn(next);
    *turn = (struct world_turn){about.number, next->object, next->kind, about.device_us};
    replay.turn_count++;
    set_window(next, replay_log_next(&replay.log, replay.turn.end));
    return WORLD_RECORDED_TURN;
}

// ---- inputs ----

// Takes the first input of the turn that is of the object. NULL: there is none.
static const struct replay_record *take_input(int kind, uint32_t object)
{
    while (replay.first_input != replay.turn.end && !is_left(replay.first_input))
        replay.first_input = replay_log_next(&replay.log, replay.first_input);
    for (replay_place at = replay.first_input; at != replay.turn.end;
         at = replay_log_next(&replay.log, at)) {
        struct replay_record *record = replay_log_at(&replay.log, at);
        if (!is_left(at) || record->kind != kind || record->object != object)
            continue;
        record->mark = 1;
        return record;
    }
    return NULL;
}

// The program asks what it did not ask then.
static void tell_question(int kind, uint32_t object)
{
    if (is_last_turn())
        end_quietly();
    replay_compare_give_up();
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_QUESTION,
        .kind = (uint8_t)kind,
        .object = object,
        .text = "asked for, and no answer was recorded",
        .turn = replay.turn.turn,
    });
}

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    const struct replay_record *record = take_input(kind, object);
    if (!record && kind == WORLD_WIFI && object == WORLD_WIFI_SAVED)
        return 0; // it was erased, as most are
    if (!record) {
        tell_question(kind, object);
        return world_virtual.ask(kind, object, question, question_bytes, answer, room);
    }
    size_t bytes = record->bytes < room ? record->bytes : room;
    memcpy(answer, replay_log_data(record), bytes);
    return bytes;
}

static int recorded(int kind, uint32_t object, void *answer, size_t bytes)
{
    const struct replay_record *record = take_input(kind, object);
    if (kind == WORLD_HEAP && replay.has_own_heap)
        return 0;
    if (!record)
        tell_question(kind, object);
    if (!record || record->bytes != bytes)
        return 0;
    memcpy(answer, replay_log_data(record), bytes);
    return 1;
}

static int take(uint64_t now_us, struct world_arrival *arrival)
{
    const struct replay_record *turn = replay.turn.turn;
    const struct replay_record *record = turn ? take_input(turn->kind, turn->object) : NULL;
    (void)now_us;
    if (!record)
        return 0;
    *arrival = (struct world_arrival){record->object, record->kind, record->bytes,
                                      replay_log_data(record)};
    return 1;
}

static uint64_t next_us(void)
{
    return WORLD_NEVER;
}

static void tell_restart(void)
{
    replay_compare_give_up();
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_EXTRA,
        .text = "the device restarts, and did not then",
        .turn = replay.turn.turn,
    });
}

// A turn that came then has nothing to call now.
static void lacks(int kind, uint32_t object)
{
    if (kind == WORLD_START) {
        tell_restart();
        return;
    }
    replay_compare_give_up();
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_MISSING,
        .kind = (uint8_t)kind,
        .object = object,
        .text = "ran in the recording, and is not there",
        .turn = replay.turn.turn,
    });
}

// ---- outputs ----

static void send(int kind, uint32_t object, const void *data, size_t bytes)
{
    if (!replay.has_booted || replay.is_finished)
        return;
    struct world_pin pin;
    if (bytes == sizeof pin) {
        memcpy(&pin, data, sizeof pin);
        replay_streams_forget_time((unsigned)kind, &pin, sizeof pin);
        data = &pin;
    }
    if (replay_compare_output(kind, object, data, bytes, is_last_turn()))
        end_quietly();
}

// ---- boots ----

// What of the boot's turns the program has not come to.
static void tell_rest(const struct replay_record *next)
{
    char text[60];
    if (next->type == REPLAY_TURN)
        snprintf(text, sizeof text, "turn %" PRIu32 " of the recording did not come",
                 replay_log_turn(next).number);
    else
        snprintf(text, sizeof text, "boot %" PRIu32 " of the recording did not come", next->object);
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_MISSING,
        .kind = next->kind,
        .object = next->type == REPLAY_TURN ? next->object : 0,
        .text = text,
        .turn = replay.turn.turn,
    });
}

// The boot ends here; it should where the next one, or the end, was recorded.
static void end_boot(void)
{
    const struct replay_record *next = record_at(replay.turn.end);
    end_turn();
    replay_compare_end();
    if (next->type == REPLAY_TURN)
        tell_rest(next);
}

void replay_restart(void)
{
    if (!replay.has_booted)
        return;
    const struct replay_record *next = record_at(replay.turn.end);
    if (next->type == REPLAY_TURN)
        tell_restart();
    end_boot();
    if (next->type == REPLAY_END && is_last_turn())
        end_quietly();
}

// The next boot of the recording, or its end.
static replay_place find_boot(void)
{
    replay_place at = replay.has_booted ? replay.turn.end : replay_log_first();
    while (record_at(at)->type != REPLAY_BOOT && record_at(at)->type != REPLAY_END)
        at = replay_log_next(&replay.log, at);
    return at;
}

static void boot(void)
{
    replay_place first = find_boot();
    int is_known = record_at(first)->type == REPLAY_BOOT;
    first = is_known ? replay_log_next(&replay.log, first) : first;
    replay.has_booted = 1;
    if (replay_compare_boot(&replay.log, first) != 0)
        port_panic("replay: no memory for what was recorded");
    set_window(NULL, first);
    if (!is_known)
        replay_tell_difference(&(struct replay_difference){
            .what = DIFFERENCE_EXTRA,
            .text = "the device starts once more than in the recording",
        });
}

static const struct world_filling world_replay = {
    .ask = ask,
    .tell = send,
    .take = take,
    .next_us = next_us,
    .boot = boot,
    .recorded = recorded,
    .recorded_turn = recorded_turn,
    .lacks = lacks,
    .will_tell = replay_tell_note,
};

// ---- begin and end ----

int replay_open(const struct replay_setup *setup, char *problem, size_t room)
{
    replay_log_unmap(&replay.log);
    memset(&replay, 0, sizeof replay);
    int result = replay_log_map(&replay.log, setup->descriptor, problem, room);
    close(setup->descriptor);
    if (result != 0) {
        replay_log_unmap(&replay.log);
        return -1;
    }
    replay.has_own_heap = setup->has_own_heap;
    replay_tell_init(&setup->telling);
    world_use(&world_replay);
    return 0;
}

uint32_t replay_boots(void)
{
    return replay.log.boot_count;
}

void replay_cut(void)
{
    replay.is_cut = 1;
}

// Did it end as the recording did?
static void check_end(int status)
{
    const struct replay_record *next = record_at(replay.turn.end);
    char text[60];
    end_boot();
    if (next->type == REPLAY_BOOT)
        tell_rest(next);
    if (next->type != REPLAY_END || is_cut_at(next) || next->object == (uint32_t)status)
        return;
    snprintf(text, sizeof text, "ends with status %d, recorded: %" PRIu32, status, next->object);
    replay_tell_difference(&(struct replay_difference){
        .what = DIFFERENCE_EXTRA, .text = text, .turn = replay.turn.turn});
}

int replay_finish(int status)
{
    if (!replay_boots() || replay.is_finished)
        return status;
    replay.is_finished = 1;
    replay_tell_ending();
    int is_whole = status != EXIT_STATUS_ENVIRONMENT && status < 128 && !replay.is_cut;
    if (is_whole && replay.has_booted)
        check_end(status);
    return replay_tell_count() ? EXIT_STATUS_NO : status;
}

int replay_is_over(void)
{
    if (!replay_boots() || !replay.has_booted || replay_tell_count())
        return 0;
    const struct replay_record *end = record_at(replay.turn.end);
    return end->type == REPLAY_END && end->object == REPLAY_OVER;
}

void replay_say_end(void)
{
    if (replay_boots())
        replay_tell_summary(replay.turn_count, replay_compare_bytes());
}
