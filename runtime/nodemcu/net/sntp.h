// sntp.h: what the module net tells the module sntp.
//
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_SNTP_H
#define FROST_NODEMCU_SNTP_H

#include <stddef.h>
#include <stdint.h>

// Before a boot: nothing is asked.
void sntp_reset(void);
// A datagram has come for that object. False: it is not ours.
int sntp_receive(uint32_t object, const void *data, size_t bytes);

#endif
