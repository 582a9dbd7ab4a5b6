// pixbuf.c: the module pixbuf: buffers of pixels for strips of lights; what makes, reads and fills
// them.
//
// Reads and writes: arguments only. Memory: see pixbuf.h.
// Source: documentation of the firmware's module pixbuf; messages of NodeMCU 3.0, one with its
//         spelling.

#include "runtime/nodemcu/data/pixbuf.h"

#include <stdio.h>
#include <string.h>

#define META "pixbuf.buf"
#define PIXELS_MAX 8192
#define CHANNELS_MAX 32

ROTABLE_EXTERN(pixbuf_meta);

struct pixbuf *pixbuf_check(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, META);
}

struct pixbuf *pixbuf_test(lua_State *L, int arg)
{
    return luaL_testudata(L, arg, META);
}

size_t pixbuf_position(lua_Integer position, size_t count)
{
    if (position < 0)
        position += (lua_Integer)count + 1;
    if (position < 1)
        position = 1;
    return (size_t)position < count ? (size_t)position : count;
}

// Pushes a buffer whose values are 0.
static struct pixbuf *push_pixbuf(lua_State *L, size_t pixels, size_t channels)
{
    if (pixels > PIXELS_MAX || channels > CHANNELS_MAX)
        luaL_error(L, "pixbuf size limits exeeded");
    struct pixbuf *b = lua_newuserdata(L, sizeof *b + pixels * channels);
    luaL_rometatable(L, META, &pixbuf_meta);
    lua_setmetatable(L, -2);
    b->pixel_count = (uint32_t)pixels;
    b->channel_count = (uint32_t)channels;
    memset(b->values, 0, pixels * channels);
    return b;
}

// The values of a pixel given by its number, argument 2.
static uint8_t *check_pixel(lua_State *L, struct pixbuf *b)
{
    lua_Integer n = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 1 && (size_t)n <= b->pixel_count, 2, "index out of range");
    return b->values + ((size_t)n - 1) * b->channel_count;
}

// Gives the buffer back, so that calls can be chained.
static int return_self(lua_State *L)
{
    lua_settop(L, 1);
    return 1;
}

// ---- the whole ----

int pixbuf_new_buffer(lua_State *L)
{
    lua_Integer pixels = luaL_checkinteger(L, 1), channels = luaL_checkinteger(L, 2);
    luaL_argcheck(L, pixels > 0, 1, "should be a positive integer");
    luaL_argcheck(L, channels > 0, 2, "should be a positive integer");
    push_pixbuf(L, (size_t)pixels, (size_t)channels);
    return 1;
}

static int pixbuf_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)pixbuf_check(L, 1)->pixel_count);
    return 1;
}

static int pixbuf_channels(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)pixbuf_check(L, 1)->channel_count);
    return 1;
}

static int pixbuf_dump(lua_State *L)
{
    const struct pixbuf *b = pixbuf_check(L, 1);
    lua_pushlstring(L, (const char *)b->values, pixbuf_bytes(b));
    return 1;
}

static int pixbuf_eq(lua_State *L)
{
    const struct pixbuf *a = pixbuf_check(L, 1), *b = pixbuf_check(L, 2);
    lua_pushboolean(L, a->pixel_count == b->pixel_count && a->channel_count == b->channel_count &&
                           memcmp(a->values, b->values, pixbuf_bytes(a)) == 0);
    return 1;
}

// "[(1,2,3),(4,5,6)]"
static int pixbuf_tostring(lua_State *L)
{
    const struct pixbuf *b = pixbuf_check(L, 1);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    luaL_addchar(&text, '[');
    for (size_t i = 0; i < pixbuf_bytes(b); i++) {
        char number[8];
        size_t channel = i % b->channel_count;
        snprintf(number, sizeof number, "%s%u",
                 channel > 0 ? ","
                 : i > 0     ? ",("
                             : "(",
                 b->values[i]);
        luaL_addstring(&text, number);
        if (channel + 1 == b->channel_count)
            luaL_addchar(&text, ')');
    }
    luaL_addchar(&text, ']');
    luaL_pushresult(&text);
    return 1;
}

// ---- parts ----

static int pixbuf_sub(lua_State *L)
{
    const struct pixbuf *b = pixbuf_check(L, 1);
    size_t first = pixbuf_position(luaL_checkinteger(L, 2), b->pixel_count);
    size_t last = pixbuf_position(luaL_optinteger(L, 3, -1), b->pixel_count);
    size_t count = first >= 1 && first <= last ? last - first + 1 : 0;
    struct pixbuf *part = push_pixbuf(L, count, b->channel_count);
    if (count > 0)
        memcpy(part->values, b->values + (first - 1) * b->channel_count, pixbuf_bytes(part));
    return 1;
}

static int pixbuf_concat(lua_State *L)
{
    const struct pixbuf *a = pixbuf_check(L, 1), *b = pixbuf_check(L, 2);
    luaL_argcheck(L, a->channel_count == b->channel_count, 1,
                  "can only concatenate buffers with same channel count");
    struct pixbuf *both = push_pixbuf(L, (size_t)a->pixel_count + b->pixel_count, a->channel_count);
    memcpy(both->values, a->values, pixbuf_bytes(a));
    memcpy(both->values + pixbuf_bytes(a), b->values, pixbuf_bytes(b));
    return 1;
}

static int pixbuf_replace(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    size_t at = pixbuf_position(luaL_optinteger(L, 3, 1), b->pixel_count), count;
    const void *values;
    if (lua_type(L, 2) == LUA_TSTRING) {
        values = lua_tolstring(L, 2, &count);
        count /= b->channel_count;
    } else {
        const struct pixbuf *from = pixbuf_check(L, 2);
        luaL_argcheck(L, from->channel_count == b->channel_count, 2,
                      "buffers have different channels");
        values = from->values;
        count = from->pixel_count;
    }
    size_t before = at > 0 ? at - 1 : 0;
    luaL_argcheck(L, count <= b->pixel_count - before, 2, "does not fit into destination");
    memmove(b->values + before * b->channel_count, values, count * b->channel_count);
    return 0;
}

// ---- pixels ----

static int pixbuf_get(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    const uint8_t *pixel = check_pixel(L, b);
    luaL_checkstack(L, (int)b->channel_count, "too many channels");
    for (uint32_t c = 0; c < b->channel_count; c++)
        lua_pushinteger(L, pixel[c]);
    return (int)b->channel_count;
}

static void set_from_text(lua_State *L, const struct pixbuf *b, uint8_t *pixel)
{
    size_t bytes;
    const char *text = lua_tolstring(L, 3, &bytes);
    if (bytes > pixbuf_bytes(b) - (size_t)(pixel - b->values))
        luaL_error(L, "string size will exceed strip length");
    if (bytes % b->channel_count != 0)
        luaL_error(L, "string does not contain whole LEDs");
    memcpy(pixel, text, bytes);
}

static void set_from_table(lua_State *L, const struct pixbuf *b, uint8_t *pixel)
{
    for (uint32_t c = 0; c < b->channel_count; c++) {
        lua_rawgeti(L, 3, (int)c + 1);
        pixel[c] = (uint8_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
}

static int pixbuf_set(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    uint8_t *pixel = check_pixel(L, b);
    int channels = (int)b->channel_count;
    switch (lua_type(L, 3)) {
    case LUA_TTABLE:
        set_from_table(L, b, pixel);
        break;
    case LUA_TSTRING:
        set_from_text(L, b, pixel);
        break;
    default:
        luaL_argcheck(L, lua_gettop(L) <= 2 + channels, 2 + channels, "extra values given");
        for (int c = 0; c < channels; c++)
            pixel[c] = (uint8_t)luaL_checkinteger(L, 3 + c);
    }
    return return_self(L);
}

static int pixbuf_fill(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    int channels = (int)b->channel_count;
    if (b->pixel_count == 0)
        return return_self(L);
    luaL_argcheck(L, lua_gettop(L) == 1 + channels, 1, "need as many values as colors per pixel");
    for (int c = 0; c < channels; c++)
        b->values[c] = (uint8_t)luaL_checkinteger(L, 2 + c);
    for (size_t i = b->channel_count; i < pixbuf_bytes(b); i++)
        b->values[i] = b->values[i - b->channel_count];
    return return_self(L);
}

ROTABLE_BEGIN(pixbuf_meta)
    ROTABLE_FUNC("__concat", pixbuf_concat)
    ROTABLE_FUNC("__eq", pixbuf_eq)
    ROTABLE_TABLE("__index", pixbuf_meta)
    ROTABLE_FUNC("__tostring", pixbuf_tostring)
    ROTABLE_FUNC("channels", pixbuf_channels)
    ROTABLE_FUNC("dump", pixbuf_dump)
    ROTABLE_FUNC("fade", pixbuf_fade)
    ROTABLE_FUNC("fadeI", pixbuf_fade_intensity)
    ROTABLE_FUNC("fill", pixbuf_fill)
    ROTABLE_FUNC("get", pixbuf_get)
    ROTABLE_FUNC("replace", pixbuf_replace)
    ROTABLE_FUNC("map", pixbuf_map)
    ROTABLE_FUNC("mix", pixbuf_mix)
    ROTABLE_FUNC("mix4I5", pixbuf_mix_4i5)
    ROTABLE_FUNC("power", pixbuf_power)
    ROTABLE_FUNC("powerI", pixbuf_power_intensity)
    ROTABLE_FUNC("set", pixbuf_set)
    ROTABLE_FUNC("shift", pixbuf_shift)
    ROTABLE_FUNC("size", pixbuf_size)
    ROTABLE_FUNC("sub", pixbuf_sub)
ROTABLE_END(pixbuf_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_EQ)

ROTABLE_BEGIN(pixbuf_lib)
    ROTABLE_NUM("FADE_IN", PIXBUF_FADE_IN)
    ROTABLE_NUM("FADE_OUT", PIXBUF_FADE_OUT)
    ROTABLE_NUM("SHIFT_CIRCULAR", PIXBUF_SHIFT_CIRCULAR)
    ROTABLE_NUM("SHIFT_LOGICAL", PIXBUF_SHIFT_LOGICAL)
    ROTABLE_FUNC("newBuffer", pixbuf_new_buffer)
ROTABLE_END(pixbuf_lib, NULL, 0)
