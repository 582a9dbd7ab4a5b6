// elf_layout.c: program headers, sections and symbols of a linked ELF file.

#include "analyzer/elf/elf_layout.h"

#include <ar.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/elf/elf_ranges.h"
#include "runtime/format/status.h"

#define SYMBOLS_MAX (16u << 20)
#define MEMORY_BYTES_MAX ((uint64_t)1 << 60) // of all segments: sums of a few files fit a number

static int damaged(const struct elf_layout *layout, uint64_t off, struct problem *problem,
                   const char *what)
{
    return problem_set(problem, STATUS_DAMAGED, text_of(layout->path), off, "%s", what);
}

// ---- segments ----

static int compare_pieces(const void *x, const void *y)
{
    const struct elf_piece *a = x, *b = y;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end < b->end) - (a->end > b->end);
}

static void add_piece(struct elf_layout *layout, struct elf_piece piece)
{
    if (piece.begin < piece.end)
        layout->pieces[layout->piece_count++] = piece;
}

// Cuts what lies over an earlier piece.
static void part_pieces(struct elf_layout *layout)
{
    uint64_t end = 0;
    size_t kept = 0;
    if (layout->piece_count)
        qsort(layout->pieces, layout->piece_count, sizeof *layout->pieces, compare_pieces);
    for (size_t i = 0; i < layout->piece_count; i++) {
        struct elf_piece piece = layout->pieces[i];
        uint64_t cut = piece.begin < end ? (piece.end < end ? piece.end : end) - piece.begin : 0;
        piece.begin += cut;
        piece.file_off += cut;
        layout->overlapping_bytes += cut;
        if (piece.begin >= piece.end)
            continue;
        end = piece.end;
        layout->pieces[kept++] = piece;
    }
    layout->piece_count = kept;
}

static int read_segments(struct arena *arena, struct elf_layout *layout, struct problem *problem)
{
    size_t count;
    if (elf_getphdrnum(layout->elf, &count) != 0)
        return damaged(layout, PROBLEM_NO_OFF, problem, "the program headers are cut off");
    layout->pieces = ARENA_NEW_ARRAY(arena, struct elf_piece, 2 * count + 1);
    for (size_t i = 0, total = 0; i < count; i++) {
        GElf_Phdr head;
        if (!gelf_getphdr(layout->elf, (int)i, &head))
            return damaged(layout, PROBLEM_NO_OFF, problem, "the program headers are cut off");
        if (head.p_type != PT_LOAD)
            continue;
        bool is_huge = head.p_memsz > MEMORY_BYTES_MAX || total > MEMORY_BYTES_MAX - head.p_memsz;
        if (is_huge || head.p_filesz > head.p_memsz || head.p_vaddr + head.p_memsz < head.p_vaddr)
            return damaged(layout, head.p_offset, problem, "a segment with impossible sizes");
        if (head.p_offset > layout->file_bytes ||
            head.p_filesz > layout->file_bytes - head.p_offset)
            return damaged(layout, head.p_offset, problem, "a segment that is cut off");
        total += head.p_memsz;
        uint64_t zeros = head.p_vaddr + head.p_filesz;
        struct elf_piece piece = {head.p_vaddr,
                                  zeros,
                                  head.p_offset,
                                  true,
                                  (head.p_flags & PF_W) != 0,
                                  (head.p_flags & PF_X) != 0};
        add_piece(layout, piece);
        piece.begin = zeros;
        piece.end = head.p_vaddr + head.p_memsz;
        piece.is_in_file = false;
        add_piece(layout, piece);
    }
    if (layout->piece_count == 0)
        return damaged(layout, PROBLEM_NO_OFF, problem, "an ELF file that loads nothing");
    part_pieces(layout);
    return STATUS_OK;
}

// ---- sections, and what the file's bytes are ----

static enum elf_use use_of(const GElf_Shdr *head, const char *name)
{
    if (head->sh_flags & SHF_ALLOC)
        return ELF_USE_LOADED;
    if (head->sh_type == SHT_SYMTAB || head->sh_type == SHT_STRTAB)
        return ELF_USE_SYMBOLS;
    if (strncmp(name, ".debug_", 7) == 0 || strncmp(name, ".zdebug_", 8) == 0 ||
        strncmp(name, ".gnu_debug", 10) == 0)
        return ELF_USE_DEBUG;
    return ELF_USE_OTHER;
}

static void read_debug_link(struct elf_layout *layout, Elf_Scn *section)
{
    Elf_Data *data = elf_getdata(section, NULL);
    if (data && data->d_buf && memchr(data->d_buf, 0, data->d_size))
        layout->debug_link = data->d_buf;
}

static int compare_areas(const void *x, const void *y)
{
    const struct elf_area *a = x, *b = y;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

static void read_section(struct elf_layout *layout, Elf_Scn *section, const GElf_Shdr *head,
                         const char *name, struct elf_range *uses, size_t *use_count)
{
    if (head->sh_type != SHT_NOBITS && head->sh_size && head->sh_offset < layout->file_bytes) {
        uint64_t room = layout->file_bytes - head->sh_offset;
        uint64_t bytes = head->sh_size < room ? head->sh_size : room;
        uses[(*use_count)++] = (struct elf_range){head->sh_offset, head->sh_offset + bytes,
                                                  use_of(head, name), 1};
    }
    if (strcmp(name, ".gnu_debuglink") == 0)
        read_debug_link(layout, section);
    layout->has_debug_info |= strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0;
    if (!(head->sh_flags & SHF_ALLOC) || head->sh_size == 0 ||
        head->sh_addr + head->sh_size < head->sh_addr)
        return;
    if (head->sh_flags & SHF_TLS && head->sh_type == SHT_NOBITS) {
        layout->thread_zero_bytes += head->sh_size;
        return;
    }
    layout->areas[layout->area_count++] = (struct elf_area){
        name,
        head->sh_addr,
        head->sh_addr + head->sh_size,
        head->sh_type,
        head->sh_type != SHT_NOBITS,
        (head->sh_flags & SHF_WRITE) != 0,
        (head->sh_flags & SHF_EXECINSTR) != 0,
    };
}

static void sum_uses(struct arena *arena, struct elf_layout *layout, struct elf_range *uses,
                     size_t count)
{
    struct elf_stretch_list list = elf_ranges_flatten(arena, arena, uses, count);
    uint64_t at = 0, label = ELF_USE_UNUSED;
    for (size_t i = 0; i <= list.count; i++) {
        uint64_t next = i < list.count ? list.items[i].addr : layout->file_bytes;
        if (next > layout->file_bytes)
            next = layout->file_bytes;
        if (next > at)
            layout->use_bytes[label] += next - at;
        at = next;
        if (i < list.count)
            label = list.items[i].label == ELF_NO_LABEL ? ELF_USE_UNUSED : list.items[i].label;
    }
}

// Without sections the segments say what is loaded.
static size_t use_segments(const struct elf_layout *layout, struct elf_range *uses)
{
    size_t count = 0;
    for (size_t i = 0; i < layout->piece_count; i++) {
        const struct elf_piece *piece = &layout->pieces[i];
        if (piece->is_in_file)
            uses[count++] = (struct elf_range){
                piece->file_off, piece->file_off + (piece->end - piece->begin), ELF_USE_LOADED, 0};
    }
    return count;
}

static int read_sections(struct arena *arena, struct elf_layout *layout, struct problem *problem)
{
    size_t names = 0, count = 0;
    GElf_Ehdr head;
    if (!gelf_getehdr(layout->elf, &head))
        return damaged(layout, 0, problem, "an ELF file that is cut off");
    bool has_sections = elf_getshdrnum(layout->elf, &count) == 0 &&
                        elf_getshdrstrndx(layout->elf, &names) == 0;
    if (!has_sections && head.e_shoff)
        return damaged(layout, head.e_shoff, problem, "the section headers are cut off");
    struct elf_range *uses = ARENA_NEW_ARRAY(arena, struct elf_range,
                                             count + layout->piece_count + 3);
    size_t use_count = 0;
    layout->headers_end = head.e_ehsize + (uint64_t)head.e_phentsize * head.e_phnum;
    layout->areas = ARENA_NEW_ARRAY(arena, struct elf_area, count + 1);
    if (count == 0)
        use_count = use_segments(layout, uses);
    uint64_t table = (uint64_t)head.e_shentsize * count;
    if (table && head.e_shoff < layout->file_bytes)
        uses[use_count++] = (struct elf_range){head.e_shoff, head.e_shoff + table, ELF_USE_HEADERS,
                                               2};
    uses[use_count++] = (struct elf_range){0, layout->headers_end, ELF_USE_HEADERS, 2};
    for (Elf_Scn *at = NULL; (at = elf_nextscn(layout->elf, at));) {
        GElf_Shdr section;
        if (!gelf_getshdr(at, &section) || section.sh_type == SHT_NULL)
            continue;
        const char *name = elf_strptr(layout->elf, names, section.sh_name);
        read_section(layout, at, &section, name ? name : "?", uses, &use_count);
    }
    sum_uses(arena, layout, uses, use_count);
    if (layout->area_count)
        qsort(layout->areas, layout->area_count, sizeof *layout->areas, compare_areas);
    return STATUS_OK;
}

// ---- symbols ----

static const struct elf_area *area_at(const struct elf_layout *layout, uint64_t addr)
{
    size_t low = 0, high = layout->area_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (layout->areas[middle].begin <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low && addr < layout->areas[low - 1].end ? &layout->areas[low - 1] : NULL;
}

// Among names of the same bytes: global ones first, then weak ones, then the order of the file.
struct candidate {
    struct elf_named named;
    unsigned rank;
    uint32_t order;
};

static int compare_candidates(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->named.addr != b->named.addr)
        return a->named.addr < b->named.addr ? -1 : 1;
    if (a->named.bytes != b->named.bytes)
        return a->named.bytes > b->named.bytes ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

// A label without a size holds up to the next symbol or the end of its section: functions of
// assembly. Labels inside of a symbol with a size, and labels of data (ends of sections), go.
static void stretch_labels(const struct elf_layout *layout, struct candidate *list, size_t count)
{
    uint64_t next = UINT64_MAX, covered = 0;
    for (size_t i = count; i-- > 0;) {
        struct elf_named *named = &list[i].named;
        const struct elf_area *area = named->bytes ? NULL : area_at(layout, named->addr);
        if (area && area->is_code)
            named->bytes = (next < area->end ? next : area->end) - named->addr;
        if (i && list[i - 1].named.addr != named->addr)
            next = named->addr;
    }
    for (size_t i = 0; i < count; i++) {
        struct elf_named *named = &list[i].named;
        bool is_label = !named->is_function && list[i].rank >= 4;
        if (is_label && named->addr < covered)
            named->bytes = 0;
        if (named->addr + named->bytes > covered)
            covered = named->addr + named->bytes;
    }
}

static void keep_symbols(struct arena *arena, struct elf_layout *layout, struct candidate *list,
                         size_t count)
{
    if (count)
        qsort(list, count, sizeof *list, compare_candidates);
    stretch_labels(layout, list, count);
    layout->symbols = ARENA_NEW_ARRAY(arena, struct elf_named, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct elf_named *last = layout->symbol_count ? &layout->symbols[layout->symbol_count - 1]
                                                      : NULL;
        if (list[i].named.bytes == 0)
            continue;
        if (last && last->addr == list[i].named.addr && last->bytes == list[i].named.bytes)
            last->alias_count++;
        else
            layout->symbols[layout->symbol_count++] = list[i].named;
    }
}

static bool takes_bytes(const GElf_Sym *symbol, bool is_label)
{
    int type = GELF_ST_TYPE(symbol->st_info);
    if (symbol->st_shndx == SHN_UNDEF ||
        (symbol->st_shndx >= SHN_LORESERVE && symbol->st_shndx != SHN_XINDEX))
        return false;
    if (type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC)
        return true;
    return type == STT_NOTYPE && (symbol->st_size || is_label);
}

// A name of assembly that another file can call, or one that is not of the assembler itself.
static bool is_label(const GElf_Sym *symbol, const char *name)
{
    return GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE && symbol->st_size == 0 &&
           GELF_ST_BIND(symbol->st_info) != STB_LOCAL && name[0] != '.' && name[0] != '$';
}

static void read_symbols(struct arena *arena, struct arena *scratch, struct elf_layout *layout,
                         Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && head->sh_entsize ? data->d_size / head->sh_entsize : 0;
    if (count > SYMBOLS_MAX)
        count = SYMBOLS_MAX;
    struct candidate *list = ARENA_NEW_ARRAY(scratch, struct candidate, count + 1);
    size_t kept = 0;
    uint32_t file = ELF_NO_FILE;
    layout->files = ARENA_NEW_ARRAY(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            continue;
        const char *name = elf_strptr(elf, head->sh_link, symbol.st_name);
        bool is_local = GELF_ST_BIND(symbol.st_info) == STB_LOCAL;
        if (GELF_ST_TYPE(symbol.st_info) == STT_FILE) {
            file = name && *name ? (uint32_t)layout->file_count : ELF_NO_FILE;
            if (file != ELF_NO_FILE)
                layout->files[layout->file_count++] = name;
            continue;
        }
        bool label = name && is_label(&symbol, name);
        if (!name || !*name || !takes_bytes(&symbol, label) ||
            symbol.st_value + symbol.st_size < symbol.st_value ||
            GELF_ST_TYPE(symbol.st_info) == STT_TLS)
            continue;
        int type = GELF_ST_TYPE(symbol.st_info);
        unsigned rank = GELF_ST_BIND(symbol.st_info) == STB_GLOBAL ? 0 : is_local ? 2 : 1;
        list[kept++] = (struct candidate){
            .named = {.name = name,
                      .addr = symbol.st_value,
                      .bytes = symbol.st_size,
                      .file = is_local ? file : ELF_NO_FILE,
                      .is_global = !is_local,
                      .is_function = type == STT_FUNC || type == STT_GNU_IFUNC},
            .rank = rank + (type == STT_NOTYPE ? 4 : 0),
            .order = (uint32_t)i,
        };
    }
    keep_symbols(arena, layout, list, kept);
}

// Result: false if the file has no table of that type.
static bool read_table(struct arena *arena, struct elf_layout *layout, Elf *elf, unsigned type)
{
    for (Elf_Scn *at = NULL; elf && (at = elf_nextscn(elf, at));) {
        GElf_Shdr head;
        if (!gelf_getshdr(at, &head) || head.sh_type != type)
            continue;
        struct arena scratch;
        arena_init(&scratch);
        read_symbols(arena, &scratch, layout, elf, at, &head);
        arena_deinit(&scratch);
        return true;
    }
    return false;
}

static void read_symbol_table(struct arena *arena, struct elf_layout *layout)
{
    layout->has_symbol_table = read_table(arena, layout, layout->elf, SHT_SYMTAB) ||
                               read_table(arena, layout, layout->debug, SHT_SYMTAB);
    if (!layout->has_symbol_table)
        (void)!read_table(arena, layout, layout->elf, SHT_DYNSYM);
}

// ---- opening ----

static int read_all(struct arena *arena, struct elf_layout *layout, const char *debug_path,
                    struct problem *problem)
{
    GElf_Ehdr head;
    size_t bytes = 0;
    layout->bytes = (const uint8_t *)elf_rawfile(layout->elf, &bytes);
    layout->file_bytes = bytes;
    if (!layout->bytes || !gelf_getehdr(layout->elf, &head))
        return damaged(layout, PROBLEM_NO_OFF, problem, "an ELF file that is cut off");
    layout->machine = head.e_machine;
    layout->entry = head.e_entry;
    if (head.e_type == ET_REL)
        return damaged(layout, PROBLEM_NO_OFF, problem,
                       "an object file or a kernel module, whose bytes have no addresses yet: give "
                       "the program that it is linked into");
    if (head.e_type != ET_EXEC && head.e_type != ET_DYN)
        return damaged(layout, PROBLEM_NO_OFF, problem, "an ELF file that is no program");
    int status = read_segments(arena, layout, problem);
    if (status == STATUS_OK)
        status = read_sections(arena, layout, problem);
    if (status == STATUS_OK && (debug_path || !layout->has_debug_info))
        status = elf_debug_file_open(arena, layout, debug_path, problem);
    if (status == STATUS_OK)
        read_symbol_table(arena, layout);
    return status;
}

int elf_layout_open(struct arena *arena, const char *path, const char *debug_path,
                    struct elf_layout **layout, struct problem *problem)
{
    struct elf_layout *made = ARENA_NEW(arena, struct elf_layout);
    made->path = path;
    made->debug_fd = -1;
    made->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (made->fd < 0)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, text_of(path),
                           PROBLEM_NO_OFF, "cannot open: %s", strerror(errno));
    if (elf_version(EV_CURRENT) != EV_NONE)
        made->elf = elf_begin(made->fd, ELF_C_READ_MMAP, NULL);
    int status;
    if (made->elf && elf_kind(made->elf) == ELF_K_AR)
        status = damaged(made, PROBLEM_NO_OFF, problem,
                         "an archive of object files, whose bytes have no addresses yet: give the "
                         "program that they are linked into, and the linker's map for its "
                         "archives (-d module)");
    else if (!made->elf || elf_kind(made->elf) != ELF_K_ELF)
        status = damaged(made, PROBLEM_NO_OFF, problem, "not an ELF file, or cut off");
    else
        status = read_all(arena, made, debug_path, problem);
    if (status == STATUS_OK)
        *layout = made;
    else
        elf_layout_close(made);
    return status;
}

void elf_layout_close(struct elf_layout *layout)
{
    elf_end(layout->debug);
    elf_end(layout->elf);
    if (layout->debug_fd >= 0)
        close(layout->debug_fd);
    close(layout->fd);
    layout->elf = layout->debug = NULL;
    layout->bytes = NULL;
    layout->fd = layout->debug_fd = -1;
}

bool elf_layout_is_elf(const char *path)
{
    char head[SARMAG] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count = fd >= 0 ? read(fd, head, sizeof head) : 0;
    if (fd >= 0)
        close(fd);
    return (count >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) ||
           (count == SARMAG && memcmp(head, ARMAG, SARMAG) == 0);
}

// ---- look-ups ----

const uint8_t *elf_layout_bytes(const struct elf_layout *layout, const struct elf_piece *piece,
                                uint64_t addr, uint64_t bytes)
{
    assert(addr >= piece->begin);
    if (!piece->is_in_file || addr > piece->end || bytes > piece->end - addr)
        return NULL;
    return layout->bytes + piece->file_off + (addr - piece->begin);
}

const char *elf_use_name(enum elf_use use)
{
    static const char *const names[ELF_USE_COUNT] = {
        [ELF_USE_HEADERS] = "headers",         [ELF_USE_LOADED] = "loaded into memory",
        [ELF_USE_DEBUG] = "debug information", [ELF_USE_SYMBOLS] = "symbols and their names",
        [ELF_USE_OTHER] = "other sections",    [ELF_USE_UNUSED] = "between sections",
    };
    return names[use];
}
