// gate_options.c: judges sizes by their budgets at the end of a command.

#include "analyzer/cmd/gate_options.h"

#include "analyzer/analysis/size/size_gate.h"
#include "analyzer/base/safe_text.h"
#include "reports/report_diff.h"

// What a gate has found also goes to standard error: the report may be in a file.
static void say_findings(const struct call *call, const struct report *report)
{
    for (const struct report_note *note = report->notes; note; note = note->next)
        if (note->kind == REPORT_FINDING)
            fprintf(stderr, "frost %s: %.*s\n", call->command->name,
                    TEXT_ARGS(safe_text(call->perm, note->text)));
}

static int judge(const struct gate_settings *settings, const struct report *base,
                 const struct report *now, struct report *out, enum size_verdict *verdict,
                 struct problem *problem)
{
    struct size_gate *gate = ARENA_NEW(out->arena, struct size_gate);
    int status = settings->budget ? size_gate_add_file(out->arena, gate, settings->budget, problem)
                                  : STATUS_OK;
    if (status == STATUS_OK)
        status = size_gate_add_options(gate, settings->max_ram, settings->max_flash,
                                       settings->max_growth, now, problem);
    if (status == STATUS_OK && (base || gate->limit_count))
        *verdict = size_gate_judge(gate, base, now, out);
    return status;
}

int gate_finish(struct call *call, const struct report_settings *settings,
                const struct gate_settings *gate, const struct report *base, struct report *now)
{
    struct report *out = now;
    struct problem problem = {0};
    enum size_verdict verdict = SIZE_WITHIN;
    int status = base ? report_diff(base, now, call->perm, &out, &problem) : STATUS_OK;
    if (status == STATUS_OK && base)
        report_drop_empty(out);
    if (status == STATUS_OK)
        status = judge(gate, base, now, out, &verdict, &problem);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    int result = report_settings_write(call, settings, out);
    if (result != EXIT_STATUS_DONE || verdict == SIZE_WITHIN)
        return result;
    say_findings(call, out);
    if (verdict == SIZE_OVER)
        return EXIT_STATUS_NO;
    fprintf(stderr, "frost %s: a budget could not be measured\n", call->command->name);
    return EXIT_STATUS_ENVIRONMENT;
}
