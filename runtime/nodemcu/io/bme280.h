// bme280.h: the module bme280, as a boot sees it.

#ifndef FROST_NODEMCU_IO_BME280_H
#define FROST_NODEMCU_IO_BME280_H

// Before a boot: no sensor is known.
void bme280_reset(void);

#endif
