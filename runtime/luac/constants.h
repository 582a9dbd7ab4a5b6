// constants.h: one list of constants for all functions of an image, of which each function uses a
// window.
//
// A function's constants need not be its own: its pointer may lead to the first constant it uses in
// a list that others use as well, if its instructions are numbered from there. Each constant then
// stands in the image about once instead of once in every function.
// Limit: an operand B or C reaches 256 constants, Bx 2^18. So a constant that is too far after the
// end of the list is put there once more.
// Reads: functions of the compiler's or loader's making (verified bytecode). Writes: struct pool.
// Memory: userdata of the state, left on its stack.

#ifndef FROST_LUAC_CONSTANTS_H
#define FROST_LUAC_CONSTANTS_H

#include "runtime/core/state.h"

struct pool {
    lua_State *L;
    uint32_t count, count_max;
    const struct value **values; // the list
    uint32_t *newest;            // by number of a constant: its last place in the list + 1, 0: none
    uint32_t slot_count;         // of the map from constants to their numbers
    struct pool_slot {
        const struct value *value; // NULL: free
        uint32_t number;
    } * slots;
    uint32_t number_count;
};

struct pool_window {
    uint32_t first, count; // in the list
};

// Room for functions that have `constants_max` constants together. Pushes what holds it.
void pool_init(lua_State *L, struct pool *pool, uint32_t constants_max);

// Finds places for what the first `code_count` instructions of `p` use, and writes them to `code`,
// numbered from the window's first constant. The constants of `p` must stay where they are.
void pool_add(struct pool *pool, const struct proto *p, int code_count, uint32_t *code,
              struct pool_window *window);

#endif
