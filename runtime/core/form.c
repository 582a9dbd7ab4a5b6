// form.c: the form of an instruction.
//
// Reads and writes: nothing. Memory: none.

#include "runtime/core/form.h"

#if HAS_SHORTCUTS

// 0 RR, 1 RK, 2 KR, 3 KK.
static unsigned operand_kinds(uint32_t i)
{
    return i >> 31 << 1 | (i >> 22 & 1u);
}

// `first` for two registers; two constants have no form of their own.
static unsigned form_of_kinds(uint32_t i, unsigned first)
{
    unsigned kinds = operand_kinds(i);
    return kinds == 3 ? 0 : first + kinds;
}

static unsigned form_of_comparison(uint32_t i, unsigned first_unwanted, unsigned first_wanted)
{
    return form_of_kinds(i, OP_A(i) == 0 ? first_unwanted : first_wanted);
}

// 0: none.
static unsigned special_form(uint32_t i)
{
    switch (OP_CODE(i)) {
    case OP_ADD: return form_of_kinds(i, FORM_ADD_RR);
    case OP_SUB: return form_of_kinds(i, FORM_SUB_RR);
    case OP_MUL: return form_of_kinds(i, FORM_MUL_RR);
    case OP_DIV: return form_of_kinds(i, FORM_DIV_RR);
    case OP_MOD: return form_of_kinds(i, FORM_MOD_RR);
    case OP_LT: return form_of_comparison(i, FORM_LT_0_RR, FORM_LT_1_RR);
    case OP_LE: return form_of_comparison(i, FORM_LE_0_RR, FORM_LE_1_RR);
    case OP_EQ: return form_of_comparison(i, FORM_EQ_0_RR, FORM_EQ_1_RR);
    case OP_SETTABLE: return FORM_SETTABLE_RR + operand_kinds(i);
    case OP_GETTABLE: return OP_C(i) & OP_CONSTANT_BIT ? FORM_GETTABLE_K : FORM_GETTABLE_R;
    case OP_SELF: return OP_C(i) & OP_CONSTANT_BIT ? FORM_SELF_K : 0;
    case OP_LOADBOOL: return OP_C(i) == 0 ? FORM_LOADBOOL_STAY : 0;
    case OP_TEST: return OP_C(i) == 0 ? FORM_TEST_0 : OP_C(i) == 1 ? FORM_TEST_1 : 0;
    case OP_CALL:
        if (OP_B(i) == 0)
            return 0;
        return OP_C(i) == 1 ? FORM_CALL_0 : OP_C(i) == 2 ? FORM_CALL_1 : 0;
    case OP_RETURN: return OP_B(i) == 1 ? FORM_RETURN_0 : OP_B(i) == 2 ? FORM_RETURN_1 : 0;
    default: return 0;
    }
}

enum form form_of(uint32_t instruction)
{
    unsigned special = shortcut_is_on ? special_form(instruction) : 0;
    return special ? special : FORM_OPCODE + OP_CODE(instruction);
}

#endif
