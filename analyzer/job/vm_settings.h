// vm_settings.h: how the runtime is to run, and the command line that tells it so.
//
// Memory: strings point into argv or into the arena given.

#ifndef FROST_JOB_VM_SETTINGS_H
#define FROST_JOB_VM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/options.h"

enum vm_profile { VM_PROFILE_NODEMCU, VM_PROFILE_PC };
// What an error in a callback does; the default of `frost run` is the device's answer, and without
// a device (profile pc) the end.
enum vm_on_error { VM_ON_ERROR_DEFAULT, VM_ON_ERROR_STOP, VM_ON_ERROR_RESTART };
enum vm_watchdog { VM_WATCHDOG_REPORT, VM_WATCHDOG_RESET, VM_WATCHDOG_OFF };
// Their words are those of runtime/nodemcu/firmware.h.
enum vm_firmware { VM_FIRMWARE_3_0, VM_FIRMWARE_LEGACY, VM_FIRMWARE_STOCK, VM_FIRMWARE_2018 };
enum vm_uart { VM_UART_OUTPUT, VM_UART_PTY }; // where UART 0 is: on standard output, a terminal
enum vm_chunk { VM_CHUNK_CODE, VM_CHUNK_MODULE, VM_CHUNK_GIVEN };

// What a recording lasts at most if nothing else is asked for.
#define VM_DURATION_MS 60000u

// A run that is a replay of a recording.
struct vm_replay {
    const char *trace;  // NULL: it is none
    bool is_loose;      // differences are counted
    bool has_own_heap;  // questions for free heap are answered as they are
    bool is_quiet;      // no summary
    bool has_own_trace; // made for this replay alone
    int descriptor;     // of the log, set by replay_prepare (analyzer/job/replay.h)
};

struct vm_settings {
    int profile; // enum vm_profile
    bool is_integer;
    const char *lfs;        // image file, NULL: none
    const char *devs;       // devs image file, NULL: none
    const char *flash;      // flash file, NULL: in memory
    const char *fs;         // directory, NULL: the script's
    const char *saved_wifi; // file of what the device has saved of its Wi-Fi, NULL: nothing
    const char *world;      // script of the world, NULL: nobody is there
    uint64_t heap_bytes;    // 0: the profile's default
    uint64_t stack_bytes;   // of the C stack
    const char *egc;        // mode, NULL: the profile's default
    uint64_t boots_max;
    uint64_t duration_ms;       // device time after which the run ends, 0: no limit
    int on_error;               // enum vm_on_error
    bool is_live;               // the device's clock goes with the computer's
    bool has_console;           // standard input arrives at UART 0; an option of `frost run` alone
    int uart;                   // enum vm_uart; of `frost run` alone
    struct option_list ports;   // DEVICE=PORT
    uint64_t tcp_max;           // connections at once, 0: the device's
    struct option_list hosts;   // NAME=ADDRESS
    uint64_t world_number;      // of the world, 0 and 1: the usual one
    struct option_list secrets; // words in names of keys and files that hold credentials
    int watchdog;               // enum vm_watchdog
    int firmware;               // enum vm_firmware
    bool is_freezing;           // all that is loaded goes into the freezer
    uint64_t freezer_bytes;     // of its partition; 0: as usual
    bool is_compacting;         // vectors move together when memory is short or split
    struct option_list chunks;  // -e CODE, -l NAME, --module NAME=FILE; presets: enum vm_chunk
    // The stand-alone interpreter's; only `frost run` has the options for the first two.
    bool is_interactive; // prompt after the script
    bool shows_version;
    const char *chip_build; // the firmware under QEMU, NULL: on the host
    char *const *words;     // command line in front of the script, for `arg`; NULL: none
    size_t word_count;
    const char *name;           // in front of messages; NULL: "lua"
    const char *const *options; // further ones as the VM takes them, NULL at the end; NULL: none
    struct vm_replay replay;
};

extern const char *const vm_profile_names[];
extern const char *const vm_on_error_names[];
extern const char *const vm_watchdog_names[];
extern const char *const vm_firmware_names[];
extern const char *const vm_uart_names[];
extern const char *const vm_egc_modes[]; // "limit:" wants a number after it

// Checks what the table cannot: the mode of the emergency collector, files of modules, options that
// exclude others.
int vm_settings_check(const struct vm_settings *vm, struct problem *problem)
    __attribute__((warn_unused_result));

// Notes the words in front of the script, which is the first operand. `words` is the whole command
// line, of which `operands` are the end.
void vm_settings_take_words(struct vm_settings *vm, char *const *words, char *const *operands);

// The VM program of these settings: "frostvm-float-plain".
const char *vm_program_name(const struct vm_settings *vm, const char *probes);

// The firmware of these settings: "float-plain". Name of the program: VM_CHIP_PROGRAM.
const char *vm_chip_build(const struct vm_settings *vm, const char *probes);
#define VM_CHIP_PROGRAM "frostvm-esp8266"

// argv of the VM, ended by NULL: program, canonical options, then the operands.
char **vm_make_argv(struct arena *arena, const char *program, const struct vm_settings *vm,
                    char *const *operands, size_t operand_count);

#endif
