// image_query.c: questions to a finished model: sums, look-up by text and by place, words for it.
//
// Reads: the model. Memory: the caller's buffers.

#include <stdarg.h>
#include <stdio.h>

#include "analyzer/image/image_build.h"
#include "runtime/format/lfs_image.h"

#define EXCERPT_BYTES 40 // of a string in a description

// ---- sums ----

static void add_span(struct image_bytes *bytes, const struct image_span *span)
{
    bytes->by_label[span->label] += span->bytes;
    bytes->total += span->bytes;
}

void image_sum_module(const struct image *image, int32_t module, struct image_bytes *bytes)
{
    *bytes = (struct image_bytes){.total = 0};
    for (uint32_t i = 0; i < image->span_count; i++)
        if (module == IMAGE_ALL || image->spans[i].module == module)
            add_span(bytes, &image->spans[i]);
}

void image_sum_function(const struct image *image, int32_t function, struct image_bytes *bytes)
{
    *bytes = (struct image_bytes){.total = 0};
    for (uint32_t i = 0; i < image->span_count; i++)
        if (image->spans[i].function == function)
            add_span(bytes, &image->spans[i]);
}

// ---- look-up ----

int32_t image_find_string(const struct image *image, struct text text)
{
    uint32_t i;
    HASH_TABLE_EACH (&image->strings_by_text, hash_text(text), i)
        if (text_is_equal(image->strings[i].text, text))
            return (int32_t)i;
    return IMAGE_NONE;
}

int32_t image_find_module(const struct image *image, struct text name)
{
    for (uint32_t i = 0; i < image->module_count; i++)
        if (text_is_equal(image->modules[i].name, name))
            return (int32_t)i;
    return IMAGE_NONE;
}

// Where the item numbers of a span begin: the first byte of the vector or text that it is part of.
static uint32_t item_base(const struct image *image, const struct image_span *span)
{
    const struct image_function *f = span->function == IMAGE_NONE
                                         ? NULL
                                         : &image->functions[span->function];
    bool is_chunk = image->form == IMAGE_CHUNK;
    if (f && span->label == IMAGE_CODE && span->off >= f->code_off)
        return f->code_off;
    if (f && span->label == IMAGE_CONSTANTS && !is_chunk)
        return f->constants_off;
    if (f && span->label == IMAGE_FUNCTION_VECTORS && !is_chunk)
        return f->functions_off;
    return span->off;
}

static uint32_t item_bytes(const struct image *image, enum image_label label)
{
    switch (label) {
    case IMAGE_CONSTANTS:
        return image->form == IMAGE_CHUNK ? 1 : image->value_bytes;
    case IMAGE_LOCAL_NAMES:
        return image->form == IMAGE_CHUNK ? 1 : sizeof(struct lfs_local);
    case IMAGE_CODE:
    case IMAGE_HASH_VECTOR:
    case IMAGE_FUNCTION_VECTORS:
    case IMAGE_UPVALUE_NAMES:
    case IMAGE_HEADER:
    case IMAGE_FUNCTIONS:
    case IMAGE_STRING_HEADER:
        return 4;
    default:
        return 1;
    }
}

bool image_find_off(const struct image *image, uint32_t off, struct image_place *place)
{
    if (off >= image->bytes)
        return false;
    uint32_t low = 0, high = image->span_count; // spans[low] begins at or before off
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (image->spans[middle].off <= off)
            low = middle;
        else
            high = middle;
    }
    const struct image_span *span = &image->spans[low];
    uint32_t bytes = item_bytes(image, span->label), at = off - item_base(image, span);
    *place = (struct image_place){span, at / bytes, at % bytes};
    return true;
}

bool image_find_addr(const struct image *image, uint32_t base_addr, uint32_t addr,
                     struct image_place *place)
{
    return image_find_off(image, addr - base_addr, place);
}

// ---- words ----

struct writer {
    char *out;
    size_t bytes, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(w->out + w->used, w->bytes - w->used, format, list);
    va_end(list);
    if (n > 0)
        w->used = (size_t)n < w->bytes - w->used ? w->used + (size_t)n : w->bytes - 1;
}

static void put_text(struct writer *w, struct text text)
{
    size_t shown = text.bytes < EXCERPT_BYTES ? text.bytes : EXCERPT_BYTES;
    put(w, "\"");
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            put(w, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            put(w, "\\%03u", c);
        else
            put(w, "%c", c);
    }
    put(w, shown < text.bytes ? "\"..." : "\"");
}

static void put_function(struct writer *w, const struct image *image, int32_t index)
{
    const struct image_function *f = &image->functions[index];
    if (f->module == IMAGE_NONE) {
        put(w, "module index");
        return;
    }
    struct text source = {"?", 1};
    if (f->source != IMAGE_NONE && image->strings[f->source].text.bytes > 1)
        source = image->strings[f->source].text;
    if (source.bytes > 1 && (source.data[0] == '@' || source.data[0] == '=')) {
        source.data++;
        source.bytes--;
    }
    for (size_t i = 0; i < source.bytes && i < 200; i++)
        put(w, "%c", (unsigned char)source.data[i] < 0x20 ? '?' : source.data[i]);
    if (f->line_defined <= 0)
        put(w, " main");
    else if (f->nth > 1) // others begin on its line
        put(w, ":%d#%u", (int)f->line_defined, (unsigned)f->nth);
    else
        put(w, ":%d", (int)f->line_defined);
}

size_t image_function_name(const struct image *image, int32_t function, char *out, size_t out_bytes)
{
    struct writer w = {out, out_bytes, 0};
    put_function(&w, image, function);
    return w.used;
}

static void put_code(struct writer *w, const struct image *image, const struct image_place *place)
{
    const struct image_function *f = &image->functions[place->span->function];
    int32_t line = image_function_line(f, place->item);
    put(w, "code of ");
    put_function(w, image, place->span->function);
    put(w, ", instruction %u", (unsigned)place->item + 1);
    if (line)
        put(w, ", line %d", (int)line);
}

size_t image_describe(const struct image *image, const struct image_place *place, char *out,
                      size_t out_bytes)
{
    struct writer w = {out, out_bytes, 0};
    const struct image_span *span = place->span;
    if (span->label == IMAGE_CODE) {
        put_code(&w, image, place);
    } else if (span->string != IMAGE_NONE) {
        put(&w, span->label == IMAGE_STRING_TEXT ? "string " : "%s of ",
            image_label_name(span->label));
        put_text(&w, image->strings[span->string].text);
        if (span->label == IMAGE_STRING_TEXT && place->item)
            put(&w, " + %u", (unsigned)place->item);
    } else if (span->function != IMAGE_NONE) {
        put(&w, "%s of ", image_label_name(span->label));
        put_function(&w, image, span->function);
        if (span->label != IMAGE_FUNCTIONS)
            put(&w, ", item %u", (unsigned)place->item);
    } else {
        put(&w, "%s", image_label_name(span->label));
        if (span->label == IMAGE_HASH_VECTOR)
            put(&w, ", slot %u", (unsigned)place->item);
    }
    return w.used;
}
