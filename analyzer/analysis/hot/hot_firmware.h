// hot_firmware.h: what of a firmware lies at an address: a text, named data, code.
//
// Reads: an ELF file that has been opened. Memory: texts belong to it.

#ifndef FROST_ANALYSIS_HOT_FIRMWARE_H
#define FROST_ANALYSIS_HOT_FIRMWARE_H

#include "analyzer/elf/elf_image.h"

enum firmware_kind {
    FIRMWARE_TEXT,     // a string constant of C
    FIRMWARE_DATA,     // a variable or table with a name
    FIRMWARE_CODE,     // a function
    FIRMWARE_LITERALS, // what lies between functions: literals of the one after
    FIRMWARE_REST,     // of a section: literals between functions, constants without a name
};

struct firmware_object {
    enum firmware_kind kind;
    struct text name; // content of a text, else the symbol or section
    uint32_t addr, bytes;
    bool is_writable;
};

// What holds the byte at the address. Result: false if the file puts nothing there.
bool firmware_object_at(const struct elf_image *image, uint32_t addr,
                        struct firmware_object *object);

// What holds the word: of several things in it the first with a name or text.
bool firmware_object_of_word(const struct elf_image *image, uint32_t addr,
                             struct firmware_object *object);

// "name", "name+12", a quoted text (cut, or as length if texts are hidden), ".irom.text+0x40".
struct text firmware_words(const struct firmware_object *object, uint32_t addr, bool hides_text,
                           struct arena *arena);

// "IRAM", "flash", "RAM" or "other".
const char *firmware_region(uint32_t addr);

#endif
