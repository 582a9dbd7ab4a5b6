// plot.h: curves as gnuplot pairs: NAME.tsv with the points, NAME.gp that reads it and draws SVG.
//
// The pair is always written; where gnuplot is installed it is run and NAME.svg is there too, else
// the caller is told what to run. Colours are those of the HTML page.

#ifndef FROST_REPORTS_PLOT_H
#define FROST_REPORTS_PLOT_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

// A curve that has been written.
struct plot {
    struct plot *older;
    const char *script; // name of its file
};

struct plots {
    const char *directory; // which exists
    struct arena *arena;
    struct plot *newest; // NULL at first
    unsigned count;
};

// Writes the series of `report`, which are to be drawn.
//
// Errors: STATUS_IO, STATUS_NO_SPACE.
int plots_write(struct plots *plots, const struct report *report, struct problem *problem)
    __attribute__((warn_unused_result));

// Draws what has been written, all in one run of gnuplot. Result: number of SVG files made.
unsigned plots_draw(const struct plots *plots);

#endif
