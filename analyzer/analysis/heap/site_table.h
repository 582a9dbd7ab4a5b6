// site_table.h: the places of a program that traces name, the same line once for all runs.
//
// A site is a line of a Lua function and the C function that it had called: two functions on one
// line are two lines. (In traces of earlier versions those that begin on the same line are one.)
// Its index stays the same for all runs; ids of a trace are looked up when they are new or mean
// something else.
// Memory: in proportion to the lines of the program that appear in the traces, at most
// SITE_TABLE_MAX, in the arena; lines beyond become SITE_NOWHERE.

#ifndef FROST_ANALYSIS_SITE_TABLE_H
#define FROST_ANALYSIS_SITE_TABLE_H

#include "analyzer/base/hash_table.h"
#include "analyzer/trace/trace_dict.h"

#define SITE_TABLE_MAX 262144u
#define SITE_IDS 65536u                       // ids of a trace have 16 bits
#define SITE_NOWHERE_NAME "(no Lua function)" // in every report
#define SITE_NOWHERE 0u // index of the site of everything that no Lua function did

struct site {
    struct text source;   // chunk name without its '@' or '='; empty: no Lua function was running
    uint32_t line;        // 1 and up; 0 not known
    uint32_t defined;     // first line of the function; 0 main chunk
    uint32_t nth;         // of the functions that begin there, from 1; main chunk, not known: 1
    struct text function; // C function that was running, empty if none
    uint32_t line_idx;    // number of the line: equal for sites that differ in the C function alone
    bool has_twin;        // another function has sites of this line
};

// What an id meant when it was looked up; ids are given anew at every boot.
struct site_id {
    uint32_t idx;
    uint32_t number; // of its definition; 0 not looked up
};

struct site_table {
    struct arena *arena;
    struct site *items; // items[SITE_NOWHERE] is always there
    uint32_t count, room;
    uint32_t line_count; // distinct lines, line_idx is below
    struct hash_table by_line;
    struct site_id *ids; // by id of the present run's trace
};

void site_table_init(struct site_table *table, struct arena *arena);

// Forgets the ids of the run before.
void site_table_begin_run(struct site_table *table);

// Finds the site of an id that is new or means something else.
uint32_t site_table_look_up(struct site_table *table, const struct trace_dict_site *named,
                            uint16_t id);

// Index of the site with this id, SITE_NOWHERE if the trace does not define it.
static inline uint32_t site_table_index(struct site_table *table, const struct trace_dict *dict,
                                        uint16_t id)
{
    const struct trace_dict_site *named = trace_dict_site(dict, id);
    if (!named)
        return SITE_NOWHERE;
    const struct site_id *known = &table->ids[id];
    return known->number == named->number ? known->idx : site_table_look_up(table, named, id);
}

// "app.lua:12", "app.lua:12 (string.find)", "(string.find)"; "-" for SITE_NOWHERE. Where several
// functions have a line: "app.lua:12 in function 12" (it begins there), "app.lua:12 in main"; the
// second function that begins on line 12: "app.lua:12 in function 12#2".
struct text site_name(struct arena *arena, const struct site *site);

// The same without the C function.
struct text site_line_name(struct arena *arena, const struct site *site);

#endif
