// profile_tables.h: parts of the report of `frost profile`. Memory: the arena of the job's context.

#ifndef FROST_JOB_PROFILE_TABLES_H
#define FROST_JOB_PROFILE_TABLES_H

#include "analyzer/job/profile_job.h"

// How the program ended, what of the heap is left; its last lines.
void profile_add_cards(const struct profile_job *job, struct report *report);
void profile_add_printed(const struct profile_job *job, struct report *report);
// RAM from one mark or request to the next; no table without any.
void profile_add_moments(const struct profile_job *job, struct report *report);
// One row a variant: RAM at the start, at the highest point and at the end, flash, time.
void profile_add_variants(const struct profile_job *job, struct report *report);
// Which variants were replays, and why others were not.
void profile_add_replay_notes(const struct profile_job *job, struct report *report);
// One row for each thing that the application needs and that is not there; no table without any.
void profile_add_needs(const struct profile_job *job, struct report *report);
// One row a file: the module that it becomes, and why.
void profile_add_files(const struct profile_job *job, struct report *report);
// Who held the RAM when memory ran out, as it is: "frost/heap-failure/1"; NULL: it did not.
struct report *profile_failure_report(const struct profile_job *job);

#endif
