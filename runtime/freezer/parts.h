// parts.h: what the files that freeze share.
//
// Private to runtime/freezer.

#ifndef FROST_FREEZER_PARTS_H
#define FROST_FREEZER_PARTS_H

#include "runtime/freezer/freezer.h"

#define FREEZE_DEPTH_MAX 200 // functions inside functions, as deep as the compiler makes them

struct freeze_job {
    lua_State *L;
    struct freezer_result *result;
    int is_writing; // else planning
    int depth;
    int changes;            // something in RAM has moved
    int has_tables;         // tables are marked
    uint32_t strings_saved; // bytes of RAM
    uint32_t saved_planned; // by what is to be written
    uint32_t blocks, bytes; // planned
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

// Plans or writes a table and all that it holds; 0: something stands in the way (result.why).
int freeze_table(struct freeze_job *job, struct table *t);
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
