// dump.c: functions into precompiled chunks.
//
// Writes: through a lua_Writer (format: runtime/format/lc.h). Memory: none.
// Source: behaviour of NodeMCU 3.0.

#include <assert.h>
#include <string.h>

#include "runtime/core/chunk.h"
#include "runtime/core/vm.h"
#include "runtime/format/lc.h"
#include "runtime/probe/probe.h"

struct dumper {
    lua_State *L;
    lua_Writer writer;
    void *data;
    size_t position;
    int strip;
    int status; // first non-zero result of the writer; nothing is written after it
};

static void write_bytes(struct dumper *d, const void *from, size_t bytes)
{
    if (d->status == 0 && bytes > 0)
        d->status = d->writer(d->L, from, bytes, d->data);
    d->position += bytes;
}

static void write_byte(struct dumper *d, int byte)
{
    uint8_t b = (uint8_t)byte;
    write_bytes(d, &b, 1);
}

static void write_int(struct dumper *d, int32_t n)
{
    write_bytes(d, &n, sizeof n);
}

static void write_padding(struct dumper *d)
{
    static const uint8_t zeros[LC_ALIGN];
    write_bytes(d, zeros, (LC_ALIGN - d->position % LC_ALIGN) % LC_ALIGN);
}

static void write_string(struct dumper *d, const struct string *s)
{
    if (s == NULL) {
        write_int(d, 0);
        return;
    }
    assert(s->bytes < INT32_MAX && STRING_TEXT(s)[s->bytes] == '\0');
    PROBE_TEXT_TAKEN(d->L, STRING_TEXT(s)); // a dump comes from its constants
    write_int(d, (int32_t)s->bytes + 1);
    write_bytes(d, STRING_TEXT(s), s->bytes + 1);
}

static void write_constants(struct dumper *d, const struct proto *p)
{
    write_int(d, p->constant_count);
    for (int n = 0; n < p->constant_count; n++) {
        const struct value *k = DEREF(p->constants) + n;
        write_byte(d, VALUE_TAG(k));
        switch (VALUE_TAG(k)) {
        case LUA_TBOOLEAN:
            write_byte(d, k->as.boolean);
            break;
        case LUA_TNUMBER: {
            lua_Number number = VALUE_NUMBER(k);
            write_bytes(d, &number, sizeof number);
            break;
        }
        case LUA_TSTRING:
            write_string(d, VALUE_STRING(k));
            break;
        default:
            break;
        }
    }
}

static void write_debug(struct dumper *d, const struct proto *p)
{
    const char *lines = d->strip ? NULL : (const char *)DEREF(p->lines);
    size_t bytes = lines ? strlen(lines) + 1 : 0;
    write_int(d, (int32_t)bytes);
    write_padding(d);
    write_bytes(d, lines, bytes);

    int local_count = d->strip ? 0 : p->local_name_count;
    write_int(d, local_count);
    for (int n = 0; n < local_count; n++) {
        const struct local_name *local = DEREF(p->local_names) + n;
        write_string(d, DEREF(local->name));
        write_int(d, local->pc_start);
        write_int(d, local->pc_end);
    }
    int upvalue_count = d->strip ? 0 : p->upvalue_name_count;
    write_int(d, upvalue_count);
    for (int n = 0; n < upvalue_count; n++)
        write_string(d, DEREF(DEREF(p->upvalue_names)[n]));
}

static void write_function(struct dumper *d, const struct proto *p,
                           const struct string *outer_source)
{
    const struct string *source = DEREF(p->source);
    write_string(d, d->strip || source == outer_source ? NULL : source);
    write_int(d, p->line_defined);
    write_int(d, p->line_last_defined);
    write_byte(d, PROTO_UPVALUES(p));
    write_byte(d, PROTO_PARAMETERS(p));
    write_byte(d, PROTO_VARARG(p));
    write_byte(d, PROTO_STACK_SIZE(p));
    write_int(d, p->code_count);
    write_padding(d);
    write_bytes(d, DEREF(p->code), (size_t)p->code_count * sizeof(uint32_t));
    write_constants(d, p);
    write_int(d, p->proto_count);
    for (int n = 0; n < p->proto_count; n++)
        write_function(d, DEREF(DEREF(p->protos)[n]), source);
    write_debug(d, p);
}

int dump_bytecode(lua_State *L, const struct proto *p, lua_Writer writer, void *data, int strip)
{
    static const uint8_t header[LC_HEADER_BYTES] = {
        0x1B,
        'L',
        'u',
        'a',
        LC_VERSION,
        LC_FORMAT,
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
        LC_INT_BYTES,
        LC_LENGTH_BYTES,
        LC_INSTRUCTION_BYTES,
#ifdef FROST_INTEGER
        LC_NUMBER_BYTES_INTEGER,
        1,
#else
        LC_NUMBER_BYTES_FLOAT,
        0,
#endif
    };
    struct dumper d = {.L = L, .writer = writer, .data = data, .strip = strip};
    write_bytes(&d, header, sizeof header);
    write_function(&d, p, NULL);
    return d.status;
}
