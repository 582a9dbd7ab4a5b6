// trim.h: what of a function an image needs: the code that can be reached, and what belongs to it.
//
// The compiler ends every function with a RETURN, also after one that is always taken, and keeps
// what stands behind `do return end`. Code at the end of a function that nothing reaches is left
// out of images, with the constants and line numbers that only it used. Strings are not: every
// text of the source stands in the image, so that a list of strings to preload costs nothing but
// their texts when it is written behind `do return end`.
// Memory: the line table is a string of the state.

#ifndef FROST_LUAC_TRIM_H
#define FROST_LUAC_TRIM_H

#include "runtime/core/state.h"
#include "runtime/format/opcode.h"

struct trim {
    int code_count;
    int constant_count;
    const struct string *lines; // NULL if the function has none
};

// Looks at a function of the compiler's or loader's making (verified bytecode).
void trim_function(lua_State *L, const struct proto *p, struct trim *trim);

// Which operands of an instruction are constants.
struct trim_operands {
    uint8_t b, c, bx;
};
struct trim_operands trim_operands(uint32_t instruction);

// Whether a word after the instruction is none.
int trim_is_data_next(uint32_t instruction);

// All of it, as it is.
void trim_nothing(lua_State *L, const struct proto *p, struct trim *trim);

#endif
