// pixbuf_methods.c: what changes all pixels of a buffer, or adds them up.
//
// Reads and writes: the buffers that are arguments. Memory: none.
// Source: documentation of the firmware's module pixbuf; messages of NodeMCU 3.0. Two faults are
//         not here: a circular shift of more than 32 bytes went beyond its window, and mix4I5
//         ended at the first black pixel.

#include <string.h>

#include "runtime/nodemcu/data/pixbuf.h"

static uint8_t to_value(int64_t n)
{
    return n < 0 ? 0 : n > 255 ? 255 : (uint8_t)n;
}

// ---- fade ----

static uint8_t fade_value(uint8_t value, lua_Integer by, lua_Integer direction)
{
    if (direction == PIXBUF_FADE_OUT)
        return (uint8_t)(value / by);
    return to_value((int64_t)value * by);
}

static lua_Integer check_fade(lua_State *L)
{
    lua_Integer by = luaL_checkinteger(L, 2);
    luaL_argcheck(L, by > 0, 2, "fade value should be a strictly positive int");
    return by;
}

int pixbuf_fade(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    lua_Integer by = check_fade(L), direction = luaL_optinteger(L, 3, PIXBUF_FADE_OUT);
    for (size_t i = 0; i < pixbuf_bytes(b); i++)
        b->values[i] = fade_value(b->values[i], by, direction);
    return 0;
}

// The first channel alone. Fading in goes on one byte too far with each pixel, as in the firmware,
// but not beyond the end.
int pixbuf_fade_intensity(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    lua_Integer by = check_fade(L), direction = luaL_optinteger(L, 3, PIXBUF_FADE_OUT);
    size_t step = b->channel_count + (direction != PIXBUF_FADE_OUT);
    for (size_t i = 0; i < pixbuf_bytes(b); i += step)
        b->values[i] = fade_value(b->values[i], by, direction);
    return 0;
}

// ---- shift ----

static void reverse(uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint8_t value = values[i];
        values[i] = values[count - 1 - i];
        values[count - 1 - i] = value;
    }
}

// The last `by` values come to the front.
static void rotate(uint8_t *values, size_t count, size_t by)
{
    reverse(values, count);
    reverse(values, by);
    reverse(values + by, count - by);
}

static void shift_window(uint8_t *window, size_t bytes, size_t by, int to_left, int is_circular)
{
    if (is_circular) {
        rotate(window, bytes, to_left ? bytes - by : by);
    } else if (to_left) {
        memmove(window, window + by, bytes - by);
        memset(window + bytes - by, 0, by);
    } else {
        memmove(window + by, window, bytes - by);
        memset(window, 0, by);
    }
}

int pixbuf_shift(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    int64_t shift = (int64_t)luaL_checkinteger(L, 2) * b->channel_count;
    lua_Integer type = luaL_optinteger(L, 3, PIXBUF_SHIFT_LOGICAL);
    size_t first = pixbuf_position(luaL_optinteger(L, 4, 1), b->pixel_count);
    size_t last = pixbuf_position(luaL_optinteger(L, 5, -1), b->pixel_count);
    uint64_t by = (uint64_t)(shift < 0 ? -shift : shift);
    luaL_argcheck(L, type == PIXBUF_SHIFT_LOGICAL || type == PIXBUF_SHIFT_CIRCULAR, 3,
                  "invalid shift type");
    luaL_argcheck(L, first >= 1, 4, "start position must be >= 1");
    luaL_argcheck(L, last >= first, 5, "end position must be >= start");
    size_t bytes = (last - first + 1) * b->channel_count;
    luaL_argcheck(L, by <= pixbuf_bytes(b), 2, "shifting more elements than buffer size");
    luaL_argcheck(L, by <= bytes, 2, "shifting more than sliced window");
    shift_window(b->values + (first - 1) * b->channel_count, bytes, (size_t)by, shift < 0,
                 type == PIXBUF_SHIFT_CIRCULAR);
    return 0;
}

// ---- mix ----

// The sources are arguments 2 and 3, 4 and 5 ...: a factor in 256ths, a buffer.
static int check_sources(lua_State *L, const struct pixbuf *to)
{
    int count = (lua_gettop(L) - 1) / 2;
    for (int arg = 2; arg < 2 + 2 * count; arg += 2) {
        luaL_checkinteger(L, arg);
        const struct pixbuf *from = pixbuf_check(L, arg + 1);
        luaL_argcheck(
            L, from->pixel_count == to->pixel_count && from->channel_count == to->channel_count,
            arg + 1, "buffer not same size or shape");
    }
    return count;
}

static int64_t source_factor(lua_State *L, int source)
{
    return lua_tointeger(L, 2 + 2 * source);
}

static const uint8_t *source_values(lua_State *L, int source)
{
    return ((const struct pixbuf *)lua_touserdata(L, 3 + 2 * source))->values;
}

int pixbuf_mix(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    int sources = check_sources(L, b);
    for (size_t i = 0; sources > 0 && i < pixbuf_bytes(b); i++) {
        int64_t sum = 128; // rounds
        for (int s = 0; s < sources; s++)
            sum += source_values(L, s)[i] * source_factor(L, s);
        b->values[i] = to_value(sum / 256);
    }
    lua_settop(L, 1);
    return 1;
}

#define INTENSITY_MAX 31 // five bits

// One pixel of intensity and three colours from the sums of theirs, in 65536ths.
static void put_intensity(uint8_t *pixel, const int64_t sums[3])
{
    int64_t most = 0;
    for (int c = 0; c < 3; c++)
        most = sums[c] > most ? sums[c] : most;
    int64_t intensity = most == 0                              ? 0
                        : most <= 1 << 16                      ? 1
                        : most >= (int64_t)INTENSITY_MAX << 16 ? INTENSITY_MAX
                                                               : (most >> 16) + 1;
    pixel[0] = (uint8_t)intensity;
    for (int c = 0; c < 3; c++)
        pixel[c + 1] = intensity == 0
                           ? 0
                           : to_value((sums[c] + 256 * intensity - 127) / (256 * intensity));
}

int pixbuf_mix_4i5(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    int sources = check_sources(L, b);
    luaL_argcheck(L, sources == 0 || b->channel_count == 4, 2, "Requires 4 channel pixbuf");
    for (size_t at = 0; sources > 0 && at < pixbuf_bytes(b); at += 4) {
        int64_t sums[3] = {0};
        for (int s = 0; s < sources; s++) {
            const uint8_t *from = source_values(L, s) + at;
            for (int c = 0; c < 3; c++)
                sums[c] += (int64_t)from[c + 1] * from[0] * source_factor(L, s);
        }
        put_intensity(b->values + at, sums);
    }
    lua_settop(L, 1);
    return 1;
}

// ---- map ----

static void push_pixel(lua_State *L, const struct pixbuf *b, size_t pixel)
{
    for (uint32_t c = 0; c < b->channel_count; c++)
        lua_pushinteger(L, b->values[pixel * b->channel_count + c]);
}

// map(f, [from, first, last, [second, second_first]])
int pixbuf_map(lua_State *L)
{
    struct pixbuf *b = pixbuf_check(L, 1);
    const struct pixbuf *from = pixbuf_test(L, 3), *second = pixbuf_test(L, 6);
    if (!from)
        from = b;
    size_t first = pixbuf_position(luaL_optinteger(L, 4, 1), from->pixel_count);
    size_t last = pixbuf_position(luaL_optinteger(L, 5, -1), from->pixel_count);
    size_t other = second ? pixbuf_position(luaL_optinteger(L, 7, 1), second->pixel_count) : 1;
    luaL_argcheck(L, last > first, 3, "Buffer limits out of order");
    size_t count = last - first + 1;
    luaL_argcheck(L, count == b->pixel_count, 1, "Output buffer wrong size");
    luaL_argcheck(L, !second || (other >= 1 && other - 1 + count <= second->pixel_count), 6,
                  "Second buffer too short");
    uint32_t arguments = from->channel_count + (second ? second->channel_count : 0);
    luaL_checkstack(L, (int)(arguments + b->channel_count) + 1, "too many channels");
    for (size_t i = 0; i < count; i++) {
        lua_pushvalue(L, 2);
        push_pixel(L, from, first - 1 + i);
        if (second)
            push_pixel(L, second, other - 1 + i);
        lua_call(L, (int)arguments, (int)b->channel_count);
        for (size_t c = b->channel_count; c > 0; c--) {
            b->values[i * b->channel_count + c - 1] = (uint8_t)luaL_checkinteger(L, -1);
            lua_pop(L, 1);
        }
    }
    lua_settop(L, 1);
    return 1;
}

// ---- power ----

int pixbuf_power(lua_State *L)
{
    const struct pixbuf *b = pixbuf_check(L, 1);
    lua_Integer sum = 0;
    for (size_t i = 0; i < pixbuf_bytes(b); i++)
        sum += b->values[i];
    lua_pushinteger(L, sum);
    return 1;
}

int pixbuf_power_intensity(lua_State *L)
{
    const struct pixbuf *b = pixbuf_check(L, 1);
    lua_Integer sum = 0;
    for (size_t i = 0; i < pixbuf_bytes(b); i++)
        if (i % b->channel_count != 0)
            sum += b->values[i - i % b->channel_count] * b->values[i];
    lua_pushinteger(L, sum);
    return 1;
}
