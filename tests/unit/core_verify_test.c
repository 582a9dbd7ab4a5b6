// core_verify_test.c: the bytecode verifier, a row for each of its rules: what it refuses, by its
// own reason and at which instruction, and what it just still accepts.

#include "runtime/core/verify.h"

#include "runtime/format/lc.h"
#include "runtime/format/opcode.h"
#include "tests/support/tap.h"

#define STACK 10 // registers 0..9
#define CODE_MAX 8

// Instructions as constants.
#define ABC(op, a, b, c) (OP_##op | (a) << 6 | (uint32_t)(b) << 23 | (c) << 14)
#define ABX(op, a, bx) (OP_##op | (a) << 6 | (uint32_t)(bx) << 14)
#define ASBX(op, a, sbx) ABX(op, a, (sbx) + OP_SBX_MAX)
#define END ABC(RETURN, 0, 1, 0)
#define K(idx) (OP_CONSTANT_BIT | (idx))
#define UNKNOWN 63u // no opcode

// Static, so that 32-bit references reach it: two upvalues, one sub-function, three constants: a
// string, a number, a string. What lies before constants and code would be taken for something
// else.
static struct proto function, sub;
static struct value constant_area[] = {{.tag = LUA_TNUMBER},
                                       {.tag = LUA_TNUMBER},
                                       {.tag = LUA_TSTRING},
                                       {.tag = LUA_TNUMBER},
                                       {.tag = LUA_TSTRING}};
static REF(struct proto) subs[1];
static uint32_t code_area[2 + CODE_MAX] = {0, ABC(SETLIST, 0, 1, 0)};

static void set_up(const uint32_t *words, int count, int sub_upvalues)
{
    memset(&function, 0, sizeof function);
    memset(code_area + 2, 0xFF, sizeof code_area - 8);
    memcpy(code_area + 2, words, (size_t)count * 4);
    sub.upvalue_count_ = (uint8_t)sub_upvalues;
    REF_SET(subs[0], &sub);
    REF_SET(function.constants, constant_area + 2);
    function.protos.addr = ADDR32(subs);
    REF_SET(function.code, code_area + 2);
    function.constant_count = 3;
    function.proto_count = 1;
    function.code_count = count;
    function.upvalue_count_ = 2;
    function.stack_size_ = STACK;
}

static void check(const char *name, const char *want, int want_pc)
{
    int pc = -2;
    const char *got = verify_function(&function, &pc);
    if (strcmp(got ? got : "good", want ? want : "good") != 0 || (want && pc != want_pc)) {
        printf("# %s: got \"%s\" at %d\n", name, got ? got : "good", pc);
        CHECK_TEXT(got ? got : "good", want ? want : "good");
        CHECK(!want || pc == want_pc);
    }
}

// ---- operands ----

// What each operand of an instruction is, written down from the language's own list of opcodes: R a
// register, K a register or constant, U an upvalue, X a constant by its whole Bx, - something else.
static const struct operands {
    const char *name;
    uint32_t good; // with the highest operands that pass
    char use[4];   // of A, B, C
} operands[] = {
    {"MOVE", ABC(MOVE, 9, 9, 0), "RR-"},
    {"LOADK", ABX(LOADK, 9, 2), "RX-"},
    {"LOADBOOL", ABC(LOADBOOL, 9, 1, 0), "R--"},
    {"LOADNIL", ABC(LOADNIL, 9, 9, 0), "RR-"},
    {"GETUPVAL", ABC(GETUPVAL, 9, 1, 0), "RU-"},
    {"GETGLOBAL", ABX(GETGLOBAL, 9, 2), "RX-"},
    {"GETTABLE", ABC(GETTABLE, 9, 9, 9), "RRK"},
    {"SETGLOBAL", ABX(SETGLOBAL, 9, 2), "RX-"},
    {"SETUPVAL", ABC(SETUPVAL, 9, 1, 0), "RU-"},
    {"SETTABLE", ABC(SETTABLE, 9, 9, 9), "RKK"},
    {"NEWTABLE", ABC(NEWTABLE, 9, 511, 511), "R--"},
    {"SELF", ABC(SELF, 8, 9, 9), "-RK"},
    {"ADD", ABC(ADD, 9, 9, 9), "RKK"},
    {"SUB", ABC(SUB, 9, 9, 9), "RKK"},
    {"MUL", ABC(MUL, 9, 9, 9), "RKK"},
    {"DIV", ABC(DIV, 9, 9, 9), "RKK"},
    {"MOD", ABC(MOD, 9, 9, 9), "RKK"},
    {"POW", ABC(POW, 9, 9, 9), "RKK"},
    {"UNM", ABC(UNM, 9, 9, 0), "RR-"},
    {"NOT", ABC(NOT, 9, 9, 0), "RR-"},
    {"LEN", ABC(LEN, 9, 9, 0), "RR-"},
    {"CONCAT", ABC(CONCAT, 9, 8, 9), "RRR"},
    {"JMP", ASBX(JMP, 255, 0), "---"},
    {"EQ", ABC(EQ, 255, 9, 9), "-KK"},
    {"LT", ABC(LT, 255, 9, 9), "-KK"},
    {"LE", ABC(LE, 255, 9, 9), "-KK"},
    {"TEST", ABC(TEST, 9, 9, 511), "RR-"},
    {"TESTSET", ABC(TESTSET, 9, 9, 511), "RR-"},
    {"CALL", ABC(CALL, 9, 1, 1), "R--"},
    {"TAILCALL", ABC(TAILCALL, 9, 1, 0), "R--"},
    {"RETURN", ABC(RETURN, 9, 1, 0), "R--"},
    {"FORLOOP", ASBX(FORLOOP, 6, -1), "---"},
    {"FORPREP", ASBX(FORPREP, 6, 0), "---"},
    {"TFORLOOP", ABC(TFORLOOP, 4, 511, 3), "---"},
    {"SETLIST", ABC(SETLIST, 9, 0, 1), "R--"},
    {"CLOSE", ABC(CLOSE, 9, 511, 511), "R--"},
    {"CLOSURE", ABX(CLOSURE, 9, 0), "R--"},
    {"VARARG", ABC(VARARG, 9, 2, 511), "R--"},
};

static void try_operand(const struct operands *row, int shift, uint32_t value, const char *want)
{
    static const int widths[] = {8, 9, 9};
    uint32_t mask = ((1u << (shift == 6 ? widths[0] : 9)) - 1) << shift;
    uint32_t words[] = {(row->good & ~mask) | value << shift, ASBX(JMP, 0, 0), END};
    if (OP_CODE(row->good) == OP_TAILCALL)
        words[1] = ABC(RETURN, 0, 0, 0);
    if (OP_CODE(row->good) == OP_FORPREP)
        words[1] = ASBX(FORLOOP, 6, -1);
    int at = OP_CODE(row->good) == OP_FORLOOP;
    if (at) { // after its preparation
        words[1] = (row->good & ~mask) | value << shift;
        words[0] = ASBX(FORPREP, 6, 0);
    }
    set_up(words, 3, 0);
    function.vararg_ = VARARG_IS;
    check(row->name, want, at);
}

TEST(every_operand_has_its_range)
{
    static const int shifts[] = {6, 23, 14}; // A, B, C
    CHECK_EQUAL(sizeof operands / sizeof *operands, OP_COUNT);
    for (uint32_t op = 0; op < OP_COUNT; op++) {
        const struct operands *row = &operands[op];
        CHECK_EQUAL(row->good & 63, op);
        try_operand(row, 6, OP_A(row->good), NULL);
        for (int i = 0; i < 3; i++) {
            int shift = shifts[i], is_register = row->use[i] == 'R' || row->use[i] == 'K';
            if (is_register)
                try_operand(row, shift, STACK, "register out of range");
            if (is_register && i == 0)
                try_operand(row, shift, 255, "register out of range");
            if (row->use[i] == 'R' && i > 0)
                try_operand(row, shift, K(0), "register out of range");
            if (row->use[i] == 'K') {
                try_operand(row, shift, K(2), NULL);
                try_operand(row, shift, K(3), "constant out of range");
                try_operand(row, shift, 255, "register out of range");
            }
            if (row->use[i] == 'U')
                try_operand(row, shift, 2, "upvalue out of range");
            if (row->use[i] == 'X') // Bx is B and C in one, from C's place on
                try_operand(row, 14, 3, "constant out of range");
        }
    }
}

// ---- instructions ----

static const struct row {
    const char *name;
    int count;
    uint32_t code[CODE_MAX];
    const char *want; // NULL: good
    int pc;
    int sub_upvalues;
} rows[] = {
    {"the last opcode", 2, {ABC(CLOSE, 0, 0, 0), END}, NULL, 0, 0},
    {"one behind it", 2, {OP_COUNT, END}, "unknown instruction", 0, 0},
    {"the highest", 3, {ASBX(JMP, 0, 0), UNKNOWN, END}, "unknown instruction", 1, 0},

    {"global with a name", 2, {ABX(GETGLOBAL, 0, 0), END}, NULL, 0, 0},
    {"global with a number",
     2,
     {ABX(GETGLOBAL, 0, 1), END},
     "name of a global is not a string",
     0,
     0},
    {"set one with a number",
     2,
     {ABX(SETGLOBAL, 0, 1), END},
     "name of a global is not a string",
     0,
     0},

    {"nil to one register", 2, {ABC(LOADNIL, 3, 3, 0), END}, NULL, 0, 0},
    {"nil to none", 2, {ABC(LOADNIL, 4, 3, 0), END}, "empty range of registers", 0, 0},
    {"concat of two", 2, {ABC(CONCAT, 0, 2, 3), END}, NULL, 0, 0},
    {"concat of one", 2, {ABC(CONCAT, 0, 3, 3), END}, "empty range of registers", 0, 0},
    {"self without a second register", 2, {ABC(SELF, 9, 0, 0), END}, "register out of range", 0, 0},

    {"jump to the end", 3, {ASBX(JMP, 0, 1), ABC(MOVE, 0, 0, 0), END}, NULL, 0, 0},
    {"jump behind it", 2, {ASBX(JMP, 0, 1), END}, "jump out of the code", 0, 0},
    {"jump to the start", 2, {ASBX(JMP, 0, -1), END}, NULL, 0, 0},
    {"jump before it", 2, {ASBX(JMP, 0, -2), END}, "jump out of the code", 0, 0},
    {"jump far", 2, {ASBX(JMP, 0, OP_SBX_MAX), END}, "jump out of the code", 0, 0},
    {"jump over a batch number", 4, {ASBX(JMP, 0, 2), ABC(SETLIST, 0, 1, 0), 1, END}, NULL, 0, 0},
    {"jump to a batch number",
     4,
     {ASBX(JMP, 0, 1), ABC(SETLIST, 0, 1, 0), 1, END},
     "jump into an instruction",
     0,
     0},
    {"jump to a list that looks like a batch number",
     5,
     {ASBX(JMP, 0, 1), ABC(SETLIST, 0, 1, 0), ABC(SETLIST, 0, 1, 0), ABC(MOVE, 0, 0, 0), END},
     "jump into an instruction",
     0,
     0},
    {"jump behind that",
     5,
     {ASBX(JMP, 0, 2), ABC(SETLIST, 0, 1, 0), ABC(SETLIST, 0, 1, 0), ABC(MOVE, 0, 0, 0), END},
     NULL,
     0,
     0},

    {"test and jump", 3, {ABC(EQ, 0, 0, 0), ASBX(JMP, 0, 0), END}, NULL, 0, 0},
    {"test without a jump",
     3,
     {ABC(EQ, 0, 0, 0), ABC(MOVE, 0, 0, 0), END},
     "test without a jump",
     0,
     0},
    {"test and jump at the end",
     3,
     {ASBX(JMP, 0, 0), ABC(TEST, 0, 0, 0), END},
     "test without a jump",
     1,
     0},
    {"loop of an iterator without a jump",
     3,
     {ABC(TFORLOOP, 0, 0, 1), ABC(MOVE, 0, 0, 0), END},
     "test without a jump",
     0,
     0},
    {"boolean that skips", 3, {ABC(LOADBOOL, 0, 0, 1), ABC(LOADBOOL, 0, 1, 0), END}, NULL, 0, 0},
    {"boolean that skips the end", 2, {ABC(LOADBOOL, 0, 0, 1), END}, "skip over the end", 0, 0},
    {"boolean that skips half a list",
     4,
     {ABC(LOADBOOL, 0, 0, 1), ABC(SETLIST, 0, 1, 0), 1, END},
     "jump into an instruction",
     0,
     0},

    {"call with all registers", 2, {ABC(CALL, 0, 10, 11), END}, NULL, 0, 0},
    {"call with one more", 2, {ABC(CALL, 0, 11, 1), END}, "register out of range", 0, 0},
    {"results of a call beyond the stack",
     2,
     {ABC(CALL, 0, 1, 12), END},
     "register out of range",
     0,
     0},
    {"open results for a return", 2, {ABC(CALL, 0, 1, 0), ABC(RETURN, 0, 0, 0)}, NULL, 0, 0},
    {"open results for a call", 3, {ABC(CALL, 1, 1, 0), ABC(CALL, 0, 0, 1), END}, NULL, 0, 0},
    {"open results for a list", 3, {ABC(CALL, 1, 1, 0), ABC(SETLIST, 0, 0, 1), END}, NULL, 0, 0},
    {"open results for a tail call",
     4,
     {ABC(CALL, 1, 1, 0), ABC(TAILCALL, 0, 0, 0), ABC(RETURN, 0, 0, 0), END},
     NULL,
     0,
     0},
    {"open results for a move",
     3,
     {ABC(CALL, 0, 1, 0), ABC(MOVE, 0, 0, 0), END},
     "open results are not used",
     0,
     0},
    {"open results for a call of one argument",
     3,
     {ABC(CALL, 1, 1, 0), ABC(CALL, 0, 2, 1), END},
     "open results are not used",
     0,
     0},
    {"tail call", 3, {ABC(TAILCALL, 0, 10, 0), ABC(RETURN, 0, 0, 0), END}, NULL, 0, 0},
    {"tail call with one argument more",
     3,
     {ABC(TAILCALL, 0, 11, 0), ABC(RETURN, 0, 0, 0), END},
     "register out of range",
     0,
     0},
    {"tail call with one result",
     3,
     {ABC(TAILCALL, 0, 1, 2), ABC(RETURN, 0, 0, 0), END},
     "results of a tail call are not open",
     0,
     0},
    {"return of all registers", 2, {ABC(RETURN, 0, 11, 0), END}, NULL, 0, 0},
    {"return of one more", 2, {ABC(RETURN, 0, 12, 0), END}, "register out of range", 0, 0},

    {"numeric loop", 3, {ASBX(FORPREP, 6, 0), ASBX(FORLOOP, 6, -1), END}, NULL, 0, 0},
    {"numeric loop with a body",
     4,
     {ASBX(FORPREP, 6, 1), ABC(MOVE, 0, 0, 0), ASBX(FORLOOP, 6, -2), END},
     NULL,
     0,
     0},
    {"its start without four registers",
     3,
     {ASBX(FORPREP, 7, 0), ASBX(FORLOOP, 6, -1), END},
     "register out of range",
     0,
     0},
    {"its end without four registers",
     3,
     {ASBX(FORPREP, 6, 0), ASBX(FORLOOP, 7, -1), END},
     "register out of range",
     1,
     0},
    {"its end is elsewhere",
     3,
     {ASBX(FORPREP, 6, 1), ASBX(FORLOOP, 6, -1), END},
     "jump out of the code",
     0,
     0},
    {"its end is something else",
     4,
     {ASBX(FORPREP, 6, 1), ASBX(FORLOOP, 6, -1), ABC(MOVE, 0, 0, 0), END},
     "loop without an end",
     0,
     0},
    {"its end goes back into the body",
     4,
     {ASBX(FORPREP, 6, 1), ABC(MOVE, 0, 0, 0), ASBX(FORLOOP, 6, -1), END},
     "loop without its preparation",
     2,
     0},
    {"its end has no start", 2, {ASBX(FORLOOP, 6, 0), END}, "loop without its preparation", 0, 0},
    {"its end has other registers",
     3,
     {ASBX(FORPREP, 6, 0), ASBX(FORLOOP, 5, -1), END},
     "loop without its preparation",
     1,
     0},
    {"two ends of one start",
     4,
     {ASBX(FORPREP, 6, 1), ASBX(FORLOOP, 6, -1), ASBX(FORLOOP, 6, -2), END},
     "loop without its preparation",
     1,
     0},
    {"its end jumps out",
     3,
     {ASBX(FORPREP, 6, 0), ASBX(FORLOOP, 6, 1), END},
     "jump out of the code",
     1,
     0},

    {"iterator with three results", 3, {ABC(TFORLOOP, 4, 0, 3), ASBX(JMP, 0, 0), END}, NULL, 0, 0},
    {"iterator with one result", 3, {ABC(TFORLOOP, 4, 0, 1), ASBX(JMP, 0, 0), END}, NULL, 0, 0},
    {"in a register too high",
     3,
     {ABC(TFORLOOP, 5, 0, 3), ASBX(JMP, 0, 0), END},
     "register out of range",
     0,
     0},
    {"with four results", 3, {ABC(TFORLOOP, 3, 0, 4), ASBX(JMP, 0, 0), END}, NULL, 0, 0},
    {"with one more",
     3,
     {ABC(TFORLOOP, 4, 0, 4), ASBX(JMP, 0, 0), END},
     "register out of range",
     0,
     0},
    {"without a result",
     3,
     {ABC(TFORLOOP, 0, 0, 0), ASBX(JMP, 0, 0), END},
     "register out of range",
     0,
     0},

    {"list of nine", 2, {ABC(SETLIST, 0, 9, 1), END}, NULL, 0, 0},
    {"list of ten", 2, {ABC(SETLIST, 0, 10, 1), END}, "register out of range", 0, 0},
    {"list with a batch number", 3, {ABC(SETLIST, 0, 9, 0), UNKNOWN, END}, NULL, 0, 0},
    {"with a batch number that is the end",
     2,
     {ABC(SETLIST, 0, 9, 0), END},
     "code does not end with RETURN",
     -1,
     0},

    {"closure", 2, {ABX(CLOSURE, 0, 0), END}, NULL, 0, 0},
    {"closure of a function that does not exist",
     2,
     {ABX(CLOSURE, 0, 1), END},
     "function out of range",
     0,
     0},
    {"closure with upvalues",
     4,
     {ABX(CLOSURE, 0, 0), ABC(MOVE, 0, 9, 0), ABC(GETUPVAL, 0, 1, 0), END},
     NULL,
     0,
     2},
    {"closure whose last upvalue is the end",
     3,
     {ABX(CLOSURE, 0, 0), ABC(MOVE, 0, 0, 0), END},
     "bad upvalue of a closure",
     0,
     2},
    {"closure with more upvalues than instructions are left",
     3,
     {ABX(CLOSURE, 0, 0), ABC(MOVE, 0, 0, 0), END},
     "upvalues of a closure are cut off",
     0,
     3},
    {"closure with an upvalue out of range",
     3,
     {ABX(CLOSURE, 0, 0), ABC(GETUPVAL, 0, 2, 0), END},
     "upvalue out of range",
     0,
     1},
    {"closure with a register out of range",
     3,
     {ABX(CLOSURE, 0, 0), ABC(MOVE, 0, 10, 0), END},
     "bad upvalue of a closure",
     0,
     1},
    {"closure with something else",
     3,
     {ABX(CLOSURE, 0, 0), ABC(LOADBOOL, 0, 0, 0), END},
     "bad upvalue of a closure",
     0,
     1},
    {"what follows a closure without upvalues",
     3,
     {ABX(CLOSURE, 0, 0), ABC(LOADBOOL, 0, 0, 0), END},
     NULL,
     0,
     0},
};

TEST(every_rule_of_an_instruction_has_its_reason)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up(rows[i].code, rows[i].count, rows[i].sub_upvalues);
        check(rows[i].name, rows[i].want, rows[i].pc);
    }
}

// ---- the function as a whole ----

#define OF_FUNCTION(field, value) offsetof(struct proto, field), sizeof function.field, value

static const struct field_row {
    const char *name;
    size_t off, bytes;
    int32_t value;
    const char *want;
} field_rows[] = {
    {"largest stack", OF_FUNCTION(stack_size_, LC_STACK_MAX), NULL},
    {"stack too large", OF_FUNCTION(stack_size_, LC_STACK_MAX + 1), "stack too large"},
    {"parameters in all registers", OF_FUNCTION(parameter_count_, STACK), NULL},
    {"one more", OF_FUNCTION(parameter_count_, STACK + 1), "more parameters than registers"},
    {"variable arguments", OF_FUNCTION(vararg_, VARARG_IS), NULL},
    {"with arg", OF_FUNCTION(vararg_, VARARG_IS | VARARG_HAS_ARG | VARARG_NEEDS_ARG), NULL},
    {"an arg that is needed but not there", OF_FUNCTION(vararg_, VARARG_IS | VARARG_NEEDS_ARG),
     "bad vararg bits"},
    {"another bit", OF_FUNCTION(vararg_, 8), "bad vararg bits"},
    {"a name for each upvalue", OF_FUNCTION(upvalue_name_count, 2), NULL},
    {"a name more", OF_FUNCTION(upvalue_name_count, 3), "too many upvalue names"},
    {"less than no names", OF_FUNCTION(upvalue_name_count, -1), "too many upvalue names"},
    {"no constants", OF_FUNCTION(constant_count, 0), NULL},
    {"less than none", OF_FUNCTION(constant_count, -1), "negative count"},
    {"no functions", OF_FUNCTION(proto_count, 0), NULL},
    {"less than none", OF_FUNCTION(proto_count, -1), "negative count"},
    {"one instruction", OF_FUNCTION(code_count, 1), NULL},
    {"none", OF_FUNCTION(code_count, 0), "no code"},
    {"less than none", OF_FUNCTION(code_count, -1), "no code"},
    {"an end that is no return", OF_FUNCTION(code_count, 2), "code does not end with RETURN"},
};

static void set_field(size_t off, size_t bytes, int32_t value)
{
    memcpy((char *)&function + off, &value, bytes);
}

// ---- names of locals ----

#define NAMES_MAX (STACK + 2)

static void check_names(const char *name, const int32_t (*ranges)[2], int count, const char *want)
{
    static const uint32_t words[] = {ABC(MOVE, 0, 0, 0), ABC(MOVE, 0, 0, 0), ABC(MOVE, 0, 0, 0),
                                     END};
    static struct local_name names[NAMES_MAX];
    for (int i = 0; i < count; i++)
        names[i] = (struct local_name){.pc_start = ranges[i][0], .pc_end = ranges[i][1]};
    set_up(words, 4, 0);
    REF_SET(function.local_names, names);
    function.local_name_count = count;
    check(name, want, -1);
    function.local_name_count = 0;
}

TEST(never_more_names_are_active_than_registers)
{
    static const struct {
        const char *name;
        int count;
        int32_t ranges[4][2];
        const char *want;
    } cases[] = {
        {"one in all of the code", 1, {{0, 4}}, NULL},
        {"one after the other", 3, {{0, 1}, {1, 3}, {3, 4}}, NULL},
        {"inside each other", 3, {{0, 4}, {1, 3}, {2, 3}}, NULL},
        {"never active", 3, {{0, 4}, {2, 2}, {2, 1}}, NULL},
        {"beyond the code", 1, {{0, 5}}, "range of a local name"},
        {"before it", 1, {{-1, 4}}, "range of a local name"},
        {"not in order", 2, {{2, 4}, {1, 4}}, "range of a local name"},
        {"over the end of another", 2, {{0, 2}, {1, 3}}, "range of a local name"},
    };
    int32_t all[NAMES_MAX][2];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_names(cases[i].name, cases[i].ranges, cases[i].count, cases[i].want);
    for (int i = 0; i < NAMES_MAX; i++)
        all[i][0] = 0, all[i][1] = 4;
    check_names("as many as registers", all, STACK, NULL);
    check_names("one more", all, STACK + 1, "more local names than registers");
    all[STACK - 1][1] = 2, all[STACK][0] = 2, all[STACK][1] = 4;
    check_names("one more, but later", all, STACK + 1, NULL);
    set_up((uint32_t[]){END}, 1, 0);
    function.local_name_count = -1;
    check("less than none", "negative count", -1);
}

TEST(every_rule_of_a_function_has_its_reason)
{
    static const uint32_t words[] = {END, ABC(MOVE, 0, 0, 0), END};
    for (size_t i = 0; i < sizeof field_rows / sizeof *field_rows; i++) {
        const struct field_row *row = &field_rows[i];
        set_up(words, 3, 0);
        set_field(row->off, row->bytes, row->value);
        check(row->name, row->want, -1);
    }
    // The hidden parameter `arg` takes a register, too.
    set_up(words, 3, 0);
    function.parameter_count_ = STACK;
    function.vararg_ = VARARG_IS | VARARG_HAS_ARG;
    check("parameters and arg", "more parameters than registers", -1);
}

// ---- variable arguments ----

static const struct vararg_row {
    const char *name;
    int bits;
    uint32_t code[3];
    const char *want;
} vararg_rows[] = {
    {"three dots", VARARG_IS, {ABC(VARARG, 0, 11, 0), END}, NULL},
    {"none of them", VARARG_IS, {ABC(VARARG, 0, 1, 0), END}, NULL},
    {"three dots beyond the stack",
     VARARG_IS,
     {ABC(VARARG, 0, 12, 0), END},
     "register out of range"},
    {"all of them returned", VARARG_IS, {ABC(VARARG, 0, 0, 0), ABC(RETURN, 0, 0, 0)}, NULL},
    {"all of them lost", VARARG_IS, {ABC(VARARG, 0, 0, 0), END}, "open results are not used"},
    {"three dots in a function without",
     0,
     {ABC(VARARG, 0, 2, 0), END},
     "no variable arguments here"},
    {"three dots in one that has arg instead",
     VARARG_IS | VARARG_HAS_ARG | VARARG_NEEDS_ARG,
     {ABC(VARARG, 0, 2, 0), END},
     "no variable arguments here"},
    {"in one with both", VARARG_IS | VARARG_HAS_ARG, {ABC(VARARG, 0, 2, 0), END}, NULL},
};

TEST(three_dots_need_variable_arguments)
{
    for (size_t i = 0; i < sizeof vararg_rows / sizeof *vararg_rows; i++) {
        set_up(vararg_rows[i].code, 2, 0);
        function.vararg_ = (uint8_t)vararg_rows[i].bits;
        check(vararg_rows[i].name, vararg_rows[i].want, 0);
    }
}

TEST_MAIN
