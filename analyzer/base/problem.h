// problem.h: why something failed and where, from the function that saw it first to the person.
//
// The caller gives a `struct problem` set to zero; the function that first sees a failure fills it
// and later ones leave it as it is. Printed only by analyzer/cmd.
// Memory: nothing is allocated. `file` points at a path of the caller's (argv, an option), which
// must outlive the problem.

#ifndef FROST_BASE_PROBLEM_H
#define FROST_BASE_PROBLEM_H

#include <stdint.h>

#include "analyzer/base/text.h"
#include "runtime/format/status.h"

#define PROBLEM_NO_OFF UINT64_MAX // `off` of a problem that has no place inside the file

struct problem {
    int status;        // an enum status; 0 while there is no problem
    struct text file;  // path as the user gave it; empty if the problem is not about a file
    uint64_t off;      // byte offset of the fault, or PROBLEM_NO_OFF
    char message[160]; // one line without file, offset and newline; always ended by NUL
};

// Fills `problem` unless it holds an earlier failure (then, or if it is NULL, nothing changes).
//
// status  one of enum status, not STATUS_OK.
// Result: the status of the problem, so that `return problem_set(...)` reads well.
int problem_set(struct problem *problem, int status, struct text file, uint64_t off,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

// Writes "FILE: byte OFF: MESSAGE" (parts only as they exist) as one line without newline, cut to
// fit; control characters (safe_text.h) become '?'.
//
// Result: bytes of the line, without the ending NUL. `line_bytes` is at least 1.
size_t problem_print(const struct problem *problem, char *line, size_t line_bytes);

#endif
