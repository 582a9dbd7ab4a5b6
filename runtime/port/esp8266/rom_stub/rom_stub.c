// rom_stub.c: what the ESP8266's mask ROM does, as far as the firmware needs it, for QEMU.
//
// At reset: reads the flash file, takes the 0xE9 image at its start apart and jumps to it. Later:
// UART and flash functions at the ROM's addresses.
// Reads and writes: the flash file (argument 1; written through), the host's standard output.
// Memory: the flash lies at 0x60200000, where the window's alias is (runtime/port/esp8266/trap.c);
//         the first megabyte is copied to the window when the cache is enabled.
// Source: image format: esptool's documentation of the firmware image format.

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/address_map.h"
#include "runtime/format/status.h"
#include "runtime/port/esp8266/services.h"

#define ALIAS_OFFSET 0x20000000u
#define FLASH_COPY_ADDR (WINDOW_ADDR + ALIAS_OFFSET)
#define FLASH_BYTES_MAX 0x400000u
#define ROM_ADDR 0x40000000u
#define IMAGE_MAGIC 0xE9u
#define CHECKSUM_START 0xEFu
#define SEGMENTS_MAX 16
#define OPEN_BOTH 2
#define WORDS_MAX 96
#define ARGUMENT_BYTES_MAX 0x1400u

#define SPI_DONE 0
#define SPI_FAILED 1

int32_t rom_stub_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, int32_t *error);
_Noreturn void rom_stub_jump(uint32_t entry);
_Noreturn void rom_stub_boot(void);
int rom_stub_uart_tx_one_char(uint32_t character);
int rom_stub_uart_rx_one_char(uint8_t *character);
void rom_stub_cache_enable(void);
void rom_stub_cache_disable(void);
int rom_stub_spi_read(uint32_t off, uint32_t *data, uint32_t bytes);
int rom_stub_spi_write(uint32_t off, const uint32_t *data, uint32_t bytes);
int rom_stub_spi_erase_sector(uint32_t sector);

extern char rom_stub_rom_end[];

static __attribute__((section(".services"), used)) struct services services;
static const char *words[WORDS_MAX];
static char word_texts[ARGUMENT_BYTES_MAX];
static int32_t flash_file;
static uint32_t flash_bytes;
static uint32_t boots;
static int32_t host_error;
static int is_window_stale = 1;

static uint32_t addr_of(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

static uint32_t *words_at(uint32_t addr)
{
    return (uint32_t *)(uintptr_t)addr;
}

static _Noreturn void stop(int status, const char *text)
{
    uint32_t bytes = 0;
    while (text[bytes])
        bytes++;
    rom_stub_call(HOST_WRITE, 2, addr_of("frost: boot ROM: "), 17, &host_error);
    rom_stub_call(HOST_WRITE, 2, addr_of(text), bytes, &host_error);
    rom_stub_call(HOST_WRITE, 2, addr_of("\n"), 1, &host_error);
    for (;;)
        rom_stub_call(HOST_EXIT, (uint32_t)status, 0, 0, &host_error);
}

static void copy_words(uint32_t to, uint32_t from, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes / 4; i++)
        words_at(to)[i] = words_at(from)[i];
}

// ---- the ROM's functions ----

int rom_stub_uart_tx_one_char(uint32_t character)
{
    char c = (char)character;
    rom_stub_call(HOST_WRITE, 1, addr_of(&c), 1, &host_error);
    return 0;
}

int rom_stub_uart_rx_one_char(uint8_t *character)
{
    static const uint32_t no_time[2];
    static int is_closed;
    if (is_closed ||
        rom_stub_call(HOST_SELECT, 0, HOST_SELECT_READ, addr_of(no_time), &host_error) <= 0)
        return 1;
    is_closed = rom_stub_call(HOST_READ, 0, addr_of(character), 1, &host_error) != 1;
    return is_closed;
}

// The window is filled once; later writes keep it equal.
void rom_stub_cache_enable(void)
{
    if (is_window_stale)
        copy_words(WINDOW_ADDR, FLASH_COPY_ADDR, WINDOW_BYTES);
    is_window_stale = 0;
}

void rom_stub_cache_disable(void)
{
}

static int is_range(uint32_t off, uint32_t bytes)
{
    return off % 4 == 0 && bytes % 4 == 0 && off <= flash_bytes && bytes <= flash_bytes - off;
}

int rom_stub_spi_read(uint32_t off, uint32_t *data, uint32_t bytes)
{
    if (!is_range(off, bytes))
        return SPI_FAILED;
    copy_words(addr_of(data), FLASH_COPY_ADDR + off, bytes);
    return SPI_DONE;
}

// Flash, window and file are the same again.
static int write_through(uint32_t off, uint32_t bytes)
{
    uint32_t from = FLASH_COPY_ADDR + off;
    for (uint32_t at = off; at < off + bytes && at < WINDOW_BYTES; at += 4)
        *words_at(WINDOW_ADDR + at) = *words_at(FLASH_COPY_ADDR + at);
    if (rom_stub_call(HOST_SEEK, (uint32_t)flash_file, off, 0, &host_error) < 0 ||
        rom_stub_call(HOST_WRITE, (uint32_t)flash_file, from, bytes, &host_error) != (int32_t)bytes)
        return SPI_FAILED;
    return SPI_DONE;
}

int rom_stub_spi_write(uint32_t off, const uint32_t *data, uint32_t bytes)
{
    if (!is_range(off, bytes))
        return SPI_FAILED;
    for (uint32_t i = 0; i < bytes / 4; i++)
        words_at(FLASH_COPY_ADDR + off)[i] &= data[i];
    return write_through(off, bytes);
}

int rom_stub_spi_erase_sector(uint32_t sector)
{
    uint32_t off = sector * FLASH_SECTOR_BYTES;
    if (sector >= flash_bytes / FLASH_SECTOR_BYTES)
        return SPI_FAILED;
    for (uint32_t i = 0; i < FLASH_SECTOR_BYTES / 4; i++)
        words_at(FLASH_COPY_ADDR + off)[i] = 0xFFFFFFFFu;
    return write_through(off, FLASH_SECTOR_BYTES);
}

// ---- boot ----

// The command line: word 0 is the flash file, the rest the firmware's.
static const char *read_arguments(void)
{
    int32_t count = rom_stub_call(HOST_ARGUMENT_COUNT, 0, 0, 0, &host_error);
    int32_t bytes = rom_stub_call(HOST_ARGUMENT_BYTES, 0, 0, 0, &host_error);
    if (count < 1 || count > WORDS_MAX || bytes > (int32_t)ARGUMENT_BYTES_MAX)
        stop(EXIT_STATUS_USAGE, "command line too long");
    rom_stub_call(HOST_ARGUMENTS, addr_of(word_texts), 0, 0, &host_error);
    // QEMU writes pointers to the texts, then the texts.
    const uint32_t *table = (const uint32_t *)(const void *)word_texts;
    for (int32_t i = 0; i < count; i++)
        words[i] = (const char *)(uintptr_t)table[i];
    services.arguments = words + 1;
    services.argument_count = (uint32_t)count - 1;
    return words[0];
}

static void read_flash(const char *name)
{
    flash_file = rom_stub_call(HOST_OPEN, addr_of(name), OPEN_BOTH, 0, &host_error);
    if (flash_file < 0)
        stop(EXIT_STATUS_ENVIRONMENT, "cannot open the flash file");
    int32_t count = rom_stub_call(HOST_READ, (uint32_t)flash_file, FLASH_COPY_ADDR, FLASH_BYTES_MAX,
                                  &host_error);
    if (count < (int32_t)WINDOW_BYTES || count % FLASH_SECTOR_BYTES != 0)
        stop(EXIT_STATUS_DAMAGED, "not a flash file: not 1 to 4 MiB in sectors");
    flash_bytes = (uint32_t)count;
}

static int is_inside(uint32_t addr, uint32_t bytes, uint32_t from, uint32_t from_bytes)
{
    return addr >= from && bytes <= from_bytes && addr - from <= from_bytes - bytes;
}

// Copies a segment to RAM and to the alias that loads of code pages are emulated from.
static void load_segment(uint32_t addr, uint32_t from, uint32_t bytes)
{
    int is_iram = is_inside(addr, bytes, IRAM_ADDR, IRAM_BYTES);
    int is_dram = is_inside(addr, bytes, DRAM_ADDR, DRAM_BYTES);
    if (bytes % 4 != 0 || (!is_iram && !is_dram))
        stop(EXIT_STATUS_DAMAGED, "a segment of the image does not fit the RAM");
    copy_words(addr, from, bytes);
    if (is_iram)
        copy_words(addr + ALIAS_OFFSET, from, bytes);
}

// Result: the entry point.
static uint32_t load_image(void)
{
    const uint32_t *head = words_at(FLASH_COPY_ADDR);
    uint32_t segments = head[0] >> 8 & 0xFF;
    if ((head[0] & 0xFF) != IMAGE_MAGIC || segments == 0 || segments > SEGMENTS_MAX)
        stop(EXIT_STATUS_DAMAGED, "no firmware in the flash");
    uint32_t at = 8, sum = CHECKSUM_START;
    for (uint32_t i = 0; i < segments; i++) {
        uint32_t addr = *words_at(FLASH_COPY_ADDR + at);
        uint32_t bytes = *words_at(FLASH_COPY_ADDR + at + 4);
        at += 8;
        if (bytes > WINDOW_BYTES - at)
            stop(EXIT_STATUS_DAMAGED, "a segment of the image is too long");
        for (uint32_t k = 0; k < bytes; k++)
            sum ^= *(const uint8_t *)(uintptr_t)(FLASH_COPY_ADDR + at + k);
        load_segment(addr, FLASH_COPY_ADDR + at, bytes);
        at += bytes;
    }
    at |= 15;
    if (*(const uint8_t *)(uintptr_t)(FLASH_COPY_ADDR + at) != (sum & 0xFF))
        stop(EXIT_STATUS_DAMAGED, "checksum of the image is wrong");
    return head[1];
}

_Noreturn void rom_stub_boot(void)
{
    static const uint32_t magic[4] = SERVICES_MAGIC;
    if (boots++ == 0) {
        read_flash(read_arguments());
        copy_words(ROM_ADDR + ALIAS_OFFSET, ROM_ADDR, (addr_of(rom_stub_rom_end) - ROM_ADDR + 3));
    }
    for (int i = 0; i < 4; i++)
        services.magic[i] = magic[i];
    services.call = rom_stub_call;
    services.boot_number = boots;
    rom_stub_jump(load_image());
}
