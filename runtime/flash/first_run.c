// first_run.c: see first_run.h.

#include "runtime/flash/first_run.h"

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
static int open_image(struct flash_device *device, const struct flash_partition *partition,
                      struct first_run_room *room, const char *name, struct store_file *file)
{
    if (partition->bytes == 0 || mount(room, device, partition, 1) != STATUS_OK)
        return STATUS_NOT_FOUND;
    int status = store_verify(&room->store, name);
    return status == STATUS_OK ? store_file_open(&room->store, file, name, STORE_READS) : status;
}

int first_run_core(const struct lfs_target *target, const struct flash_partition *partition,
                   struct first_run_room *room, struct lfs_work *work, struct lfs_report *report)
{
    struct store_file file;
    uint32_t bytes = 0;
    *report = (struct lfs_report){.fault = LFS_FAULT_READ};
    int status = open_image(target->device, partition, room, FIRST_RUN_CORE, &file);
    if (status != STATUS_OK)
        return status;
    status = lfs_prepare(target, read_file, &file, store_file_size(&file), 0, work, &bytes, report);
    (void)!store_file_close(&file);
    return status == STATUS_OK ? lfs_write(target, work, bytes, report) : status;
}

int first_run_devs(struct flash_device *device, const struct flash_partition *partition,
                   struct first_run_room *room, struct lfs_work *work, struct lfs_report *report)
{
    struct store_file file;
    uint32_t bytes = 0;
    *report = (struct lfs_report){.fault = LFS_FAULT_READ};
    int status = open_image(device, partition, room, FIRST_RUN_DEVS, &file);
    if (status != STATUS_OK)
        return status;
    status = devs_prepare(read_file, &file, store_file_size(&file), work, &bytes, report);
    (void)!store_file_close(&file);
    return status == STATUS_OK ? devs_write(work, bytes, report) : status;
}
