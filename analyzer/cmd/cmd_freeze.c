// cmd_freeze.c: `frost freeze`: freezer areas made on the computer, looked into, turned into LFS
// images and back.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/output.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/flash/freezer_report.h"
#include "analyzer/image/image_reader.h"
#include "analyzer/job/freeze_job.h"

struct settings {
    struct report_settings report;
    const char *output;
    const char *flash;
    const char *lfs;
    const char *fs;
    struct option_list data;
    bool is_integer;
    bool has_blocks;
};

static const struct option options[] = {
    REPORT_OPTIONS(struct settings),
    {OPTION_STRING, 'o', "output", "FILE", NULL,
     "make, from-lfs: the area as a file; to-lfs: the image", offsetof(struct settings, output), 0,
     0, NULL, 0},
    {OPTION_STRING, 0, "flash", "FILE", NULL,
     "make, from-lfs: the flash file that gets the area; made if it does not exist",
     offsetof(struct settings, flash), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "lfs", "IMAGE", NULL,
     "Lua Flash Store image below the freezer (that of the flash file)",
     offsetof(struct settings, lfs), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "fs", "DIR", ".", "make: the program's file system, below which names lie",
     offsetof(struct settings, fs), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "data", "FILE", NULL,
     "make: also this Lua file, which returns a table of constants, as data; may be repeated",
     offsetof(struct settings, data), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "integer", NULL, NULL, "make: for firmware with integer numbers",
     offsetof(struct settings, is_integer), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "blocks", NULL, NULL, "ls: every block, too",
     offsetof(struct settings, has_blocks), 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

// ---- what is frozen ----

struct item_row {
    const char *name, *kind, *result;
    uint32_t flash_bytes, saved_bytes;
};

static const struct report_column item_columns[] = {
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(item_row, name)},
    {"kind", "kind", "", 0, REPORT_AT(item_row, kind)},
    {"flash_bytes", "new in flash", "bytes", REPORT_SUMMED, REPORT_AT(item_row, flash_bytes)},
    {"saved_bytes", "RAM saved", "bytes", REPORT_SUMMED, REPORT_AT(item_row, saved_bytes)},
    {"result", "result", "", 0, REPORT_AT(item_row, result)},
};

static const char *const outcome_names[] = {"frozen", "refused", "failed"};

static const struct report_column image_columns[] = {
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(item_row, name)},
    {"result", "result", "", 0, REPORT_AT(item_row, result)},
};

// Rows and findings of the items. Result: the number that was not frozen.
static size_t add_items(struct report_table *table, struct report *report,
                        const struct freeze_item *items, size_t count)
{
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        const struct freeze_item *item = &items[i];
        struct item_row row = {item->name, item->is_data ? "table" : "function",
                               outcome_names[item->outcome], item->flash_bytes, item->saved_bytes};
        report_add_row(table, NULL, &row);
        if (item->outcome == FREEZE_ITEM_FROZEN)
            continue;
        missing++;
        report_add_note(report, REPORT_FINDING, "%s: %s", item->name, item->why);
    }
    report_add_sum(table);
    return missing;
}

static int write_report(struct call *call, struct report *report)
{
    const struct settings *settings = call->settings;
    return report_settings_write(call, &settings->report, report);
}

// ---- make ----

static bool ends_in(const char *word, const char *tail)
{
    size_t bytes = strlen(word), tail_bytes = strlen(tail);
    return bytes > tail_bytes && strcmp(word + bytes - tail_bytes, tail) == 0;
}

// A module's name, NAME=FILE, a file of code, or one of data.
static struct freeze_item item_of(struct call *call, const char *word)
{
    struct freeze_item item = {.name = word};
    const char *equals = strchr(word, '=');
    size_t bytes = strlen(word);
    if (equals) {
        item.name = arena_format(call->perm, "%.*s", (int)(equals - word), word);
        item.file = equals + 1;
    } else if (ends_in(word, ".json")) {
        item.is_data = true;
    } else if (ends_in(word, ".lua") || ends_in(word, ".lc")) {
        bytes -= ends_in(word, ".lua") ? 4 : 3;
        char *name = arena_format(call->perm, "%.*s", (int)bytes, word);
        for (char *at = name; *at; at++)
            *at = *at == '/' ? '.' : *at;
        item.name = name;
        item.file = word;
    }
    return item;
}

static void take_items(struct call *call, struct freeze_request *request)
{
    const struct settings *settings = call->settings;
    size_t operands = call->operand_count - 1;
    request->items = ARENA_NEW_ARRAY(call->perm, struct freeze_item,
                                     operands + settings->data.count);
    for (size_t i = 0; i < operands; i++)
        request->items[request->count++] = item_of(call, call->operands[i + 1]);
    for (size_t i = 0; i < settings->data.count; i++)
        request->items[request->count++] = (struct freeze_item){.is_data = true,
                                                                .name = settings->data.items[i]};
}

// Puts the flash, or its area alone, where it is wanted.
static int write_result(struct call *call, struct flash_file *file, struct problem *problem)
{
    const struct settings *settings = call->settings;
    struct output output;
    struct text area = freeze_area(file);
    if (settings->flash) {
        file->path = text_of(settings->flash);
        return flash_file_write(call->perm, file, problem);
    }
    int status = output_open(&output, settings->output, call->perm, problem);
    if (status != STATUS_OK)
        return status;
    fwrite(area.data, 1, area.bytes, output.file);
    return output_close(&output, problem);
}

// The report, and the result if all was frozen. Result: an exit status.
static int finish(struct call *call, const struct freeze_request *request, struct flash_file *file)
{
    struct problem problem = {0};
    struct freezer_view *view;
    struct report *report = report_create(call->perm, "freeze-made", 1, "What was frozen");
    struct report_table *table = REPORT_ADD_TABLE(report, "items", "What was asked for",
                                                  item_columns);
    size_t missing = add_items(table, report, request->items, request->count);
    if (freezer_of_flash(call->perm, file, &view, &problem) == STATUS_OK)
        freezer_report_contents(view, report);
    problem = (struct problem){0};
    if (missing == 0 && write_result(call, file, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (missing > 0)
        report_add_note(report, REPORT_FINDING, "nothing was written");
    int written = write_report(call, report);
    for (size_t i = 0; i < request->count && !written; i++)
        if (request->items[i].outcome == FREEZE_ITEM_FAILED)
            return EXIT_STATUS_DAMAGED;
    return written ? written : missing ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int check_places(struct call *call)
{
    const struct settings *settings = call->settings;
    return !settings->output == !settings->flash
               ? command_misused(call, "%s needs either -o AREA or --flash FLASH",
                                 call->operands[0])
               : EXIT_STATUS_DONE;
}

static int make(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct flash_file *file;
    struct freeze_request request = {
        .is_integer = settings->is_integer, .lfs = settings->lfs, .fs = settings->fs};
    if (check_places(call) != EXIT_STATUS_DONE)
        return EXIT_STATUS_USAGE;
    if (settings->flash && access(settings->flash, F_OK) == 0)
        request.flash = settings->flash;
    take_items(call, &request);
    if (request.count == 0)
        return command_misused(call, "make needs modules or data");
    struct job_context context = command_context(call);
    if (freeze_make(&context, &request, &file, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return finish(call, &request, file);
}

// ---- from and to images ----

static int from_lfs(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct flash_file *file;
    const struct image *image;
    struct freeze_request request = {0};
    if (call->operand_count != 2)
        return command_misused(call, "from-lfs needs an image");
    if (check_places(call) != EXIT_STATUS_DONE)
        return EXIT_STATUS_USAGE;
    if (settings->flash && access(settings->flash, F_OK) == 0)
        request.flash = settings->flash;
    if (image_read_file(call->perm, call->operands[1], NULL, &image, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct job_context context = command_context(call);
    if (freeze_from_lfs(&context, call->operands[1], image->is_integer, &request, &file,
                        &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return finish(call, &request, file);
}

// The flash of an operand: it itself, or one around an area.
static int open_flash(struct call *call, const char *path, struct freezer_view **view,
                      struct flash_file **file, struct problem *problem)
{
    const struct settings *settings = call->settings;
    struct job_context context = command_context(call);
    int status = freezer_of_path(call->perm, path, view, problem);
    if (status != STATUS_OK)
        return status;
    if ((*view)->refused && !settings->lfs)
        return problem_set(problem, STATUS_VERSION, (*view)->path, PROBLEM_NO_OFF,
                           "the device would make the area anew: %s", (*view)->refused);
    if ((*view)->place.is_known)
        return flash_file_read(call->perm, path, file, problem);
    if ((*view)->header.linked_crc != 0 && !settings->lfs)
        return problem_set(problem, STATUS_USAGE, (*view)->path, PROBLEM_NO_OFF,
                           "it was made with an LFS image, which --lfs must give");
    return freeze_flash_of_area(&context, *view, file, problem);
}

static int to_lfs(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct freezer_view *view;
    struct flash_file *file;
    struct freeze_item *items;
    size_t count;
    if (call->operand_count != 2 || !settings->output)
        return command_misused(call, "to-lfs needs an area or flash file, and -o IMAGE");
    struct job_context context = command_context(call);
    if (open_flash(call, call->operands[1], &view, &file, &problem) != STATUS_OK ||
        freeze_to_lfs(&context, file, settings->lfs, freezer_view_is_integer(view),
                      settings->output, &items, &count, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = report_create(call->perm, "freeze-image", 1, "What the image holds");
    struct report_table *table = REPORT_ADD_TABLE(report, "items", "Names of the area",
                                                  image_columns);
    size_t missing = add_items(table, report, items, count);
    int written = write_report(call, report);
    return written ? written : missing ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

// ---- looking ----

static int look(struct call *call, bool is_check)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct freezer_view *view;
    if (call->operand_count != 2)
        return command_misused(call, "%s needs an area or a flash file", call->operands[0]);
    if (freezer_of_path(call->perm, call->operands[1], &view, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = report_create(call->perm, "freeze", 1, "What the freezer holds");
    report_input_sum(report_add_input(report, view->path, "freezer", view->data_bytes, true),
                     call->operands[1]);
    uint32_t findings = freezer_report_findings(view, report);
    freezer_report_contents(view, report);
    if (settings->has_blocks)
        freezer_report_blocks(view, report);
    int written = write_report(call, report);
    return written ? written : is_check && findings ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int list(struct call *call)
{
    return look(call, false);
}

static int check(struct call *call)
{
    return look(call, true);
}

static int diff(struct call *call)
{
    struct problem problem = {0};
    struct report *report;
    uint32_t differences;
    if (call->operand_count != 3)
        return command_misused(call, "diff needs two areas or flash files");
    if (freezer_report_diff(call->perm, call->operands[1], call->operands[2], &report, &differences,
                            &problem) != STATUS_OK)
        return command_fail(call, &problem);
    int written = write_report(call, report);
    return written ? written : differences ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int run(struct call *call)
{
    static const struct {
        const char *name;
        int (*run)(struct call *call);
    } parts[] = {{"make", make}, {"ls", list},       {"check", check},
                 {"diff", diff}, {"to-lfs", to_lfs}, {"from-lfs", from_lfs}};
    const struct settings *settings = call->settings;
    const char *name = call->operand_count ? call->operands[0] : "";
    struct problem problem = {0};
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0)
            return parts[i].run(call);
    return command_misused(call, "needs 'make', 'ls', 'check', 'diff', 'to-lfs' or 'from-lfs'");
}

static const char *const verbs[] = {"make", "ls", "check", "diff", "to-lfs", "from-lfs", NULL};

const struct command command_freeze = {
    .name = "freeze",
    .summary = "Freezer areas: made on the computer, looked into, converted.",
    .usage = "make [OPTION]... ITEM... | ls FILE | check FILE | diff OLD NEW |\n"
             "       to-lfs FILE -o IMAGE | from-lfs IMAGE",
    .description =
        "make freezes modules and data as a program on the device does, byte for byte:\n"
        "ITEM is a module's name as freezer.require takes it, a .lua or .lc file (net/a.lua\n"
        "is module net.a), NAME=FILE, or a .json file (data for freezer.data). The result\n"
        "is an area for the freezer's partition (-o, frost flash build --part\n"
        "freezer=FILE), or a flash file (--flash). It is written if everything was frozen.\n"
        "ls, check, diff and to-lfs take areas and flash files. to-lfs makes an image of the\n"
        "named functions, tables are left out; from-lfs freezes the modules of an image.\n",
    .examples = {"frost freeze make -o freezer.bin --fs app net.http config.json",
                 "frost freeze check flash.bin"},
    .verbs = verbs,
    .statuses = "something is not frozen, check found a fault, or diff a difference",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
