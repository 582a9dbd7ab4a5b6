// tmr.h: the module tmr, as the boot sees it.

#ifndef FROST_NODEMCU_SYSTEM_TMR_H
#define FROST_NODEMCU_SYSTEM_TMR_H

// Before a boot, when no timer is armed: no static timer is registered, no watchdog runs.
void tmr_reset(void);

#endif
