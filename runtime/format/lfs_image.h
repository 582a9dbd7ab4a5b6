// lfs_image.h: the LFS image of NodeMCU 3.0's Lua 5.1, byte by byte.
//
// Written by runtime/luac/image_build.c; read by runtime/flash (check, relocate, mount) and
// analyzer/image. Everything is little-endian; a word has 32 bits; everything is aligned to 4, also
// doubles. Source: images of NodeMCU's luac.cross and the firmware's loader (format version 1).
//
// File forms
//   relocatable  one gzip member (below) that holds the image, then the relocation bitmap
//   absolute     the image alone, uncompressed, pointers final for one address
//
// Pointer words
//   relocatable  word offset of the target in the image (byte offset / 4); its bitmap bit is set
//   absolute     base address + byte offset of the target
//   NULL         0 in both forms, bitmap bit clear (word 0 is the header and never a target)
//
// Bitmap: LFS_BITMAP_WORDS(words of the image) words; bit i & 31 of word i / 32 belongs to image
// word i. Unused bits of the last word are 0. All bits 0: nothing to relocate (an absolute image
// inside gzip, which the firmware's loader accepts).
//
// Order, each part aligned to 4, without gaps
//   1  struct lfs_header
//   2  string slots: slot_count pointers to strings (0: empty slot)
//   3  strings, each: struct lfs_string, characters, NUL, zeros up to a multiple of 4
//   4  functions, sub-functions first, each: pointers to its sub-functions, constants, code, local
//      names, pointers to upvalue names, struct lfs_proto. The index function comes last.
//   All pointers but those of the header lead backwards. A reader accepts any order, and functions
//   that share constants, code, vectors or whole sub-functions.
//
// Linked images: an image for a region after others (LFS devs, freezer) may use strings of the
// images in the regions before it, and holds no text that one of them has.
//   in a file  (LFS devs; relocatable form only) such a pointer is LFS_BELOW_WORDS + the word
//   offset
//              of the string in the core image, its bitmap bit is set; linked_crc is that image's
//              name (below). So the file serves wherever core lies.
//   in flash   it is an address; linked_crc is the CRC-32 (gzip's) of the images below as they lie
//              there, one after the other.
// Images of the firmware's compiler have 0.
// Name of a core image: CRC-32 over words: image_bytes, string_count, slot_count, the words of its
// build time (the value of the index function's last constant: one, or two in float builds); then
// for each string, in the order of slots and chains: its byte offset, hash, length, and the words
// of its text with NUL and zeros. Two images of one name have the same strings at the same places,
// which is all that a linked image relies on. 0 is taken for 1.
// In flash, images of LFS devs have the number of their replacement in `fill`, from 1 on.
//
// String table: slot = hash & (slot_count - 1); strings of a slot are chained through `next`, the
// last one has 0. Each text stands once. slot_count is a power of two: luac.cross makes
// lfs_slot_count(string_count); the firmware takes whatever the header says, and so do our readers.
// The hash is runtime/format/string_hash.h's.
//
// Constants: LFS_VALUE_BYTES_* each: the value (double, 32-bit integer, pointer to a string, 0 or
// 1), then the type tag as a word. Tags in images: 0 nil, 1 boolean, 3 number, 4 string. Words of a
// float build's constant that its value does not use are 0.
//
// Line table: a string of the string table with packed bytes (below); lfs_proto.lines points at its
// first CHARACTER, 16 bytes after the header. 0: no lines.
//   Repeats of: line delta, count byte 1..126 (instructions on that line). Ends with NUL or 0x7F.
//   State starts at line 0. No delta bytes: +1. First delta byte: bit 7 set, bit 6 sign, bits 0-5
//   low bits of v; further bytes: bit 7 set, 7 more bits of v each. Plus: v + 2 lines forward;
//   minus: v lines back.
//
// Index function: 1 parameter, no lines, constants: n module names, then the build time (number);
// sub-function i is module i. Called with a name it returns that module's closure, with anything
// else the time and a list of all names. 5n + 5 instructions:
//   n times  EQ 0 0 K(i); JMP +2 (A 0); CLOSURE 1 i; RETURN 1 2
//   then     LOADK 1 K(n); NEWTABLE 2 n 0; n times LOADK 3+i K(i); SETLIST 2 n 1; RETURN 1 3;
//            RETURN 0 1
//
// gzip member: the firmware reads the unpacked length (image + bitmap) from the last 4 bytes of the
// file, accepts stored, static and dynamic blocks, and refuses files of LFS_FILE_BYTES_MIN bytes
// and less, matches that reach further back than LFS_GZIP_WINDOW_BYTES, and matches that read
// output byte 0.
//
// In flash the word `signature` is written last as it is; before that it has LFS_WRITING set. At
// boot it must equal the build's signature apart from LFS_ABSOLUTE.

#ifndef FROST_FORMAT_LFS_IMAGE_H
#define FROST_FORMAT_LFS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

// ---- signature ----

#define LFS_SIGNATURE 0xFAFAA150u // with format version 1
#define LFS_SIGNATURE_MASK 0xFFFFFFF0u
#define LFS_VERSION_MASK 0x00000F00u
#define LFS_ABSOLUTE 0x01u // absolute image
#define LFS_INTEGER 0x02u  // integer build; never with LFS_PACKED
#define LFS_PACKED 0x04u   // constants of 12 bytes; float builds
#define LFS_WRITING 0x08u  // write in progress; never in a file

// Signatures of the two builds; runtime build: LFS_SIGNATURE_BUILD.
#define LFS_SIGNATURE_FLOAT (LFS_SIGNATURE | LFS_PACKED)
#define LFS_SIGNATURE_INTEGER (LFS_SIGNATURE | LFS_INTEGER)
#ifdef FROST_INTEGER
#define LFS_SIGNATURE_BUILD LFS_SIGNATURE_INTEGER
#else
#define LFS_SIGNATURE_BUILD LFS_SIGNATURE_FLOAT
#endif

// ---- limits ----

#define LFS_IMAGE_BYTES_MAX 0x40000u // an image and what the compiler's buffer holds
#define LFS_MODULES_MAX 50           // names fit one SETLIST
#define LFS_FILE_BYTES_MIN 200u      // the firmware refuses files that are not longer
#define LFS_GZIP_WINDOW_BYTES 16384u // largest match distance
#define LFS_SLOTS_ERASED 0xFFFFFFFFu // string_slots of erased flash: no image
#define LFS_BELOW_WORDS 0x10000u     // pointer words from here on lead into the image below

// Absolute addresses that are accepted: LFS_ADDR_MIN + 0 .. LFS_ADDR_SPAN.
#define LFS_ADDR_MIN 0x40210000u
#define LFS_ADDR_SPAN 0x100000u

_Static_assert(LFS_BELOW_WORDS >= LFS_IMAGE_BYTES_MAX / 4, "no offset in an image leads out of it");

// ---- parts ----

#define LFS_VALUE_BYTES_INTEGER 8 // tag at 4
#define LFS_VALUE_BYTES_PACKED 12 // tag at 8
#define LFS_VALUE_BYTES_PLAIN 16  // float without LFS_PACKED: tag at 8, then padding
#define LFS_TAG_NIL 0u
#define LFS_TAG_BOOLEAN 1u
#define LFS_TAG_NUMBER 3u
#define LFS_TAG_STRING 4u

struct lfs_header {
    uint32_t signature;
    uint32_t image_bytes;  // header included, bitmap not; a multiple of 4
    uint32_t main_proto;   // pointer: index function
    uint32_t string_slots; // pointer: slots; always directly after the header
    uint32_t string_count;
    uint32_t slot_count;
    uint32_t linked_crc; // of the images that this one was linked against, 0: none
    uint32_t fill;       // 0; LFS devs in flash: number of the replacement
};

#define LFS_STRING_TAG 4       // tag of a string
#define LFS_STRING_MARKED 0x40 // flash bit, no white bit

struct lfs_string {
    uint32_t next; // pointer: next string of the slot
    uint8_t tag;
    uint8_t marked;
    uint16_t flags; // 0
    uint32_t hash;
    uint32_t bytes; // without the NUL
};

struct lfs_local {
    uint32_t name; // pointer: string
    uint32_t pc_start;
    uint32_t pc_end;
};

struct lfs_proto {
    uint32_t next;          // 0
    uint32_t header;        // 0; images of 2018-09 and before: tag 9, mark 0x40 (0x4009)
    uint32_t constants;     // pointer
    uint32_t code;          // pointer
    uint32_t protos;        // pointer: vector of pointers to sub-functions
    uint32_t lines;         // pointer: first character of a string, or 0
    uint32_t local_names;   // pointer: struct lfs_local
    uint32_t upvalue_names; // pointer: vector of pointers to strings
    uint32_t source;        // pointer: string
    uint32_t upvalue_name_count;
    uint32_t constant_count;
    uint32_t code_count;
    uint32_t proto_count;
    uint32_t local_name_count;
    uint32_t line_defined;
    uint32_t line_last_defined;
    uint32_t gray; // 0
    uint8_t upvalue_count;
    uint8_t parameter_count;
    uint8_t vararg;     // bits as in .lc files
    uint8_t stack_size; // registers, 2..250
};

#define LFS_PROTO_HEADER_OLD 0x4009u

_Static_assert(sizeof(struct lfs_header) == 32, "header of an image");
_Static_assert(sizeof(struct lfs_string) == 16 && offsetof(struct lfs_string, hash) == 8,
               "string of an image");
_Static_assert(sizeof(struct lfs_local) == 12, "local name of an image");
_Static_assert(sizeof(struct lfs_proto) == 72 && offsetof(struct lfs_proto, source) == 32 &&
                   offsetof(struct lfs_proto, code_count) == 44 &&
                   offsetof(struct lfs_proto, upvalue_count) == 68,
               "function of an image");

// Words of the bitmap of an image of that many words.
#define LFS_BITMAP_WORDS(words) (((words) + 31u) / 32u)

// Slots of a table of `strings` strings: 2 << floor(log2(strings)); 2 for none.
static inline uint32_t lfs_slot_count(uint32_t strings)
{
    uint32_t slots = 2;
    while (strings > 1) {
        strings >>= 1;
        slots <<= 1;
    }
    return slots;
}

// Bytes of a constant by the signature.
static inline uint32_t lfs_value_bytes(uint32_t signature)
{
    if (signature & LFS_INTEGER)
        return LFS_VALUE_BYTES_INTEGER;
    return signature & LFS_PACKED ? LFS_VALUE_BYTES_PACKED : LFS_VALUE_BYTES_PLAIN;
}

#endif
