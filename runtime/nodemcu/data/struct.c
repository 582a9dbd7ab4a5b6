// struct.c: the module struct: values to and from binary records.
//
// Reads and writes: arguments only. Memory: the record that pack builds.
// Source: documentation of the firmware's module struct; its behaviour in NodeMCU 3.0. Integers
// have 32 bits whatever their size in the record: wider fields are filled with zeros and cut when
// read.

#include <string.h>

#include "runtime/nodemcu/modules.h"

#define INTEGER_BYTES_MAX 32
#define INTEGER_BYTES 4
#define ALIGN_NATIVE 8

// What a format has said so far.
struct format {
    const char *at; // the next option
    int is_big_endian;
    int align_max;
};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int read_count(struct format *f, int otherwise)
{
    int count = 0;
    if (!is_digit(*f->at))
        return otherwise;
    for (; is_digit(*f->at); f->at++)
        count = count < 1 << 24 ? count * 10 + (*f->at - '0') : count;
    return count;
}

static void set_alignment(lua_State *L, struct format *f)
{
    f->align_max = read_count(f, ALIGN_NATIVE);
    if (f->align_max == 0 || (f->align_max & (f->align_max - 1)) != 0)
        luaL_error(L, "alignment is not a power of 2");
}

static int integer_bytes(lua_State *L, struct format *f)
{
    int bytes = read_count(f, INTEGER_BYTES);
    if (bytes > INTEGER_BYTES_MAX)
        luaL_error(L, "integral size %d is larger than limit of %d", bytes, INTEGER_BYTES_MAX);
    return bytes;
}

// Bytes of the field of an option; 0 for those without one, for `s` and for `c0`.
static int field_bytes(lua_State *L, struct format *f, char option)
{
    switch (option) {
    case 'b':
    case 'B':
    case 'x':
        return 1;
    case 'h':
    case 'H':
        return 2;
    case 'l':
    case 'L':
    case 'T':
        return 4;
    case 'i':
    case 'I':
        return integer_bytes(L, f);
    case 'c':
        return read_count(f, 1);
#ifndef FROST_INTEGER
    case 'f':
        return 4;
    case 'd':
        return 8;
#endif
    default:
        return 0;
    }
}

// Takes the next option with its number. 0 at the end of the format.
static char next_option(lua_State *L, struct format *f, int *bytes)
{
    char option = *f->at;
    if (option != '\0')
        f->at++;
    *bytes = field_bytes(L, f, option);
    return option;
}

// Bytes to leave out so that a field at `off` is aligned. Texts and single bytes need none.
static int padding(const struct format *f, char option, int bytes, size_t off)
{
    int align = bytes < f->align_max ? bytes : f->align_max;
    if (bytes == 0 || option == 'c' || align <= 1)
        return 0;
    return (int)((0 - off) & (size_t)(align - 1));
}

// Options that only change how the others are read.
static void set_mode(lua_State *L, struct format *f, char option)
{
    if (option == '<' || option == '>')
        f->is_big_endian = option == '>';
    else if (option == '!')
        set_alignment(L, f);
    else if (option != ' ')
        luaL_error(L, "invalid format option '%c'", option);
}

// ---- pack ----

static void add_integer(luaL_Buffer *b, const struct format *f, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        int place = f->is_big_endian ? bytes - 1 - i : i;
        luaL_addchar(b, place < INTEGER_BYTES ? (char)(value >> 8 * place & 255) : 0);
    }
}

#ifndef FROST_INTEGER
static void add_turned(luaL_Buffer *b, const struct format *f, const void *value, int bytes)
{
    const char *from = value;
    for (int i = 0; i < bytes; i++)
        luaL_addchar(b, from[f->is_big_endian ? bytes - 1 - i : i]);
}
#endif

static void add_text(lua_State *L, luaL_Buffer *b, int arg, char option, int bytes)
{
    size_t length;
    const char *text = luaL_checklstring(L, arg, &length);
    size_t wanted = bytes ? (size_t)bytes : length;
    luaL_argcheck(L, length >= wanted, arg, "string too short");
    luaL_addlstring(b, text, wanted);
    if (option == 's')
        luaL_addchar(b, '\0');
}

// Adds the field of an option with the argument `arg`; returns how many arguments it has used.
static int pack_field(lua_State *L, luaL_Buffer *b, struct format *f, int arg, char option,
                      int bytes)
{
    switch (option) {
    case 'b':
    case 'B':
    case 'h':
    case 'H':
    case 'l':
    case 'L':
    case 'T':
    case 'i':
    case 'I':
        add_integer(b, f, (uint32_t)luaL_checkinteger(L, arg), bytes);
        return 1;
    case 'x':
        luaL_addchar(b, '\0');
        return 0;
#ifndef FROST_INTEGER
    case 'f': {
        float value = (float)luaL_checknumber(L, arg);
        add_turned(b, f, &value, bytes);
        return 1;
    }
    case 'd': {
        double value = luaL_checknumber(L, arg);
        add_turned(b, f, &value, bytes);
        return 1;
    }
#endif
    case 's':
    case 'c':
        add_text(L, b, arg, option, bytes);
        return 1;
    default:
        set_mode(L, f, option);
        return 0;
    }
}

// Bytes of an option's field as the record has it.
static size_t packed_bytes(lua_State *L, int arg, char option, int bytes)
{
    size_t length = 0;
    if (option == 's' || (option == 'c' && bytes == 0)) {
        luaL_checklstring(L, arg, &length);
        return length + (option == 's');
    }
    return (size_t)bytes;
}

// struct.pack(format, ...)
static int struct_pack(lua_State *L)
{
    struct format f = {luaL_checkstring(L, 1), 0, 1};
    size_t off = 0;
    int arg = 2, bytes;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (char option; (option = next_option(L, &f, &bytes)) != '\0';) {
        int skipped = padding(&f, option, bytes, off);
        off += (size_t)skipped + packed_bytes(L, arg, option, bytes);
        while (skipped-- > 0)
            luaL_addchar(&b, '\0');
        arg += pack_field(L, &b, &f, arg, option, bytes);
    }
    luaL_pushresult(&b);
    return 1;
}

// ---- unpack ----

static int32_t read_integer(const struct format *f, const char *data, int bytes, int is_signed)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | (uint8_t)data[f->is_big_endian ? i : bytes - 1 - i];
    if (is_signed && bytes > 0 && bytes < INTEGER_BYTES && value >> (8 * bytes - 1) & 1)
        value |= ~0u << 8 * bytes;
    return (int32_t)value;
}

#ifndef FROST_INTEGER
static void read_turned(const struct format *f, const char *data, void *value, int bytes)
{
    char *to = value;
    for (int i = 0; i < bytes; i++)
        to[i] = data[f->is_big_endian ? bytes - 1 - i : i];
}
#endif

// A text whose length is the value read before it, which it replaces.
static size_t take_counted(lua_State *L, int first_result)
{
    if (lua_gettop(L) < first_result || !lua_isnumber(L, -1))
        luaL_error(L, "format `c0' needs a previous size");
    lua_Integer length = lua_tointeger(L, -1);
    lua_pop(L, 1);
    luaL_argcheck(L, length >= 0, 2, "data string too short");
    return (size_t)length;
}

// Pushes the value of an option's field at `data`, of which `left` bytes are there. Returns the
// bytes that it takes.
static size_t unpack_field(lua_State *L, struct format *f, const char *data, size_t left,
                           char option, int bytes, int first_result)
{
    size_t taken = (size_t)bytes;
    switch (option) {
    case 'b':
    case 'h':
    case 'l':
    case 'i':
        lua_pushinteger(L, read_integer(f, data, bytes, 1));
        break;
    case 'B':
    case 'H':
    case 'L':
    case 'T':
    case 'I':
        lua_pushinteger(L, read_integer(f, data, bytes, 0));
        break;
    case 'x':
        break;
#ifndef FROST_INTEGER
    case 'f': {
        float value;
        read_turned(f, data, &value, bytes);
        lua_pushnumber(L, value);
        break;
    }
    case 'd': {
        double value;
        read_turned(f, data, &value, bytes);
        lua_pushnumber(L, value);
        break;
    }
#endif
    case 'c':
        if (bytes == 0)
            taken = take_counted(L, first_result);
        luaL_argcheck(L, taken <= left, 2, "data string too short");
        lua_pushlstring(L, data, taken);
        break;
    case 's': {
        const char *end = memchr(data, '\0', left);
        if (end == NULL)
            luaL_error(L, "unfinished string in data");
        lua_pushlstring(L, data, (size_t)(end - data));
        return (size_t)(end - data) + 1;
    }
    default:
        set_mode(L, f, option);
    }
    return taken;
}

// struct.unpack(format, data [, position]): the values, and the position after the last.
static int struct_unpack(lua_State *L)
{
    struct format f = {luaL_checkstring(L, 1), 0, 1};
    size_t length;
    const char *data = luaL_checklstring(L, 2, &length);
    lua_Integer position = luaL_optinteger(L, 3, 1);
    luaL_argcheck(L, position >= 1 && (size_t)position - 1 <= length, 3, "data string too short");
    size_t off = (size_t)position - 1;
    int bytes;
    lua_settop(L, 3);
    int first = 4;
    for (char option; (option = next_option(L, &f, &bytes)) != '\0';) {
        off += (size_t)padding(&f, option, bytes, off);
        luaL_argcheck(L, off <= length && (size_t)bytes <= length - off, 2,
                      "data string too short");
        luaL_checkstack(L, 2, "too many results");
        off += unpack_field(L, &f, data + off, length - off, option, bytes, first);
    }
    lua_pushinteger(L, (lua_Integer)off + 1);
    return lua_gettop(L) - first + 1;
}

// struct.size(format): bytes of a record.
static int struct_size(lua_State *L)
{
    struct format f = {luaL_checkstring(L, 1), 0, 1};
    size_t off = 0;
    int bytes;
    for (char option; (option = next_option(L, &f, &bytes)) != '\0';) {
        off += (size_t)padding(&f, option, bytes, off) + (size_t)bytes;
        if (option == 's' || (option == 'c' && bytes == 0))
            luaL_argerror(L, 1,
                          option == 's' ? "option 's' has no fixed size"
                                        : "option 'c0' has no fixed size");
        if (bytes == 0)
            set_mode(L, &f, option);
    }
    lua_pushinteger(L, (lua_Integer)off);
    return 1;
}

ROTABLE_BEGIN(struct_lib)
    ROTABLE_FUNC("pack", struct_pack)
    ROTABLE_FUNC("unpack", struct_unpack)
    ROTABLE_FUNC("size", struct_size)
ROTABLE_END(struct_lib, NULL, 0)
