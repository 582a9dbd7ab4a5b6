// powerloss.h: runs an operation on flash once for every way in which power can fail in it.
//
// A case prepares a flash, does the operation that is cut, repairs it afterwards (which is cut in
// its turn) and looks at what lies in flash at every start. Modes, from the environment's POWERLOSS
// or the first argument, separated by commas (default none,linear):
//   none          nothing is cut
//   linear        every cut of the operation, each with one cut of the repair; of real size 300
//   full[:N]      as linear, about N cuts of a case (250,000, of real size 20,000), spread over
//                 the operation and over repairs; words that clear few bits, as those that tell a
//                 state do, with every set of them, others none, all, each alone and eight sets by
//                 chance
//   log           cuts 0, 1, 3, 7, ... of the operation, each with one cut of the repair
//   exhaustive:N  every sequence of up to N cuts: one in the operation, the others in repairs; less
//                 deep where that would be more than two million
//   replay:ID     one sequence, as a failure prints it: CASE/[full:]CUT[.CUT...]+SEED
// Out: TAP with the number of cuts that fell and of different flashes that they left; a mode other
// than none in which none fell fails. log and replay do each sequence from its beginning; the other
// modes search (search.h), then some of the sequences are done from their beginning and compared.

#ifndef FROST_TESTS_POWERLOSS_H
#define FROST_TESTS_POWERLOSS_H

#include <stddef.h>

#include "tests/support/simflash.h"

struct powerloss_case {
    const char *name;
    uint32_t bytes;       // of the flash
    unsigned cached_of_8; // simflash.h
    const void *context;  // of the case
    // Writes what is there before; power does not fail.
    void (*prepare)(const struct powerloss_case *one, struct simflash *flash);
    void (*operate)(const struct powerloss_case *one, struct simflash *flash);
    void (*repair)(const struct powerloss_case *one, struct simflash *flash);
    // After a start. What it writes is undone: the start that repairs comes after it, and is cut in
    // its turn. is_complete: the last operation or repair ended with power on. Result: NULL,
    // or what is wrong (static storage).
    const char *(*inspect)(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete);
    int is_real_size; // as on the device; others are as small as shows what happens
    int must_fail;    // a canary: each mode with cuts must find a failure, and replay it; seed 1
};

// The main function of a test. The seed is SEED of the environment, else 1.
int powerloss_main(int argc, char **argv, const struct powerloss_case *cases, size_t count);

#endif
