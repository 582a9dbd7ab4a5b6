// image_lines.c: packed line tables: which line each instruction stands on.
//
// Reads: the packed bytes. Memory: none. Format: runtime/format/lfs_image.h, line table.

#include "analyzer/image/image_build.h"

// One step through the table: the line and the number of instructions on it.
struct line_step {
    struct text lines;
    size_t at;
    int64_t line;
    uint32_t count;
};

// 1: a step was read; 0: end of the table; -1: it breaks the format.
static int next_step(struct line_step *step)
{
    const uint8_t *bytes = (const uint8_t *)step->lines.data;
    size_t end = step->lines.bytes, at = step->at;
    if (at == end || bytes[at] == 0 || bytes[at] == 0x7F)
        return 0;
    if (!(bytes[at] & 0x80)) {
        step->line++;
    } else {
        int is_back = bytes[at] & 0x40;
        int64_t value = bytes[at++] & 0x3F;
        for (int shift = 6; at < end && bytes[at] & 0x80; at++, shift += 7) {
            if (shift > 27)
                return -1;
            value |= (int64_t)(bytes[at] & 0x7F) << shift;
        }
        step->line += is_back ? -value : value + 2;
        if (at == end)
            return -1;
    }
    step->count = bytes[at];
    if (step->count < 1 || step->count > 126 || step->line < 0)
        return -1;
    step->at = at + 1;
    return 1;
}

int64_t image_count_lines(struct text lines)
{
    struct line_step step = {.lines = lines};
    int64_t count = 0;
    int more;
    while ((more = next_step(&step)) > 0)
        count += step.count;
    return more < 0 ? -1 : count;
}

int32_t image_function_line(const struct image_function *function, uint32_t pc)
{
    struct line_step step = {.lines = function->lines};
    uint32_t done = 0;
    while (next_step(&step) > 0) {
        done += step.count;
        if (pc < done)
            return (int32_t)step.line;
    }
    return 0;
}
