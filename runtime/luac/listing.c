// listing.c: bytecode as text; see listing.h.

#include "runtime/luac/listing.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/api/lua.h"
#include "runtime/core/debug.h"
#include "runtime/core/vm.h"
#include "runtime/format/opcode.h"

enum layout { LAYOUT_ABC, LAYOUT_ABX, LAYOUT_ASBX };
enum use { USE_N, USE_U, USE_R, USE_K };

static const struct {
    const char *name;
    uint8_t layout;
    uint8_t b_use;
    uint8_t c_use;
} opcodes[OP_COUNT] = {
#define OPCODE_TEXT(name, layout, test, sets_a, b, c) {#name, LAYOUT_##layout, USE_##b, USE_##c},
    OPCODES(OPCODE_TEXT)
#undef OPCODE_TEXT
};

#define PLURAL(n) ((n) == 1 ? "" : "s")

// ---- values ----

static void print_character(unsigned char c)
{
    static const char meant[] = "\"\\\a\b\f\n\r\t\v";
    static const char letters[] = "\"\\abfnrtv";
    const char *at = c ? strchr(meant, c) : NULL;
    if (at)
        printf("\\%c", letters[at - meant]);
    else if (c < 128 && isprint(c))
        putchar(c);
    else
        printf("\\%03u", c);
}

static void print_name(const char *name)
{
    for (; *name; name++)
        print_character((unsigned char)*name);
}

static void print_constant(const struct proto *p, int idx)
{
    const struct value *v = DEREF(p->constants) + idx;
    char number[LUAI_NUMBER_CHARS];
    switch (VALUE_TAG(v)) {
    case LUA_TNIL:
        printf("nil");
        break;
    case LUA_TBOOLEAN:
        printf(v->as.boolean ? "true" : "false");
        break;
    case LUA_TNUMBER:
        number_format(VALUE_NUMBER(v), number);
        printf("%s", number);
        break;
    default:
        putchar('"');
        for (uint32_t i = 0; i < VALUE_STRING(v)->bytes; i++)
            print_character((unsigned char)VALUE_TEXT(v)[i]);
        putchar('"');
        break;
    }
}

static void print_operand_value(const struct proto *p, int operand)
{
    if (operand & OP_CONSTANT_BIT)
        print_constant(p, operand & ~OP_CONSTANT_BIT);
    else
        putchar('-');
}

static const char *upvalue_name(const struct proto *p, int idx)
{
    if (idx >= p->upvalue_name_count || REF_IS_NULL(DEREF(p->upvalue_names)[idx]))
        return "-";
    return STRING_TEXT(DEREF(DEREF(p->upvalue_names)[idx]));
}

// ---- instructions ----

// Constants are shown as negative numbers, the first one is -1.
static int shown(int operand)
{
    return operand & OP_CONSTANT_BIT ? -1 - (operand & ~OP_CONSTANT_BIT) : operand;
}

static void print_operands(uint32_t i)
{
    enum opcode op = OP_CODE(i);
    switch (opcodes[op].layout) {
    case LAYOUT_ABC:
        printf("%d", OP_A(i));
        if (opcodes[op].b_use != USE_N)
            printf(" %d", shown(OP_B(i)));
        if (opcodes[op].c_use != USE_N)
            printf(" %d", shown(OP_C(i)));
        break;
    case LAYOUT_ABX:
        printf("%d %d", OP_A(i), opcodes[op].b_use == USE_K ? -1 - OP_BX(i) : OP_BX(i));
        break;
    default:
        if (op == OP_JMP)
            printf("%d", OP_SBX(i));
        else
            printf("%d %d", OP_A(i), OP_SBX(i));
        break;
    }
}

// What the operands mean. Returns 1 if the next word belongs to the instruction.
static int print_comment(const struct proto *p, int pc)
{
    uint32_t i = DEREF(p->code)[pc];
    switch (OP_CODE(i)) {
    case OP_LOADK:
        printf("\t; ");
        print_constant(p, OP_BX(i));
        break;
    case OP_GETUPVAL:
    case OP_SETUPVAL:
        printf("\t; ");
        print_name(upvalue_name(p, OP_B(i)));
        break;
    case OP_GETGLOBAL:
    case OP_SETGLOBAL:
        printf("\t; ");
        print_name(VALUE_TEXT(DEREF(p->constants) + OP_BX(i)));
        break;
    case OP_GETTABLE:
    case OP_SELF:
        if (OP_C(i) & OP_CONSTANT_BIT) {
            printf("\t; ");
            print_operand_value(p, OP_C(i));
        }
        break;
    case OP_SETTABLE:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_POW:
    case OP_EQ:
    case OP_LT:
    case OP_LE:
        if ((OP_B(i) | OP_C(i)) & OP_CONSTANT_BIT) {
            printf("\t; ");
            print_operand_value(p, OP_B(i));
            putchar(' ');
            print_operand_value(p, OP_C(i));
        }
        break;
    case OP_JMP:
    case OP_FORLOOP:
    case OP_FORPREP:
        printf("\t; to %d", OP_SBX(i) + pc + 2);
        break;
    case OP_CLOSURE:
        printf("\t; %p", (void *)DEREF(DEREF(p->protos)[OP_BX(i)]));
        break;
    case OP_SETLIST:
        printf("\t; %d", OP_C(i) ? OP_C(i) : (int)DEREF(p->code)[pc + 1]);
        return OP_C(i) == 0;
    default:
        break;
    }
    return 0;
}

static void print_code(lua_State *L, const struct proto *p)
{
    for (int pc = 0; pc < p->code_count; pc++) {
        uint32_t i = DEREF(p->code)[pc];
        int line = debug_line(L, p, pc);
        printf("\t%d\t", pc + 1);
        if (line > 0)
            printf("[%d]\t", line);
        else
            printf("[-]\t");
        printf("%-9s\t", opcodes[OP_CODE(i)].name);
        print_operands(i);
        pc += print_comment(p, pc);
        putchar('\n');
    }
}

// ---- functions ----

static void print_head(const struct proto *p)
{
    const char *source = STRING_TEXT(DEREF(p->source));
    if (*source == '@' || *source == '=')
        source++;
    else
        source = *source == LUA_SIGNATURE[0] ? "(bstring)" : "(string)";
    printf("\n%s <", p->line_defined == 0 ? "main" : "function");
    print_name(source);
    printf(":%d,%d> (%d instruction%s, %d bytes at %p)\n", p->line_defined, p->line_last_defined,
           p->code_count, PLURAL(p->code_count), 4 * p->code_count, (const void *)p);
    printf("%d%s param%s, %d slot%s, %d upvalue%s, ", PROTO_PARAMETERS(p),
           PROTO_VARARG(p) ? "+" : "", PLURAL(PROTO_PARAMETERS(p)), PROTO_STACK_SIZE(p),
           PLURAL(PROTO_STACK_SIZE(p)), PROTO_UPVALUES(p), PLURAL(PROTO_UPVALUES(p)));
    printf("%d local%s, %d constant%s, %d function%s\n", p->local_name_count,
           PLURAL(p->local_name_count), p->constant_count, PLURAL(p->constant_count),
           p->proto_count, PLURAL(p->proto_count));
}

static void print_tables(const struct proto *p)
{
    printf("constants (%d) for %p:\n", p->constant_count, (const void *)p);
    for (int i = 0; i < p->constant_count; i++) {
        printf("\t%d\t", i + 1);
        print_constant(p, i);
        putchar('\n');
    }
    printf("locals (%d) for %p:\n", p->local_name_count, (const void *)p);
    for (int i = 0; i < p->local_name_count; i++) {
        const struct local_name *l = DEREF(p->local_names) + i;
        printf("\t%d\t", i);
        print_name(STRING_TEXT(DEREF(l->name)));
        printf("\t%d\t%d\n", l->pc_start + 1, l->pc_end + 1);
    }
    printf("upvalues (%d) for %p:\n", p->upvalue_name_count, (const void *)p);
    for (int i = 0; i < p->upvalue_name_count; i++) {
        printf("\t%d\t", i);
        print_name(upvalue_name(p, i));
        putchar('\n');
    }
}

void listing_print(lua_State *L, const struct proto *p, int is_full)
{
    print_head(p);
    print_code(L, p);
    if (is_full)
        print_tables(p);
    for (int i = 0; i < p->proto_count; i++)
        listing_print(L, DEREF(DEREF(p->protos)[i]), is_full);
}
