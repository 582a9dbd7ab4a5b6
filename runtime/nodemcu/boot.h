// boot.h: which boot of the device this is, and what starts again with each.
//
// Context: the interpreter's thread, or before it starts.

#ifndef FROST_NODEMCU_BOOT_H
#define FROST_NODEMCU_BOOT_H

// Before each boot: nothing is pending, the program's files are closed, the clock is at 0, print
// writes to the console.
void boot_begin(void);
// For a port whose memory does not outlive a restart: boots before this one, told before
// boot_begin().
void boot_set_count_before(unsigned boots);
// The settings that the SDK keeps in flash are those of a new device from the next boot on.
void boot_restore_settings(void);

#endif
