// code.c: instructions, registers and constants of the function under construction; see code.h.

#include "runtime/core/compile/code.h"

#include <assert.h>
#include <limits.h>

#include "runtime/core/mem.h"
#include "runtime/core/table.h"

#define FIELD_SET(i, at, bits, v)                                                                  \
    (*(i) = (*(i) & ~(((1u << (bits)) - 1) << (at))) | (uint32_t)(v) << (at))

void code_set_a(uint32_t *i, int a)
{
    assert(a >= 0 && a <= OP_A_MAX);
    FIELD_SET(i, 6, 8, a);
}

void code_set_b(uint32_t *i, int b)
{
    assert(b >= 0 && b <= OP_B_MAX);
    FIELD_SET(i, 23, 9, b);
}

void code_set_c(uint32_t *i, int c)
{
    assert(c >= 0 && c <= OP_C_MAX);
    FIELD_SET(i, 14, 9, c);
}

uint32_t *code_at(struct func_state *fs, int pc)
{
    assert(pc >= 0 && pc < fs->pc);
    return DEREF(fs->proto->code) + pc;
}

int code_word(struct func_state *fs, uint32_t word, int line)
{
    struct proto *p = fs->proto;
    code_jumps_settle(fs);
    REF_SET(p->code, mem_grow(fs->L, DEREF(p->code), fs->pc, &p->code_count, sizeof(uint32_t),
                              INT_MAX, "code size overflow", KIND_CODE));
    DEREF(p->code)[fs->pc] = word;
    debug_line_add(fs->L, p, &fs->lines, line);
    return fs->pc++;
}

int code_abc(struct func_state *fs, enum opcode op, int a, int b, int c)
{
    assert(a >= 0 && a <= OP_A_MAX);
    assert(b >= 0 && b <= OP_B_MAX && c >= 0 && c <= OP_C_MAX);
    return code_word(fs, op_abc(op, a, b, c), fs->lx->line_last);
}

int code_abx(struct func_state *fs, enum opcode op, int a, int bx)
{
    assert(a >= 0 && a <= OP_A_MAX);
    assert(bx >= 0 && bx <= OP_BX_MAX);
    return code_word(fs, op_abx(op, a, bx), fs->lx->line_last);
}

int code_asbx(struct func_state *fs, enum opcode op, int a, int sbx)
{
    return code_abx(fs, op, a, sbx + OP_SBX_MAX);
}

void code_drop_last(struct func_state *fs)
{
    assert(fs->pc > 0);
    debug_line_remove(fs->L, fs->proto, &fs->lines);
    fs->pc--;
}

void code_fix_line(struct func_state *fs, int line)
{
    debug_line_fix(fs->L, fs->proto, &fs->lines, line);
}

// The instruction before the next one if it is a LOADNIL that can take in registers from `first`.
static uint32_t *joinable_nil(struct func_state *fs, int first)
{
    if (fs->pc == 0)
        return NULL;
    uint32_t *i = code_at(fs, fs->pc - 1);
    if (OP_CODE(*i) != OP_LOADNIL || first < OP_A(*i) || first > OP_B(*i) + 1)
        return NULL;
    return i;
}

void code_nil(struct func_state *fs, int first, int count)
{
    int last = first + count - 1;
    if (fs->pc > fs->target_last) { // no jump leads here
        // The registers of a new function are nil, but for its parameters.
        if (fs->pc == 0 && first >= fs->active_count)
            return;
        uint32_t *before = joinable_nil(fs, first);
        if (before) {
            if (last > OP_B(*before))
                code_set_b(before, last);
            return;
        }
    }
    code_abc(fs, OP_LOADNIL, first, last, 0);
}

void code_return(struct func_state *fs, int first, int count)
{
    code_abc(fs, OP_RETURN, first, count + 1, 0);
}

void code_set_list(struct func_state *fs, int table, int total, int count)
{
    int batch = (total - 1) / OP_LIST_BATCH + 1;
    int items = count == LUA_MULTRET ? 0 : count;
    assert(count != 0);
    if (batch <= OP_C_MAX) {
        code_abc(fs, OP_SETLIST, table, items, batch);
    } else {
        code_abc(fs, OP_SETLIST, table, items, 0);
        code_word(fs, (uint32_t)batch, fs->lx->line_last);
    }
    fs->free_register = table + 1;
}

// ---- registers ----

void code_check_registers(struct func_state *fs, int count)
{
    int needed = fs->free_register + count;
    if (needed <= PROTO_STACK_SIZE(fs->proto))
        return;
    if (needed >= CODE_REGISTERS_MAX)
        lexer_error_here(fs->lx, "function or expression too complex");
    fs->proto->stack_size_ = (uint8_t)needed;
}

void code_take_registers(struct func_state *fs, int count)
{
    code_check_registers(fs, count);
    fs->free_register += count;
}

void code_free_register(struct func_state *fs, int idx)
{
    if ((idx & OP_CONSTANT_BIT) || idx < fs->active_count)
        return;
    fs->free_register--;
    assert(idx == fs->free_register);
}

// ---- constants ----

// The table of constants maps keys to indices; strings stand in it as true until they become
// constants (lexer_keep_text).
static int add_constant(struct func_state *fs, const struct value *key, const struct value *value)
{
    struct value *idx = table_set(fs->L, fs->constants, key);
    if (VALUE_IS_NUMBER(idx))
        return (int)VALUE_NUMBER(idx);
    value_set_number(idx, (lua_Number)fs->constant_count);
    struct proto *p = fs->proto;
    int32_t old_count = p->constant_count;
    REF_SET(p->constants,
            mem_grow(fs->L, DEREF(p->constants), fs->constant_count, &p->constant_count,
                     sizeof(struct value), OP_BX_MAX, "constant table overflow", KIND_CONSTANTS));
    for (; old_count < p->constant_count; old_count++)
        value_set_nil(DEREF(p->constants) + old_count);
    DEREF(p->constants)[fs->constant_count] = *value;
    return fs->constant_count++;
}

int code_constant_string(struct func_state *fs, struct string *s)
{
    struct value v;
    value_set_pointer(&v, s, LUA_TSTRING);
    return add_constant(fs, &v, &v);
}

int code_constant_number(struct func_state *fs, lua_Number n)
{
    struct value v;
    value_set_number(&v, n);
    return add_constant(fs, &v, &v);
}

int code_constant_boolean(struct func_state *fs, int b)
{
    struct value v;
    value_set_boolean(&v, b);
    return add_constant(fs, &v, &v);
}

int code_constant_nil(struct func_state *fs)
{
    struct value key, v;
    value_set_pointer(&key, fs->constants, LUA_TTABLE); // nil cannot be a key
    value_set_nil(&v);
    return add_constant(fs, &key, &v);
}
