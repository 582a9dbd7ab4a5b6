// replay_log.h: a replay log in memory, checked once, then walked without further checks.
//
// Reads: a file (runtime/format/replay_log.h). Memory: a private copy of it, of which only the
// pages that are marked in take room; the marks are the caller's.
// Context: the interpreter's thread, or before it starts.

#ifndef FROST_WORLD_REPLAY_LOG_H
#define FROST_WORLD_REPLAY_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/replay_log.h"

// Places of records are counted from the start, in units of REPLAY_LOG_ALIGN; 0 is none.
typedef uint32_t replay_place;

struct replay_log {
    uint8_t *data;
    size_t bytes;
    uint32_t boot_count;
};

// Takes the log that an open file holds, which may be closed then.
//
// problem  gets what is wrong, one line without a name.
// Result: 0, or -1.
int replay_log_map(struct replay_log *log, int descriptor, char *problem, size_t room);
void replay_log_unmap(struct replay_log *log);
// Checks what lies in `data`. Result as above.
int replay_log_check(struct replay_log *log, char *problem, size_t room);

// The first record; the one after a record that is not REPLAY_END.
replay_place replay_log_first(void);
replay_place replay_log_next(const struct replay_log *log, replay_place place);

static inline struct replay_record *replay_log_at(const struct replay_log *log, replay_place place)
{
    return (struct replay_record *)(void *)(log->data + (size_t)place * REPLAY_LOG_ALIGN);
}

static inline const uint8_t *replay_log_data(const struct replay_record *record)
{
    return (const uint8_t *)(record + 1);
}

// Of a turn.
struct replay_turn replay_log_turn(const struct replay_record *record);

#endif
