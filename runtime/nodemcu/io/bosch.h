// bosch.h: from the registers of a BME280 or BMP280 to temperature, pressure and humidity.
//
// Memory: the caller's. Context: any.
// Source: Bosch's data sheet of the BME280 (the compensation in whole numbers); facts on the
// firmware's modules bme280 and bme280_math for scales and what they derive.

#ifndef FROST_NODEMCU_IO_BOSCH_H
#define FROST_NODEMCU_IO_BOSCH_H

#include <stddef.h>
#include <stdint.h>

// Registers of the sensor.
#define BOSCH_CHIP_ID 0xD0
#define BOSCH_CHIP_BME280 0x60
#define BOSCH_TRIM_T 0x88 // 6 bytes, then 18 of the pressure
#define BOSCH_TRIM_H1 0xA1
#define BOSCH_TRIM_H2 0xE1 // 7 bytes
#define BOSCH_CONTROL_HUMIDITY 0xF2
#define BOSCH_CONTROL 0xF4
#define BOSCH_CONFIG 0xF5
#define BOSCH_PRESSURE 0xF7 // 3 bytes, 3 of the temperature, 2 of the humidity
#define BOSCH_TEMPERATURE 0xFA
#define BOSCH_TRIM_BYTES 24u     // of a BMP280
#define BOSCH_TRIM_BME_BYTES 32u // of a BME280: and humidity

// The trimming values; the firmware's object of bme280_math.
struct bosch_trim {
    uint16_t t1;
    int16_t t2, t3;
    uint16_t p1;
    int16_t p2, p3, p4, p5, p6, p7, p8, p9;
    uint8_t h1;
    int16_t h2;
    uint8_t h3;
    int16_t h4, h5;
    int8_t h6;
};
_Static_assert(sizeof(struct bosch_trim) == 36, "the firmware's size");

// Of registers in the order T, P, H1, H2; what lacks is 0.
void bosch_trim_read(struct bosch_trim *trim, const uint8_t *registers, size_t bytes);

// Readings without a value.
#define BOSCH_NO_VALUE 0x80000u
static inline int bosch_has_value(uint32_t adc, uint32_t none, uint32_t most)
{
    return adc != none && adc != most;
}

// 20 bits of three registers.
static inline uint32_t bosch_adc(const uint8_t *registers)
{
    return (uint32_t)(registers[0] << 16 | registers[1] << 8 | registers[2]) >> 4;
}

// Hundredths of a degree; *fine is what pressure and humidity need.
int32_t bosch_temperature(const struct bosch_trim *trim, uint32_t adc, int32_t *fine);
// Thousandths of a hectopascal.
uint32_t bosch_pressure(const struct bosch_trim *trim, uint32_t adc, int32_t fine);
// Thousandths of a percent.
uint32_t bosch_humidity(const struct bosch_trim *trim, uint32_t adc, int32_t fine);

// The pressure at sea level, of that at a height of so many metres.
double bosch_qnh(double pressure, double metres);
// The height in metres at which the pressure is that, of the one at sea level.
double bosch_altitude(double pressure, double qnh);
// Degrees, of a relative humidity of 0 to 1.
double bosch_dew_point(double humidity, double degrees);

// What setup writes: options from stack position `first` on: oversampling of temperature, pressure
// and humidity, mode, inactive duration, filter; others than numbers give the firmware's defaults.
struct bosch_options {
    uint8_t config, control_humidity, control;
};
struct lua_State;
struct bosch_options bosch_take_options(struct lua_State *L, int first);

#endif
