// mathlib.c: the library math.
//
// Reads and writes: arguments; the sequence of random numbers is process-wide and starts again in
//         every state.
// Memory: none.
// Source: Lua 5.1 reference manual, 5.6. The firmware has a part of it (math_lib); the rest is for
//         the pc profile (math_pc_lib).
#include <assert.h>
#include <limits.h>
#include <math.h>

#include "runtime/core/profile.h"
#include "runtime/lib/lualib.h"

// ---- random numbers ----

#define RANDOM_MAX 0x7fffffff

static uint64_t random_state = 1;

// The generator of newlib, which the firmware's C library uses: 0..RANDOM_MAX.
static int32_t random_next(void)
{
    random_state = random_state * 6364136223846793005u + 1;
    return (int32_t)(random_state >> 32 & RANDOM_MAX);
}

// A whole number of low..high. Float build: each of RANDOM_MAX steps of 0..1 is scaled.
static lua_Number random_in(int low, int high)
{
    assert(low <= high);
#ifdef FROST_INTEGER
    uint32_t span = (uint32_t)high - (uint32_t)low + 1;
    uint32_t part = (uint32_t)random_next();
    return (lua_Number)((uint32_t)low + (span != 0 ? part % span : part));
#else
    double part = (random_next() % RANDOM_MAX) / (double)RANDOM_MAX;
    return floor(part * ((double)high - low + 1)) + low;
#endif
}

static int math_random(lua_State *L)
{
    int low = 1, high;
    switch (lua_gettop(L)) {
    case 0:
#ifdef FROST_INTEGER
        lua_pushnumber(L, 0);
#else
        lua_pushnumber(L, (random_next() % RANDOM_MAX) / (double)RANDOM_MAX);
#endif
        return 1;
    case 1:
        high = luaL_checkint(L, 1);
        luaL_argcheck(L, low <= high, 1, "interval is empty");
        break;
    case 2:
        low = luaL_checkint(L, 1);
        high = luaL_checkint(L, 2);
        luaL_argcheck(L, low <= high, 2, "interval is empty");
        break;
    default:
        luaL_error(L, "wrong number of arguments");
    }
    lua_pushnumber(L, random_in(low, high));
    return 1;
}

static int math_randomseed(lua_State *L)
{
    random_state = (uint32_t)luaL_checkint(L, 1);
    return 0;
}

// ---- numbers of any kind ----

// The least (sign -1) or greatest (sign 1) of the arguments.
static int extreme(lua_State *L, int sign)
{
    int count = lua_gettop(L);
    lua_Number best = luaL_checknumber(L, 1);
    for (int i = 2; i <= count; i++) {
        lua_Number n = luaL_checknumber(L, i);
        if (sign < 0 ? n < best : n > best)
            best = n;
    }
    lua_pushnumber(L, best);
    return 1;
}

static int math_max(lua_State *L)
{
    return extreme(L, 1);
}

static int math_min(lua_State *L)
{
    return extreme(L, -1);
}

#ifdef FROST_INTEGER

static int math_abs(lua_State *L)
{
    lua_Number n = luaL_checknumber(L, 1);
    lua_pushnumber(L, n < 0 ? (lua_Number)(0 - (uint32_t)n) : n);
    return 1;
}

// Floor and ceiling of a whole number.
static int math_same(lua_State *L)
{
    lua_pushnumber(L, luaL_checknumber(L, 1));
    return 1;
}

static int math_pow(lua_State *L)
{
    uint32_t base = (uint32_t)luaL_checknumber(L, 1);
    lua_Number exponent = luaL_checknumber(L, 2);
    uint32_t result = exponent >= 0;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result *= base;
        base *= base;
    }
    lua_pushnumber(L, (lua_Number)result);
    return 1;
}

static int math_sqrt(lua_State *L)
{
    lua_Number n = luaL_checknumber(L, 1);
    luaL_argcheck(L, n >= 0, 1, "negative");
    uint32_t rest = (uint32_t)n, root = 0;
    for (uint32_t bit = 1u << 30; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    lua_pushnumber(L, (lua_Number)root);
    return 1;
}

ROTABLE_BEGIN(math_lib)
    ROTABLE_FUNC("abs", math_abs)
    ROTABLE_FUNC("ceil", math_same)
    ROTABLE_FUNC("floor", math_same)
    ROTABLE_FUNC("max", math_max)
    ROTABLE_FUNC("min", math_min)
    ROTABLE_FUNC("pow", math_pow)
    ROTABLE_FUNC("random", math_random)
    ROTABLE_FUNC("randomseed", math_randomseed)
    ROTABLE_FUNC("sqrt", math_sqrt)
    ROTABLE_NUM("huge", INT32_MAX)
ROTABLE_END(math_lib, NULL, 0)

ROTABLE_BEGIN(math_pc_lib)
ROTABLE_END(math_pc_lib, NULL, 0)

#else

// ---- functions of the C library ----

#define MATH_PI 3.14159265358979323846

// A Lua function of one number.
#define MATH_FUNCTION(name, expression)                                                            \
    static int math_##name(lua_State *L)                                                           \
    {                                                                                              \
        lua_Number x = luaL_checknumber(L, 1);                                                     \
        lua_pushnumber(L, (expression));                                                           \
        return 1;                                                                                  \
    }

// A Lua function of two numbers.
#define MATH_FUNCTION_2(name, expression)                                                          \
    static int math_##name(lua_State *L)                                                           \
    {                                                                                              \
        lua_Number x = luaL_checknumber(L, 1);                                                     \
        lua_Number y = luaL_checknumber(L, 2);                                                     \
        lua_pushnumber(L, (expression));                                                           \
        return 1;                                                                                  \
    }

MATH_FUNCTION(abs, fabs(x))
MATH_FUNCTION(ceil, ceil(x))
MATH_FUNCTION(floor, floor(x))
MATH_FUNCTION(sqrt, sqrt(x))
MATH_FUNCTION_2(pow, pow(x, y))

ROTABLE_BEGIN(math_lib)
    ROTABLE_FUNC("abs", math_abs)
    ROTABLE_FUNC("ceil", math_ceil)
    ROTABLE_FUNC("floor", math_floor)
    ROTABLE_FUNC("max", math_max)
    ROTABLE_FUNC("min", math_min)
    ROTABLE_FUNC("pow", math_pow)
    ROTABLE_FUNC("random", math_random)
    ROTABLE_FUNC("randomseed", math_randomseed)
    ROTABLE_FUNC("sqrt", math_sqrt)
    ROTABLE_NUM("huge", HUGE_VAL)
    ROTABLE_NUM("pi", MATH_PI)
ROTABLE_END(math_lib, NULL, 0)

MATH_FUNCTION(acos, acos(x))
MATH_FUNCTION(asin, asin(x))
MATH_FUNCTION(atan, atan(x))
MATH_FUNCTION(cos, cos(x))
MATH_FUNCTION(cosh, cosh(x))
MATH_FUNCTION(deg, x / (MATH_PI / 180.0))
MATH_FUNCTION(exp, exp(x))
MATH_FUNCTION(log, log(x))
MATH_FUNCTION(log10, log10(x))
MATH_FUNCTION(rad, x *(MATH_PI / 180.0))
MATH_FUNCTION(sin, sin(x))
MATH_FUNCTION(sinh, sinh(x))
MATH_FUNCTION(tan, tan(x))
MATH_FUNCTION(tanh, tanh(x))
MATH_FUNCTION_2(atan2, atan2(x, y))
MATH_FUNCTION_2(fmod, fmod(x, y))

static int math_frexp(lua_State *L)
{
    int exponent;
    lua_pushnumber(L, frexp(luaL_checknumber(L, 1), &exponent));
    lua_pushinteger(L, exponent);
    return 2;
}

static int math_ldexp(lua_State *L)
{
    lua_Number mantissa = luaL_checknumber(L, 1);
    lua_pushnumber(L, ldexp(mantissa, luaL_checkint(L, 2)));
    return 1;
}

static int math_modf(lua_State *L)
{
    double whole;
    double fraction = modf(luaL_checknumber(L, 1), &whole);
    lua_pushnumber(L, whole);
    lua_pushnumber(L, fraction);
    return 2;
}

ROTABLE_BEGIN(math_pc_lib)
    ROTABLE_FUNC("acos", math_acos)
    ROTABLE_FUNC("asin", math_asin)
    ROTABLE_FUNC("atan", math_atan)
    ROTABLE_FUNC("atan2", math_atan2)
    ROTABLE_FUNC("cos", math_cos)
    ROTABLE_FUNC("cosh", math_cosh)
    ROTABLE_FUNC("deg", math_deg)
    ROTABLE_FUNC("exp", math_exp)
    ROTABLE_FUNC("fmod", math_fmod)
    ROTABLE_FUNC("frexp", math_frexp)
    ROTABLE_FUNC("ldexp", math_ldexp)
    ROTABLE_FUNC("log", math_log)
    ROTABLE_FUNC("log10", math_log10)
    ROTABLE_FUNC("mod", math_fmod)
    ROTABLE_FUNC("modf", math_modf)
    ROTABLE_FUNC("rad", math_rad)
    ROTABLE_FUNC("sin", math_sin)
    ROTABLE_FUNC("sinh", math_sinh)
    ROTABLE_FUNC("tan", math_tan)
    ROTABLE_FUNC("tanh", math_tanh)
ROTABLE_END(math_pc_lib, NULL, 0)

#endif

int luaopen_math(lua_State *L)
{
    (void)L;
    random_state = 1;
    return 0;
}
