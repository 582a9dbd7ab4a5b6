// flash_work.h: what a program did to its flash: programs, erases, reloads, compactions, with the
// time that a chip takes for them.
//
// Reads: one replay, as an observer. Memory: in the arena, bounded: the first rows, and totals.

#ifndef FROST_ANALYSIS_FLASH_WORK_H
#define FROST_ANALYSIS_FLASH_WORK_H

#include "analyzer/analysis/heap/replay.h"
#include "reports/report.h"

struct flash_work;

// An observer whose context is a new struct flash_work.
struct replay_observer flash_work_observer(struct arena *arena);

// Did anything happen to the flash?
bool flash_work_is_empty(const struct flash_work *work);

// The report `flash`. Reads: the context of an observer whose replay has ended.
struct report *flash_work_report(const struct flash_work *work, struct arena *arena);

#endif
