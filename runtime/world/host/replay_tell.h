// replay_tell.h: where a replay leaves its recording: told, counted, and written to the trace.
//
// Writes: standard error; `replay_difference` events. Memory: static.
// Context: the interpreter's thread.

#ifndef FROST_WORLD_REPLAY_TELL_H
#define FROST_WORLD_REPLAY_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/trace_events.h"

struct lua_State;
struct replay_record;

#define REPLAY_WHERE_ROOM 160u

struct replay_telling {
    int is_loose; // goes on after a difference
    int is_quiet; // no summary
    // The thread that runs, NULL: none; where it is, "init.lua:12", "": not known.
    struct lua_State *(*running)(void);
    void (*where)(struct lua_State *L, char *text, size_t room);
};

struct replay_bytes {
    const void *data;
    size_t bytes;
};

struct replay_difference {
    enum trace_difference what;
    uint8_t kind; // enum trace_world
    uint32_t object;
    uint64_t off;                     // of what the object sent: the first byte that differs
    const char *text;                 // one line: what is different
    struct replay_bytes wanted, got;  // what was recorded, what is now, around that byte
    const struct replay_record *turn; // in which it was recorded, NULL: before the first
    int is_earlier;                   // that turn has it, and not the one that runs
    const char *where;                // Lua line; NULL: the one that runs
};

void replay_tell_init(const struct replay_telling *telling);
// The turn that runs from now on, NULL: none.
void replay_tell_turn(const struct replay_record *turn);
// The Lua line that runs, "": none does. `text` has REPLAY_WHERE_ROOM.
void replay_tell_where(char *text);
// What the object sends later is said by the line that runs now.
void replay_tell_note(int kind, uint32_t object);
// A difference: ends the process with status 1 unless the replay is loose, or ends already; then
// the first one is told and the others are not.
void replay_tell_difference(const struct replay_difference *difference);
// Equal, but before the output `other`; NULL: in another turn.
void replay_tell_order(int kind, uint32_t object, uint64_t off, const struct replay_record *other);
// Equal, but for the order of its lines within the turn.
void replay_tell_shuffle(int kind, uint32_t object, uint64_t off);
// A recorded answer that the program did not ask for.
void replay_tell_unasked(void);
// The process is ending: whatever is told from now on does not end it.
void replay_tell_ending(void);
uint64_t replay_tell_count(void);
void replay_tell_summary(uint64_t turns, uint64_t output_bytes);

#endif
