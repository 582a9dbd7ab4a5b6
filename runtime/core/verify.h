// verify.h: may this function run? A check of its fields and of every instruction.
//
// Reads: a function and its vectors, which must be mapped as far as their counts say; sub-functions
//        only as far as CLOSURE needs their number of upvalues. Allocates nothing, raises nothing.
// What passes cannot reach outside its registers, constants, upvalues and code. What depends on
// values at run time (the table of SETLIST, open results) the interpreter guards.
// Source: operands of runtime/format/opcode.h; what code of Lua 5.1's compiler looks like.

#ifndef FROST_CORE_VERIFY_H
#define FROST_CORE_VERIFY_H

#include "runtime/core/object.h"

// NULL if the function is good, else what is wrong ("register out of range") with the index of the
// instruction in *pc (-1: the function itself). Sub-functions are not entered.
const char *verify_function(const struct proto *p, int *pc);

#endif
