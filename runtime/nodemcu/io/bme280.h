// bme280.h: the module bme280, as a boot sees it.

#ifndef FROST_NODEMCU_IO_BME280_H
#define FROST_NODEMCU_IO_BME280_H

// Before a boot: no sensor is known. The chip's firmware has no such module
// (runtime/lib/rom_modules.h).
#ifdef __XTENSA__
static inline void bme280_reset(void)
{
}
#else
void bme280_reset(void);
#endif

#endif
