// lights.h: the modules of strips of lights, as a boot sees them.

#ifndef FROST_NODEMCU_IO_LIGHTS_H
#define FROST_NODEMCU_IO_LIGHTS_H

// Before a boot: ws2812 has no line.
void lights_reset(void);

#endif
