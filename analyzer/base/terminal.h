// terminal.h: what is particular to an output stream that may be a terminal: colour, width,
// progress.
//
// Colour is decided per stream: the --color option, else NO_COLOR set and not empty means off,
// else TERM=dumb or not a terminal means off. Colour is never the only sign of anything.
// Memory: none of its own.

#ifndef FROST_BASE_TERMINAL_H
#define FROST_BASE_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum terminal_color { TERMINAL_COLOR_AUTO, TERMINAL_COLOR_ALWAYS, TERMINAL_COLOR_NEVER };

// Words for an option table, in the order of the enum.
extern const char *const terminal_color_words[];

enum terminal_style { STYLE_PLAIN, STYLE_HEAD, STYLE_GOOD, STYLE_BAD, STYLE_DIM };

struct terminal {
    FILE *file;
    bool is_terminal;
    bool has_color;
    unsigned columns; // 80 if it is not a terminal
};

// Looks at the stream and the environment. `color` is an enum terminal_color.
void terminal_init(struct terminal *terminal, FILE *file, int color);

// The escape sequence that starts a style, or "" where colour is off.
const char *terminal_style(const struct terminal *terminal, enum terminal_style style);

// A line of progress on a terminal: at most ten updates a second, first shown after one second,
// nothing at all if `on` is not a terminal or `quiet`. It is wiped by progress_end().
struct progress {
    struct terminal *on; // NULL: switched off
    const char *what;
    uint64_t begin_ms, shown_ms;
    bool is_shown;
};

void progress_begin(struct progress *progress, struct terminal *on, bool quiet, const char *what);
void progress_update(struct progress *progress, uint64_t done, uint64_t total);
void progress_end(struct progress *progress);

#endif
