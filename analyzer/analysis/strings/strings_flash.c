// strings_flash.c: sizes of a preload list in an image.

#include "analyzer/analysis/strings/strings_flash.h"

#include <assert.h>

#define STRING_HEADER_BYTES 16u
#define FUNCTION_BYTES 72u
#define WORD_BYTES 4u
#define VALUE_BYTES_FLOAT 12u
#define VALUE_BYTES_INTEGER 8u
#define SLOTS_MIN 2u
#define INDEX_INSTRUCTIONS 5u // of the index function, for each module
#define LIST_LINE_COLUMNS 90u // width of a line of the list, about
#define LIST_NAME_BYTES 13u   // "dummy_strings"
#define LIST_CHUNK_BYTES 18u  // "@dummy_strings.lua"
#define LIST_LINES_BYTES 2u   // its line table, when only `return` is left
#define LIST_OWN_STRINGS 3u   // all three

static uint32_t string_bytes(uint32_t length)
{
    return (STRING_HEADER_BYTES + length + 1 + 3) & ~3u;
}

struct strings_flash strings_flash_of(const struct image *image, bool is_integer, bool keeps_slots)
{
    if (!image)
        return (struct strings_flash){.slot_count = SLOTS_MIN,
                                      .value_bytes = is_integer ? VALUE_BYTES_INTEGER
                                                                : VALUE_BYTES_FLOAT};
    return (struct strings_flash){image, image->string_count, image->slot_count, image->value_bytes,
                                  keeps_slots};
}

uint32_t strings_flash_item(uint32_t length)
{
    return string_bytes(length);
}

// What a string costs in a list that is compiled as it stands, besides itself.
static uint32_t bytes_of_use(const struct strings_flash *flash)
{
    return flash->value_bytes + WORD_BYTES;
}

// Its one instruction is that of some other function, and shared; its line table is a delta and a
// count.
uint32_t strings_flash_fixed(const struct strings_flash *flash)
{
    return FUNCTION_BYTES + WORD_BYTES + INDEX_INSTRUCTIONS * WORD_BYTES + flash->value_bytes +
           string_bytes(LIST_NAME_BYTES) + string_bytes(LIST_CHUNK_BYTES) +
           string_bytes(LIST_LINES_BYTES);
}

uint32_t strings_flash_packed_lines(uint64_t literal_bytes)
{
    return (uint32_t)(literal_bytes / LIST_LINE_COLUMNS) + 1;
}

uint64_t strings_flash_code(const struct strings_flash *flash, uint32_t count, uint32_t lines)
{
    return (uint64_t)count * bytes_of_use(flash) + WORD_BYTES + string_bytes(lines + 2) -
           string_bytes(LIST_LINES_BYTES);
}

uint32_t strings_flash_slots(const struct strings_flash *flash, uint32_t count)
{
    uint32_t slots = flash->slot_count;
    while (slots <= flash->string_count + count + LIST_OWN_STRINGS)
        slots *= 2;
    return slots;
}

uint32_t strings_flash_growth(const struct strings_flash *flash, uint32_t count)
{
    if (count == 0)
        return 0;
    return (strings_flash_slots(flash, count) - flash->slot_count) * WORD_BYTES;
}

uint32_t strings_flash_rule_room(const struct strings_flash *flash, unsigned doublings)
{
    assert(doublings < 16);
    uint64_t slots = (uint64_t)flash->slot_count << doublings;
    uint64_t used = (uint64_t)flash->string_count + LIST_OWN_STRINGS;
    return slots > used + 1 ? (uint32_t)(slots - 1 - used) : 0;
}
