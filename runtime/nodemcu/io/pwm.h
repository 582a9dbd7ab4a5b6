// pwm.h: the module pwm, as gpio sees it.

#ifndef FROST_NODEMCU_IO_PWM_H
#define FROST_NODEMCU_IO_PWM_H

// Before a boot: no pin has a channel.
void pwm_reset(void);
// The pin has no channel any more.
void pwm_close(unsigned pin);
// What a running channel shows on the pin now, 0 or 1; -1: none runs there.
int pwm_level(unsigned pin);

#endif
