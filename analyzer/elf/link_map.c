// link_map.c: reads the map file of a GNU linker line by line.

#include "analyzer/elf/link_map.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/output.h"
#include "runtime/format/status.h"

#define MAP_BYTES_MAX (256u << 20)

enum chapter { CHAPTER_NONE, CHAPTER_REGIONS, CHAPTER_MEMORY };

struct map_reader {
    struct arena *arena;
    struct link_map *map;
    size_t region_room, section_room, part_room;
    enum chapter chapter;
    struct text name; // that stands alone on its line: address and size follow on the next
    bool is_section;  // whose name that is
};

#define ADD(r, items, count, room, item)                                                           \
    do {                                                                                           \
        if ((r)->map->count == (r)->room) {                                                        \
            (r)->room = (r)->room ? 2 * (r)->room : 256;                                           \
            (r)->map->items = arena_grow_array((r)->arena, (r)->map->items, (r)->map->count,       \
                                               (r)->room, sizeof *(r)->map->items);                \
        }                                                                                          \
        (r)->map->items[(r)->map->count++] = (item);                                               \
    } while (0)

// ---- words ----

static struct text next_word(struct text *line)
{
    size_t begin = 0, end;
    while (begin < line->bytes && isspace((unsigned char)line->data[begin]))
        begin++;
    for (end = begin; end < line->bytes && !isspace((unsigned char)line->data[end]);)
        end++;
    struct text word = {line->data + begin, end - begin};
    *line = (struct text){line->data + end, line->bytes - end};
    return word;
}

static struct text trimmed(struct text line)
{
    while (line.bytes && isspace((unsigned char)line.data[0]))
        line = (struct text){line.data + 1, line.bytes - 1};
    while (line.bytes && isspace((unsigned char)line.data[line.bytes - 1]))
        line.bytes--;
    return line;
}

// "0x40210000".
static bool read_number(struct text word, uint64_t *number)
{
    char digits[24], *end;
    if (word.bytes < 3 || word.bytes >= sizeof digits || word.data[0] != '0' || word.data[1] != 'x')
        return false;
    memcpy(digits, word.data, word.bytes);
    digits[word.bytes] = 0;
    errno = 0;
    *number = strtoull(digits, &end, 16);
    return *end == 0 && errno == 0;
}

static const char *copy(struct map_reader *r, struct text text)
{
    return arena_copy_text(r->arena, text).data;
}

// ---- regions ----

static void read_region(struct map_reader *r, struct text line)
{
    struct link_region region = {0};
    struct text name = next_word(&line), begin = next_word(&line), bytes = next_word(&line);
    struct text rights = next_word(&line);
    if (!read_number(begin, &region.begin) || !read_number(bytes, &region.bytes) ||
        text_is_equal(name, text_of("*default*")) || region.begin + region.bytes < region.begin)
        return;
    region.name = copy(r, name);
    region.has_rights = rights.bytes > 0;
    region.is_writable = rights.bytes && memchr(rights.data, 'w', rights.bytes);
    ADD(r, regions, region_count, region_room, region);
}

// ---- sections and their parts ----

static bool is_loaded(const struct link_map *map, uint64_t addr)
{
    for (size_t i = 0; i < map->region_count; i++)
        if (addr >= map->regions[i].begin && addr - map->regions[i].begin <= map->regions[i].bytes)
            return true;
    return map->region_count == 0 && addr != 0;
}

// A section that has overflowed its region begins behind it, but not far.
static bool is_near(const struct link_map *map, uint64_t addr)
{
    for (size_t i = 0; i < map->region_count; i++)
        if (addr >= map->regions[i].begin &&
            addr - map->regions[i].begin < 4 * map->regions[i].bytes)
            return true;
    return false;
}

static void begin_section(struct map_reader *r, struct text name, struct text line)
{
    struct link_section section = {.part_begin = r->map->part_count};
    struct text addr = next_word(&line), bytes = next_word(&line);
    if (!read_number(addr, &section.addr) || !read_number(bytes, &section.bytes) ||
        section.addr + section.bytes < section.addr ||
        !(is_loaded(r->map, section.addr) || is_near(r->map, section.addr)))
        return;
    section.name = copy(r, name);
    section.load_addr = section.addr;
    section.part_end = section.part_begin;
    line = trimmed(line);
    if (text_begins_with(line, "load address ")) {
        line = (struct text){line.data + 13, line.bytes - 13};
        (void)!read_number(next_word(&line), &section.load_addr);
    }
    ADD(r, sections, section_count, section_room, section);
}

static void add_part(struct map_reader *r, struct text name, struct text line)
{
    struct link_part part = {0};
    struct text addr = next_word(&line), bytes = next_word(&line), file = trimmed(line);
    struct link_section *section = r->map->section_count
                                       ? &r->map->sections[r->map->section_count - 1]
                                       : NULL;
    if (!section || !read_number(addr, &part.addr) || !read_number(bytes, &part.bytes) ||
        !file.bytes || part.bytes == 0 || part.addr < section->addr ||
        part.addr - section->addr > section->bytes ||
        part.bytes > section->bytes - (part.addr - section->addr))
        return;
    // Addresses go upwards; what does not is a note of the linker.
    if (section->part_end > section->part_begin) {
        const struct link_part *last = &r->map->parts[r->map->part_count - 1];
        if (part.addr < last->addr + last->bytes)
            return;
    }
    part.name = copy(r, name);
    part.file = copy(r, file);
    ADD(r, parts, part_count, part_room, part);
    section->part_end = r->map->part_count;
}

static void read_memory(struct map_reader *r, struct text line)
{
    bool is_indented = line.bytes && line.data[0] == ' ';
    struct text rest = line, word;
    uint64_t number;
    if (r->name.bytes) { // its figures follow
        struct text name = r->name;
        r->name = text_of(NULL);
        struct text probe = line;
        if (is_indented && read_number(next_word(&probe), &number)) {
            if (r->is_section)
                begin_section(r, name, line);
            else
                add_part(r, name, line);
            return;
        }
    }
    if (line.bytes == 0 || (is_indented && line.bytes > 1 && line.data[1] == ' '))
        return; // symbols, assignments
    word = next_word(&rest);
    if (word.bytes == 0 || (word.data[0] != '.' && !text_is_equal(word, text_of("COMMON"))) ||
        text_begins_with(word, "*"))
        return;
    if (!trimmed(rest).bytes) {
        r->name = word;
        r->is_section = !is_indented;
    } else if (is_indented) {
        add_part(r, word, rest);
    } else {
        begin_section(r, word, rest);
    }
}

static bool is_zero_name(const char *name)
{
    static const char *const names[] = {".bss",    ".sbss",  ".tbss",
                                        ".noinit", "COMMON", ".gnu.linkonce.b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

// Without parts its own name tells: room that is kept for a heap or stack.
static void find_zeros(struct link_map *map)
{
    for (size_t i = 0; i < map->section_count; i++) {
        struct link_section *section = &map->sections[i];
        section->is_zero = section->part_begin < section->part_end || is_zero_name(section->name) ||
                           strncmp(section->name, ".heap", 5) == 0 ||
                           strncmp(section->name, ".stack", 6) == 0;
        for (size_t p = section->part_begin; p < section->part_end; p++)
            section->is_zero &= is_zero_name(map->parts[p].name);
    }
}

// ---- the whole ----

static void read_line(struct map_reader *r, struct text line)
{
    if (text_begins_with(line, "Memory Configuration"))
        r->chapter = CHAPTER_REGIONS;
    else if (text_begins_with(line, "Linker script and memory map"))
        r->chapter = CHAPTER_MEMORY;
    else if (text_begins_with(line, "Cross Reference Table"))
        r->chapter = CHAPTER_NONE;
    else if (r->chapter == CHAPTER_REGIONS)
        read_region(r, line);
    else if (r->chapter == CHAPTER_MEMORY)
        read_memory(r, line);
}

int link_map_read(struct arena *arena, const char *path, struct link_map **map,
                  struct problem *problem)
{
    struct text content;
    int status = input_read(path, MAP_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    struct map_reader r = {.arena = arena, .map = ARENA_NEW(arena, struct link_map)};
    for (size_t at = 0; at < content.bytes;) {
        const char *end = memchr(content.data + at, '\n', content.bytes - at);
        size_t bytes = end ? (size_t)(end - content.data) - at : content.bytes - at;
        read_line(&r, (struct text){content.data + at, bytes});
        at += bytes + 1;
    }
    if (r.map->section_count == 0)
        return problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF,
                           "no map of a GNU linker, or one of a program without sections");
    r.map->file_bytes = content.bytes;
    find_zeros(r.map);
    *map = r.map;
    return STATUS_OK;
}

// ---- names ----

static struct text archive_path(struct text file)
{
    const char *open = file.bytes && file.data[file.bytes - 1] == ')'
                           ? memrchr(file.data, '(', file.bytes)
                           : NULL;
    return (struct text){file.data, open ? (size_t)(open - file.data) : 0};
}

struct text link_part_module(const struct link_part *part)
{
    struct text file = text_of(part->file), archive = archive_path(file);
    if (archive.bytes)
        return text_base_name(archive);
    size_t bytes = file.bytes - text_base_name(file).bytes;
    return bytes > 1 ? (struct text){file.data, bytes - 1} : text_of("(no directory)");
}

struct text link_part_object(const struct link_part *part)
{
    struct text file = text_of(part->file), archive = archive_path(file);
    if (!archive.bytes)
        return text_base_name(file);
    return (struct text){file.data + archive.bytes + 1, file.bytes - archive.bytes - 2};
}
