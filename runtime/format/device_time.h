// device_time.h: how the time of the device passes while a program computes, on every port and in
// every build, and what run.json of a trace says of it; what flash takes.
//
// Device time since the boot = VM instructions since then, each of the same length, and what the
// program waited. Collections take no time, so that all modes of the collector end alike. What a C
// function does takes none either, but for writing to flash.

#ifndef FROST_FORMAT_DEVICE_TIME_H
#define FROST_FORMAT_DEVICE_TIME_H

#include <stdint.h>

// 60 clocks at 80 MHz: analyzer/models/esp8266.json, vm_instruction. Also at 160 MHz.
#define DEVICE_TIME_INSTRUCTION_NS 750u

// Flash as on the usual modules (typical times of a Winbond W25Q32): programming a page of 256
// bytes; erasing a sector of 4096. A file system that has been full once erases a block of two
// sectors for every 31 pages of content that it writes.
#define DEVICE_TIME_PAGE_NS 700000u
#define DEVICE_TIME_PROGRAM_NS 30000u // to begin one
#define DEVICE_TIME_SECTOR_NS 60000000u
#define DEVICE_TIME_READ_NS 100u // a byte by the ROM's functions: two bits a clock of 40 MHz

// A program of few bytes takes its share of a page, and what it takes to begin one.
static inline uint64_t device_time_programs_ns(uint64_t programs, uint64_t bytes)
{
    return programs * DEVICE_TIME_PROGRAM_NS + bytes * DEVICE_TIME_PAGE_NS / 256;
}

#endif
