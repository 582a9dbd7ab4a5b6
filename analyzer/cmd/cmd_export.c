// cmd_export.c: `frost export`: a trace in the format of another tool.

#include <inttypes.h>

#include "analyzer/analysis/cost_model.h"
#include "analyzer/base/output.h"
#include "analyzer/base/safe_text.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/job/export_trace.h"

struct settings {
    int format; // index in export_list
    const char *output;
    const char *model;
    bool includes_input;
    struct option_list exclude;
};

static const struct option options[] = {
    {OPTION_CHOICE, 0, "to", "FORMAT", "callgrind",
     "callgrind, dhat, folded (bytes allocated), folded-peak or pprof",
     offsetof(struct settings, format), 0, 0, export_words, 0},
    {OPTION_STRING, 'o', "output", "FILE", NULL,
     "output file; - for standard output (callgrind.out.frost, dhat.out.json, frost.folded, "
     "frost-peak.folded, frost.pb.gz)",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0", "cost model: its name, or a file",
     offsetof(struct settings, model), 0, 0, cost_model_names, 0},
    {OPTION_FLAG, 0, "include-input", NULL, NULL,
     "also show texts that came from files, the console or the network",
     offsetof(struct settings, includes_input), 0, 0, NULL, 0},
    EXCLUDE_OPTION(struct settings, exclude),
    OPTION_TABLE_END,
};

static void say_loss(const struct call *call, const struct export_profile *profile)
{
    report_say_inputs(call, profile->inputs, false);
    if (profile->texts_omitted && !call->common.quiet)
        fprintf(stderr, "frost export: too many texts; %" PRIu64 " strings are not told apart\n",
                profile->texts_omitted);
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    const struct exporter *exporter = export_list[settings->format];
    const char *path = settings->output ? settings->output : exporter->file_name;
    struct problem problem = {0};
    struct export_profile profile;
    if (call->operand_count != 1)
        return command_misused(call,
                               "needs one trace, the directory that frost record has written");
    if (command_exclude(call, &settings->exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct job_context context = command_context(call);
    if (export_trace(&context, call->operands[0], settings->model, settings->includes_input,
                     &profile, &problem) != STATUS_OK ||
        export_write(&profile, exporter, path, call->perm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    say_loss(call, &profile);
    if (!call->common.quiet && strcmp(path, "-") != 0)
        safe_line(stderr, "frost export: %s for %s is in %s", call->operands[0], exporter->name,
                  path);
    return EXIT_STATUS_DONE;
}

const struct command command_export = {
    .name = "export",
    .summary = "Writes a trace in the format of another tool.",
    .usage = "[OPTION]... TRACE",
    .description =
        "callgrind: costs by Lua line, for callgrind_annotate and KCachegrind. dhat: reads\n"
        "of each byte of each string, for dh_view.html of valgrind. folded: stacks for\n"
        "flame graphs. pprof: several values per line, for pprof, speedscope, Grafana.\n",
    .examples = {"frost export --to=callgrind boot.trace",
                 "frost export --to=pprof -o boot.pb.gz boot.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
