// i2c.h: the module i2c, as a boot and the modules of devices at its bus see it.

#ifndef FROST_NODEMCU_IO_I2C_H
#define FROST_NODEMCU_IO_I2C_H

#include <stdint.h>

// Before a boot: the bus has no pins, nobody is addressed.
void i2c_reset(void);

// ---- for modules of devices; before i2c.setup nobody is there ----

// Does the device acknowledge its address?
int i2c_is_there(unsigned address);
// At most 32 bytes from a register on; 0xFF where nobody answers.
void i2c_read_registers(unsigned address, uint8_t from, uint8_t *bytes, unsigned count);
void i2c_write_register(unsigned address, uint8_t at, uint8_t value);

#endif
