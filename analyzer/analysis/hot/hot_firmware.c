// hot_firmware.c: names for addresses of a firmware.

#include "analyzer/analysis/hot/hot_firmware.h"

#include <inttypes.h>

#include "analyzer/base/lua_literal.h"
#include "runtime/format/address_map.h"

#define EXCERPT_BYTES_MAX 48u

// Compilers give the texts of __func__ and of string constants names that say nothing.
static bool is_telling(const char *name)
{
    return strncmp(name, "__func__", strlen("__func__")) != 0 && name[0] != '.';
}

bool firmware_object_at(const struct elf_image *image, uint32_t addr,
                        struct firmware_object *object)
{
    const struct elf_section *section = elf_image_section(image, addr);
    const struct elf_symbol *symbol = elf_image_object(image, addr);
    uint64_t begin;
    if (!section)
        return false;
    *object = (struct firmware_object){.is_writable = section->is_writable};
    if (symbol && is_telling(symbol->name)) {
        object->kind = FIRMWARE_DATA;
    } else if (section->is_code && (symbol = elf_image_function(image, addr))) {
        object->kind = FIRMWARE_CODE;
    } else if (!section->is_code && elf_image_text(image, addr, &object->name, &begin)) {
        object->kind = FIRMWARE_TEXT;
        object->addr = (uint32_t)begin;
        object->bytes = (uint32_t)object->name.bytes;
        return true;
    } else if (section->is_code && (symbol = elf_image_next_function(image, addr)) != NULL &&
               symbol->addr < section->addr + section->bytes) {
        object->kind = FIRMWARE_LITERALS;
        object->name = text_of(symbol->name);
        object->addr = addr & ~3u;
        object->bytes = 4;
        return true;
    } else {
        object->kind = FIRMWARE_REST;
        object->name = text_of(section->name);
        object->addr = (uint32_t)section->addr;
        object->bytes = (uint32_t)section->bytes;
        return true;
    }
    object->name = text_of(symbol->name);
    object->addr = (uint32_t)symbol->addr;
    object->bytes = (uint32_t)symbol->bytes;
    return true;
}

bool firmware_object_of_word(const struct elf_image *image, uint32_t addr,
                             struct firmware_object *object)
{
    struct firmware_object first;
    if (!firmware_object_at(image, addr, &first))
        return false;
    // What has a name of its own tells most; what looks like a text may be the end of a number.
    for (uint32_t i = 1; i < 4 && (first.kind == FIRMWARE_REST || first.kind == FIRMWARE_TEXT); i++)
        if (firmware_object_at(image, addr + i, object) && object->kind == FIRMWARE_DATA)
            return true;
    *object = first;
    for (uint32_t i = 1; i < 4 && object->kind == FIRMWARE_REST; i++)
        if (!firmware_object_at(image, addr + i, object))
            *object = first;
    return true;
}

struct text firmware_words(const struct firmware_object *object, uint32_t addr, bool hides_text,
                           struct arena *arena)
{
    struct text text = object->name;
    uint32_t off = addr - object->addr;
    if (object->kind == FIRMWARE_TEXT && hides_text)
        return text_of(arena_format(arena, "%" PRIu32 " bytes", object->bytes));
    if (object->kind == FIRMWARE_TEXT) {
        bool is_cut = text.bytes > EXCERPT_BYTES_MAX;
        text.bytes = is_cut ? EXCERPT_BYTES_MAX : text.bytes;
        text = lua_literal_quote(arena, text);
        return is_cut ? text_of(arena_format(arena, "%.*s...", TEXT_ARGS(text))) : text;
    }
    if (object->kind == FIRMWARE_LITERALS)
        return text_of(arena_format(arena, "literals of %.*s", TEXT_ARGS(text)));
    if (object->kind == FIRMWARE_REST)
        return text_of(arena_format(arena, "%.*s+0x%" PRIx32, TEXT_ARGS(text), off));
    return off ? text_of(arena_format(arena, "%.*s+%" PRIu32, TEXT_ARGS(text), off)) : text;
}

const char *firmware_region(uint32_t addr)
{
    if (addr - IRAM_ADDR < 0x100000u)
        return "IRAM";
    if (addr - WINDOW_ADDR < 0x1000000u)
        return "flash";
    return addr - 0x3F000000u < 0x1000000u ? "RAM" : "other";
}
