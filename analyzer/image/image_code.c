// image_code.c: is the bytecode of a function one that a virtual machine can run blindly?
//
// Reads: the model. Writes: what the code uses. Memory: one byte per instruction and constant in
// the arena. What is checked: opcodes, operands against the counts of the function, jumps that land
// on instructions, what must follow a test, a closure, an open call; the end. It does not follow
// the values in registers.

#include "analyzer/image/image_build.h"
#include "runtime/format/opcode.h"

enum operand_use { USE_N, USE_U, USE_R, USE_K };
enum operand_layout { LAYOUT_ABC, LAYOUT_ABX, LAYOUT_ASBX };

struct opcode_info {
    const char *name;
    enum operand_layout layout;
    bool is_test, sets_a;
    enum operand_use b, c;
};

static const struct opcode_info opcodes[OP_COUNT] = {
#define OPCODE_ROW(name, layout, is_test, sets_a, b, c)                                            \
    {#name, LAYOUT_##layout, is_test, sets_a, USE_##b, USE_##c},
    OPCODES(OPCODE_ROW)
#undef OPCODE_ROW
};

struct code_check {
    struct image_build *b;
    struct image_function *function;
    uint8_t *is_data; // words that are no instruction of their own
    uint8_t *is_used; // constants that the code has
    uint32_t pc;
};

static int bad(struct code_check *c, const char *what)
{
    return build_fail(c->b, STATUS_DAMAGED, c->function->code_off + 4 * c->pc, "instruction %u: %s",
                      (unsigned)c->pc + 1, what);
}

// Notes that the code has the constant as an operand.
static void note_use(struct code_check *c, uint32_t constant)
{
    if (c->is_used[constant])
        return;
    c->is_used[constant] = 1;
    c->function->constants_used++;
    int32_t string = c->function->constants[constant].string;
    if (string != IMAGE_NONE)
        c->b->strings[string].code_count++;
}

static int check_operand(struct code_check *c, enum operand_use use, int value)
{
    const struct image_function *f = c->function;
    if (use == USE_K && value & OP_CONSTANT_BIT) {
        uint32_t constant = (uint32_t)(value & OP_CONSTANT_MAX);
        if (constant >= f->constant_count)
            return bad(c, "constant that does not exist");
        note_use(c, constant);
    } else if (use == USE_R || use == USE_K) {
        if (value >= f->stack_size)
            return bad(c, "register beyond the function's stack");
    }
    return 0;
}

static int check_jump(struct code_check *c, uint32_t word)
{
    int64_t target = (int64_t)c->pc + 1 + OP_SBX(word);
    if (target < 0 || target >= (int64_t)c->function->code_count)
        return bad(c, "jump out of the function");
    return 0;
}

// Words behind SETLIST with C = 0 and behind CLOSURE are data of that instruction.
static int mark_data(struct code_check *c, uint32_t count)
{
    if (count >= c->function->code_count - c->pc)
        return bad(c, "instruction that is cut off");
    for (uint32_t i = 1; i <= count; i++)
        c->is_data[c->pc + i] = 1;
    return 0;
}

static int check_closure(struct code_check *c, uint32_t word)
{
    const struct image_function *f = c->function;
    uint32_t idx = (uint32_t)OP_BX(word);
    if (idx >= f->function_count)
        return bad(c, "function that does not exist");
    uint32_t upvalues = c->b->functions[f->functions[idx]].upvalue_count;
    if (mark_data(c, upvalues))
        return -1;
    for (uint32_t i = 1; i <= upvalues; i++) {
        uint32_t source = f->code[c->pc + i];
        enum opcode op = OP_CODE(source);
        if (!(op == OP_MOVE && OP_B(source) < f->stack_size) &&
            !(op == OP_GETUPVAL && OP_B(source) < f->upvalue_count))
            return bad(c, "closure with a wrong upvalue");
    }
    return 0;
}

static bool is_string_constant(const struct image_function *f, int idx)
{
    return (uint32_t)idx < f->constant_count && f->constants[idx].tag == 4;
}

// Rules of single opcodes beyond the operand table.
static int check_special(struct code_check *c, uint32_t word)
{
    const struct image_function *f = c->function;
    int a = OP_A(word), b = OP_B(word), n = OP_C(word), stack = f->stack_size;
    switch (OP_CODE(word)) {
    case OP_LOADBOOL:
        return n && c->pc + 2 >= f->code_count ? bad(c, "jump out of the function") : 0;
    case OP_LOADNIL:
        return b < a ? bad(c, "registers in a wrong order") : 0;
    case OP_GETUPVAL:
    case OP_SETUPVAL:
        return b >= f->upvalue_count ? bad(c, "upvalue that does not exist") : 0;
    case OP_GETGLOBAL:
    case OP_SETGLOBAL:
        return is_string_constant(f, OP_BX(word)) ? 0 : bad(c, "global without a name");
    case OP_SELF:
        return a + 1 >= stack ? bad(c, "register beyond the function's stack") : 0;
    case OP_CONCAT:
        return b >= n ? bad(c, "registers in a wrong order") : 0;
    case OP_CALL:
    case OP_TAILCALL:
        return (b > 0 && a + b > stack) || (n > 1 && a + n - 1 > stack)
                   ? bad(c, "register beyond the function's stack")
                   : 0;
    case OP_RETURN:
        return b > 1 && a + b - 1 > stack ? bad(c, "register beyond the function's stack") : 0;
    case OP_FORLOOP:
    case OP_FORPREP:
        if (a + 3 >= stack)
            return bad(c, "register beyond the function's stack");
        return check_jump(c, word);
    case OP_TFORLOOP:
        return n < 1 || a + 2 + n >= stack ? bad(c, "register beyond the function's stack") : 0;
    case OP_SETLIST:
        if (b > 0 && a + b >= stack)
            return bad(c, "register beyond the function's stack");
        return n == 0 ? mark_data(c, 1) : 0;
    case OP_VARARG:
        if (!(f->vararg & 2))
            return bad(c, "vararg in a function without");
        return b > 1 && a + b - 1 > stack ? bad(c, "register beyond the function's stack") : 0;
    case OP_JMP:
        return check_jump(c, word);
    case OP_CLOSURE:
        return check_closure(c, word);
    default:
        return 0;
    }
}

static int check_instruction(struct code_check *c)
{
    const struct image_function *f = c->function;
    uint32_t word = f->code[c->pc];
    if ((word & 63) >= OP_COUNT)
        return bad(c, "unknown opcode");
    const struct opcode_info *info = &opcodes[OP_CODE(word)];
    // Register A is not one in JMP, and a number in comparisons.
    bool has_a = OP_CODE(word) != OP_JMP &&
                 !(info->is_test && !info->sets_a && OP_CODE(word) != OP_TFORLOOP);
    if (has_a && OP_A(word) >= f->stack_size)
        return bad(c, "register beyond the function's stack");
    if (info->layout == LAYOUT_ABC) {
        if (check_operand(c, info->b, OP_B(word)) || check_operand(c, info->c, OP_C(word)))
            return -1;
    } else if (info->b == USE_K) {
        if ((uint32_t)OP_BX(word) >= f->constant_count)
            return bad(c, "constant that does not exist");
        note_use(c, (uint32_t)OP_BX(word));
    }
    if (info->is_test) {
        if (c->pc + 1 >= f->code_count || OP_CODE(f->code[c->pc + 1]) != OP_JMP)
            return bad(c, "test without a jump");
    }
    return check_special(c, word);
}

// Jumps must not lead into the data of another instruction.
static int check_targets(struct code_check *c)
{
    const struct image_function *f = c->function;
    for (c->pc = 0; c->pc < f->code_count; c->pc++) {
        uint32_t word = f->code[c->pc];
        enum opcode op = OP_CODE(word);
        if (c->is_data[c->pc])
            continue;
        if (op == OP_JMP || op == OP_FORLOOP || op == OP_FORPREP) {
            if (c->is_data[(int64_t)c->pc + 1 + OP_SBX(word)])
                return bad(c, "jump into an instruction's data");
        } else if (op == OP_LOADBOOL && OP_C(word) && c->is_data[c->pc + 2]) {
            return bad(c, "jump into an instruction's data");
        }
    }
    return 0;
}

int image_check_code(struct image_build *b, struct image_function *function)
{
    struct code_check c = {.b = b, .function = function};
    c.is_data = arena_alloc(b->arena, function->code_count);
    c.is_used = arena_alloc(b->arena, function->constant_count);
    for (c.pc = 0; c.pc < function->code_count; c.pc++)
        if (!c.is_data[c.pc] && check_instruction(&c))
            return -1;
    c.pc = function->code_count - 1;
    if (c.is_data[c.pc] || OP_CODE(function->code[c.pc]) != OP_RETURN)
        return bad(&c, "the last instruction is not RETURN");
    return check_targets(&c);
}
