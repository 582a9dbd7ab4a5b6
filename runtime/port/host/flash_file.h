// flash_file.h: flash on the host: a file, or memory, seen through the window.
//
// The first megabyte is mapped read-only at WINDOW_ADDR for the VM; the driver writes through a
// second mapping. Context: main thread before the interpreter starts; flash_file_mount at each
// boot.

#ifndef FROST_PORT_HOST_FLASH_FILE_H
#define FROST_PORT_HOST_FLASH_FILE_H

#include "runtime/flash/device.h"

// Opens `flash` (made of erased sectors if it does not exist; NULL: in memory) and programs the
// image file `lfs` (NULL: none) into the LFS partition after a full check. freezer_bytes: size of
// the freezer of flash in memory, 0 for the default. Result: an exit status; messages name file and
// reason (EXIT_STATUS_DAMAGED for an image that the firmware would refuse, EXIT_STATUS_ENVIRONMENT
// for input and output, EXIT_STATUS_USAGE for a freezer that has no room).
int flash_file_open(const char *flash, const char *lfs, uint32_t freezer_bytes);

// Programs the image file `path` into the free slot of LFS devs (runtime/flash/devs.h) of the flash
// that is open, after a full check against the core image there. Result: as above.
int flash_file_put_devs(const char *path);

// Checks and mounts what lies in the LFS partition and in LFS devs (into the list of
// runtime/flash/regions.h); says on the console what the firmware would say of a damaged one, and
// does not mount it.
void flash_file_mount(void);

// The device after it.
struct flash_device *flash_file_device(void);

#endif
