// first_run.h: the first run of a flash file (runtime/flash/first_run.h), and images that come
// back.
//
// What is done is said on the console. Context: start of a boot.

#ifndef FROST_PORT_HOST_FIRST_RUN_H
#define FROST_PORT_HOST_FIRST_RUN_H

#include "runtime/flash/lfs.h"
#include "runtime/flash/partition_table.h"

// Moves the store if it lies behind the firmware; 1: the table has another layout.
int host_first_run_move(struct partition_table *table);
// Installs an image from its file, if there is one; 1: it is to be mounted.
int host_first_run_core(const struct lfs_target *target, struct lfs_work *work);
int host_first_run_devs(struct flash_device *device, struct lfs_work *work);

#endif
