// doorbell.h: what the probed firmware tells QEMU's plugin, by the address of its stores.
//
// Written by runtime/probe/doorbell.c (the firmware, under the emulator only), read by
// collectors/qemu/plugin.c. A plugin sees addresses of loads and stores, but neither memory nor
// registers; so the message is the address, and what is stored does not matter. All of it lies in
// RAM that only the emulator has (-M sim: 128 MiB from 0x60000000), at its end.
//
//   DOORBELL_SITE + n   the Lua site is n (0 to 65535) from now on
//   DOORBELL_ENTER      what follows is work of the probes ...
//   DOORBELL_LEAVE      ... up to here: its loads and instructions do not count
//   DOORBELL_PACKET     a packet is whole and is about to be written: sums go with it
//   DOORBELL_STOP       the same, and nothing counts any more (the last packet)
//   DOORBELL_CUT        the run is about to end because its time (--duration) is over

#ifndef FROST_FORMAT_DOORBELL_H
#define FROST_FORMAT_DOORBELL_H

#include "runtime/format/address_map.h"

#define DOORBELL_SITE 0x67FE0000u
#define DOORBELL_SITE_COUNT 0x10000u
#define DOORBELL_ENTER 0x67FF0000u
#define DOORBELL_LEAVE 0x67FF0004u
#define DOORBELL_PACKET 0x67FF0008u
#define DOORBELL_STOP 0x67FF000Cu
#define DOORBELL_CUT 0x67FF0010u

// Tables of the firmware beside it: the site of each instruction of Lua code, two bytes a word.
#define DOORBELL_FLASH_SITES 0x67000000u // of the window
#define DOORBELL_FLASH_SITES_BYTES (WINDOW_BYTES / 2)
#define DOORBELL_NEAR_SITES 0x67080000u // of data RAM
#define DOORBELL_NEAR_SITES_BYTES (DRAM_BYTES / 2)
#define DOORBELL_FAR_SITES 0x67100000u // of larger heaps, which the emulator has here:
#define DOORBELL_FAR_SITES_BYTES (DOORBELL_FAR_HEAP_BYTES / 2)
#define DOORBELL_FAR_HEAP_ADDR 0x61000000u
#define DOORBELL_FAR_HEAP_BYTES 0x1000000u

_Static_assert(DOORBELL_FLASH_SITES + DOORBELL_FLASH_SITES_BYTES <= DOORBELL_NEAR_SITES, "apart");
_Static_assert(DOORBELL_NEAR_SITES + DOORBELL_NEAR_SITES_BYTES <= DOORBELL_FAR_SITES, "apart");
_Static_assert(DOORBELL_FAR_SITES + DOORBELL_FAR_SITES_BYTES <= DOORBELL_SITE, "apart");

#endif
