// code.h: the code generator: from expressions that the parser describes to instructions.
//
// Reads and writes: the function under construction (struct func_state). Memory: its vectors grow
// 4, 8, 16 ... on the Lua heap and are trimmed at the end of the function (scope_close_function).
// Source: the virtual machine of Lua 5.1 (runtime/format/opcode.h); which instruction stands for
// which construct was taken from compiled files of luac, whose output this code reproduces.
//
// Registers. Active local variables have the lowest registers; above them lie temporary values,
// used as a stack: the last one taken is the first one freed.
//
// Jump lists. All jumps that are to get the same target form a list, linked through their own
// offset fields; a list is the index of one jump, JUMP_NONE is the empty list. A conditional jump
// is a test instruction and a JMP after it.
//
// Expressions are described and turned into code as late as possible, so that constants become
// operands and results go straight to the register where they are wanted. if_true and if_false are
// the jumps that leave the expression early with a true or false value.

#ifndef FROST_CORE_COMPILE_CODE_H
#define FROST_CORE_COMPILE_CODE_H

#include "runtime/core/compile/lexer.h"
#include "runtime/core/debug.h"
#include "runtime/core/state.h"
#include "runtime/format/opcode.h"

#define JUMP_NONE (-1)
#define CODE_REGISTERS_MAX 250
#define CODE_UPVALUES_MAX 60
#ifdef __XTENSA__
#define CODE_LOCALS_LIMIT 50 // of the profile of the chip, whose stack is small
#else
#define CODE_LOCALS_LIMIT 200 // of any profile
#endif

enum expr_kind {
    EXPR_NONE, // an empty list
    EXPR_NIL,
    EXPR_TRUE,
    EXPR_FALSE,
    EXPR_CONSTANT, // info: index of the constant
    EXPR_NUMBER,   // number
    EXPR_LOCAL,    // info: register
    EXPR_UPVALUE,  // info: index of the upvalue
    EXPR_GLOBAL,   // info: constant with the name
    EXPR_INDEXED,  // info: register of the table; key: register or constant
    EXPR_TEST,     // info: the jump that is taken if the expression is true
    EXPR_PENDING,  // info: an instruction that still lacks its register A
    EXPR_REGISTER, // info: register with the value
    EXPR_CALL,     // info: CALL, still for one result
    EXPR_VARARG,   // info: VARARG
};

struct expr {
    enum expr_kind kind;
    int info;
    int key;
    lua_Number number;
    int if_true;
    int if_false;
};

// What a function takes from the functions around it.
struct upvalue_source {
    uint8_t is_local; // of the function directly around; otherwise an upvalue of that one
    uint8_t idx;      // register or upvalue
};

struct block;

// A function under construction.
struct func_state {
    struct proto *proto;
    struct table *constants;   // value -> index of the constant; also keeps the strings alive
    struct func_state *around; // NULL: main function
    struct lexer *lx;
    lua_State *L;
    struct block *block; // innermost
    struct line_writer lines;
    int pc;            // index of the next instruction
    int target_last;   // highest pc that is known to be the target of a jump
    int jumps_here;    // jumps that wait for the next instruction
    int free_register; // first free one
    int constant_count;
    int proto_count;
    int local_count;                    // all local variables so far, active or not
    int active_count;                   // active ones
    uint16_t active[CODE_LOCALS_LIMIT]; // their indices among all
    struct upvalue_source upvalues[CODE_UPVALUES_MAX];
};

enum operator_kind {
    OPERATOR_ADD,
    OPERATOR_SUB,
    OPERATOR_MUL,
    OPERATOR_DIV,
    OPERATOR_MOD,
    OPERATOR_POW,
    OPERATOR_CONCAT,
    OPERATOR_EQ,
    OPERATOR_NE,
    OPERATOR_LT,
    OPERATOR_LE,
    OPERATOR_GT,
    OPERATOR_GE,
    OPERATOR_AND,
    OPERATOR_OR,
    OPERATOR_BINARY_COUNT,
    OPERATOR_MINUS = OPERATOR_BINARY_COUNT,
    OPERATOR_NOT,
    OPERATOR_LENGTH,
    OPERATOR_NONE,
};

// ---- instructions (code.c) ----

// Add an instruction with the line of the token before the current one; result: its index.
int code_abc(struct func_state *fs, enum opcode op, int a, int b, int c);
int code_abx(struct func_state *fs, enum opcode op, int a, int bx);
int code_asbx(struct func_state *fs, enum opcode op, int a, int sbx);
// Adds any word, with that line.
int code_word(struct func_state *fs, uint32_t word, int line);
// The instruction may be changed in place.
uint32_t *code_at(struct func_state *fs, int pc);
// Takes the last instruction away; no jump leads to it or after it.
void code_drop_last(struct func_state *fs);
// Gives the last instruction another line.
void code_fix_line(struct func_state *fs, int line);
// Registers [first, first + count) become nil; joined with a LOADNIL directly before.
void code_nil(struct func_state *fs, int first, int count);
// Returns `count` values from register `first`; LUA_MULTRET: all up to the top.
void code_return(struct func_state *fs, int first, int count);
// Stores the last `count` list items (LUA_MULTRET: up to the top) of `total` into the table.
void code_set_list(struct func_state *fs, int table, int total, int count);

void code_set_a(uint32_t *i, int a);
void code_set_b(uint32_t *i, int b);
void code_set_c(uint32_t *i, int c);

// Registers. Raise "function or expression too complex".
void code_check_registers(struct func_state *fs, int count);
void code_take_registers(struct func_state *fs, int count);
void code_free_register(struct func_state *fs, int idx);

// Constants: index, the same for equal values. Raise "constant table overflow".
int code_constant_string(struct func_state *fs, struct string *s);
int code_constant_number(struct func_state *fs, lua_Number n);
int code_constant_boolean(struct func_state *fs, int b);
int code_constant_nil(struct func_state *fs);

// ---- jumps (code_jump.c) ----

// A jump without target.
int code_jump(struct func_state *fs);
// A test and the jump after it.
int code_test_jump(struct func_state *fs, enum opcode op, int a, int b, int c);
// Notes that the next instruction is the target of a jump, so that none is joined across it.
int code_label(struct func_state *fs);
// Appends `list` to *to.
void code_jumps_join(struct func_state *fs, int *to, int list);
// All jumps of the list lead to `target` / to the next instruction.
void code_jumps_patch(struct func_state *fs, int list, int target);
void code_jumps_patch_here(struct func_state *fs, int list);
// The jumps that wait for the next instruction get it as target (code_word).
void code_jumps_settle(struct func_state *fs);
// The same where the tested value is wanted in register `idx`: jumps that do not carry a value lead
// to `target_no_value`, others store theirs and lead to `target`.
void code_jumps_patch_value(struct func_state *fs, int list, int idx, int target,
                            int target_no_value);
// True if a jump of the list does not carry a value.
int code_jumps_need_value(struct func_state *fs, int list);
// The jumps of the list carry no value any more.
void code_jumps_drop_values(struct func_state *fs, int list);
// The test of the jump is turned round.
void code_jump_invert(struct func_state *fs, int jump);

// ---- expressions (code_expr.c) ----

void expr_init(struct expr *e, enum expr_kind kind, int info);
static inline int expr_is_open(const struct expr *e) // as many values as there are
{
    return e->kind == EXPR_CALL || e->kind == EXPR_VARARG;
}

// Variables become values; the expression is then a constant, EXPR_TEST, _PENDING or _REGISTER.
void expr_to_value(struct func_state *fs, struct expr *e);
// The same, and early exits are resolved.
void expr_settle(struct func_state *fs, struct expr *e);
void expr_to_next_register(struct func_state *fs, struct expr *e);
int expr_to_any_register(struct func_state *fs, struct expr *e);
void expr_to_register(struct func_state *fs, struct expr *e, int idx);
// Register or constant operand (with OP_CONSTANT_BIT).
int expr_to_operand(struct func_state *fs, struct expr *e);
void expr_free(struct func_state *fs, const struct expr *e);
// An open expression gives `count` values (LUA_MULTRET: all).
void expr_set_count(struct func_state *fs, struct expr *e, int count);
void expr_set_one(struct func_state *fs, struct expr *e);
// var = value
void expr_store(struct func_state *fs, const struct expr *var, struct expr *value);
// t becomes t[key]; t is in a register.
void expr_index(struct func_state *fs, struct expr *t, struct expr *key);
// e becomes the method e:key, with e after it in the next register.
void expr_method(struct func_state *fs, struct expr *e, struct expr *key);
// Code runs on only if e is true; if_false holds the jumps of the other case. And the reverse.
void expr_go_if_true(struct func_state *fs, struct expr *e);
void expr_go_if_false(struct func_state *fs, struct expr *e);

// ---- operators (code_operator.c) ----

void code_unary(struct func_state *fs, enum operator_kind op, struct expr *e);
// Between the operands, then after the second one: left becomes left op right.
void code_binary_begin(struct func_state *fs, enum operator_kind op, struct expr *left);
void code_binary_end(struct func_state *fs, enum operator_kind op, struct expr *left,
                     struct expr *right);

#endif
