// stringmatch.h: Lua patterns.
//
// Reads and writes: characters of subject and pattern, each read reported to the content probe.
// Memory: struct match_state on the C stack of the caller; captures are pushed on the Lua stack.
// Source: Lua 5.1 reference manual, 5.4.1. A pattern ends at its first NUL, as in Lua 5.1. Limits:
//         captures by the profile (firmware 10, pc 32); nesting by MATCH_DEPTH_xxx, so that a
//         pattern cannot run the C stack over.
#ifndef RUNTIME_LIB_STRINGMATCH_H
#define RUNTIME_LIB_STRINGMATCH_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lua.h"
#include "runtime/core/profile.h"

// The character that escapes others in patterns and replacements.
#define MATCH_ESCAPE '%'

// How deep the parts of a pattern may nest in C calls: captures, and items with ? * + -.
#define MATCH_DEPTH_FIRMWARE 200
#define MATCH_DEPTH_PC 1000

// `bytes` of a capture whose ')' has not come yet, and of a position capture.
#define CAPTURE_OPEN (-1)
#define CAPTURE_POSITION (-2)

struct match_capture {
    const char *start;
    ptrdiff_t bytes;
};

// Neighbouring reads of one string, not yet reported.
struct match_reads {
    const char *text;
    size_t first, next;
};

// Places of a pattern whose reads are counted before they are reported.
#define MATCH_COUNTS 32

struct match_state {
    lua_State *L;
    const char *subject, *subject_end;
    const char *pattern;
    int depth_left;
    int level; // captures begun so far
    struct match_capture captures[LUA_CAPTURES_LIMIT];
#ifdef FROST_PROBED
    struct match_reads subject_reads;
    uint32_t pattern_counts[MATCH_COUNTS];
#endif
};

// Subject and pattern are characters of Lua strings that stay alive while the state is used.
void match_init(struct match_state *m, lua_State *L, const char *subject, size_t subject_bytes,
                const char *pattern);

// Does the pattern begin with '^'?
int match_is_anchored(struct match_state *m);

// Matches the pattern from p on (a place in it) against the subject from s on. The end of the
// match, or NULL. Raises errors for malformed patterns.
const char *match_at(struct match_state *m, const char *s, const char *p);

// The first place from s on where a match may begin; the end of the subject if there is none.
// Raises errors for malformed patterns. Where probes count reads, each place is tried.
#ifdef FROST_PROBED
static inline const char *match_skip(struct match_state *m, const char *s, const char *p)
{
    (void)m;
    (void)p;
    return s;
}
#else
const char *match_skip(struct match_state *m, const char *s, const char *p);
#endif

// Reports the reads made so far to the content probe: before Lua code runs, and when the state is
// no longer used.
#ifdef FROST_PROBED
void match_report_reads(struct match_state *m);
#else
static inline void match_report_reads(struct match_state *m)
{
    (void)m;
}
#endif

// Pushes capture number i, from 0; number 0 of a match without captures is the whole, start to end.
void match_push_capture(struct match_state *m, int i, const char *start, const char *end);

// Pushes all captures, or the whole match start to end if there are none (start NULL: nothing).
// Returns how many were pushed.
int match_push_captures(struct match_state *m, const char *start, const char *end);

// Pushes `bytes` characters of the Lua string `text`, from index `first` on. Reports the reads that
// interning makes of it.
void match_push_part(lua_State *L, const char *text, size_t first, size_t bytes);

#endif
