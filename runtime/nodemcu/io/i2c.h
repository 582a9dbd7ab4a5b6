// i2c.h: the module i2c, as a boot sees it.

#ifndef FROST_NODEMCU_IO_I2C_H
#define FROST_NODEMCU_IO_I2C_H

// Before a boot: the bus has no pins, nobody is addressed.
void i2c_reset(void);

#endif
