// image_chunk.c: a `.lc` file, from bytes to model, checked on the way.
//
// Reads: image->data. Writes: the model. Memory: the arena.
// Format: NodeMCU's variant of Lua 5.1's dump: 32-bit lengths, code and line tables aligned to 4
// from the start of the file, packed line tables. Offsets of problems are those of the file.

#include "analyzer/base/cursor.h"
#include "analyzer/image/image_build.h"
#include "runtime/format/string_hash.h"

#define HEAD_BYTES 12
#define DEPTH_MAX 202

struct chunk_reader {
    struct image_build *b;
    struct cursor cursor;
};

static int bad(struct chunk_reader *r, uint64_t off, const char *what)
{
    return build_fail(r->b, STATUS_DAMAGED, off, "%s", what);
}

// The cursor's failure becomes the problem.
static int cut_off(struct chunk_reader *r)
{
    return build_fail(r->b, r->cursor.status, r->cursor.fail_off, "%s is cut off",
                      r->cursor.fail_what);
}

// Labels everything from `begin` to the cursor.
static int claim(struct chunk_reader *r, uint64_t begin, enum image_label label, int32_t function,
                 int32_t string)
{
    if (r->cursor.status)
        return cut_off(r);
    return build_claim(r->b, (uint32_t)begin, (uint32_t)(cursor_off(&r->cursor) - begin), label,
                       function, string);
}

// A count of things that take at least `item_bytes` each; more than fit is damage.
static int read_count(struct chunk_reader *r, size_t item_bytes, uint32_t *count, const char *what)
{
    uint64_t off = cursor_off(&r->cursor);
    *count = cursor_u32(&r->cursor, what);
    if (r->cursor.status)
        return cut_off(r);
    if (*count > cursor_left(&r->cursor) / item_bytes)
        return build_fail(r->b, STATUS_CUT_OFF, off, "%s is larger than the file", what);
    return 0;
}

// Zero bytes up to a multiple of 4.
static int read_padding(struct chunk_reader *r, int32_t function, const char *what)
{
    uint64_t begin = cursor_off(&r->cursor);
    cursor_align(&r->cursor, 4, what);
    if (r->cursor.status)
        return cut_off(r);
    for (uint64_t at = begin; at < cursor_off(&r->cursor); at++)
        if (r->b->image->data[at] != 0)
            return bad(r, at, "padding that is not zero");
    return claim(r, begin, IMAGE_PADDING, function, IMAGE_NONE);
}

static int32_t intern(struct chunk_reader *r, struct text text, uint32_t off)
{
    struct image_build *b = r->b;
    int32_t index = build_find_string(b, text);
    if (index != IMAGE_NONE)
        return index;
    return build_add_string(b, text, string_hash(text.data, (uint32_t)text.bytes), off);
}

// *index IMAGE_NONE for "no string".
static int read_string(struct chunk_reader *r, int32_t function, unsigned use, int32_t *index)
{
    uint32_t bytes, off = (uint32_t)cursor_off(&r->cursor);
    *index = IMAGE_NONE;
    if (read_count(r, 1, &bytes, "string length"))
        return -1;
    if (bytes == 0)
        return claim(r, off, IMAGE_STRING_HEADER, function, IMAGE_NONE);
    struct text text = cursor_text(&r->cursor, bytes, "string");
    if (r->cursor.status)
        return cut_off(r);
    if (text.data[bytes - 1] != 0)
        return bad(r, off + 4 + bytes - 1, "string without a final zero");
    text.bytes--;
    *index = intern(r, text, off);
    build_use_string(r->b, *index, use, 0);
    if (build_claim(r->b, off, 4, IMAGE_STRING_HEADER, function, *index))
        return -1;
    return build_claim(r->b, off + 4, bytes, IMAGE_STRING_TEXT, function, *index);
}

static int read_code(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint64_t begin = cursor_off(&r->cursor);
    if (read_count(r, 4, &f->code_count, "number of instructions") ||
        claim(r, begin, IMAGE_CODE, index, IMAGE_NONE) || read_padding(r, index, "padding"))
        return -1;
    if (f->code_count == 0)
        return bad(r, begin, "function without code");
    begin = cursor_off(&r->cursor);
    f->code_off = (uint32_t)begin;
    const uint8_t *code = cursor_bytes(&r->cursor, 4 * (size_t)f->code_count, "code");
    f->code = (const uint32_t *)(const void *)code;
    return claim(r, begin, IMAGE_CODE, index, IMAGE_NONE);
}

static int read_constant(struct chunk_reader *r, int32_t index, struct image_constant *constant)
{
    struct cursor *c = &r->cursor;
    uint64_t begin = cursor_off(c);
    constant->tag = cursor_u8(c, "constant");
    constant->string = IMAGE_NONE;
    switch (constant->tag) {
    case 0:
        break;
    case 1:
        constant->boolean = cursor_u8(c, "boolean") != 0;
        break;
    case 3:
        if (r->b->image->is_integer) {
            constant->number = (int32_t)cursor_u32(c, "number");
        } else {
            uint64_t bits = cursor_u64(c, "number");
            memcpy(&constant->number, &bits, sizeof bits);
        }
        break;
    case 4:
        if (claim(r, begin, IMAGE_CONSTANTS, index, IMAGE_NONE) ||
            read_string(r, index, IMAGE_USE_CONSTANT, &constant->string))
            return -1;
        return constant->string == IMAGE_NONE ? bad(r, begin, "string constant without a string")
                                              : 0;
    default:
        return c->status ? cut_off(r) : bad(r, begin, "constant of an unknown type");
    }
    return claim(r, begin, IMAGE_CONSTANTS, index, IMAGE_NONE);
}

static int read_constants(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint64_t begin = cursor_off(&r->cursor);
    f->constants_off = (uint32_t)begin;
    if (read_count(r, 1, &f->constant_count, "number of constants") ||
        claim(r, begin, IMAGE_CONSTANTS, index, IMAGE_NONE))
        return -1;
    struct image_constant *constants = ARENA_NEW_ARRAY(r->b->arena, struct image_constant,
                                                       f->constant_count);
    for (uint32_t i = 0; i < f->constant_count; i++)
        if (read_constant(r, index, &constants[i]))
            return -1;
    f->constants = constants;
    return 0;
}

static int read_lines(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint32_t bytes;
    uint64_t begin = cursor_off(&r->cursor);
    if (read_count(r, 1, &bytes, "length of the line table") ||
        claim(r, begin, IMAGE_LINES, index, IMAGE_NONE) || read_padding(r, index, "padding"))
        return -1;
    begin = cursor_off(&r->cursor);
    f->lines = cursor_text(&r->cursor, bytes, "line table");
    if (claim(r, begin, IMAGE_LINES, index, IMAGE_NONE))
        return -1;
    if (bytes == 0)
        return 0;
    if (f->lines.data[bytes - 1] != 0)
        return bad(r, begin + bytes - 1, "line table without a final zero");
    f->lines.bytes--;
    int64_t count = image_count_lines(f->lines);
    if (count < 0)
        return bad(r, begin, "line table that breaks its format");
    if (count != f->code_count)
        return build_fail(r->b, STATUS_DAMAGED, begin, "lines for %lld of %u instructions",
                          (long long)count, (unsigned)f->code_count);
    return 0;
}

static int read_locals(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint64_t begin = cursor_off(&r->cursor);
    if (read_count(r, 12, &f->local_count, "number of locals") ||
        claim(r, begin, IMAGE_LOCAL_NAMES, index, IMAGE_NONE))
        return -1;
    struct image_local *locals = ARENA_NEW_ARRAY(r->b->arena, struct image_local, f->local_count);
    for (uint32_t i = 0; i < f->local_count; i++) {
        if (read_string(r, index, IMAGE_USE_NAME, &locals[i].name))
            return -1;
        begin = cursor_off(&r->cursor);
        locals[i].pc_begin = (int32_t)cursor_u32(&r->cursor, "local");
        locals[i].pc_end = (int32_t)cursor_u32(&r->cursor, "local");
        if (claim(r, begin, IMAGE_LOCAL_NAMES, index, IMAGE_NONE))
            return -1;
    }
    f->locals = locals;
    return 0;
}

static int read_upvalue_names(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint64_t begin = cursor_off(&r->cursor);
    if (read_count(r, 4, &f->upvalue_name_count, "number of upvalue names") ||
        claim(r, begin, IMAGE_UPVALUE_NAMES, index, IMAGE_NONE))
        return -1;
    if (f->upvalue_name_count != 0 && f->upvalue_name_count != f->upvalue_count)
        return bad(r, begin, "number of upvalue names");
    int32_t *names = ARENA_NEW_ARRAY(r->b->arena, int32_t, f->upvalue_name_count);
    for (uint32_t i = 0; i < f->upvalue_name_count; i++)
        if (read_string(r, index, IMAGE_USE_NAME, &names[i]))
            return -1;
    f->upvalue_names = names;
    return 0;
}

static int read_fields(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint64_t begin = cursor_off(&r->cursor);
    f->line_defined = (int32_t)cursor_u32(&r->cursor, "function");
    f->line_last_defined = (int32_t)cursor_u32(&r->cursor, "function");
    f->upvalue_count = cursor_u8(&r->cursor, "function");
    f->parameter_count = cursor_u8(&r->cursor, "function");
    f->vararg = cursor_u8(&r->cursor, "function");
    f->stack_size = cursor_u8(&r->cursor, "function");
    if (claim(r, begin, IMAGE_FUNCTIONS, index, IMAGE_NONE))
        return -1;
    if (f->stack_size < 1 || f->stack_size > 250 || f->parameter_count > f->stack_size ||
        f->upvalue_count > 60 || f->vararg > 7)
        return bad(r, begin + 8, "function with counts beyond the limits");
    return 0;
}

static int read_function(struct chunk_reader *r, int32_t parent, uint32_t depth, int32_t *index);

static int read_inner(struct chunk_reader *r, int32_t index, struct image_function *f)
{
    uint64_t begin = cursor_off(&r->cursor);
    f->functions_off = (uint32_t)begin;
    if (read_count(r, 16, &f->function_count, "number of functions") ||
        claim(r, begin, IMAGE_FUNCTION_VECTORS, index, IMAGE_NONE))
        return -1;
    int32_t *functions = ARENA_NEW_ARRAY(r->b->arena, int32_t, f->function_count);
    f->functions = functions;
    r->b->functions[index] = *f; // inner functions take the source from here
    for (uint32_t i = 0; i < f->function_count; i++)
        if (read_function(r, index, f->depth + 1, &functions[i]))
            return -1;
    return 0;
}

static int read_function(struct chunk_reader *r, int32_t parent, uint32_t depth, int32_t *index)
{
    struct image_build *b = r->b;
    if (depth > DEPTH_MAX)
        return bad(r, cursor_off(&r->cursor), "functions nested too deep");
    *index = build_add_function(b);
    struct image_function f = b->functions[*index];
    f.off = (uint32_t)cursor_off(&r->cursor);
    f.parent = parent;
    f.module = 0;
    f.depth = depth;
    b->functions[*index] = f;
    if (read_string(r, *index, IMAGE_USE_SOURCE, &f.source))
        return -1;
    if (f.source == IMAGE_NONE && parent != IMAGE_NONE)
        f.source = b->functions[parent].source;
    if (read_fields(r, *index, &f) || read_code(r, *index, &f) || read_constants(r, *index, &f) ||
        read_inner(r, *index, &f) || read_lines(r, *index, &f) || read_locals(r, *index, &f) ||
        read_upvalue_names(r, *index, &f))
        return -1;
    b->functions[*index] = f;
    return image_check_code(b, &b->functions[*index]);
}

static int read_header(struct chunk_reader *r)
{
    static const uint8_t head[10] = {0x1B, 'L', 'u', 'a', 0x51, 0, 1, 4, 4, 4};
    struct image *image = r->b->image;
    const uint8_t *bytes = cursor_bytes(&r->cursor, HEAD_BYTES, "header");
    if (!bytes)
        return cut_off(r);
    for (unsigned i = 0; i < sizeof head; i++)
        if (bytes[i] != head[i])
            return build_fail(r->b, STATUS_VERSION, i,
                              "bad header in precompiled chunk (byte is %02x, not %02x)", bytes[i],
                              head[i]);
    image->is_integer = bytes[10] == 4 && bytes[11] == 1;
    if (!image->is_integer && !(bytes[10] == 8 && bytes[11] == 0))
        return build_fail(r->b, STATUS_VERSION, 10,
                          "bad header in precompiled chunk (numbers of %u bytes, kind %u)",
                          bytes[10], bytes[11]);
    return claim(r, 0, IMAGE_HEADER, IMAGE_NONE, IMAGE_NONE);
}

// The file's name without directory and ending.
static struct text module_name(struct text file)
{
    struct text name = text_base_name(file);
    size_t end = 1;
    while (end < name.bytes && name.data[end] != '.')
        end++;
    if (end < name.bytes)
        name.bytes = end;
    return name;
}

int image_read_chunk(struct image_build *b)
{
    struct image *image = b->image;
    struct chunk_reader r = {.b = b};
    cursor_init(&r.cursor, image->data, image->bytes, 0);
    if (read_header(&r) || read_function(&r, IMAGE_NONE, 0, &image->main))
        return b->problem->status;
    if (cursor_left(&r.cursor) != 0)
        return build_fail(b, STATUS_DAMAGED, cursor_off(&r.cursor), "%zu bytes after the chunk",
                          cursor_left(&r.cursor));
    build_number_functions(b);
    struct image_module *module = ARENA_NEW(b->arena, struct image_module);
    module->name = module_name(image->file);
    module->function = image->main;
    image->modules = module;
    image->module_count = 1;
    return STATUS_OK;
}
