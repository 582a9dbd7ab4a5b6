// code_jump.c: jumps and lists of jumps; see code.h.

#include "runtime/core/compile/code.h"

#include <assert.h>
#include <stdlib.h>

// ---- one jump ----

static const struct {
    uint8_t is_test;
} opcode_properties[OP_COUNT] = {
#define PROPERTY(name, layout, test, sets_a, b, c) [OP_##name] = {test},
    OPCODES(PROPERTY)
#undef PROPERTY
};

// Where the jump leads, or which jump is next in its list.
static int jump_next(struct func_state *fs, int jump)
{
    int offset = OP_SBX(*code_at(fs, jump));
    return offset == JUMP_NONE ? JUMP_NONE : jump + 1 + offset;
}

static void jump_set(struct func_state *fs, int jump, int target)
{
    uint32_t *i = code_at(fs, jump);
    int offset = target - (jump + 1);
    assert(target != JUMP_NONE);
    if (abs(offset) > OP_SBX_MAX)
        lexer_error_here(fs->lx, "control structure too long");
    *i = op_abx(OP_CODE(*i), OP_A(*i), offset + OP_SBX_MAX);
}

// The instruction that decides about the jump: the test before it, or the jump itself.
static uint32_t *jump_control(struct func_state *fs, int jump)
{
    uint32_t *i = code_at(fs, jump);
    if (jump > 0 && opcode_properties[OP_CODE(i[-1])].is_test)
        return i - 1;
    return i;
}

// A jump after a TESTSET carries the tested value: makes it go to register `idx`. With
// OP_NO_REGISTER, or if the value is there already, the test remains alone. 0 if it carries none.
static int jump_set_register(struct func_state *fs, int jump, int idx)
{
    uint32_t *i = jump_control(fs, jump);
    if (OP_CODE(*i) != OP_TESTSET)
        return 0;
    if (idx != OP_NO_REGISTER && idx != OP_B(*i))
        code_set_a(i, idx);
    else
        *i = op_abc(OP_TEST, OP_B(*i), 0, OP_C(*i));
    return 1;
}

void code_jump_invert(struct func_state *fs, int jump)
{
    uint32_t *i = jump_control(fs, jump);
    assert(OP_CODE(*i) == OP_EQ || OP_CODE(*i) == OP_LT || OP_CODE(*i) == OP_LE);
    code_set_a(i, !OP_A(*i));
}

// ---- lists ----

void code_jumps_join(struct func_state *fs, int *to, int list)
{
    if (list == JUMP_NONE)
        return;
    if (*to == JUMP_NONE) {
        *to = list;
        return;
    }
    int last = *to;
    for (int next = jump_next(fs, last); next != JUMP_NONE; next = jump_next(fs, last))
        last = next;
    jump_set(fs, last, list);
}

int code_jumps_need_value(struct func_state *fs, int list)
{
    for (; list != JUMP_NONE; list = jump_next(fs, list))
        if (OP_CODE(*jump_control(fs, list)) != OP_TESTSET)
            return 1;
    return 0;
}

void code_jumps_drop_values(struct func_state *fs, int list)
{
    for (; list != JUMP_NONE; list = jump_next(fs, list))
        jump_set_register(fs, list, OP_NO_REGISTER);
}

void code_jumps_patch_value(struct func_state *fs, int list, int idx, int target,
                            int target_no_value)
{
    while (list != JUMP_NONE) {
        int next = jump_next(fs, list);
        int has_value = jump_set_register(fs, list, idx);
        jump_set(fs, list, has_value ? target : target_no_value);
        list = next;
    }
}

int code_label(struct func_state *fs)
{
    fs->target_last = fs->pc;
    return fs->pc;
}

void code_jumps_patch_here(struct func_state *fs, int list)
{
    code_label(fs);
    code_jumps_join(fs, &fs->jumps_here, list);
}

void code_jumps_patch(struct func_state *fs, int list, int target)
{
    if (target == fs->pc) {
        code_jumps_patch_here(fs, list);
    } else {
        assert(target < fs->pc);
        code_jumps_patch_value(fs, list, OP_NO_REGISTER, target, target);
    }
}

void code_jumps_settle(struct func_state *fs)
{
    int list = fs->jumps_here;
    fs->jumps_here = JUMP_NONE;
    code_jumps_patch_value(fs, list, OP_NO_REGISTER, fs->pc, fs->pc);
}

// ---- new jumps ----

// Jumps that wait for this instruction need not stop here: they get its target.
int code_jump(struct func_state *fs)
{
    int waiting = fs->jumps_here;
    fs->jumps_here = JUMP_NONE;
    int jump = code_asbx(fs, OP_JMP, 0, JUMP_NONE);
    code_jumps_join(fs, &jump, waiting);
    return jump;
}

int code_test_jump(struct func_state *fs, enum opcode op, int a, int b, int c)
{
    code_abc(fs, op, a, b, c);
    return code_jump(fs);
}
