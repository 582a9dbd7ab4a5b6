// opcode.h: Lua 5.1's instructions, 32 bits, little-endian.
//
//   bits  0-5  opcode | 6-13 A | 14-22 C | 23-31 B      (A B C)
//   bits 14-31 Bx, 18 bits; sBx is Bx - 131071          (A Bx, A sBx)
//
// B and C with bit 8 set name constant (value & 255).  Meanings: Lua 5.1's virtual machine.

#ifndef FROST_FORMAT_OPCODE_H
#define FROST_FORMAT_OPCODE_H

#include <stdint.h>

// name, operand layout (ABC, ABX, ASBX), is a test (skips next), sets A, B use, C use
// (use: N none, U used as number, R register or jump, K register or constant)
#define OPCODES(X)                                                                                 \
    X(MOVE, ABC, 0, 1, R, N)                                                                       \
    X(LOADK, ABX, 0, 1, K, N)                                                                      \
    X(LOADBOOL, ABC, 0, 1, U, U)                                                                   \
    X(LOADNIL, ABC, 0, 1, R, N)                                                                    \
    X(GETUPVAL, ABC, 0, 1, U, N)                                                                   \
    X(GETGLOBAL, ABX, 0, 1, K, N)                                                                  \
    X(GETTABLE, ABC, 0, 1, R, K)                                                                   \
    X(SETGLOBAL, ABX, 0, 0, K, N)                                                                  \
    X(SETUPVAL, ABC, 0, 0, U, N)                                                                   \
    X(SETTABLE, ABC, 0, 0, K, K)                                                                   \
    X(NEWTABLE, ABC, 0, 1, U, U)                                                                   \
    X(SELF, ABC, 0, 1, R, K)                                                                       \
    X(ADD, ABC, 0, 1, K, K)                                                                        \
    X(SUB, ABC, 0, 1, K, K)                                                                        \
    X(MUL, ABC, 0, 1, K, K)                                                                        \
    X(DIV, ABC, 0, 1, K, K)                                                                        \
    X(MOD, ABC, 0, 1, K, K)                                                                        \
    X(POW, ABC, 0, 1, K, K)                                                                        \
    X(UNM, ABC, 0, 1, R, N)                                                                        \
    X(NOT, ABC, 0, 1, R, N)                                                                        \
    X(LEN, ABC, 0, 1, R, N)                                                                        \
    X(CONCAT, ABC, 0, 1, R, R)                                                                     \
    X(JMP, ASBX, 0, 0, R, N)                                                                       \
    X(EQ, ABC, 1, 0, K, K)                                                                         \
    X(LT, ABC, 1, 0, K, K)                                                                         \
    X(LE, ABC, 1, 0, K, K)                                                                         \
    X(TEST, ABC, 1, 1, R, U)                                                                       \
    X(TESTSET, ABC, 1, 1, R, U)                                                                    \
    X(CALL, ABC, 0, 1, U, U)                                                                       \
    X(TAILCALL, ABC, 0, 1, U, U)                                                                   \
    X(RETURN, ABC, 0, 0, U, N)                                                                     \
    X(FORLOOP, ASBX, 0, 1, R, N)                                                                   \
    X(FORPREP, ASBX, 0, 1, R, N)                                                                   \
    X(TFORLOOP, ABC, 1, 0, N, U)                                                                   \
    X(SETLIST, ABC, 0, 0, U, U)                                                                    \
    X(CLOSE, ABC, 0, 0, N, N)                                                                      \
    X(CLOSURE, ABX, 0, 1, U, N)                                                                    \
    X(VARARG, ABC, 0, 1, U, N)

#define OPCODE_ITEM(name, ...) OP_##name,
enum opcode { OPCODES(OPCODE_ITEM) OP_COUNT };
#undef OPCODE_ITEM

#define OP_A_MAX 255
#define OP_B_MAX 511
#define OP_C_MAX 511
#define OP_BX_MAX 262143
#define OP_SBX_MAX 131071
#define OP_CONSTANT_BIT 256 // B or C: a constant
#define OP_CONSTANT_MAX 255
#define OP_LIST_BATCH 50 // items per SETLIST
#define OP_NO_REGISTER OP_A_MAX

#define OP_CODE(i) ((enum opcode)((i)&63u))
#define OP_A(i) ((int)((i) >> 6 & 255u))
#define OP_B(i) ((int)((i) >> 23))
#define OP_C(i) ((int)((i) >> 14 & 511u))
#define OP_BX(i) ((int)((i) >> 14))
#define OP_SBX(i) (OP_BX(i) - OP_SBX_MAX)

static inline uint32_t op_abc(enum opcode op, int a, int b, int c)
{
    return (uint32_t)op | (uint32_t)a << 6 | (uint32_t)b << 23 | (uint32_t)c << 14;
}

static inline uint32_t op_abx(enum opcode op, int a, int bx)
{
    return (uint32_t)op | (uint32_t)a << 6 | (uint32_t)bx << 14;
}

#endif
