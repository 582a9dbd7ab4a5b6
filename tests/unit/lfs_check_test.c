// lfs_check_test.c: the check of an image, a row for each of its rules: one field of one object is
// one off, and the check says what and where; and what is just still sound.
//
// One sample image has an object of each kind; another is made once for each kind, with that one
// as the last of the image.

#include "runtime/flash/lfs.h"
#include "tests/support/image_maker.h"

#define BASE 0x40290000u

static uint32_t words[MAKER_BYTES_MAX / 4];
static struct image_maker maker;
static struct lfs_report report;

static int check(uint32_t bytes)
{
    static struct lfs_marks marks;
    return lfs_check(words, bytes, BASE, NULL, NULL, &marks, &report);
}

// ---- the sample ----

// Addresses of its objects. Two instructions a function, lines of both, names for all.
static struct sample {
    uint32_t header, slots;
    uint32_t name, source, lines, long_text; // strings
    uint32_t constants, code, subs, locals, upvalue_names, function;
    uint32_t index_code, index_subs, index;
} sample;

static void make_sample(void)
{
    struct sample *s = &sample;
    maker_begin(&maker, words, BASE, 0);
    s->header = BASE;
    s->slots = BASE + 32;
    const uint32_t no_pointer = 1; // after the slots
    maker_words(&maker, &no_pointer, 1);
    s->name = maker_text(&maker, "name");
    s->source = maker_text(&maker, "@source.lua");
    s->lines = maker_text(&maker, "\1\1"); // an instruction on line 1, one on line 2
    s->long_text = maker_text(&maker, "a text of more than 32 characters: its hash skips some");
    const struct maker_constant constants[] = {{s->name, 0, LFS_TAG_STRING},
                                               {1, 0, LFS_TAG_BOOLEAN},
                                               {0, 0, LFS_TAG_NIL},
                                               {0, 0x3FF00000, LFS_TAG_NUMBER}};
    const uint32_t code[] = {op_abc(OP_MOVE, 0, 0, 0), op_abc(OP_RETURN, 0, 1, 0)};
    const struct lfs_local locals[] = {{s->name, 0, 1}, {s->source, 1, 1}};
    const struct lfs_proto inner = maker_empty(&maker, s->source);
    s->subs = maker_function(&maker, &inner);
    s->constants = maker_constants(&maker, constants, 4);
    s->code = maker_words(&maker, code, 2);
    s->subs = maker_words(&maker, &s->subs, 1);
    s->locals = maker_words(&maker, &locals->name, 6);
    const uint32_t upvalue_names[] = {s->name, s->source};
    s->upvalue_names = maker_words(&maker, upvalue_names, 2);
    const struct lfs_proto function = {.constants = s->constants,
                                       .constant_count = 4,
                                       .code = s->code,
                                       .code_count = 2,
                                       .protos = s->subs,
                                       .proto_count = 1,
                                       .lines = s->lines + 16,
                                       .local_names = s->locals,
                                       .local_name_count = 2,
                                       .upvalue_names = s->upvalue_names,
                                       .upvalue_name_count = 2,
                                       .source = s->source,
                                       .upvalue_count = 2,
                                       .stack_size = 3,
                                       .parameter_count = 1};
    s->function = maker_function(&maker, &function);
    struct lfs_proto index = maker_empty(&maker, s->source);
    s->index_code = index.code;
    s->index_subs = maker_words(&maker, &s->function, 1);
    index.protos = s->index_subs;
    index.proto_count = 1;
    s->index = maker_function(&maker, &index);
    maker_end(&maker, s->index);
}

// ---- one word is another ----

enum change { ADD, SET };

#define AT(object) offsetof(struct sample, object)
#define HEADER(field) AT(header), offsetof(struct lfs_header, field)
#define STRING(object, field) AT(object), offsetof(struct lfs_string, field)
#define FUNCTION(field) AT(function), offsetof(struct lfs_proto, field)
#define COUNTS AT(function), offsetof(struct lfs_proto, upvalue_count) // bytes of one word
#define WORD(object, word) AT(object), 4 * (word)

static const struct row {
    size_t object, off;
    enum change change;
    uint32_t value;
    const char *want; // NULL: still sound
    size_t elsewhere; // object where the fault is told, if it is another one
} rows[] = {
    // header
    {HEADER(image_bytes), ADD, 4, "image size", 0},
    {HEADER(image_bytes), ADD, 1, "image size", 0},
    {HEADER(image_bytes), ADD, (uint32_t)-2, "image size", 0},
    {HEADER(image_bytes), ADD, (uint32_t)-4, "pointer to the index function", 0},
    {HEADER(image_bytes), SET, 32 + 72 - 4, "image size", 0},
    {HEADER(image_bytes), SET, 32 + 72, "pointer to a string", AT(slots)},
    {HEADER(main_proto), SET, 0, "no index function", 0},
    {HEADER(main_proto), ADD, 4, "pointer to the index function", 0},
    {HEADER(main_proto), ADD, (uint32_t)-2, "pointer to the index function", 0},
    {HEADER(main_proto), SET, BASE - 4, "pointer to the index function", 0},
    {HEADER(main_proto), SET, BASE, "pointer to the index function", 0},
    {HEADER(main_proto), SET, BASE + 28, "pointer to the index function", 0},
    {HEADER(main_proto), SET, BASE + MAKER_BYTES_MAX, "pointer to the index function", 0},
    {HEADER(string_slots), SET, 0, "no string slots", 0},
    {HEADER(string_slots), ADD, (uint32_t)-4, "pointer to the string slots", 0},
    {HEADER(string_slots), ADD, 1, "pointer to the string slots", 0},
    {HEADER(slot_count), SET, 0, "number of string slots", 0},
    {HEADER(slot_count), ADD, 1, "number of string slots", 0},
    {HEADER(slot_count), ADD, (uint32_t)-1, "number of string slots", 0},
    {HEADER(slot_count), SET, 1, "number of strings", 0},
    {HEADER(slot_count), SET, 0x80000000, "pointer to the string slots", 0},
    {HEADER(string_count), ADD, 1, "number of strings", 0},
    {HEADER(string_count), ADD, (uint32_t)-1, "number of strings", 0},
    {HEADER(fill), ADD, 1, NULL, 0}, // the device does not look at it

    // strings and their chains
    {WORD(slots, 0), ADD, 1, "pointer to a string", 0},
    {WORD(slots, 0), SET, BASE - 16, "pointer to a string", 0},
    {WORD(slots, 0), SET, BASE + 28, "pointer to a string", 0},
    {STRING(name, next), ADD, 2, "pointer to a string", 0},
    {STRING(name, tag), ADD, 1, "string with a wrong tag", 0},
    {STRING(name, tag), ADD, 1 << 8, "string with a wrong tag", 0},
    {STRING(name, tag), ADD, (uint32_t)-1 << 14, "string with a wrong tag", 0},
    {STRING(name, tag), ADD, 1 << 16, "string with a wrong tag", 0},
    {STRING(name, hash), ADD, 1, "string with a wrong hash", 0},
    {STRING(name, hash), ADD, MAKER_SLOTS, "string with a wrong hash", 0},
    {STRING(long_text, hash), ADD, MAKER_SLOTS, "string with a wrong hash", 0},
    {STRING(name, bytes), ADD, 1, "string with a wrong hash", 0},
    {STRING(name, bytes), ADD, (uint32_t)-1, "string without a NUL", 0},
    {STRING(name, bytes), SET, 0xFFFFFFFF, "string longer than the image", 0},
    {WORD(name, 4), ADD, 1, "string with a wrong hash", 0},
    {WORD(name, 5), ADD, 1, "string without a NUL", 0},
    {WORD(name, 5), ADD, 1 << 8, NULL, 0}, // after the NUL

    // the function's own fields
    {FUNCTION(next), SET, 4, "function with a wrong head", 0},
    {FUNCTION(gray), SET, 4, "function with a wrong head", 0},
    {FUNCTION(header), SET, 1, "function with a wrong head", 0},
    {FUNCTION(header), SET, 0x100, "function with a wrong head", 0},
    {FUNCTION(header), SET, LFS_PROTO_HEADER_OLD, NULL, 0},
    {FUNCTION(header), SET, LFS_PROTO_HEADER_OLD + 1, "function with a wrong head", 0},
    {FUNCTION(header), SET, LFS_PROTO_HEADER_OLD ^ 0x100, "function with a wrong head", 0},
    {FUNCTION(source), SET, 0, "pointer to a string", 0},
    {FUNCTION(source), ADD, 1, "pointer to something other than a string", 0},
    {FUNCTION(source), ADD, 4, "pointer to something other than a string", 0},
    {FUNCTION(source), SET, BASE, "pointer to something other than a string", 0},
    {FUNCTION(source), SET, BASE - 4, "pointer to a string", 0},
    {FUNCTION(line_defined), SET, 7, NULL, 0}, // only shown
    {FUNCTION(line_last_defined), SET, 7, NULL, 0},
    {COUNTS, SET, 2u << 24 | 2 << 8 | 2, NULL, 0}, // registers, vararg, parameters, upvalues
    {COUNTS, SET, 0u << 24 | 0 << 8 | 2, "function with counts beyond the limits", 0},
    {COUNTS, SET, 1u << 24 | 1 << 8 | 2, NULL, 0},
    {COUNTS, SET, 250u << 24 | 250 << 8 | 2, NULL, 0},
    {COUNTS, SET, 251u << 24 | 1 << 8 | 2, "function with counts beyond the limits", 0},
    {COUNTS, SET, 3u << 24 | 3 << 8 | 2, NULL, 0},
    {COUNTS, SET, 3u << 24 | 4 << 8 | 2, "function with counts beyond the limits", 0},
    {COUNTS, SET, 3u << 24 | 7 << 16 | 2, NULL, 0},
    {COUNTS, SET, 3u << 24 | 8 << 16 | 2, "function with counts beyond the limits", 0},
    {COUNTS, SET, 3u << 24 | 60, "function with a wrong number of upvalue names", 0},
    {COUNTS, SET, 3u << 24 | 61, "function with counts beyond the limits", 0},
    {WORD(index, 17), ADD, 1, "index function with upvalues", 0},

    // constants
    {FUNCTION(constants), SET, 0, "function with parts that are nowhere", 0},
    {FUNCTION(constants), ADD, 2, "pointer to constants", 0},
    {FUNCTION(constants), SET, BASE, "pointer to constants", 0},
    {FUNCTION(constant_count), ADD, 1, "constant of an unknown type", AT(constants)},
    {FUNCTION(constant_count), ADD, (uint32_t)-1, NULL, 0},
    {FUNCTION(constant_count), SET, 0, NULL, 0},
    {FUNCTION(constant_count), SET, 0x80000000, "pointer to constants", 0},
    {FUNCTION(constant_count), SET, 0x15555556, "pointer to constants", 0}, // times 12: 8
    {WORD(constants, 0), ADD, 1, "pointer to something other than a string", 0},
    {WORD(constants, 0), SET, 0, "pointer to a string", 0},
    {WORD(constants, 2), SET, 2, "constant of an unknown type", 0},
    {WORD(constants, 2), SET, 5, "constant of an unknown type", 0},
    {WORD(constants, 2), SET, LFS_TAG_STRING | 1 << 8, "constant of an unknown type", 0},
    {WORD(constants, 3), SET, 0, NULL, 0},
    {WORD(constants, 3), SET, 2, "boolean that is neither true nor false", 0},

    // code
    {FUNCTION(code), SET, 0, "function without code", 0},
    {FUNCTION(code), ADD, 1, "pointer to code", 0},
    {FUNCTION(code), SET, BASE - 8, "pointer to code", 0},
    {FUNCTION(code_count), SET, 0, "function without code", 0},
    {FUNCTION(code_count), ADD, (uint32_t)-1, "line table of another function", 0},
    {FUNCTION(code_count), ADD, 1, "line table of another function", 0},
    {FUNCTION(code_count), SET, 0x40000000, "pointer to code", 0}, // times 4: 0
    {WORD(code, 0), SET, 0xFFFFFFFF, NULL, 0},                     // the verifier's
    {WORD(code, 1), SET, 0, "function that does not end with RETURN", AT(function)},
    {WORD(index_code, 0), SET, OP_TAILCALL, "function that does not end with RETURN", AT(index)},

    // sub-functions
    {FUNCTION(protos), SET, 0, "function with parts that are nowhere", 0},
    {FUNCTION(protos), ADD, 1, "pointer to sub-functions", 0},
    {FUNCTION(protos), SET, BASE + 0x100000, "pointer to sub-functions", 0},
    {FUNCTION(proto_count), SET, 0, NULL, 0},
    {FUNCTION(proto_count), SET, 0x40000000, "pointer to sub-functions", 0},
    {WORD(subs, 0), SET, 0, "sub-function that is nowhere", 0},
    {WORD(subs, 0), ADD, 2, "pointer to a function", 0},
    {WORD(subs, 0), SET, BASE, "pointer to a function", 0},
    {WORD(index_subs, 0), ADD, 4, "function with a wrong head", AT(function)},

    // lines
    {FUNCTION(lines), SET, 0, NULL, 0},
    {FUNCTION(lines), ADD, 1, "line table that is not a string", 0},
    {FUNCTION(lines), ADD, (uint32_t)-16, "line table that is not a string", 0},
    {FUNCTION(lines), SET, 8, "line table that is not a string", 0},
    {FUNCTION(lines), SET, BASE + 16, "line table that is not a string", 0},

    // names
    {FUNCTION(local_names), SET, 0, "function with names that are nowhere", 0},
    {FUNCTION(local_names), ADD, 1, "pointer to local names", 0},
    {FUNCTION(local_name_count), SET, 0, NULL, 0},
    {FUNCTION(local_name_count), SET, 0x80000000, "pointer to local names", 0},
    {WORD(locals, 0), ADD, 4, "pointer to something other than a string", 0},
    {WORD(locals, 0), SET, 0, "pointer to a string", 0},
    {WORD(locals, 1), ADD, 1, NULL, 0}, // an empty range
    {WORD(locals, 1), ADD, 2, "local name with a wrong range", 0},
    {WORD(locals, 2), ADD, 1, NULL, 0},
    {WORD(locals, 2), ADD, 2, "local name with a wrong range", 0},
    {WORD(locals, 3), ADD, 4, "pointer to something other than a string", 0},
    {WORD(locals, 5), ADD, 2, "local name with a wrong range", 0},
    {FUNCTION(upvalue_names), SET, 0, "function with names that are nowhere", 0},
    {FUNCTION(upvalue_names), ADD, 1, "pointer to upvalue names", 0},
    {FUNCTION(upvalue_name_count), SET, 0, NULL, 0},
    {FUNCTION(upvalue_name_count), ADD, 1, "function with a wrong number of upvalue names", 0},
    {FUNCTION(upvalue_name_count), ADD, (uint32_t)-1,
     "function with a wrong number of upvalue names", 0},
    {FUNCTION(upvalue_name_count), SET, 0x40000001, "pointer to upvalue names", 0}, // times 4: 4
    {WORD(upvalue_names, 1), ADD, 4, "pointer to something other than a string", 0},
    {WORD(upvalue_names, 1), SET, 0, "pointer to a string", 0},
};

TEST(each_field_that_is_one_off_is_found)
{
    make_sample();
    uint32_t bytes = maker.bytes;
    CHECK_EQUAL(check(bytes), STATUS_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        uint32_t addr;
        memcpy(&addr, (const char *)&sample + row->object, 4);
        uint32_t *word = maker_word(&maker, addr + (uint32_t)row->off);
        uint32_t was = *word;
        *word = row->change == SET ? row->value : was + row->value;
        int status = check(bytes);
        const char *got = status == STATUS_OK ? "sound" : report.what ? report.what : "?";
        if (strcmp(got, row->want ? row->want : "sound") != 0)
            printf("# row %zu, byte %u of the image\n", i,
                   (unsigned)((char *)word - (char *)words));
        CHECK_TEXT(got, row->want ? row->want : "sound");
        CHECK(!row->want || (report.fault == LFS_FAULT_DAMAGED && status == STATUS_DAMAGED));
        // The place that is told lies in the object that was changed, or in another one.
        if (row->elsewhere)
            memcpy(&addr, (const char *)&sample + row->elsewhere, 4);
        CHECK(!row->want || report.off - (addr - BASE) < sizeof(struct lfs_proto));
        *word = was;
    }
    CHECK_EQUAL(check(bytes), STATUS_OK);
}

TEST(the_signature_is_the_build_s)
{
    static const uint32_t wrong[] = {LFS_SIGNATURE_BUILD ^ LFS_PACKED,
                                     LFS_SIGNATURE_BUILD ^ LFS_INTEGER,
                                     LFS_SIGNATURE_BUILD | LFS_WRITING,
                                     LFS_SIGNATURE_BUILD + 0x100,
                                     LFS_SIGNATURE_BUILD ^ 0x80000000,
                                     0xFFFFFFFF,
                                     0};
    make_sample();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        words[0] = wrong[i];
        CHECK_EQUAL(check(maker.bytes), STATUS_VERSION);
        CHECK_EQUAL(report.fault, LFS_FAULT_SIGNATURE);
        CHECK_EQUAL(report.value[0], wrong[i]);
    }
    words[0] = LFS_SIGNATURE_BUILD | LFS_ABSOLUTE;
    CHECK_EQUAL(check(maker.bytes), STATUS_OK);
}

static void check_text(int status, const char *want)
{
    const char *got = status == STATUS_OK ? "sound" : report.what ? report.what : "?";
    CHECK_TEXT(got, want);
}

TEST(an_image_is_as_long_as_it_says)
{
    make_sample();
    check_text(check(maker.bytes - 1), "image size");
    check_text(check(maker.bytes + 4), "sound"); // the partition is longer
    check_text(check(31), "header that is cut off");
    check_text(check(32), "image size");
    ((struct lfs_header *)words)->image_bytes = LFS_IMAGE_BYTES_MAX + 4;
    check_text(check(LFS_IMAGE_BYTES_MAX + 8), "image size");
}

TEST(the_largest_image_is_taken)
{
    static uint32_t large[LFS_WORDS_MAX];
    static struct lfs_marks marks;
    make_sample();
    memcpy(large, words, maker.bytes);
    ((struct lfs_header *)large)->image_bytes = LFS_IMAGE_BYTES_MAX;
    CHECK_EQUAL(lfs_check(large, LFS_IMAGE_BYTES_MAX, BASE, NULL, NULL, &marks, &report),
                STATUS_OK);
}

// ---- the last object of an image ----

// Everything the index function has, with `last` made last of all.
enum part { CONSTANTS, CODE, PROTOS, LOCALS, UPVALUES, TEXT, INNER, INDEX, SLOTS, PART_COUNT };

static void make_part(enum part part, struct lfs_proto *p, uint32_t *inner, uint32_t text)
{
    static const struct maker_constant constant = {0, 0, LFS_TAG_NUMBER};
    static const uint32_t code = OP_RETURN | 1u << 23;
    const struct lfs_local local = {text, 0, 1};
    const uint32_t names[] = {text, text};
    switch (part) {
    case CONSTANTS:
        p->constants = maker_constants(&maker, &constant, p->constant_count = 1);
        break;
    case CODE:
        p->code = maker_words(&maker, &code, p->code_count = 1);
        break;
    case LOCALS:
        p->local_names = maker_words(&maker, &local.name, 3);
        p->local_name_count = 1;
        break;
    case UPVALUES:
        p->upvalue_names = maker_words(&maker, names, p->upvalue_name_count = 2);
        break;
    case PROTOS:
        p->protos = maker_words(&maker, inner, p->proto_count = 1);
        break;
    case TEXT:
        maker_text(&maker, "the end"); // with its NUL a multiple of 4
        break;
    default:
        break;
    }
}

// An image whose last object is `last`.
static void make_with_last(enum part last)
{
    maker_begin(&maker, words, BASE, 0);
    struct lfs_header *header = (struct lfs_header *)words;
    uint32_t text = maker_text(&maker, "text");
    struct lfs_proto empty = maker_empty(&maker, text);
    uint32_t inner_addr = maker_function(&maker, &empty);
    struct lfs_proto p = {.source = text, .stack_size = 2, .upvalue_count = 2};
    struct lfs_proto index = maker_empty(&maker, text);
    // Room first: functions are filled when the addresses of their parts are known.
    uint32_t function = last == INNER ? 0 : maker_room(&maker, sizeof p);
    index.protos = maker_room(&maker, 4);
    index.proto_count = 1;
    uint32_t index_addr = last == INDEX ? 0 : maker_function(&maker, &index);
    for (enum part part = 0; part < INNER; part++)
        if (part != last)
            make_part(part, &p, &inner_addr, text);
    if (last < INNER)
        make_part(last, &p, &inner_addr, text);
    if (last == INNER)
        function = maker_room(&maker, sizeof p);
    memcpy(maker_word(&maker, function), &p, sizeof p);
    *maker_word(&maker, index.protos) = function;
    if (last == INDEX)
        index_addr = maker_function(&maker, &index);
    maker_end(&maker, index_addr);
    if (last == SLOTS) { // the table once more, at the end
        uint32_t slots[MAKER_SLOTS];
        memcpy(slots, maker_word(&maker, header->string_slots), sizeof slots);
        header->string_slots = maker_words(&maker, slots, MAKER_SLOTS);
        header->image_bytes = maker.bytes;
    }
}

TEST(an_object_ends_with_the_image_at_the_latest)
{
    static const char *const want[PART_COUNT] = {
        [CONSTANTS] = "pointer to constants",    [CODE] = "pointer to code",
        [PROTOS] = "pointer to sub-functions",   [LOCALS] = "pointer to local names",
        [UPVALUES] = "pointer to upvalue names", [TEXT] = "string longer than the image",
        [INNER] = "pointer to a function",       [INDEX] = "pointer to the index function",
        [SLOTS] = "pointer to the string slots",
    };
    for (enum part last = 0; last < PART_COUNT; last++) {
        make_with_last(last);
        check_text(check(maker.bytes), "sound");
        // After the image something else lies, which must not be taken for a part of it.
        words[1] = maker.bytes - 4;
        check_text(check(maker.bytes), want[last]);
    }
}

TEST(a_string_ends_with_the_image_at_the_latest)
{
    make_with_last(TEXT);
    uint32_t *bytes = &words[maker.bytes / 4 - 3]; // length, then "the end" and NUL
    CHECK_EQUAL(*bytes, 7);
    *bytes = 8; // the NUL would be the first byte after the image
    check_text(check(maker.bytes + 4), "string longer than the image");
    *bytes = 7;
    words[maker.bytes / 4 - 1] |= 'x' << 24;
    check_text(check(maker.bytes + 4), "string without a NUL");
    // An empty string takes a NUL, too.
    maker_begin(&maker, words, BASE, 0);
    uint32_t source = maker_text(&maker, "=");
    struct lfs_proto index = maker_empty(&maker, source);
    maker_end(&maker, maker_function(&maker, &index));
    maker_text(&maker, "");
    words[1] = maker.bytes;
    check_text(check(maker.bytes), "sound");
    words[1] = maker.bytes - 4;
    check_text(check(maker.bytes), "string longer than the image");
}

// Where the image ends nothing begins, not even a list of nothing.
TEST(no_pointer_leads_behind_the_image)
{
    static const struct {
        size_t off;
        const char *want;
    } pointers[] = {
        {offsetof(struct lfs_proto, constants), "pointer to constants"},
        {offsetof(struct lfs_proto, protos), "pointer to sub-functions"},
        {offsetof(struct lfs_proto, local_names), "pointer to local names"},
        {offsetof(struct lfs_proto, upvalue_names), "pointer to upvalue names"},
        {offsetof(struct lfs_proto, source), "pointer to a string"},
    };
    make_sample();
    uint32_t *empty = maker_word(&maker, *maker_word(&maker, sample.subs)); // has none of them
    for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
        uint32_t was = empty[pointers[i].off / 4];
        empty[pointers[i].off / 4] = BASE + maker.bytes;
        check_text(check(maker.bytes), pointers[i].want);
        empty[pointers[i].off / 4] = BASE + maker.bytes - 4;
        check_text(check(maker.bytes),
                   i < 4 ? "sound" : "pointer to something other than a string");
        empty[pointers[i].off / 4] = was;
    }
}

// ---- chains ----

TEST(no_text_stands_twice)
{
    make_sample();
    // Once more in front of the same chain, and after another string of it.
    maker_text(&maker, "name");
    words[1] = maker.bytes;
    check_text(check(maker.bytes), "string that occurs twice");
    make_sample();
    uint32_t first = maker_text(&maker, "aaaa"), second = 0;
    for (char text[] = "aaab"; second == 0; text[3]++)
        if (string_hash(text, 4) % MAKER_SLOTS == string_hash("aaaa", 4) % MAKER_SLOTS)
            second = maker_text(&maker, text);
    words[1] = maker.bytes;
    check_text(check(maker.bytes), "sound");
    maker_text(&maker, "aaaa");
    words[1] = maker.bytes;
    check_text(check(maker.bytes), "string that occurs twice");
    CHECK_EQUAL(report.off, first - BASE);
}

TEST(chains_end_and_do_not_meet)
{
    make_sample();
    uint32_t *slots = maker_word(&maker, sample.slots);
    uint32_t name_slot = string_hash("name", 4) % MAKER_SLOTS;
    uint32_t *last = maker_word(&maker, sample.name); // the first made of its chain
    CHECK_EQUAL(*last, 0);
    *last = sample.name;
    check_text(check(maker.bytes), "chain of strings that is a loop or meets another");
    *last = slots[name_slot];
    check_text(check(maker.bytes), "chain of strings that is a loop or meets another");
    *last = 0;
    uint32_t other = (name_slot + 1) % MAKER_SLOTS, was = slots[other];
    slots[other] = sample.name; // before its own slot if that is a higher one
    check_text(check(maker.bytes), other < name_slot
                                       ? "string in a wrong slot"
                                       : "chain of strings that is a loop or meets another");
    slots[other] = was;
    slots[name_slot] = 0;
    check_text(check(maker.bytes), "number of strings");
    slots[other] = sample.name;
    check_text(check(maker.bytes), "string in a wrong slot");
}

// ---- line tables ----

static const struct line_row {
    const char *table;
    uint32_t bytes, code_count;
    const char *want;
} line_rows[] = {
    {"\2", 1, 2, "sound"},
    {"\2", 1, 1, "line table of another function"},
    {"\2", 1, 3, "line table of another function"},
    {"\1\1", 2, 2, "sound"},
    {"\176", 1, 126, "sound"},
    {"\177", 1, 1, "line table of another function"}, // ends at once
    {"\1\177\1", 3, 1, "sound"},
    {"\1\0\1", 3, 1, "sound"},
    {"\200\1", 2, 1, "sound"}, // a delta, then a count
    {"\1\200", 2, 1, "line table that is cut off"},
    {"\1\377\377", 3, 1, "line table that is cut off"},
    {"\377\377\1", 3, 1, "sound"},
    {"\1\200\0", 3, 1, "line table that is cut off"},
    {"\1\200\177", 3, 1, "line table that is cut off"},
    {"", 0, 1, "line table of another function"},
};

TEST(line_tables_are_as_long_as_the_code)
{
    for (size_t i = 0; i < sizeof line_rows / sizeof *line_rows; i++) {
        const struct line_row *row = &line_rows[i];
        uint32_t code[126];
        for (int pc = 0; pc < 126; pc++)
            code[pc] = op_abc(OP_RETURN, 0, 1, 0);
        maker_begin(&maker, words, BASE, 0);
        struct lfs_proto index = maker_empty(&maker, maker_text(&maker, "="));
        index.lines = maker_string(&maker, row->table, row->bytes) + 16;
        index.code = maker_words(&maker, code, 126);
        index.code_count = row->code_count;
        maker_end(&maker, maker_function(&maker, &index));
        check_text(check(maker.bytes), row->want);
    }
}

// ---- functions in functions ----

// A chain of functions, the index function the outermost.
static void make_nest(int depth)
{
    maker_begin(&maker, words, BASE, 0);
    uint32_t source = maker_text(&maker, "=nest"), inner = 0;
    struct lfs_proto p = maker_empty(&maker, source);
    for (int i = 0; i < depth; i++) {
        p.protos = inner ? maker_words(&maker, &inner, 1) : 0;
        p.proto_count = inner != 0;
        inner = maker_function(&maker, &p);
    }
    maker_end(&maker, inner);
}

TEST(functions_are_nested_as_deep_as_the_compiler_makes_them)
{
    make_nest(LFS_DEPTH_MAX);
    check_text(check(maker.bytes), "sound");
    make_nest(LFS_DEPTH_MAX + 1);
    check_text(check(maker.bytes), "functions nested too deep");
}

TEST(no_function_contains_itself)
{
    make_sample();
    uint32_t *sub = maker_word(&maker, sample.subs), was = *sub;
    *sub = sample.function;
    check_text(check(maker.bytes), "function that contains itself");
    *sub = sample.index;
    check_text(check(maker.bytes), "function that contains itself");
    *sub = was;
    // Shared: both of the index function's are the same one.
    const uint32_t both[] = {sample.function, sample.function};
    struct lfs_proto *index = (struct lfs_proto *)maker_word(&maker, sample.index);
    index->protos = maker_words(&maker, both, 2);
    index->proto_count = 2;
    words[1] = maker.bytes;
    check_text(check(maker.bytes), "sound");
}

// ---- the verifier ----

static uint32_t refused_pc;

// Looks at what it gets for the function with two sub-functions.
static const char *look(const struct lfs_function *f, uint32_t *pc)
{
    if (f->proto->proto_count < 2)
        return NULL;
    const struct maker_constant *constants = f->constants;
    CHECK_EQUAL(constants[0].tag, LFS_TAG_STRING);
    CHECK_EQUAL(constants[1].tag, LFS_TAG_BOOLEAN);
    CHECK_EQUAL(lfs_function_proto(f, 0)->stack_size, 2);
    CHECK_EQUAL(lfs_function_proto(f, 1)->stack_size, 5);
    *pc = refused_pc;
    return "refused";
}

TEST(the_verifier_sees_the_function_and_its_place_is_told)
{
    static struct lfs_marks marks;
    make_sample();
    struct lfs_proto *function = (struct lfs_proto *)maker_word(&maker, sample.function);
    uint32_t inner = *maker_word(&maker, sample.subs);
    struct lfs_proto other = *(struct lfs_proto *)maker_word(&maker, inner);
    other.stack_size = 5;
    const uint32_t both[] = {inner, maker_function(&maker, &other)};
    function->protos = maker_words(&maker, both, 2);
    function->proto_count = 2;
    words[1] = maker.bytes;
    for (refused_pc = 0; refused_pc < 4; refused_pc++) {
        int status = lfs_check(words, maker.bytes, BASE, NULL, look, &marks, &report);
        check_text(status, "refused");
        CHECK_EQUAL(report.off,
                    refused_pc < 2 ? sample.code - BASE + 4 * refused_pc : sample.function - BASE);
    }
}

// Damage in any function is found, not only in the first.
TEST(every_function_is_looked_at)
{
    make_sample();
    uint32_t inner = *maker_word(&maker, sample.subs);
    ((struct lfs_proto *)maker_word(&maker, inner))->gray = 4;
    check_text(check(maker.bytes), "function with a wrong head");
    CHECK_EQUAL(report.off, inner - BASE);
}

TEST_MAIN
