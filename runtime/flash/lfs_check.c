// lfs_check.c: is this an image that the virtual machine can run blindly?
//
// Reads: the image, word by word. Writes: the caller's marks and report.
// Memory: none of its own. Each check_ function returns 0, or -1 with the report filled.
// What is proved: every pointer that the runtime follows leads to a whole object of the right kind
// inside the image, or to a string of an image below; chains and functions have no cycles; no text
// stands twice, here or below; every string ends with NUL; line tables end; the bytecode passes the
// caller's verifier.

#include <assert.h>
#include <string.h>

#include "runtime/flash/lfs_parts.h"
#include "runtime/format/opcode.h"

struct checker {
    struct lfs_image image;
    const struct lfs_below *below;
    int is_linked; // it may use strings of the images below
    lfs_verify verify;
    struct lfs_marks *marks;
    struct lfs_report *report;
};

static int bad(struct checker *c, uint32_t off, const char *what)
{
    c->report->fault = LFS_FAULT_DAMAGED;
    c->report->what = what;
    c->report->off = off;
    return -1;
}

static struct lfs_word_marks *marks_at(const struct checker *c, uint32_t off)
{
    return &c->marks->words[off / 128];
}

static uint32_t bit_of(uint32_t off)
{
    return 1u << (off / 4 % 32);
}

// Follows the pointer word at `at` to an object of `count` items of `item_bytes` each. *target 0
// for NULL.
static int check_pointer(struct checker *c, uint32_t at, uint32_t count, uint32_t item_bytes,
                         uint32_t *target, const char *what)
{
    const struct lfs_image *image = &c->image;
    uint32_t value = lfs_word(image, at);
    *target = 0;
    if (value == 0)
        return 0;
    uint32_t off = value - image->base_addr;
    if (off % 4 != 0 || off < sizeof(struct lfs_header) || off >= image->bytes)
        return bad(c, at, what);
    if (count > (image->bytes - off) / item_bytes)
        return bad(c, at, what);
    *target = off;
    return 0;
}

// ---- string table ----

static char char_at(const struct lfs_image *image, uint32_t at)
{
    return (char)(lfs_word(image, at & ~3u) >> at % 4 * 8);
}

// string_hash() of the characters at `text`, read by words: flash gives nothing else.
static uint32_t hash_at(const struct lfs_image *image, uint32_t text, uint32_t bytes)
{
    uint32_t h = bytes;
    uint32_t step = (bytes >> 5) + 1;
    for (uint32_t at = bytes; at >= step; at -= step)
        h ^= (h << 5) + (h >> 2) + (uint8_t)char_at(image, text + at - 1);
    return h;
}

static int check_string_body(struct checker *c, uint32_t at, uint32_t slot, uint32_t slot_count)
{
    const struct lfs_image *image = &c->image;
    uint32_t kind = lfs_word(image, at + 4);
    if (kind != (LFS_STRING_TAG | LFS_STRING_MARKED << 8))
        return bad(c, at + 4, "string with a wrong tag");
    uint32_t bytes = lfs_word(image, at + offsetof(struct lfs_string, bytes));
    uint32_t text = at + (uint32_t)sizeof(struct lfs_string);
    if (bytes >= image->bytes - text) // the NUL needs a byte, too
        return bad(c, at, "string longer than the image");
    if (char_at(image, text + bytes) != '\0')
        return bad(c, at, "string without a NUL");
    uint32_t hash = lfs_word(image, at + offsetof(struct lfs_string, hash));
    if (hash_at(image, text, bytes) != hash)
        return bad(c, at, "string with a wrong hash");
    if ((hash & (slot_count - 1)) != slot)
        return bad(c, at, "string in a wrong slot");
    return 0;
}

// Equal texts have equal hashes, so in one image they stand in the same chain.
static int check_twins(struct checker *c, uint32_t first, uint32_t at)
{
    const struct lfs_image *image = &c->image;
    for (uint32_t other = first; other != at; other = lfs_word(image, other) - image->base_addr)
        if (lfs_is_same_text(image, other, image, at))
            return bad(c, at, "string that occurs twice");
    for (uint32_t i = 0; i < c->below->count; i++)
        if (lfs_find_text(&c->below->images[i], image, at))
            return bad(c, at, "string that an image below has");
    return 0;
}

static int check_chain(struct checker *c, uint32_t slot_at, uint32_t slot, uint32_t slot_count,
                       uint32_t *count)
{
    uint32_t first, at, link = slot_at;
    if (check_pointer(c, link, 1, sizeof(struct lfs_string), &first, "pointer to a string"))
        return -1;
    for (at = first; at != 0;) {
        if (marks_at(c, at)->strings & bit_of(at))
            return bad(c, link, "chain of strings that is a loop or meets another");
        marks_at(c, at)->strings |= bit_of(at);
        ++*count;
        if (check_string_body(c, at, slot, slot_count) || check_twins(c, first, at))
            return -1;
        link = at;
        if (check_pointer(c, link, 1, sizeof(struct lfs_string), &at, "pointer to a string"))
            return -1;
    }
    return 0;
}

static int check_strings(struct checker *c, const struct lfs_header *header)
{
    uint32_t slots, slot_count = header->slot_count;
    if (slot_count == 0 || (slot_count & (slot_count - 1)) != 0)
        return bad(c, offsetof(struct lfs_header, slot_count), "number of string slots");
    if (check_pointer(c, offsetof(struct lfs_header, string_slots), slot_count, 4, &slots,
                      "pointer to the string slots"))
        return -1;
    if (slots == 0)
        return bad(c, offsetof(struct lfs_header, string_slots), "no string slots");
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < slot_count; slot++)
        if (check_chain(c, slots + 4 * slot, slot, slot_count, &count))
            return -1;
    if (count != header->string_count)
        return bad(c, offsetof(struct lfs_header, string_count), "number of strings");
    return 0;
}

// The image with a string at address `addr` and its offset there; NULL with the report filled if
// there is no string.
static const struct lfs_image *find_string(struct checker *c, uint32_t addr, uint32_t at,
                                           uint32_t *off)
{
    const struct lfs_image *image = &c->image;
    *off = addr - image->base_addr;
    if (*off < image->bytes) {
        if (*off % 4 == 0 && marks_at(c, *off)->strings & bit_of(*off))
            return image;
        (void)bad(c, at, "pointer to something other than a string");
        return NULL;
    }
    image = lfs_below_at(c->below, addr, off);
    if (image && c->is_linked && lfs_has_string(image, *off))
        return image;
    if (image && c->is_linked)
        (void)bad(c, at, "pointer to something other than a string of the image below");
    else
        (void)bad(c, at, image ? "pointer into an image below" : "pointer to a string");
    return NULL;
}

// The word at `at` must lead to a string of the table, or of a table below.
static int check_string_pointer(struct checker *c, uint32_t at)
{
    uint32_t off;
    return find_string(c, lfs_word(&c->image, at), at, &off) ? 0 : -1;
}

// ---- functions ----

static int check_constants(struct checker *c, uint32_t at, uint32_t count)
{
    const struct lfs_image *image = &c->image;
    for (uint32_t i = 0; i < count; i++, at += image->value_bytes) {
        uint32_t tag = lfs_word(image, at + image->tag_off);
        if (tag == LFS_TAG_STRING) {
            if (check_string_pointer(c, at))
                return -1;
        } else if (tag == LFS_TAG_BOOLEAN) {
            if (lfs_word(image, at) > 1)
                return bad(c, at, "boolean that is neither true nor false");
        } else if (tag != LFS_TAG_NUMBER && tag != LFS_TAG_NIL) {
            return bad(c, at, "constant of an unknown type");
        }
    }
    return 0;
}

// Counts the instructions of a packed line table: `bytes` bytes at `text`. The delta in front of a
// count is skipped; it must end inside the string. 0xFFFFFFFF: the table is cut off.
static uint32_t count_lines(const struct lfs_image *image, uint32_t text, uint32_t bytes)
{
    uint32_t instructions = 0, end = text + bytes;
    for (uint8_t byte; text < end; instructions += byte) {
        byte = (uint8_t)char_at(image, text++);
        if (byte == 0 || byte == 0x7F)
            break;
        while (byte & 0x80 && text < end)
            byte = (uint8_t)char_at(image, text++);
        if (byte & 0x80 || byte == 0 || byte == 0x7F)
            return UINT32_MAX;
    }
    return instructions;
}

// The table is the characters of a string.
static int check_lines(struct checker *c, uint32_t proto_at, uint32_t code_count)
{
    uint32_t at = proto_at + (uint32_t)offsetof(struct lfs_proto, lines);
    uint32_t value = lfs_word(&c->image, at), off;
    if (value == 0)
        return 0;
    const struct lfs_image *image = find_string(c, value - (uint32_t)sizeof(struct lfs_string), at,
                                                &off);
    if (!image)
        return bad(c, at, "line table that is not a string");
    uint32_t bytes = lfs_word(image, off + offsetof(struct lfs_string, bytes));
    uint32_t instructions = count_lines(image, off + (uint32_t)sizeof(struct lfs_string), bytes);
    if (instructions == UINT32_MAX)
        return bad(c, at, "line table that is cut off");
    if (instructions != code_count)
        return bad(c, at, "line table of another function");
    return 0;
}

static int check_local(struct checker *c, uint32_t at, uint32_t code_count)
{
    uint32_t start = lfs_word(&c->image, at + offsetof(struct lfs_local, pc_start));
    uint32_t end = lfs_word(&c->image, at + offsetof(struct lfs_local, pc_end));
    if (start > end || end > code_count)
        return bad(c, at, "local name with a wrong range");
    return check_string_pointer(c, at);
}

static int check_names(struct checker *c, uint32_t at, const struct lfs_proto *p)
{
    uint32_t locals, names;
    if (check_pointer(c, at + offsetof(struct lfs_proto, local_names), p->local_name_count,
                      sizeof(struct lfs_local), &locals, "pointer to local names") ||
        check_pointer(c, at + offsetof(struct lfs_proto, upvalue_names), p->upvalue_name_count, 4,
                      &names, "pointer to upvalue names"))
        return -1;
    if ((locals == 0 && p->local_name_count) || (names == 0 && p->upvalue_name_count))
        return bad(c, at, "function with names that are nowhere");
    if (p->upvalue_name_count != 0 && p->upvalue_name_count != p->upvalue_count)
        return bad(c, at, "function with a wrong number of upvalue names");
    for (uint32_t i = 0; i < p->local_name_count; i++)
        if (check_local(c, locals + i * (uint32_t)sizeof(struct lfs_local), p->code_count))
            return -1;
    for (uint32_t i = 0; i < p->upvalue_name_count; i++)
        if (check_string_pointer(c, names + 4 * i))
            return -1;
    return 0;
}

static int check_proto_fields(struct checker *c, uint32_t at, const struct lfs_proto *p)
{
    uint32_t kind = p->header & 0xFFFF;
    if (p->next != 0 || p->gray != 0 || (kind != 0 && kind != LFS_PROTO_HEADER_OLD))
        return bad(c, at, "function with a wrong head");
    uint32_t counts = lfs_word(&c->image, at + offsetof(struct lfs_proto, upvalue_count));
    uint32_t stack_size = counts >> 24, vararg = counts >> 16 & 255, parameters = counts >> 8 & 255;
    if (stack_size < 1 || stack_size > 250 || parameters > stack_size || (counts & 255) > 60 ||
        vararg > 7)
        return bad(c, at + offsetof(struct lfs_proto, upvalue_count),
                   "function with counts beyond the limits");
    return check_string_pointer(c, at + offsetof(struct lfs_proto, source));
}

// Everything about one function but its sub-functions. *f is filled for the verifier.
static int check_proto(struct checker *c, uint32_t at, struct lfs_function *f)
{
    const struct lfs_proto *p = lfs_proto_at(&c->image, at);
    uint32_t constants, code, protos;
    if (check_proto_fields(c, at, p) ||
        check_pointer(c, at + offsetof(struct lfs_proto, constants), p->constant_count,
                      c->image.value_bytes, &constants, "pointer to constants") ||
        check_pointer(c, at + offsetof(struct lfs_proto, code), p->code_count, 4, &code,
                      "pointer to code") ||
        check_pointer(c, at + offsetof(struct lfs_proto, protos), p->proto_count, 4, &protos,
                      "pointer to sub-functions"))
        return -1;
    if (code == 0 || p->code_count == 0)
        return bad(c, at, "function without code");
    if ((constants == 0 && p->constant_count) || (protos == 0 && p->proto_count))
        return bad(c, at, "function with parts that are nowhere");
    if (check_constants(c, constants, p->constant_count) || check_names(c, at, p) ||
        check_lines(c, at, p->code_count))
        return -1;
    *f = (struct lfs_function){
        .proto = p,
        .code = (const uint32_t *)(const void *)(c->image.data + code),
        .constants = c->image.data + constants,
        .image = &c->image,
    };
    return 0;
}

// The pointers to sub-functions must be sound before the verifier looks at their upvalue counts.
static int check_sub_protos(struct checker *c, const struct lfs_proto *p)
{
    for (uint32_t i = 0; i < p->proto_count; i++) {
        uint32_t sub, link = p->protos - c->image.base_addr + 4 * i;
        if (check_pointer(c, link, 1, sizeof(struct lfs_proto), &sub, "pointer to a function"))
            return -1;
        if (sub == 0)
            return bad(c, link, "sub-function that is nowhere");
    }
    return 0;
}

static int check_code(struct checker *c, uint32_t at, const struct lfs_function *f)
{
    if (check_sub_protos(c, f->proto))
        return -1;
    if (OP_CODE(f->code[f->proto->code_count - 1]) != OP_RETURN)
        return bad(c, at, "function that does not end with RETURN");
    if (!c->verify)
        return 0;
    uint32_t pc = 0, code = (uint32_t)((const uint8_t *)f->code - c->image.data);
    const char *what = c->verify(f, &pc);
    if (!what)
        return 0;
    return bad(c, pc < f->proto->code_count ? code + 4 * pc : at, what);
}

// Functions may be shared, so a function that was checked is not checked again; but it must not
// contain itself.
static int enter_proto(struct checker *c, uint32_t at, uint32_t *depth)
{
    struct lfs_marks *m = c->marks;
    if (marks_at(c, at)->protos & bit_of(at)) {
        for (uint32_t i = 0; i < *depth; i++)
            if (m->path[i].off == at)
                return bad(c, at, "function that contains itself");
        return 0;
    }
    if (*depth == LFS_DEPTH_MAX)
        return bad(c, at, "functions nested too deep");
    marks_at(c, at)->protos |= bit_of(at);
    struct lfs_function f;
    if (check_proto(c, at, &f) || check_code(c, at, &f))
        return -1;
    m->path[*depth].off = at;
    m->path[*depth].next = 0;
    ++*depth;
    return 0;
}

static int check_functions(struct checker *c)
{
    uint32_t index, depth = 0;
    uint32_t at = offsetof(struct lfs_header, main_proto);
    if (check_pointer(c, at, 1, sizeof(struct lfs_proto), &index, "pointer to the index function"))
        return -1;
    if (index == 0)
        return bad(c, at, "no index function");
    if (enter_proto(c, index, &depth))
        return -1;
    if ((lfs_word(&c->image, index + offsetof(struct lfs_proto, upvalue_count)) & 255) != 0)
        return bad(c, index, "index function with upvalues");
    while (depth > 0) {
        uint32_t here = c->marks->path[depth - 1].off;
        const struct lfs_proto *p = lfs_proto_at(&c->image, here);
        uint32_t next = c->marks->path[depth - 1].next++;
        if (next == p->proto_count)
            depth--;
        else if (enter_proto(c,
                             lfs_word(&c->image, p->protos - c->image.base_addr + 4 * next) -
                                 c->image.base_addr,
                             &depth))
            return -1;
    }
    return 0;
}

// ---- the whole ----

static int check_header(struct checker *c, const struct lfs_header *header, uint32_t bytes,
                        uint32_t writing)
{
    if (!lfs_is_signature(header->signature ^ writing)) {
        c->report->fault = LFS_FAULT_SIGNATURE;
        c->report->value[0] = header->signature;
        return STATUS_VERSION;
    }
    uint32_t least = sizeof(struct lfs_header) + sizeof(struct lfs_proto);
    if (header->image_bytes % 4 != 0 || header->image_bytes < least ||
        header->image_bytes > LFS_IMAGE_BYTES_MAX || header->image_bytes > bytes) {
        (void)bad(c, offsetof(struct lfs_header, image_bytes), "image size");
        return STATUS_DAMAGED;
    }
    return STATUS_OK;
}

// An image that was linked against others must find the same ones below.
static int check_link(struct checker *c, const struct lfs_header *header)
{
    c->is_linked = header->linked_crc != 0;
    uint32_t below_crc = c->is_linked ? lfs_below_crc(c->below) : 0;
    if (header->linked_crc == below_crc)
        return STATUS_OK;
    c->report->fault = LFS_FAULT_LINKED;
    c->report->value[0] = header->linked_crc;
    c->report->value[1] = below_crc;
    return STATUS_VERSION;
}

// writing: LFS_WRITING if the first word must have it, else 0.
static int check_image(const void *image, uint32_t bytes, uint32_t base_addr, uint32_t writing,
                       const struct lfs_below *below, lfs_verify verify, struct lfs_marks *marks,
                       struct lfs_report *report)
{
    static const struct lfs_below none;
    assert(image && marks && report);
    assert((uintptr_t)image % 4 == 0);
    const struct lfs_header *header = image;
    struct checker c = {
        .below = below ? below : &none, .verify = verify, .marks = marks, .report = report};
    *report = (struct lfs_report){LFS_FAULT_NONE, NULL, 0, {0}};
    if (bytes < sizeof *header) {
        (void)bad(&c, 0, "header that is cut off");
        return STATUS_DAMAGED;
    }
    int status = check_header(&c, header, bytes, writing);
    if (status == STATUS_OK)
        status = check_link(&c, header);
    if (status != STATUS_OK)
        return status;
    lfs_view_init(&c.image, image, header->image_bytes, base_addr, header->signature);
    memset(marks, 0, lfs_marks_bytes(header->image_bytes));
    if (check_strings(&c, header) || check_functions(&c))
        return STATUS_DAMAGED;
    return STATUS_OK;
}

int lfs_check(const void *image, uint32_t bytes, uint32_t base_addr, const struct lfs_below *below,
              lfs_verify verify, struct lfs_marks *marks, struct lfs_report *report)
{
    return check_image(image, bytes, base_addr, 0, below, verify, marks, report);
}

int lfs_check_unfinished(const void *image, uint32_t bytes, uint32_t base_addr,
                         const struct lfs_below *below, lfs_verify verify, struct lfs_marks *marks,
                         struct lfs_report *report)
{
    return check_image(image, bytes, base_addr, LFS_WRITING, below, verify, marks, report);
}

const struct lfs_proto *lfs_function_proto(const struct lfs_function *function, uint32_t idx)
{
    assert(idx < function->proto->proto_count);
    const struct lfs_image *image = function->image;
    uint32_t vector = function->proto->protos - image->base_addr;
    return lfs_proto_at(image, lfs_word(image, vector + 4 * idx) - image->base_addr);
}
