// ow.h: the module ow, as a boot sees it.

#ifndef FROST_NODEMCU_IO_OW_H
#define FROST_NODEMCU_IO_OW_H

// Before a boot: searches begin at the first device.
void ow_reset(void);

#endif
