// parts.h: what the files that freeze share.
//
// Private to runtime/freezer.

#ifndef FROST_FREEZER_PARTS_H
#define FROST_FREEZER_PARTS_H

#include "runtime/freezer/freezer.h"

#define FREEZE_DEPTH_MAX 200 // functions inside functions, as deep as the compiler makes them

// What is done with the tables and closures of a graph.
enum freeze_step {
    STEP_SCAN,   // what stands in the way? are there cycles?
    STEP_PLAN,   // tables by themselves
    STEP_WRITE,  // the same
    STEP_PLACE,  // of a group: each gets its place in it
    STEP_PARTS,  // strings and functions are written
    STEP_EMIT,   // the words of all of them are given
    STEP_SETTLE, // the group is in flash
};

struct freeze_job {
    lua_State *L;
    struct freezer_result *result;
    int is_writing; // else planning
    int depth;
    int changes;      // something in RAM has moved
    int has_tables;   // tables or closures are marked
    int has_closures; // and upvalues
    enum freeze_step step;
    int needs_group;
    struct frozen_sink *sink; // STEP_EMIT
    uint32_t group_at;        // place of the next object
    uint32_t group_base;      // STEP_SETTLE: address of the payload
    uint32_t group_ram;       // bytes that its objects take
    int is_known;             // all that the group refers to is in flash
    int has_pending;          // a group is still to be written: others may refer to it
    uint32_t strings_saved;   // bytes of RAM
    uint32_t saved_planned;   // by what is to be written
    uint32_t blocks, bytes;   // planned
    uint32_t slice_bytes;     // nothing is begun once so much is written; 0: all is written
    uint32_t committed;       // bytes of blocks that were written and count
};

// An area to write to: STATUS_OK, or why there is none.
int freeze_make_ready(void);
// Test builds prove after each freeze that nothing frozen refers to RAM, and that the heap is
// sound.
void freeze_check_after(lua_State *L);
// enum trace_freeze_result of probed builds.
int freeze_result_kind(const struct freezer_result *result);

// Remembers the first thing that went wrong.
void freeze_fail(struct freeze_job *job, int status);
// Is there room for one more level of functions or tables? If not, that is what went wrong.
int freeze_enter(struct freeze_job *job);
// Plans or writes a string; 1 unless it could not be written.
int freeze_string(struct freeze_job *job, struct string *s);
// Writes an item if it is not there; *flags becomes its mark.
int freeze_put(struct freeze_job *job, const struct frozen_item *item, uint16_t *flags);

// Plans or writes a function with those inside it; 0: it stays in RAM.
int freeze_function(struct freeze_job *job, struct proto *p);

// Plans or writes a table or closure of Lua and all that it holds; 0: something stands in the way
// (result.why).
int freeze_object(struct freeze_job *job, void *object);
// What a table or closure holds, as the step says.
int freeze_content(struct freeze_job *job, void *object);
// Something stands in the way, or upvalue `idx` of a closure does. Result: 0.
int freeze_blocked(struct freeze_job *job, const char *reason);
int freeze_blocked_upvalue(struct freeze_job *job, const struct lua_closure *c, int idx,
                           const char *reason);

// The graph at `root`, which was scanned, as one group.
int freeze_plan_group(struct freeze_job *job, void *root);
int freeze_write_group(struct freeze_job *job, void *root);
// A table or closure in such a graph.
int freeze_group_member(struct freeze_job *job, void *object);
// May the closure be frozen, as far as it goes by itself? 0: no, and the job has failed.
int freeze_check_closure(struct freeze_job *job, const struct lua_closure *c);
// RAM of upvalues that only closures of the job have.
uint32_t freeze_upvalue_ram(struct freeze_job *job);

// The environment of all closures that freeze.
static inline struct table *freeze_globals(const lua_State *L)
{
    return VALUE_TABLE(&DEREF(GLOBAL(L)->main_thread)->globals);
}

// Does anything in the heap use a table of the job in a way that a frozen one cannot be used? 0:
// yes, and the job has failed.
int freeze_check_uses(struct freeze_job *job);

// Lets everything in the heap that refers to marked strings and functions refer to flash, and gives
// their RAM back. What runs or is held by C code goes later, by itself (freezer_settle).
void freezer_move(lua_State *L);

// Nobody finds the string any more, whose text flash has now; it goes when no C function has it.
void freezer_leave_behind(struct string *s);

// Takes the marks of functions, of tables and of what was only planned back. Functions that wait
// since an earlier freeze keep theirs, and so do strings that were written.
void freezer_unmark(lua_State *L);

#endif
