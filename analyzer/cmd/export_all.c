// export_all.c: a trace, once through, in the formats of other tools.

#include "analyzer/cmd/export_all.h"

#include "analyzer/analysis/export_fill.h"
#include "analyzer/analysis/stock.h"

int export_read(struct call *call, const char *trace, const char *model, bool includes_input,
                struct export_profile *profile, struct problem *problem)
{
    struct cost_model costs;
    struct progress progress;
    int status = stock_refuse(call->perm, &trace, 1, "allocation sites", problem);
    if (status == STATUS_OK)
        status = cost_model_load(call->perm, model, &costs, problem);
    if (status != STATUS_OK)
        return status;
    progress_begin(&progress, call->err, call->common.quiet, "reading for exports");
    struct export_settings settings = {.model = &costs, .includes_input = includes_input,
                                       .progress = &progress};
    status = export_fill(call->perm, trace, &settings, profile, problem);
    progress_end(&progress);
    return status;
}

int export_all(struct call *call, const char *trace, const char *model, bool includes_input,
               const char *folder, struct problem *problem)
{
    struct export_profile profile;
    int status = export_read(call, trace, model, includes_input, &profile, problem);
    if (status != STATUS_OK)
        return status;
    return export_write_all(&profile, folder, call->perm, problem);
}
