// store_time.h: the times of files: decimal YYMMDDHHMM from the year 2000 on, UTC.
//
// Reads and writes: nothing. Memory: none.

#ifndef FROST_FLASH_STORE_TIME_H
#define FROST_FLASH_STORE_TIME_H

#include <stdint.h>

#include "runtime/format/store.h"

struct store_date {
    uint32_t year, month, day, hour, minute; // month and day from 1 on
};

// The time of a file that is written `seconds` after the beginning of 1970; STORE_TIME_UNKNOWN for
// what is not from 2000 to 2042.
uint32_t store_time_of(uint64_t seconds);

// Takes a time apart. 0: it is not known, or none.
int store_time_read(uint32_t time, struct store_date *date);

#endif
