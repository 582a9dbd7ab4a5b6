// strings_stock.h: the preload list that comes with NodeMCU 3.0, for comparison: names that its VM
// and libraries keep in RAM.
//
// Source: lua_examples/lfs/dummy_strings.lua of the release of 2024-02.

#ifndef FROST_ANALYSIS_STRINGS_STOCK_H
#define FROST_ANALYSIS_STRINGS_STOCK_H

#include "analyzer/analysis/strings/strings.h"

#define STRINGS_STOCK_COUNT 56u

// The list as texts of the runs: those that never were in RAM cost flash and are no member.
struct strings_list strings_stock_list(const struct strings *strings, struct arena *arena);

#endif
