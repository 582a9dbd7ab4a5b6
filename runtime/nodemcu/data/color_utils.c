// color_utils.c: the module color_utils: colours by hue, saturation and value, and as lights take
// them (green, red, blue).
//
// Reads and writes: arguments only. Memory: none.
// Source: documentation of the firmware's module color_utils; its arithmetic in whole numbers.

#include "runtime/nodemcu/modules.h"

struct colour {
    int green, red, blue;
};

static int check_value(lua_State *L, int arg, int max, const char *message)
{
    int value = luaL_checkint(L, arg);
    luaL_argcheck(L, value >= 0 && value <= max, arg, message);
    return value;
}

// Of the six parts of the circle: red to yellow, yellow to green, and so on.
static struct colour to_colour(int hue, int saturation, int value)
{
    int bottom = (255 - saturation) * value >> 8, part = hue % 60;
    int rising = (value - bottom) * part / 60 + bottom;
    int falling = (value - bottom) * (60 - part) / 60 + bottom;
    switch (hue % 360 / 60) {
    case 0:
        return (struct colour){.red = value, .green = rising, .blue = bottom};
    case 1:
        return (struct colour){.red = falling, .green = value, .blue = bottom};
    case 2:
        return (struct colour){.red = bottom, .green = value, .blue = rising};
    case 3:
        return (struct colour){.red = bottom, .green = falling, .blue = value};
    case 4:
        return (struct colour){.red = rising, .green = bottom, .blue = value};
    default:
        return (struct colour){.red = value, .green = bottom, .blue = falling};
    }
}

static struct colour check_colour(lua_State *L)
{
    int hue = check_value(L, 1, 360, "should be a 0-360");
    int saturation = check_value(L, 2, 255, "should be 0-255");
    return to_colour(hue, saturation, check_value(L, 3, 255, "should be 0-255"));
}

static int push_colour(lua_State *L, struct colour colour)
{
    lua_pushinteger(L, colour.green);
    lua_pushinteger(L, colour.red);
    lua_pushinteger(L, colour.blue);
    return 3;
}

static int hsv2grb(lua_State *L)
{
    return push_colour(L, check_colour(L));
}

// What all three have in common is white.
static int hsv2grbw(lua_State *L)
{
    struct colour colour = check_colour(L);
    int white = colour.green < colour.red ? colour.green : colour.red;
    white = colour.blue < white ? colour.blue : white;
    push_colour(L, (struct colour){colour.green - white, colour.red - white, colour.blue - white});
    lua_pushinteger(L, white);
    return 4;
}

static int color_wheel(lua_State *L)
{
    return push_colour(L, to_colour(check_value(L, 1, 360, "should be a 0-360"), 255, 255));
}

static int grb2hsv(lua_State *L)
{
    int g = luaL_checkint(L, 1) & 255, r = luaL_checkint(L, 2) & 255, b = luaL_checkint(L, 3) & 255;
    int most = g > r ? g : r, least = g < r ? g : r;
    most = b > most ? b : most;
    least = b < least ? b : least;
    int range = most - least, hue;
    luaL_argcheck(L, range != 0, 1, "greyscale value cannot be converted to hsv");
    if (r == most)
        hue = (g - b) * 60 / range;
    else if (g == most)
        hue = (b - r) * 60 / range + 120;
    else
        hue = (r - g) * 60 / range + 240;
    lua_pushinteger(L, hue < 0 ? hue + 360 : hue);
    lua_pushinteger(L, (256 * range - 8) / most); // 8: so that most colours come back as they were
    lua_pushinteger(L, most);
    return 3;
}

ROTABLE_BEGIN(color_utils_lib)
    ROTABLE_FUNC("hsv2grb", hsv2grb)
    ROTABLE_FUNC("hsv2grbw", hsv2grbw)
    ROTABLE_FUNC("colorWheel", color_wheel)
    ROTABLE_FUNC("grb2hsv", grb2hsv)
ROTABLE_END(color_utils_lib, NULL, 0)
