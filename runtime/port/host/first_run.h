// first_run.h: what the host has for the first run of a flash file (runtime/flash/first_run.h), and
// for images that come back from files of its store.

#ifndef FROST_PORT_HOST_FIRST_RUN_H
#define FROST_PORT_HOST_FIRST_RUN_H

#include "runtime/flash/first_run.h"

// Tells on the console. The room of an image is that of lfs_port_work().
struct first_run *host_first_run(void);

#endif
