// adc.h: the module adc, as a boot sees it.

#ifndef FROST_NODEMCU_IO_ADC_H
#define FROST_NODEMCU_IO_ADC_H

// Before a boot: the input measures what was chosen last.
void adc_reset(void);
// Before the first boot: a chip that nobody has used.
void adc_erase(void);

#endif
