// text_sources.h: where the contents of a text come from, over all runs.
//
// In a run a text has the least of the sources of its makings (trace_origin_least); over several
// runs the union of these, since what is a constant in one run only is none. Secret once is secret
// in all. Traces that do not tell sources (TRACE_BOOT_SOURCES: old ones, stock devices, the chip)
// know of input only: then the sources are not known, or input.

#ifndef FROST_ANALYSIS_TEXT_SOURCES_H
#define FROST_ANALYSIS_TEXT_SOURCES_H

#include <stdbool.h>

#include "runtime/format/trace_events.h"

struct text_sources {
    unsigned run;     // number of the run of `least`
    unsigned least;   // in it, so far
    unsigned earlier; // union of the runs before
    bool is_secret;
    bool was_input, was_constant; // by a birth in RAM
};

// A making of these sources in run number `run`. `is_birth`: it made a string in RAM.
static inline void text_sources_add(struct text_sources *s, unsigned run, unsigned origin,
                                    bool is_birth)
{
    if (s->run != run) {
        s->earlier |= s->least;
        s->run = run;
        s->least = origin;
    }
    if (s->least != origin)
        s->least = trace_origin_least(s->least, origin);
    if (is_birth) {
        s->was_input |= (origin & TRACE_ORIGIN_INPUT) != 0;
        s->was_constant |= trace_origin_is_constant(origin);
    }
}

// `are_told`: all runs tell sources. Result: 0: not known.
static inline unsigned text_sources_of(const struct text_sources *s, bool are_told)
{
    unsigned secret = s->is_secret ? TRACE_ORIGIN_SECRET : 0;
    if (are_told)
        return s->earlier | s->least | secret;
    return (s->was_input && !s->was_constant ? TRACE_ORIGIN_INPUT : 0) | secret;
}

// Is it something that nobody should see who does not ask for it?
static inline bool text_sources_are_private(unsigned sources)
{
    return (sources & (TRACE_ORIGIN_INPUT | TRACE_ORIGIN_SECRET)) != 0;
}

#endif
