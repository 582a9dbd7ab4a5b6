// image_link.c: linked images: strings of the core image, and its name.
//
// Reads: the core image's model. Writes: the model of the linked one. Memory: the model's arena.
// Format: runtime/format/lfs_image.h, "Linked images".

#include <stdio.h>
#include <zlib.h>

#include "analyzer/image/image_build.h"
#include "runtime/format/lfs_image.h"

// ---- the name ----

static uint32_t crc_word(uint32_t crc, uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                        (uint8_t)(word >> 24)};
    return (uint32_t)crc32(crc, bytes, 4);
}

// The build time is the last constant of the index function.
static uint32_t crc_build_time(uint32_t crc, const struct image *core)
{
    const struct image_function *index = &core->functions[core->main];
    uint32_t words = (core->is_integer ? 4 : 8) / 4;
    if (index->constant_count == 0)
        return crc;
    const uint8_t *at = core->data + index->constants_off +
                        (index->constant_count - 1) * core->value_bytes;
    return (uint32_t)crc32(crc, at, 4 * words);
}

uint32_t image_link_name(const struct image *core)
{
    uint32_t crc = crc_word(0, core->bytes);
    crc = crc_word(crc, core->string_count);
    crc = crc_word(crc, core->slot_count);
    crc = crc_build_time(crc, core);
    for (uint32_t slot = 0; slot < core->slot_count; slot++)
        for (int32_t i = core->slots[slot]; i != IMAGE_NONE; i = core->strings[i].next) {
            const struct image_string *s = &core->strings[i];
            crc = crc_word(crc, s->off);
            crc = crc_word(crc, s->hash);
            crc = crc_word(crc, (uint32_t)s->text.bytes);
            crc = (uint32_t)crc32(crc, (const uint8_t *)s->text.data,
                                  (unsigned)(s->text.bytes / 4 * 4 + 4));
        }
    return crc ? crc : 1;
}

// ---- the link ----

static uint32_t crc_of_content(const struct image *core)
{
    return (uint32_t)crc32(0, core->data, core->bytes);
}

int image_check_link(struct image_build *b, const struct image *core)
{
    const struct image *image = b->image;
    if (!core || image->linked_crc == 0)
        return 0;
    bool is_in_flash = image->form == IMAGE_ABSOLUTE;
    uint32_t found = is_in_flash ? crc_of_content(core) : image_link_name(core);
    if (found == image->linked_crc)
        return 0;
    return build_fail(b, STATUS_VERSION, offsetof(struct lfs_header, linked_crc),
                      "linked against core image 0x%08x; %.*s is 0x%08x",
                      (unsigned)image->linked_crc, (int)core->file.bytes, core->file.data,
                      (unsigned)found);
}

static int32_t find_at(const struct image *core, uint32_t off)
{
    for (uint32_t i = 0; i < core->string_count; i++)
        if (core->strings[i].off == off)
            return (int32_t)i;
    return IMAGE_NONE;
}

static int32_t add_below(struct image_build *b, struct text text, uint32_t hash, uint32_t off)
{
    int32_t index = build_find_string(b, text);
    if (index != IMAGE_NONE)
        return b->strings[index].is_below ? index : IMAGE_NONE;
    index = build_add_string(b, text, hash, off);
    b->strings[index].is_below = true;
    b->image->below_count++;
    return index;
}

int32_t image_below_string(struct image_build *b, const struct image *core, uint32_t pointer,
                           bool is_addr)
{
    if (!core) {
        const char *name = arena_format(b->arena, is_addr ? "core 0x%08x" : "core+0x%05x",
                                        (unsigned)pointer);
        return add_below(b, text_of(name), 0, pointer);
    }
    int32_t i = find_at(core, pointer - (is_addr ? core->base_addr : 0));
    return i == IMAGE_NONE
               ? IMAGE_NONE
               : add_below(b, core->strings[i].text, core->strings[i].hash, core->strings[i].off);
}
