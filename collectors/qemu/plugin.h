// plugin.h: the inside of the plugin: what its files share.
//
// One emulated CPU, one thread: state is static, nothing is locked. Memory: malloc; it grows with
// the code that has run and with the number of different sums between two packets.

#ifndef FROST_QEMU_PLUGIN_H
#define FROST_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "collectors/qemu/wire.h"

// ---- plugin_map.c: what the recorder tells about the firmware ----

struct plugin_map {
    uint32_t *functions; // where C functions begin, ascending
    uint32_t function_count;
    uint32_t probe_begin, probe_end;           // code of the probes: [begin, end)
    uint32_t line_bytes, set_count, way_count; // of the flash cache; 0: there is none
};

// Reads the file: lines "function ADDR", "probes BEGIN END", "cache LINE SETS WAYS", addresses in
// hexadecimal. Result: 0, or -1 with a message on standard error.
int plugin_map_read(struct plugin_map *map, const char *path);
// The function that the address lies in; the address itself if it lies in none.
uint32_t plugin_map_function(const struct plugin_map *map, uint32_t pc);

// ---- plugin_cache.c: the flash cache ----

// Powers of two for line and sets, at most 64 ways. Result: 0, -1 if they are not.
int plugin_cache_init(uint32_t line_bytes, uint32_t set_count, uint32_t way_count);
// Wants the line of an address in flash; the one that was not used for longest makes room.
// Result: true if the line had to be fetched.
bool plugin_cache_misses(uint32_t addr);
// For code that wants one line again and again: *place is where the line stands that its set was
// asked for last, *line what is there if it is the one of the address. NULL: there is no cache.
void plugin_cache_find(uint32_t addr, const uint32_t **place, uint32_t *line);

// ---- plugin_counts.c: sums, and their way to the recorder ----

struct plugin_key {
    uint32_t a, b;
    uint8_t event, what;
};

// A place that adds to a sum again and again keeps where it is.
struct plugin_memo {
    uint32_t epoch, index;
    uint32_t a;
    uint16_t site;
};

extern struct wire_totals plugin_totals;
extern uint16_t plugin_site;

// Where blocks go to: -1: nowhere.
int plugin_counts_open(const char *path);
// Adds to the sum of the key at the site. `memo` is the caller's, zero at first, and belongs to one
// b, event and what.
void plugin_count(struct plugin_memo *memo, const struct plugin_key *key, uint16_t site,
                  uint64_t first, uint64_t second);
// Writes what was counted since the last time as a block. Ends the emulator if that fails.
void plugin_counts_flush(uint32_t flags);

// ---- plugin_report.c: sub-word loads per instruction as text, for tests and benches ----

void plugin_report_load(uint32_t pc, uint8_t width, const uint64_t *count);
int plugin_report_write(const char *path);

#endif
