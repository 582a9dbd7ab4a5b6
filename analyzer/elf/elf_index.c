// elf_index.c: builds the sorted arrays of an index and looks addresses up in them.
//
// Reads: the file through libelf; DWARF in elf_dwarf.c. Memory: results in the caller's arena,
// arrays that grow in one of its own, freed at the end.

#include "analyzer/elf/elf_index.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/elf/elf_private.h"
#include "runtime/format/status.h"

// ---- sections and symbols ----

static void read_code_sections(struct elf_builder *b)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(b->elf, section));) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR) ||
            !(header.sh_flags & SHF_ALLOC) || header.sh_size == 0)
            continue;
        elf_builder_code(b, header.sh_addr, header.sh_addr + header.sh_size);
    }
}

static int is_function(const GElf_Sym *symbol)
{
    int type = GELF_ST_TYPE(symbol->st_info), binding = GELF_ST_BIND(symbol->st_info);
    return symbol->st_shndx != SHN_UNDEF &&
           (type == STT_FUNC || (type == STT_NOTYPE && binding != STB_LOCAL));
}

static void read_symbols(struct elf_builder *b)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(b->elf, section));) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB ||
            header.sh_entsize == 0)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        size_t count = data ? header.sh_size / header.sh_entsize : 0;
        for (size_t i = 0; i < count; i++) {
            GElf_Sym symbol;
            if (!gelf_getsym(data, (int)i, &symbol) || !is_function(&symbol) ||
                !elf_builder_is_code(b, symbol.st_value))
                continue;
            struct elf_scope scope = {.parent = ELF_NO_SCOPE};
            scope.name = elf_builder_name(b, elf_strptr(b->elf, header.sh_link, symbol.st_name));
            // One byte for now where there is no size (assembly): stretch_symbols().
            uint64_t bytes = symbol.st_size ? symbol.st_size : 1;
            elf_builder_range(b, symbol.st_value, symbol.st_value + bytes,
                              elf_builder_scope(b, &scope), 0);
        }
    }
}

static char *hexadecimal(struct arena *arena, const uint8_t *bytes, size_t count)
{
    char *text = arena_alloc(arena, count * 2 + 1);
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[2 * count] = 0;
    return text;
}

// In place of a build-id: FNV-1a of what the file loads, with the addresses.
static const char *read_content_id(struct arena *arena, Elf *elf)
{
    uint64_t hash = 0xcbf29ce484222325u;
    size_t section_count = 0;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        Elf_Data *data;
        if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_ALLOC) ||
            header.sh_type == SHT_NOBITS || !(data = elf_getdata(section, NULL)) || !data->d_buf)
            continue;
        hash = (hash ^ header.sh_addr) * 0x100000001b3u;
        const uint8_t *bytes = data->d_buf;
        for (size_t i = 0; i < data->d_size; i++)
            hash = (hash ^ bytes[i]) * 0x100000001b3u;
        section_count++;
    }
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(hash >> (56 - 8 * i));
    return section_count ? hexadecimal(arena, bytes, sizeof bytes) : NULL;
}

static const char *read_build_id(struct arena *arena, Elf *elf)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        Elf_Data *data;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
            !(data = elf_getdata(section, NULL)))
            continue;
        GElf_Nhdr note;
        size_t name_off, id_off;
        for (size_t at = 0; (at = gelf_getnote(data, at, &note, &name_off, &id_off)) > 0;) {
            if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
                memcmp((const char *)data->d_buf + name_off, "GNU", 4) != 0)
                continue;
            return hexadecimal(arena, (const uint8_t *)data->d_buf + id_off, note.n_descsz);
        }
    }
    return read_content_id(arena, elf);
}

// ---- from what was read to sorted arrays ----

// A symbol without a size holds up to the next one or the end of its section. Only symbols have
// been read so far.
static void stretch_symbols(struct elf_builder *b)
{
    if (b->range_count == 0)
        return;
    elf_ranges_sort(b->ranges, b->range_count);
    uint64_t next = UINT64_MAX, behind = UINT64_MAX;
    for (size_t i = b->range_count; i-- > 0;) {
        struct elf_range *range = &b->ranges[i];
        if (i + 1 < b->range_count && b->ranges[i + 1].begin != range->begin)
            next = b->ranges[i + 1].begin;
        if (range->end - range->begin > 1)
            continue;
        for (size_t k = 0; k < b->code_count; k++)
            if (range->begin - b->code[k].begin < b->code[k].end - b->code[k].begin)
                behind = b->code[k].end;
        range->end = next < behind ? next : behind;
    }
}

static int compare_rows(const void *x, const void *y)
{
    const struct elf_row *a = x, *b = y;
    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    int a_ends = a->file == NULL, b_ends = b->file == NULL;
    if (a_ends != b_ends)
        return b_ends - a_ends; // one sequence ends, then the next one begins
    return a->order < b->order ? -1 : a->order > b->order;
}

static void flatten(struct elf_builder *b, struct elf_index *index)
{
    struct elf_stretch_list list = elf_ranges_flatten(b->arena, b->scratch, b->ranges,
                                                      b->range_count);
    index->stretches = list.items;
    index->figures.range_count = (uint32_t)list.count;
}

static void sort_rows(struct elf_builder *b, struct elf_index *index)
{
    if (b->row_count)
        qsort(b->rows, b->row_count, sizeof *b->rows, compare_rows);
    struct elf_row *rows = ARENA_NEW_ARRAY(b->arena, struct elf_row, b->row_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < b->row_count; i++) {
        if (count && rows[count - 1].addr == b->rows[i].addr)
            count--; // the last row of an address is the one with code after it
        if (count && rows[count - 1].file == b->rows[i].file &&
            rows[count - 1].line == b->rows[i].line)
            continue;
        rows[count++] = b->rows[i];
    }
    index->rows = rows;
    index->figures.row_count = (uint32_t)count;
}

static void build(struct elf_builder *b, struct elf_index *index)
{
    read_code_sections(b);
    read_symbols(b);
    stretch_symbols(b);
    elf_dwarf_read(b);
    flatten(b, index);
    sort_rows(b, index);
    struct elf_scope *scopes = ARENA_NEW_ARRAY(b->arena, struct elf_scope, b->scope_count + 1);
    if (b->scope_count)
        memcpy(scopes, b->scopes, b->scope_count * sizeof *scopes);
    index->scopes = scopes;
    index->figures.scope_count = (uint32_t)b->scope_count;
    index->figures.unit_count = b->unit_count;
    struct elf_source *sources = ARENA_NEW_ARRAY(b->arena, struct elf_source, b->source_count + 1);
    if (b->source_count)
        memcpy(sources, b->sources, b->source_count * sizeof *sources);
    index->sources = sources;
    index->source_count = (uint32_t)b->source_count;
    const char *id = read_build_id(b->arena, b->elf);
    index->build_id = id ? id : "";
}

// ---- opening ----

static Elf *begin(int fd)
{
    if (elf_version(EV_CURRENT) == EV_NONE)
        return NULL;
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF)
        return elf;
    elf_end(elf);
    return NULL;
}

static int open_index(struct arena *arena, const char *path, bool has_lines,
                      struct elf_index **index, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, text_of(path),
                           PROBLEM_NO_OFF, "cannot open: %s", strerror(errno));
    Elf *elf = begin(fd);
    size_t section_count;
    if (!elf || elf_getshdrnum(elf, &section_count) != 0 || section_count == 0) {
        int status = problem_set(problem, STATUS_DAMAGED, text_of(path), PROBLEM_NO_OFF, "%s",
                                 elf ? "an ELF file without sections, or cut off"
                                     : "not an ELF file");
        elf_end(elf);
        close(fd);
        return status;
    }
    struct arena scratch, paths;
    arena_init(&scratch);
    arena_init(&paths);
    struct elf_builder *b = ARENA_NEW(&scratch, struct elf_builder);
    elf_builder_init(b, arena, &scratch, &paths, elf);
    b->has_lines = has_lines;
    struct elf_index *made = ARENA_NEW(arena, struct elf_index);
    *made = (struct elf_index){0};
    build(b, made);
    arena_deinit(&paths);
    arena_deinit(&scratch);
    elf_end(elf);
    close(fd);
    *index = made;
    return STATUS_OK;
}

int elf_index_open(struct arena *arena, const char *path, struct elf_index **index,
                   struct problem *problem)
{
    return open_index(arena, path, true, index, problem);
}

int elf_index_open_scopes(struct arena *arena, const char *path, struct elf_index **index,
                          struct problem *problem)
{
    return open_index(arena, path, false, index, problem);
}

const char *elf_build_id_read(struct arena *arena, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = fd >= 0 ? begin(fd) : NULL;
    const char *id = elf ? read_build_id(arena, elf) : NULL;
    elf_end(elf);
    if (fd >= 0)
        close(fd);
    return id;
}

// ---- look-ups ----

// The row that holds the address; NULL: none.
static const struct elf_row *find_row(const struct elf_index *index, uint64_t addr)
{
    size_t low = 0, high = index->figures.row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->rows[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &index->rows[low - 1] : NULL;
}

static uint32_t scope_at(const struct elf_index *index, uint64_t addr)
{
    ptrdiff_t at = elf_stretch_find(index->stretches, index->figures.range_count, addr);
    return at < 0 ? ELF_NO_SCOPE : index->stretches[at].label;
}

int elf_index_find(const struct elf_index *index, uint64_t addr, struct elf_frame *frame)
{
    *frame = (struct elf_frame){0};
    uint32_t scope = scope_at(index, addr);
    if (scope != ELF_NO_SCOPE)
        frame->function = index->scopes[scope].name;
    const struct elf_row *row = find_row(index, addr);
    if (row) {
        frame->file = row->file;
        frame->line = row->line;
    }
    return frame->function != NULL || frame->file != NULL;
}

size_t elf_index_chain(const struct elf_index *index, uint64_t addr, struct elf_frame *frames,
                       size_t frames_max)
{
    if (frames_max == 0 || !elf_index_find(index, addr, &frames[0]))
        return 0;
    size_t count = 1;
    uint32_t scope = scope_at(index, addr);
    while (scope != ELF_NO_SCOPE && count < frames_max) {
        const struct elf_scope *inner = &index->scopes[scope];
        assert(inner->parent == ELF_NO_SCOPE || inner->parent < scope);
        if (inner->parent == ELF_NO_SCOPE)
            break;
        scope = inner->parent;
        frames[count++] = (struct elf_frame){
            .function = index->scopes[scope].name,
            .file = inner->call_file,
            .line = inner->call_line,
        };
    }
    return count;
}

const char *elf_index_directory(const struct elf_index *index, const char *file)
{
    for (uint32_t i = 0; i < index->source_count; i++)
        if (index->sources[i].file == file)
            return index->sources[i].directory;
    return NULL;
}

const char *elf_index_file(const struct elf_index *index, uint32_t n)
{
    return n < index->source_count ? index->sources[n].file : NULL;
}

const char *elf_index_build_id(const struct elf_index *index)
{
    return index->build_id;
}

struct elf_figures elf_index_figures(const struct elf_index *index)
{
    return index->figures;
}

void elf_index_range(const struct elf_index *index, uint32_t n, uint64_t *begin_addr,
                     uint64_t *end_addr)
{
    assert(n < index->figures.range_count);
    *begin_addr = index->stretches[n].addr;
    *end_addr = n + 1 < index->figures.range_count ? index->stretches[n + 1].addr : *begin_addr;
}
