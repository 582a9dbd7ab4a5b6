// report_options.c: writes the report of a command in the form that was asked for.

#include "analyzer/cmd/report_options.h"

#include "analyzer/base/safe_text.h"
#include "reports/report_exclude.h"
#include "reports/value_text.h"

void report_say_inputs(const struct call *call, const struct report *report, bool is_shown)
{
    if (call->common.quiet || (is_shown && call->out->is_terminal))
        return;
    for (const struct report_input *input = report->inputs; input; input = input->next)
        if (input->ending.bytes)
            fprintf(stderr, "frost %s: %.*s: %.*s\n", call->command->name,
                    TEXT_ARGS(safe_text(call->perm, input->path)),
                    TEXT_ARGS(safe_text(call->perm, input->ending)));
    if (report_has_loss(&report->loss))
        fprintf(stderr, "frost %s: %s\n", call->command->name,
                report_loss_text(call->perm, &report->loss).data);
}

int report_settings_write(struct call *call, const struct report_settings *settings,
                          struct report *report)
{
    struct problem problem = {.off = PROBLEM_NO_OFF};
    struct render_settings render = {.rows_max = settings->rows_max,
                                     .is_verbose = call->common.verbose,
                                     .has_human_sizes = settings->has_human_sizes,
                                     .terminal = call->out,
                                     .scratch = call->perm};
    report_exclude(report, call->exclude);
    if (report_view_apply(report, &settings->view, &problem) != STATUS_OK) {
        int result = command_fail(call, &problem);
        fputs("Columns of its tables:\n", stderr);
        report_print_columns(report, stderr);
        return result;
    }
    report_say_inputs(call, report, renderer_list[settings->format] == &renderer_text);
    if (report_write(report, renderer_list[settings->format], &render, "-", &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return EXIT_STATUS_DONE;
}
