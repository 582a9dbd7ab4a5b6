// quicken.c: the quick operation of an instruction.
//
// Reads and writes: nothing. Memory: none.

#include "runtime/core/quicken.h"

#if HAS_FAST_PATHS

// 0 RR, 1 RK, 2 KR, 3 KK.
static unsigned operand_kinds(uint32_t i)
{
    return i >> 31 << 1 | (i >> 22 & 1u);
}

// `first` for two registers; two constants have none of their own.
static unsigned quick_of_kinds(uint32_t i, unsigned first)
{
    unsigned kinds = operand_kinds(i);
    return kinds == 3 ? 0 : first + kinds;
}

static unsigned quick_of_comparison(uint32_t i, unsigned first_unwanted, unsigned first_wanted)
{
    return quick_of_kinds(i, OP_A(i) == 0 ? first_unwanted : first_wanted);
}

// 0: none.
static unsigned special_op(uint32_t i)
{
    switch (OP_CODE(i)) {
    case OP_ADD:
        return quick_of_kinds(i, QUICK_ADD_RR);
    case OP_SUB:
        return quick_of_kinds(i, QUICK_SUB_RR);
    case OP_MUL:
        return quick_of_kinds(i, QUICK_MUL_RR);
    case OP_DIV:
        return quick_of_kinds(i, QUICK_DIV_RR);
    case OP_MOD:
        return quick_of_kinds(i, QUICK_MOD_RR);
    case OP_LT:
        return quick_of_comparison(i, QUICK_LT_0_RR, QUICK_LT_1_RR);
    case OP_LE:
        return quick_of_comparison(i, QUICK_LE_0_RR, QUICK_LE_1_RR);
    case OP_EQ:
        return quick_of_comparison(i, QUICK_EQ_0_RR, QUICK_EQ_1_RR);
    case OP_SETTABLE:
        return QUICK_SETTABLE_RR + operand_kinds(i);
    case OP_GETTABLE:
        return OP_C(i) & OP_CONSTANT_BIT ? QUICK_GETTABLE_K : QUICK_GETTABLE_R;
    case OP_SELF:
        return OP_C(i) & OP_CONSTANT_BIT ? QUICK_SELF_K : 0;
    case OP_LOADBOOL:
        return OP_C(i) == 0 ? QUICK_LOADBOOL_STAY : 0;
    case OP_TEST:
        return OP_C(i) == 0 ? QUICK_TEST_0 : OP_C(i) == 1 ? QUICK_TEST_1 : 0;
    case OP_CALL:
        if (OP_B(i) == 0)
            return 0;
        return OP_C(i) == 1 ? QUICK_CALL_0 : OP_C(i) == 2 ? QUICK_CALL_1 : 0;
    case OP_RETURN:
        return OP_B(i) == 1 ? QUICK_RETURN_0 : OP_B(i) == 2 ? QUICK_RETURN_1 : 0;
    default:
        return 0;
    }
}

enum quick_op quick_op_of(uint32_t instruction)
{
    unsigned special = fast_path_is_on ? special_op(instruction) : 0;
    return special ? special : QUICK_OPCODE + OP_CODE(instruction);
}

#endif
