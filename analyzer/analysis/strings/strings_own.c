// strings_own.c: see strings_own.h.

#include "analyzer/analysis/strings/strings_own.h"

#include <string.h>

#include "analyzer/base/lua_literal.h"

static const char own_mark[] = "-- own";
static const char not_mark[] = "-- not ";

bool strings_own_has(const struct text *list, uint32_t count, struct text text)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_is_equal(list[i], text))
            return true;
    return false;
}

static struct text trim(struct text line)
{
    while (line.bytes && (line.data[line.bytes - 1] == ' ' || line.data[line.bytes - 1] == '\r'))
        line.bytes--;
    while (line.bytes && (*line.data == ' ' || *line.data == '\t')) {
        line.data++;
        line.bytes--;
    }
    return line;
}

static bool begins(struct text line, const char *mark)
{
    size_t bytes = strlen(mark);
    return line.bytes >= bytes && memcmp(line.data, mark, bytes) == 0;
}

static bool ends(struct text line, const char *mark)
{
    size_t bytes = strlen(mark);
    return line.bytes >= bytes && memcmp(line.data + line.bytes - bytes, mark, bytes) == 0;
}

static struct text *add(struct arena *arena, struct text *list, uint32_t *count, struct text text)
{
    list = arena_grow_array(arena, list, *count, *count + 1, sizeof *list);
    list[(*count)++] = text;
    return list;
}

// The literals of one line. A line that ends inside of one is none of frost's.
static int read_line(struct text file, struct text line, struct arena *arena,
                     struct strings_own *own, struct problem *problem)
{
    struct lua_scan scan;
    struct lua_literal literal;
    bool is_removed = begins(line, not_mark);
    bool is_own = !is_removed && ends(line, own_mark);
    int more;
    if (is_removed) {
        line.data += sizeof not_mark - 1;
        line.bytes -= sizeof not_mark - 1;
    }
    lua_scan_init(&scan, arena, file, line);
    while ((more = lua_scan_next(&scan, &literal, problem)) > 0) {
        if (is_removed)
            own->removed = add(arena, own->removed, &own->removed_count, literal.bytes);
        else
            own->before = add(arena, own->before, &own->before_count, literal.bytes);
        if (is_own)
            own->added = add(arena, own->added, &own->added_count, literal.bytes);
    }
    return more;
}

int strings_own_read(struct text file, struct text source, struct arena *arena,
                     struct strings_own *own, struct problem *problem)
{
    int status = STATUS_OK;
    *own = (struct strings_own){0};
    while (source.bytes && status == STATUS_OK) {
        const char *end = memchr(source.data, '\n', source.bytes);
        size_t bytes = end ? (size_t)(end - source.data) : source.bytes;
        struct text line = trim((struct text){source.data, bytes});
        if (ends(line, own_mark) || begins(line, not_mark) || !begins(line, "--"))
            status = read_line(file, line, arena, own, problem);
        bytes += end != NULL;
        source.data += bytes;
        source.bytes -= bytes;
    }
    return status;
}
