// export_trace.c: reads a trace for exports, once through.

#include "analyzer/job/export_trace.h"

#include "analyzer/analysis/export/export_fill.h"
#include "analyzer/analysis/stock_trace.h"

int export_trace(const struct job_context *context, const char *trace, const char *model,
                 bool includes_input, struct export_profile *profile, struct problem *problem)
{
    struct cost_model costs;
    struct progress progress;
    int status = stock_trace_refuse(context->arena, &trace, 1, "allocation sites", problem);
    if (status == STATUS_OK)
        status = cost_model_load(context->arena, model, &costs, problem);
    if (status != STATUS_OK)
        return status;
    progress_begin(&progress, context->err, context->is_quiet, "reading for exports");
    struct export_settings settings = {.model = &costs,
                                       .includes_input = includes_input,
                                       .exclude = context->exclude,
                                       .progress = &progress};
    status = export_fill(context->arena, trace, &settings, profile, problem);
    progress_end(&progress);
    return status;
}
