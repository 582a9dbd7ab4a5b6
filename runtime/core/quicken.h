// quicken.h: which handler of the interpreter an instruction needs, remembered beside the code.
//
// The quick operation of an instruction says its opcode and the kinds of its operands (register or
// constant, how many results ...), so that a handler neither looks at those bits nor loads them. It
// is a function of the instruction's word alone. It is worked out when the instruction first runs,
// and kept in a byte QUICK_OPS_OFFSET above the word, whether the code lies in RAM or in the flash
// window: pages that no code has run from cost nothing. Code stays as it is,
// and is executed in place; the bytes lie outside the heap and both ledgers. Whoever ends code
// (frees it, programs or erases flash) forgets its quick operations.
//
// Plain builds on a computer only (HAS_FAST_PATHS); with FROST_NO_CACHES every instruction has the
// plain one of its opcode.

#ifndef FROST_CORE_QUICKEN_H
#define FROST_CORE_QUICKEN_H

#include <stdint.h>
#include <string.h>

#include "runtime/core/fast_path.h"
#include "runtime/format/address_map.h"
#include "runtime/format/opcode.h"

#if HAS_FAST_PATHS

// Operands B and C: R a register, K a constant. LT, LE, EQ: what is wanted, 0 or 1.
#define QUICK_OPS_OF_KINDS(X, op) X(op##_RR) X(op##_RK) X(op##_KR)
// clang-format off
#define QUICK_OPS(X)                                                                              \
    QUICK_OPS_OF_KINDS(X, ADD)                                                                    \
    QUICK_OPS_OF_KINDS(X, SUB)                                                                    \
    QUICK_OPS_OF_KINDS(X, MUL)                                                                    \
    QUICK_OPS_OF_KINDS(X, DIV)                                                                    \
    QUICK_OPS_OF_KINDS(X, MOD)                                                                    \
    QUICK_OPS_OF_KINDS(X, LT_0)                                                                   \
    QUICK_OPS_OF_KINDS(X, LT_1)                                                                   \
    QUICK_OPS_OF_KINDS(X, LE_0)                                                                   \
    QUICK_OPS_OF_KINDS(X, LE_1)                                                                   \
    QUICK_OPS_OF_KINDS(X, EQ_0)                                                                   \
    QUICK_OPS_OF_KINDS(X, EQ_1)                                                                   \
    QUICK_OPS_OF_KINDS(X, SETTABLE) X(SETTABLE_KK)                                                \
    X(GETTABLE_R) X(GETTABLE_K)                                                                   \
    X(SELF_K)                                                                                     \
    X(LOADBOOL_STAY)                /* no instruction left out */                                 \
    X(TEST_0) X(TEST_1)                                                                           \
    X(CALL_0) X(CALL_1)             /* results; a known number of arguments */                    \
    X(RETURN_0) X(RETURN_1)
// clang-format on

#define QUICK_ITEM(name) QUICK_##name,
enum quick_op {
    QUICK_UNKNOWN, // not worked out yet
    QUICK_OPCODE,  // QUICK_OPCODE + opcode: nothing special, opcodes that do not exist included
    QUICK_BEFORE_SPECIAL = QUICK_OPCODE + 63,
    QUICK_OPS(QUICK_ITEM) QUICK_COUNT
};
#undef QUICK_ITEM
_Static_assert(QUICK_COUNT <= 256, "a quick operation is a byte");

// Of the word at an address.
#define QUICK_BYTE(addr) (*(uint8_t *)(uintptr_t)((uint32_t)(addr) + QUICK_OPS_OFFSET))

enum quick_op quick_op_of(uint32_t instruction);

// What lies there is code no longer, or other code.
static inline void quick_forget(uintptr_t addr, size_t bytes)
{
    size_t before = addr % 4;
    memset(&QUICK_BYTE(addr - before), 0, (before + bytes + 3) & ~(size_t)3);
}

#else
#define quick_forget(addr, bytes) ((void)(addr), (void)(bytes))
#endif

#endif
