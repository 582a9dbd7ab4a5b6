// cmd_lfs.c: `frost lfs`: what is in an LFS image, is it sound, what has changed.

#include <stdio.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/flash/freezer_report.h"
#include "analyzer/image/image_dump.h"
#include "analyzer/image/image_report.h"
#include "runtime/format/lfs_image.h"

struct settings {
    struct report_settings report;
    const char *output;
    const char *module;
    struct image_device device; // its address: below
    uint64_t address;
    bool has_strings;
    const char *core;
};

static const char *const number_words[] = {"any", "float", "integer", NULL};

static const struct option options[] = {
    REPORT_OPTIONS(struct settings),
    {OPTION_STRING, 'o', "output", "FILE", "-", "output file of dump",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_STRING, 'm', "module", "NAME", NULL, "dump only this module",
     offsetof(struct settings, module), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "strings", NULL, NULL, "dump the string table, too",
     offsetof(struct settings, has_strings), 0, 0, NULL, 0},
    {OPTION_BYTES, 0, "lfs-size", "BYTES", NULL, "check: size of the device's LFS region",
     offsetof(struct settings, device.region_bytes), 1, LFS_IMAGE_BYTES_MAX, NULL, 0},
    {OPTION_COUNT, 0, "address", "ADDR", NULL,
     "check: where the region is mapped; absolute images must be for it",
     offsetof(struct settings, address), 0, UINT32_MAX, NULL, 0},
    {OPTION_CHOICE, 0, "numbers", "KIND", "any", "check: numbers of the device's firmware",
     offsetof(struct settings, device.numbers), 0, 0, number_words, 0},
    {OPTION_STRING, 0, "core", "IMAGE", NULL,
     "core image that a devs image is made for: its texts, and is it the right one",
     offsetof(struct settings, core), 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

static int read_operand(struct call *call, size_t idx, const struct image **image,
                        struct problem *problem)
{
    const struct settings *settings = call->settings;
    struct image_options with = {0};
    if (settings->core) {
        int status = image_read_file(call->perm, settings->core, NULL, &with.core, problem);
        if (status != STATUS_OK)
            return status;
    }
    return image_read_file(call->perm, call->operands[idx], &with, image, problem);
}

static void add_input(struct report *report, const struct image *image, const char *path)
{
    report_input_sum(report_add_input(report, image->file,
                                      image->form == IMAGE_CHUNK ? "chunk" : "image",
                                      image->file_bytes, true),
                     path);
}

// ---- ls ----

static int list(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    const struct image *image;
    if (call->operand_count != 2)
        return command_misused(call, "ls needs one image");
    if (read_operand(call, 1, &image, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = report_create(call->perm, "lfs", 1, "What is in the image");
    add_input(report, image, call->operands[1]);
    image_report_contents(image, report);
    return report_settings_write(call, &settings->report, report);
}

// ---- dump ----

static int dump(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct output output;
    const struct image *image;
    int32_t module = IMAGE_ALL;
    if (call->operand_count != 2)
        return command_misused(call, "dump needs one image");
    if (renderer_list[settings->report.format] != &renderer_text)
        return command_misused(call, "dump is a listing: it has no other format than text");
    if (read_operand(call, 1, &image, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (settings->module) {
        module = image_find_module(image, text_of(settings->module));
        if (module == IMAGE_NONE) {
            problem_set(&problem, STATUS_USAGE, image->file, PROBLEM_NO_OFF, "no module '%s'",
                        settings->module);
            return command_fail(call, &problem);
        }
    }
    if (output_open(&output, settings->output, call->perm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    fprintf(output.file, "%s, %s, %u bytes, %u modules, %u functions, %u strings\n",
            image_form_name(image->form), image->is_integer ? "integer" : "float",
            (unsigned)image->bytes, (unsigned)image->module_count, (unsigned)image->function_count,
            (unsigned)image->string_count);
    image = image_without(image, call->exclude, call->perm);
    image_dump_module(image, module, output.file);
    if (settings->has_strings)
        image_dump_strings(image, output.file);
    if (output_close(&output, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return EXIT_STATUS_DONE;
}

// ---- check ----

struct check_row {
    const char *path, *result, *form, *numbers;
    struct report_value bytes, modules, functions, strings; // empty if the image is damaged
};

static const struct report_column check_columns[] = {
    {"image", "image", "", REPORT_MAY_CUT | REPORT_KEY, REPORT_AT(check_row, path)},
    {"result", "result", "", 0, REPORT_AT(check_row, result)},
    {"form", "form", "", 0, REPORT_AT(check_row, form)},
    {"numbers", "numbers", "", 0, REPORT_AT(check_row, numbers)},
    {"image_bytes", "in flash", "bytes", 0, REPORT_AT(check_row, bytes)},
    {"modules", "modules", "", 0, REPORT_AT(check_row, modules)},
    {"functions", "functions", "", 0, REPORT_AT(check_row, functions)},
    {"strings", "strings", "", 0, REPORT_AT(check_row, strings)},
};

// What the device's loader says of a file, as a finding. False: it takes it.
static bool add_answer(struct call *call, const char *path, const struct image_device *device,
                       struct report *report)
{
    struct text file;
    struct problem problem = {0};
    if (input_read(path, IMAGE_BYTES_LIMIT, call->perm, &file, &problem) != STATUS_OK)
        return false;
    const char *answer = image_device_answer(call->perm, file.data, file.bytes, device);
    if (answer)
        report_add_note(report, REPORT_FINDING, "%s: the device answers \"%s\"", path, answer);
    return answer != NULL;
}

// One image: its findings, and a row of the report. Result: an exit status.
static int check_one(struct call *call, size_t idx, struct report *report,
                     struct report_table *table)
{
    const struct settings *settings = call->settings;
    struct image_device device = settings->device;
    device.base_addr = (uint32_t)settings->address;
    struct problem problem = {0};
    const struct image *image = NULL;
    int status = read_operand(call, idx, &image, &problem);
    if (status == STATUS_NOT_FOUND || status == STATUS_IO)
        return command_fail(call, &problem);
    // An absolute image is written by other means; image_report_findings() tells of the rest.
    bool is_for_loader = status != STATUS_OK || image->form == IMAGE_RELOCATABLE;
    bool is_refused = is_for_loader && add_answer(call, call->operands[idx], &device, report);
    struct check_row row = {.path = call->operands[idx],
                            .result = is_refused ? "refused, and damaged" : "damaged"};
    if (status != STATUS_OK) {
        char line[300];
        problem_print(&problem, line, sizeof line);
        report_add_note(report, REPORT_FINDING, "%s", line);
        report_add_row(table, NULL, &row);
        return EXIT_STATUS_NO;
    }
    add_input(report, image, call->operands[idx]);
    uint32_t findings = image_report_findings(image, &device, report);
    row = (struct check_row){
        row.path,
        is_refused ? "refused"
        : findings ? "faulty"
                   : "ok",
        image_form_name(image->form),
        image->is_integer ? "integer" : "float",
        report_number(image->bytes),
        report_number(image->module_count),
        report_number(image->function_count),
        report_number(image->string_count - image->below_count),
    };
    report_add_row(table, NULL, &row);
    return is_refused || findings ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int check(struct call *call)
{
    const struct settings *settings = call->settings;
    int result = EXIT_STATUS_DONE;
    if (call->operand_count < 2)
        return command_misused(call, "check needs an image");
    struct report *report = report_create(call->perm, "lfs-check", 1, "Would the device accept it");
    struct report_table *table = REPORT_ADD_TABLE(report, "images", "Images", check_columns);
    for (size_t i = 1; i < call->operand_count; i++) {
        int status = check_one(call, i, report, table);
        if (status > EXIT_STATUS_NO)
            return status;
        if (status)
            result = status;
    }
    int written = report_settings_write(call, &settings->report, report);
    return written ? written : result;
}

// ---- diff ----

static int diff(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    const struct image *base, *image;
    struct report *report;
    uint32_t differences;
    if (call->operand_count != 3)
        return command_misused(call, "diff needs two images, or two areas of a freezer");
    if (freezer_is_at_path(call->perm, call->operands[1]) &&
        freezer_is_at_path(call->perm, call->operands[2])) {
        if (freezer_report_diff(call->perm, call->operands[1], call->operands[2], &report,
                                &differences, &problem) != STATUS_OK)
            return command_fail(call, &problem);
    } else {
        if (read_operand(call, 1, &base, &problem) != STATUS_OK ||
            read_operand(call, 2, &image, &problem) != STATUS_OK)
            return command_fail(call, &problem);
        report = report_create(call->perm, "lfs-diff", 1, "What has changed");
        add_input(report, base, call->operands[1]);
        add_input(report, image, call->operands[2]);
        differences = image_report_differences(base, image, report);
    }
    int written = report_settings_write(call, &settings->report, report);
    if (written)
        return written;
    return differences ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int run(struct call *call)
{
    static const struct {
        const char *name;
        int (*run)(struct call *call);
    } parts[] = {{"ls", list}, {"dump", dump}, {"check", check}, {"diff", diff}};
    const struct settings *settings = call->settings;
    const char *name = call->operand_count ? call->operands[0] : "";
    struct problem problem = {0};
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0)
            return parts[i].run(call);
    return command_misused(call, "needs 'ls', 'dump', 'check' or 'diff' and an image");
}

static const char *const verbs[] = {"ls", "dump", "check", "diff", NULL};

const struct command command_lfs = {
    .name = "lfs",
    .summary = "Looks into LFS images: contents, listing, check, differences.",
    .usage = "ls IMAGE | dump [OPTION]... IMAGE | check IMAGE... | diff OLD NEW",
    .description = "Reads relocatable and absolute images and .lc files, float and integer,\n"
                   "checks their whole structure, and shows with which message the firmware would\n"
                   "refuse them. diff compares modules and strings, not the build time; of two\n"
                   "freezer areas or flash files what they have frozen, as frost freeze diff.\n",
    .examples = {"frost lfs check lfs.img", "frost lfs dump --module app lfs.img",
                 "frost lfs check --core lfs.img devs.img"},
    .verbs = verbs,
    .statuses = "check found a fault, or diff a difference",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
