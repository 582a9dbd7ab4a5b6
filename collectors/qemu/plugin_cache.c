// plugin_cache.c: a model of the cache between CPU and flash, for code and data alike.
//
// What is modelled: lines, sets, ways, and that the line that was not used for longest is replaced.
// What the chip really does is not documented; the figures come from analyzer/models.

#include "collectors/qemu/plugin.h"

#include <stdlib.h>
#include <string.h>

#define WAYS_MAX 64u

static struct {
    unsigned line_shift;
    uint32_t set_mask;
    uint32_t way_count;
    uint32_t *lines; // by set, the last used first; line number + 1, 0: empty
} cache;

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

int plugin_cache_init(uint32_t line_bytes, uint32_t set_count, uint32_t way_count)
{
    if (!is_power_of_two(line_bytes) || !is_power_of_two(set_count) || set_count > 65536 ||
        line_bytes < 4 || way_count == 0 || way_count > WAYS_MAX)
        return -1;
    cache.line_shift = (unsigned)__builtin_ctz(line_bytes);
    cache.set_mask = set_count - 1;
    cache.way_count = way_count;
    cache.lines = calloc((size_t)set_count * way_count, sizeof *cache.lines);
    return cache.lines ? 0 : -1;
}

void plugin_cache_find(uint32_t addr, const uint32_t **place, uint32_t *line)
{
    uint32_t number = addr >> cache.line_shift;
    *place = cache.lines ? &cache.lines[(size_t)(number & cache.set_mask) * cache.way_count] : NULL;
    *line = number + 1;
}

bool plugin_cache_misses(uint32_t addr)
{
    if (!cache.lines)
        return false;
    uint32_t line = (addr >> cache.line_shift) + 1;
    uint32_t *ways = &cache.lines[(size_t)((line - 1) & cache.set_mask) * cache.way_count];
    if (ways[0] == line)
        return false;
    uint32_t at = 1;
    while (at < cache.way_count && ways[at] != line)
        at++;
    bool is_miss = at == cache.way_count;
    if (is_miss)
        at--;
    memmove(ways + 1, ways, at * sizeof *ways);
    ways[0] = line;
    return is_miss;
}
