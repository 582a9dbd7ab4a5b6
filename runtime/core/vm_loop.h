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

#include "runtime/core/heap_parts.h"
#include "runtime/core/quicken.h"
#include "runtime/core/vm_count.h"
#include "runtime/core/vm_inline.h"

#define HOOK_MASK_TRACE (LUA_MASKLINE | LUA_MASKCOUNT)

// ---- places in code ----

#if HAS_FAST_PATHS
// The lower 30 bits are address / 4, the others count instructions (vm_count.h). Times 4, as 32
// bits (which x86-64 has as an operand), it finds the instruction and its quick operation.
typedef uint64_t code_place;
#define PLACE_OF(address) ((uint64_t)(ADDR32(address) >> 2))
#define ADDRESS_OF(place) ((const uint32_t *)(uintptr_t)((uint32_t)(place) << 2))
#define QUICK_AT(place) QUICK_BYTE((uint32_t)(place) << 2)
#if defined(__x86_64__) && defined(__GNUC__)
// gcc would copy the lower half first.
#define LOAD_QUICK_BYTE(quick, more)                                                               \
    __asm__("movzbl %c2(,%k1,4), %k0"                                                              \
            : "=r"(quick), "+r"(pc) /* so that it is not worked out twice */                       \
            : "i"(QUICK_OPS_OFFSET + 4 * (more)),                                                  \
              "m"(*(const uint8_t(*)[1u << 31])(uintptr_t)QUICK_OPS_OFFSET))
#else
#define LOAD_QUICK_BYTE(quick, more) ((quick) = QUICK_AT(pc + (more)))
#endif
#else
typedef const uint32_t *code_place;
#define PLACE_OF(address) (address)
#define ADDRESS_OF(place) (place)
#endif
#define WORD_AT(place) (*ADDRESS_OF(place))

// To another function.
#define ENTER_CODE(address)                                                                        \
    do {                                                                                           \
        VM_COUNT_END();                                                                            \
        pc = PLACE_OF(address);                                                                    \
        VM_COUNT_BEGIN();                                                                          \
    } while (0)
// Over words that are not executed. `first` and `last` so that nothing need be widened.
#define LEAVE_OUT_FROM_TO(first, last)                                                             \
    (VM_COUNT_MOVED(((last) - (first)) * 4), pc += (last), pc -= (first))
#define LEAVE_OUT(count) LEAVE_OUT_FROM_TO(0, count)

// ---- the table of handlers ----

// Handlers are numbered by quick operation or, without these, by opcode.
#if HAS_FAST_PATHS
#define HANDLER_COUNT 256
#define HANDLER_OF_OPCODE(op) (QUICK_OPCODE + (op))
#else
#define HANDLER_COUNT 64
#define HANDLER_OF_OPCODE(op) (op)
#endif

// The number of the handler for the instruction i, which has been fetched from place - 1.
#if HAS_FAST_PATHS
#define HANDLER_NUMBER(i, place) QUICK_AT((place)-1)
#else
#define HANDLER_NUMBER(i, place) ((i)&63u)
#endif

// ---- from instruction to instruction ----

#if HAS_FAST_PATHS
#if HEAP_SANITIZED
// A quick operation that outlived its code would take operands for what they are not.
#define CHECK_FORM(left_out)                                                                       \
    assert(QUICK_AT(pc + (left_out)) == QUICK_UNKNOWN ||                                           \
           QUICK_AT(pc + (left_out)) == quick_op_of(WORD_AT(pc + (left_out))))
#else
#define CHECK_FORM(left_out) ((void)0)
#endif
// `left_out`: words before the next instruction, 0 or 1.
#define GO_ON(left_out, is_count_good)                                                             \
    do {                                                                                           \
        CHECK_FORM(left_out);                                                                      \
        uint64_t quick;                                                                            \
        i = WORD_AT(pc + (left_out));                                                              \
        LOAD_QUICK_BYTE(quick, left_out);                                                          \
        pc += VM_COUNT_ONE + 1 + (left_out);                                                       \
        if (VM_UNLIKELY(!(is_count_good)))                                                         \
            goto fold_count;                                                                       \
        goto *dispatch[quick];                                                                     \
    } while (0)
#define NEXT GO_ON(0, 1)
#define SKIP GO_ON(1, 1)
#define NEXT_JUMPED GO_ON(0, !VM_COUNT_IS_HALF_FULL(pc))
#else
#ifdef FROST_CHIP
#define HANDLER(i) handlers[(i)&63u]
#else
#define HANDLER(i) dispatch[(i)&255u]
#endif
#define NEXT                                                                                       \
    do {                                                                                           \
        PROBE_TICK();                                                                              \
        PROBE_PC(L, pc + 1);                                                                       \
        i = *pc++;                                                                                 \
        goto *HANDLER(i);                                                                          \
    } while (0)
#define NEXT_JUMPED NEXT_CHECK_HOOK
#define SKIP                                                                                       \
    do {                                                                                           \
        LEAVE_OUT(1);                                                                              \
        NEXT;                                                                                      \
    } while (0)
#endif
// After a jump or a call a hook may have been set.
#ifdef FROST_CHIP
#define NEXT_CHECK_HOOK                                                                            \
    do {                                                                                           \
        if (VM_UNLIKELY(L->hook_mask & HOOK_MASK_TRACE))                                           \
            goto trace_on;                                                                         \
        NEXT;                                                                                      \
    } while (0)
#else
#define NEXT_CHECK_HOOK NEXT
#endif
#define KEEP_PC() REF_SET(call->pc, ADDRESS_OF(pc)) // before a call that stays in the loop
#define SAVE_PC()                                                                                  \
    do {                                                                                           \
        KEEP_PC();                                                                                 \
        VM_COUNT_SHOW();                                                                           \
    } while (0)
#define LOAD_BASE() (base = DEREF(L->base), call = DEREF(L->call))
#define JUMP_BY(i, more) LEAVE_OUT_FROM_TO(OP_SBX_MAX - (more), OP_BX(i))
// A test is followed by a jump, which is taken or left out.
#define JUMP                                                                                       \
    do {                                                                                           \
        JUMP_BY(WORD_AT(pc), 1);                                                                   \
        NEXT_JUMPED;                                                                               \
    } while (0)
#define BRANCH(condition)                                                                          \
    do {                                                                                           \
        if (condition)                                                                             \
            JUMP;                                                                                  \
        SKIP;                                                                                      \
    } while (0)
// A comparison whose result is wanted as operand A says. Two branches of the machine that both know
// where they are, in place of a comparison of two truth values.
#define BRANCH_IF_AS_WANTED(condition)                                                             \
    do {                                                                                           \
        if (OP_A(i) != 0)                                                                          \
            BRANCH(condition);                                                                     \
        if (condition)                                                                             \
            SKIP;                                                                                  \
        JUMP;                                                                                      \
    } while (0)

// GETTABLE has found the value v.
#define GOT(v)                                                                                     \
    do {                                                                                           \
        VM_LOOKED_UP(L, i, key, v);                                                                \
        *RA(i) = *(v);                                                                             \
        NEXT;                                                                                      \
    } while (0)

// ---- operands ----

// Operands as addresses. Constants are numbered from 256 on where an operand may be either, so
// `constants` points 256 values below the first.
#define AT(from, idx) ((__typeof__(from))((uintptr_t)(from) + (size_t)(idx) * sizeof(struct value)))
#define CONSTANTS_OF(p) AT((const struct value *)DEREF((p)->constants), -(ptrdiff_t)OP_CONSTANT_BIT)
#define RA(i) AT(base, (i) >> 6 & 255u)
#define RB(i) AT(base, (i) >> 23)
#define RC(i) AT(base, (i) >> 14 & 255u)
#define KB(i) AT(constants, (i) >> 23)
#define KC(i) (AT(constants, (i) >> 14 & 255u) + OP_CONSTANT_BIT)
#define KBX(i) (AT(constants, (i) >> 14) + OP_CONSTANT_BIT)
// Either.
#define RKB(i) AT((int32_t)(i) < 0 ? constants : (const struct value *)base, (i) >> 23)
#define RKC(i) AT((i)&1u << 22 ? constants : (const struct value *)base, (i) >> 14 & 511u)

#define BOTH_NUMBERS(b, c) (VM_LIKELY(VALUE_IS_NUMBER(b)) && VM_LIKELY(VALUE_IS_NUMBER(c)))
// Goes on if b and c are numbers and the condition holds; x and y are their numbers in the result.
#define ARITHMETIC(b, c, condition, result)                                                        \
    if (BOTH_NUMBERS(b, c) && (condition)) {                                                       \
        lua_Number x = VALUE_NUMBER(b), y = VALUE_NUMBER(c);                                       \
        struct value *a = RA(i);                                                                   \
        value_set_number(a, result);                                                               \
        NEXT;                                                                                      \
    }
#ifdef FROST_INTEGER
#define DIVISOR_IS_GOOD(c) (VALUE_NUMBER(c) != 0)
#else
#define DIVISOR_IS_GOOD(c) 1
#endif

#endif
