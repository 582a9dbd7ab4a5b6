// cmd_flash.c: `frost flash`: what a whole flash file holds: layout, structures, files of its
// store.

#include <stdio.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/flash/flash_build.h"
#include "analyzer/flash/flash_files.h"
#include "analyzer/flash/flash_nodemcu.h"
#include "analyzer/flash/flash_report.h"
#include "runtime/format/lfs_image.h"

#define LFS_SIZE_DEFAULT 0x20000u // of a slot

struct settings {
    struct report_settings report;
    const char *output;
    struct flash_parts parts;
    struct flash_nodemcu nodemcu;
    uint64_t bytes;
    int target; // index in targets
    const char *lfs_size;
    uint64_t devs_bytes, native_bytes, freezer_bytes;
    bool has_one_slot;
    uint64_t days, endurance;
};

static const char *const targets[] = {"frost", "nodemcu", NULL};

static const struct option options[] = {
    REPORT_OPTIONS(struct settings),
    {OPTION_STRING, 'o', "output", "FILE", NULL,
     "build: the flash file; extract: the directory; fs get: where the content goes",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_BYTES, 0, "size", "BYTES", "4M", "build: size of the flash",
     offsetof(struct settings, bytes), FLASH_FILE_BYTES_MIN, FLASH_FILE_BYTES_MAX, NULL, 0},
    {OPTION_LIST, 0, "firmware", "[ADDRESS=]FILE", NULL,
     "build: bytes for the firmware's partition (0); may be repeated",
     offsetof(struct settings, parts.firmware), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "lfs-size", "BYTES", NULL,
     "build: one slot of the LFS, up to 256K (128K unless given); 0: no LFS; for nodemcu: its "
     "partition (256K, or what is free)",
     offsetof(struct settings, lfs_size), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "one-slot", NULL, NULL, "build: no second slot for the LFS",
     offsetof(struct settings, has_one_slot), 0, 0, NULL, 0},
    {OPTION_BYTES, 0, "devs-size", "BYTES", "48K", "build: LFS devs, both slots",
     offsetof(struct settings, devs_bytes), 0, WINDOW_BYTES, NULL, 0},
    {OPTION_BYTES, 0, "native-size", "BYTES", "16K", "build: native devs",
     offsetof(struct settings, native_bytes), 0, WINDOW_BYTES, NULL, 0},
    {OPTION_BYTES, 0, "freezer-size", "BYTES", "64K", "build: freezer",
     offsetof(struct settings, freezer_bytes), 0, WINDOW_BYTES, NULL, 0},
    {OPTION_STRING, 0, "lfs", "IMAGE", NULL, "build: Lua Flash Store image",
     offsetof(struct settings, parts.lfs), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "devs", "IMAGE", NULL, "build: devs image, made for the image of --lfs",
     offsetof(struct settings, parts.devs), 0, 0, NULL, 0},
    {OPTION_LIST, 0, "part", "NAME=FILE", NULL,
     "build: bytes of a partition as they are (freezer, lfs-devs); may be repeated",
     offsetof(struct settings, parts.raw), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "files", "DIR", NULL, "build: files for the file system",
     offsetof(struct settings, parts.files), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "first-run", NULL, NULL,
     "build: firmware and --files alone; the first start installs core.img and devs.img",
     offsetof(struct settings, parts.is_first_run), 0, 0, NULL, 0},
    {OPTION_CHOICE, 0, "for", "NAME", "frost",
     "build: frost, or nodemcu: a directory with the parts for stock firmware 3.0",
     offsetof(struct settings, target), 0, 0, targets, 0},
    {OPTION_COUNT, 0, "lfs-at", "ADDRESS", "0x90000", "build for nodemcu: its LFS partition",
     offsetof(struct settings, nodemcu.lfs_off), 0, WINDOW_BYTES, NULL, 0},
    {OPTION_COUNT, 0, "spiffs-at", "ADDRESS", "0x100000", "build for nodemcu: its SPIFFS partition",
     offsetof(struct settings, nodemcu.spiffs_off), 0, FLASH_FILE_BYTES_MAX, NULL, 0},
    {OPTION_BYTES, 0, "spiffs-size", "BYTES", NULL,
     "build for nodemcu: size of the file system (up to the end of the flash)",
     offsetof(struct settings, nodemcu.spiffs_bytes), SPIFFS_ROOM_BYTES_MIN, FLASH_FILE_BYTES_MAX,
     NULL, 0},
    {OPTION_COUNT, 0, "days", "N", NULL, "wear: the flash has been in use for N days",
     offsetof(struct settings, days), 1, 0, NULL, 0},
    {OPTION_COUNT, 0, "endurance", "N", "100000", "wear: erases that a sector bears",
     offsetof(struct settings, endurance), 1, 0, NULL, 0},
    OPTION_TABLE_END,
};

static struct report *begin_report(struct call *call, const struct flash_file *file,
                                   const char *name, const char *title)
{
    struct report *report = report_create(call->perm, name, 1, title);
    report_input_sum(report_add_input(report, file->path, "flash", file->device.bytes, true),
                     file->path.data);
    return report;
}

static int write_report(struct call *call, struct report *report)
{
    const struct settings *settings = call->settings;
    return report_settings_write(call, &settings->report, report);
}

// Opens the flash file of a verb and mounts its store.
static int open_store(struct call *call, const char *path, bool is_read_only,
                      struct flash_file **file, struct problem *problem)
{
    int status = flash_file_read(call->perm, path, file, problem);
    return status == STATUS_OK ? flash_file_mount(call->perm, *file, is_read_only, problem)
                               : status;
}

// ---- images of the firmware's file system: they are read, too ----

// NULL: the file is none, or problem->status says why it cannot be read.
static struct spiffs_image *open_spiffs(struct call *call, const char *path,
                                        struct problem *problem)
{
    struct text content;
    struct spiffs_image *image;
    if (input_read(path, FLASH_FILE_BYTES_MAX, call->perm, &content, problem) != STATUS_OK ||
        !spiffs_is_image((const uint8_t *)content.data, content.bytes))
        return NULL;
    return spiffs_read(call->perm, text_of(path), (const uint8_t *)content.data, content.bytes,
                       &image, problem) == STATUS_OK
               ? image
               : NULL;
}

static int list_spiffs(struct call *call, const struct spiffs_image *image)
{
    struct report *report = report_create(call->perm, "flash-fs", 1, "Files of the file system");
    report_input_sum(report_add_input(report, image->path, "flash", image->count, true),
                     image->path.data);
    flash_report_spiffs(image, report);
    return write_report(call, report);
}

static int find_spiffs(struct call *call, const struct spiffs_image *image, const char *name,
                       struct text *content, struct problem *problem)
{
    const struct spiffs_file *file = spiffs_find(image, name);
    if (!file)
        return problem_set(problem, STATUS_NOT_FOUND, image->path, PROBLEM_NO_OFF,
                           "'%s' is not in the file system", name);
    *content = spiffs_content(call->perm, image, file);
    return STATUS_OK;
}

// ---- files of the store: operands[2] is the flash file ----

static int fs_list(struct call *call)
{
    struct problem problem = {0};
    struct flash_file *file;
    if (call->operand_count != 3)
        return command_misused(call, "fs ls needs a flash file");
    const struct spiffs_image *image = open_spiffs(call, call->operands[2], &problem);
    if (image)
        return list_spiffs(call, image);
    if (problem.status || open_store(call, call->operands[2], true, &file, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = begin_report(call, file, "flash-fs", "Files of the store");
    if (flash_report_files(file, report, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return write_report(call, report);
}

static int fs_get(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct flash_file *file;
    struct output output;
    struct text content;
    if (call->operand_count != 4)
        return command_misused(call, "fs get needs a flash file and a name");
    const char *name = call->operands[3];
    const struct spiffs_image *image = open_spiffs(call, call->operands[2], &problem);
    int status = problem.status;
    if (image)
        status = find_spiffs(call, image, name, &content, &problem);
    else if (status == STATUS_OK)
        status = open_store(call, call->operands[2], true, &file, &problem);
    if (status == STATUS_OK && !image)
        status = flash_files_get(call->perm, file, name, &content, &problem);
    if (status != STATUS_OK || output_open(&output, settings->output ? settings->output : "-",
                                           call->perm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    fwrite(content.data, 1, content.bytes, output.file);
    return output_close(&output, &problem) == STATUS_OK ? EXIT_STATUS_DONE
                                                        : command_fail(call, &problem);
}

// NAME=FILE, or a path, whose last part is the name.
static int put_one(struct call *call, struct flash_file *file, const char *word,
                   struct problem *problem)
{
    const char *equals = strchr(word, '='), *slash = strrchr(word, '/');
    const char *name = equals  ? arena_format(call->perm, "%.*s", (int)(equals - word), word)
                       : slash ? slash + 1
                               : word;
    return flash_files_put(call->perm, file, name, equals ? equals + 1 : word, problem);
}

static int remove_one(struct call *call, struct flash_file *file, const char *word,
                      struct problem *problem)
{
    (void)call;
    return flash_files_remove(file, word, problem);
}

// Changes the flash file by each further operand; nothing is written if one fails.
static int fs_change(struct call *call, int (*change)(struct call *call, struct flash_file *file,
                                                      const char *word, struct problem *problem))
{
    struct problem problem = {0};
    struct flash_file *file;
    int status = open_store(call, call->operands[2], false, &file, &problem);
    for (size_t i = 3; i < call->operand_count && status == STATUS_OK; i++)
        status = change(call, file, call->operands[i], &problem);
    if (status == STATUS_OK)
        status = flash_file_write(call->perm, file, &problem);
    return status == STATUS_OK ? EXIT_STATUS_DONE : command_fail(call, &problem);
}

static int fs_put(struct call *call)
{
    if (call->operand_count < 4)
        return command_misused(call, "fs put needs a flash file and files");
    return fs_change(call, put_one);
}

static int fs_remove(struct call *call)
{
    if (call->operand_count < 4)
        return command_misused(call, "fs rm needs a flash file and names");
    return fs_change(call, remove_one);
}

static int fs_compact(struct call *call)
{
    struct problem problem = {0};
    struct flash_file *file;
    if (call->operand_count != 3)
        return command_misused(call, "fs compact needs a flash file");
    int status = open_store(call, call->operands[2], false, &file, &problem);
    if (status == STATUS_OK) {
        status = store_compact(&file->store);
        if (status != STATUS_OK)
            problem_set(&problem, status, file->path, PROBLEM_NO_OFF, "%s", status_name(status));
    }
    if (status == STATUS_OK)
        status = flash_file_write(call->perm, file, &problem);
    return status == STATUS_OK ? EXIT_STATUS_DONE : command_fail(call, &problem);
}

// ---- the whole flash: operands[1] ----

static int open_flash(struct call *call, size_t idx, struct flash_file **file)
{
    struct problem problem = {0};
    if (call->operand_count != idx + 1)
        return command_misused(call, "%s needs a flash file", call->operands[idx - 1]);
    if (flash_file_read(call->perm, call->operands[idx], file, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return EXIT_STATUS_DONE;
}

static int layout(struct call *call)
{
    struct flash_file *file;
    int status = open_flash(call, 1, &file);
    if (status)
        return status;
    struct report *report = begin_report(call, file, "flash-layout", "What lies where");
    flash_report_layout(file, report);
    return write_report(call, report);
}

static int check_at(struct call *call, size_t idx)
{
    struct flash_file *file;
    int status = open_flash(call, idx, &file);
    if (status)
        return status;
    struct report *report = begin_report(call, file, "flash-check", "Is every structure sound");
    uint32_t findings = flash_report_check(file, report);
    int written = write_report(call, report);
    return written ? written : findings ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int check(struct call *call)
{
    return check_at(call, 1);
}

static int fs_check(struct call *call)
{
    return check_at(call, 2);
}

static int report_store(struct call *call, const char *name, const char *title, bool is_wear)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct flash_file *file;
    int status = open_flash(call, 1, &file);
    if (status)
        return status;
    if (flash_file_mount(call->perm, file, true, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = begin_report(call, file, name, title);
    if (is_wear)
        flash_report_wear(file, settings->days, settings->endurance, report);
    else if (flash_report_entries(file, report, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return write_report(call, report);
}

static int dump(struct call *call)
{
    return report_store(call, "flash-dump", "Entries of the file store", false);
}

static int wear(struct call *call)
{
    return report_store(call, "flash-wear", "Erases of the file store", true);
}

// ---- parts ----

// --lfs-size, or `fallback` if it is not given. Result: 0, or an exit status.
static int take_lfs_size(struct call *call, uint32_t fallback, uint32_t *bytes)
{
    const struct settings *settings = call->settings;
    uint64_t value = fallback;
    if (settings->lfs_size && (options_parse_bytes(settings->lfs_size, &value) != STATUS_OK ||
                               value > LFS_IMAGE_BYTES_MAX))
        return command_misused(call, "--lfs-size must be between 0 and %u",
                               (unsigned)LFS_IMAGE_BYTES_MAX);
    *bytes = (uint32_t)value;
    return 0;
}

static int build_for_nodemcu(struct call *call)
{
    struct settings *settings = call->settings;
    struct problem problem = {0};
    const char *command;
    int misused = take_lfs_size(call, LFS_STOCK_BYTES, &settings->nodemcu.lfs_bytes);
    if (misused)
        return misused;
    if (flash_nodemcu_build(call->perm, &settings->nodemcu, (uint32_t)settings->bytes,
                            &settings->parts, settings->output, &command, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    printf("esptool.py --port PORT %s\n", command);
    return EXIT_STATUS_DONE;
}

static int build(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    if (call->operand_count != 1 || !settings->output)
        return command_misused(call, "build needs -o FLASH (for nodemcu: DIR)");
    if (settings->bytes % FLASH_SECTOR_BYTES)
        return command_misused(call, "--size is no number of sectors of %u bytes",
                               FLASH_SECTOR_BYTES);
    if (settings->target == 1)
        return build_for_nodemcu(call);
    struct flash_file *file = flash_file_create(call->perm, settings->output,
                                                (uint32_t)settings->bytes);
    struct flash_sizes sizes = {
        .has_one_slot = settings->has_one_slot,
        .lfs_devs = (uint32_t)settings->devs_bytes,
        .native_devs = (uint32_t)settings->native_bytes,
        .freezer = (uint32_t)settings->freezer_bytes,
    };
    int misused = take_lfs_size(call, LFS_SIZE_DEFAULT, &sizes.lfs);
    if (misused)
        return misused;
    int status = settings->parts.is_first_run ? STATUS_OK : flash_file_plan(file, &sizes, &problem);
    if (status == STATUS_OK)
        status = flash_build(call->perm, file, &settings->parts, &problem);
    if (status == STATUS_OK)
        status = flash_file_write(call->perm, file, &problem);
    return status == STATUS_OK ? EXIT_STATUS_DONE : command_fail(call, &problem);
}

static int extract(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct flash_file *file;
    if (!settings->output)
        return command_misused(call, "extract needs -o DIR");
    int status = open_flash(call, 1, &file);
    if (status)
        return status;
    return flash_extract(call->perm, file, settings->output, &problem) == STATUS_OK
               ? EXIT_STATUS_DONE
               : command_fail(call, &problem);
}

// ---- verbs ----

// What a call does, as far as it matters to the options that it takes.
enum {
    MODE_REPORT = 1,
    MODE_WEAR = 2,
    MODE_BUILD = 4,
    MODE_BUILD_FIRST_RUN = 8,
    MODE_BUILD_NODEMCU = 16,
    MODE_EXTRACT = 32,
    MODE_GET = 64,
    MODE_CHANGE = 128,
    MODES_BUILD = MODE_BUILD | MODE_BUILD_FIRST_RUN | MODE_BUILD_NODEMCU,
    MODES_OF_ALL_REPORTS = MODE_REPORT | MODE_WEAR,
};

// An option that would be ignored is refused. Options that are not here go with every report.
static const struct scope {
    const char *option;
    unsigned modes;
} scopes[] = {
    {"output", MODES_BUILD | MODE_EXTRACT | MODE_GET},
    {"size", MODES_BUILD},
    {"firmware", MODES_BUILD},
    {"files", MODES_BUILD},
    {"for", MODES_BUILD},
    {"lfs", MODE_BUILD | MODE_BUILD_NODEMCU},
    {"lfs-size", MODE_BUILD | MODE_BUILD_NODEMCU},
    {"one-slot", MODE_BUILD},
    {"devs-size", MODE_BUILD},
    {"native-size", MODE_BUILD},
    {"freezer-size", MODE_BUILD},
    {"devs", MODE_BUILD},
    {"part", MODE_BUILD},
    {"first-run", MODE_BUILD | MODE_BUILD_FIRST_RUN},
    {"lfs-at", MODE_BUILD_NODEMCU},
    {"spiffs-at", MODE_BUILD_NODEMCU},
    {"spiffs-size", MODE_BUILD_NODEMCU},
    {"days", MODE_WEAR},
    {"endurance", MODE_WEAR},
};

static unsigned modes_of(const char *option)
{
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (strcmp(scopes[i].option, option) == 0)
            return scopes[i].modes;
    return MODES_OF_ALL_REPORTS;
}

static bool is_own_option(const struct option *option)
{
    return option >= options && option < options + sizeof options / sizeof *options;
}

static unsigned mode_of_build(const struct settings *settings)
{
    return settings->target == 1          ? MODE_BUILD_NODEMCU
           : settings->parts.is_first_run ? MODE_BUILD_FIRST_RUN
                                          : MODE_BUILD;
}

// What the verb of that mode is called; `hint`: what to do instead, or "".
static const char *name_of_mode(struct call *call, unsigned mode, const char **hint)
{
    *hint = "";
    if (mode == MODE_BUILD_NODEMCU)
        return "build --for nodemcu";
    if (mode == MODE_BUILD_FIRST_RUN) {
        *hint = "; such a flash has firmware and --files, images are the files core.img and "
                "devs.img";
        return "build --first-run";
    }
    if (strcmp(call->operands[0], "fs") == 0)
        return arena_format(call->perm, "fs %s", call->operands[1]);
    return call->operands[0];
}

// Result: 0, or an exit status.
static int check_options(struct call *call, unsigned mode)
{
    const char *hint;
    for (const struct option *const *given = call->given; *given; given++) {
        if (!is_own_option(*given) || (modes_of((*given)->name) & mode))
            continue;
        const char *name = name_of_mode(call, mode, &hint);
        return command_misused(call, "--%s is not for '%s'%s", (*given)->name, name, hint);
    }
    return 0;
}

struct verb {
    const char *name;
    int (*run)(struct call *call);
    unsigned mode;
};

static int run_verb(struct call *call, const struct verb *table, size_t count, size_t idx)
{
    const char *name = call->operand_count > idx ? call->operands[idx] : "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        unsigned mode = table[i].mode == MODES_BUILD ? mode_of_build(call->settings)
                                                     : table[i].mode;
        int misused = mode ? check_options(call, mode) : 0;
        return misused ? misused : table[i].run(call);
    }
    if (idx == 1)
        return command_misused(call, "fs needs 'ls', 'get', 'put', 'rm', 'compact' or 'check'");
    return command_misused(call,
                           "needs 'layout', 'check', 'dump', 'wear', 'build', 'extract' or 'fs'");
}

static int fs(struct call *call)
{
    static const struct verb table[] = {
        {"ls", fs_list, MODE_REPORT},         {"get", fs_get, MODE_GET},
        {"put", fs_put, MODE_CHANGE},         {"rm", fs_remove, MODE_CHANGE},
        {"compact", fs_compact, MODE_CHANGE}, {"check", fs_check, MODE_REPORT},
    };
    if (call->operand_count < 3)
        return run_verb(call, table, 0, 1);
    return run_verb(call, table, sizeof table / sizeof *table, 1);
}

static int run(struct call *call)
{
    static const struct verb table[] = {
        {"layout", layout, MODE_REPORT},
        {"check", check, MODE_REPORT},
        {"dump", dump, MODE_REPORT},
        {"wear", wear, MODE_WEAR},
        {"build", build, MODES_BUILD},
        {"extract", extract, MODE_EXTRACT},
        {"fs", fs, 0}, // its own verbs tell
    };
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return run_verb(call, table, sizeof table / sizeof *table, 0);
}

static const char *const verbs[] = {"layout", "check",   "dump", "wear",
                                    "build",  "extract", "fs",   NULL};

const struct command command_flash = {
    .name = "flash",
    .summary = "Whole flash files: made, looked into, their files changed.",
    .usage = "VERB [OPTION]... [FLASH], or fs VERB FLASH [NAME]...",
    .description =
        "layout shows every region with its address, size and use; check verifies\n"
        "partition table, images, freezer and file store; dump lists the store's entries and\n"
        "the freezer's blocks (frost freeze ls has more); wear\n"
        "shows how often its sectors were erased. build -o FLASH makes a flash of parts,\n"
        "extract -o DIR FLASH takes one apart. build --for nodemcu -o DIR makes an absolute\n"
        "LFS image and a SPIFFS image, and prints the command that flashes them.\n"
        "fs ls FLASH lists the store's files, fs get FLASH NAME writes one to -o FILE,\n"
        "fs put FLASH FILE... (or NAME=FILE) and fs rm FLASH NAME... change it, fs compact\n"
        "FLASH gives dead room back. A flash file is changed whole or not at all. fs ls and\n"
        "fs get also read SPIFFS images. An option that a verb does not take is refused.\n",
    .examples = {"frost flash layout flash.bin", "frost flash fs put flash.bin init.lua"},
    .verbs = verbs,
    .statuses = "check found a fault",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
