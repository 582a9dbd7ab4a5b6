// object.h: values and collectable objects, laid out as on the chip.
//
// Every stored reference is 32 bits (runtime/format/ref.h). Sizes and the offsets of all fields
// that can lie in flash are NodeMCU 3.0's; the static asserts below pin them in every port.
// Memory: objects belong to the collector, those in the flash window to their image.
//
// Byte fields of objects that may lie in flash (tag, marked, counts of a function) are read only
// through the functions here: on the chip they load the whole word.

#ifndef FROST_CORE_OBJECT_H
#define FROST_CORE_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lua.h"
#include "runtime/format/address_map.h"
#include "runtime/format/ref.h"

// ---- types of values ----

// Tags beyond those of lua.h; the base type is tag & 15.
#define TAG_PROTO 9
#define TAG_UPVALUE 10
#define TAG_DEAD_KEY 11
#define TAG_ROTABLE (LUA_TTABLE + 16)           // 21
#define TAG_LIGHT_FUNCTION (LUA_TFUNCTION + 32) // 38
// A table that was frozen: struct table in flash, for reading only. Its tag differs, in values and
// in its own header, so that nothing that stores into tables takes it for one.
#define TAG_FROZEN_TABLE (LUA_TTABLE + 32) // 37
#define TAG_BASE(tag) ((tag)&15)

struct object;
struct string;
struct table;
struct closure;
struct userdata;
struct rotable;

// A 64-bit processor copies eight bytes at a time; it has to wait if only four of them were written
// a moment ago.
#if !defined(FROST_INTEGER) && UINTPTR_MAX > UINT32_MAX
#define VALUE_IN_ONE_STORE 1
#else
#define VALUE_IN_ONE_STORE 0
#endif

// A value: 12 bytes in float builds, 8 in integer builds; aligned to 4.
struct value {
    union {
        REF(struct object) object;
        uint32_t pointer; // light userdata, light C function, ROTable
        int32_t boolean;
        lua_Number number;
#if VALUE_IN_ONE_STORE
        uint64_t bits; // pointer or boolean, all of it written at once
#endif
    } __attribute__((packed, aligned(4))) as;
    int32_t tag;
} __attribute__((packed, aligned(4)));

// ---- headers ----

#define OBJECT_HEADER                                                                              \
    REF(struct object) next;                                                                       \
    uint8_t tag_;                                                                                  \
    uint8_t marked_

struct object {
    OBJECT_HEADER;
    uint16_t rest;
};

// `marked` bits.
#define MARK_WHITE0 0x01
#define MARK_WHITE1 0x02
#define MARK_BLACK 0x04
#define MARK_FINALIZED 0x08  // userdata: finalizer called
#define MARK_WEAK_KEY 0x08   // table
#define MARK_WEAK_VALUE 0x10 // table
#define MARK_FIXED 0x20
#define MARK_SUPER_FIXED 0x40 // main thread; also every object of an image
#define MARK_FLASH 0x40
#define MARK_READ_ONLY 0x80
#define MARK_WHITES (MARK_WHITE0 | MARK_WHITE1)

// Flash gives whole words only, so byte fields are cut out of their words on the chip. The traced
// build counts its loads of flash and reads as the chip does.
#if defined(__XTENSA__) || defined(FROST_TRACED)
#define READS_BY_WORDS 1
#else
#define READS_BY_WORDS 0
#endif

#if READS_BY_WORDS
#define OBJECT_WORD(o) (((const uint32_t *)(const void *)(o))[1])
#define OBJECT_TAG(o) ((int)(OBJECT_WORD(o) & 255u))
#define OBJECT_MARKED(o) ((int)(OBJECT_WORD(o) >> 8 & 255u))
#else
#define OBJECT_TAG(o) ((int)(o)->tag_)
#define OBJECT_MARKED(o) ((int)(o)->marked_)
#endif

// A string; its characters and a final NUL follow the header.
struct string {
    OBJECT_HEADER;
    uint16_t flags; // 0 in images; RAM: 0 or the freezer's (runtime/freezer/mark.h)
    uint32_t hash;
    uint32_t bytes; // without the NUL
};

// `flags` of a string that has moved to flash, but whose text C code may still look at: nothing
// refers to it, and its hash is changed, so that nobody finds it.
#define STRING_LEFT_BEHIND 0xFFFFu

struct userdata {
    OBJECT_HEADER;
    uint16_t pad_;
    REF(struct table) metatable;
    REF(struct table) environment;
    uint32_t bytes;
    uint32_t pad2_; // content starts at 24
};

// ---- functions ----

struct local_name {
    REF(struct string) name;
    int32_t pc_start;
    int32_t pc_end;
};

struct proto {
    OBJECT_HEADER;
    uint16_t flags; // 0 in images; RAM: 0 or the freezer's; frozen: 0 or probe_function_nth()
    REF(struct value) constants;
    REF(uint32_t) code;
    REF(REF(struct proto)) protos;
    REF(const uint8_t) lines; // packed; in flash it points 16 bytes into a string
    REF(struct local_name) local_names;
    REF(REF(struct string)) upvalue_names;
    REF(struct string) source;
    int32_t upvalue_name_count;
    int32_t constant_count;
    int32_t code_count;
    int32_t proto_count;
    int32_t local_name_count;
    int32_t line_defined;
    int32_t line_last_defined;
    REF(struct object) gray;
    uint8_t upvalue_count_;
    uint8_t parameter_count_;
    uint8_t vararg_; // VARARG_ bits
    uint8_t stack_size_;
};

#define VARARG_HAS_ARG 1
#define VARARG_IS 2
#define VARARG_NEEDS_ARG 4

#if READS_BY_WORDS
#define PROTO_BYTES(p) (((const uint32_t *)(const void *)(p))[17])
#define PROTO_UPVALUES(p) ((int)(PROTO_BYTES(p) & 255u))
#define PROTO_PARAMETERS(p) ((int)(PROTO_BYTES(p) >> 8 & 255u))
#define PROTO_VARARG(p) ((int)(PROTO_BYTES(p) >> 16 & 255u))
#define PROTO_STACK_SIZE(p) ((int)(PROTO_BYTES(p) >> 24))
#else
#define PROTO_UPVALUES(p) ((int)(p)->upvalue_count_)
#define PROTO_PARAMETERS(p) ((int)(p)->parameter_count_)
#define PROTO_VARARG(p) ((int)(p)->vararg_)
#define PROTO_STACK_SIZE(p) ((int)(p)->stack_size_)
#endif

struct upvalue {
    OBJECT_HEADER;
    uint16_t pad_;
    REF(struct value) value; // into a stack, or at `closed`
    union {
        struct value closed;
        struct { // while open: the list of all open upvalues
            REF(struct upvalue) prev;
            REF(struct upvalue) next;
        } open;
    } __attribute__((packed, aligned(4))) u;
};

#define CLOSURE_HEADER                                                                             \
    OBJECT_HEADER;                                                                                 \
    uint8_t is_c;                                                                                  \
    uint8_t upvalue_count;                                                                         \
    REF(struct object) gray;                                                                       \
    REF(struct table) environment /* flash: 0, the state's globals (closure_environment) */

#if READS_BY_WORDS
#define CLOSURE_IS_C(c) ((int)(OBJECT_WORD(c) >> 16 & 255u))
#define CLOSURE_UPVALUES(c) ((int)(OBJECT_WORD(c) >> 24))
#else
#define CLOSURE_IS_C(c) ((int)(c)->is_c)
#define CLOSURE_UPVALUES(c) ((int)(c)->upvalue_count)
#endif

struct c_closure {
    CLOSURE_HEADER;
    uint32_t function; // address of a lua_CFunction
    struct value upvalues[];
};

struct lua_closure {
    CLOSURE_HEADER;
    REF(struct proto) proto;
    REF(struct upvalue) upvalues[];
};

struct closure {
    CLOSURE_HEADER;
    uint32_t body; // c.function or lua.proto
};

// ---- tables ----

// The key of a node, with the link to the next node of its chain.
struct node_key {
    struct value value;
    REF(struct node) next;
};

struct node {
    struct value value;
#ifndef FROST_INTEGER
    uint32_t pad_; // the key part keeps 8-byte alignment
#endif
    struct node_key key;
};

struct table {
    OBJECT_HEADER;
    uint8_t absent; // bit n set: metamethod n is known to be absent
    uint8_t node_count_log2;
    REF(struct table) metatable;
    REF(struct value) array;
    REF(struct node) nodes;
    REF(struct node) free_node; // all free nodes lie below this one
    REF(struct object) gray;
    int32_t array_count;
};

#if READS_BY_WORDS
#define TABLE_ABSENT(t) ((int)(OBJECT_WORD(t) >> 16 & 255u))
#define TABLE_LOG2(t) ((int)(OBJECT_WORD(t) >> 24))
#else
#define TABLE_ABSENT(t) ((int)(t)->absent)
#define TABLE_LOG2(t) ((int)(t)->node_count_log2)
#endif

// ---- sizes, NodeMCU 3.0's ----

#ifdef FROST_INTEGER
#define VALUE_BYTES 8
#define NODE_BYTES 20
#define UPVALUE_BYTES 20
#else
#define VALUE_BYTES 12
#define NODE_BYTES 32
#define UPVALUE_BYTES 24
#endif

_Static_assert(sizeof(struct value) == VALUE_BYTES, "value");
_Static_assert(sizeof(struct node) == NODE_BYTES, "node");
_Static_assert(offsetof(struct node, key) == (VALUE_BYTES == 12 ? 16 : 8), "node key");
_Static_assert(sizeof(struct node_key) == VALUE_BYTES + 4, "node key");
_Static_assert(sizeof(struct table) == 32 && offsetof(struct table, metatable) == 8, "table");
_Static_assert(offsetof(struct table, array) == 12 && offsetof(struct table, array_count) == 28,
               "table");
_Static_assert(sizeof(struct string) == 16 && offsetof(struct string, hash) == 8, "string");
_Static_assert(sizeof(struct userdata) == 24, "userdata");
_Static_assert(sizeof(struct proto) == 72 && offsetof(struct proto, lines) == 20, "proto");
_Static_assert(offsetof(struct proto, source) == 32 && offsetof(struct proto, gray) == 64, "proto");
_Static_assert(sizeof(struct local_name) == 12, "local name");
_Static_assert(sizeof(struct upvalue) == UPVALUE_BYTES, "upvalue");
_Static_assert(sizeof(struct closure) == 20 && offsetof(struct closure, gray) == 8, "closure");
_Static_assert(offsetof(struct lua_closure, upvalues) == 20, "closure");

// ---- access to values ----

#define VALUE_TAG(v) ((v)->tag)
#define VALUE_IS(v, t) (VALUE_TAG(v) == (t))
#define VALUE_IS_NIL(v) VALUE_IS(v, LUA_TNIL)
#define VALUE_IS_NUMBER(v) VALUE_IS(v, LUA_TNUMBER)
#define VALUE_IS_STRING(v) VALUE_IS(v, LUA_TSTRING)
#define VALUE_IS_TABLE(v) VALUE_IS(v, LUA_TTABLE)
#define VALUE_IS_FROZEN_TABLE(v) VALUE_IS(v, TAG_FROZEN_TABLE)
// A struct table that may be read.
#define VALUE_HAS_TABLE(v) ((VALUE_TAG(v) & ~(TAG_FROZEN_TABLE ^ LUA_TTABLE)) == LUA_TTABLE)
#define VALUE_IS_ROTABLE(v) VALUE_IS(v, TAG_ROTABLE)
#define VALUE_IS_CLOSURE(v) VALUE_IS(v, LUA_TFUNCTION)
#define VALUE_IS_LIGHT_FUNCTION(v) VALUE_IS(v, TAG_LIGHT_FUNCTION)
#define VALUE_IS_USERDATA(v) VALUE_IS(v, LUA_TUSERDATA)
#define VALUE_IS_THREAD(v) VALUE_IS(v, LUA_TTHREAD)
#define VALUE_IS_BOOLEAN(v) VALUE_IS(v, LUA_TBOOLEAN)
#define VALUE_BASE(v) TAG_BASE(VALUE_TAG(v))
// nil and false are false
#define VALUE_IS_FALSE(v) (VALUE_IS_NIL(v) || (VALUE_IS_BOOLEAN(v) && (v)->as.boolean == 0))
// A collectable value has a plain tag from string up; read-only tables and light functions not.
#define VALUE_IS_OBJECT(v) ((uint32_t)VALUE_TAG(v) - LUA_TSTRING <= TAG_UPVALUE - LUA_TSTRING)

#define VALUE_NUMBER(v) ((v)->as.number)
#define VALUE_OBJECT(v) DEREF((v)->as.object)
#define VALUE_POINTER_(v, T) ((T *)(uintptr_t)(v)->as.pointer)
#define VALUE_STRING(v) VALUE_POINTER_(v, struct string)
#define VALUE_TABLE(v) VALUE_POINTER_(v, struct table)
#define VALUE_ROTABLE(v) VALUE_POINTER_(v, const struct rotable)
#define VALUE_CLOSURE(v) VALUE_POINTER_(v, struct closure)
#define VALUE_LUA_CLOSURE(v) VALUE_POINTER_(v, struct lua_closure)
#define VALUE_C_CLOSURE(v) VALUE_POINTER_(v, struct c_closure)
#define VALUE_USERDATA(v) VALUE_POINTER_(v, struct userdata)
#define VALUE_THREAD(v) VALUE_POINTER_(v, struct lua_State)
#define VALUE_FUNCTION(v) ((lua_CFunction)(uintptr_t)(v)->as.pointer)

#define STRING_TEXT(s) ((char *)((s) + 1))
#define VALUE_TEXT(v) STRING_TEXT(VALUE_STRING(v))
// A character of a text that may lie in flash.
static inline char text_char(const char *text, size_t idx)
{
#if READS_BY_WORDS
    uintptr_t addr = (uintptr_t)text + idx;
    return (char)(*(const uint32_t *)(addr & ~(uintptr_t)3) >> addr % 4 * 8);
#else
    return text[idx];
#endif
}
#define USERDATA_CONTENT(u) ((void *)((u) + 1))

static inline void value_set_nil(struct value *v)
{
    v->tag = LUA_TNIL;
}

static inline void value_set_number(struct value *v, lua_Number n)
{
    v->as.number = n;
    v->tag = LUA_TNUMBER;
}

static inline void value_set_boolean(struct value *v, int b)
{
#if VALUE_IN_ONE_STORE
    v->as.bits = (uint32_t)b;
#else
    v->as.boolean = b;
#endif
    v->tag = LUA_TBOOLEAN;
}

// `tag` is the tag of the object (LUA_TSTRING, LUA_TTABLE ...), or TAG_ROTABLE,
// TAG_LIGHT_FUNCTION, LUA_TLIGHTUSERDATA with a pointer below 4 GiB.
static inline void value_set_pointer(struct value *v, const void *p, int tag)
{
#if VALUE_IN_ONE_STORE
    v->as.bits = ADDR32(p);
#else
    v->as.pointer = ADDR32(p);
#endif
    v->tag = tag;
}

#define TABLE_NODE_COUNT(t) (1 << TABLE_LOG2(t))

#endif
