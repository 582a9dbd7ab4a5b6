// static_flow.h: where the sub-word loads of a firmware may read, without running it.
//
// A forward data flow inside each function: addresses come from literals (l32r), go through moves,
// sums and loads of constant pointers, meet where control meets, and end as the base of a load. At
// a call, registers are lost that the callee may change; what is handed over is noted, so that a
// load from an argument can be said to reach the constants that callers pass. Whatever the flow
// cannot follow (memory that is written, results of calls) is "unknown base", never guessed.
// Memory: a state of 4 KB per branch target of the function at hand; results in the arena.
// Limits: functions of more than 128 Ki instructions, or that take too many steps, are given up.

#ifndef FROST_ANALYSIS_STATIC_FLOW_H
#define FROST_ANALYSIS_STATIC_FLOW_H

#include "analyzer/analysis/static/static_code.h"

#define STATIC_ORIGINS_MAX 6u   // constants that one register may hold by the ways taken
#define STATIC_ARGUMENTS_MAX 6u // a2 to a7

// What a register may hold: any of these. None: the code is never reached.
enum {
    STATIC_CONSTANT = 1,  // an address or number out of the code: `origins`
    STATIC_STACK = 2,     // an address on the C stack
    STATIC_ARGUMENT = 4,  // what the caller passed: `arguments`
    STATIC_LOADED = 8,    // from memory that is written, or through something unknown
    STATIC_RESULT = 16,   // what a call gave back
    STATIC_COMPUTED = 32, // anything else
};
#define STATIC_UNKNOWN (STATIC_ARGUMENT | STATIC_LOADED | STATIC_RESULT | STATIC_COMPUTED)

struct static_value {
    uint8_t what; // bits
    uint8_t origin_count;
    uint8_t through;   // bit n: origins[n] is a table, the value a pointer out of it
    uint8_t arguments; // bit n: argument n (a2 is 0)
    uint32_t is_exact; // 1: the value is origin + offset; 0: somewhere after
    int32_t offset;
    uint32_t origins[STATIC_ORIGINS_MAX];
};

// One sub-word load.
struct static_load {
    uint32_t insn;            // index
    struct static_value base; // with the load's own offset added
};

// Constants that callers pass: to function `function` as argument `argument`.
struct static_pass {
    uint32_t function;
    uint8_t argument;
    bool is_table; // a pointer out of the table at `origin`
    uint32_t origin;
};

struct static_flow {
    const struct static_code *code;
    struct static_load *loads; // by address
    uint32_t load_count;
    struct static_pass *passes; // by function, argument, origin
    uint32_t pass_count;
    uint32_t given_up_count; // functions that are too large: their loads have unknown bases
};

void static_flow_run(struct arena *arena, const struct static_code *code, struct static_flow *flow);

// The constants passed to a function as an argument. Result: how many; *first is the first one.
uint32_t static_flow_passed(const struct static_flow *flow, uint32_t function, unsigned argument,
                            uint32_t *first);

#endif
