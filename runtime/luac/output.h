// output.h: a result file that is written whole or not at all.
//
// Writes: a new file beside the target, which takes its name when everything is written; a target
// that is no ordinary file (a pipe, /dev/null) and standard output are written directly.

#ifndef FROST_LUAC_OUTPUT_H
#define FROST_LUAC_OUTPUT_H

#include <limits.h>
#include <stdio.h>

struct output {
    const char *name; // as given; for messages
    FILE *stream;
    int has_rename; // `beside` is to take the name `target`
    char beside[PATH_MAX];
    char target[PATH_MAX];
};

// name NULL: standard output. 0, or -1 with errno set.
int output_open(struct output *out, const char *name);
// Ends the file. 0, or -1 with errno set and *what the step that failed ("write", "close"); the
// target is then as it was before.
int output_close(struct output *out, const char **what);
// Takes everything back.
void output_abandon(struct output *out);

#endif
