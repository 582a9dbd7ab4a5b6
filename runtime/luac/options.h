// options.h: the command line of the compiler.
//
// Reads: arguments and SOURCE_DATE_EPOCH. Writes: messages to stderr, help and version to stdout.
// Options, words of messages and statuses are those of NodeMCU's luac.cross; what is added:
// --build-time, --core, --resource, --hash-slots, --help, NAME=FILE, and messages where luac.cross
// crashes.

#ifndef FROST_LUAC_OPTIONS_H
#define FROST_LUAC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_OUTPUT_DEFAULT "luac.out"

#define OPTIONS_RESOURCES_MAX 200
#define OPTIONS_HASH_SLOTS_MAX 32768u // more would fill half of the largest image

struct luac_options {
    const char *program; // for messages
    const char *output;  // NULL: standard output
    const char *execute; // file to run, or NULL
    int listing;         // 0, 1 or 2
    bool is_dumping;     // false: parse only
    bool is_stripped;
    bool is_serving; // --serve: compiles what standard input asks for
    bool is_image;   // LFS image instead of .lc
    bool is_lookup;  // the main function finds modules by name
    bool is_absolute;
    bool is_plain_image;                    // nothing shared, packed as luac.cross packs
    bool first_wins;                        // of modules with one name the first is taken
    bool has_names;                         // of locals and upvalues
    bool has_hash_slots;                    // --hash-slots was given
    const char *core;                       // core image that a devs image is made for, or NULL
    uint32_t base_addr;                     // of an absolute image
    uint32_t bytes_max;                     // limit of an image
    uint32_t build_time;                    // seconds since 1970
    uint8_t locals_max;                     // of one function; 0: the firmware's limit
    uint32_t hash_slots;                    // of an image's string table; 0: as luac.cross does
    char *resources[OPTIONS_RESOURCES_MAX]; // FILE or NAME=FILE
    int resource_count;
    char **inputs; // FILE, NAME=FILE or "-"
    int input_count;
};

// Fills *options. Ends the process: status 1 and a message for wrong usage, 0 after --help or if
// only -v was given.
void options_read(struct luac_options *options, int argc, char **argv);

// Ends the process with status 1, the message and the usage text.
_Noreturn void options_fail_usage(const struct luac_options *options, const char *message);

#endif
