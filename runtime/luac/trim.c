// trim.c: finds code that cannot be reached; see trim.h.

#include "runtime/luac/trim.h"

#include <string.h>

#include "runtime/core/str.h"
#include "runtime/format/opcode.h"

enum { USE_N, USE_U, USE_R, USE_K };

// What B (or Bx) and C of each instruction are.
#define USES(name, layout, is_test, sets_a, b, c) {OPERAND_##layout, USE_##b, USE_##c},
enum { OPERAND_ABC, OPERAND_ABX, OPERAND_ASBX };
static const struct {
    uint8_t layout, b, c;
} uses[] = {OPCODES(USES)};
#undef USES

// The last instruction to which the one at `pc` may go on other than `pc` + 1; 0 if to none.
static int furthest_target(uint32_t instruction, int pc)
{
    switch (OP_CODE(instruction)) {
    case OP_JMP:
    case OP_FORLOOP:
    case OP_FORPREP:
        return pc + 1 + OP_SBX(instruction);
    case OP_EQ:
    case OP_LT:
    case OP_LE:
    case OP_TEST:
    case OP_TESTSET:
    case OP_TFORLOOP:
        return pc + 2;
    case OP_LOADBOOL:
        return OP_C(instruction) ? pc + 2 : 0;
    default:
        return 0;
    }
}

int trim_is_data_next(uint32_t instruction)
{
    return OP_CODE(instruction) == OP_SETLIST && OP_C(instruction) == 0;
}

struct trim_operands trim_operands(uint32_t instruction)
{
    enum opcode op = OP_CODE(instruction);
    struct trim_operands is_constant = {0};
    if (uses[op].layout == OPERAND_ABX) {
        is_constant.bx = uses[op].b == USE_K;
    } else if (uses[op].layout == OPERAND_ABC) {
        is_constant.b = uses[op].b == USE_K && OP_B(instruction) & OP_CONSTANT_BIT;
        is_constant.c = uses[op].c == USE_K && OP_C(instruction) & OP_CONSTANT_BIT;
    }
    return is_constant;
}

// Instructions up to the first RETURN that nothing jumps over.
static int count_code(const struct proto *p)
{
    const uint32_t *code = DEREF(p->code);
    int furthest = 0;
    for (int pc = 0; pc < p->code_count; pc++) {
        int target = furthest_target(code[pc], pc);
        furthest = target > furthest ? target : furthest;
        if (OP_CODE(code[pc]) == OP_RETURN && furthest <= pc)
            return pc + 1;
        pc += trim_is_data_next(code[pc]);
    }
    return p->code_count;
}

static int highest_constant(uint32_t instruction)
{
    struct trim_operands is_constant = trim_operands(instruction);
    int highest = is_constant.bx ? OP_BX(instruction) : -1;
    if (is_constant.b)
        highest = OP_B(instruction) & OP_CONSTANT_MAX;
    if (is_constant.c && (OP_C(instruction) & OP_CONSTANT_MAX) > highest)
        highest = OP_C(instruction) & OP_CONSTANT_MAX;
    return highest;
}

static int count_constants(const struct proto *p, int code_count)
{
    const uint32_t *code = DEREF(p->code);
    int count = 0;
    for (int pc = 0; pc < code_count; pc++) {
        int highest = highest_constant(code[pc]);
        count = highest + 1 > count ? highest + 1 : count;
        pc += trim_is_data_next(code[pc]);
    }
    return count;
}

// The line table of the first `code_count` instructions. Format: runtime/core/debug_line.c; deltas
// have bit 7, a count of instructions has not.
static const struct string *cut_lines(lua_State *L, const struct proto *p, int code_count)
{
    const char *lines = (const char *)DEREF(p->lines);
    size_t bytes = 0;
    int count = 0;
    while (count < code_count) {
        while (lines[bytes] & 0x80)
            bytes++;
        count += lines[bytes++];
    }
    int excess = count - code_count;
    if (excess == 0)
        return str_new(L, lines, bytes);
    char *copy = lua_newuserdata(L, bytes);
    memcpy(copy, lines, bytes);
    copy[bytes - 1] = (char)(copy[bytes - 1] - excess);
    const struct string *cut = str_new(L, copy, bytes);
    lua_pop(L, 1);
    return cut;
}

void trim_nothing(lua_State *L, const struct proto *p, struct trim *trim)
{
    trim->code_count = p->code_count;
    trim->constant_count = p->constant_count;
    trim->lines = REF_IS_NULL(p->lines) ? NULL : str_new_z(L, (const char *)DEREF(p->lines));
}

void trim_function(lua_State *L, const struct proto *p, struct trim *trim)
{
    trim_nothing(L, p, trim);
    int code_count = count_code(p);
    // Names of locals have a range of instructions, which would have to be cut as well.
    if (code_count == p->code_count || p->local_name_count > 0)
        return;
    trim->code_count = code_count;
    trim->constant_count = count_constants(p, code_count);
    if (trim->lines)
        trim->lines = cut_lines(L, p, code_count);
}
