// form.h: which handler of the interpreter an instruction needs, remembered beside the code.
//
// The form of an instruction says its opcode and the kinds of its operands (register or constant,
// how many results ...), so that a handler neither looks at those bits nor loads them. It is a
// function of the instruction's word alone. It is worked out when the instruction first runs, and
// kept in a byte per word of address space, FORMS_ADDR + address / 4, whether the code lies in RAM
// or in the flash window: pages that no code has run from cost nothing. Code stays as it is, and is
// executed in place; the bytes lie outside the heap and both ledgers.
// Whoever ends code (frees it, programs or erases flash) forgets its forms.
//
// Plain builds on a computer only (HAS_SHORTCUTS); with FROST_NO_CACHES every instruction has the
// form of its opcode.

#ifndef FROST_CORE_FORM_H
#define FROST_CORE_FORM_H

#include <stdint.h>
#include <string.h>

#include "runtime/core/shortcut.h"
#include "runtime/format/address_map.h"
#include "runtime/format/opcode.h"

#if HAS_SHORTCUTS

// Operands B and C: R a register, K a constant. LT, LE, EQ: what is wanted, 0 or 1.
#define FORMS_OF_KINDS(X, op) X(op##_RR) X(op##_RK) X(op##_KR)
#define FORMS(X)                                                                                  \
    FORMS_OF_KINDS(X, ADD)                                                                        \
    FORMS_OF_KINDS(X, SUB)                                                                        \
    FORMS_OF_KINDS(X, MUL)                                                                        \
    FORMS_OF_KINDS(X, DIV)                                                                        \
    FORMS_OF_KINDS(X, MOD)                                                                        \
    FORMS_OF_KINDS(X, LT_0)                                                                       \
    FORMS_OF_KINDS(X, LT_1)                                                                       \
    FORMS_OF_KINDS(X, LE_0)                                                                       \
    FORMS_OF_KINDS(X, LE_1)                                                                       \
    FORMS_OF_KINDS(X, EQ_0)                                                                       \
    FORMS_OF_KINDS(X, EQ_1)                                                                       \
    FORMS_OF_KINDS(X, SETTABLE) X(SETTABLE_KK)                                                    \
    X(GETTABLE_R) X(GETTABLE_K)                                                                   \
    X(SELF_K)                                                                                     \
    X(LOADBOOL_STAY)                /* no instruction left out */                                 \
    X(TEST_0) X(TEST_1)                                                                           \
    X(CALL_0) X(CALL_1)             /* results; a known number of arguments */                    \
    X(RETURN_0) X(RETURN_1)

#define FORM_ITEM(name) FORM_##name,
enum form {
    FORM_UNKNOWN,   // not worked out yet
    FORM_OPCODE,    // FORM_OPCODE + opcode: nothing special, opcodes that do not exist included
    FORM_BEFORE_SPECIAL = FORM_OPCODE + 63,
    FORMS(FORM_ITEM) FORM_COUNT
};
#undef FORM_ITEM
_Static_assert(FORM_COUNT <= 256, "a form is a byte");

#define FORM_BYTES ((uint8_t *)(uintptr_t)FORMS_ADDR) // by address / 4

enum form form_of(uint32_t instruction);

// What lies there is code no longer, or other code.
static inline void form_forget(uintptr_t addr, size_t bytes)
{
    memset(FORM_BYTES + addr / 4, 0, (addr % 4 + bytes + 3) / 4);
}

#else
#define form_forget(addr, bytes) ((void)(addr), (void)(bytes))
#endif

#endif
