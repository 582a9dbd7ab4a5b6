// lua_literal.h: Lua string literals: writing any bytes as one, and finding those of a source.
//
// Written literals are plain ASCII on one line and mean the same to every Lua 5.1, the firmware's
// included: decimal escapes only. Source: the Lua 5.1 manual, section 2.1.

#ifndef FROST_BASE_LUA_LITERAL_H
#define FROST_BASE_LUA_LITERAL_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"

// "..." with escapes, in the arena, NUL after.
struct text lua_literal_quote(struct arena *arena, struct text bytes);

// An expression that makes the text at run time, of parts of which the first has `first_bytes` (a
// text of one byte has none). No literal of it is the text. The text is not empty.
const char *lua_literal_split(struct arena *arena, struct text bytes, size_t first_bytes);

// A position in a Lua source from which string literals are taken one after another.
struct lua_scan {
    struct text source;
    struct text file; // for messages
    size_t off;
    uint32_t line; // of `off`, from 1
    struct arena *arena;
};

struct lua_literal {
    struct text bytes; // what the literal stands for, in the arena
    uint32_t line;     // where it begins
    size_t off;        // of its first character in the source; it ends where the scan is
};

void lua_scan_init(struct lua_scan *scan, struct arena *arena, struct text file,
                   struct text source);

// The next string literal ('...', "..." or long brackets); comments are skipped.
// Result: 1 found, 0 none left, STATUS_DAMAGED an unfinished literal or comment, or an escape that
//         stands for no character.
int lua_scan_next(struct lua_scan *scan, struct lua_literal *literal, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
