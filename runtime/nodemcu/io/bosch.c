// bosch.c: see bosch.h.

#include "runtime/nodemcu/io/bosch.h"

#include <math.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"

static int16_t word(const uint8_t *at)
{
    return (int16_t)(at[1] << 8 | at[0]);
}

void bosch_trim_read(struct bosch_trim *trim, const uint8_t *registers, size_t bytes)
{
    uint8_t r[BOSCH_TRIM_BME_BYTES] = {0};
    memcpy(r, registers, bytes < sizeof r ? bytes : sizeof r);
    *trim = (struct bosch_trim){
        .t1 = (uint16_t)word(r),
        .t2 = word(r + 2),
        .t3 = word(r + 4),
        .p1 = (uint16_t)word(r + 6),
        .p2 = word(r + 8),
        .p3 = word(r + 10),
        .p4 = word(r + 12),
        .p5 = word(r + 14),
        .p6 = word(r + 16),
        .p7 = word(r + 18),
        .p8 = word(r + 20),
        .p9 = word(r + 22),
        .h1 = r[24],
        .h2 = word(r + 25),
        .h3 = r[27],
        .h4 = (int16_t)(r[28] << 4 | (r[29] & 0x0F)),
        .h5 = (int16_t)(r[30] << 4 | r[29] >> 4),
        .h6 = (int8_t)r[31],
    };
}

// Products as the chip has them: of 32 bits, which wrap.
static int32_t times(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a * (uint32_t)b);
}

int32_t bosch_temperature(const struct bosch_trim *trim, uint32_t adc, int32_t *fine)
{
    int32_t coarse = (int32_t)(adc >> 3) - 2 * trim->t1, off = (int32_t)(adc >> 4) - trim->t1;
    *fine = (times(coarse, trim->t2) >> 11) + (times(times(off, off) >> 12, trim->t3) >> 14);
    return (5 * *fine + 128) >> 8;
}

uint32_t bosch_pressure(const struct bosch_trim *trim, uint32_t adc, int32_t fine)
{
    int64_t t = (int64_t)fine - 128000;
    int64_t offset = t * t * trim->p6 + t * trim->p5 * ((int64_t)1 << 17) +
                     trim->p4 * ((int64_t)1 << 35);
    int64_t scale = (t * t * trim->p3 >> 8) + t * trim->p2 * 4096;
    scale = (((int64_t)1 << 47) + scale) * trim->p1 >> 33;
    if (scale == 0)
        return 0;
    int64_t p = (((int64_t)1048576 - adc) * ((int64_t)1 << 31) - offset) * 3125 / scale;
    int64_t square = trim->p9 * (p >> 13) * (p >> 13) >> 25, linear = trim->p8 * p >> 19;
    p = ((p + square + linear) >> 8) + trim->p7 * 16;
    return (uint32_t)(p * 10 >> 8);
}

uint32_t bosch_humidity(const struct bosch_trim *trim, uint32_t adc, int32_t fine)
{
    int32_t t = fine - 76800;
    int32_t raw = (int32_t)((adc << 14) - ((uint32_t)trim->h4 << 20) -
                            (uint32_t)times(trim->h5, t) + 16384) >>
                  15;
    int32_t slope = (times(t, trim->h3) >> 11) + 32768;
    slope = (times(times(t, trim->h6) >> 10, slope) >> 10) + 2097152;
    slope = (int32_t)((uint32_t)times(slope, trim->h2) + 8192u) >> 14;
    int32_t h = times(raw, slope), square = times(h >> 15, h >> 15) >> 7;
    h = (int32_t)((uint32_t)h - (uint32_t)(times(square, trim->h1) >> 4));
    h = h < 0 ? 0 : h > 419430400 ? 419430400 : h;
    return (uint32_t)((h >> 12) * 1000) >> 10;
}

double bosch_qnh(double pressure, double metres)
{
    return pressure * pow(1.0 - 2.25577e-5 * metres, -5.25588);
}

double bosch_altitude(double pressure, double qnh)
{
    return (1.0 - pow(pressure / qnh, 1.0 / 5.25588)) / 2.25577e-5;
}

// The firmware's logarithm, a series that ends: of 0 it is a number, too.
static double logarithm(double x)
{
    double y = (x - 1) / (x + 1), sum = 0;
    for (int i = 33; i > 0; i -= 2)
        sum = 1.0 / i + y * y * sum;
    return 2 * y * sum;
}

double bosch_dew_point(double humidity, double degrees)
{
    double c = logarithm(humidity) + 17.67 * degrees / (243.5 + degrees);
    return 243.5 * c / (17.67 - c);
}

static uint8_t option(struct lua_State *L, int arg, unsigned usual, unsigned mask)
{
    return (uint8_t)(lua_isnumber(L, arg) ? (unsigned)lua_tointeger(L, arg) & mask : usual);
}

struct bosch_options bosch_take_options(struct lua_State *L, int first)
{
    unsigned temperature = option(L, first, 5, 7), pressure = option(L, first + 1, 5, 7);
    unsigned mode = option(L, first + 3, 3, 3), inactive = option(L, first + 4, 7, 7);
    return (struct bosch_options){
        .config = (uint8_t)(inactive << 5 | option(L, first + 5, 4, 7) << 2),
        .control_humidity = option(L, first + 2, 5, 7),
        .control = (uint8_t)(temperature << 5 | pressure << 2 | mode),
    };
}
