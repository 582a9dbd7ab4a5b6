// image_reader.h: LFS images and `.lc` files as a model that analyses walk.
//
// Reads: relocatable images (gzip), the same unpacked, absolute images, the content of an LFS
//        partition, and precompiled chunks (`.lc`); float and integer, packed or not. The whole
//        structure is checked before a model is handed out: header, every pointer, string table,
//        every function, constants, line tables, bytecode.
// Memory: the model and a copy of the bytes live in the caller's arena. No global state.
// Source: runtime/format/lfs_image.h, runtime/format/lc.h. Shares no code with the runtime, so the
//         two check each other.
//
// Every byte has exactly one label: image->spans is sorted, without gaps and without overlap, and
// its sizes add up to image->bytes. What nothing refers to is labelled IMAGE_UNKNOWN.

#ifndef FROST_IMAGE_READER_H
#define FROST_IMAGE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/hash_table.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"

enum image_form {
    IMAGE_RELOCATABLE, // gzip: image and relocation bitmap
    IMAGE_UNPACKED,    // the same without gzip (the device does not take it)
    IMAGE_ABSOLUTE,    // image with final addresses: a file of `-a`, or what lies in flash
    IMAGE_CHUNK,       // a `.lc` file
};

// What a byte is for. X(name, text for reports)
#define IMAGE_LABELS(X)                                                                            \
    X(IMAGE_HEADER, "header")                                                                      \
    X(IMAGE_HASH_VECTOR, "hash vector")                                                            \
    X(IMAGE_STRING_HEADER, "string headers") /* in a .lc: the length words */                      \
    X(IMAGE_STRING_TEXT, "string text")      /* with the NUL */                                    \
    X(IMAGE_STRING_PADDING, "string padding")                                                      \
    X(IMAGE_CONSTANTS, "constants") /* in a .lc: count, tags, numbers */                           \
    X(IMAGE_CODE, "code")                                                                          \
    X(IMAGE_FUNCTIONS, "functions") /* the 72-byte records; .lc: their fields */                   \
    X(IMAGE_FUNCTION_VECTORS, "function vectors")                                                  \
    X(IMAGE_LOCAL_NAMES, "local names")                                                            \
    X(IMAGE_UPVALUE_NAMES, "upvalue names")                                                        \
    X(IMAGE_LINES, "line tables") /* .lc only; in images they are strings */                       \
    X(IMAGE_PADDING, "padding")   /* .lc only */                                                   \
    X(IMAGE_UNKNOWN, "unknown")

#define IMAGE_LABEL_ITEM(name, text) name,
enum image_label { IMAGE_LABELS(IMAGE_LABEL_ITEM) IMAGE_LABEL_COUNT };
#undef IMAGE_LABEL_ITEM

// Special owners, in place of the index of a module, function or string.
#define IMAGE_BYTES_LIMIT 0x4000000u // of a .lc; images are far smaller
#define IMAGE_NONE (-1)   // nobody; of a module: the index function or the image as a whole
#define IMAGE_SHARED (-2) // used by several modules

// A run of bytes with one label and one owner.
struct image_span {
    uint32_t off;   // from the start of the image (.lc: of the file)
    uint32_t bytes; // > 0
    enum image_label label;
    int32_t function; // index, or IMAGE_NONE; a part that is shared belongs to the first user
    int32_t string;   // index, or IMAGE_NONE
    int32_t module;   // index, IMAGE_NONE or IMAGE_SHARED (strings)
};

// What refers to a string.
#define IMAGE_USE_CONSTANT 1u
#define IMAGE_USE_SOURCE 2u
#define IMAGE_USE_LINES 4u   // it is the packed line table of a function
#define IMAGE_USE_NAME 8u    // of a local variable or an upvalue
#define IMAGE_USE_MODULE 16u // a module's name in the index function

struct image_string {
    struct text text; // without the NUL
    uint32_t off;     // of the header; .lc: of the first one's length word
    uint32_t bytes;   // header, text, NUL and padding; .lc: of all occurrences together
    uint32_t hash;
    uint32_t use_count;  // references from functions (and, in a .lc, occurrences)
    uint32_t uses;       // IMAGE_USE_ bits
    uint32_t code_count; // functions whose code has it: fewer where they share constants
    int32_t module;      // the only module that refers to it, IMAGE_SHARED, or IMAGE_NONE
    int32_t next;        // string of the same slot of the hash vector, or IMAGE_NONE
    bool is_below;       // it lies in the core image: `off` is there, and it costs 0 bytes here
};

// A constant; `tag` is 0 nil, 1 boolean, 3 number, 4 string.
struct image_constant {
    uint8_t tag;
    bool boolean;
    int32_t string; // index, or IMAGE_NONE
    double number;
};

struct image_local {
    int32_t name; // string index; IMAGE_NONE in a .lc without the name
    int32_t pc_begin, pc_end;
};

struct image_function {
    uint32_t off;                            // of the record
    int32_t parent;                          // function index, or IMAGE_NONE for the outermost one
    int32_t module;                          // index, or IMAGE_NONE for the index function
    int32_t source;                          // string index, or IMAGE_NONE
    uint32_t depth;                          // 0 for the outermost function
    int32_t line_defined, line_last_defined; // 0 for a main chunk
    uint32_t nth; // of the module's functions that begin on that line, from 1; 0 not known
    uint8_t upvalue_count, parameter_count, vararg, stack_size;
    const uint32_t *code; // code_count instructions, runtime/format/opcode.h
    uint32_t code_off, code_count;
    const struct image_constant *constants;
    uint32_t constants_off, constant_count;
    uint32_t constants_used;  // of them, by its code; functions may share one vector for all
    const int32_t *functions; // indices of the functions defined inside
    uint32_t functions_off, function_count;
    struct text lines; // packed line table without its NUL; empty if stripped
    const struct image_local *locals;
    uint32_t local_count;
    const int32_t *upvalue_names; // string indices
    uint32_t upvalue_name_count;  // 0 or upvalue_count
};

struct image_module {
    struct text name;
    int32_t function; // its main function
};

struct image {
    struct text file; // path or name as the user gave it
    enum image_form form;
    uint64_t file_bytes;
    uint32_t signature; // first word
    bool is_integer;
    bool is_packed;       // values of 12 bytes (float builds)
    uint32_t value_bytes; // of a constant: 8, 12 or 16
    uint32_t base_addr;   // address of the first byte, 0 if the image is relocatable
    const uint8_t *data;  // `bytes` bytes, pointers as in the file
    uint32_t bytes;       // of the image, without the bitmap; .lc: of the file
    uint32_t slot_count;  // of the hash vector; .lc: 0
    const int32_t *slots; // first string of each slot, or IMAGE_NONE
    const struct image_string *strings;
    uint32_t string_count;
    uint32_t below_count; // of them, in the core image that this one is linked against
    uint32_t linked_crc;  // name of that image, or CRC of what lies below (in flash); 0: none
    struct hash_table strings_by_text;
    const struct image_function *functions; // parents before children
    uint32_t function_count;
    int32_t main;                       // index function; .lc: the chunk
    const struct image_module *modules; // .lc: one, named after the file
    uint32_t module_count;
    int64_t build_time_s; // since 1970; 0 if unknown
    const struct image_span *spans;
    uint32_t span_count;
    uint32_t shared_bytes;       // used by more than one function (not strings), each counted once
    uint32_t match_distance_max; // of the gzip stream
};

struct image_options {
    uint32_t base_addr; // where an absolute image lies; 0: take it from the image
    bool allows_rest;   // raw form: bytes after the image are ignored (a partition's content)
    // Of a linked image (LFS devs): the core image. Without it, the texts that lie there are
    // unknown
    // ("core+0x1a4" stands for one), and that it is the right image is not checked.
    const struct image *core;
};

// Reads an image or chunk from bytes; their form is recognised from the first bytes.
//
// file     name for messages and model->file; must outlive the model.
// options  may be NULL.
// Errors:  STATUS_DAMAGED, STATUS_CUT_OFF, STATUS_VERSION (a signature or header that is not ours),
//          STATUS_LIMIT (the firmware's limits: window, size, modules), with the offset of the
//          fault in the unpacked image; in the file if that could not be unpacked.
int image_read(struct arena *arena, struct text file, const void *bytes, size_t count,
               const struct image_options *options, const struct image **image,
               struct problem *problem) __attribute__((warn_unused_result));

// Reads the file at `path`. Errors: also STATUS_NOT_FOUND, STATUS_IO.
int image_read_file(struct arena *arena, const char *path, const struct image_options *options,
                    const struct image **image, struct problem *problem)
    __attribute__((warn_unused_result));

// The name by which linked images know a core image (runtime/format/lfs_image.h).
uint32_t image_link_name(const struct image *core);

// Word for a label ("string text"). Static storage.
const char *image_label_name(enum image_label label);

// Bytes by label, for the whole image or for one part of it.
struct image_bytes {
    uint32_t by_label[IMAGE_LABEL_COUNT];
    uint32_t total;
};

#define IMAGE_ALL (-3) // as `module`: the whole image

// Sums the spans of a module (index, IMAGE_NONE, IMAGE_SHARED, IMAGE_ALL). The sums over all
// modules, IMAGE_NONE and IMAGE_SHARED are image->bytes.
void image_sum_module(const struct image *image, int32_t module, struct image_bytes *bytes);
// Sums what belongs to one function alone, without its strings and inner functions.
void image_sum_function(const struct image *image, int32_t function, struct image_bytes *bytes);

// The string with this text: its index, or IMAGE_NONE.
int32_t image_find_string(const struct image *image, struct text text);
// The module of that name: its index, or IMAGE_NONE.
int32_t image_find_module(const struct image *image, struct text name);

// What lies at an offset of the image.
struct image_place {
    const struct image_span *span;
    uint32_t item;     // instruction, constant, character, slot ... inside the span's owner
    uint32_t item_off; // byte inside the item
};

// Result: false if `off` lies outside the image.
bool image_find_off(const struct image *image, uint32_t off, struct image_place *place);
// The same for an address of the chip's map; `base_addr` is where the image lay (image_mounted).
bool image_find_addr(const struct image *image, uint32_t base_addr, uint32_t addr,
                     struct image_place *place);

// Writes what lies there in words: `string "hello" + 3`, `code of app.lua:12, instruction 5, line
// 14`. Result: bytes written without NUL; control characters are escaped.
size_t image_describe(const struct image *image, const struct image_place *place, char *out,
                      size_t out_bytes);

// Name of a function for reports: "app.lua:12", "app.lua main", "module index"; `?` without source.
size_t image_function_name(const struct image *image, int32_t function, char *out,
                           size_t out_bytes);

// Source line of instruction `pc` (from 0), 0 if it is not known.
int32_t image_function_line(const struct image_function *function, uint32_t pc);

#endif
