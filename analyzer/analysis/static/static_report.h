// static_report.h: `frost hot --static`: sub-word load instructions of a firmware and what they
// may reach, as report "frost/hot-static/1".

#ifndef FROST_ANALYSIS_STATIC_REPORT_H
#define FROST_ANALYSIS_STATIC_REPORT_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "reports/report.h"

// Analyses the ELF file. Tables: regions, instructions, functions, lines, constants.
// Errors: those of elf_image_open() and static_code_read().
int static_report(const char *path, bool hides_text, struct arena *arena, struct report **report,
                  struct problem *problem) __attribute__((warn_unused_result));

#endif
