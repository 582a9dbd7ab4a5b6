// cmd_trace.c: `frost trace`: traces as text and back, for people and for tests.

#include <stdio.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/cmd/command.h"
#include "analyzer/trace/trace_text.h"

struct trace_settings {
    const char *output;
    int form;
};

static const struct option trace_options[] = {
    {OPTION_STRING, 'o', "output", "FILE", "-", "where dump writes",
     offsetof(struct trace_settings, output), 0, 0, NULL, 0},
    {OPTION_CHOICE, 0, "form", "NAME", "full",
     "of dump: full, events (what happened, without packets and real time) or babeltrace",
     offsetof(struct trace_settings, form), 0, 0, trace_text_form_words, 0},
    OPTION_TABLE_END,
};

// A trace that was cut off is dumped as far as it goes; stderr says what is missing.
static void warn_of_loss(const struct call *call, const struct trace *trace)
{
    const struct trace_loss *loss = trace_loss(trace);
    if (loss->events_discarded || loss->packets_lost || loss->blocks_lost)
        fprintf(stderr, "frost trace: lost: %llu events, %llu packets, %llu allocations\n",
                (unsigned long long)loss->events_discarded,
                (unsigned long long)loss->packets_lost, (unsigned long long)loss->blocks_lost);
    if (loss->bytes_cut)
        fprintf(stderr, "frost trace: incomplete: %llu bytes at the end not read\n",
                (unsigned long long)loss->bytes_cut);
    else if (loss->is_unfinished && !call->common.quiet)
        fputs("frost trace: incomplete: the program did not end by itself\n", stderr);
}

static int dump(struct call *call, const char *folder)
{
    const struct trace_settings *settings = call->settings;
    struct problem problem = {0};
    struct trace *trace = NULL;
    struct output output;
    if (trace_open(call->perm, folder, &trace, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (output_open(&output, settings->output, call->perm, &problem) != STATUS_OK) {
        trace_close(trace);
        return command_fail(call, &problem);
    }
    int more = trace_text_dump(trace, output.file, settings->form);
    warn_of_loss(call, trace);
    if (more < 0)
        problem = *trace_problem(trace);
    if (output_close(&output, &problem) != STATUS_OK || more < 0) {
        trace_close(trace);
        return command_fail(call, &problem);
    }
    trace_close(trace);
    return EXIT_STATUS_DONE;
}

static int run(struct call *call)
{
    if (call->operand_count == 2 && strcmp(call->operands[0], "dump") == 0)
        return dump(call, call->operands[1]);
    if (call->operand_count == 3 && strcmp(call->operands[0], "assemble") == 0) {
        struct problem problem = {0};
        if (trace_text_assemble(call->perm, call->operands[1], call->operands[2], FROST_VERSION,
                                &problem) != STATUS_OK)
            return command_fail(call, &problem);
        return EXIT_STATUS_DONE;
    }
    return command_misused(call, "needs 'dump TRACE' or 'assemble FILE TRACE'");
}

const struct command command_trace = {
    .name = "trace",
    .summary = "Shows a trace as text, or makes a trace from text.",
    .usage = "dump [OPTION]... TRACE | trace assemble FILE TRACE",
    .description =
        "The text form has one line per packet and event (analyzer/trace/trace_text.h).\n"
        "What can be read of a cut off or damaged trace is shown.\n",
    .examples = {"frost trace dump boot.trace", "frost trace assemble in.tracetxt out.trace"},
    .statuses = NULL,
    .options = trace_options,
    .settings_bytes = sizeof(struct trace_settings),
    .flags = 0,
    .run = run,
};
