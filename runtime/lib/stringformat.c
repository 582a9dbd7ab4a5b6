// stringformat.c: string.format.
//
// Reads and writes: arguments; reads of characters one by one are reported to the content probe.
// Memory: one item's text (FORMAT_ITEM_LIMIT) and a luaL_Buffer on the C stack.
// Source: Lua 5.1 reference manual, 5.4; messages of Lua 5.1; widths of numbers on the chip, where
//         a C long has 32 bits.
#include "runtime/lib/stringformat.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/profile.h"
#include "runtime/lib/charclass.h"
#include "runtime/lib/formatquick.h"
#include "runtime/probe/probe.h"

// Largest format_item_bytes of any profile.
#define FORMAT_ITEM_LIMIT 512

// Texts of this length or more are added as they are by a %s without precision.
#define FORMAT_LONG_TEXT 100

#define FORMAT_FLAGS "-+ #0"

// Room for '%', flags, two digits, '.', two digits, length letters, conversion and NUL.
#define FORMAT_SPEC_BYTES 20

// ---- what an item says ----

// The directive of one item, as the C library wants it but for conversion letter and length.
struct format_spec {
    char text[FORMAT_SPEC_BYTES];
    size_t bytes;
    bool has_precision;
};

static const char *skip_two_digits(const char *p)
{
    for (int i = 0; i < 2 && isdigit((unsigned char)*p); i++)
        p++;
    return p;
}

// Reads flags, width and precision after a '%'. The place of the conversion letter.
static const char *read_spec(lua_State *L, const char *format, struct format_spec *spec)
{
    const char *p = format + strspn(format, FORMAT_FLAGS);
    if (p - format > (ptrdiff_t)strlen(FORMAT_FLAGS))
        luaL_error(L, "invalid format (repeated flags)");
    p = skip_two_digits(p);
    spec->has_precision = *p == '.';
    if (spec->has_precision)
        p = skip_two_digits(p + 1);
    if (isdigit((unsigned char)*p))
        luaL_error(L, "invalid format (width or precision too long)");
    spec->text[0] = '%';
    spec->bytes = (size_t)(p - format) + 1;
    memcpy(spec->text + 1, format, spec->bytes - 1);
    assert(spec->bytes <= sizeof(spec->text) - 4); // "ll", a letter, NUL
    return p;
}

// Ends the directive with length letters and conversion letter.
static const char *end_spec(struct format_spec *spec, const char *length, char conversion)
{
    snprintf(spec->text + spec->bytes, sizeof(spec->text) - spec->bytes, "%s%c", length,
             conversion);
    return spec->text;
}

// ---- numbers ----

// A number as the C type long or unsigned long of the machine that the profile stands for.
#ifdef FROST_INTEGER

static long long to_signed(lua_Number n)
{
    return n;
}

static unsigned long long to_unsigned(lua_Number n)
{
    return (uint32_t)n;
}

#else

static long long to_signed(lua_Number n)
{
    if (lua_profile->is_firmware) // the chip's conversion stops at the limits
        return n != n              ? 0
               : n >= 2147483648.0 ? INT32_MAX
               : n > -2147483649.0 ? (int32_t)n
                                   : INT32_MIN;
    if (n >= -9223372036854775808.0 && n < 9223372036854775808.0)
        return (long long)n;
    return INT64_MIN; // what the conversion gives on the computers at hand
}

static unsigned long long to_unsigned(lua_Number n)
{
    if (lua_profile->is_firmware) { // negative numbers wrap around
        if (n > -4294967296.0 && n < 4294967296.0)
            return (uint32_t)(int64_t)n;
        return n < 0 ? 0x80000000u : UINT32_MAX;
    }
    if (n >= 9223372036854775808.0 && n < 18446744073709551616.0)
        return (unsigned long long)n;
    if (n >= 18446744073709551616.0)
        return 0;
    return (unsigned long long)to_signed(n);
}

#endif

// A number as C's int for %c; on the chip the conversion stops at the limits.
static int to_character(lua_Number n)
{
    return lua_profile->is_firmware ? (int)to_signed(n) : (int)n;
}

// ---- items ----

// %q: the text so that Lua reads it back.
static void add_quoted(lua_State *L, luaL_Buffer *b, int arg)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, arg, &bytes);
    PROBE_CONTENT_READS(L, text, 0, bytes, CONTENT_FORMAT, 2); // before and after the room is there
    luaL_addchar(b, '"');
    for (size_t i = 0; i < bytes; i++) {
        switch (text[i]) {
        case '"':
        case '\\':
        case '\n':
            luaL_addchar(b, '\\');
            luaL_addchar(b, text[i]);
            break;
        case '\r':
            luaL_addlstring(b, "\\r", 2);
            break;
        case '\0':
            luaL_addlstring(b, "\\000", 4);
            break;
        default:
            luaL_addchar(b, text[i]);
            break;
        }
    }
    luaL_addchar(b, '"');
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

// %s: as it is if it is long and whole; else up to its first NUL, through the C library.
static void add_text(lua_State *L, luaL_Buffer *b, int arg, struct format_spec *spec, char *item)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, arg, &bytes);
    if (!spec->has_precision && bytes >= FORMAT_LONG_TEXT) {
        lua_pushvalue(L, arg);
        luaL_addvalue(b);
        return;
    }
    PROBE_TEXT_COPIED(L, text, 0, strlen(text), 0); // strlen goes by words
    snprintf(item, lua_profile->format_item_bytes, end_spec(spec, "", 's'), text);
    luaL_addstring(b, item);
}

// Writes the item of a number; false if the letter is no conversion of numbers.
static bool format_number(lua_State *L, int arg, struct format_spec *spec, char letter, char *item)
{
    size_t item_bytes = lua_profile->format_item_bytes;
    assert(item_bytes <= FORMAT_ITEM_LIMIT);
    switch (letter) {
    case 'c':
        snprintf(item, item_bytes, end_spec(spec, "", letter),
                 to_character(luaL_checknumber(L, arg)));
        return true;
    case 'd':
    case 'i':
        snprintf(item, item_bytes, end_spec(spec, "ll", letter),
                 to_signed(luaL_checknumber(L, arg)));
        return true;
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        snprintf(item, item_bytes, end_spec(spec, "ll", letter),
                 to_unsigned(luaL_checknumber(L, arg)));
        return true;
#ifndef FROST_INTEGER
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
        snprintf(item, item_bytes, end_spec(spec, "", letter), luaL_checknumber(L, arg));
        return true;
#endif
    default:
        return false;
    }
}

#pragma GCC diagnostic pop

#if HAS_FAST_PATHS

// Writes the item without the C library if it is one of the usual ones. 0: it is not.
static size_t format_quickly(lua_State *L, int arg, const struct format_spec *spec, char letter,
                             char *item)
{
    struct format_item f;
    if (!format_item_read(spec->text + 1, spec->bytes - 1, &f))
        return 0;
    if (letter == 's') {
        size_t bytes;
        const char *text = luaL_checklstring(L, arg, &bytes);
        if (bytes >= FORMAT_LONG_TEXT || bytes == 0 || memchr(text, '\0', bytes) != NULL)
            return 0;
        return format_text(&f, text, bytes, item);
    }
    switch (letter) {
    case 'd':
    case 'i':
        return format_signed(&f, to_signed(luaL_checknumber(L, arg)), item);
    case 'u':
        return format_unsigned(&f, to_unsigned(luaL_checknumber(L, arg)), 10, 0, item);
    case 'x':
    case 'X':
        return format_unsigned(&f, to_unsigned(luaL_checknumber(L, arg)), 16, letter == 'X', item);
#ifndef FROST_INTEGER
    case 'f':
        return char_point_is_dot ? format_fixed(&f, luaL_checknumber(L, arg), item) : 0;
#endif
    default:
        return 0;
    }
}

#else
#define format_quickly(L, arg, spec, letter, item) 0
#endif

// Adds the item whose directive begins at `format`, after the '%'. The place after the directive.
static const char *add_item(lua_State *L, luaL_Buffer *b, int arg, const char *format)
{
    struct format_spec spec;
    char item[FORMAT_ITEM_LIMIT];
    const char *p = read_spec(L, format, &spec);
    char letter = *p;
    size_t bytes = format_quickly(L, arg, &spec, letter, item);
    if (bytes > 0)
        luaL_addlstring(b, item, bytes);
    else if (letter == 'q')
        add_quoted(L, b, arg);
    else if (letter == 's')
        add_text(L, b, arg, &spec, item);
    else if (format_number(L, arg, &spec, letter, item))
        luaL_addstring(b, item);
    else
        luaL_error(L, "invalid option '%%%s' to 'format'", (const char[]){letter, '\0'});
    return p + 1;
}

// The firmware reads a format's characters once to look at them (told of at the start), those that
// are taken over once more when there is room for them, and two of an item.
static void report_again(lua_State *L, const char *format, size_t bytes, size_t again)
{
    PROBE_CONTENT_READ(L, format, 0, again < bytes ? again : bytes, CONTENT_FORMAT);
    if (again > bytes) // "%d%d" alone
        PROBE_CONTENT_READ(L, format, 0, again - bytes, CONTENT_FORMAT);
    (void)L;
    (void)format;
    (void)bytes;
    (void)again;
}

int string_format(lua_State *L)
{
    size_t bytes;
    int last_arg = lua_gettop(L);
    const char *format = luaL_checklstring(L, 1, &bytes);
    const char *end = format + bytes;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    PROBE_CONTENT_READ(L, format, 0, bytes, CONTENT_FORMAT);
    const char *begin = format;
    size_t again = 0; // characters read a second time: which ones is not told
    int arg = 1;
    while (format < end) {
        char c = *format++;
        if (c != '%') {
            again++;
            luaL_addchar(&b, c);
        } else if (*format == '%') {
            again++;
            luaL_addchar(&b, *format++);
        } else {
            if (++arg > last_arg)
                luaL_argerror(L, arg, "no value");
            again += 2; // what follows the flags, and the letter
            format = add_item(L, &b, arg, format);
        }
    }
    report_again(L, begin, bytes, again);
    luaL_pushresult(&b);
    return 1;
}

int string_format_operator(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_istable(L, 2)) {
        int count = luaL_getn(L, 2);
        luaL_checkstack(L, count + LUA_MINSTACK, "too many values to format");
        for (int i = 1; i <= count; i++)
            lua_rawgeti(L, 2, i);
        lua_remove(L, 2);
    }
    return string_format(L);
}
