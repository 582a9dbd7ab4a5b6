// cmd_size.c: `frost size`: where RAM and flash go, what has changed, and whether it is allowed.

#include <string.h>

#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/gate_options.h"
#include "analyzer/job/size_measure.h"
#include "reports/report_exclude.h"

struct settings {
    struct report_settings report;
    struct size_request request;
    struct option_list bases;
    struct gate_settings gate;
    const char *record;
};

static const struct option options[] = {
    {OPTION_STRING, 'd', "levels", "LIST", NULL,
     "how to group bytes, outermost first: input, region, kind, section, group, module, unit, "
     "symbol, string, inline (region,module,symbol for programs)",
     offsetof(struct settings, request.levels), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "match", "RE", NULL,
     "only bytes with a name that matches the extended regular expression, the others as one row; "
     "may be repeated",
     offsetof(struct settings, request.matches), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "group", "NAME=RE", NULL,
     "for -d group: bytes with a name that matches belong to NAME, the first that does; may be "
     "repeated",
     offsetof(struct settings, request.groups), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "chip", "NAME", NULL,
     "regions of memory: esp8266, or a file of schema frost/memory/1 (by the program's machine)",
     offsetof(struct settings, request.elf.chip), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "debug", "FILE", NULL,
     "symbols and debug information of a stripped program (where debuggers look)",
     offsetof(struct settings, request.elf.debug_path), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "base", "FILE", NULL,
     "show what has changed since: a program, image, trace or record; may be repeated for what "
     "belongs together",
     offsetof(struct settings, bases), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "record", "FILE", NULL,
     "also write what was measured as JSON, to compare later builds with",
     offsetof(struct settings, record), 0, 0, NULL, 0},
    GATE_OPTIONS(struct settings),
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// Measures, or takes a base's levels over if the user has chosen none.
static int measure(struct call *call, struct settings *settings, const char *const *paths,
                   size_t count, const struct report *base, struct report **report,
                   struct problem *problem)
{
    struct job_context context = command_context(call);
    struct size_request request = settings->request;
    request.paths = paths;
    request.count = count;
    // As text or JSON it would say everything once more.
    request.has_picture = settings->bases.count == 0 && !settings->record &&
                          strcmp(renderer_list[settings->report.format]->name, "html") == 0;
    if (base && !request.levels)
        request.levels = size_levels_of(call->perm, base);
    return size_measure(&context, &request, report, problem);
}

static int write_record(struct call *call, const char *path, struct report *report,
                        struct problem *problem)
{
    struct render_settings render = {.scratch = call->perm};
    report_exclude(report, call->exclude);
    return path ? report_write(report, &renderer_json, &render, path, problem) : STATUS_OK;
}

static int analyse(struct call *call, struct settings *settings)
{
    struct report *base = NULL, *now = NULL;
    struct problem problem = {0};
    int status = command_exclude(call, &settings->report.exclude, &problem);
    if (status == STATUS_OK && settings->bases.count)
        status = measure(call, settings, settings->bases.items, settings->bases.count, NULL, &base,
                         &problem);
    if (status == STATUS_OK && base)
        report_exclude(base, call->exclude); // so that rows of both are called alike
    if (status == STATUS_OK)
        status = measure(call, settings, (const char *const *)call->operands, call->operand_count,
                         base, &now, &problem);
    if (status == STATUS_OK)
        status = write_record(call, settings->record, now, &problem);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    return gate_finish(call, &settings->report, &settings->gate, base, now);
}

static int run(struct call *call)
{
    struct settings *settings = call->settings;
    if (call->operand_count == 0)
        return command_misused(
            call, "needs a program, an image, a .lc file, a flash file, a trace or a record");
    if (settings->gate.max_growth && settings->bases.count == 0)
        return command_misused(call, "--max-growth needs --base");
    return analyse(call, settings);
}

const struct command command_size = {
    .name = "size",
    .summary = "Shows where RAM and flash go.",
    .usage = "[OPTION]... ELF | MAP | IMAGE | FLASH | TRACE | RECORD...",
    .description =
        "Labels every byte: what an ELF file puts into RAM and flash, by region,\n"
        "section, directory, compile unit, symbol or string; LFS images and .lc files,\n"
        "by kind, module and function; whole flash files, by region, module and file;\n"
        "the heap of a run at its highest point, by kind and Lua line. Every table adds up to the "
        "size of its inputs.\n"
        "Names in parentheses are frost's: (string literals), (padding), (literals of\n"
        "code), (unknown); [.eh_frame] is a table that the tool chain made.\n"
        "The linker's map beside an ELF file gives archives and regions; without one (the\n"
        "program did not fit) sizes come from the map alone, and by how much it is over.\n"
        "With --base it shows what has changed; records (--record, or --json) are enough\n"
        "for that. Budgets that are exceeded end in status 1, with what takes the bytes.\n",
    .examples = {"frost size boot.trace lfs.img",
                 "frost size -d region,unit build/esp8266/frost.elf",
                 "frost size --base main.json --max-growth 1% firmware.elf"},
    .statuses = "a budget is exceeded",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
