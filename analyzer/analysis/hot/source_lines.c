// source_lines.c: finding a source, taking it apart.

#include "analyzer/analysis/hot/source_lines.h"

#include "analyzer/base/output.h"

#define SOURCE_BYTES_MAX (16u << 20)
#define TAB_COLUMNS 4u

bool source_is_same(struct text chunk, struct text file)
{
    struct text longer = chunk.bytes > file.bytes ? chunk : file;
    struct text shorter = chunk.bytes > file.bytes ? file : chunk;
    size_t head = longer.bytes - shorter.bytes;
    if (shorter.bytes == 0)
        return false;
    if (head > 0 && longer.data[head - 1] != '/')
        return false;
    return text_is_equal((struct text){longer.data + head, shorter.bytes}, shorter);
}

int source_read(const char *file, const char *directory, struct arena *arena, struct text *source,
                struct problem *problem)
{
    struct problem first = {0};
    const char *path = arena_format(arena, "%s/%s", directory, file);
    if (file[0] != '/' && input_read(path, SOURCE_BYTES_MAX, arena, source, &first) == STATUS_OK)
        return STATUS_OK;
    return input_read(file, SOURCE_BYTES_MAX, arena, source, problem);
}

// A line for a table: tabs as spaces, control characters as '?'.
static struct text printable(struct text line, struct arena *arena)
{
    char *out = arena_alloc(arena, line.bytes * TAB_COLUMNS + 1);
    size_t used = 0;
    for (size_t i = 0; i < line.bytes; i++) {
        unsigned char c = (unsigned char)line.data[i];
        if (c == '\t')
            do
                out[used++] = ' ';
            while (used % TAB_COLUMNS);
        else if (c != '\r')
            out[used++] = c < 32 || c == 127 ? '?' : (char)c;
    }
    return (struct text){out, used};
}

struct text source_next_line(struct text *source, struct arena *arena)
{
    const char *end = source->bytes ? memchr(source->data, '\n', source->bytes) : NULL;
    size_t bytes = end ? (size_t)(end - source->data) : source->bytes;
    struct text line = printable((struct text){source->data, bytes}, arena);
    bytes += end != NULL;
    *source = (struct text){source->data + bytes, source->bytes - bytes};
    return line;
}

uint32_t source_count_lines(struct text source)
{
    uint32_t lines = source.bytes > 0 && source.data[source.bytes - 1] != '\n';
    for (size_t i = 0; i < source.bytes; i++)
        lines += source.data[i] == '\n';
    return lines;
}
