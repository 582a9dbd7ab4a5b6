// first_run.c: the first run of a flash file: the store moves, images are installed from its files.
//
// Reads and writes: the device, flash_layout, what goes to the console. Memory: static, two indices
// of stores.

#include "runtime/port/host/first_run.h"

#include <stdio.h>
#include <string.h>

#include "runtime/flash/first_run.h"
#include "runtime/port/port.h"

#define STORE_FILES_MAX 16384

static uint32_t places[2][STORE_FILES_MAX];
static struct first_run_room rooms[2] = {
    {.places = places[0], .place_count = STORE_FILES_MAX},
    {.places = places[1], .place_count = STORE_FILES_MAX},
};

static void say(const char *what, const char *more)
{
    char line[LFS_MESSAGE_BYTES + 40];
    int bytes = snprintf(line, sizeof line, "First run: %s%s\n", what, more);
    port_console_error(line, (size_t)bytes);
}

int host_first_run_move(struct partition_table *table)
{
    struct flash_layout first, final;
    first_run_layout(&first, table->device->bytes);
    if (!first_run_is_due(&table->layout, &first))
        return 0;
    partitions_init(&final, table->device->bytes);
    int status = first_run_move(table, &final, &rooms[0], &rooms[1]);
    say(status == STATUS_OK ? "the store has moved" : "the store cannot move: ",
        status == STATUS_OK ? "" : status_name(status));
    return status == STATUS_OK;
}

// What became of a file; 1: an image is to be mounted. One that is for another core image waits for
// it, as one in flash does.
static int tell(int status, const char *name, const struct lfs_report *report)
{
    char text[LFS_MESSAGE_BYTES];
    if (status == STATUS_NOT_FOUND || report->fault == LFS_FAULT_LINKED)
        return 0;
    lfs_report_text(report, text, sizeof text);
    say(name, status == STATUS_OK ? " is installed" : " is not installed: ");
    if (status != STATUS_OK)
        say(text, "");
    return status == STATUS_OK;
}

int host_first_run_core(const struct lfs_target *target, struct lfs_work *work)
{
    struct lfs_report report;
    int status = first_run_core(target, &flash_layout.parts[PARTITION_STORE], &rooms[0], work,
                                &report);
    return tell(status, FIRST_RUN_CORE, &report);
}

int host_first_run_devs(struct flash_device *device, struct lfs_work *work)
{
    struct lfs_report report;
    int status = first_run_devs(device, &flash_layout.parts[PARTITION_STORE], &rooms[0], work,
                                &report);
    return tell(status, FIRST_RUN_DEVS, &report);
}
