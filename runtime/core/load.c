// load.c: precompiled chunks into functions.
//
// Reads: a stream (format: runtime/format/lc.h). Memory: functions and their vectors, each made
//        with its exact size; a buffer for texts, given by the caller. Collection is blocked.
// Nothing in the file is trusted: a vector grows no faster than the file fills it, and each
// function is verified before it can run.
// Source: behaviour of NodeMCU 3.0: a float build also loads integer files; messages.

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/chunk.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/mem.h"
#include "runtime/core/str.h"
#include "runtime/core/verify.h"
#include "runtime/core/vm.h"
#include "runtime/format/lc.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define STEP_BYTES 16384u // what is allocated at once before the file has shown that it is needed
#define LINE_FILL 0x7F    // what an unread line table holds: its NUL must be its last byte

struct loader {
    lua_State *L;
    struct stream *stream;
    struct text_buffer *buffer;
    const char *name;         // for messages
    size_t start;             // position of the signature in the stream
    int is_swapped;           // other byte order
    int is_integral;          // numbers are 32-bit integers
    struct probe_order order; // of the functions so far
};

static _Noreturn void fail(struct loader *l, const char *what)
{
    lua_pushfstring(l->L, "%s: %s in precompiled chunk", l->name, what);
    call_throw(l->L, LUA_ERRSYNTAX);
}

// ---- pieces ----

static void read_bytes(struct loader *l, void *to, size_t bytes)
{
    if (stream_read(l->stream, to, bytes) != 0)
        fail(l, "unexpected end");
}

static int read_byte(struct loader *l)
{
    uint8_t byte;
    read_bytes(l, &byte, 1);
    return byte;
}

static uint32_t read_u32(struct loader *l)
{
    uint32_t n;
    read_bytes(l, &n, sizeof n);
    return l->is_swapped ? __builtin_bswap32(n) : n;
}

static int32_t read_int(struct loader *l)
{
    int32_t n = (int32_t)read_u32(l);
    if (n < 0)
        fail(l, "bad integer");
    return n;
}

static void skip_padding(struct loader *l)
{
    while ((stream_position(l->stream) - l->start) % LC_ALIGN != 0)
        read_byte(l);
}

static lua_Number read_number(struct loader *l)
{
    if (l->is_integral)
        return (lua_Number)(int32_t)read_u32(l);
#ifdef FROST_INTEGER
    fail(l, "bad constant"); // the header has been refused before
#else
    uint64_t bits;
    read_bytes(l, &bits, sizeof bits);
    if (l->is_swapped)
        bits = __builtin_bswap64(bits);
    double n;
    memcpy(&n, &bits, sizeof n);
    return n;
#endif
}

// How many of the items that are left to make now: as many as have been read, at least STEP_BYTES.
static size_t next_step(size_t done, size_t count, size_t item_bytes)
{
    size_t step = STEP_BYTES / item_bytes;
    if (step < done)
        step = done;
    return step < count - done ? step : count - done;
}

// Reads `bytes` characters into the buffer.
static char *read_text(struct loader *l, size_t bytes)
{
    char *text = NULL;
    for (size_t done = 0; done < bytes;) {
        size_t step = next_step(done, bytes, 1);
        text = buffer_room(l->L, l->buffer, done + step);
        read_bytes(l, text + done, step);
        done += step;
    }
    return text;
}

// A string, NULL if there is none.
static struct string *read_string(struct loader *l)
{
    uint32_t bytes = read_u32(l);
    if (bytes == 0)
        return NULL;
    if (bytes > INT32_MAX)
        fail(l, "bad integer");
    char *text = read_text(l, bytes);
    if (text[bytes - 1] != '\0')
        fail(l, "bad constant");
    return str_new_constant(l->L, text, bytes - 1);
}

// ---- parts of a function ----

static void load_code(struct loader *l, struct proto *p)
{
    size_t count = (size_t)read_int(l), done = 0;
    skip_padding(l);
    while (done < count) {
        size_t step = next_step(done, count, sizeof(uint32_t));
        uint32_t *code = mem_vector(l->L, DEREF(p->code), done, done + step, sizeof(uint32_t),
                                    KIND_CODE);
        REF_SET(p->code, code);
        p->code_count = (int32_t)(done + step);
        read_bytes(l, code + done, step * sizeof(uint32_t));
        for (size_t n = done; l->is_swapped && n < done + step; n++)
            code[n] = __builtin_bswap32(code[n]);
        done += step;
    }
}

static void load_constant(struct loader *l, struct value *k)
{
    switch (read_byte(l)) {
    case LC_TAG_NIL:
        break;
    case LC_TAG_BOOLEAN:
        value_set_boolean(k, read_byte(l) != 0);
        break;
    case LC_TAG_NUMBER:
        value_set_number(k, read_number(l));
        break;
    case LC_TAG_STRING: {
        struct string *s = read_string(l);
        if (s == NULL)
            fail(l, "bad constant");
        value_set_pointer(k, s, LUA_TSTRING);
        break;
    }
    default:
        fail(l, "bad constant");
    }
}

static void load_constants(struct loader *l, struct proto *p)
{
    size_t count = (size_t)read_int(l), done = 0;
    while (done < count) {
        size_t step = next_step(done, count, sizeof(struct value));
        struct value *constants = mem_vector(l->L, DEREF(p->constants), done, done + step,
                                             sizeof(struct value), KIND_CONSTANTS);
        REF_SET(p->constants, constants);
        p->constant_count = (int32_t)(done + step);
        // All bytes are set, so that equal files give equal memory.
        memset(constants + done, 0, step * sizeof(struct value));
        for (size_t end = done + step; done < end; done++)
            load_constant(l, constants + done);
    }
}

static struct proto *load_function(struct loader *l, struct string *outer_source);

static void load_functions(struct loader *l, struct proto *p)
{
    size_t count = (size_t)read_int(l), done = 0;
    while (done < count) {
        size_t step = next_step(done, count, sizeof(p->protos));
        void *protos = mem_vector(l->L, DEREF(p->protos), done, done + step, sizeof(p->protos),
                                  KIND_PROTO_VECTOR);
        memset((char *)protos + done * sizeof(p->protos), 0, step * sizeof(p->protos));
        p->protos.addr = ADDR32(protos);
        p->proto_count = (int32_t)(done + step);
        for (size_t end = done + step; done < end; done++)
            REF_SET(DEREF(p->protos)[done], load_function(l, DEREF(p->source)));
    }
}

// A line table ends with its only NUL: its block is freed by that length.
static int is_line_table(const uint8_t *lines, size_t bytes)
{
    return memchr(lines, 0, bytes) == lines + bytes - 1;
}

static void load_lines(struct loader *l, struct proto *p)
{
    size_t bytes = (size_t)read_int(l);
    skip_padding(l);
    if (bytes == 0)
        return;
    const char *text = bytes > STEP_BYTES ? read_text(l, bytes) : NULL;
    uint8_t *lines = mem_vector(l->L, NULL, 0, bytes, 1, KIND_LINES);
    memset(lines, LINE_FILL, bytes - 1);
    lines[bytes - 1] = 0;
    REF_SET(p->lines, lines);
    size_t missing = 0;
    if (text)
        memcpy(lines, text, bytes);
    else
        missing = stream_read(l->stream, lines, bytes);
    int is_good = missing == 0 && is_line_table(lines, bytes);
    if (!is_good) {
        memset(lines, LINE_FILL, bytes - 1);
        lines[bytes - 1] = 0;
        fail(l, missing ? "unexpected end" : "bad code");
    }
}

static void load_local_names(struct loader *l, struct proto *p)
{
    size_t count = (size_t)read_int(l), done = 0;
    while (done < count) {
        size_t step = next_step(done, count, sizeof(struct local_name));
        struct local_name *names = mem_vector(l->L, DEREF(p->local_names), done, done + step,
                                              sizeof(struct local_name), KIND_DEBUG_NAMES);
        memset(names + done, 0, step * sizeof(struct local_name));
        REF_SET(p->local_names, names);
        p->local_name_count = (int32_t)(done + step);
        for (size_t end = done + step; done < end; done++) {
            REF_SET(names[done].name, read_string(l));
            if (REF_IS_NULL(names[done].name))
                fail(l, "bad constant");
            names[done].pc_start = read_int(l);
            names[done].pc_end = read_int(l);
        }
    }
}

static void load_upvalue_names(struct loader *l, struct proto *p)
{
    int count = read_int(l);
    if (count > PROTO_UPVALUES(p))
        fail(l, "bad code");
    if (count == 0)
        return;
    void *names = mem_vector(l->L, NULL, 0, (size_t)count, sizeof(p->upvalue_names),
                             KIND_DEBUG_NAMES);
    memset(names, 0, (size_t)count * sizeof(p->upvalue_names));
    p->upvalue_names.addr = ADDR32(names);
    p->upvalue_name_count = count;
    for (int n = 0; n < count; n++)
        REF_SET(DEREF(p->upvalue_names)[n], read_string(l));
}

struct proto *(*chunk_function_loaded)(lua_State *L, struct proto *p);

static struct proto *load_function(struct loader *l, struct string *outer_source)
{
    lua_State *L = l->L;
    if (++L->c_calls > C_CALLS_MAX || PORT_STACK_IS_SHORT())
        fail(l, "code too deep");
    struct proto *p = func_new_proto(L);
    value_set_pointer(TOP(L), p, TAG_PROTO);
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
    struct string *source = read_string(l);
    REF_SET(p->source, source ? source : outer_source);
    p->line_defined = read_int(l);
    PROBE_FUNCTION(&l->order, p, p->line_defined);
    p->line_last_defined = read_int(l);
    p->upvalue_count_ = (uint8_t)read_byte(l);
    p->parameter_count_ = (uint8_t)read_byte(l);
    p->vararg_ = (uint8_t)read_byte(l);
    p->stack_size_ = (uint8_t)read_byte(l);
    load_code(l, p);
    load_constants(l, p);
    load_functions(l, p);
    load_lines(l, p);
    load_local_names(l, p);
    load_upvalue_names(l, p);
    int pc;
    if (verify_function(p, &pc) != NULL)
        fail(l, "bad code");
    if (chunk_function_loaded != NULL)
        p = chunk_function_loaded(L, p);
    TOP_SET(L, TOP(L) - 1);
    L->c_calls--;
    return p;
}

// ---- file ----

static void load_header(struct loader *l)
{
    static const uint8_t fixed[] = {LC_INT_BYTES, LC_LENGTH_BYTES, LC_INSTRUCTION_BYTES};
    uint8_t header[LC_HEADER_BYTES];
    read_bytes(l, header, sizeof header);
    int number_bytes = header[LC_OFF_NUMBER], integral = header[LC_OFF_INTEGRAL];
    int is_integer = number_bytes == LC_NUMBER_BYTES_INTEGER && integral == 1;
    int is_float = number_bytes == LC_NUMBER_BYTES_FLOAT && integral == 0;
#ifdef FROST_INTEGER
    is_float = 0;
#endif
    if (memcmp(header, LC_SIGNATURE, LC_SIGNATURE_BYTES) != 0 ||
        header[LC_OFF_VERSION] != LC_VERSION || header[LC_OFF_FORMAT] != LC_FORMAT ||
        header[LC_OFF_ORDER] > 1 || memcmp(header + LC_OFF_INT, fixed, sizeof fixed) != 0 ||
        (!is_integer && !is_float))
        fail(l, "bad header");
    l->is_swapped = header[LC_OFF_ORDER] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    l->is_integral = is_integer;
}

struct proto *load_bytecode(lua_State *L, struct stream *s, struct text_buffer *buffer,
                            const char *name)
{
    struct loader l = {.L = L, .stream = s, .buffer = buffer, .name = name};
    if (*name == '@' || *name == '=')
        l.name = name + 1;
    else if (*name == LC_SIGNATURE[0])
        l.name = "binary string";
    stream_peek(s);
    l.start = stream_position(s);
    load_header(&l);
    return load_function(&l, str_new(L, "=?", 2));
}
