// rtctime.c: the module rtctime: the time of day, through restarts and deep sleep.
//
// Reads and writes: words 0 to 9 of the RTC's user memory, as in the firmware, so that a program
// that writes there loses the time; the device's clock. Memory: none.
// Source: facts on NodeMCU 3.0; the layout of the words is ours.

#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/system/rtc.h"
#include "runtime/port/port.h"

#define MAGIC 0x64695472u
#define SECOND_US 1000000u
#define SLEEP_OPTION_MAX 4

// The time was `time_us` (since 1970; 0: not set) when the device's clock said `clock_us`. The
// device's clock is too slow by `rate` / 2^32.
struct rtc {
    uint32_t magic;
    int32_t rate;
    uint32_t time_us[2], clock_us[2]; // low word first
    uint32_t unused[4];
};
_Static_assert(sizeof(struct rtc) == 40, "the words that are the firmware's for this");

static volatile struct rtc *rtc(void)
{
    return (volatile struct rtc *)port_rtc_memory();
}

static uint64_t get_wide(const volatile uint32_t words[2])
{
    return words[0] | (uint64_t)words[1] << 32;
}

static void set_wide(volatile uint32_t words[2], uint64_t value)
{
    words[0] = (uint32_t)value;
    words[1] = (uint32_t)(value >> 32);
}

static int is_prepared(void)
{
    return rtc()->magic == MAGIC;
}

static int32_t rate(void)
{
    return is_prepared() ? rtc()->rate : 0;
}

static uint64_t adjusted(uint64_t us)
{
    int64_t high = (int64_t)(us >> 32) * rate();
    int64_t low = (int64_t)((us & UINT32_MAX) * (uint64_t)(int64_t)rate()) >> 32;
    return us + (uint64_t)(high + low);
}

// What the time is when the device's clock says that; 0: not known.
static uint64_t time_at(uint64_t clock_us)
{
    if (!is_prepared() || get_wide(rtc()->time_us) == 0)
        return 0;
    return get_wide(rtc()->time_us) + adjusted(clock_us - get_wide(rtc()->clock_us));
}

static void set_time(uint64_t time_us, uint64_t clock_us)
{
    if (!is_prepared())
        rtc()->rate = 0;
    rtc()->magic = MAGIC;
    set_wide(rtc()->time_us, time_us);
    set_wide(rtc()->clock_us, clock_us);
}

void rtctime_boot(uint64_t ended_us, uint64_t slept_us)
{
    uint64_t time_us = time_at(ended_us);
    if (is_prepared())
        set_time(time_us ? time_us + slept_us : 0, 0);
}

uint32_t rtctime_seconds(void)
{
    return (uint32_t)(time_at(device_time_us()) / SECOND_US);
}

uint64_t rtctime_us(void)
{
    return time_at(device_time_us());
}

void rtctime_set_us(uint64_t us)
{
    set_time(us, device_time_us());
}

// ---- the time ----

// rtctime.set(seconds [, microseconds [, rate]]); without seconds the rate alone.
static int rtctime_set(lua_State *L)
{
    uint64_t now_us = device_time_us();
    if (lua_isnumber(L, 1)) {
        uint32_t seconds = (uint32_t)lua_tointeger(L, 1), us = (uint32_t)lua_tointeger(L, 2);
        set_time((uint64_t)seconds * SECOND_US + us, now_us);
    } else {
        set_time(time_at(now_us), now_us);
    }
    if (lua_isnumber(L, 3))
        rtc()->rate = (int32_t)lua_tointeger(L, 3);
    return 0;
}

// rtctime.get(): seconds, microseconds, rate.
static int rtctime_get(lua_State *L)
{
    uint64_t time_us = time_at(device_time_ask_us());
    lua_pushinteger(L, (int32_t)(uint32_t)(time_us / SECOND_US));
    lua_pushinteger(L, (lua_Integer)(time_us % SECOND_US));
    lua_pushinteger(L, rate());
    return 3;
}

// rtctime.adjust_delta(us): of the device's clock, in those of the time.
static int rtctime_adjust_delta(lua_State *L)
{
    uint32_t us = (uint32_t)luaL_checkinteger(L, 1);
    lua_pushinteger(L, (int32_t)(uint32_t)adjusted(us));
    return 1;
}

// ---- deep sleep ----

static void check_option(lua_State *L, int arg)
{
    lua_Integer option = lua_isnumber(L, arg) ? lua_tointeger(L, arg) : 0;
    if (option < 0 || option > SLEEP_OPTION_MAX)
        luaL_error(L, "unknown sleep option");
}

static _Noreturn void sleep_for(uint64_t us)
{
    restart_set_sleep(us);
    restart_now(RESTART_WAKE);
}

// rtctime.dsleep(us [, option])
static int rtctime_dsleep(lua_State *L)
{
    uint32_t us = (uint32_t)luaL_checkinteger(L, 1);
    check_option(L, 2);
    sleep_for(us);
}

// rtctime.dsleep_aligned(align_us, min_us [, option]): at least so long, up to a multiple of the
// time.
static int rtctime_dsleep_aligned(lua_State *L)
{
    uint64_t time_us = time_at(device_time_us());
    if (time_us == 0)
        return luaL_error(L, "time not available, unable to align");
    uint32_t align_us = (uint32_t)luaL_checkinteger(L, 1);
    uint32_t us = (uint32_t)luaL_checkinteger(L, 2);
    check_option(L, 3);
    uint32_t beyond_us = align_us ? (uint32_t)((time_us + us) % align_us) : 0;
    sleep_for((uint64_t)us + (beyond_us ? align_us - beyond_us : 0));
}

// ---- the calendar ----

#define DAY_S 86400

static void set_field(lua_State *L, const char *name, int value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int month, int year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 1 && is_leap(year));
}

void rtctime_date(uint32_t seconds, struct rtctime_date *date)
{
    int days = (int)(seconds / DAY_S), time = (int)(seconds % DAY_S), year = 1970, month = 0;
    date->week_day = (4 + days) % 7; // the first was a Thursday
    for (; days >= 365 + is_leap(year); year++)
        days -= 365 + is_leap(year);
    date->year_day = days;
    for (; days >= month_days(month, year); month++)
        days -= month_days(month, year);
    date->year = year;
    date->month = month + 1;
    date->day = days + 1;
    date->hour = time / 3600;
    date->minute = time / 60 % 60;
    date->second = time % 60;
}

// rtctime.epoch2cal(seconds)
static int rtctime_epoch2cal(lua_State *L)
{
    int32_t seconds = (int32_t)luaL_checkinteger(L, 1);
    struct rtctime_date date;
    luaL_argcheck(L, seconds >= 0, 1, "wrong arg range");
    rtctime_date((uint32_t)seconds, &date);
    lua_createtable(L, 0, 8);
    set_field(L, "yday", date.year_day + 1);
    set_field(L, "wday", date.week_day + 1);
    set_field(L, "year", date.year);
    set_field(L, "mon", date.month);
    set_field(L, "day", date.day);
    set_field(L, "hour", date.hour);
    set_field(L, "min", date.minute);
    set_field(L, "sec", date.second);
    return 1;
}

ROTABLE_BEGIN(rtctime_lib)
    ROTABLE_FUNC("get", rtctime_get)
    ROTABLE_FUNC("set", rtctime_set)
    ROTABLE_FUNC("adjust_delta", rtctime_adjust_delta)
    ROTABLE_FUNC("dsleep", rtctime_dsleep)
    ROTABLE_FUNC("dsleep_aligned", rtctime_dsleep_aligned)
    ROTABLE_FUNC("epoch2cal", rtctime_epoch2cal)
ROTABLE_END(rtctime_lib, NULL, 0)
