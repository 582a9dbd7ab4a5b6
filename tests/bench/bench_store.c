// bench_store.c: what the file store reads, programs and erases, at the size of the usual module.
//
// Prints a line of name, unit and value each: writing a file by its size, on a new store and on one
// that is 70 % full of files that stay; a look-up by the number of files, and of entries that do
// not count; a start. Times are modelled for the chip (runtime/format/device_time.h).

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/flash/store/store.h"
#include "runtime/format/device_time.h"

#define STORE_BYTES 0x2FB000u
#define PAGE_BYTES 256u
#define FILES_MAX 4096u

static uint8_t cells[STORE_BYTES];
static uint32_t places[FILES_MAX];
static struct flash_device device;
static struct store store;

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

static void check(int status)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "bench_store: %s\n", status_name(status));
    exit(1);
}

static void mount(void)
{
    const struct flash_partition range = {0, STORE_BYTES};
    check(store_mount(&store, &device, &range, places, FILES_MAX, 0));
}

static void begin(void)
{
    static const struct flash_driver driver = {read_cells, program_cells, erase_cells};
    device = (struct flash_device){.driver = &driver, .bytes = STORE_BYTES};
    memset(cells, 0xFF, sizeof cells);
    mount();
}

static void put(const char *name, uint32_t bytes)
{
    static uint8_t data[0x10000];
    struct store_file file;
    check(store_file_open(&store, &file, name, STORE_WRITES | STORE_CUTS));
    check(store_file_write(&file, data, bytes));
    check(store_file_close(&file));
}

static double chip_ms(const struct flash_counts *from)
{
    uint64_t pages = (device.counts.program_words - from->program_words) * 4 / PAGE_BYTES;
    uint64_t erases = device.counts.erases - from->erases;
    return (double)(pages * DEVICE_TIME_PAGE_NS + erases * DEVICE_TIME_SECTOR_NS) / 1e6;
}

static void bench_writes(const char *when)
{
    static const uint32_t sizes[] = {100, 1000, 10000, 60000};
    for (int i = 0; i < 4; i++) {
        struct flash_counts from = device.counts;
        int count = (int)(2 * STORE_BYTES / sizes[i] / 4) + 1; // half a turn
        for (int n = 0; n < count; n++)
            put("written", sizes[i]);
        uint64_t bytes = (device.counts.program_words - from.program_words) * 4;
        printf("store.%s.write_%u\tms\t%.2f\n", when, (unsigned)sizes[i], chip_ms(&from) / count);
        printf("store.%s.write_%u.programmed\tratio\t%.2f\n", when, (unsigned)sizes[i],
               (double)bytes / count / sizes[i]);
    }
}

static void fill(uint32_t share_percent)
{
    char name[20];
    for (int i = 0; store.live_bytes < STORE_BYTES / 100 * share_percent; i++) {
        snprintf(name, sizeof name, "stays%d", i);
        put(name, 2000 + (uint32_t)(i % 7) * 3000);
    }
}

static void bench_look_up(const char *what, uint32_t files)
{
    struct store_about about;
    char name[20];
    uint64_t from = device.counts.read_bytes;
    for (uint32_t i = 0; i < files; i++) {
        snprintf(name, sizeof name, "file%u", (unsigned)i);
        check(store_find(&store, name, &about));
    }
    printf("store.look_up.%s\tbytes\t%.0f\n", what,
           (double)(device.counts.read_bytes - from) / files);
    from = device.counts.read_bytes;
    mount();
    printf("store.start.%s\tbytes\t%.0f\n", what, (double)(device.counts.read_bytes - from));
}

int main(void)
{
    static const uint32_t counts[] = {10, 100, 1000};
    char what[40], name[20];
    begin();
    bench_writes("new");
    begin();
    fill(70);
    bench_writes("full70");
    for (int i = 0; i < 3; i++) {
        begin();
        for (uint32_t n = 0; n < counts[i]; n++) {
            snprintf(name, sizeof name, "file%u", (unsigned)n);
            put(name, 300);
        }
        snprintf(what, sizeof what, "files_%u", (unsigned)counts[i]);
        bench_look_up(what, counts[i]);
    }
    for (int n = 0; n < 5000; n++) // that do not count
        put("file7", 300);
    bench_look_up("files_1000_dead_5000", 1000);
    return 0;
}
