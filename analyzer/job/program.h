// program.h: the programs that frost starts: where they are, and running one to its end.

#ifndef FROST_JOB_PROGRAM_H
#define FROST_JOB_PROGRAM_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

// The directory of the running frost, without a '/' at its end. Errors: STATUS_IO.
int program_own_directory(char *directory, size_t room) __attribute__((warn_unused_result));

// Path of a program that frost starts, "frostvm-float-probed" or "frostluac-float":
// DIR/libexec/frost/NAME (build tree) or DIR/../libexec/frost/NAME (installed), where DIR is the
// directory of the running frost. Errors: STATUS_NOT_FOUND with the places that were tried;
// STATUS_NO_MEMORY the limit of the address space is below what the program reserves.
int program_find(struct arena *arena, const char *name, const char **path, struct problem *problem)
    __attribute__((warn_unused_result));

// Runs a program in a directory, its standard output dropped, with `is_silent` its messages, too.
// Result: its exit status, 128+n for a signal, or a failure.
int program_run(char **argv, const char *directory, bool is_silent, struct problem *problem)
    __attribute__((warn_unused_result));

// The same, its standard output into a file.
int program_run_output(char **argv, const char *directory, const char *output,
                       struct problem *problem) __attribute__((warn_unused_result));

// A program that answers requests, one after another; all 0: not started.
struct program_server {
    int child; // 0: none
    int link;  // socket
};

// Starts a program whose standard input and output are the link. Its messages are dropped.
int program_server_start(struct program_server *server, char **argv, const char *directory,
                         struct problem *problem) __attribute__((warn_unused_result));

// Sends a line and waits for a digit. Result: the digit; if there is none, a failure that says how
// the program has ended.
int program_server_ask(struct program_server *server, const char *request, struct problem *problem)
    __attribute__((warn_unused_result));

// Ends it, if it was started.
void program_server_stop(struct program_server *server);

#endif
