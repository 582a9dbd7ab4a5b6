// store_time.c: seconds since 1970 as times of files, and these as dates.

#include "runtime/flash/store/store_time.h"

#define DAY_S 86400u
#define YEAR_FIRST 2000u
#define YEAR_LAST 2042u // the largest that 32 bits have room for
#define DAYS_TO_2000 10957u

static uint32_t days_of(uint32_t month, uint32_t year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && year % 4 == 0); // 2000 was a leap year, too
}

uint32_t store_time_of(uint64_t seconds)
{
    struct store_date date = {.year = YEAR_FIRST, .month = 1};
    if (seconds / DAY_S < DAYS_TO_2000 || seconds / DAY_S > DAYS_TO_2000 + 366 * 43)
        return STORE_TIME_UNKNOWN;
    uint32_t days = (uint32_t)(seconds / DAY_S) - DAYS_TO_2000;
    for (; days >= days_of(date.month, date.year); date.month++) {
        days -= days_of(date.month, date.year);
        if (date.month == 12)
            date.month = 0, date.year++;
    }
    if (date.year > YEAR_LAST)
        return STORE_TIME_UNKNOWN;
    uint32_t minutes = (uint32_t)(seconds % DAY_S) / 60;
    return ((((date.year - YEAR_FIRST) * 100 + date.month) * 100 + days + 1) * 100 + minutes / 60) *
               100 +
           minutes % 60;
}

int store_time_read(uint32_t time, struct store_date *date)
{
    *date = (struct store_date){
        .year = YEAR_FIRST + time / 100000000,
        .month = time / 1000000 % 100,
        .day = time / 10000 % 100,
        .hour = time / 100 % 100,
        .minute = time % 100,
    };
    return date->month >= 1 && date->month <= 12 && date->day >= 1 &&
           date->day <= days_of(date->month, date->year) && date->hour < 24 && date->minute < 60;
}
