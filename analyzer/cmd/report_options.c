// report_options.c: writes the report of a command in the form that was asked for.

#include "analyzer/cmd/report_options.h"

struct render_settings report_settings_for(struct call *call,
                                           const struct report_settings *settings,
                                           const struct terminal *terminal)
{
    return (struct render_settings){.rows_max = settings->rows_max,
                                    .is_verbose = call->common.verbose,
                                    .has_human_sizes = settings->has_human_sizes,
                                    .terminal = terminal,
                                    .scratch = call->perm};
}

int report_settings_write(struct call *call, const struct report_settings *settings,
                          const struct report *report)
{
    struct problem problem = {0};
    struct render_settings render = report_settings_for(call, settings, call->out);
    if (report_write(report, renderer_list[settings->format], &render, "-", &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return EXIT_STATUS_DONE;
}
