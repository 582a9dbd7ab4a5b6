// loads.h: what the event writer tells the part that counts loads (loads.c). Traced build only.

#ifndef FROST_PROBE_LOADS_H
#define FROST_PROBE_LOADS_H

// A boot: no thread runs yet. Loads count from the first call on.
#ifdef FROST_TRACED
void loads_boot(void);
#else
static inline void loads_boot(void)
{
}
#endif

#endif
