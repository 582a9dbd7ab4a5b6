// lint_images.c: is an image for the device, and what of it is dead?

#include <stdio.h>
#include <string.h>

#include "analyzer/analysis/lint/lint_rules.h"
#include "analyzer/base/number_text.h"
#include "analyzer/image/image_report.h"

static const char *number_words(bool is_integer)
{
    return is_integer ? "integer" : "float";
}

static void check_numbers(struct lint *lint, const struct lint_unit *unit,
                          const struct lint_unit *first)
{
    int wanted = lint->settings->numbers;
    bool is_integer = unit->image->is_integer;
    if (wanted && is_integer != (wanted == 2))
        lint_add(lint, LINT_NUMBERS, text_of(unit->path), 0,
                 wanted == 2 ? "compile with frost luac --integer"
                             : "compile with frost luac, without --integer",
                 "has %s numbers, the firmware has %s ones", number_words(is_integer),
                 number_words(wanted == 2));
    else if (!wanted && first && first->image->is_integer != is_integer)
        lint_add(lint, LINT_NUMBERS, text_of(unit->path), 0,
                 "compile all for the firmware's kind of numbers", "has %s numbers, %s has %s ones",
                 number_words(is_integer), first->path, number_words(!is_integer));
}

static const char *size_text(struct arena *arena, uint64_t bytes)
{
    char text[NUMBER_TEXT_BYTES];
    number_text((int64_t)bytes, text);
    return arena_copy_string(arena, text);
}

void lint_check_size(struct lint *lint, const char *path, uint64_t image_bytes)
{
    uint64_t room = lint->settings->lfs_bytes;
    if (room && image_bytes > room)
        lint_add(
            lint, LINT_SIZE, text_of(path), 0,
            "make the partition larger, or leave modules out (frost size shows what they take)",
            "the image has %s bytes, the LFS partition %s: \"LFS Image too big for configured "
            "LFS region\"",
            size_text(lint->arena, image_bytes), size_text(lint->arena, room));
}

// What frost lfs check finds; the size and the numbers have rules of their own.
static void check_form(struct lint *lint, const struct lint_unit *unit)
{
    struct report *report = report_create(lint->arena, "lfs-check", 1, "");
    struct image_device device = {0};
    if (unit->image->form == IMAGE_CHUNK) {
        if (text_ends_with(text_of(unit->path), ".img"))
            lint_add(lint, LINT_IMAGE, text_of(unit->path), 0, "compile with -f",
                     "is a compiled chunk, no image: \"read error on LFS image file\"");
        return;
    }
    image_report_findings(unit->image, &device, report);
    for (const struct report_note *note = report->notes; note; note = note->next) {
        // "FILE: words"
        size_t skip = unit->image->file.bytes + 2;
        struct text words = note->text;
        if (words.bytes > skip)
            words = (struct text){words.data + skip, words.bytes - skip};
        if (note->kind == REPORT_FINDING)
            lint_add(lint, LINT_IMAGE, text_of(unit->path), 0, "frost lfs check tells more", "%.*s",
                     TEXT_ARGS(words));
    }
}

static void check_strings(struct lint *lint, const struct lint_unit *unit)
{
    uint32_t count = 0, bytes = 0;
    for (uint32_t i = 0; i < unit->image->string_count; i++)
        if (unit->image->strings[i].use_count == 0) {
            count++;
            bytes += unit->image->strings[i].bytes;
        }
    if (count)
        lint_add(lint, LINT_UNUSED_STRING, text_of(unit->path), 0,
                 "build the image again: frost luac leaves such strings out",
                 "%u strings of %u bytes are used by no function", (unsigned)count,
                 (unsigned)bytes);
}

void lint_images(struct lint *lint, const struct lint_uses *uses)
{
    const struct lint_unit *first = NULL;
    (void)uses;
    for (size_t i = 0; i < lint->unit_count; i++) {
        const struct lint_unit *unit = &lint->units[i];
        if (!unit->image || unit->source.data)
            continue;
        check_numbers(lint, unit, first);
        first = first ? first : unit;
        check_form(lint, unit);
        if (unit->image->form == IMAGE_CHUNK)
            continue;
        lint_check_size(lint, unit->path, unit->image->bytes);
        check_strings(lint, unit);
    }
}
