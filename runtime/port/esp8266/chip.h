// chip.h: what the parts of the chip's port tell each other.
//
// Memory: ranges of chip.ld. Context: the one thread; what is marked CHIP_IRAM may run with the
// flash cache off.

#ifndef FROST_PORT_ESP8266_CHIP_H
#define FROST_PORT_ESP8266_CHIP_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/flash/file_system.h"
#include "runtime/port/esp8266/services.h"

#define CHIP_IRAM __attribute__((section(".iram.text"), noinline))

#define CHIP_HEAP_BYTES 45056u // 44 KiB, the heap that the firmware leaves to Lua
// Under the emulator larger heaps lie in memory that the chip does not have.
#define CHIP_FAR_HEAP_ADDR 0x61000000u
#define CHIP_FAR_HEAP_BYTES_MAX 0x1000000u

extern char chip_heap[], chip_bss_end[], chip_stack_top[];
extern char chip_kept_start[], chip_kept_end[];     // what outlives restarts (PORT_KEPT)
extern const char chip_rodata[], chip_rodata_end[]; // constants
extern char chip_iram_free[], chip_iram_top[];      // what the code leaves of IRAM, for words only

// ---- serial_command.c ----

// The 20 bytes of the firmware's GNU build-id, as in its ELF file.
void chip_build_id(uint8_t id[20]);

// ---- console.c ----

// The emulator's services, or NULL on a chip.
const struct services *chip_services(void);
// A message of the port itself, which is no event of the program's trace.
void chip_message(const char *text, size_t bytes);
// Clears the stack below the caller, so that its deepest use can be found later.
void chip_stack_paint(void);

// ---- files.c ----

// The directory of the host that holds the files; "" is the current one.
void chip_files_init(const char *directory);
// The directory of the pipes to the server of the program's files (file_server.c).
void chip_files_ask(const char *path);
#define CHIP_STORE_FILES_MAX 100 // SPIFFS of that size holds more, but a device has few

// The program's files are those of the store in flash; after chip_flash_mount().
void chip_files_use_store(void);
// Files by paths of the host, from that directory on: what the command line names.
extern struct file_system chip_paths;
// Writes `bytes` bytes to a file of the host, wherever it lies. 1, or 0 if that fails.
int chip_files_dump(const char *path, const void *data, uint32_t bytes);

// ---- flash_rom.c ----

// Cache on, clock, UART, watchdog; then chip_main. In IRAM, entered from start.S.
_Noreturn void chip_power_on(void);
// The power fails before the change number `changes` of the flash (1: the first); 0: it does not.
void chip_flash_cut_power(uint32_t changes);
// Prepares the device and the LFS target.
void chip_flash_init(void);
// Checks and mounts LFS core and devs, after a first run if that is due; the heap is not in use
// yet.
void chip_flash_mount(void);
// Looks for what was frozen before; after the image is mounted.
void chip_freezer_mount(void *work);

// ---- trap.c ----

// From now on every load from the flash window traps under the emulator, as sub-word loads do on
// the chip; without this the emulator lets them pass.
void chip_trap_all_loads(void);
// Writes what was counted to the console: one line "LOADS WIDTH ADDRESS" per instruction.
void chip_trap_report(void);

// ---- wait.c ----

// A boot begins: the device's clock is at 0, and goes with the CPU's (real) or jumps over waits.
void chip_wait_boot(int is_real_clock);

// ---- limit.c ----

// A boot begins, after its clock: the program ends after `duration_ms` of the device's time (0: no
// limit) and, in the probed build, when a byte, the number of a signal, comes through the
// pipe (NULL: there is none).
void chip_limit_boot(uint64_t duration_ms, const char *stop_path);
// Ends the program if it is to end now.
void chip_limit_look(void);
// The device's time has gone on by more than instructions take.
void chip_limit_moved(void);
// Tells the recorder that the program ends because its time is over.
void chip_limit_cut(void);

// ---- main.c ----

_Noreturn void chip_main(void);

#endif
