// first_run.c: see first_run.h.

#include "runtime/flash/first_run.h"

#include <stdio.h>
#include <string.h>

#include "runtime/flash/devs.h"
#include "runtime/flash/partition_table.h"

#define COPY_BYTES 256u

// ---- the layout ----

void first_run_layout(struct flash_layout *layout, uint32_t device_bytes)
{
    partitions_init(layout, device_bytes);
    const struct flash_partition *firmware = &layout->parts[PARTITION_FIRMWARE];
    uint32_t begin = firmware->off + firmware->bytes, end = layout->parts[PARTITION_STORE].off;
    for (int i = 0; i < PARTITION_COUNT; i++)
        if (i != PARTITION_FIRMWARE)
            layout->parts[i] = (struct flash_partition){0, 0};
    layout->parts[PARTITION_STORE] = (struct flash_partition){begin, end - begin};
}

int first_run_is_due(const struct flash_layout *layout, const struct flash_layout *first)
{
    return memcmp(layout, first, sizeof *layout) == 0;
}

// ---- moving the store ----

static uint32_t copied_time; // of the file that is being copied

static uint32_t time_of_copy(void)
{
    return copied_time;
}

static int mount(struct first_run_room *room, struct flash_device *device,
                 const struct flash_partition *range, int is_read_only)
{
    return store_mount(&room->store, device, range, room->places, room->place_count, is_read_only);
}

static int copy_content(struct store_file *from, struct store_file *to)
{
    uint8_t data[COPY_BYTES];
    for (long count; (count = store_file_read(from, data, sizeof data)) != 0;) {
        int status = count < 0 ? (int)count : store_file_write(to, data, (uint32_t)count);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static int copy_file(struct store *from, struct store *to, const char *name)
{
    struct store_file in, out;
    int status = store_file_open(from, &in, name, STORE_READS);
    if (status != STATUS_OK)
        return status;
    status = store_file_open(to, &out, name, STORE_WRITES | STORE_CUTS);
    if (status == STATUS_OK) {
        status = copy_content(&in, &out);
        int closed = store_file_close(&out);
        status = status == STATUS_OK ? closed : status;
    }
    (void)!store_file_close(&in);
    return status;
}

static int copy_files(struct store *from, struct store *to)
{
    char name[STORE_NAME_BYTES_MAX + 1] = "";
    struct store_about about;
    int status = STATUS_OK;
    to->time = time_of_copy;
    while (status == STATUS_OK && (status = store_next(from, name, &about)) == STATUS_OK) {
        copied_time = about.time;
        status = copy_file(from, to, name);
    }
    return status == STATUS_END ? STATUS_OK : status;
}

// What an earlier start has left there is given up.
static int begin_store(struct first_run_room *to, struct flash_device *device,
                       const struct flash_partition *range)
{
    int status = mount(to, device, range, 0);
    if (status == STATUS_IO || status == STATUS_LIMIT)
        return status;
    return status == STATUS_OK && to->store.is_blank ? STATUS_OK : store_format(&to->store);
}

int first_run_move(struct partition_table *table, const struct flash_layout *final,
                   struct first_run_room *from, struct first_run_room *to)
{
    struct flash_device *device = table->device;
    const struct flash_partition *old = &table->layout.parts[PARTITION_STORE];
    const struct flash_partition *new = &final->parts[PARTITION_STORE];
    if (old->off < new->off + new->bytes &&new->off < old->off + old->bytes)
        return STATUS_USAGE;
    int status = mount(from, device, old, 1);
    if (status == STATUS_OK)
        status = begin_store(to, device, new);
    if (status == STATUS_OK)
        status = copy_files(&from->store, &to->store);
    return status == STATUS_OK ? partition_table_save(table, final) : status;
}

// ---- images ----

static long read_file(void *context, void *data, uint32_t bytes)
{
    return store_file_read(context, data, bytes);
}

// Opens a file whose content is what was written.
static int open_image(const struct partition_table *table, struct first_run_room *room,
                      const char *name, struct store_file *file)
{
    const struct flash_partition *partition = &table->layout.parts[PARTITION_STORE];
    if (partition->bytes == 0 || mount(room, table->device, partition, 1) != STATUS_OK)
        return STATUS_NOT_FOUND;
    int status = store_verify(&room->store, name);
    return status == STATUS_OK ? store_file_open(&room->store, file, name, STORE_READS) : status;
}

static int rewind_file(void *context)
{
    struct store_file *file = context;
    file->pos = 0;
    return 0;
}

// What tells an image file from another: its content, when it was written, and (devs) the core that
// it is for. As STATUS_OK: the file can be read.
static int key_of(struct store *store, const char *name, struct lfs_reload *reload, uint32_t *key)
{
    struct store_file *file = reload->file->context;
    struct store_about about;
    uint8_t data[COPY_BYTES];
    long count;
    int status = store_find(store, name, &about);
    if (status != STATUS_OK)
        return status;
    *key = inflate_crc(0, &about.time, sizeof about.time);
    *key = inflate_crc(*key, &reload->header.linked_crc, sizeof reload->header.linked_crc);
    (void)rewind_file(file);
    while ((count = store_file_read(file, data, sizeof data)) > 0)
        *key = inflate_crc(*key, data, (uint32_t)count);
    return count < 0 ? (int)count : rewind_file(file);
}

// What only the check in flash finds is found again at every start: so that this does not erase the
// region each time, the journal says which image it was.
static int write_once(struct partition_table *table, struct first_run *run, int is_core,
                      struct lfs_reload *reload, struct lfs_report *report)
{
    const char *name = is_core ? FIRST_RUN_CORE : FIRST_RUN_DEVS;
    enum partition_entry_kind kind = is_core ? PARTITION_ENTRY_REFUSED_CORE
                                             : PARTITION_ENTRY_REFUSED_DEVS;
    uint32_t key = 0, off;
    int status = key_of(&run->rooms[0].store, name, reload, &key);
    if (status != STATUS_OK)
        return status;
    if (partition_table_is_refused(table, kind, key)) {
        *report = (struct lfs_report){.fault = LFS_FAULT_REFUSED};
        return STATUS_DAMAGED;
    }
    status = is_core ? lfs_reload_write(reload, run->marks, report)
                     : devs_reload_write(reload, run->marks, report);
    if (status != STATUS_OK && report->fault == LFS_FAULT_DAMAGED)
        (void)!partition_table_append(table, kind, key, name, &off); // else it is tried once more
    return status;
}

static int install(struct partition_table *table, const struct lfs_target *target,
                   struct first_run *run, struct lfs_report *report)
{
    struct store_file file;
    *report = (struct lfs_report){.fault = LFS_FAULT_READ};
    int status = open_image(table, &run->rooms[0], target ? FIRST_RUN_CORE : FIRST_RUN_DEVS, &file);
    if (status != STATUS_OK)
        return status;
    struct lfs_file input = {read_file, rewind_file, &file, store_file_size(&file)};
    struct lfs_reload reload = {.file = &input, .room = &run->pages};
    if (target)
        reload.target = *target;
    status = target ? lfs_reload_check(&reload, report) : devs_reload_check(&reload, report);
    if (status == STATUS_OK)
        status = write_once(table, run, target != NULL, &reload, report);
    (void)!store_file_close(&file);
    return status;
}

int first_run_core(struct partition_table *table, const struct lfs_target *target,
                   struct first_run *run, struct lfs_report *report)
{
    return install(table, target, run, report);
}

int first_run_devs(struct partition_table *table, struct first_run *run, struct lfs_report *report)
{
    return install(table, NULL, run, report);
}

// ---- at a start ----

static void say(const struct first_run *run, const char *what, const char *more)
{
    char line[LFS_MESSAGE_BYTES + 40];
    (void)snprintf(line, sizeof line, "First run: %s%s", what, more);
    run->tell(line);
}

int first_run_start(struct partition_table *table, struct first_run *run)
{
    struct flash_layout first, final;
    first_run_layout(&first, table->device->bytes);
    if (!first_run_is_due(&table->layout, &first))
        return 0;
    partitions_init(&final, table->device->bytes);
    int status = first_run_move(table, &final, &run->rooms[0], &run->rooms[1]);
    say(run, status == STATUS_OK ? "the store has moved" : "the store cannot move: ",
        status == STATUS_OK ? "" : status_name(status));
    return status == STATUS_OK;
}

int first_run_restore(struct partition_table *table, const struct lfs_target *target,
                      struct first_run *run)
{
    char text[LFS_MESSAGE_BYTES];
    struct lfs_report report;
    int status = install(table, target, run, &report);
    if (status == STATUS_NOT_FOUND || report.fault == LFS_FAULT_LINKED)
        return 0;
    say(run, target ? FIRST_RUN_CORE : FIRST_RUN_DEVS,
        status == STATUS_OK ? " is installed" : " is not installed: ");
    if (status == STATUS_OK)
        return 1;
    lfs_report_text(&report, text, sizeof text);
    say(run, text, "");
    return 0;
}
