// holders.h: who holds the RAM: snapshots of a heap as a tree of holders, by module, over time.
//
// Reads: one trace with snapshots (frost record --snapshot), as an observer of its replay.
// Memory: that of heap_graph.h for the snapshot that is shown and the one that is read, and a few
// words per snapshot and line.

#ifndef FROST_ANALYSIS_HOLDERS_H
#define FROST_ANALYSIS_HOLDERS_H

#include "analyzer/analysis/heap/run_input.h"
#include "analyzer/analysis/holders/heap_graph.h"

// What a holder held.
struct holders_held {
    struct text path;
    uint64_t bytes;
};

// What lives and is reached at a snapshot, by line and by the larger holders.
struct holders_moment {
    uint8_t moment; // enum trace_moment
    uint32_t number, boot;
    uint64_t clock, lua_bytes, reached_bytes, unreached_bytes;
    uint32_t unreached_blocks;
    uint64_t *site_bytes; // site_count of them, by index of the site table
    uint32_t *site_blocks;
    uint32_t site_count;
    struct holders_held *held; // held_count of them
    uint32_t held_count;
};

// The snapshot to show. Of a moment the last one; HOLDERS_ANY: where
// memory ran out, else the highest point, else the last.
struct holders_wanted {
    int moment;      // enum trace_moment, or HOLDERS_ANY
    uint32_t number; // of the snapshot, counted from 1 as the report does; 0: by moment
};

struct holders {
    struct arena *arena;
    const struct replay *replay;
    struct run_input input;
    struct site_table sites;
    struct holders_wanted wanted;
    struct graph_builder builder;
    struct arena reading; // of the snapshot that is being read
    struct arena shown;   // of the graph
    bool is_first;        // the trace that is being read
    bool has_graph;
    uint32_t shown_moment; // index
    struct heap_graph graph;
    struct holders_moment *moments;
    uint32_t moment_count, moment_room;
};

#define HOLDERS_ANY (-1)

// All must outlive the replay. Of several traces the first one counts.
void holders_init(struct holders *holders, struct arena *arena, struct holders_wanted wanted);
void holders_deinit(struct holders *holders);
struct replay_observer holders_observer(struct holders *holders);

// Totals and tables; `percent_min`: share of what is reached below which a holder is left out.
//
// Errors: STATUS_USAGE the trace has no such snapshot.
int holders_report(struct holders *holders, double percent_min, struct report *report,
                   struct problem *problem) __attribute__((warn_unused_result));

#define HOLDERS_LEAK ": a leak?" // ends the finding that a holder grows

// What grows from mark to mark, if there are enough of them (holders_growth.c).
void holders_add_growth(const struct holders *holders, struct report *report);

#endif
