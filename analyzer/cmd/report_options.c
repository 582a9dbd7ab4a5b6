// report_options.c: writes the report of a command in the form that was asked for.

#include "analyzer/cmd/report_options.h"

int report_settings_write(struct call *call, const struct report_settings *settings,
                          struct report *report)
{
    struct problem problem = {.off = PROBLEM_NO_OFF};
    struct render_settings render = {.rows_max = settings->rows_max,
                                     .is_verbose = call->common.verbose,
                                     .has_human_sizes = settings->has_human_sizes,
                                     .terminal = call->out,
                                     .scratch = call->perm};
    if (report_arrange(report, &settings->arrangement, &problem) != STATUS_OK) {
        int result = command_fail(call, &problem);
        fputs("Columns of its tables:\n", stderr);
        report_print_columns(report, stderr);
        return result;
    }
    if (report_write(report, renderer_list[settings->format], &render, "-", &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return EXIT_STATUS_DONE;
}
