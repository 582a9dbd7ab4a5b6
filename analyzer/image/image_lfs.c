// image_lfs.c: an LFS image, from bytes to model, checked on the way.
//
// Reads: image->data. Writes: the model. Memory: the arena.
// Format: runtime/format/lfs_image.h. Each read_ and check_ function gives 0 or a status with the
// problem filled; offsets are those of the unpacked image.

#include "analyzer/image/image_build.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/opcode.h"
#include "runtime/format/string_hash.h"

#define DEPTH_MAX 202    // functions inside functions, as deep as the compiler makes them
#define IN_PROGRESS (-2) // in function_at: the function is being read

struct lfs_reader {
    struct image_build *b;
    const uint8_t *data;
    uint32_t bytes;
    const uint8_t *bitmap;    // NULL: pointers are final
    const struct image *core; // of a linked image, or NULL: not known
    uint8_t *is_pointer;      // words that were read as pointers
    int32_t *string_at;       // index of the string that begins at a word, or IMAGE_NONE
    int32_t *function_at;     // the same for functions; IN_PROGRESS
    uint32_t tag_off;
    bool has_shared; // a function has two parents
};

static int bad(struct lfs_reader *r, uint32_t off, const char *what)
{
    return build_fail(r->b, STATUS_DAMAGED, off, "%s", what);
}

static uint32_t word(const struct lfs_reader *r, uint32_t off)
{
    return image_word(r->data + off);
}

// Does the pointer at `at` lead to the core image? *place is then where in it: an offset, or an
// address in an absolute image.
static bool leads_below(const struct lfs_reader *r, uint32_t at, uint32_t *place)
{
    uint32_t value = word(r, at);
    if (r->b->image->linked_crc == 0)
        return false;
    if (!r->bitmap) {
        *place = value;
        return value != 0 && value - r->b->image->base_addr >= r->bytes;
    }
    *place = 4 * (value - LFS_BELOW_WORDS);
    return r->bitmap[at / 32] >> (at / 4 % 8) & 1 && value >= LFS_BELOW_WORDS &&
           value < 2 * LFS_BELOW_WORDS;
}

// The string of the core image to which the pointer at `at` leads, `skip` bytes after its header.
static int read_below(struct lfs_reader *r, uint32_t at, uint32_t place, uint32_t skip,
                      int32_t *index)
{
    r->is_pointer[at / 4] = 1;
    *index = image_below_string(r->b, r->core, place - skip, !r->bitmap);
    return *index == IMAGE_NONE
               ? bad(r, at, "pointer to something other than a string of the core image")
               : 0;
}

// Follows the pointer at `at` to `bytes` bytes; *target 0 for NULL.
static int read_pointer(struct lfs_reader *r, uint32_t at, uint64_t bytes, uint32_t *target,
                        const char *what)
{
    uint32_t value = word(r, at);
    r->is_pointer[at / 4] = 1;
    *target = 0;
    if (r->bitmap) {
        uint32_t i = at / 4;
        bool is_marked = r->bitmap[i / 8] >> (i % 8) & 1;
        if (is_marked != (value != 0))
            return build_fail(r->b, STATUS_DAMAGED, at, "%s and bitmap disagree", what);
        if (value >= r->bytes / 4)
            return build_fail(r->b, STATUS_DAMAGED, at, "%s points outside the image", what);
        value *= 4;
    } else if (value != 0) {
        value -= r->b->image->base_addr;
        if (value % 4 != 0 || value >= r->bytes)
            return build_fail(r->b, STATUS_DAMAGED, at, "%s points outside the image", what);
        if (value == 0)
            return build_fail(r->b, STATUS_DAMAGED, at, "%s points to the header", what);
    }
    if (value != 0 && bytes > r->bytes - value)
        return build_fail(r->b, STATUS_DAMAGED, at, "%s points outside the image", what);
    *target = value;
    return 0;
}

// ---- strings ----

static int read_string(struct lfs_reader *r, uint32_t at, uint32_t slot, int32_t *index)
{
    struct image_build *b = r->b;
    if (r->string_at[at / 4] != IMAGE_NONE)
        return bad(r, at, "chain of strings that is a loop or meets another");
    if (word(r, at + 4) != (LFS_STRING_TAG | LFS_STRING_MARKED << 8))
        return bad(r, at + 4, "string with a wrong tag");
    uint32_t hash = word(r, at + 8), bytes = word(r, at + 12);
    uint32_t text_at = at + (uint32_t)sizeof(struct lfs_string);
    if (bytes >= r->bytes - text_at)
        return bad(r, at, "string longer than the image");
    struct text text = {(const char *)r->data + text_at, bytes};
    uint32_t padding = -(bytes + 1) & 3;
    for (uint32_t i = 0; i <= padding; i++) // the image's size is a multiple of 4
        if (text.data[bytes + i] != 0)
            return bad(r, text_at + bytes + i, "string without final zeros");
    if (string_hash(text.data, bytes) != hash)
        return bad(r, at, "string with a wrong hash");
    if ((hash & (b->slot_count - 1)) != slot)
        return bad(r, at, "string in a wrong slot");
    if (build_find_string(b, text) != IMAGE_NONE)
        return bad(r, at, "string that occurs twice");
    if (r->b->image->linked_crc != 0 && r->core && image_find_string(r->core, text) != IMAGE_NONE)
        return bad(r, at, "string that the core image has");
    *index = build_add_string(b, text, hash, at);
    r->string_at[at / 4] = *index;
    int failed = build_claim(b, at, sizeof(struct lfs_string), IMAGE_STRING_HEADER, IMAGE_NONE,
                             *index);
    if (!failed)
        failed = build_claim(b, text_at, bytes + 1, IMAGE_STRING_TEXT, IMAGE_NONE, *index);
    if (!failed)
        failed = build_claim(b, text_at + bytes + 1, padding, IMAGE_STRING_PADDING, IMAGE_NONE,
                             *index);
    return failed;
}

static int read_chain(struct lfs_reader *r, uint32_t link, uint32_t slot)
{
    int32_t *end = &r->b->slots[slot], last = IMAGE_NONE;
    for (;;) {
        uint32_t at;
        int32_t index = IMAGE_NONE;
        if (read_pointer(r, link, sizeof(struct lfs_string), &at, "pointer to a string"))
            return -1;
        if (at == 0)
            return 0;
        if (read_string(r, at, slot, &index))
            return -1;
        if (last == IMAGE_NONE)
            *end = index;
        else
            r->b->strings[last].next = index;
        last = index;
        link = at;
    }
}

static int read_strings(struct lfs_reader *r)
{
    struct image_build *b = r->b;
    uint32_t slots, count = word(r, offsetof(struct lfs_header, slot_count));
    if (count == 0 || (count & (count - 1)) != 0 || count > r->bytes / 4)
        return bad(r, offsetof(struct lfs_header, slot_count), "number of hash slots");
    if (read_pointer(r, offsetof(struct lfs_header, string_slots), 4 * (uint64_t)count, &slots,
                     "pointer to the hash vector"))
        return -1;
    if (slots == 0)
        return bad(r, offsetof(struct lfs_header, string_slots), "no hash vector");
    if (build_claim(b, slots, 4 * count, IMAGE_HASH_VECTOR, IMAGE_NONE, IMAGE_NONE))
        return -1;
    b->slot_count = count;
    b->slots = ARENA_NEW_ARRAY(b->arena, int32_t, count);
    for (uint32_t slot = 0; slot < count; slot++)
        b->slots[slot] = IMAGE_NONE;
    for (uint32_t slot = 0; slot < count; slot++)
        if (read_chain(r, slots + 4 * slot, slot))
            return -1;
    uint32_t wanted = word(r, offsetof(struct lfs_header, string_count));
    if (b->string_count != wanted)
        return build_fail(b, STATUS_DAMAGED, offsetof(struct lfs_header, string_count),
                          "%u strings, the header says %u", (unsigned)b->string_count,
                          (unsigned)wanted);
    return 0;
}

// The string that the word at `at` leads to.
static int read_string_use(struct lfs_reader *r, uint32_t at, unsigned use, int32_t module,
                           int32_t *index)
{
    uint32_t off;
    if (leads_below(r, at, &off)) {
        if (read_below(r, at, off, 0, index))
            return -1;
        build_use_string(r->b, *index, use, module);
        return 0;
    }
    if (read_pointer(r, at, sizeof(struct lfs_string), &off, "pointer to a string"))
        return -1;
    if (off == 0 || r->string_at[off / 4] == IMAGE_NONE)
        return bad(r, at, "pointer to something other than a string");
    *index = r->string_at[off / 4];
    build_use_string(r->b, *index, use, module);
    return 0;
}

// ---- parts of a function ----

// A vector of a function: pointer and count, which must agree.
static int read_vector(struct lfs_reader *r, uint32_t proto, uint32_t pointer_field,
                       uint32_t count_field, uint32_t item_bytes, uint32_t *off, uint32_t *count,
                       const char *what)
{
    *count = word(r, proto + count_field);
    if (read_pointer(r, proto + pointer_field, (uint64_t)*count * item_bytes, off, what))
        return -1;
    if ((*off == 0) != (*count == 0))
        return build_fail(r->b, STATUS_DAMAGED, proto + count_field, "%s and count disagree", what);
    return 0;
}

#define READ_VECTOR(r, at, field, count_field, item_bytes, off, count, what)                       \
    read_vector(r, at, offsetof(struct lfs_proto, field), offsetof(struct lfs_proto, count_field), \
                item_bytes, off, count, what)

static int read_constant(struct lfs_reader *r, uint32_t at, const struct image_function *f,
                         unsigned use, struct image_constant *constant)
{
    const struct image *image = r->b->image;
    uint32_t tag = word(r, at + r->tag_off);
    constant->tag = (uint8_t)tag;
    constant->string = IMAGE_NONE;
    switch (tag) {
    case LFS_TAG_NIL:
        return 0;
    case LFS_TAG_BOOLEAN:
        constant->boolean = word(r, at) == 1;
        return word(r, at) > 1 ? bad(r, at, "boolean that is neither true nor false") : 0;
    case LFS_TAG_NUMBER:
        if (image->is_integer)
            constant->number = (int32_t)word(r, at);
        else
            memcpy(&constant->number, r->data + at, sizeof constant->number);
        return 0;
    case LFS_TAG_STRING:
        if (!image->is_integer && word(r, at + 4) != 0)
            return bad(r, at + 4, "second word of a string constant");
        return read_string_use(r, at, use, f->module, &constant->string);
    default:
        return bad(r, at + r->tag_off, "constant of an unknown type");
    }
}

static int read_constants(struct lfs_reader *r, uint32_t at, int32_t index,
                          struct image_function *f)
{
    uint32_t bytes = r->b->image->value_bytes;
    if (READ_VECTOR(r, at, constants, constant_count, bytes, &f->constants_off, &f->constant_count,
                    "pointer to constants") ||
        build_claim(r->b, f->constants_off, f->constant_count * bytes, IMAGE_CONSTANTS, index,
                    IMAGE_NONE))
        return -1;
    struct image_constant *constants = ARENA_NEW_ARRAY(r->b->arena, struct image_constant,
                                                       f->constant_count);
    unsigned use = f->parent == IMAGE_NONE ? IMAGE_USE_MODULE : IMAGE_USE_CONSTANT;
    for (uint32_t i = 0; i < f->constant_count; i++)
        if (read_constant(r, f->constants_off + i * bytes, f, use, &constants[i]))
            return -1;
    f->constants = constants;
    return 0;
}

static int read_code(struct lfs_reader *r, uint32_t at, int32_t index, struct image_function *f)
{
    if (READ_VECTOR(r, at, code, code_count, 4, &f->code_off, &f->code_count, "pointer to code"))
        return -1;
    if (f->code_count == 0)
        return bad(r, at, "function without code");
    f->code = (const uint32_t *)(const void *)(r->data + f->code_off);
    return build_claim(r->b, f->code_off, 4 * f->code_count, IMAGE_CODE, index, IMAGE_NONE);
}

static int read_names(struct lfs_reader *r, uint32_t at, int32_t index, struct image_function *f)
{
    uint32_t locals_off, names_off;
    if (READ_VECTOR(r, at, local_names, local_name_count, sizeof(struct lfs_local), &locals_off,
                    &f->local_count, "pointer to local names") ||
        READ_VECTOR(r, at, upvalue_names, upvalue_name_count, 4, &names_off, &f->upvalue_name_count,
                    "pointer to upvalue names"))
        return -1;
    if (f->upvalue_name_count != 0 && f->upvalue_name_count != f->upvalue_count)
        return bad(r, at, "number of upvalue names");
    if (build_claim(r->b, locals_off, f->local_count * (uint32_t)sizeof(struct lfs_local),
                    IMAGE_LOCAL_NAMES, index, IMAGE_NONE) ||
        build_claim(r->b, names_off, 4 * f->upvalue_name_count, IMAGE_UPVALUE_NAMES, index,
                    IMAGE_NONE))
        return -1;
    struct image_local *locals = ARENA_NEW_ARRAY(r->b->arena, struct image_local, f->local_count);
    int32_t *names = ARENA_NEW_ARRAY(r->b->arena, int32_t, f->upvalue_name_count);
    for (uint32_t i = 0; i < f->local_count; i++) {
        uint32_t off = locals_off + i * (uint32_t)sizeof(struct lfs_local);
        if (read_string_use(r, off, IMAGE_USE_NAME, f->module, &locals[i].name))
            return -1;
        locals[i].pc_begin = (int32_t)word(r, off + 4);
        locals[i].pc_end = (int32_t)word(r, off + 8);
    }
    for (uint32_t i = 0; i < f->upvalue_name_count; i++)
        if (read_string_use(r, names_off + 4 * i, IMAGE_USE_NAME, f->module, &names[i]))
            return -1;
    f->locals = locals;
    f->upvalue_names = names;
    return 0;
}

// The text of the string is the line table of the function. That of a core image that is not there
// is not known.
static int check_lines(struct lfs_reader *r, uint32_t at, int32_t string, struct image_function *f)
{
    const struct image_string *s = &r->b->strings[string];
    build_use_string(r->b, string, IMAGE_USE_LINES, f->module);
    if (s->is_below && !r->core)
        return 0;
    f->lines = s->text;
    int64_t count = image_count_lines(f->lines);
    if (count < 0)
        return bad(r, at, "line table that breaks its format");
    if (count != f->code_count)
        return build_fail(r->b, STATUS_DAMAGED, at, "lines for %lld of %u instructions",
                          (long long)count, (unsigned)f->code_count);
    return 0;
}

// The pointer leads to the characters of a string of the table.
static int read_lines(struct lfs_reader *r, uint32_t at, struct image_function *f)
{
    uint32_t text, pointer_at = at + (uint32_t)offsetof(struct lfs_proto, lines);
    int32_t string;
    if (leads_below(r, pointer_at, &text)) {
        if (read_below(r, pointer_at, text, sizeof(struct lfs_string), &string))
            return -1;
        return check_lines(r, pointer_at, string, f);
    }
    if (read_pointer(r, pointer_at, 1, &text, "pointer to a line table"))
        return -1;
    if (text == 0)
        return 0;
    uint32_t holder = text - (uint32_t)sizeof(struct lfs_string);
    if (text < sizeof(struct lfs_string) || r->string_at[holder / 4] == IMAGE_NONE)
        return bad(r, pointer_at, "line table that is not a string");
    return check_lines(r, text, r->string_at[holder / 4], f);
}

static int read_fields(struct lfs_reader *r, uint32_t at, struct image_function *f)
{
    uint32_t kind = word(r, at + 4) & 0xFFFF;
    if (word(r, at) != 0 || word(r, at + offsetof(struct lfs_proto, gray)) != 0 ||
        (kind != 0 && kind != LFS_PROTO_HEADER_OLD))
        return bad(r, at, "function with a wrong head");
    f->line_defined = (int32_t)word(r, at + offsetof(struct lfs_proto, line_defined));
    f->line_last_defined = (int32_t)word(r, at + offsetof(struct lfs_proto, line_last_defined));
    f->upvalue_count = r->data[at + offsetof(struct lfs_proto, upvalue_count)];
    f->parameter_count = r->data[at + offsetof(struct lfs_proto, parameter_count)];
    f->vararg = r->data[at + offsetof(struct lfs_proto, vararg)];
    f->stack_size = r->data[at + offsetof(struct lfs_proto, stack_size)];
    if (f->stack_size < 1 || f->stack_size > 250 || f->parameter_count > f->stack_size ||
        f->upvalue_count > 60 || f->vararg > 7)
        return bad(r, at + offsetof(struct lfs_proto, upvalue_count),
                   "function with counts beyond the limits");
    return read_string_use(r, at + offsetof(struct lfs_proto, source), IMAGE_USE_SOURCE, f->module,
                           &f->source);
}

// ---- functions ----

static int read_function(struct lfs_reader *r, uint32_t at, int32_t parent, int32_t module,
                         uint32_t depth, int32_t *index);

static int read_inner(struct lfs_reader *r, uint32_t at, int32_t index, struct image_function *f)
{
    if (READ_VECTOR(r, at, protos, proto_count, 4, &f->functions_off, &f->function_count,
                    "pointer to the function vector") ||
        build_claim(r->b, f->functions_off, 4 * f->function_count, IMAGE_FUNCTION_VECTORS, index,
                    IMAGE_NONE))
        return -1;
    int32_t *functions = ARENA_NEW_ARRAY(r->b->arena, int32_t, f->function_count);
    f->functions = functions;
    for (uint32_t i = 0; i < f->function_count; i++) {
        uint32_t sub, link = f->functions_off + 4 * i;
        if (read_pointer(r, link, sizeof(struct lfs_proto), &sub, "pointer to a function"))
            return -1;
        if (sub == 0)
            return bad(r, link, "function that is nowhere");
        int32_t module = f->parent == IMAGE_NONE ? (int32_t)i : f->module;
        if (read_function(r, sub, index, module, f->depth + 1, &functions[i]))
            return -1;
    }
    return 0;
}

// Strings of a function that several modules reach, and of those inside it, belong to all of them.
// stamps[i]: the last module, counted from 1, for which function i was looked at.
static void share_strings(struct lfs_reader *r, int32_t index, int32_t module, uint32_t *stamps)
{
    struct image_build *b = r->b;
    const struct image_function *f = &b->functions[index];
    if (stamps[index] == (uint32_t)module + 1)
        return;
    stamps[index] = (uint32_t)module + 1;
    if (f->module != module) {
        for (uint32_t i = 0; i < f->constant_count; i++)
            if (f->constants[i].string != IMAGE_NONE)
                build_use_string(b, f->constants[i].string, IMAGE_USE_CONSTANT, module);
        build_use_string(b, f->source, IMAGE_USE_SOURCE, module);
    }
    for (uint32_t i = 0; i < f->function_count; i++)
        share_strings(r, f->functions[i], module, stamps);
}

static void share_functions(struct lfs_reader *r)
{
    struct image *image = r->b->image;
    const struct image_function *index = &r->b->functions[image->main];
    uint32_t *stamps = ARENA_NEW_ARRAY(r->b->arena, uint32_t, r->b->function_count);
    for (uint32_t i = 0; r->has_shared && i < index->function_count; i++)
        share_strings(r, index->functions[i], (int32_t)i, stamps);
}

static int read_function(struct lfs_reader *r, uint32_t at, int32_t parent, int32_t module,
                         uint32_t depth, int32_t *index)
{
    struct image_build *b = r->b;
    int32_t known = r->function_at[at / 4];
    if (known == IN_PROGRESS)
        return bad(r, at, "function that contains itself");
    if (known != IMAGE_NONE) {
        *index = known;
        r->has_shared = true;
        return build_claim(b, at, sizeof(struct lfs_proto), IMAGE_FUNCTIONS, known, IMAGE_NONE);
    }
    if (depth > DEPTH_MAX)
        return bad(r, at, "functions nested too deep");
    *index = build_add_function(b);
    r->function_at[at / 4] = IN_PROGRESS;
    struct image_function f = b->functions[*index];
    f.off = at;
    f.parent = parent;
    f.module = module;
    f.depth = depth;
    b->functions[*index] = f; // build_claim looks at the module
    if (build_claim(b, at, sizeof(struct lfs_proto), IMAGE_FUNCTIONS, *index, IMAGE_NONE) ||
        read_fields(r, at, &f) || read_constants(r, at, *index, &f) ||
        read_code(r, at, *index, &f) || read_names(r, at, *index, &f) || read_lines(r, at, &f) ||
        read_inner(r, at, *index, &f))
        return -1;
    b->functions[*index] = f;
    r->function_at[at / 4] = *index;
    return image_check_code(b, &b->functions[*index]);
}

// ---- index function ----

// Instructions of the index function for module i: EQ 0 0 K(i); JMP; CLOSURE 1 i; RETURN 1 2.
static int read_module(struct lfs_reader *r, const struct image_function *f, uint32_t i,
                       struct image_module *module)
{
    const uint32_t *code = f->code + 4 * i;
    int key = OP_C(code[0]) - OP_CONSTANT_BIT;
    if (OP_CODE(code[0]) != OP_EQ || OP_B(code[0]) != 0 || key < 0 ||
        (uint32_t)key + 1 >= f->constant_count || f->constants[key].tag != LFS_TAG_STRING)
        return bad(r, f->code_off + 16 * i, "index function without a test for a name");
    if (OP_CODE(code[2]) != OP_CLOSURE || OP_BX(code[2]) != (int)i)
        return bad(r, f->code_off + 16 * i + 8, "index function without a module's closure");
    const struct image_function *main = &r->b->functions[f->functions[i]];
    if (main->upvalue_count != 0)
        return bad(r, main->off, "module with upvalues");
    module->name = r->b->strings[f->constants[key].string].text;
    module->function = f->functions[i];
    return 0;
}

static int read_modules(struct lfs_reader *r)
{
    struct image *image = r->b->image;
    const struct image_function *f = &r->b->functions[image->main];
    uint32_t count = f->function_count;
    if (count == 0 || count > LFS_MODULES_MAX)
        return build_fail(r->b, count ? STATUS_LIMIT : STATUS_DAMAGED, f->off,
                          "%u modules; an image has 1 to %d", (unsigned)count, LFS_MODULES_MAX);
    if (f->upvalue_count != 0 || f->parameter_count != 1 || f->vararg != 0 ||
        f->code_count != 5 * count + 5)
        return bad(r, f->off, "index function of another form");
    if (f->constant_count == 0 || f->constants[f->constant_count - 1].tag != LFS_TAG_NUMBER)
        return bad(r, f->constants_off, "index function without the build time");
    double time = f->constants[f->constant_count - 1].number;
    image->build_time_s = time > -9e15 && time < 9e15 ? (int64_t)time : 0;
    struct image_module *modules = ARENA_NEW_ARRAY(r->b->arena, struct image_module, count);
    for (uint32_t i = 0; i < count; i++)
        if (read_module(r, f, i, &modules[i]))
            return -1;
    image->modules = modules;
    image->module_count = count;
    return 0;
}

// ---- the whole ----

static int read_header(struct lfs_reader *r)
{
    struct image *image = r->b->image;
    if (image->is_integer && image->is_packed)
        return bad(r, 0, "integer image with packed constants");
    image->linked_crc = word(r, offsetof(struct lfs_header, linked_crc));
    // In flash a devs image has the number of its replacement.
    if (word(r, 28) != 0 && r->bitmap)
        return bad(r, 28, "fill word that is not zero");
    if (image_check_link(r->b, r->core) != 0)
        return -1;
    return build_claim(r->b, 0, sizeof(struct lfs_header), IMAGE_HEADER, IMAGE_NONE, IMAGE_NONE);
}

// Words that the loader would relocate although they are not pointers.
static int check_bitmap(struct lfs_reader *r)
{
    uint32_t words = r->bytes / 4;
    for (uint32_t i = 0; r->bitmap && i < 32 * LFS_BITMAP_WORDS(words); i++)
        if (r->bitmap[i / 8] >> (i % 8) & 1 && (i >= words || !r->is_pointer[i]))
            return build_fail(r->b, STATUS_DAMAGED, 4 * (uint64_t)i,
                              "word that is marked as a pointer but is not one");
    return 0;
}

int image_read_lfs(struct image_build *b, const uint8_t *bitmap, const struct image *core)
{
    struct image *image = b->image;
    uint32_t words = image->bytes / 4, index;
    struct lfs_reader r = {
        .b = b, .data = image->data, .bytes = image->bytes, .bitmap = bitmap, .core = core};
    r.tag_off = image->is_integer ? 4 : 8;
    r.is_pointer = arena_alloc(b->arena, words);
    r.string_at = ARENA_NEW_ARRAY(b->arena, int32_t, words);
    r.function_at = ARENA_NEW_ARRAY(b->arena, int32_t, words);
    for (uint32_t i = 0; i < words; i++)
        r.string_at[i] = r.function_at[i] = IMAGE_NONE;
    if (read_header(&r) || read_strings(&r) ||
        read_pointer(&r, offsetof(struct lfs_header, main_proto), sizeof(struct lfs_proto), &index,
                     "pointer to the index function"))
        return b->problem->status;
    if (index == 0)
        return bad(&r, offsetof(struct lfs_header, main_proto), "no index function");
    if (read_function(&r, index, IMAGE_NONE, IMAGE_NONE, 0, &image->main) || read_modules(&r) ||
        check_bitmap(&r))
        return b->problem->status;
    share_functions(&r);
    build_number_functions(b);
    return STATUS_OK;
}
