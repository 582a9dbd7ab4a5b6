// flash_file.c: NOR flash in a file or in memory, mapped at the chip's window.
//
// Reads and writes: the file, through a shared writable mapping; the window is a second, read-only
//         mapping of the same pages, so a store by the virtual machine is caught by the hardware.
// Memory: the mappings. Flash in memory begins as holes, which cost nothing at start: a sector is
//         filled with 0xFF when the driver first erases or programs it, and read as 0xFF until
//         then. The window shows zeros there, which nobody reads: read in place are the first
//         sector of the LFS partition, filled before a mount, and images, whose sectors were
//         erased.

#include "runtime/port/host/flash_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/core/quicken.h"
#include "runtime/core/verify.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/flash/store/store.h"
#include "runtime/freezer/freezer.h"
#include "runtime/port/host/first_run.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define FLASH_FILE_BYTES 0x400000u      // of a new file: 4 MiB, the usual module
#define FLASH_FILE_BYTES_MAX 0x1000000u // 16 MiB, the largest chip that the SDK knows

// Sectors of flash in memory that were never touched; all 0 for a file.
static uint8_t is_hole[FLASH_FILE_BYTES_MAX / FLASH_SECTOR_BYTES];

static void fill_sectors(struct flash_device *device, uint32_t off, uint32_t bytes)
{
    uint32_t end = off + bytes;
    for (uint32_t at = off - off % FLASH_SECTOR_BYTES; at < end; at += FLASH_SECTOR_BYTES) {
        if (is_hole[at / FLASH_SECTOR_BYTES])
            memset((uint8_t *)device->context + at, 0xFF, FLASH_SECTOR_BYTES);
        is_hole[at / FLASH_SECTOR_BYTES] = 0;
    }
}

static int file_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    for (uint32_t done = 0, part; done < bytes; done += part) {
        uint32_t at = off + done, left = FLASH_SECTOR_BYTES - at % FLASH_SECTOR_BYTES;
        part = bytes - done < left ? bytes - done : left;
        if (is_hole[at / FLASH_SECTOR_BYTES])
            memset((uint8_t *)data + done, 0xFF, part);
        else
            memcpy((uint8_t *)data + done, (const uint8_t *)device->context + at, part);
    }
    return STATUS_OK;
}

// Code that was in this part of the flash is no longer what it was.
static void forget_code(uint32_t off, uint32_t bytes)
{
    if (off >= WINDOW_BYTES)
        return;
    quick_forget(WINDOW_ADDR + off, bytes < WINDOW_BYTES - off ? bytes : WINDOW_BYTES - off);
}

static int file_program(struct flash_device *device, uint32_t off, const void *data, uint32_t bytes)
{
    fill_sectors(device, off, bytes);
    uint8_t *cells = (uint8_t *)device->context + off;
    const uint8_t *wanted = data;
    for (uint32_t i = 0; i < bytes; i++)
        cells[i] &= wanted[i];
    forget_code(off, bytes);
    return STATUS_OK;
}

static int file_erase(struct flash_device *device, uint32_t off)
{
    is_hole[off / FLASH_SECTOR_BYTES] = 0;
    memset((uint8_t *)device->context + off, 0xFF, FLASH_SECTOR_BYTES);
    forget_code(off, FLASH_SECTOR_BYTES);
    return STATUS_OK;
}

static const struct flash_driver file_driver = {file_read, file_program, file_erase};

static struct flash_device the_device;
static int is_file; // else memory, in which nothing was before

struct lfs_work *lfs_port_work(void)
{
    static struct lfs_work work;
    return &work;
}

struct lfs_marks *lfs_port_marks(void)
{
    return &lfs_port_work()->marks;
}

// Makes the file as long as the default device; the caller fills it. *is_new is set then.
// `in_memory`: room is taken page by page.
static int prepare_file(int fd, const char *path, int in_memory, uint32_t *bytes, int *is_new,
                        char *message, size_t message_bytes)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        snprintf(message, message_bytes, "cannot open %s: %s", path, strerror(errno));
        return STATUS_IO;
    }
    *is_new = info.st_size == 0;
    if (*is_new && ftruncate(fd, FLASH_FILE_BYTES) != 0) {
        snprintf(message, message_bytes, "cannot make %s: %s", path, strerror(errno));
        return STATUS_IO;
    }
    off_t size = *is_new ? (off_t)FLASH_FILE_BYTES : info.st_size;
    if (size % FLASH_SECTOR_BYTES != 0 || size < WINDOW_BYTES || size > FLASH_FILE_BYTES_MAX) {
        snprintf(message, message_bytes,
                 "%s is not a flash file: %lld bytes, not 1 to 16 MiB in sectors of %u", path,
                 (long long)size, FLASH_SECTOR_BYTES);
        return STATUS_DAMAGED;
    }
    *bytes = (uint32_t)size;
    if (in_memory)
        return STATUS_OK;
    // Room on the disk now, rather than a bus error later.
    int error = posix_fallocate(fd, 0, size);
    if (error != 0 && error != EOPNOTSUPP && error != EINVAL) {
        snprintf(message, message_bytes, "cannot make %s: %s", path, strerror(error));
        if (*is_new)
            (void)!ftruncate(fd, 0);
        return STATUS_IO;
    }
    return STATUS_OK;
}

static int map_twice(int fd, uint32_t bytes, char *message, size_t message_bytes)
{
    void *cells = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (cells == MAP_FAILED) {
        snprintf(message, message_bytes, "cannot map the flash: %s", strerror(errno));
        return STATUS_NO_MEMORY;
    }
    if (!host_forms_map()) {
        snprintf(message, message_bytes, "cannot map the quick operations of the flash window: %s",
                 strerror(errno));
        munmap(cells, bytes);
        return STATUS_NO_MEMORY;
    }
    void *at = (void *)(uintptr_t)WINDOW_ADDR;
    void *window = mmap(at, WINDOW_BYTES, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
    if (window != at) {
        snprintf(message, message_bytes, "cannot map the flash window: %s", strerror(errno));
        munmap(cells, bytes);
        return STATUS_NO_MEMORY;
    }
    the_device = (struct flash_device){
        .driver = &file_driver,
        .context = cells,
        .bytes = bytes,
        .window = window,
        .window_bytes = WINDOW_BYTES,
    };
    return STATUS_OK;
}

// Opens the device: a file, or memory if path is NULL.
static int open_device(const char *path, char *message, size_t message_bytes)
{
    const char *name = path ? path : "flash memory";
    int is_absent = path && access(path, F_OK) != 0;
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)
                  : memfd_create("frost-flash", MFD_CLOEXEC);
    if (fd < 0) {
        snprintf(message, message_bytes, "cannot open %s: %s", name, strerror(errno));
        return STATUS_IO;
    }
    uint32_t bytes = 0;
    int is_new = 0;
    int status = prepare_file(fd, name, !path, &bytes, &is_new, message, message_bytes);
    if (status == STATUS_OK)
        status = map_twice(fd, bytes, message, message_bytes);
    close(fd);
    if (status != STATUS_OK && is_absent)
        unlink(path);
    memset(is_hole, 0, sizeof is_hole);
    if (status == STATUS_OK && is_new) {
        if (path)
            memset(the_device.context, 0xFF, bytes);
        else
            memset(is_hole, 1, bytes / FLASH_SECTOR_BYTES);
    }
    return status;
}

static long read_image(void *context, void *data, uint32_t bytes)
{
    size_t count = fread(data, 1, bytes, context);
    return count == 0 && ferror((FILE *)context) ? -1 : (long)count;
}

// The verifier follows 32-bit references at their final addresses. An image that is still in the
// work area lies elsewhere, so it gets a function whose vectors lead there; the area is static and
// therefore has 32-bit addresses, too.
static const char *verify_code(const struct lfs_function *function, uint32_t *pc)
{
    static uint32_t vector[LFS_WORDS_MAX];
    _Static_assert(sizeof(struct proto) == sizeof(struct lfs_proto), "functions look alike");
    const struct lfs_proto *p = function->proto;
    struct proto copy;
    memcpy(&copy, p, sizeof copy);
    copy.code.addr = ADDR32(function->code);
    copy.constants.addr = ADDR32(function->constants);
    copy.protos.addr = ADDR32(vector);
    for (uint32_t i = 0; i < p->proto_count; i++)
        vector[i] = ADDR32(lfs_function_proto(function, i));
    assert((uintptr_t)function->code == copy.code.addr);
    int at = -1;
    const char *what = verify_function(&copy, &at);
    *pc = (uint32_t)at;
    return what;
}

static int mount_lfs(struct lfs_report *report)
{
    // Looked at in place: is there an image?
    if (lfs_target.partition.bytes > 0)
        fill_sectors(&the_device, lfs_target.partition.off, FLASH_SECTOR_BYTES);
    return lfs_mount(&lfs_target, &lfs_port_work()->marks, report);
}

// Address for which an absolute image was made, or 0.
static uint32_t address_of(FILE *file)
{
    struct lfs_header header = {0};
    size_t count = fread(&header, sizeof header, 1, file);
    rewind(file);
    uint32_t flags = LFS_ABSOLUTE | LFS_INTEGER | LFS_PACKED;
    return count == 1 && (header.signature & ~flags) == LFS_SIGNATURE
               ? header.string_slots - (uint32_t)sizeof header
               : 0;
}

// Into the slot for which the image was made, or the first one.
static int write_slot(FILE *file, uint32_t file_bytes, struct lfs_report *report)
{
    uint32_t image_bytes = 0;
    uint32_t slot = lfs_slot_at(&flash_table, address_of(file) - WINDOW_ADDR);
    if (slot == PARTITION_LFS_SLOTS)
        slot = 0;
    lfs_target.partition = *lfs_slot(&flash_table, slot);
    int status = lfs_prepare(&lfs_target, read_image, file, file_bytes, LFS_TAKE_PLAIN,
                             lfs_port_work(), &image_bytes, report);
    if (status == STATUS_OK)
        status = lfs_write(&lfs_target, lfs_port_work(), image_bytes, report);
    if (status == STATUS_OK && lfs_slot_set(&flash_table, slot) != STATUS_OK) {
        report->fault = LFS_FAULT_WRITE;
        return STATUS_IO;
    }
    return status;
}

// An image that is larger than a slot takes the place of both, which lie one behind the other,
// unless a table that is kept says otherwise.
static int has_grown(void)
{
    struct flash_layout layout = flash_table.layout;
    struct flash_partition *first = &layout.parts[PARTITION_LFS];
    struct flash_partition *second = &layout.parts[PARTITION_LFS_SECOND];
    if (flash_table.is_kept || second->bytes == 0 || second->off != first->off + first->bytes)
        return 0;
    first->bytes += second->bytes;
    *second = (struct flash_partition){0, 0};
    if (partition_table_save(&flash_table, &layout) != STATUS_OK)
        return 0;
    flash_layout = layout;
    return 1;
}

// The image counts from then on.
static int prepare_and_write(FILE *file, uint32_t file_bytes, struct lfs_report *report)
{
    int status = write_slot(file, file_bytes, report);
    if (report->fault != LFS_FAULT_TOO_BIG || !has_grown())
        return status;
    rewind(file);
    return write_slot(file, file_bytes, report);
}

// The devs image is checked against the core image that it finds.
static int prepare_and_write_devs(FILE *file, uint32_t file_bytes, struct lfs_report *report)
{
    uint32_t image_bytes = 0;
    (void)!mount_lfs(report);
    (void)!devs_mount(&lfs_port_work()->marks, report);
    int status = devs_prepare(read_image, file, file_bytes, lfs_port_work(), &image_bytes, report);
    return status == STATUS_OK ? devs_write(lfs_port_work(), image_bytes, report) : status;
}

// Puts an image into its partition, as a flashing tool would. Result: an exit status.
static int program_image(const char *path, FILE *file,
                         int (*put)(FILE *file, uint32_t file_bytes, struct lfs_report *report))
{
    struct stat info;
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        host_say("%s: not a regular file", path);
        return EXIT_STATUS_ENVIRONMENT;
    }
    uint32_t file_bytes = info.st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)info.st_size;
    struct lfs_report report;
    int status = put(file, file_bytes, &report);
    if (status == STATUS_OK)
        return EXIT_STATUS_DONE;
    char text[LFS_MESSAGE_BYTES];
    lfs_report_text(&report, text, sizeof text);
    host_say("%s: %s", path, text);
    return status == STATUS_IO || report.fault == LFS_FAULT_WRITE ? EXIT_STATUS_ENVIRONMENT
                                                                  : EXIT_STATUS_DAMAGED;
}

static int program_file(const char *path,
                        int (*put)(FILE *file, uint32_t file_bytes, struct lfs_report *report))
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        host_say("%s: %s", path, strerror(errno));
        return EXIT_STATUS_ENVIRONMENT;
    }
    int status = program_image(path, file, put);
    fclose(file);
    return status;
}

static void take_layout(void)
{
    lfs_target = (struct lfs_target){
        .device = &the_device,
        .partition = *lfs_active_slot(&flash_table),
        .verify = verify_code,
    };
    devs_init(&the_device, &flash_layout.parts[PARTITION_LFS_DEVS], verify_code);
}

// Layouts of files are made by frost flash build, and kept.
static int plan_freezer(const char *flash, uint32_t bytes)
{
    struct flash_sizes sizes = flash_sizes_default;
    sizes.freezer = bytes;
    if (flash) {
        host_say("%s: has its layout; frost flash build --freezer-size makes one", flash);
        return EXIT_STATUS_USAGE;
    }
    if (partitions_plan(&flash_table.layout, the_device.bytes, &sizes) == STATUS_OK)
        return EXIT_STATUS_DONE;
    host_say("a freezer of %u bytes has no room beside the other partitions", (unsigned)bytes);
    return EXIT_STATUS_USAGE;
}

int flash_file_open(const char *flash, const char *lfs, uint32_t freezer_bytes)
{
    char message[512];
    int opened = open_device(flash, message, sizeof message);
    if (opened != STATUS_OK) {
        host_say("%s", message);
        return opened == STATUS_DAMAGED ? EXIT_STATUS_DAMAGED : EXIT_STATUS_ENVIRONMENT;
    }
    // None kept, or none that can be read: the default layout.
    (void)!partition_table_open(&flash_table, &the_device);
    if (!flash_table.is_kept && flash_table.larger_bytes) {
        // Where its files lie is not known, and a start would write somewhere into it.
        partition_table_text(&flash_table, message, sizeof message);
        host_say("%s: %s", flash, message);
        return EXIT_STATUS_DAMAGED;
    }
    int planned = freezer_bytes ? plan_freezer(flash, freezer_bytes) : EXIT_STATUS_DONE;
    if (planned != EXIT_STATUS_DONE)
        return planned;
    flash_layout = flash_table.layout;
    is_file = flash != NULL;
    take_layout();
    return lfs ? program_file(lfs, prepare_and_write) : EXIT_STATUS_DONE;
}

int flash_file_put_devs(const char *path)
{
    return program_file(path, prepare_and_write_devs);
}

static void tell(const char *text)
{
    char line[LFS_MESSAGE_BYTES + 2];
    int bytes = snprintf(line, sizeof line, "%s\n", text);
    port_console_error(line, (size_t)bytes);
}

static void tell_table(void)
{
    char text[LFS_MESSAGE_BYTES];
    partition_table_text(&flash_table, text, sizeof text);
    if (text[0])
        tell(text);
}

static void ignore(const char *text)
{
    (void)text;
}

static void say(const char *prefix, const struct lfs_report *report)
{
    char line[LFS_MESSAGE_BYTES + 16], text[LFS_MESSAGE_BYTES];
    lfs_mount_text(report, text, sizeof text);
    int bytes = snprintf(line, sizeof line, "%s%s\n", prefix, text);
    port_console_error(line, (size_t)bytes);
}

// After a first run has begun, something else than an image is no surprise.
static void mount_core(int is_first)
{
    struct lfs_report report;
    // Looked at in place: is there an image?
    for (uint32_t slot = 0; slot < PARTITION_LFS_SLOTS; slot++)
        if (lfs_slot(&flash_table, slot)->bytes > 0)
            fill_sectors(&the_device, lfs_slot(&flash_table, slot)->off, FLASH_SECTOR_BYTES);
    lfs_start(&flash_table, verify_code, lfs_port_marks(), is_first ? ignore : tell);
    if (!flash_region_find(REGION_LFS) && is_file &&
        first_run_restore(&flash_table, &lfs_target, host_first_run()))
        (void)!mount_lfs(&report); // it was checked
}

// A device makes a freezer of whatever lies in its place. A file in which neither a layout nor a
// store is ours may be somebody's only copy of another flash: nothing is erased in it unasked.
static int has_others_freezer(void)
{
    static struct store store;
    const struct flash_partition *part = &flash_layout.parts[PARTITION_FREEZER];
    uint32_t place, word = UINT32_MAX;
    if (!is_file || flash_table.is_kept || part->bytes < sizeof word ||
        flash_read(&the_device, part->off, &word, sizeof word) != STATUS_OK || word == UINT32_MAX ||
        word == FREEZER_MAGIC ||
        store_mount(&store, &the_device, &flash_layout.parts[PARTITION_STORE], &place, 1, 1) !=
            STATUS_DAMAGED)
        return 0;
    char line[100];
    int bytes = snprintf(line, sizeof line,
                         "Freezer at 0x%x: something else is there, which stays; no freezer\n",
                         (unsigned)part->off);
    port_console_error(line, (size_t)bytes);
    return 1;
}

void flash_file_mount(void)
{
    struct lfs_report report;
    tell_table();
    int is_first = is_file && first_run_start(&flash_table, host_first_run());
    if (is_first) {
        flash_layout = flash_table.layout;
        take_layout();
    }
    mount_core(is_first);
    int status = devs_mount(&lfs_port_work()->marks, &report);
    // None was ever there, or core lies elsewhere than when it was written.
    int is_missing = status == STATUS_NOT_FOUND && !devs_is_discarded();
    if (is_file && (is_missing || report.fault == LFS_FAULT_LINKED) &&
        first_run_restore(&flash_table, NULL, host_first_run()))
        status = devs_mount(&lfs_port_work()->marks, &report);
    if (report.fault != LFS_FAULT_NONE)
        say(status == STATUS_OK ? "LFS devs, newest: " : "LFS devs: ", &report);
#ifdef FROST_PROBED
    for (uint32_t i = 0; i < flash_regions.count; i++) {
        const struct flash_region *region = &flash_regions.items[i];
        uint32_t bytes = region->end - region->begin;
        // Through the mapping that is not the window: these reads are the recorder's.
        const uint8_t *image = (const uint8_t *)the_device.context + (region->begin - WINDOW_ADDR);
        uint32_t crc = inflate_crc(0, image, bytes);
        PROBE_IMAGE_MOUNTED(region->begin, bytes, crc, flash_region_file(region->id));
    }
#endif
    freezer_mount(has_others_freezer() ? NULL : &the_device, &flash_layout.parts[PARTITION_FREEZER],
                  host_program_id(), lfs_port_work()->image);
}

struct flash_device *flash_file_device(void)
{
    return &the_device;
}
