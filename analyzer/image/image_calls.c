// image_calls.c: what registers hold in straight code; see image_calls.h.

#include "analyzer/image/image_calls.h"

#include <string.h>

#include "runtime/format/opcode.h"

#define REGISTERS 256u

enum known { UNKNOWN, GLOBAL, STRING };

struct register_value {
    enum known known;
    struct text text; // name of a global or its field, or the string
};

struct walk {
    const struct image *image;
    const struct image_function *function;
    int32_t idx;
    struct arena *arena;
    image_call_visit visit;
    void *context;
    struct register_value registers[REGISTERS];
};

static void forget(struct walk *walk, unsigned first, unsigned end)
{
    for (unsigned i = first; i < end && i < REGISTERS; i++)
        walk->registers[i].known = UNKNOWN;
}

static struct register_value constant(const struct walk *walk, uint32_t idx)
{
    struct register_value value = {UNKNOWN, {0}};
    if ((uint32_t)idx < walk->function->constant_count && walk->function->constants[idx].tag == 4 &&
        walk->function->constants[idx].string >= 0) {
        value.known = STRING;
        value.text = walk->image->strings[walk->function->constants[idx].string].text;
    }
    return value;
}

static struct register_value operand(const struct walk *walk, unsigned operand)
{
    return operand & OP_CONSTANT_BIT ? constant(walk, operand & (OP_CONSTANT_BIT - 1))
                                     : walk->registers[operand & (REGISTERS - 1)];
}

static void tell(struct walk *walk, struct image_call *call, uint32_t pc)
{
    call->function = walk->idx;
    call->line = image_function_line(walk->function, pc);
    walk->visit(walk->context, call);
}

static void read_global(struct walk *walk, uint32_t i, uint32_t pc)
{
    struct register_value name = constant(walk, OP_BX(i));
    struct register_value *to = &walk->registers[OP_A(i)];
    *to = (struct register_value){UNKNOWN, {0}};
    if (name.known != STRING)
        return;
    *to = (struct register_value){GLOBAL, name.text};
    tell(walk, &(struct image_call){.name = name.text}, pc);
}

static void write_global(struct walk *walk, uint32_t i, uint32_t pc)
{
    struct register_value name = constant(walk, OP_BX(i));
    if (name.known == STRING)
        tell(walk, &(struct image_call){.name = name.text, .is_write = true}, pc);
}

// The method of an object, which itself is not known.
static void read_method(struct walk *walk, uint32_t i)
{
    struct register_value key = operand(walk, OP_C(i));
    unsigned a = OP_A(i);
    forget(walk, a, a + 2);
    if (key.known == STRING)
        walk->registers[a] = (struct register_value){
            GLOBAL, text_of(arena_format(walk->arena, ":%.*s", TEXT_ARGS(key.text)))};
}

// A field of a global.
static void read_field(struct walk *walk, uint32_t i, uint32_t pc)
{
    struct register_value table = walk->registers[OP_B(i) & (REGISTERS - 1)];
    struct register_value key = operand(walk, OP_C(i));
    struct register_value *to = &walk->registers[OP_A(i)];
    *to = (struct register_value){UNKNOWN, {0}};
    if (table.known != GLOBAL || key.known != STRING)
        return;
    to->known = GLOBAL;
    to->text = text_of(
        arena_format(walk->arena, "%.*s.%.*s", TEXT_ARGS(table.text), TEXT_ARGS(key.text)));
    tell(walk, &(struct image_call){.name = to->text}, pc);
}

static void call(struct walk *walk, uint32_t i, uint32_t pc)
{
    unsigned a = OP_A(i), b = OP_B(i);
    if (walk->registers[a].known == GLOBAL) {
        struct image_call call = {.name = walk->registers[a].text, .is_call = true};
        call.argument_count = b ? b - 1 : 0;
        for (unsigned n = 0; n + 1 < b && n < IMAGE_CALL_ARGUMENTS_MAX; n++)
            if (a + 1 + n < REGISTERS && walk->registers[a + 1 + n].known == STRING)
                call.arguments[n] = walk->registers[a + 1 + n].text;
        tell(walk, &call, pc);
    }
    forget(walk, a, REGISTERS); // results, and what the call has used
}

static void step(struct walk *walk, uint32_t i, uint32_t pc)
{
    unsigned a = OP_A(i);
    switch (OP_CODE(i)) {
    case OP_MOVE:
        walk->registers[a] = walk->registers[OP_B(i) & (REGISTERS - 1)];
        break;
    case OP_LOADK:
        walk->registers[a] = constant(walk, OP_BX(i));
        break;
    case OP_GETGLOBAL:
        read_global(walk, i, pc);
        break;
    case OP_GETTABLE:
        read_field(walk, i, pc);
        break;
    case OP_CALL:
    case OP_TAILCALL:
        call(walk, i, pc);
        break;
    case OP_SETGLOBAL:
        write_global(walk, i, pc);
        break;
    case OP_SETUPVAL:
    case OP_SETTABLE:
    case OP_EQ:
    case OP_LT:
    case OP_LE:
    case OP_TEST:
    case OP_JMP:
        break;
    case OP_LOADNIL:
        forget(walk, a, OP_B(i) + 1);
        break;
    case OP_SELF:
        read_method(walk, i);
        break;
    case OP_VARARG:
    case OP_TFORLOOP:
        forget(walk, a, REGISTERS);
        break;
    case OP_FORLOOP:
    case OP_FORPREP:
        forget(walk, a, a + 4);
        break;
    default:
        forget(walk, a, a + 1);
        break;
    }
}

static bool is_jump(uint32_t i)
{
    unsigned op = OP_CODE(i);
    return op == OP_JMP || op == OP_FORLOOP || op == OP_FORPREP;
}

// Where control may come from elsewhere, nothing is known.
static uint8_t *find_targets(struct walk *walk)
{
    const struct image_function *function = walk->function;
    uint8_t *targets = arena_alloc(walk->arena, function->code_count + 1);
    memset(targets, 0, function->code_count + 1);
    for (uint32_t pc = 0; pc < function->code_count; pc++) {
        int64_t to = (int64_t)pc + 1 + OP_SBX(function->code[pc]);
        if (is_jump(function->code[pc]) && to >= 0 && to < function->code_count)
            targets[to] = 1;
    }
    return targets;
}

// The words behind CLOSURE and some SETLISTs are operands.
static uint32_t operand_words(const struct walk *walk, uint32_t i)
{
    if (OP_CODE(i) == OP_SETLIST && OP_C(i) == 0)
        return 1;
    if (OP_CODE(i) != OP_CLOSURE || (uint32_t)OP_BX(i) >= walk->function->function_count)
        return 0;
    int32_t inner = walk->function->functions[OP_BX(i)];
    return inner >= 0 ? walk->image->functions[inner].upvalue_count : 0;
}

static void walk_function(struct walk *walk)
{
    const uint8_t *targets = find_targets(walk);
    forget(walk, 0, REGISTERS);
    for (uint32_t pc = 0; pc < walk->function->code_count; pc++) {
        uint32_t i = walk->function->code[pc];
        if (targets[pc])
            forget(walk, 0, REGISTERS);
        step(walk, i, pc);
        pc += operand_words(walk, i);
    }
}

void image_calls_visit(const struct image *image, struct arena *arena, image_call_visit visit,
                       void *context)
{
    struct walk *walk = ARENA_NEW(arena, struct walk);
    *walk = (struct walk){.image = image, .arena = arena, .visit = visit, .context = context};
    for (uint32_t idx = 0; idx < image->function_count; idx++) {
        walk->idx = (int32_t)idx;
        walk->function = &image->functions[idx];
        walk_function(walk);
    }
}
