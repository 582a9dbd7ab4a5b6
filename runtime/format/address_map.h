// address_map.h: the ESP8266's addresses, the same on every port.
//
// Source: the firmware's linker script and measurements of flash access by others.

#ifndef FROST_FORMAT_ADDRESS_MAP_H
#define FROST_FORMAT_ADDRESS_MAP_H

#define DRAM_ADDR 0x3FFE8000u          // data RAM
#define DRAM_BYTES 0x14000u            // 80 KiB on the chip
#define HEAP_ADDR DRAM_ADDR            // host: heaps of up to HEAP_NEAR_BYTES_MAX start here
#define HEAP_NEAR_BYTES_MAX 0x100000u  // 1 MiB
#define HEAP_FAR_ADDR 0x10000000u      // host: larger heaps
#define HEAP_FAR_BYTES_MAX 0x20000000u // 512 MiB
#define QUICK_OPS_OFFSET 0x3F000000u   // host: from a word of code to its quick operation
#define IRAM_ADDR 0x40100000u
#define IRAM_BYTES 0x8000u
#define WINDOW_ADDR 0x40200000u // the first megabyte of flash, readable in place
#define WINDOW_BYTES 0x100000u
#define STACK_ADDR 0x41000000u     // host: the interpreter thread's stack
#define STACK_BYTES_MAX 0x8000000u // 128 MiB

#define FLASH_SECTOR_BYTES 4096u
// Default place of the LFS partition: directly after a firmware of typical size. One slot of two,
// and all there is in the layout of stock firmware.
#define LFS_DEFAULT_OFFSET 0x90000u
#define LFS_DEFAULT_BYTES 0x20000u
#define LFS_STOCK_BYTES 0x40000u

// True for an address in the flash window. Works on pointers and integers.
#define IN_WINDOW(p) ((uint32_t)(uintptr_t)(p)-WINDOW_ADDR < WINDOW_BYTES)

#endif
