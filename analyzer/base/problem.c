// problem.c: filling and printing a struct problem.
//
// Reads and writes: the caller's structs. Memory: none of its own.

#include "analyzer/base/problem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "analyzer/base/safe_text.h"

int problem_set(struct problem *problem, int status, struct text file, uint64_t off,
                const char *format, ...)
{
    assert(status != STATUS_OK);
    if (!problem)
        return status;
    if (problem->status != STATUS_OK)
        return problem->status;
    problem->status = status;
    problem->file = file;
    problem->off = off;
    va_list list;
    va_start(list, format);
    vsnprintf(problem->message, sizeof problem->message, format, list);
    va_end(list);
    return status;
}

size_t problem_print(const struct problem *problem, char *line, size_t line_bytes)
{
    assert(line_bytes > 0);
    size_t used = 0;
    while (used < problem->file.bytes && used + 1 < line_bytes) {
        line[used] = problem->file.data[used] ? problem->file.data[used] : '?';
        used++;
    }
    line[used] = '\0';
    char place[40] = "";
    if (problem->off != PROBLEM_NO_OFF)
        snprintf(place, sizeof place, "%sbyte %llu: ", used ? ": " : "",
                 (unsigned long long)problem->off);
    else if (used)
        snprintf(place, sizeof place, ": ");
    int more = snprintf(line + used, line_bytes - used, "%s%s", place, problem->message);
    used += more > 0 ? (size_t)more : 0;
    safe_text_in_place(line);
    return used < line_bytes ? used : line_bytes - 1;
}
