// image_build.c: labels, strings and functions of a model in the making.
//
// Reads and writes: the model. Memory: the caller's arena; vectors double.

#include "analyzer/image/image_build.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define STRINGS_EXPECTED 512u

void build_init(struct image_build *b, struct arena *arena, struct image *image,
                struct problem *problem)
{
    *b = (struct image_build){.arena = arena, .image = image, .problem = problem};
    b->labels = arena_alloc(arena, image->bytes);
    hash_table_init(&b->strings_by_text, arena, STRINGS_EXPECTED);
}

int build_fail(struct image_build *b, int status, uint64_t off, const char *format, ...)
{
    char message[sizeof b->problem->message];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    return problem_set(b->problem, status, b->image->file, off, "%s", message);
}

// Room for one more item of a vector; its place.
static void *grow(struct image_build *b, void *items, uint32_t count, uint32_t *room, size_t bytes)
{
    if (count < *room)
        return items;
    uint32_t more = *room ? 2 * *room : 64;
    items = arena_grow_array(b->arena, items, count, more, bytes);
    *room = more;
    return items;
}

static void add_span(struct image_build *b, struct image_span span)
{
    b->spans = grow(b, b->spans, b->span_count, &b->span_room, sizeof *b->spans);
    b->spans[b->span_count++] = span;
}

int build_claim(struct image_build *b, uint32_t off, uint32_t bytes, enum image_label label,
                int32_t function, int32_t string)
{
    assert(off <= b->image->bytes && bytes <= b->image->bytes - off);
    uint8_t mine = (uint8_t)(label + 1);
    for (uint32_t at = off; at < off + bytes;) {
        uint32_t begin = at;
        uint8_t owner = b->labels[at];
        while (at < off + bytes && b->labels[at] == owner)
            at++;
        if (owner == mine) {
            memset(b->labels + begin, mine | BUILD_SHARED, at - begin);
            b->image->shared_bytes += at - begin;
        } else if (owner == 0) {
            memset(b->labels + begin, mine, at - begin);
            int32_t module = function == IMAGE_NONE ? IMAGE_NONE : b->functions[function].module;
            add_span(b, (struct image_span){begin, at - begin, label, function, string, module});
        } else if (owner != (mine | BUILD_SHARED)) {
            unsigned other = (owner & ~BUILD_SHARED) - 1u;
            return build_fail(b, STATUS_DAMAGED, begin, "%s overlap %s", image_label_name(label),
                              image_label_name((enum image_label)other));
        }
    }
    return 0;
}

int32_t build_add_string(struct image_build *b, struct text text, uint32_t hash, uint32_t off)
{
    b->strings = grow(b, b->strings, b->string_count, &b->string_room, sizeof *b->strings);
    b->strings[b->string_count] = (struct image_string){
        .text = text, .hash = hash, .off = off, .module = IMAGE_NONE, .next = IMAGE_NONE};
    hash_table_add(&b->strings_by_text, hash_text(text), b->string_count);
    return (int32_t)b->string_count++;
}

int32_t build_find_string(const struct image_build *b, struct text text)
{
    uint32_t i;
    HASH_TABLE_EACH (&b->strings_by_text, hash_text(text), i)
        if (text_is_equal(b->strings[i].text, text))
            return (int32_t)i;
    return IMAGE_NONE;
}

void build_use_string(struct image_build *b, int32_t string, unsigned use, int32_t module)
{
    struct image_string *s = &b->strings[string];
    if (module != IMAGE_NONE) {
        if (s->module == IMAGE_NONE)
            s->module = module;
        else if (s->module != module)
            s->module = IMAGE_SHARED;
    }
    s->uses |= use;
    s->use_count++;
}

int32_t build_add_function(struct image_build *b)
{
    b->functions = grow(b, b->functions, b->function_count, &b->function_room,
                        sizeof *b->functions);
    b->functions[b->function_count] = (struct image_function){
        .parent = IMAGE_NONE, .module = IMAGE_NONE, .source = IMAGE_NONE};
    return (int32_t)b->function_count++;
}

// ---- functions of one line ----

// A main function, on line 0, begins each module.
#define VISITS_MAX 65536u // functions that share what is in them can be reached in many ways

struct numbering {
    struct image_function *functions;
    int32_t line; // of the function before
    uint32_t nth, visits;
};

static void number_from(struct numbering *numbering, int32_t index)
{
    struct image_function *f = &numbering->functions[index];
    if (++numbering->visits > VISITS_MAX)
        return;
    numbering->nth = f->line_defined == numbering->line ? numbering->nth + 1 : 1;
    numbering->line = f->line_defined;
    if (f->nth == 0)
        f->nth = numbering->nth;
    for (uint32_t i = 0; i < f->function_count; i++)
        number_from(numbering, f->functions[i]);
}

void build_number_functions(struct image_build *b)
{
    struct numbering numbering = {.functions = b->functions};
    number_from(&numbering, b->image->main);
}

static void claim_rest(struct image_build *b)
{
    for (uint32_t at = 0; at < b->image->bytes;) {
        uint32_t begin = at;
        while (at < b->image->bytes && b->labels[at] == 0)
            at++;
        if (at > begin)
            add_span(b, (struct image_span){begin, at - begin, IMAGE_UNKNOWN, IMAGE_NONE,
                                            IMAGE_NONE, IMAGE_NONE});
        else
            at++;
    }
}

static int compare_spans(const void *left, const void *right)
{
    uint32_t a = ((const struct image_span *)left)->off;
    uint32_t b = ((const struct image_span *)right)->off;
    return (a > b) - (a < b);
}

void build_finish(struct image_build *b)
{
    claim_rest(b);
    if (b->span_count)
        qsort(b->spans, b->span_count, sizeof *b->spans, compare_spans);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < b->span_count; i++) {
        struct image_span *span = &b->spans[i];
        assert(span->off == sum);
        sum += span->bytes;
        if (span->string == IMAGE_NONE)
            continue;
        b->strings[span->string].bytes += span->bytes;
        span->module = b->strings[span->string].module;
    }
    assert(sum == b->image->bytes);
    b->image->spans = b->spans;
    b->image->span_count = b->span_count;
    b->image->strings = b->strings;
    b->image->string_count = b->string_count;
    b->image->strings_by_text = b->strings_by_text;
    b->image->functions = b->functions;
    b->image->function_count = b->function_count;
    b->image->slots = b->slots;
    b->image->slot_count = b->slot_count;
}
