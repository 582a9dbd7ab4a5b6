// bench_devs.c: what a new version of one module costs: the whole LFS reloaded, or the devs image
// replaced.
//
// usage: bench_devs CORE FULL [DEVS]
//   CORE  image of what is stable; FULL: of that and of the module; DEVS: of the module, for CORE
// Prints a line of name, unit and value each: bytes to be sent, erases, bytes programmed, and the
// time for that as modelled for the chip (runtime/format/device_time.h). A reload of the LFS is a
// restart as well. It is done as on the chip, in two passes through a window; what the processor
// does in it, part_devs.sh counts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/flash/devs.h"
#include "runtime/flash/lfs_reload.h"
#include "runtime/format/device_time.h"

#define DEVICE_BYTES 0x400000u
#define PAGE_BYTES 256u

static uint8_t cells[DEVICE_BYTES];
static struct flash_device device;
static struct flash_layout layout;
static struct lfs_work work;

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

static int read_cells(struct flash_device *at, uint32_t off, void *data, uint32_t bytes)
{
    (void)at;
    memcpy(data, cells + off, bytes);
    return STATUS_OK;
}

static int program_cells(struct flash_device *at, uint32_t off, const void *data, uint32_t bytes)
{
    (void)at;
    for (uint32_t i = 0; i < bytes; i++)
        cells[off + i] &= ((const uint8_t *)data)[i];
    return STATUS_OK;
}

static int erase_cells(struct flash_device *at, uint32_t off)
{
    (void)at;
    memset(cells + off, 0xFF, FLASH_SECTOR_BYTES);
    return STATUS_OK;
}

static void check(int status, const struct lfs_report *report)
{
    char text[LFS_MESSAGE_BYTES];
    if (status == STATUS_OK)
        return;
    lfs_report_text(report, text, sizeof text);
    fprintf(stderr, "bench_devs: %s\n", text);
    exit(1);
}

static long read_file(void *context, void *data, uint32_t bytes)
{
    return (long)fread(data, 1, bytes, context);
}

static FILE *open_file(const char *path, uint32_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    *bytes = (uint32_t)ftell(file);
    rewind(file);
    return file;
}

static double program_ms(void)
{
    uint64_t pages = (device.counts.program_words * 4 + PAGE_BYTES - 1) / PAGE_BYTES;
    return (double)(pages * DEVICE_TIME_PAGE_NS) / 1e6;
}

static double erase_ms(void)
{
    return (double)(device.counts.erases * DEVICE_TIME_SECTOR_NS) / 1e6;
}

static void print(const char *what, uint32_t file_bytes)
{
    printf("devs.%s.file\tbytes\t%u\n", what, (unsigned)file_bytes);
    printf("devs.%s.erases\tcount\t%u\n", what, (unsigned)device.counts.erases);
    printf("devs.%s.programmed\tbytes\t%u\n", what, (unsigned)device.counts.program_words * 4);
    printf("devs.%s.time\tms\t%.1f\n", what, erase_ms() + program_ms());
    printf("devs.%s.time.erase\tms\t%.1f\n", what, erase_ms());
    printf("devs.%s.time.program\tms\t%.1f\n", what, program_ms());
}

static int rewind_file(void *context)
{
    return fseek(context, 0, SEEK_SET);
}

static struct lfs_room *take_room(void)
{
    static uint8_t pages[INFLATE_PAGES + LFS_BITMAP_PAGES][INFLATE_PAGE_BYTES];
    static struct lfs_room room;
    for (uint32_t i = 0; i < INFLATE_PAGES; i++)
        room.window[i] = pages[i];
    for (uint32_t i = 0; i < LFS_BITMAP_PAGES; i++)
        room.bitmap[i] = pages[INFLATE_PAGES + i];
    return &room;
}

static void reload_lfs(const char *path, const char *what)
{
    struct lfs_report report;
    uint32_t file_bytes;
    FILE *file = open_file(path, &file_bytes);
    struct lfs_file input = {read_file, rewind_file, file, file_bytes};
    struct lfs_reload reload = {.target = {&device, REGION_LFS, layout.parts[PARTITION_LFS], NULL},
                                .file = &input,
                                .room = take_room()};
    check(lfs_reload_check(&reload, &report), &report);
    device.counts = (struct flash_counts){0};
    check(lfs_reload_write(&reload, &work.marks, &report), &report);
    if (what) {
        print(what, file_bytes);
        printf("devs.%s.image\tbytes\t%u\n", what, (unsigned)reload.header.image_bytes);
    }
    check(lfs_mount(&reload.target, &work.marks, &report), &report);
    fclose(file);
}

static void replace_devs(const char *path)
{
    struct lfs_report report;
    uint32_t file_bytes, image_bytes;
    FILE *file = open_file(path, &file_bytes);
    devs_init(&device, &layout.parts[PARTITION_LFS_DEVS], NULL);
    (void)!devs_mount(&work.marks, &report);
    check(devs_prepare(read_file, file, file_bytes, &work, &image_bytes, &report), &report);
    device.counts = (struct flash_counts){0};
    check(devs_write(&work, image_bytes, &report), &report);
    print("replace", file_bytes);
    fclose(file);
}

int main(int argc, char **argv)
{
    static const struct flash_driver driver = {read_cells, program_cells, erase_cells};
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: bench_devs CORE FULL [DEVS]\n");
        return 2;
    }
    memset(cells, 0xFF, sizeof cells);
    device = (struct flash_device){
        .driver = &driver, .bytes = DEVICE_BYTES, .window = cells, .window_bytes = WINDOW_BYTES};
    partitions_init(&layout, DEVICE_BYTES);
    reload_lfs(argv[2], "full_reload");
    if (argc == 3) // no more, so that instructions are those of one reload
        return 0;
    reload_lfs(argv[1], NULL);
    replace_devs(argv[3]);
    return 0;
}
