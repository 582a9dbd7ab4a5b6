// image_dump.c: listings of functions and strings.
//
// Reads: the model. Writes: the stream; its errors are the caller's to find. Memory: none.

#include "analyzer/image/image_dump.h"

#include "analyzer/base/quoted.h"
#include "analyzer/base/safe_text.h"
#include "runtime/format/opcode.h"

enum operand_use { USE_N, USE_U, USE_R, USE_K };
enum operand_layout { LAYOUT_ABC, LAYOUT_ABX, LAYOUT_ASBX };

struct opcode_words {
    const char *name;
    enum operand_layout layout;
    enum operand_use b, c;
};

static const struct opcode_words opcodes[OP_COUNT] = {
#define OPCODE_ROW(name, layout, is_test, sets_a, b, c) {#name, LAYOUT_##layout, USE_##b, USE_##c},
    OPCODES(OPCODE_ROW)
#undef OPCODE_ROW
};

static void put_constant(const struct image *image, const struct image_constant *k, FILE *out)
{
    switch (k->tag) {
    case 1:
        fputs(k->boolean ? "true" : "false", out);
        break;
    case 3:
        fprintf(out, "%.14g", k->number);
        break;
    case 4:
        quoted_print(image->strings[k->string].text, QUOTED_LUA, out);
        break;
    default:
        fputs("nil", out);
    }
}

static void put_name(const struct image *image, int32_t function, FILE *out)
{
    char name[256];
    image_function_name(image, function, name, sizeof name);
    safe_text_in_place(name);
    fputs(name, out);
}

// Constants are numbered -1, -2 ... beside registers, as luac does.
static int operand_number(enum operand_use use, int value)
{
    if (use == USE_K && value & OP_CONSTANT_BIT)
        return -1 - (value & OP_CONSTANT_MAX);
    return value;
}

static void put_operands(uint32_t word, FILE *out)
{
    const struct opcode_words *op = &opcodes[OP_CODE(word)];
    switch (op->layout) {
    case LAYOUT_ABC:
        fprintf(out, "%d", OP_A(word));
        if (op->b != USE_N)
            fprintf(out, " %d", operand_number(op->b, OP_B(word)));
        if (op->c != USE_N)
            fprintf(out, " %d", operand_number(op->c, OP_C(word)));
        break;
    case LAYOUT_ABX:
        fprintf(out, "%d %d", OP_A(word), op->b == USE_K ? -1 - OP_BX(word) : OP_BX(word));
        break;
    case LAYOUT_ASBX:
        if (OP_CODE(word) == OP_JMP)
            fprintf(out, "%d", OP_SBX(word));
        else
            fprintf(out, "%d %d", OP_A(word), OP_SBX(word));
    }
}

// What the operands mean: constants, targets, functions.
static void put_meaning(const struct image *image, const struct image_function *f, uint32_t pc,
                        FILE *out)
{
    uint32_t word = f->code[pc];
    const struct opcode_words *op = &opcodes[OP_CODE(word)];
    const char *sep = "\t; ";
    if (op->layout == LAYOUT_ASBX) {
        fprintf(out, "\t; to %d", (int)pc + 2 + OP_SBX(word));
    } else if (OP_CODE(word) == OP_CLOSURE) {
        fputs(sep, out);
        put_name(image, f->functions[OP_BX(word)], out);
    } else if (op->layout == LAYOUT_ABX && op->b == USE_K) {
        fputs(sep, out);
        put_constant(image, &f->constants[OP_BX(word)], out);
    } else if (op->layout == LAYOUT_ABC) {
        const int operands[] = {OP_B(word), OP_C(word)};
        const enum operand_use uses[] = {op->b, op->c};
        for (int i = 0; i < 2; i++) {
            if (uses[i] != USE_K || !(operands[i] & OP_CONSTANT_BIT))
                continue;
            fputs(sep, out);
            put_constant(image, &f->constants[operands[i] & OP_CONSTANT_MAX], out);
            sep = " ";
        }
    }
}

static void put_code(const struct image *image, const struct image_function *f, FILE *out)
{
    bool is_batch = false;
    for (uint32_t pc = 0; pc < f->code_count; pc++) {
        uint32_t word = f->code[pc];
        int32_t line = image_function_line(f, pc);
        fprintf(out, "\t%u\t", (unsigned)pc + 1);
        if (line)
            fprintf(out, "[%d]\t", (int)line);
        else
            fputs("[-]\t", out);
        uint32_t before = pc > 0 && !is_batch ? f->code[pc - 1] : 0;
        is_batch = OP_CODE(before) == OP_SETLIST && OP_C(before) == 0;
        if (is_batch) { // the word is SETLIST's number
            fprintf(out, "(batch %u)\n", (unsigned)word);
            continue;
        }
        fprintf(out, "%-9s\t", opcodes[OP_CODE(word)].name);
        put_operands(word, out);
        put_meaning(image, f, pc, out);
        fputc('\n', out);
    }
}

static void put_function(const struct image *image, int32_t index, FILE *out)
{
    const struct image_function *f = &image->functions[index];
    struct image_bytes bytes;
    image_sum_function(image, index, &bytes);
    fputs("\nfunction ", out);
    put_name(image, index, out);
    fprintf(out, " at 0x%05x: %u bytes, %u instruction%s\n", (unsigned)f->off,
            (unsigned)bytes.total, (unsigned)f->code_count, f->code_count == 1 ? "" : "s");
    fprintf(out, "%u%s parameters, %u registers, %u upvalues, %u constants, %u functions\n",
            f->parameter_count, f->vararg & 2 ? "+" : "", f->stack_size, f->upvalue_count,
            (unsigned)f->constant_count, (unsigned)f->function_count);
    put_code(image, f, out);
    if (f->constant_count)
        fputs("constants:\n", out);
    for (uint32_t i = 0; i < f->constant_count; i++) {
        fprintf(out, "\t%u\t", (unsigned)i + 1);
        put_constant(image, &f->constants[i], out);
        fputc('\n', out);
    }
}

void image_dump_module(const struct image *image, int32_t module, FILE *out)
{
    for (uint32_t i = 0; i < image->function_count; i++)
        if (module == IMAGE_ALL || image->functions[i].module == module)
            put_function(image, (int32_t)i, out);
}

void image_dump_strings(const struct image *image, FILE *out)
{
    static const char *const words[] = {"constant", "source", "lines", "name", "module"};
    fprintf(out, "\n%u strings", (unsigned)image->string_count);
    if (image->slot_count)
        fprintf(out, " in %u hash slots", (unsigned)image->slot_count);
    fputs(":\n", out);
    for (uint32_t i = 0; i < image->string_count; i++) {
        const struct image_string *s = &image->strings[i];
        fprintf(out, "\t%s0x%05x\t%u\t", s->is_below ? "core+" : "", (unsigned)s->off,
                (unsigned)s->use_count);
        const char *sep = "";
        for (unsigned bit = 0; bit < sizeof words / sizeof *words; bit++)
            if (s->uses & 1u << bit) {
                fprintf(out, "%s%s", sep, words[bit]);
                sep = ",";
            }
        fputs(*sep ? "\t" : "unused\t", out);
        quoted_print(s->text, QUOTED_LUA, out);
        fputc('\n', out);
    }
}

const struct image *image_without(const struct image *image, const struct exclude *exclude,
                                  struct arena *arena)
{
    if (!exclude)
        return image;
    struct image *copy = ARENA_NEW(arena, struct image);
    struct image_string *strings = ARENA_NEW_ARRAY(arena, struct image_string, image->string_count);
    struct image_module *modules = ARENA_NEW_ARRAY(arena, struct image_module, image->module_count);
    for (uint32_t i = 0; i < image->string_count; i++) {
        strings[i] = image->strings[i];
        strings[i].text = exclude_text(exclude, arena, strings[i].text);
    }
    for (uint32_t i = 0; i < image->module_count; i++) {
        modules[i] = image->modules[i];
        modules[i].name = exclude_text(exclude, arena, modules[i].name);
    }
    *copy = *image;
    copy->strings = strings;
    copy->modules = modules;
    return copy;
}
