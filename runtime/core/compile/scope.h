// scope.h: functions, blocks, local variables and upvalues while a chunk is compiled.
//
// Reads and writes: struct func_state. Memory: names of locals and upvalues are vectors of the
// function, on the Lua heap. Functions under construction and their tables of constants stand on
// the Lua stack.
// Limits: locals of one function by lua_profile; CODE_UPVALUES_MAX upvalues.

#ifndef FROST_CORE_COMPILE_SCOPE_H
#define FROST_CORE_COMPILE_SCOPE_H

#include "runtime/core/compile/code.h"
#include "runtime/probe/probe.h"

// A block that variables belong to, or that `break` leaves.
struct block {
    struct block *around;
    int breaks;           // jumps out of it
    int active_count;     // active locals outside the block
    uint8_t has_captured; // a local of the block is an upvalue of some function
    uint8_t is_loop;
};

// A chunk being compiled.
struct parser {
    struct lexer lexer;
    struct func_state *function; // innermost
    struct probe_order order;    // of the functions so far
};

// ---- functions ----

void scope_open_function(struct parser *ps, struct func_state *fs);
// Adds the final return, trims the vectors, goes back to the function around.
void scope_close_function(struct parser *ps);

// ---- blocks ----

void scope_enter_block(struct func_state *fs, struct block *b, int is_loop);
void scope_leave_block(struct func_state *fs);

// ---- variables ----

// Declares local number `ahead` (from 0) after the active ones; not visible yet.
void scope_declare(struct parser *ps, struct string *name, int ahead);
void scope_declare_literal(struct parser *ps, const char *name, int ahead);
// The next `count` declared locals become visible.
void scope_activate(struct func_state *fs, int count);
// The function's last active local is visible from the next instruction on only (local function).
void scope_restart_last(struct func_state *fs);
// The variable of that name: local, upvalue or global.
void scope_find(struct parser *ps, struct string *name, struct expr *e);
// The closure of `inner`, which has just been closed, as an expression.
void scope_closure(struct parser *ps, struct func_state *inner, struct expr *e);
// Raises "function at line N has more than LIMIT WHAT" if count is over the limit.
void scope_check_limit(struct func_state *fs, int count, int limit, const char *what);

#endif
