// fuzz_flash.c: bytes as the file store of a flash, and as a whole flash file for the analyzer.
//
// libFuzzer's entry point. Built with -DFUZZ_REPLAY it is a program that replays files and makes
// the seeds: `fuzz_flash FILE...`, `fuzz_flash --seeds DIRECTORY`.
// The first byte chooses: bit 0, head words and control words have their counts of zeros; bit 1,
// control records have their CRC; bit 2, the bytes are also the end of a flash file's firmware
// partition and what follows, with its LFS, or its store.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/flash/flash_report.h"
#include "runtime/flash/inflate.h"
#include "runtime/format/partition_table.h"
#include "tests/support/store_exercise.h"

#define SECTOR 256u
#define SECTORS 64u
#define STORE_BYTES (SECTOR * SECTORS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

// ---- small sectors: the store ----

static uint8_t cells[STORE_BYTES];

static int read_cells(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    (void)device;
    memcpy(data, cells + off, bytes);
    return STATUS_OK;
}

static int program_cells(struct flash_device *device, uint32_t off, const void *data,
                         uint32_t bytes)
{
    (void)device;
    for (uint32_t i = 0; i < bytes; i++)
        cells[off + i] &= ((const uint8_t *)data)[i];
    return STATUS_OK;
}

static int erase_cells(struct flash_device *device, uint32_t off)
{
    (void)device;
    memset(cells + off, 0xFF, SECTOR);
    return STATUS_OK;
}

static const struct flash_driver driver = {read_cells, program_cells, erase_cells};

static struct flash_device small_device(void)
{
    return (struct flash_device){.driver = &driver, .bytes = STORE_BYTES, .sector_bytes = SECTOR};
}

static uint32_t word_at(uint32_t off)
{
    uint32_t word;
    memcpy(&word, cells + off, sizeof word);
    return word;
}

static void set_word(uint32_t off, uint32_t word)
{
    memcpy(cells + off, &word, sizeof word);
}

static void mend(unsigned how)
{
    uint32_t ring = STORE_CONTROL_SECTORS * SECTOR;
    for (uint32_t off = ring; off < STORE_BYTES && (how & 1); off += STORE_UNIT_BYTES)
        if (word_at(off) == STORE_MAGIC && word_at(off + 4) != STORE_WORD_ERASED)
            set_word(off + 4, store_word(word_at(off + 4)));
    for (uint32_t at = 0; at < ring; at += SECTOR) {
        for (uint32_t off = 32; off < SECTOR && (how & 1); off += 4)
            if (word_at(at + off) != STORE_WORD_ERASED)
                set_word(at + off, store_word(word_at(at + off)));
        if (how & 2)
            set_word(at + 28, inflate_crc(0, cells + at, 28));
    }
}

static void require(const char *what)
{
    if (!what)
        return;
    fprintf(stderr, "fuzz_flash: %s\n", what);
    abort();
}

// ---- a whole flash file ----

#define WHOLE_BYTES 0x110000u // the least with a store: of 16 sectors

static uint8_t whole[WHOLE_BYTES]; // erased between inputs

static struct report *new_report(struct arena *arena)
{
    return report_create(arena, "fuzz", 1, "");
}

static void look_at(uint32_t off, const uint8_t *data, size_t bytes)
{
    static struct arena arena;
    struct arena_mark mark = arena_mark(&arena);
    bytes = bytes < WHOLE_BYTES - off ? bytes : WHOLE_BYTES - off;
    if (whole[0] == 0) // the first input
        memset(whole, 0xFF, sizeof whole);
    memcpy(whole + off, data, bytes);
    struct flash_file *file = flash_file_over(&arena, "fuzz", whole, WHOLE_BYTES);
    struct problem problem = {0};
    flash_report_layout(file, new_report(&arena));
    (void)!flash_report_check(file, new_report(&arena));
    if (flash_file_mount(&arena, file, true, &problem) == STATUS_OK) {
        if (flash_report_files(file, new_report(&arena), &problem) != STATUS_OK ||
            flash_report_entries(file, new_report(&arena), &problem) != STATUS_OK)
            require("a mounted store is not read");
        flash_report_wear(file, 10, 1000, new_report(&arena));
    } else if (problem.message[0] == 0) {
        require("no reason is given");
    }
    require(file->device.counts.programs + file->device.counts.erases ? "a report writes" : NULL);
    memset(whole + off, 0xFF, bytes);
    arena_rewind(&arena, mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct exercise work;
    if (bytes == 0)
        return 0;
    unsigned how = data[0];
    size_t count = bytes - 1 < STORE_BYTES ? bytes - 1 : STORE_BYTES;
    memset(cells, 0xFF, sizeof cells);
    memcpy(cells, data + 1, count);
    mend(how);
    struct flash_device device = small_device();
    struct flash_partition range = {0, STORE_BYTES};
    require(exercise_store(&work, &device, range));
    if (how & 4)
        look_at(how & 8 ? PARTITION_TABLE_OFF : 0xF0000u, data + 1, bytes - 1);
    return 0;
}

// ---- seeds ----

#ifdef FUZZ_REPLAY
static void write_seed(const char *where, int number, int how)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/seed%d", where, number);
    FILE *file = fopen(path, "wb");
    if (!file || fputc(how, file) < 0 || fwrite(cells, 1, sizeof cells, file) != sizeof cells)
        require("cannot write a seed");
    fclose(file);
}

// Stores of several ages.
static void write_seeds(const char *where)
{
    static struct exercise work;
    struct flash_device device = small_device();
    struct flash_partition range = {0, STORE_BYTES};
    memset(cells, 0xFF, sizeof cells);
    for (int i = 0; i < 40; i++) {
        require(exercise_store(&work, &device, range));
        if (i % 5 == 0)
            write_seed(where, i, i % 4);
    }
    write_seed(where, 40, 7);
    write_seed(where, 41, 15);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
        return write_seeds(argv[2]), 0;
    for (int i = 1; i < argc; i++) {
        static uint8_t data[1 << 20];
        FILE *file = fopen(argv[i], "rb");
        if (!file)
            return 1;
        size_t bytes = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, bytes);
    }
    return 0;
}
#endif
