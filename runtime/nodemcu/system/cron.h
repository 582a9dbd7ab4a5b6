// cron.h: the module cron.

#ifndef FROST_NODEMCU_SYSTEM_CRON_H
#define FROST_NODEMCU_SYSTEM_CRON_H

// Before a boot: nothing is scheduled.
void cron_reset(void);

#endif
