// size_gaps.c: tells apart bytes that no symbol names.

#include "analyzer/analysis/size/size_gaps.h"

#include <elf.h>
#include <string.h>

#include "analyzer/elf/elf_image.h"

#define PADDING_BYTES_MAX 63u // between symbols: alignments are up to 64
#define TEXT_BYTES_MIN 2u     // shorter runs of printable bytes are numbers more often than texts
#define WORD_BYTES 4u

static bool is_text_byte(uint8_t byte)
{
    return (byte >= 32 && byte != 127) || (byte >= '\a' && byte <= '\r') || byte == 27;
}

// The length of the text at the begin of the bytes, without its NUL; 0: there is none.
static size_t text_bytes(const uint8_t *bytes, uint64_t count)
{
    uint64_t n = 0, ascii = 0;
    while (n < count && is_text_byte(bytes[n]))
        ascii += bytes[n++] < 128;
    // Bytes of other alphabets come several together; alone they are numbers.
    return n >= TEXT_BYTES_MIN && n < count && bytes[n] == 0 && 2 * ascii >= n ? (size_t)n : 0;
}

// Tables with a form of their own, in which texts and zeros mean nothing.
static bool is_table(const struct elf_area *area)
{
    static const char *const names[] = {".eh_frame", ".eh_frame_hdr", ".gcc_except_table",
                                        ".interp",   ".plt",          ".got"};
    if (area->type != SHT_PROGBITS)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(area->name, names[i]) == 0)
            return true;
    return false;
}

static struct size_gap zeros_or_unknown(const uint8_t *bytes, uint64_t count)
{
    uint64_t n = 0;
    while (n < count && bytes[n] == 0)
        n++;
    if (n)
        return (struct size_gap){
            n <= PADDING_BYTES_MAX || n == count ? SIZE_GAP_PADDING : SIZE_GAP_UNKNOWN, n, {0}};
    // Up to the next text or run of zeros that a word could not have.
    for (n = 1; n < count; n++)
        if (bytes[n - 1] == 0 && text_bytes(bytes + n, count - n) > WORD_BYTES)
            break;
    return (struct size_gap){SIZE_GAP_UNKNOWN, n, {0}};
}

static struct size_gap constant(const uint8_t *bytes, uint64_t count)
{
    size_t text = text_bytes(bytes, count);
    if (text)
        return (struct size_gap){SIZE_GAP_TEXT, text + 1, {(const char *)bytes, text}};
    return zeros_or_unknown(bytes, count);
}

struct size_gap size_gap_next(const struct size_gap_place *place, uint64_t addr, uint64_t end)
{
    const struct elf_layout *layout = place->layout;
    const struct elf_piece *piece = place->piece;
    const struct elf_area *area = place->area;
    uint64_t count = end - addr;
    struct size_gap gap = {SIZE_GAP_UNKNOWN, count, {0}};
    const uint8_t *bytes = elf_layout_bytes(layout, piece, addr, count);
    if (!area) {
        uint64_t off = piece->file_off + (addr - piece->begin);
        if (bytes && off < layout->headers_end) {
            gap.kind = SIZE_GAP_HEADERS;
            gap.bytes = layout->headers_end - off < count ? layout->headers_end - off : count;
        } else if (count <= PADDING_BYTES_MAX || !bytes) {
            gap.kind = SIZE_GAP_PADDING;
        } else {
            gap = zeros_or_unknown(bytes, count);
        }
    } else if (addr == area->begin && end == area->end && (area->is_code || !bytes)) {
        gap.kind = SIZE_GAP_SECTION;
    } else if (area->is_code && count < WORD_BYTES) {
        gap.kind = SIZE_GAP_PADDING;
    } else if (area->is_code && layout->machine == ELF_MACHINE_XTENSA) {
        gap.kind = SIZE_GAP_LITERALS;
    } else if (is_table(area)) {
        gap.kind = area->type == SHT_NOBITS ? SIZE_GAP_UNKNOWN : SIZE_GAP_SECTION;
        if (area->type == SHT_NOBITS && count <= PADDING_BYTES_MAX)
            gap.kind = SIZE_GAP_PADDING;
    } else if (area->is_code || area->is_writable || !bytes) {
        gap.kind = count <= PADDING_BYTES_MAX ? SIZE_GAP_PADDING : SIZE_GAP_UNKNOWN;
    } else {
        gap = constant(bytes, count);
    }
    return gap;
}

const char *size_gap_name(struct arena *arena, const struct size_gap_place *place,
                          const struct size_gap *gap)
{
    static const char *const names[] = {
        [SIZE_GAP_TEXT] = "(string literals)", [SIZE_GAP_LITERALS] = "(literals of code)",
        [SIZE_GAP_PADDING] = "(padding)",      [SIZE_GAP_HEADERS] = "(headers)",
        [SIZE_GAP_UNKNOWN] = "(unknown)",
    };
    if (gap->kind == SIZE_GAP_SECTION)
        return arena_format(arena, "[%s]", place->area->name);
    return names[gap->kind];
}
