// plugin_map.c: reads the description of the firmware that the recorder has made from its ELF file.
//
// Source: collectors/qemu/firmware.c writes it.

#include "collectors/qemu/plugin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_function(struct plugin_map *map, uint32_t *room, uint32_t addr)
{
    if (map->function_count == *room) {
        uint32_t more = *room ? *room * 2 : 1024;
        uint32_t *functions = realloc(map->functions, more * sizeof *functions);
        if (!functions)
            return -1;
        map->functions = functions;
        *room = more;
    }
    if (map->function_count && addr <= map->functions[map->function_count - 1])
        return -1;
    map->functions[map->function_count++] = addr;
    return 0;
}

static int read_line(struct plugin_map *map, uint32_t *room, const char *line)
{
    uint32_t a, b, c;
    if (sscanf(line, "function %" SCNx32, &a) == 1)
        return add_function(map, room, a);
    if (sscanf(line, "probes %" SCNx32 " %" SCNx32, &a, &b) == 2) {
        map->probe_begin = a;
        map->probe_end = b;
        return 0;
    }
    if (sscanf(line, "cache %" SCNu32 " %" SCNu32 " %" SCNu32, &a, &b, &c) == 3) {
        map->line_bytes = a;
        map->set_count = b;
        map->way_count = c;
        return 0;
    }
    return -1;
}

int plugin_map_read(struct plugin_map *map, const char *path)
{
    char line[128];
    uint32_t room = 0, number = 0;
    FILE *file = fopen(path, "re");
    if (!file) {
        fprintf(stderr, "frost: plugin: %s: %s\n", path, strerror(errno));
        return -1;
    }
    int status = 0;
    while (status == 0 && fgets(line, sizeof line, file)) {
        number++;
        status = read_line(map, &room, line);
    }
    fclose(file);
    if (status != 0)
        fprintf(stderr, "frost: plugin: %s: line %" PRIu32 " is not understood\n", path, number);
    return status;
}

uint32_t plugin_map_function(const struct plugin_map *map, uint32_t pc)
{
    uint32_t low = 0, high = map->function_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (map->functions[middle] <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? map->functions[low - 1] : pc;
}
