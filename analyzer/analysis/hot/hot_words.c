// hot_words.c: names of objects and cells.

#include "analyzer/analysis/hot/hot_words.h"

#include <inttypes.h>

#include "analyzer/base/lua_literal.h"

#define EXCERPT_BYTES_MAX 48u

bool hot_object_is_named_string(const struct hot_object *object)
{
    return object->kind == HOT_OBJECT_STRING && (object->text.bytes > 0 || object->bytes == 0);
}

struct text hot_object_hash_words(const struct hot_object *object, struct arena *arena)
{
    return text_of(
        arena_format(arena, "%" PRIu32 " bytes, hash 0x%" PRIx64, object->bytes, object->hash));
}

struct text hot_object_words(const struct hot *hot, uint32_t idx, bool hides_text,
                             struct arena *arena)
{
    const struct hot_object *object = &hot->objects.items[idx];
    if (object->kind == HOT_OBJECT_UNKNOWN)
        return text_of("?");
    if (object->kind == HOT_OBJECT_LINES)
        return text_of(arena_format(arena, "lines of %.*s", TEXT_ARGS(object->text)));
    if (object->kind != HOT_OBJECT_STRING && object->kind != HOT_OBJECT_C_TEXT)
        return object->text;
    if (object->kind == HOT_OBJECT_STRING && (hides_text || !hot_object_is_named_string(object)))
        return hot_object_hash_words(object, arena);
    struct text text = object->text;
    bool is_cut = text.bytes > EXCERPT_BYTES_MAX;
    text.bytes = is_cut ? EXCERPT_BYTES_MAX : text.bytes;
    text = lua_literal_quote(arena, text);
    return is_cut ? text_of(arena_format(arena, "%.*s...", TEXT_ARGS(text))) : text;
}

const char *hot_object_kind_name(const struct hot_object *object)
{
    static const char *const names[] = {
        [HOT_OBJECT_UNKNOWN] = "not known",  [HOT_OBJECT_STRING] = "string",
        [HOT_OBJECT_LINES] = "line table",   [HOT_OBJECT_FUNCTION] = "function",
        [HOT_OBJECT_TABLE] = "string table", [HOT_OBJECT_C_TEXT] = "C text",
        [HOT_OBJECT_C_DATA] = "C data",      [HOT_OBJECT_C_CODE] = "C code, literals"};
    return names[object->kind];
}

struct text hot_cell_line(const struct hot *hot, const struct hot_cell *cell, struct arena *arena)
{
    if (hot_is_visit(cell->what))
        return text_of("(collector)");
    return site_line_name(arena, &hot->sites.items[cell->site]);
}

struct text hot_cell_function(const struct hot *hot, const struct hot_cell *cell)
{
    struct text function = hot->sites.items[cell->site].function;
    if (hot_is_visit(cell->what))
        return text_of("(collector)");
    if (!hot_is_content(cell->what) || function.bytes == 0)
        return text_of("(VM)");
    return function;
}
