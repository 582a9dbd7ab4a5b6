// cmd_trace.c: `frost trace`: traces as text and back, for people and for tests.

#include <stdio.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/trace/trace_text.h"
#include "runtime/format/version.h"

struct trace_settings {
    const char *output;
    int form;
    struct option_list exclude;
    bool has_input;
};

static const struct option trace_options[] = {
    {OPTION_STRING, 'o', "output", "FILE", "-", "output file of dump",
     offsetof(struct trace_settings, output), 0, 0, NULL, 0},
    {OPTION_CHOICE, 0, "form", "NAME", "full",
     "form of dump: full, events (what happened, without packets and real time) or babeltrace",
     offsetof(struct trace_settings, form), 0, 0, trace_text_form_words, 0},
    EXCLUDE_OPTION(struct trace_settings, exclude),
    {OPTION_FLAG, 0, "include-input", NULL, NULL,
     "show what the program was given, not only its length and hash",
     offsetof(struct trace_settings, has_input), 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

// Of a trace of another table of events: what that means.
static void tell_table(const struct call *call, const struct trace *trace)
{
    const char *lacks = trace_table_lacks(trace);
    if (call->common.quiet || (lacks && *lacks == '\0'))
        return;
    if (lacks)
        fprintf(stderr, "frost trace: recorded by an older version, without: %s\n", lacks);
    else
        fputs(
            "frost trace: recorded by a version with another table of events, read as its metadata "
            "says\n",
            stderr);
}

// A trace that was cut off is dumped as far as it goes; stderr says what is missing.
static void warn_of_loss(const struct call *call, const struct trace *trace)
{
    const struct trace_loss *loss = trace_loss(trace);
    tell_table(call, trace);
    if (loss->events_discarded || loss->packets_lost || loss->blocks_lost)
        fprintf(stderr, "frost trace: lost: %llu events, %llu packets, %llu allocations\n",
                (unsigned long long)loss->events_discarded, (unsigned long long)loss->packets_lost,
                (unsigned long long)loss->blocks_lost);
    if (loss->events_unknown)
        fprintf(stderr, "frost trace: left out: %llu events of a newer version\n",
                (unsigned long long)loss->events_unknown);
    if (loss->bytes_cut)
        fprintf(stderr, "frost trace: incomplete: %llu bytes at the end not read\n",
                (unsigned long long)loss->bytes_cut);
    else if (loss->is_unfinished && !call->common.quiet)
        fputs("frost trace: incomplete: the program did not end by itself\n", stderr);
}

static int dump(struct call *call, const char *directory)
{
    const struct trace_settings *settings = call->settings;
    struct problem problem = {0};
    struct trace *trace = NULL;
    struct output output;
    if (command_exclude(call, &settings->exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (trace_open(call->perm, directory, &trace, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (output_open(&output, settings->output, call->perm, &problem) != STATUS_OK) {
        trace_close(trace);
        return command_fail(call, &problem);
    }
    trace_exclude(trace, call->exclude);
    int more = trace_text_dump(trace, output.file, settings->form, settings->has_input,
                               call->exclude);
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

static const char *const verbs[] = {"dump", "assemble", NULL};

const struct command command_trace = {
    .name = "trace",
    .summary = "Shows a trace as text, or makes a trace from text.",
    .usage = "dump [OPTION]... TRACE | trace assemble FILE TRACE",
    .description =
        "The text form has one line per packet and event (analyzer/trace/trace_text.h).\n"
        "Of a truncated or damaged trace, everything readable is shown. To be assembled\n"
        "again, a dump needs --include-input.\n",
    .examples = {"frost trace dump boot.trace", "frost trace assemble in.tracetxt out.trace"},
    .verbs = verbs,
    .options = trace_options,
    .settings_bytes = sizeof(struct trace_settings),
    .flags = 0,
    .run = run,
};
