// flash_rom.c: power on; the flash through the mask ROM's functions.
//
// Reads and writes: flash. While the ROM works on it the cache is off, so no code or constant of
// the window can be used: what runs then lies in IRAM, what is copied in data RAM.
// Source: order of calls as in SDK-free projects; registers of the clock as there. On hardware this
//         has not been run.

#include <string.h>

#include "runtime/core/verify.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/first_run.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/format/address_map.h"
#include "runtime/format/status.h"
#include "runtime/freezer/freezer.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/rom.h"
#include "runtime/port/port.h"

#define FLASH_BYTES 0x400000u // of the module; the ROM is told
#define BLOCK_BYTES 0x10000u
#define PAGE_BYTES 256u
#define STATUS_MASK 0xFFFFu
#define DEVICE_ID 0x1640EFu
#define COPY_WORDS 64
#define CACHE_READ_BYTES 0x20000u // the cache has 32 KB
#define CACHE_LINE_BYTES_MIN 16u  // or more: it is not documented

#define UART_DIVIDER (*(volatile uint32_t *)0x60000014u)
#define BAUD 115200u
#define CPU_MHZ 80u

// ---- power on ----

// mkimage puts the sums of the code and constants of the window here, below them.
struct code_sums {
    uint32_t magic, words, sum, sum_of_sums;
};
#define CODE_SUMS ((const volatile struct code_sums *)(WINDOW_ADDR + 0xFFF0u))
#define CODE_SUMS_MAGIC 0x64496F43u
#define CODE_ADDR (WINDOW_ADDR + 0x10000u)
#define CODE_WORDS_MAX 0x20000u

static char damaged_text[] = "frost: the code in flash is damaged\n"; // in RAM

// Nothing of the window is run or read before it is known to be whole. In IRAM with all it needs.
CHIP_IRAM static int is_code_whole(void)
{
    const volatile uint32_t *word = (const volatile uint32_t *)CODE_ADDR;
    uint32_t count = CODE_SUMS->words, sum = 0, sum_of_sums = 0;
    if (CODE_SUMS->magic != CODE_SUMS_MAGIC || count == 0 || count > CODE_WORDS_MAX)
        return 0;
    for (; count > 0; count--) {
        sum += *word++;
        sum_of_sums += sum;
    }
    return sum == CODE_SUMS->sum && sum_of_sums == CODE_SUMS->sum_of_sums;
}

// Says so and waits for a reset; under the emulator the run is over.
CHIP_IRAM static _Noreturn void refuse_code(void)
{
    static uint32_t magic[4] = SERVICES_MAGIC;
    const struct services *services = (const struct services *)SERVICES_ADDR;
    int is_emulated = 1;
    int32_t error;
    for (int i = 0; i < 4; i++)
        is_emulated &= services->magic[i] == magic[i];
    if (is_emulated) {
        services->call(HOST_WRITE, 2, (uint32_t)(uintptr_t)damaged_text, sizeof damaged_text - 1,
                       &error);
        services->call(HOST_EXIT, EXIT_STATUS_DAMAGED, 0, 0, &error);
    }
    for (char *c = damaged_text; *c; c++)
        rom_uart_tx_one_char((uint8_t)*c);
    for (;;)
        rom_ets_delay_us(1000000);
}

CHIP_IRAM _Noreturn void chip_power_on(void)
{
    rom_ets_wdt_disable();
    rom_i2c_writeReg(103, 4, 1, 0x88); // 80 MHz from a crystal of 26
    rom_i2c_writeReg(103, 4, 2, 0x91);
    rom_ets_update_cpu_frequency(CPU_MHZ);
    UART_DIVIDER = CPU_MHZ * 1000000u / BAUD;
    rom_SPIParamCfg(DEVICE_ID, FLASH_BYTES, BLOCK_BYTES, FLASH_SECTOR_BYTES, PAGE_BYTES,
                    STATUS_MASK);
    rom_SPIUnlock();
    rom_Cache_Read_Enable(0, 0, 1);
    if (!is_code_whole())
        refuse_code();
    chip_main();
}

// ---- driver ----

static uint32_t piece[COPY_WORDS];
static uint32_t changes_left; // before the power fails; 0: it does not

void chip_flash_cut_power(uint32_t changes)
{
    changes_left = changes;
}

// For tests: the power fails before a change of the flash.
static void lose_power(void)
{
    static const char text[] = "frost: the power was cut\n";
    if (changes_left == 0 || --changes_left > 0)
        return;
    chip_message(text, sizeof text - 1);
    port_exit(EXIT_STATUS_ENVIRONMENT);
}

CHIP_IRAM static int read_piece(uint32_t off, uint32_t bytes)
{
    rom_Cache_Read_Disable();
    int result = rom_SPIRead(off, piece, bytes);
    rom_Cache_Read_Enable(0, 0, 1);
    return result;
}

CHIP_IRAM static int write_piece(uint32_t off, uint32_t bytes)
{
    rom_Cache_Read_Disable();
    int result = rom_SPIWrite(off, piece, bytes);
    rom_Cache_Read_Enable(0, 0, 1);
    return result;
}

CHIP_IRAM static int erase_sector(uint32_t sector)
{
    rom_Cache_Read_Disable();
    int result = rom_SPIEraseSector(sector);
    rom_Cache_Read_Enable(0, 0, 1);
    return result;
}

static int chip_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    (void)device;
    uint8_t *to = data;
    while (bytes > 0) {
        uint32_t skip = off & 3, count = sizeof piece - skip;
        if (count > bytes)
            count = bytes;
        if (read_piece(off - skip, (skip + count + 3) & ~3u) != 0)
            return STATUS_IO;
        memcpy(to, (const uint8_t *)piece + skip, count);
        to += count;
        off += count;
        bytes -= count;
    }
    return STATUS_OK;
}

static int chip_program(struct flash_device *device, uint32_t off, const void *data, uint32_t bytes)
{
    (void)device;
    const uint8_t *from = data;
    while (bytes > 0) {
        uint32_t count = bytes < sizeof piece ? bytes : sizeof piece;
        memcpy(piece, from, count);
        lose_power();
        if (write_piece(off, count) != 0)
            return STATUS_IO;
        from += count;
        off += count;
        bytes -= count;
    }
    return STATUS_OK;
}

static int chip_erase(struct flash_device *device, uint32_t off)
{
    (void)device;
    lose_power();
    return erase_sector(off / FLASH_SECTOR_BYTES) == 0 ? STATUS_OK : STATUS_IO;
}

static const struct flash_driver chip_driver = {chip_read, chip_program, chip_erase};

// Reading as much as four times what the cache holds leaves nothing else in it, whichever lines it
// replaces first; where it replaces them at random, the caller looks and comes again.
static void evict(const struct flash_device *device, uint32_t off, uint32_t bytes)
{
    const volatile uint32_t *window = (const volatile uint32_t *)(const void *)device->window;
    uint32_t at = off >= CACHE_READ_BYTES ? off - CACHE_READ_BYTES : off + bytes;
    uint32_t end = at + CACHE_READ_BYTES < WINDOW_BYTES ? at + CACHE_READ_BYTES : WINDOW_BYTES;
    for (; at < end; at += CACHE_LINE_BYTES_MIN)
        (void)window[at / 4];
}

static struct flash_device the_device = {
    .driver = &chip_driver,
    .bytes = FLASH_BYTES,
    .window = (const uint8_t *)WINDOW_ADDR,
    .window_bytes = WINDOW_BYTES,
    .is_window_cached = 1, // enabling the cache again does not empty it
    .evict = evict,
};

// ---- LFS ----

struct lfs_work *lfs_port_work(void)
{
    return NULL;
}

struct lfs_marks *lfs_port_marks(void)
{
    _Static_assert(sizeof(struct lfs_marks) <= CHIP_HEAP_BYTES, "an image can be checked");
    return (struct lfs_marks *)(void *)chip_heap;
}

// Images are checked where they lie, at their final addresses.
static const char *verify_code(const struct lfs_function *function, uint32_t *pc)
{
    _Static_assert(sizeof(struct proto) == sizeof(struct lfs_proto), "functions look alike");
    int at = -1;
    const char *what = verify_function((const struct proto *)(const void *)function->proto, &at);
    *pc = (uint32_t)at;
    return what;
}

void chip_flash_init(void)
{
    // None kept, or none that can be read: the default layout.
    (void)!partition_table_open(&flash_table, &the_device);
    flash_layout = flash_table.layout;
    devs_init(&the_device, &flash_layout.parts[PARTITION_LFS_DEVS], verify_code);
}

static void tell(const char *text)
{
    port_console_error(text, strlen(text));
    port_console_error("\n", 1);
}

static void say(const char *prefix, const struct lfs_report *report)
{
    char line[LFS_MESSAGE_BYTES + 1];
    lfs_mount_text(report, line, LFS_MESSAGE_BYTES);
    size_t bytes = strlen(line);
    line[bytes++] = '\n';
    port_console_error(prefix, strlen(prefix));
    port_console_error(line, bytes);
}

// In the heap: pages of an image, and behind them the stores. The check of an image may overwrite
// its pages, but not the stores: the file is still open.
static struct first_run *first_run(void)
{
    struct rooms {
        uint32_t places[2][CHIP_STORE_FILES_MAX];
        struct first_run run;
    };
    enum {
        FRONT = sizeof(struct lfs_marks) > LFS_ROOM_BYTES ? sizeof(struct lfs_marks)
                                                          : LFS_ROOM_BYTES
    };
    _Static_assert(FRONT % _Alignof(struct rooms) == 0, "aligned");
    _Static_assert(FRONT + sizeof(struct rooms) <= CHIP_HEAP_BYTES, "the heap has room for it");
    struct rooms *rooms = (struct rooms *)(void *)(chip_heap + FRONT);
    struct first_run *run = &rooms->run;
    for (int i = 0; i < 2; i++) {
        run->rooms[i].places = rooms->places[i];
        run->rooms[i].place_count = CHIP_STORE_FILES_MAX;
    }
    lfs_room_in(&run->pages, (uint8_t *)chip_heap);
    run->marks = lfs_port_marks();
    run->tell = tell;
    return run;
}

static void ignore(const char *text)
{
    (void)text;
}

// A flash whose layout was never kept has been given no files: there nothing is looked for.
static void mount_core(void)
{
    struct lfs_report report;
    char text[LFS_MESSAGE_BYTES];
    partition_table_text(&flash_table, text, sizeof text);
    if (text[0])
        tell(text);
    int is_first = flash_table.is_kept && first_run_start(&flash_table, first_run());
    if (is_first) {
        flash_layout = flash_table.layout;
        devs_init(&the_device, &flash_layout.parts[PARTITION_LFS_DEVS], verify_code);
    }
    memset(lfs_port_marks(), 0, sizeof(struct lfs_marks));
    lfs_start(&flash_table, verify_code, lfs_port_marks(), is_first ? ignore : tell);
    if (flash_table.is_kept && !flash_region_find(REGION_LFS) &&
        first_run_restore(&flash_table, &lfs_target, first_run()))
        (void)!lfs_mount(&lfs_target, lfs_port_marks(), &report); // it was checked
}

void chip_flash_mount(void)
{
    struct lfs_report report;
    mount_core();
    int status = devs_mount(lfs_port_marks(), &report);
    int is_missing = status == STATUS_NOT_FOUND && !devs_is_discarded();
    if (flash_table.is_kept && (is_missing || report.fault == LFS_FAULT_LINKED) &&
        first_run_restore(&flash_table, NULL, first_run()))
        status = devs_mount(lfs_port_marks(), &report);
    if (report.fault != LFS_FAULT_NONE)
        say(status == STATUS_OK ? "LFS devs, newest: " : "LFS devs: ", &report);
}

// Without an identity of the program: tables, which alone would need it, do not freeze on the chip.
void chip_freezer_mount(void *work)
{
    freezer_mount(&the_device, &flash_layout.parts[PARTITION_FREEZER], 0, work);
}
