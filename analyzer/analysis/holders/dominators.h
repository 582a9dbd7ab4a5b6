// dominators.h: what of a heap is reached, and who holds it.
//
// A node holds (dominates) another if all ways from the root lead through it: when it goes, the
// other goes too. Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm".
// Cost: a few passes over the edges. Memory: 20 bytes a node, in the graph's arena.

#ifndef FROST_ANALYSIS_DOMINATORS_H
#define FROST_ANALYSIS_DOMINATORS_H

#include "analyzer/analysis/holders/heap_graph.h"

// Fills in `way`, `holder`, held_ and `order` of a graph. Weak edges hold nothing.
void dominators_find(struct heap_graph *graph);

#endif
