// rtc.h: the clock that outlives restarts, as a boot sees it.

#ifndef FROST_NODEMCU_SYSTEM_RTC_H
#define FROST_NODEMCU_SYSTEM_RTC_H

#include <stdint.h>

// Before a boot: the time goes on from where the device's clock was at the end of the last one, and
// so much later if the device slept.
void rtctime_boot(uint64_t ended_us, uint64_t slept_us);
// Seconds since 1970; 0: the time was not set.
uint32_t rtctime_seconds(void);
// The same in microseconds.
uint64_t rtctime_us(void);
void rtctime_set_us(uint64_t us);

// A time of the calendar, UTC. Months and days of the month from 1 on, of the year and week from 0
// on, Sunday being 0.
struct rtctime_date {
    int year, month, day, hour, minute, second;
    int year_day, week_day;
};
// What seconds since 1970 are.
void rtctime_date(uint32_t seconds, struct rtctime_date *date);

#endif
