// pixbuf.h: buffers of pixels, as the two parts of the module pixbuf see them.
//
// Memory: a userdata of 8 bytes and one for each channel of each pixel (the firmware's size).

#ifndef FROST_NODEMCU_PIXBUF_H
#define FROST_NODEMCU_PIXBUF_H

#include "runtime/nodemcu/modules.h"

struct pixbuf {
    uint32_t pixel_count; // 0 only of what :sub finds nothing for
    uint32_t channel_count;
    uint8_t values[]; // pixel by pixel
};
_Static_assert(sizeof(struct pixbuf) == 8, "the firmware's size");

#define PIXBUF_FADE_IN 0
#define PIXBUF_FADE_OUT 1
#define PIXBUF_SHIFT_LOGICAL 0
#define PIXBUF_SHIFT_CIRCULAR 1

// The buffer that is argument `arg`; another value raises an error.
struct pixbuf *pixbuf_check(lua_State *L, int arg);
// The same, NULL for another value.
struct pixbuf *pixbuf_test(lua_State *L, int arg);

// pixbuf.newBuffer, which ws2812 has, too.
int pixbuf_new_buffer(lua_State *L);

static inline size_t pixbuf_bytes(const struct pixbuf *b)
{
    return (size_t)b->pixel_count * b->channel_count;
}

// A position of a pixel from 1 on; a negative one counts from the end. Brought to 1..count; 0 if
// count is 0.
size_t pixbuf_position(lua_Integer position, size_t count);

// Methods (pixbuf_methods.c).
int pixbuf_fade(lua_State *L);
int pixbuf_fade_intensity(lua_State *L);
int pixbuf_shift(lua_State *L);
int pixbuf_mix(lua_State *L);
int pixbuf_mix_4i5(lua_State *L);
int pixbuf_map(lua_State *L);
int pixbuf_power(lua_State *L);
int pixbuf_power_intensity(lua_State *L);

#endif
