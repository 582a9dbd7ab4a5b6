// mounted.c: the one record of what is mounted.

#include "runtime/flash/mounted.h"

struct flash_mounted flash_mounted;
