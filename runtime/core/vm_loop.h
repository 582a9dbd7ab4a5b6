// vm_loop.h: how the interpreter's loop goes from instruction to instruction and finds operands.
//
// For vm.c alone: the macros use the locals of vm_execute (L, pc, i, base, constants, call) and its
// table of handlers, `dispatch` or, on the chip, `handlers`.
//
// While a line or count hook is set, the table of handlers is `traced`, whose only entry runs the
// hook and goes on to the real handler; so running without hooks costs no test per instruction. On
// a computer the table in use has a fixed place, which costs neither a register nor an instruction;
// it is changed when a hook is set, and whenever another thread may have begun to run while hooks
// are in use. On the chip, where 512 bytes of RAM are worth more, a local refers to it, and a hook
// that is set while Lua code runs is noticed at the next jump or call.

#ifndef FROST_CORE_VM_LOOP_H
#define FROST_CORE_VM_LOOP_H

#include <assert.h>

#include "runtime/core/form.h"
#include "runtime/core/heap_parts.h"
#include "runtime/core/vm_inline.h"

#define HOOK_MASK_TRACE (LUA_MASKLINE | LUA_MASKCOUNT)

// ---- places in code ----

#if HAS_SHORTCUTS
// Address / 4: one number finds the instruction and, without another one, its form.
typedef uintptr_t code_place;
#define PLACE_OF(address) ((uintptr_t)(address) >> 2)
#define ADDRESS_OF(place) ((const uint32_t *)((place) << 2))
#else
typedef const uint32_t *code_place;
#define PLACE_OF(address) (address)
#define ADDRESS_OF(place) (place)
#endif
#define WORD_AT(place) (*ADDRESS_OF(place))

// ---- the table of handlers ----

// Handlers are numbered by form or, without forms, by opcode.
#if HAS_SHORTCUTS
#define HANDLER_COUNT 256
#define HANDLER_OF_OPCODE(op) (FORM_OPCODE + (op))
#else
#define HANDLER_COUNT 64
#define HANDLER_OF_OPCODE(op) (op)
#endif

// The number of the handler for the instruction i, which has been fetched from place - 1.
#if HAS_SHORTCUTS
#define HANDLER_NUMBER(i, place) FORM_BYTES[(place) - 1]
#else
#define HANDLER_NUMBER(i, place) ((i) & 63u)
#endif

// ---- from instruction to instruction ----

#if HAS_SHORTCUTS
#if HEAP_SANITIZED
// A form that outlived its code would take operands for what they are not.
#define CHECK_FORM()                                                                              \
    assert(FORM_BYTES[pc] == FORM_UNKNOWN || FORM_BYTES[pc] == form_of(WORD_AT(pc)))
#else
#define CHECK_FORM() ((void)0)
#endif
#define NEXT                                                                                      \
    do {                                                                                          \
        CHECK_FORM();                                                                             \
        i = WORD_AT(pc);                                                                          \
        unsigned form = FORM_BYTES[pc++];                                                         \
        goto *dispatch[form];                                                                     \
    } while (0)
#else
#ifdef FROST_CHIP
#define HANDLER(i) handlers[(i)&63u]
#else
#define HANDLER(i) dispatch[(i)&255u]
#endif
#define NEXT                                                                                      \
    do {                                                                                          \
        PROBE_TICK();                                                                             \
        PROBE_PC(L, pc + 1);                                                                      \
        i = *pc++;                                                                                \
        goto *HANDLER(i);                                                                         \
    } while (0)
#endif
// After a jump or a call a hook may have been set.
#ifdef FROST_CHIP
#define NEXT_CHECK_HOOK                                                                           \
    do {                                                                                          \
        if (VM_UNLIKELY(L->hook_mask & HOOK_MASK_TRACE))                                          \
            goto trace_on;                                                                        \
        NEXT;                                                                                     \
    } while (0)
#else
#define NEXT_CHECK_HOOK NEXT
#endif
#define SAVE_PC() REF_SET(call->pc, ADDRESS_OF(pc))
#define LOAD_BASE() (base = DEREF(L->base), call = DEREF(L->call))
#define JUMP_BY(i) (pc += OP_BX(i), pc -= OP_SBX_MAX) // so that nothing need be widened
// A test is followed by a jump, which is taken or left out.
#define JUMP                                                                                      \
    do {                                                                                          \
        JUMP_BY(WORD_AT(pc));                                                                     \
        pc++;                                                                                     \
        NEXT_CHECK_HOOK;                                                                          \
    } while (0)
#define SKIP                                                                                      \
    do {                                                                                          \
        pc++;                                                                                     \
        NEXT;                                                                                     \
    } while (0)
#define BRANCH(condition)                                                                         \
    do {                                                                                          \
        if (condition)                                                                            \
            JUMP;                                                                                 \
        SKIP;                                                                                     \
    } while (0)
// A comparison whose result is wanted as operand A says. Two branches of the machine that both know
// where they are, in place of a comparison of two truth values.
#define BRANCH_IF_AS_WANTED(condition)                                                            \
    do {                                                                                          \
        if (OP_A(i) != 0)                                                                         \
            BRANCH(condition);                                                                    \
        if (condition)                                                                            \
            SKIP;                                                                                 \
        JUMP;                                                                                     \
    } while (0)

// ---- operands ----

// Operands as addresses. Constants are numbered from 256 on where an operand may be either, so
// `constants` points 256 values below the first.
#define AT(from, idx)                                                                             \
    ((__typeof__(from))((uintptr_t)(from) + (size_t)(idx) * sizeof(struct value)))
#define CONSTANTS_OF(p) AT((const struct value *)DEREF((p)->constants), -(ptrdiff_t)OP_CONSTANT_BIT)
#define RA(i) AT(base, (i) >> 6 & 255u)
#define RB(i) AT(base, (i) >> 23)
#define RC(i) AT(base, (i) >> 14 & 255u)
#define KB(i) AT(constants, (i) >> 23)
#define KC(i) (AT(constants, (i) >> 14 & 255u) + OP_CONSTANT_BIT)
#define KBX(i) (AT(constants, (i) >> 14) + OP_CONSTANT_BIT)
// Either.
#define RKB(i) AT((int32_t)(i) < 0 ? constants : (const struct value *)base, (i) >> 23)
#define RKC(i)                                                                                    \
    AT((i) & 1u << 22 ? constants : (const struct value *)base, (i) >> 14 & 511u)

#define BOTH_NUMBERS(b, c) (VM_LIKELY(VALUE_IS_NUMBER(b)) && VM_LIKELY(VALUE_IS_NUMBER(c)))
// Goes on if b and c are numbers and the condition holds; x and y are their numbers in the result.
#define ARITHMETIC(b, c, condition, result)                                                       \
    if (BOTH_NUMBERS(b, c) && (condition)) {                                                      \
        lua_Number x = VALUE_NUMBER(b), y = VALUE_NUMBER(c);                                      \
        struct value *a = RA(i);                                                                  \
        value_set_number(a, result);                                                              \
        NEXT;                                                                                     \
    }
#ifdef FROST_INTEGER
#define DIVISOR_IS_GOOD(c) (VALUE_NUMBER(c) != 0)
#else
#define DIVISOR_IS_GOOD(c) 1
#endif

#endif
