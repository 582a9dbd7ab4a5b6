// mkimage.c: makes the boot image and the flash file from the parts of the firmware.
//
// usage: mkimage ENTRY IRAM_ADDR IRAM_FILE DRAM_ADDR DRAM_FILE IROM_FILE IMAGE FLASH
// Reads: the contents of three ranges as plain files. Writes: IMAGE, what the boot ROM loads into
//         RAM; FLASH, 4 MiB with IMAGE at 0, sums of the code at 0xFFF0, code at 0x10000, the rest
//         erased.
// Source: esptool's documentation of the firmware image format: 0xE9, number of segments, mode,
//         size and frequency, entry; for each segment address, length, data; zeros so that the last
//         byte of a multiple of 16 is 0xEF xor all bytes of segments.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLASH_BYTES 0x400000u
#define IROM_OFF 0x10000u
#define IROM_BYTES_MAX 0x80000u // up to the LFS partition
#define SUMS_OFF 0xFFF0u        // struct code_sums of flash_rom.c
#define SUMS_MAGIC 0x64496F43u
#define MODE_DIO 2
#define SIZE_4M_40MHZ 0x40

static uint8_t flash[FLASH_BYTES];

static _Noreturn void fail(const char *what, const char *name)
{
    fprintf(stderr, "mkimage: %s: %s\n", name, what);
    exit(1);
}

static uint32_t read_file(const char *name, uint32_t off, uint32_t bytes_max)
{
    FILE *file = fopen(name, "rb");
    if (!file)
        fail("cannot be opened", name);
    size_t bytes = fread(flash + off, 1, bytes_max, file);
    if (ferror(file) || fgetc(file) != EOF)
        fail("too large or not readable", name);
    fclose(file);
    return (uint32_t)bytes;
}

static void write_file(const char *name, uint32_t bytes)
{
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(flash, 1, bytes, file) != bytes || fclose(file) != 0)
        fail("cannot be written", name);
}

static void put_word(uint32_t off, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        flash[off + (uint32_t)i] = (uint8_t)(word >> 8 * i);
}

// Appends a segment at `off`; result: after it. *sum is the checksum so far.
static uint32_t put_segment(uint32_t off, const char *addr, const char *name, uint8_t *sum)
{
    uint32_t bytes = read_file(name, off + 8, IROM_OFF - off - 32);
    while (bytes % 4 != 0)
        flash[off + 8 + bytes++] = 0;
    put_word(off, (uint32_t)strtoul(addr, NULL, 0));
    put_word(off + 4, bytes);
    for (uint32_t i = 0; i < bytes; i++)
        *sum ^= flash[off + 8 + i];
    return off + 8 + bytes;
}

// Sums of the code's words, which the firmware compares before it runs any of it.
static void put_sums(uint32_t bytes)
{
    uint32_t sum = 0, sum_of_sums = 0;
    for (uint32_t off = IROM_OFF; off < IROM_OFF + bytes; off += 4) {
        sum += (uint32_t)flash[off] | (uint32_t)flash[off + 1] << 8 |
               (uint32_t)flash[off + 2] << 16 | (uint32_t)flash[off + 3] << 24;
        sum_of_sums += sum;
    }
    put_word(SUMS_OFF, SUMS_MAGIC);
    put_word(SUMS_OFF + 4, bytes / 4);
    put_word(SUMS_OFF + 8, sum);
    put_word(SUMS_OFF + 12, sum_of_sums);
}

int main(int argc, char **argv)
{
    if (argc != 9) {
        fprintf(stderr, "usage: mkimage ENTRY IRAM_ADDR IRAM DRAM_ADDR DRAM IROM IMAGE FLASH\n");
        return 2;
    }
    uint8_t sum = 0xEF;
    memset(flash, 0xFF, sizeof flash);
    flash[0] = 0xE9;
    flash[1] = 2;
    flash[2] = MODE_DIO;
    flash[3] = SIZE_4M_40MHZ;
    put_word(4, (uint32_t)strtoul(argv[1], NULL, 0));
    uint32_t at = put_segment(8, argv[2], argv[3], &sum);
    at = put_segment(at, argv[4], argv[5], &sum);
    while (at % 16 != 15)
        flash[at++] = 0;
    flash[at++] = sum;
    write_file(argv[7], at);
    put_sums(read_file(argv[6], IROM_OFF, IROM_BYTES_MAX));
    write_file(argv[8], FLASH_BYTES);
    return 0;
}
