// export_trace.h: a trace as the profile that exports are made from, for commands and directories.
//
// Memory: the arena of the context.

#ifndef FROST_JOB_EXPORT_TRACE_H
#define FROST_JOB_EXPORT_TRACE_H

#include "analyzer/job/job_context.h"
#include "reports/export.h"

// Reads the trace, with progress on a terminal. `model` is the name or path of a cost model.
int export_trace(const struct job_context *context, const char *trace, const char *model,
                 bool includes_input, struct export_profile *profile, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
