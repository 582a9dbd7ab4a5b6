// plot.h: curves as gnuplot pairs: NAME.tsv with the points, NAME.gp that reads it and draws SVG.
//
// The pair is always written; where gnuplot is installed it is run and NAME.svg is there too, else
// the caller is told what to run. Colours are those of the HTML page.

#ifndef FROST_REPORTS_PLOT_H
#define FROST_REPORTS_PLOT_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

// Writes the series of `report` into `directory` (which exists) and draws them.
//
// drawn_count  number of SVG files made.
// Result: number of pairs written, or a status: STATUS_IO, STATUS_NO_SPACE.
int plot_write(const struct report *report, const char *directory, struct arena *scratch,
               unsigned *drawn_count, struct problem *problem) __attribute__((warn_unused_result));

#endif
