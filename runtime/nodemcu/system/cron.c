// cron.c: the module cron: functions that are called at minutes of the day, of the month or week.
//
// Reads and writes: the clock of rtctime; a timer of its own, armed while something is scheduled.
// Memory: an entry is a userdata of 32 bytes, held by the registry while it is scheduled; beside
// Lua a list with 4 bytes for each.
// Source: facts on the firmware's module cron (3.0): a mask has five fields, "minute hour
// day-of-month month day-of-week", each "*", "*/step" or numbers with commas; UTC.

#include "runtime/nodemcu/system/cron.h"

#include <stdlib.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/rtc.h"
#include "runtime/nodemcu/timers.h"

#define META "cron.entry"
#define SECOND_US 1000000u
#define MINUTE_S 60u
#define FIELDS 5

// What a field of a mask may be.
static const struct {
    uint8_t least, most;
} ranges[FIELDS] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY };

// A bit for each number of each field; those of minutes need two words.
struct mask {
    uint32_t minutes[2], hours, days;
    uint16_t months, weekdays;
};

struct cron_entry {
    struct mask mask;
    int32_t self_ref;     // while it is scheduled
    int32_t function_ref; // its callback
    uint32_t pad_;
};
_Static_assert(sizeof(struct cron_entry) == 32, "the firmware's size");

static int32_t *list;        // references to what is scheduled
static uint32_t count, room; // of the list: what it has, what it can have
static struct event_timer timer;

void cron_reset(void)
{
    list = NULL;
    count = room = 0;
    timer = (struct event_timer){0};
}

// ---- masks ----

static void set_bit(struct mask *mask, int field, unsigned number)
{
    switch (field) {
    case MINUTE:
        mask->minutes[number / 32] |= 1u << number % 32;
        break;
    case HOUR:
        mask->hours |= 1u << number;
        break;
    case DAY:
        mask->days |= 1u << number;
        break;
    case MONTH:
        mask->months |= (uint16_t)(1u << number);
        break;
    default:
        mask->weekdays |= (uint16_t)(1u << number);
    }
}

static int has_bit(const struct mask *mask, int field, unsigned number)
{
    const uint32_t words[FIELDS] = {mask->minutes[number / 32], mask->hours, mask->days,
                                    mask->months, mask->weekdays};
    return words[field] >> number % 32 & 1;
}

static unsigned long take_number(const char **at)
{
    char *end;
    unsigned long number = strtoul(*at, &end, 10);
    *at = end;
    return number;
}

// "*" or "*/step". Which numbers a step begins with: those that it divides.
static void parse_star(lua_State *L, const char **at, int field, struct mask *mask)
{
    unsigned long step = 1;
    (*at)++;
    if (**at == '/') {
        (*at)++;
        step = take_number(at);
        if (step == 0 || step > ranges[field].most)
            luaL_error(L, "invalid spec (each %d)", (int)step);
    }
    for (unsigned number = ranges[field].least; number <= ranges[field].most; number++)
        if (number % step == 0 || step == 1)
            set_bit(mask, field, number);
}

static void parse_list(lua_State *L, const char **at, int field, struct mask *mask)
{
    for (;;) {
        unsigned long number = take_number(at);
        if (number < ranges[field].least || number > ranges[field].most)
            luaL_error(L, "invalid spec (val %d out of range %d..%d)", (int)number,
                       ranges[field].least, ranges[field].most);
        set_bit(mask, field, (unsigned)number);
        if (**at != ',')
            return;
        (*at)++;
    }
}

static struct mask parse_mask(lua_State *L, const char *text)
{
    struct mask mask = {.minutes = {0, 0}};
    const char *at = text;
    for (int field = 0; field < FIELDS; field++) {
        if (field > 0 && *at != ' ' && *at != '\t')
            luaL_error(L, "invalid spec (separator @%d)", (int)(at - text));
        while (*at == ' ' || *at == '\t')
            at++;
        if (*at == '*')
            parse_star(L, &at, field, &mask);
        else
            parse_list(L, &at, field, &mask);
    }
    if (*at)
        luaL_error(L, "invalid spec (trailing @%d)", (int)(at - text));
    return mask;
}

// ---- minutes ----

static struct cron_entry *push_entry(lua_State *L, uint32_t place)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, list[place]);
    return lua_touserdata(L, -1);
}

static int is_due(const struct mask *mask, uint32_t now_s)
{
    struct rtctime_date date;
    rtctime_date(now_s, &date);
    const int numbers[FIELDS] = {date.minute, date.hour, date.day, date.month, date.week_day};
    for (int field = 0; field < FIELDS; field++)
        if (!has_bit(mask, field, (unsigned)numbers[field]))
            return 0;
    return 1;
}

static int run_minute(lua_State *L, struct event_timer *event);

// The clock may have been set since; without a time it is looked at each second.
static void arm(void)
{
    uint64_t now_us = rtctime_us();
    uint64_t minute_us = (uint64_t)MINUTE_S * SECOND_US;
    timers_arm(&timer, now_us ? minute_us - now_us % minute_us : SECOND_US, run_minute);
}

static int run_minute(lua_State *L, struct event_timer *event)
{
    uint32_t now_s = rtctime_seconds();
    int top = lua_gettop(L);
    (void)event;
    arm();
    if (now_s == 0 || now_s % MINUTE_S != 0)
        return -1;
    for (uint32_t place = 0; place < count;) {
        struct cron_entry *entry = push_entry(L, place);
        if (is_due(&entry->mask, now_s) && entry->function_ref != LUA_NOREF) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, entry->function_ref);
            lua_pushvalue(L, -2);
            callback_call(L, 1, CALLBACK_PROTECTED);
        }
        int is_there = place < count && push_entry(L, place) == entry;
        place += is_there != 0; // else it has taken itself out, and the next one has its place
        lua_settop(L, top);
    }
    return -1;
}

// ---- the list ----

// Gives the list room for so many references; 0: no memory, it is as it was.
static int resize(uint32_t wanted)
{
    int32_t *more = wanted ? heap_take(wanted * sizeof *more) : NULL;
    if (wanted && !more)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        more[i] = list[i];
    if (list)
        heap_give(list, room * sizeof *list);
    list = more;
    room = wanted;
    return 1;
}

static void schedule(lua_State *L, struct cron_entry *entry, int position)
{
    lua_pushvalue(L, position);
    int32_t ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (count == room && !resize(count + 1)) {
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
        luaL_error(L, "out of memory");
        return;
    }
    entry->self_ref = list[count++] = ref;
    if (count == 1)
        arm();
}

static void unschedule(lua_State *L, struct cron_entry *entry)
{
    uint32_t place = 0;
    if (entry->self_ref == LUA_NOREF)
        return;
    while (list[place] != entry->self_ref)
        place++;
    for (; place + 1 < count; place++)
        list[place] = list[place + 1];
    count--;
    (void)resize(count); // without memory for a shorter list the old one stays
    luaL_unref2(L, LUA_REGISTRYINDEX, entry->self_ref);
    if (count == 0)
        timers_disarm(&timer);
}

// ---- for Lua ----

static struct cron_entry *check_entry(lua_State *L)
{
    return luaL_checkudata(L, 1, META);
}

static void keep_function(lua_State *L, struct cron_entry *entry, int position)
{
    lua_pushvalue(L, position);
    luaL_unref2(L, LUA_REGISTRYINDEX, entry->function_ref);
    entry->function_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

// entry:schedule(mask)
static int entry_schedule(lua_State *L)
{
    struct cron_entry *entry = check_entry(L);
    entry->mask = parse_mask(L, luaL_checkstring(L, 2));
    if (entry->self_ref == LUA_NOREF)
        schedule(L, entry, 1);
    return 0;
}

// entry:handler(fn)
static int entry_handler(lua_State *L)
{
    struct cron_entry *entry = check_entry(L);
    luaL_checkfunction(L, 2);
    keep_function(L, entry, 2);
    return 0;
}

static int entry_unschedule(lua_State *L)
{
    unschedule(L, check_entry(L));
    return 0;
}

static int entry_gc(lua_State *L)
{
    struct cron_entry *entry = check_entry(L);
    luaL_unref2(L, LUA_REGISTRYINDEX, entry->function_ref);
    return 0;
}

ROTABLE_EXTERN(cron_entry_meta);
ROTABLE_BEGIN(cron_entry_meta)
    ROTABLE_FUNC("__gc", entry_gc)
    ROTABLE_TABLE("__index", cron_entry_meta)
    ROTABLE_FUNC("schedule", entry_schedule)
    ROTABLE_FUNC("handler", entry_handler)
    ROTABLE_FUNC("unschedule", entry_unschedule)
ROTABLE_END(cron_entry_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

// cron.schedule(mask, fn): the entry.
static int cron_schedule(lua_State *L)
{
    struct mask mask = parse_mask(L, luaL_checkstring(L, 1));
    luaL_checkfunction(L, 2);
    struct cron_entry *entry = lua_newuserdata(L, sizeof *entry);
    *entry = (struct cron_entry){.mask = mask, .self_ref = LUA_NOREF, .function_ref = LUA_NOREF};
    luaL_rometatable(L, META, &cron_entry_meta);
    lua_setmetatable(L, -2);
    keep_function(L, entry, 2);
    schedule(L, entry, lua_gettop(L));
    return 1;
}

// cron.reset(): nothing is scheduled any more.
static int cron_reset_all(lua_State *L)
{
    while (count > 0) {
        unschedule(L, push_entry(L, count - 1));
        lua_pop(L, 1);
    }
    return 0;
}

ROTABLE_BEGIN(cron_lib)
    ROTABLE_FUNC("schedule", cron_schedule)
    ROTABLE_FUNC("reset", cron_reset_all)
ROTABLE_END(cron_lib, NULL, 0)
